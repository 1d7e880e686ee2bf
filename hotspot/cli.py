"""The command line: ``python -m hotspot``. It parses, calls the findings as pages do, and prints.

Commands import what they need when they run, so that ``--help`` is there at once.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import traceback
import uuid
import warnings
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from hotspot import secrecy
from hotspot.commands import (
    access,
    areas,
    audit,
    audited,
    backtest,
    backup,
    bandwidth,
    brief,
    change,
    change_map,
    clusters,
    concentration,
    crime_types,
    data,
    density,
    evaluate,
    events,
    hotspots,
    investigation,
    layers,
    near_repeat,
    notebook,
    performance,
    plans,
    rates,
    relative_risk,
    repeats,
    retention,
    s_index,
    series,
    when,
)
from hotspot.errors import HotspotError
from hotspot.system_faults import refused

BAD_INPUT, UNEXPECTED = 2, 1
"""Exit codes."""


class Commands(TyperGroup):
    """Commands whose failures are sentences on stderr, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (typer.TyperException, typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except HotspotError as fault:
            typer.echo(secrecy.hide(str(fault)), err=True)
            raise typer.Exit(BAD_INPUT) from fault
        except Exception as fault:
            if os.environ.get("HOTSPOT_DEBUG") == "1":
                raise
            told = refused(fault)
            typer.echo(str(told) if told is not None else _unexpected(fault), err=True)
            raise typer.Exit(UNEXPECTED) from fault


app = typer.Typer(
    name="hotspot",
    cls=Commands,
    help="Where offences concentrate, repeat and change. Dates are half-open: --to is the first day after the period.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for group in (
    data,
    density,
    backtest,
    bandwidth,
    brief,
    hotspots,
    change,
    change_map,
    s_index,
    relative_risk,
    evaluate,
    repeats,
    near_repeat,
    series,
    when,
    concentration,
    clusters,
    rates,
    performance,
    investigation,
    areas,
    layers,
    events,
    notebook,
    plans,
    access,
    backup,
    retention,
    audit,
    crime_types,
):
    group.register(app)
for group in (app, *(info.typer_instance for info in app.registered_groups)):
    for command in group.registered_commands:
        command.cls = audited.AuditedCommand


def main() -> None:
    """Run the command line."""
    secrecy.guard()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    if os.environ.get("HOTSPOT_DEBUG") != "1":
        # Warnings of libraries are for us; what an analyst must know stands in the results' notes.
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
    app(prog_name="python -m hotspot")


def _unexpected(fault: Exception) -> str:
    """Keep the traceback in a file, and say where."""
    reference = uuid.uuid4().hex[:8]
    log = Path(tempfile.gettempdir()) / f"hotspot-{reference}.log"
    said = f"Something went wrong that is no fault of your data ({type(fault).__name__}). Reference {reference}"
    try:
        log.write_text(secrecy.hide("".join(traceback.format_exception(fault))), encoding="utf-8")
    except OSError:
        return f"{said}; the details could not be kept. Run again with HOTSPOT_DEBUG=1 to see them."
    return f"{said}; the details are in {log}."
