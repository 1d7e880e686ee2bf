"""One look at the whole of a linked table: what its months hold, what is left out and why, as an import would say it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspot import __version__, crime_types
from hotspot.boundaries.areas import Areas
from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.offences.codes import crime_type_of
from hotspot.offences.date_columns import read_dates
from hotspot.offences.dates import MINUTE
from hotspot.offences.force_extract import OTHER, read_text
from hotspot.offences.manifest import Exclusions, Manifest, Part
from hotspot.offences.mapping import DATES, Mapping
from hotspot.offences.merge import Merged
from hotspot.offences.parts import by_month, described, to_table
from hotspot.offences.postgresql.server import rows
from hotspot.offences.postgresql.table import DAYS, TIMES, LinkedTable, read_rows
from hotspot.offences.read import DUPLICATE, FUTURE
from hotspot.offences.report import LoadReport
from hotspot.offences.schema import NAMES
from hotspot.offences.summary import summarise
from hotspot.offences.text_table import trimmed
from hotspot.offences.validate import Validated, validate

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

PIECE = 250_000
"""Rows that are held at once: those of one reference are always in one piece."""
MOST_LPAS = 2_000
_CRIME = ("crime_code", "crime_description")
_SUMMED = (
    *("rows", "location_status", "location_precision", "lpa", "end_before_start", "end_in_future", "lpa_disagrees", "month"),
    *("source_crime_type", "committed_from", "committed_to", "time_precision", "x", "y", "street"),
)
"""Columns that the report looks at."""


@dataclass(frozen=True, eq=False)
class Scan:
    """What the whole table holds."""

    parts: tuple[Part, ...]
    """Their file is left open."""
    exclusions: tuple[Exclusions, ...]
    report: LoadReport
    repeats: bool
    has_future: bool


def stamp_of(connection: psycopg.Connection, table: LinkedTable, mapping: Mapping, *others: str) -> str:
    """Give what changes with the content of the table that is mapped, or with anything else that decides how it is read.

    By default all mapped columns of all rows go into it; a ``version`` column, which changes whenever a row does, makes it
    quicker on a large table.
    """
    from psycopg.sql import SQL, Identifier

    version = mapping.postgresql.get("version", "")
    content = SQL("max({})").format(Identifier(version)) if version else None
    content = content or SQL("sum(hashtextextended({}, 0))").format(table.whole(mapping.wanted))
    ((count, found),) = rows(connection, SQL("SELECT count(*), {}::text FROM {}").format(content, table.sql))
    said = (count, found, mapping.to_toml(), table, __version__, *others)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:20]


def timed_columns(connection: psycopg.Connection, table: LinkedTable, mapping: Mapping) -> dict[str, bool]:
    """Say of each date column whether it has a time other than midnight: then its midnights are times, else it holds dates."""
    return {name: _is_timed(connection, table, mapping, name) for name in DATES if name in mapping.columns}


def _is_timed(connection: psycopg.Connection, table: LinkedTable, mapping: Mapping, name: str) -> bool:
    from psycopg.sql import SQL

    columns = mapping.columns[name]
    kind = table.kinds[columns[0]]
    if kind in DAYS and len(columns) == 1:
        return False
    texts = [table.text(column) for column in columns]
    found = SQL("SELECT DISTINCT {} FROM {}").format(SQL(", ").join(texts), table.sql)
    if kind in TIMES and len(columns) == 1:
        found = SQL("{} WHERE {} NOT LIKE '% 00:00:00' LIMIT 1000").format(found, texts[0])
    cells = [trimmed(pd.Series(one, dtype="str")) for one in zip(*rows(connection, found), strict=True)]
    if not cells:
        return False
    read = read_dates(cells[0], name=name, rules=mapping.date_rules, clocks=cells[1] if len(cells) > 1 else None, timed=None)
    midnight = read.at == read.at.astype("datetime64[D]")
    return bool(((read.precision == MINUTE) & ~midnight).any())


def kinds_of_crime(connection: psycopg.Connection, table: LinkedTable, mapping: Mapping) -> tuple[tuple[str, str, str], ...]:
    """List each code and description as written, with the crime type they mean; ('', '', type) where all rows have one."""
    from psycopg.sql import SQL

    if mapping.crime_type:
        return (("", "", crime_types.canonical_name(mapping.crime_type)),)
    texts = [table.text(mapping.columns[name][0]) if name in mapping.columns else SQL("''") for name in _CRIME]
    found = rows(connection, SQL("SELECT DISTINCT coalesce({}, ''), coalesce({}, '') FROM {}").format(*texts, table.sql))
    own, written = mapping.crime_type_table, sorted(found)
    read = zip(*(trimmed(pd.Series(one, dtype="str")) for one in zip(*written, strict=True)), strict=True)
    kinds = (crime_type_of(code, words, table=own) for code, words in read)
    return tuple((code, words, kind.name if kind else OTHER) for (code, words), kind in zip(written, kinds, strict=True))


def lpas_written(connection: psycopg.Connection, table: LinkedTable, mapping: Mapping) -> tuple[str, ...] | None:
    """List what the LPA's own column says; None where there is none, or it says too much to be a list of areas."""
    from psycopg.sql import SQL, Literal

    if "lpa" not in mapping.columns:
        return None
    text = table.text(mapping.columns["lpa"][0])
    query = SQL("SELECT DISTINCT {c} FROM {t} WHERE {c} IS NOT NULL LIMIT {most}")
    found = rows(connection, query.format(c=text, t=table.sql, most=Literal(MOST_LPAS + 1)))
    return tuple(sorted(text for (text,) in found)) if len(found) <= MOST_LPAS else None


