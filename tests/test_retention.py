"""What is older than a force keeps does not come in, leaves the store with the next import, and is counted."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_store import IN_WEST, selection, several, small_store
from streamlit.testing.v1 import AppTest
from street_files import hashes, row, street_file
from typer.testing import CliRunner

from hotspot import paths
from hotspot.boundaries.force_file import load_force
from hotspot.cli import app
from hotspot.errors import BadInput, NotAllowed
from hotspot.export import cards
from hotspot.geography import Force
from hotspot.offences import retention
from hotspot.offences.atomic import Change
from hotspot.offences.load import import_sources
from hotspot.offences.manifest import LINKED
from hotspot.offences.mapping import mapping_from_options
from hotspot.offences.read import DUPLICATE, TOO_OLD
from hotspot.offences.report import LoadReport, Removal
from hotspot.offences.store import EVERYTHING, Store, read
from hotspot.period import add_months
from hotspot.records import audit, audit_reading, notebooks
from hotspot.records.database import open_database
from hotspot.viewer import ANALYST, Viewer

MAPPING = mapping_from_options(
    columns="offence_id=Ref,committed_from=From,reported=Reported", crime_type="Residential burglary", name="Crime system"
)
TODAY = date(2026, 11, 23)
BOUNDARY = date(2025, 11, 23)
"""Exactly a year before."""
KENT = Force("Kent", retention_months=12)
ALL = {"scope": EVERYTHING, "source": "Crime system", "force": "Kent"}


def extract(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["Ref,From,Reported", *lines, ""]), encoding="utf-8")
    return path


def imported(store: Path, *files: Path, force: Force = KENT, today: date = TODAY, mapping=MAPPING) -> LoadReport:
    moment = datetime(today.year, today.month, today.day, 9)
    return import_sources(files, store=store, mapping=mapping, forces=[force], today=today, imported_at=moment)


def held(store: Path, **which: object) -> list[str]:
    return sorted(read(Store(store), **(ALL | which), columns=["offence_id"])["offence_id"]) if Store(store).data_sets else []


def test_an_offence_exactly_as_old_as_the_age_comes_in_and_one_a_day_older_does_not(tmp_path):
    file = extract(
        tmp_path / "a.csv",
        "on the day,2020-01-01,2025-11-23",
        "on the day by its start,2025-11-23 00:00,",
        "a day older,2025-11-22,2025-11-22 23:59",
        "a day older by its start,2025-11-22,",
        "a day older,2025-11-22,2025-11-22 23:59",
        "young,2026-11-01,2026-11-02",
        "young,2026-11-01,2026-11-02",
    )
    report = imported(tmp_path / "store", file)
    assert held(tmp_path / "store") == ["on the day", "on the day by its start", "young"]
    assert dict(report.excluded) == {DUPLICATE: 1, TOO_OLD: 3}
    assert (report.rows_read, report.rows_used) == (7, 3)
    assert [one.row for one in report.examples[TOO_OLD]] == [3, 4, 5]
    assert "Kent keeps offences for 1 year: as of 23 November 2026 those from 23 November 2025 on." in report.notes
    assert Store(tmp_path / "store").facts("Crime system", "Kent", scope=EVERYTHING).excluded == {DUPLICATE: 1, TOO_OLD: 3}


def test_a_month_is_kept_while_its_last_day_is_young_enough(tmp_path):
    files = [street_file(tmp_path, row(month, month=month), month=month) for month in ("2025-10", "2025-11", "2025-12")]
    report = imported(tmp_path / "store", *files, force=Force("West Midlands", retention_months=12), mapping=None)
    assert held(tmp_path / "store", source="police.uk", force="West Midlands") == ["2025-11", "2025-12"]
    assert dict(report.excluded) == {TOO_OLD: 1} and (report.rows_read, report.rows_used) == (3, 2)
    assert str(report.examples[TOO_OLD][0]) == "2025-10-west-midlands-street.csv row 1"


@pytest.fixture
def aged(tmp_path) -> Path:
    """A store that holds what was young a year ago: of three days around the boundary, of a police.uk month, and of today."""
    store = tmp_path / "store"
    before = TODAY - timedelta(days=300)
    older = ["a,2025-11-20,2025-11-21", "b,2025-11-20,2025-11-22", "c,2025-11-20,2025-11-23", "d,2025-12-24,2025-12-24"]
    imported(store, extract(tmp_path / "older.csv", *older), today=before)
    street = street_file(tmp_path, row("s", month="2025-10", force="Kent Police"), month="2025-10", force="kent")
    imported(store, street, today=before, mapping=None)
    assert held(store) == ["a", "b", "c", "d"]
    return store


def test_what_has_become_too_old_leaves_with_the_next_import_of_any_source(aged, tmp_path):
    report = imported(aged, extract(tmp_path / "new.csv", "e,2026-11-20,2026-11-20"))
    assert held(aged) == ["c", "d", "e"]
    assert [one.source for one in Store(aged).data_sets] == ["Crime system"]
    assert set(report.removed) == {Removal("Crime system", "Kent", 2, BOUNDARY), Removal("police.uk", "Kent", 1, BOUNDARY)}
    assert "Removed from the store, older than the retention age: 2 offences of Crime system of Kent, from before " in " ".join(
        report.sentences()
    )
    assert (report.rows_read, report.rows_used, report.excluded) == (1, 1, {})
    assert Store(aged).reports[-1] == report == LoadReport.from_dict(json.loads(json.dumps(report.to_dict())))
    assert len(list((aged / "parts").iterdir())) == len(Store(aged).manifest.parts) == 3


def test_a_month_that_an_import_touches_tells_what_is_left_of_it(aged, tmp_path):
    report = imported(aged, extract(tmp_path / "new.csv", "f,2025-11-21,2025-11-23", "g,2026-11-20,2026-11-20"))
    november = next(one for one in report.replaced if one.month == "2025-11")
    assert (november.before, november.after) == (3, 1)
    assert held(aged) == ["f", "g"], "c and d lie in the days that the file covers"


def test_a_force_without_an_age_keeps_everything_and_its_store_is_as_it_always_was(tmp_path):
    file = extract(tmp_path / "a.csv", "old,1985-01-01,1985-01-02")
    report = imported(tmp_path / "store", file, force=Force("Kent"))
    assert held(tmp_path / "store") == ["old"] and report.removed == ()
    assert not any("keeps" in note for note in report.notes)
    assert "retention" not in (tmp_path / "store" / "store.json").read_text()


def test_a_clock_that_runs_years_ahead_removes_nothing_and_says_so(aged, tmp_path):
    ahead = date(2037, 1, 1)
    report = imported(aged, extract(tmp_path / "new.csv", "e,2026-11-20,2026-11-20"), today=ahead)
    assert held(aged) == ["a", "b", "c", "d"] and report.removed == ()
    assert dict(report.excluded) == {TOO_OLD: 1}, "what is left out is still in the file"
    (said,) = [note for note in report.notes if "clock may be wrong, so none was removed" in note]
    assert "5 offences of Kent" in said and "--as-of 2037-01-01 --apply" in said
    assert imported(aged, extract(tmp_path / "again.csv", "e,2026-11-20,2026-11-20")).removed != ()
    assert held(aged) == ["c", "d", "e"]


def test_the_command_says_what_would_go_and_removes_it_when_asked(aged):
    run, before = CliRunner(), hashes(aged)
    command = ["retention", "--store", str(aged), "--as-of", str(TODAY)]
    seen = json.loads(run.invoke(app, [*command, "--json"]).stdout)
    assert hashes(aged) == before, "saying changes nothing"
    assert [(one["source"], one["offences"]) for one in seen["removed"]] == [("Crime system", 2), ("police.uk", 1)]
    assert [(one["month"], one["offences"]) for one in seen["months"]] == [("2025-11", 2), ("2025-10", 1)]
    assert seen["forces"] == [{"force": "Kent", "retention_months": 12, "keep_from": "2025-11-23"}] and not seen["applied"]
    done = run.invoke(app, [*command, "--apply"])
    assert "Removed: 2 offences of Crime system of Kent, from before 23 November 2025." in done.stdout
    assert held(aged) == ["c", "d"] and len(list((aged / "parts").iterdir())) == 2
    told = Store(aged).reports[-1]
    assert (told.source, told.deed, sum(one.offences for one in told.removed)) == ("Retention", "removed", 3)
    assert "Nothing is older than that." in run.invoke(app, [*command, "--apply"]).stdout
    assert Store(aged).reports[-1] == told


def test_the_data_page_counts_what_left_the_store_and_says_how_long_offences_are_kept(aged, tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOT_STORE", str(aged))
    page = AppTest.from_string("from hotspot.ui.data import parts\n\nparts.show()", default_timeout=60)
    imported(aged, extract(tmp_path / "new.csv", "e,2026-11-20,2026-11-20"))
    said = " ".join(element.proto.body for element in page.run().get("html"))
    assert "Removed from the store" in said and "police.uk</td>" in said and "23 November 2025" in said
    assert "Kent keeps offences for 1 year; older ones leave with each import." in said and "Rows read" in said
    retention.remove(aged, as_of=date(2026, 12, 25), moment=datetime(2026, 12, 25), trusted=True)
    said = " ".join(element.proto.body for element in page.run().get("html"))
    assert "25 December 2025" in said and "Rows read" not in said


def test_a_card_outlives_the_offences_that_it_was_pinned_from_and_says_so_when_it_is_run_again(tmp_path):
    rows = [*several(30, "old", IN_WEST, "2024-05-01 10:00"), *several(30, "new", IN_WEST, "2025-06-01 10:00")]
    store = small_store(tmp_path, rows)
    database = open_database(paths.records_url(store.path))
    query = selection().to_query() | {"audience": "force"}
    made = cards.content(store.path, "when", query, scope=EVERYTHING, progress=lambda share, words: None)
    notebooks.pin(database, "Weekly", cards.to_record(made), now=datetime(2024, 11, 1))
    force = replace(store.force, retention_months=12)
    retention.remove(store.path, as_of=date(2025, 9, 1), moment=datetime(2025, 9, 1), forces=[force])
    (kept,) = notebooks.cards(database, "Weekly")
    assert kept.record == cards.to_record(made)
    told = CliRunner().invoke(app, ["notebook", "run-again", "Weekly", "--store", str(store.path)])
    assert told.exit_code == 0, told.output
    assert "The data begin on 1 June 2025: the offences of this card are no longer in the store." in told.stdout
    database.engine.dispose()


def test_only_who_may_change_offences_may_remove_them_and_a_removal_is_logged_as_a_change(aged, monkeypatch):
    with pytest.raises(NotAllowed):
        retention.remove(aged, as_of=TODAY, moment=datetime(2026, 11, 23), viewer=Viewer("PC Ray", ANALYST, None))
    assert held(aged) == ["a", "b", "c", "d"]
    monkeypatch.setenv("HOTSPOT_AUDIT", str(aged.parent / "log"))
    for more in ([], ["--apply"]):
        CliRunner().invoke(app, ["retention", "--store", str(aged), "--as-of", str(TODAY), *more])
    assert [line.act for line in audit_reading.lines(aged.parent / "log")][:2] == [audit.CHANGE, audit.VIEW]


def test_offences_that_stay_in_a_linked_database_are_left_to_whoever_keeps_it(aged):
    manifest = Store(aged).manifest
    linked = replace(manifest, parts=tuple(replace(part, file=f"{LINKED}/a.json") for part in manifest.parts))
    sweep = retention.found(linked, Change(aged), as_of=TODAY)
    assert sweep.due == () and sweep.held_back == ("Offences of Kent in a PostgreSQL database stay there, whatever their age.",)


def test_the_command_takes_the_age_from_a_force_file_and_the_store_remembers_it(tmp_path):
    store, file = tmp_path / "store", tmp_path / "kent.toml"
    imported(store, extract(tmp_path / "a.csv", "old,2020-01-01,2020-01-02", "new,2026-10-01,2026-10-01"), force=Force("Kent"))
    file.write_text('name = "Kent"\n[retention]\nyears = 5\n')
    command = ["retention", "--store", str(store), "--as-of", str(TODAY), "--force", str(file)]
    assert "Would be removed: 1 offence" in CliRunner().invoke(app, command).stdout
    assert Store(store).force.retention_months is None
    CliRunner().invoke(app, [*command, "--apply"])
    assert (Store(store).force.retention_months, held(store)) == (60, ["new"])
    assert imported(store, tmp_path / "a.csv", force=Store(store).force).excluded == {TOO_OLD: 1}
    file.write_text('name = "Essex"\n[retention]\nyears = 5\n')
    assert "has no force 'Essex'" in CliRunner().invoke(app, command).stderr


@pytest.mark.parametrize(
    ("table", "months", "words"),
    [("years = 7", 84, "7 years"), ("years = 1", 12, "1 year"), ("months = 18", 18, "18 months"), ("months = 24", 24, "2 years")],
)
def test_an_age_is_read_from_the_force_file(tmp_path, table, months, words):
    (tmp_path / "kent.toml").write_text(f'name = "Kent"\n[retention]\n{table}\n')
    force = load_force(tmp_path / "kent.toml")
    assert (force.retention_months, force.retention_words) == (months, words)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("years = 0", "whole number from 1 to 100, not 0"),
        ("months = 2.5", "whole number from 1 to 1200, not 2.5"),
        ("years = true", "not True"),
        ("years = 7\nmonths = 3", "give one of them"),
        ("age = 7", "[retention] age is not known"),
    ],
)
def test_an_age_that_cannot_be_meant_is_refused(tmp_path, table, said):
    (tmp_path / "kent.toml").write_text(f'name = "Kent"\n[retention]\n{table}\n')
    with pytest.raises(BadInput) as refused:
        load_force(tmp_path / "kent.toml")
    assert said in str(refused.value)


DAYS = st.integers(0, 1_100).map(lambda back: TODAY - timedelta(days=back))
OFFENCES = st.lists(st.tuples(DAYS, st.one_of(st.none(), DAYS)), min_size=1, max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(offences=OFFENCES, months=st.integers(1, 36), later=st.integers(0, 200))
def test_rows_add_up_nothing_younger_goes_and_nothing_older_stays(tmp_path_factory, offences, months, later):
    folder = tmp_path_factory.mktemp("aged")
    lines = [f"{number},{start},{told or ''}" for number, (start, told) in enumerate(offences)]
    file = extract(folder / "a.csv", *lines)
    force = Force("Kent", retention_months=months)

    def young(as_of: date) -> set[str]:
        first = add_months(as_of, -months)
        return {str(number) for number, (start, told) in enumerate(offences) if (told or start) >= first}

    report = imported(folder / "store", file, force=force)
    assert report.rows_read == len(offences) == report.rows_used + sum(report.excluded.values())
    assert set(held(folder / "store")) == young(TODAY)
    then = TODAY + timedelta(days=later)
    sweep = retention.remove(folder / "store", as_of=then, moment=datetime(2027, 1, 1), trusted=True)
    assert set(held(folder / "store")) == young(then)
    assert sum(one.offences for one in sweep.removals) == len(young(TODAY)) - len(young(then))
