"""Bandwidths by cross-validation: what the offences themselves say of the width that suits them.

All widths here are standard deviations σ of a gaussian kernel; ``bandwidth.equal_variance`` turns them into the radius of a
quartic one.

References
----------
Scott, D. W. (1992), Multivariate Density Estimation, section 6.3 (rule of thumb).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.errors import NotKnowable
from hotspot.methods.likelihood_score import likelihood_scorer
from hotspot.methods.squared_error_score import squared_error_scorer

LIKELIHOOD, DIGGLE = "likelihood", "diggle"
MOST_TIED = 0.2
"""Share of offences at exactly another's position above which cross-validation is refused: it would measure the ties."""
LEAST_POINTS = 20
"""Fewer offences than this leave the score too rough to choose by."""
FINER = 8
"""Widths tried between the best one and each of its neighbours."""
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
    return _chosen(LIKELIHOOD, likelihood_scorer(x, y, window=window), sigmas, len(x), progress)


def by_diggle(
    x: Floats, y: Floats, *, window: BaseGeometry, sigmas: Floats, progress: Progress = lambda share: None
) -> BandwidthChoice:
    """Choose the width with the least estimated mean squared error; parameters as in ``by_likelihood``."""
    score = squared_error_scorer(x, y, window=window, widest=float(np.max(sigmas)))
    return _chosen(DIGGLE, score, sigmas, len(x), progress)


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


def within(window: BaseGeometry, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Say which offences lie inside the limit of the data: cross-validation knows nothing of the others."""
    return shapely.intersects_xy(window, x, y)
