"""A process that is killed at any step of a change leaves what was there or all of what was to be; it can be done again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from killed_steps import RECORD_ACTIONS, STORE_ACTIONS, saved_plan
from whole_store import killed, prepare, state

from hotspot.records import notebooks, plans
from hotspot.records.database import open_database
from tests.plan_records import AREA, NOW, action, draft


@pytest.fixture(scope="module")
def prepared(quick_folder) -> Path:
    return prepare(quick_folder / "store")


@pytest.fixture(scope="module")
def steps(prepared) -> dict[str, list[str]]:
    return killed(prepared, *STORE_ACTIONS)


@pytest.mark.parametrize("action", STORE_ACTIONS)
def test_a_change_of_the_store_that_is_killed_at_any_step_is_made_whole_or_not_at_all(prepared, steps, action):
    folder, done = prepared / action, steps[action]
    old, new = state(prepared / "before"), state(folder / "whole")
    found = [state(folder / str(number)) for number in range(1, len(done) + 1)]
    made = found.index(new)
    assert old != new and found == [old] * made + [new] * (len(done) - made), done
    assert done[made - 1] == "replace" and "fsync" in done[: made - 1], "the content is safe before the moment of change"
    for number in {1, made}:
        STORE_ACTIONS[action](folder / str(number) / "store")
        assert state(folder / str(number)) == new, "the same change again ends as if nothing had happened"
        assert not (folder / str(number) / "store" / "tmp").exists()


def kept(url: str) -> tuple[object, ...]:
    """What the records hold of the plan, its history with it, and of the notebooks."""
    database = open_database(url)
    try:
        plan = plans.plan(database, 1)
        listed = [(one.name, one.cards) for one in notebooks.notebooks(database)]
        return plan.draft, plan.revision, plans.history(database, 1), listed
    finally:
        database.engine.dispose()


def begin(url: str) -> None:
    database = open_database(url)
    plans.create(database, draft("High Street burglary", action("Visit")), AREA, who="A", now=NOW)
    notebooks.create(database, "Weekly", now=NOW)
    database.engine.dispose()


def check_records(folder: Path, url: str, name: str, done: list[str]) -> None:
    def at(which: object) -> tuple[object, ...]:
        return kept(url.format(folder / name / str(which)))

    made = len(done) - done[::-1].index("commit")
    old, new = kept(url.format(folder / "before")), at("whole")
    found = [at(number) for number in range(1, len(done) + 1)]
    assert "statement" in done and done[-1] == "committed"
    assert old != new and found == [old] * made + [new] * (len(done) - made), done


def test_a_plan_or_card_whose_saving_is_killed_at_any_step_is_kept_whole_or_not_at_all(quick_folder, monkeypatch):
    folder = quick_folder / "records"
    (folder / "before" / "store").mkdir(parents=True)
    url = "sqlite:///{}/records.sqlite"
    begin(url.format(folder / "before"))
    done = killed(folder, *RECORD_ACTIONS, url=url)
    monkeypatch.setenv("HOTSPOT_RECORDS", url)
    for name, act in RECORD_ACTIONS.items():
        check_records(folder, url, name, done[name])
        act(folder / name / "1" / "store")
        assert kept(url.format(folder / name / "1")) == kept(url.format(folder / name / "whole"))


def test_on_a_server_too_a_plan_whose_saving_is_killed_at_any_step_is_kept_whole_or_not_at_all(postgresql, tmp_path):
    (tmp_path / "before" / "store").mkdir(parents=True)
    begin(postgresql.new_database(name="before"))
    for name in ("whole", *range(1, 14)):
        postgresql.new_database(name=str(name), like="before")
    url = postgresql.url.removesuffix("postgres") + "{0.name}"
    check_records(tmp_path, url, "plan", killed(tmp_path, "plan", url=url)["plan"])


def test_a_journal_that_a_crash_cut_off_at_any_byte_gives_the_plan_before_or_after(tmp_path, monkeypatch):
    (tmp_path / "store").mkdir()
    url = f"sqlite:///{tmp_path}/records.sqlite"
    begin(url)
    old = kept(url)
    with closing(sqlite3.connect(tmp_path / "records.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM plan").fetchone()  # keeps the journal from being brought into the file
        monkeypatch.setenv("HOTSPOT_RECORDS", url)
        saved_plan(tmp_path / "store")
        database = (tmp_path / "records.sqlite").read_bytes()
        journal = (tmp_path / "records.sqlite-wal").read_bytes()
    new, found = kept(url), []
    for length in (*range(0, len(journal), len(journal) // 24), len(journal)):
        crashed = tmp_path / f"crashed-{length}"
        crashed.mkdir()
        (crashed / "records.sqlite").write_bytes(database)
        (crashed / "records.sqlite-wal").write_bytes(journal[:length])
        found.append(kept(f"sqlite:///{crashed}/records.sqlite"))
    assert old != new and found[0] == old and found[-1] == new
    assert all(one in (old, new) for one in found) and found == sorted(found, key=[old, new].index)
