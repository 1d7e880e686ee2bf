"""Bandwidths by cross-validation: what the offences themselves say of the width that suits them.

All widths here are standard deviations σ of a gaussian kernel; ``bandwidth.equal_variance`` turns them into the radius of a
quartic one.

References
----------
Loader, C. (1999), Local Regression and Likelihood, section 5.3 (likelihood cross-validation for point processes).
Berman, M. and Diggle, P. J. (1989), Estimating weighted integrals of the second-order intensity of a spatial point process,
JRSS B 51: 81–92, section 3 (mean squared error of a disc kernel from the K function).
Scott, D. W. (1992), Multivariate Density Estimation, section 6.3 (rule of thumb).
Ohser, J. (1983), On estimators for the reduced second moment measure of point processes, Mathematische
Operationsforschung und Statistik 14: 63–71 (translation correction of K).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree
from scipy.special import erf, logsumexp
from shapely.geometry.base import BaseGeometry

from hotspot.errors import NotKnowable
from hotspot.grid import Grid
from hotspot.methods import compiled
from hotspot.methods.binning import smoothed
from hotspot.methods.coverage import cell_fractions
from hotspot.methods.scatter import in_parts

LIKELIHOOD, DIGGLE = "likelihood", "diggle"
MOST_TIED = 0.2
"""Share of offences at exactly another's position above which cross-validation is refused: it would measure the ties."""
LEAST_POINTS = 20
"""Fewer offences than this leave the score too rough to choose by."""
REACH = 5.0
"""Standard deviations within which all other offences count; 4 in 1,000,000 of a kernel's mass lie beyond."""
LONELY = 4.0
"""Standard deviations to the nearest other offence beyond which the nearest few alone are summed, however far they are."""
FEW = 16
PAD = 2
"""Cells beyond the window, so that values can be read off up to its edge."""
PAIRS_AT_ONCE = 2_000_000
"""Pairs held in memory at once."""
DISTANCE_STEPS = 8_192
"""Steps into which the distances of pairs are sorted for Diggle's rule."""
_FARTHEST = 4.0
"""Widths within which pairs tell: two discs of radius 2σ meet."""
OVERLAP_CELLS = 256
"""Cells along the window's longer side on which its overlap with itself is measured."""
CELLS_PER_SIGMA = 12
LEAST_CELLS = 64
"""Cells along the window's longer side, at least, on which the mass of kernels is measured."""
FINER = 8
"""Widths tried between the best one and each of its neighbours."""
MOST_CELLS = 600
"""Cells along the window's longer side, at most."""
Floats = NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class BandwidthChoice:
    """What one rule of cross-validation chose, and from what."""

    rule: str
    """``LIKELIHOOD`` (the highest score is best) or ``DIGGLE`` (the lowest is)."""
    sigma: float
    """Metres: the standard deviation of the gaussian kernel with the best score."""
    sigmas: Floats
    """Metres: the widths that were tried, rising."""
    scores: Floats
    """Score of each."""
    count: int
    """Offences it was computed from."""
    at_end: str
    """'narrowest' or 'widest' where the best width is the first or the last one tried; else empty."""

    @property
    def warning(self) -> str:
        """Say so where the optimum ran to an end of its range; else empty."""
        if not self.at_end:
            return ""
        why = "pairs of offences at or near one place" if self.at_end == "narrowest" else "a pattern without clusters"
        return (
            f"The best width is the {self.at_end} that was tried ({self.sigma:,.0f} m), so there is no optimum within the range:"
            f" the rule sees {why}. Do not take it for the width that suits these offences."
        )


def scott(x: Floats, y: Floats) -> tuple[float, float]:
    """Give Scott's rule of thumb for each axis: the standard deviation of the coordinates · n^(−1/6).

    It answers for one bell-shaped cluster: over a whole force it gives kilometres.
    """
    shrink = len(x) ** (-1 / 6)
    return float(np.std(x, ddof=1)) * shrink, float(np.std(y, ddof=1)) * shrink


def tied_share(x: Floats, y: Floats) -> float:
    """Give the share of offences whose exact position another has too; 0 without offences."""
    if len(x) == 0:
        return 0.0
    _, back, times = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True, return_counts=True)
    return float((times[back.reshape(-1)] > 1).mean())


