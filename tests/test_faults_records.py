"""What people write outlives its disk, its database and its clock: a sentence says what is wrong, and it goes on by itself."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from injected import full, read_only, small_disk
from sqlalchemy import create_engine, event, text

from hotspot.errors import StoreError
from hotspot.findings import plan_words
from hotspot.records import database as databases
from hotspot.records import events, notebooks, plans
from hotspot.records.database import Database, open_database
from tests.plan_records import AREA, NOW, TODAY, action, draft


@pytest.fixture
def file(tmp_path) -> Path:
    """Where the records are: a folder of their own."""
    (tmp_path / "records").mkdir()
    return tmp_path / "records" / "records.sqlite"


def opened(file: Path) -> Database:
    return open_database(f"sqlite:///{file}")


def kept(database: Database) -> list[tuple[int, str]]:
    return [(one.number, one.draft.title) for one in plans.plans(database, today=TODAY)]


def create(database: Database, title: str = "A") -> int:
    return plans.create(database, draft(title, action("Visit")), AREA, who="PS Jones", now=NOW).number


def refused(act, *arguments) -> str:
    with pytest.raises(StoreError) as told:
        act(*arguments)
    words = str(told.value)
    assert "\n" not in words and words.endswith(".") and "Traceback" not in words
    return words


def move(source: Path, target: Path) -> None:
    for name in ("", "-wal", "-shm"):
        if source.with_name(source.name + name).exists():
            source.with_name(source.name + name).rename(target.with_name(target.name + name))


def test_a_plan_is_not_half_saved_on_a_full_disk_and_is_saved_when_there_is_space(tmp_path):
    with small_disk(tmp_path / "disk", kilobytes=400) as disk:
        database = opened(disk / "records.sqlite")
        number = create(database)
        with full(disk):
            wanted = replace(draft("A"), actions=tuple(action("x" * 900) for _ in range(30)))
            words = refused(lambda: plans.save(database, number, wanted, revision=1, who="B", now=NOW))
            assert "Nothing was saved, nothing was lost. Free some space on that disk, then try again." in words
            assert kept(database) == [(number, "A")] and plans.plan(database, number).revision == 1
        assert plans.save(database, number, wanted, revision=1, who="B", now=NOW).revision == 2
        database.engine.dispose()


def test_records_on_a_disk_that_is_read_only_say_so_and_go_on_when_it_is_not(file):
    database = opened(file)
    create(database)
    database.engine.dispose()
    with read_only(file.parent):
        words = refused(create, database)
        assert "nothing was lost. Its folder must be there, be mounted for writing" in words
    assert create(database) == 2
    database.engine.dispose()


def test_records_that_are_moved_away_are_not_begun_anew_and_are_there_again_when_they_are_back(file):
    database = opened(file)
    create(database)
    move(file, file.with_name("away"))
    for act in (kept, create, events.kept_events):
        assert f"the file {file} was here and is gone. Nothing was saved, nothing was lost. Put it back" in refused(act, database)
    assert not file.exists(), "an empty file in its place would look like lost plans"
    move(file.with_name("away"), file)
    assert create(database) == 2 and kept(database) == [(1, "A"), (2, "A")]
    database.engine.dispose()


def test_records_that_are_restored_under_a_running_server_are_the_ones_that_are_read_and_written(file):
    database = opened(file)
    create(database, "From before")
    backup = file.with_name("backup")
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(backup)) as new:
        old.backup(new)
    create(database, "After the back-up")
    move(file, file.with_name("away"))
    os.replace(backup, file)
    assert kept(database) == [(1, "From before")]
    create(database, "Written after the restore")
    database.engine.dispose()
    with closing(sqlite3.connect(file)) as alone:
        titles = [title for (title,) in alone.execute("SELECT title FROM plan ORDER BY number")]
    assert titles == ["From before", "Written after the restore"], "nothing was written to the file that is gone"


def test_records_of_an_older_version_that_are_put_in_place_get_the_tables_that_they_lack(file):
    database = opened(file)
    create(database)
    move(file, file.with_name("away"))
    with closing(sqlite3.connect(file)) as older:
        older.execute("CREATE TABLE notes (text)")
    assert "Another file stands in their place. Open the page again." in refused(kept, database)
    assert kept(database) == [] and create(database) == 1
    database.engine.dispose()


@pytest.mark.parametrize("damage", [b"no database at all, " * 400, None])
def test_damaged_records_are_said_and_a_restored_file_is_read_without_a_restart(file, damage):
    database = opened(file)
    create(database)
    database.engine.dispose()
    whole = file.read_bytes()
    file.unlink()
    file.write_bytes(damage or whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "Restore them from a back-up." in refused(kept, database)
    database.engine.dispose()
    file.unlink()
    file.write_bytes(whole)
    assert kept(database) == [(1, "A")]
    database.engine.dispose()


def test_a_writer_that_hangs_keeps_nobody_waiting_for_ever(file, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 0.2)
    database = opened(file)
    create(database)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "being written by somebody else" in refused(create, database)
        other.execute("ROLLBACK")
    assert create(database) == 2
    database.engine.dispose()


def test_a_server_that_goes_away_is_told_and_used_again_when_it_is_back(postgresql, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 1)
    url = postgresql.new_database()
    database = open_database(url)
    number = create(database)
    with database.session() as session:
        session.connection()  # the pool has a connection to what goes away now
    postgresql.stop()
    try:
        for act in (create, kept):
            words = refused(act, database)
            assert "Nothing was saved, nothing was lost." in words and "the server is back" in words
    finally:
        postgresql.start()
    assert kept(database) == [(number, "A")] and create(database) > number
    cut_off(url)
    assert len(kept(database)) == 2
    hold(url, database)
    database.engine.dispose()


def test_a_server_that_freezes_with_its_connections_open_is_told_and_used_again_when_it_goes_on(postgresql, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 1)
    database = open_database(postgresql.new_database())
    number = create(database)
    with postgresql.frozen():
        words = refused(create, database)
    assert "Nothing was saved, nothing was lost." in words and "works again by itself" in words
    assert kept(database) == [(number, "A")] and create(database) > number
    database.engine.dispose()


def test_of_a_server_that_freezes_while_it_keeps_a_plan_nobody_is_told_that_nothing_was_saved(postgresql, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 1)
    database = open_database(postgresql.new_database().replace("postgresql+psycopg", "postgresql"))
    create(database)
    with ExitStack() as until_told:
        event.listen(database.engine, "commit", lambda _: until_told.enter_context(postgresql.frozen()), once=True)
        words = refused(create, database, "B")
    assert "no answer for 2 seconds" in words and "look before you press again" in words and "Nothing was saved" not in words
    assert [title for _, title in kept(database)] == ["A", "B"]  # it had been told to, and did when it went on
    database.engine.dispose()


def test_a_server_that_works_too_long_says_so_itself(postgresql, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 1)
    database = open_database(postgresql.new_database())
    with pytest.raises(StoreError, match="too busy"), database.session() as session:
        session.execute(text("SELECT pg_sleep(30)"))
    database.engine.dispose()


def cut_off(url: str) -> None:
    """End every connection of the server but this one, as an administrator does."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    engine.dispose()


