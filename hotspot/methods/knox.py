"""Near repeats: the Knox test of pairs of offences close in space and in time, for any bands in one pass.

Every pair of offences falls into a band of distance and a band of time. If dates had nothing to do with places,
a band of both would hold n_s·n_t/N pairs: n_s pairs of its distance, n_t of its time, of N pairs in all. That is
the exact mean over all ways to shuffle the dates, so the ratio observed / expected is the same on every run; only
p comes from a sample of shuffles.

Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics 13(1), 25-30.
Johnson, S. D. et al. (2007). Space-time patterns of risk: a cross national assessment of residential burglary
victimization. Journal of Quantitative Criminology 23(3), 201-219 (several bands; dates shuffled).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

EUCLIDEAN, MANHATTAN = "euclidean", "manhattan"
METRICS = (EUCLIDEAN, MANHATTAN)
SAME_PREMISES = "Same premises"
ALPHA = 0.05
LEAST_RATIO = 1.2
"""Observed over expected from which more pairs than chance are worth a reading."""


@dataclass(frozen=True, eq=False)
class KnoxTable:
    """Pairs of offences by band of distance (rows) and band of time (columns). Bands are half-open [a, b)."""

    distance_edges: tuple[float, ...]
    """Metres, ascending; the last may be ∞. One more than distance bands."""
    time_edges: tuple[float, ...]
    """Days, ascending; the last may be ∞. One more than time bands."""
    metric: str
    """'euclidean' or 'manhattan'."""
    same_premises: bool
    """True: the first row holds the pairs on one premises reference, whatever their coordinates; they are in no
    other row. Offences without a reference are then paired by distance alone. The distance bands follow."""
    observed: NDArray[np.int64]
    """Pairs, shape (rows, time bands)."""
    expected: NDArray[np.float64]
    """n_s·n_t/N: the exact mean if dates are shuffled; same shape."""
    ratio: NDArray[np.float64]
    """Observed / expected; NaN where nothing is expected."""
    p_value: NDArray[np.float64]
    """(Shuffles with as many pairs or more + 1) / (permutations + 1): one-sided, more pairs than chance."""
    n_s: NDArray[np.int64]
    """Pairs of each row's distance, at any time."""
    n_t: NDArray[np.int64]
    """Pairs of each column's time, at any distance."""
    n: int
    """Offences in the table."""
    pairs: int
    """N = n(n−1)/2: all pairs, those outside the bands included."""
    permutations: int
    seed: int
    left_out: tuple[tuple[str, int], ...] = ()
    """Reason → offences that are not in the table; told by whoever chose the offences."""

    @cached_property
    def q_value(self) -> NDArray[np.float64]:
        """p after Benjamini–Hochberg over all bands of the table: one family of tests."""
        return false_discovery_control(self.p_value.ravel()).reshape(self.p_value.shape)

    @cached_property
    def stands(self) -> NDArray[np.bool_]:
        """More pairs than chance after correction, and at least ``LEAST_RATIO`` times as many."""
        return (self.q_value < ALPHA) & (np.nan_to_num(self.ratio) >= LEAST_RATIO)

    @property
    def distance_bands(self) -> tuple[tuple[float, float], ...]:
        """Metres [a, b) of each row; (0, 0) for the row 'same premises'."""
        bands = tuple(zip(self.distance_edges[:-1], self.distance_edges[1:], strict=True))
        return ((0.0, 0.0), *bands) if self.same_premises else bands

    @property
    def time_bands(self) -> tuple[tuple[float, float], ...]:
        """Days [a, b) of each column."""
        return tuple(zip(self.time_edges[:-1], self.time_edges[1:], strict=True))

    @property
    def distance_labels(self) -> tuple[str, ...]:
        """Name the rows: 'Same premises', '0 to 100 m', '300 m or more'."""
        labels = tuple(_distance_label(low, high) for low, high in self.distance_bands[self.same_premises :])
        return (SAME_PREMISES, *labels) if self.same_premises else labels

    @property
    def time_labels(self) -> tuple[str, ...]:
        """Name the columns in whole days, both included: '0–6 days', '28 days or more'."""
        return tuple(_time_label(low, high) for low, high in self.time_bands)


def _distance_label(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{low:g} m or more"
    return f"Same place (under {high:g} m)" if low == 0 and high <= 1 else f"{low:g} to {high:g} m"


def _time_label(low: float, high: float) -> str:
    first = math.ceil(low)
    if math.isinf(high):
        return f"{first} days or more"
    last = math.ceil(high) - 1
    return f"{first}–{last} days" if last > first else f"{first} day{'' if first == 1 else 's'}"
