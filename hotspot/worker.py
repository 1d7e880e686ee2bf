"""A process that computes for the pages: ``python -m hotspot.worker`` takes tasks on stdin and answers on stdout.

A task is a pickled tuple of a module-level function, its arguments and its keywords. Answers are pickled tuples: any number of
``("progress", share, words)``, then ``("done", result)`` or ``("failed", error)``. The process ends with its input.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from hotspot import paths, secrecy
from hotspot.errors import HotspotError, Unforeseen
from hotspot.system_faults import refused

PROGRESS, DONE, FAILED = "progress", "done", "failed"
GIVES_WAY = 10
"""Steps of niceness: the pages of everybody come before the long analysis of one."""


def begun() -> subprocess.Popen[bytes]:
    """Start a process that serves tasks."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(paths.ROOT), os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(
        [sys.executable, "-m", "hotspot.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


def send(process: subprocess.Popen[bytes], task: tuple[Any, ...]) -> None:
    """Give a process its next task."""
    assert process.stdin is not None
    pickle.dump(task, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
    process.stdin.flush()


def ended_words(code: int | None) -> str:
    """Say that a process ended before it had answered, by its exit code."""
    if code == -signal.SIGKILL:
        return "The process that worked on this was ended from outside; most often the machine had no memory left."
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    return f"The process that worked on this ended before it was done ({how})."


def answer_of(
    process: subprocess.Popen[bytes], told: Callable[[float, str], object] = lambda share, words: None
) -> tuple[str, Any]:
    """Wait for the answer of a process, ``DONE`` or ``FAILED`` and what came of it; ``told`` hears how far it is.

    Raises
    ------
    EOFError, OSError, ValueError, pickle.UnpicklingError
        If the process ended before it was done.
    """
    assert process.stdout is not None
    while (answer := pickle.load(process.stdout))[0] == PROGRESS:
        told(answer[1], answer[2])
    return answer[0], answer[1]


def dismiss(process: subprocess.Popen[bytes]) -> None:
    """Let a process end: it does with its input."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:
                continue  # it ended before it read all


def serve(tasks: BinaryIO, answers: BinaryIO) -> None:
    """Compute tasks one after another until the input ends."""
    while True:
        try:
            function, arguments, keywords = pickle.load(tasks)
        except EOFError:
            return
        answer = _answered(function, arguments, keywords, answers)
        try:
            _say(answers, answer)
        except BrokenPipeError:
            return


def _answered(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], answers: BinaryIO) -> tuple[str, Any]:
    def progress(share: float, words: str) -> None:
        _say(answers, (PROGRESS, float(share), words))

    try:
        return DONE, function(*arguments, **keywords, progress=progress)
    except HotspotError as fault:
        return FAILED, fault
    except BrokenPipeError:
        sys.exit(0)  # nobody waits for the answer any more
    except Exception as fault:
        return FAILED, refused(fault) or Unforeseen(traceback.format_exc())


def _say(answers: BinaryIO, answer: tuple[Any, ...]) -> None:
    pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _goes_first() -> None:
    """Let the system end this process, not the server, where memory runs out."""
    with suppress(OSError):  # another system than Linux, or a container that forbids it: the order is then the system's own
        Path("/proc/self/oom_score_adj").write_text("1000")


def main() -> None:
    """Serve on the process's own streams; whatever a library prints goes to the log instead."""
    os.nice(GIVES_WAY)
    _goes_first()
    secrecy.guard()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
