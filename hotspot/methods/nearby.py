"""How many features of a layer stand within a distance of each place, and how far the nearest one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Nearby:
    """What stands near each place, in the order of the places."""

    within: float
    """Metres from the edge of a place; a feature at exactly this distance counts, and so does one inside."""
    counts: tuple[int, ...]
    nearest: tuple[float, ...]
    """Metres to the nearest feature, 0 inside; infinite where there is no feature at all."""

    @property
    def without(self) -> tuple[int, ...]:
        """Positions, from 0, of the places that have none."""
        return tuple(place for place, count in enumerate(self.counts) if count == 0)


def nearby(places: Sequence[BaseGeometry], features: NDArray[np.object_], *, within: float) -> Nearby:
    """Count the features within a distance of each place.

    The distance is the shortest one between the two shapes in the plane, so a feature that several places share
    counts for each of them.

    Parameters
    ----------
    places
        Polygons, such as hotspots, metres.
    features
        Points, lines or polygons in the same CRS.
    within
        Metres, 0 or more.

    Raises
    ------
    ValueError
        If the distance is below 0 or no number.
    """
    if not (np.isfinite(within) and within >= 0):
        raise ValueError("within must be 0 metres or more")
    if not len(features) or not len(places):
        return Nearby(within, (0,) * len(places), (np.inf,) * len(places))
    tree, shapes = shapely.STRtree(features), np.array(places, dtype=object)
    place, _ = tree.query(shapes, predicate="dwithin", distance=within)
    counts = np.bincount(place, minlength=len(shapes))
    (asked, _), distance = tree.query_nearest(shapes, all_matches=False, return_distance=True)
    nearest = np.full(len(shapes), np.inf)
    nearest[asked] = distance
    return Nearby(within, tuple(counts.tolist()), tuple(nearest.tolist()))
