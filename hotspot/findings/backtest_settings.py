"""What is judged on what in a back-test: lengths, periods, methods, squares."""

from __future__ import annotations

from dataclasses import dataclass

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.accuracy_words import ADAPTIVE, DENSITY, GI_STAR, METHODS, label
from hotspot.findings.cluster_cells import ClusterSettings
from hotspot.findings.density import DensitySettings
from hotspot.methods.backtest import SHARES, Fold, rolling_folds
from hotspot.methods.density import EDGES, QUARTIC, UNIFORM
from hotspot.methods.units import HEXAGONS, SQUARES
from hotspot.offences.store import DataFacts
from hotspot.period import Period, add_months
from hotspot.selection import MONTH, Selection

LONGEST = 3_660
"""Days or months of a training or judged period: more is a slip of the keyboard."""
LEAST_RESAMPLES, MOST_RESAMPLES = 99, 100_000


@dataclass(frozen=True)
class BacktestSettings:
    """What an analyst can turn on the Accuracy page."""

    train: int = 84
    """Days, or months where the data know the month alone."""
    judge: int = 28
    """Days or months."""
    origins: int = 6
    """At most so many periods are judged, the latest first."""
    fold: Fold | None = None
    """One training and one judged period, given as they are: take the place of the three above."""
    methods: tuple[str, ...] = (DENSITY, GI_STAR)
    """What is judged beside the two baselines; the headline tells of the first."""
    cell_size: float = 150.0
    """Metres: side of the squares that are ranked, or width of the hexagons."""
    shape: str = SQUARES
    reach: float | None = None
    """Metres between the middles of a cell's neighbours for Gi*, at most; None: cells that touch."""
    bandwidth: float | None = None
    """Metres; None: the one that the named rule suggests for each training period."""
    kernel: str = QUARTIC
    edge: str = UNIFORM
    """Edge correction of the density maps: 'none', 'uniform' or 'diggle'."""
    area_share: float = 0.02
    """The share that headline and verdict tell of."""
    shares: tuple[float, ...] = SHARES
    resamples: int = 49_999
    seed: int = 0

    def __post_init__(self) -> None:
        faults = []
        for name, value in (("training length", self.train), ("judged length", self.judge)):
            if not 1 <= value <= LONGEST:
                faults.append(f"The {name} must be a whole number from 1 to {LONGEST:,}, not {value}.")
        if self.origins < 1:
            faults.append(f"At least one period must be judged, not {self.origins}.")
        if self.cell_size <= 0:
            faults.append(f"The cell size must be above 0 metres, not {self.cell_size:g}.")
        if not LEAST_RESAMPLES <= self.resamples <= MOST_RESAMPLES:
            faults.append(f"The resamples must be from {LEAST_RESAMPLES} to {MOST_RESAMPLES:,}, not {self.resamples:,}.")
        if not self.shares or not all(0 < share <= 1 for share in self.shares) or self.area_share not in self.shares:
            faults.append(f"Shares of the area lie above 0 and at most 1, not {', '.join(f'{one:g}' for one in self.shares)}.")
        if self.shape not in (SQUARES, HEXAGONS):
            faults.append(f"There are no cells '{self.shape}'. Choose {SQUARES} or {HEXAGONS}.")
        if self.seed < 0:
            faults.append(f"The seed must be 0 or more, not {self.seed}.")
        if self.edge not in EDGES:
            faults.append(f"There is no edge correction '{self.edge}'. Choose one of: {', '.join(EDGES)}.")
        unknown = [name for name in self.methods if name not in METHODS]
        if unknown or not self.methods:
            faults.append(f"There is no method '{', '.join(unknown)}'. Choose from: {', '.join(METHODS)}.")
        if self.fold is not None and self.fold.judge.start < self.fold.train.end:
            faults.append(
                f"The judged period {self.fold.judge.label_in_days()} begins before the training period "
                f"{self.fold.train.label_in_days()} ends: a map would be judged on offences that it was made from."
            )
        if faults:
            raise BadInput(*faults)


