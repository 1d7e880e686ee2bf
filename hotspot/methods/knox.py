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

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot.errors import BadInput
from hotspot.methods import compiled
from hotspot.methods.knox_table import (
    EUCLIDEAN,
    LEAST_RATIO,
    MANHATTAN,
    METRICS,
    SAME_PREMISES,
    KnoxTable,
    accumulated,
    check_bands,
)
from hotspot.methods.near_pairs import NearPairs, OrderedOffences, in_order, in_parts, near_pairs

__all__ = ["EUCLIDEAN", "LEAST_RATIO", "MANHATTAN", "METRICS", "SAME_PREMISES", "KnoxTable", "check_bands", "knox"]

LONGEST_SPAN = 32_766
"""Days from the first offence to the last (89 years): gaps are held in 16 bits."""
COMPILED_FROM = 1_000
"""Offences from which the compiled loops are worth a second's wait for their cache."""
BATCH = 128
"""Shuffles counted at once. The draws of a seed depend on it."""
THREADS = 2
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class _Bands:
    """What is counted, and how it becomes a table."""

    distance: tuple[float, ...]
    time: tuple[float, ...]
    same_premises: bool
    n_t: NDArray[np.int64]

    @property
    def is_open(self) -> bool:
        """True where the last row has no end: it is what the pairs nearer than it leave over."""
        return math.isinf(self.distance[-1])

    @property
    def near_edges(self) -> NDArray[np.float64]:
        """Edges of the pairs to be sought, from 0: what is nearer than the first band is not left over for an open one."""
        finite = [edge for edge in self.distance if math.isfinite(edge)]
        return np.array([0.0, *finite] if finite[0] > 0 else finite)

    @property
    def limits(self) -> NDArray[np.int16]:
        """Whole days under which pairs are counted: a gap of whole days is under 2.5 where it is under 3."""
        positive = [math.ceil(edge) for edge in self.time if 0 < edge < math.inf]
        return np.minimum(positive, LONGEST_SPAN + 1).astype(np.int16)

    def cells(self, under: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Turn pairs under each limit, shape (sought rows, limits, shuffles), into pairs of each cell of the table."""
        rows, _, shuffles = under.shape
        edges = np.zeros((rows, len(self.time), shuffles), dtype=np.int64)
        first = 0 if self.time[0] > 0 else 1
        edges[:, first : first + under.shape[1]] = under
        if math.isinf(self.time[-1]):
            edges[:, -1] = sizes[:, None]
        cells = np.diff(edges, axis=1)
        if self.is_open:
            cells = np.concatenate((cells, (self.n_t[:, None] - cells.sum(axis=0))[None]))
        return cells[self._shown]

    def pairs_by_distance(self, sizes: NDArray[np.int64], pairs: int) -> NDArray[np.int64]:
        """Give n_s: the pairs of each row."""
        return (np.append(sizes, pairs - sizes.sum()) if self.is_open else sizes)[self._shown]

    @property
    def _shown(self) -> list[int]:
        """Rows of the table among those counted: all but the pairs nearer than the first band."""
        rows = len(self.near_edges) - 1 + self.same_premises + self.is_open
        return [row for row in range(rows) if not (self.distance[0] > 0 and row == int(self.same_premises))]


def knox(
    x: ArrayLike,
    y: ArrayLike,
    day: ArrayLike,
    *,
    distance_edges: Sequence[float],
    time_edges: Sequence[float],
    metric: str = EUCLIDEAN,
    premises: ArrayLike | None = None,
    permutations: int = 999,
    seed: int = 0,
    progress: Progress | None = None,
) -> KnoxTable:
    """Count pairs of offences by band of distance and time, against what shuffled dates give.

    Parameters
    ----------
    x, y
        Metres.
    day
        Whole days on any scale: two dates are as many days apart as the calendar says, whatever the hours.
    distance_edges, time_edges
        Metres and days, ascending, bands half-open [a, b); a last edge may be ∞. Pairs outside the bands are in
        no cell, but in n_s, n_t and N.
    premises
        Number of the premises of each offence, −1 where not known. Where given, the table's first row holds the
        pairs on one premises, whatever their coordinates, and no other row does.
    seed
        Of the shuffles. It gives the same p in any order of the offences, compiled or not.
    progress
        Told the share of the shuffles that are done.

    Raises
    ------
    BadInput
        If the bands mean nothing, fewer than two offences are given, they span more than 89 years, or make more near
        pairs than can be looked at.
    """
    check_bands(distance_edges=distance_edges, time_edges=time_edges, metric=metric, permutations=permutations)
    edges, times = tuple(map(float, distance_edges)), tuple(map(float, time_edges))
    _check_days(np.asarray(day))
    offences = in_order(x, y, day, premises=premises, reach=max(edge for edge in edges if math.isfinite(edge)))
    bands = _Bands(edges, times, premises is not None, _pairs_by_time(offences.day, times))
    sizes, observed, shuffled = _counted(
        offences, bands, metric=metric, permutations=permutations, seed=seed, progress=progress or (lambda share: None)
    )
    p_value, p_within = _p_values(bands, observed, shuffled, permutations)
    count = len(offences.day)
    pairs = count * (count - 1) // 2
    n_s = bands.pairs_by_distance(sizes, pairs)
    expected = np.multiply.outer(n_s.astype(float), bands.n_t) / pairs
    return KnoxTable(
        distance_edges=edges,
        time_edges=times,
        metric=metric,
        same_premises=bands.same_premises,
        observed=observed,
        expected=expected,
        ratio=np.divide(observed, expected, out=np.full(observed.shape, math.nan), where=expected > 0),
        p_value=p_value,
        p_within=p_within,
        n_s=n_s,
        n_t=bands.n_t,
        n=count,
        pairs=pairs,
        permutations=permutations,
        seed=seed,
    )


def _counted(
    offences: OrderedOffences, bands: _Bands, *, metric: str, permutations: int, seed: int, progress: Progress
) -> tuple[NDArray[np.int64], NDArray[np.int64], Iterator[NDArray[np.int64]]]:
    """Count near pairs part by part.

    Returns
    -------
    tuple
        Near pairs of each row sought, pairs of each cell, and the same for one batch of shuffles after another.
    """
    loops = compiled.loaded("knox") if len(offences.day) >= COMPILED_FROM else None
    sizes, under, batches = 0, 0, [0] * math.ceil(permutations / BATCH)
    parts = in_parts(offences)
    for number, part in enumerate(parts):
        near = near_pairs(
            offences, part, edges=bands.near_edges, manhattan=metric == MANHATTAN, premises_first=bands.same_premises, loops=loops
        )
        sizes = sizes + near.sizes
        under = under + gaps_under(near, offences.day[:, None].astype(np.int16), bands.limits, None)
        counted = _shuffles(offences.day, near, bands.limits, permutations=permutations, seed=seed, loops=loops)
        for batch, (done, found) in enumerate(counted):
            batches[batch] = batches[batch] + found
            progress((number + done / permutations) / len(parts))
    return sizes, bands.cells(under, sizes)[:, :, 0], (bands.cells(found, sizes) for found in batches)


def _check_days(day: NDArray[np.int64]) -> None:
    if len(day) < 2:
        raise BadInput(f"Near repeats need two offences or more; there {'is one' if len(day) else 'is none'}.")
    if (span := int(np.ptp(day))) > LONGEST_SPAN:
        raise BadInput(f"The offences span {span:,} days, more than 89 years. Is a date wrong?")


def _pairs_by_time(day: NDArray[np.int64], edges: tuple[float, ...]) -> NDArray[np.int64]:
    """Give n_t, over all pairs: none is listed."""
    ascending = np.sort(day)
    before = len(day) * (len(day) + 1) // 2
    latest = [ascending + min(math.ceil(edge), LONGEST_SPAN + 1) if math.isfinite(edge) else None for edge in edges]
    all_pairs = before - len(day)
    under = [
        all_pairs if limit is None else max(int(np.searchsorted(ascending, limit, side="left").sum()) - before, 0)
        for limit in latest
    ]
    return np.diff(under)


def _p_values(
    bands: _Bands, observed: NDArray[np.int64], shuffled: Iterator[NDArray[np.int64]], permutations: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give p of each cell, and of all distance and time bands up to it."""
    far = accumulated(observed[bands.same_premises :])
    as_many, as_many_within = np.zeros(observed.shape, dtype=np.int64), np.zeros(far.shape, dtype=np.int64)
    for cells in shuffled:
        as_many += (cells >= observed[:, :, None]).sum(axis=2)
        as_many_within += (accumulated(cells[bands.same_premises :]) >= far[:, :, None]).sum(axis=2)
    return (as_many + 1) / (permutations + 1), (as_many_within + 1) / (permutations + 1)


def _shuffles(
    day: NDArray[np.int64],
    near: NearPairs,
    limits: NDArray[np.int16],
    *,
    permutations: int,
    seed: int,
    loops: ModuleType | None,
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Shuffle the dates batch by batch, two batches at once; give the shuffles done and the pairs under each limit."""
    sizes = [min(BATCH, permutations - begin) for begin in range(0, permutations, BATCH)]

    def count(size: int, source: np.random.SeedSequence) -> NDArray[np.int64]:
        return gaps_under(near, _shuffled(day, size, source), limits, loops)

    with ThreadPoolExecutor(THREADS) as pool:
        counted = pool.map(count, sizes, np.random.SeedSequence(seed).spawn(len(sizes)))
        yield from zip(itertools.accumulate(sizes), counted, strict=True)


def _shuffled(day: NDArray[np.int64], size: int, source: np.random.SeedSequence) -> NDArray[np.int16]:
    """Give so many shuffles of the dates side by side, shape (n, size)."""
    random = np.random.default_rng(source)
    shuffled = np.empty((len(day), size), dtype=np.int16)
    block = 32
    for begin in range(0, size, block):
        # Shuffling whole words is faster than 16 bits; writing columns is faster many at a time.
        shuffled[:, begin : begin + block] = np.stack(
            [random.permutation(day).astype(np.int16) for _ in range(min(block, size - begin))], axis=1
        )
    return shuffled


def gaps_under(
    near: NearPairs, days: NDArray[np.int16], limits: NDArray[np.int16], loops: ModuleType | None
) -> NDArray[np.int64]:
    """Count the pairs of each row whose gap is under each limit, for each column of days: shape (rows, limits, columns)."""
    counts = np.zeros((len(near.sizes), len(limits), days.shape[1]), dtype=np.int64)
    if loops is not None:
        loops.gaps_under(near.firsts, near.seconds, near.bounds, days, limits, counts)
        return counts
    for column in range(days.shape[1]):
        of_one = np.ascontiguousarray(days[:, column])
        gap = np.abs(of_one[near.firsts] - of_one[near.seconds])
        for number, limit in enumerate(limits):
            under = gap < limit
            for row, (begin, end) in enumerate(itertools.pairwise(near.bounds)):
                counts[row, number, column] = np.count_nonzero(under[begin:end])
    return counts
