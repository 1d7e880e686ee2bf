"""Surfaces as small palette PNGs on an EPSG:3857 grid, so that a browser shows them without resampling them wrongly.

A surface is sampled bilinearly at the pixel centres and cut into bands; the colours live in the PNG's palette, so a
raster of 640 pixels is a few kilobytes. Where the samples lie in the surface depends on the grid alone and is kept:
another bandwidth costs four look-ups a pixel.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.maps import palette
from hotspot.maps.projection import Bounds, MercatorGrid
from hotspot.methods.change_map import BEYOND, CELL_TOO_FEW, ChangeMap
from hotspot.methods.density import DensitySurface

PIXELS = 640
"""Of a density raster, along its longer side."""
CHANGE_PIXELS = 700
"""Before doubling: the hatch of a change raster is cut at twice as many."""
BUILT_UP_PIXELS = 1_400
BUILT_UP_CELL = 50.0
"""Metres: nearer locations count once."""
BUILT_UP_BLUR = (110.0, 150.0)
"""Metres: standard deviations of the two steps; the first joins streets, the second smooths their edges."""
BUILT_UP_FULL = 0.03
"""Blurred share of occupied cells that counts as fully built-up: a cell in thirty has a location."""
BUILT_UP_LEVELS = (0.10, 0.42)
"""Share of full built-up density from which each of the two tones begins."""
BAND_COUNT = len(palette.DENSITY)

NOTHING = 0
"""The band of pixels without colour."""


@dataclass(frozen=True, eq=False)
class Raster:
    """A banded picture that lies on a map."""

    png: bytes
    """Palette PNG with transparency."""
    bounds: tuple[tuple[float, float], tuple[float, float]]
    """((south, west), (north, east)) in degrees."""
    grid: MercatorGrid
    bands: NDArray[np.int8]
    """Shape ``grid.shape``: 0 is nothing, n the n-th colour."""
    colours: tuple[tuple[int, int, int, int], ...]
    """Red, green, blue and opacity of 0 to 255; the first is that of band 0."""


def density_raster(
    surface: DensitySurface,
    breaks: tuple[float, ...],
    *,
    crs: str,
    area: BaseGeometry | None = None,
    pixels: int = PIXELS,
) -> Raster:
    """Cut a density surface into bands.

    Parameters
    ----------
    breaks
        Lower edges of the bands, rising; a value on an edge belongs to the band above it.
    area
        Pixels outside it stay transparent.
    """
    samples = _samples(surface.grid, crs, pixels)
    bands = np.digitize(samples.of(surface.values), breaks).astype(np.int8)
    if area is not None:
        bands *= _mask(samples.grid, crs, area)
    return banded(bands, samples.grid, tuple(palette.DENSITY[: len(breaks)]), opacity=palette.RASTER_OPACITY)


def difference_raster(
    now: DensitySurface,
    before: DensitySurface,
    breaks: tuple[float, ...],
    *,
    crs: str,
    area: BaseGeometry | None = None,
    pixels: int = PIXELS,
) -> Raster:
    """Cut the later surface less the earlier one, on the same grid and in the same unit, into five bands.

    Parameters
    ----------
    breaks
        Four inner edges, symmetric about 0; a value on an edge belongs to the band above it.
    """
    samples = _samples(now.grid, crs, pixels)
    bands = (np.digitize(samples.of(now.values - before.values), breaks) + 1).astype(np.int8) * samples.inside
    if area is not None:
        bands *= _mask(samples.grid, crs, area)
    return banded(bands, samples.grid, palette.DIFFERENCE, opacity=palette.RASTER_OPACITY)


def change_raster(change: ChangeMap, *, crs: str, area: BaseGeometry | None = None) -> Raster:
    """Draw the categories of a change map; see ``category_raster``."""
    return category_raster(change.grid, change.category, crs=crs, area=area)


def category_raster(grid: Grid, category: NDArray[np.int8], *, crs: str, area: BaseGeometry | None = None) -> Raster:
    """Draw cells by their category: five steps, and a hatch where too few offences were recorded to say.

    Each pixel takes the category that weighs most among the four cells around it, so borders are round and no
    colour appears that no cell has. Cells beyond the region take their nearest neighbour's category, so that colour
    reaches the outline, where ``area`` cuts it.

    Parameters
    ----------
    category
        As in ``methods.change_map``, shape ``grid.shape``.
    """
    samples = _samples(grid, crs, CHANGE_PIXELS)
    beyond = category == BEYOND
    if area is not None and not beyond.all():
        nearest = ndimage.distance_transform_edt(beyond, return_distances=False, return_indices=True)
        category = category[tuple(nearest)]
    bands = _prevailing(category, samples) * samples.inside
    if area is not None:
        bands *= _mask(samples.grid, crs, area)
    bands, fine = _hatched(bands, samples.grid)
    return banded(bands, fine, (*palette.CHANGE, palette.TOO_FEW, palette.HATCH), opacity=palette.RASTER_OPACITY)


def _prevailing(category: NDArray[np.int8], samples: _Samples) -> NDArray[np.int8]:
    prevailing = np.zeros(samples.grid.shape, dtype=np.int8)
    most = np.full(samples.grid.shape, 1e-6, dtype=np.float32)
    for value in np.unique(category):
        weight = samples.of(category == value)
        prevailing[weight > most] = value
        np.maximum(most, weight, out=most)
    return prevailing


def _hatched(bands: NDArray[np.int8], grid: MercatorGrid) -> tuple[NDArray[np.int8], MercatorGrid]:
    """Double the pixels and cut diagonal stripes into the too-few category."""
    bands = bands.repeat(2, axis=0).repeat(2, axis=1)
    row, column = np.ogrid[: bands.shape[0], : bands.shape[1]]
    stripe = (row + column) % palette.HATCH_EVERY < palette.HATCH_WIDTH
    bands[stripe & (bands == CELL_TOO_FEW)] = CELL_TOO_FEW + 1
    return bands, MercatorGrid(grid.west, grid.north, grid.pixel / 2, *bands.shape)


def built_up_raster(
    x: NDArray[np.float64], y: NDArray[np.float64], *, crs: str, bounds: Bounds, land: BaseGeometry | None = None
) -> Raster:
    """Show where people live and trade: unique locations of any offence, blurred twice, in two tones.

    Town shapes, parks and countryside appear with no map tiles. The first blur is capped, so that a street of shops
    with many locations weighs as much as a street of homes.

    Parameters
    ----------
    land
        The force's area; beyond it nothing is shown.
    """
    grid = Grid.covering(bounds, cell_size=BUILT_UP_CELL)
    samples = _sampled(grid, crs, BUILT_UP_PIXELS)
    tone = _built_up_tone(np.asarray(x, dtype=float), np.asarray(y, dtype=float), grid)
    bands = np.digitize(samples.of(tone), BUILT_UP_LEVELS).astype(np.int8)
    if land is not None:
        bands *= samples.grid.mask(land, crs=crs)
    return banded(bands, samples.grid, palette.BUILT_UP, opacity=1.0)


def _built_up_tone(x: NDArray[np.float64], y: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    usable = np.isfinite(x) & np.isfinite(y)
    row, column, on_grid = grid.cell_of(x[usable], y[usable])
    occupied = np.zeros(grid.shape)
    occupied[row[on_grid], column[on_grid]] = 1.0
    near, wide = (blur / BUILT_UP_CELL for blur in BUILT_UP_BLUR)
    streets = np.minimum(ndimage.gaussian_filter(occupied, near, mode="constant") / BUILT_UP_FULL, 1.0)
    return ndimage.gaussian_filter(streets, wide, mode="constant")


def breaks_for(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Choose six round and even lower edges for a selection.

    The first is the first multiple of the step above the area's mean, what an even spread would give, so that colour
    means 'more than everywhere'; the step is the largest round one that leaves the top band in use.

    Parameters
    ----------
    values
        Densities of the cells inside the area.
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    # A single peak must not flatten the picture: the top band begins below what a thousandth of the area exceeds.
    highest = float(np.quantile(values, 0.999)) if values.size else 0.0
    if highest <= 0.0 and values.size:
        highest = float(values.max())
    if highest <= 0.0:
        return tuple(float(edge) for edge in range(1, BAND_COUNT + 1))
    mean = float(values.mean())
    power = math.floor(math.log10(highest)) + 1
    for exponent in range(power, power - 4, -1):
        for digit in (8, 6, 5, 4, 3, 2, 1):
            edges = _edges(digit, exponent, mean)
            if edges[-1] < highest:
                return edges
    return _edges(1, power - 3, mean)


def _edges(digit: int, exponent: int, mean: float) -> tuple[float, ...]:
    step = digit * 10.0**exponent
    first = max(1, math.ceil(mean / step))
    return tuple(float(f"{(first + band) * step:.12g}") for band in range(BAND_COUNT))


def banded(bands: NDArray[np.int8], grid: MercatorGrid, colours: tuple[str, ...], *, opacity: float) -> Raster:
    """Give bands their colours; band 0 is transparent."""
    alpha = round(255 * opacity)
    entries = ((255, 255, 255, 0), *((*palette.rgb(colour), alpha) for colour in colours))
    return Raster(_palette_png(bands, entries), grid.degrees, grid, bands, entries)


def _palette_png(bands: NDArray[np.int8], colours: tuple[tuple[int, int, int, int], ...]) -> bytes:
    image = Image.frombytes("P", bands.shape[::-1], np.ascontiguousarray(bands, dtype=np.uint8).tobytes())
    image.putpalette([channel for entry in colours for channel in entry[:3]])
    file = io.BytesIO()
    image.save(file, "PNG", bits=4, compress_level=6, transparency=bytes(entry[3] for entry in colours))
    return file.getvalue()


@dataclass(frozen=True, eq=False)
class _Samples:
    """Where the pixels of a grid lie in a surface: the upper left neighbour and two weights for each."""

    grid: MercatorGrid
    corner: NDArray[np.int32]
    """Flat index into the surface padded by one cell, shape ``grid.shape``."""
    down: NDArray[np.float32]
    right: NDArray[np.float32]
    inside: NDArray[np.bool_]
    width: int
    """Columns of the padded surface."""

    def of(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Sample a surface; beyond its edges it has no value, and NaN counts as nothing."""
        padded = np.pad(np.nan_to_num(np.asarray(values, dtype=np.float32)), 1, mode="edge").ravel()
        upper = padded[self.corner]
        upper += self.right * (padded[self.corner + 1] - upper)
        lower = padded[self.corner + self.width]
        lower += self.right * (padded[self.corner + (self.width + 1)] - lower)
        return (upper + self.down * (lower - upper)) * self.inside


@lru_cache(maxsize=12)
def _samples(grid: Grid, crs: str, pixels: int) -> _Samples:
    """Keep what changes of one view's settings share."""
    return _sampled(grid, crs, pixels)


def _sampled(grid: Grid, crs: str, pixels: int) -> _Samples:
    target = MercatorGrid.covering(grid.bounds, crs=crs, pixels=pixels)
    x, y = target.centres(crs)
    west, south, east, north = grid.bounds
    inside = (x >= west) & (x < east) & (y >= south) & (y < north)
    across = np.clip((x - grid.west) / grid.cell_size + 0.5, 0, grid.columns)
    along = np.clip((grid.north - y) / grid.cell_size + 0.5, 0, grid.rows)
    column, row = np.floor(across).astype(np.int32), np.floor(along).astype(np.int32)
    width = grid.columns + 2
    return _Samples(
        target, row * width + column, (along - row).astype(np.float32), (across - column).astype(np.float32), inside, width
    )


@lru_cache(maxsize=12)
def _mask(grid: MercatorGrid, crs: str, area: BaseGeometry) -> NDArray[np.bool_]:
    return grid.mask(area, crs=crs)
