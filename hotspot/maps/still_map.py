"""The map of a still picture: the scene's layers on matplotlib axes in Web Mercator, drawn as on the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from hotspot.maps import palette
from hotspot.maps.placing import NEIGHBOUR, Box, Label, badge_centre, label_box, wanted
from hotspot.maps.projection import DEGREES, MERCATOR, reproject, transformer
from hotspot.maps.raster import Raster
from hotspot.maps.scene import Badge, Scene, innermost, simplified, smoothed
from hotspot.maps.still_context import draw_layer
from hotspot.maps.typeface import BOLD, REGULAR, text_width, typeface

EQUATOR = 2 * math.pi * 6_378_137.0
"""EPSG:3857 units round the world, which a web map shows in 256 pixels at zoom 0."""
LAND, BUILT_UP, WASH, RASTER, CASING, OUTLINE, FOCUS, HOTSPOT, POINTS, LABELS, BADGES, FRAME = range(1, 13)
"""Drawing order."""
NEIGHBOUR_INK = "#5F6C76"
CAPITAL = 0.66
"""Height of a capital letter in the typeface, as a share of its size."""
SCALE_BAR = 110.0
"""Pixels that the scale bar may take."""


@dataclass(frozen=True, eq=False)
class MapFrame:
    """Axes with the scene's view, and the way from metres to its pixels."""

    axes: Axes
    scene: Scene
    width: float
    """Pixels."""
    height: float
    west: float
    """EPSG:3857 units at the left edge."""
    north: float
    unit: float
    """EPSG:3857 units per pixel."""
    scale: float
    """Picture pixels per pixel of the design, 1 at 1200 × 800."""

    @property
    def zoom(self) -> float:
        """What a web map of the design's size would call this view."""
        return math.log2(EQUATOR / 256 / (self.unit * self.scale))

    @property
    def box(self) -> Box:
        return Box(0.0, 0.0, self.width, self.height)

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Give the pixel of a position in the analysis CRS, y downwards."""
        mercator_x, mercator_y = transformer(self.scene.crs, MERCATOR).transform(x, y)
        return (mercator_x - self.west) / self.unit, (self.north - mercator_y) / self.unit

    def shape(self, geometry: BaseGeometry) -> BaseGeometry:
        """Move a geometry of the analysis CRS to the frame's pixels."""
        moved = reproject(geometry, source=self.scene.crs, target=MERCATOR)
        return shapely.transform(moved, lambda at: np.column_stack([(at[:, 0] - self.west), (self.north - at[:, 1])]) / self.unit)

    def points(self, pixels: float) -> float:
        """Turn pixels of the design into matplotlib's points."""
        return pixels * self.scale * 72.0 / self.axes.figure.dpi


def map_frame(axes: Axes, scene: Scene, *, width: float, height: float, scale: float) -> MapFrame:
    """Fit a scene's view into axes of a size in pixels, the ground around it included."""
    west, south, east, north = transformer(scene.crs, MERCATOR).transform_bounds(*scene.fitted, densify_pts=21)
    unit = max((east - west) / width, (north - south) / height)
    left, top = (west + east - unit * width) / 2, (north + south + unit * height) / 2
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_facecolor(palette.BEYOND)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(edgecolor="#C9D0D6", linewidth=1.0, zorder=FRAME)
    return MapFrame(axes, scene, width, height, left, top, unit, scale)


def draw_layers(frame: MapFrame) -> None:
    """Draw all layers, from the ground up."""
    scene = frame.scene
    shapes = dict(zip((area.name for area in scene.areas), simplified(tuple(area.geometry for area in scene.areas)), strict=True))
    _ground(frame, shapes)
    if scene.raster is not None:
        draw_raster(frame, scene.raster, RASTER)
    _outlines(frame, shapes)
    for layer in scene.layers:
        draw_layer(frame, layer)
    for badge in scene.hotspots:
        _cased(frame, smoothed(badge.geometry), 1.7, palette.INK, HOTSPOT)
    _dots(frame)
    bar = _scale_bar(frame)
    spots = [_box_of(frame, badge.geometry) for badge in scene.badged]
    taken = [bar]
    for badge, own in zip(scene.badged, spots, strict=True):
        taken.append(_badge(frame, badge, own, spots, taken))
    _labels(frame, taken, spots)


