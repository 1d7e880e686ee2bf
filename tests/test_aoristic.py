"""Aoristic shares: worked by hand, against a slow count of seconds, and the reference values."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.methods import aoristic

MONDAY = pd.Timestamp("2024-01-01")
EVERY_WINDOW = st.tuples(st.integers(0, 3_000_000), st.integers(0, 7 * 86_400))


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(f"2024-01-{text}")


def one(start, end) -> dict[int, float]:
    """Hours of the week with a weight, for one offence."""
    weights = aoristic.hour_of_week_weights([start], [end]).weights
    return {int(hour): weights[hour] for hour in np.flatnonzero(weights)}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("01 01:00", "01 02:30", {1: 0.666667, 2: 0.333333}),
        ("01 01:50", "01 02:10", {1: 0.5, 2: 0.5}),
        ("01 23:30", "02 01:15", {23: 0.285714, 24: 0.571429, 25: 0.142857}),
        ("07 22:00", "08 02:00", {166: 0.25, 167: 0.25, 0: 0.25, 1: 0.25}),
        ("01 10:00", "02 11:00", {hour: 0.04 for hour in range(10, 35)}),
    ],
)
def test_weights_agree_with_the_reference_values(start, end, expected):
    assert one(at(start), at(end)) == pytest.approx(expected, abs=5e-7)


def test_a_window_of_over_seven_days_counts_the_same_in_every_hour():
    weights = aoristic.hour_of_week_weights([at("01 10:00")], [at("09 22:00")]).weights
    assert weights == pytest.approx(np.full(168, 1 / 168))
    assert aoristic.share([at("01 10:00")], [at("09 22:00")], weekdays=(0,)) == pytest.approx([1 / 7])


@pytest.mark.parametrize("end", [pd.NaT, at("01 05:20")])
def test_an_offence_without_a_window_counts_whole_in_the_hour_of_its_start(end):
    assert one(at("01 05:20"), end) == {5: 1.0}
    assert aoristic.share([at("01 05:20")], [end], hours=(5, 6)).tolist() == [1.0]
    assert aoristic.share([at("01 05:20")], [end], hours=(6, 5)).tolist() == [0.0]


def test_an_end_before_the_start_is_left_out_and_counted_and_never_swapped():
    result = aoristic.hour_of_week_weights([at("02 05:00"), at("01 05:00"), pd.NaT], [at("01 05:00"), pd.NaT, pd.NaT])
    assert (result.counted, result.end_before_start, result.without_start) == (1, 1, 1)
    assert result.weights.sum() == 1.0
    assert aoristic.share([at("02 05:00"), pd.NaT], [at("01 05:00"), pd.NaT]).tolist() == [0.0, 0.0]


def test_hours_over_midnight_belong_to_the_calendar_day_they_fall_on():
    friday_night = [at("05 20:00")], [at("06 06:00")]
    assert aoristic.share(*friday_night, hours=(22, 4)) == pytest.approx([0.6])
    assert aoristic.share(*friday_night, weekdays=(4,), hours=(22, 4)) == pytest.approx([0.2])
    assert aoristic.share(*friday_night, weekdays=(5,), hours=(22, 4)) == pytest.approx([0.4])
    assert aoristic.share([at("05 01:00")], [at("05 03:00")], weekdays=(4,), hours=(22, 4)) == pytest.approx([1.0])


def test_shares_keep_the_order_of_the_offences_and_read_a_pandas_frame():
    frame = pd.DataFrame(
        {
            "committed_from": pd.Series([at("01 00:00"), at("02 12:00"), pd.NaT]).astype("datetime64[s]"),
            "committed_to": pd.Series([at("01 04:00"), pd.NaT, pd.NaT]).astype("datetime64[s]"),
        }
    )
    assert aoristic.share(frame["committed_from"], frame["committed_to"], hours=(0, 3)).tolist() == [0.75, 0.0, 0.0]


def test_no_offence_gives_no_share():
    nothing = np.array([], dtype="datetime64[s]")
    assert aoristic.share(nothing, nothing).size == 0
    assert aoristic.hour_of_week_weights(nothing, nothing).weights.sum() == 0


@given(st.lists(EVERY_WINDOW, min_size=1, max_size=20))
def test_every_offence_counts_as_one(windows):
    start, end = _moments(windows)
    assert aoristic.hour_of_week_weights(start, end).weights.sum() == pytest.approx(len(windows))
    assert aoristic.share(start, end) == pytest.approx(np.ones(len(windows)))


@given(EVERY_WINDOW, st.sets(st.integers(0, 6)), st.integers(0, 23), st.integers(0, 24))
def test_share_is_the_sum_of_the_weights_of_the_chosen_hours(window, weekdays, first, last):
    hours = (first, last) if first != last else None
    start, end = _moments([window])
    chosen = aoristic.chosen_hours(weekdays=tuple(weekdays), hours=hours)
    weights = aoristic.hour_of_week_weights(start, end).weights
    assert aoristic.share(start, end, weekdays=tuple(weekdays), hours=hours)[0] == pytest.approx(weights[chosen].sum())


def test_weights_agree_with_counting_every_second_of_the_window():
    generator = np.random.default_rng(4)
    for _ in range(20):
        start = MONDAY + pd.Timedelta(seconds=int(generator.integers(0, 900_000)))
        end = start + pd.Timedelta(seconds=int(generator.integers(1, 200_000)))
        seconds = pd.date_range(start, end, freq="s", inclusive="left")
        counted = np.bincount(seconds.day_of_week * 24 + seconds.hour, minlength=168) / len(seconds)
        assert aoristic.hour_of_week_weights([start], [end]).weights == pytest.approx(counted)


@pytest.mark.parametrize("choice", [{"hours": (4, 4)}, {"hours": (0, 25)}, {"hours": (24, 2)}, {"weekdays": (7,)}])
def test_a_choice_that_means_nothing_is_refused(choice):
    with pytest.raises(ValueError, match=r"^(hours|weekdays) are"):
        aoristic.share([at("01 00:00")], [pd.NaT], **choice)


def _moments(windows):
    start = np.array([MONDAY.to_datetime64()] * len(windows), dtype="datetime64[s]")
    start = start + np.array([begin for begin, _ in windows], dtype="timedelta64[s]")
    return start, start + np.array([length for _, length in windows], dtype="timedelta64[s]")
