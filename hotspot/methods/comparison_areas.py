"""Areas to compare a treated one with: like it before, and not touched by it; and the ring around it.

The score of a candidate is |ln(its level / the treated area's)| + |its trend − the treated area's|. The level is the mean
of the months before the start; the trend is the logarithm of the later half of them over the earlier half (of whole years
where there are two or more, so that both halves hold the same months of the year). A score of 0 is alike, and one of
0.1 about 10 % apart. Half an offence is added to each sum, so that a candidate without offences has a score too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.errors import BadInput

RING = 500.0
"""Metres of the displacement ring's width, unless another is chosen."""
YEAR = 12
LEAST_FOR_TREND = 12
"""Months before the start from which a trend is told."""
APART = 1.0
"""Metres: areas nearer than this touch."""
LEAST_OVERLAP = 1.0
"""Square metres of overlap that are more than rounding of two files."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """How like the treated area a candidate was before the start."""

    candidate: int
    """Its number among the candidates."""
    score: float
    """0: alike; see the module."""
    level: float
    """Its offences over the treated area's, in the months before the start."""
    trend: float
    """Its trend minus the treated area's, on the logarithmic scale; NaN under 12 months."""


def similarities(treated: ArrayLike, candidates: ArrayLike) -> tuple[Similarity, ...]:
    """Order candidates by how like the treated area they were before the start; ties keep their order.

    Parameters
    ----------
    treated
        Offences of each month before the start, the latest last.
    candidates
        The same of each candidate, shape ``(candidates, months)``.
    """
    treated, candidates = np.asarray(treated, dtype=np.float64), np.asarray(candidates, dtype=np.float64)
    level = (candidates.sum(axis=1) + 0.5) / (treated.sum() + 0.5)
    trend = _trend(candidates) - _trend(treated[None, :])[0]
    score = np.abs(np.log(level)) + np.nan_to_num(np.abs(trend))
    order = np.argsort(score, kind="stable")
    return tuple(Similarity(int(one), float(score[one]), float(level[one]), float(trend[one])) for one in order)


def _trend(monthly: Floats) -> Floats:
    months = monthly.shape[1]
    if months < LEAST_FOR_TREND:
        return np.full(len(monthly), math.nan)
    half = months // 2
    if months >= 2 * YEAR:
        half -= half % YEAR
    later, earlier = monthly[:, months - half :], monthly[:, months - 2 * half : months - half]
    return np.log((later.sum(axis=1) + 0.5) / (earlier.sum(axis=1) + 0.5))


def displacement_ring(treated: BaseGeometry, *, width: float, limit: BaseGeometry | None = None) -> BaseGeometry:
    """Give what lies within a width in metres of an area and not in it, inside the limit of the data."""
    if not width > 0:
        raise BadInput("The displacement ring must be wider than 0 metres.")
    ring = shapely.difference(shapely.buffer(treated, width), treated)
    return ring if limit is None else shapely.intersection(ring, limit)


def untouched(candidates: NDArray[np.object_], *, treated: BaseGeometry, ring: BaseGeometry | None) -> NDArray[np.bool_]:
    """Say which candidates touch neither the treated area nor its ring."""
    reached = treated if ring is None else shapely.union(treated, ring)
    shapely.prepare(reached)
    return shapely.distance(candidates, reached) >= APART


def check_apart(candidate: BaseGeometry, *, name: str, treated: BaseGeometry, ring: BaseGeometry | None) -> None:
    """Refuse a comparison area that overlaps the treated area or its ring.

    Raises
    ------
    BadInput
        With what it overlaps, and what to do.
    """
    for other, words in ((treated, "the treated area"), (ring, "the displacement ring")):
        if other is not None and shapely.area(shapely.intersection(candidate, other)) > LEAST_OVERLAP:
            raise BadInput(
                f"The comparison area {name} overlaps {words}, so it cannot be compared with it: "
                "what was done there, or moved there, would count on both sides. Choose another, or a narrower ring."
            )
