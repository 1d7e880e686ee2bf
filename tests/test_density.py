"""Kernel density: worked cases, properties, the slow obvious version, golden values."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import BadInput
from hotspot.grid import Grid
from hotspot.methods.density import (
    EPANECHNIKOV,
    GAUSSIAN,
    KERNELS,
    QUARTIC,
    density,
    equal_variance,
    kernel_sum,
    suggested_bandwidth,
)

GOLDEN_X = np.array([1, 2, 2.5, 4, 7, 8])
GOLDEN_Y = np.array([1, 1.5, 3, 4, 7, 2])
AT_X, AT_Y = np.array([2.5, 1, 5, 8]), np.array([2.5, 1, 5, 2])
NONE = np.array([])
points = st.lists(st.tuples(st.floats(-500, 2500), st.floats(-500, 2500)), min_size=1, max_size=30)


def scattered(seed, count, *, extent=6_000.0):
    return np.random.default_rng(seed).uniform(0, extent, (2, count))


def exact_on(grid, x, y, *, bandwidth, kernel, weight=None):
    """The slow obvious version: every offence's kernel at every cell centre."""
    east, north = np.meshgrid(grid.x, grid.y)
    values = kernel_sum(x, y, at_x=east.ravel(), at_y=north.ravel(), bandwidth=bandwidth, kernel=kernel, weight=weight)
    return values.reshape(grid.shape)


def relative_error(found, exact):
    return np.linalg.norm(found - exact) / np.linalg.norm(exact)


def test_one_offence_has_the_height_of_its_kernel_worked_by_hand():
    # Quartic, h = 1 km: 3/π at the centre, (1 − ¼)² = 9/16 of it half way out, nothing at the rim.
    at = np.array([0.0, 500.0, 1000.0, 1500.0])
    values = kernel_sum(np.zeros(1), np.zeros(1), at_x=at, at_y=np.zeros(4), bandwidth=1000, kernel=QUARTIC)
    assert values == pytest.approx([3 / math.pi, 27 / (16 * math.pi), 0, 0])
    # Gaussian, σ = 1 km: 1/2π at the centre, e^(−½) of it one σ out.
    values = kernel_sum(np.zeros(1), np.zeros(1), at_x=at[[0, 2]], at_y=np.zeros(2), bandwidth=1000, kernel=GAUSSIAN)
    assert values == pytest.approx([1 / (2 * math.pi), math.exp(-0.5) / (2 * math.pi)])
    # Epanechnikov, h = 1 km: 2/π at the centre, ¾ of it half way out, nothing at the rim.
    values = kernel_sum(np.zeros(1), np.zeros(1), at_x=at, at_y=np.zeros(4), bandwidth=1000, kernel=EPANECHNIKOV)
    assert values == pytest.approx([2 / math.pi, 1.5 / math.pi, 0, 0])


@pytest.mark.parametrize(
    ("kernel", "bandwidth", "expected"),
    [
        (QUARTIC, 3, [0.2320190888, 0.1946864479, 0.0654958614, 0.1061032954]),
        (GAUSSIAN, 1, [0.2591928999, 0.2513568667, 0.0624347527, 0.1591625567]),
    ],
)
def test_kernel_sums_are_the_golden_values(kernel, bandwidth, expected):
    values = kernel_sum(GOLDEN_X, GOLDEN_Y, at_x=AT_X, at_y=AT_Y, bandwidth=bandwidth, kernel=kernel)
    assert values / 1e6 == pytest.approx(expected, abs=1e-10)


def test_raw_quartic_sums_are_the_golden_values():
    values = kernel_sum(GOLDEN_X, GOLDEN_Y, at_x=AT_X, at_y=AT_Y, bandwidth=3, kernel=QUARTIC)
    raw = values / 1e6 * math.pi * 9 / 3
    assert raw == pytest.approx([2.1867283951, 1.8348765432, 0.6172839506, 1.0], abs=1e-10)


