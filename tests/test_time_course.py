"""Time course: reference values, pairs counted by hand and one by one, and what chance gives."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.methods import time_course as course

REFERENCE = {
    (0, 7): 0.037988,
    (0, 30): 0.157628,
    (30, 60): 0.144117,
    (60, 90): 0.130606,
    (90, 180): 0.310752,
    (180, 365): 0.256896,
}


@pytest.mark.parametrize(("band", "expected"), REFERENCE.items())
def test_null_shares_agree_with_the_reference_values(band, expected):
    assert course.null_shares(band, days=365)[0] == pytest.approx(expected, abs=5e-7)


def test_null_shares_of_the_whole_window_add_up_to_all_pairs():
    assert course.null_shares([0, 30, 60, 90, 180, 365], days=365).sum() == pytest.approx(1)
    assert course.null_shares([0, 50, 400], days=100).sum() == pytest.approx(1)


@pytest.mark.parametrize(("band", "expected"), REFERENCE.items())
def test_offences_spread_evenly_look_back_on_the_reference_shares(band, expected):
    evenly = (np.arange(100_000) + 0.5) / 100_000 * 365
    assert course.null_shares_looking_back(band, days_before=evenly)[0] == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.floats(0.1, 400), min_size=1, max_size=20))
def test_looking_back_agrees_with_adding_up_the_days_of_each_offence(days_before):
    edges = [0, 7, 14, 60, 400]
    by_hand = [sum(min(b, days) - min(a, days) for days in days_before) for a, b in itertools.pairwise(edges)]
    shares = course.null_shares_looking_back(edges, days_before=days_before)
    assert shares == pytest.approx(np.array(by_hand) / sum(days_before))
    assert shares.sum() == pytest.approx(1)


def test_pairs_worked_by_hand():
    # Target 1 on days 0, 3 and 10: gaps 3, 7 and 10; target 2 on days 5 and 19: gap 14; target 3 alone.
    result = course.time_course([1, 1, 1, 2, 2, 3], [0, 3, 10, 5, 19, 8], later=[True] * 6, first_day=-1, edges=[0, 7, 14, 21])
    assert [band.observed for band in result.bands] == [2, 2, 0]
    assert result.pairs == 4


def test_only_chosen_offences_are_the_later_one_but_any_may_be_the_earlier():
    result = course.time_course([1, 1, 1], [0, 3, 10], later=[False, False, True], first_day=-1, edges=[0, 8, 16])
    assert [band.observed for band in result.bands] == [1, 1]


def test_a_pair_of_the_same_moment_belongs_to_the_first_band():
    result = course.time_course([4, 4], [6.5, 6.5], later=[True, True], first_day=0, edges=[0, 7, 14])
    assert [band.observed for band in result.bands] == [1, 0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 60), st.booleans()), min_size=1, max_size=25))
def test_pairs_agree_with_listing_every_pair(offences):
    edges = [0, 7, 14, 21]
    target, day, later = (list(values) for values in zip(*offences, strict=True))
    order = sorted(range(len(day)), key=lambda i: (target[i], day[i]))
    gaps = [
        day[j] - day[i] for i, j in itertools.combinations(order, 2) if target[i] == target[j] and later[j]
    ]  # the later of two of one day is the one that stands later
    expected = [sum(a < gap <= b or (a == 0 == gap) for gap in gaps) for a, b in itertools.pairwise(edges)]
    result = course.time_course(target, day, later=later, first_day=-1, edges=edges)
    if any(later):
        assert [band.observed for band in result.bands] == expected
        assert result.pairs == len(gaps)


def test_ratio_and_interval_are_those_of_a_binomial_share():
    result = course.time_course(
        np.repeat(np.arange(50), 2), np.tile([10.0, 15.0], 50), later=np.tile([False, True], 50), first_day=0, edges=[0, 7, 14]
    )
    first = result.bands[0]
    # Each later offence has 15 days before it: 7 in the first week. All 50 pairs lie there.
    assert first.expected == pytest.approx(50 * 7 / 15)
    assert first.ratio == pytest.approx(15 / 7)
    assert first.low == pytest.approx(0.025 ** (1 / 50) * 15 / 7)
    assert first.high == pytest.approx(15 / 7)
    assert first.p_value == pytest.approx((7 / 15) ** 50, rel=1e-6)
    assert first.above_chance
    assert not result.bands[1].above_chance


def test_random_dates_stay_within_chance():
    random = np.random.default_rng(11)
    target, day = random.integers(0, 2_000, 4_000), random.uniform(0, 500, 4_000)
    result = course.time_course(target, day, later=np.ones(4_000, dtype=bool), first_day=0)
    assert not any(band.above_chance for band in result.bands)
    assert sum(band.observed for band in result.bands) == pytest.approx(sum(band.expected for band in result.bands), rel=0.05)


def test_without_pairs_every_band_is_empty_and_within_chance():
    result = course.time_course([1, 2], [4, 5], later=[True, True], first_day=0, edges=[0, 7])
    assert result.pairs == 0
    assert math.isnan(result.bands[0].ratio)
    assert not result.bands[0].above_chance


def test_without_a_chosen_offence_there_is_nothing_to_show():
    assert course.time_course([1, 1], [4, 5], later=[False, False], first_day=0).bands == ()
