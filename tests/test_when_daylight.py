"""Sunset and sunrise against a formula of the almanac, the dark part of windows by hand, and the interval by weeks."""

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from hotspot.methods import daylight
from hotspot.methods.daylight import SunTimes

BIRMINGHAM = {"longitude": -1.8904, "latitude": 52.4862}
WINTER = date(2024, 1, 1)
SIX_TO_SIX = SunTimes(WINTER, np.full(30, 6 * 3_600.0), np.full(30, 18 * 3_600.0))
"""Light from 06:00 to 18:00 every day."""


def at(text):
    return pd.Timestamp(f"2024-01-{text}")


def simple_sunset(day, *, longitude, latitude):
    """Hours UTC by the almanac's short formulae: declination and equation of time from the day of the year."""
    angle = 2 * math.pi * (day.timetuple().tm_yday - 81) / 364
    equation = 9.87 * math.sin(2 * angle) - 7.53 * math.cos(angle) - 1.5 * math.sin(angle)
    since_solstice = day.timetuple().tm_yday + 9
    declination = -math.asin(
        0.39779
        * math.cos(math.radians(0.98565 * since_solstice + 1.914 * math.sin(math.radians(0.98565 * (since_solstice - 12)))))
    )
    height = math.sin(math.radians(-0.833))
    phi = math.radians(latitude)
    hour_angle = math.degrees(
        math.acos((height - math.sin(phi) * math.sin(declination)) / (math.cos(phi) * math.cos(declination)))
    )
    return 12 - longitude / 15 - equation / 60 + hour_angle / 15


@pytest.mark.parametrize("day", [date(2024, 1, 15), date(2024, 3, 20), date(2024, 6, 21), date(2024, 9, 22), date(2024, 12, 21)])
def test_sunset_agrees_with_the_short_formulae_within_four_minutes(day):
    sun = daylight.sun_times(day, day, **BIRMINGHAM)
    summer_time = 1 if day.month in (6, 9) else 0
    assert sun.sunset[0] / 3_600 == pytest.approx(simple_sunset(day, **BIRMINGHAM) + summer_time, abs=4 / 60)


def test_clocks_go_forward_on_the_last_sunday_of_march():
    sun = daylight.sun_times(date(2024, 3, 30), date(2024, 3, 31), **BIRMINGHAM)
    # An hour by the clock and about two minutes by the sun.
    assert (sun.sunset[1] - sun.sunset[0]) / 60 == pytest.approx(61.8, abs=1)
    assert (sun.sunrise[1] - sun.sunrise[0]) / 60 == pytest.approx(57.6, abs=1)


def test_day_and_night_are_equal_over_a_year_but_for_the_suns_size_and_the_air():
    sun = daylight.sun_times(date(2023, 1, 1), date(2023, 12, 31), **BIRMINGHAM)
    # At sunset the sun's upper edge is seen when its centre is 0.83 degrees below the horizon: about 6 minutes each way.
    assert sun.dark_share == pytest.approx(0.5 - 2 * 6.1 / 1_440, abs=0.005)


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [
        ("01 17:00", "01 19:00", 0.5),
        ("01 05:00", "01 09:00", 0.25),
        ("01 12:00", "02 12:00", 0.5),
        ("01 19:00", "02 05:00", 1.0),
        ("01 07:00", "01 17:00", 0.0),
        ("01 18:00", "01 18:00", 1.0),
        ("01 06:00", "01 06:00", 0.0),
        ("01 05:59:59", None, 1.0),
        ("01 17:59:59", None, 0.0),
    ],
)
def test_the_dark_part_of_a_window_worked_by_hand(start, end, share):
    assert daylight.dark_shares([at(start)], [at(end) if end else pd.NaT], sun=SIX_TO_SIX) == pytest.approx([share])


def test_a_window_of_weeks_counts_with_its_first_seven_days():
    assert daylight.dark_shares([at("01 00:00")], [pd.Timestamp("2029-01-01")], sun=SIX_TO_SIX) == pytest.approx([0.5])


def test_no_start_and_an_end_before_it_have_no_share():
    assert np.isnan(daylight.dark_shares([pd.NaT, at("02 00:00")], [at("01 00:00"), at("01 00:00")], sun=SIX_TO_SIX)).all()


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 20 * 86_400), st.integers(1, 6 * 86_400)), min_size=1, max_size=8))
def test_the_dark_part_agrees_with_looking_at_every_minute(windows):
    sun = daylight.sun_times(WINTER, WINTER + timedelta(days=29), **BIRMINGHAM)
    start = np.datetime64(WINTER, "s") + np.array([begin for begin, _ in windows], dtype="timedelta64[s]")
    end = start + np.array([length for _, length in windows], dtype="timedelta64[s]")
    for (begin, length), share in zip(windows, daylight.dark_shares(start, end, sun=sun), strict=True):
        seconds = begin + (np.arange(500) + 0.5) * length / 500
        day, clock = np.divmod(seconds, 86_400)
        is_dark = (clock < sun.sunrise[day.astype(int)]) | (clock >= sun.sunset[day.astype(int)])
        assert share == pytest.approx(is_dark.mean(), abs=0.03)


def test_surely_dark_and_surely_light_are_counted_whole_windows_alone():
    start = [at("01 20:00"), at("01 08:00"), at("01 17:00")]
    found = daylight.dark_share(start, [at("01 22:00"), at("01 10:00"), at("01 19:00")], sun=SIX_TO_SIX)
    assert (found.offences, found.surely_dark, found.surely_light, found.share) == (3, 1, 1, 0.5)
    assert found.weeks == 1
    assert math.isnan(found.low)


def test_interval_by_weeks_worked_by_hand():
    # Five weeks of two offences: 2, 2, 1, 0, 0 of them dark. r = 5/10; deviations 1, 1, 0, -1, -1; variance 5/4 x 4 / 100.
    values, week = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    share, low, high, weeks = daylight.share_by_weeks(values, week)
    half = student.ppf(0.975, 4) * math.sqrt(0.05)
    assert (share, weeks) == (0.5, 5)
    assert low == max(0.0, 0.5 - half)
    assert high == min(1.0, 0.5 + half)


def test_weeks_that_differ_widen_the_interval_and_offences_alike_in_a_week_do_not_narrow_it():
    week = np.repeat(np.arange(20), 10)
    clustered = np.repeat(np.arange(20) % 2, 10)
    spread = np.tile([0, 1], 100)
    wide, narrow = (daylight.share_by_weeks(values, week) for values in (clustered, spread))
    assert wide[2] - wide[1] > 0.4
    assert narrow[2] - narrow[1] == pytest.approx(0, abs=1e-12)


def test_interval_by_weeks_covers_the_truth_about_nineteen_times_in_twenty():
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        chance = np.repeat(random.beta(3, 3, 30), 12)
        _, low, high, _ = daylight.share_by_weeks(random.random(360) < chance, np.repeat(np.arange(30), 12))
        covered += low <= 0.5 <= high
    assert 0.92 <= covered / 400 <= 0.975


def test_without_an_offence_there_is_no_share():
    found = daylight.dark_share([pd.NaT], [pd.NaT], sun=SIX_TO_SIX)
    assert found.offences == 0
    assert math.isnan(found.share)
