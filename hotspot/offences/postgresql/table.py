"""The table or view of the offences: what it has, and the SQL that reads it as text.

Values come as the text that a file of the same rows would hold, so that one reading of dates, numbers and codes serves both.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from hotspot.errors import BadInput, StoreError
from hotspot.offences.mapping import Mapping
from hotspot.offences.postgresql.server import rows
from hotspot.offences.text_table import Points, TextTable, trimmed

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

TIMES, DAYS = ("timestamp", "timestamptz"), ("date",)
NUMBERS = ("int2", "int4", "int8", "numeric", "float4", "float8")
WHOLE = ("int2", "int4", "int8")
TEXTS = ("text", "varchar")
_POSITIONS = ("geometry", "geography")
_ROW_BITS = 31
"""Bits of a row's number; what is above them goes into the name beside it."""
_SPACES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())


@dataclass(frozen=True)
class LinkedTable:
    """A table or view as it was found."""

    name: tuple[str, ...]
    """Schema and table, or the table alone."""
    kinds: dict[str, str]
    """Column → type of PostgreSQL."""
    key: str = ""
    """A column of whole numbers that tells rows apart and orders them; '': their content does."""
    geometry: str = ""
    """Column of PostGIS points; '' where x and y are columns, or there is no position."""
    geography: bool = False
    postgis: str = ""
    """Schema of PostGIS."""
    srid: int = 0
    time_zone: str = "Europe/London"
    unicode: bool = True
    """True where the database can hold every sign."""

    @property
    def label(self) -> str:
        return ".".join(self.name)

    @property
    def sql(self) -> Composable:
        from psycopg.sql import Identifier

        return Identifier(*self.name)

    def text(self, column: str) -> Composable:
        """Write a column as text, moments to the second on the clock of the time zone."""
        from psycopg.sql import SQL, Identifier, Literal

        if self.kinds[column] == "timestamptz":
            return SQL("date_trunc('second', {} AT TIME ZONE {})::text").format(Identifier(column), Literal(self.time_zone))
        if self.kinds[column] == "timestamp":
            return SQL("date_trunc('second', {})::text").format(Identifier(column))
        return SQL("{}::text").format(Identifier(column))

    def whole(self, wanted: Collection[str]) -> Composable:
        """Write all that is mapped of a row as one text."""
        from psycopg.sql import SQL, Identifier

        names = [*sorted(wanted), *([self.geometry] if self.geometry else [])]
        return SQL("ROW({})::text").format(SQL(", ").join(map(Identifier, names)))

    def folded(self, column: str) -> Composable:
        """Write a text without any white space: equal for all writings that are read as one."""
        from psycopg.sql import SQL, Identifier, Literal

        spaces = _SPACES if self.unicode else "".join(sign for sign in _SPACES if sign.isascii())
        return SQL("translate({}::text, {}, '')").format(Identifier(column), Literal(spaces))

    def point(self) -> Composable:
        """Write the point as a geometry; a multipoint of one point is that point."""
        from psycopg.sql import SQL, Identifier

        column = SQL("{}::{}.geometry" if self.geography else "{}").format(
            Identifier(self.geometry), *([Identifier(self.postgis)] if self.geography else [])
        )
        return SQL("CASE WHEN {p}.ST_NumGeometries({g}) = 1 THEN {p}.ST_GeometryN({g}, 1) ELSE {g} END").format(
            p=Identifier(self.postgis), g=column
        )

    def axes(self) -> list[Composable]:
        """Write east and north of the point: null where there is none, infinite where it is no point."""
        from psycopg.sql import SQL, Identifier

        form = SQL(
            "CASE WHEN {g} IS NULL OR {p}.ST_IsEmpty({g}) THEN NULL WHEN {p}.GeometryType({g}) LIKE 'POINT%' "
            "THEN {p}.{axis}({g}) ELSE 'Infinity' END"
        )
        return [form.format(g=self.point(), p=Identifier(self.postgis), axis=Identifier(axis)) for axis in ("st_x", "st_y")]


def find_table(connection: psycopg.Connection, mapping: Mapping) -> LinkedTable:
    """Find the table of a mapping, and hold the mapping against it.

    Raises
    ------
    BadInput
        If there is no such table, or a column is missing, with one sentence for each fault.
    """
    said = mapping.postgresql
    name = tuple(part.strip() for part in said.get("table", "").split("."))
    if not all(name) or len(name) > 2:
        raise BadInput('The mapping does not say which table holds the offences: write table = "schema.name" under [postgresql].')
    kinds = _kinds(connection, name)
    faults = [f"{'.'.join(name)}: {fault}" for fault in mapping.faults_against(kinds)]
    key, geometry = said.get("key", ""), said.get("geometry", "")
    faults += [
        f"{'.'.join(name)}: It has no column '{column}' for {what} under [postgresql]."
        for what, column in (("key", key), ("geometry", geometry), ("version", said.get("version", "")))
        if column and column not in kinds
    ]
    if key in kinds and kinds[key] not in WHOLE:
        faults.append(f"{'.'.join(name)}: its column '{key}' holds no whole numbers, so it cannot be the key.")
    postgis = _postgis(connection)
    if geometry in kinds and not postgis:
        faults.append(
            f"The database has no PostGIS extension, so '{geometry}' holds no points. Ask its administrator for "
            "CREATE EXTENSION postgis, or map x and y."
        )
    elif geometry in kinds and kinds[geometry] not in _POSITIONS:
        faults.append(f"{'.'.join(name)}: its column '{geometry}' holds no points of PostGIS.")
    own = [column for column, kind in kinds.items() if kind in _POSITIONS]
    if not geometry and "x" not in mapping.columns and len(own) > 1:
        faults.append(
            f"{'.'.join(name)} has several columns of points ({', '.join(own)}): say which, geometry = … under [postgresql]."
        )
    if faults:
        raise BadInput(*faults)
    used = "" if "x" in mapping.columns else geometry or (own[0] if own else "")
    table = LinkedTable(
        name=name,
        kinds={column: kinds[column] for column in kinds if column in {*mapping.wanted, key, used, said.get("version", "")}},
        key=key,
        geometry=used,
        geography=bool(used) and kinds[used] == "geography",
        postgis=postgis,
        time_zone=said.get("time_zone", LinkedTable.time_zone),
        unicode=connection.info.parameter_status("server_encoding") == "UTF8",
    )
    return table if not used else _with_srid(connection, table)


