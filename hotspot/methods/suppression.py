"""Small counts and references for eyes outside the force.

Counts of 1 to 4 are hidden; 0 is shown, since it says that nothing happened to anybody. Further cells are hidden
with them (secondary suppression), so that no hidden cell can be worked out from the rest of the table and its
totals, not even by a reader who knows which hidden cells are under 5.

A cell's value can be worked out exactly when no other table with the same shown cells exists. Rows and columns are
the nodes of a network and hidden cells its arcs: another table exists just when the cell lies on a cycle along which
values can go up and down by one in turn. Each exposed cell is given the cycle that hides least.

References
----------
Cox, L. H. (1995), Network models for complementary cell suppression, Journal of the American Statistical
Association 90: 1453–1462.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST_SHOWN = 5
"""Counts from 1 up to and without this are hidden."""
UNDER_5, HIDDEN = "<5", "hidden"
"""How a hidden cell is shown: small itself, or hidden to protect others."""
MASK = "•••"
SHOWN_CHARACTERS = 3
LEAST_REFERENCE = 8
"""References shorter than this are masked whole: three characters of so few would tell too much."""
RELABEL = 1e12
"""Cost of no longer saying '<5' of a cell: a last resort, after every other cell of the table."""


@dataclass(frozen=True, eq=False)
class SuppressedTable:
    """A table of counts with its totals, safe to show outside the force."""

    cells: NDArray[np.object_]
    """Counts (int), '<5' or 'hidden', of the shape given."""
    row_totals: NDArray[np.object_]
    """One per row; empty for a list."""
    column_totals: NDArray[np.object_]
    """One per column; empty for a list."""
    total: int | str

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Which of the cells are hidden, of their shape."""
        return np.vectorize(lambda cell: isinstance(cell, str), otypes=[bool])(self.cells)


@dataclass
class _Arc:
    """A cell of the table: adding one to it carries one unit from ``tail`` to ``head``."""

    tail: int
    head: int
    value: int
    cost: float
    hidden: bool
    small: bool
    """Shown as '<5': a reader knows that it is 1 to 4."""

    def room(self, step: int) -> float:
        """Give the cost of moving by +1 or −1 as a reader sees it: 0, the cost of hiding, or ∞ (impossible)."""
        if self.value == 0:
            return math.inf
        moved = self.value + step
        if self.small:
            return 0.0 if 1 <= moved < LEAST_SHOWN else RELABEL if moved >= LEAST_SHOWN else math.inf
        if self.value < LEAST_SHOWN:
            return 0.0 if moved >= 1 else math.inf
        if moved < LEAST_SHOWN:
            return math.inf
        return 0.0 if self.hidden else self.cost


_Path = list[tuple[_Arc, int]]
_Steps = dict[int, list[tuple[_Arc, int, int]]]


def suppress(counts: ArrayLike) -> SuppressedTable:
    """Hide small counts of a list or a table with its totals, and what would give them away.

    Parameters
    ----------
    counts
        Whole counts: a list with a total, or rows and columns with totals of both.

    Raises
    ------
    ValueError
        If a count is negative or not whole, or the table has more than two dimensions.
    """
    table = np.asarray(counts)
    if table.ndim not in (1, 2) or (table < 0).any() or (table != np.rint(table)).any():
        raise ValueError("suppression takes whole, non-negative counts in a list or in rows and columns")
    table = table.astype(np.int64)
    arcs = _list_arcs(table) if table.ndim == 1 else _table_arcs(table)
    steps = _steps(arcs)
    for arc in arcs:
        if arc.hidden:
            _hide(_cheapest_cycle(steps, arc))
    return _shown(table, [_label(arc) for arc in arcs])


def mask_reference(reference: str) -> str:
    """Mask a premises, victim or vehicle reference: '10012345678' → '•••678'.

    Equal masks do not mean equal references. A reference of fewer than eight characters is masked whole.
    """
    text = str(reference).strip()
    return MASK + text[-SHOWN_CHARACTERS:] if len(text) >= LEAST_REFERENCE else MASK


def unmasked(reference: str) -> str:
    """Leave a reference as it is: for whoever asked to see it, and is written into the audit log."""
    return reference


