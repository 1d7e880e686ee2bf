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
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hotspot import __version__, paths
from hotspot.errors import BadInput, StoreError
from hotspot.limits import too_deep
from hotspot.offences.atomic import LOCK, STAGING, locked
from hotspot.offences.store import Store

LIST, STORE, RECORDS = "backup.json", "store", "records.sqlite"
"""Names within the file."""
FORMAT = 1
LONGEST_LIST = 256 << 20
"""Bytes of the list: a line for each file."""
_SQLITE = "sqlite:///"
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
    with locked(opened.path), tempfile.TemporaryDirectory() as scratch:
        records = _records_copy(opened.path, Path(scratch))
        files = {f"{STORE}/{file.relative_to(opened.path).as_posix()}": file for file in _files_of(opened.path)}
        if records is not None:
            files[RECORDS] = records
        progress(f"Reading {len(files):,} files")
        document = {
            "format": FORMAT,
            "made": moment.isoformat(timespec="seconds"),
            "version": __version__,
            "fingerprint": Store(opened.path).fingerprint,
            "files": {name: _digest(file) for name, file in files.items()},
        }
        progress(f"Writing {out.name}")
        _write(out, document, files)
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
    records = _records_file(store)
    _refuse_taken(store, records)
    with _reading(file) as archive:
        document = _list_of(archive, file)
        store.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{store.name}-", dir=store.parent))
        try:
            progress(f"Reading {len(document['files']):,} files of {file.name}")
            for name, digest in document["files"].items():
                _take_out(archive, file, name, digest, scratch)
            _check_store(scratch / STORE, document, file)
            _put_in_place(scratch, store, records)
        except OSError as fault:
            raise StoreError(f"{store} cannot be written ({fault}). Nothing was restored.") from fault
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return _described(file, document)


def _described(file: Path, document: dict[str, Any]) -> Backup:
    names, size = document["files"], file.stat().st_size
    has_records = RECORDS in names
    return Backup(file, document["made"], document["version"], document["fingerprint"], len(names), size, has_records)


def _files_of(store: Path) -> Iterator[Path]:
    for file in sorted(store.rglob("*")):
        first = file.relative_to(store).parts[0]
        if file.is_file() and first not in (LOCK, STAGING):
            yield file


def _records_file(store: Path) -> Path | None:
    """Where the records of a store are; None where they are on a database server."""
    url = paths.records_url(store)
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def _records_copy(store: Path, scratch: Path) -> Path | None:
    """Copy the records as SQLite does it while others write."""
    file = _records_file(store)
    if file is None or not file.exists():
        return None
    copy = scratch / RECORDS
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
    except sqlite3.Error as fault:
        raise StoreError(f"The records {file} cannot be read ({fault}). Nothing was backed up.") from fault
    return copy


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write(out: Path, document: dict[str, Any], files: dict[str, Path]) -> None:
    unfinished = out.with_name(f".{out.name}.unfinished")
    content = json.dumps(document, indent=1).encode()
    try:
        with tarfile.open(unfinished, "w") as archive:
            entry = tarfile.TarInfo(LIST)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            for name, file in files.items():
                archive.add(file, name, recursive=False)
        os.replace(unfinished, out)
    except OSError as fault:
        unfinished.unlink(missing_ok=True)
        raise StoreError(f"{out} cannot be written ({fault}). Choose another place with --out.") from fault


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


def _refuse_taken(store: Path, records: Path | None) -> None:
    if store.exists() and (not store.is_dir() or any(store.iterdir())):
        raise StoreError(f"{store} is not empty. Restore into a new folder, or move the old one away first.")
    if records is not None and records.exists():
        raise StoreError(f"There are records at {records} already. Move them away first.")


def _put_in_place(scratch: Path, store: Path, records: Path | None) -> None:
    """The records first: a store without its records would look whole."""
    kept = scratch / RECORDS
    if kept.exists() and records is not None:
        shutil.move(kept, records)
    if store.exists():
        store.rmdir()
    os.replace(scratch / STORE, store)
