"""Kernels added to cells and shared among them: compiled loops and numpy give the same numbers; errors are bounded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.grid import Grid
from hotspot.methods import compiled
from hotspot.methods.binning import binned_gaussian, interpolated
from hotspot.methods.density import GAUSSIAN, KERNELS, QUARTIC, density, equal_variance, kernel_sum
from hotspot.methods.scatter import coalesced, scattered

GRID = Grid.covering((0, 0, 3_000, 2_000), cell_size=100)
SAME = {"rtol": 1e-12, "atol": 1e-12}
positions = st.lists(st.tuples(st.floats(-900, 3_900), st.floats(-900, 2_900)), max_size=25)


@pytest.fixture
def both(monkeypatch):
    """Give a function that computes something without and with compiled loops."""
    compiled.warm("scatter")  # a test may wait for a compiler, a person never does
    loops = compiled.loaded("scatter")
    assert loops is not None

    def run(compute):
        monkeypatch.setattr(compiled, "ready", lambda name: None)
        plain = compute()
        monkeypatch.setattr(compiled, "ready", lambda name: loops)
        return plain, compute()

    return run


def without_and_with_loops(compute):
    with pytest.MonkeyPatch.context() as patch:
        return both.__wrapped__(patch)(compute)


def clustered(seed, count):
    random = np.random.default_rng(seed)
    centres = random.uniform((0, 0), (3_000, 2_000), (5, 2))
    return (centres[random.integers(0, 5, count)] + random.normal(0, 200, (count, 2))).T.copy()


@given(positions, st.sampled_from(KERNELS), st.sampled_from([40.0, 130.0, 400.0]), st.booleans())
@settings(max_examples=50, deadline=None)
def test_compiled_and_numpy_scatter_agree(places, kernel, bandwidth, is_own):
    x, y = np.array(places, dtype=float).reshape(-1, 2).T.copy()
    weight = np.linspace(0, 2, len(x))
    widths = np.linspace(bandwidth / 2, 2 * bandwidth, len(x)) if is_own else bandwidth
    plain, fast = without_and_with_loops(lambda: scattered(x, y, weight, grid=GRID, bandwidth=widths, kernel=kernel))
    np.testing.assert_allclose(fast, plain, rtol=1e-12, atol=1e-12 * max(plain.max(), 1))


@pytest.mark.parametrize("kernel", KERNELS)
def test_two_threads_give_the_same_as_numpy_and_the_same_each_time(kernel, both):
    x, y = clustered(1, 12_000)
    plain, fast = both(lambda: scattered(x, y, np.ones(len(x)), grid=GRID, bandwidth=250.0, kernel=kernel))
    np.testing.assert_allclose(fast, plain, rtol=1e-12, atol=1e-12 * plain.max())
    again = scattered(x, y, np.ones(len(x)), grid=GRID, bandwidth=250.0, kernel=kernel)
    np.testing.assert_array_equal(fast, again)


@pytest.mark.parametrize("count", [0, 1, 300, 12_000])
def test_compiled_and_numpy_binning_agree(count, both):
    x, y = clustered(2, count)
    plain, fast = both(lambda: binned_gaussian(x, y, np.linspace(0, 2, count), grid=GRID, sigma=333.0))
    np.testing.assert_allclose(fast, plain, rtol=1e-11, atol=1e-11 * max(plain.max(), 1))


def test_compiled_and_numpy_interpolation_agree_and_a_cubic_is_met_exactly(both):
    east, north = np.meshgrid(GRID.x / 1_000, GRID.y / 1_000)
    values = 1 + east**3 - 2 * east * north**2 + north**3
    x, y = np.random.default_rng(3).uniform((200, 200), (2_800, 1_800), (200, 2)).T.copy()
    plain, fast = both(lambda: interpolated(values, grid=GRID, x=x, y=y))
    np.testing.assert_allclose(fast, plain, **SAME)
    np.testing.assert_allclose(fast, 1 + (x / 1e3) ** 3 - 2 * (x / 1e3) * (y / 1e3) ** 2 + (y / 1e3) ** 3, rtol=1e-9)


@given(st.lists(st.tuples(st.sampled_from([-0.0, 0.0, 1.5, 2e5]), st.sampled_from([0.0, 7.0, 9.5])), max_size=40))
@settings(max_examples=40, deadline=None)
def test_joined_positions_are_different_and_keep_their_weights(places):
    x, y = np.array(places, dtype=float).reshape(-1, 2).T.copy()
    weight = np.arange(1.0, len(x) + 1)
    for found in without_and_with_loops(lambda: coalesced(x, y, weight)):
        if len(x) > 2 * len(set(places)):
            assert len(set(zip(*found[:2], strict=True))) == len(found[0])
        for place in set(places):
            held = found[2][(found[0] == place[0]) & (found[1] == place[1])].sum()
            assert held == weight[(x == place[0]) & (y == place[1])].sum()


def test_snapped_points_are_joined_and_scattered_ones_are_left(both):
    x, y = clustered(4, 9_000)
    rounded = np.round(x, -2), np.round(y, -2)
    _, joined = both(lambda: coalesced(*rounded, np.ones(9_000)))
    assert len(joined[0]) == len(set(zip(*rounded, strict=True)))
    assert joined[2].sum() == 9_000
    _, left = both(lambda: coalesced(x, y, np.ones(9_000)))
    assert len(left[0]) == 9_000


SINGLE = (np.array([1_512.0]), np.array([1_037.0]))
SNAPPED = (np.full(500, 1_512.0), np.full(500, 1_037.0))


@pytest.mark.parametrize("sigma", [100.0, 299.0, 300.0, 310.0, 450.0, 1_000.0])
@pytest.mark.parametrize("places", [SINGLE, SNAPPED, clustered(5, 400)], ids=["one", "snapped", "clustered"])
@pytest.mark.parametrize("shift", [0.0, 13.0, 38.0])
def test_binning_errs_by_less_than_half_a_per_cent_and_at_the_peak_by_less_than_one(sigma, places, shift, both):
    """The bound of every approximated surface; under three cells per standard deviation it is summed, not binned."""
    x, y = places[0] + shift, places[1] + shift / 2
    east, north = np.meshgrid(GRID.x, GRID.y)
    exact = kernel_sum(x, y, at_x=east.ravel(), at_y=north.ravel(), bandwidth=sigma, kernel=GAUSSIAN).reshape(GRID.shape)
    for found in both(lambda: density(x, y, grid=GRID, bandwidth=sigma, kernel=GAUSSIAN).values):
        assert np.linalg.norm(found - exact) < 1e-3 * np.linalg.norm(exact)
        assert np.abs(found - exact).max() < 2e-3 * exact.max()


def test_read_only_arrays_are_taken(both):
    """Parquet columns come as arrays that cannot be written."""
    x, y = clustered(6, 50)
    for array in (x, y):
        array.flags.writeable = False
    for kernel in KERNELS:
        bandwidth = equal_variance(900, source=QUARTIC, target=kernel)
        plain, fast = both(
            lambda kernel=kernel, bandwidth=bandwidth: density(x, y, grid=GRID, bandwidth=bandwidth, kernel=kernel)
        )
        np.testing.assert_allclose(fast.values, plain.values, rtol=1e-10, atol=1e-10 * plain.values.max())
