"""How long until something is done, where some of it is not done yet: the Kaplan–Meier estimate.

Leaving the open ones out would make the wait look short, and the more so the newer the offences are. Each open one counts as
waiting for as long as it has been seen to wait.

References
----------
Kaplan, E. L. and Meier, P. (1958), Nonparametric estimation from incomplete observations, Journal of the American Statistical
Association 53: 457–481.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class WaitingTimes:
    """Share that is done by each day after the start."""

    days: NDArray[np.float64]
    """Waits at which something was done, ascending, shape (steps,)."""
    done: NDArray[np.float64]
    """Estimated share done by then, shape (steps,)."""
    count: int
    """Waits looked at, open ones included."""
    open: int
    """Of these, not done yet."""

    def quantile(self, share: float) -> float:
        """Give the days by which so large a share is done; ∞ where the data do not reach so far."""
        reached = np.flatnonzero(self.done >= share - 1e-12)
        return float(self.days[reached[0]]) if len(reached) else math.inf


def waiting_times(days: ArrayLike, done: ArrayLike) -> WaitingTimes:
    """Estimate how waits are distributed (Kaplan and Meier 1958, equation 2b).

    Parameters
    ----------
    days
        Days from the start to the end of each wait, or to the day at which it was last known to be open; not negative.
    done
        True where it ended then.
    """
    wait, ended = np.asarray(days, dtype=np.float64), np.asarray(done, dtype=bool)
    if wait.shape != ended.shape or (wait < 0).any():
        raise ValueError("each wait has days that are not negative, and an end or none")
    steps, count_done = np.unique(wait[ended], return_counts=True)
    waiting = len(wait) - np.searchsorted(np.sort(wait), steps, side="left")
    left = np.cumprod(1 - count_done / waiting)
    return WaitingTimes(steps, 1 - left, len(wait), int((~ended).sum()))
