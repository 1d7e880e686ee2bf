"""When the next offence comes: pairs of offences on one target by the time between them, over chance.

The raw histogram of gaps always falls, because the window of the data cuts long gaps off. So the pairs in
each band are set against what that same window gives where the second offence falls at any time alike.

Johnson, S. D., Bowers, K. and Hirschfield, A. (1997). New insights into the spatial and temporal distribution
of repeat victimization. British Journal of Criminology 37(2), 224-241 (the correction for the time window).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, false_discovery_control

WEEKS = tuple(7.0 * week for week in range(27))
"""Edges in days of the first 26 weeks."""
ALPHA = 0.05


@dataclass(frozen=True)
class TimeBand:
    """Pairs of offences on one target whose gap lies in a band of time."""

    lower: float
    """Days; the band is (lower, upper], and a gap of 0 belongs to the first band."""
    upper: float
    """Days."""
    observed: int
    """Pairs."""
    expected: float
    """Pairs, where the earlier offence falls at any time alike."""
    ratio: float
    """Observed over expected; NaN where nothing is expected."""
    low: float
    """Lower end of the 95 % interval of the ratio (Clopper-Pearson)."""
    high: float
    p_value: float
    """Two-sided, exact binomial."""
    q_value: float
    """Benjamini-Hochberg over all bands."""

    @property
    def above_chance(self) -> bool:
        """More pairs than chance gives, corrected over the bands."""
        return self.q_value < ALPHA and self.ratio > 1


@dataclass(frozen=True)
class TimeCourse:
    """Pairs by band of time. Pairs on one target are not independent: intervals are somewhat too narrow."""

    bands: tuple[TimeBand, ...]
    pairs: int
    """All pairs, of any gap."""
    mean_days_before: float
    """Days of data before an offence, on average: how far back a pair could reach."""


def null_shares(edges: Sequence[float], *, days: float) -> NDArray[np.float64]:
    """Give the share of all pairs within each band of a window, if dates have no effect.

    Two dates anywhere in a window of T days differ by (a, b] with probability [(T − a)² − (T − b)²]/T².
    """
    left = days - np.minimum(np.asarray(edges, dtype=float), days)
    return (left[:-1] ** 2 - left[1:] ** 2) / days**2


def null_shares_looking_back(edges: Sequence[float], *, days_before: ArrayLike) -> NDArray[np.float64]:
    """Give the same share for offences that each have their own days of data before them.

    Each offence can be the later one of a pair in as many ways as it has days before it: its days in the
    band over all days. Offences spread evenly over the whole window give ``null_shares``.
    """
    before = np.sort(np.asarray(days_before, dtype=float))
    cumulated = np.concatenate(([0.0], np.cumsum(before)))
    edge = np.asarray(edges, dtype=float)
    shorter = np.searchsorted(before, edge, side="right")
    reached = cumulated[shorter] + edge * (len(before) - shorter)
    return np.diff(reached) / cumulated[-1]


def time_course(
    target: ArrayLike, day: ArrayLike, *, later: ArrayLike, first_day: float, edges: Sequence[float] = WEEKS
) -> TimeCourse:
    """Count pairs of offences on one target by the days between them.

    Parameters
    ----------
    target
        Number of the target (premises, victim, vehicle) of each offence.
    day
        When each offence happened, in days, fractions included where the hour is known. Whole days put pairs
        of one day into the first band, which makes its ratio slightly too small, never too large.
    later
        Offences that may be the later one of a pair, true or false; the earlier one may be any.
    first_day
        First moment of the data, on the scale of ``day``.
    edges
        Days, ascending from 0.
    """
    chosen = np.asarray(later, dtype=bool)
    codes, when = np.asarray(target, dtype=np.int64), np.asarray(day, dtype=float) - first_day
    if not chosen.any() or (when[chosen] <= 0).all():
        return TimeCourse((), 0, 0.0)
    observed, pairs = _pairs_in_bands(codes, when, chosen, edges)
    shares = null_shares_looking_back(edges, days_before=when[chosen].clip(0))
    return TimeCourse(_bands(edges, observed, pairs, shares), pairs, float(when[chosen].mean()))


def _pairs_in_bands(
    target: NDArray[np.int64], when: NDArray[np.float64], later: NDArray[np.bool_], edges: Sequence[float]
) -> tuple[NDArray[np.int64], int]:
    """Count without listing the pairs: a shop with thousands of offences has millions."""
    order = np.lexsort((when, target))
    group = np.unique(target[order], return_inverse=True)[1]
    reach = max(when.max() - when.min(), edges[-1]) + 1
    # Targets lie one after another on one line, far enough apart that no band reaches over to the next.
    line = group * 2 * reach + (when[order] - when.min())
    chosen = np.flatnonzero(later[order])
    first_of_target = np.searchsorted(group, group[chosen], side="left")
    # A tenth of a second: day fractions are binary, and a gap of exactly seven days is still of its week.
    slack = 1e-6
    beyond = np.array([np.searchsorted(line, line[chosen] - edge - slack, side="left") for edge in edges[1:]])
    from_here = np.maximum(beyond, first_of_target)
    within = (chosen - from_here).sum(axis=1)
    pairs = int((chosen - first_of_target).sum())
    return np.diff(np.concatenate(([0], within))), pairs


def _bands(edges: Sequence[float], observed: NDArray[np.int64], pairs: int, shares: NDArray[np.float64]) -> tuple[TimeBand, ...]:
    if not pairs:
        return tuple(
            TimeBand(lower, upper, 0, 0.0, float("nan"), float("nan"), float("nan"), 1.0, 1.0)
            for lower, upper in itertools.pairwise(edges)
        )
    p_values = [binomtest(int(n), pairs, share).pvalue for n, share in zip(observed, shares.clip(0, 1), strict=True)]
    q_values = false_discovery_control(p_values)
    return tuple(
        _band(edges[i], edges[i + 1], int(observed[i]), pairs, float(shares[i]), float(p_values[i]), float(q_values[i]))
        for i in range(len(observed))
    )


def _band(lower: float, upper: float, observed: int, pairs: int, share: float, p_value: float, q_value: float) -> TimeBand:
    interval = binomtest(observed, pairs).proportion_ci(0.95, method="exact")
    expected = pairs * share
    ratio, low, high = (
        (observed / expected, float(interval.low) / share, float(interval.high) / share) if share > 0 else (float("nan"),) * 3
    )
    return TimeBand(lower, upper, observed, expected, ratio, low, high, p_value, q_value)
