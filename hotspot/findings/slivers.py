"""Months beside the count of a period that cuts one of them: their difference counts a few days, and may be under 5."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot.findings.audience import is_small
from hotspot.period import Period, add_months

_DIGITS = 6
"""Of sums of aoristic shares, whose last digits are rounding."""


def months_tell(counted: Sequence[tuple[float, Period]], months: Sequence[date], counts: ArrayLike) -> bool:
    """Say whether months, told beside the counts of periods, tell fewer than five offences of the days by which they differ.

    Each period is set against the months, and all of them together: two may cut one month and leave a few days between them.

    Parameters
    ----------
    counted
        Counts that are told, each with its period; no two periods share a day.
    months
        First days.
    counts
        Offences of each month.
    """
    held = np.asarray(counts, dtype=np.float64)
    lengths = np.array([(add_months(month, 1) - month).days for month in months])
    for together in (*([one] for one in counted), counted):
        covered = sum((_covered(period, months) for _, period in together), np.zeros(len(months)))
        count = sum(number for number, _ in together)
        differences = (count - held[covered == lengths].sum(), held[covered > 0].sum() - count)
        if any(is_small(round(difference, _DIGITS)) for difference in differences):
            return True
    return False


def _covered(period: Period, months: Sequence[date]) -> NDArray[np.float64]:
    """Count the days of each month that a period holds."""
    held = [(min(period.end, add_months(month, 1)) - max(period.start, month)).days for month in months]
    return np.maximum(np.array(held, dtype=np.float64), 0)
