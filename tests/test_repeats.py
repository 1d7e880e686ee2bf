"""Repeats: two measures by hand, against a slow search, and intervals against published figures."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from hotspot.methods import repeats

FIRST, END = np.datetime64("2022-01-01"), np.datetime64("2024-01-01")


def measure(references, dates, **options):
    given = {"counted": [True] * len(dates), "window_days": 365, "first_day": FIRST, "end": END} | options
    return repeats.repeat_victimisation(references, pd.to_datetime(pd.Series(dates)), **given)


def fraction(proportion):
    return proportion.count, proportion.of


@pytest.mark.parametrize("count", [0, 1, 30, 268, 2_412])
def test_wilson_agrees_with_scipy(count):
    interval = binomtest(count, 2_412).proportion_ci(0.95, method="wilson")
    proportion = repeats.wilson(count, 2_412)
    assert (proportion.low, proportion.high) == pytest.approx((interval.low, interval.high), abs=1e-12)
    assert proportion.share == count / 2_412


def test_wilson_of_nothing_is_not_known():
    assert not repeats.wilson(0, 0).is_known
    assert math.isnan(repeats.wilson(0, 0).share)


def test_both_measures_worked_by_hand():
    # A: March 2022, May 2022 (a repeat after 61 days) and December 2023 (584 days later: none).  B: once, mid-2022.
    result = measure(["A", "A", "A", "B"], ["2022-03-01", "2022-05-01", "2023-12-06", "2022-07-01"])
    # Forward: of March, May and July 2022, March alone was followed; December 2023 cannot be followed up.
    assert fraction(result.followed) == (1, 3)
    assert result.follow_up_censored == 1
    # Back: only December 2023 has a year of data before it, and it is no repeat.
    assert fraction(result.repeats) == (0, 1)
    assert result.look_back_censored == 3


def test_the_two_measures_differ_where_a_target_has_many():
    # Four offences on one target a month apart: three of four were followed, three of four were repeats,
    # but the first of the data can be no repeat of anything seen, and the last cannot be followed up.
    dates = ["2023-01-10", "2023-02-10", "2023-03-10", "2023-04-10"]
    result = measure(["A"] * 4, dates, first_day=np.datetime64("2022-01-10"), end=np.datetime64("2024-03-11"))
    assert fraction(result.followed) == (3, 3)
    assert fraction(result.repeats) == (3, 4)


@pytest.mark.parametrize(("gap", "repeat"), [(0, 1), (365, 1), (366, 0)])
def test_the_last_day_of_the_window_belongs_to_it(gap, repeat):
    start = pd.Timestamp("2022-02-01")
    result = measure(["A", "A"], [start, start + pd.Timedelta(days=gap)], counted=[True, False])
    assert fraction(result.followed) == (repeat, 1)


def test_a_follow_up_is_fully_observed_only_if_its_last_day_is_in_the_data():
    assert measure(["A"], ["2022-12-31"]).followed.of == 1
    assert measure(["A"], ["2023-01-01"]).follow_up_censored == 1
    assert measure(["A"], ["2023-01-01"]).repeats.of == 1
    assert measure(["A"], ["2022-12-31"]).look_back_censored == 1


def test_matches_are_sought_beyond_the_offences_looked_at():
    dates = ["2022-11-01", "2022-12-01", "2023-01-01"]
    result = measure(["A"] * 3, dates, counted=[False, True, False], first_day=np.datetime64("2021-01-01"))
    assert fraction(result.followed) == (1, 1)
    assert fraction(result.repeats) == (1, 1)
    assert result.targets == ()
    assert result.offences == 1


def test_an_offence_with_several_victims_counts_once_if_any_is_met_again():
    victims = [["v1", "v2"], ["v2"], None, ["v3", "v3"], []]
    result = measure(victims, ["2022-03-01", "2022-04-01", "2022-04-01", "2022-05-01", "2022-06-01"])
    assert fraction(result.followed) == (1, 3)
    assert (result.with_reference, result.without_reference) == (3, 2)
    assert [(target.reference, target.count) for target in result.targets] == [("v2", 2)]


def test_lists_as_arrow_gives_them_are_read():
    victims = pd.Series([np.array(["v1", "v2"], dtype=object), None, np.array(["v2"], dtype=object)])
    assert fraction(measure(victims, ["2022-03-01", "2022-03-02", "2022-03-03"]).followed) == (1, 2)


def test_a_repeat_is_of_the_same_group():
    dates = ["2022-03-01", "2022-04-01", "2022-05-01"]
    result = measure(["A"] * 3, dates, groups=["Burglary", "Robbery", "Burglary"])
    assert fraction(result.followed) == (1, 3)


def test_offences_without_reference_or_date_are_left_out_and_counted():
    result = measure(["A", None, "A", np.nan], ["2022-03-01", "2022-03-01", None, "2022-03-02"])
    assert (result.with_reference, result.without_reference, result.without_date) == (2, 2, 1)
    assert fraction(result.followed) == (0, 1)
    assert result.times.tolist() == [1]


def test_most_repeated_targets_stand_first_then_the_latest():
    references = ["A", "A", "B", "B", "B", "C", "C", "D"]
    dates = ["2022-01-05", "2022-01-25", "2022-02-01", "2022-02-11", "2022-02-14", "2022-03-01", "2022-05-01", "2022-06-01"]
    result = measure(references, dates)
    assert [(t.reference, t.count, t.shortest_gap) for t in result.targets] == [("B", 3, 3), ("C", 2, 61), ("A", 2, 20)]
    assert result.targets[0].last == np.datetime64("2022-02-14")
    assert result.targets[0].rows == (2, 3, 4)
    assert result.times.tolist() == [3, 2, 2, 1]


def test_nothing_to_look_at_gives_unknown_shares():
    result = measure([], [])
    assert (result.offences, result.targets) == (0, ())
    assert not result.followed.is_known


OFFENCES = st.lists(
    st.tuples(st.lists(st.integers(0, 3), max_size=2), st.integers(0, 730), st.booleans()), min_size=1, max_size=25
)


@given(OFFENCES, st.integers(1, 400))
def test_both_measures_agree_with_looking_at_every_pair(offences, window):
    references = [[f"v{number}" for number in victims] or None for victims, _, _ in offences]
    days = [day for _, day, _ in offences]
    counted = [chosen for _, _, chosen in offences]
    result = measure(references, [FIRST + day for day in days], counted=counted, window_days=window)
    forward = backward = followable = traceable = 0
    for i, day in enumerate(days):
        if not counted[i] or not references[i]:
            continue
        matches = [(days[j], j) for j in range(len(days)) if j != i and references[j] and set(references[i]) & set(references[j])]
        if day + window < (END - FIRST).astype(int):
            followable += 1
            forward += any((day, i) < match and match[0] - day <= window for match in matches)
        if day - window >= 0:
            traceable += 1
            backward += any((day, i) > match and day - match[0] <= window for match in matches)
    assert fraction(result.followed) == (forward, followable)
    assert fraction(result.repeats) == (backward, traceable)
