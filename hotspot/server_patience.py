"""A connection to PostgreSQL that gives up on a server which keeps it open and no longer answers.

A stopped process or a frozen machine still confirms each packet, so no limit of the network ends the wait, and none of the
server's own can.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

NO_ANSWER = "no answer for"
"""Begins what such a connection says."""


@cache
def patient_connection(seconds: float) -> type[psycopg.Connection]:
    """Give the kind of connection that waits so long for the whole of an answer, then closes itself.

    It then raises psycopg's ``OperationalError``. A server that works for longer is taken for one that is frozen: let its own
    ``statement_timeout`` be shorter, so that it says so and stops working.

    Parameters
    ----------
    seconds
        From a question to the last row of its answer.
    """
    import psycopg

    class Patient(psycopg.Connection):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            begun = time.monotonic()
            try:
                return super().wait(gen, interval, seconds if timeout is None else timeout)
            except psycopg.OperationalError:
                if timeout is not None or time.monotonic() - begun < seconds:
                    raise
                self.close()  # what it is asked next, a rollback first of all, would wait as long again
                raise psycopg.OperationalError(f"{NO_ANSWER} {seconds:g} seconds") from None

    return Patient
