"""``crime-types``: the names that ``--crime-type`` takes."""

from __future__ import annotations

import typer

from hotspot.commands import output
from hotspot.commands.options import Json
from hotspot.crime_types import ACQUISITIVE, ACQUISITIVE_GROUPS, CRIME_TYPES
from hotspot.selection import join_words


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("crime-types")(crime_types)


def crime_types(as_json: Json = False) -> None:
    """List the crime types: groups, their sub-types, and unions of groups."""
    groups = [kind.name for kind in CRIME_TYPES if kind.is_group]
    sub_types = {group: [kind.name for kind in CRIME_TYPES if kind.group == group != kind.name] for group in groups}
    document = {
        "groups": [{"name": group, "sub_types": sub_types[group]} for group in groups],
        "unions": [{"name": ACQUISITIVE, "groups": list(ACQUISITIVE_GROUPS)}],
    }
    lines = [line for group in groups for line in (group, *(f"  {name}" for name in sub_types[group]))]
    lines.append(f"{ACQUISITIVE} ({join_words(list(ACQUISITIVE_GROUPS))})")
    output.show(document, lines, as_json=as_json)
