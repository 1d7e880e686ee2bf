"""The product as people meet it: import, demonstration data, and the bandwidth slider in the browser."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from bench.browser import CHANGES, bandwidth_changes
from bench.driver import CHROMIUM, ROOT
from bench.rows import Row, timed
from hotspot.offences.demo import write_demo
from hotspot.offences.load import import_sources

TARGET = 0.4
"""Seconds: the median bandwidth change must stay under it."""
SHARED = Path(os.environ.get("HOTSPOT_SHARED_DATA", ROOT.parent / "shared" / "data"))


def rows(scratch: Path) -> list[Row]:
    """Time the demonstration data, the import, and the slider."""
    start = time.perf_counter()
    write_demo(scratch / "demo")
    found = [Row("demonstration data: 195,000 offences invented and imported (once)", time.perf_counter() - start)]
    if SHARED.is_dir():
        months = [SHARED / "police-uk" / month for month in ("2014-01", "2014-02")]
        found += _import_rows(months, scratch)
        import_sources(months, store=scratch / "real")
    if CHROMIUM is None:
        return found
    if SHARED.is_dir():
        found += _browser_rows(scratch / "real", "real months, burglary, whole force", type="Burglary")
        found += _browser_rows(scratch / "real", "real months, burglary, Birmingham", type="Burglary", area="Birmingham")
    return found + _browser_rows(scratch / "demo", "demonstration data, vehicle crime, whole force", type="Vehicle crime")


def missing() -> list[str]:
    """Say what this machine lacks to be measured."""
    notes = [] if SHARED.is_dir() else [f"No real data at {SHARED}: the import and the browser were measured without it."]
    return notes + ([] if CHROMIUM else ["No Chromium on this machine: the browser was not measured."])


def _import_rows(months: list[Path], scratch: Path) -> list[Row]:
    """Time the whole import against pandas' bare reading of the same files."""
    import pandas as pd

    files = sorted(file for month in months for file in month.glob("*west-midlands-street.csv"))
    ours = timed(lambda: import_sources(files, store=scratch / "import-store"), repeats=3)
    theirs = timed(lambda: [pd.read_csv(file) for file in files], repeats=3)
    return [
        Row("import, 36,270 police.uk rows: read, validate, project, assign areas, write", ours, "pandas read_csv alone", theirs)
    ]


def _browser_rows(store: Path, name: str, **query: str) -> list[Row]:
    """Time the bandwidth changes in the browser."""
    times = bandwidth_changes(store, **query)
    spread = f"{min(times):.2f}–{max(times):.2f} s"
    what = f"bandwidth change to new picture, {name}, median of {CHANGES} ({spread})"
    return [Row(what, statistics.median(times), goal=f"under {TARGET} s")]
