"""Open a database as a store: a folder on this machine stands for it, and is brought up to date when the table has changed.

The folder is a store like any other but for its offences: it holds the force, its areas, layers and, of the table, what each
month has. So all that is said of the data without reading an offence needs no database, and an offence is read from the table
at the moment it is asked for.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hotspot.boundaries.force_file import load_force
from hotspot.database_address import Address, parse_address
from hotspot.errors import BadInput, HotspotError
from hotspot.geography import LPA, Force
from hotspot.offences import manifest as manifests
from hotspot.offences.atomic import Change
from hotspot.offences.forces_of_store import with_force
from hotspot.offences.manifest import LINKED, Manifest
from hotspot.offences.mapping import Mapping
from hotspot.offences.merge import month_changes
from hotspot.offences.postgresql import catalogue as catalogues
from hotspot.offences.postgresql.catalogue import Catalogue
from hotspot.offences.postgresql.questions import kinds_of_crime, lpas_written, stamp_of, timed_columns, today_of
from hotspot.offences.postgresql.scan import Reading, Scan, scan
from hotspot.offences.postgresql.server import connected
from hotspot.offences.postgresql.table import LinkedTable, find_table
from hotspot.offences.store_changes import changing, commit
from hotspot.paths import WEST_MIDLANDS

if TYPE_CHECKING:
    import psycopg

CHECK_EVERY = 60.0
"""Seconds between two looks of one process at whether the table has changed."""
Say = Callable[[str], object]
_log = logging.getLogger("hotspot")
_lock = threading.Lock()
_due: dict[Path, float] = {}


def opened(text: str, *, say: Say = lambda sentence: None) -> Path:
    """Bring the folder that stands for a database up to date, and give it.

    Parameters
    ----------
    text
        The address. A password in it is known to this process and those it begins; it is written nowhere.

    Raises
    ------
    HotspotError
        If the address, the mapping or the table cannot be used, or the server does not answer.
    """
    address = parse_address(text)
    if address.password is not None:
        os.environ["HOTSPOT_STORE"] = text
    refresh(address, say=say)
    return address.folder


def kept_up(text: str) -> Path:
    """Give the folder that stands for a database, for pages that cannot wait: after the first time the look is in the background.

    Raises
    ------
    HotspotError
        If it is opened for the first time and cannot be.
    """
    address = parse_address(text)
    folder, now = address.folder, time.monotonic()
    with _lock:
        if now < _due.get(folder, 0.0):
            return folder
        if not _is_opened(address):
            refresh(address, say=lambda sentence: None)
            _due[folder] = time.monotonic() + CHECK_EVERY
            return folder
        # Not again until this look has ended, however long it takes.
        _due[folder] = float("inf")
    threading.Thread(target=_look, args=(address,), daemon=True).start()
    return folder


def _look(address: Address) -> None:
    try:
        refresh(address, say=lambda sentence: None)
    except HotspotError as fault:
        # Pages go on with what they have; whoever reads an offence meanwhile is told the same.
        _log.warning("%s", fault)
    finally:
        _due[address.folder] = time.monotonic() + CHECK_EVERY


def _is_opened(address: Address) -> bool:
    """Say whether the folder stands for this address and mapping already."""
    if not (address.folder / manifests.NAME).is_file():
        return False
    held = catalogue_of(manifests.load(address.folder), address.folder)
    return held is not None and held.address == address.shown and held.mapping == Mapping.from_toml(address.mapping)


def refresh(address: Address, *, say: Say) -> bool:
    """Look whether the table, the mapping or the force has changed, and if so read the whole table once; say whether it did."""
    folder, mapping, force = address.folder, *_described(address.mapping)
    with connected(address, time_zone=mapping.postgresql.get("time_zone", LinkedTable.time_zone)) as connection:
        table, today = find_table(connection, mapping), today_of(connection)
        manifest = manifests.load(folder) if (folder / manifests.NAME).is_file() else Manifest()
        content = stamp_of(connection, table, mapping, address.shown, force.toml)
        held = catalogue_of(manifest, folder)
        if (
            held is not None
            and held.stamp == _stamp(content, manifest, force)
            and (held.today == today or not held.changes_daily)
        ):
            return False
        _refuse_imported(manifest, mapping.name)
        with changing(folder) as (manifest, change):
            manifest, areas, notes = with_force(manifest, change, force, explicit=[force])
            reading = Reading(table, mapping, force, areas, timed_columns(connection, table, mapping), today)
            found = scan(connection, reading, moment=datetime.now().replace(microsecond=0), say=say)
            file = _staged(change, _catalogue(connection, reading, found, address.shown, _stamp(content, manifest, force)))
            report = replace(found.report, notes=(*found.report.notes, *notes))
            commit(change, _with(manifest, replace(found, report=report), file))
    return True


def _catalogue(connection: psycopg.Connection, reading: Reading, found: Scan, address: str, stamp: str) -> Catalogue:
    table, mapping = reading.table, reading.mapping
    return Catalogue(
        address=address,
        mapping_toml=mapping.to_toml(),
        table=table,
        stamp=stamp,
        today=reading.today,
        changes_daily=found.has_future or reading.force.retention_months is not None,
        repeats=found.repeats,
        timed=reading.timed,
        kinds_of_crime=kinds_of_crime(connection, table, mapping),
        lpas=lpas_written(connection, table, mapping),
    )


def _described(path: Path) -> tuple[Mapping, Force]:
    """Read the mapping, and the force whose file it names."""
    mapping = Mapping.from_toml(path)
    named = mapping.postgresql.get("force", "")
    return mapping, load_force(path.parent / named if named else WEST_MIDLANDS)


def catalogue_of(manifest: Manifest, folder: Path) -> Catalogue | None:
    """Give the catalogue that a store's months name; None where no offence of it stays in a database."""
    file = next((part.file for part in manifest.parts if part.is_linked), None)
    return catalogues.load(folder / file) if file else None


def _stamp(content: str, manifest: Manifest, force: Force) -> str:
    entry = manifest.area_file(LPA, force.slug)
    return f"{content}-{entry.file if entry else ''}"


def _refuse_imported(manifest: Manifest, source: str) -> None:
    if any(part.source == source and not part.is_linked for part in manifest.parts):
        raise BadInput(
            f"The folder holds offences of the source '{source}' that were imported from files. Give the mapping another name, "
            "or the address another folder."
        )


def _staged(change: Change, catalogue: Catalogue) -> str:
    return change.stage(f"{LINKED}/catalogue-{{}}.json", lambda path: path.write_text(catalogue.to_json(), encoding="utf-8"))


def _with(manifest: Manifest, found: Scan, file: str) -> Manifest:
    """Let the manifest name the months of the table as they are now, and no other linked ones."""
    parts = tuple(replace(part, file=file) for part in found.parts)
    old = manifest.parts_of(parts[0].source, parts[0].force)
    months = sorted({part.month for part in (*old, *parts)})
    replaced = month_changes(found.report.forces[0], old, parts, months)
    gone = {part.source for part in manifest.parts if part.is_linked} | {part.source for part in parts}
    kept = [part for part in manifest.parts if part.source not in gone]
    left = replace(
        manifest,
        parts=tuple(sorted((*kept, *parts), key=lambda part: (part.source, part.force, part.month))),
        exclusions=(*(one for one in manifest.exclusions if one.source not in gone), *found.exclusions),
        reports=tuple(one for one in manifest.reports if one.source not in gone),
    )
    return left.with_report(replace(found.report, replaced=replaced))