def test_kernel_sums_do_not_depend_on_how_they_are_divided_for_memory():
    x, y = scattered(1, 2_500)
    at_x, at_y = scattered(2, 1_000)
    together = kernel_sum(x, y, at_x=at_x, at_y=at_y, bandwidth=700, kernel=GAUSSIAN)
    alone = [kernel_sum(x, y, at_x=at_x[[i]], at_y=at_y[[i]], bandwidth=700, kernel=GAUSSIAN)[0] for i in (0, 399, 400, 999)]
    assert together[[0, 399, 400, 999]] == pytest.approx(alone, rel=1e-12)


@given(points, st.sampled_from([150.0, 333.0, 700.0]), st.sampled_from([50.0, 100.0, 260.0]))
@settings(max_examples=60, deadline=None)
def test_quartic_on_the_grid_is_exact_at_cell_centres(positions, bandwidth, cell_size):
    x, y = np.array(positions).T
    grid = Grid.covering((0, 0, 2_000, 1_500), cell_size=cell_size)
    found = density(x, y, grid=grid, bandwidth=bandwidth, kernel=QUARTIC).values
    exact = exact_on(grid, x, y, bandwidth=bandwidth, kernel=QUARTIC)
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-12 * 3e6 / (math.pi * bandwidth**2))


def test_weighted_and_coincident_offences_are_exact_too():
    x, y = scattered(3, 400)
    x[200:], y[200:] = x[:200], y[:200]
    weight = np.random.default_rng(4).uniform(0, 1, 400)
    grid = Grid.covering((0, 0, 6_000, 6_000), cell_size=100)
    found = density(x, y, grid=grid, bandwidth=800, kernel=QUARTIC, weight=weight)
    np.testing.assert_allclose(found.values, exact_on(grid, x, y, bandwidth=800, kernel=QUARTIC, weight=weight), rtol=1e-12)
    assert found.weight_total == pytest.approx(weight.sum())
    assert found.count == 400


@pytest.mark.parametrize("sigma", [60.0, 100.0, 200.0, 299.0, 300.0, 353.6])
def test_gaussian_on_the_grid_is_within_one_in_a_thousand_of_the_exact_sum(sigma):
    grid = Grid.covering((0, 0, 6_000, 6_000), cell_size=100)
    for count in (1, 300):
        x, y = scattered(5, count)
        found = density(x, y, grid=grid, bandwidth=sigma, kernel=GAUSSIAN).values
        assert relative_error(found, exact_on(grid, x, y, bandwidth=sigma, kernel=GAUSSIAN)) < 1e-3
        assert (found >= 0).all()


@given(points, st.sampled_from(KERNELS))
@settings(max_examples=40, deadline=None)
def test_density_integrates_to_the_number_of_offences(positions, kernel):
    x, y = np.array(positions).T
    grid = Grid.covering((-3_000, -3_000, 5_000, 5_000), cell_size=50)
    surface = density(x, y, grid=grid, bandwidth=equal_variance(600, source=QUARTIC, target=kernel), kernel=kernel)
    # An epanechnikov has an edge at its rim, so that the sum over cells of a tenth of it errs by more than the others'.
    tolerance = 2e-3 if kernel == EPANECHNIKOV else 1e-4
    assert surface.values.sum() * grid.cell_area_km2 == pytest.approx(len(x), rel=tolerance)


@given(points, st.integers(-7, 7), st.integers(-7, 7), st.sampled_from(KERNELS))
@settings(max_examples=40, deadline=None)
def test_a_smaller_grid_crops_the_picture_and_not_the_data(positions, columns, rows, kernel):
    x, y = np.array(positions).T
    whole = Grid.covering((-2_000, -2_000, 4_000, 4_000), cell_size=100)
    part = Grid(900 + 100 * columns, 1_400 + 100 * rows, 100, 6, 8)
    top, left = round((whole.north - part.north) / 100), round((part.west - whole.west) / 100)
    cropped = density(x, y, grid=whole, bandwidth=310, kernel=kernel).values[top : top + 6, left : left + 8]
    found = density(x, y, grid=part, bandwidth=310, kernel=kernel).values
    np.testing.assert_allclose(found, cropped, rtol=1e-9, atol=1e-9)


