"""Context layers beside the offences of a store: imports leave them alone, and each has a fingerprint of its own.

They are no part of the store's fingerprint: no figure about offences rests on them, so a new layer must not make
every kept result old. What does rest on a layer names the layer's fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import geopandas
import pyarrow as pa
import shapely

from hotspot.boundaries.areas import Areas
from hotspot.boundaries.context import ContextLayer, checked_name
from hotspot.errors import BadInput, StoreError
from hotspot.geography import LPA, Force, slug
from hotspot.offences import manifest as manifests
from hotspot.offences.atomic import Change, clean, locked
from hotspot.offences.parts import slug_of
from hotspot.offences.store import EVERYTHING, Scope, Store
from hotspot.system_faults import sentence, unreadable
from hotspot.viewer import ENRICH, LOCAL, Viewer, require

LAYERS = "layers"
"""Folder of the layers within the store."""
NAME = "layers.json"
"""The list of them: the one file whose replacement is the moment of change."""


@dataclass(frozen=True)
class LayerEntry:
    """What is known of a layer without reading its features."""

    name: str
    force: str
    """Slug of the force whose analysis CRS it is in."""
    features: int
    kinds: str
    """'12 points'."""
    file: str
    """Where it is, within the store's folder; the name holds the fingerprint of its content."""
    origin: str
    """Name of the file that it came from."""
    imported: str
    """Day of the import, year-month-day."""

    @property
    def fingerprint(self) -> str:
        return Path(self.file).stem.rsplit("-", 1)[-1]


def kept_layers(store: Path, *, force: str) -> tuple[LayerEntry, ...]:
    """List the layers of a force, by name.

    Raises
    ------
    StoreError
        If the list is damaged.
    """
    return tuple(entry for entry in _entries(Path(store)) if entry.force == slug(force))


def layer_named(store: Path, name: str, *, force: str) -> LayerEntry:
    """Give a layer by its name, in any case.

    Raises
    ------
    BadInput
        If the store has none of that name.
    """
    entries = kept_layers(store, force=force)
    found = next((entry for entry in entries if entry.name.casefold() == name.strip().casefold()), None)
    if found is None:
        known = ", ".join(entry.name for entry in entries) or "none"
        raise BadInput(f"The store has no layer '{name.strip()[:80]}'. It has: {known}. Add one with: layers import")
    return found


def open_layer(store: Path, entry: LayerEntry, *, scope: Scope) -> ContextLayer:
    """Read the features of a layer that lie in the viewer's LPAs, in whole or in part.

    Raises
    ------
    StoreError
        If its file is missing or damaged.
    """
    whole = _opened(Path(store) / entry.file, entry.name, entry.origin)
    held = Store(Path(store))
    if scope == EVERYTHING or LPA not in held.levels_of(entry.force):
        return whole
    return _own(whole, held.areas(LPA, force=entry.force, scope=scope))


def keep_layer(store: Path, layer: ContextLayer, *, force: str, today: date, replace: bool, viewer: Viewer = LOCAL) -> LayerEntry:
    """Put a layer into a store, in place of one of its name where ``replace`` says so.

    Raises
    ------
    BadInput
        If there is a layer of that name and it is not to be replaced.
    StoreError
        If there is no store, or another change is under way.
    NotAllowed
        If the viewer's role may not keep layers.
    """
    require(viewer, ENRICH)
    name = checked_name(layer.name)
    frame = geopandas.GeoDataFrame(geometry=layer.geometry, crs=layer.crs)
    with _changing(Path(store)) as (entries, change):
        others = tuple(one for one in entries if (one.force, one.name.casefold()) != (slug(force), name.casefold()))
        if len(others) < len(entries) and not replace:
            raise BadInput(f"The store has a layer '{name}' already. Replace it with --force, or choose another name.")
        file = change.stage(f"{LAYERS}/{slug(force)}-{slug_of(name)}-{{}}.parquet", frame.to_parquet)
        entry = LayerEntry(name, slug(force), len(layer), layer.kinds, file, layer.file, today.isoformat())
        _commit(change, (*others, entry))
    return entry


def remove_layer(store: Path, name: str, *, force: str, viewer: Viewer = LOCAL) -> LayerEntry:
    """Take a layer out of a store.

    Raises
    ------
    BadInput
        If the store has none of that name.
    NotAllowed
        If the viewer's role may not keep layers.
    """
    require(viewer, ENRICH)
    with _changing(Path(store)) as (entries, change):
        gone = layer_named(Path(store), name, force=force)
        _commit(change, tuple(entry for entry in entries if entry != gone))
    return gone


def bounds_of(store: Store, force: Force) -> tuple[float, float, float, float] | None:
    """Give the box that a layer should touch: the force's own, else that of its areas; None where neither is known."""
    if force.bounds is not None:
        return force.bounds
    levels = store.levels_of(force.name)
    return tuple(store.areas(levels[0], force=force.name).union.bounds) if levels else None


def _entries(folder: Path) -> tuple[LayerEntry, ...]:
    file = folder / NAME
    if not file.is_file():
        return ()
    try:
        entries = [LayerEntry(**one) for one in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as fault:
        raise unreadable(
            file, fault, remedy="Remove it and import the layers again.", name="The list of context layers"
        ) from fault
    return tuple(sorted(entries, key=lambda entry: (entry.force, entry.name.casefold())))


def _commit(change: Change, entries: tuple[LayerEntry, ...]) -> None:
    change.commit(NAME, json.dumps([asdict(entry) for entry in entries], indent=1))


@contextmanager
def _changing(folder: Path) -> Iterator[tuple[tuple[LayerEntry, ...], Change]]:
    manifests.load(folder)
    with locked(folder):
        try:
            yield _entries(folder), Change(folder)
        except OSError as fault:
            state = "Its layers are as they were before."
            raise StoreError(sentence(fault, what=f"The store {folder} cannot be written", state=state)) from fault
        finally:
            clean(folder, keep={entry.file for entry in _entries(folder)}, within=(LAYERS,))


@lru_cache(maxsize=16)
def _own(whole: ContextLayer, areas: Areas) -> ContextLayer:
    """Keep the features in some areas; the name of its content differs, for maps are kept under it."""
    narrowed = blake2b(",".join(areas.names).encode(), digest_size=4).hexdigest()
    kept = whole.geometry[shapely.intersects(whole.geometry, areas.union)]
    return ContextLayer(whole.name, kept, whole.crs, f"{whole.fingerprint}-{narrowed}", whole.file)


@lru_cache(maxsize=16)
def _opened(file: Path, name: str, origin: str) -> ContextLayer:
    """A layer never changes under one name of a file: it holds the fingerprint of its content."""
    try:
        frame = geopandas.read_parquet(file)
    except (OSError, ValueError, pa.ArrowException) as fault:
        raise unreadable(file, fault, remedy=f"Import the layer '{name}' again.") from fault
    fingerprint = file.stem.rsplit("-", 1)[-1]
    return ContextLayer(name, frame.geometry.to_numpy(), frame.crs.to_string(), fingerprint, origin)
