"""A back-up is of one moment, whole or not there; a restore is whole or leaves nothing; neither is in the way of the next."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import threading
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from injected import full, read_only, small_disk
from killed_steps import BACKUP_ACTIONS, STORE_ACTIONS
from typer.testing import CliRunner
from whole_store import killed, prepare, state

from hotspot import paths
from hotspot.cli import app
from hotspot.errors import StoreError
from hotspot.export import backup as backups
from hotspot.export.backup import back_up, restore
from hotspot.offences.mapping import mapping_from_options
from hotspot.offences.store import Store
from hotspot.records import events, plans
from hotspot.records.database import open_database
from hotspot.records.events import Event
from hotspot.ui.data.saved_mappings import save
from tests.plan_records import AREA, NOW, action, draft

MOMENT = datetime(2026, 11, 23, 9)


def quiet(*_: object) -> None:
    """No progress."""


def backed_up(store: Path, out: Path) -> Path:
    back_up(store, out, moment=MOMENT, progress=quiet)
    return out


def restored(file: Path, store: Path) -> Path:
    restore(file, store, progress=quiet)
    return store


@pytest.fixture(scope="module")
def prepared(quick_folder) -> Path:
    """A store with records and a back-up of both."""
    folder = prepare(quick_folder)
    before = folder / "before"
    database = open_database(paths.records_url(before / "store"))
    events.add_event(database, Event(date(2024, 4, 1), "Pilot begins"), lpas=())
    database.engine.dispose()
    backed_up(before / "store", before / "old.tar")
    return folder


@pytest.fixture
def case(prepared, tmp_path) -> Path:
    shutil.copytree(prepared / "new", tmp_path / "new")
    return shutil.copytree(prepared / "before", tmp_path / "a" / "case")


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def labels(store: Path) -> list[str]:
    database = open_database(paths.records_url(store))
    try:
        return [event.label for event in events.kept_events(database)]
    finally:
        database.engine.dispose()


def is_whole(store: Path, like: Path) -> bool:
    """Read every file of a restored store, and its records."""
    with closing(sqlite3.connect(store.with_name(f"{store.name}.records.sqlite"))) as records:
        assert records.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    place = store.rename(store.parent / "store") if store.name != "store" else store
    return state(place.parent) == state(like)


def test_a_backup_or_a_restore_that_is_killed_at_any_step_leaves_no_half_under_the_final_name(prepared):
    done = killed(prepared, *BACKUP_ACTIONS)
    for number in range(1, len(done["backup"]) + 1):
        case = prepared / "backup" / str(number)
        if (case / "new.tar").exists():
            assert is_whole(restored(case / "new.tar", case / "b" / "store"), prepared / "before")
        BACKUP_ACTIONS["backup"](case / "store")
        assert not [name for name in names(case) if name.startswith(".new")], "what was left is gone after the next"
    assert (prepared / "backup" / str(len(done["backup"])) / "new.tar").exists() and "replace" in done["backup"]
    for number in range(1, len(done["restore"]) + 1):
        case = prepared / "restore" / str(number)
        if (case / "restored").exists():
            with pytest.raises(StoreError, match="is not empty"):
                BACKUP_ACTIONS["restore"](case / "store")
        else:
            BACKUP_ACTIONS["restore"](case / "store")
        assert not [name for name in names(case) if name.startswith(".restored")]
        assert labels(case / "restored") == ["Pilot begins"]
        shutil.rmtree(case / "store")
        assert is_whole(case / "restored", prepared / "before")


def test_a_full_disk_leaves_the_older_backup_and_no_other_file(case):
    with small_disk(case / "disk", kilobytes=600) as disk:
        out = backed_up(case / "store", disk / "all.tar")
        older = out.read_bytes()
        with full(disk):
            with pytest.raises(StoreError, match=r"\(No space left on device\)\. A backup that was there stays\."):
                backed_up(case / "store", out)
            assert out.read_bytes() == older and names(disk) == {"all.tar", "ballast"}
        shutil.copy(disk / "all.tar", case / "all.tar")
        with (
            full(disk),
            pytest.raises(StoreError, match=r"\(No space left on device\)\. Nothing was restored\."),
        ):
            restored(case / "all.tar", disk / "new" / "store")
        assert [file for file in disk.rglob("*") if file.is_file()] == [out]
        out.unlink()
        assert is_whole(restored(case / "all.tar", disk / "new" / "store"), case)


def test_a_store_on_a_disk_that_is_read_only_can_still_be_backed_up(case, tmp_path):
    for name in ("-wal", "-shm"):
        (case / f"store.records.sqlite{name}").unlink(missing_ok=True)
    with read_only(case):
        out = backed_up(case / "store", tmp_path / "all.tar")
    store = restored(out, tmp_path / "b" / "store")
    assert labels(store) == ["Pilot begins"] and is_whole(store, case)


def test_a_backup_of_a_store_that_lacks_a_file_is_refused_and_the_older_ones_are_named_as_the_way_back(case):
    next((case / "store" / "parts").iterdir()).unlink()
    with pytest.raises(StoreError, match=r"lacks its file parts/.*Nothing was backed up: keep the older back-ups"):
        backed_up(case / "store", case / "new.tar")
    assert not [name for name in names(case) if "new.tar" in name]


def test_a_restore_that_cannot_take_its_place_takes_the_records_back_again(case, monkeypatch):
    real = os.replace

    def replace(source, target):
        if Path(target).name == "restored":
            raise OSError(5, "Input/output error")
        return real(source, target)

    before = names(case)
    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(StoreError, match=r"Input/output error\)\. Nothing was restored\."):
        restored(case / "old.tar", case / "restored")
    assert names(case) == before
    monkeypatch.undo()
    assert labels(restored(case / "old.tar", case / "restored")) == ["Pilot begins"]


@pytest.mark.parametrize("name", ["", "-wal"])
def test_a_restore_never_puts_records_beside_others_or_their_journal(case, name):
    (case / f"restored.records.sqlite{name}").write_bytes(b"somebody's")
    with pytest.raises(StoreError, match=f"There are records at .*restored.records.sqlite{name} already"):
        restored(case / "old.tar", case / "restored")
    assert (case / f"restored.records.sqlite{name}").read_bytes() == b"somebody's" and not (case / "restored").exists()


def test_a_backup_while_people_save_plans_and_mappings_is_of_one_moment(case, tmp_path):
    database = open_database(paths.records_url(case / "store"))
    made = plans.create(database, draft("A"), AREA, who="A", now=NOW)
    ends, saved = threading.Event(), []

    def write() -> None:
        present = made
        while not ends.is_set():
            wanted = draft(f"A{len(saved)}", *present.draft.actions, action(f"{len(saved)}"))
            present = plans.save(database, 1, wanted, revision=present.revision, who="A", now=NOW)
            mapping = mapping_from_options(columns=f"committed_from=From{len(saved)}", crime_type="Drugs", name="Weekly")
            save(mapping, store_folder=case / "store")
            saved.append(present.revision)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [backed_up(case / "store", tmp_path / f"{number}.tar") for number in range(4)]
    finally:
        ends.set()
        writer.join()
    database.engine.dispose()
    for number, file in enumerate(files):
        store = restored(file, tmp_path / str(number) / "store")
        own = open_database(paths.records_url(store))
        kept, history = plans.plan(own, 1), plans.history(own, 1)
        own.engine.dispose()
        assert kept.revision == max(one.revision for one in history) == len(kept.draft.actions) + 1
        assert Store(store).fingerprint == Store(case / "store").fingerprint
    assert len(saved) > 1


def test_an_import_and_a_backup_never_run_at_the_same_time(case):
    def import_now(step: str) -> None:
        with pytest.raises(StoreError, match="or its back-up, is under way"):
            STORE_ACTIONS["extract"](case / "store")

    before = Store(case / "store").fingerprint
    back_up(case / "store", case / "new.tar", moment=MOMENT, progress=import_now)
    assert is_whole(restored(case / "new.tar", case / "b" / "store"), case)
    STORE_ACTIONS["extract"](case / "store")
    assert Store(case / "store").fingerprint != before


def test_records_on_a_server_come_back_by_the_servers_own_tools_as_the_docs_say(case, tmp_path, postgresql, monkeypatch):
    url = postgresql.new_database()
    monkeypatch.setenv("HOTSPOT_RECORDS", url)
    database = open_database(url)
    plans.create(database, draft("Kept", action("Visit")), AREA, who="A", now=NOW)
    said = CliRunner().invoke(app, ["backup", "--store", str(case / "store"), "--out", str(tmp_path / "all.tar")])
    assert "without the records: they are on a database server, which has a back-up of its own (pg_dump)" in said.stdout
    with tarfile.open(tmp_path / "all.tar") as archive:
        assert backups.RECORDS not in json.load(archive.extractfile(backups.LIST))["files"]
    address, dump = url.replace("postgresql+psycopg", "postgresql"), tmp_path / "records.dump"
    subprocess.run([postgresql.binaries / "pg_dump", "--format=custom", f"--file={dump}", address], check=True)
    plans.create(database, draft("After"), AREA, who="A", now=NOW)
    database.engine.dispose()
    subprocess.run([postgresql.binaries / "pg_restore", "--clean", "--if-exists", f"--dbname={address}", dump], check=True)
    assert [one.draft.title for one in plans.plans(database, today=NOW.date())] == ["Kept"]
    database.engine.dispose()
