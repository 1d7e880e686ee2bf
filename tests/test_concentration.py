"""Concentration: reference values, the curve by hand, and chance by formula and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.methods import concentration

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
