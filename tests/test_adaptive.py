"""Adaptive bandwidths: Abramson's square root law, worked by hand and against the slow exact version."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from hotspot.errors import BadInput
from hotspot.grid import Grid
from hotspot.methods.adaptive import FACTORS, factors, geometric_mean
from hotspot.methods.density import (
    EPANECHNIKOV,
    GAUSSIAN,
    KERNELS,
    QUARTIC,
    UNIFORM,
    adaptive_kernel_sum,
    density,
    equal_variance,
    kernel_sum,
)


def town(seed, count):
    """A dense centre, a suburb and a few far away, in metres."""
    random = np.random.default_rng(seed)
    centre = random.normal((3_000, 3_000), 250, (count // 2, 2))
    suburb = random.normal((4_500, 4_000), 900, (count - count // 2 - 5, 2))
    return np.vstack([centre, suburb, random.uniform(500, 6_500, (5, 2))]).T.copy()


def test_factors_are_worked_by_hand():
    # Densities 1, 4 and 16: their geometric mean is 4, so the factors are 2, 1 and ½; 400 and 0.04 are held.
    density_at = np.array([1.0, 4.0, 16.0])
    mean = geometric_mean(density_at, np.ones(3))
    assert mean == pytest.approx(4)
    assert factors(density_at, geometric_mean=mean) == pytest.approx([2, 1, 0.5])
    assert factors(np.array([400.0, 0.04, 0.0]), geometric_mean=4) == pytest.approx([FACTORS[0], FACTORS[1], FACTORS[1]])
    # An offence of weight 2 counts as two.
    assert geometric_mean(np.array([1.0, 8.0]), np.array([2.0, 1.0])) == pytest.approx(2)


@pytest.mark.parametrize(("kernel", "peak"), [(QUARTIC, 3 / math.pi), (EPANECHNIKOV, 2 / math.pi), (GAUSSIAN, 0.5 / math.pi)])
def test_lone_offences_keep_the_chosen_bandwidth(kernel, peak):
    """Equal density everywhere: every factor is 1, and the surface is the fixed one."""
    x, y = np.array([50.0, 20_050.0]), np.array([50.0, 50.0])
    grid = Grid.covering((-3_000, -3_000, 3_000, 3_000), cell_size=100)
    bandwidth = equal_variance(900, source=QUARTIC, target=kernel)
    surface = density(x, y, grid=grid, bandwidth=bandwidth, kernel=kernel, adaptive=True)
    assert (surface.narrowest, surface.widest) == pytest.approx((bandwidth, bandwidth), rel=1e-3)
    assert surface.values.max() == pytest.approx(peak / (bandwidth / 1_000) ** 2, rel=2e-3)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("cell_size", [40.0, 100.0])
def test_the_surface_agrees_with_the_slow_exact_version(kernel, cell_size):
    """Within the bound of every approximated surface: relative L2 0.5 %, peak 1 %."""
    x, y = town(1, 400)
    weight = np.random.default_rng(2).uniform(0, 2, 400)
    weight[:3] = 0
    grid = Grid.covering((1_500, 1_500, 5_500, 5_500), cell_size=cell_size)
    bandwidth = equal_variance(700, source=QUARTIC, target=kernel)
    found = density(x, y, grid=grid, bandwidth=bandwidth, kernel=kernel, weight=weight, adaptive=True)
    east, north = np.meshgrid(grid.x, grid.y)
    at = {"at_x": east.ravel(), "at_y": north.ravel()}
    exact = adaptive_kernel_sum(x, y, **at, bandwidth=bandwidth, kernel=kernel, weight=weight).reshape(grid.shape)
    assert np.linalg.norm(found.values - exact) < 5e-3 * np.linalg.norm(exact)
    assert np.abs(found.values - exact).max() < 1e-2 * exact.max()
    # It is another surface than the fixed one: the dense centre stands out more.
    fixed = density(x, y, grid=grid, bandwidth=bandwidth, kernel=kernel, weight=weight).values
    assert exact.max() > 1.2 * fixed.max()
    assert found.narrowest < bandwidth < found.widest <= FACTORS[1] * bandwidth


def test_the_exact_version_is_the_square_root_law_written_out():
    x, y = town(3, 30)
    sigma = 700 / math.sqrt(8)
    pilot = np.array([kernel_sum(x, y, at_x=x[[i]], at_y=y[[i]], bandwidth=sigma, kernel=GAUSSIAN)[0] for i in range(30)])
    mean = math.exp(sum(math.log(value) for value in pilot) / 30)
    at = {"at_x": np.array([3_000.0]), "at_y": np.array([3_100.0]), "kernel": QUARTIC}
    expected = 0.0
    for i in range(30):
        width = 700 * min(max(math.sqrt(mean / pilot[i]), FACTORS[0]), FACTORS[1])
        expected += kernel_sum(x[[i]], y[[i]], **at, bandwidth=width)[0]
    assert adaptive_kernel_sum(x, y, **at, bandwidth=700)[0] == pytest.approx(expected, rel=1e-12)


@given(st.integers(0, 10_000), st.sampled_from(KERNELS))
@settings(max_examples=25, deadline=None)
def test_a_padded_adaptive_surface_integrates_to_the_number_of_offences(seed, kernel):
    x, y = town(seed, 60)
    grid = Grid.covering((-4_500, -4_500, 11_500, 11_500), cell_size=100)
    bandwidth = equal_variance(900, source=QUARTIC, target=kernel)
    surface = density(x, y, grid=grid, bandwidth=bandwidth, kernel=kernel, adaptive=True)
    assert surface.values.sum() * grid.cell_area_km2 == pytest.approx(60, rel=1e-2)


def test_an_adaptive_picture_of_one_part_crops_and_keeps_the_values():
    x, y = town(4, 300)
    whole = Grid.covering((0, 0, 7_000, 7_000), cell_size=100)
    part = Grid(2_500, 4_000, 100, 9, 14)
    given = {"bandwidth": 600, "kernel": QUARTIC, "adaptive": True}
    cropped = density(x, y, grid=whole, **given).values[30:39, 25:39]
    np.testing.assert_allclose(density(x, y, grid=part, **given).values, cropped, rtol=1e-9)


def test_no_offences_and_one_offence_have_a_surface():
    grid = Grid.covering((0, 0, 1_000, 1_000), cell_size=100)
    none = density(np.array([]), np.array([]), grid=grid, bandwidth=300, kernel=QUARTIC, adaptive=True)
    assert not none.values.any()
    one = density(np.array([450.0]), np.array([450.0]), grid=grid, bandwidth=300, kernel=QUARTIC, adaptive=True)
    fixed = density(np.array([450.0]), np.array([450.0]), grid=grid, bandwidth=300, kernel=QUARTIC)
    np.testing.assert_allclose(one.values, fixed.values, rtol=1e-9)


def test_too_wide_an_area_for_so_narrow_a_pilot_is_refused_in_a_sentence():
    far = np.array([0.0, 400_000.0])
    grid = Grid.covering((0, 0, 1_000, 1_000), cell_size=100)
    with pytest.raises(BadInput, match="wider bandwidth, or the fixed one"):
        density(far, far, grid=grid, bandwidth=150, kernel=QUARTIC, adaptive=True)


def half_plane_mass(distance, width):
    """The share of a quartic kernel that lies on its side of a straight edge so far away, summed in thin strips."""
    t = (np.arange(20_000) + 0.5) / 10_000 - 1
    strip = np.maximum(1 - t**2, 0) ** 2.5
    return np.array([strip[t * h > -d].sum() / strip.sum() for d, h in zip(distance, width, strict=True)])


def test_uniform_correction_of_adaptive_kernels_divides_by_the_mass_of_the_cells_own_bandwidth():
    """Five offences at one place, a straight edge: pilot, masses and bandwidths can all be written out."""
    x, y = np.full(5, 600.0), np.full(5, 3_050.0)
    grid = Grid(0, 3_100, 50, 1, 24)
    given = {"grid": grid, "bandwidth": 900, "kernel": QUARTIC, "adaptive": True}
    plain = density(x, y, **given)
    corrected = density(x, y, **given, window=shapely.box(0, -20_000, 40_000, 20_000))
    assert corrected.edge == UNIFORM
    sigma = 900 / math.sqrt(8)
    offset = grid.x - 600
    pilot = np.exp(-(offset**2 + 25**2) / (2 * sigma**2)) / ndtr(grid.x / sigma)
    width = 900 * np.clip(np.sqrt(1 / ndtr(600 / sigma) / pilot), *FACTORS)
    expected = plain.values[0] / half_plane_mass(grid.x, width)
    np.testing.assert_allclose(corrected.values[0], expected, rtol=5e-3)
