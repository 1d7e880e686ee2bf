"""Events: kept by people, marked on trends without one label on another, named where two periods are compared."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import BEFORE, EAST, PERIOD, WEST, selection, several, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.errors import BadInput, Conflict
from hotspot.findings.events import Mark, between, groups_of, marks
from hotspot.geography import DrawnArea
from hotspot.period import Break
from hotspot.records.database import open_database
from hotspot.records.events import (
    Event,
    EventRow,
    add_event,
    change_event,
    import_events,
    kept_events,
    remove_event,
)
from hotspot.ui.event_rules import LANES, labels, room_above

LPAS = (WEST, EAST)
PILOT = Event(date(2024, 6, 3), "Pilot starts", WEST, "Burglary")
MODEL = Event(date(2023, 11, 1), "New shift pattern")
FIRST, LAST = date(2022, 4, 1), date(2024, 10, 1)


@pytest.fixture(scope="module")
def server(postgresql):
    return postgresql.new_database()


@pytest.fixture
def database(tmp_path):
    return open_database(f"sqlite:///{tmp_path / 'records.sqlite'}")


@pytest.fixture
def on_server(server):
    made = open_database(server)
    with made.session() as session:
        session.query(EventRow).delete()
    yield made
    made.engine.dispose()


def written(tmp_path, text):
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_looking_at_the_events_makes_no_file(tmp_path, database):
    assert kept_events(database) == ()
    assert list(tmp_path.iterdir()) == []


def test_events_are_kept_by_day_with_names_as_the_product_writes_them(database):
    add_event(database, Event(date(2024, 6, 3), "  Pilot   starts ", WEST.upper(), "burglary"), lpas=LPAS)
    add_event(database, MODEL, lpas=LPAS)
    kept = kept_events(database)
    assert [(one.day, one.label, one.lpa, one.crime_group) for one in kept] == [
        (date(2023, 11, 1), "New shift pattern", "", ""),
        (date(2024, 6, 3), "Pilot starts", WEST, "Burglary"),
    ]
    assert kept[1].concerns == f"{WEST}, Burglary"


def test_every_fault_of_an_event_is_said(database):
    with pytest.raises(BadInput) as refused:
        add_event(database, Event(date(1066, 10, 14), "", "Northley", "Burglery"), lpas=LPAS)
    assert len(refused.value.faults) == 4
    assert "Did you mean Burglary?" in str(refused.value) and "Westley, Eastley" in str(refused.value)


def test_the_same_event_is_kept_once(database):
    add_event(database, PILOT, lpas=LPAS)
    with pytest.raises(BadInput, match="kept already"):
        add_event(database, PILOT, lpas=LPAS)


def test_the_second_of_two_who_change_an_event_is_told_and_nothing_is_lost(database):
    kept = add_event(database, PILOT, lpas=LPAS)
    theirs = Event(kept.day, "Pilot begins", kept.lpa, kept.crime_group, kept.number, kept.revision)
    assert change_event(database, theirs, lpas=LPAS).revision > kept.revision
    with pytest.raises(Conflict, match="Somebody else"):
        change_event(database, Event(kept.day, "Mine", "", "", kept.number, kept.revision), lpas=LPAS)
    assert [one.label for one in kept_events(database)] == ["Pilot begins"]


def test_an_event_is_removed_once(database):
    kept = add_event(database, PILOT, lpas=LPAS)
    assert remove_event(database, kept.number).label == "Pilot starts"
    with pytest.raises(BadInput, match="no event number"):
        remove_event(database, kept.number)


def test_postgresql_keeps_changes_refuses_and_removes_events_as_sqlite_does(tmp_path, on_server):
    kept = add_event(on_server, PILOT, lpas=LPAS)
    assert kept_events(on_server) == (kept,)
    with pytest.raises(BadInput, match="is kept already"):
        add_event(on_server, PILOT, lpas=LPAS)
    changed = change_event(on_server, replace(kept, label="Pilot begins"), lpas=LPAS)
    with pytest.raises(Conflict, match="it was left as it is"):
        change_event(on_server, replace(kept, label="Mine"), lpas=LPAS)
    path = written(tmp_path, f"date,label,lpa\n2024-06-03,Trial,{EAST}\n03/06/2024,Pilot begins,\n")
    assert import_events(on_server, path, lpas=LPAS) == (2, 0)
    assert import_events(on_server, path, lpas=LPAS) == (0, 2)
    assert remove_event(on_server, changed.number).label == "Pilot begins"
    assert [(one.label, one.lpa) for one in kept_events(on_server)] == [("Trial", EAST), ("Pilot begins", "")]


def test_a_table_is_imported_whole_and_known_rows_are_passed_over(tmp_path, database):
    path = written(tmp_path, f"Date,Label,LPA,Crime group\n2024-06-03,Pilot starts,{WEST},burglary\n10/09/2024,Early release,,\n")
    add_event(database, PILOT, lpas=LPAS)
    assert import_events(database, path, lpas=LPAS) == (1, 1)
    assert import_events(database, path, lpas=LPAS) == (0, 2)
    assert [one.day for one in kept_events(database)] == [date(2024, 6, 3), date(2024, 9, 10)]


def test_a_fault_in_one_row_keeps_the_whole_table_out(tmp_path, database):
    path = written(tmp_path, "date,label,lpa\n2024-06-03,Good,\n31/02/2024,Bad day,\n2024-06-04,Bad place,Northley\n")
    with pytest.raises(BadInput) as refused:
        import_events(database, path, lpas=LPAS)
    assert [fault.split(":")[0] for fault in refused.value.faults] == ["events.csv, row 2", "events.csv, row 3"]
    assert kept_events(database) == ()
    with pytest.raises(BadInput, match="no column label"):
        import_events(database, written(tmp_path, "date,what\n"), lpas=LPAS)


def test_an_event_of_one_lpa_is_marked_where_that_lpa_is_chosen_alone():
    def days(**chosen):
        found = marks([PILOT, MODEL], selection(**chosen), groups={"Burglary"}, breaks=())
        return [mark.day for mark in found.shown], found.elsewhere

    assert days(area=WEST) == ([MODEL.day, PILOT.day], ())
    assert days(area=EAST) == ([MODEL.day], (PILOT.day,))
    assert days() == ([MODEL.day], (PILOT.day,))
    drawn = DrawnArea("Patch", ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
    assert days(drawn=drawn) == ([MODEL.day], (PILOT.day,))


def test_an_event_of_another_crime_group_is_neither_marked_nor_counted():
    found = marks([PILOT], selection("Robbery", area=WEST), groups=groups_of("Robbery"), breaks=())
    assert found.shown == () and found.elsewhere == ()
    assert groups_of("All acquisitive") == {"Burglary", "Robbery", "Vehicle crime", "Theft from the person"}
    assert groups_of("Residential burglary") == {"Burglary"}


def test_built_in_breaks_stay_and_share_a_rule_with_an_event_of_their_day():
    built_in = marks([], selection(), groups={"Burglary"}).shown
    assert [mark.label for mark in built_in] == ["April 2017: break", "April 2023: break"]
    shared = marks([Event(date(2023, 4, 1), "New model")], selection(), groups={"Robbery"}).shown
    assert [(mark.label, mark.told) for mark in shared] == [("New model", "New model and the force's operating model changed")]


def test_a_break_is_marked_with_the_event_of_its_month_so_that_a_month_is_named_once():
    event = Event(date(2023, 4, 17), "New model")
    found = marks([event, MODEL], selection(), groups={"Robbery"})
    assert [(mark.day, mark.label) for mark in found.shown] == [(event.day, "New model"), (MODEL.day, MODEL.label)]
    assert found.sentence(FIRST, LAST).startswith(
        "Marked: 17 April 2023: New model and the force's operating model changed in April 2023; "
    )


def test_the_text_says_what_the_chart_marks_and_what_it_does_not():
    found = marks([PILOT, MODEL], selection(area=WEST), groups={"Burglary"}, breaks=[Break(date(2017, 4, 1), "old")])
    assert found.sentence(FIRST, LAST) == (
        f"Marked: 1 November 2023: New shift pattern; 3 June 2024: Pilot starts ({WEST}, Burglary)."
    )
    assert "1 event concerns one LPA" in marks([PILOT], selection(), groups={"Burglary"}, breaks=()).sentence(FIRST, LAST)
    assert marks([], selection(), groups={"Burglary"}, breaks=()).sentence(FIRST, LAST) == ""


def test_compare_names_an_event_between_its_periods_and_none_outside_them():
    assert between([MODEL], selection(), BEFORE) == (
        "An event lies between the two periods or in them: 1 November 2023, New shift pattern.",
    )
    assert between([Event(PERIOD.end, "after"), Event(BEFORE.start, "before")], selection(), BEFORE) == ()
    assert between([PILOT], selection(area=EAST), BEFORE) == ()
    assert f"Pilot starts ({WEST}, Burglary)" in between([PILOT], selection(), BEFORE)[0]
    assert between([PILOT], selection("Robbery"), BEFORE) == ()


def mark(days, label="Something happened"):
    return Mark(FIRST + timedelta(days=days), label, label)


def test_labels_stand_beside_their_rules_and_turn_left_at_the_edge():
    early, late = labels([mark(100), mark(900)], FIRST, LAST, width=600)
    assert not early.is_left and late.is_left
    assert early.start == pytest.approx(600 * 100 / 914) and late.end == pytest.approx(600 * 900 / 914)
    assert (early.lane, late.lane) == (0, 0)


def test_two_close_labels_stand_one_under_the_other():
    assert [one.lane for one in labels([mark(300), mark(310)], FIRST, LAST, width=600)] == [0, 1]


def test_days_beyond_the_chart_are_left_out_and_long_words_are_cut():
    (only,) = labels([mark(-1), mark(0), mark(5, "x" * 80), mark(2_000)], FIRST, LAST, width=900)
    assert only.words.endswith("…") and len(only.words) <= 34


@given(days=st.lists(st.integers(1, 913), max_size=12, unique=True).map(sorted), width=st.integers(300, 1_600))
@settings(max_examples=50)
def test_no_label_ever_lies_on_another(days, width):
    placed = labels([mark(day, "Words of some length") for day in days], FIRST, LAST, width=width)
    assert len(placed) == len(days)
    written = [one for one in placed if one.words]
    for number, one in enumerate(written):
        assert 0 <= one.lane < LANES and one.start >= 0
        assert all(one.lane != other.lane or one.end <= other.start or other.end <= one.start for other in written[:number])


def test_a_chart_with_labels_is_taller_and_its_values_stay_below_them():
    placed = labels([mark(300), mark(310)], FIRST, LAST, width=600)
    high, taller = room_above(placed, low=0.0, high=100.0, height=190)
    assert taller == 190 + 2 * 15
    # 36 of the 145 pixels of the plot hold two lanes.
    assert 100 / high == pytest.approx(1 - 36 / 145)
    assert room_above((), low=0.0, high=100.0, height=190) == (100.0, 190)


def test_the_commands_keep_list_and_remove(tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOT_RECORDS", f"sqlite:///{tmp_path / 'records.sqlite'}")
    monkeypatch.setenv("HOTSPOT_AUDIT", str(tmp_path / "audit"))
    store = small_store(tmp_path / "s", several(30, "a") + several(20, "b", committed="2023-05-01 12:00"))

    def said(*words):
        return CliRunner().invoke(app, list(words))

    added = said("events", "add", "--date", "2023-11-01", "--label", "New shift pattern", "--store", str(store.path))
    assert "Kept as number 1" in added.output
    assert "New shift pattern" in said("events", "list").output
    compared = said(
        *("compare", "--store", str(store.path), "--crime-type", "burglary", "--json"),
        *("--period", PERIOD.iso, "--baseline", BEFORE.iso),
    )
    assert "An event lies between the two periods or in them: 1 November 2023" in compared.stdout
    assert said("events", "add", "--date", "soon", "--label", "x").exit_code == 2
    assert "Removed: 2023-11-01" in said("events", "remove", "1").output
    assert said("events", "remove", "1").exit_code == 2
