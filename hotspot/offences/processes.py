"""Work on many files shared among processes: fresh interpreters, which know nothing of a page's threads."""

from __future__ import annotations

import logging
import pickle
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Queue
from typing import Any

from hotspot import worker
from hotspot.errors import HotspotError, Unavailable
from hotspot.worker import FAILED

_AGAIN = "Nothing was imported; the same import goes on where it was when you begin it again."
_log = logging.getLogger("hotspot")


def computed(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], *, processes: int
) -> Iterator[tuple[int, Any | HotspotError]]:
    """Give the place and the result of each task as it is done; a HotspotError that it raised is its result.

    Parameters
    ----------
    function
        Of a module; it, its arguments and its result are pickled.
    processes
        Below 2 everything is done in this one, in order.

    Raises
    ------
    Unavailable
        If a process ended before its task was done, or the machine refused it memory, disk or handles.
    """
    if processes < 2 or len(tasks) < 2:
        for place, arguments in enumerate(tasks):
            yield place, _result(function, arguments)
        return
    waiting, done = iter(enumerate(tasks)), Queue[tuple[int, Any]]()
    lock = threading.Lock()
    servants: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(min(processes, len(tasks))):
            servants.append(worker.begun())
            threading.Thread(target=_serve, args=(servants[-1], function, waiting, lock, done), daemon=True).start()
        for _ in tasks:
            place, result = done.get()
            if isinstance(result, Unavailable):
                raise result
            yield place, result
    finally:
        for servant in servants:
            servant.kill()
            servant.wait()


def call(function: Callable[..., Any], arguments: tuple[Any, ...], *, progress: object) -> Any:
    """Compute one task in a process of its own, which offers a way to tell progress that files do not need."""
    return function(*arguments)


def _result(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any | HotspotError:
    try:
        return function(*arguments)
    except HotspotError as fault:
        return fault


def _serve(
    servant: subprocess.Popen[bytes],
    function: Callable[..., Any],
    waiting: Iterator[tuple[int, tuple[Any, ...]]],
    lock: threading.Lock,
    done: Queue[tuple[int, Any]],
) -> None:
    while True:
        with lock:
            place, arguments = next(waiting, (-1, ()))
        if place < 0:
            break
        answer = _asked(servant, (call, (function, arguments), {}))
        done.put((place, answer))
        if isinstance(answer, Unavailable):
            break
    worker.dismiss(servant)


def _asked(servant: subprocess.Popen[bytes], task: tuple[Any, ...]) -> Any:
    try:
        worker.send(servant, task)
        outcome, result = worker.answer_of(servant)
    except (OSError, EOFError, ValueError, pickle.UnpicklingError):
        servant.kill()
        return Unavailable(f"{worker.ended_words(servant.wait())} {_AGAIN}")
    if outcome == FAILED and not isinstance(result, HotspotError):
        _log.error("a file could not be read:\n%s", result)
        return Unavailable(f"A file could not be read, for a reason that stands in the log. {_AGAIN}")
    return result
