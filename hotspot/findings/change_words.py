"""A change in the width of a table's cell: per cent, interval, reading; and the periods that head its columns."""

from __future__ import annotations

import math

from hotspot.findings.audience import ShownChange
from hotspot.methods.change import COULD_BE_CHANCE, LEAST_COUNT, TOO_FEW, AreaChange
from hotspot.methods.rates import ALPHA
from hotspot.period import Period


def smallest(row: AreaChange) -> str:
    """Give, beside a change that could be chance, the smallest one in its direction that these counts could have shown."""
    if row.verdict != COULD_BE_CHANCE or row.p_value < ALPHA:
        return ""  # by itself it would show; among so many areas one such change could be chance
    least = row.smallest_change.rise if row.ratio >= 1 else row.smallest_change.fall
    return f" ({percent_change(least)})" if math.isfinite(least) else ""


def change_of(row: AreaChange) -> str:
    """Write a row's change in per cent; nothing where the base is too small for a percentage."""
    return percent_change(row.ratio) if row.baseline_count >= LEAST_COUNT else "small base"


def percent_change(ratio: float) -> str:
    """Write a rate ratio as a change: '+31%', '−9%'."""
    if not math.isfinite(ratio):
        return "from none"
    percent = round(100 * (ratio - 1))
    return f"+{percent}%" if percent > 0 else f"−{-percent}%" if percent < 0 else "0%"


def interval_words(row: AreaChange) -> str:
    """Say the interval, and beside a widened one the Poisson one: '−9% to +4% (Poisson −7% to +2%)'."""
    used = _from_to(row.ratio_low, row.ratio_high)
    return f"{used}; Poisson {_from_to(row.poisson_low, row.poisson_high)}" if row.dispersion.is_clustered else used


def _from_to(low: float, high: float) -> str:
    return f"{percent_change(low)} to {percent_change(high) if math.isfinite(high) else 'no limit'}"


def change_words(shown: ShownChange) -> str:
    """Say a change with its interval: '+5% per day (−2% to +11%): could be chance'."""
    row = shown.row
    if shown.is_hidden:
        return "small counts hidden"
    if row.verdict == TOO_FEW:
        return f"{shown.baseline} before: too few to say"
    if row.baseline_count < LEAST_COUNT:
        return f"{shown.baseline} before: {row.verdict}"
    return f"{percent_change(row.ratio)} per day ({interval_words(row)}): {row.verdict}"


def in_order(shown: ShownChange) -> tuple[bool, float]:
    """Order rows by their change, those of which nothing is said last."""
    row = shown.row
    # Where a count is hidden the order must not give it away: such rows come last, by name alone (the sort is stable).
    if shown.is_hidden or row.verdict == TOO_FEW:
        return True, 0.0
    return False, -row.ratio


def short_period(period: Period) -> str:
    """Say a period in the width of a number: 'Feb 14', 'Apr–Sep 23', '24–30 Sep 23'."""
    first, last = period.start, period.last_day
    same_month, same_year = (first.year, first.month) == (last.year, last.month), first.year == last.year
    if period.is_whole_months:
        return f"{last:%b %y}" if same_month else f"{first:%b}–{last:%b %y}" if same_year else f"{first:%b %y}–{last:%b %y}"
    if first == last:
        return f"{last.day} {last:%b %y}"
    if same_month:
        return f"{first.day}–{last.day} {last:%b %y}"
    return (
        f"{first.day} {first:%b}–{last.day} {last:%b %y}" if same_year else f"{first.day} {first:%b %y}–{last.day} {last:%b %y}"
    )
