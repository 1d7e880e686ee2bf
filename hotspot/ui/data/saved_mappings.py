"""Mappings that can be chosen: those that ship, and those saved in the store's folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotspot import paths
from hotspot.errors import BadInput, StoreError
from hotspot.offences.atomic import write_whole
from hotspot.offences.mapping import Mapping
from hotspot.system_faults import sentence
from hotspot.viewer import IMPORT, LOCAL, Viewer, require

FOLDER = "mappings"
LONGEST_NAME = 60


@dataclass(frozen=True)
class SavedMapping:
    """A mapping and the file it stands in."""

    path: Path
    mapping: Mapping
    shipped: bool
    """True: part of the product, not to be changed here."""

    @property
    def label(self) -> str:
        return f"{self.mapping.name} ({'ships with the product' if self.shipped else 'saved'})"


def saved_mappings(store_folder: Path) -> tuple[tuple[SavedMapping, ...], tuple[str, ...]]:
    """List the saved mappings, then those that ship; and a sentence for each file that cannot be read."""
    found: list[SavedMapping] = []
    faults: list[str] = []
    for folder, shipped in ((store_folder / FOLDER, False), (paths.MAPPINGS, True)):
        for path in sorted(folder.glob("[!.]*.toml")):  # a hidden one is what a killed process was writing
            try:
                found.append(SavedMapping(path, Mapping.from_toml(path), shipped))
            except BadInput as fault:
                faults += fault.faults
    return tuple(found), tuple(faults)


def fitting(saved: Sequence[SavedMapping], columns: Sequence[str]) -> SavedMapping | None:
    """Choose the mapping whose columns a file all has; of several, the one that reads most of them."""
    fits = [one for one in saved if not one.mapping.faults_against(columns)]
    return max(fits, key=lambda one: len(one.mapping.wanted), default=None)


def file_name(name: str) -> str:
    """Give the file's name of a mapping.

    Raises
    ------
    BadInput
        If the name is empty, too long, or has no letter or figure.
    """
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not stem:
        raise BadInput("The mapping needs a name with letters or figures: it is the name of the source.")
    if len(name.strip()) > LONGEST_NAME:
        raise BadInput(f"The name has {len(name.strip())} letters; {LONGEST_NAME} are the most.")
    return f"{stem}.toml"


def save(mapping: Mapping, *, store_folder: Path, viewer: Viewer = LOCAL) -> Path:
    """Write a mapping into the store's folder, all at once; one of the same name is replaced.

    Raises
    ------
    BadInput
        If the mapping cannot be used, or its name is no name.
    StoreError
        If the folder cannot be written.
    NotAllowed
        If the viewer's role may not.
    """
    require(viewer, IMPORT)
    name, faults = file_name(mapping.name), mapping.faults()
    if faults:
        raise BadInput(*faults)
    folder = store_folder / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, lambda file: file.write_text(mapping.to_toml(), encoding="utf-8"))
    except OSError as fault:
        raise StoreError(sentence(fault, what=f"The mapping cannot be saved in {folder}")) from fault
    return folder / name


def remove(saved: SavedMapping, *, viewer: Viewer = LOCAL) -> None:
    """Take away a mapping that was saved; one that ships stays."""
    require(viewer, IMPORT)
    if not saved.shipped:
        saved.path.unlink(missing_ok=True)
