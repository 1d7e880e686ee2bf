"""Months beside the count of a period that cuts one of them: their difference counts a few days, and may be under 5."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from hotspot.findings.audience import is_small
from hotspot.period import Period, add_months

_DIGITS = 6
"""Of sums of aoristic shares, whose last digits are rounding."""


def months_tell(counted: Sequence[tuple[float, Period]], months: Sequence[date], counts: ArrayLike) -> bool:
    """Say whether months, told beside the counts of periods, tell fewer than five offences of the days by which they differ.

    Parameters
    ----------
    counted
        Counts that are told, each with its period.
    months
        First days.
    counts
        Offences of each month.
    """
    held = np.asarray(counts, dtype=np.float64)
    for count, period in counted:
        within = [period.start <= month and add_months(month, 1) <= period.end for month in months]
        touched = [month < period.end and period.start < add_months(month, 1) for month in months]
        differences = (count - held[within].sum(), held[touched].sum() - count)
        if any(is_small(round(difference, _DIGITS)) for difference in differences):
            return True
    return False
