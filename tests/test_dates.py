"""Dates as extracts write them: every form reads back as itself, and ISO is never turned round."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.offences.date_columns import read_dates, read_each
from hotspot.offences.dates import DateRules, read_clock, read_moment

DAY_FIRST, MONTH_FIRST = DateRules(True), DateRules(False)
ORDERS = st.sampled_from([DAY_FIRST, MONTH_FIRST])
DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))
MINUTES = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, tzinfo=None))
SECONDS = st.times().map(lambda clock: clock.replace(microsecond=0, tzinfo=None))

ISO_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d")
DAY_FIRST_DAYS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y")
NAMED_DAYS = ("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%d %B %Y", "%a %d %b %Y", "%b %d, %Y", "%B %d %Y")
CLOCKS = (" %H:%M", " %H:%M:%S", " %H.%M", ", %H:%M", " %I:%M %p", " %I:%M:%S%p")


def column(*texts: str, rules: DateRules = DAY_FIRST, clocks: list[str] | None = None):
    times = None if clocks is None else pd.Series(clocks, dtype="str")
    return read_dates(pd.Series(texts, dtype="str"), name="From", rules=rules, clocks=times)


@given(day=DAYS, form=st.sampled_from(ISO_DAYS), rules=ORDERS)
def test_an_iso_date_is_year_month_day_whatever_the_mapping_says(day, form, rules):
    found = read_moment(day.strftime(form), rules)
    assert found.at == datetime.combine(day, time()) and found.precision == "day"


@given(day=DAYS, clock=SECONDS, form=st.sampled_from(ISO_DAYS), join=st.sampled_from(["T", " "]), rules=ORDERS)
@pytest.mark.parametrize("end", ["", ".5", ".123456", "Z", "+01:00", "+0100", " +01:00", ".000Z"])
def test_an_iso_time_keeps_its_wall_clock_and_drops_fractions_and_offsets(end, day, clock, form, join, rules):
    found = read_moment(f"{day.strftime(form)}{join}{clock:%H:%M:%S}{end}", rules)
    assert found.at == datetime.combine(day, clock) and found.precision == "minute"
    assert found.had_offset == ("Z" in end or "+" in end)


@given(day=DAYS, form=st.sampled_from(DAY_FIRST_DAYS))
def test_an_ambiguous_date_reads_back_in_the_order_it_was_written(day, form):
    expected = datetime.combine(day, time())
    assert read_moment(day.strftime(form), DAY_FIRST).at == expected
    turned = form.replace("%d", "#").replace("%m", "%d").replace("#", "%m")
    assert read_moment(day.strftime(turned), MONTH_FIRST).at == expected


@given(day=DAYS, form=st.sampled_from(NAMED_DAYS), rules=ORDERS)
def test_a_named_month_is_never_ambiguous(day, form, rules):
    assert read_moment(day.strftime(form), rules).at == datetime.combine(day, time())
    assert read_moment(day.strftime(form).upper(), rules).at == datetime.combine(day, time())


@given(day=DAYS, clock=MINUTES, form=st.sampled_from(DAY_FIRST_DAYS + NAMED_DAYS), tail=st.sampled_from(CLOCKS))
def test_a_time_behind_any_date_reads_back(day, clock, form, tail):
    moment = datetime.combine(day, clock)
    found = read_moment(moment.strftime(form + tail), DAY_FIRST)
    assert found.at == moment and found.precision == "minute"


@given(moment=st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)))
def test_a_spreadsheet_number_reads_back_to_the_second(moment):
    moment = moment.replace(microsecond=0)
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert read_moment(repr(serial), DAY_FIRST).at == moment


@given(moment=st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)))
def test_digits_alone_read_back(moment):
    assert read_moment(moment.strftime("%Y%m%d%H%M%S"), DAY_FIRST).at == moment.replace(microsecond=0)
    assert read_moment(moment.strftime("%Y%m%dT%H%M"), DAY_FIRST).at == moment.replace(second=0, microsecond=0)


@given(text=st.text(max_size=25) | st.from_regex(r"[0-9/:. T-]{1,20}", fullmatch=True))
def test_no_text_at_all_makes_the_reader_fail(text):
    for rules in (DAY_FIRST, MONTH_FIRST, DateRules(formats=("%d/%m/%Y",))):
        found = read_moment(text, rules)
        assert found is None or found.precision in ("month", "day", "minute")


@given(clock=SECONDS)
def test_a_time_of_day_reads_back_in_every_form(clock):
    since_midnight = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
    whole_minutes = since_midnight - timedelta(seconds=clock.second)
    assert read_clock(f"{clock:%H:%M:%S}") == (since_midnight, False)
    assert read_clock(f"{clock:%I:%M:%S %p}") == (since_midnight, False)
    assert read_clock(f"{clock:%H%M}") == (whole_minutes, False)
    assert read_clock(str(int(f"{clock:%H%M}"))) == (whole_minutes, False)
    assert read_clock(f"{since_midnight / timedelta(days=1):.10f}") == (since_midnight, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-04 24:00", datetime(2024, 3, 5)),
        ("31/12/2024 24:00:00", datetime(2025, 1, 1)),
        ("45000.5", datetime(2023, 3, 15, 12)),
        ("45000", datetime(2023, 3, 15)),
        ("3.4.2024", datetime(2024, 4, 3)),
        ("3/4/24 7:05", datetime(2024, 4, 3, 7, 5)),
        ("3rd April 2024", datetime(2024, 4, 3)),
        ("3 Sept 2024", datetime(2024, 9, 3)),
        ("03APR2024:22:15:00", datetime(2024, 4, 3, 22, 15)),
        ("12:30 03/04/2024", None),
        ("29/02/2023", None),
        ("2024-13-01", None),
        ("31/04/2024", None),
        ("03/04/2024 25:00", None),
        ("0000-00-00", None),
        ("9999-12-31", None),
        ("3 Foo 2024", None),
        ("soon", None),
        ("", None),
    ],
)
def test_cells_worked_by_hand(text, expected):
    found = read_moment(text, DAY_FIRST)
    assert (found.at if found else None) == expected


def test_a_month_alone_has_the_precision_of_a_month():
    assert read_moment("2024-03", DAY_FIRST).precision == "month"


def test_explicit_formats_decide_alone_beside_iso():
    rules = DateRules(formats=("%m/%d/%Y %H:%M",))
    assert read_moment("04/03/2024 22:15", rules).at == datetime(2024, 4, 3, 22, 15)
    assert read_moment("2024-03-04", rules).at == datetime(2024, 3, 4)
    assert read_moment("13/04/2024 22:15", rules) is None, "a row that does not fit is not read another way"


def test_a_format_never_turns_an_iso_date_round():
    assert read_moment("2024-03-04", DateRules(formats=("%Y-%d-%m",))).at == datetime(2024, 3, 4)


FORMS = [day + clock for day in (*ISO_DAYS, *DAY_FIRST_DAYS, "%m/%d/%Y") for clock in ("", *CLOCKS[:2], "T%H:%M:%SZ")]
NEAR_DATES = st.from_regex(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/[0-9]{4})( [0-9]{2}:[0-9]{2}(:[0-9]{2})?)?", fullmatch=True
)
WRITTEN = st.builds(datetime.strftime, st.datetimes(datetime(1890, 1, 1), datetime(2110, 1, 1)), st.sampled_from(FORMS))


@given(
    texts=st.lists(WRITTEN | NEAR_DATES | st.sampled_from(["2024-03-04 24:00", "29/02/2023", "45000.5", "", "x"])), rules=ORDERS
)
def test_reading_a_column_at_once_gives_what_reading_each_cell_gives(texts, rules):
    cells = pd.Series(texts, dtype="str")
    for used in (rules, DateRules(formats=("%m/%d/%Y",))):
        quick, slow = read_dates(cells, name="From", rules=used), read_each(cells, used)
        np.testing.assert_array_equal(quick.at, slow.at)
        np.testing.assert_array_equal(quick.unreadable, np.isnat(slow.at) & (cells != "").to_numpy())


def test_blank_is_null_and_not_a_fault():
    found = column("", "03/04/2024")
    assert np.isnat(found.at[0]) and not found.unreadable.any() and found.notes == ()


def test_precision_is_told_row_by_row():
    assert list(column("03/04/2024 22:15", "03/04/2024", "").precision) == ["minute", "day", None]


def test_an_unreadable_date_is_null_and_counted():
    found = column("03/04/2024", "yesterday", "yesterday")
    assert list(found.unreadable) == [False, True, True]
    assert found.notes == ("'From': 2 rows have no readable date ('yesterday'); taken as unknown.",)


def test_a_month_first_column_under_a_day_first_mapping_is_told_and_never_turned_row_by_row():
    found = column("03/04/2024", "03/25/2024", "12/31/2024")
    assert found.at[0] == np.datetime64("2024-04-03"), "the mapping's order holds for the row that both orders fit"
    assert np.isnat(found.at[1:]).all()
    assert "look month-first, but the mapping says day-first" in found.notes[0]
    assert "day_first = false" in found.notes[0]


def test_a_day_first_column_under_a_month_first_mapping_is_told_too():
    assert "set day_first = true" in column("25/03/2024", "04/03/2024", rules=MONTH_FIRST).notes[0]


def test_one_slip_in_a_day_first_column_does_not_cast_doubt_on_its_order():
    found = column("25/03/2024", "04/31/2024", "04/03/2024")
    assert len(found.notes) == 1 and "no readable date" in found.notes[0]


def test_dropped_offsets_are_counted():
    found = column("2024-06-01T23:30:00Z", "2024-06-01T23:30:00+01:00", "2024-06-01T23:30:00")
    assert set(found.at) == {np.datetime64("2024-06-01T23:30:00")}
    assert "2 rows have a Z or an offset" in found.notes[0]


def test_a_column_whose_every_time_is_midnight_holds_dates():
    found = column("2024-06-01 00:00:00", "2024-06-02 00:00:00")
    assert list(found.precision) == ["day", "day"] and "read as dates without a time" in found.notes[0]


def test_a_midnight_among_other_times_is_a_time():
    assert list(column("2024-06-01 00:00:00", "2024-06-02 10:15:00").precision) == ["minute", "minute"]


def test_a_whole_spreadsheet_number_among_fractions_is_midnight():
    assert list(column("45000", "45000.5").precision) == ["minute", "minute"]
    assert list(column("45000", "45001").precision) == ["day", "day"]


def test_a_date_and_a_time_column_are_joined():
    found = column("03/04/2024", "03/04/2024", "03/04/2024", "", clocks=["22:15", "", "late", "10:00"])
    assert list(found.at[:3]) == [np.datetime64("2024-04-03T22:15"), np.datetime64("2024-04-03"), np.datetime64("2024-04-03")]
    assert np.isnat(found.at[3])
    assert list(found.precision) == ["minute", "day", "day", None]
    assert "1 row has a time that cannot be read ('late')" in found.notes[0]


def test_a_date_column_that_carries_midnights_takes_its_time_from_the_time_column():
    found = column("2024-04-03 00:00:00", clocks=["0.9270833333"])
    assert found.at[0] == np.datetime64("2024-04-03T22:15")
