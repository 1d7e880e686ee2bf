"""Findings on hours and darkness on a small extract worked by hand: what is counted, what is left out, what is said."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import EAST, IN_EAST, WEST, offence, selection, several, small_store
from street_files import row, street_file

from hotspot.boundaries.force_file import load_force
from hotspot.errors import NotKnowable
from hotspot.findings import darkness as dark_finding
from hotspot.findings import when
from hotspot.findings.selected import select
from hotspot.methods.aoristic import AORISTIC, END, MIDPOINT, START, Span
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import WEST_MIDLANDS
from hotspot.period import Period
from hotspot.selection import MONTH, Selection

MONDAY = "2024-05-06"
DATA = [
    # Monday 08:00 to 18:00: a tenth in each of ten hours; midpoint 13:00.
    *several(20, "a", committed=f"{MONDAY} 08:00", to=f"{MONDAY} 18:00"),
    # Thirty moments on Monday at 20:30, in the east.
    *several(30, "b", IN_EAST, f"{MONDAY} 20:30", to=f"{MONDAY} 20:30"),
    # Two days, and eight.
    offence("c", committed="2024-05-07 00:00", to="2024-05-09 00:00"),
    offence("d", committed="2024-05-07 00:00", to="2024-05-15 00:00"),
    # An end before its start, and a day without a time: Wednesday.
    offence("e", committed=f"{MONDAY} 10:00", to="2024-05-01 10:00"),
    offence("f", committed="2024-05-08"),
    *several(6, "g", committed=f"{MONDAY} 22:00", kind="Theft of a vehicle"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("when"), DATA)


@pytest.fixture(scope="module")
def monthly(tmp_path_factory):
    folder = tmp_path_factory.mktemp("months")
    file = street_file(folder, *(row(f"a{number:063d}") for number in range(30)))
    import_sources([file], store=folder / "store", forces=[load_force(WEST_MIDLANDS)], today=date(2026, 1, 1))
    return Store(folder / "store")


def chosen(store, crime_type="Residential burglary", **limits):
    return select(store, selection(crime_type, **limits), scope=EVERYTHING, extra_columns=when.COLUMNS)


def find(store, **limits):
    return when.hours_finding(chosen(store, **limits))


def test_hours_of_the_week_worked_by_hand(store):
    finding = find(store)
    spread = finding.ways[AORISTIC]
    # 20 + 30 + two days, eight days, one day: 53 counted, one end before its start left out.
    assert (spread.counted, spread.end_before_start, spread.without_start) == (53, 1, 0)
    assert spread.weights.sum() == pytest.approx(53)
    alike = 1 / 168
    # Monday 08:00: a tenth of twenty. Monday 20:00: thirty. Wednesday 12:00: 1/48 of two days, 1/24 of the day.
    assert spread.weights[8] == pytest.approx(2 + alike)
    assert spread.weights[20] == pytest.approx(30 + alike)
    assert spread.weights[24 * 2 + 12] == pytest.approx(1 / 48 + 1 / 24 + alike)


def test_the_other_ways_put_each_offence_into_one_hour_and_leave_out_days_without_a_time(store):
    finding = find(store)
    assert finding.day_alone == 1
    assert [finding.ways[way].counted for way in (MIDPOINT, START, END)] == [52, 52, 52]
    assert finding.ways[START].weights[[8, 20]].tolist() == [20, 30]
    assert finding.ways[MIDPOINT].weights[[13, 20]].tolist() == [20, 30]
    assert finding.ways[END].weights[[18, 20]].tolist() == [20, 30]


def test_what_another_way_moves_is_half_the_difference_of_the_shares(store):
    finding = find(store)
    spread, start = (finding.ways[way].weights / finding.ways[way].weights.sum() for way in (AORISTIC, START))
    assert finding.moved[AORISTIC] == 0
    assert finding.moved[START] == pytest.approx(np.abs(spread - start).sum() / 2)
    assert "into other hours than aoristic" in when.difference_note(finding, START)
    assert "other hours" not in when.difference_note(finding, AORISTIC)


def test_wide_windows_are_counted_and_said(store):
    finding = find(store)
    assert (finding.over_a_day, finding.over_a_week) == (2, 1)
    assert finding.subline == "53 offences, aoristic; windows of over 24 hours: 2 (4%), of over seven days: 1 (2%)."
    said = " ".join(finding.notes)
    assert "1 left out: the end lies before the start" in said
    assert "Known to the day alone, 1:" in said
    assert "not tested" in said


def test_headline_says_the_shortest_span_that_holds_half(store):
    assert find(store).headline == "57% of residential burglaries fall between 20:00 and 21:00"
    assert find(store, area=EAST).headline == "Nearly all residential burglaries fall between 20:00 and 21:00"


def test_headlines_of_spread_few_and_no_offences_stay_true_and_short():
    even = Span(0, 12, 0.5)
    assert when.headline(even, np.ones(168), "Burglary") == "Burglaries are spread over the day: half need 12 hours"
    assert when.headline(None, np.ones(3), "Robbery") == "Too few robberies to say at what hour they fall"
    assert when.headline(None, np.zeros(168), "Robbery") == "No robberies with a known time in this selection"
    longest = when.headline(Span(22, 5, 0.51), np.ones(168), "Business and community burglary")
    assert longest == "Half of business burglaries fall between 22:00 and 03:00"


def test_few_offences_have_no_usual_hour(store):
    finding = find(store, crime_type="Theft of a vehicle")
    assert finding.span is None
    assert finding.headline.startswith("Too few thefts of vehicles")


def test_an_empty_selection_is_said_and_not_an_error(store):
    finding = find(store, crime_type="Robbery")
    assert finding.counted == 0
    assert finding.subline == "No offence here has a known time."


def test_chosen_days_and_hours_count_their_parts_of_offences_alone(store):
    finding = find(store, weekdays=(0,), hours=(8, 10))
    assert finding.counted == pytest.approx(4 + 2 / 168)
    assert np.flatnonzero(finding.ways[AORISTIC].weights).tolist() == [8, 9]
    assert "within the chosen days and hours" in " ".join(finding.notes)


def test_data_of_months_are_refused_with_the_reason(monthly):
    period = Period(date(2014, 1, 1), date(2014, 2, 1))
    limits = Selection("police.uk", "West Midlands", "Burglary", period, date_basis=MONTH)
    selected = select(monthly, limits, scope=EVERYTHING, extra_columns=when.COLUMNS)
    with pytest.raises(NotKnowable, match="the month of each offence and no more") as refusal:
        when.hours_finding(selected)
    assert refusal.value.headline == when.NOT_KNOWN
    assert len(when.NOT_KNOWN) <= 80


def test_data_of_days_are_refused_with_the_reason(tmp_path):
    store = small_store(tmp_path, [offence(number, committed="2024-05-01") for number in range(25)])
    with pytest.raises(NotKnowable, match="the day of each offence and not its time"):
        find(store)


def test_the_force_sees_every_hour_and_the_totals_of_days_and_hours():
    weights = np.zeros(168)
    weights[[8, 32, 167]] = 2.4, 1.4, 0.4
    shown = when.shown_hours(weights, public=False)
    assert (shown.cells[0, 8], shown.cells[1, 8], shown.cells[6, 23]) == ("2", "1", "0")
    assert (shown.by_day[0], shown.by_hour[8], shown.total) == ("2", "4", "4")
    assert shown.visible.all()


def test_the_public_sees_no_hour_of_a_sparse_table_and_its_margins_only_where_none_is_small():
    weights = np.zeros((7, 24))
    weights[:, 20] = 9
    shown = when.shown_hours(weights, public=True)
    assert not shown.visible.any()
    assert shown.by_day.tolist() == ["9"] * 7
    assert shown.by_hour[20] == "63"
    weights[3, 4] = 2
    hidden = when.shown_hours(weights, public=True)
    assert set(hidden.by_hour) == {"hidden"}
    assert hidden.by_day.tolist() == ["9"] * 3 + ["11"] + ["9"] * 3


@settings(max_examples=10)
@given(st.lists(st.integers(0, 30), min_size=168, max_size=168))
def test_the_public_never_sees_an_hour_under_five(counts):
    shown = when.shown_hours(np.array(counts) + 1, public=True)
    numbers = [int(cell.replace(",", "")) for cell in shown.cells.ravel() if cell[0].isdigit()]
    assert all(number >= 5 for number in numbers)
    small = (np.array(counts).reshape(7, 24) + 1) < 5
    assert not shown.visible[small].any()


def test_the_public_is_told_no_small_count_of_wide_windows(store):
    finding = find(store)
    assert when.told_of_hours(finding, public=False) == (finding.headline, finding.subline)
    assert "under 5" in when.told_of_hours(finding, public=True)[1]


def test_the_public_is_told_no_span_that_leaves_a_few_offences_outside(tmp_path):
    rows = [*several(22, "a", committed=f"{MONDAY} 20:00"), *several(3, "b", committed=f"{MONDAY} 03:00")]
    finding = find(small_store(tmp_path, rows))
    assert finding.headline == "88% of residential burglaries fall between 20:00 and 21:00"
    assert when.told_of_hours(finding, public=True)[0] == "When offences happen"


def test_hours_that_were_not_chosen_are_known_from_hours_of_nought(store):
    chosen = find(store, weekdays=(0,), hours=(22, 2)).chosen
    assert np.argwhere(chosen).tolist() == [[0, 0], [0, 1], [0, 22], [0, 23]]
    assert find(store).chosen.all()


@given(st.floats(0.004, 40_000))
@settings(max_examples=40)
def test_bands_hold_every_hour_and_rise_by_one_round_step(most):
    weights = np.linspace(0, most, 168)
    breaks = when.breaks_of_hours(weights)
    bands = when.bands_of_hours(weights, breaks)
    step = breaks[1]
    assert breaks == pytest.approx([step * band for band in range(6)])
    assert most <= 6 * step * (1 + 1e-9)
    assert bands.max() <= 5
    assert bands[0, 0] == -1


def test_burglaries_in_the_dark_worked_by_hand(store):
    found = dark_finding.darkness(chosen(store))
    # In May at 52.5 N it is light from about 05:20 to 20:45 by the clock: twenty windows by day, thirty moments at 20:30.
    assert found.share.surely_light == 50
    assert found.share.offences == 52
    assert 5 / 52 > found.share.share > 0
    assert "fell between sunset and sunrise" in found.sentence
    assert found.months == ()


def test_darkness_is_told_of_burglary_alone(store):
    assert dark_finding.darkness(chosen(store, crime_type="Theft of a vehicle")) is None
    assert [dark_finding.is_of_burglary(kind) for kind in ("Burglary", "Residential burglary", "Robbery", "All acquisitive")] == [
        True,
        True,
        False,
        False,
    ]


def test_the_suns_place_is_the_centre_of_the_chosen_area(store):
    west, east = (dark_finding.darkness(chosen(store, area=area)) for area in (WEST, EAST))
    # Four kilometres east at this latitude.
    assert east.longitude - west.longitude == pytest.approx(4 / 67.8, abs=0.002)
    assert west.latitude == pytest.approx(52.53, abs=0.02)
    rise, last_rise, first_set, last_set = west.band
    assert 4.5 < rise < last_rise < 8 < 17 < first_set < last_set < 22
