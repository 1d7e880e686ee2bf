"""Andresen's S index: a case worked by hand, drawing points the slow way, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.methods.s_index import ALIKE, HIGHER, LOWER, middle, read, s_index

patterns = st.lists(st.integers(0, 40), min_size=2, max_size=12).filter(lambda counts: sum(counts) >= 3)


def slow(base, test, *, seed, repeats=200):
    """Draw the points themselves, without replacement, and look at each unit in turn."""
    random = np.random.default_rng(seed)
    points = np.repeat(np.arange(len(test)), test)
    size = round(0.85 * len(points))
    alike = []
    samples = [random.choice(points, size=size, replace=False) for _ in range(repeats)]
    for unit in range(len(test)):
        shares = sorted(float((sample == unit).mean()) for sample in samples)
        kept = shares[round(0.025 * repeats) : repeats - round(0.025 * repeats)]
        alike.append(kept[0] - 1e-12 <= base[unit] / sum(base) <= kept[-1] + 1e-12)
    return float(np.mean(alike))


def test_four_units_worked_by_hand():
    # Base shares .4, .3, .3, 0. Of 20 test offences (10, 0, 10, 0) a sample has 17: 7 to 10 of each pile, so that a
    # pile's share is 7/17 = .41 to 10/17 = .59 in any sample whatever. Unit 1: .4 lies under; unit 2: .3 over 0;
    # unit 3: .3 under .41; unit 4: 0 in both.
    found = s_index([4, 3, 3, 0], [10, 0, 10, 0], seed=1)
    assert found.sample == 17
    assert found.reading.tolist() == [HIGHER, LOWER, HIGHER, ALIKE]
    assert (found.s, found.robust) == (1 / 4, 0)
    assert (found.units, found.occupied) == (4, 3)
    assert (found.low[1], found.high[1]) == (0, 0)


def test_the_middle_of_two_hundred_samples_leaves_five_off_at_each_end():
    low, high = middle(np.random.default_rng(2).permutation(np.arange(200.0))[:, None])
    assert (low[0], high[0]) == (5, 194)


def test_a_share_on_the_end_of_an_interval_is_alike():
    base = np.array([3, 7])
    found = read(base, base, np.array([0.3, 0.7]), np.array([0.3, 0.7]), sample=8, repeats=200, seed=0)
    assert found.reading.tolist() == [ALIKE, ALIKE]


@given(patterns)
@settings(max_examples=40, deadline=None)
def test_a_pattern_is_like_itself_and_like_any_multiple_of_itself(counts):
    # 85 % of 40 times the pattern: the middle of the samples surrounds the true share of each unit.
    test = 40 * np.array(counts)
    assert s_index(counts, test, seed=3).s == 1
    assert s_index(test, test, seed=3).robust == s_index(counts, counts, seed=3).robust == 1


@given(patterns, st.integers(0, 1_000), st.data())
@settings(max_examples=40, deadline=None)
def test_both_indices_lie_between_0_and_1_and_empty_units_raise_the_classic_one_alone(counts, seed, data):
    test = data.draw(st.lists(st.integers(0, 40), min_size=len(counts), max_size=len(counts)).filter(lambda t: sum(t) > 0))
    found = s_index(counts, test, seed=seed)
    assert 0 <= found.robust <= found.s <= 1
    wider = s_index([*counts, 0, 0, 0], [*test, 0, 0, 0], seed=seed)
    assert wider.robust == pytest.approx(found.robust)
    assert wider.s >= found.s
    assert wider.s == pytest.approx((found.s * found.units + 3) / (found.units + 3))


def test_the_order_of_units_does_not_matter_but_for_the_draw():
    random = np.random.default_rng(5)
    base, test = random.poisson(30, 60), random.poisson(30, 60)
    order = random.permutation(60)
    there = np.mean([s_index(base, test, seed=seed).s for seed in range(40)])
    back = np.mean([s_index(base[order], test[order], seed=seed).s for seed in range(40)])
    assert there == pytest.approx(back, abs=0.01)


@pytest.mark.parametrize("seed", range(2))
def test_drawing_counts_agrees_with_drawing_points(seed):
    random = np.random.default_rng(seed)
    rates = random.gamma(1.0, 12.0, 40)
    base, test = random.poisson(rates), random.poisson(rates)
    fast = np.mean([s_index(base, test, seed=one).s for one in range(25)])
    points = np.mean([slow(base, test, seed=one) for one in range(6)])
    assert fast == pytest.approx(points, abs=0.025)


def test_the_same_seed_gives_the_same_samples():
    base, test = [10, 20, 30, 2], [12, 18, 30, 3]
    first, again, other = (s_index(base, test, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.low, again.low)
    assert (first.low != other.low).any() or (first.high != other.high).any()


def test_two_draws_of_one_pattern_stay_under_1_and_a_moved_pattern_far_under():
    # The weakness that is told with each result: samples of 85 % vary less than another period does.
    random = np.random.default_rng(8)
    rates = random.gamma(2.0, 20.0, 300)
    alike = s_index(random.poisson(rates), random.poisson(rates), seed=1).s
    moved = s_index(random.poisson(rates), random.poisson(rates[::-1]), seed=1).s
    assert moved + 0.2 < alike < 0.8


def test_what_cannot_be_compared_is_refused():
    for base, test in (([0, 0], [1, 2]), ([1, 2], [0, 0]), ([1, 2, 3], [1, 2]), ([1.5, 2], [1, 2])):
        with pytest.raises(ValueError):
            s_index(base, test, seed=1)
    with pytest.raises(ValueError, match="40 or more"):
        s_index([1, 2], [1, 2], seed=1, repeats=10)
