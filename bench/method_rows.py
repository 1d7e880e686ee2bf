"""Methods against their peers: the Knox test, Gi*, cross-validated bandwidths; and the seconds of those without a peer."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import shapely

from bench import peer_runs
from bench.driver import ROOT
from bench.rows import EAST, NORTH, REPEATS, Row, clustered, timed
from hotspot.methods.bandwidth_choice import by_diggle, by_likelihood
from hotspot.methods.gi_star import gi_star, sums_around, z_scores
from hotspot.methods.knox import knox
from hotspot.methods.units import squares

DISTANCES, TIMES = (0.0, 100.0, 200.0, 300.0, 400.0, np.inf), (0.0, 7.0, 14.0, 21.0, np.inf)
PERMUTATIONS = 999
CENTRES = 27
"""Clusters, with which 5,000 offences have 26,000 pairs within 400 m, as those have that the goals were measured on."""
_GOALS = {5_000: "≥ 1,000 × NearRepeat", 50_000: "≥ 25 × pointpats (one band)", 100_000: "≤ 400 MB"}
_QUOTED = {
    5_000: (("NearRepeat (R), two workers", 400.0), ("PredictCode", 750.0)),
    10_000: (("NearRepeat (R), two workers", 1_500.0),),
    100_000: (("pointpats, one band pair", 130.0),),
}
"""Seconds from the performance reference: not in the registries, or too slow to be measured five times."""


def knox_rows(scratch: Path) -> list[Row]:
    """Time 999 permutations of all 5 × 4 bands in one pass, against pointpats' one pair of bands."""
    found = []
    for count in (5_000, 10_000, 50_000, 100_000):
        x, y = clustered(count, centres=CENTRES)
        day = np.random.default_rng(3).integers(0, 365, count)
        work = partial(knox, x, y, day, distance_edges=DISTANCES, time_edges=TIMES, permutations=PERMUTATIONS, seed=1)
        ours = timed(work, repeats=REPEATS if count < 50_000 else 3)
        memory = f", peak {_knox_memory(count):,} MB more than at start" if count == 100_000 else ""
        what = f"Knox, {count:,} offences, 999 permutations, 5 × 4 bands in one pass{memory}"
        if peer_runs.has_python_peers() and count < 100_000:
            np.save(scratch / "events.npy", np.column_stack([x, y, day]))
            repeats = 1 if count == 50_000 else 3
            seconds = peer_runs.python_peer("pointpats_knox.py", scratch / "events.npy", 200, 14, repeats)
            found.append(Row(what, ours, f"pointpats, one band pair, median of {repeats}", seconds, goal=_GOALS.get(count, "")))
        found += [
            Row(what, ours, peer, seconds, goal=_GOALS.get(count, ""), quoted=True) for peer, seconds in _QUOTED.get(count, ())
        ]
    return found


def _knox_memory(count: int) -> int:
    """Measure the memory of one test in a process of its own, in MB above what the process began with."""
    said = (
        "import re, numpy as np\n"
        "from bench.method_rows import CENTRES, DISTANCES, TIMES, clustered, knox\n"
        "from hotspot.methods import compiled\n"
        "compiled.loaded('knox')\n"
        f"x, y = clustered({count}, centres=CENTRES); day = np.random.default_rng(3).integers(0, 365, {count})\n"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "before = peak()\n"
        "knox(x, y, day, distance_edges=DISTANCES, time_edges=TIMES, permutations=999, seed=1)\n"
        "print((peak() - before) // 1024)\n"
    )
    made = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(made.stdout)


def gi_star_rows(scratch: Path) -> list[Row]:
    """Time Gi* over 180,000 squares against esda's, and its own building of the squares apart."""
    cell = shapely.box(0.0, 0.0, EAST, NORTH)
    units = squares(cell, cell_size=100.0)
    shape = (int(NORTH / 100), int(EAST / 100))
    count = np.random.default_rng(4).poisson(1.0, units.area_km2.size).astype(float)
    building = timed(partial(squares, cell, cell_size=100.0), repeats=3)
    everywhere = np.ones(len(count), dtype=bool)

    def z_alone(distance: float) -> np.ndarray:
        return z_scores(count, *sums_around(units, count, distance=distance, tested=everywhere))

    queen, disc = timed(partial(z_alone, 150.0)), timed(partial(z_alone, 300.0))
    whole = timed(partial(gi_star, units, count))
    what = "Gi*, 180,000 squares"
    if not peer_runs.has_python_peers():
        return [Row(f"{what}, 3 × 3, Z", queen), Row(f"{what}, 300 m disc, Z", disc), Row(f"{what}, Z, p, correction", whole)]
    np.save(scratch / "counts.npy", count.reshape(shape))
    weights, seconds = peer_runs.python_peer("esda_gi_star.py", scratch / "counts.npy", scratch / "z.npy", REPEATS)
    gap = np.abs(gi_star(units, count).z - np.load(scratch / "z.npy").ravel()).max()
    return [
        Row(f"{what}, 3 × 3, Z", queen, "esda G_Local", seconds, f"largest difference of Z {gap:.0e}", "≥ 500 ×"),
        Row(f"{what}, 3 × 3, Z, p and correction over the map", whole, "esda G_Local, uncorrected", seconds),
        Row(f"{what}, the squares and who neighbours whom (once a grid)", building, "libpysal lat2W", weights),
        Row(f"{what}, 300 m disc, Z", disc, "esda G_Local", 9.9, goal="≥ 500 ×", quoted=True),
    ]


def bandwidth_rows(scratch: Path) -> list[Row]:
    """Time cross-validated bandwidths of 3,000 points against spatstat's."""
    x, y = clustered(3_000)
    window = shapely.box(x.min(), y.min(), x.max(), y.max())
    found = []
    tried = np.geomspace(50.0, 1_500.0, 16)
    for rule, work in (("likelihood", by_likelihood), ("diggle", by_diggle)):
        run = partial(work, x, y, window=window, sigmas=tried)
        ours, what = timed(run, repeats=3), f"bandwidth by cross-validation ({rule}), 3,000 points"
        if not peer_runs.has_spatstat():
            found.append(Row(what, ours))
            continue
        _, points = peer_runs.write_points(x, y, scratch)
        seconds, value = peer_runs.spatstat("spatstat_bandwidth.R", points, rule, 3)
        found.append(Row(what, ours, "spatstat", seconds, f"σ {run().sigma:.0f} m / {value:.0f} m"))
    return found
