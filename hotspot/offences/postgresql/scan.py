"""One look at the whole of a linked table: what its months hold, what is left out and why, as an import would say it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from hotspot.boundaries.areas import Areas
from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.offences.force_extract import read_text
from hotspot.offences.manifest import Exclusions, Manifest, Part
from hotspot.offences.mapping import Mapping
from hotspot.offences.merge import Merged
from hotspot.offences.parts import by_month, described, to_table
from hotspot.offences.postgresql.questions import counted
from hotspot.offences.postgresql.table import LinkedTable, read_rows
from hotspot.offences.read import DUPLICATE, FUTURE
from hotspot.offences.report import LoadReport
from hotspot.offences.schema import NAMES
from hotspot.offences.summary import summarise
from hotspot.offences.validate import Validated, validate

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

PIECE = 250_000
"""Rows that are held at once: those of one reference are always in one piece."""
_SUMMED = (
    *("rows", "location_status", "location_precision", "lpa", "end_before_start", "end_in_future", "lpa_disagrees", "month"),
    *("source_crime_type", "committed_from", "committed_to", "time_precision", "x", "y", "street"),
)
"""Columns that the report looks at."""


@dataclass(frozen=True, eq=False)
class Reading:
    """How the rows of a table are read."""

    table: LinkedTable
    mapping: Mapping
    force: Force
    areas: Areas | None
    timed: dict[str, bool]
    today: date


@dataclass(frozen=True, eq=False)
class Piece:
    """What some rows of the table hold."""

    rows_read: int
    validated: Validated
    """Of its offences the columns that the report looks at."""
    parts: tuple[Part, ...]
    """Months; their file is left open."""
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scan:
    """What the whole table holds."""

    parts: tuple[Part, ...]
    exclusions: tuple[Exclusions, ...]
    report: LoadReport

    @property
    def repeats(self) -> bool:
        """True where several rows have one reference."""
        return DUPLICATE in self.report.excluded or self.report.rows_used != self.report.offences

    @property
    def has_future(self) -> bool:
        """True where some date lies after the last day that is not in the future."""
        return FUTURE in self.report.excluded or self.report.end_in_future > 0


def scan(connection: psycopg.Connection, reading: Reading, *, moment: datetime, say: Callable[[str], object]) -> Scan:
    """Read the whole table piece by piece and describe it.

    Raises
    ------
    BadInput
        If it has no row, or none that can be read, or its key does not tell rows apart.
    """
    table, pieces = reading.table, math.ceil(counted(connection, reading.table) / PIECE)
    found = []
    for number in range(pieces):
        say(f"Reading {table.label}" + (f", piece {number + 1} of {pieces}" if pieces > 1 else ""))
        found.append(_piece(connection, reading, _rows_of(reading, number, pieces)))
    parts = _by_month(part for piece in found for part in piece.parts)
    if not parts:
        raise BadInput(f"{table.label} has no row that can be read as an offence. Check the dates that the mapping names.")
    report = _report(reading, found, moment)
    first, last = min(part.recorded_first for part in parts), max(part.recorded_last for part in parts)
    left_out = Exclusions(reading.mapping.name, reading.force.slug, first, last, report.excluded)
    return Scan(parts, (left_out,) if report.excluded else (), report)


def _piece(connection: psycopg.Connection, reading: Reading, where: Composable | None) -> Piece:
    text, names = read_rows(connection, reading.table, reading.mapping, reading.mapping.wanted, where=where)
    raw = read_text(text, names, reading.mapping, reading.force, timed=reading.timed)
    source, force = reading.mapping.name, reading.force
    validated = validate(
        raw.frame,
        source=source,
        force=force,
        areas=reading.areas,
        today=reading.today,
        keep_from=force.keep_from(reading.today),
    )
    months = by_month(to_table(validated.offences)) if len(validated.offences) else ()
    parts = (described(held, source=source, force=force.slug, month=month, file="", synthetic=False) for month, held in months)
    slim = validated.offences[[name for name in _SUMMED if name in validated.offences]]
    return Piece(raw.rows_read, replace(validated, offences=slim), tuple(parts), raw.notes)


def _rows_of(reading: Reading, number: int, pieces: int) -> Composable | None:
    """Choose the rows of one piece, by their reference; those without one by all they say."""
    from psycopg.sql import SQL, Literal

    if pieces == 1:
        return None
    whole = reading.table.whole(reading.mapping.wanted)
    reference = reading.mapping.columns.get("offence_id")
    told_by = SQL("coalesce(nullif({}, ''), {})").format(reading.table.folded(reference[0]), whole) if reference else whole
    return SQL("mod(hashtextextended({}, 0) & 9223372036854775807, {}) = {}").format(told_by, Literal(pieces), Literal(number))


def _report(reading: Reading, pieces: list[Piece], moment: datetime) -> LoadReport:
    """Put the pieces together, rows left out in the order of their numbers."""
    told = [piece.validated for piece in pieces]
    excluded = pd.concat([one.excluded for one in told]).sort_values(["source_file", "source_row"], kind="stable")
    offences = pd.concat([one.offences for one in told if len(one.offences)], ignore_index=True)
    several = [f"The table was read in {len(pieces)} pieces: each count of the notes is of one."] if len(pieces) > 1 else []
    return summarise(
        {reading.force.name: Merged(Manifest(), Validated(offences, excluded))},
        source=reading.mapping.name,
        imported_at=moment,
        rows_read=sum(piece.rows_read for piece in pieces),
        passed_over={},
        notes=[*several, *(note for piece in pieces for note in piece.notes)],
    )


def _by_month(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Put the descriptions of each month together."""

    def month(part: Part) -> str:
        return part.month

    return tuple(reduce(_joined, same) for _, same in groupby(sorted(parts, key=month), key=month))


def _joined(one: Part, other: Part) -> Part:
    """Put two descriptions of one month together."""
    kinds = dict(one.crime_types)
    for name, count in other.crime_types.items():
        kinds[name] = kinds.get(name, 0) + count
    return replace(
        one,
        offences=one.offences + other.offences,
        rows_used=one.rows_used + other.rows_used,
        first_day=min(one.first_day, other.first_day),
        last_day=max(one.last_day, other.last_day),
        recorded_first=min(one.recorded_first, other.recorded_first),
        recorded_last=max(one.recorded_last, other.recorded_last),
        columns=tuple(name for name in NAMES if name in {*one.columns, *other.columns}),
        crime_types=kinds,
        time_precisions=tuple(sorted({*one.time_precisions, *other.time_precisions})),
        location_precisions=tuple(sorted({*one.location_precisions, *other.location_precisions})),
    )
