"""What every command prints: one JSON document or readable lines on stdout, progress and warnings on stderr."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from hotspot.errors import BadInput
from hotspot.export.json_document import json_text

Columns = Mapping[str, Callable[[Any], str]]
"""Key of each column of a table → how its values are written."""


def show(
    document: Mapping[str, Any],
    lines: Iterable[str],
    *,
    as_json: bool,
    reasons: Mapping[tuple[str, str], str] | None = None,
) -> None:
    """Print the document with ``--json``, else the lines."""
    typer.echo(json_text(document, reasons=reasons) if as_json else "\n".join(lines))


def progress(*step: object) -> None:
    """Say what is going on, where it cannot meet the result.

    Parameters
    ----------
    *step
        A sentence; a share done before it, which some readers tell for a bar on screen, is passed over.
    """
    typer.echo(step[-1], err=True)


def time_left(what: str, *, every: float = 5.0) -> Callable[[float], None]:
    """Give a listener to the share that is done: it says how long the rest takes, at first after some seconds."""
    begun = told = time.monotonic()

    def tell(share: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < every or not 0 < share < 1:
            return
        told = now
        left = (now - begun) * (1 - share) / share
        length = f"{left / 60:,.0f} minutes" if left >= 90 else f"{left:,.0f} seconds"
        progress(f"{what}: {share:.0%} done, about {length} left. Ctrl-C stops it.")

    return tell


def warn(notes: Iterable[str]) -> None:
    """Say cautions where they cannot meet the result."""
    for note in notes:
        typer.echo(f"Note: {note}", err=True)


def table(rows: Sequence[Mapping[str, Any]], columns: Columns, *, heads: Mapping[str, str] | None = None) -> list[str]:
    """Align rows under their headings: numbers to the right, words to the left.

    Parameters
    ----------
    heads
        Headings of columns whose key does not say enough.
    """
    named = heads or {}
    cells = [[write(row[name]) for name, write in columns.items()] for row in rows]
    titles = [named.get(name, name.replace("_", " ")) for name in columns]
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    aligned = [str.ljust if write in (str, word) else str.rjust for write in columns.values()]
    lines = (zip(aligned, line, widths, strict=True) for line in (titles, *cells))
    return ["  ".join(align(cell, width) for align, cell, width in line).rstrip() for line in lines]


def number(places: int) -> Callable[[float | None], str]:
    """Write numbers with so many decimals; a dash where there is none, ∞ where it has no end."""

    def write(value: float | None) -> str:
        if value is None or math.isnan(value):
            return "–"
        return "∞" if math.isinf(value) else f"{value:,.{places}f}"

    return write


def percent(share: float | None) -> str:
    """Write a share as a percentage."""
    return "–" if share is None else f"{100 * share:.1f}%"


def quantity(count: float | None) -> str:
    """Write a count: whole, or with one decimal where it is a sum of shares; a dash where it is suppressed."""
    from hotspot.findings.words import quantity as written

    return "–" if count is None else written(count)


def probability(value: float | None) -> str:
    """Write a probability; one that rounds to nothing is not nothing."""
    return "<0.001" if value is not None and value < 0.0005 else number(3)(value)


def word(text: str | None) -> str:
    """Write a word; 'hidden' where it is suppressed."""
    return "hidden" if text is None else text


def whole(count: float) -> int | float:
    """Give a count as an integer where it is one: sums of shares are not."""
    return int(count) if float(count).is_integer() else float(count)


def heading(document: Mapping[str, Any]) -> list[str]:
    """Say what was counted, of which data."""
    unlocated, unusable = document["without_location"], document["location_unusable"]
    left_out = "" if unlocated is None else f"; {unlocated:,} without a location"
    left_out += f"{',' if left_out else ';'} {unusable:,} with a location unusable" if unusable else ""
    made = "Synthetic data. " if document["synthetic"] else ""
    return [
        document["title"],
        f"{quantity(document['count'])} offences{left_out}.",
        f"{made}Source: {document['source']}, {document['force']}. {document['marking']}.",
    ]


def written(out: Path | None) -> list[str]:
    """Say where a file was written."""
    return [f"Written to {out}."] if out is not None else []


def checked_out(out: Path | None, suffixes: Sequence[str]) -> Path | None:
    """Refuse a file that cannot be written before any work is done.

    Raises
    ------
    BadInput
        If the ending is not one of ``suffixes``, or the folder does not exist.
    """
    if out is None:
        return None
    faults = []
    if out.suffix.lower() not in suffixes:
        faults.append(f"--out {out} cannot be written: '{out.suffix}' is none of {', '.join(suffixes)}.")
    if not out.parent.is_dir():
        faults.append(f"--out {out} cannot be written: there is no folder {out.parent}. Make it first.")
    elif out.is_dir():
        faults.append(f"--out {out} is a folder. Name a file in it.")
    if faults:
        raise BadInput(*faults)
    return out


def write_file(write: Callable[[Path], None], out: Path) -> None:
    """Write a result, whole or not at all, and log it; a full disk or a locked file is told in a sentence."""
    from pyogrio.errors import DataSourceError

    from hotspot.commands.audited import wrote
    from hotspot.offences.atomic import write_whole
    from hotspot.system_faults import sentence

    try:
        write_whole(out, write)
    except (OSError, DataSourceError) as fault:
        what = f"--out {out} cannot be written"
        raise BadInput(sentence(fault, what=what, state="Is it open in another program, or the folder protected?")) from fault
    wrote(out)
