"""Does the map work: hotspots from one period, fixed, judged by the offences of the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspot.errors import NotKnowable
from hotspot.findings import accuracy_words as words
from hotspot.findings import density as density_findings
from hotspot.findings.accuracy_words import ADAPTIVE, DENSITY, GI_STAR, LAST_PERIOD, UNIFORM, AccuracyRow
from hotspot.findings.audience import COUNTS_HIDDEN
from hotspot.findings.backtest_settings import BacktestSettings, folds_of, not_covered
from hotspot.findings.selected import SelectedOffences, select
from hotspot.methods import density as kernel_density
from hotspot.methods.backtest import Backtest, Fold, Origin, backtest, block_starts
from hotspot.methods.gi_star import gi_star
from hotspot.methods.units import HEXAGONS, Units, hexagons, squares
from hotspot.offences.schema import SNAPPED
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.period import Period
from hotspot.selection import COMMITTED, DATE_COLUMNS, MONTH, Selection

Floats = NDArray[np.float64]
Progress = Callable[[float, str], None]
MARGIN = 1_000.0
"""Metres round the first training period's offences, where no boundary says what the area is."""


@dataclass(frozen=True, eq=False)
class AccuracyFinding:
    """How much of the next period's offences each method held, and what may be said of it."""

    selection: Selection
    """As chosen; its period is where the judged periods lie."""
    settings: BacktestSettings
    folds: tuple[Fold, ...]
    result: Backtest
    rows: tuple[AccuracyRow, ...]
    bandwidths: tuple[float, ...]
    """Metres: of the density map at each origin."""
    trained: tuple[float, ...]
    """Offences in the area that each origin's maps were made from."""
    units: int
    """Cells that were ranked."""
    area_km2: float
    off_the_map: int
    """Judged offences without a usable location, or beyond the cells: no map could hold them."""
    reported_late: int
    """Offences of a training period that were reported after it, and so not known to its map."""
    headline: str
    subline: str
    design: str
    """What was judged on what, in a sentence."""
    no_interval: str
    """Why there is no interval; empty where there is one."""
    cautions: tuple[str, ...]
    """What the figures cannot say, one sentence each."""
    left_out: tuple[str, ...]
    """Which offences were left out, one sentence each."""

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.cautions, *self.left_out)

    @property
    def judged(self) -> Period:
        """From the first to the last day that was judged."""
        return Period(self.folds[0].judge.start, self.folds[-1].judge.end)

    @property
    def kicker(self) -> str:
        """What was judged."""
        return f"{self.selection.with_period(self.judged).title()}: judged"

    @property
    def made(self) -> str:
        """How the maps were made."""
        settings, low, high = self.settings, min(self.bandwidths), max(self.bandwidths)
        width = f"{low:,.0f} m" if low == high else f"{low:,.0f} to {high:,.0f} m"
        how = f"{settings.kernel} kernel, bandwidth {width} from each training period alone"
        resampled = f"{settings.resamples:,} resamples, seed {settings.seed}"
        return f"{self.units:,} {settings.shape} of {settings.cell_size:g} m; {how}; {resampled}."

    def told(self, *, audience: str) -> tuple[str, str]:
        """Give headline and sub-line, without their figures where those would tell a small count."""
        row = self.row(self.settings.methods[0], self.settings.area_share)
        if words.shown_rows((row, self.row(LAST_PERIOD, row.area_share)), audience=audience)[1:]:
            return self.headline, self.subline
        return "How well the map held up", COUNTS_HIDDEN

    def row(self, method: str, share: float) -> AccuracyRow:
        """Give one method at one share."""
        return next(row for row in self.rows if (row.method, row.area_share) == (method, share))


