"""Midpoint, start and end beside aoristic weights, and the shortest span of the clock, by hand and the slow way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.methods import aoristic
from hotspot.methods.aoristic import AORISTIC, END, MIDPOINT, START, WAYS

MONDAY = pd.Timestamp("2024-01-01")
WINDOWS = st.lists(st.tuples(st.integers(0, 1_200_000), st.integers(0, 900_000)), min_size=1, max_size=12)


def moments(windows):
    start = np.array([MONDAY + pd.Timedelta(seconds=begin) for begin, _ in windows], dtype="datetime64[s]")
    return start, start + np.array([length for _, length in windows], dtype="timedelta64[s]")


@pytest.mark.parametrize(("way", "hour"), [(START, 8), (MIDPOINT, 12), (END, 17)])
def test_a_working_day_counts_whole_in_the_hour_of_its_start_middle_or_end(way, hour):
    # Monday 08:15 to 17:05; the middle is 12:40.
    found = aoristic.hour_of_week([MONDAY + pd.Timedelta("8h15min")], [MONDAY + pd.Timedelta("17h5min")], way=way)
    assert np.flatnonzero(found.weights).tolist() == [hour]
    assert found.weights.sum() == 1


def test_the_middle_of_a_window_over_the_weeks_end_lies_on_its_real_day():
    # Sunday 22:00 to Monday 06:00: the middle is Monday 02:00.
    found = aoristic.hour_of_week([pd.Timestamp("2024-01-07 22:00")], [pd.Timestamp("2024-01-08 06:00")], way=MIDPOINT)
    assert np.flatnonzero(found.weights).tolist() == [2]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_leaves_out_the_same_offences_and_counts_a_moment_in_its_hour(way):
    start = [MONDAY, MONDAY + pd.Timedelta("2h"), pd.NaT]
    found = aoristic.hour_of_week(start, [pd.NaT, MONDAY, MONDAY], way=way)
    assert (found.counted, found.end_before_start, found.without_start) == (1, 1, 1)
    assert found.weights[0] == 1


def test_a_way_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="not by 'middle'"):
        aoristic.hour_of_week([MONDAY], [MONDAY], way="middle")


@settings(max_examples=40)
@given(WINDOWS)
def test_spreading_all_at_once_agrees_with_cutting_each_window_at_the_hours(windows):
    slow = np.zeros(168)
    for begin, length in windows:
        if length > 7 * 86_400:
            slow += 1 / 168
        elif not length:
            slow[begin // 3_600 % 168] += 1
        else:
            for hour in range(begin // 3_600, (begin + length) // 3_600 + 1):
                inside = min(begin + length, (hour + 1) * 3_600) - max(begin, hour * 3_600)
                slow[hour % 168] += inside / length
    found = aoristic.hour_of_week(*moments(windows), way=AORISTIC).weights
    assert found == pytest.approx(slow, abs=1e-9)
    assert (found >= 0).all()


@settings(max_examples=25)
@given(WINDOWS, st.integers(1, 6))
def test_moving_every_offence_by_whole_days_moves_the_weights_by_as_many(windows, days):
    start, end = moments(windows)
    for way in WAYS:
        moved = aoristic.hour_of_week(start + np.timedelta64(days, "D"), end + np.timedelta64(days, "D"), way=way).weights
        assert moved == pytest.approx(np.roll(aoristic.hour_of_week(start, end, way=way).weights, 24 * days), abs=1e-9)


def test_windows_of_one_moment_are_the_same_whichever_way_is_chosen():
    start = (MONDAY + pd.to_timedelta(np.arange(0, 700_000, 9_999), unit="s")).to_numpy("datetime64[s]")
    found = [aoristic.hour_of_week(start, start, way=way).weights.tolist() for way in WAYS]
    assert found[0] == found[1] == found[2] == found[3]


def test_shortest_span_worked_by_hand():
    hours = np.zeros(24)
    hours[[17, 18, 19, 20, 3]] = 4, 3, 2, 1, 10
    # Ten of twenty fall in the hour from 03:00.
    span = aoristic.shortest_span(hours)
    assert (span.first, span.hours, span.end, span.share) == (3, 1, 4, 0.5)
    hours[3] = 1
    # Of eleven, seven fall in the two hours from 17:00.
    assert aoristic.shortest_span(hours).hours == 2
    assert aoristic.shortest_span(hours).share == pytest.approx(7 / 11)


def test_shortest_span_runs_over_midnight():
    hours = np.zeros(24)
    hours[[23, 0, 12]] = 3, 3, 2
    span = aoristic.shortest_span(hours)
    assert (span.first, span.hours, span.end) == (23, 2, 1)


def test_an_even_day_needs_twelve_hours_and_begins_at_midnight():
    span = aoristic.shortest_span(np.ones(168))
    assert (span.first, span.hours) == (0, 12)
    assert aoristic.shortest_span(np.ones(24), share=1.0).hours == 24


@settings(max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=24, max_size=24).filter(any))
def test_shortest_span_agrees_with_trying_every_span(hours):
    def held(first, length):
        return sum(hours[(first + step) % 24] for step in range(length))

    length = next(one for one in range(1, 25) if any(2 * held(first, one) >= sum(hours) for first in range(24)))
    span = aoristic.shortest_span(hours)
    assert span.hours == length
    assert held(span.first, length) == max(held(first, length) for first in range(24))
    assert span.share == pytest.approx(held(span.first, length) / sum(hours))


def test_a_span_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one offence"):
        aoristic.shortest_span(np.zeros(168))