def _ground(frame: MapFrame, shapes: dict[str, BaseGeometry]) -> None:
    scene = frame.scene
    for shape in shapes.values():
        _fill(frame, shape, palette.LAND, 1.0, LAND)
    if scene.built_up is not None:
        draw_raster(frame, scene.built_up, BUILT_UP)
    if scene.chosen_geometry is not None:
        beyond = shapely.union_all([area.geometry for area in scene.areas]).difference(scene.chosen_geometry)
        _fill(frame, beyond, palette.OUT_OF_FOCUS, palette.WASH_OPACITY, WASH)


def _outlines(frame: MapFrame, shapes: dict[str, BaseGeometry]) -> None:
    scene = frame.scene
    for shape in shapes.values():
        _line(frame, shape, 4.0, palette.CASING, CASING)
        _line(frame, shape, 1.1, palette.OUTLINE, OUTLINE)
    if scene.chosen_geometry is not None:
        _cased(frame, shapes.get(scene.focus or "", scene.chosen_geometry), 2.2, palette.INK, FOCUS)


def _path(frame: MapFrame, geometry: BaseGeometry) -> Path | None:
    rings = [
        Path(shapely.get_coordinates(ring), closed=True)
        for part in shapely.get_parts(frame.shape(geometry))
        if part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    return Path.make_compound_path(*rings) if rings else None


def _fill(frame: MapFrame, geometry: BaseGeometry, colour: str, opacity: float, order: float) -> None:
    path = _path(frame, geometry)
    if path is not None:
        frame.axes.add_patch(PathPatch(path, facecolor=colour, edgecolor="none", alpha=opacity, zorder=order))


def _line(frame: MapFrame, geometry: BaseGeometry, width: float, colour: str, order: float) -> None:
    path = _path(frame, geometry)
    if path is not None:
        line = PathPatch(path, fill=False, edgecolor=colour, linewidth=frame.points(width), joinstyle="round", zorder=order)
        frame.axes.add_patch(line)


def _cased(frame: MapFrame, geometry: BaseGeometry, width: float, colour: str, order: float) -> None:
    """An outline that reads on any ground: a white line under a dark one."""
    _line(frame, geometry, width + 2.9, palette.CASING, order)
    _line(frame, geometry, width, colour, order + 0.1)


def draw_raster(frame: MapFrame, raster: Raster, order: float) -> AxesImage:
    """Draw cells as a picture that fits the ground."""
    grid = raster.grid
    left, top = (grid.west - frame.west) / frame.unit, (frame.north - grid.north) / frame.unit
    right, bottom = left + grid.columns * grid.pixel / frame.unit, top + grid.rows * grid.pixel / frame.unit
    colours = np.array(raster.colours, dtype=np.uint8)[raster.bands]
    image = frame.axes.imshow(
        colours, extent=(left, right, bottom, top), interpolation="antialiased", zorder=order, aspect="auto", origin="upper"
    )
    frame.axes.set_xlim(0, frame.width)
    frame.axes.set_ylim(frame.height, 0)
    return image


def _dots(frame: MapFrame) -> None:
    points = frame.scene.points
    if points is None or not len(points.x):
        return
    x, y = transformer(frame.scene.crs, MERCATOR).transform(points.x, points.y)
    x, y = (x - frame.west) / frame.unit, (frame.north - y) / frame.unit
    if points.counts is None:
        _scatter(frame, x, y, 2.2, palette.INK, 0.8)
        return
    step = np.minimum(points.counts, 4) - 2
    for size, colour in enumerate(palette.REPEATS):
        _scatter(frame, x[step == size], y[step == size], 3.2 + 1.8 * size, colour, 1.4)


def _scatter(frame: MapFrame, x: np.ndarray, y: np.ndarray, radius: float, colour: str, rim: float) -> None:
    area = (2 * frame.points(radius)) ** 2
    frame.axes.scatter(x, y, s=area, c=colour, edgecolors="white", linewidths=frame.points(rim), alpha=0.9, zorder=POINTS)


def _box_of(frame: MapFrame, geometry: BaseGeometry) -> Box:
    left, top, right, bottom = frame.shape(geometry).bounds
    return Box(left - 3, top - 3, right + 3, bottom + 3)


def _badge(frame: MapFrame, badge: Badge, own: Box, spots: list[Box], taken: list[Box]) -> Box:
    scale, radius = frame.scale, (13 if badge.rank <= 3 else 11) * frame.scale
    anchor = frame.pixels(badge.x, badge.y)
    x, y = badge_centre(anchor, own, radius, spots=spots, taken=taken, frame=frame.box, scale=scale)
    leader = shapely.LineString([anchor, (x, y)]).difference(frame.shape(smoothed(badge.geometry)))
    for line in shapely.get_parts(leader):
        at = shapely.get_coordinates(line)
        frame.axes.plot(*at.T, color="white", linewidth=frame.points(4), solid_capstyle="round", zorder=BADGES)
        frame.axes.plot(*at.T, color=palette.INK, linewidth=frame.points(1.6), zorder=BADGES + 0.1)
    disc = Circle(
        (x, y), radius - scale, facecolor=palette.INK, edgecolor="white", linewidth=frame.points(2), zorder=BADGES + 0.2
    )
    frame.axes.add_patch(disc)
    size = 14 if badge.rank <= 3 else 12
    _centred(frame, x, y, str(badge.rank), size, BOLD, color="white", zorder=BADGES + 0.3)
    return Box.around(x, y, 2 * radius, 2 * radius)


def _labels(frame: MapFrame, taken: list[Box], spots: list[Box]) -> None:
    areas = {area.name: area.geometry for area in frame.scene.areas}
    moved = {name: frame.shape(area) for name, area in areas.items()}
    for label in wanted(frame.scene, frame.zoom, lambda name: innermost(areas[name])):
        at = frame.pixels(label.x, label.y)
        if not (0 < at[0] < frame.width and 0 < at[1] < frame.height):
            continue
        area = moved.get(label.name)

        def inside(box: Box, area: BaseGeometry | None = area) -> float:
            return _share_inside(box, area)

        found = label_box(label, at, text_size(frame, label), taken=taken, spots=spots, frame=frame.box, inside=inside)
        if found is not None:
            taken.append(found)
            _write_label(frame, label, found)


def _share_inside(box: Box, area: BaseGeometry | None) -> float:
    if area is None:
        return 1.0
    return shapely.box(box.left, box.top, box.right, box.bottom).intersection(area).area / (
        (box.right - box.left) * (box.bottom - box.top)
    )


def text_size(frame: MapFrame, label: Label) -> tuple[float, float]:
    """Give width and height of a name in pixels, its halo included."""
    size = label.kind.size * frame.scale
    width = text_width(label.name, size, BOLD if label.kind.bold else REGULAR)
    return width + 4 * frame.scale, 1.2 * size + 2 * frame.scale


def _write_label(frame: MapFrame, label: Label, box: Box) -> None:
    _centred(
        frame,
        (box.left + box.right) / 2,
        (box.top + box.bottom) / 2,
        label.name,
        label.kind.size,
        BOLD if label.kind.bold else REGULAR,
        color=NEIGHBOUR_INK if label.kind is NEIGHBOUR else palette.INK,
        zorder=LABELS,
        path_effects=[withStroke(linewidth=frame.points(3), foreground="white")],
    )


def _centred(frame: MapFrame, x: float, y: float, words: str, size: float, weight: int, **how: Any) -> None:
    """Write words whose capitals are centred on a pixel."""
    baseline = y + CAPITAL / 2 * size * frame.scale
    font, points = typeface(weight), frame.points(size)
    frame.axes.text(x, baseline, words, font=font, fontsize=points, ha="center", va="baseline", parse_math=False, **how)


def _scale_bar(frame: MapFrame) -> Box:
    """Draw a bar of a round length of ground, metric only, and give the box it takes."""
    latitude = transformer(MERCATOR, DEGREES).transform(frame.west, frame.north - frame.unit * frame.height / 2)[1]
    ground = frame.unit * math.cos(math.radians(latitude))
    metres = _round_length(ground * SCALE_BAR * frame.scale)
    length, left, bottom = metres / ground, 10 * frame.scale, frame.height - 10 * frame.scale
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    frame.axes.plot(
        [left, left + length],
        [bottom, bottom],
        color=palette.INK,
        linewidth=frame.points(3),
        solid_capstyle="butt",
        zorder=BADGES,
        path_effects=[withStroke(linewidth=frame.points(6), foreground="white")],
    )
    frame.axes.text(
        left,
        bottom - 5 * frame.scale,
        words,
        font=typeface(BOLD),
        fontsize=frame.points(13),
        color=palette.INK,
        va="bottom",
        zorder=BADGES,
        path_effects=[withStroke(linewidth=frame.points(3), foreground="white")],
    )
    return Box(0.0, bottom - 26 * frame.scale, left + length + 6 * frame.scale, frame.height)


def _round_length(longest: float) -> float:
    power = 10.0 ** math.floor(math.log10(longest))
    return max(digit * power for digit in (1, 2, 3, 5) if digit * power <= longest)
