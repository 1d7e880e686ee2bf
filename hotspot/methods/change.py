"""Change between two periods: exact rate ratios, one family of tests, five verdicts.

Where the months of an area are known to vary more than Poisson counts (``dispersion``), interval and p are widened
accordingly, and the Poisson ones stand beside them. The numbers come from ``rates``; this module reads them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot.methods.dispersion import Dispersion
from hotspot.methods.rates import ALPHA, RateRatios, benjamini_hochberg, garwood, rate_ratio, rate_ratios, widened
from hotspot.methods.smallest_change import SmallestChange, smallest_change

__all__ = [
    "VERDICTS",
    "AreaChange",
    "ChangeFamily",
    "ChangeTable",
    "SmallestChange",
    "benjamini_hochberg",
    "change_family",
    "compare",
    "corrected",
    "garwood",
    "rate_ratio",
    "rate_ratios",
    "smallest_change",
    "tested_of",
    "verdicts",
]

ROSE, FELL, LITTLE_CHANGE = "rose", "fell", "little change"
COULD_BE_CHANCE, TOO_FEW = "could be chance", "too few to say"
VERDICTS = (ROSE, FELL, LITTLE_CHANGE, COULD_BE_CHANCE, TOO_FEW)
LITTLE = (0.8, 1.25)
"""Rate ratios between which a change is little."""
LEAST_COUNT = 20
"""Offences in both periods together from which a change is tested."""
UNKNOWN = Dispersion()
"""Of areas whose months were not looked at."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AreaChange:
    """One area's change, tested within its family."""

    area: str
    count: float
    """Offences: whole, or a sum of aoristic shares, which is rounded for the test."""
    baseline_count: float
    ratio: float
    """Of the rates per day; ∞ where the baseline has no offence, NaN where neither has."""
    ratio_low: float
    """Lower end of the 95 % interval, for this area by itself: exact, or widened where the area's counts cluster."""
    ratio_high: float
    p_value: float
    """Exact, or widened as the interval is."""
    q_value: float
    """p after correction for the family; NaN where the area is left out as too few."""
    verdict: str
    """One of ``VERDICTS``."""
    days: float
    baseline_days: float
    family: str
    """What was tested together, '7 areas'; empty where the area was tested by itself."""
    poisson_low: float
    """Lower end of the exact 95 % interval of Poisson counts, which assumes no clustering."""
    poisson_high: float
    poisson_p_value: float
    """Exact, of Poisson counts."""
    dispersion: Dispersion
    """Of the area's months; see ``dispersion``."""

    @property
    def smallest_change(self) -> SmallestChange:
        """What this baseline could have shown; see ``smallest_change``."""
        return smallest_change(
            round(self.baseline_count), days=self.days, baseline_days=self.baseline_days, dispersion=self.dispersion.used
        )

    def sentence(self) -> str:
        """Say counts, change, interval and reading: '322 → 234, 20% less per day (95% interval 4 to 32%) …'."""
        counts = f"{_quantity(self.baseline_count)} → {_quantity(self.count)}"
        if self.verdict == TOO_FEW:
            return f"{counts}: too few to say."
        per_day = "" if self.days == self.baseline_days or math.isinf(self.ratio) else " per day"
        change = f"{counts}, {_change_words(self.ratio)}{per_day} (95% interval {self._intervals()})"
        return f"{change}{self._reading_words()}."

    def _intervals(self) -> str:
        used = _interval_words(self.ratio_low, self.ratio_high)
        if not self.dispersion.is_clustered:
            return used
        poisson = _interval_words(self.poisson_low, self.poisson_high)
        return f"{used}, widened for clustering of φ {self.dispersion.phi:.1f}; Poisson {poisson}"

    def _reading_words(self) -> str:
        if self.verdict in (ROSE, FELL):
            return f"; among {self.family}, this stands" if self.family else ""
        if self.verdict == LITTLE_CHANGE:
            return "; little change"
        if self.p_value < ALPHA:
            return f"; among {self.family}, one such {'rise' if self.ratio > 1 else 'fall'} could be chance"
        least = self.smallest_change
        shown = [f"a rise to {least.rise:.1f} times" if least.rise >= 2 else f"a rise of {_percent(least.rise - 1)}%"]
        if not math.isnan(least.fall):
            shown.append(f"a fall of {_percent(1 - least.fall)}%")
        return f"; could be chance: the smallest change that these counts could have shown is {' or '.join(shown)}"


@dataclass(frozen=True)
class ChangeTable:
    """Changes of areas tested as one family, and of all areas together."""

    rows: tuple[AreaChange, ...]
    """In the order given."""
    total: AreaChange
    """All areas together: one test by itself, not part of the family."""
    family: str
    """What was tested together, '7 areas'."""
    tested: int
    """Rows in the family: those with 20 or more offences in both periods together."""
    rounded: bool
    """True where counts are sums of shares, rounded to whole offences for the test."""

    @property
    def family_sentence(self) -> str:
        """Say which tests were corrected together and which rows were not tested."""
        left_out = len(self.rows) - self.tested
        tested = f"{self.tested} of {len(self.rows)} rows were tested together (Benjamini–Hochberg, q < {ALPHA:g})"
        few = f"; under {LEAST_COUNT} offences in both periods together, the rest were not tested" if left_out else ""
        shares = " Shares of offences were rounded to whole offences for the tests." if self.rounded else ""
        return f"{tested}{few}.{shares}"


@dataclass(frozen=True, eq=False)
class ChangeFamily:
    """Changes tested together; arrays of equal length."""

    found: RateRatios
    """Widened where counts cluster: what verdicts are made of."""
    poisson: RateRatios
    """Exact; assumes no clustering."""
    q_value: Floats
    """p after correction; NaN where too few."""
    verdict: NDArray[np.str_]

    @property
    def tested(self) -> int:
        """How many are in the family."""
        return int(np.isfinite(self.q_value).sum())


