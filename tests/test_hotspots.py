"""Ranked hotspots: worked cases, properties, and counting again the slow way."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.geography import Place
from hotspot.grid import Grid
from hotspot.methods.density import QUARTIC, DensitySurface, density
from hotspot.methods.hotspots import named, rank_hotspots

GRID = Grid(0, 1_000, 100, 10, 10)


def surface_of(values, grid=GRID):
    return DensitySurface(grid, np.asarray(values, dtype=float), 500, QUARTIC, 0, 0, "none")


def offences_in(cells):
    """Put offences in the middle of cells: {(row, column): number}."""
    places = [(column * 100 + 50, 950 - row * 100) for (row, column), number in cells.items() for _ in range(number)]
    return np.array(places, dtype=float).reshape(-1, 2).T


def peaks(heights):
    values = np.zeros((10, 10))
    for (row, column), height in heights.items():
        values[row, column] = height
    return values


def clustered(seed, count=600):
    random = np.random.default_rng(seed)
    centre = random.uniform(1_000, 9_000, (6, 2))
    return (centre[random.integers(0, 6, count)] + random.normal(0, 300, (count, 2))).T


def test_two_patches_are_joined_counted_and_ranked_as_worked_by_hand():
    # Three cells touch along edges (an L); the fourth touches one of them at a corner only.
    values = peaks({(2, 2): 9, (2, 3): 8, (3, 3): 7, (4, 4): 6, (8, 8): 1})
    x, y = offences_in({(2, 2): 3, (2, 3): 2, (3, 3): 1, (4, 4): 8, (8, 8): 6})
    ranking = rank_hotspots(surface_of(values), x, y, area=None, area_share=0.04)
    first, second = ranking.hotspots
    assert (first.rank, first.count, first.peak, first.area_km2) == (1, 8, 6, pytest.approx(0.01))
    assert (second.rank, second.count, second.peak, second.area_km2) == (2, 6, 9, pytest.approx(0.03))
    assert (first.x, first.y, second.x, second.y) == (450, 550, 250, 750)
    assert (first.share, second.share) == (8 / 20, 6 / 20)
    assert second.geometry.equals(shapely.Polygon([(200, 700), (300, 700), (300, 600), (400, 600), (400, 800), (200, 800)]))
    assert (ranking.threshold, ranking.total, ranking.held) == (6, 20, 14)
    assert (ranking.area_km2, ranking.covered_km2) == (pytest.approx(1), pytest.approx(0.04))


def test_patches_with_too_few_offences_are_no_hotspots():
    x, y = offences_in({(1, 1): 4, (5, 5): 5})
    ranking = rank_hotspots(surface_of(peaks({(1, 1): 9, (5, 5): 3})), x, y, area=None, area_share=0.02)
    assert [hotspot.count for hotspot in ranking.hotspots] == [5]
    assert rank_hotspots(surface_of(peaks({(1, 1): 9})), x, y, area=None, minimum=4).hotspots[0].count == 4


def test_equal_counts_are_ranked_by_their_peak():
    x, y = offences_in({(1, 1): 5, (5, 5): 5})
    ranking = rank_hotspots(surface_of(peaks({(1, 1): 2, (5, 5): 3})), x, y, area=None, area_share=0.02)
    assert [hotspot.peak for hotspot in ranking.hotspots] == [3, 2]


def test_equal_densities_at_the_threshold_are_taken_from_the_north_and_pass_the_share_by_less_than_a_cell():
    values = peaks({(row, column): 1 for row in (0, 4, 8) for column in (1, 5, 8)})
    x, y = offences_in({(row, column): 5 for row in (0, 4, 8) for column in (1, 5, 8)})
    ranking = rank_hotspots(surface_of(values), x, y, area=None, area_share=0.025)
    assert sorted((hotspot.y, hotspot.x) for hotspot in ranking.hotspots) == [(950, 150), (950, 550), (950, 850)]
    again = rank_hotspots(surface_of(values), x[::-1], y[::-1], area=None, area_share=0.025)
    assert [hotspot.geometry for hotspot in again.hotspots] == [hotspot.geometry for hotspot in ranking.hotspots]


def test_cells_across_the_areas_border_count_by_their_part_and_are_clipped():
    # The area's border halves column 2: at 10 % of its 0.25 km², two and a half half-cells' worth, rounded up.
    area = shapely.box(0, 0, 250, 1_000)
    values = peaks({(row, 2): 10 - row for row in range(10)})
    x, y = offences_in({(row, 2): 2 for row in range(10)})
    ranking = rank_hotspots(surface_of(values), x - 20, y, area=area, area_share=0.08)
    (hotspot,) = ranking.hotspots
    assert hotspot.geometry.equals(shapely.box(200, 600, 250, 1_000))
    assert (hotspot.count, hotspot.area_km2) == (8, pytest.approx(0.02))
    assert (ranking.area_km2, ranking.covered_km2) == (pytest.approx(0.25), pytest.approx(0.02))
    assert shapely.intersects_xy(hotspot.geometry, hotspot.x, hotspot.y)


def test_a_peak_beyond_the_border_is_marked_inside():
    area = shapely.box(0, 0, 240, 1_000)
    x, y = offences_in({(5, 2): 5})
    (hotspot,) = rank_hotspots(surface_of(peaks({(5, 2): 3})), x, y, area=area).hotspots
    assert hotspot.geometry.contains(shapely.Point(hotspot.x, hotspot.y))


@pytest.mark.parametrize("cells", [{}, {(3, 3): 1}])
def test_no_or_one_offence_gives_an_empty_ranking(cells):
    x, y = offences_in(cells)
    surface = density(x, y, grid=GRID, bandwidth=300, kernel=QUARTIC)
    ranking = rank_hotspots(surface, x, y, area=None)
    assert ranking.hotspots == ()
    assert (ranking.total, ranking.held, ranking.covered_km2) == (len(x), 0, 0)
    assert math.isnan(ranking.threshold) == (len(x) == 0)


def test_an_area_away_from_the_grid_gives_an_empty_ranking():
    x, y = offences_in({(3, 3): 9})
    assert rank_hotspots(surface_of(peaks({(3, 3): 1})), x, y, area=shapely.box(5_000, 0, 6_000, 100)).hotspots == ()


@given(st.integers(0, 10_000), st.sampled_from([0.005, 0.01, 0.03, 0.05]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_every_number_of_a_ranking_can_be_counted_again(seed, area_share, whole):
    x, y = clustered(seed)
    grid = Grid.covering((0, 0, 10_000, 10_000), cell_size=125)
    area = None if whole else shapely.Point(5_000, 5_000).buffer(4_700, quad_segs=30)
    if area is not None:
        inside = shapely.contains_xy(area, x, y)
        x, y = x[inside], y[inside]
    surface = density(x, y, grid=grid, bandwidth=600, kernel=QUARTIC)
    ranking = rank_hotspots(surface, x, y, area=area, area_share=area_share)
    assert ranking.covered_km2 <= area_share * ranking.area_km2 * 1.001 + 2 * grid.cell_area_km2
    assert ranking.held == sum(hotspot.count for hotspot in ranking.hotspots)
    counts = [hotspot.count for hotspot in ranking.hotspots]
    assert counts == sorted(counts, reverse=True)
    assert [hotspot.rank for hotspot in ranking.hotspots] == list(range(1, len(counts) + 1))
    for hotspot in ranking.hotspots:
        assert hotspot.geometry.is_valid
        assert hotspot.count == shapely.intersects_xy(hotspot.geometry, x, y).sum() >= 5
        assert hotspot.share == hotspot.count / len(x)
        assert hotspot.peak >= ranking.threshold
        assert shapely.intersects_xy(hotspot.geometry, hotspot.x, hotspot.y)
    for hotspot, other in zip(ranking.hotspots, ranking.hotspots[1:], strict=False):
        assert hotspot.geometry.intersection(other.geometry).length < 1e-6


@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.1, 0.6, 1.0]))
@settings(max_examples=30, deadline=None)
def test_the_chosen_cells_are_those_of_a_plain_sort(seed, area_share):
    random = np.random.default_rng(seed)
    values = random.integers(0, 4, (40, 40)).astype(float)
    grid = Grid(0, 4_000, 100, 40, 40)
    x, y = (part.ravel() for part in np.meshgrid(grid.x, grid.y))
    ranking = rank_hotspots(surface_of(values, grid), x, y, area=None, area_share=area_share, minimum=1)
    cells = sorted((-values[row, column], row, column) for row in range(40) for column in range(40))
    taken = [cell for cell in cells[: math.ceil(area_share * 1_600)] if cell[0] < 0]
    assert ranking.held == len(taken)
    assert ranking.threshold == -taken[-1][0]
    outlines = shapely.union_all([hotspot.geometry for hotspot in ranking.hotspots])
    assert all(outlines.contains(shapely.Point(grid.x[column], grid.y[row])) for _, row, column in taken)


def test_weights_are_summed_as_shares():
    x, y = offences_in({(3, 3): 11, (7, 7): 4})
    weight = np.full(15, 0.5)
    ranking = rank_hotspots(surface_of(peaks({(3, 3): 2, (7, 7): 1})), x, y, area=None, area_share=0.02, weight=weight)
    (hotspot,) = ranking.hotspots
    assert (hotspot.count, ranking.total) == (5.5, 7.5)


def test_a_hotspot_is_named_after_the_nearest_place_and_its_most_frequent_street():
    x, y = offences_in({(2, 2): 3, (2, 3): 3, (8, 8): 5})
    streets = ["High Street", pd.NA, "High Street", "Mill Lane", None, "On or near Parking Area"] + [None] * 5
    frame = pd.DataFrame({"x": x, "y": y, "street": pd.array(streets, dtype="string")})
    places = (Place("Erdington", "Birmingham", 200, 700, 2), Place("Canley", "Coventry", 800, 100, 2))
    ranking = rank_hotspots(surface_of(peaks({(2, 2): 3, (2, 3): 2, (8, 8): 1})), x, y, area=None, area_share=0.03)
    assert named(ranking, frame, places) == ("Erdington, around High Street", "Canley")
    assert named(ranking, frame.drop(columns="street"), places) == ("Erdington", "Canley")
    across_the_border = frame.assign(lpa="Coventry")
    assert named(ranking, across_the_border, places)[0].startswith("Canley, around High Street")


def test_real_burglaries_concentrate_in_hotspots_that_can_be_counted_again(shared_data):
    import pyproj

    files = sorted((shared_data / "police-uk").glob("2014-0[12]/*west-midlands-street.csv"))
    frame = pd.concat([pd.read_csv(path) for path in files]).query("`Crime type` == 'Burglary'").dropna(subset="Longitude")
    x, y = pyproj.Transformer.from_crs(4326, 27700, always_xy=True).transform(frame["Longitude"], frame["Latitude"])
    grid = Grid.covering((x.min(), y.min(), x.max(), y.max()), cell_size=100)
    ranking = rank_hotspots(density(x, y, grid=grid, bandwidth=700, kernel=QUARTIC), x, y, area=None)
    held = sum(shapely.intersects_xy(hotspot.geometry, x, y).sum() for hotspot in ranking.hotspots)
    assert held == ranking.held
    assert ranking.held / ranking.total > 3 * ranking.covered_km2 / ranking.area_km2
