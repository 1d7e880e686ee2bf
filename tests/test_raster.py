"""Rasters: where they lie, which band a value falls into, which breaks are chosen, and the colours."""

import io
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hotspot.grid import Grid
from hotspot.maps import palette
from hotspot.maps.projection import MercatorGrid, transformer
from hotspot.maps.raster import (
    breaks_for,
    built_up_raster,
    change_raster,
    density_raster,
    difference_raster,
)
from hotspot.methods.change_map import BEYOND, CELL_FELL, CELL_ROSE, CELL_TOO_FEW, ChangeMap
from hotspot.methods.density import DensitySurface, density

BNG = "EPSG:27700"
GRID = Grid(west=400_000.0, north=300_000.0, cell_size=100.0, rows=100, columns=120)
BREAKS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
LARGEST = 100_000
"""Bytes that a raster may take on its way to the browser."""


def surface_of(values: np.ndarray, grid: Grid = GRID) -> DensitySurface:
    return DensitySurface(grid, values, 300.0, "quartic", 1, 1.0, "none")


def change_of(category: np.ndarray, grid: Grid) -> ChangeMap:
    nothing = np.full(grid.shape, np.nan)
    count = np.zeros(grid.shape, dtype=np.int64)
    return ChangeMap(grid, category.astype(np.int8), nothing, nothing, nothing, count, count, 1_500.0, "")


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def pixel_at(raster, x: float, y: float) -> int:
    row, column, on_grid = raster.grid.pixel_of(np.array([x]), np.array([y]), crs=BNG)
    assert on_grid[0]
    return int(raster.bands[row[0], column[0]])


@pytest.mark.parametrize(("x", "y"), [(404_050.0, 295_050.0), (401_250.0, 298_750.0), (410_950.0, 291_050.0)])
def test_the_peak_pixel_of_a_single_offence_lies_at_its_longitude_and_latitude_within_a_pixel(x, y):
    surface = density(np.array([x]), np.array([y]), grid=GRID, bandwidth=900.0, kernel="quartic")
    raster = density_raster(surface, tuple(np.linspace(0.05, 0.995, 6) * surface.values.max()), crs=BNG)
    rows, columns = np.nonzero(raster.bands == raster.bands.max())
    (south, west), (north, east) = raster.bounds
    pixel_x, pixel_y = (east - west) / raster.grid.columns, (north - south) / raster.grid.rows
    longitude, latitude = transformer(BNG, "EPSG:4326").transform(x, y)
    assert west + (columns.mean() + 0.5) * pixel_x == pytest.approx(longitude, abs=pixel_x)
    assert north - (rows.mean() + 0.5) * pixel_y == pytest.approx(latitude, abs=pixel_y)


def test_pixel_centres_between_the_lattice_are_right_to_a_decimetre():
    grid = MercatorGrid.covering((386_000.0, 272_000.0, 439_500.0, 307_500.0), crs=BNG, pixels=640)
    x = grid.west + (np.arange(grid.columns) + 0.5) * grid.pixel
    y = grid.north - (np.arange(grid.rows) + 0.5) * grid.pixel
    exact_x, exact_y = transformer("EPSG:3857", BNG).transform(*np.meshgrid(x, y))
    fast_x, fast_y = grid.centres(BNG)
    assert np.abs(fast_x - exact_x).max() < 0.1
    assert np.abs(fast_y - exact_y).max() < 0.1


def test_a_plane_is_sampled_as_the_plane_itself():
    """Bilinear interpolation is exact on a plane: the slow obvious version is the plane's own formula."""
    values = (GRID.x[None, :] - GRID.west) / 1_000.0 + 0.0 * GRID.y[:, None]
    raster = density_raster(surface_of(values), tuple(float(edge) for edge in range(2, 8)), crs=BNG)
    x, y = raster.grid.centres(BNG)
    west, south, east, north = GRID.bounds
    inner = (x > west + 50) & (x < east - 50) & (y > south + 50) & (y < north - 50)
    expected = np.digitize((x - GRID.west) / 1_000.0, range(2, 8))
    near_an_edge = np.abs((x / 1_000.0) % 1 - 0.5) > 0.499
    assert (raster.bands == expected)[inner & ~near_an_edge].all()


