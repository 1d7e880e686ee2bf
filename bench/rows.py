"""What a bench measures: one row of the table, and how it is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

REPEATS = 5
EAST, NORTH = 45_000.0, 40_000.0
"""Metres: the extent of the invented points."""


@dataclass(frozen=True)
class Row:
    """One measurement, against its peer or by itself."""

    what: str
    ours: float
    """Seconds, median."""
    peer: str = ""
    theirs: float | None = None
    """Seconds, median, on the same data in the same run; else quoted."""
    error: str = ""
    """Ours / theirs, against an exact sum."""
    goal: str = ""
    quoted: bool = False
    """True where the peer cannot be installed and its figure is the reference's."""

    @property
    def ratio(self) -> str:
        if self.theirs is None:
            return ""
        ratio = self.theirs / self.ours
        return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2f} ×"


def timed(work: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """Give the median seconds of several runs, the first of which is not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def clustered(count: int, *, seed: int = 1, centres: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Invent clustered points over 45 × 40 km, in metres."""
    random = np.random.default_rng(seed)
    middles = random.uniform((0, 0), (EAST, NORTH), (centres, 2))
    points = (middles[random.integers(0, centres, count)] + random.normal(0, 900, (count, 2))) % np.array([EAST, NORTH])
    return points[:, 0], points[:, 1]


def table(rows: Sequence[Row]) -> str:
    """Write the rows as Markdown."""
    lines = [
        "| measurement | ours, s | peer | peer, s | ratio | error, ours / peer | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        theirs = "" if row.theirs is None else f"{row.theirs:,.3f}{' (quoted)' if row.quoted else ''}"
        lines.append(f"| {row.what} | {row.ours:,.4f} | {row.peer} | {theirs} | {row.ratio} | {row.error} | {row.goal} |")
    return "\n".join(lines)
