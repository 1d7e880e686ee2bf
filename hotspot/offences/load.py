"""Import: files are read, validated and put into the store, all or nothing, and a report says what was done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from hotspot.boundaries.areas import Areas, read_areas
from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput
from hotspot.geography import LPA, Force, slug
from hotspot.offences import force_extract, police_uk
from hotspot.offences import manifest as manifests
from hotspot.offences.atomic import Change
from hotspot.offences.manifest import Manifest
from hotspot.offences.mapping import Mapping
from hotspot.offences.merge import Merged, merge
from hotspot.offences.read import RawOffences
from hotspot.offences.report import LoadReport
from hotspot.offences.schema import RAW_REQUIRED
from hotspot.offences.source_files import SourceFile, find_files
from hotspot.offences.store_changes import changing, commit, stage_areas, with_lpas
from hotspot.offences.summary import summarise
from hotspot.offences.validate import validate
from hotspot.paths import WEST_MIDLANDS

POLICE_UK = "police-uk"
"""The profile's name."""
_EXTRACT_SUFFIXES = {".csv", ".txt", ".xlsx", ".parquet", ".gpkg", ".geojson", ".json"}
Progress = Callable[[str], object]


@dataclass(frozen=True, eq=False)
class Batch:
    """Everything that the files of one import say, before validation."""

    source: str
    raw: tuple[RawOffences, ...]
    forces: dict[str, Force]
    """Slug → force, in the order of the files."""
    default_force: Force
    """Of rows that name none."""
    monthly: bool
    """True: the import replaces whole months; False: the dates it covers."""
    outcomes: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Slug → the latest outcome of each crime."""
    passed_over: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def import_sources(
    paths: Sequence[Path],
    *,
    store: Path,
    profile: str | None = None,
    mapping: Mapping | Path | None = None,
    forces: Sequence[Force] = (),
    source: str | None = None,
    crime_type: str | None = None,
    crs: str | None = None,
    progress: Progress | None = None,
    today: date | None = None,
    imported_at: datetime | None = None,
    synthetic: bool = False,
) -> LoadReport:
    """Read files, validate their rows and replace what the store holds of them.

    A police.uk import replaces the same source, force and month; a force extract replaces the offences of the
    same source and force within the dates it covers (reported, else committed). Nothing else is touched, and a
    refused or interrupted import leaves every file of the store as it was.

    Parameters
    ----------
    paths
        Files, folders and archive zips.
    store
        Folder of the store; made where it does not exist.
    profile, mapping
        'police-uk', or what the columns of a force extract mean (a mapping, or the TOML file that says it);
        neither given: told by the header.
    forces
        None given: the store's, else West Midlands.
    source
        Name of the source; by default 'police.uk' or the mapping's name.
    crime_type, crs
        Take the place of what the mapping says.
    progress
        Told a sentence before each step.
    today, imported_at
        The last day that is not in the future, and what the report is dated; the clock's where not given.
    synthetic
        True: the data are invented, and every page and export says so.

    Raises
    ------
    BadInput
        If a file cannot be used, with every fault of the files.
    StoreError
        If the store is damaged, in use, or cannot be written.
    """
    store = Path(store)
    profile = POLICE_UK if isinstance(profile, str) and profile.lower() == POLICE_UK else profile
    say = progress or (lambda sentence: None)
    known = _known_forces(store)
    wanted = tuple(forces) or known or (load_force(WEST_MIDLANDS),)
    meaning = _mapping(profile, mapping, crime_type=crime_type, crs=crs)
    if meaning is None:
        batch = _read_police_uk(paths, forces=wanted, known=known, source=source, say=say, asked=profile == POLICE_UK)
    else:
        batch = _read_extracts(paths, meaning, force=wanted[0], source=source, say=say)
    moment = imported_at or datetime.now().replace(microsecond=0)
    with changing(store) as (manifest, change):
        say("Checking the offences")
        report, manifest = _imported(
            batch, manifest, change, explicit=forces, today=today or moment.date(), moment=moment, synthetic=synthetic
        )
        say("Writing the store")
        commit(change, manifest.with_report(report))
    return report


class Gathering:
    """Reads file after file, so that the faults of all of them are told at once."""

    def __init__(self, say: Progress):
        self._say = say
        self._faults: list[str] = []

    def read(self, label: str, read: Callable[[], Any]) -> Any:
        """Read one file; None where it cannot be used."""
        self._say(f"Reading {label}")
        try:
            return read()
        except BadInput as fault:
            self._faults += fault.faults
            return None

    def stop_at_faults(self) -> None:
        """Refuse the import if any file could not be used."""
        if self._faults:
            raise BadInput(*self._faults)


def _known_forces(store: Path) -> tuple[Force, ...]:
    return manifests.load(store).forces if (store / manifests.NAME).exists() else ()


def _mapping(profile: str | None, mapping: Mapping | Path | None, *, crime_type: str | None, crs: str | None) -> Mapping | None:
    given = mapping if mapping is not None else (profile if profile not in (None, POLICE_UK) else None)
    if given is None:
        if crime_type or crs:
            raise BadInput("police.uk files name their crime types and positions themselves: leave out --crime-type and --crs.")
        return None
    found = given if isinstance(given, Mapping) else Mapping.from_toml(Path(given))
    return replace(found, crime_type=crime_type or found.crime_type, crs=crs or found.crs)


def _read_police_uk(
    paths: Sequence[Path], *, forces: Sequence[Force], known: Sequence[Force], source: str | None, say: Progress, asked: bool
) -> Batch:
    files = find_files(paths)
    if not asked and files and not any(police_uk.is_police_uk(file) for file in files):
        raise BadInput(
            f"{_names(files)}: these are no police.uk files, and no mapping says what their columns mean. "
            "Give a mapping with --profile FILE.toml, or make one on the Data page."
        )
    others = (*known, load_force(WEST_MIDLANDS))
    plan = police_uk.plan(files, forces=forces, known=others)
    gathering = Gathering(say)
    raw = [gathering.read(file.label, partial(police_uk.read_street, file, force)) for file, force in plan.street]
    outcomes: dict[str, list[pd.DataFrame]] = {}
    for file, force in plan.outcomes:
        outcomes.setdefault(force.slug, []).append(gathering.read(file.label, partial(police_uk.read_outcomes, file)))
    gathering.stop_at_faults()
    asked_for = {force.slug: force for force in forces}
    found = {force.slug: force for force in plan.forces}
    return Batch(
        source=source or police_uk.SOURCE,
        raw=tuple(raw),
        # In the order asked for, whatever the files are called: the first is the force that the store remembers as its own.
        forces={name: found[name] for name in (*asked_for, *found) if name in found},
        default_force=forces[0],
        monthly=True,
        outcomes={name: police_uk.latest_outcomes(frames) for name, frames in outcomes.items()},
        passed_over=plan.passed_over,
        notes=plan.notes,
    )


def _read_extracts(paths: Sequence[Path], mapping: Mapping, *, force: Force, source: str | None, say: Progress) -> Batch:
    gathering = Gathering(say)
    files = [gathering.read(path.name, partial(_read_extract, path, mapping, force)) for path in _extract_files(paths)]
    gathering.stop_at_faults()
    raw = tuple(one for chunks in files for one in chunks)
    return Batch(source or mapping.name, raw, {force.slug: force}, force, monthly=False)


def _read_extract(path: Path, mapping: Mapping, force: Force) -> list[RawOffences]:
    return list(force_extract.read_extract(path, mapping=mapping, force=force))


def _extract_files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            files += sorted(file for file in path.iterdir() if file.suffix.lower() in _EXTRACT_SUFFIXES)
        elif path.is_file():
            files.append(path)
        else:
            raise BadInput(f"There is no file or folder {path}.")
    if not files:
        raise BadInput("There is no file to import: the folder holds no CSV, XLSX, Parquet, GeoPackage or GeoJSON file.")
    return files


def _names(files: Sequence[SourceFile]) -> str:
    shown = ", ".join(file.label for file in files[:3])
    return shown if len(files) <= 3 else f"{shown} and {len(files) - 3} more"


def _imported(
    batch: Batch,
    manifest: Manifest,
    change: Change,
    *,
    explicit: Sequence[Force],
    today: date,
    moment: datetime,
    synthetic: bool,
) -> tuple[LoadReport, Manifest]:
    """Validate each force's rows and put them into the manifest."""
    merged: dict[str, Merged] = {}
    notes = [note for one in batch.raw for note in one.notes] + list(batch.notes)
    for force, rows in _by_force(batch):
        manifest, areas, note = _with_force(manifest, change, force, explicit=explicit)
        notes += note
        validated = validate(rows, source=batch.source, force=force, areas=areas, today=today) if rows is not None else None
        one = merge(
            validated,
            manifest,
            change,
            source=batch.source,
            force=force,
            monthly=batch.monthly,
            latest_outcomes=batch.outcomes.get(force.slug),
            synthetic=synthetic,
        )
        manifest, merged[force.name] = one.manifest, one
        notes += one.notes
    rows_read = sum(one.rows_read for one in batch.raw)
    report = summarise(
        merged, source=batch.source, imported_at=moment, rows_read=rows_read, passed_over=batch.passed_over, notes=notes
    )
    return report, manifest


def _by_force(batch: Batch) -> list[tuple[Force, pd.DataFrame | None]]:
    """Cut the rows by force; a force whose outcomes alone were read has none."""
    frames = [one.frame for one in batch.raw if len(one.frame)]
    if not frames:
        return [(force, None) for force in batch.forces.values()]
    rows = pd.concat([frame.dropna(axis="columns", how="all") for frame in frames], ignore_index=True)
    unknown = pd.Series(None, index=rows.index, dtype="str")
    rows = rows.assign(**{name: unknown for name in (*RAW_REQUIRED, "force") if name not in rows})
    said = rows["force"].fillna(batch.default_force.name)
    slugs = said.map({name: slug(name) for name in said.unique()})
    forces = batch.forces | {slug(name): Force(name) for name in said.unique() if slug(name) not in batch.forces}
    present = set(slugs)
    return [(force, rows[slugs == one] if one in present else None) for one, force in forces.items()]


def _with_force(
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
