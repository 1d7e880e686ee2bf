"""Getis–Ord Gi*: the published formula, slow versions that agree, and what correction leaves of a map."""

import itertools

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.boundaries.areas import Areas
from hotspot.methods.gi_star import CHANCE, HIGH, LOW, _draws, gi_star, joined, lattice_sums, permutation_p
from hotspot.methods.rates import benjamini_hochberg
from hotspot.methods.units import hexagons, named_areas, squares
from hotspot.tasks import block_seed

GOLDEN = "0 0 1 2 0 | 0 1 3 5 1 | 1 2 8 9 2 | 0 1 4 6 1 | 0 0 1 0 0"
GOLDEN_Z = """
-1.421032 -1.190590 .087651 .087651 .068073 | -1.373196 -.207968 2.229153 2.229153 1.365892
| -1.190590 .441931 3.528951 3.528951 2.278921 | -1.373196 -.045493 2.229153 2.229153 1.183286
| -1.421032 -1.007984 .087651 .087651 -.144656
"""
"""Of reference/golden-values.md: 5×5 cells, queen contiguity with self, rows from the north."""


def by_row(text):
    """Read rows that are written north to south; units run south to north."""
    return np.array([[float(number) for number in row.split()] for row in text.split("|")])[::-1].ravel()


def five_by_five():
    return squares(shapely.box(0, 0, 500, 500), cell_size=100)


def make(kind, area, size):
    return squares(area, cell_size=size) if kind == "squares" else hexagons(area, width=size)


def slow(units, count, tested, distance):
    """Gi* as the paper writes it, with a full matrix of weights."""
    x, y = units.centres
    x, y, count = x[tested], y[tested], count[tested]
    weight = (np.hypot(x[:, None] - x, y[:, None] - y) <= distance * (1 + 1e-9)).astype(float)
    n, mean = len(count), count.mean()
    deviation = np.sqrt((count**2).sum() / n - mean**2)
    total, squared = weight.sum(axis=1), (weight**2).sum(axis=1)
    spread = deviation * np.sqrt((n * squared - total**2) / (n - 1))
    z = np.array([(w @ count - mean * t) / s if s > 1e-9 else 0.0 for w, t, s in zip(weight, total, spread, strict=True)])
    return z, weight


def test_the_z_of_the_published_example_agrees():
    found = gi_star(five_by_five(), by_row(GOLDEN))
    assert found.z == pytest.approx(by_row(GOLDEN_Z), abs=6e-7)
    assert found.n == 25


def test_the_p_of_the_example_is_two_sided_and_corrected_over_the_whole_map():
    found = gi_star(five_by_five(), by_row(GOLDEN))
    assert found.p_value[12] == pytest.approx(0.00041721, abs=5e-9)
    assert found.q_value[12] == pytest.approx(0.005215, abs=5e-7)
    assert np.unique(found.q_value.round(9))[1] == pytest.approx(0.092156, abs=5e-7)
    assert (found.p_value < 0.05).sum() == 7
    assert (found.q_value < 0.05).sum() == 2


def test_the_neighbours_of_one_offence_among_nine_cells_are_added_up_by_hand():
    """Counts 0 0 0 / 0 6 0 / 0 0 0: a corner sees 4 cells and 6 offences; n 9, mean 2/3, S² = 4 − 4/9 = 32/9."""
    count = np.zeros(9)
    count[4] = 6
    found = gi_star(squares(shapely.box(0, 0, 300, 300), cell_size=100), count)
    assert found.around.tolist() == [6.0] * 9
    assert found.size.tolist() == [4, 6, 4, 6, 9, 6, 4, 6, 4]
    corner = (6 - 4 * 2 / 3) / (np.sqrt(32 / 9) * np.sqrt((9 * 4 - 16) / 8))
    edge = (6 - 6 * 2 / 3) / (np.sqrt(32 / 9) * np.sqrt((9 * 6 - 36) / 8))
    assert found.z == pytest.approx([corner, edge, corner, edge, 0, edge, corner, edge, corner])


