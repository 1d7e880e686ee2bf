"""Curves of cost against size: `make bench-scale`, or `python -m bench.scale [--sizes 10000,100000] [CURVE...]`.

Each measurement runs in a process of its own, so that its peak of memory is its own. A fitted exponent of 1 says that ten times
as many offences take ten times as long.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from bench import scale_import
from bench.driver import ROOT
from bench.method_rows import CENTRES, DISTANCES, TIMES
from bench.rows import EAST, NORTH, clustered, table
from hotspot.methods import compiled

SECTION = "## Curves"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
FITTED = 3
"""Sizes, the largest, that an exponent is fitted to: at the smallest what is done once weighs most."""
LONGEST = 600
"""Seconds after which a measurement is given up and said to be missing."""


@dataclass(frozen=True)
class Point:
    """One measurement of a curve."""

    curve: str
    size: int
    seconds: float
    processor: float
    """Seconds of all processors together."""
    megabytes: float
    """Most memory above what the process began with; NaN where it is not measured."""
    note: str = ""


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Fit seconds = c·size^k by least squares on the logarithms of the largest sizes; NaN with fewer than two."""
    kept = sorted(zip(sizes, seconds, strict=True))[-FITTED:]
    if len(kept) < 2:
        return math.nan
    return float(np.polyfit(*np.log(np.array(kept)).T, 1)[0])


def _density(count: int) -> Callable[[], object]:
    from hotspot.grid import Grid
    from hotspot.methods.density import QUARTIC, density

    x, y = clustered(count)
    grid = Grid(0.0, NORTH, 100.0, int(NORTH / 100), int(EAST / 100))
    return partial(density, x, y, grid=grid, bandwidth=300.0, kernel=QUARTIC)


def _change_map(count: int) -> Callable[[], object]:
    from hotspot.grid import Grid
    from hotspot.methods.change_map import change_map

    x, y = clustered(count)
    grid = Grid(0.0, NORTH, 500.0, int(NORTH / 500), int(EAST / 500))
    half = count // 2
    return partial(change_map, x[:half], y[:half], x[half:], y[half:], grid=grid, days=365.0, baseline_days=365.0, region=None)


def _knox(count: int, *, permutations: int, crowding: bool) -> Callable[[], object]:
    """Crowding: more offences in the same 45 × 40 km; else a force as much larger, each offence with as many near pairs."""
    from hotspot.methods.knox import knox

    centres = CENTRES if crowding else max(1, CENTRES * count // 100_000)
    x, y = clustered(count, centres=centres)
    if not crowding:
        side = math.sqrt(count / 100_000)
        # The clusters keep their width while the middles move apart.
        random = np.random.default_rng(1)
        middle = random.uniform((0, 0), (EAST * side, NORTH * side), (centres, 2))[random.integers(0, centres, count)]
        x, y = (middle + random.normal(0, 900, (count, 2))).T
    day = np.random.default_rng(3).integers(0, 365, count)
    return partial(knox, x, y, day, distance_edges=DISTANCES, time_edges=TIMES, permutations=permutations, seed=1)


def _selection(count: int) -> Callable[[], object]:
    """Narrow offences in memory to one type, area and year, as the pages' frames are narrowed."""
    import pandas as pd

    random = np.random.default_rng(5)
    days = pd.Timestamp("2016-01-01") + pd.to_timedelta(random.integers(0, 3_650, count), unit="D")
    offences = pd.DataFrame({"day": days, "kind": random.integers(0, 14, count), "lpa": random.integers(0, 8, count)})
    first, end = pd.Timestamp("2024-01-01"), pd.Timestamp("2025-01-01")
    return lambda: offences[
        (offences["kind"] == 3) & (offences["lpa"] == 2) & (offences["day"] >= first) & (offences["day"] < end)
    ]


CURVES: dict[str, tuple[str, Callable[[int], Callable[[], object]], int]] = {
    "density": ("density, quartic, 300 m / 100 m, 45 × 40 km", _density, 10_000_000),
    "change-map": ("change map, discs of 1.5 km every 500 m, 45 × 40 km", _change_map, 1_000_000),
    "selection": ("narrowing a frame in memory to one type, LPA and year", _selection, 10_000_000),
    "knox-999": ("Knox, 999 permutations, same 45 × 40 km", partial(_knox, permutations=999, crowding=True), 100_000),
    "knox-pass": ("Knox, pairs and one shuffle, same 45 × 40 km", partial(_knox, permutations=1, crowding=True), 1_000_000),
    "knox-area": ("Knox, pairs and one shuffle, area as the offences", partial(_knox, permutations=1, crowding=False), 1_000_000),
}
"""Name → what it measures, what makes the work of a size, and the largest size that is bearable."""


def measured(curve: str, size: int) -> Point:
    """Measure one size in a process of its own."""
    command = [sys.executable, "-m", "bench.scale", "--one", curve, str(size)]
    try:
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return Point(curve, size, math.nan, math.nan, math.nan, f"given up after {LONGEST} s")
    if made.returncode:
        return Point(curve, size, math.nan, math.nan, math.nan, made.stderr.strip().splitlines()[-1][:120])
    said = json.loads(made.stdout)
    return Point(curve, size, said["seconds"], said["processor"], said["megabytes"], said["note"])


def _one(curve: str, size: int) -> None:
    for name in ("knox", "scatter"):
        compiled.loaded(name)
    work = CURVES[curve][1](size)
    # What is loaded and compiled once is no part of a curve.
    CURVES[curve][1](2_000)()
    before, times, processor, result = _peak(), [], [], None
    while len(times) < 5 and sum(times) < 5:
        begun, used = time.perf_counter(), time.process_time()
        result = work()
        times.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
    pairs = getattr(result, "n_s", None)
    note = f"{int(pairs[:-1].sum()):,} pairs within 400 m" if pairs is not None else ""
    medians = {"seconds": float(np.median(times)), "processor": float(np.median(processor))}
    print(json.dumps(medians | {"megabytes": _peak() - before, "note": note}))


def _peak() -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()) if sys.platform == "linux" else None
    return int(found[1]) / 1000 if found else math.nan