@pytest.mark.parametrize(("value", "band"), [(0.999, 0), (1.0, 1), (1.999, 1), (2.0, 2), (6.0, 6), (600.0, 6), (np.nan, 0)])
def test_a_value_on_a_break_belongs_to_the_band_above_it(value, band):
    raster = density_raster(surface_of(np.full(GRID.shape, value)), BREAKS, crs=BNG)
    assert pixel_at(raster, 405_000.0, 295_000.0) == band


def test_pixels_outside_the_area_and_beyond_the_surface_are_transparent():
    area = shapely.box(402_000.0, 294_000.0, 406_000.0, 298_000.0)
    raster = density_raster(surface_of(np.full(GRID.shape, 9.0)), BREAKS, crs=BNG, area=area)
    assert pixel_at(raster, 404_000.0, 296_000.0) == 6
    assert pixel_at(raster, 408_000.0, 296_000.0) == 0
    alpha = np.array(decoded(raster.png).convert("RGBA"))[..., 3]
    assert (alpha == 0).sum() == (raster.bands == 0).sum() > 0
    shown_km2 = (raster.bands == 6).mean() * raster.bands.size * (raster.grid.pixel * np.cos(np.radians(52.55)) / 1_000) ** 2
    assert shown_km2 == pytest.approx(16.0, rel=0.02)


def test_a_density_raster_is_a_small_palette_png_with_its_own_colours():
    rng = np.random.default_rng(4)
    x, y = rng.uniform(400_000, 412_000, 3_000), rng.uniform(290_000, 300_000, 3_000)
    surface = density(x, y, grid=GRID, bandwidth=300.0, kernel="quartic")
    raster = density_raster(surface, breaks_for(surface.values), crs=BNG)
    image = decoded(raster.png)
    assert image.mode == "P"
    assert image.size == raster.grid.shape[::-1]
    assert len(raster.png) < LARGEST
    shown = {tuple(colour) for colour in np.array(image.convert("RGBA"))[raster.bands > 0]}
    assert shown <= {(*palette.rgb(colour), round(255 * palette.RASTER_OPACITY)) for colour in palette.DENSITY}


def test_two_bandwidths_give_two_pictures_on_the_same_grid():
    surfaces = [
        density(np.array([404_000.0]), np.array([295_000.0]), grid=GRID, bandwidth=h, kernel="quartic") for h in (500.0, 900.0)
    ]
    rasters = [density_raster(surface, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6), crs=BNG) for surface in surfaces]
    assert rasters[0].bounds == rasters[1].bounds
    assert rasters[0].png != rasters[1].png


def test_a_difference_is_signed_and_even_about_nothing():
    west = GRID.x[None, :] < 406_000.0
    now, before = (surface_of(np.where(side, 5.0, 0.0) * np.ones(GRID.shape)) for side in (west, ~west))
    raster = difference_raster(now, before, (-4.0, -2.0, 2.0, 4.0), crs=BNG)
    assert pixel_at(raster, 402_000.0, 295_000.0) == 5
    assert pixel_at(raster, 410_000.0, 295_000.0) == 1
    none = difference_raster(now, now, (-4.0, -2.0, 2.0, 4.0), crs=BNG)
    assert pixel_at(none, 410_000.0, 295_000.0) == 3


