"""Adaptive bandwidths: narrow where offences are dense, wide where they are sparse.

References
----------
Abramson, I. S. (1982), On bandwidth variation in kernel estimates: a square root law, Annals of Statistics 10: 1217–1223.
Davies, T. M. and Hazelton, M. L. (2010), Adaptive kernel estimation of spatial relative risk, Statistics in Medicine
29: 2423–2437 (the pilot, its edge correction, the geometric mean).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotspot.errors import BadInput
from hotspot.grid import Grid
from hotspot.methods.binning import binned_gaussian, interpolated
from hotspot.methods.kernels import GAUSSIAN, Floats, equal_variance

FACTORS = (1 / 3, 3.0)
"""A bandwidth is held between a third and three times the chosen one: no offence becomes a spike, none covers a town."""
PILOT = GAUSSIAN
"""The pilot is smooth and the same for all kernels, so that a change of kernel keeps the factors."""
CELLS_PER_SIGMA = 3.0
MOST_CELLS = 16_000_000


@dataclass(frozen=True, eq=False)
class Pilot:
    """A first surface at a fixed bandwidth, which sets the bandwidth of each place."""

    grid: Grid
    values: Floats
    """Offences per km² at the cell centres, not edge-corrected."""

    def density_at(self, x: Floats, y: Floats) -> Floats:
        """Give the pilot's density, offences per km²."""
        return interpolated(self.values, grid=self.grid, x=x, y=y)


def pilot_of(x: Floats, y: Floats, weight: Floats, *, grid: Grid, bandwidth: float, kernel: str) -> Pilot:
    """Smooth all offences by a gaussian of equal variance, on cells that cover them and the grid.

    The cells lie on multiples of their size, so that an offence's bandwidth does not depend on the picture.

    Raises
    ------
    BadInput
        If the cells would be too many.
    """
    sigma = equal_variance(bandwidth, source=kernel, target=PILOT)
    cell = sigma / CELLS_PER_SIGMA
    west, south, east, north = grid.bounds
    margin = 3 * cell
    bounds = (
        min(west, float(x.min())) - margin,
        min(south, float(y.min())) - margin,
        max(east, float(x.max())) + margin,
        max(north, float(y.max())) + margin,
    )
    if (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) > MOST_CELLS * cell**2:
        raise BadInput(
            f"An adaptive bandwidth of {bandwidth:,.0f} m over so wide an area would need more than {MOST_CELLS:,} cells. "
            "Choose a wider bandwidth, or the fixed one."
        )
    covering = Grid.covering(bounds, cell_size=cell)
    return Pilot(covering, binned_gaussian(x, y, weight, grid=covering, sigma=sigma))


def factors(density: Floats, *, geometric_mean: float) -> Floats:
    """Give Abramson's factors (f̃/g)^(−1/2) of the bandwidth, held within ``FACTORS``."""
    # Interpolated between cells, a pilot's far tail can fall below 0.
    with np.errstate(divide="ignore"):
        return np.clip(np.sqrt(geometric_mean / np.maximum(density, 0.0)), *FACTORS)


def geometric_mean(density: Floats, weight: Floats) -> float:
    """Give the geometric mean of a pilot's density at the offences, each by its weight: there the factor is 1."""
    return float(np.exp(np.average(np.log(density), weights=weight)))