def hold(url: str, database: Database) -> None:
    """Hold the row of a plan while somebody saves it: he is told, and can save when it is let go."""
    engine = create_engine(url)
    wanted = draft("B", action("Visit"))

    def save() -> object:
        return plans.save(database, 1, wanted, revision=1, who="B", now=NOW)

    with engine.connect() as other:
        other.exec_driver_sql("SELECT * FROM plan WHERE number = 1 FOR UPDATE")
        assert "being written by somebody else" in refused(save)
        other.rollback()
    engine.dispose()
    assert save().draft.title == "B"


@pytest.mark.parametrize("jump", [timedelta(days=-4_000), timedelta(days=4_000)])
def test_a_clock_that_jumps_changes_neither_the_order_of_a_history_nor_what_is_kept(file, jump):
    database = opened(file)
    made = plans.create(database, draft("A", action("Visit", due=TODAY)), AREA, who="A", now=NOW)
    visit = made.draft.actions[0]
    plans.save(database, 1, replace(made.draft, title="B"), revision=1, who="B", now=NOW + jump)
    closed = replace(made.draft, title="C", status="closed")
    plans.save(database, 1, closed, revision=2, who="C", now=NOW + timedelta(hours=1))
    titles = [(one.new, one.revision, one.when) for one in plans.history(database, 1) if one.field == "title"]
    assert titles == [("A", 1, NOW), ("B", 2, NOW + jump), ("C", 3, NOW + timedelta(hours=1))], "as they were made"
    again = plans.save(database, 1, replace(closed, status="open", actions=(visit,)), revision=3, who="D", now=NOW + jump)
    for today in (TODAY, TODAY + jump):
        (due,) = plans.due_of(plans.plans(database, today=today), today=today)
        assert due.is_overdue == (today > TODAY) and plan_words.state_words(again, today=today)
    assert plans.save(database, 1, replace(closed, actions=(visit,)), revision=4, who="E", now=NOW + jump).closed
    for number, now in enumerate((NOW, NOW + jump, NOW + timedelta(hours=2))):
        notebooks.pin(database, "Weekly", notebooks.CardRecord(f'"{number}"', b"", "", ""), now=now)
    pinned = notebooks.cards(database, "Weekly")
    assert [one.record.document for one in pinned] == ['"0"', '"1"', '"2"'] and pinned[1].pinned == NOW + jump
    assert [one.name for one in notebooks.notebooks(database)] == ["Weekly"]
    database.engine.dispose()
