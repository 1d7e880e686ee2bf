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
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from bench import scale_import
from bench.curve import FITTED, Point, keep, tabled
from bench.driver import ROOT
from bench.method_rows import CENTRES, DISTANCES, TIMES
from bench.rows import EAST, NORTH, clustered
from bench.sections import replaced
from hotspot.methods import compiled

SECTION = "## Curves"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
DOCUMENT, POINTS = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "curves.json"
KNOX_MB = 4_096
"""The limit on its memory: ten million offences need 2,824 MB, and the application's own limit is 1,024."""
STORE = "store"
"""The name of the curves that a generated archive is imported for."""
LONGEST = 600
"""Seconds after which a measurement is given up and said to be missing."""


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
    bands = {"distance_edges": DISTANCES, "time_edges": TIMES}
    return partial(knox, x, y, day, **bands, permutations=permutations, seed=1, memory=KNOX_MB)


CURVES: dict[str, tuple[str, Callable[[int], Callable[[], object]], int]] = {
    "density": ("density, quartic, 300 m / 100 m, 45 × 40 km", _density, 10_000_000),
    "change-map": ("change map, discs of 1.5 km every 500 m, 45 × 40 km", _change_map, 10_000_000),
    "knox-999": ("Knox, 999 permutations, same 45 × 40 km", partial(_knox, permutations=999, crowding=True), 100_000),
    "knox-pass": ("Knox, pairs and one shuffle, same 45 × 40 km", partial(_knox, permutations=1, crowding=True), 1_000_000),
    "knox-area": (
        "Knox, pairs and one shuffle, area as the offences",
        partial(_knox, permutations=1, crowding=False),
        10_000_000,
    ),
}
"""Name → what it measures, what makes the work of a size, and the largest size that is bearable."""


TITLES = {name: title for name, (title, _, _) in CURVES.items()} | scale_import.TITLES


def measured(curve: str, size: int) -> Point:
    """Measure one size in a process of its own."""
    missing = partial(Point, curve, size, math.nan, math.nan, math.nan, **scale_import.now())
    command = [sys.executable, "-m", "bench.scale", "--one", curve, str(size)]
    try:
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return missing(note=f"given up after {LONGEST} s")
    if made.returncode:
        return missing(note=made.stderr.strip().splitlines()[-1][:120])
    return replace(missing(), **json.loads(made.stdout))


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


def main() -> None:
    """Measure the curves that are asked for, keep their points, and write all that are kept into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("curves", nargs="*", metavar="CURVE", help=f"of {', '.join(CURVES)}, {STORE}; all where left out")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="offences, with commas between")
    parser.add_argument("--store", type=Path, help="read from this store, of the one size given, in place of an import")
    parser.add_argument("--one", nargs=2, metavar=("CURVE", "SIZE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        _one(asked.one[0], int(asked.one[1]))
        return
    sizes = [int(size) for size in asked.sizes.split(",")]
    wanted = asked.curves or [*CURVES, STORE]
    for curve, size in [(curve, size) for curve in CURVES if curve in wanted for size in sizes if size <= CURVES[curve][2]]:
        _note([measured(curve, size)])
    for size in sizes if STORE in wanted else []:
        _note(scale_import.read(size, asked.store) if asked.store else scale_import.points(size))


def _note(points: Sequence[Point]) -> None:
    """Keep points and write the document: what was measured stands there even where the next is interrupted."""
    every = keep(POINTS, points)
    print(tabled(points, TITLES, memory="MB"), flush=True)
    DOCUMENT.write_text(replaced(DOCUMENT.read_text("utf-8"), section(every)), "utf-8")


def section(points: Sequence[Point]) -> str:
    """Write the section of the document."""
    methods = [one for curve in CURVES for one in points if one.curve == curve]
    stores = [one for curve in scale_import.TITLES for one in points if one.curve == curve]
    return "\n\n".join(
        [
            SECTION,
            _about(points),
            _missing(points),
            "### Methods",
            tabled(methods, TITLES, memory="MB beyond the start"),
            _METHODS,
            "### From files to a picture",
            tabled(stores, TITLES, memory="MB in all"),
            _STORES,
        ]
    )


def _missing(points: Sequence[Point]) -> str:
    """Name what is not measured up to the size that it could be."""
    held = {(one.curve, one.size) for one in points if not math.isnan(one.seconds)}
    bounds = {curve: largest for curve, (_, _, largest) in CURVES.items()} | dict.fromkeys(scale_import.TITLES, SIZES[-1])
    least = scale_import.LEAST
    lacking = [
        f"{TITLES[curve]}: {', '.join(f'{size:,}' for size in sizes)}"
        for curve, bound in bounds.items()
        if (sizes := [size for size in SIZES if least.get(curve, 0) <= size <= bound and (curve, size) not in held])
    ]
    return f"Not measured yet: {'; '.join(lacking)}." if lacking else "Every size was measured."


def _about(points: Sequence[Point]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    days = sorted({one.day for one in points})
    return (
        f"Written by `make bench-scale` on {machine}, {' and '.join(days)}; the load when each began stands beside it. "
        "Exponents k of c·nᵏ are fitted to the processor seconds where they were measured, because other programs disturb them "
        f"less, else to the seconds, by least squares on logarithms of the {FITTED} largest sizes."
    )


_METHODS = (
    "Each line is a process of its own: medians of up to 5 runs (one where it takes over 5 s), after the same on 2,000 offences, "
    "on invented clustered points. In the same 45 × 40 km ten times as many offences make a hundred times as many near pairs: "
    "there the Knox test's work, and so its exponent, goes towards 2; beside it stands a force whose area grows as its offences "
    "do. Bounded, because nobody would wait for it: 999 permutations up to 10⁵ offences, one shuffle in the same area up to 10⁶. "
    f"The Knox test's limit on memory is {KNOX_MB:,} MB here: 10⁷ offences need 2,824, and less is refused in a sentence."
)
_STORES = (
    "An invented archive in the layout of data.police.uk (bench/national.py): 43 forces and ten years from 10⁷ offences on, "
    "fewer files below. Memory of the import is that of all its processes together, of the selection that of its process, of the "
    "picture that of the application at the end. The first selection and the first picture find nothing of the store in the page "
    "cache; the picture's process has just begun to answer. Selection and picture are of the largest force, another crime type, "
    "LPA and year each time, none of which was asked for before; the picture is there when the browser is sent it, in Chromium "
    "when it is decoded on the map. The first choice in Chromium finds nothing of the store in the page cache either."
)

if __name__ == "__main__":
    main()
