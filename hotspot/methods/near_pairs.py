"""Pairs of offences near in space, each found once, by band of distance; those on one premises by themselves.

Offences are sorted into square cells as wide as the farthest band reaches, so that every near one that comes later in
this order lies in one of two runs: the rest of its cell with the next one, and the three cells to the east.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot.errors import BadInput

MOST_CANDIDATES = 20_000_000_000
"""Pairs of neighbouring cells, or on one premises; looking at more takes minutes, shuffling them hours."""
_MOST_CELLS = 1_000_000
"""Cells along one axis."""
_CANDIDATES = 2_000_000
"""Pairs of neighbouring cells looked at in one step without the compiled loops."""


@dataclass(frozen=True, eq=False)
class NearPairs:
    """Pairs of offences in space, those of one row after another. They are found once: only dates are shuffled."""

    firsts: NDArray[np.int32]
    """Number of one offence of each pair."""
    seconds: NDArray[np.int32]
    bounds: NDArray[np.int64]
    """The pairs of row i are bounds[i] to bounds[i + 1]."""

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.bounds)


@dataclass(frozen=True, eq=False)
class OrderedOffences:
    """Offences in an order of their own, so that the order of a file changes no p: cell by cell, from west to east."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    day: NDArray[np.int64]
    """Days from the first offence."""
    premises: NDArray[np.int64]
    """Number of the premises; −1 where not known."""
    start: NDArray[np.int64]
    """First candidate of each offence in each of two runs, shape (2, n): later in its cell and the next one, and in
    the three cells to the east. Every nearer offence that comes later is among them."""
    stop: NDArray[np.int64]

    @property
    def knows_premises(self) -> bool:
        return bool((self.premises >= 0).any())

    @cached_property
    def same_premises(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The offences premises by premises, the place of each in that order, and how many later ones each has there."""
        order = np.argsort(self.premises, kind="stable")
        of = self.premises[order]
        last = np.searchsorted(of, of, side="right")
        place, partners = np.empty_like(order), np.empty_like(order)
        place[order] = np.arange(len(order))
        partners[order] = np.where(of >= 0, last - np.arange(1, len(of) + 1), 0)
        return order, place, partners


def in_order(x: ArrayLike, y: ArrayLike, day: ArrayLike, *, premises: ArrayLike | None, reach: float) -> OrderedOffences:
    """Sort offences into cells; ``reach`` is the distance in metres under which pairs are sought."""
    east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    when = np.asarray(day, dtype=np.int64)
    known = np.full(len(when), -1, dtype=np.int64) if premises is None else np.asarray(premises, dtype=np.int64)
    if not len(east) == len(north) == len(when) == len(known):
        raise ValueError("x, y, day and premises differ in length")
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        raise ValueError("offences without a location cannot be paired; select the located ones")
    cell, height = _cells(east, north, reach)
    order = np.lexsort((known, when, north, east, cell))
    start, stop = _runs(cell[order], height)
    return OrderedOffences(east[order], north[order], when[order] - when.min(), known[order], start, stop)


def candidates(offences: OrderedOffences) -> NDArray[np.int64]:
    """Count the later offences that each one is held against: those in neighbouring cells and those on its premises.

    Raises
    ------
    BadInput
        If there are too many pairs to look at.
    """
    held = (offences.stop - offences.start).sum(axis=0)
    if offences.knows_premises:
        held += offences.same_premises[2]
    if (in_all := int(held.sum())) > MOST_CANDIDATES:
        raise BadInput(
            f"{len(held):,} offences make {in_all:,} near pairs, more than can be looked at ({MOST_CANDIDATES:,}). "
            "Choose one area, a shorter period or shorter distance bands."
        )
    return held


def in_tiles(offences: OrderedOffences, *, most: int) -> list[range]:
    """Divide the offences so that each tile has at most so many candidates, or is a single offence.

    A tile is a run of offences in their order, cell by cell, held against any later offence: each pair is in one tile.
    """
    held = np.cumsum(candidates(offences))
    edges = [0]
    while edges[-1] < len(held):
        before = int(held[edges[-1] - 1]) if edges[-1] else 0
        edges.append(max(int(np.searchsorted(held, before + most, side="right")), edges[-1] + 1))
    return [range(begin, end) for begin, end in itertools.pairwise(edges)]


def _cells(east: NDArray[np.float64], north: NDArray[np.float64], reach: float) -> tuple[NDArray[np.int64], int]:
    """Number the cells column by column, with an empty one at both ends of each column."""
    extent = max(np.ptp(east), np.ptp(north), 1.0)
    # A hair wider than the reach: no rounding then puts two offences nearer than it two cells apart.
    width = max(reach * (1 + 1e-9), extent / _MOST_CELLS)
    across, up = (np.floor((axis - axis.min()) / width).astype(np.int64) for axis in (east, north))
    height = int(up.max()) + 3
    return across * height + up + 1, height


def _runs(cell: NDArray[np.int64], height: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    start = np.stack((np.arange(1, len(cell) + 1), np.searchsorted(cell, cell + height - 1, side="left")))
    stop = np.stack((np.searchsorted(cell, cell + 1, side="right"), np.searchsorted(cell, cell + height + 1, side="right")))
    return start, stop


def near_pairs(
    offences: OrderedOffences,
    part: range,
    *,
    edges: NDArray[np.float64],
    manhattan: bool,
    premises_first: bool,
    loops: ModuleType | None,
) -> NearPairs:
    """Find the pairs of each distance band that an offence of a part (a tile) makes with a later one.

    Parameters
    ----------
    edges
        Metres, ascending from 0, all finite; with one edge or none there are no bands.
    premises_first
        Put the pairs on one premises before the bands; the bands never hold them where premises are known.
    loops
        The compiled loops; None: the same pairs without them.
    """
    if len(edges) < 2:
        pairs, sizes = np.empty((2, 0), dtype=np.int32), np.zeros(0, dtype=np.int64)
    elif loops is None:
        pairs, sizes = _near_in_steps(offences, part, edges, manhattan)
    else:
        pairs, sizes = _near_compiled(offences, part, edges, manhattan, loops)
    if premises_first:
        same = _pairs_on_premises(offences, part)
        pairs, sizes = np.concatenate((same, pairs), axis=1), np.append(same.shape[1], sizes)
    return NearPairs(pairs[0], pairs[1], np.concatenate(([0], np.cumsum(sizes))).astype(np.int64))


def _near_compiled(
    offences: OrderedOffences, part: range, edges: NDArray[np.float64], manhattan: bool, loops: ModuleType
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    places = offences.x, offences.y, offences.premises, offences.start, offences.stop
    given = *places, part.start, part.stop, edges, manhattan
    sizes = loops.near_counts(*given)
    pairs = np.empty((2, sizes.sum()), dtype=np.int32)
    loops.near_pairs(*given, np.cumsum(sizes) - sizes, pairs[0], pairs[1])
    return pairs, sizes


def _near_in_steps(
    offences: OrderedOffences, part: range, edges: NDArray[np.float64], manhattan: bool
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    found: list[NDArray[np.int32]] = []
    bands: list[NDArray[np.int8]] = []
    for first, second in _candidates(offences, part):
        east, north = offences.x[first] - offences.x[second], offences.y[first] - offences.y[second]
        distance = np.abs(east) + np.abs(north) if manhattan else np.sqrt(east * east + north * north)
        band = np.searchsorted(edges, distance, side="right") - 1
        one_premises = (offences.premises[first] >= 0) & (offences.premises[first] == offences.premises[second])
        near = (band < len(edges) - 1) & ~one_premises
        found.append(np.stack((first[near], second[near])).astype(np.int32))
        bands.append(band[near].astype(np.int8))
    band = np.concatenate(bands)
    by_band = np.argsort(band, kind="stable")
    return np.concatenate(found, axis=1)[:, by_band], np.bincount(band, minlength=len(edges) - 1)


def _candidates(offences: OrderedOffences, part: range) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """List the pairs (offence, candidate) of a part in steps."""
    numbers = np.arange(part.start, part.stop)
    held = np.cumsum((offences.stop - offences.start)[:, numbers].sum(axis=0))
    for step in np.split(numbers, np.flatnonzero(np.diff(held // _CANDIDATES)) + 1):
        listed = [_expanded(step, start[step], stop[step]) for start, stop in zip(offences.start, offences.stop, strict=True)]
        yield tuple(np.concatenate(both) for both in zip(*listed, strict=True))


def _pairs_on_premises(offences: OrderedOffences, part: range) -> NDArray[np.int32]:
    order, place, partners = offences.same_premises
    numbers = np.arange(part.start, part.stop)
    first, other = _expanded(numbers, place[numbers] + 1, place[numbers] + 1 + partners[numbers])
    return np.stack((first, order[other])).astype(np.int32)


def _expanded(
    number: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List (number, start), (number, start + 1), … (number, stop − 1) for each number."""
    length = stop - start
    before = np.cumsum(length) - length
    return np.repeat(number, length), np.arange(length.sum()) + np.repeat(start - before, length)
