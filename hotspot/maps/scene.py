"""What a map shows, whoever draws it: folium on the screen, matplotlib for still pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.boundaries.areas import Areas
from hotspot.geography import DrawnArea, Place
from hotspot.maps.context import ContextShapes
from hotspot.maps.projection import Bounds
from hotspot.maps.raster import Raster

MOST_POINTS = 5_000
"""More points than this are thinned evenly: a map of more says nothing more and is slow to draw."""
TOLERANCE = 20.0
"""Metres by which outlines are simplified for drawing, together, so that neighbours keep one border."""
LABEL_TOLERANCE = 100.0
"""Metres of accuracy of the innermost point of an area, where its name stands."""
LEAST_KEPT = 0.8
"""Share of a hotspot's area that its drawn outline must keep."""
MOST_BADGES = 10
"""Hotspots of lower rank keep their outline and lose their badge: more discs than that hide the map."""
MARGIN = 0.02
"""Share of the longer side left free around what a map is fitted to."""


@dataclass(frozen=True)
class Outline:
    """An area with its name, in metres of the analysis CRS."""

    name: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class Badge:
    """A ranked hotspot: its outline and the numbered disc that stands beside it."""

    rank: int
    geometry: BaseGeometry
    label: str
    """'Erdington, around High Street'."""
    x: float
    """Metres: where the leader line ends, inside the hotspot."""
    y: float
    count: float | None = None
    """Offences in it, for the list beside a still picture; None: not said."""
    caption: str = ""
    """A few words beside the disc, such as a day; empty: none."""


@dataclass(frozen=True, eq=False)
class Points:
    """Positions drawn as dots: offences (sizes all one) or places of repeats."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    counts: NDArray[np.int64] | None = None
    """Offences at each place: 2, 3, and 4 or more are told apart; None: plain offence points."""
    total: int = 0
    """How many there were before thinning."""


@dataclass(frozen=True, eq=False)
class Trail:
    """Offences of one chain in order of time, joined by a line."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scene:
    """The layers of one map, from the ground up; all positions in metres of ``crs``."""

    crs: str
    areas: tuple[Outline, ...] = ()
    """The force's LPAs: outlines, names, and the land under everything."""
    view: Bounds | None = None
    """What the map is fitted to; None: the chosen area, else all areas."""
    focus: str | None = None
    """The chosen area among ``areas``: drawn stronger, the others washed."""
    drawn: Outline | None = None
    """A chosen area that is none of ``areas``: drawn by hand, or of a further level."""
    places: tuple[Place, ...] = ()
    built_up: Raster | None = None
    raster: Raster | None = None
    baseline_raster: Raster | None = None
    """The earlier period on the same colour scale, for the swipe."""
    hotspots: tuple[Badge, ...] = ()
    badge_word: str = "Hotspot"
    """What a badge stands for, over the list beside a still picture."""
    points: Points | None = None
    trail: Trail | None = None
    layers: tuple[ContextShapes, ...] = ()
    """Context layers, drawn under the hotspots."""
    chosen: int | None = None
    """Rank of the hotspot whose row was chosen: the map moves to it."""

    @property
    def chosen_geometry(self) -> BaseGeometry | None:
        """The polygon that the selection names; None for the whole force."""
        if self.drawn is not None:
            return self.drawn.geometry
        return next((area.geometry for area in self.areas if area.name == self.focus), None)

    @property
    def fitted(self) -> Bounds:
        """(west, south, east, north) in metres that the picture must hold, margin included."""
        west, south, east, north = self.view or self._natural_view()
        margin = MARGIN * max(east - west, north - south)
        return west - margin, south - margin, east + margin, north + margin

    def _natural_view(self) -> Bounds:
        chosen = self.chosen_geometry
        shapes = [chosen] if chosen is not None else [area.geometry for area in self.areas]
        if not shapes and self.points is not None and len(self.points.x):
            shapes = [shapely.MultiPoint(np.column_stack([self.points.x, self.points.y])).buffer(500.0)]
        return tuple(shapely.total_bounds(shapes)) if shapes else (0.0, 0.0, 1_000.0, 1_000.0)

    @property
    def badged(self) -> tuple[Badge, ...]:
        """The hotspots that get a badge: the first by rank, and the chosen one."""
        return tuple(badge for badge in self.hotspots if badge.rank <= MOST_BADGES or badge.rank == self.chosen)

    @property
    def named_places(self) -> frozenset[str]:
        """Names that the badged hotspots' labels begin with: the map must show them, for the table says them."""
        return frozenset(badge.label.split(",")[0] for badge in self.badged)


def outlines(areas: Areas | None) -> tuple[Outline, ...]:
    """Give the areas of one level for a scene; none where no boundaries are loaded."""
    if areas is None:
        return ()
    return tuple(Outline(name, areas.geometry(name)) for name in areas.names)


@lru_cache(maxsize=8)
def simplified(shapes: tuple[BaseGeometry, ...]) -> tuple[BaseGeometry, ...]:
    """Simplify outlines together, so that a border which two areas share stays one line."""
    return tuple(shapely.coverage_simplify(np.array(shapes, dtype=object), TOLERANCE)) if shapes else ()


@lru_cache(maxsize=64)
def innermost(area: BaseGeometry) -> tuple[float, float]:
    """Give the point farthest from an area's edges, where its name has most room."""
    largest = max(shapely.get_parts(area), key=lambda part: part.area)
    point = shapely.maximum_inscribed_circle(largest, tolerance=LABEL_TOLERANCE).coords[0]
    return point[0], point[1]


def smoothed(geometry: BaseGeometry) -> BaseGeometry:
    """Round the stairs of a hotspot made of cells, for drawing alone: corners cut twice (Chaikin 1974)."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon([_rounded(_without_stairs(part)) for part in parts])


def _without_stairs(polygon: shapely.Polygon) -> shapely.Polygon:
    """Straighten runs of cell corners; a hotspot of a cell or two would vanish, and stays as it is."""
    edges = np.hypot(*np.diff(shapely.get_coordinates(polygon.exterior), axis=0).T)
    straight = shapely.simplify(polygon, 0.75 * float(np.median(edges)))
    return straight if straight.area > LEAST_KEPT * polygon.area else polygon


def _rounded(polygon: shapely.Polygon) -> shapely.Polygon:
    rings = [_corners_cut(_corners_cut(shapely.get_coordinates(ring)[:-1])) for ring in (polygon.exterior, *polygon.interiors)]
    return shapely.Polygon(rings[0], rings[1:])


def _corners_cut(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    following = np.roll(corners, -1, axis=0)
    return np.stack([0.75 * corners + 0.25 * following, 0.25 * corners + 0.75 * following], axis=1).reshape(-1, 2)


def drawn_outline(area: DrawnArea) -> Outline:
    """Give a drawn area for a scene."""
    return Outline(area.name, shapely.make_valid(shapely.Polygon(area.ring)))


def points_of(
    x: NDArray[np.float64], y: NDArray[np.float64], *, counts: NDArray[np.int64] | None = None, most: int = MOST_POINTS
) -> Points:
    """Keep usable positions, thinned evenly to ``most``."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    kept = usable[:: max(1, -(-len(usable) // most))]
    return Points(x[kept], y[kept], None if counts is None else np.asarray(counts)[kept], total=len(usable))
