"""Bandwidth sensitivity: is a hotspot still one where the surface is half or twice as smooth?

A hotspot that appears with one bandwidth alone is a product of the method as much as of the offences.

References
----------
Chainey, S. and Ratcliffe, J. (2005), GIS and Crime Mapping, chapter 6 (the bandwidth decides what is seen; look at several).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.methods.hotspots import HotspotRanking

FACTORS = (0.5, 2.0)
"""Of the bandwidth: half and twice."""
STILL = 1 / 3
"""Share of a hotspot's area that must lie in hotspots of the other surface: the same area is covered, its pieces move."""


@dataclass(frozen=True)
class Sensitivity:
    """Whether one hotspot is still one."""

    rank: int
    half_share: float
    """Share of its area that lies in hotspots at half the bandwidth, 0 to 1; NaN where that was not asked."""
    twice_share: float

    @property
    def at_half(self) -> bool | None:
        """Still a hotspot at half the bandwidth; None where that was not asked."""
        return None if np.isnan(self.half_share) else self.half_share >= STILL

    @property
    def at_twice(self) -> bool | None:
        return None if np.isnan(self.twice_share) else self.twice_share >= STILL


def sensitivity(ranking: HotspotRanking, half: HotspotRanking | None, twice: HotspotRanking | None) -> tuple[Sensitivity, ...]:
    """Look each hotspot up among those of two other surfaces that cover the same share of the area.

    Parameters
    ----------
    half, twice
        Hotspots at half and at twice the bandwidth; None: not asked.
    """
    shapes = [hotspot.geometry for hotspot in ranking.hotspots]
    shares = [covered_shares(shapes, other) for other in (half, twice)]
    return tuple(
        Sensitivity(hotspot.rank, float(at_half), float(at_twice))
        for hotspot, at_half, at_twice in zip(ranking.hotspots, *shares, strict=True)
    )


def covered_shares(shapes: Sequence[BaseGeometry], other: HotspotRanking | None) -> NDArray[np.float64]:
    """Give the share of each shape's area that lies in the hotspots of another surface; NaN where there is none."""
    if other is None:
        return np.full(len(shapes), np.nan)
    covered: NDArray[np.float64] = np.zeros(len(shapes))
    pieces = np.array([hotspot.geometry for hotspot in other.hotspots], dtype=object)
    if len(shapes) and len(pieces):
        # Hotspots of one surface do not overlap, so that their parts add up.
        shape, piece = shapely.STRtree(pieces).query(shapes, predicate="intersects")
        parts = shapely.area(shapely.intersection(np.array(shapes, dtype=object)[shape], pieces[piece]))
        covered += np.bincount(shape, weights=parts, minlength=len(shapes))
    return covered / shapely.area(np.array(shapes, dtype=object)) if len(shapes) else covered
