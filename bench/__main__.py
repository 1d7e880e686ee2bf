"""Measure this product and its peers and write docs/benchmarks.md: `make bench`, or `python -m bench PART...` for some parts."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench import command_rows, density_rows, method_rows, peer_runs, product_rows
from bench.driver import ROOT
from bench.rows import Row, table
from bench.scale import SECTION

PARTS: dict[str, Callable[[Path], list[Row]]] = {
    "density": density_rows.rows,
    "knox": method_rows.knox_rows,
    "gi-star": method_rows.gi_star_rows,
    "bandwidth": method_rows.bandwidth_rows,
    "commands": command_rows.rows,
    "product": product_rows.rows,
}

_HOW = (
    "Medians of 5, the first run not counted, unless a row says otherwise. Peers are measured in the same run on the same data, "
    "each in its own environment (bench/peers); *quoted* figures are of peers that cannot be installed here or take too long, "
    "from measurements on another two-core machine. A ratio says how many times as long the peer takes."
)


def main(wanted: list[str]) -> None:
    """Measure, print, and write docs/benchmarks.md where all parts were asked for."""
    notes = peer_runs.prepared() + product_rows.missing()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for part in wanted or PARTS:
            found = PARTS[part](Path(folder))
            print(table(found), flush=True)
            rows += found
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}"
    text = f"# Benchmarks\n\nWritten by `make bench` on {machine}. {_HOW}\n\n{table(rows)}\n"
    text += "".join(f"\n{note}\n" for note in notes)
    if not wanted:
        target = ROOT / "docs" / "benchmarks.md"
        # The curves are measured by themselves: bench.scale.
        curves = target.read_text("utf-8").partition(f"\n{SECTION}\n") if target.exists() else ("", "", "")
        target.write_text(text + curves[1] + curves[2], "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
