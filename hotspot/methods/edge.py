"""Edge correction: how much of a kernel lies inside the limit of the data.

By the fraction of each cell that lies inside, not by a mask of cells: a mask errs by up to a quarter.

References
----------
Diggle, P. J. (1985), A kernel method for smoothing point process data, Applied Statistics 34: 138–147.
Jones, M. C. (1993), Simple boundary correction for kernel density estimation, Statistics and Computing 3: 135–146.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.signal import fftconvolve
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.methods.adaptive import FACTORS, PILOT
from hotspot.methods.binning import interpolated, padded_grid
from hotspot.methods.coverage import cell_fractions
from hotspot.methods.kernels import QUARTIC, Floats, cell_weights, checked_kernel, equal_variance

NONE, UNIFORM, DIGGLE = "none", "uniform", "diggle"
EDGES = (UNIFORM, DIGGLE, NONE)
LEAST_MASS = 0.1
"""An edge correction multiplies by ten at most: a narrow spike of the outline is not blown up."""
RUNG = 2 ** (1 / 3)
"""Ratio of neighbouring bandwidths between which an adaptive kernel's mass is interpolated."""
CELLS_PER_RADIUS = 6
"""The masses of adaptive bandwidths are measured on cells no finer than they need to be."""
MARGIN = 3
"""Cells round the window within which a mass can be interpolated."""
MassLevel = tuple[Grid, Floats]
"""A grid over the window and a kernel's mass at its cell centres."""


@dataclass(frozen=True, eq=False)
class KernelMass:
    """The share of a kernel inside a window, wherever in it the kernel stands and however wide it is."""

    base: Grid
    fractions: Floats
    """Fraction of each cell of ``base`` inside the window."""
    bandwidths: Floats
    """Metres, ascending: those whose mass was measured."""
    levels: tuple[MassLevel, ...]
    """One per bandwidth."""
    pilot: MassLevel | None
    """The same for the pilot of adaptive bandwidths; None for a fixed bandwidth."""

    def divisor(self, x: Floats, y: Floats, *, bandwidth: Floats) -> Floats:
        """Give what a kernel's height at each place is divided by: its mass, at least a tenth; 1 beyond the window."""
        return self._held(x, y, self._mass(x, y, bandwidth))

    def pilot_divisor(self, x: Floats, y: Floats) -> Floats:
        """Give what the pilot's density at each place is divided by."""
        assert self.pilot is not None
        return self._held(x, y, interpolated(self.pilot[1], grid=self.pilot[0], x=x, y=y))

    def touches(self, x: Floats, y: Floats) -> np.ndarray:
        """Say whether the cell of each place has a part inside the window."""
        row, column, on_grid = self.base.cell_of(x, y)
        found = np.zeros(len(x), dtype=bool)
        found[on_grid] = self.fractions[row[on_grid], column[on_grid]] > 0
        return found

    def _held(self, x: Floats, y: Floats, mass: Floats) -> Floats:
        return np.where(self.touches(x, y), np.clip(mass, LEAST_MASS, 1.0), 1.0)

    def _mass(self, x: Floats, y: Floats, bandwidth: Floats) -> Floats:
        if len(self.levels) == 1:
            grid, values = self.levels[0]
            return interpolated(values, grid=grid, x=x, y=y)
        place = np.interp(np.log(bandwidth), np.log(self.bandwidths), np.arange(len(self.levels), dtype=np.float64))
        lower = np.minimum(place.astype(np.int64), len(self.levels) - 2)
        mass = np.zeros(len(x))
        for level, (grid, values) in enumerate(self.levels):
            share = np.maximum(1.0 - np.abs(place - level), 0.0)
            which = np.flatnonzero(((lower == level) | (lower + 1 == level)) & (share > 0))
            mass[which] += share[which] * interpolated(values, grid=grid, x=x[which], y=y[which])
        return mass


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
    weights = cell_weights(bandwidth / grid.cell_size, kernel)
    reach = len(weights) // 2
    fractions = cell_fractions(padded_grid(grid, cells=reach), window)
    mass = np.clip(fftconvolve(fractions, weights, mode="valid"), 0.0, 1.0)
    return np.where(fractions[reach : reach + grid.rows, reach : reach + grid.columns] > 0, mass, 0.0)


def kernel_mass(
    window: BaseGeometry,
    *,
    cell_size: float,
    bandwidth: float,
    kernel: str,
    adaptive: bool,
    level: Callable[[float, str], MassLevel] | None = None,
) -> KernelMass:
    """Measure a kernel's mass all over a window, for one bandwidth or for all that adaptive ones may take.

    It depends on none of the offences, so a caller may keep it.

    Parameters
    ----------
    cell_size
        Metres: of the picture; wide kernels are measured on multiples of it.
    level
        Gives the mass of one bandwidth and kernel, where a caller keeps those: adaptive kernels of several bandwidths share
        them, because the rungs are powers of one ratio. Else ``mass_level`` of this window and cell size.
    """
    checked_kernel(kernel, bandwidth)
    base = _grid_over(window, cell_size)
    fractions = cell_fractions(base, window)
    if not adaptive:
        mass = fftconvolve(fractions, cell_weights(bandwidth / cell_size, kernel), mode="same")
        return KernelMass(base, fractions, np.array([bandwidth]), ((base, mass),), None)
    measured = level or partial(mass_level, window, cell_size)
    first, last = (math.log(bandwidth * factor, RUNG) for factor in FACTORS)
    bandwidths = RUNG ** np.arange(math.floor(first), math.ceil(last) + 1, dtype=np.float64)
    levels = tuple(measured(one, kernel) for one in bandwidths.tolist())
    sigma = equal_variance(bandwidth, source=kernel, target=PILOT)
    return KernelMass(base, fractions, bandwidths, levels, measured(sigma, PILOT))


def mass_for(
    grid: Grid, window: BaseGeometry, *, bandwidth: float, kernel: str, edge: str, adaptive: bool
) -> Floats | KernelMass | None:
    """Measure what ``density`` needs for an edge correction; None where there is none."""
    if edge == NONE:
        return None
    if edge == UNIFORM and not adaptive:
        return edge_mass(grid, window, bandwidth=bandwidth, kernel=kernel)
    return kernel_mass(window, cell_size=grid.cell_size, bandwidth=bandwidth, kernel=kernel, adaptive=adaptive)


def _grid_over(window: BaseGeometry, cell_size: float) -> Grid:
    return padded_grid(Grid.covering(window.bounds, cell_size=cell_size), cells=MARGIN)


def mass_level(window: BaseGeometry, cell_size: float, bandwidth: float, kernel: str) -> MassLevel:
    """Measure the mass of one bandwidth at the cell centres of a grid over the window."""
    radius = equal_variance(bandwidth, source=kernel, target=QUARTIC)
    cell = cell_size * max(1, int(radius / (CELLS_PER_RADIUS * cell_size)))
    grid = _grid_over(window, cell)
    return grid, fftconvolve(cell_fractions(grid, window), cell_weights(bandwidth / cell, kernel), mode="same")
