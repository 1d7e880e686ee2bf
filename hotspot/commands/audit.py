"""``audit show`` and ``audit verify``: the audit log read, and whether it is whole."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import Json, StoreFolder
from hotspot.errors import BadInput
from hotspot.period import parse_date

if TYPE_CHECKING:
    from hotspot.records.audit_reading import Line, Verification

NOT_WHOLE = 3
"""Exit code of ``verify`` where the log is not whole."""
Day = Annotated[str | None, typer.Option("--from", help="First day, year-month-day (local clock).", metavar="DATE")]
EndDay = Annotated[str | None, typer.Option("--to", help="First day after them.", metavar="DATE")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    audit = typer.Typer(
        help="Who did what with the data, and whether the log of it is whole.", no_args_is_help=True, rich_markup_mode=None
    )
    audit.command("show")(show)
    audit.command("verify")(verify)
    app.add_typer(audit, name="audit")


def show(
    store: StoreFolder,
    who: Annotated[str | None, typer.Option("--who", help="Only of this person.", metavar="NAME")] = None,
    act: Annotated[str | None, typer.Option("--act", help="Only this act: view, export, unmask ..", metavar="ACT")] = None,
    start: Day = None,
    end: EndDay = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many lines.", metavar="N", min=1)] = 100,
    as_json: Json = False,
) -> None:
    """Print lines of the audit log, the latest first."""
    from hotspot import paths
    from hotspot.records.audit_reading import lines, matching, what_words

    found = lines(paths.audit_folder(store), since=parse_date(start) if start else None, until=parse_date(end) if end else None)
    shown = list(islice(matching(found, who=who, act=act), limit))
    columns = {"when": str, "who": str, "act": str, "way": str, "what": str}
    rows = [_row(one) for one in shown]
    told = [
        row | {"when": f"{one.moment.astimezone():%Y-%m-%d %H:%M:%S}", "what": what_words(one)}
        for row, one in zip(rows, shown, strict=True)
    ]
    output.show({"lines": rows}, output.table(told, columns) if told else ["No line matches."], as_json=as_json)


def verify(
    store: StoreFolder,
    expect: Annotated[
        str | None, typer.Option("--expect", help="Number and hash of a line that were written down before.", metavar="N:HASH")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether a line of the audit log was removed, changed, put in or moved; exit code 3 where one was."""
    from hotspot import paths
    from hotspot.records.audit_anchors import anchors
    from hotspot.records.audit_reading import verify as verified
    from hotspot.records.database import open_database

    known = anchors(open_database(paths.records_url(store)))
    found = verified(paths.audit_folder(store), known, expected=_expected(expect))
    output.show(_document(found), _lines(found), as_json=as_json)
    if not found.is_whole:
        raise typer.Exit(NOT_WHOLE)


def _expected(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise BadInput(f"--expect '{text[:90]}' is no number and hash. Copy both from an earlier `audit verify`: 120:5e88…")
    return int(number), digest.lower()


def _row(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "when": line.moment.isoformat(),
        "who": line.who,
        "role": line.role,
        "act": line.act,
        "way": line.way,
        "what": line.what,
        "data": line.data,
        "version": line.version,
    }


def _document(found: Verification) -> dict[str, Any]:
    return {
        "whole": found.is_whole,
        "headline": found.headline,
        "files": found.files,
        "lines": found.lines,
        "first": found.first,
        "last": found.last,
        "hash": found.hash,
        "anchored": found.anchored,
        "faults": found.faults,
        "notes": found.notes,
    }


def _lines(found: Verification) -> list[str]:
    last = (
        [f"Last line {found.last}:{found.hash}; the database of records holds line {found.anchored:,} as the last."]
        if found.lines
        else []
    )
    return [f"{found.headline}.", *found.faults, *found.notes, *last]
