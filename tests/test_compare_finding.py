"""Two periods side by side: rows that add up, notes of what disturbs a comparison, headlines that fit."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_store import BEFORE, BEYOND, EAST, IN_EAST, PERIOD, WEST, offence, selection, several, small_store

from hotspot.crime_types import ACQUISITIVE, CRIME_TYPES
from hotspot.errors import BadInput
from hotspot.findings.compare import check_periods, compare_finding, headline, map_of_change, where_words, without_area
from hotspot.findings.selected import NO_LOCATION, select
from hotspot.geography import OUTSIDE, DrawnArea
from hotspot.methods.change import COULD_BE_CHANCE, FELL, LITTLE_CHANGE, ROSE, TOO_FEW, VERDICTS, compare, rate_ratio
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period

DATA = [
    *several(60, "a"),
    *several(30, "b", committed="2023-05-01 12:00"),
    *several(30, "c", IN_EAST),
    *several(31, "d", IN_EAST, "2023-05-01 12:00"),
    *several(3, "e", BEYOND),
    *several(2, "f", None),
    *several(1, "g", None, "2023-05-01 12:00"),
    # The data reach from 1 January 2023 to 31 December 2024.
    offence("first", BEYOND, "2023-01-01 12:00", kind="Robbery"),
    offence("last", BEYOND, "2024-12-31 12:00", kind="Robbery"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("compare"), DATA)


def find(store, *, period=PERIOD, baseline=BEFORE, by_area=True, **limits):
    chosen = selection(**{"period": period} | limits)
    wide = without_area(chosen, chosen.level) if by_area else chosen
    now, before = (select(store, wide.with_period(one), scope=EVERYTHING) for one in (period, baseline))
    focus = (
        tuple(select(store, chosen.with_period(one), scope=EVERYTHING) for one in (period, baseline)) if wide != chosen else None
    )
    return compare_finding(now, before, by_area=by_area, focus=focus)


def test_rows_add_up_to_the_total_with_those_outside_and_without_a_location(store):
    table = find(store).table
    assert [(row.area, row.baseline_count, row.count) for row in table.rows] == [
        (WEST, 30, 60),
        (EAST, 31, 30),
        (OUTSIDE, 0, 3),
        (NO_LOCATION, 1, 2),
    ]
    assert (table.total.baseline_count, table.total.count) == (62, 95)
    assert sum(row.count for row in table.rows) == table.total.count


def test_sentences_name_as_many_areas_as_were_tested(store):
    table = find(store).table
    assert table.tested == 2 and len(table.rows) == 4
    assert table.family_sentence.startswith("2 of 4 rows were tested together")
    (west,) = (row for row in table.rows if row.area == WEST)
    assert "; among 2 areas, this stands." in west.sentence()


def test_the_forces_total_is_not_in_the_family(store):
    table = find(store).table
    assert table.tested == 2
    west, east = table.rows[:2]
    days = PERIOD.days / BEFORE.days
    alone = [rate_ratio(count, before, exposure=days).p_value for count, before in ((60, 30), (30, 31))]
    assert (west.p_value, east.p_value) == pytest.approx(alone)
    # Two tests: the smaller p is doubled, the larger stays.
    assert (west.q_value, east.q_value) == pytest.approx((2 * alone[0], alone[1]))
    assert table.total.q_value == table.total.p_value


def test_the_headline_and_the_line_below_say_what_the_rows_say(store):
    finding = find(store)
    assert finding.headline == "Burglary rose in Westley; elsewhere no rise or fall is clear"
    assert finding.subline.startswith("Force 62 → 95, ")
    west = find(store, area=WEST)
    # 60/30 offences, 183 days both: twice as many.
    assert west.subline.startswith("Westley 30 → 60, 2.0 times as many (95% interval ")
    assert west.selected.count == 60
    assert [row.area for row in west.table.rows] == [row.area for row in finding.table.rows]


def test_an_area_by_itself_is_one_row(store):
    (row,) = find(store, by_area=False, area=WEST).table.rows
    assert (row.area, row.baseline_count, row.count, row.q_value) == (WEST, 30, 60, row.p_value)
    assert find(store, by_area=False, area=WEST).headline == "Burglary rose in Westley"


def test_a_drawn_area_is_compared_by_its_own_offences(store):
    ring = ((405_000, 291_000), (407_000, 291_000), (407_000, 293_000), (405_000, 293_000))
    finding = find(store, by_area=False, drawn=DrawnArea("Market", ring))
    (row,) = finding.table.rows
    assert (row.area, row.baseline_count, row.count) == ("Market", 31, 30)
    assert finding.subline.startswith("Market 31 → 30")


def test_without_boundaries_the_force_is_one_row(tmp_path):
    finding = find(small_store(tmp_path, DATA, lpas=None))
    assert [(row.area, row.count) for row in finding.table.rows] == [("Testshire", 95)]
    assert map_of_change(finding.selected, finding.baseline) is None


def test_an_empty_selection_is_too_few_to_say(store):
    finding = find(store, crime_type="Drugs")
    assert finding.headline == "Drugs: too few offences in any area to say"
    assert finding.table.total.verdict == TOO_FEW
    assert "0 → 0: too few to say" in finding.subline


@pytest.mark.parametrize(
    ("start", "end", "shared"),
    [("2024-04-01", "2024-10-01", True), ("2024-09-30", "2024-12-01", True), ("2024-10-01", "2024-11-01", False)],
)
def test_periods_that_share_a_day_are_refused(start, end, shared):
    other = Period.parse(f"{start}..{end}")
    for pair in ((PERIOD, other), (other, PERIOD)):
        if shared:
            with pytest.raises(BadInput, match="share days"):
                check_periods(*pair)
        else:
            check_periods(*pair)


def notes(store, period, baseline, **limits):
    return " ".join(find(store, period=Period.parse(period), baseline=Period.parse(baseline), **limits).notes)


def test_a_break_between_the_periods_is_told_for_the_crime_types_it_concerns(store):
    across = ("2023-05-01..2023-06-01", "2023-03-01..2023-04-01")
    assert "burglary was split" in notes(store, *across)
    assert "operating model" in notes(store, *across)
    assert "burglary" not in notes(store, *across, crime_type="Robbery")
    assert "operating model" in notes(store, *across, crime_type="Robbery")
    assert "break" not in notes(store, "2024-05-01..2024-06-01", "2023-05-01..2023-06-01")
    # A period that begins on the day of the break lies after it.
    assert "break" not in notes(store, "2024-04-01..2024-05-01", "2023-04-01..2023-05-01")


def test_easter_in_one_period_alone_is_told(store):
    # Easter Sunday was 9 April 2023 and 31 March 2024.
    assert "Easter falls in one" in notes(store, "2024-04-01..2024-05-01", "2023-04-01..2023-05-01")
    assert "Easter" not in notes(store, "2024-03-15..2024-04-15", "2023-03-15..2023-04-15")
    assert "Easter" not in notes(store, "2024-06-01..2024-07-01", "2023-06-01..2023-07-01")


def test_short_periods_that_are_not_whole_weeks_are_told(store):
    assert "whole weeks" in notes(store, "2024-06-01..2024-07-01", "2023-06-01..2023-07-01")
    assert "whole weeks" not in notes(store, "2024-06-03..2024-07-01", "2023-06-05..2023-07-03")
    assert "whole weeks" not in notes(store, PERIOD.iso, BEFORE.iso)


def test_a_period_beyond_the_data_is_told(store):
    assert "counts too few" in notes(store, "2024-07-01..2025-01-02", "2023-07-01..2024-01-01")
    assert "counts too few" in notes(store, "2023-07-01..2024-01-01", "2022-12-31..2023-07-01")
    assert "counts too few" not in notes(store, "2024-07-01..2025-01-01", "2023-01-01..2023-07-01")


def test_lengths_that_differ_are_told_and_compared_per_day(store):
    period = Period(date(2024, 4, 1), date(2024, 10, 2))
    finding = find(store, period=period)
    assert finding.subline.endswith("The period is one day longer.")
    assert finding.table.rows[0].ratio == pytest.approx((60 / period.days) / (30 / BEFORE.days))


def test_sums_of_shares_are_said_to_be_rounded(store):
    assert "aoristic shares" in " ".join(find(store, weekdays=(0, 2)).notes)


def test_the_change_map_counts_both_periods_over_the_area(store):
    finding = find(store, area=WEST)
    change = map_of_change(finding.selected, finding.baseline)
    row, column, _ = change.grid.cell_of(*(([one]) for one in (402_000, 292_000)))
    assert change.grid.bounds == (400_000, 290_000, 404_000, 294_000)
    assert change.ratio[row[0], column[0]] == pytest.approx(2.0)


NAMES = (
    "Coventry",
    "Wolverhampton",
    "Sandwell",
    OUTSIDE,
    NO_LOCATION,
    "A ward with a name that is far longer than any other of them all",
)


def test_places_that_are_no_names_are_said_in_words():
    assert where_words(["Coventry", OUTSIDE]) == "in Coventry and outside the LPAs"
    assert where_words(["Coventry", "Dudley", NO_LOCATION]) == "in Coventry and Dudley and where no location is known"
    assert where_words([OUTSIDE]) == "outside the LPAs"


@given(
    kind=st.sampled_from([*(one.name for one in CRIME_TYPES), ACQUISITIVE]),
    verdicts=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VERDICTS)), min_size=1, max_size=30),
)
def test_a_headline_fits_whatever_the_verdicts(kind, verdicts):
    table = compare(["x"] * len(verdicts), [9] * len(verdicts), [9] * len(verdicts), days=30, baseline_days=30, family="areas")
    rows = tuple(replace(row, area=area, verdict=verdict) for row, (area, verdict) in zip(table.rows, verdicts, strict=True))
    said = headline(replace(table, rows=rows), selection(kind))
    assert len(said) <= 80
    assert said.startswith(kind)
    found = {verdict for _, verdict in verdicts}
    for verdict in (ROSE, FELL):
        assert (f" {verdict} " in said) == (verdict in found)
    if found <= {LITTLE_CHANGE, COULD_BE_CHANCE} and len(verdicts) > 1:
        assert said == f"{kind}: no area's change stands out from chance"