def test_no_offences_give_a_surface_of_zeros():
    grid = Grid.covering((0, 0, 1_000, 1_000), cell_size=100)
    for kernel in KERNELS:
        surface = density(NONE, NONE, grid=grid, bandwidth=400, kernel=kernel)
        assert surface.values.shape == (10, 10)
        assert not surface.values.any()
        assert surface.count == 0


def test_an_offence_without_a_location_is_refused():
    grid = Grid.covering((0, 0, 1_000, 1_000), cell_size=100)
    with pytest.raises(ValueError, match="without a location"):
        density(np.array([math.nan]), np.array([1.0]), grid=grid, bandwidth=400, kernel=QUARTIC)


def test_a_wrong_kernel_and_a_wrong_bandwidth_are_both_named():
    with pytest.raises(BadInput, match=r"'cubic' is not a kernel[\s\S]*no width"):
        kernel_sum(NONE, NONE, at_x=NONE, at_y=NONE, bandwidth=-1, kernel="cubic")


def test_equal_variance_is_a_factor_of_the_root_of_eight_or_six():
    assert equal_variance(250, source=GAUSSIAN, target=QUARTIC) == pytest.approx(250 * math.sqrt(8))
    assert equal_variance(250, source=GAUSSIAN, target=EPANECHNIKOV) == pytest.approx(250 * math.sqrt(6))
    assert equal_variance(800, source=QUARTIC, target=EPANECHNIKOV) == pytest.approx(400 * math.sqrt(3))
    assert equal_variance(700, source=QUARTIC, target=QUARTIC) == 700


@given(st.floats(100, 2_000), st.sampled_from([QUARTIC, EPANECHNIKOV]))
@settings(max_examples=25, deadline=None)
def test_kernels_have_equal_variance_after_a_switch(radius, kernel):
    # Variance on one axis, integrated numerically over the finite kernel.
    r = (np.arange(4_000) + 0.5) * radius / 4_000
    height = (1 - (r / radius) ** 2) ** (2 if kernel == QUARTIC else 1)
    variance = (height * r**3).sum() / (height * r).sum() / 2
    assert equal_variance(radius, source=kernel, target=GAUSSIAN) ** 2 == pytest.approx(variance, rel=1e-5)


def test_the_suggestion_is_the_mean_distance_to_the_tenth_neighbour_worked_by_hand():
    # Eleven offences on a line, 60 m apart: the tenth other is the farthest, 10, 9, 8, 7, 6, 5, 6 … 10 steps away.
    x = np.arange(11) * 60.0
    suggestion = suggested_bandwidth(x, np.zeros(11), snapped=False)
    assert suggestion.raw == pytest.approx(85 / 11 * 60)
    assert suggestion.bandwidth == 460
    assert suggestion.sentence == "460 m: mean distance to the 10th nearest offence."
    assert suggestion.warning == ""


def test_the_suggestion_stays_in_its_range_and_says_so():
    x, y = scattered(7, 500, extent=1_000)
    raised = suggested_bandwidth(x, y, snapped=False)
    assert raised.raw < 150 == raised.bandwidth
    assert "raised" in raised.warning
    snapped = suggested_bandwidth(x, y, snapped=True)
    assert snapped.bandwidth == 300
    assert "snapped" in snapped.warning
    lowered = suggested_bandwidth(x * 50, y * 50, snapped=False)
    assert lowered.raw > 1_000 == lowered.bandwidth
    assert "lowered" in lowered.warning


def test_too_few_offences_for_a_suggestion_are_said():
    suggestion = suggested_bandwidth(np.arange(10.0), np.arange(10.0), snapped=False)
    assert suggestion.bandwidth == 1_000
    assert "the offences are too few" in suggestion.warning
