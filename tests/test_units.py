"""Squares, hexagons and named areas: the units of analysis, and the picture made of them."""

import io

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hotspot.boundaries.areas import Areas
from hotspot.maps.unit_raster import unit_raster
from hotspot.methods.units import hexagons, named_areas, squares

CRS = "EPSG:27700"
STAR = shapely.Polygon([(0, 0), (900, 200), (2_000, 100), (1_400, 900), (1_900, 1_800), (800, 1_300), (100, 1_700), (400, 800)])
WITH_A_HOLE = STAR.difference(shapely.Point(1_000, 700).buffer(210))
TWO_PARTS = shapely.MultiPolygon([shapely.box(10, 10, 700, 460), shapely.Point(1_500.3, 900.7).buffer(400)])
AREAS = (STAR, WITH_A_HOLE, TWO_PARTS)


def make(kind, area, size):
    return squares(area, cell_size=size) if kind == "squares" else hexagons(area, width=size)


def level(*shapes, names="ABCDEFGH"):
    return Areas("ward", geopandas.GeoDataFrame({"name": list(names[: len(shapes)])}, geometry=list(shapes), crs=CRS))


def points_in(area, count, seed):
    west, south, east, north = area.bounds
    random = np.random.default_rng(seed)
    x, y = random.uniform(west, east, count * 4), random.uniform(south, north, count * 4)
    inside = shapely.contains_properly(area, shapely.points(x, y))
    return x[inside][:count], y[inside][:count]


def neighbours_of(units, number):
    starts, others = units.neighbours()
    return set(others[starts[number] : starts[number + 1]].tolist())


def test_four_squares_of_a_kilometre_have_a_quarter_of_it_each_and_touch_one_another():
    units = squares(shapely.box(402_000, 292_000, 403_000, 293_000), cell_size=500)
    assert units.names == (
        "E 402,250 N 292,250",
        "E 402,750 N 292,250",
        "E 402,250 N 292,750",
        "E 402,750 N 292,750",
    )
    assert units.area_km2.tolist() == [0.25] * 4
    assert [neighbours_of(units, number) for number in range(4)] == [{1, 2, 3}, {0, 2, 3}, {0, 1, 3}, {0, 1, 2}]


def test_a_square_belongs_to_its_western_and_southern_edge_alone():
    units = squares(shapely.box(0, 0, 1_000, 1_000), cell_size=500)
    assert units.unit_of([0, 500, 499.99, 1_000, np.nan], [0, 0, 500, 500, 3]).tolist() == [0, 1, 2, -1, -1]


def test_a_whole_hexagon_has_the_area_of_its_width():
    units = hexagons(STAR, width=100)
    assert units.area_km2.max() == pytest.approx(0.01 * np.sqrt(3) / 2)
    assert units.size == 100


def test_a_hexagon_inside_touches_six_and_a_square_inside_eight():
    for kind, expected in (("hexagons", 6), ("squares", 8)):
        units = make(kind, STAR, 100)
        number = int(units.unit_of([1_000], [700])[0])
        found = neighbours_of(units, number)
        touching = set(np.flatnonzero(shapely.intersects(units.geometry, units.geometry[number].buffer(0.01))).tolist())
        assert len(found) == expected
        assert found == touching - {number}


@pytest.mark.parametrize("kind", ["squares", "hexagons"])
@given(which=st.sampled_from(range(len(AREAS))), size=st.floats(60, 700), east=st.floats(-3e5, 6e5), north=st.floats(-3e5, 6e5))
@settings(max_examples=25, deadline=None)
def test_cells_tile_the_area_without_gap_or_overlap(kind, which, size, east, north):
    area = shapely.transform(AREAS[which], lambda corners: corners + np.array([east, north]))
    units = make(kind, area, size)
    together = shapely.union_all(units.geometry, grid_size=1e-4)
    assert units.area_km2.sum() * 1e6 == pytest.approx(area.area, rel=1e-9)
    assert together.area == pytest.approx(area.area, rel=1e-6)
    assert (units.area_km2 > 0).all()


