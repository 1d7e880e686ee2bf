"""The heaps of the C library, from which arrays, tables and shapes take their memory."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from functools import cache, lru_cache

EVERY = 10.0
"""Seconds in which memory is given back once: it takes some hundredths of a second, and nobody gets memory meanwhile."""
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


def give_back() -> None:
    """Give freed memory back to the machine: freed between two pieces in use, it stays with the process for ever otherwise.

    However often it is called, it is done once in ``EVERY`` seconds.
    """
    _give_back_in(int(time.monotonic() // EVERY))


@lru_cache(maxsize=1)
def _give_back_in(turn: int) -> None:
    malloc_trim = _function("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(ctypes.c_size_t(0))


@cache
def _function(name: str) -> ctypes._CFuncPtr | None:
    """Find a function of glibc; other C libraries, as musl, look after their one heap themselves."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
