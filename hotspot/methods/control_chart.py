"""Control chart: which months lie outside what the months before and after them vary by.

XmR chart (individual values and moving ranges): limits are the mean ± 2.66 times the mean moving range, where 2.66 is
3/1.128, 1.128 being the mean range of two draws from a normal distribution in standard deviations. Offences have
seasons, so like is set beside like: each month's rate per day over the mean rate of the same month in earlier years.
That needs two earlier years; with less, the rates per day are charted as they are, seasons included.

Shewhart, W. A. (1931). Economic Control of Quality of Manufactured Product. Wheeler, D. J. and Chambers, D. S. (1992).
Understanding Statistical Process Control, 2nd edition, chapter 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

RATIO, RATE = "ratio to the same month in earlier years", "offences per day"
"""What is charted."""
FACTOR = 2.66
EARLIER_YEARS = 2
RUN = 8
LEAST_MONTHS = 5
"""Fewer months give no limits."""
BEYOND, IN_A_RUN = "beyond the limits", "in a run of eight on one side"
RULES = "A month is marked beyond the limits, or in a run of eight or more months on one side of the mean."


@dataclass(frozen=True)
class ChartMonth:
    """One month of the chart."""

    month: date
    """Its first day."""
    count: float
    """Offences, or a sum of aoristic shares."""
    days: int
    """Days that the data cover."""
    rate: float
    """Offences per day."""
    expected: float
    """Mean rate of the same month in earlier years; NaN under two of them."""
    value: float
    """What is charted; NaN where it cannot be."""
    moving_range: float
    """Distance from the value before; NaN for the first on each side of a break and for a provisional month."""
    signal: str
    """'beyond the limits', 'in a run of eight on one side', or nothing."""
    provisional: bool
    """Not yet complete: drawn, but neither judged nor part of the limits."""


@dataclass(frozen=True)
class ChartLimits:
    """Limits of the months between two breaks."""

    first: date
    last: date
    """First day of the last month that the limits rest on."""
    months: int
    mean: float
    mean_moving_range: float
    low: float
    """Not under 0: there are no negative counts."""
    high: float


@dataclass(frozen=True)
class ControlChart:
    """Months with their limits; months before and after a break are never averaged together."""

    measure: str
    """``RATIO`` or ``RATE``."""
    months: tuple[ChartMonth, ...]
    limits: tuple[ChartLimits, ...]
    """One for each side of a break with ``LEAST_MONTHS`` months or more."""
    expected_across_break: int
    """Charted months whose earlier years lie before a break that the month itself lies after."""

    @property
    def signals(self) -> tuple[ChartMonth, ...]:
        """Months that are marked."""
        return tuple(month for month in self.months if month.signal)


def control_chart(
    months: Sequence[date], counts: ArrayLike, days: ArrayLike, *, breaks: Sequence[date] = (), provisional: int = 1
) -> ControlChart:
    """Chart months against their own variation.

    Parameters
    ----------
    months
        First day of each month, ascending; a month that was not observed is left out, not 0.
    counts, days
        Offences, and the days of the month that the data cover.
    breaks
        Days at which the series changes its meaning: limits, ranges and runs do not reach across.
    provisional
        So many of the last months are not complete yet.
    """
    rate = np.asarray(counts, dtype=float) / np.asarray(days, dtype=float)
    settled = np.arange(len(rate)) < len(rate) - provisional
    side = np.array([sum(month >= day for day in breaks) for month in months])
    expected, across = _same_month_before(months, rate, side)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, rate / expected, np.nan)
    by_ratio = int((np.isfinite(ratio) & settled).sum()) >= LEAST_MONTHS
    value = ratio if by_ratio else rate
    moving = _moving_ranges(value, side, settled)
    limits = {one: found for one in np.unique(side) if (found := _limits(months, value, moving, (side == one) & settled))}
    signal = _signals(value, side, settled, limits)
    found = tuple(
        ChartMonth(
            months[i], float(np.asarray(counts)[i]), int(np.asarray(days)[i]), float(rate[i]), float(expected[i]),
            float(value[i]), float(moving[i]), signal[i], not bool(settled[i]),
        )
        for i in range(len(rate))
    )  # fmt: skip
    crossing = int((across & np.isfinite(value)).sum()) if by_ratio else 0
    return ControlChart(RATIO if by_ratio else RATE, found, tuple(limits.values()), crossing)


def _same_month_before(
    months: Sequence[date], rate: NDArray[np.float64], side: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mean rate of the same month in earlier years, NaN under two; and whether any of them lies before a break."""
    expected, across = np.full(len(rate), np.nan), np.zeros(len(rate), dtype=bool)
    for i, month in enumerate(months):
        earlier = [j for j in range(i) if months[j].month == month.month]
        if len(earlier) >= EARLIER_YEARS:
            expected[i] = rate[earlier].mean()
            across[i] = bool((side[earlier] != side[i]).any())
    return expected, across


def _moving_ranges(value: NDArray[np.float64], side: NDArray[np.int64], settled: NDArray[np.bool_]) -> NDArray[np.float64]:
    moving, before = np.full(len(value), np.nan), -1
    for i in np.flatnonzero(np.isfinite(value) & settled):
        if before >= 0 and side[before] == side[i]:
            moving[i] = abs(value[i] - value[before])
        before = i
    return moving


def _limits(
    months: Sequence[date], value: NDArray[np.float64], moving: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> ChartLimits | None:
    rows = np.flatnonzero(chosen & np.isfinite(value))
    if len(rows) < LEAST_MONTHS:
        return None
    mean, spread = float(value[rows].mean()), float(np.nanmean(moving[rows]))
    reach = FACTOR * spread
    return ChartLimits(months[rows[0]], months[rows[-1]], len(rows), mean, spread, max(0.0, mean - reach), mean + reach)


def _signals(
    value: NDArray[np.float64], side: NDArray[np.int64], settled: NDArray[np.bool_], limits: dict[int, ChartLimits]
) -> list[str]:
    signal = [""] * len(value)
    for one, limit in limits.items():
        rows = np.flatnonzero((side == one) & settled & np.isfinite(value))
        for run in _runs(np.sign(np.round(value[rows] - limit.mean, 12))):
            for i in rows[run]:
                signal[i] = IN_A_RUN
        for i in rows:
            if not (limit.low <= value[i] <= limit.high or math.isclose(value[i], limit.mean)):
                signal[i] = BEYOND
    return signal


def _runs(sides: NDArray[np.float64]) -> list[slice]:
    """Stretches of ``RUN`` or more values on one side; a value on the mean itself ends a run."""
    ends = np.flatnonzero(np.diff(sides)) + 1
    stretches = zip([0, *ends], [*ends, len(sides)], strict=True)
    return [slice(first, last) for first, last in stretches if last - first >= RUN and sides[first] != 0]
