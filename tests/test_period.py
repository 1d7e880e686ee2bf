"""Periods, presets and their words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.errors import BadInput
from hotspot.period import Period, add_months, baselines, presets

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


def test_a_period_is_half_open_so_january_has_31_days():
    period = Period.parse("2014-01-01..2014-02-01")
    assert (period.days, period.last_day) == (31, date(2014, 1, 31))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2014-02-01..2014-03-01", "February 2014"),
        ("2014-01-01..2014-03-01", "January and February 2014"),
        ("2024-04-01..2024-10-01", "April to September 2024"),
        ("2023-10-01..2024-10-01", "October 2023 to September 2024"),
        ("2024-09-24..2024-10-01", "24 to 30 September 2024"),
        ("2024-08-30..2024-09-03", "30 August to 2 September 2024"),
        ("2023-12-31..2024-01-01", "31 December 2023"),
    ],
)
def test_a_period_is_said_in_words(text, label):
    assert Period.parse(text).label() == label


@pytest.mark.parametrize("text", ["2014-02-01..2014-02-01", "2014-02-02..2014-02-01", "2014-02-01", "01/02/2014..2014-03-01"])
def test_an_impossible_period_is_refused_with_a_sentence(text):
    with pytest.raises(BadInput, match=r"period|date"):
        Period.parse(text)


def test_the_performance_year_to_date_begins_on_1_april():
    assert presets(date(2024, 10, 1), whole_months=False)["Year to date"] == Period(date(2024, 4, 1), date(2024, 10, 1))
    assert presets(date(2024, 3, 1), whole_months=False)["Year to date"] == Period(date(2023, 4, 1), date(2024, 3, 1))
    assert presets(date(2024, 4, 1), whole_months=False)["Year to date"] == Period(date(2023, 4, 1), date(2024, 4, 1))


def test_the_year_to_date_ends_with_the_last_full_month():
    assert presets(date(2024, 9, 18), whole_months=False)["Year to date"].end == date(2024, 9, 1)


def test_monthly_data_are_offered_no_period_shorter_than_a_month():
    assert all(period.is_whole_months for period in presets(date(2014, 3, 1), whole_months=True).values())


def test_the_same_months_of_last_year_keep_their_months_in_a_leap_year():
    february = Period.parse("2024-02-01..2024-03-01")
    assert baselines(february)["Same months last year"] == Period.parse("2023-02-01..2023-03-01")


@given(DAYS, st.integers(1, 800))
def test_the_previous_equal_period_touches_the_period_and_of_days_is_as_long(start, days):
    period = Period(start, start + timedelta(days=days))
    previous = period.previous()
    assert previous.end == period.start
    if not period.is_whole_months:
        assert previous.days == period.days


@given(DAYS, st.integers(-240, 240))
def test_moving_by_months_agrees_with_stepping_one_month_at_a_time(day, months):
    first = day.replace(day=1)
    slow = first
    for _ in range(abs(months)):
        slow = (slow + timedelta(days=32)).replace(day=1) if months > 0 else (slow - timedelta(days=1)).replace(day=1)
    assert add_months(first, months) == slow
    assert add_months(day, months).replace(day=1) == slow


def test_a_day_that_a_month_lacks_becomes_its_last_day():
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)


def test_a_comparison_across_april_2023_names_the_break_that_concerns_it():
    period, baseline = Period.parse("2023-06-01..2023-07-01"), Period.parse("2022-06-01..2022-07-01")
    assert len(period.breaks_since(baseline, groups={"Burglary"})) == 2
    assert period.breaks_since(baseline, groups={"Robbery"}) == ("the force's operating model changed in April 2023",)
    assert period.breaks_since(Period.parse("2023-04-01..2023-05-01"), groups={"Robbery"}) == ()


@pytest.mark.parametrize(
    ("text", "length"),
    [("2014-01-01..2014-03-01", "two months"), ("2014-01-01..2014-01-29", "28 days"), ("2014-01-01..2015-01-01", "twelve months"), ("2014-01-01..2014-01-02", "one day")],
)  # fmt: skip
def test_the_length_of_a_period_is_said_in_words(text, length):
    assert Period.parse(text).length() == length