def check_cross_validation(x: Floats, y: Floats, *, snapped: bool) -> None:
    """Refuse points on which cross-validation collapses.

    Where many offences share positions, a kernel of no width at all foretells them best: the score then tells how the points
    were recorded, not how offences spread.

    Raises
    ------
    NotKnowable
        If the points were snapped, too many are tied, or there are too few.
    """
    headline = "Cross-validation cannot choose a bandwidth here"
    instead = "The distance to the tenth nearest offence stands"
    if snapped:
        raise NotKnowable(
            "Locations are snapped to anchor points, so many offences share one: cross-validation would measure the snapping, "
            f"and by Diggle's rule no width at all would be best. {instead}.",
            headline=headline,
        )
    if len(x) < LEAST_POINTS:
        # The number itself is not said: partners and the public may read this.
        raise NotKnowable(f"It needs {LEAST_POINTS} offences, and there are fewer. {instead}.", headline=headline)
    share = tied_share(x, y)
    if share > MOST_TIED:
        raise NotKnowable(
            f"{100 * share:.0f}% of the offences share their exact position with another, more than {100 * MOST_TIED:.0f}%: "
            f"the best width would measure repeats at one address, not how offences spread. {instead}.",
            headline=headline,
        )


def by_likelihood(
    x: Floats, y: Floats, *, window: BaseGeometry, sigmas: Floats, progress: Progress = lambda share: None
) -> BandwidthChoice:
    """Choose the width whose surface, made without an offence, best foretells where that offence lies.

    Parameters
    ----------
    x, y
        Offences inside the window, metres.
    window
        The limit of the data.
    sigmas
        Metres: widths to try first, rising; between the neighbours of the best one finer steps follow.
    """
    inside = _fractions(window)
    return _chosen(LIKELIHOOD, lambda tried: _likelihoods(x, y, window, inside, tried), sigmas, len(x), progress)


def by_diggle(
    x: Floats, y: Floats, *, window: BaseGeometry, sigmas: Floats, progress: Progress = lambda share: None
) -> BandwidthChoice:
    """Choose the width with the least estimated mean squared error; parameters as in ``by_likelihood``."""
    rises = _RisesOfK.of(x, y, window, _FARTHEST * float(np.max(sigmas)))
    return _chosen(DIGGLE, lambda tried: _squared_errors(rises, window.area / len(x), tried), sigmas, len(x), progress)


def likelihood_scores(x: Floats, y: Floats, *, window: BaseGeometry, sigmas: Floats) -> Floats:
    """Give the cross-validated log-likelihood of each width: Σ log λ₋ᵢ(xᵢ) − ∫ λ(u) du over the window.

    λ has the uniform edge correction: each value is divided by the kernel's mass inside the window.
    """
    return _likelihoods(x, y, window, _fractions(window), sigmas)


def _fractions(window: BaseGeometry) -> Callable[[Grid], Floats]:
    """Give what measures the window on a grid, each grid once: many widths share one."""
    return cache(lambda grid: cell_fractions(grid, window))


def _likelihoods(x: Floats, y: Floats, window: BaseGeometry, inside: Callable[[Grid], Floats], sigmas: Floats) -> Floats:
    x, y, sigmas = (np.asarray(values, dtype=np.float64) for values in (x, y, sigmas))
    logs = _log_sums(x, y, sigmas)
    scores = np.empty(len(sigmas))
    for number, sigma in enumerate(sigmas):
        mass, integral = _edge_terms(x, y, window, inside, float(sigma))
        scores[number] = (logs[number] - np.log(2 * math.pi * sigma**2) - np.log(mass)).sum() - integral
    return scores


def diggle_scores(x: Floats, y: Floats, *, window: BaseGeometry, sigmas: Floats) -> Floats:
    """Give the mean squared error of each width, up to a constant and the squared mean density (Berman and Diggle 1989).

    M(t) = (1/λ − 2K(t))/(πt²) + (πt²)⁻² ∫ A_t(s) dK(s), where t = 2σ is the radius of the disc whose deviation is σ, A_t(s) the
    area that two such discs share when their centres are s apart, and K is estimated with the translation correction.
    """
    rises = _RisesOfK.of(x, y, window, _FARTHEST * float(np.max(sigmas)))
    return _squared_errors(rises, window.area / len(x), sigmas)


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