def _arc(tail: int, head: int, value: int, extra: float = 0.0) -> _Arc:
    small = 1 <= value < LEAST_SHOWN
    return _Arc(tail, head, value, 1.0 + value + extra, small, small)


def _list_arcs(counts: NDArray[np.int64]) -> list[_Arc]:
    """Lay cells from node 0 to node 1 and the total back."""
    total = int(counts.sum())
    return [*(_arc(0, 1, value) for value in counts.tolist()), _arc(1, 0, total, 2.0 * total)]


def _table_arcs(counts: NDArray[np.int64]) -> list[_Arc]:
    """Lay cells from row to column, totals back: cells by rows, row totals, column totals, the total."""
    rows, columns = counts.shape
    total = int(counts.sum())
    column_of_totals, row_of_totals = rows + columns, rows + columns + 1
    arcs = [_arc(i, rows + j, int(counts[i, j])) for i in range(rows) for j in range(columns)]
    # A total costs more than any cell, the grand total more than any other: they are hidden last.
    arcs += [_arc(column_of_totals, i, int(counts[i].sum()), 2.0 * total) for i in range(rows)]
    arcs += [_arc(rows + j, row_of_totals, int(counts[:, j].sum()), 2.0 * total) for j in range(columns)]
    return [*arcs, _arc(row_of_totals, column_of_totals, total, 10.0 * total)]


def _steps(arcs: list[_Arc]) -> _Steps:
    """List the cells that touch each node: +1 leads from tail to head, −1 back."""
    steps: _Steps = defaultdict(list)
    for arc in arcs:
        steps[arc.tail].append((arc, 1, arc.head))
        steps[arc.head].append((arc, -1, arc.tail))
    return steps


def _cheapest_cycle(steps: _Steps, arc: _Arc) -> _Path:
    """Find the cells to hide so that a hidden cell can be one more or one less; those hidden already cost nothing."""
    ways = []
    for step, start, end in ((1, arc.head, arc.tail), (-1, arc.tail, arc.head)):
        room = arc.room(step)
        if math.isfinite(room):
            cost, path = _cheapest_path(steps, start, end, without=arc)
            ways.append((room + cost, [(arc, step), *path]))
    return min(ways, key=lambda way: way[0])[1]


def _cheapest_path(steps: _Steps, start: int, end: int, *, without: _Arc) -> tuple[float, _Path]:
    """Find the path of least cost over the cells (Dijkstra)."""
    best = {start: 0.0}
    came: dict[int, tuple[int, _Arc, int]] = {}
    queue = [(0.0, start)]
    while queue and best.get(end) != 0.0:
        cost, node = heapq.heappop(queue)
        for arc, step, other in steps[node]:
            total = cost + arc.room(step) if arc is not without else math.inf
            if total < best.get(other, math.inf):
                best[other] = total
                came[other] = (node, arc, step)
                heapq.heappush(queue, (total, other))
                if other == end and total == 0.0:
                    break
    path, node = [], end
    while node in came and node != start:
        node, arc, step = came[node]
        path.append((arc, step))
    return best.get(end, math.inf), path


def _hide(cycle: _Path) -> None:
    """Hide the cells of a cycle; one that must be able to reach 5 is no longer shown as '<5'."""
    for arc, step in cycle:
        arc.hidden = True
        arc.small = arc.small and arc.value + step < LEAST_SHOWN


def _label(arc: _Arc) -> int | str:
    return UNDER_5 if arc.small else HIDDEN if arc.hidden else arc.value


def _shown(counts: NDArray[np.int64], labels: list[int | str]) -> SuppressedTable:
    everything = np.array(labels, dtype=object)
    if counts.ndim == 1:
        none = np.array([], dtype=object)
        return SuppressedTable(everything[:-1], none, none, labels[-1])
    rows, columns = counts.shape
    size = rows * columns
    return SuppressedTable(
        cells=everything[:size].reshape(rows, columns),
        row_totals=everything[size : size + rows],
        column_totals=everything[size + rows : size + rows + columns],
        total=labels[-1],
    )