@pytest.mark.parametrize("kind", ["squares", "hexagons"])
@given(
    seed=st.integers(0, 10_000),
    size=st.floats(90, 300),
    reach=st.sampled_from([None, 1.0, 1.5, 2.0, 2.7]),
    share=st.floats(0.2, 1),
)
@settings(max_examples=25, deadline=None)
def test_the_fast_sums_agree_with_a_full_matrix_of_weights(kind, seed, size, reach, share):
    area = shapely.Point(1_000, 1_000).buffer(800).union(shapely.box(900, 200, 2_500, 700))
    units = make(kind, area, size)
    random = np.random.default_rng(seed)
    count = random.poisson(1.3, len(units)).astype(float)
    tested = random.random(len(units)) < share
    tested[:3] = True
    distance = units.lattice.adjoining if reach is None else reach * size
    found = gi_star(units, count, distance=None if reach is None else distance, tested=tested)
    z, weight = slow(units, count, tested, distance)
    assert found.z[tested] == pytest.approx(z, abs=1e-9)
    assert found.around[tested].tolist() == (weight @ count[tested]).tolist()
    assert found.size[tested].tolist() == weight.sum(axis=1).tolist()
    assert np.isnan(found.z[~tested]).all()
    assert found.q_value[tested] == pytest.approx(benjamini_hochberg(2 * stats.norm.sf(np.abs(z))))


@pytest.mark.parametrize("kind", ["squares", "hexagons"])
def test_neighbours_are_the_units_own(kind):
    units = make(kind, shapely.Point(1_000, 1_000).buffer(900), 130)
    count = np.random.default_rng(3).poisson(2, len(units)).astype(float)
    starts, others = units.neighbours()
    around = [count[i] + count[others[starts[i] : starts[i + 1]]].sum() for i in range(len(units))]
    assert gi_star(units, count).around.tolist() == around


def test_a_cell_that_is_not_tested_is_nobodys_neighbour():
    count, tested = np.array([1.0, 50.0, 2.0, 3.0]), np.array([True, False, True, True])
    found = gi_star(squares(shapely.box(0, 0, 400, 100), cell_size=100), count, tested=tested)
    assert found.around[[0, 2, 3]].tolist() == [1, 5, 5]
    assert np.isnan(found.around[1])
    assert found.n == 3


def test_equal_counts_everywhere_leave_nothing_to_find():
    found = gi_star(five_by_five(), np.full(25, 3.0), permutations=99, seed=1)
    assert found.z.tolist() == [0.0] * 25
    assert found.p_value.tolist() == [1.0] * 25
    assert found.q_permutation.tolist() == [1.0] * 25
    assert set(found.verdict) == {CHANCE}


def test_one_cell_or_none_can_be_tested_without_a_fault():
    units = squares(shapely.box(0, 0, 100, 100), cell_size=100)
    assert gi_star(units, np.array([5.0]), permutations=9).q.tolist() == [1.0]
    assert gi_star(units, np.array([5.0]), tested=np.array([False])).n == 0


def test_permutations_agree_with_every_possible_deal_of_a_small_map():
    """Six cells in a row: each keeps its count, and its neighbours are every choice of the other five."""
    count = np.array([0.0, 4.0, 3.0, 0.0, 1.0, 0.0])
    units = squares(shapely.box(0, 0, 600, 100), cell_size=100)
    drawn = gi_star(units, count, permutations=20_000, seed=5).p_permutation
    for i in range(6):
        neighbours = [j for j in (i - 1, i + 1) if 0 <= j < 6]
        observed = count[neighbours].sum()
        others = np.delete(count, i)
        deals = np.array([sum(deal) for deal in itertools.combinations(others, len(neighbours))])
        exact = min(1.0, 2 * min((deals >= observed).mean(), (deals <= observed).mean()))
        assert drawn[i] == pytest.approx(exact, abs=0.02)


@given(seed=st.integers(0, 10_000), weighted=st.booleans(), wide=st.booleans())
@settings(max_examples=25, deadline=None)
def test_shared_draws_give_each_cell_a_deal_without_itself(seed, weighted, wide):
    """The slow version deals from the list of the other cells, one cell at a time, with the same draws."""
    random = np.random.default_rng(seed)
    n, permutations = 40, 60
    count = random.gamma(0.5, 2.0, n) if weighted else random.poisson(0.7, n).astype(float)
    size = random.integers(1, 20 if wide else 6, n).astype(float)
    around = count + random.poisson(3, n)
    found = permutation_p(count, around, size, permutations=permutations, seed=seed)
    drawn = _draws(np.random.default_rng(block_seed(seed, 0)), n - 1, int(size.max()) - 1, permutations)
    for i in range(n):
        own = np.where(drawn[:, : int(size[i]) - 1] == i, n - 1, drawn[:, : int(size[i]) - 1])
        assert all(len(set(row)) == len(row) and i not in row for row in own.tolist())
        sums = count[own].sum(axis=1)
        tails = (sums >= around[i] - count[i] - 1e-9).sum(), (sums <= around[i] - count[i] + 1e-9).sum()
        expected = min(1.0, 2 * (min(tails) + 1) / (permutations + 1)) if size[i] > 1 else 1.0
        assert found[i] == pytest.approx(expected)


