"""What a Knox table holds, how its bands are named, and which bands mean something."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from hotspot.errors import BadInput

EUCLIDEAN, MANHATTAN = "euclidean", "manhattan"
METRICS = (EUCLIDEAN, MANHATTAN)
SAME_PREMISES = "Same premises"
ALPHA = 0.05
LEAST_RATIO = 1.2
"""Observed over expected from which more pairs than chance are worth a reading."""
_MOST_BANDS, _MOST_PERMUTATIONS = 50, 99_999


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
    p_within: NDArray[np.float64]
    """The same p for the pairs of all bands up to this one in distance and time, shape (distance bands, time bands):
    'within 200 m and 14 days'. The row 'same premises' is not among them."""
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
        """More pairs than chance after correction, and at least ``LEAST_RATIO`` times as many, in two decimals as it is read."""
        return (self.q_value < ALPHA) & (np.round(np.nan_to_num(self.ratio), 2) >= LEAST_RATIO)

    @property
    def observed_within(self) -> NDArray[np.int64]:
        """Pairs of all bands up to each in distance and time, without the row 'same premises'."""
        return accumulated(self.observed[self.same_premises :])

    @property
    def expected_within(self) -> NDArray[np.float64]:
        """Pairs that chance gives in the same bands."""
        return accumulated(self.expected[self.same_premises :])

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


def accumulated(cells: NDArray[np.generic]) -> NDArray[np.generic]:
    """Add up all bands to and with each, in distance (first axis) and time (second)."""
    return cells.cumsum(axis=0).cumsum(axis=1)


def check_bands(
    *, distance_edges: Sequence[float], time_edges: Sequence[float], metric: str = EUCLIDEAN, permutations: int = 999
) -> None:
    """Refuse bands, metric and permutations that mean nothing; all faults are told at once.

    Raises
    ------
    BadInput
        With one sentence for each fault.
    """
    faults = [*_edge_faults(distance_edges, "distance", "0,100,200"), *_edge_faults(time_edges, "time", "0,7,14")]
    if metric not in METRICS:
        faults.append(f"The metric '{metric}' is none of {', '.join(METRICS)}.")
    if not 1 <= permutations <= _MOST_PERMUTATIONS:
        faults.append(f"The permutations must be 1 to {_MOST_PERMUTATIONS:,}, not {permutations:,}; 999 are usual.")
    if faults:
        raise BadInput(*faults)


def _edge_faults(edges: Sequence[float], what: str, example: str) -> list[str]:
    said = ",".join(f"{edge:g}" for edge in edges)
    if len(edges) < 2:
        return [f"The {what} bands '{said}' need two edges or more, as in {example}."]
    if len(edges) > _MOST_BANDS + 1:
        return [f"The {what} bands have {len(edges) - 1} bands; {_MOST_BANDS} are the most."]
    if any(math.isnan(edge) or edge < 0 for edge in edges) or math.isinf(edges[0]):
        return [f"The {what} bands '{said}' must begin at 0 or more; only the last edge may be inf."]
    if any(after <= before for before, after in itertools.pairwise(edges)):
        return [f"The {what} bands '{said}' must rise from edge to edge, as in {example}."]
    whole = [math.ceil(edge) if math.isfinite(edge) else edge for edge in edges]
    if what == "time" and any(after == before for before, after in itertools.pairwise(whole)):
        return [f"The time bands '{said}' hold a band without a whole day; dates are counted in whole days."]
    return []


def _distance_label(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{low:g} m or more" if low else "Any distance"
    return f"Same place (under {high:g} m)" if low == 0 and high <= 1 else f"{low:g} to {high:g} m"


def _time_label(low: float, high: float) -> str:
    first = math.ceil(low)
    if math.isinf(high):
        return f"{first} day{'' if first == 1 else 's'} or more" if first else "Any time"
    last = math.ceil(high) - 1
    return f"{first}–{last} days" if last > first else f"{first} day{'' if first == 1 else 's'}"
