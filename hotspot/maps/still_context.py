"""Context layers of a still picture: on its map, and their keys under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from hotspot.maps import palette
from hotspot.maps.context import ContextShapes
from hotspot.maps.projection import MERCATOR, transformer
from hotspot.maps.typeface import text_width

if TYPE_CHECKING:
    from hotspot.maps.still import _Page
    from hotspot.maps.still_map import MapFrame

ORDER = 7.5
"""Drawing order: above the chosen area's outline, under the hotspots'."""
KEYS_HEIGHT = 24.0
LINE = 1.8
"""Pixels of the design."""


def draw_layer(frame: MapFrame, layer: ContextShapes) -> None:
    """Draw a context layer: outlines first, symbols over them."""
    look = layer.look
    dashes = (0, tuple(length / LINE for length in look.dashes)) if look.dashes else "-"
    paths = [
        shapely.get_coordinates(part)
        for line in layer.lines
        for part in shapely.get_parts(frame.shape(line))
        if not part.is_empty
    ]
    for width, colour, style in ((3.6, palette.CASING, "-"), (LINE, look.colour, dashes)):
        frame.axes.add_collection(
            LineCollection(paths, colors=colour, linewidths=frame.points(width), linestyles=[style], zorder=ORDER),
            autolim=False,
        )
    x, y = transformer(frame.scene.crs, MERCATOR).transform(layer.x, layer.y)
    frame.axes.scatter(
        (x - frame.west) / frame.unit,
        (frame.north - y) / frame.unit,
        s=frame.points(layer.size) ** 2,
        marker=look.mark,
        c=look.colour,
        edgecolors="white",
        linewidths=frame.points(layer.size / 8),
        zorder=ORDER + 0.1,
    )


def draw_keys(page: _Page, layers: tuple[ContextShapes, ...], *, left: float, top: float) -> None:
    """Draw the key of each context layer: its symbol where it has points, its line where it has lines or polygons."""
    x, y = left, top
    for layer in layers:
        colour = layer.look.colour
        if layer.lines:
            page.box(x, y + 6, 18, 2.2, colour)
        if len(layer.x):
            at = page.at(x + 9, y + 7)
            mark = Line2D([at[0]], [at[1]], marker=layer.look.mark, color=colour, markersize=page.points(8), linestyle="")
            mark.set_transform(page.figure.transFigure)
            page.figure.lines.append(mark)
        page.text(x + 26, y + 11.5, layer.words, size=13, colour=palette.SECONDARY)
        x += 26 + text_width(layer.words, 13) + 22
