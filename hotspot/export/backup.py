"""A store and what people wrote about it, as one file; and back again.

The file is a plain tar: first ``backup.json`` with the SHA-256 of everything else, then the store's files, then the records.
Whoever has lost this software can still read it: Parquet, JSON and SQLite.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from hotspot import __version__, paths
from hotspot.errors import BadInput, StoreError
from hotspot.limits import too_deep
from hotspot.offences.atomic import LOCK, STAGING, held_still, locked, sync, write_whole
from hotspot.offences.context_store import LAYERS
from hotspot.offences.manifest import AREAS, PARTS
from hotspot.offences.store import Store
from hotspot.system_faults import sentence

LIST, STORE, RECORDS = "backup.json", "store", "records.sqlite"
"""Names within the file."""
FORMAT = 1
LONGEST_LIST = 256 << 20
"""Bytes of the list: a line for each file."""
Progress = Callable[[str], object]


@dataclass(frozen=True)
class Backup:
    """What a backup holds."""

    file: Path
    made: str
    """Local clock, ISO."""
    version: str
    """Of the software that made it."""
    fingerprint: str
    """Of the store's data."""
    files: int
    bytes: int
    has_records: bool
    """False: the records are on a database server, which has a back-up of its own, or nobody has written any."""


def back_up(store: Path, out: Path, *, moment: datetime, progress: Progress) -> Backup:
    """Write a store and its records into one file; imports wait meanwhile, pages do not.

    Parameters
    ----------
    store
        Folder of the store.
    out
        The file; one that exists is replaced when the new one is whole.
    moment
        What the backup is dated.

    Raises
    ------
    StoreError
        If there is no store, an import is under way, or the file cannot be written.
    """
    opened = Store(store)
    _ = opened.manifest  # no store, no lock and no folder made
    unfinished, scratch = (out.with_name(f".{out.name}.{name}") for name in ("unfinished", "scratch"))
    try:
        with held_still(opened.path), _empty(scratch):
            files = _still_files(Store(opened.path), scratch)
            progress(f"Reading {len(files):,} files")
            document = {
                "format": FORMAT,
                "made": moment.isoformat(timespec="seconds"),
                "version": __version__,
                "fingerprint": Store(opened.path).fingerprint,
                "files": {name: _digest(file) for name, file in files.items()},
            }
            progress(f"Writing {out.name}")
            _write(unfinished, document, files)
            os.replace(unfinished, out)
            sync(out.parent)
    except OSError as fault:
        state = "A backup that was there stays. Choose another place with --out."
        raise StoreError(sentence(fault, what=f"{out} cannot be written", state=state)) from fault
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return _described(out, document)


def restore(file: Path, store: Path, *, progress: Progress) -> Backup:
    """Make a store and its records from a backup, in a place where there is neither.

    Raises
    ------
    BadInput
        If the file is no backup, is damaged (which file of it is said), or comes from a newer version.
    StoreError
        If there is a store or there are records in that place already, or it cannot be written.
    """
    _sweep(store)
    records = _records_file(store)
    with _reading(file) as archive:
        document = _list_of(archive, file)
        _refuse_taken(store, records, document)
        try:
            store.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=_scratch_prefix(store), dir=store.parent) as name, locked(Path(name)):
                scratch = Path(name)
                progress(f"Reading {len(document['files']):,} files of {file.name}")
                for name, digest in document["files"].items():
                    _take_out(archive, file, name, digest, scratch)
                _check_store(scratch / STORE, document, file)
                _put_in_place(scratch, store, records)
        except OSError as fault:
            raise StoreError(sentence(fault, what=f"{store} cannot be written", state="Nothing was restored.")) from fault
    return _described(file, document)


def _scratch_prefix(store: Path) -> str:
    return f".{store.name}-restoring-"


def _sweep(store: Path) -> None:
    """Remove what restores left that were killed: nobody holds its lock any more."""
    for left in store.parent.glob(f"{_scratch_prefix(store)}*"):
        with suppress(StoreError), locked(left):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _empty(folder: Path) -> Iterator[None]:
    """Have a folder for as long as it is needed, without what a backup left there that was killed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _described(file: Path, document: dict[str, Any]) -> Backup:
    names, size = document["files"], file.stat().st_size
    has_records = RECORDS in names
    return Backup(file, document["made"], document["version"], document["fingerprint"], len(names), size, has_records)


def _still_files(store: Store, scratch: Path) -> dict[str, Path]:
    """Give the files of a backup by their names in it, none of which changes any more.

    Offences and areas stand in files that never change while the store is held still. What people save beside them (mappings,
    weights) may be replaced at any moment, so it is copied first; so are the records, as SQLite does it while others write.
    """
    files: dict[str, Path] = {}
    for file in sorted(store.path.rglob("*")):
        name = file.relative_to(store.path)
        if not file.is_file() or name.parts[0] in (LOCK, STAGING) or file.name.startswith("."):
            continue
        if name.parts[0] in (PARTS, AREAS) and name.as_posix() not in store.manifest.files:
            continue  # left by an interruption: no part of the store
        still = file if name.parts[0] in (PARTS, AREAS, LAYERS) else _copied(file, scratch / STORE / name)
        if still is not None:
            files[f"{STORE}/{name.as_posix()}"] = still
    lost = sorted(name for name in store.manifest.files if f"{STORE}/{name}" not in files)
    if lost:
        raise StoreError(
            f"The store {store.path} lacks its file {lost[0]}{f' and {len(lost) - 1} more' if lost[1:] else ''}. Nothing was "
            "backed up: keep the older back-ups, and restore one or import that source again."
        )
    records = _records_copy(store.path, scratch)
    return files | ({RECORDS: records} if records is not None else {})


def _copied(file: Path, copy: Path) -> Path | None:
    """Copy a file; None where somebody removed it meanwhile."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(file, copy)
    except FileNotFoundError:
        return None
    return copy


