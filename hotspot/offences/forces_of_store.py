"""A store remembers the forces of an import, with their LPAs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from hotspot.boundaries.areas import Areas, read_areas
from hotspot.geography import LPA, Force
from hotspot.offences.atomic import Change
from hotspot.offences.manifest import Manifest
from hotspot.offences.store_changes import stage_areas, with_lpas


def with_force(
    manifest: Manifest, change: Change, force: Force, *, explicit: Sequence[Force]
) -> tuple[Manifest, Areas | None, list[str]]:
    """Let the store remember the force, with its LPAs where it has none yet."""
    given = any(one.slug == force.slug for one in explicit)
    if given or manifest.force_named(force.name) is None:
        manifest = manifest.with_force(force)
    entry = manifest.area_file(LPA, force.slug)
    origin = _fingerprint(force.boundaries_file)
    if entry is not None:
        other = given and origin and entry.origin and origin != entry.origin
        note = f"The store keeps the LPA boundaries it has for {force.name}; swap them with: boundaries import."
        return manifest, _kept_areas(change, entry.file), [note] if other else []
    if force.boundaries_file is None:
        return manifest, None, []
    areas = read_areas(force.boundaries_file, level=LPA, crs=force.analysis_crs, name_column=force.name_column)
    entry = stage_areas(change, areas, force=force.slug, origin=origin)
    # Offences that came before the boundaries did get their LPA now.
    manifest = with_lpas(manifest.with_area_file(entry), areas, change, force=force.slug)
    return manifest, areas, list(areas.notes)


def _kept_areas(change: Change, file: str) -> Areas:
    return Areas.from_parquet(change.folder / file, level=LPA)


def _fingerprint(file: Path | None) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:20] if file is not None and file.is_file() else ""
