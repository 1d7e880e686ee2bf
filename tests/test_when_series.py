"""Months and weeks of the data, what would be usual, and which months stand out, on extracts worked by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from small_store import EAST, IN_EAST, offence, selection, small_store

from hotspot.findings.when_series import series_finding
from hotspot.methods.control_chart import RATE, RATIO
from hotspot.offences.store import EVERYTHING
from hotspot.period import add_months
from hotspot.selection import REPORTED

FIRST = date(2021, 1, 1)


def monthly_rows(counts, start=FIRST, at=None):
    """Offences on the 3rd of each month, reported the same day; one of another type closes each month's last day."""
    rows = []
    for number, count in enumerate(counts):
        month = add_months(start, number)
        third, last = f"{month.replace(day=3)} 12:00", f"{add_months(month, 1) - timedelta(days=1)} 12:00"
        place = {"at": at} if at else {}
        rows += [offence(f"{month}-{n}", committed=third, reported=third, **place) for n in range(count)]
        rows += [offence(f"{month}-{edge}", committed=day, reported=day, kind="Shoplifting")
                 for edge, day in (("first", f"{month} 00:10"), ("last", last))]  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Ten months from January 2023, over the break of April."""
    return small_store(tmp_path_factory.mktemp("short"), monthly_rows([6, 4, 5, 6, 4, 5, 6, 4, 5, 7], date(2023, 1, 1)))


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """Three years of three a month, nine in August 2023; one offence of the east each month."""
    counts = [3] * 36
    counts[31] = 9
    return small_store(tmp_path_factory.mktemp("long"), monthly_rows(counts))


def find(store, **limits):
    return series_finding(store, selection(**{"date_basis": REPORTED} | limits), scope=EVERYTHING)


def test_months_and_weeks_hold_every_offence_whatever_the_period(short):
    finding = find(short)
    assert finding.months.counts.tolist() == [6, 4, 5, 6, 4, 5, 6, 4, 5, 7]
    assert finding.months.days.tolist() == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31]
    # The first whole week begins on 2 January and holds the 3rd.
    assert finding.weeks.start[0] == date(2023, 1, 2)
    assert finding.weeks.counts[0] == 6
    assert finding.weeks.counts.sum() == finding.months.counts.sum()


def test_the_latest_month_and_its_weeks_are_provisional(short):
    finding = find(short)
    assert finding.months.provisional.tolist() == [False] * 9 + [True]
    late = [start.month for start, is_late in zip(finding.weeks.start, finding.weeks.provisional, strict=True) if is_late]
    assert set(late) <= {9, 10}
    assert late.count(10) >= 4
    assert "October 2023 is provisional" in " ".join(finding.notes)


def test_by_committed_date_months_of_the_last_four_weeks_are_provisional(short):
    finding = find(short, date_basis="committed")
    assert finding.months.start[-1] == date(2023, 10, 1)
    assert finding.months.provisional[-1]


def test_with_few_years_the_chart_is_plain_and_says_so(short):
    finding = find(short)
    assert finding.chart.measure == RATE
    said = " ".join(finding.notes)
    assert "seasons included" in said
    # Three settled months before the break are too few for limits, six after it are enough.
    assert [(limit.first, limit.months) for limit in finding.chart.limits] == [(date(2023, 4, 1), 6)]
    assert "operating model changed in April 2023" in said
    assert "Limits rest on 6 months" in said


def test_expected_weeks_are_seven_days_of_their_months_rate(short):
    finding = find(short)
    mean = finding.chart.limits[0].mean
    late = [number for number, start in enumerate(finding.weeks.start) if start >= date(2023, 4, 3)]
    assert finding.weeks.expected[late] == pytest.approx(np.full(len(late), 7 * mean))
    assert np.isnan(finding.weeks.expected[0])
    assert np.isnan(finding.months.expected[0])
    assert finding.months.expected[3] == pytest.approx(30 * mean)


def test_with_two_earlier_years_months_are_set_against_them(long):
    finding = find(long)
    assert finding.chart.measure == RATIO
    by_month = {month.month: month for month in finding.chart.months}
    # February 2023: 3/28 against the mean of 3/28 and 3/28.
    assert by_month[date(2023, 2, 1)].value == pytest.approx(1)
    assert by_month[date(2023, 8, 1)].value == pytest.approx(3)
    assert finding.headline == "One month outside the usual variation: August 2023"
    assert finding.months.expected[31] == pytest.approx(3)


def test_a_break_within_the_series_is_named_and_what_crosses_it_is_counted(long):
    finding = find(long)
    assert {one.day for one in finding.breaks} == {date(2023, 4, 1)}
    # April to December 2023 are set against 2021 and 2022.
    assert finding.chart.expected_across_break == 9
    assert "Nine months are set against earlier years that lie in part before a break" in " ".join(finding.notes)


def test_robbery_has_the_forces_break_and_not_that_of_burglary(long):
    reasons = {one.reason for one in find(long, crime_type="Shoplifting").breaks}
    assert reasons == {"the force's operating model changed in April 2023"}


def test_one_month_has_a_count_and_no_chart(tmp_path):
    finding = find(small_store(tmp_path, monthly_rows([5], date(2024, 5, 1), IN_EAST)))
    assert finding.months.counts.tolist() == [5]
    assert finding.chart.limits == ()
    assert finding.headline == "Too few months to say what is usual"
    assert "needs 5 complete months" in finding.expected_words


def test_a_break_in_the_middle_of_few_months_leaves_no_limits_and_says_why(tmp_path):
    finding = find(small_store(tmp_path, monthly_rows([5, 6, 5, 6, 5, 6, 5], date(2023, 1, 1))))
    # Three complete months before April 2023, three after it.
    assert finding.chart.limits == ()
    assert "Limits need 5 complete months on one side of a break; these data hold 6 months in all." in finding.notes


def test_a_place_and_a_type_without_offences_have_months_of_nought(long):
    finding = find(long, crime_type="Robbery", area=EAST)
    assert finding.months.counts.sum() == 0
    assert len(finding.months.counts) == 36
    assert finding.chart.signals == ()


def test_a_level_well_below_earlier_years_is_said_where_no_month_stands_out(tmp_path):
    made = small_store(tmp_path, monthly_rows([6, 5] * 12 + [3] * 12))
    assert find(made).headline == "No month lies outside the usual variation, 45% below earlier years"
