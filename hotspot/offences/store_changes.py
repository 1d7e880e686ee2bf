"""Changes to a store, each all or nothing: areas of a level, the LPAs, a source taken out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from hotspot.boundaries.areas import Areas, refuse_elsewhere
from hotspot.errors import BadInput, StoreError, Unavailable
from hotspot.geography import LPA, Force, slug
from hotspot.offences import manifest as manifests
from hotspot.offences.atomic import LOCK, STAGING, UNCHANGED, Change, clean, locked
from hotspot.offences.manifest import AREAS, LINKED, PARTS, AreaFile, Exclusions, Manifest, Part
from hotspot.offences.parts import read_part, slug_of, stage_part
from hotspot.offences.validate import assign_lpas
from hotspot.system_faults import sentence
from hotspot.viewer import IMPORT, LOCAL, Viewer, require

_OWN = {manifests.NAME, LOCK, STAGING, PARTS, AREAS, LINKED, "mappings"}


@contextmanager
def changing(folder: Path) -> Iterator[tuple[Manifest, Change]]:
    """Hold a store for a change; unless ``commit`` is called it stays as it was.

    Raises
    ------
    StoreError
        If the folder holds other things, a damaged store, or a change that is under way.
    """
    _refuse_foreign(folder)
    is_new = not folder.exists()
    with locked(folder):
        manifest = manifests.load(folder) if (folder / manifests.NAME).exists() else Manifest()
        change = Change(folder)
        try:
            yield manifest, change
        except Unavailable:
            raise  # as below: what was read is taken up by the same import
        except Exception as fault:
            _clean(folder)
            if is_new:
                _remove_empty(folder)
            if isinstance(fault, OSError):
                raise _not_written(folder, fault, change) from fault
            raise
        # What is no Exception (Ctrl-C, a page that is left) leaves what was read for the same import to take up.
        _clean(folder)


def _not_written(folder: Path, fault: OSError, change: Change) -> StoreError:
    """Say what became of a store that could not be written to the end."""
    if change.is_made:
        state = "Look whether the change is there, and make it again if it is not."
        return StoreError(sentence(fault, what=f"The store {folder} was changed, but the disk did not confirm it", state=state))
    if not folder.exists():
        return StoreError(f"The store {folder} was taken away while it was changed. Put it back, then do the same again.")
    return StoreError(sentence(fault, what=f"The store {folder} cannot be written", state=UNCHANGED))


def _remove_empty(folder: Path) -> None:
    """Take away a folder that was made for a store that did not come to be."""
    with suppress(OSError):
        for entry in [folder / name for name in (PARTS, AREAS) if (folder / name).is_dir()]:
            entry.rmdir()
        if [entry.name for entry in folder.iterdir()] == [LOCK]:
            (folder / LOCK).unlink()
            folder.rmdir()


def _clean(folder: Path) -> None:
    """Remove what no manifest names; the next change does it where the manifest cannot be read now."""
    with suppress(StoreError):
        now = manifests.load(folder) if (folder / manifests.NAME).exists() else Manifest()
        clean(folder, keep=now.files, within=(PARTS, AREAS, LINKED))


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is a file; a store is a folder. Choose another place with --store.")
    if folder.is_dir() and not (folder / manifests.NAME).exists():
        strange = sorted(entry.name for entry in folder.iterdir() if entry.name not in _OWN)
        if strange:
            raise StoreError(f"{folder} is not a store and holds other files ({strange[0]}). Choose an empty or a new folder.")


def commit(change: Change, manifest: Manifest) -> None:
    """Make the change: from here on the store is what this manifest says."""
    change.commit(manifests.NAME, manifest.to_json())


def add_level(store_path: Path, areas: Areas, *, force: str | None = None, viewer: Viewer = LOCAL) -> None:
    """Put the areas of a level into a store; those of the LPA level give every offence its LPA anew.

    Parameters
    ----------
    store_path
        Folder of the store.
    areas
        Areas in the analysis CRS of the force.
    force
        Name of the force; None for the store's own.

    Raises
    ------
    StoreError
        If there is no store, or another change is under way.
    """
    require(viewer, IMPORT)
    if areas.level == LPA:
        replace_lpas(store_path, areas, force=force, viewer=viewer)
        return
    with changing_existing(Path(store_path)) as (manifest, change):
        entry = stage_areas(change, areas, force=_own_force(manifest, force, areas).slug)
        commit(change, manifest.with_area_file(entry))


def remove_level(store_path: Path, level: str, *, force: str, viewer: Viewer = LOCAL) -> None:
    """Take the areas of a further level out of a store.

    Raises
    ------
    BadInput
        If the store has no such level, or it is the LPAs, which offences rest on.
    """
    require(viewer, IMPORT)
    if level == LPA:
        raise BadInput("The LPAs cannot be removed, only replaced: every offence has one.")
    with changing_existing(Path(store_path)) as (manifest, change):
        left = tuple(entry for entry in manifest.areas if (entry.force, entry.level) != (slug(force), level))
        if left == manifest.areas:
            raise BadInput(f"The store has no level '{level}' for {force}.")
        commit(change, replace(manifest, areas=left))


def replace_lpas(store_path: Path, areas: Areas, *, force: str | None = None, viewer: Viewer = LOCAL) -> None:
    """Swap the LPA boundaries and give every offence its LPA anew: its own column's, else the new polygon's."""
    require(viewer, IMPORT)
    with changing_existing(Path(store_path)) as (manifest, change):
        slugged = _own_force(manifest, force, areas).slug
        entry = stage_areas(change, replace(areas, level=LPA), force=slugged)
        commit(change, with_lpas(manifest.with_area_file(entry), areas, change, force=slugged))


def delete_source(store_path: Path, source: str, *, force: str | None = None, viewer: Viewer = LOCAL) -> int:
    """Take the offences of a source, of one force or of all, out of a store with their reports.

    Returns
    -------
    int
        Offences taken out.

    Raises
    ------
    BadInput
        If the store has none.
    """
    require(viewer, IMPORT)
    with changing_existing(Path(store_path)) as (manifest, change):

        def is_meant(entry: Part | Exclusions) -> bool:
            return entry.source == source and (force is None or entry.force == slug(force))

        if any(is_meant(part) and part.is_linked for part in manifest.parts):
            raise BadInput(
                f"The offences of the source '{source}' stay in a PostgreSQL database: nothing of them is kept here that could "
                "be taken out. Open another store instead."
            )
        gone = sum(part.offences for part in manifest.parts if is_meant(part))
        if not any(is_meant(part) for part in manifest.parts):
            known = ", ".join(sorted({part.source for part in manifest.parts})) or "none"
            raise BadInput(f"The store has no offences of the source '{source}'. It has: {known}.")
        parts = tuple(part for part in manifest.parts if not is_meant(part))
        left = {part.source for part in parts}
        commit(
            change,
            replace(
                manifest,
                parts=parts,
                exclusions=tuple(entry for entry in manifest.exclusions if not is_meant(entry)),
                reports=tuple(report for report in manifest.reports if report.source != source or source in left),
            ),
        )
    return gone


def stage_areas(change: Change, areas: Areas, *, force: str, origin: str = "") -> AreaFile:
    """Write the areas of one level of a force."""
    file = change.stage(f"{AREAS}/{force}-{slug_of(areas.level)}-{{}}.parquet", areas.to_parquet)
    return AreaFile(force, areas.level, file, origin)


@contextmanager
def changing_existing(folder: Path) -> Iterator[tuple[Manifest, Change]]:
    manifests.load(folder)
    with changing(folder) as change:
        yield change


def _force(manifest: Manifest, name: str | None) -> Force:
    force = manifest.force_named(name) if name else next(iter(manifest.forces), None)
    if force is None:
        raise BadInput(f"The store has no force '{name or ''}'. It has: {', '.join(f.name for f in manifest.forces) or 'none'}.")
    return force


def _own_force(manifest: Manifest, name: str | None, areas: Areas) -> Force:
    """Give the force of areas; they may not all lie in another part of the country."""
    force = _force(manifest, name)
    refuse_elsewhere(areas.frame.geometry.to_numpy(), force.bounds, f"the level '{areas.level}'")
    return force


def with_lpas(manifest: Manifest, areas: Areas, change: Change, *, force: str) -> Manifest:
    """Give every stored offence of a force (its slug) its LPA anew."""
    parts = (_with_lpas(part, areas, change) if part.force == force else part for part in manifest.parts)
    return replace(manifest, parts=tuple(parts))


def _with_lpas(part: Part, areas: Areas, change: Change) -> Part:
    if part.is_linked:
        return part  # each read of the database gives its offences their LPA
    table = read_part(change, part)
    named = table["lpa_named"].to_pandas().astype("str")
    x, y = (table[axis].to_numpy() for axis in ("x", "y"))
    lpa, _ = assign_lpas(named, x, y, areas=areas)
    values = pa.array(lpa, pa.string(), from_pandas=True)
    if pa.chunked_array([values]).equals(table["lpa"]):
        return part
    table = table.set_column(table.schema.get_field_index("lpa"), "lpa", values)
    return stage_part(change, table, source=part.source, force=part.force, month=part.month, synthetic=part.synthetic)
