"""What the server is asked of a whole table, before and beside the reading of its rows."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from hotspot import __version__, crime_types
from hotspot.errors import BadInput
from hotspot.offences.codes import crime_type_of
from hotspot.offences.date_columns import read_dates
from hotspot.offences.dates import MINUTE
from hotspot.offences.force_extract import OTHER
from hotspot.offences.mapping import DATES, Mapping
from hotspot.offences.postgresql.server import rows
from hotspot.offences.postgresql.table import DAYS, TIMES, LinkedTable
from hotspot.offences.text_table import trimmed

if TYPE_CHECKING:
    import psycopg

MOST_LPAS = 2_000
_CRIME = ("crime_code", "crime_description")


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


def counted(connection: psycopg.Connection, table: LinkedTable) -> int:
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


def today_of(connection: psycopg.Connection) -> date:
    """Give the server's day, on the clock of the time zone."""
    ((day,),) = rows(connection, "SELECT current_date")
    return day
