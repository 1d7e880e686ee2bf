"""Kernel density: how many offences per square kilometre, spread over a neighbourhood.

References
----------
Silverman, B. W. (1986), Density Estimation for Statistics and Data Analysis, section 4.2 (kernels, equation 4.5).
Diggle, P. J. (1985), A kernel method for smoothing point process data, Applied Statistics 34: 138–147 (edge correction).
Abramson, I. S. (1982), On bandwidth variation in kernel estimates, Annals of Statistics 10: 1217–1223.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.methods.adaptive import FACTORS, PILOT, factors, geometric_mean, pilot_of
from hotspot.methods.bandwidth import Suggestion, suggested_bandwidth
from hotspot.methods.binning import BINNED_FROM, binned_gaussian
from hotspot.methods.edge import (
    DIGGLE,
    EDGES,
    LEAST_MASS,
    NONE,
    UNIFORM,
    KernelMass,
    MassLevel,
    edge_mass,
    kernel_mass,
    mass_for,
    mass_level,
)
from hotspot.methods.kernels import (
    EPANECHNIKOV,
    FINITE,
    GAUSSIAN,
    KERNELS,
    QUARTIC,
    Floats,
    checked_kernel,
    equal_variance,
    scale_of,
    shape_of,
)
from hotspot.methods.scatter import coalesced, scattered

__all__ = [
    "DIGGLE",
    "EDGES",
    "EPANECHNIKOV",
    "FACTORS",
    "FINITE",
    "GAUSSIAN",
    "KERNELS",
    "NONE",
    "QUARTIC",
    "UNIFORM",
    "DensitySurface",
    "KernelMass",
    "MassLevel",
    "Suggestion",
    "adaptive_kernel_sum",
    "density",
    "edge_mass",
    "equal_variance",
    "kernel_mass",
    "kernel_sum",
    "mass_for",
    "mass_level",
    "suggested_bandwidth",
]

VERSION = 2
"""Rises when the same input would give other values; part of every cache key."""
AT_ONCE = 1_000_000
"""Kernel values of an exact sum computed at once, for the memory's sake."""


@dataclass(frozen=True, eq=False)
class DensitySurface:
    """Offences per square kilometre on a grid, and what they were computed from."""

    grid: Grid
    values: Floats
    """Offences per km² at the cell centres, shape ``grid.shape`` (rows north to south); 0 beyond the window."""
    bandwidth: float
    """Metres: radius h of a finite kernel, standard deviation σ of a gaussian; of the pilot where it is adaptive."""
    kernel: str
    count: int
    """Offences given, those beyond the grid included."""
    weight_total: float
    """Sum of their weights."""
    edge: str
    """'none', 'uniform' or 'diggle'."""
    adaptive: bool = False
    narrowest: float = float("nan")
    """Metres: the least bandwidth of any offence; NaN where it is fixed."""
    widest: float = float("nan")
    version: int = VERSION

    @property
    def edge_corrected(self) -> bool:
        return self.edge != NONE


