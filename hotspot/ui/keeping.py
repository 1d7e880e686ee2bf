"""Results kept for every session: computed once however many ask at the same time, the least recently used forgotten first.

``functools.lru_cache`` counts entries and lets forty people who open one view compute it forty times. Here all kept results
share one limit in bytes, and who asks for what is being computed waits for it.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import shapely

P, R = ParamSpec("P"), TypeVar("R")
LIMIT_MB = 1024
"""Megabytes of results that one process keeps; ``HOTSPOT_CACHE_MB`` says otherwise."""
SHAPE_BYTES, CORNER_BYTES = 400, 24
"""Of a geometry of GEOS, about."""


@dataclasses.dataclass(frozen=True)
class Kept:
    """What a keeper holds at a moment."""

    results: int
    megabytes: float
    asked: int
    """Since the start; the computed ones are those that no one had asked for before, or that were forgotten since."""
    computed: int


class _Flight:
    """One computation that is under way."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None


class Keeper:
    """Results by key, within a limit; safe to ask from many threads.

    Parameters
    ----------
    limit
        Bytes of all kept results together. An array or a frame that several results hold is counted once; what a result
        computes and keeps itself after it was made is not counted.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, tuple[Any, dict[int, int]]] = OrderedDict()
        self._flights: dict[Hashable, _Flight] = {}
        self._holders: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._bytes = self._asked = self._computed = 0

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """Give the kept result, wait for the one being computed, or compute it; what is raised is not kept."""
        with self._lock:
            self._asked += 1
        while True:
            with self._lock:
                if key in self._results:
                    self._results.move_to_end(key)
                    return self._results[key][0]
                flight = self._flights.get(key)
                own = flight is None
                if flight is None:
                    flight = self._flights[key] = _Flight()
                    self._computed += 1
            if own:
                return self._fly(key, flight, compute)
            flight.landed.wait()
            if flight.error is None:
                return flight.result
            if isinstance(flight.error, Exception):
                raise flight.error

    def _fly(self, key: Hashable, flight: _Flight, compute: Callable[[], Any]) -> Any:
        try:
            flight.result = compute()
            pieces = dict(pieces_of(flight.result, self._sizes))
            with self._lock:
                self._keep(key, flight.result, pieces)
            return flight.result
        except BaseException as error:
            # A session that is stopped takes its own computation with it; who waits then computes it himself.
            flight.error = error
            raise
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()

    def _keep(self, key: Hashable, result: Any, pieces: dict[int, int]) -> None:
        for piece, size in pieces.items():
            self._holders[piece] = self._holders.get(piece, 0) + 1
            self._bytes += size if self._holders[piece] == 1 else 0
            self._sizes[piece] = size
        self._results[key] = (result, pieces)
        while self._bytes > self.limit and len(self._results) > 1:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, (_, pieces) = self._results.popitem(last=False)
        for piece, size in pieces.items():
            self._holders[piece] -= 1
            if not self._holders[piece]:
                del self._holders[piece], self._sizes[piece]
                self._bytes -= size

    def kept(self) -> Kept:
        """Say what is held now."""
        with self._lock:
            return Kept(len(self._results), self._bytes / 1e6, self._asked, self._computed)


def pieces_of(result: Any, known: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Give identity and bytes of each array, frame, text and picture that a result holds, each once; known frames stay so."""
    seen: set[int] = set()
    rest = [result]
    while rest:
        one = rest.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray) and isinstance(one.base, np.ndarray):
            rest.append(one.base)
        elif isinstance(one, np.ndarray):
            yield id(one), one.nbytes + (_bytes_of_shapes(one) if one.dtype == object else 0)
        elif isinstance(one, shapely.Geometry):
            yield id(one), _bytes_of_shapes(one)
        elif isinstance(one, pd.DataFrame | pd.Series):
            size = known.get(id(one))
            yield id(one), int(np.sum(one.memory_usage())) if size is None else size
        elif isinstance(one, dict):
            rest += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            rest += one
        elif dataclasses.is_dataclass(one) and hasattr(one, "__dict__"):
            rest += vars(one).values()
        else:
            yield id(one), sys.getsizeof(one)


def _bytes_of_shapes(shapes: Any) -> int:
    found = np.atleast_1d(np.asarray(shapes, dtype=object))
    found = found[shapely.is_geometry(found)]
    return SHAPE_BYTES * len(found) + CORNER_BYTES * int(np.sum(shapely.get_num_coordinates(found)))


KEEPER = Keeper(int(float(os.environ.get("HOTSPOT_CACHE_MB", LIMIT_MB)) * 1e6))
"""Of this process: one limit for the results of all pages."""


def kept(function: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function gives, for every session; its arguments are hashable, and the first names the data."""
    name = f"{function.__module__}.{function.__qualname__}"
    signature = inspect.signature(function)

    @functools.wraps(function)
    def ask(*arguments: P.args, **named: P.kwargs) -> R:
        # What is left out and what is written as its default is one question.
        asked = signature.bind(*arguments, **named)
        asked.apply_defaults()
        key = (name, *asked.arguments.items())
        return KEEPER.get(key, lambda: function(*arguments, **named))

    return ask
