"""Whose offences are imported: a force of the store, West Midlands, or one described by an uploaded TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import streamlit as st

from hotspot import paths
from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.offences.store import Store
from hotspot.ui.data import said, uploads

ANOTHER = "Another force: upload its file"
SLOTS = ("force", "force-boundaries")


def known_forces(store: Store) -> dict[str, Force]:
    """List the forces that need no file, the store's own first."""
    known = {force.name: force for force in store.forces} if store.exists else {}
    shipped = (load_force(path) for path in sorted(paths.FORCES.glob("*.toml")))
    return known | {force.name: force for force in shipped if force.name not in known}


def choose(store: Store, *, key: str) -> Force | None:
    """Let the analyst choose the force; None while its file is still to come or is faulty."""
    known = known_forces(store)
    picked = st.selectbox("Force", [*known, ANOTHER], key=f"data-force-{key}")
    if picked != ANOTHER:
        return known[picked]
    return _uploaded()


def _uploaded() -> Force | None:
    left, right = st.columns(2)
    described = uploads.staged(left.file_uploader("Force file (TOML)", type="toml", key=uploads.box_key("force")), slot="force")
    outlines = uploads.staged(
        right.file_uploader(
            "Boundaries that the force file names, if any",
            type=["geojson", "json", "gpkg", "kml", "zip"],
            key=uploads.box_key(SLOTS[1]),
        ),
        slot=SLOTS[1],
    )
    if described is None:
        said.note('A force file needs one line: name = "Leicestershire". It may give analysis_crs, bounds and [boundaries].')
        return None
    with said.sentences_for_faults():
        return uploaded_force(described.path, outlines.path if outlines else None)
    return None


def uploaded_force(toml: Path, outlines: Path | None) -> Force:
    """Read an uploaded force file beside the boundaries file that was uploaded with it.

    Raises
    ------
    BadInput
        With one sentence for each fault.
    """
    named = _named_boundaries(toml)
    if named:
        if outlines is None:
            raise BadInput(f"{toml.name} names the boundaries file '{named}'. Upload that file too.")
        # The force file finds its boundaries relative to itself: put them there under one flat name.
        place = (toml.parent / named).resolve()
        if toml.parent.resolve() not in place.parents:
            raise BadInput(f"{toml.name} names its boundaries '{named}', outside its own folder. Write the file's name alone.")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(outlines.read_bytes())
    try:
        return load_force(toml)
    except BadInput as fault:
        raise BadInput(*(sentence.replace(f"{toml.parent}/", "") for sentence in fault.faults)) from fault


def _named_boundaries(toml: Path) -> str:
    try:
        table = tomllib.loads(toml.read_text("utf-8-sig")).get("boundaries", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""  # load_force says what is wrong
    named = table.get("file", "") if isinstance(table, dict) else ""
    return named if isinstance(named, str) else ""