def scan(
    connection: psycopg.Connection,
    table: LinkedTable,
    mapping: Mapping,
    *,
    force: Force,
    areas: Areas | None,
    timed: dict[str, bool],
    today: date,
    moment: datetime,
    say: Callable[[str], object],
) -> Scan:
    """Read the whole table piece by piece and describe it.

    Raises
    ------
    BadInput
        If it has no row, or none that can be read, or its key does not tell rows apart.
    """
    pieces = math.ceil(_counted(connection, table) / PIECE)
    told: list[Validated] = []
    parts: dict[str, Part] = {}
    notes: list[str] = [f"The table was read in {pieces} pieces: each count of the notes is of one."] if pieces > 1 else []
    read = 0
    for number in range(pieces):
        say(f"Reading {table.label}" + (f", piece {number + 1} of {pieces}" if pieces > 1 else ""))
        text, names = read_rows(connection, table, mapping, mapping.wanted, where=_piece(table, mapping, number, pieces))
        if not len(text.frame):
            continue
        raw = read_text(text, names, mapping, force, timed=timed)
        one = validate(raw.frame, source=mapping.name, force=force, areas=areas, today=today)
        told.append(replace(one, offences=one.offences[[name for name in _SUMMED if name in one.offences]]))
        notes += raw.notes
        read += raw.rows_read
        if one.offences.empty:
            continue
        held = to_table(one.offences)
        for month, of_month in by_month(held):
            part = described(of_month, source=mapping.name, force=force.slug, month=month, file="", synthetic=False)
            parts[month] = _joined(parts[month], part) if month in parts else part
    if not parts:
        raise BadInput(f"{table.label} has no row that can be read as an offence. Check the dates that the mapping names.")
    left_out = pd.concat([one.excluded for one in told])["excluded"]
    reasons = {str(reason): int(count) for reason, count in left_out.value_counts(sort=False).items()}
    first, last = min(one.recorded_first for one in parts.values()), max(one.recorded_last for one in parts.values())
    summed = {force.name: Merged(Manifest(), _together(told))}
    report = summarise(summed, source=mapping.name, imported_at=moment, rows_read=read, passed_over={}, notes=notes)
    return Scan(
        parts=tuple(parts[month] for month in sorted(parts)),
        exclusions=(Exclusions(mapping.name, force.slug, first, last, reasons),) if reasons else (),
        report=report,
        repeats=DUPLICATE in reasons or report.rows_used != report.offences,
        has_future=FUTURE in reasons or report.end_in_future > 0,
    )


def _counted(connection: psycopg.Connection, table: LinkedTable) -> int:
    """Count the rows, and hold the key against them."""
    from psycopg.sql import SQL, Identifier

    key = Identifier(table.key) if table.key else SQL("1")
    ((count, known, different),) = rows(
        connection, SQL("SELECT count(*), count({k}), count(DISTINCT {k}) FROM {t}").format(k=key, t=table.sql)
    )
    if not count:
        raise BadInput(f"{table.label} has no row. Is it the right table, and may this account see its rows?")
    if table.key and not count == known == different:
        raise BadInput(
            f"{table.label}: its key '{table.key}' does not tell rows apart ({count:,} rows, {different:,} different values). "
            "Name another column, or none."
        )
    return count


def _piece(table: LinkedTable, mapping: Mapping, number: int, pieces: int) -> Composable | None:
    """Choose the rows of one piece, by their reference; those without one by all they say."""
    from psycopg.sql import SQL, Literal

    if pieces == 1:
        return None
    whole = table.whole(mapping.wanted)
    reference = mapping.columns.get("offence_id")
    told_by = SQL("coalesce(nullif({}, ''), {})").format(table.folded(reference[0]), whole) if reference else whole
    return SQL("mod(hashtextextended({}, 0) & 9223372036854775807, {}) = {}").format(told_by, Literal(pieces), Literal(number))


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


def _together(told: list[Validated]) -> Validated:
    """Put the pieces together, in the order of the rows' numbers."""
    excluded = pd.concat([one.excluded for one in told]).sort_values(["source_file", "source_row"], kind="stable")
    held = [one.offences for one in told if len(one.offences)]
    return Validated(pd.concat(held, ignore_index=True), excluded)


def today_of(connection: psycopg.Connection) -> date:
    """Give the server's day, on the clock of the time zone."""
    ((day,),) = rows(connection, "SELECT current_date")
    return np.datetime64(day, "D").item()
