"""The density surface against KDEpy, spatstat, scikit-learn and scipy: same points, same grid, errors against the exact sum."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import numpy as np
import shapely

from bench import peer_runs
from bench.rows import EAST, NORTH, REPEATS, Row, clustered, timed
from hotspot.grid import Grid
from hotspot.methods.density import GAUSSIAN, QUARTIC, density, edge_mass, kernel_sum

_GOALS = {
    (QUARTIC, "KDEpy FFTKDE"): "≥ 1 × at 1M, 300/100",
    (QUARTIC, "spatstat"): "≥ 5 ×",
    (GAUSSIAN, "KDEpy FFTKDE"): "≥ 5 ×, error ≤ 1e-3",
    (GAUSSIAN, "spatstat"): "≥ 50 ×, error ≤ 1e-3",
}
_QUOTED = {
    (QUARTIC, 100_000): (("QGIS heatmap", 0.28), ("sfhotspot", 2_019.0)),
    (QUARTIC, 1_000_000): (("QGIS heatmap", 2.72),),
    (GAUSSIAN, 1_000_000): (("scikit-learn, rtol 1e-4", 3_106.0), ("scipy gaussian_kde", 4_228.0)),
}
"""Seconds at 300 m / 100 m, from the performance reference: not measured here, or too slow to be."""


def rows(scratch: Path) -> list[Row]:
    """Time both kernels at 10,000 to 1,000,000 points."""
    found = []
    for count in (10_000, 100_000, 1_000_000):
        for kernel in (QUARTIC, GAUSSIAN):
            found += _against_peers(count, kernel, 300.0, 100.0, scratch)
    for kernel in (QUARTIC, GAUSSIAN):
        found += _against_peers(1_000_000, kernel, 600.0, 50.0, scratch)
    return found + _slow_peers(scratch) + _edge_rows(scratch)


def _against_peers(count: int, kernel: str, bandwidth: float, cell_size: float, scratch: Path) -> list[Row]:
    x, y = clustered(count)
    grid = Grid(0.0, NORTH, cell_size, int(NORTH / cell_size), int(EAST / cell_size))
    work = partial(density, x, y, grid=grid, bandwidth=bandwidth, kernel=kernel)
    ours = timed(work)
    exact = _Exact(x, y, grid, bandwidth, kernel)
    mine = exact.error(work().values)
    what = f"density, {kernel}, {count:,} points, {bandwidth:.0f} m / {cell_size:.0f} m"
    is_goal = count == 1_000_000 and bandwidth == 300
    found = [
        Row(what, ours, name, seconds, f"{mine} / {exact.error(surface)}", _GOALS[kernel, name] if is_goal else "")
        for name, seconds, surface in _peers(x, y, grid, bandwidth, kernel, scratch)
    ]
    if bandwidth == 300:
        found += [Row(what, ours, name, seconds, quoted=True) for name, seconds in _QUOTED.get((kernel, count), ())]
    return found or [Row(what, ours, error=mine)]


def _peers(
    x: np.ndarray, y: np.ndarray, grid: Grid, bandwidth: float, kernel: str, scratch: Path
) -> list[tuple[str, float, np.ndarray]]:
    points, points_csv = peer_runs.write_points(x, y, scratch)
    grid_json, grid_csv = peer_runs.write_grid(grid, scratch)
    measured = []
    if peer_runs.has_python_peers():
        out = scratch / "kdepy.npy"
        seconds = peer_runs.python_peer("kdepy_density.py", points, grid_json, kernel, bandwidth, out, REPEATS)
        measured.append(("KDEpy FFTKDE", seconds, np.load(out)))
    if peer_runs.has_spatstat():
        out = scratch / "spatstat.csv"
        deviation = bandwidth / math.sqrt(8.0) if kernel == QUARTIC else bandwidth
        (seconds,) = peer_runs.spatstat("spatstat_density.R", points_csv, grid_csv, kernel, deviation, out, REPEATS)
        measured.append(("spatstat, no edge correction", seconds, np.loadtxt(out, delimiter=",")[::-1]))
    return [(name.split(",")[0], seconds, surface) for name, seconds, surface in measured]


class _Exact:
    """The exact sum at cells chosen at random and at the densest ones: at all of them it would take hours."""

    def __init__(self, x: np.ndarray, y: np.ndarray, grid: Grid, bandwidth: float, kernel: str):
        random = np.random.default_rng(2)
        row, column, _ = grid.cell_of(x[:400], y[:400])
        self.row = np.concatenate([row, random.integers(0, grid.rows, 100)])
        self.column = np.concatenate([column, random.integers(0, grid.columns, 100)])
        at_x, at_y = grid.x[self.column], grid.y[self.row]
        self.values = kernel_sum(x, y, at_x=at_x, at_y=at_y, bandwidth=bandwidth, kernel=kernel)

    def error(self, surface: np.ndarray) -> str:
        found = surface[self.row, self.column]
        return f"{np.linalg.norm(found - self.values) / np.linalg.norm(self.values):.0e}"


def _slow_peers(scratch: Path) -> list[Row]:
    """Time the peers that take minutes at a hundred thousand points at ten thousand, on cells of 200 m, once."""
    x, y = clustered(10_000)
    grid = Grid(0.0, NORTH, 200.0, int(NORTH / 200), int(EAST / 200))
    work = partial(density, x, y, grid=grid, bandwidth=300.0, kernel=GAUSSIAN)
    if not peer_runs.has_python_peers():
        return []
    points, _ = peer_runs.write_points(x, y, scratch)
    grid_json, _ = peer_runs.write_grid(grid, scratch)
    exact = _Exact(x, y, grid, 300.0, GAUSSIAN)
    ours, mine, out = timed(work), exact.error(work().values), scratch / "slow.npy"
    found = []
    for name, script in (("scikit-learn, rtol 1e-4", "sklearn_density.py"), ("scipy gaussian_kde", "scipy_density.py")):
        seconds = peer_runs.python_peer(script, points, grid_json, 300.0, out, 1)
        error = f"{mine} / {exact.error(np.load(out))}"
        found.append(Row("density, gaussian, 10,000 points, 300 m / 200 m (peer once)", ours, name, seconds, error))
    return found


def _edge_rows(scratch: Path) -> list[Row]:
    """Time the edge correction of a polygon alone."""
    polygon = shapely.Polygon([(0, 0), (EAST, 0), (40_000, NORTH), (5_000, 35_000)])
    found = []
    for cell_size, goal in ((100.0, "0.02 s reachable"), (50.0, "0.08 s reachable")):
        grid = Grid(0.0, NORTH, cell_size, int(NORTH / cell_size), int(EAST / cell_size))
        ours = timed(partial(edge_mass, grid, polygon, bandwidth=300.0, kernel=QUARTIC))
        what = f"edge correction, quartic, 300 m / {cell_size:.0f} m"
        if not peer_runs.has_spatstat():
            found.append(Row(what, ours, goal=goal))
            continue
        _, grid_csv = peer_runs.write_grid(grid, scratch)
        ring = scratch / "ring.csv"
        ring.write_text("x,y\n" + "\n".join(f"{x},{y}" for x, y in polygon.exterior.coords[:-1]) + "\n")
        (seconds,) = peer_runs.spatstat("spatstat_edge.R", grid_csv, ring, 300.0 / math.sqrt(8.0), REPEATS)
        found.append(Row(what, ours, "spatstat", seconds, goal=goal))
    return found
