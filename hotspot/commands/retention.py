"""``retention``: what has become older than its force keeps, and its removal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import Json, StoreFolder

if TYPE_CHECKING:
    from hotspot.offences.retention import Sweep


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retention")(retention)


def retention(
    store: StoreFolder,
    is_applied: Annotated[bool, typer.Option("--apply", help="Remove it; left out, it is only said what would go.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Day from which ages are counted; left out, today by this machine's clock.", metavar="DATE"),
    ] = None,
    forces: Annotated[
        list[Path] | None,
        typer.Option("--force", help="Take [retention] from this file; --apply remembers it.", metavar="FILE.toml"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which offences are older than their force keeps, and with --apply remove them."""
    from datetime import datetime

    from hotspot.boundaries.force_file import load_force
    from hotspot.offences.retention import preview, remove
    from hotspot.period import parse_date

    moment = datetime.now().replace(microsecond=0)
    day = parse_date(as_of) if as_of else moment.date()
    ages = [load_force(path) for path in forces or ()]
    if is_applied:
        sweep = remove(store, as_of=day, moment=moment, forces=ages, trusted=as_of is not None)
    else:
        sweep = preview(store, as_of=day, forces=ages, trusted=as_of is not None)
    output.show(_document(sweep, is_applied), _lines(sweep, is_applied), as_json=as_json)


def _document(sweep: Sweep, is_applied: bool) -> dict[str, Any]:
    return {
        "as_of": sweep.as_of,
        "applied": is_applied,
        "forces": [
            {"force": one.force.name, "retention_months": one.force.retention_months, "keep_from": one.keep_from}
            for one in sweep.forces
        ],
        "removed": [vars(one) for one in sweep.removals],
        "months": [
            {"source": one.part.source, "force": one.aged.force.name, "month": one.part.month, "offences": one.gone}
            for one in sweep.due
        ],
        "held_back": list(sweep.held_back),
    }


def _lines(sweep: Sweep, is_applied: bool) -> list[str]:
    if not sweep.forces:
        return ["No force of this store has a retention age: offences of any age are kept. Set [retention] in its TOML file."]
    verb = "Removed" if is_applied else "Would be removed"
    gone = [f"{verb}: {one}." for one in sweep.removals]
    nothing = [] if gone or sweep.held_back else ["Nothing is older than that."]
    return [*sweep.sentences, *gone, *nothing]