def kernel_sum(
    x: Floats,
    y: Floats,
    *,
    at_x: Floats,
    at_y: Floats,
    bandwidth: float | Floats,
    kernel: str,
    weight: Floats | None = None,
) -> Floats:
    """Sum the kernels of all offences at given points: exact, nothing truncated.

    Quartic K(d) = 3/(πh²)·(1 − d²/h²)² and epanechnikov K(d) = 2/(πh²)·(1 − d²/h²), both for d < h; gaussian
    K(d) = exp(−d²/2σ²)/(2πσ²).

    Parameters
    ----------
    x, y
        Offences, metres.
    at_x, at_y
        Points to evaluate at, metres.
    bandwidth
        Metres: one for all, or one for each offence.
    weight
        Weight of each offence; 1 where None.

    Returns
    -------
    NDArray
        Offences per km², in the order of ``at_x``.
    """
    widths = np.asarray(bandwidth, dtype=np.float64)
    checked_kernel(kernel, float(widths.min()) if widths.size else 1.0)
    x, y, weight = _checked_points(x, y, weight)
    at_x, at_y = np.asarray(at_x, dtype=np.float64), np.asarray(at_y, dtype=np.float64)
    heights = weight * scale_of(widths, kernel)
    values = np.zeros(len(at_x))
    step = max(1, AT_ONCE // max(1, len(x)))
    for start in range(0, len(at_x), step):
        chunk = slice(start, start + step)
        squared = (at_x[chunk, None] - x) ** 2 + (at_y[chunk, None] - y) ** 2
        values[chunk] = shape_of(squared / widths**2, kernel) @ heights
    return values


def adaptive_kernel_sum(
    x: Floats, y: Floats, *, at_x: Floats, at_y: Floats, bandwidth: float, kernel: str, weight: Floats | None = None
) -> Floats:
    """Sum adaptive kernels at given points, pilot and all: exact, without edge correction.

    The time grows with the square of the offences. For the parameters see ``kernel_sum``.
    """
    checked_kernel(kernel, bandwidth)
    x, y, weight = _checked_points(x, y, weight)
    if not weight.any():
        return np.zeros(len(at_x))
    sigma = equal_variance(bandwidth, source=kernel, target=PILOT)
    pilot = kernel_sum(x, y, at_x=x, at_y=y, bandwidth=sigma, kernel=PILOT, weight=weight)
    widths = bandwidth * factors(pilot, geometric_mean=geometric_mean(pilot, weight))
    return kernel_sum(x, y, at_x=at_x, at_y=at_y, bandwidth=widths, kernel=kernel, weight=weight)


def density(
    x: Floats,
    y: Floats,
    *,
    grid: Grid,
    bandwidth: float,
    kernel: str,
    weight: Floats | None = None,
    window: BaseGeometry | None = None,
    edge: str = UNIFORM,
    adaptive: bool = False,
    mass: Floats | KernelMass | None = None,
) -> DensitySurface:
    """Estimate the density of offences at each cell centre of a grid.

    Offences beyond the grid but within the kernel's reach count as all others do: a grid crops the picture,
    not the data.

    Parameters
    ----------
    x, y
        Offences, metres.
    weight
        Weight of each offence (aoristic share, harm); 1 where None.
    window
        The limit of the data. Given, the surface is corrected at it, and cells beyond it are 0.
    edge
        With a window: 'uniform' divides each value by the share of the kernel at the cell that lies inside;
        'diggle' divides each offence's kernel by its own share; 'none' corrects nothing.
    adaptive
        Each offence's bandwidth is ``bandwidth``·(f̃/g)^(−1/2), f̃ a gaussian pilot of equal variance, g its
        geometric mean over the offences, the factor held within ``FACTORS``.
    mass
        What ``mass_for`` measured before for the same window and settings; takes the place of ``window``.
    """
    checked_kernel(kernel, bandwidth)
    x, y, weight = _checked_points(x, y, weight)
    if window is not None and mass is None:
        mass = mass_for(grid, window, bandwidth=bandwidth, kernel=kernel, edge=edge, adaptive=adaptive)
    edge = edge if mass is not None else NONE
    _check_mass(mass, edge=edge, adaptive=adaptive)
    positions = coalesced(x, y, weight)
    settings = _Settings(grid, bandwidth, kernel, edge)
    if adaptive and weight.any():
        values, widths = _adaptive(*positions, settings=settings, mass=mass if isinstance(mass, KernelMass) else None)
    else:
        values, widths = _fixed(*positions, settings=settings, mass=mass), np.array([np.nan])
    narrowest, widest = float(widths.min()), float(widths.max())
    total = float(weight.sum())
    return DensitySurface(grid, values, bandwidth, kernel, len(x), total, edge, adaptive, narrowest, widest)


def _check_mass(mass: Floats | KernelMass | None, *, edge: str, adaptive: bool) -> None:
    """Refuse a mass that was measured for another correction: the surface would be called what it is not."""
    is_plain = edge == UNIFORM and not adaptive
    if mass is not None and isinstance(mass, KernelMass) == is_plain:
        raise ValueError(f"this mass was not measured for edge correction '{edge}' and adaptive={adaptive}: see mass_for")
    if isinstance(mass, KernelMass) and adaptive == (mass.pilot is None):
        raise ValueError(f"this mass was not measured for adaptive={adaptive}: see mass_for")


@dataclass(frozen=True)
class _Settings:
    grid: Grid
    bandwidth: float
    kernel: str
    edge: str


def _fixed(x: Floats, y: Floats, weight: Floats, *, settings: _Settings, mass: Floats | KernelMass | None) -> Floats:
    grid, bandwidth, kernel = settings.grid, settings.bandwidth, settings.kernel
    if isinstance(mass, KernelMass) and settings.edge == DIGGLE:
        weight = weight / mass.divisor(x, y, bandwidth=np.full(len(x), bandwidth))
    if kernel == GAUSSIAN and bandwidth >= BINNED_FROM * grid.cell_size:
        values = binned_gaussian(x, y, weight, grid=grid, sigma=bandwidth)
    else:
        values = scattered(x, y, weight, grid=grid, bandwidth=bandwidth, kernel=kernel)
    if isinstance(mass, KernelMass):
        return np.where(mass.touches(*_centres(grid)).reshape(grid.shape), values, 0.0)
    return values if mass is None else np.where(mass > 0, values / np.maximum(mass, LEAST_MASS), 0.0)


def _adaptive(x: Floats, y: Floats, weight: Floats, *, settings: _Settings, mass: KernelMass | None) -> tuple[Floats, Floats]:
    """Give the surface and the bandwidth of each position."""
    grid, bandwidth, kernel = settings.grid, settings.bandwidth, settings.kernel
    # A weight of 0 adds nothing, and its logarithm's share of the geometric mean is nothing too.
    x, y, weight = x[weight > 0], y[weight > 0], weight[weight > 0]
    pilot = pilot_of(x, y, weight, grid=grid, bandwidth=bandwidth, kernel=kernel)
    found = pilot.density_at(x, y)
    if mass is not None:
        found = found / mass.pilot_divisor(x, y)
    mean = geometric_mean(found, weight)
    widths = bandwidth * factors(found, geometric_mean=mean)
    if mass is None:
        return scattered(x, y, weight, grid=grid, bandwidth=widths, kernel=kernel), widths
    centre_x, centre_y = _centres(grid)
    inside = mass.touches(centre_x, centre_y)
    if settings.edge == DIGGLE:
        weight = weight / mass.divisor(x, y, bandwidth=widths)
    values = scattered(x, y, weight, grid=grid, bandwidth=widths, kernel=kernel).ravel()
    if settings.edge == UNIFORM:
        here = pilot.density_at(centre_x, centre_y) / mass.pilot_divisor(centre_x, centre_y)
        values = values / mass.divisor(centre_x, centre_y, bandwidth=bandwidth * factors(here, geometric_mean=mean))
    return np.where(inside, values, 0.0).reshape(grid.shape), widths


def _centres(grid: Grid) -> tuple[Floats, Floats]:
    east, north = np.meshgrid(grid.x, grid.y)
    return east.ravel(), north.ravel()


def _checked_points(x: Floats, y: Floats, weight: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Give positions and weights as arrays that compiled loops take: 64 bits, contiguous, writeable."""
    x, y = _array(x), _array(y)
    weight = np.ones(len(x)) if weight is None else _array(weight)
    if not x.shape == y.shape == weight.shape:
        raise ValueError(f"x, y and weight differ in length: {x.shape}, {y.shape}, {weight.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("offences without a location cannot be on a density surface; select the located ones")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError("weights are finite and not negative")
    return x, y, weight


def _array(values: Floats) -> Floats:
    return np.require(values, np.float64, ["C_CONTIGUOUS", "WRITEABLE"])
