"""Change between two periods: exact rate ratios, one family of tests, five verdicts.

The numbers come from ``rates``; this module reads them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot.methods.rates import ALPHA, RateRatios, benjamini_hochberg, garwood, rate_ratio, rate_ratios

__all__ = [
    "VERDICTS",
    "AreaChange",
    "ChangeTable",
    "SmallestChange",
    "benjamini_hochberg",
    "compare",
    "corrected",
    "garwood",
    "rate_ratio",
    "rate_ratios",
    "smallest_change",
    "verdicts",
]

ROSE, FELL, LITTLE_CHANGE = "rose", "fell", "little change"
COULD_BE_CHANCE, TOO_FEW = "could be chance", "too few to say"
VERDICTS = (ROSE, FELL, LITTLE_CHANGE, COULD_BE_CHANCE, TOO_FEW)
LITTLE = (0.8, 1.25)
"""Rate ratios between which a change is little."""
LEAST_COUNT = 20
"""Offences in both periods together from which a change is tested."""
STEPS_BACK = 3
"""Counts before the edge that a search by halving looks at again."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SmallestChange:
    """The smallest changes that a baseline could have shown, tested by themselves."""

    rise: float
    """Rate ratio above 1; ∞ where the baseline has no offence."""
    fall: float
    """Rate ratio below 1; NaN where not even a count of 0 would have shown a fall."""


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
    """Lower end of the exact 95 % interval, for this area by itself."""
    ratio_high: float
    p_value: float
    q_value: float
    """p after correction for the family; NaN where the area is left out as too few."""
    verdict: str
    """One of ``VERDICTS``."""
    days: float
    baseline_days: float
    family: str
    """What was tested together, '7 areas'; empty where the area was tested by itself."""

    @property
    def smallest_change(self) -> SmallestChange:
        """What this baseline could have shown; see ``smallest_change``."""
        return smallest_change(round(self.baseline_count), days=self.days, baseline_days=self.baseline_days)

    def sentence(self) -> str:
        """Say counts, change, interval and reading: '322 → 234, 20% less per day (95% interval 4 to 32%) …'."""
        counts = f"{_quantity(self.baseline_count)} → {_quantity(self.count)}"
        if self.verdict == TOO_FEW:
            return f"{counts}: too few to say."
        per_day = "" if self.days == self.baseline_days or math.isinf(self.ratio) else " per day"
        change = f"{counts}, {_change_words(self.ratio)}{per_day} (95% interval {self._interval_words()})"
        return f"{change}{self._reading_words()}."

    def _interval_words(self) -> str:
        low, high = self.ratio_low, self.ratio_high
        if math.isinf(high):
            return f"{_change_words(low)}, no upper limit"
        if high < 1:
            return f"{_percent(1 - high)} to {_percent(1 - low)}%"
        if low > 1 and high < 2:
            return f"{_percent(low - 1)} to {_percent(high - 1)}%"
        return f"{_change_words(low)} to {_change_words(high)}"

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


def smallest_change(baseline: int, *, days: float, baseline_days: float) -> SmallestChange:
    """Find the smallest rise and fall that would give p < .05 at this baseline.

    The baseline's count is held; the period's count runs up, or down, from what equal rates would give to the
    first count whose own exact p is under .05 (before any correction for a family).
    """

    def shows(count: int) -> bool:
        return rate_ratio(count, baseline, exposure=days, baseline_exposure=baseline_days).p_value < ALPHA

    expected = baseline * days / baseline_days
    rise = _first_above(shows, math.floor(expected) + 1) / expected if baseline else math.inf
    fall = _first_below(shows, math.ceil(expected) - 1) / expected if baseline and shows(0) else math.nan
    return SmallestChange(rise, fall)


def compare(
    areas: Sequence[str],
    counts: Sequence[float],
    baselines: Sequence[float],
    *,
    days: float,
    baseline_days: float,
    family: str,
) -> ChangeTable:
    """Compare areas between two periods as one family of tests.

    Areas with under 20 offences in both periods together are left out of the family: their sum says nothing of
    the direction, so leaving them out does not favour any finding. The total is a test by itself.

    Parameters
    ----------
    counts, baselines
        Offences per area in the period and in the baseline; sums of shares are rounded for the test.
    family
        What is tested together, as the sentences say it: '7 areas'.
    """
    rows = _rows(areas, counts, baselines, days=days, baseline_days=baseline_days, family=family)
    sums = [math.fsum(counts)], [math.fsum(baselines)]
    (total,) = _rows(["All areas"], *sums, days=days, baseline_days=baseline_days, family="")
    tested = sum(row.verdict != TOO_FEW for row in rows)
    rounded = any(not float(count).is_integer() for count in (*counts, *baselines))
    return ChangeTable(rows, total, family, tested, rounded)


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
) -> tuple[AreaChange, ...]:
    count, baseline = np.rint(counts).astype(np.int64), np.rint(baselines).astype(np.int64)
    found = rate_ratios(count, baseline, exposure=days, baseline_exposure=baseline_days)
    q_value = corrected(found.p_value, count + baseline >= LEAST_COUNT)
    verdict = verdicts(found, q_value)
    together = family if np.isfinite(q_value).sum() > 1 else ""
    return tuple(
        AreaChange(
            area=area,
            count=float(counts[i]),
            baseline_count=float(baselines[i]),
            ratio=float(found.ratio[i]),
            ratio_low=float(found.low[i]),
            ratio_high=float(found.high[i]),
            p_value=float(found.p_value[i]),
            q_value=float(q_value[i]),
            verdict=str(verdict[i]),
            days=days,
            baseline_days=baseline_days,
            family=together,
        )
        for i, area in enumerate(areas)
    )


def _first_above(shows: Callable[[int], bool], start: int) -> int:
    """Find the first count from ``start`` up that shows."""
    step = 1
    while not shows(start + step):
        step *= 2
    return _edge(shows, start, start + step)


def _first_below(shows: Callable[[int], bool], start: int) -> int:
    """Find the first count from ``start`` down that shows; 0 does."""
    return -_edge(lambda count: shows(-count), -start, 0)


def _edge(shows: Callable[[int], bool], first: int, last: int) -> int:
    """Find the first count that shows, where the last does.

    p falls with the distance from equal rates but for small steps back, since the sum of the two counts grows
    too: so the halving is followed by a look at the counts just before.
    """
    start = first
    while first < last:
        middle = (first + last) // 2
        first, last = (first, middle) if shows(middle) else (middle + 1, last)
    return min([last, *(count for count in range(max(start, last - STEPS_BACK), last) if shows(count))])


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