def usual_settings(date_basis: str) -> BacktestSettings:
    """Give the lengths to begin with: twelve weeks and four, or one month and one where months are counted."""
    return BacktestSettings(train=1, judge=1, origins=12) if date_basis == MONTH else BacktestSettings()


def beside_density(selection: Selection, settings: DensitySettings) -> BacktestSettings:
    """Give the back-test of a density map as it is set: made from the previous equal period, judged on the chosen one.

    Each offence counts one: weights of harm are left aside.
    """
    return BacktestSettings(
        fold=Fold(selection.period.previous(), selection.period),
        methods=(ADAPTIVE if settings.adaptive else DENSITY,),
        cell_size=settings.cell_size,
        bandwidth=settings.bandwidth,
        kernel=settings.kernel,
        edge=settings.edge_correction,
        area_share=settings.area_share,
        shares=(settings.area_share,),
    )


def beside_clusters(selection: Selection, settings: ClusterSettings) -> BacktestSettings:
    """Give the back-test of a Gi* map as it is set, on every cell of the area, judged as ``beside_density`` judges."""
    return BacktestSettings(
        fold=Fold(selection.period.previous(), selection.period),
        methods=(GI_STAR,),
        cell_size=settings.cell_size,
        shape=settings.shape,
        reach=settings.reach,
        shares=(0.02,),
    )


def folds_of(selection: Selection, settings: BacktestSettings, facts: DataFacts) -> tuple[Fold, ...]:
    """Give the training and judged periods, the earliest first.

    Raises
    ------
    NotKnowable
        If none has its training period within the data.
    """
    data = Period(facts.first_day, facts.end)
    if settings.fold is not None:
        _check_covered(settings.fold, data)
        return (settings.fold,)
    folds = rolling_folds(
        selection.period,
        data=data,
        train=settings.train,
        judge=settings.judge,
        origins=settings.origins,
        whole_months=selection.date_basis == MONTH,
    )
    if not folds:
        unit = "months" if selection.date_basis == MONTH else "days"
        raise NotKnowable(
            f"To judge {settings.judge} {unit} inside {selection.period.label_in_days()} on a map of the {settings.train} {unit} "
            f"before them, the data would have to reach further: they cover {data.label_in_days()}. "
            "Choose shorter lengths, or a longer or later period.",
            headline="No period here can be judged on the one before it",
        )
    return folds


def whole_periods(period: Period, each: str) -> tuple[Period, ...]:
    """Divide a period into its whole calendar months or years.

    Raises
    ------
    BadInput
        If it holds none, or ``each`` is neither.
    """
    if each not in ("month", "year"):
        raise BadInput(f"Back-tests can be made for each month or each year, not for each '{each}'.")
    months = 1 if each == "month" else 12
    first = period.start.replace(day=1) if months == 1 else period.start.replace(month=1, day=1)
    found = []
    while first < period.end:
        after = add_months(first, months)
        if first >= period.start and after <= period.end:
            found.append(Period(first, after))
        first = after
    if not found:
        raise BadInput(f"{period.label_in_days()} holds no whole {each}. Choose a longer period.")
    return tuple(found)


def _check_covered(fold: Fold, data: Period) -> None:
    for what, period in (("learn from", fold.train), ("be judged by", fold.judge)):
        if period.end <= data.start or period.start >= data.end:
            raise NotKnowable(
                f"There is nothing to {what} in {label(period)}: the data cover {data.label_in_days()}.",
                headline="The data hold no such period to judge a map by",
            )


def not_covered(folds: tuple[Fold, ...], facts: DataFacts) -> str:
    """Say that the data do not reach over all that was to be judged, or learnt from; empty where they do."""
    if facts.first_day <= folds[0].train.start and folds[-1].judge.end <= facts.end:
        return ""
    return f"The data cover {Period(facts.first_day, facts.end).label_in_days()} only: part of the periods lies outside them."
