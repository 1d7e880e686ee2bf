"""Gaussian surfaces by binning: positions shared among cells, then rows and columns smoothed."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import numpy as np
from scipy.ndimage import convolve1d

from hotspot.grid import Grid
from hotspot.methods import compiled
from hotspot.methods.kernels import GAUSSIAN, TAIL, Floats, scale_of
from hotspot.methods.scatter import THREADS, in_parts

BINNED_FROM = 3.0
"""Cells per standard deviation from which binning is exact to 1 in 1,000; below it every position is summed."""
SPILL = 3
"""Cells round the padded grid from which a position's shares can still reach into it."""


def binned_gaussian(x: Floats, y: Floats, weight: Floats, *, grid: Grid, sigma: float) -> Floats:
    """Share each position among the 4 × 4 nearest cell centres, then smooth rows and columns.

    The shares are those of cubic interpolation, so that mean, variance and skew of what is shared stay the
    position's own; sharing linearly would widen the kernel of a position by up to a quarter of a cell squared.

    Returns
    -------
    NDArray
        Offences per km² at the cell centres, shape ``grid.shape``.
    """
    reach = math.ceil(TAIL * sigma / grid.cell_size)
    profile = np.exp(-0.5 * (np.arange(-reach, reach + 1) * grid.cell_size / sigma) ** 2)
    padded = padded_grid(grid, cells=reach + SPILL)
    loops = compiled.ready("scatter")
    shared = _shared_in_numpy(x, y, weight, padded) if loops is None else _shared_compiled(loops, x, y, weight, padded)
    values = smoothed(shared[SPILL:-SPILL, SPILL:-SPILL], profile)
    # Cubic shares are partly negative, so that far tails can fall below 0 by rounding.
    return np.maximum(values, 0.0, out=values) * scale_of(sigma, GAUSSIAN)


def smoothed(cells: Floats, profile: Floats) -> Floats:
    """Smooth rows and columns by a symmetric profile, whose reach is cropped from every side."""
    loops = compiled.ready("scatter")
    reach = len(profile) // 2
    if loops is None:
        rows_smoothed = convolve1d(cells, profile, axis=0, mode="constant")[reach : len(cells) - reach]
        return convolve1d(rows_smoothed, profile, axis=1, mode="constant")[:, reach : cells.shape[1] - reach]
    cells = np.ascontiguousarray(cells)
    rows, columns = (length - 2 * reach for length in cells.shape)
    found = np.empty((rows, columns))
    cuts = np.linspace(0, rows, THREADS + 1).astype(int).tolist()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda begin, end: loops.smooth(cells, profile, found, begin, end), cuts, cuts[1:]))
    return found


def padded_grid(grid: Grid, *, cells: int) -> Grid:
    """Widen a grid by so many cells on each side."""
    size = grid.cell_size
    return Grid(grid.west - cells * size, grid.north + cells * size, size, grid.rows + 2 * cells, grid.columns + 2 * cells)


def interpolated(values: Floats, *, grid: Grid, x: Floats, y: Floats) -> Floats:
    """Interpolate a surface between the 4 × 4 cell centres nearest to each position, cubically.

    Parameters
    ----------
    values
        Shape ``grid.shape``.
    x, y
        Metres; two cells or more within the grid.
    """
    loops = compiled.ready("scatter")
    if loops is not None:
        found = np.empty(len(x))
        loops.look_up(np.ascontiguousarray(values), grid.west, grid.north, grid.cell_size, x, y, found)
        return found
    row, column, down, across = _shares(x, y, grid)
    found = np.zeros(len(x))
    for k in range(4):
        for m in range(4):
            found += down[:, k] * across[:, m] * values[row + k, column + m]
    return found


def _shared_compiled(loops: ModuleType, x: Floats, y: Floats, weight: Floats, grid: Grid) -> Floats:
    def part(positions: slice) -> Floats:
        cells = np.zeros(grid.shape)
        loops.share(x[positions], y[positions], weight[positions], grid.west, grid.north, grid.cell_size, cells)
        return cells

    return in_parts(part, len(x))


def _shared_in_numpy(x: Floats, y: Floats, weight: Floats, grid: Grid) -> Floats:
    east, south = (x - grid.west) / grid.cell_size - 0.5, (grid.north - y) / grid.cell_size - 0.5
    near = (east >= 1) & (east < grid.columns - 2) & (south >= 1) & (south < grid.rows - 2)
    row, column, down, across = _shares(x[near], y[near], grid)
    shares = weight[near, None, None] * down[:, :, None] * across[:, None, :]
    cell = (row * grid.columns + column)[:, None, None] + (np.arange(4)[:, None] * grid.columns + np.arange(4))
    binned = np.zeros(grid.rows * grid.columns)
    binned += np.bincount(cell.ravel(), weights=shares.ravel(), minlength=len(binned))
    return binned.reshape(grid.shape)


def _shares(x: Floats, y: Floats, grid: Grid) -> tuple[np.ndarray, np.ndarray, Floats, Floats]:
    """Give the first row and column of the 4 × 4 cells of each position, and the shares of rows and columns."""
    east, south = (x - grid.west) / grid.cell_size - 0.5, (grid.north - y) / grid.cell_size - 0.5
    column, row = np.floor(east).astype(np.int64) - 1, np.floor(south).astype(np.int64) - 1
    return row, column, _cubic_shares(south - row - 1), _cubic_shares(east - column - 1)


def _cubic_shares(offset: Floats) -> Floats:
    """Give the shares of cells −1, 0, 1 and 2 in a position ``offset`` (0 to 1) after cell 0, shape (positions, 4)."""
    t = offset
    return np.column_stack(
        [
            -t * (t - 1) * (t - 2) / 6,
            (t + 1) * (t - 1) * (t - 2) / 2,
            -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6,
        ]
    )
