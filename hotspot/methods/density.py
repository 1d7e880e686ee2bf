"""Kernel density: how many offences per square kilometre, spread over a neighbourhood.

References
----------
Silverman, B. W. (1986), Density Estimation for Statistics and Data Analysis, section 4.2 (kernels, equation 4.5).
Diggle, P. J. (1985), A kernel method for smoothing point process data, Applied Statistics 34: 138–147 (edge correction).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d
from scipy.signal import fftconvolve
from scipy.special import erf
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.methods.bandwidth import (
    GAUSSIAN,
    KERNELS,
    QUARTIC,
    Suggestion,
    checked_kernel,
    equal_variance,
    suggested_bandwidth,
)
from hotspot.methods.coverage import cell_fractions

__all__ = [
    "GAUSSIAN",
    "KERNELS",
    "QUARTIC",
    "DensitySurface",
    "Suggestion",
    "density",
    "edge_mass",
    "equal_variance",
    "kernel_sum",
    "suggested_bandwidth",
]

VERSION = 1
"""Rises when the same input would give other values; part of every cache key."""
PER_KM2 = 1e6
TAIL = 5.0
"""Standard deviations after which a gaussian on a grid is cut; 4 in 1,000,000 of its mass lie beyond."""
BINNED_FROM = 3.0
"""Cells per standard deviation from which a gaussian is summed by binning, where that is exact to 1 in 1,000."""
SPILL = 3
"""Cells round the padded grid from which a position's shares can still reach into it."""
LEAST_MASS = 0.1
"""An edge correction multiplies by ten at most: a narrow spike of the outline is not blown up."""
CHUNK = 100_000
"""Kernel values computed at once, so that they stay in the processor's cache."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DensitySurface:
    """Offences per square kilometre on a grid, and what they were computed from."""

    grid: Grid
    values: Floats
    """Offences per km² at the cell centres, shape ``grid.shape`` (rows north to south); 0 beyond the window."""
    bandwidth: float
    """Metres: radius h for quartic, standard deviation σ for gaussian."""
    kernel: str
    count: int
    """Offences given, those beyond the grid included."""
    weight_total: float
    """Sum of their weights."""
    edge_corrected: bool
    version: int = VERSION


def kernel_sum(
    x: Floats, y: Floats, *, at_x: Floats, at_y: Floats, bandwidth: float, kernel: str, weight: Floats | None = None
) -> Floats:
    """Sum the kernels of all offences at given points: exact, nothing truncated.

    Quartic K(d) = 3/(πh²)·(1 − d²/h²)² for d < h; gaussian K(d) = exp(−d²/2σ²)/(2πσ²).

    Parameters
    ----------
    x, y
        Offences, metres.
    at_x, at_y
        Points to evaluate at, metres.
    weight
        Weight of each offence; 1 where None.

    Returns
    -------
    NDArray
        Offences per km², in the order of ``at_x``.
    """
    checked_kernel(kernel, bandwidth)
    x, y, weight = _checked_points(x, y, weight)
    at_x, at_y = np.asarray(at_x, dtype=np.float64), np.asarray(at_y, dtype=np.float64)
    values = np.zeros(len(at_x))
    step = max(1, 1_000_000 // max(1, len(x)))
    for start in range(0, len(at_x), step):
        chunk = slice(start, start + step)
        squared = (at_x[chunk, None] - x) ** 2 + (at_y[chunk, None] - y) ** 2
        values[chunk] = _shape_of(squared / bandwidth**2, kernel) @ weight
    return values * _scale(kernel, bandwidth)


def density(
    x: Floats,
    y: Floats,
    *,
    grid: Grid,
    bandwidth: float,
    kernel: str,
    weight: Floats | None = None,
    window: BaseGeometry | None = None,
    mass: Floats | None = None,
) -> DensitySurface:
    """Estimate the density of offences at each cell centre of a grid.

    Offences beyond the grid but within the kernel's reach count as all others do: a grid crops the picture,
    not the data.

    Parameters
    ----------
    x, y
        Offences, metres.
    weight
        Weight of each offence (aoristic share); 1 where None.
    window
        The limit of the data. Given, each value is divided by the share of the kernel that lies inside it
        (uniform correction), and cells beyond it are 0.
    mass
        That share, computed before by ``edge_mass``; takes the place of ``window``.
    """
    checked_kernel(kernel, bandwidth)
    x, y, weight = _checked_points(x, y, weight)
    unique = _coalesced(x, y, weight)
    if kernel == GAUSSIAN and bandwidth >= BINNED_FROM * grid.cell_size:
        values = _binned_gaussian(*unique, grid=grid, sigma=bandwidth)
    else:
        values = _scattered(*unique, grid=grid, bandwidth=bandwidth, kernel=kernel)
    if window is not None and mass is None:
        mass = edge_mass(grid, window, bandwidth=bandwidth, kernel=kernel)
    if mass is not None:
        values = np.where(mass > 0, values / np.maximum(mass, LEAST_MASS), 0.0)
    return DensitySurface(grid, values, bandwidth, kernel, len(x), float(weight.sum()), mass is not None)


def edge_mass(grid: Grid, window: BaseGeometry, *, bandwidth: float, kernel: str) -> Floats:
    """Measure the share of a kernel at each cell centre that lies inside the window.

    It depends on the grid, the window and the kernel alone, so a caller may keep it and pass it to
    ``density`` for each new selection.

    Returns
    -------
    NDArray
        Shares 0 to 1, shape ``grid.shape``; 0 in cells that lie wholly beyond the window.
    """
    checked_kernel(kernel, bandwidth)
    weights = _cell_weights(bandwidth / grid.cell_size, kernel)
    reach = len(weights) // 2
    size = grid.cell_size
    padded = Grid(grid.west - reach * size, grid.north + reach * size, size, grid.rows + 2 * reach, grid.columns + 2 * reach)
    fractions = cell_fractions(padded, window)
    mass = np.clip(fftconvolve(fractions, weights, mode="valid"), 0.0, 1.0)
    return np.where(fractions[reach : reach + grid.rows, reach : reach + grid.columns] > 0, mass, 0.0)


def _checked_points(x: Floats, y: Floats, weight: Floats | None) -> tuple[Floats, Floats, Floats]:
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weight = np.ones(len(x)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not x.shape == y.shape == weight.shape:
        raise ValueError(f"x, y and weight differ in length: {x.shape}, {y.shape}, {weight.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("offences without a location cannot be on a density surface; select the located ones")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError("weights are finite and not negative")
    return x, y, weight


def _shape_of(ratio: Floats, kernel: str) -> Floats:
    """Give the kernel's height, 1 at its centre, at squared distances in units of the squared bandwidth."""
    if kernel == QUARTIC:
        return np.maximum(1.0 - ratio, 0.0) ** 2
    return np.exp(-0.5 * ratio)


