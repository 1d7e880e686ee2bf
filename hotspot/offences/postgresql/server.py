"""A connection to the database: read-only, its failures as sentences, its password in none of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hotspot.database_address import Address, is_address, parse_address
from hotspot.errors import BadInput, StoreError
from hotspot.server_patience import NO_ANSWER, patient_connection

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

ANSWERS_IN = 10
"""Seconds within which the server must answer that it is there."""
ANSWERS_A_QUESTION_IN = 600
"""Seconds within which it must have answered a question: a table of many millions of rows takes minutes. What it allows itself
is a little shorter, so that a server that is only slow says so, and stops."""
SETTINGS = {"DateStyle": "ISO, YMD", "extra_float_digits": "1", "bytea_output": "hex", "IntervalStyle": "iso_8601"}
"""What decides how values are written as text: the same on every server."""


@contextmanager
def connected(address: Address, *, time_zone: str) -> Iterator[psycopg.Connection]:
    """Hold a connection for one look at the database: what it reads meanwhile is of one moment, and it can write nothing.

    Parameters
    ----------
    time_zone
        In which moments that carry an offset are told.

    Raises
    ------
    StoreError
        If the server cannot be reached, refuses the account, or cannot do what is asked.
    """
    driver = _driver()
    known = with_password(address)
    try:
        with patient_connection(ANSWERS_A_QUESTION_IN).connect(**_options(known)) as connection:
            connection.read_only = True
            connection.isolation_level = driver.IsolationLevel.REPEATABLE_READ
            for name, value in {**SETTINGS, "TimeZone": time_zone}.items():
                connection.execute("SELECT set_config(%s, %s, true)", (name, value))
            if connection.execute("SHOW statement_timeout").fetchone() == ("0",):
                connection.execute(
                    "SELECT set_config('statement_timeout', %s, true)", (f"{1_000 * (ANSWERS_A_QUESTION_IN - 1)}",)
                )
            yield connection
    except driver.Error as fault:
        # The cause is left out: a page or a log would show all that the driver knows.
        raise StoreError(_sentence(fault, known)) from None


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise BadInput(
            "Offences in PostgreSQL need the Python package psycopg, which is not installed here. "
            "Install it: pip install -c constraints.txt -r requirements-postgresql.txt"
        ) from None
    return psycopg


def with_password(address: Address) -> Address:
    """Give an address the password that ``HOTSPOT_STORE`` has for it; libpq looks for another in PGPASSWORD and ~/.pgpass."""
    given = os.environ.get("HOTSPOT_STORE", "")
    if address.password is not None or not is_address(given):
        return address
    own = parse_address(given)
    return replace(address, password=own.password) if own == address else address


def _options(address: Address) -> dict[str, Any]:
    named = {"host": address.host, "port": address.port, "user": address.user, "password": address.password}
    return {
        "connect_timeout": ANSWERS_IN,
        "application_name": "hotspot",
        **dict(address.parameters),
        **{name: value for name, value in named.items() if value},
        "dbname": address.database,
        "client_encoding": "utf8",
        "prepare_threshold": None,
    }


def _sentence(fault: psycopg.Error, address: Address) -> str:
    from psycopg import errors

    where = f"The database {address.database} on {address.host or 'this machine'}"
    said = (str(fault).strip().splitlines() or [type(fault).__name__])[0]
    if address.password:
        said = said.replace(address.password, "…")
    if isinstance(fault, errors.InsufficientPrivilege):
        return f"{where} does not let this account read the table ({said}). Ask its administrator for SELECT on it."
    if isinstance(fault, (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.UndefinedObject)):
        return f"{where} is no longer as the mapping says ({said}). Check the [postgresql] and [columns] of the mapping."
    if isinstance(fault, errors.QueryCanceled):
        return f"{where} took longer than it allows ({said}). Ask for less, or its administrator for a longer statement_timeout."
    if NO_ANSWER in said:
        return f"{where} has stopped in its work ({said}). It is read again when it goes on."
    if fault.sqlstate is None or isinstance(fault, errors.OperationalError):
        return f"{where} does not answer or refuses the account ({said}). Check the address, the network and the password."
    return f"{where} cannot be read ({said})."


def rows(connection: psycopg.Connection, query: Composed | str, *values: object) -> list[tuple[Any, ...]]:
    """Give all rows of a query."""
    return connection.execute(query, values or None).fetchall()