def test_a_permutation_p_is_never_0_and_the_same_seed_gives_the_same():
    count = np.zeros(400)
    count[[189, 190, 209, 210]] = 40
    units = squares(shapely.box(0, 0, 2_000, 2_000), cell_size=100)
    found = gi_star(units, count, permutations=999, seed=7)
    assert found.p_permutation.min() == pytest.approx(2 / 1_000)
    again = gi_star(units, count, permutations=999, seed=7)
    assert again.p_permutation.tolist() == found.p_permutation.tolist()


def test_few_skewed_counts_make_the_normal_curve_call_chance_a_cluster_and_permutations_do_not():
    """Counts scattered at random hold no cluster: the share of maps with any is the error of the method."""
    units = squares(shapely.box(0, 0, 3_000, 3_000), cell_size=100)
    random = np.random.default_rng(11)
    normal = shuffled = 0
    for map_number in range(20):
        count = np.bincount(random.integers(0, 900, 45), minlength=900).astype(float)
        found = gi_star(units, count, permutations=9_999, seed=map_number)
        normal += (found.q_value < 0.05).any()
        shuffled += (found.verdict == HIGH).any()
    assert shuffled <= 3
    assert normal >= 10


def test_a_planted_cluster_and_an_empty_quarter_are_found_and_nothing_else():
    units = squares(shapely.box(0, 0, 3_000, 3_000), cell_size=100)
    x, y = units.centres
    random = np.random.default_rng(2)
    count = random.poisson(np.where(np.hypot(x - 800, y - 800) < 250, 14, np.where((x > 2_000) & (y > 2_000), 0.0, 4)))
    found = gi_star(units, count, permutations=9_999, seed=1)
    high, low = found.verdict == HIGH, found.verdict == LOW
    assert found.verdict[units.unit_of([800], [800])[0]] == HIGH
    assert found.verdict[units.unit_of([2_550], [2_550])[0]] == LOW
    assert np.hypot(x[high] - 800, y[high] - 800).max() < 500
    assert (x[low] > 1_850).all() and (y[low] > 1_850).all()


@given(seed=st.integers(0, 1_000))
@settings(max_examples=25, deadline=None)
def test_relabelling_places_moves_the_results_with_them(seed):
    count = np.random.default_rng(seed).poisson(1, 36).astype(float)
    units = squares(shapely.box(0, 0, 600, 600), cell_size=100)
    mirrored = count.reshape(6, 6)[:, ::-1].ravel()
    z, turned = gi_star(units, count).z, gi_star(units, mirrored).z
    assert turned == pytest.approx(z.reshape(6, 6)[:, ::-1].ravel())


def test_the_sums_of_a_lattice_reach_over_no_edge():
    lattice = five_by_five().lattice
    corner = np.zeros((lattice.rows, lattice.columns))
    corner[0, 0] = 1
    assert lattice_sums(lattice, corner, distance=150).sum() == 4
    assert lattice_sums(lattice, corner, distance=100).sum() == 3
    assert lattice_sums(lattice, corner, distance=50).sum() == 1


def test_cells_that_touch_at_a_corner_are_one_patch():
    units = squares(shapely.box(0, 0, 400, 100), cell_size=100)
    assert joined(units, np.array([True, False, True, True])).tolist() == [0, -1, 1, 1]
    diagonal = np.eye(3, dtype=bool).ravel()
    assert joined(squares(shapely.box(0, 0, 300, 300), cell_size=100), diagonal)[[0, 4, 8]].tolist() == [0, 0, 0]
    assert joined(units, np.zeros(4, dtype=bool)).tolist() == [-1] * 4


def test_named_areas_are_no_cells():
    frame = geopandas.GeoDataFrame({"name": ["A"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:27700")
    wards = Areas("ward", frame)
    with pytest.raises(ValueError, match="squares or hexagons"):
        gi_star(named_areas(wards), np.array([1.0]))
