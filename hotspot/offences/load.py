"""Import: files are read, validated and put into the store, all or nothing, and a report says what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput
from hotspot.geography import Force, slug
from hotspot.given_text import name_fault, printable
from hotspot.offences import force_extract, police_uk, retention
from hotspot.offences import manifest as manifests
from hotspot.offences.atomic import Change
from hotspot.offences.forces_of_store import with_force
from hotspot.offences.manifest import Manifest
from hotspot.offences.mapping import Mapping
from hotspot.offences.merge import Merged, merge
from hotspot.offences.read import FUTURE, RawOffences
from hotspot.offences.report import LoadReport
from hotspot.offences.schema import RAW_REQUIRED
from hotspot.offences.source_files import SourceFile, find_files
from hotspot.offences.steps import Step
from hotspot.offences.store_changes import changing, commit
from hotspot.offences.street_import import Request, import_street
from hotspot.offences.summary import summarise
from hotspot.offences.validate import validate
from hotspot.paths import WEST_MIDLANDS
from hotspot.period import day_words
from hotspot.viewer import IMPORT, LOCAL, Viewer, require

POLICE_UK = "police-uk"
"""The profile's name."""
_EXTRACT_SUFFIXES = {".csv", ".txt", ".xlsx", ".parquet", ".gpkg", ".geojson", ".json"}
Progress = Callable[[Step], object]


@dataclass(frozen=True, eq=False)
class Batch:
    """Everything that the force extracts of one import say, before validation."""

    source: str
    raw: tuple[RawOffences, ...]
    forces: dict[str, Force]
    """Slug → force, in the order of the files."""
    default_force: Force
    """Of rows that name none."""


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
    fresh: bool = False,
    viewer: Viewer = LOCAL,
) -> LoadReport:
    """Read files, validate their rows and replace what the store holds of them.

    A police.uk import replaces the same source, force and month; a force extract replaces the offences of the
    same source and force within the dates it covers (reported, else committed). Nothing else is touched, and a
    refused or interrupted import leaves every file of the store as it was. A large police.uk import that was
    interrupted takes up what it had read when it is begun again with the same files and settings.

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
        Told a sentence on each step, with the share of the work done before it.
    today, imported_at
        The last day that is not in the future, from which ages are counted too, and what the report is dated; the clock's
        where not given.
    synthetic
        True: the data are invented, and every page and export says so.
    fresh
        True: what an interrupted import had read is read again.
    viewer
        Who imports.

    Raises
    ------
    NotAllowed
        If the viewer's role may not import.
    BadInput
        If a file cannot be used, with every fault of the files.
    StoreError
        If the store is damaged, in use, or cannot be written.
    """
    require(viewer, IMPORT)
    if source is not None and (fault := name_fault(source)):
        raise BadInput(f"The name of the source {fault}. Choose a short one, such as 'Crime extract'.")
    store = Path(store)
    profile = POLICE_UK if isinstance(profile, str) and profile.lower() == POLICE_UK else profile
    say = progress or (lambda sentence: None)
    known = _known_forces(store)
    wanted = tuple(forces) or known or (load_force(WEST_MIDLANDS),)
    meaning = _mapping(profile, mapping, crime_type=crime_type, crs=crs)
    moment = imported_at or datetime.now().replace(microsecond=0)
    day = today or moment.date()
    if meaning is not None:
        batch = _read_extracts(paths, meaning, force=wanted[0], source=source, say=say)
    else:
        plan = _planned(paths, forces=wanted, known=known, asked=profile == POLICE_UK)
        request = Request(plan, source or police_uk.SOURCE, wanted, forces, day, moment, synthetic, fresh)
    with changing(store) as (manifest, change):
        if meaning is None:
            report, manifest = import_street(request, manifest, change, say)
        else:
            say(Step("Checking the offences", 0.8))
            report, manifest = _imported(batch, manifest, change, explicit=forces, today=day, moment=moment, synthetic=synthetic)
        say(Step("Writing the store", 0.95))
        sweep = retention.found(manifest, change, as_of=day)
        report = sweep.told(replace(report, notes=(*report.notes, *_clock_notes(report, manifest.reports, day))))
        commit(change, retention.carried_out(sweep, manifest, change).with_report(report))
    return report


def _clock_notes(report: LoadReport, before: Sequence[LoadReport], day: date) -> tuple[str, ...]:
    """Say by which clock rows were left out, and that it went back since the import before."""
    notes = []
    if FUTURE in report.excluded:
        notes.append(f"Dates after {day_words(day)}, the day of this import, are in the future.")
    if before and before[-1].imported_at > report.imported_at:
        own, last = (f"{one.imported_at:%d %B %Y at %H:%M}" for one in (report, before[-1]))
        notes.append(
            f"This import is dated {own}, before the last one ({last}): look at the clock of this machine, and import again "
            "if rows of today were taken for the future."
        )
    return tuple(notes)


def import_telling(sources: Sequence[Path], *, progress: Callable[[float, str], object], **keywords: Any) -> LoadReport:
    """As ``import_sources``, telling each step as its share and its words: what a process that works for a page can send."""
    return import_sources(sources, progress=lambda step: progress(step.share, str(step)), **keywords)


class Gathering:
    """Reads file after file, so that the faults of all of them are told at once."""

    def __init__(self, say: Progress):
        self._say = say
        self._faults: list[str] = []
        self._read = 0

    def read(self, label: str, read: Callable[[], Any]) -> Any:
        """Read one file; None where it cannot be used."""
        self._read += 1
        self._say(Step(f"Reading {label}", 0.75 * (1 - 0.9**self._read)))
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


def _planned(paths: Sequence[Path], *, forces: Sequence[Force], known: Sequence[Force], asked: bool) -> police_uk.Plan:
    files = find_files(paths)
    if not asked and files and not any(police_uk.is_police_uk(file) for file in files):
        raise BadInput(
            f"{_names(files)}: these are no police.uk files, and no mapping says what their columns mean. "
            "Give a mapping with --profile FILE.toml, or make one on the Data page."
        )
    return police_uk.plan(files, forces=forces, known=(*known, load_force(WEST_MIDLANDS)))


def _read_extracts(paths: Sequence[Path], mapping: Mapping, *, force: Force, source: str | None, say: Progress) -> Batch:
    gathering = Gathering(say)
    files = [gathering.read(printable(path.name), partial(_read_extract, path, mapping, force)) for path in _extract_files(paths)]
    gathering.stop_at_faults()
    raw = tuple(one for chunks in files for one in chunks)
    return Batch(source or mapping.name, raw, {force.slug: force}, force)


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
    notes = [note for one in batch.raw for note in one.notes]
    for force, rows in _by_force(batch):
        manifest, areas, note = with_force(manifest, change, force, explicit=explicit)
        notes += note
        validated = None
        if rows is not None:
            remembered = manifest.force_named(force.name) or force
            validated = validate(
                rows, source=batch.source, force=force, areas=areas, today=today, keep_from=remembered.keep_from(today)
            )
        one = merge(
            validated,
            manifest,
            change,
            source=batch.source,
            force=force,
            synthetic=synthetic,
        )
        manifest, merged[force.name] = one.manifest, one
        notes += one.notes
    rows_read = sum(one.rows_read for one in batch.raw)
    report = summarise(merged, source=batch.source, imported_at=moment, rows_read=rows_read, passed_over={}, notes=notes)
    return report, manifest


def _by_force(batch: Batch) -> list[tuple[Force, pd.DataFrame | None]]:
    """Cut the rows by force; one of which no row was read has none."""
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
