"""A curve of cost against size: its points, the exponent, and how it is told."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FITTED = 3
"""Sizes, the largest, that an exponent is fitted to: at the smallest what is done once weighs most."""


@dataclass(frozen=True)
class Point:
    """One measurement of a curve."""

    curve: str
    size: int
    """Offences."""
    seconds: float
    processor: float
    """Seconds of all processors together; NaN where they are not measured."""
    megabytes: float
    """NaN where it is not measured."""
    note: str = ""
    day: str = ""
    load: float = math.nan
    """Average of the machine's last minute when it began."""


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Fit seconds = c·size^k by least squares on the logarithms of the largest sizes; NaN with fewer than two."""
    kept = sorted(zip(sizes, seconds, strict=True))[-FITTED:]
    if len(kept) < 2:
        return math.nan
    return float(np.polyfit(*np.log(np.array(kept)).T, 1)[0])


def tabled(points: Sequence[Point], titles: Mapping[str, str], *, memory: str) -> str:
    """Write the curves as Markdown, with the exponent of each.

    Parameters
    ----------
    titles
        Curve → what it measures.
    memory
        What the column of megabytes holds.
    """
    lines = [f"| curve | offences | seconds | processor seconds | {memory} | load | |", "|---|---|---|---|---|---|---|"]
    for curve in dict.fromkeys(one.curve for one in points):
        own = sorted((one for one in points if one.curve == curve), key=lambda one: one.size)
        known = [one for one in own if not math.isnan(one.seconds)]
        lines += [_line(one, titles.get(curve, curve)) for one in own]
        largest = known[-FITTED:]
        timed = [one for one in largest if not math.isnan(one.processor)]
        # Seconds of one kind alone make a curve: the processors', which other programs disturb less, where all have them.
        seconds = [one.processor if len(timed) == len(largest) else one.seconds for one in largest]
        fitted = exponent([one.size for one in largest], seconds)
        if not math.isnan(fitted):
            lines.append(f"| | **exponent {fitted:.2f}** | over {largest[0].size:,} to {largest[-1].size:,} | | | | |")
    return "\n".join(lines)


def _line(one: Point, title: str) -> str:
    figures = [(one.seconds, 3), (one.processor, 3), (one.megabytes, 0), (one.load, 1)]
    cells = " | ".join("–" if math.isnan(value) else f"{value:,.{digits}f}" for value, digits in figures)
    return f"| {title} | {one.size:,} | {cells} | {one.note} |"


def kept(file: Path) -> list[Point]:
    """Read the points that ``keep`` wrote; none where there is no file."""
    return [Point(**values) for values in json.loads(file.read_text("utf-8"))] if file.exists() else []


def keep(file: Path, points: Sequence[Point]) -> list[Point]:
    """Write points over those of the same curve and size, and give all of them."""
    together = {(one.curve, one.size): one for one in (*kept(file), *points)}
    file.write_text(json.dumps([vars(one) for one in together.values()], indent=1) + "\n", "utf-8")
    return list(together.values())
