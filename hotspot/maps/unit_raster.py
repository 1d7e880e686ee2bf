"""Units of analysis as a palette PNG: each pixel takes the colour of the unit that its centre lies in."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.maps import palette
from hotspot.maps.projection import MERCATOR, MercatorGrid, transformer
from hotspot.maps.raster import Raster, banded
from hotspot.methods.units import Units

PIXELS = 1_400
"""Along the longer side: a hexagon of 250 m has six across, in a force of 53 km."""


def unit_raster(
    units: Units,
    band: NDArray[np.int8],
    *,
    colours: tuple[str, ...],
    hatched: int | None = None,
    crs: str,
    area: BaseGeometry | None = None,
    opacity: float = palette.RASTER_OPACITY,
) -> Raster:
    """Colour units by their band.

    Parameters
    ----------
    band
        One for each unit: 0 takes the first colour; −1 leaves the unit without colour.
    colours
        '#RRGGBB', one for each band.
    hatched
        A band whose colour is crossed by stripes.
    crs
        The analysis CRS, in which the units lie.
    area
        Pixels outside it stay transparent; None: the units' own edges.
    """
    band = np.asarray(band)
    if band.shape != (len(units),) or (len(band) and band.max() >= len(colours)):
        raise ValueError("each unit has one band, and each band a colour")
    grid, unit = _unit_of_pixels(units, crs, PIXELS)
    # A unit of −1 reads the last entry: nothing.
    bands = np.append(band + 1, 0).astype(np.int8)[unit]
    if area is not None:
        bands *= grid.mask(area, crs=crs)
    if hatched is None:
        return banded(bands, grid, colours, opacity=opacity)
    row, column = np.ogrid[: grid.rows, : grid.columns]
    stripe = (row + column) % palette.HATCH_EVERY < palette.HATCH_WIDTH
    bands[stripe & (bands == hatched + 1)] = len(colours) + 1
    return banded(bands, grid, (*colours, palette.HATCH), opacity=opacity)


@lru_cache(maxsize=8)
def _unit_of_pixels(units: Units, crs: str, pixels: int) -> tuple[MercatorGrid, NDArray[np.int32]]:
    """Find the unit of each pixel's centre; units are told apart as objects, not by their content."""
    bounds = shapely.total_bounds(units.geometry) if len(units) else np.array([0.0, 0.0, 1.0, 1.0])
    grid = MercatorGrid.covering(tuple(bounds), crs=crs, pixels=pixels)
    if units.lattice is None:
        return grid, _drawn(units, grid, crs)
    x, y = grid.centres(crs)
    return grid, units.unit_of(x, y).astype(np.int32)


def _drawn(units: Units, grid: MercatorGrid, crs: str) -> NDArray[np.int32]:
    """Rasterise named areas; the first of two that share a pixel's centre keeps it, as ``Units.unit_of`` says."""
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    projected = shapely.transform(units.geometry, transformer(crs, MERCATOR).transform, interleaved=False)
    shapes = [(shape, number) for number, shape in enumerate(projected)][::-1]
    if not shapes:
        return np.full(grid.shape, -1, dtype=np.int32)
    place = Affine(grid.pixel, 0.0, grid.west, 0.0, -grid.pixel, grid.north)
    return rasterize(shapes, out_shape=grid.shape, transform=place, fill=-1, dtype="int32")
