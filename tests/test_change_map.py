"""Change map: worked cases, counting the slow way, one correction for table and map."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.grid import Grid
from hotspot.methods.change import benjamini_hochberg, compare, rate_ratio
from hotspot.methods.change_map import (
    BEYOND,
    CELL_DOWN,
    CELL_FELL,
    CELL_LITTLE,
    CELL_ROSE,
    CELL_TOO_FEW,
    CELL_UP,
    change_map,
    counts_within,
)

CATEGORY_OF = {
    "rose": {CELL_ROSE},
    "fell": {CELL_FELL},
    "little change": {CELL_LITTLE},
    "could be chance": {CELL_DOWN, CELL_UP},
    "too few to say": {CELL_TOO_FEW},
}


def piles(numbers, *, spacing=1_000.0):
    """Put offences in piles, one after another going east."""
    x = np.repeat(np.arange(len(numbers)) * spacing + spacing / 2, numbers)
    return x, np.full(len(x), spacing / 2)


def test_six_piles_get_the_six_readings_worked_by_hand():
    now, before = [200, 20, 1_000, 30, 60, 4], [20, 200, 1_010, 25, 70, 5]
    found = change_map(
        *piles(now), *piles(before), grid=Grid(0, 1_000, 1_000, 1, 6), radius=400, days=30, baseline_days=30, region=None
    )
    assert found.category.tolist() == [[CELL_ROSE, CELL_FELL, CELL_LITTLE, CELL_UP, CELL_DOWN, CELL_TOO_FEW]]
    assert found.count.tolist() == [now]
    assert found.baseline_count.tolist() == [before]
    assert found.ratio[0] == pytest.approx(np.array(now) / before)
    assert found.family.startswith("5 of 6 places were tested together")


def test_the_map_reads_as_the_table_does():
    random = np.random.default_rng(1)
    now, before = random.poisson(40, 12) * random.integers(1, 3, 12), random.poisson(40, 12)
    now[3], before[3] = 5, 2
    grid = Grid(0, 1_000, 1_000, 1, 12)
    found = change_map(*piles(now), *piles(before), grid=grid, radius=300, days=28, baseline_days=31, region=None)
    table = compare([str(i) for i in range(12)], now, before, days=28, baseline_days=31, family="12 areas")
    np.testing.assert_array_equal(found.q_value[0], [row.q_value for row in table.rows])
    for category, row in zip(found.category[0], table.rows, strict=True):
        assert category in CATEGORY_OF[row.verdict]


@given(st.integers(0, 10_000), st.sampled_from([90.0, 100.0, 450.0, 1_500.0]))
@settings(max_examples=40, deadline=None)
def test_counts_within_a_radius_are_those_of_measuring_every_distance(seed, radius):
    random = np.random.default_rng(seed)
    x, y = random.uniform(-1_000, 5_000, (2, 200))
    x, y = np.append(x, [0, 50, 50]), np.append(y, [0, 50, 50])
    grid = Grid(0, 3_000, 100, 30, 40)
    east, north = np.meshgrid(grid.x, grid.y)
    distance = np.hypot(east[..., None] - x, north[..., None] - y)
    np.testing.assert_array_equal(counts_within(x, y, grid=grid, radius=radius), (distance <= radius).sum(axis=-1))


def test_an_offence_at_exactly_the_radius_counts():
    grid = Grid(0, 1_000, 100, 10, 10)
    counts = counts_within(np.array([550.0]), np.array([550.0]), grid=grid, radius=200)
    assert counts[4].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 0, 0]
    assert counts[:, 5].tolist() == [0, 0, 1, 1, 1, 1, 1, 0, 0, 0]
    assert counts.sum() == 13


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_every_cell_holds_its_own_exact_test_and_the_family_is_the_tested_cells(seed):
    random = np.random.default_rng(seed)
    x, y = random.normal(2_500, 800, (2, 500))
    baseline_x, baseline_y = random.normal(2_200, 800, (2, 400))
    region = shapely.Point(2_500, 2_500).buffer(2_200)
    grid = Grid.covering((0, 0, 5_000, 5_000), cell_size=500)
    found = change_map(x, y, baseline_x, baseline_y, grid=grid, radius=700, days=59, baseline_days=61, region=region)
    beyond = found.category == BEYOND
    assert np.isnan(found.p_value[beyond]).all()
    tested = ~beyond & (found.count + found.baseline_count >= 20)
    np.testing.assert_array_equal(np.isfinite(found.q_value), tested)
    np.testing.assert_array_equal(found.category == CELL_TOO_FEW, ~beyond & ~tested)
    np.testing.assert_allclose(found.q_value[tested], benjamini_hochberg(found.p_value[tested]))
    for row, column in np.argwhere(~beyond)[::7]:
        single = rate_ratio(found.count[row, column], found.baseline_count[row, column], exposure=59, baseline_exposure=61)
        assert found.p_value[row, column] == single.p_value
        assert found.ratio[row, column] == pytest.approx(single.ratio, nan_ok=True)
        clear = found.q_value[row, column] < 0.05
        assert (found.category[row, column] in (CELL_ROSE, CELL_FELL)) == clear
        if clear:
            assert (found.category[row, column] == CELL_ROSE) == (single.ratio > 1)


def test_on_data_without_change_hardly_any_map_shows_a_clear_place():
    clear = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        points = random.uniform(0, 10_000, (4, 700))
        grid = Grid.covering((0, 0, 10_000, 10_000), cell_size=500)
        found = change_map(*points, grid=grid, radius=1_500, days=30, baseline_days=30, region=None)
        clear += bool(np.isin(found.category, (CELL_ROSE, CELL_FELL)).any())
    # At most 5 in 100 such maps would; 6 or more of 40 have a chance under 2 in 100 then.
    assert clear <= 5


def test_no_offences_leave_every_place_too_few():
    none = np.array([])
    grid = Grid(0, 1_000, 500, 2, 2)
    found = change_map(none, none, none, none, grid=grid, radius=500, days=1, baseline_days=1, region=None)
    assert (found.category == CELL_TOO_FEW).all()
    assert found.family.startswith("0 of 4")