def tabled(points: Sequence[Point]) -> str:
    """Write the curves as Markdown, with the exponent of each."""
    lines = ["| curve | offences | seconds | processor seconds | memory beyond the start, MB | |", "|---|---|---|---|---|---|"]
    for curve in dict.fromkeys(one.curve for one in points):
        own = [one for one in points if one.curve == curve]
        known = [one for one in own if not math.isnan(one.seconds)]
        lines += [_line(one) for one in own]
        largest = sorted(one.size for one in known)[-FITTED:]
        fitted = exponent([one.size for one in known], [one.processor for one in known])
        if not math.isnan(fitted):
            lines.append(f"| | **exponent {fitted:.2f}** | over {largest[0]:,} to {largest[-1]:,} | | | |")
    return "\n".join(lines)


def _line(one: Point) -> str:
    name = CURVES[one.curve][0] if one.curve in CURVES else one.curve
    seconds, processor = ("–" if math.isnan(value) else f"{value:,.3f}" for value in (one.seconds, one.processor))
    memory = "" if math.isnan(one.megabytes) else f"{one.megabytes:,.0f}"
    return f"| {name} | {one.size:,} | {seconds} | {processor} | {memory} | {one.note} |"


def written(document: str, section: str) -> str:
    """Put the section at the end of the document, in place of the one that stands there."""
    return document.split(f"\n{SECTION}\n")[0].rstrip() + f"\n\n{section}"


def main() -> None:
    """Measure the curves that are asked for, print them, and write them into docs/benchmarks.md where all were."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("curves", nargs="*", metavar="CURVE", help=f"of {', '.join(CURVES)}, import; all where left out")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="offences, with commas between")
    parser.add_argument("--one", nargs=2, metavar=("CURVE", "SIZE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        _one(asked.one[0], int(asked.one[1]))
        return
    sizes = [int(size) for size in asked.sizes.split(",")]
    load, points = os.getloadavg()[0], []
    for curve, (_, _, largest) in CURVES.items():
        if not asked.curves or curve in asked.curves:
            points += [measured(curve, size) for size in sizes if size <= largest]
            print(tabled([one for one in points if one.curve == curve]), flush=True)
    text = tabled(points)
    if not asked.curves or "import" in asked.curves:
        text += f"\n\n{_imported()}"
    section = f"{SECTION}\n\n{_about(load)}\n\n{text}\n\n{_SHORT}\n"
    if not asked.curves:
        target = ROOT / "docs" / "benchmarks.md"
        target.write_text(written(target.read_text("utf-8"), section), "utf-8")


def _imported() -> str:
    """Give the curves of import and selection from a generated national archive, as Markdown."""
    text = table(scale_import.rows())
    print(text, flush=True)
    return text


def _about(load: float) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}"
    return (
        f"Written by `make bench-scale` on {machine}; load when it began {load:.1f}. Each line is a process of its own: "
        "medians of up to 5 runs (one where it takes over 5 s), after the same on 2,000 offences. Exponents k of c·nᵏ are "
        "fitted to the processor seconds, which other programs disturb less, by least squares on logarithms of the "
        f"{FITTED} largest sizes."
    )


_SHORT = (
    "In the same 45 × 40 km ten times as many offences make a hundred times as many near pairs: there the Knox test's work, and "
    "so its exponent, goes towards 2; beside it stands a force whose area grows with its offences. Not measured: 999 "
    "permutations over 10⁶ offences in 45 × 40 km, and Knox and the change map at 10⁷. Methods are measured on invented "
    "clustered points; *narrowing a frame* is not the selection from a store, which the import's curves measure."
)

if __name__ == "__main__":
    main()
