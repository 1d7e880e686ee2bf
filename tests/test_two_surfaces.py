"""Two surfaces and their test by random labelling: by hand, against the slow way, under chance, and with a cluster planted."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.grid import Grid
from hotspot.methods import random_labelling
from hotspot.methods.density import density, edge_mass, kernel_sum
from hotspot.methods.random_labelling import Group
from hotspot.methods.two_surfaces import two_surfaces
from hotspot.tasks import block_seed

GRID = Grid(west=0.0, north=4_000.0, cell_size=250.0, rows=16, columns=16)
SQUARE = shapely.box(0, 0, 4_000, 4_000)
LIMITS = {"LEAST_TOGETHER": 3.0, "LEAST_EXPECTED": 1.0}


@pytest.fixture
def few_are_enough(monkeypatch):
    """Test cells with a handful of offences, so that every outcome can be listed."""
    for name, value in LIMITS.items():
        monkeypatch.setattr(random_labelling, name, value)


def group(seed, count, *, at=None, spread=300.0, exposure=1.0):
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0, 4_000, count), generator.uniform(0, 4_000, count)
    if at is not None:
        x, y = generator.normal(at[0], spread, count), generator.normal(at[1], spread, count)
    return Group(x, y, exposure=exposure)


def joined(*groups):
    return Group(np.concatenate([one.x for one in groups]), np.concatenate([one.y for one in groups]))


def compared(first, second, **options):
    given_options = {"grid": GRID, "bandwidth": 800.0, "kernel": "quartic", "region": SQUARE, "simulations": 99, "seed": 1}
    return two_surfaces(first, second, **(given_options | options))


def test_a_case_worked_by_hand(few_are_enough):
    """Eight offences at one cell's centre, four of each group at first; the kernel's height there is 3/(πh²)."""
    here = np.full(4, 125.0)
    grid = Grid(0.0, 250.0, 250.0, 1, 1)
    found = compared(Group(here, here, exposure=30), Group(here, here, exposure=60), grid=grid, region=None)
    height = 3e6 / (math.pi * 800**2)
    assert found.first[0, 0] == pytest.approx(4 * height) and found.second[0, 0] == pytest.approx(4 * height)
    assert found.difference[0, 0] == pytest.approx(4 * height / 30 - 4 * height / 60)
    assert found.relative_risk[0, 0] == pytest.approx(1.0)
    # With both sizes kept, every shuffling puts four of the first group here: nothing varies, nothing is tested.
    assert not found.tested.any() and math.isnan(found.global_p_value)
    by_days = compared(Group(here, here, exposure=30), Group(here, here, exposure=60), grid=grid, region=None, chance=1 / 3)
    assert by_days.expected[0, 0] == pytest.approx(8 / 3 * height)
    assert by_days.spread[0, 0] == pytest.approx(math.sqrt(8 * (1 / 3) * (2 / 3)) * height)
    assert by_days.deviation[0, 0] == pytest.approx((4 - 8 / 3) / math.sqrt(16 / 9))


def test_surfaces_are_those_of_density_with_its_edge_correction():
    first, second = group(1, 60), group(2, 90)
    mass = edge_mass(GRID, SQUARE, bandwidth=800.0, kernel="quartic")
    found = compared(first, second, mass=mass, region=None)
    for surface, one in ((found.first, first), (found.second, second)):
        expected = density(one.x, one.y, grid=GRID, bandwidth=800.0, kernel="quartic", mass=mass)
        assert surface == pytest.approx(expected.values, rel=1e-9)
    ratio = (found.first / 60) / (found.second / 90)
    assert found.relative_risk == pytest.approx(ratio, rel=1e-12)


def test_weights_count_as_repeated_offences():
    first, second = group(1, 40), group(2, 50)
    doubled = compared(Group(first.x, first.y, np.full(40, 2.0)), Group(second.x, second.y, np.full(50, 2.0)))
    single = compared(first, second)
    assert doubled.first == pytest.approx(2 * single.first)
    assert doubled.p_value == pytest.approx(single.p_value, nan_ok=True)


@pytest.mark.parametrize("chance", [None, 0.4])
def test_mean_and_spread_are_those_of_every_labelling(few_are_enough, chance):
    first, second = group(3, 4), group(4, 4)
    pool = joined(first, second)
    found = compared(first, second, bandwidth=3_000.0, chance=chance)
    x, y = np.meshgrid(GRID.x, GRID.y)
    heights = np.array(
        [
            kernel_sum(pool.x[[i]], pool.y[[i]], at_x=x.ravel(), at_y=y.ravel(), bandwidth=3_000.0, kernel="quartic")
            for i in range(8)
        ]
    )
    labels = np.array([label for label in itertools.product([0, 1], repeat=8) if chance is not None or sum(label) == 4])
    odds = np.ones(len(labels)) if chance is None else np.prod(np.where(labels, chance, 1 - chance), axis=1)
    surfaces = labels @ heights
    mean = np.average(surfaces, axis=0, weights=odds)
    spread = np.sqrt(np.average((surfaces - mean) ** 2, axis=0, weights=odds))
    shown = found.tested.ravel()
    assert shown.any()
    assert found.expected.ravel()[shown] == pytest.approx(mean[shown])
    assert found.spread.ravel()[shown] == pytest.approx(spread[shown])


@pytest.mark.parametrize("chance", [None, 0.5])
def test_p_values_agree_with_the_slow_way(chance):
    first, second = joined(group(5, 60), group(6, 25, at=(1_000, 3_000))), group(7, 90)
    found = compared(first, second, chance=chance, simulations=39, seed=11)
    pool = joined(first, second)
    order = np.lexsort((pool.x, pool.y))
    x, y = np.meshgrid(GRID.x, GRID.y)
    at = {"at_x": x[found.tested], "at_y": y[found.tested], "bandwidth": 800.0, "kernel": "quartic"}
    expected, spread = found.expected[found.tested], found.spread[found.tested]

    def deviation(chosen):
        return np.abs(kernel_sum(pool.x[chosen], pool.y[chosen], **at) - expected) / spread

    observed = deviation(np.arange(len(pool.x)) < len(first.x))
    generator, maps = np.random.default_rng(block_seed(11, 0)), []
    for _ in range(39):
        was_first = (np.arange(len(pool.x)) < len(first.x))[order]
        label = (
            generator.permuted(was_first[None, :], axis=1)[0]
            if chance is None
            else (generator.random(len(pool.x), dtype=np.float32) < chance)
        )
        chosen = np.zeros(len(pool.x), dtype=bool)
        chosen[order] = label
        maps.append(deviation(chosen))
    maps = np.array(maps)
    assert found.p_value[found.tested] == pytest.approx(((maps >= observed - 1e-9).sum(axis=0) + 1) / 40)
    largest = maps.max(axis=1)
    slow_map = [(np.sum(largest >= one - 1e-9) + 1) / 40 for one in observed]
    assert found.map_p_value[found.tested] == pytest.approx(slow_map)
    assert found.global_p_value == pytest.approx(min(slow_map))


def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch):
    first, second = group(1, 80), group(2, 120)
    for chance in (None, 0.3):
        whole = compared(first, second, chance=chance)
        with monkeypatch.context() as fewer:
            fewer.setattr(random_labelling, "AT_ONCE", 7 * 200)
            parts = compared(first, second, chance=chance)
        assert np.array_equal(whole.p_value, parts.p_value, equal_nan=True) and whole.global_p_value == parts.global_p_value


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_offences_and_the_names_of_the_groups_change_nothing_but_the_sign(seed):
    first, second = group(seed, 70), group(seed + 1, 70)
    shuffled = np.random.default_rng(seed).permutation(70)
    here = compared(first, second)
    again = compared(Group(first.x[shuffled], first.y[shuffled]), second)
    assert np.array_equal(here.p_value, again.p_value, equal_nan=True)
    # With equal sizes a labelling and its opposite are as likely, and deviations only change their sign.
    other = compared(second, first)
    assert other.deviation == pytest.approx(-here.deviation, nan_ok=True, abs=1e-9)
    assert other.first == pytest.approx(here.second)


def test_the_whole_maps_p_value_is_uniform_under_chance():
    values = []
    for seed in range(120):
        pool = group(seed, 360)
        first = np.random.default_rng(seed + 5_000).permutation(360) < 160
        found = compared(Group(pool.x[first], pool.y[first]), Group(pool.x[~first], pool.y[~first]), simulations=19, seed=seed)
        values.append(found.global_p_value)
        assert found.stands.any() == (found.global_p_value <= 0.05)
    observed = np.bincount(np.round(np.array(values) * 20).astype(int) - 1, minlength=20)
    assert stats.chisquare(observed.reshape(5, 4).sum(axis=1)).pvalue > 0.001
    assert (np.array(values) <= 0.05).mean() <= 0.11


def test_a_planted_cluster_stands_where_it_was_planted_and_nowhere_else():
    first = joined(group(1, 400), group(2, 90, at=(3_000, 1_000)))
    found = compared(first, group(3, 450), simulations=199)
    assert found.global_p_value == pytest.approx(1 / 200)
    row, column = np.nonzero(found.stands == 1)
    distance = np.hypot(GRID.x[column] - 3_000, GRID.y[row] - 1_000)
    assert len(row) >= 4 and distance.max() < 1_300
    assert (np.abs(found.deviation[found.stands != 0]) > found.critical).all()
    assert (np.abs(found.deviation[found.tested & (found.stands == 0)]) <= found.critical * (1 + 1e-6)).all()


def test_what_stands_lies_beyond_both_envelopes():
    first = joined(group(1, 400), group(2, 90, at=(3_000, 1_000)))
    found = compared(first, group(3, 450), simulations=99)
    stands = found.stands == 1
    assert stands.any()
    for value, (low, high) in (
        (found.difference, found.difference_envelope),
        (found.relative_risk, found.relative_risk_envelope),
    ):
        assert (value[stands] > high[stands]).all()
        quiet = found.tested & (found.stands == 0)
        assert ((value >= low - 1e-9) & (value <= high + 1e-9))[quiet].all()


def test_a_general_fall_is_seen_by_rates_and_not_by_patterns():
    pool, generator = group(1, 900), np.random.default_rng(2)
    first = generator.random(900) < 1 / 3
    groups = Group(pool.x[first], pool.y[first]), Group(pool.x[~first], pool.y[~first])
    assert (compared(*groups, chance=0.5).stands == -1).sum() > 20
    assert compared(*groups).global_p_value > 0.05


def test_cells_with_too_few_offences_are_not_tested():
    lonely = Group(np.array([3_800.0] * 6), np.array([3_800.0] * 6))
    crowd = group(1, 150, at=(800, 800)), group(2, 150, at=(800, 800))
    found = compared(joined(crowd[0], lonely), crowd[1])
    assert not found.tested[:4, 12:].any() and found.tested[12:, :4].any()
    assert np.isnan(found.p_value[~found.tested]).all() and not found.stands[~found.tested].any()


def test_empty_and_tiny_groups_give_maps_on_which_nothing_is_tested():
    nothing = Group(np.zeros(0), np.zeros(0))
    for first, second in ((nothing, nothing), (nothing, group(1, 40)), (group(1, 1), nothing)):
        found = compared(first, second)
        assert not found.tested.any() and not found.stands.any() and math.isnan(found.critical)


def test_options_that_make_no_test_are_refused():
    with pytest.raises(ValueError, match="fewer than 19"):
        compared(group(1, 30), group(2, 30), simulations=18)
    with pytest.raises(ValueError, match="between 0 and 1"):
        compared(group(1, 30), group(2, 30), chance=1.0)