def records_on_server(store: Path) -> bool:
    """Say whether the records of a store are on a database server, which has a back-up of its own."""
    return make_url(paths.records_url(store)).get_backend_name() != "sqlite"


def _records_file(store: Path) -> Path | None:
    """Where the records of a store are; None where they are on a database server."""
    file = make_url(paths.records_url(store)).database
    return None if records_on_server(store) or not file else Path(file)


def _records_copy(store: Path, scratch: Path) -> Path | None:
    file = _records_file(store)
    if file is None or not file.exists():
        return None
    copy = scratch / RECORDS
    try:
        with closing(_opened_for_reading(file)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
    except sqlite3.Error as fault:
        raise StoreError(f"The records {file} cannot be copied to {scratch.parent} ({fault}). Nothing was backed up.") from fault
    return copy


def _opened_for_reading(file: Path) -> sqlite3.Connection:
    """Open records that others may be writing; on a disk that is read-only nobody is, and SQLite must be told so."""
    address = f"{file.resolve().as_uri()}?mode=ro"
    is_still = not os.access(file.parent, os.W_OK) and not file.with_name(f"{file.name}-wal").exists()
    return sqlite3.connect(f"{address}&immutable=1" if is_still else address, uri=True)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write(out: Path, document: dict[str, Any], files: dict[str, Path]) -> None:
    content = json.dumps(document, indent=1).encode()
    with tarfile.open(out, "w") as archive:
        entry = tarfile.TarInfo(LIST)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        for name, file in files.items():
            archive.add(file, name, recursive=False)
    sync(out)


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        archive = tarfile.open(file, "r:")  # noqa: SIM115 (closed below)
    except (OSError, tarfile.TarError) as fault:
        raise BadInput(f"{file} cannot be read as a backup ({fault}). Name a file that `backup` wrote.") from fault
    with archive:
        yield archive


def _list_of(archive: tarfile.TarFile, file: Path) -> dict[str, Any]:
    try:
        text = _content(archive, LIST).read(LONGEST_LIST).decode()
        if too_deep(text):
            raise ValueError("brackets within brackets")
        document = json.loads(text)
        newer, names, said = document["format"] > FORMAT, document["files"], document["version"]
        incomplete = {"made", "fingerprint"} - document.keys()
        known = all(name == RECORDS or name.startswith(f"{STORE}/") for name in names)
        safe = all(name.isprintable() and not Path(name).is_absolute() and ".." not in Path(name).parts for name in names)
    except (KeyError, ValueError, TypeError, AttributeError, EOFError, tarfile.TarError) as fault:
        raise BadInput(f"{file} is no backup of this software. Name a file that `backup` wrote.") from fault
    if newer:
        raise BadInput(f"{file} was made by a newer version ({said}). Upgrade first, then restore.")
    if incomplete or not (known and safe):
        raise BadInput(f"{file} holds files that do not belong into a store. Nothing was restored.")
    return document


def _content(archive: tarfile.TarFile, name: str) -> Any:
    entry = archive.getmember(name)
    # A file with holes can stand for more bytes than any disk has; a link for a file of this machine.
    content = archive.extractfile(entry) if entry.isreg() and not entry.issparse() else None
    if content is None:
        raise KeyError(name)
    return content


def _take_out(archive: tarfile.TarFile, file: Path, name: str, digest: str, scratch: Path) -> None:
    target = scratch / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _content(archive, name) as content, target.open("wb") as copy:
            shutil.copyfileobj(content, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
    except (KeyError, tarfile.TarError, EOFError) as fault:
        raise BadInput(f"{file} is damaged: {name} is missing or cut off. Nothing was restored; take an older backup.") from fault
    if _digest(target) != digest:
        raise BadInput(f"{file} is damaged: {name} is not what was backed up. Nothing was restored; take an older backup.")


def _check_store(store: Path, document: dict[str, Any], file: Path) -> None:
    """The list itself may be what is damaged: what it left out would be missed by nobody."""
    try:
        is_whole = Store(store).fingerprint == document["fingerprint"]
    except StoreError:
        is_whole = False
    if not is_whole:
        raise BadInput(f"{file} is damaged: its list is not that of the store. Nothing was restored; take an older backup.")


def _refuse_taken(store: Path, records: Path | None, document: dict[str, Any]) -> None:
    if store.exists() and (not store.is_dir() or any(store.iterdir())):
        raise StoreError(f"{store} is not empty. Restore into a new folder, or move the old one away first.")
    if records is None:
        return
    journals = [journal for name in ("-wal", "-shm") if (journal := records.with_name(records.name + name)).exists()]
    is_own = records.exists() and _digest(records) == document["files"].get(RECORDS)  # a restore was killed before its end
    if journals or (records.exists() and not is_own):
        there = " and ".join(str(file) for file in ([records] if records.exists() else []) + journals)
        raise StoreError(f"There are records at {there} already. Move them away first.")


def _put_in_place(scratch: Path, store: Path, records: Path | None) -> None:
    """The records first: a store without its records would look whole."""
    kept = scratch / RECORDS
    is_placed = kept.exists() and records is not None and not records.exists()
    if is_placed and records is not None:
        records.parent.mkdir(parents=True, exist_ok=True)
        if kept.stat().st_dev == records.parent.stat().st_dev:
            os.replace(kept, records)
        else:
            write_whole(records, partial(shutil.copyfile, kept))
    try:
        if store.exists():
            store.rmdir()
        os.replace(scratch / STORE, store)
        sync(store.parent)
    except OSError:
        if is_placed and records is not None:
            records.unlink()
        raise