def test_a_change_raster_shows_each_category_in_its_place_and_hatches_the_too_few():
    grid = replace(GRID, cell_size=500.0, rows=20, columns=24)
    category = np.full(grid.shape, CELL_FELL)
    category[:, 8:16] = CELL_ROSE
    category[:, 16:] = CELL_TOO_FEW
    raster = change_raster(change_of(category, grid), crs=BNG)
    assert pixel_at(raster, 402_000.0, 295_000.0) == CELL_FELL
    assert pixel_at(raster, 406_000.0, 295_000.0) == CELL_ROSE
    too_few = raster.bands[np.isin(raster.bands, (CELL_TOO_FEW, CELL_TOO_FEW + 1))]
    assert (too_few == CELL_TOO_FEW + 1).mean() == pytest.approx(palette.HATCH_WIDTH / palette.HATCH_EVERY, abs=0.02)
    assert len(raster.png) < LARGEST
    assert max(decoded(raster.png).size) == 1_400


def test_no_category_appears_on_the_border_of_two_others():
    grid = replace(GRID, cell_size=500.0, rows=20, columns=24)
    category = np.where(np.arange(24)[None, :] < 12, CELL_FELL, CELL_ROSE) * np.ones(grid.shape, dtype=int)
    raster = change_raster(change_of(category, grid), crs=BNG)
    assert set(np.unique(raster.bands)) <= {0, CELL_FELL, CELL_ROSE}


def test_the_colour_of_a_change_raster_reaches_the_outline_and_stops_there():
    grid = replace(GRID, cell_size=500.0, rows=20, columns=24)
    category = np.full(grid.shape, CELL_ROSE)
    category[:, :4] = BEYOND
    area = shapely.box(401_200.0, 291_000.0, 411_000.0, 299_000.0)
    raster = change_raster(change_of(category, grid), crs=BNG, area=area)
    assert pixel_at(raster, 401_300.0, 295_000.0) == CELL_ROSE
    assert pixel_at(raster, 401_000.0, 295_000.0) == 0


def test_the_built_up_tone_is_darkest_in_town_and_absent_in_the_country():
    rng = np.random.default_rng(8)
    x, y = rng.uniform(402_000, 405_000, 4_000), rng.uniform(293_000, 296_000, 4_000)
    raster = built_up_raster(x, y, crs=BNG, bounds=GRID.bounds, land=shapely.box(400_000, 290_000, 404_500, 300_000))
    assert pixel_at(raster, 403_500.0, 294_500.0) == 2
    assert pixel_at(raster, 404_000.0, 299_000.0) == 0
    assert pixel_at(raster, 404_700.0, 294_500.0) == 0, "beyond the land"
    assert len(raster.png) < LARGEST


def test_many_offences_at_one_place_do_not_make_a_town():
    x, y = np.full(5_000, 403_000.0), np.full(5_000, 295_000.0)
    one = built_up_raster(x[:1], y[:1], crs=BNG, bounds=GRID.bounds)
    many = built_up_raster(x, y, crs=BNG, bounds=GRID.bounds)
    assert many.png == one.png


def test_breaks_worked_by_hand_begin_above_the_mean_and_leave_the_top_band_in_use():
    """Mean 5.8 and highest 33.8, as burglary in Birmingham: steps of 4 from 8, so that 28 is still below 33.8."""
    values = np.array([33.8] + [5.0] * 34)
    assert values.mean() == pytest.approx(5.82, abs=0.01)
    assert breaks_for(values) == (8.0, 12.0, 16.0, 20.0, 24.0, 28.0)


@given(st.lists(st.floats(0.0, 1e6, allow_subnormal=False), min_size=1, max_size=60).filter(lambda values: max(values) > 1e-6))
def test_breaks_are_round_even_and_rising(values):
    breaks = breaks_for(np.array(values))
    steps = np.diff(breaks)
    assert len(breaks) == 6
    assert np.allclose(steps, steps[0], rtol=1e-6)
    digits = f"{steps[0]:.6e}".split("e")[0].rstrip("0").rstrip(".")
    assert len(digits) == 1, "one significant digit"
    assert breaks[0] / steps[0] == pytest.approx(round(breaks[0] / steps[0]), abs=1e-6)
    assert breaks[0] >= np.mean(values) * (1 - 1e-9)


def test_breaks_of_an_empty_selection_still_make_a_legend():
    assert breaks_for(np.zeros(10)) == breaks_for(np.array([])) == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
