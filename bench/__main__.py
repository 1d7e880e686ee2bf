"""Measure this product and write docs/benchmarks.md: `make bench`."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from bench.browser import CHANGES, bandwidth_changes
from bench.driver import CHROMIUM, ROOT
from hotspot.grid import Grid
from hotspot.methods.density import density, kernel_sum
from hotspot.offences.demo import write_demo
from hotspot.offences.load import import_sources

REPEATS = 5
TARGET = 0.4
"""Seconds: the median bandwidth change must stay under it."""


@dataclass(frozen=True)
class Row:
    """One measurement against its peer, or by itself."""

    what: str
    ours: float
    """Seconds, median."""
    peer: str = ""
    theirs: float | None = None
    error: str = ""


def timed(work: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """Give the median seconds of several runs, the first of which is not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def clustered(count: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Invent clustered points over 45 × 40 km, in metres."""
    random = np.random.default_rng(seed)
    centres = random.uniform((0, 0), (45_000, 40_000), (60, 2))
    points = centres[random.integers(0, 60, count)] + random.normal(0, 900, (count, 2))
    return points[:, 0], points[:, 1]


def round_kernel(points: np.ndarray, *, deviation: float) -> object:
    """Give scipy's gaussian_kde with a round kernel; by itself it takes the shape of the data's covariance."""
    from scipy.stats import gaussian_kde

    class Round(gaussian_kde):
        def _compute_covariance(self) -> None:
            self.factor = 1.0
            self._data_covariance, self._data_cho_cov = np.eye(2), np.eye(2)
            self.covariance, self.cho_cov = np.eye(2) * deviation**2, np.eye(2) * deviation
            self.log_det = 2 * np.log(2 * np.pi * deviation**2)

    return Round(points)


def density_rows() -> list[Row]:
    """Time the surface against scipy's gaussian_kde on the same points, at equal variance, with both errors."""
    x, y = clustered(10_000)
    grid = Grid.covering((0.0, 0.0, 45_000.0, 40_000.0), cell_size=500.0)
    across, down = (array.ravel() for array in np.meshgrid(grid.x, grid.y))
    exact = {kernel: kernel_sum(x, y, at_x=across, at_y=down, bandwidth=h, kernel=kernel) for kernel, h in _KERNELS.items()}
    peer = round_kernel(np.vstack([x, y]), deviation=_KERNELS["gaussian"])
    theirs = timed(lambda: peer(np.vstack([across, down])), repeats=1)
    rows = []
    for kernel, bandwidth in _KERNELS.items():
        ours = timed(partial(density, x, y, grid=grid, bandwidth=bandwidth, kernel=kernel))
        found = density(x, y, grid=grid, bandwidth=bandwidth, kernel=kernel).values.ravel()
        error = float(np.linalg.norm(found - exact[kernel]) / np.linalg.norm(exact[kernel]))
        other = float(
            np.linalg.norm(peer(np.vstack([across, down])) * len(x) * 1e6 - exact["gaussian"]) / np.linalg.norm(exact["gaussian"])
        )
        rows.append(
            Row(
                f"density, {kernel}, 10,000 points, 500 m cells", ours, "scipy gaussian_kde", theirs, f"{error:.1e} / {other:.1e}"
            )
        )
    return rows


_KERNELS = {"quartic": 300.0 * 8**0.5, "gaussian": 300.0}


def large_density_rows() -> list[Row]:
    """Time the exact quartic surface by the number of points, without a peer."""
    grid = Grid.covering((0.0, 0.0, 45_000.0, 40_000.0), cell_size=100.0)
    rows = []
    for count in (10_000, 100_000, 1_000_000):
        work = partial(density, *clustered(count), grid=grid, bandwidth=300.0, kernel="quartic")
        rows.append(Row(f"density, quartic, {count:,} points, 300 m / 100 m, exact", timed(work, repeats=3)))
    return rows


def import_rows(months: list[Path], scratch: Path) -> list[Row]:
    """Time the whole import against pandas' bare reading of the same files."""
    import pandas as pd

    files = sorted(file for month in months for file in month.glob("*west-midlands-street.csv"))
    ours = timed(lambda: import_sources(files, store=scratch / "import-store"), repeats=3)
    theirs = timed(lambda: [pd.read_csv(file) for file in files], repeats=3)
    return [
        Row("import, 36,270 police.uk rows: read, validate, project, assign areas, write", ours, "pandas read_csv alone", theirs)
    ]


def browser_rows(store: Path, name: str, **query: str) -> list[Row]:
    """Time the bandwidth changes in the browser."""
    times = bandwidth_changes(store, **query)
    spread = f"{min(times):.2f}–{max(times):.2f} s"
    return [
        Row(
            f"bandwidth change to new picture, {name}, median of {CHANGES} (target under {TARGET} s; {spread})",
            statistics.median(times),
        )
    ]


def table(rows: list[Row]) -> str:
    """Write the rows as Markdown."""
    lines = ["| measurement | ours, s | peer | peer, s | ratio | error, ours / peer |", "|---|---|---|---|---|---|"]
    for row in rows:
        theirs = "" if row.theirs is None else f"{row.theirs:.3f}"
        ratio = "" if row.theirs is None else _times(row.theirs / row.ours)
        lines.append(f"| {row.what} | {row.ours:.3f} | {row.peer} | {theirs} | {ratio} | {row.error} |")
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2f} ×"


def main() -> None:
    """Measure, print and write docs/benchmarks.md."""
    shared = Path(os.environ.get("HOTSPOT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    rows = density_rows() + large_density_rows()
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        start = time.perf_counter()
        write_demo(scratch / "demo")
        rows.append(Row("demonstration data: 195,000 offences invented and imported", time.perf_counter() - start))
        months = [shared / "police-uk" / month for month in ("2014-01", "2014-02")]
        if shared.is_dir():
            rows += import_rows(months, scratch)
            import_sources(months, store=scratch / "real")
        else:
            notes.append(f"No real data at {shared}: the import and the browser were measured without it.")
        if CHROMIUM is None:
            notes.append("No Chromium on this machine: the browser was not measured.")
        else:
            if shared.is_dir():
                rows += browser_rows(scratch / "real", "real months, burglary, whole force", type="Burglary")
                rows += browser_rows(scratch / "real", "real months, burglary, Birmingham", type="Burglary", area="Birmingham")
            rows += browser_rows(scratch / "demo", "demonstration data, vehicle crime, whole force", type="Vehicle crime")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}"
    text = f"# Benchmarks\n\nWritten by `make bench` on {machine}. Peers are measured in the same run.\n\n{table(rows)}\n"
    text += "".join(f"\n{note}\n" for note in notes)
    (ROOT / "docs" / "benchmarks.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
