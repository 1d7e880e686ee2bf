"""``access``: check the file that says who may sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotspot.commands import output
from hotspot.commands.options import Json
from hotspot.errors import BadInput


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("access")(access)


def access(
    file: Annotated[
        Path | None, typer.Option("--file", help="Left out, the one that HOTSPOT_ACCESS names.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the file that says who may sign in, and list what each group may see and do."""
    from hotspot import paths
    from hotspot.access import read_access
    from hotspot.viewer import MAY

    named = file or paths.access_file()
    if named is not None and not named.is_file():
        raise BadInput(f"There is no file {named}. Copy docs/deployment/access.toml there and change its groups.")
    found = read_access(named)
    grants = [
        {
            "group": grant.group,
            "role": grant.role,
            "lpas": "all" if grant.areas is None else ", ".join(sorted(grant.areas)),
            "may": [act for act, roles in MAY.items() if grant.role in roles],
        }
        for grant in found.grants
    ]
    document = {"file": str(named) if named else None, "sign_in": found.sign_in, "hours": found.hours, "grants": grants}
    where = "on any machine" if found.on_any_address else "for people at this machine alone"
    head = f"Sign-in is off, {where}." if found.sign_in == "off" else f"Sign-in: {found.sign_in}, for {found.lasts}."
    rows = output.table(grants, {"group": str, "role": str, "lpas": str}) if grants else []
    output.show(document, [head, *rows], as_json=as_json)
