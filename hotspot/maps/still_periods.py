"""Two periods in a still picture, as the screen shows them: two maps beside each other, or one map divided down its middle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from hotspot.maps import palette
from hotspot.maps.scene import Scene
from hotspot.maps.still_map import LABELS, RASTER, MapFrame, draw_layers, draw_raster, map_frame
from hotspot.maps.typeface import BOLD

if TYPE_CHECKING:
    from hotspot.maps.still import _Page

CAPTION = 22.0
"""Height of the captions above the maps."""
GAP = 12.0
DIVIDER = 3.0
"""Pixels of the design."""


@dataclass(frozen=True)
class Periods:
    """How a scene with two surfaces is drawn."""

    earlier: str
    """Caption of the scene's ``baseline_raster``."""
    later: str
    beside: bool
    """Two maps beside each other; else one, the earlier period left of its middle and the later one right of it."""


def draw_maps(
    page: _Page, scene: Scene, periods: Periods | None, *, left: float, top: float, bottom: float, across: float
) -> None:
    """Draw a scene's map, or its two periods with their captions."""
    if periods is None:
        draw_layers(_frame(page, scene, left=left, top=top, bottom=bottom, across=across))
        return
    half = (across - (GAP if periods.beside else 0.0)) / 2
    seconds = left + across - half
    for start, words in ((left, periods.earlier), (seconds, periods.later)):
        page.text(start, top + 12, words, size=14, weight=BOLD)
    top += CAPTION
    if not periods.beside:
        _draw_divided(_frame(page, scene, left=left, top=top, bottom=bottom, across=across))
        return
    for start, raster in ((left, scene.baseline_raster), (seconds, scene.raster)):
        one = replace(scene, raster=raster, baseline_raster=None)
        draw_layers(_frame(page, one, left=start, top=top, bottom=bottom, across=half))


def _frame(page: _Page, scene: Scene, *, left: float, top: float, bottom: float, across: float) -> MapFrame:
    along = bottom - top
    axes = page.figure.add_axes((*page.at(left, bottom), across / page.width, along / page.height))
    return map_frame(axes, scene, width=across * page.scale, height=along * page.scale, scale=page.scale)


def _draw_divided(frame: MapFrame) -> None:
    """Draw each period's surface on its side of the middle, and all else over both."""
    scene, middle = frame.scene, frame.width / 2
    for raster, start in ((scene.baseline_raster, 0.0), (scene.raster, middle)):
        if raster is not None:
            image = draw_raster(frame, raster, RASTER)
            image.set_clip_path(Rectangle((start, 0), middle, frame.height, transform=frame.axes.transData))
    draw_layers(replace(frame, scene=replace(scene, raster=None, baseline_raster=None)))
    line = Rectangle((middle - frame.scale * DIVIDER / 2, 0), frame.scale * DIVIDER, frame.height, facecolor=palette.INK)
    line.set(edgecolor="white", linewidth=frame.points(1), zorder=LABELS - 0.5)
    frame.axes.add_patch(line)
