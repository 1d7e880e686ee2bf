"""How well a ranking of units found what came next: hit rate, PAI and PEI.

A hit rate is n/N: offences in the chosen units over all. PAI sets it against the share of the area that was chosen,
PAI = (n/N)/(a/A), and PEI against what the best possible choice of the same area would have held. (The 'recapture rate
index' has three meanings in the literature and is not used here.)

References
----------
Chainey, S., Tompson, L. and Uhlig, S. (2008), The utility of hotspot mapping for predicting spatial patterns of crime,
Security Journal 21: 4–28 (hit rate, PAI). Hunt, J. M. (2016), Do crime hot spots move? Exploring the effects of the
modifiable areal unit problem and modifiable temporal unit problem on crime hot spot stability, American University (PEI).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
ROUNDING = 1e-9
"""Scores that differ by less than this part of the largest are equal: they differ by rounding alone."""


@dataclass(frozen=True, eq=False)
class RankedAccuracy:
    """Accuracy after each unit of a ranking; every field has one value per unit, the best-ranked first."""

    area_share: Floats
    """a/A of the units so far, 0 to 1."""
    hit_rate: Floats
    """n/N of the units so far; NaN without any offence."""
    pai: Floats
    """Hit rate over area share."""
    pei: Floats
    """PAI over the best possible PAI at the same area share, 0 to 1."""


def accuracy_by_rank(score: ArrayLike, observed: ArrayLike, *, area: ArrayLike | None = None) -> RankedAccuracy:
    """Cumulate hit rate, PAI and PEI over whole units, from the highest score down.

    Units of equal score are taken in the order that favours the ranking least: lowest observed first.

    Parameters
    ----------
    score
        One number per unit; higher is taken sooner.
    observed
        Offences judged, by unit.
    area
        Area of each unit in any one measure; equal where None.
    """
    score, observed, area = _checked(score, observed, area)
    order = np.lexsort((observed, -score))
    area_share = np.cumsum(area[order]) / area.sum()
    held = np.cumsum(observed[order])
    total = held[-1]
    hit_rate = held / total if total > 0 else np.full(len(held), np.nan)
    best = best_held(observed, area, shares=area_share)
    return RankedAccuracy(area_share, hit_rate, hit_rate / area_share, ratio(held, best))


def taken(score: ArrayLike, area: ArrayLike, *, shares: ArrayLike) -> Floats:
    """Give the part of each unit that lies in the best-scored share of the area.

    The share is met exactly, so that rankings of units of any size can be compared: units are taken from the highest score
    down, and of the unit at the border only the part that fits. Units of equal score are taken together, each by the same
    part of its area: what a random order of them would hold on average, without favour.

    Parameters
    ----------
    score
        One number per unit; higher is taken sooner. Numbers that differ by rounding alone are equal.
    shares
        Shares of the whole area, 0 to 1.

    Returns
    -------
    NDArray
        Parts 0 to 1, shape (shares, units).
    """
    score, _, area = _checked(score, score, area)
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    is_new = np.concatenate([[False], ranked[:-1] - ranked[1:] > ROUNDING * np.abs(score).max()])
    block = np.cumsum(is_new)
    size = np.bincount(block, weights=area[order])
    wanted = np.asarray(shares, dtype=np.float64)[:, None] * size.sum()
    parts = np.clip((wanted - (np.cumsum(size) - size)) / size, 0.0, 1.0)
    found = np.empty((len(parts), len(score)))
    found[:, order] = parts[:, block]
    return found


def best_held(observed: ArrayLike, area: ArrayLike, *, shares: ArrayLike) -> Floats:
    """Give the most offences that any choice of the same area could have held, one number per share.

    That choice takes units by their own offences per area, and of the last unit the part that fits.
    """
    observed, _, area = _checked(observed, observed, area)
    order = np.argsort(-observed / area, kind="stable")
    reached = np.concatenate([[0.0], np.cumsum(area[order])])
    held = np.concatenate([[0.0], np.cumsum(observed[order])])
    return np.interp(np.asarray(shares, dtype=np.float64) * reached[-1], reached, held)


def ratio(part: Floats, whole: Floats | float) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def _checked(score: ArrayLike, observed: ArrayLike, area: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    score, observed = np.asarray(score, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    area = np.ones(len(score)) if area is None else np.asarray(area, dtype=np.float64)
    if not score.shape == observed.shape == area.shape or score.ndim != 1 or not len(score):
        raise ValueError(f"score, observed and area are one number per unit: {score.shape}, {observed.shape}, {area.shape}")
    if not (np.isfinite(score).all() and np.isfinite(observed).all() and (area > 0).all()):
        raise ValueError("scores and counts are finite, and each unit has an area")
    return score, observed, area
