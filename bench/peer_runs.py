"""Peers, each in its own process and environment: Python ones in .venv-peers, R's spatstat from Debian."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from bench.driver import ROOT
from hotspot.grid import Grid

_SCRIPTS = ROOT / "bench" / "peers"
_ENVIRONMENT = ROOT / ".venv-peers"


def prepared() -> list[str]:
    """Make the peers' environment where it is missing; give a note for each that cannot be measured."""
    notes = []
    stamp = _ENVIRONMENT / ".installed"
    wanted = (_SCRIPTS / "requirements.txt").read_text("utf-8")
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        made = _install()
        if made:
            stamp.write_text(wanted, "utf-8")
        else:
            notes.append("The peers from PyPI could not be installed, so they were not measured.")
    if not has_spatstat():
        notes.append("R with spatstat is not installed (apt-get install r-cran-spatstat), so it was not measured.")
    return notes


def _install() -> bool:
    python = str(_ENVIRONMENT / "bin" / "python")
    steps = (
        [sys.executable, "-m", "venv", str(_ENVIRONMENT)],
        [python, "-m", "pip", "install", "--quiet", "-r", str(_SCRIPTS / "requirements.txt")],
    )
    return all(subprocess.run(step, check=False).returncode == 0 for step in steps)


def has_python_peers() -> bool:
    """Say whether the peers from PyPI are there."""
    return (_ENVIRONMENT / ".installed").exists()


def has_spatstat() -> bool:
    """Say whether R has spatstat."""
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "suppressPackageStartupMessages(library(spatstat))"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def python_peer(script: str, *arguments: object) -> float | list[float]:
    """Run a script of a peer from PyPI and give what it measured."""
    return json.loads(_run([str(_ENVIRONMENT / "bin" / "python"), "-W", "ignore", str(_SCRIPTS / script), *map(str, arguments)]))


def spatstat(script: str, *arguments: object) -> list[float]:
    """Run a script of R and give the numbers that it printed."""
    return [float(part) for part in _run(["Rscript", str(_SCRIPTS / script), *map(str, arguments)]).split(",")]


def write_points(x: np.ndarray, y: np.ndarray, folder: Path) -> tuple[Path, Path]:
    """Write points for Python (.npy) and for R (.csv)."""
    points = np.column_stack([x, y])
    np.save(folder / "points.npy", points)
    np.savetxt(folder / "points.csv", points, delimiter=",", fmt="%.6f")
    return folder / "points.npy", folder / "points.csv"


def write_grid(grid: Grid, folder: Path) -> tuple[Path, Path]:
    """Write a grid for Python (.json) and for R (.csv)."""
    said = {name: getattr(grid, name) for name in ("west", "north", "cell_size", "rows", "columns")}
    (folder / "grid.json").write_text(json.dumps(said))
    (folder / "grid.csv").write_text(",".join(said) + "\n" + ",".join(map(str, said.values())) + "\n")
    return folder / "grid.json", folder / "grid.csv"


def _run(command: list[str]) -> str:
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise RuntimeError(f"{command[:3]} failed: {made.stderr[-800:]}")
    return made.stdout