def change_family(
    count: NDArray[np.int64], baseline: NDArray[np.int64], *, days: float, baseline_days: float, dispersion: ArrayLike = 1.0
) -> ChangeFamily:
    """Test changes as one family: the one way from counts to verdicts, in tables and on maps.

    Those with under 20 offences in both periods together are left out of the family: their sum says nothing of the
    direction, so leaving them out does not favour any finding.

    Parameters
    ----------
    dispersion
        φ that the tests allow for, at least 1; one, or one for each.
    """
    poisson = rate_ratios(count, baseline, exposure=days, baseline_exposure=baseline_days)
    found = widened(poisson, dispersion, exposure=days, baseline_exposure=baseline_days)
    q_value = corrected(found.p_value, count + baseline >= LEAST_COUNT)
    return ChangeFamily(found, poisson, q_value, verdicts(found, q_value))


def compare(
    areas: Sequence[str],
    counts: Sequence[float],
    baselines: Sequence[float],
    *,
    days: float,
    baseline_days: float,
    family: str,
    dispersions: Sequence[Dispersion] | None = None,
    total_dispersion: Dispersion = UNKNOWN,
) -> ChangeTable:
    """Compare areas between two periods as one family of tests.

    Areas with under 20 offences in both periods together are left out (see ``change_family``). The total is a test
    by itself.

    Parameters
    ----------
    counts, baselines
        Offences per area in the period and in the baseline; sums of shares are rounded for the test.
    family
        What is tested together, as the sentences say it: '7 areas'.
    dispersions
        Of each area's months; None: not estimated, so that the intervals assume no clustering.
    total_dispersion
        Of the months of all areas together.
    """
    lengths = {"days": days, "baseline_days": baseline_days}
    rows = _rows(areas, counts, baselines, **lengths, family=family, dispersions=dispersions or [UNKNOWN] * len(areas))
    sums = [math.fsum(counts)], [math.fsum(baselines)]
    (total,) = _rows(["All areas"], *sums, **lengths, family="", dispersions=[total_dispersion])
    tested = sum(row.verdict != TOO_FEW for row in rows)
    rounded = any(not float(count).is_integer() for count in (*counts, *baselines))
    return ChangeTable(rows, total, family, tested, rounded)


def tested_of(counts: Iterable[tuple[float, float]]) -> int:
    """Count the pairs of a period's and its baseline's offences that are enough to be tested."""
    return sum(round(float(now)) + round(float(before)) >= LEAST_COUNT for now, before in counts)


def corrected(p_value: Floats, tested: NDArray[np.bool_]) -> Floats:
    """Correct the tested members of a family; the others have no q (NaN)."""
    q_value = np.full(p_value.shape, math.nan)
    q_value[tested] = benjamini_hochberg(p_value[tested])
    return q_value


def verdicts(found: RateRatios, q_value: Floats) -> NDArray[np.str_]:
    """Give the verdict on each change; what stands after correction goes before 'little change'.

    Parameters
    ----------
    q_value
        p after correction; NaN where too few.
    """
    clear = q_value < ALPHA
    return np.select(
        [np.isnan(q_value), clear & (found.ratio > 1), clear, (found.low >= LITTLE[0]) & (found.high <= LITTLE[1])],
        [TOO_FEW, ROSE, FELL, LITTLE_CHANGE],
        COULD_BE_CHANCE,
    )


def _rows(
    areas: Sequence[str],
    counts: Sequence[float],
    baselines: Sequence[float],
    *,
    days: float,
    baseline_days: float,
    family: str,
    dispersions: Sequence[Dispersion],
) -> tuple[AreaChange, ...]:
    count, baseline = np.rint(counts).astype(np.int64), np.rint(baselines).astype(np.int64)
    used = np.array([dispersion.used for dispersion in dispersions])
    tested = change_family(count, baseline, days=days, baseline_days=baseline_days, dispersion=used)
    found, poisson = tested.found, tested.poisson
    together = family if tested.tested > 1 else ""
    return tuple(
        AreaChange(
            area=area,
            count=float(counts[i]),
            baseline_count=float(baselines[i]),
            ratio=float(found.ratio[i]),
            ratio_low=float(found.low[i]),
            ratio_high=float(found.high[i]),
            p_value=float(found.p_value[i]),
            q_value=float(tested.q_value[i]),
            verdict=str(tested.verdict[i]),
            days=days,
            baseline_days=baseline_days,
            family=together,
            poisson_low=float(poisson.low[i]),
            poisson_high=float(poisson.high[i]),
            poisson_p_value=float(poisson.p_value[i]),
            dispersion=dispersions[i],
        )
        for i, area in enumerate(areas)
    )


def _interval_words(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{_change_words(low)}, no upper limit"
    if high < 1:
        return f"{_percent(1 - high)} to {_percent(1 - low)}%"
    if low > 1 and high < 2:
        return f"{_percent(low - 1)} to {_percent(high - 1)}%"
    return f"{_change_words(low)} to {_change_words(high)}"


def _change_words(ratio: float) -> str:
    """Say a rate ratio: '20% less', '25% more', '3.4 times as many'."""
    if math.isinf(ratio):
        return "none before"
    if ratio >= 2:
        return f"{ratio:.1f} times as many"
    percent = _percent(abs(ratio - 1))
    return "no change" if percent == "0" else f"{percent}% {'more' if ratio > 1 else 'less'}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _quantity(count: float) -> str:
    return f"{count:,.0f}" if float(count).is_integer() else f"{count:,.1f}"