def _kinds(connection: psycopg.Connection, name: tuple[str, ...]) -> dict[str, str]:
    from psycopg.sql import Identifier

    quoted = Identifier(*name).as_string(connection)
    found = rows(
        connection,
        "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
        "WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        quoted,
    )
    if not found:
        raise BadInput(
            f"The database has no table or view '{'.'.join(name)}', or this account may not see it. Names are as they are "
            "stored, in upper and lower case: check table = … under [postgresql]."
        )
    return dict(found)


def _postgis(connection: psycopg.Connection) -> str:
    found = rows(
        connection,
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'",
    )
    return found[0][0] if found else ""


def _with_srid(connection: psycopg.Connection, table: LinkedTable) -> LinkedTable:
    """Find the coordinate system of the points: one of all of them."""
    from dataclasses import replace

    from psycopg.sql import SQL, Identifier

    query = SQL("SELECT DISTINCT {p}.ST_SRID({g}) FROM {t} WHERE {c} IS NOT NULL").format(
        p=Identifier(table.postgis), g=table.point(), t=table.sql, c=Identifier(table.geometry)
    )
    found = sorted(number for (number,) in rows(connection, query))
    if len(found) > 1:
        raise BadInput(
            f"{table.label}: its points are in several coordinate systems (EPSG {', '.join(map(str, found))}). "
            "Give them one, with ST_Transform in a view."
        )
    return replace(table, srid=found[0] if found else 0)


def read_rows(
    connection: psycopg.Connection,
    table: LinkedTable,
    mapping: Mapping,
    every: Collection[str],
    *,
    where: Composable | None = None,
    placed: bool = True,
) -> tuple[TextTable, NDArray[np.object_]]:
    """Read rows as text, in their order, and the name that stands for a file beside each row's number.

    Parameters
    ----------
    mapping
        Of the columns that are read.
    every
        All mapped columns: rows without a key are told apart and ordered by them.
    where
        Which rows; None for all.
    placed
        False: the points are left out.
    """
    from psycopg.sql import SQL, Identifier

    names = sorted(mapping.wanted)
    whole = table.whole(every)
    key = Identifier(table.key) if table.key else SQL("(hashtextextended({}, 0) & 9223372036854775807)").format(whole)
    order = Identifier(table.key) if table.key else SQL('{} COLLATE "C"').format(whole)
    axes = table.axes() if table.geometry and placed else []
    query = SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')").format(
        SQL(", ").join([key, *axes, *map(table.text, names)]), table.sql, where or SQL("true"), order
    )
    cells = _copied(
        connection, query, ["", *(f"axis {number}" for number, _ in enumerate(axes)), *(f"={name}" for name in names)]
    )
    keys = cells[""].cast(pa.int64()).to_numpy()
    if table.key and (keys < 0).any():
        raise StoreError(f"{table.label}: its key '{table.key}' is below 0 in some rows. Choose another column.")
    high = keys >> _ROW_BITS
    labels = np.where(high == 0, table.label, [f"{table.label}+{number}" for number in high]) if high.any() else table.label
    frame = pd.DataFrame({name: trimmed(cells[f"={name}"].to_pandas()) for name in names}, index=pd.RangeIndex(len(keys)))
    return (
        TextTable(
            frame,
            (keys & (2**_ROW_BITS - 1)).astype(np.int32),
            tuple(table.kinds),
            points=_points(table, cells) if axes else None,
        ),
        np.full(len(keys), labels, dtype=object) if isinstance(labels, str) else labels.astype(object),
    )


def _points(table: LinkedTable, cells: pa.Table) -> Points:
    written = (cells[f"axis {number}"].to_pylist() for number in (0, 1))
    east, north = (np.array([text or "nan" for text in axis], dtype=np.float64) for axis in written)
    return Points(east, north, f"EPSG:{table.srid}" if table.srid else "")


def _copied(connection: psycopg.Connection, query: Composable, names: list[str]) -> pa.Table:
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        sent = io.BytesIO(b"".join(copy))
    if not sent.getbuffer().nbytes:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    return pyarrow.csv.read_csv(
        sent,
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=1 << 24),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), quoted_strings_can_be_null=False
        ),
    )
