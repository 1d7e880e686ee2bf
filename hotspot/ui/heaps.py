"""The heaps of the C library, from which arrays, tables and shapes take their memory."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from functools import cache

EVERY = 10.0
"""Seconds from one giving back to the next: it takes some hundredths of a second, and nobody gets memory meanwhile."""
_M_ARENA_MAX, _ARENAS = -8, 2


def share() -> None:
    """Let all threads take memory from two heaps, Arrow's among it.

    Streamlit runs each change of a page in a new thread. With a heap for each, what a thread freed stays with the process:
    twice as much as the results that are kept.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    mallopt = _function("mallopt")
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_M_ARENA_MAX, _ARENAS)


class _Turn:
    """One caller's in so many seconds."""

    def __init__(self, every: float) -> None:
        self._every, self._next = every, 0.0
        self._lock = threading.Lock()

    def is_mine(self) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._next:
                return False
            self._next = now + self._every
        return True


_turn = _Turn(EVERY)


def give_back() -> None:
    """Give freed memory back to the machine: freed between two pieces in use, it stays with the process for ever otherwise.

    However often and by how many it is called, it is done once in ``EVERY`` seconds.
    """
    malloc_trim = _function("malloc_trim")
    if malloc_trim is not None and _turn.is_mine():
        malloc_trim(ctypes.c_size_t(0))


@cache
def _function(name: str) -> ctypes._CFuncPtr | None:
    """Find a function of glibc; other C libraries, as musl, look after their one heap themselves."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
