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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot.errors import BadInput
from hotspot.memory import USUAL
from hotspot.methods import compiled
from hotspot.methods.knox_passes import Batch, Passes, batches_of, planned
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
from hotspot.methods.near_pairs import OrderedOffences, in_order, near_pairs
from hotspot.tasks import Run

__all__ = ["EUCLIDEAN", "LEAST_RATIO", "MANHATTAN", "METRICS", "SAME_PREMISES", "KnoxTable", "check_bands", "knox"]

LONGEST_SPAN = 32_766
"""Days from the first offence to the last (89 years): gaps are held in 16 bits."""
COMPILED_FROM = 1_000
"""Offences from which the compiled loops are worth a second's wait for their cache."""
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
    memory: float = USUAL,
    progress: Progress | None = None,
    run: Run | None = None,
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
    memory
        MB that the test may take beyond what the program holds. Where the near pairs do not fit they are found tile by
        tile, again for each few shuffles: slower, the same table.
    progress
        Told the share that is done; what it raises stops the test.
    run
        Has batches of shuffles done elsewhere; None: all of them here, pass by pass. The table is the same.

    Raises
    ------
    BadInput
        If the bands mean nothing, fewer than two offences are given, they span more than 89 years, or make more near
        pairs than can be looked at, or the memory is too small for the least of work.
    """
    check_bands(distance_edges=distance_edges, time_edges=time_edges, metric=metric, permutations=permutations)
    edges, times = tuple(map(float, distance_edges)), tuple(map(float, time_edges))
    _check_days(np.asarray(day))
    offences = in_order(x, y, day, premises=premises, reach=max(edge for edge in edges if math.isfinite(edge)))
    bands = _Bands(edges, times, premises is not None, _pairs_by_time(offences.day, times))
    counting = _Counting(offences, bands, metric == MANHATTAN, permutations, memory)
    batches = batches_of(permutations, seed)
    # Elsewhere each batch is a task; here all of them follow the dates as they are, in the same passes.
    counted = counting.passes.counted([] if run else batches, with_dates=True, progress=progress or (lambda share: None))
    under = next(counted)[:, :, 0]
    sizes = under[:, -1]
    observed = bands.cells(under[:, :-1, None], sizes)[:, :, 0]
    found = [_as_many(bands, observed, counted)]
    if run:
        found += run(_as_many_of, [(one,) for one in batches], shared=(counting, observed))
    as_many, as_many_within = (sum(one) for one in zip(*found, strict=True))
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
        p_value=(as_many + 1) / (permutations + 1),
        p_within=(as_many_within + 1) / (permutations + 1),
        n_s=n_s,
        n_t=bands.n_t,
        n=count,
        pairs=pairs,
        permutations=permutations,
        seed=seed,
    )


@dataclass(frozen=True, eq=False)
class _Counting:
    """How near pairs are counted; pickled without the pairs themselves, which are found again elsewhere."""

    offences: OrderedOffences
    bands: _Bands
    manhattan: bool
    permutations: int
    memory: float

    @cached_property
    def passes(self) -> Passes:
        """Passes that count the near pairs under each limit and, last, all of them."""
        offences, bands = self.offences, self.bands
        plan = planned(offences, permutations=self.permutations, memory=self.memory)
        loops = compiled.loaded("knox") if len(offences.day) >= COMPILED_FROM else None
        find = partial(
            near_pairs,
            offences,
            edges=bands.near_edges,
            manhattan=self.manhattan,
            premises_first=bands.same_premises,
            loops=loops,
        )
        # No gap is as long as the last limit: what is under it is every pair.
        return Passes(find, plan, offences.day, np.append(bands.limits, np.int16(LONGEST_SPAN + 1)), loops)

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), tuple(getattr(self, one.name) for one in fields(self))


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


def _as_many_of(counting: _Counting, observed: NDArray[np.int64], batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shuffle the dates of one batch and count as ``_as_many`` does."""
    shuffled = counting.passes.counted([batch], with_dates=False, progress=lambda share: None)
    return _as_many(counting.bands, observed, shuffled)


def _as_many(
    bands: _Bands, observed: NDArray[np.int64], counted: Iterator[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the shuffles with as many pairs as observed: in each cell, and in all distance and time bands up to it."""
    far = accumulated(observed[bands.same_premises :])
    as_many, as_many_within = np.zeros(observed.shape, dtype=np.int64), np.zeros(far.shape, dtype=np.int64)
    for under in counted:
        cells = bands.cells(under[:, :-1], under[:, -1, 0])
        as_many += (cells >= observed[:, :, None]).sum(axis=2)
        as_many_within += (accumulated(cells[bands.same_premises :]) >= far[:, :, None]).sum(axis=2)
    return as_many, as_many_within
