"""Passes of the Knox test over near pairs: how they are tiled so that the memory asked for is enough, and counted.

Where all near pairs fit, they are found once and kept. Else each pass finds them again tile by tile, and counts as many
shuffles as the memory holds side by side. Counts are whole numbers and the shuffles of a seed come in one order, so
neither tiles nor passes change a result.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from hotspot.errors import BadInput
from hotspot.methods.near_pairs import NearPairs, OrderedOffences, candidates, in_tiles
from hotspot.tasks import block_seed, block_sizes

BATCH = 128
"""Shuffles of one seed of their own. The draws of a test's seed depend on it."""
THREADS = 2
LEAST_COLUMNS = 8
"""Shuffles side by side under which a pass would be more finding than counting."""
_PER_OFFENCE, _PER_SHUFFLE, _BLOCK = 180, 2, 8
_PER_PAIR = 8
_LEAST_TILE = 8_000_000
_OWN = 8_000_000
"""Bytes of the test itself, whatever is counted."""
_DRAWN = 16 + 4 * _BLOCK
"""Bytes per offence and thread while shuffles are drawn."""
Counts = NDArray[np.int64]
Batch = tuple[int, np.random.SeedSequence]
"""So many shuffles, from a seed of their own."""


@dataclass(frozen=True)
class Plan:
    """How the work is divided."""

    columns: int
    """Shuffles of each of two batches that are counted in one pass."""
    tiles: tuple[range, ...]
    """Offences whose near pairs are held at one time; with a single tile they are kept."""


def planned(offences: OrderedOffences, *, permutations: int, memory: float) -> Plan:
    """Divide the work so that it takes at most so many MB beyond what the program holds already.

    Raises
    ------
    BadInput
        If not even the smallest pass fits.
    """
    held = candidates(offences)
    # The pairs on one premises are listed by themselves before they are joined to the others.
    per_pair = _PER_PAIR * (2 if offences.knows_premises else 1)
    in_all, most = int(held.sum()) * per_pair, int(held.max()) * per_pair
    count, widest = len(held), min(BATCH, max(permutations, 1))
    left = memory * 1e6 - _OWN - count * _PER_OFFENCE
    if in_all + _shuffles(count, widest) <= left:
        return Plan(widest, (range(count),))
    least = min(max(_LEAST_TILE, most), in_all)
    columns = widest
    while columns > LEAST_COLUMNS and _shuffles(count, columns) + THREADS * least > left:
        columns = max(LEAST_COLUMNS, columns // 2)
    tile = (left - _shuffles(count, columns)) / THREADS
    if tile < least:
        needed = math.ceil((memory * 1e6 + THREADS * (least - tile)) / 1e6)
        raise BadInput(
            f"The near pairs of {count:,} offences need at least {needed:,} MB of memory, and the limit is {memory:g} MB. "
            "Raise it (--memory, or HOTSPOT_MEMORY for the app), or choose one area or a shorter period."
        )
    return Plan(columns, tuple(in_tiles(offences, most=int(tile // per_pair))))


def _shuffles(count: int, columns: int) -> int:
    return THREADS * count * (_DRAWN + columns * _PER_SHUFFLE)


@dataclass(frozen=True, eq=False)
class Passes:
    """The near pairs of a test, gone over once for the dates as they are and once for each few shuffles."""

    find: Callable[[range], NearPairs]
    """Gives the near pairs of a tile."""
    plan: Plan
    day: NDArray[np.int64]
    """Days from the first offence, in the order of the near pairs."""
    limits: NDArray[np.int16]
    """Whole days under which pairs are counted."""
    loops: ModuleType | None

    @cached_property
    def _kept(self) -> NearPairs | None:
        return self.find(self.plan.tiles[0]) if len(self.plan.tiles) == 1 else None

    def counted(
        self, batches: Sequence[Batch], *, with_dates: bool, progress: Callable[[float], None]
    ) -> Iterator[NDArray[np.int64]]:
        """Give the pairs of each row under each limit: as the dates are where asked for, then for some shuffles after others.

        Each has the shape (rows, limits, columns).
        """
        with ThreadPoolExecutor(THREADS) as pool:
            kept = self._kept
            coming = self._shuffled(pool, batches)
            days = next(coming, [])
            if with_dates:
                # The dates as they are go with the first shuffles, so that no pass is made for them alone.
                days.insert(0, self.day[:, None].astype(np.int16))
            done, whole = 0, sum(size for size, _ in batches) + with_dates
            while days:
                columns = sum(one.shape[1] for one in days)
                yield from self._of_pass(pool, days, kept, _share_of(progress, done / whole, columns / whole))
                done += columns
                # The list is also the one that drew them: cleared, they are gone before others are drawn.
                days.clear()
                days = next(coming, [])

    def _of_pass(
        self, pool: ThreadPoolExecutor, days: Sequence[NDArray[np.int16]], kept: NearPairs | None, told: Callable[[float], None]
    ) -> list[Counts]:
        if kept is not None:
            found = list(pool.map(partial(gaps_under, kept, limits=self.limits, loops=self.loops), days))
            told(1.0)
            return found
        totals: list[Counts] = []
        # Closed whatever happens, so that tiles not begun are given up where a person cancels.
        with closing(pool.map(partial(self._of_tile, days), self.plan.tiles)) as by_tile:
            for number, of_tile in enumerate(by_tile, start=1):
                totals = [sum(both) for both in zip(totals, of_tile, strict=True)] if totals else of_tile
                told(number / len(self.plan.tiles))
        return totals

    def _of_tile(self, days: Sequence[NDArray[np.int16]], tile: range) -> list[Counts]:
        near = self.find(tile)
        return [gaps_under(near, one, limits=self.limits, loops=self.loops) for one in days]

    def _shuffled(self, pool: ThreadPoolExecutor, batches: Sequence[Batch]) -> Iterator[list[NDArray[np.int16]]]:
        """Shuffle the dates for pass after pass, two batches at once, each from a seed of its own."""
        drawing = [_drawn(self.day, size, source, self.plan.columns) for size, source in batches]
        for begin in range(0, len(drawing), THREADS):
            both = drawing[begin : begin + THREADS]
            while drawn := [one for one in pool.map(_next, both) if one is not None]:
                yield drawn


def batches_of(permutations: int, seed: int) -> list[Batch]:
    """Cut the shuffles of a test into batches, each with a seed of its own."""
    return [(size, block_seed(seed, number)) for number, size in enumerate(block_sizes(permutations, BATCH))]


def _next(batch: Iterator[NDArray[np.int16]]) -> NDArray[np.int16] | None:
    return next(batch, None)


def _share_of(progress: Callable[[float], None], begin: float, length: float) -> Callable[[float], None]:
    return lambda share: progress(begin + length * share)


def _drawn(day: NDArray[np.int64], size: int, source: np.random.SeedSequence, columns: int) -> Iterator[NDArray[np.int16]]:
    """Give so many shuffles of the dates, some side by side at a time: shape (n, at most ``columns``)."""
    random = np.random.default_rng(source)
    for begin in range(0, size, columns):
        shuffled = np.empty((len(day), min(columns, size - begin)), dtype=np.int16)
        for first in range(0, shuffled.shape[1], _BLOCK):
            # Shuffling whole words is faster than 16 bits; writing columns is faster many at a time.
            block = shuffled[:, first : first + _BLOCK]
            block[:] = np.stack([random.permutation(day).astype(np.int16) for _ in range(block.shape[1])], axis=1)
        yield shuffled


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
