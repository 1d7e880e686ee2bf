"""The Knox test for any offences and bands: margins, relabelling, brute force, exact enumeration, compiled loops."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from hotspot.methods import compiled
from hotspot.methods import knox as module
from hotspot.methods.knox import METRICS, knox
from hotspot.methods.knox_passes import gaps_under
from hotspot.methods.near_pairs import in_order, near_pairs

FEW = settings(max_examples=40, deadline=None)
TABLE = ("observed", "expected", "p_value", "p_within", "n_s", "n_t")


@st.composite
def bands(draw, values):
    """Ascending edges; the last is sometimes ∞."""
    edges = sorted(draw(st.sets(values, min_size=2, max_size=5)))
    return tuple(edges[:-1]) + ((math.inf,) if draw(st.booleans()) else (edges[-1],))


@st.composite
def offences(draw, *, most=25):
    """Offences on a lattice of 10 m, so that some lie on the edge of a band, on one place or at one date."""
    count = draw(st.integers(2, most))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    x, y = random.integers(0, 20, (2, count)) * 10.0
    premises = random.integers(-1, 6, count) if draw(st.booleans()) else None
    return x, y, random.integers(0, 30, count), premises


CASE = {
    "case": offences(),
    "distance_edges": bands(st.integers(0, 25).map(lambda step: step * 10.0)),
    "time_edges": bands(st.integers(0, 32).map(float)),
    "metric": st.sampled_from(METRICS),
}


def table_of(case, *, permutations=20, seed=0, **given):
    x, y, day, premises = case
    return knox(x, y, day, premises=premises, permutations=permutations, seed=seed, **given)


def row_of(one, other, table, premises):
    """Say the row of a pair as the words of the docstring do; None: in no row."""
    (x, y), (u, v) = one[:2], other[:2]
    if premises and one[3] >= 0 and one[3] == other[3]:
        return 0
    distance = abs(x - u) + abs(y - v) if table.metric == "manhattan" else math.hypot(x - u, y - v)
    rows = [row for row, (low, high) in enumerate(table.distance_bands) if low <= distance < high]
    return rows[0] if rows else None


def brute_force(case, table):
    """Look at every pair by itself."""
    premises = case[3] is not None
    given = list(zip(*case[:3], case[3] if premises else itertools.repeat(-1), strict=False))
    observed, n_s, n_t = np.zeros(table.observed.shape, int), np.zeros(len(table.n_s), int), np.zeros(len(table.n_t), int)
    for one, other in itertools.combinations(given, 2):
        row = row_of(one, other, table, premises)
        gap = abs(int(one[2]) - int(other[2]))
        columns = [column for column, (low, high) in enumerate(table.time_bands) if low <= gap < high]
        if row is not None:
            n_s[row] += 1
        for column in columns:
            n_t[column] += 1
            if row is not None:
                observed[row, column] += 1
    return observed, n_s, n_t


@FEW
@given(**CASE)
def test_pairs_are_those_of_looking_at_every_pair(case, **bands):
    table = table_of(case, **bands)
    observed, n_s, n_t = brute_force(case, table)
    assert table.observed.tolist() == observed.tolist()
    assert (table.n_s.tolist(), table.n_t.tolist()) == (n_s.tolist(), n_t.tolist())


@FEW
@given(case=offences(), metric=st.sampled_from(METRICS), distance=st.integers(1, 200), days=st.integers(1, 20))
def test_bands_over_all_distances_and_times_add_up_to_their_margins_and_to_n(case, metric, distance, days):
    table = table_of(case, distance_edges=(0, distance, math.inf), time_edges=(0, days, math.inf), metric=metric)
    assert table.observed.sum(axis=1).tolist() == table.n_s.tolist()
    assert table.observed.sum(axis=0).tolist() == table.n_t.tolist()
    assert table.n_s.sum() == table.n_t.sum() == table.pairs
    assert table.expected.sum() == pytest.approx(table.pairs)


@FEW
@given(seed=st.integers(0, 2**32 - 1), **CASE)
def test_the_order_of_the_offences_changes_nothing(case, seed, **bands):
    order = np.random.default_rng(seed).permutation(len(case[0]))
    shuffled = tuple(None if column is None else column[order] for column in case)
    one, other = table_of(case, **bands), table_of(shuffled, **bands)
    assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in TABLE)


@FEW
@given(**CASE)
def test_p_is_above_nought_and_at_most_one(case, **bands):
    table = table_of(case, **bands)
    assert ((table.p_value >= 1 / 21) & (table.p_value <= 1)).all()
    assert (table.q_value >= table.p_value - 1e-12).all()


@FEW
@given(**CASE)
def test_moving_all_offences_and_dates_changes_no_count(case, **bands):
    x, y, day, premises = case
    moved = (x + 400_000.0, y - 70_000.0, day + 19_000, premises)
    one, other = table_of(case, **bands), table_of(moved, **bands)
    assert np.array_equal(one.observed, other.observed)


@pytest.mark.parametrize("loops", [None, "compiled"])
def test_shuffled_counts_are_those_of_every_way_to_order_the_dates(loops):
    """Five offences have 120 orders of their dates: each is counted as looking at every pair counts it, and their mean is
    the expectation."""
    loops = compiled_loops() if loops else None
    x, y, day = np.array([0.0, 30, 80, 90, 400]), np.zeros(5), np.array([0, 1, 8, 9, 20])
    ordered = in_order(x, y, day, premises=None, reach=100.0)
    near = near_pairs(ordered, range(5), edges=np.array([0.0, 60, 100]), manhattan=False, premises_first=False, loops=loops)
    orders = np.array(list(itertools.permutations(ordered.day)), dtype=np.int16)
    counts = gaps_under(near, np.ascontiguousarray(orders.T), np.array([2, 9], dtype=np.int16), loops)
    for number, dates in enumerate(orders):
        table = knox(ordered.x, ordered.y, dates, distance_edges=(0, 60, 100), time_edges=(0, 2, 9), permutations=1)
        assert counts[:, :, number].tolist() == np.cumsum(table.observed, axis=1).tolist()
    assert np.diff(counts, axis=1, prepend=0).mean(axis=2) == pytest.approx(table.expected)


@pytest.mark.parametrize("days", [(0, 1, 3), (0, 0, 5, 9), (0, 1, 2, 10, 11)])
def test_p_is_that_of_every_way_to_order_the_dates(days):
    """With few offences the exact p is known; 4,999 shuffles find it within four standard errors."""
    x = np.array([0.0, 10, 15, 500, 505])[: len(days)]
    given = {"distance_edges": (0, 20), "time_edges": (0, 2)}
    observed = knox(x, x * 0, days, permutations=4_999, seed=3, **given)
    orders = [knox(x, x * 0, order, permutations=1, **given).observed[0, 0] for order in itertools.permutations(days)]
    exact = np.mean(np.array(orders) >= observed.observed[0, 0])
    low, high = binom.interval(0.9999, 4_999, exact)
    assert low <= observed.p_value[0, 0] * 5_000 - 1 <= high
    assert np.mean(orders) == pytest.approx(observed.expected[0, 0])


def compiled_loops():
    """Compile where the cache is cold: a test may wait for a compiler, a person never does."""
    compiled.warm("knox")
    return compiled.loaded("knox")


@settings(max_examples=25, deadline=None)
@given(**CASE)
def test_compiled_loops_give_the_same_pairs_and_the_same_p(case, **bands):
    compiled_loops()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COMPILED_FROM", 10**9)
        plain = table_of(case, **bands)
        patch.setattr(module, "COMPILED_FROM", 0)
        fast = table_of(case, **bands)
    assert all(np.array_equal(getattr(plain, name), getattr(fast, name)) for name in TABLE)


@pytest.mark.parametrize("metric", METRICS)
def test_many_offences_in_many_cells_give_the_same_on_both_paths(metric, monkeypatch):
    """More pairs in one band than 16 bits hold, candidates in several steps, batches of unequal size."""
    compiled_loops()
    monkeypatch.setattr("hotspot.methods.near_pairs._CANDIDATES", 20_000)
    random = np.random.default_rng(8)
    x, y = random.normal(0, 300, (2, 700))
    bands = {"distance_edges": (0, 50, 1_000, 2_000), "time_edges": (0, 3, 300), "metric": metric, "permutations": 150}
    given, premises = (x, y, random.integers(0, 365, 700)), random.integers(-1, 200, 700)
    monkeypatch.setattr(module, "COMPILED_FROM", 10**9)
    plain = knox(*given, premises=premises, **bands)
    monkeypatch.setattr(module, "COMPILED_FROM", 0)
    fast = knox(*given, premises=premises, **bands)
    assert plain.n_s.max() > 2 * 32_768
    assert all(np.array_equal(getattr(plain, name), getattr(fast, name)) for name in TABLE)