@pytest.mark.parametrize("kind", ["squares", "hexagons"])
@given(which=st.sampled_from(range(len(AREAS))), size=st.floats(60, 700), seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_every_point_in_the_area_lies_in_the_one_unit_whose_polygon_covers_it(kind, which, size, seed):
    area = AREAS[which]
    x, y = points_in(area, 60, seed)
    units = make(kind, area, size)
    found = units.unit_of(x, y)
    assert (found >= 0).all()
    for east, north, number in zip(x, y, found, strict=True):
        near = np.flatnonzero(shapely.dwithin(units.geometry, shapely.Point(east, north), 1e-6))
        assert number in near
        assert len(near) == 1 or shapely.distance(units.geometry[number].boundary, shapely.Point(east, north)) < 1e-5


@pytest.mark.parametrize("kind", ["squares", "hexagons"])
@given(which=st.sampled_from(range(len(AREAS))), size=st.floats(60, 500), reach=st.floats(1, 3))
@settings(max_examples=25, deadline=None)
def test_neighbours_are_symmetric_and_never_the_unit_itself(kind, which, size, reach):
    units = make(kind, AREAS[which], size)
    for starts, others in (units.neighbours(), units.neighbours_within(reach * size)):
        unit = np.repeat(np.arange(len(units)), np.diff(starts))
        pairs = set(zip(unit.tolist(), others.tolist(), strict=True))
        assert len(pairs) == len(others)
        assert all((b, a) in pairs and a != b for a, b in pairs)


@pytest.mark.parametrize("kind", ["squares", "hexagons"])
@given(size=st.floats(80, 500), reach=st.floats(0.4, 3.2))
@settings(max_examples=25, deadline=None)
def test_cells_within_a_distance_are_those_whose_middles_are(kind, size, reach):
    units = make(kind, STAR, size)
    x, y = units.centres
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    starts, others = units.neighbours_within(reach * size)
    for number in range(len(units)):
        near = set(np.flatnonzero(apart[number] <= reach * size * (1 + 1e-9)).tolist()) - {number}
        assert set(others[starts[number] : starts[number + 1]].tolist()) == near


def test_the_same_place_lies_in_the_same_cell_whatever_the_area():
    near, wide = hexagons(shapely.box(300, 300, 900, 900), width=130), hexagons(STAR, width=130)
    x, y = points_in(shapely.box(300, 300, 900, 900).intersection(STAR), 50, 1)
    assert [near.names[number] for number in near.unit_of(x, y)] == [wide.names[number] for number in wide.unit_of(x, y)]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_counts_add_up_to_the_points_and_weights_to_their_sum(seed):
    x, y = points_in(WITH_A_HOLE, 80, seed)
    weight = np.random.default_rng(seed).random(len(x))
    units = hexagons(WITH_A_HOLE, width=210)
    assert units.counts(x, y).sum() == len(x)
    assert units.counts(x, y, weight).sum() == pytest.approx(weight.sum())
    assert units.counts(np.append(x, np.nan), np.append(y, 0.0)).sum() == len(x)


def test_a_size_of_nothing_is_our_mistake():
    with pytest.raises(ValueError, match="larger than 0"):
        squares(STAR, cell_size=0)


def test_named_areas_keep_their_names_and_touch_across_a_border_and_a_corner():
    areas = level(
        shapely.box(0, 0, 1_000, 1_000), shapely.box(1_000, 0, 2_000, 1_000), shapely.box(1_000.4, 1_000.4, 1_900, 1_900)
    )
    units = named_areas(areas)
    assert units.kind == "ward"
    assert units.names == ("A", "B", "C")
    assert units.area_km2[:2].tolist() == [1.0, 1.0]
    assert neighbours_of(units, 0) == {1, 2}
    assert np.isnan(units.size)
    assert units.unit_of([1_000, 1_500, 5_000, np.nan], [500, 500, 5, 5]).tolist() == [0, 1, -1, -1]


def test_named_areas_within_an_area_are_cut_to_it_and_slivers_left_out():
    areas = level(shapely.box(0, 0, 1_000, 1_000), shapely.box(1_000, 0, 2_000, 1_000), shapely.box(2_000, 0, 3_000, 1_000))
    units = named_areas(areas, within=shapely.box(0, 0, 1_500, 1_000).union(shapely.box(2_000, 0, 2_003, 1_000)))
    assert units.names == ("A", "B")
    assert units.area_km2.tolist() == [1.0, 0.5]


def test_named_areas_have_no_distance_between_middles():
    with pytest.raises(ValueError, match="touch"):
        named_areas(level(STAR)).neighbours_within(10)


@pytest.mark.parametrize("kind", ["squares", "hexagons", "areas"])
def test_each_pixel_shows_the_unit_that_its_centre_lies_in(kind):
    area = shapely.transform(WITH_A_HOLE, lambda corners: corners + np.array([402_000, 292_000]))
    halves = level(shapely.box(402_000, 292_000, 403_000, 294_000), shapely.box(403_000, 292_000, 404_000, 294_000))
    units = named_areas(halves, within=area) if kind == "areas" else make(kind, area, 300)
    band = (np.arange(len(units)) % 3 - 1).astype(np.int8)
    raster = unit_raster(units, band, colours=("#5E3C99", "#C75B00"), crs=CRS, area=area)
    x, y = raster.grid.centres(CRS)
    shown = np.random.default_rng(4).integers(0, x.size, 400)
    for east, north, colour in zip(x.ravel()[shown], y.ravel()[shown], raster.bands.ravel()[shown], strict=True):
        point = shapely.Point(east, north)
        if shapely.distance(area.boundary, point) < 3 or shapely.distance(units.geometry, point).min() > 0:
            continue
        near = np.flatnonzero(shapely.dwithin(units.geometry, point, 3.0))
        assert colour in (band[near] + 1)
    image = Image.open(io.BytesIO(raster.png))
    assert image.size == raster.grid.shape[::-1]
    assert max(raster.grid.shape) == 1_400


def test_a_hatched_band_is_crossed_by_stripes_and_nothing_else_is():
    units = squares(shapely.box(402_000, 292_000, 404_000, 293_000), cell_size=1_000)
    raster = unit_raster(units, np.array([0, 1], dtype=np.int8), colours=("#EAE7E0", "#C75B00"), hatched=0, crs=CRS)
    left, right = raster.bands[:, :600], raster.bands[:, 800:]
    assert set(np.unique(left)) <= {0, 1, 3}
    assert 0.2 < (left == 3).sum() / (left > 0).sum() < 0.3
    assert set(np.unique(right)) <= {0, 2}


def test_a_band_without_a_colour_is_our_mistake():
    units = squares(shapely.box(0, 0, 1_000, 1_000), cell_size=1_000)
    with pytest.raises(ValueError, match="colour"):
        unit_raster(units, np.array([1], dtype=np.int8), colours=("#5E3C99",), crs=CRS)
