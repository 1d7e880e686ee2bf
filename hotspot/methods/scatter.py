"""Kernels added to the cells of a grid, one position at a time: exact at every cell centre.

Compiled loops do it where they are loaded (``compiled.scatter``), numpy does it until then; both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import ModuleType

import numpy as np

from hotspot.grid import Grid
from hotspot.methods import compiled
from hotspot.methods.kernels import FINITE, GAUSSIAN, QUARTIC, TAIL, Floats, radius_of, scale_of, shape_of

CHUNK = 100_000
"""Kernel values computed at once, so that they stay in the processor's cache."""
THREADS = 2
ONE_THREAD = 5_000
"""Positions up to which a second thread costs more than it saves."""
SAMPLE = 2_048
"""Positions looked at to see whether joining equal ones would pay."""


def coalesced(x: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Join offences at one position into one with their weights' sum, where that saves more than it costs.

    It pays where under half of the positions are different, as on snapped points: known from a sample. Without
    compiled loops positions are sorted anyway, from south to north, for ``scattered``.
    """
    loops = compiled.ready("scatter")
    if loops is None:
        return _sorted(x, y, weight)
    if not _repeats_itself(x, y):
        return x, y, weight
    joined = np.empty((3, len(x)))
    left = loops.join(x, y, weight, *joined)
    return joined[0, :left], joined[1, :left], joined[2, :left]


def _repeats_itself(x: Floats, y: Floats) -> bool:
    """Guess from a sample whether under half of the positions are different."""
    step = max(1, len(x) // SAMPLE)
    sample = x[::step] + 1j * y[::step]
    equal = len(sample) - len(np.unique(sample))
    # Of so many positions, each of which stands k times, a sample of m holds about m²·k/2n equal pairs.
    return equal > 0 and equal >= min(len(sample) ** 2 / len(x), len(sample) / 2)


def _sorted(x: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    order = np.lexsort((x, y))
    x, y, weight = x[order], y[order], weight[order]
    first = np.ones(len(x), dtype=bool)
    first[1:] = (np.diff(x) != 0) | (np.diff(y) != 0)
    starts = np.flatnonzero(first)
    return x[starts], y[starts], np.add.reduceat(weight, starts) if len(x) else weight


def scattered(x: Floats, y: Floats, weight: Floats, *, grid: Grid, bandwidth: float | Floats, kernel: str) -> Floats:
    """Add each position's kernel to the cells within its reach.

    Parameters
    ----------
    bandwidth
        Metres: one for all, or one for each position.

    Returns
    -------
    NDArray
        Offences per km² at the cell centres, shape ``grid.shape``.
    """
    height = weight * scale_of(bandwidth, kernel)
    widths = np.atleast_1d(np.asarray(bandwidth, dtype=np.float64))
    loops = compiled.ready("scatter")
    if loops is None:
        return _scattered_in_numpy(x, y, height, grid=grid, bandwidth=widths, kernel=kernel)
    return _scattered_compiled(loops, x, y, height, grid=grid, bandwidth=widths, kernel=kernel)


def _scattered_compiled(
    loops: ModuleType, x: Floats, y: Floats, height: Floats, *, grid: Grid, bandwidth: Floats, kernel: str
) -> Floats:
    add, last = (loops.add_finite, kernel == QUARTIC) if kernel in FINITE else (loops.add_gaussian, TAIL)

    def part(positions: slice) -> Floats:
        cells = np.zeros(grid.shape)
        widths = bandwidth if len(bandwidth) == 1 else bandwidth[positions]
        add(x[positions], y[positions], height[positions], widths, grid.west, grid.north, grid.cell_size, last, cells)
        return cells

    return in_parts(part, len(x))


def in_parts(part: Callable[[slice], Floats], count: int) -> Floats:
    """Add up what two threads make of two halves: always the same halves, so always the same sum."""
    if count <= ONE_THREAD:
        return part(slice(0, count))
    cuts = np.linspace(0, count, THREADS + 1).astype(int).tolist()
    with ThreadPoolExecutor(THREADS) as pool:
        first, second = pool.map(part, [slice(begin, end) for begin, end in pairwise(cuts)])
    return np.add(first, second, out=first)


def _scattered_in_numpy(x: Floats, y: Floats, height: Floats, *, grid: Grid, bandwidth: Floats, kernel: str) -> Floats:
    """Add blocks of cells, those of one width together."""
    size = grid.cell_size
    bandwidth = np.broadcast_to(bandwidth, x.shape)
    reach = np.ceil(radius_of(bandwidth, kernel) / size + 0.5).astype(np.int64) - 1
    column = np.floor((x - grid.west) / size).astype(np.int64)
    row = np.floor((grid.north - y) / size).astype(np.int64)
    near = (row >= -reach) & (row < grid.rows + reach) & (column >= -reach) & (column < grid.columns + reach)
    values = np.zeros(grid.shape)
    for one in np.unique(reach[near]).tolist():
        which = np.flatnonzero(near & (reach == one))
        parts = (x[which], y[which], height[which], bandwidth[which], row[which], column[which])
        values += _blocks_added(*parts, grid=grid, reach=one, kernel=kernel)
    return values


def _blocks_added(
    x: Floats,
    y: Floats,
    height: Floats,
    bandwidth: Floats,
    row: np.ndarray,
    column: np.ndarray,
    *,
    grid: Grid,
    reach: int,
    kernel: str,
) -> Floats:
    """Add a block of (2·reach + 1)² cells for each position, a chunk at a time.

    Positions come from south to north, so that a chunk touches a narrow band of rows and stays in the processor's cache.
    """
    size, side = grid.cell_size, 2 * reach + 1
    centre_x = grid.west + (np.arange(-2 * reach, grid.columns + 2 * reach) + 0.5) * size
    centre_y = grid.north - (np.arange(-2 * reach, grid.rows + 2 * reach) + 0.5) * size
    padded = np.zeros((len(centre_y), len(centre_x)))
    width, offset = len(centre_x), np.arange(side)
    row, column = row + reach, column + reach
    within_block = offset[:, None] * width + offset
    step = max(1, CHUNK // side**2)
    for start in range(0, len(x), step):
        chunk = slice(start, start + step)
        east = (x[chunk, None] - centre_x[column[chunk, None] + offset]) / bandwidth[chunk, None]
        north = (y[chunk, None] - centre_y[row[chunk, None] + offset]) / bandwidth[chunk, None]
        blocks = _blocks(east**2, north**2, height[chunk], kernel)
        top = int(row[chunk].min())
        rows = int(row[chunk].max()) - top + side
        cell = ((row[chunk] - top) * width + column[chunk])[:, None, None] + within_block
        band = np.bincount(cell.ravel(), weights=blocks.ravel(), minlength=rows * width)
        padded[top : top + rows] += band.reshape(rows, width)
    return padded[2 * reach : 2 * reach + grid.rows, 2 * reach : 2 * reach + grid.columns]


def _blocks(east: Floats, north: Floats, height: Floats, kernel: str) -> Floats:
    """Give each position's kernel, shape (positions, rows, columns), from squared offsets in bandwidths."""
    if kernel == GAUSSIAN:
        return (height[:, None] * np.exp(-0.5 * north))[:, :, None] * np.exp(-0.5 * east)[:, None, :]
    return height[:, None, None] * shape_of(north[:, :, None] + east[:, None, :], kernel)
