"""Edge correction: golden values, rectangles and outlines worked another way, what is kept inside the window."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

from hotspot.grid import Grid
from hotspot.methods.coverage import cell_fractions
from hotspot.methods.density import (
    DIGGLE,
    GAUSSIAN,
    KERNELS,
    NONE,
    QUARTIC,
    UNIFORM,
    density,
    edge_mass,
    equal_variance,
    kernel_sum,
    mass_for,
)

GOLDEN_X = np.array([1, 2, 2.5, 4, 7, 8])
GOLDEN_Y = np.array([1, 1.5, 3, 4, 7, 2])
SQUARE = shapely.box(0, 0, 10, 10)


def scattered(seed, count, *, extent=6_000.0):
    return np.random.default_rng(seed).uniform(0, extent, (2, count))


def outline(seed):
    """A window with a bay and a hole, 4 by 3 km."""
    random = np.random.default_rng(seed)
    corners = [(0, 0), (4_000, random.uniform(-500, 500)), (3_600, 3_000), (2_000, random.uniform(1_200, 2_600)), (-300, 3_000)]
    return shapely.Polygon(corners).difference(shapely.Point(900, 900).buffer(random.uniform(50, 300)))


def inside(window, seed, count):
    x, y = np.random.default_rng(seed).uniform((-500, -500), (4_500, 3_500), (20 * count, 2)).T
    within = shapely.contains_xy(window, x, y)
    return x[within][:count], y[within][:count]


def rectangle_mass(x, y, *, rectangle, sigma):
    """The exact share of a gaussian at (x, y) inside a rectangle."""
    west, south, east, north = rectangle
    along = [erf((high - at) / (sigma * math.sqrt(2))) - erf((low - at) / (sigma * math.sqrt(2)))
             for low, high, at in ((west, east, x), (south, north, y))]  # fmt: skip
    return along[0] * along[1] / 4


@pytest.mark.parametrize(("cell_size", "at", "expected"), [(0.4, 1.0, 0.7078609817), (0.2, 2.5, 0.9876192293)])
def test_gaussian_edge_mass_is_the_golden_value(cell_size, at, expected):
    grid = Grid.covering((0, 0, 10, 10), cell_size=cell_size)
    column = int(at / cell_size)
    assert grid.x[column] == pytest.approx(at)
    mass = edge_mass(grid, shapely.box(0, 0, 10, 10), bandwidth=1, kernel=GAUSSIAN)
    assert mass[grid.rows - 1 - column, column] == pytest.approx(expected, abs=1e-8)
    assert rectangle_mass(at, at, rectangle=(0, 0, 10, 10), sigma=1) == pytest.approx(expected, abs=1e-10)


def test_corrected_gaussian_is_the_golden_value():
    grid = Grid.covering((0, 0, 10, 10), cell_size=0.2)
    surface = density(GOLDEN_X, GOLDEN_Y, grid=grid, bandwidth=1, kernel=GAUSSIAN, window=shapely.box(0, 0, 10, 10))
    # Binning on cells of σ/5 costs up to 1 in 10,000.
    assert surface.values[37, 12] / 1e6 == pytest.approx(0.2624421358, rel=1e-4)
    assert surface.edge_corrected


@given(st.floats(0, 300), st.floats(0, 300), st.floats(900, 1_990), st.floats(500, 1_490), st.sampled_from([150.0, 250.0]))
@settings(max_examples=30, deadline=None)
def test_gaussian_edge_mass_agrees_with_the_exact_share_of_any_rectangle(west, south, east, north, sigma):
    grid = Grid.covering((0, 0, 2_000, 1_500), cell_size=50)
    mass = edge_mass(grid, shapely.box(west, south, east, north), bandwidth=sigma, kernel=GAUSSIAN)
    centre_x, centre_y = np.meshgrid(grid.x, grid.y)
    exact = rectangle_mass(centre_x, centre_y, rectangle=(west, south, east, north), sigma=sigma)
    # A fifth of a cell is how finely the window's north and south edges are measured: 10 m of a kernel of 150 m.
    np.testing.assert_allclose(mass[mass > 0], exact[mass > 0], atol=0.02)


def test_quartic_edge_mass_is_a_half_on_a_straight_edge_and_one_far_inside():
    grid = Grid.covering((-2_000, -2_000, 2_000, 2_000), cell_size=40)
    mass = edge_mass(grid, shapely.box(-20, -9_000, 9_000, 9_000), bandwidth=700, kernel=QUARTIC)
    edge = int((-20 - grid.west) / 40)
    assert grid.x[edge] == -20
    assert mass[30, edge] == pytest.approx(0.5)
    assert mass[30, edge + 20 :] == pytest.approx(1.0)
    assert not mass[:, :edge].any()


def test_quartic_edge_mass_agrees_with_counting_points_of_the_kernel():
    window = shapely.Polygon([(0, 0), (1_000, 100), (1_300, 900), (500, 600), (-200, 1_000)])
    grid = Grid.covering((-200, 0, 1_300, 1_000), cell_size=50)
    mass = edge_mass(grid, window, bandwidth=400, kernel=QUARTIC)
    offset = (np.arange(-100, 100) + 0.5) * 4
    east, north = (part.ravel() for part in np.meshgrid(offset, offset))
    height = np.maximum(1 - (east**2 + north**2) / 400**2, 0) ** 2
    inner = np.argwhere(mass > 0)
    for row, column in inner[:: len(inner) // 12]:
        inside = shapely.contains_xy(window, grid.x[column] + east, grid.y[row] + north)
        assert mass[row, column] == pytest.approx(height[inside].sum() / height.sum(), abs=0.01)


def test_a_narrow_spike_is_not_blown_up():
    spike = shapely.box(0, 0, 3_000, 20)
    grid = Grid.covering((0, 0, 3_000, 100), cell_size=100)
    x, y = np.array([1_500.0]), np.array([10.0])
    plain = density(x, y, grid=grid, bandwidth=700, kernel=QUARTIC).values
    assert density(x, y, grid=grid, bandwidth=700, kernel=QUARTIC, window=spike).values.max() <= 10 * plain.max()


def test_diggle_with_the_exact_mass_of_each_offence_is_the_golden_value():
    mass = rectangle_mass_of_all(GOLDEN_X, GOLDEN_Y)
    at = {"at_x": np.array([2.5]), "at_y": np.array([2.5]), "bandwidth": 1, "kernel": GAUSSIAN}
    assert kernel_sum(GOLDEN_X, GOLDEN_Y, **at, weight=1 / mass)[0] / 1e6 == pytest.approx(0.2754095789, abs=1e-9)
    own = rectangle_mass(2.5, 2.5, rectangle=(0, 0, 10, 10), sigma=1)
    assert kernel_sum(GOLDEN_X, GOLDEN_Y, **at)[0] / own / 1e6 == pytest.approx(0.2624421358, abs=1e-9)


def rectangle_mass_of_all(x, y):
    return np.array([rectangle_mass(a, b, rectangle=(0, 0, 10, 10), sigma=1) for a, b in zip(x, y, strict=True)])


def test_diggle_on_the_grid_is_the_golden_value():
    grid = Grid.covering((0, 0, 10, 10), cell_size=0.2)
    surface = density(GOLDEN_X, GOLDEN_Y, grid=grid, bandwidth=1, kernel=GAUSSIAN, window=SQUARE, edge=DIGGLE)
    assert surface.values[37, 12] / 1e6 == pytest.approx(0.2754095789, rel=2e-4)
    assert (surface.edge, surface.edge_corrected) == (DIGGLE, True)


def test_no_correction_is_the_plain_sum():
    grid = Grid.covering((0, 0, 10, 10), cell_size=0.5)
    given = {"grid": grid, "bandwidth": 3, "kernel": QUARTIC}
    plain = density(GOLDEN_X, GOLDEN_Y, **given)
    assert (plain.edge, plain.edge_corrected) == (NONE, False)
    asked = density(GOLDEN_X, GOLDEN_Y, **given, window=SQUARE, edge=NONE)
    np.testing.assert_array_equal(asked.values, plain.values)


@given(st.integers(0, 10_000), st.sampled_from(KERNELS), st.booleans())
@settings(max_examples=25, deadline=None)
def test_under_diggles_correction_the_surface_integrates_to_the_number_of_offences(seed, kernel, adaptive):
    """Within 1 %: the cells are a twelfth of the bandwidth, a quarter of the narrowest adaptive one."""
    window = outline(seed)
    x, y = inside(window, seed, 60)
    grid = Grid.covering(window.bounds, cell_size=50)
    bandwidth = equal_variance(600, source=QUARTIC, target=kernel)
    surface = density(x, y, grid=grid, bandwidth=bandwidth, kernel=kernel, window=window, edge=DIGGLE, adaptive=adaptive)
    held = (surface.values * cell_fractions(grid, window)).sum() * grid.cell_area_km2
    assert held == pytest.approx(60, rel=1e-2)
    if adaptive:
        assert equal_variance(surface.narrowest, source=kernel, target=QUARTIC) > 199.9


@pytest.mark.parametrize("kernel", KERNELS)
def test_diggle_agrees_with_the_mass_of_each_offence_counted_on_points(kernel):
    """The slow and obvious version: a fine lattice of the kernel round each offence, counted inside the window."""
    window = outline(3)
    x, y = inside(window, 4, 12)
    grid = Grid.covering(window.bounds, cell_size=50)
    bandwidth = equal_variance(500, source=QUARTIC, target=kernel)
    reach = 900
    offset = np.arange(-reach + 3, reach, 6.0)
    east, north = (part.ravel() for part in np.meshgrid(offset, offset))
    height = kernel_sum(np.zeros(1), np.zeros(1), at_x=east, at_y=north, bandwidth=bandwidth, kernel=kernel)
    mass = [height[shapely.contains_xy(window, a + east, b + north)].sum() / height.sum() for a, b in zip(x, y, strict=True)]
    centre_x, centre_y = (part.ravel() for part in np.meshgrid(grid.x, grid.y))
    exact = kernel_sum(x, y, at_x=centre_x, at_y=centre_y, bandwidth=bandwidth, kernel=kernel, weight=1 / np.array(mass))
    found = density(x, y, grid=grid, bandwidth=bandwidth, kernel=kernel, window=window, edge=DIGGLE).values.ravel()
    within = shapely.contains_xy(window, centre_x, centre_y)
    error = np.linalg.norm(found[within] - exact[within]) / np.linalg.norm(exact[within])
    assert error < 5e-3
    assert np.abs(found - exact)[within].max() < 1e-2 * exact.max()
    assert not found[~shapely.intersects(window, shapely.box(centre_x - 25, centre_y - 25, centre_x + 25, centre_y + 25))].any()


def test_an_offence_beyond_the_limit_is_not_blown_up():
    grid = Grid.covering((0, 0, 3_000, 3_000), cell_size=100)
    beyond = (np.array([-350.0]), np.array([1_500.0]))
    given = {"grid": grid, "bandwidth": 800, "kernel": QUARTIC}
    found = density(*beyond, **given, window=shapely.box(0, 0, 3_000, 3_000), edge=DIGGLE).values
    np.testing.assert_allclose(found, density(*beyond, **given).values)


@pytest.mark.parametrize("edge", [UNIFORM, DIGGLE])
@pytest.mark.parametrize("adaptive", [False, True])
def test_a_mass_kept_by_the_caller_gives_the_same_surface(edge, adaptive):
    x, y = scattered(6, 100)
    window = shapely.Point(3_000, 3_000).buffer(2_500)
    grid = Grid.covering(window.bounds, cell_size=100)
    given = {"bandwidth": 500, "kernel": QUARTIC, "edge": edge, "adaptive": adaptive}
    kept = mass_for(grid, window, **given)
    direct = density(x, y, grid=grid, window=window, **given)
    found = density(x, y, grid=grid, mass=kept, **given)
    np.testing.assert_allclose(found.values, direct.values, rtol=1e-9, atol=1e-9)
    corner = direct.values[:3, :3]
    assert not corner.any()
    # A picture of one part has the same values: the mass kept for one crop serves another.
    part = Grid(grid.west + 700, grid.north - 900, 100, 12, 15)
    cropped = density(x, y, grid=part, window=window, **given).values
    np.testing.assert_allclose(cropped, direct.values[9:21, 7:22], rtol=1e-6)


EVEN = np.meshgrid(np.arange(10, 3_000, 20.0), np.arange(10, 3_000, 20.0))


@pytest.mark.parametrize("adaptive", [False, True])
def test_uniform_correction_makes_an_even_spread_even_up_to_the_edge(adaptive):
    grid = Grid.covering((0, 0, 3_000, 3_000), cell_size=100)
    x, y = (part.ravel() for part in EVEN)
    window = shapely.box(0, 0, 3_000, 3_000)
    surface = density(x, y, grid=grid, bandwidth=700, kernel=QUARTIC, window=window, adaptive=adaptive)
    assert surface.edge == UNIFORM
    assert surface.values == pytest.approx(2_500, rel=1e-2)


@pytest.mark.parametrize("adaptive", [False, True])
def test_diggles_correction_of_an_even_spread_is_what_calculus_gives(adaptive):
    """At the middle of a straight edge ∫ K(t)/M(t) dt, M the mass with M' = K, is log 1 − log ½; far inside it is 1."""
    grid = Grid(-50, 1_650, 100, 3, 16)  # the first column's centres lie on the edge itself
    x, y = (part.ravel() for part in EVEN)
    window = shapely.box(0, 0, 3_000, 3_000)
    surface = density(x, y, grid=grid, bandwidth=700, kernel=QUARTIC, window=window, edge=DIGGLE, adaptive=adaptive)
    # A third of a per cent more or less because the spread is of points 20 m apart.
    assert surface.values[:, 0] == pytest.approx(2_500 * math.log(2), rel=5e-3)
    assert surface.values[:, 15] == pytest.approx(2_500, rel=5e-3)


def test_a_mass_measured_for_another_correction_is_refused():
    grid = Grid.covering((0, 0, 10, 10), cell_size=0.5)
    given = {"bandwidth": 3, "kernel": QUARTIC}
    kinds = [(UNIFORM, False), (DIGGLE, False), (DIGGLE, True)]
    for edge, adaptive in kinds:
        mass = mass_for(grid, SQUARE, **given, edge=edge, adaptive=adaptive)
        for other in kinds:
            if other != (edge, adaptive):
                with pytest.raises(ValueError, match="not measured for"):
                    density(GOLDEN_X, GOLDEN_Y, grid=grid, **given, edge=other[0], adaptive=other[1], mass=mass)
