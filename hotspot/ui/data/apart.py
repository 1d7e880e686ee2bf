"""Uploaded files are read in a process of their own: one that hangs, crashes or fills the memory takes no page with it."""

from __future__ import annotations

import logging
import pickle
import subprocess
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from hotspot import worker
from hotspot.errors import BadInput
from hotspot.limits import SECONDS
from hotspot.offences.processes import call
from hotspot.worker import FAILED

P, R = ParamSpec("P"), TypeVar("R")
MOST_IDLE = 1
"""Processes kept for the next file: beginning one takes a second."""
_log = logging.getLogger("hotspot")
_idle: list[subprocess.Popen[bytes]] = []
_lock = threading.Lock()


def read(function: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
    """Call a function of a module, which reads an uploaded file, in another process: for no longer than ``limits.SECONDS``.

    Raises
    ------
    BadInput
        If it takes longer, or the process ends before it is done.
    HotspotError
        What the function raised.
    """
    return _answered((call, (partial(function, *arguments, **keywords), ()), {}), seconds=SECONDS.most)


def read_telling(
    function: Callable[..., R], *arguments: Any, told: Callable[[float, str], object], seconds: float, **keywords: Any
) -> R:
    """As ``read``, for a function that tells its ``progress``: ``told`` hears share and words.

    Parameters
    ----------
    seconds
        It may take; infinite for what is no upload.
    """
    return _answered((function, arguments, keywords), told, seconds=seconds)


def close() -> None:
    """End the processes that wait for a file; the next one begins with the environment as it is then."""
    with _lock:
        while _idle:
            _ended(_idle.pop())


def _answered(task: tuple[Any, ...], told: Callable[[float, str], object] = lambda share, words: None, *, seconds: float) -> Any:
    process = _taken()
    too_long = threading.Event()
    clock = threading.Timer(min(seconds, threading.TIMEOUT_MAX), lambda: (too_long.set(), process.kill()))
    clock.daemon = True
    clock.start()
    try:
        worker.send(process, task)
        outcome, answer = worker.answer_of(process, told)
    except (OSError, EOFError, ValueError, pickle.UnpicklingError) as fault:
        _ended(process)
        if too_long.is_set():
            raise BadInput(
                f"The file was given up: reading it takes longer than {seconds:,.0f} seconds. {SECONDS.cure} "
                f"The administrator can raise {SECONDS.variable}."
            ) from fault
        _log.error("a process that read an upload ended before it was done (%r)", fault)
        raise BadInput(
            "The process that read the file ended before it was done: the file is damaged in a way that no reader survives, "
            "or larger than this machine's memory. Split it, or export it again."
        ) from fault
    except BaseException:  # the page is drawn anew: nobody waits any more
        _ended(process)
        raise
    finally:
        clock.cancel()
    _given_back(process)
    if outcome == FAILED:
        raise answer
    return answer


def _taken() -> subprocess.Popen[bytes]:
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.poll() is None:
                return process
    return worker.begun()


def _given_back(process: subprocess.Popen[bytes]) -> None:
    with _lock:
        if len(_idle) < MOST_IDLE:
            _idle.append(process)
            return
    worker.dismiss(process)
    process.wait()


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    worker.dismiss(process)
