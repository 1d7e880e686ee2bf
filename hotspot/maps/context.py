"""Context layers as a map draws them: thinned, simplified, each with a symbol and a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.boundaries.context import ContextLayer
from hotspot.maps import palette
from hotspot.offences.context_store import layer_named, open_layer
from hotspot.offences.store import Scope

MOST_LAYERS = len(palette.CONTEXT)
"""So many can be told apart on one map."""
MOST_DRAWN = 3_000
"""Points, and again lines and polygons, of one layer: more are thinned evenly."""
TOLERANCE = 10.0
"""Metres by which lines and outlines are simplified for drawing."""


@dataclass(frozen=True, eq=False)
class ContextShapes:
    """What is drawn of one layer, in metres of the analysis CRS."""

    name: str
    fingerprint: str
    style: int
    """Position in ``palette.CONTEXT``, which gives symbol, colour and dashes."""
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    lines: tuple[BaseGeometry, ...]
    """Lines, and outlines of polygons: a filled one would hide what is counted."""
    total: int
    """Features of the layer."""
    drawn: int

    @property
    def size(self) -> float:
        """Pixels across a symbol: many are drawn small, so that the map under them can be read."""
        return 8.0 if len(self.x) <= 300 else 6.0 if len(self.x) <= 1_000 else 4.0

    @property
    def look(self) -> palette.ContextLook:
        return palette.CONTEXT[self.style]

    @property
    def words(self) -> str:
        """Say the legend's word: 'CCTV, 1,234', and where only some are drawn."""
        if self.drawn == self.total:
            return f"{self.name}, {self.total:,}"
        return f"{self.name}, {self.total:,} of which {self.drawn:,} are drawn, chosen evenly"


@lru_cache(maxsize=16)
def shapes_of(layer: ContextLayer, style: int) -> ContextShapes:
    """Choose what of a layer is drawn, and how."""
    points = _thinned(layer.geometry[layer.dimensions == 0])
    others = _thinned(layer.geometry[layer.dimensions > 0])
    at = shapely.get_coordinates([one.centroid for one in points]) if len(points) else np.empty((0, 2))
    lines = tuple(_line(one) for one in others)
    return ContextShapes(
        name=layer.name,
        fingerprint=layer.fingerprint,
        style=style % MOST_LAYERS,
        x=at[:, 0],
        y=at[:, 1],
        lines=tuple(line for line in lines if not line.is_empty),
        total=len(layer),
        drawn=len(points) + len(others),
    )


def chosen_shapes(store: Path, names: Sequence[str], *, force: str, scope: Scope) -> tuple[ContextShapes, ...]:
    """Give the layers of these names as a map draws them, each with a look of its own."""
    layers = [open_layer(store, layer_named(store, name, force=force), scope=scope) for name in names]
    return tuple(shapes_of(layer, style) for style, layer in enumerate(layers[:MOST_LAYERS]))


def _thinned(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return shapes[:: max(1, -(-len(shapes) // MOST_DRAWN))]


def _line(shape: BaseGeometry) -> BaseGeometry:
    """Give a line or a polygon's outline, simplified; a shape smaller than the tolerance keeps its corners."""
    parts = [part.boundary if part.geom_type == "Polygon" else part for part in shapely.get_parts(shape)]
    line = shapely.union_all([part for part in parts if part.geom_type in ("LineString", "MultiLineString", "LinearRing")])
    simple = shapely.simplify(line, TOLERANCE)
    return simple if simple.length > 0.5 * line.length else line
