"""Between the analysis CRS, longitude and latitude, and the Web Mercator that maps on screens use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

MERCATOR, DEGREES = "EPSG:3857", "EPSG:4326"
LATTICE = 16
"""Pixels between positions that are transformed exactly."""

Bounds = tuple[float, float, float, float]
"""(west, south, east, north)."""


# PROJ's transformations belong to the thread that made them and take 45 ms to make anew; Streamlit runs each
# change of a page in a thread of its own. One thread for all of them makes each once.
_projecting = ThreadPoolExecutor(max_workers=1, thread_name_prefix="projection")


class Projection:
    """A transformation that any thread may use, x before y on both sides."""

    def __init__(self, source: str, target: str):
        self._made = _projecting.submit(Transformer.from_crs, source, target, always_xy=True).result()

    def transform(self, x: ArrayLike, y: ArrayLike) -> tuple[Any, Any]:
        """Move positions; numbers give numbers, arrays arrays."""
        return _projecting.submit(self._made.transform, x, y).result()

    def transform_bounds(self, west: float, south: float, east: float, north: float, *, densify_pts: int) -> Bounds:
        """Give the bounds that hold everything within bounds."""
        return _projecting.submit(self._made.transform_bounds, west, south, east, north, densify_pts=densify_pts).result()


@lru_cache(maxsize=16)
def transformer(source: str, target: str) -> Projection:
    """Give the transformation from one CRS to another."""
    return Projection(source, target)


@dataclass(frozen=True)
class MercatorGrid:
    """Square pixels of EPSG:3857, rows north to south."""

    west: float
    """EPSG:3857 units: the left edge of the first column."""
    north: float
    """EPSG:3857 units: the upper edge of the first row."""
    pixel: float
    """EPSG:3857 units."""
    rows: int
    columns: int

    @classmethod
    def covering(cls, bounds: Bounds, *, crs: str, pixels: int) -> MercatorGrid:
        """Cover bounds of ``crs`` with at most ``pixels`` along the longer side."""
        west, south, east, north = transformer(crs, MERCATOR).transform_bounds(*bounds, densify_pts=21)
        pixel = max(east - west, north - south) / pixels
        rows = min(pixels, max(1, int(np.ceil((north - south) / pixel - 1e-9))))
        columns = min(pixels, max(1, int(np.ceil((east - west) / pixel - 1e-9))))
        return cls(west, north, pixel, rows, columns)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def degrees(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """((south, west), (north, east)) in degrees, as Leaflet wants it."""
        to_degrees = transformer(MERCATOR, DEGREES)
        west, south = to_degrees.transform(self.west, self.north - self.rows * self.pixel)
        east, north = to_degrees.transform(self.west + self.columns * self.pixel, self.north)
        return (south, west), (north, east)

    def centres(self, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give x and y of the pixel centres in ``crs``, each of shape ``(rows, columns)``.

        Every ``LATTICE``-th position is transformed and those between are interpolated: over some kilometres a map
        projection is straight to centimetres (held by a test), and a hundred times fewer are asked of PROJ.
        """
        across, along = (np.append(np.arange(0, count, LATTICE), count) for count in (self.columns, self.rows))
        lattice_x, lattice_y = np.meshgrid(self.west + across * self.pixel, self.north - along * self.pixel)
        x, y = transformer(MERCATOR, crs).transform(lattice_x, lattice_y)
        return self._between(np.asarray(x), across, along), self._between(np.asarray(y), across, along)

    def _between(self, values: NDArray[np.float64], across: NDArray[np.int64], along: NDArray[np.int64]) -> NDArray[np.float64]:
        column, row = np.arange(self.columns) + 0.5, np.arange(self.rows) + 0.5
        left = np.searchsorted(across, column) - 1
        share = (column - across[left]) / (across[left + 1] - across[left])
        wide = values[:, left] * (1 - share) + values[:, left + 1] * share
        upper = np.searchsorted(along, row) - 1
        share = ((row - along[upper]) / (along[upper + 1] - along[upper]))[:, None]
        return wide[upper] * (1 - share) + wide[upper + 1] * share

    def pixel_of(
        self, x: NDArray[np.float64], y: NDArray[np.float64], *, crs: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Give row, column and whether the position, in ``crs``, lies on the grid."""
        mercator_x, mercator_y = transformer(crs, MERCATOR).transform(np.asarray(x), np.asarray(y))
        row = np.floor((self.north - mercator_y) / self.pixel).astype(np.int64)
        column = np.floor((mercator_x - self.west) / self.pixel).astype(np.int64)
        return row, column, (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)

    def mask(self, area: BaseGeometry, *, crs: str) -> NDArray[np.bool_]:
        """Say which pixels have their centre inside a polygon of ``crs``."""
        from rasterio.features import geometry_mask
        from rasterio.transform import Affine

        projected = reproject(area, source=crs, target=MERCATOR)
        place = Affine(self.pixel, 0.0, self.west, 0.0, -self.pixel, self.north)
        return geometry_mask([projected], out_shape=self.shape, transform=place, invert=True)


def reproject(geometry: BaseGeometry, *, source: str, target: str) -> BaseGeometry:
    """Move every vertex of a geometry to another CRS."""
    move = transformer(source, target)
    return shapely.transform(geometry, move.transform, interleaved=False)


def to_degrees(x: float, y: float, *, crs: str) -> tuple[float, float]:
    """Give (latitude, longitude) of one position, to about a metre."""
    longitude, latitude = transformer(crs, DEGREES).transform(x, y)
    return round(latitude, 5), round(longitude, 5)
