"""Score of a bandwidth by likelihood: how well the surface made without an offence foretells where that offence lies.

References
----------
Loader, C. (1999), Local Regression and Likelihood, section 5.3 (likelihood cross-validation for point processes).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree
from scipy.special import erf, logsumexp
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.methods import compiled
from hotspot.methods.binning import smoothed
from hotspot.methods.coverage import cell_fractions, window_grid
from hotspot.methods.pairs_within import pairs_within
from hotspot.methods.scatter import in_parts

REACH = 5.0
"""Standard deviations within which all other offences count; 4 in 1,000,000 of a kernel's mass lie beyond."""
LONELY = 4.0
"""Standard deviations to the nearest other offence beyond which the nearest few alone are summed, however far they are."""
FEW = 16
CELLS_PER_SIGMA = 12
Floats = NDArray[np.float64]


def likelihood_scorer(x: Floats, y: Floats, *, window: BaseGeometry) -> Callable[[Floats], Floats]:
    """Give what scores widths σ: the cross-validated log-likelihood Σ log λ₋ᵢ(xᵢ) − ∫ λ(u) du over the window.

    λ has the uniform edge correction: each value is divided by the kernel's mass inside the window. The higher the better.

    Parameters
    ----------
    x, y
        Offences inside the window, metres, shape (n,).
    window
        The limit of the data.

    Returns
    -------
    Callable
        Widths in metres, shape (k,) → their scores, shape (k,).
    """
    # Many widths share one grid, and the window is measured on each once.
    fractions = cache(lambda grid: cell_fractions(grid, window))

    def scores(sigmas: Floats) -> Floats:
        found = np.empty(len(sigmas))
        for number, (sigma, logs) in enumerate(zip(sigmas.tolist(), _log_sums(x, y, sigmas), strict=True)):
            mass, integral = _edge_terms(x, y, window, fractions, sigma)
            found[number] = (logs - np.log(2 * math.pi * sigma**2) - np.log(mass)).sum() - integral
        return found

    return scores


def _log_sums(x: Floats, y: Floats, sigmas: Floats) -> Floats:
    """Give log Σ exp(−d²/2σ²) over the other offences, shape (widths, offences).

    Where the nearest other offence is far, the nearest few are summed in logarithms: nothing is cut off, nothing underflows.
    """
    points = np.column_stack([x, y])
    nearest = cKDTree(points).query(points, k=range(2, min(FEW, len(x) - 1) + 2))[0]
    sums = _kernel_sums(x, y, sigmas)
    lonely = nearest[:, 0] > LONELY * sigmas[:, None]
    alone = np.stack([logsumexp(-0.5 * (nearest / sigma) ** 2, axis=1) for sigma in sigmas])
    return np.where(lonely, alone, np.log(np.where(lonely, 1.0, sums)))


def _kernel_sums(x: Floats, y: Floats, sigmas: Floats) -> Floats:
    """Give Σ exp(−d²/2σ²) over the other offences within ``REACH`` of σ, shape (widths, offences)."""
    wide_first = np.argsort(-sigmas)
    loops = compiled.loaded("pairs")
    if loops is not None:
        order = np.argsort(x)
        east, north, falling = x[order], y[order], sigmas[wide_first]

        def part(firsts: slice) -> Floats:
            added = np.zeros((len(x), len(sigmas)))
            loops.kernel_sums(east, north, falling, REACH, firsts.start, firsts.stop, added)
            return added

        found = np.empty((len(sigmas), len(x)))
        found[np.ix_(wide_first, order)] = in_parts(part, len(x)).T
        return found
    sums = np.zeros((len(sigmas), len(x)))
    for first, _, distance in pairs_within(x, y, REACH * float(sigmas.max())):
        for number in wide_first:
            near = distance < REACH * sigmas[number]
            first, distance = first[near], distance[near]
            sums[number] += np.bincount(first, weights=np.exp(-0.5 * (distance / sigmas[number]) ** 2), minlength=len(x))
    return sums


def _edge_terms(
    x: Floats, y: Floats, window: BaseGeometry, fractions: Callable[[Grid], Floats], sigma: float
) -> tuple[Floats, float]:
    """Give the kernel's mass inside the window at each offence, and the integral of the corrected surface over it."""
    grid = window_grid(window, sigma / CELLS_PER_SIGMA)
    inside = fractions(grid)
    mass = _smoothed(inside, sigma / grid.cell_size)
    inverse = np.divide(inside, mass, out=np.zeros_like(mass), where=mass > 0)
    held = _smoothed(inverse, sigma / grid.cell_size)
    return np.clip(_at(mass, grid, x, y), 1e-6, 1.0), float(_at(held, grid, x, y).sum())


def _smoothed(values: Floats, sigma: float) -> Floats:
    """Smooth by a gaussian (σ in cells) integrated over each cell; nothing lies beyond the grid."""
    reach = math.ceil(REACH * sigma + 0.5)
    edges = np.arange(-reach, reach + 2) - 0.5
    profile = np.diff(erf(edges / (math.sqrt(2.0) * sigma))) / 2
    profile /= profile.sum()
    return smoothed(np.pad(values, reach), profile)


def _at(values: Floats, grid: Grid, x: Floats, y: Floats) -> Floats:
    """Sample values of cell centres at points, linearly."""
    row, column = (grid.north - y) / grid.cell_size - 0.5, (x - grid.west) / grid.cell_size - 0.5
    return map_coordinates(values, [row, column], order=1, mode="nearest")
