"""The seconds of each analysis from store to result, as its command gives it, on the demonstration data (195,000 offences)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from typer.testing import CliRunner

from bench.rows import Row, timed
from hotspot.cli import app
from hotspot.offences.demo import write_demo

_HALF_YEAR = ("--from", "2024-04-01", "--to", "2024-10-01")
_PERIODS = ("--period", "2024-04-01..2024-10-01", "--baseline", "2023-04-01..2023-10-01")
_COMMANDS = (
    ("density", *_HALF_YEAR, "--adaptive"),
    ("hotspots", *_HALF_YEAR),
    ("bandwidth", *_HALF_YEAR, "--lpa", "Coventry"),
    ("relative-risk", *_HALF_YEAR, "--baseline", "2023-04-01..2023-10-01"),
    ("gi-star", *_HALF_YEAR),
    ("emerging",),
    ("rates", *_HALF_YEAR),
    ("near-repeat", *_HALF_YEAR),
    ("chains", *_HALF_YEAR),
    ("zones",),
    ("aoristic",),
    ("control-chart",),
    ("concentration", *_HALF_YEAR, "--by", "premises"),
    ("compare", *_PERIODS),
    ("change-map", *_PERIODS, "--on", "hexagons"),
    ("s-index", *_PERIODS),
    ("backtest", *_HALF_YEAR),
)


def rows(scratch: Path) -> list[Row]:
    """Time each command in this process, so that the start of Python is not in it."""
    store = scratch / "commands"
    write_demo(store)
    return [_row(command, store) for command in _COMMANDS]


def _row(command: tuple[str, ...], store: Path) -> Row:
    name, *options = command
    work = partial(_run, [name, "--store", str(store), "--crime-type", "Residential burglary", *options, "--json"])
    return Row(f"`{' '.join([name, *options])}`, residential burglary of the demonstration data", timed(work, repeats=3))


def _run(arguments: list[str]) -> None:
    made = CliRunner().invoke(app, arguments)
    if made.exit_code:
        raise RuntimeError(f"{arguments}: {made.output[-500:]}") from made.exception
