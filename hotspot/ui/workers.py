"""Work that takes longer than a page may wait: other processes, progress, cancel, results kept and shared."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from hotspot import worker
from hotspot.errors import BadInput, NotKnowable, Unavailable, Unforeseen
from hotspot.system_faults import refused
from hotspot.worker import DONE

MOST_AT_ONCE = max(1, (os.cpu_count() or 2) - 1)
"""Processes that compute at the same time: one processor is left to the pages."""
MOST_KEPT = 48
"""Results kept; the one that was asked for longest ago goes first."""
_log = logging.getLogger("hotspot")


class Job:
    """One piece of work: waiting, running, or finished in one of three ways."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]):
        self.task = (function, arguments, keywords)
        self.share = 0.0
        self.words = "Waiting for a free processor"
        self.result: Any = None
        self.error: Exception | None = None
        self.cancelled = False
        self.askers: set[str] = set()
        """Sessions that wait for it."""
        self.finished = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_worth_another_try(self) -> bool:
        """True where it failed, and not for what the data or the question are."""
        return self.error is not None and not isinstance(self.error, BadInput | NotKnowable)

    def told(self, share: float, words: str) -> None:
        """Note how far it is."""
        self.share, self.words = share, words

    def cancel(self) -> None:
        """Stop the work; its process goes with it."""
        self.cancelled = True
        process = self.process
        if process is not None:
            process.kill()
        self.finished.set()


class Workers:
    """Processes that compute, and the jobs they were given."""

    def __init__(self, most: int = MOST_AT_ONCE):
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._turn = threading.Semaphore(most)
        self._lock = threading.Lock()

    def ask(
        self, key: Hashable, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any], *, asker: str
    ) -> Job:
        """Give the job of a key, and begin it where there is none or it came to nothing.

        Who waited for a job that failed is told why, once; whoever asks next has it tried anew, because the cause may be gone.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.cancelled or (job.is_worth_another_try and asker not in job.askers):
                job = self._jobs[key] = Job(function, arguments, keywords)
                threading.Thread(target=self._run, args=(job,), daemon=True).start()
            job.askers.add(asker)
            self._jobs.move_to_end(key)
            self._forget_oldest()
            return job

    def withdraw(self, key: Hashable, *, asker: str) -> None:
        """Note that a session no longer waits; a job for which nobody waits is stopped."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return
            job.askers.discard(asker)
            if not job.askers and not job.finished.is_set():
                del self._jobs[key]
                job.cancel()

    def _forget_oldest(self) -> None:
        finished = [key for key, job in self._jobs.items() if job.finished.is_set()]
        for key in finished[: max(0, len(finished) - MOST_KEPT)]:
            del self._jobs[key]

    def _run(self, job: Job) -> None:
        with self._turn:
            try:
                if not job.cancelled:
                    self._compute(job)
            except Exception as fault:  # no process could be begun: nobody must wait for ever
                job.error = refused(fault) or Unforeseen(repr(fault))
                _log.exception("a job could not be begun")
            finally:
                job.finished.set()

    def _compute(self, job: Job) -> None:
        process = job.process = self._take()
        job.words = "Beginning"
        try:
            if job.cancelled:
                return
            worker.send(process, job.task)
            answer = worker.answer_of(process, job.told)
        except Exception as fault:  # whatever a dying process leaves in the pipe
            process.kill()
            code = process.wait()
            if not job.cancelled:
                job.error = Unavailable(f"{worker.ended_words(code)} Nothing was changed. Open this page again to try anew.")
                _log.error("a job failed: %s (%r)", job.error, fault)
            return
        finally:
            job.process = None
            self._give_back(process)
        if answer[0] == DONE:
            job.result = answer[1]
        else:
            job.error = answer[1]
            if isinstance(job.error, Unforeseen):
                _log.error("a job failed:\n%s", job.error)

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.poll() is None:
                    return process
                _closed(process)
        return worker.begun()

    def _give_back(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._idle.append(process)

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            for job in self._jobs.values():
                if not job.finished.is_set():
                    job.cancel()
            while self._idle:
                _closed(self._idle.pop())


def _closed(process: subprocess.Popen[bytes]) -> None:
    worker.dismiss(process)
    process.wait(timeout=10)


WORKERS = Workers()
"""Those of this server."""