def accuracy_finding(
    folder: Path, selection: Selection, settings: BacktestSettings, *, scope: Scope, progress: Progress
) -> AccuracyFinding:
    """Make the maps of each training period and judge them on the period after it.

    Nothing of a map depends on an offence from its judged period on: the bandwidth comes from the training period, and
    offences that were committed in it but reported later are left out, where the data tell.

    Raises
    ------
    NotKnowable
        If the data hold no training period before the chosen one.
    BadInput
        If the grid would be too large.
    """
    store = Store(folder)
    folds = folds_of(selection, settings, store.facts(selection.source, selection.force, scope=scope))
    progress(0.05, "Reading the offences")
    span = Period(min(fold.train.start for fold in folds), max(fold.judge.end for fold in folds))
    selected = _with_area(select(store, selection.with_period(span), scope=scope), folds[0])
    progress(0.1, "Laying cells over the area")
    units = _cells(selected, settings)
    made = []
    for number, fold in enumerate(folds):
        progress(0.2 + 0.7 * number / len(folds), f"Map {number + 1} of {len(folds)}, made from {fold.train.label_in_days()}")
        made.append(_made(selected, units, fold, settings))
    progress(0.95, "Resampling")
    result = backtest(
        [one.origin for one in made],
        units.area_km2,
        baseline=LAST_PERIOD,
        uniform=UNIFORM,
        shares=settings.shares,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    return _said(selection, settings, folds, result, made=made, units=units, selected=selected)


def _said(
    selection: Selection,
    settings: BacktestSettings,
    folds: tuple[Fold, ...],
    result: Backtest,
    *,
    made: Sequence[_Made],
    units: Units,
    selected: SelectedOffences,
) -> AccuracyFinding:
    judged = words.Judged(selection, settings.methods[0], settings.area_share, folds, selection.date_basis == MONTH)
    cautions = (
        not_covered(folds, selected.facts),
        *words.cautions(result, judged, facts=selected.facts, has_boundary=selected.areas is not None),
    )
    late, off_the_map = sum(one.reported_late for one in made), sum(one.off_the_map for one in made)
    return AccuracyFinding(
        selection=selection,
        settings=settings,
        folds=folds,
        result=result,
        rows=words.rows_of(result, share=settings.area_share),
        bandwidths=tuple(one.bandwidth for one in made),
        trained=tuple(one.trained for one in made),
        units=len(units),
        area_km2=float(units.area_km2.sum()),
        off_the_map=off_the_map,
        reported_late=late,
        headline=words.headline(result, judged),
        subline=words.subline(result, judged),
        design=words.design(judged),
        no_interval=words.no_interval(result, judged),
        cautions=tuple(one for one in cautions if one),
        left_out=words.left_out(late=late, off_the_map=off_the_map),
    )


def scores_of(trained: SelectedOffences, units: Units, settings: BacktestSettings) -> tuple[dict[str, Floats], float]:
    """Score the units by each method from a training period alone; give also the density map's bandwidth in metres."""
    inside = trained.located_inside
    x, y = inside["x"].to_numpy(dtype=float), inside["y"].to_numpy(dtype=float)
    counts = units.counts(x, y, inside["weight"].to_numpy())
    bandwidth = settings.bandwidth or _suggested(x, y, kernel=settings.kernel, facts=trained.facts)
    makers: Mapping[str, Callable[[], Floats]] = {
        DENSITY: lambda: _density(trained, units, settings, bandwidth=bandwidth, adaptive=False),
        ADAPTIVE: lambda: _density(trained, units, settings, bandwidth=bandwidth, adaptive=True),
        # Without any offence no cell stands out: NaN becomes an even score.
        GI_STAR: lambda: np.nan_to_num(gi_star(units, counts, distance=settings.reach).z),
    }
    scores = {method: makers[method]() for method in settings.methods}
    return {**scores, LAST_PERIOD: counts / units.area_km2, UNIFORM: np.zeros(len(units))}, bandwidth


def _suggested(x: Floats, y: Floats, *, kernel: str, facts: DataFacts) -> float:
    """Give the named rule's bandwidth for a training period, as the Density page does, in the kernel's own measure."""
    radius = kernel_density.suggested_bandwidth(x, y, snapped=facts.location_precision == SNAPPED).bandwidth
    return kernel_density.equal_variance(radius, source=kernel_density.QUARTIC, target=kernel)


def _density(trained: SelectedOffences, units: Units, settings: BacktestSettings, *, bandwidth: float, adaptive: bool) -> Floats:
    """Give the density at the middle of each cell, from every offence of the training period within the kernel's reach."""
    located = trained.located
    surface = kernel_density.density(
        located["x"].to_numpy(dtype=float),
        located["y"].to_numpy(dtype=float),
        grid=density_findings.grid_of(trained, settings.cell_size),
        bandwidth=bandwidth,
        kernel=settings.kernel,
        weight=located["weight"].to_numpy() if trained.selection.is_timed else None,
        window=trained.limit if settings.edge != kernel_density.NONE else None,
        edge=settings.edge,
        adaptive=adaptive,
    )
    row, column, _ = surface.grid.cell_of(*units.centres)
    return surface.values[row, column]


@dataclass(frozen=True, eq=False)
class _Made:
    """One origin, and what its maps were made from."""

    origin: Origin
    bandwidth: float
    """Metres: of the density map."""
    trained: float
    reported_late: int
    off_the_map: int


def _made(selected: SelectedOffences, units: Units, fold: Fold, settings: BacktestSettings) -> _Made:
    training, late = _training(selected, fold)
    scores, bandwidth = scores_of(training, units, settings)
    judged = selected.frame[_days_within(selected, fold.judge) & selected.frame["inside"].to_numpy(dtype=bool)]
    located = judged[judged["location_status"] == "usable"]
    observed = _by_block_and_unit(located, units, fold, selected.selection)
    beyond = int((units.unit_of(located["x"].to_numpy(dtype=float), located["y"].to_numpy(dtype=float)) < 0).sum())
    return _Made(Origin(scores, observed), bandwidth, training.count, late, len(judged) - len(located) + beyond)


def _training(selected: SelectedOffences, fold: Fold) -> tuple[SelectedOffences, int]:
    """Leave the offences of a training period that were known when it ended; count those in the area that were not."""
    frame = selected.frame
    within = _days_within(selected, fold.train)
    known = np.ones(len(frame), dtype=bool)
    if selected.selection.date_basis == COMMITTED:
        known = ~(frame["reported"] >= pd.Timestamp(fold.judge.start)).to_numpy(dtype=bool)
    late = within & ~known & frame["inside"].to_numpy(dtype=bool)
    chosen = frame[within & known].reset_index(drop=True)
    return replace(selected, selection=selected.selection.with_period(fold.train), frame=chosen), int(late.sum())


def _by_block_and_unit(located: pd.DataFrame, units: Units, fold: Fold, selection: Selection) -> Floats:
    """Count the judged offences by week (or month) and unit, shape (blocks, units)."""
    starts = np.array(block_starts(fold.judge, whole_months=selection.date_basis == MONTH), dtype="datetime64[s]")
    block = np.searchsorted(starts, located[DATE_COLUMNS[selection.date_basis]].to_numpy(), side="right") - 1
    unit = units.unit_of(located["x"].to_numpy(dtype=float), located["y"].to_numpy(dtype=float))
    cell = (block * len(units) + unit)[unit >= 0]
    counts = np.bincount(cell, weights=located["weight"].to_numpy()[unit >= 0], minlength=len(starts) * len(units))
    return counts.reshape(len(starts), len(units))


def _cells(selected: SelectedOffences, settings: BacktestSettings) -> Units:
    density_findings.grid_of(selected, settings.cell_size)  # refuses more cells than are honest or quick
    assert selected.area is not None
    if settings.shape == HEXAGONS:
        return hexagons(selected.area, width=settings.cell_size)
    return squares(selected.area, cell_size=settings.cell_size)


def _days_within(selected: SelectedOffences, period: Period) -> NDArray[np.bool_]:
    dates = selected.frame[DATE_COLUMNS[selected.selection.date_basis]]
    return ((dates >= pd.Timestamp(period.start)) & (dates < pd.Timestamp(period.end))).to_numpy(dtype=bool)


def _with_area(selected: SelectedOffences, first: Fold) -> SelectedOffences:
    """Where no boundary says what the area is, take the rectangle round the first training period's offences.

    It is drawn before anything is judged, so that no later offence shapes it.
    """
    if selected.area is not None:
        return selected
    known = selected.located[_days_within(replace(selected, frame=selected.located), first.train)]
    if known.empty:
        raise NotKnowable(
            "No boundaries are loaded, and no offence of the first training period has a location: there is no area to take a "
            "share of. Import boundaries on the Data page, or choose other periods.",
            headline="Without an area no share of it can be judged",
        )
    west, south, east, north = (
        float(known["x"].min()) - MARGIN,
        float(known["y"].min()) - MARGIN,
        float(known["x"].max()) + MARGIN,
        float(known["y"].max()) + MARGIN,
    )
    return replace(selected, area=shapely.box(west, south, east, north))