def _scale(kernel: str, bandwidth: float) -> float:
    """Give the height at the centre with which a kernel holds one offence, per km²."""
    return PER_KM2 * (3.0 if kernel == QUARTIC else 0.5) / (math.pi * bandwidth**2)


def _coalesced(x: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Join offences at one position into one with their weights' sum, south to north."""
    order = np.lexsort((x, y))
    x, y, weight = x[order], y[order], weight[order]
    first = np.ones(len(x), dtype=bool)
    first[1:] = (np.diff(x) != 0) | (np.diff(y) != 0)
    starts = np.flatnonzero(first)
    return x[starts], y[starts], np.add.reduceat(weight, starts) if len(x) else weight


def _scattered(x: Floats, y: Floats, weight: Floats, *, grid: Grid, bandwidth: float, kernel: str) -> Floats:
    """Add each position's kernel to the cells within its reach.

    Every position gets a square block of cells. Blocks are made a chunk at a time, in order of northing, so
    that a chunk touches a narrow band of rows and stays in the processor's cache.
    """
    size = grid.cell_size
    reach = math.ceil((bandwidth if kernel == QUARTIC else TAIL * bandwidth) / size + 0.5) - 1
    row, column, _ = grid.cell_of(x, y)
    near = (row >= -reach) & (row < grid.rows + reach) & (column >= -reach) & (column < grid.columns + reach)
    x, y, weight, row, column = x[near], y[near], weight[near], row[near] + reach, column[near] + reach
    centre_x = grid.west + (np.arange(-2 * reach, grid.columns + 2 * reach) + 0.5) * size
    centre_y = grid.north - (np.arange(-2 * reach, grid.rows + 2 * reach) + 0.5) * size
    padded = np.zeros((len(centre_y), len(centre_x)))
    width, side = len(centre_x), 2 * reach + 1
    offset = np.arange(side)
    within_block = offset[:, None] * width + offset
    step = max(1, CHUNK // side**2)
    for start in range(0, len(x), step):
        chunk = slice(start, start + step)
        east = (x[chunk, None] - centre_x[column[chunk, None] + offset]) / bandwidth
        north = (y[chunk, None] - centre_y[row[chunk, None] + offset]) / bandwidth
        blocks = _blocks(east**2, north**2, weight[chunk], kernel)
        top = int(row[chunk].min())
        rows = int(row[chunk].max()) - top + side
        cell = ((row[chunk] - top) * width + column[chunk])[:, None, None] + within_block
        band = np.bincount(cell.ravel(), weights=blocks.ravel(), minlength=rows * width)
        padded[top : top + rows] += band.reshape(rows, width)
    inner = padded[2 * reach : 2 * reach + grid.rows, 2 * reach : 2 * reach + grid.columns]
    return inner * _scale(kernel, bandwidth)


def _blocks(east: Floats, north: Floats, weight: Floats, kernel: str) -> Floats:
    """Give each position's weighted kernel heights, shape (positions, rows, columns), from squared offsets."""
    if kernel == GAUSSIAN:
        return (weight[:, None] * np.exp(-0.5 * north))[:, :, None] * np.exp(-0.5 * east)[:, None, :]
    # The weight goes in as its root before squaring: one pass over the blocks fewer.
    root = np.sqrt(weight)[:, None]
    blocks = (root * (1.0 - north))[:, :, None] - (root * east)[:, None, :]
    np.maximum(blocks, 0.0, out=blocks)
    return np.multiply(blocks, blocks, out=blocks)


def _binned_gaussian(x: Floats, y: Floats, weight: Floats, *, grid: Grid, sigma: float) -> Floats:
    """Share each position among the 4 × 4 nearest cell centres, then smooth rows and columns.

    The shares are those of cubic interpolation, so that mean, variance and skew of what is shared stay the
    position's own; sharing linearly would widen the kernel by up to a quarter of a cell squared.
    """
    reach = math.ceil(TAIL * sigma / grid.cell_size)
    pad = reach + SPILL
    shape = (grid.rows + 2 * pad, grid.columns + 2 * pad)
    east = (x - grid.west) / grid.cell_size - 0.5 + pad
    south = (grid.north - y) / grid.cell_size - 0.5 + pad
    near = (east >= 1) & (east < shape[1] - 2) & (south >= 1) & (south < shape[0] - 2)
    column, row = np.floor(east[near]).astype(np.int64) - 1, np.floor(south[near]).astype(np.int64) - 1
    shares = _cubic_shares(south[near] - row - 1)[:, :, None] * _cubic_shares(east[near] - column - 1)[:, None, :]
    cell = (row * shape[1] + column)[:, None, None] + (np.arange(4)[:, None] * shape[1] + np.arange(4))
    binned = np.zeros(shape[0] * shape[1])
    binned += np.bincount(cell.ravel(), weights=(weight[near, None, None] * shares).ravel(), minlength=len(binned))
    profile = np.exp(-0.5 * (np.arange(-reach, reach + 1) * grid.cell_size / sigma) ** 2)
    smoothed = convolve1d(binned.reshape(shape)[SPILL:-SPILL, SPILL:-SPILL], profile, axis=0, mode="constant")[reach:-reach]
    values = convolve1d(smoothed, profile, axis=1, mode="constant")[:, reach:-reach]
    # Cubic shares are partly negative, so that far tails can fall below 0 by rounding.
    return np.maximum(values, 0.0) * _scale(GAUSSIAN, sigma)


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


def _cell_weights(bandwidth: float, kernel: str) -> Floats:
    """Integrate a kernel (bandwidth in cells) at a cell's centre over each cell around it; the sum is 1."""
    if kernel == GAUSSIAN:
        reach = math.ceil(6.0 * bandwidth)
        edges = np.arange(-reach, reach + 2) - 0.5
        profile = np.diff(erf(edges / (math.sqrt(2.0) * bandwidth)))
        weights = profile[:, None] * profile
    else:
        reach = math.ceil(bandwidth + 0.5) - 1
        nodes, node_weights = np.polynomial.legendre.leggauss(8)
        places = (np.arange(-reach, reach + 1)[:, None] + nodes / 2).ravel()
        heights = _shape_of((places[:, None] ** 2 + places**2) / bandwidth**2, QUARTIC)
        shares = np.tile(node_weights, 2 * reach + 1)
        side = 2 * reach + 1
        weights = (heights * shares[:, None] * shares).reshape(side, 8, side, 8).sum(axis=(1, 3))
    return weights / weights.sum()
