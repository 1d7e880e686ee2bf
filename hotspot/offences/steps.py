"""How far an import is, as a person is told: sentences with a share for a bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

_BETWEEN = 1.0
"""Seconds between two sentences on many files."""
_FEW = 12
"""Files up to which each is named."""


class Step(str):
    """A sentence on what is going on, with the share of the work done before it."""

    share: float

    def __new__(cls, sentence: str, share: float) -> Self:
        step = super().__new__(cls, sentence)
        step.share = share
        return step


class Told(NamedTuple):
    """What one file was."""

    rows: int
    size: int
    """Bytes."""


@dataclass
class Pace:
    """How fast files are read."""

    files: int
    found: int
    """Files read before an interruption."""
    noun: str
    bytes_left: int = 0
    rows: int = 0
    finished: int = 0
    _size: int = 0
    _began: float = 0.0
    _last: float = 0.0

    def begin(self, size: int, now: float) -> None:
        """Start the clock with so many bytes to read."""
        self.bytes_left, self._began, self._last = size, now, now

    def resumed(self) -> Step:
        """Say what is taken up from an interrupted import."""
        return Step(f"{self.found:,} of {self.files:,} {self.noun}s were read before the interruption", self._share)

    def done(self, label: str, told: Told, now: float) -> Step | None:
        """Note a file; gives a sentence where it is time for one."""
        self.finished += 1
        self.rows += told.rows
        self._size += told.size
        if self.files <= _FEW:
            return Step(f"Read {label}", self._share)
        if now - self._last < _BETWEEN:
            return None
        self._last = now
        seconds = max(now - self._began, 1e-3)
        left = seconds * max(self.bytes_left - self._size, 0) / max(self._size, 1)
        rate = f"{self.rows / seconds:,.0f} rows a second, about {duration(left)} left"
        return Step(f"{self.found + self.finished:,} of {self.files:,} {self.noun}s read, {rate}", self._share)

    @property
    def _share(self) -> float:
        return 0.8 * (self.found + self.finished) / max(self.files, 1)


def duration(seconds: float) -> str:
    """Write a time as people say it: '40 s', '12 min', '2 h 05 min'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
