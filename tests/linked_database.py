"""Offences of the small store in a real PostgreSQL with PostGIS, and the same offences in files beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_store import HEADER, MAPPING, Row, force_file

from hotspot.offences.postgresql.opened import opened
from hotspot.offences.store import Store

MOMENTS, NUMBERS = ("From", "To", "Reported"), ("Easting", "Northing")


@dataclass(frozen=True)
class Database:
    """A database of this test's own."""

    url: str
    """Of its owner, as SQLAlchemy has it."""

    def run(self, *statements: str, rows: Sequence[Row] = ()) -> list[tuple]:
        """Run statements, the last with each row; give what the last one tells."""
        import psycopg

        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements[:-1] if rows else statements:
                cursor.execute(statement)
            if rows:
                cursor.executemany(statements[-1], [[*one.values()] for one in rows])
            return cursor.fetchall() if cursor.description else []

    def table(self, rows: Sequence[Row], *, name: str = "offences", typed: bool = True, more: str = "") -> None:
        """Make a table of rows: dates and numbers as such, or every column as text as a careless export leaves them."""
        kinds = {column: "timestamp" for column in MOMENTS} | dict.fromkeys(NUMBERS, "double precision")
        columns = ", ".join(f'"{column}" {kinds.get(column, "text") if typed else "text"}' for column in HEADER)
        given = [
            {"row": number} | {column: (one[column] or None if typed else one[column]) for column in HEADER}
            for number, one in enumerate(rows, start=1)
        ]
        places = ", ".join(["%s"] * (len(HEADER) + 1))
        names = ", ".join(f'"{column}"' for column in ("row", *HEADER))
        made = [f"DROP TABLE IF EXISTS crime.{name} CASCADE", f'CREATE TABLE crime.{name} ("row" integer, {columns})']
        insert = f"INSERT INTO crime.{name} ({names}) VALUES ({places})"
        if given:
            self.run(*made, insert, rows=given)
        else:
            self.run(*made)
        if more:
            self.run(more)

    def address(self, mapping: Path, *, user: str = "hotspot", password: str = "") -> str:
        """Give the address of the database with a mapping."""
        server = self.url.split("@")[1]
        return f"postgresql://{user}{':' + password if password else ''}@{server}?mapping={mapping}"


def with_postgis(url: str) -> Database:
    """Give a new database PostGIS; skip where the machine has none."""
    database = Database(url)
    if not database.run("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"):
        pytest.skip("PostGIS is not installed on this machine (apt install postgresql-15-postgis-3)")
    database.run("CREATE EXTENSION postgis", "CREATE SCHEMA crime")
    return database


def mapping_file(folder: Path, said: str = 'table = "crime.offences"\nkey = "row"', *, mapping: str = MAPPING, lpas=None) -> Path:
    """Write the mapping of the small store with where its table is."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "force.toml").exists():
        from small_store import LPAS

        force_file(folder, LPAS if lpas is None else lpas)
    path = folder / "offences.toml"
    path.write_text(f'{mapping}[postgresql]\nforce = "force.toml"\n{said}\n', encoding="utf-8")
    return path


def linked_store(server: Database, mapping: Path) -> Store:
    """Open the database as a store, as it is now."""
    return Store(opened(server.address(mapping)))
