"""How hotspots come and go: Gi* of each cell in one time slice after another, and Mann–Kendall on its Z.

Each slice is a map of its own: a cell is compared with the tested cells of the same slice, and its neighbours are those
of the same slice. A rise over the whole force so moves no cell, and a slice borrows nothing from the one before. The
tests of one slice are one family (Benjamini–Hochberg); so are the trends of the cells that the trend is asked of.

The slices before the last one are every slice but the last: a cell that is new was a hotspot in none of them.

The categories follow the idea of emerging hot spot analysis in commercial geographic software; the definitions here are
this product's own, exclude each other and are written in docs/methods.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot.errors import NotKnowable
from hotspot.methods.gi_star import HIGH, LOW, gi_star
from hotspot.methods.mann_kendall import mann_kendall
from hotspot.methods.rates import ALPHA, benjamini_hochberg
from hotspot.methods.units import Units
from hotspot.tasks import Run, here

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Verdicts = NDArray[np.int8]
NEW, CONSECUTIVE, INTENSIFYING, PERSISTENT = "new", "consecutive", "intensifying", "persistent"
DIMINISHING, SPORADIC, OSCILLATING, HISTORICAL, NONE = "diminishing", "sporadic", "oscillating", "historical", "none"
CATEGORIES = (NEW, CONSECUTIVE, INTENSIFYING, PERSISTENT, DIMINISHING, SPORADIC, OSCILLATING, HISTORICAL)
LEAST_SLICES = 10
MOSTLY = 0.9
"""Share of the slices from which a cell counts as a hotspot throughout."""


@dataclass(frozen=True, eq=False)
class Emerging:
    """What became of each cell through time."""

    units: Units
    tested: Flags
    """Shape ``(units,)``, the same in all slices."""
    counts: Floats
    """Offences, shape ``(units, slices)``."""
    z: Floats
    """Gi* of each cell in each slice, shape ``(units, slices)``; NaN where not tested."""
    verdict: Verdicts
    """``gi_star.HIGH``, ``CHANCE`` or ``LOW`` after correction over the slice's map, shape ``(units, slices)``."""
    category: NDArray[np.object_]
    """One of ``CATEGORIES`` or 'none' for each unit."""
    trend_z: Floats
    """Mann–Kendall Z of the cells that were hotspots throughout, NaN elsewhere."""
    trend_q: Floats
    """Corrected over those cells, NaN elsewhere."""

    @property
    def slices(self) -> int:
        return self.counts.shape[1]

    @property
    def formerly(self) -> int:
        """Cells that were a hotspot in some slices, not in most, and are none in the last: no category is theirs."""
        return int(((self.category == NONE) & (self.times_hot > 0)).sum())

    @property
    def times_hot(self) -> NDArray[np.int64]:
        """Slices in which each cell was a hotspot."""
        return (self.verdict == HIGH).sum(axis=1)


def emerging(
    units: Units,
    counts: Floats,
    *,
    distance: float | None = None,
    tested: Flags | None = None,
    permutations: int = 0,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
    run: Run = here,
) -> Emerging:
    """Classify cells by when they were hotspots.

    Parameters
    ----------
    counts
        Offences in each unit and slice, shape ``(units, slices)``, the earliest slice first.
    distance, tested, permutations
        As ``gi_star`` takes them.
    seed
        Of the first slice; each further one adds 1.
    progress
        Told the share of the slices that are done.
    run
        Has the slices done, here or on other machines: the result is the same.

    Raises
    ------
    NotKnowable
        If there are fewer than ``LEAST_SLICES`` slices.
    """
    slices = counts.shape[1]
    if slices < LEAST_SLICES:
        raise too_few_slices(slices)
    tested = np.ones(len(units), dtype=bool) if tested is None else np.asarray(tested, dtype=bool)
    tasks = [(counts[:, number], distance, tested, permutations, seed + number) for number in range(slices)]
    found = []
    for of_slice in run(_slice, tasks, shared=(units,)):
        found.append(of_slice)
        progress(len(found) / slices)
    z, verdict = (np.column_stack(one) for one in zip(*found, strict=True))
    trend_z, trend_q = _trends(z, verdict)
    category = classify(verdict, np.where(np.nan_to_num(trend_q, nan=1.0) < ALPHA, np.sign(np.nan_to_num(trend_z)), 0))
    return Emerging(units, tested, np.asarray(counts, dtype=np.float64), z, verdict, category, trend_z, trend_q)


def _slice(
    units: Units, count: Floats, distance: float | None, tested: Flags, permutations: int, seed: int
) -> tuple[Floats, Verdicts]:
    """Give Z and verdict of each unit in one slice."""
    found = gi_star(units, count, distance=distance, tested=tested, permutations=permutations, seed=seed)
    return found.z, found.verdict


def too_few_slices(slices: int) -> NotKnowable:
    """Say why hotspots cannot be followed through so few slices."""
    held = "one time slice" if slices == 1 else f"{slices} time slices" if slices else "no whole time slice"
    return NotKnowable(
        f"There {'are' if slices > 1 else 'is'} {held}, and a trend needs at least {LEAST_SLICES}: with fewer, no rise or fall "
        "could be told from chance. Where offences cluster over the whole period can be shown (Gi*).",
        headline="How hotspots came and went cannot be known from so few months",
    )


def classify(verdict: Verdicts, trend: NDArray[np.float64]) -> NDArray[np.object_]:
    """Put each cell in one category; the first that fits, in the order in which they are written here.

    Parameters
    ----------
    verdict
        Shape ``(cells, slices)``: ``HIGH``, ``CHANCE`` or ``LOW``.
    trend
        1, 0 or −1 for each cell: a trend of its Z that stands after correction.
    """
    hot = verdict == HIGH
    slices = hot.shape[1]
    times, last = hot.sum(axis=1), hot[:, -1]
    throughout = times >= MOSTLY * slices
    # Slices since the last one in which the cell was no hotspot: the length of its final run.
    run = np.where(hot.all(axis=1), slices, np.argmax(~hot[:, ::-1], axis=1))
    conditions = {
        HISTORICAL: ~last & throughout,
        NONE: ~last,
        INTENSIFYING: throughout & (trend > 0),
        DIMINISHING: throughout & (trend < 0),
        PERSISTENT: throughout,
        NEW: times == 1,
        CONSECUTIVE: times == run,
        OSCILLATING: (verdict == LOW).any(axis=1),
    }
    return np.select(list(conditions.values()), list(conditions), SPORADIC).astype(object)


def _trends(z: Floats, verdict: Verdicts) -> tuple[Floats, Floats]:
    """Test the cells whose category depends on a trend, as one family."""
    trend_z, trend_q = np.full(len(z), np.nan), np.full(len(z), np.nan)
    asked = (verdict[:, -1] == HIGH) & ((verdict == HIGH).sum(axis=1) >= MOSTLY * z.shape[1])
    if asked.any():
        found = mann_kendall(z[asked])
        trend_z[asked], trend_q[asked] = found.z, benjamini_hochberg(found.p_value)
    return trend_z, trend_q
