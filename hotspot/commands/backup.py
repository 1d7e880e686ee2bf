"""``backup`` and ``restore``: a store and its records as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspot.commands import output
from hotspot.commands.options import Json, StoreFolder

if TYPE_CHECKING:
    from hotspot.export.backup import Backup


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    store: StoreFolder,
    out: Annotated[Path, typer.Option("--out", help="The file to write, such as hotspot-2026-11-23.tar.", metavar="FILE")],
    as_json: Json = False,
) -> None:
    """Write the store and its records into one file; imports wait meanwhile, pages do not."""
    from datetime import datetime

    from hotspot.export.backup import back_up

    done = back_up(store, out, moment=datetime.now(), progress=output.progress)
    words = (
        f"{out} holds the store ({done.fingerprint}) {_records(done, store)}: {done.files:,} files, {done.bytes / 1e6:,.1f} MB."
    )
    output.show(_document(done), [words], as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
    store: StoreFolder,
    as_json: Json = False,
) -> None:
    """Make a store and its records from a backup, in a place where there is neither."""
    from hotspot.export.backup import restore as restored

    done = restored(file, store, progress=output.progress)
    words = f"{store} is the store of {done.made} ({done.fingerprint}) {_records(done, store)}; every file was checked."
    output.show(_document(done), [words], as_json=as_json)


def _records(done: Backup, store: Path) -> str:
    from hotspot.export.backup import records_on_server

    if done.has_records:
        return "with its records"
    on_server = "without the records: they are on a database server, which has a back-up of its own (pg_dump)"
    return on_server if records_on_server(store) else "without records, because nobody has written any"


def _document(done: Backup) -> dict[str, object]:
    return {
        "file": str(done.file),
        "made": done.made,
        "version": done.version,
        "fingerprint": done.fingerprint,
        "files": done.files,
        "bytes": done.bytes,
        "has_records": done.has_records,
    }
