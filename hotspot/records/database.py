"""The database of what people write: SQLite beside the store, or PostgreSQL by its URL; the same code for both."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from hotspot import paths, secrecy
from hotspot.errors import BadInput, Conflict, StoreError
from hotspot.server_patience import NO_ANSWER, patient_connection

PATIENCE = 10
"""Seconds that a writer waits for another before it gives up."""
_STALE = (
    "Somebody else saved this while you were writing, so yours was not saved and nothing was lost. "
    "Open it again to see theirs, then make your change."
)


_CHECK = "Check HOTSPOT_RECORDS and the rights to that place."
_ADVICE = {
    "is full": "Free some space on that disk, then try again.",
    "and is gone": "Put it back, or restore it from a back-up; then it works again by itself.",
    "unable to open": "Its folder must be there, be mounted for writing, and belong to the account that runs this.",
    "readonly": "Let its disk be mounted for writing and its account have the right to write there, then try again.",
    "malformed": "Restore them from a back-up.",
    "not a database": "Restore them from a back-up.",
    "disk I/O": "The disk may be full or failing: have it looked at, then try again.",
    "no such table": "Another file stands in their place. Open the page again.",
    "server closed": "Wait a minute, then try again.",
    "terminating": "Wait a minute, then try again.",
    "refused": "The database server is not there: it works again by itself when the server is back.",
    NO_ANSWER: "The database server has stopped in its work: it works again by itself when the server goes on.",
    "timeout expired": "Look whether the database server runs and its address is right; then it works again by itself.",
    "statement timeout": "The database server is too busy. Wait a minute, then try again.",
}
"""Words of the database → what to do."""
_NOT_SAVED = "Nothing was saved, nothing was lost."
_MAYBE_SAVED = "It is not known whether what you pressed was saved: look before you press again."


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
        is_committing = False
        try:
            self._make_tables()
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
                session.flush()
                is_committing = True
        except StaleDataError:
            raise Conflict(_STALE) from None
        except (DBAPIError, PoolTimeout) as fault:
            if _is_out_of_reach(fault):
                # A server that is lost once it has been told to keep it may have kept it.
                is_lost = is_committing and isinstance(fault, DBAPIError) and fault.connection_invalidated
                raise StoreError(self._sentence(fault, _MAYBE_SAVED if is_lost else _NOT_SAVED)) from fault
            raise

    @property
    def is_unwritten(self) -> bool:
        """True where it is a file that nobody has written yet, as far as this process knows."""
        address = self.engine.url
        is_file = address.get_backend_name() == "sqlite" and bool(address.database)
        return is_file and not self._made and not Path(address.database or "").exists()

    def forget_tables(self) -> None:
        """Look for the tables again: another database stands in the place of the one that was here."""
        self._made = frozenset()

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

    def _sentence(self, fault: DBAPIError | PoolTimeout, saved: str) -> str:
        why = next(iter(str(getattr(fault, "orig", fault)).strip().splitlines()), "") or type(fault).__name__
        if any(word in why for word in ("locked", "lock timeout", "QueuePool")):
            return f"The records in {self.name} are being written by somebody else for more than {PATIENCE} seconds. Try again."
        advice = next((said for word, said in _ADVICE.items() if word in why), _CHECK)
        return f"The records in {self.name} cannot be used: {why}. {saved} {advice}"


def _is_out_of_reach(fault: DBAPIError | PoolTimeout) -> bool:
    """Say whether the place is at fault, and not what was written there."""
    if not isinstance(fault, DBAPIError):
        return True
    return fault.connection_invalidated or isinstance(fault, OperationalError | InterfaceError) or type(fault) is DatabaseError


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
        patience = {"timeout": PATIENCE} if is_sqlite else _server_patience(address)
        engine = create_engine(address, connect_args=patience, pool_pre_ping=not is_sqlite, pool_timeout=PATIENCE)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise BadInput(
            "HOTSPOT_RECORDS is not the URL of a database. It looks like sqlite:////folder/file.sqlite "
            "or postgresql+psycopg://name@host/database."
        ) from None
    except ModuleNotFoundError as missing:
        raise BadInput(f"The records need the Python package {missing.name}, which is not installed: pip install it.") from None
    database = Database(engine)
    if engine.dialect.driver == "psycopg":
        patient = patient_connection(2.0 * PATIENCE)  # longer than the server's own limits, which tell what it waits for
        event.listen(engine, "do_connect", lambda _, __, words, named: patient.connect(*words, **named))
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        if address.database:
            watch = _SameFile(Path(address.database), database.forget_tables)
            event.listen(engine, "connect", watch.connected)
            event.listen(engine, "checkout", watch.checked_out)
            event.listen(engine, "do_connect", watch.connecting)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return database


def _server_patience(address: URL) -> dict[str, Any]:
    """Give up on a server that does not answer, and on a row that somebody holds; what the URL says itself stands."""
    if address.get_backend_name() != "postgresql":
        return {}
    limits = {
        "connect_timeout": PATIENCE,
        "tcp_user_timeout": 1_000 * PATIENCE,
        "options": " ".join(
            f"-c {name}={limit}ms"
            for name, limit in (
                ("lock_timeout", 1_000 * PATIENCE),
                ("statement_timeout", 1_500 * PATIENCE),
                ("idle_in_transaction_session_timeout", 60_000),
            )
        ),
    }
    return {name: value for name, value in limits.items() if name not in address.query}


class _SameFile:
    """Sees that connections are to the file that stands at the path, not to one that was moved away or replaced."""

    def __init__(self, file: Path, replaced: Callable[[], None]):
        self._file = file
        self._replaced = replaced
        self._last: tuple[int, int] | None = None

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def connecting(self, *_: Any) -> None:
        """Refuse to make a new, empty file where there was one with records."""
        if self._last is not None and self._identity() is None:
            raise sqlite3.OperationalError(f"the file {self._file} was here and is gone")

    def connected(self, _: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        found = record.info["file"] = self._identity()
        if self._last not in (None, found):
            self._replaced()
        self._last = found

    def checked_out(self, _: sqlite3.Connection, record: ConnectionPoolEntry, *__: Any) -> None:
        """Let the pool open the file anew where it is another one: what is written to a file that is gone is lost."""
        if record.info.get("file") != self._identity():
            raise DisconnectionError


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # Python's own begin comes too late: two sessions that read and then write would both fail instead of waiting.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
