"""A store and its records go into one file and come back, every byte checked."""

import io
import json
import tarfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hotspot import paths
from hotspot.cli import app
from hotspot.errors import BadInput, HotspotError, StoreError
from hotspot.export.backup import LIST, RECORDS, back_up, restore
from hotspot.offences.atomic import locked
from hotspot.offences.store import EVERYTHING, Store, read
from hotspot.records import events
from hotspot.records.database import open_database
from hotspot.records.events import Event
from tests.small_store import FORCE, LPAS, SOURCE, several, small_store

MOMENT = datetime(2026, 11, 23, 9)


def quiet(*_):
    """No progress."""


def content(folder):
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != ".lock"
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("backup"), several(3, "a")).path


@pytest.fixture(scope="module")
def saved(store, tmp_path_factory):
    database = open_database(paths.records_url(store))
    events.add_event(database, Event(MOMENT.date(), "Pilot begins"), lpas=LPAS)
    out = tmp_path_factory.mktemp("saved") / "all.tar"
    back_up(store, out, moment=MOMENT, progress=quiet)
    return out


def test_what_is_restored_is_the_store_and_the_records_byte_for_byte(store, saved, tmp_path):
    done = restore(saved, tmp_path / "new" / "store", progress=quiet)
    back = tmp_path / "new" / "store"
    assert content(back) == content(store)
    assert done.fingerprint == Store(store).fingerprint == Store(back).fingerprint
    assert done.has_records and done.made == "2026-11-23T09:00:00"
    offences = [read(Store(one), scope=EVERYTHING, source=SOURCE, force=FORCE) for one in (store, back)]
    assert offences[0].equals(offences[1]) and len(offences[1]) == 3
    kept = events.kept_events(open_database(paths.records_url(back)))
    assert [event.label for event in kept] == ["Pilot begins"]


def test_the_commands_say_what_they_did(store, tmp_path):
    run = CliRunner()
    out = tmp_path / "all.tar"
    done = run.invoke(app, ["backup", "--store", str(store), "--out", str(out), "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["bytes"] == out.stat().st_size
    back = run.invoke(app, ["restore", str(out), "--store", str(tmp_path / "back")])
    assert back.exit_code == 0 and "every file was checked" in back.stdout
    again = run.invoke(app, ["restore", str(out), "--store", str(tmp_path / "back")])
    assert again.exit_code == 2 and "is not empty" in again.stderr


@settings(max_examples=40)
@given(data=st.data())
def test_a_byte_that_changed_is_found_or_changes_nothing(store, saved, tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("flipped")
    whole = bytearray(saved.read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / "all.tar").write_bytes(whole)
    try:
        restore(folder / "all.tar", folder / "store", progress=quiet)
    except HotspotError as fault:
        assert "all.tar" in str(fault)
        assert [file.name for file in folder.iterdir()] == ["all.tar"]
    else:
        assert content(folder / "store") == content(store)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_a_backup_that_is_cut_off_restores_nothing(saved, tmp_path, share):
    whole = saved.read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(BadInput, match=r"cut\.tar"):
        restore(tmp_path / "cut.tar", tmp_path / "store", progress=quiet)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("name", ["../away", "/tmp/away", "store/../../away", "elsewhere/file"])
def test_a_backup_with_a_file_for_another_place_is_refused(tmp_path, name):
    document = json.dumps({"format": 1, "made": "", "version": "", "fingerprint": "", "files": {name: ""}}).encode()
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        entry = tarfile.TarInfo(LIST)
        entry.size = len(document)
        archive.addfile(entry, io.BytesIO(document))
    with pytest.raises(BadInput, match="do not belong"):
        restore(tmp_path / "evil.tar", tmp_path / "store", progress=quiet)


def test_a_backup_waits_for_no_import_and_says_so(store, tmp_path):
    with locked(store), pytest.raises(StoreError, match="under way"):
        back_up(store, tmp_path / "all.tar", moment=MOMENT, progress=quiet)
    assert list(tmp_path.iterdir()) == []


def test_records_on_a_server_are_left_to_its_own_backup(store, tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOT_RECORDS", "postgresql+psycopg://somebody@example/records")
    done = back_up(store, tmp_path / "all.tar", moment=MOMENT, progress=quiet)
    assert not done.has_records
    with tarfile.open(tmp_path / "all.tar") as archive:
        assert RECORDS not in archive.getnames()


def test_a_folder_without_a_store_is_said_and_stays_as_it_is(tmp_path):
    with pytest.raises(StoreError, match="no store"):
        back_up(tmp_path / "nothing", tmp_path / "all.tar", moment=MOMENT, progress=quiet)
    assert list(tmp_path.iterdir()) == []
