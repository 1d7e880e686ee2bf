"""Concentration: reference values, the curve by hand, and chance by formula and by simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.methods import concentration, named_streets

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=30).filter(any)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([10, 8, 2] + [0] * 7, 0.78), ([10] + [0] * 9, 0.9), ([22, 18, 17, 12, 11, 8, 6, 3, 2, 1], 0.392)],
)
def test_gini_agrees_with_the_reference_values(counts, expected):
    assert concentration.gini(counts) == pytest.approx(expected, abs=1e-12)


def test_generalised_gini_agrees_with_the_reference_values():
    counts = [5, 2, 1] + [0] * 7
    assert concentration.gini(counts) == pytest.approx(0.8)
    assert concentration.generalised_gini(counts) == pytest.approx(0.75)


def test_places_without_an_offence_may_be_given_as_a_number():
    assert concentration.gini([10, 8, 2], places=10) == pytest.approx(0.78)
    assert concentration.generalised_gini([5, 2, 1], places=10) == pytest.approx(0.75)


def test_generalised_gini_is_0_where_no_place_has_more_than_one_offence():
    assert concentration.generalised_gini([1] * 30, places=1_000) == pytest.approx(0)


@given(COUNTS)
def test_gini_is_the_mean_difference_between_two_places_over_twice_the_mean(counts):
    values = np.array(counts)
    by_pairs = np.abs(values[:, None] - values[None, :]).mean() / (2 * values.mean())
    assert concentration.gini(counts) == pytest.approx(by_pairs, abs=1e-12)


@given(COUNTS)
def test_gini_is_the_area_between_the_curve_and_equality(counts):
    curve = concentration.lorenz(counts)
    area = np.trapezoid(curve.share_of_offences, curve.share_of_places)
    assert concentration.gini(counts) == pytest.approx(2 * area - 1, abs=1e-12)


def test_curve_starts_with_the_places_that_have_most():
    curve = concentration.lorenz([1, 0, 3, 0, 0], places=10)
    assert curve.share_of_places.tolist() == [0, 0.1, 0.2, 1]
    assert curve.share_of_offences.tolist() == [0, 0.75, 1, 1]
    assert (curve.places, curve.offences) == (10, 4)
    assert curve.held_by([0.05, 0.1, 0.5]).tolist() == pytest.approx([0.375, 0.75, 1])


def test_curve_of_equal_places_is_the_straight_line():
    curve = concentration.lorenz([2, 2, 2])
    assert curve.share_of_places.tolist() == [0, 1]
    assert curve.share_of_offences.tolist() == [0, 1]


def test_expected_places_worked_by_hand():
    # Two offences on two places: both on one of them half of the time, one each the other half.
    assert concentration.expected_places(2, 2, times=[0, 1, 2]).tolist() == pytest.approx([0.5, 1, 0.5])
    assert concentration.expected_places_with_at_least(2, 2, times=2) == pytest.approx(0.5)


@given(st.integers(1, 60), st.integers(1, 60))
def test_expected_places_add_up_to_the_places_and_to_the_offences(offences, places):
    times = np.arange(offences + 1)
    expected = concentration.expected_places(offences, places, times=times)
    assert expected.sum() == pytest.approx(places)
    assert (expected * times).sum() == pytest.approx(offences)


def test_expected_places_agree_with_dropping_offences_one_by_one():
    random = np.random.default_rng(8)
    repeats, times = 3_000, np.arange(6)
    seen = np.zeros(6)
    for _ in range(repeats):
        counts = [0] * 50
        for place in random.integers(50, size=40):
            counts[place] += 1
        seen += np.bincount(counts, minlength=6)[:6] / repeats
    assert seen == pytest.approx(concentration.expected_places(40, 50, times=times), rel=0.05, abs=0.02)


def test_random_baseline_agrees_with_the_expected_number_of_places():
    offences, places = 2_000, 5_000
    times = np.arange(12, 0, -1)
    with_more = concentration.expected_places(offences, places, times=times)
    shares, held = np.cumsum(with_more) / places, np.cumsum(with_more * times) / offences
    baseline = concentration.random_baseline(offences, places, at=shares, seed=1)
    assert baseline.mean == pytest.approx(held, abs=0.01)
    assert (baseline.low <= baseline.mean).all()
    assert (baseline.mean <= baseline.high).all()


def test_random_baseline_is_the_same_for_the_same_seed():
    first, second = (concentration.random_baseline(50, 80, at=[0.1, 0.3], seed=5, simulations=20) for _ in range(2))
    other = concentration.random_baseline(50, 80, at=[0.1, 0.3], seed=6, simulations=20)
    assert first.mean.tolist() == second.mean.tolist() != other.mean.tolist()


@pytest.mark.parametrize("counts", [[], [0, 0], [3, -1]])
def test_counts_that_hold_no_offence_are_refused(counts):
    with pytest.raises(ValueError, match="at least one"):
        concentration.gini(counts)


def test_more_counts_than_places_are_refused():
    with pytest.raises(ValueError, match="3 counts cannot lie on 2 places"):
        concentration.lorenz([1, 1, 1], places=2)


def test_share_of_places_that_holds_half_worked_by_hand():
    # Ten offences on five places: 4, 3, 2, 1, 0. The first holds 4, the second the rest of half by a third of its own.
    curve = concentration.lorenz([4, 3, 2, 1, 0])
    assert curve.holding(0.4) == pytest.approx(0.2)
    assert curve.holding(0.5) == pytest.approx((1 + 1 / 3) / 5)
    assert curve.holding(1.0) == pytest.approx(0.8)


@settings(max_examples=40)
@given(COUNTS, st.floats(0.01, 0.99))
def test_the_share_that_holds_some_share_of_the_offences_holds_it(counts, share):
    curve = concentration.lorenz(counts)
    assert curve.held_by(curve.holding(share)) == pytest.approx(share)


def test_places_hit_worked_by_hand():
    # Three offences on two places, none empty: always two and one. The Gini coefficient of [1, 2] is 1/6.
    baseline = concentration.baseline_of_places_hit(3, 2, at=[0.5], seed=1, simulations=9)
    assert baseline.mean.tolist() == pytest.approx([2 / 3])
    assert baseline.gini == pytest.approx(1 / 6)
    # Two on two places: always one each.
    assert concentration.baseline_of_places_hit(2, 2, at=[0.5], seed=1, simulations=9).gini == 0


@pytest.mark.parametrize(("offences", "hit"), [(9, 5), (14, 4), (6, 5)])
def test_places_hit_agree_with_dropping_offences_until_none_is_empty(offences, hit):
    random = np.random.default_rng(2)
    slow = []
    while len(slow) < 2_000:
        counts = np.bincount(random.integers(hit, size=offences), minlength=hit)
        if counts.all():
            slow.append(concentration.gini(counts))
    baseline = concentration.baseline_of_places_hit(offences, hit, at=[0.5], seed=4, simulations=2_000)
    assert baseline.gini == pytest.approx(np.mean(slow), abs=0.015)


def test_both_ways_of_drawing_places_hit_agree():
    random = np.random.default_rng(9)
    few = concentration._without_nought(random, 60, 12, 1_500)
    many = concentration._none_empty(random, 60, 12, 1_500)
    for counts in (*few, *many):
        assert counts.min() >= 1
        assert counts.sum() == 60
    means = [np.mean([concentration.gini(counts) for counts in drawn]) for drawn in (few, many)]
    assert means[0] == pytest.approx(means[1], abs=0.01)


def test_more_places_hit_than_offences_are_refused():
    with pytest.raises(ValueError, match="3 offences cannot hit 4 places"):
        concentration.baseline_of_places_hit(3, 4, at=[0.5], seed=1)


def test_places_with_a_smaller_chance_are_hit_as_much_less():
    # One place with three times the chance of the other: 3/4 of the offences.
    baseline = concentration.random_baseline(4_000, 2, at=[0.5], seed=3, relative_chance=[3, 1])
    assert baseline.mean == pytest.approx([0.75], abs=0.005)
    alike = concentration.random_baseline(40, 60, at=[0.1], seed=3, relative_chance=np.ones(60))
    assert alike.gini == pytest.approx(concentration.random_baseline(40, 60, at=[0.1], seed=4).gini, abs=0.02)


def test_baseline_holds_the_range_and_the_half_of_its_simulations():
    baseline = concentration.random_baseline(30, 40, at=[0.2], seed=7, simulations=80)
    assert baseline.gini_low < baseline.gini < baseline.gini_high
    assert 0.1 < baseline.half < 0.4
    # One offence on four places: the first quarter holds all, an eighth half of it, in every simulation.
    assert concentration.random_baseline(1, 4, at=[0.2], seed=7).half == pytest.approx(0.125)


def test_streets_of_one_name_far_apart_are_two_and_a_chain_of_offences_is_one():
    names = pd.Series(["High Street", "high street ", "High Street", "Mill Lane", None, "Mill Lane", ""])
    x = [0.0, 400.0, 5_000.0, 0.0, 0.0, np.nan, 10.0]
    street = named_streets.streets_of(names, x, np.zeros(7))
    assert street[0] == street[1]
    assert len({street[0], street[2], street[3]}) == 3
    assert street[4:].tolist() == [-1, -1, -1]
    chain = named_streets.streets_of(pd.Series(["Long Road"] * 9), np.arange(9) * 450.0, np.zeros(9))
    assert set(chain) == {chain[0]}


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 40)), min_size=1, max_size=14))
def test_streets_agree_with_joining_offences_one_by_one(offences):
    names, steps = [name for name, _ in offences], [100.0 * step for _, step in offences]
    group = list(range(len(offences)))
    for _ in offences:
        for i in range(len(offences)):
            for j in range(len(offences)):
                if names[i] == names[j] and abs(steps[i] - steps[j]) <= 500:
                    group[i] = group[j] = min(group[i], group[j])
    street = named_streets.streets_of(pd.Series(names), steps, np.zeros(len(steps)))
    assert [[a == b for b in street] for a in street] == [[a == b for b in group] for a in group]


def test_no_named_street_gives_none():
    assert named_streets.streets_of(pd.Series([None, None], dtype=object), [1.0, 2.0], [1.0, 2.0]).tolist() == [-1, -1]
