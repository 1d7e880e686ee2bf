"""The database of what people write: SQLite beside the store, or PostgreSQL by its URL; the same code for both."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError, OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.schema import CreateIndex, CreateTable

from hotspot import paths, secrecy
from hotspot.errors import BadInput, Conflict, StoreError

PATIENCE = 10
"""Seconds that a writer waits for another before it gives up."""
_STALE = (
    "Somebody else saved this while you were writing, so yours was not saved and nothing was lost. "
    "Open it again to see theirs, then make your change."
)


class Base(DeclarativeBase):
    """Base of all tables; a table whose ``version_id_col`` is set tells the second of two writers."""


class Database:
    """A place where records are kept; its tables are made when they are first needed."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._made: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The URL without its password."""
        return secrecy.hide(self.engine.url.render_as_string(hide_password=True))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session: all of it is kept at the end, nothing of it where an error ends it.

        Objects stay readable after the end.

        Raises
        ------
        StoreError
            If the database cannot be reached, read or written.
        Conflict
            If a row with a revision was saved by somebody else in between.
        """
        try:
            self._make_tables()
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        except StaleDataError:
            raise Conflict(_STALE) from None
        except DatabaseError as fault:
            if isinstance(fault, OperationalError) or type(fault) is DatabaseError:
                raise StoreError(self._sentence(fault)) from fault
            raise

    def _make_tables(self) -> None:
        """Make the tables that are known by now and were not seen yet."""
        with self._lock:
            if self._made == frozenset(Base.metadata.tables):
                return
            try:
                self._create()
            except (IntegrityError, ProgrammingError):
                self._create()  # PostgreSQL: two processes made the same table at once; it is there now
            self._made = frozenset(Base.metadata.tables)

    def _create(self) -> None:
        with self.engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def _sentence(self, fault: DatabaseError) -> str:
        why = str(fault.orig).strip().splitlines()[0] if str(fault.orig).strip() else type(fault.orig).__name__
        if "locked" in why:
            return f"The records in {self.name} are being written by somebody else for more than {PATIENCE} seconds. Try again."
        return f"The records in {self.name} cannot be used: {why}. Check HOTSPOT_RECORDS and the rights to that place."


def open_database(url: str | None = None) -> Database:
    """Open the database of a URL, the configured one where none is given; one per URL and process.

    Raises
    ------
    BadInput
        If the URL cannot be read, or names a database that is not supported here.
    """
    url = url or paths.records_url()
    if secrecy.torn(url):
        raise BadInput("The password in HOTSPOT_RECORDS has a character that ends it early. Write @ in it as %40.")
    return _opened(url)


@lru_cache(maxsize=8)
def _opened(url: str) -> Database:
    try:
        address = make_url(url)
        is_sqlite = address.get_backend_name() == "sqlite"
        engine = create_engine(address, connect_args={"timeout": PATIENCE} if is_sqlite else {}, pool_pre_ping=not is_sqlite)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise BadInput(
            "HOTSPOT_RECORDS is not the URL of a database. It looks like sqlite:////folder/file.sqlite "
            "or postgresql+psycopg://name@host/database."
        ) from None
    except ModuleNotFoundError as missing:
        raise BadInput(f"The records need the Python package {missing.name}, which is not installed: pip install it.") from None
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return Database(engine)


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # Python's own begin comes too late: two sessions that read and then write would both fail instead of waiting.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
