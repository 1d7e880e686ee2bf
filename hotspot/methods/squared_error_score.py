"""Score of a bandwidth by Diggle's rule: the mean squared error that a disc kernel of that width is expected to make.

References
----------
Berman, M. and Diggle, P. J. (1989), Estimating weighted integrals of the second-order intensity of a spatial point process,
JRSS B 51: 81–92, section 3 (mean squared error of a disc kernel from the K function).
Ohser, J. (1983), On estimators for the reduced second moment measure of point processes, Mathematische
Operationsforschung und Statistik 14: 63–71 (translation correction of K).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.ndimage import map_coordinates
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.methods import compiled
from hotspot.methods.coverage import cell_fractions, window_grid
from hotspot.methods.pairs_within import pairs_within

DISTANCE_STEPS = 8_192
"""Steps into which the distances of pairs are sorted."""
OVERLAP_CELLS = 256
"""Cells along the window's longer side on which its overlap with itself is measured."""
_FARTHEST = 4.0
"""Widths within which pairs tell: two discs of radius 2σ meet."""
Floats = NDArray[np.float64]


def squared_error_scorer(x: Floats, y: Floats, *, window: BaseGeometry, widest: float) -> Callable[[Floats], Floats]:
    """Give what scores widths σ up to the widest: their mean squared error, up to a constant and the squared mean density.

    M(t) = (1/λ − 2K(t))/(πt²) + (πt²)⁻² ∫ A_t(s) dK(s), where t = 2σ is the radius of the disc whose deviation is σ, A_t(s) the
    area that two such discs share when their centres are s apart, and K is estimated with the translation correction. The lower
    the better.

    Parameters
    ----------
    x, y
        Offences inside the window, metres, shape (n,).
    window
        The limit of the data.
    widest
        Metres: no width above it may be asked for, since pairs farther apart than it needs are left out.

    Returns
    -------
    Callable
        Widths in metres, shape (k,) → their scores, shape (k,).
    """
    rises = _RisesOfK.of(x, y, window, _FARTHEST * widest)
    return lambda sigmas: _squared_errors(rises, window.area / len(x), sigmas)


def _squared_errors(k: _RisesOfK, per_offence: float, sigmas: Floats) -> Floats:
    distance, rises = (np.arange(DISTANCE_STEPS) + 0.5) * k.farthest / DISTANCE_STEPS, k.rises
    scores = np.empty(len(sigmas))
    for number, sigma in enumerate(sigmas):
        radius = 2.0 * float(sigma)
        disc = math.pi * radius**2
        near, inner = np.searchsorted(distance, [2 * radius, radius])
        half = distance[:near] / (2 * radius)
        shared = 2 * radius**2 * (np.arccos(half) - half * np.sqrt(1 - half**2))
        within = float(rises[:inner].sum())
        scores[number] = (per_offence - 2 * within) / disc + float(shared @ rises[:near]) / disc**2
    return scores


@dataclass(frozen=True, eq=False)
class _RisesOfK:
    """How much K rises in each of ``DISTANCE_STEPS`` steps of distance, from translation-corrected pairs."""

    rises: Floats
    farthest: float

    @classmethod
    def of(cls, x: Floats, y: Floats, window: BaseGeometry, farthest: float) -> _RisesOfK:
        """Estimate it up to a distance."""
        order = np.argsort(x)
        x, y = np.asarray(x, dtype=np.float64)[order], np.asarray(y, dtype=np.float64)[order]
        grid = window_grid(window, max(window.bounds[2] - window.bounds[0], window.bounds[3] - window.bounds[1]) / OVERLAP_CELLS)
        overlap, middle = _overlaps(grid, window, farthest)
        loops = compiled.loaded("pairs")
        rises = np.zeros(DISTANCE_STEPS)
        if loops is None:
            _add_rises(x, y, farthest, overlap, middle, grid.cell_size, rises)
        else:
            loops.rises(x, y, farthest, overlap, middle, grid.cell_size, rises)
        return cls(rises * window.area**2 / (len(x) * (len(x) - 1)), farthest)


def _add_rises(x: Floats, y: Floats, farthest: float, overlap: Floats, middle: int, size: float, rises: Floats) -> None:
    """Add 1 / overlap of each ordered pair to its step of distance; offences are sorted by x."""
    for first, second, distance in pairs_within(x, y, farthest):
        # The overlap is the same for a shift and its opposite, so a shift to the east stands for both.
        east, north = x[second] - x[first], np.where(second > first, y[second] - y[first], y[first] - y[second])
        shared = map_coordinates(overlap, [middle - north / size, np.abs(east) / size], order=1)
        step = np.minimum((distance / farthest * DISTANCE_STEPS).astype(np.int64), DISTANCE_STEPS - 1)
        rises += np.bincount(step, weights=1.0 / shared, minlength=DISTANCE_STEPS)


def _overlaps(grid: Grid, window: BaseGeometry, farthest: float) -> tuple[Floats, int]:
    """Give the area that a window shares with itself after each shift by whole cells up to a distance, and the middle row.

    Rows shift it north and south, the unshifted one in the middle; columns shift it east alone.
    """
    inside = cell_fractions(grid, window)
    steps = [min(math.ceil(farthest / grid.cell_size) + 2, length - 1) for length in inside.shape]
    sides = [next_fast_len(length + most, real=True) for length, most in zip(inside.shape, steps, strict=True)]
    # The autocorrelation is the transform of the squared spectrum; the empty margin keeps a shift from meeting the other side.
    shared = irfft2(np.abs(rfft2(inside, sides)) ** 2, sides)
    rows, columns = np.arange(-steps[0], steps[0] + 1), np.arange(steps[1] + 1)
    return np.maximum(shared[np.ix_(rows, columns)], 1e-9) * grid.cell_size**2, steps[0]