def _chosen(rule: str, score: Callable[[Floats], Floats], sigmas: Floats, count: int, progress: Progress) -> BandwidthChoice:
    """Find the best of the widths, then look closer round it."""
    sigmas = np.asarray(sigmas, dtype=np.float64)
    if len(sigmas) < 3 or not (np.diff(sigmas) > 0).all():
        raise ValueError("at least three widths are tried, rising")
    sign = 1.0 if rule == LIKELIHOOD else -1.0
    scores = score(sigmas)
    progress(0.7)
    best = int(np.argmax(sign * scores))
    around = sigmas[max(best - 1, 0) : best + 2]
    finer = np.concatenate([np.geomspace(low, high, FINER + 2)[1:-1] for low, high in pairwise(around)])
    order = np.argsort(all_sigmas := np.concatenate([sigmas, finer]))
    all_scores = np.concatenate([scores, score(finer)])[order]
    all_sigmas = all_sigmas[order]
    progress(1.0)
    best = int(np.argmax(sign * all_scores))
    at_end = {0: "narrowest", len(all_sigmas) - 1: "widest"}.get(best, "")
    return BandwidthChoice(rule, float(all_sigmas[best]), all_sigmas, all_scores, count, at_end)


def _pairs(x: Floats, y: Floats, farthest: float) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
    """List ordered pairs of different offences within a distance, some at a time: both indices and the distance."""
    order = np.lexsort((x, np.floor(y / max(farthest, 1e-9))))
    points = np.column_stack([x, y])[order]
    tree = cKDTree(points)
    upto = np.cumsum(tree.query_ball_point(points, farthest, return_length=True))
    start = 0
    while start < len(points):
        before = upto[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(upto, before + PAIRS_AT_ONCE, side="right")))
        found = cKDTree(points[start:end]).sparse_distance_matrix(tree, farthest, output_type="ndarray")
        others = found[found["i"] + start != found["j"]]
        yield order[others["i"] + start], order[others["j"]], others["v"]
        start = end


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
    for first, _, distance in _pairs(x, y, REACH * float(sigmas.max())):
        for number in wide_first:
            near = distance < REACH * sigmas[number]
            first, distance = first[near], distance[near]
            sums[number] += np.bincount(first, weights=np.exp(-0.5 * (distance / sigmas[number]) ** 2), minlength=len(x))
    return sums


def _edge_terms(
    x: Floats, y: Floats, window: BaseGeometry, fractions: Callable[[Grid], Floats], sigma: float
) -> tuple[Floats, float]:
    """Give the kernel's mass inside the window at each offence, and the integral of the corrected surface over it."""
    grid = _grid_of(window, sigma / CELLS_PER_SIGMA)
    inside = fractions(grid)
    mass = _smoothed(inside, sigma / grid.cell_size)
    inverse = np.divide(inside, mass, out=np.zeros_like(mass), where=mass > 0)
    held = _smoothed(inverse, sigma / grid.cell_size)
    return np.clip(_at(mass, grid, x, y), 1e-6, 1.0), float(_at(held, grid, x, y).sum())


def _grid_of(window: BaseGeometry, wanted: float) -> Grid:
    """Lay cells over a window: as small as wanted, but not more than ``MOST_CELLS`` along its longer side."""
    west, south, east, north = window.bounds
    longer = max(east - west, north - south)
    size = min(max(wanted, longer / MOST_CELLS), longer / LEAST_CELLS)
    rows, columns = math.ceil((north - south) / size) + 2 * PAD, math.ceil((east - west) / size) + 2 * PAD
    return Grid(west - PAD * size, north + PAD * size, size, rows, columns)


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
        grid = _grid_of(window, max(window.bounds[2] - window.bounds[0], window.bounds[3] - window.bounds[1]) / OVERLAP_CELLS)
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
    for first, second, distance in _pairs(x, y, farthest):
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


def within(window: BaseGeometry, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Say which offences lie inside the limit of the data: cross-validation knows nothing of the others."""
    return shapely.intersects_xy(window, x, y)
