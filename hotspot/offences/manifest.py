"""The manifest of a store: which files belong to it and what is in them, so that facts need no data read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from functools import cached_property, lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

from hotspot.errors import StoreError
from hotspot.geography import Force, slug
from hotspot.offences.report import LoadReport
from hotspot.system_faults import unreadable

P, R = ParamSpec("P"), TypeVar("R")
NAME = "store.json"
FORMAT = 1
PARTS, AREAS = "parts", "areas"
"""Sub-folders of a store."""
LINKED = "postgresql"
"""Sub-folder of what is known of a table whose offences stay in a database."""
REPORTS_KEPT = 50


@dataclass(frozen=True)
class Part:
    """The offences of one source, force and month: one Parquet file."""

    source: str
    force: str
    """The force's slug."""
    month: str
    """YYYY-MM"""
    file: str
    offences: int
    rows_used: int
    first_day: date
    """Of what is known best of each offence: start, else reported, else the first of the month."""
    last_day: date
    """For offences known to the month, its last day."""
    recorded_first: date
    """Of the date by which extracts are cut: reported, else start, else the first of the month."""
    recorded_last: date
    columns: tuple[str, ...]
    """With a value on at least one offence."""
    crime_types: Mapping[str, int]
    time_precisions: tuple[str, ...]
    location_precisions: tuple[str, ...]
    synthetic: bool = False

    @property
    def is_linked(self) -> bool:
        """True where the offences stay in a database: the file then says where and how they are read."""
        return self.file.startswith(f"{LINKED}/")


@dataclass(frozen=True)
class Exclusions:
    """Rows that an import left out, and the days of its offences, so that a later import can replace the count."""

    source: str
    force: str
    first: date
    last: date
    excluded: Mapping[str, int]


@dataclass(frozen=True)
class AreaFile:
    """The areas of one level of a force."""

    force: str
    level: str
    file: str
    origin: str = ""
    """Fingerprint of the boundaries file they were read from; empty where they came another way."""


@dataclass(frozen=True)
class Manifest:
    """Everything a store knows about itself."""

    forces: tuple[Force, ...] = ()
    areas: tuple[AreaFile, ...] = ()
    parts: tuple[Part, ...] = ()
    exclusions: tuple[Exclusions, ...] = ()
    reports: tuple[LoadReport, ...] = field(default=(), compare=False)

    @property
    def files(self) -> set[str]:
        """Every file that belongs to the store, relative to its folder."""
        return {part.file for part in self.parts} | {entry.file for entry in self.areas}

    @cached_property
    def fingerprint(self) -> str:
        """Differs as soon as the data, the areas or a force differ."""
        return hashlib.sha256(json.dumps(self._document(), default=_plain).encode()).hexdigest()[:20]

    @cached_property
    def told(self) -> dict[Hashable, Any]:
        """What ``told_once`` keeps: a manifest never changes."""
        return {}

    def parts_of(self, source: str, force: str) -> tuple[Part, ...]:
        """The parts of one source and force, by month."""
        return self._data_sets.get((source, slug(force)), ())

    @cached_property
    def _data_sets(self) -> dict[tuple[str, str], tuple[Part, ...]]:
        found: dict[tuple[str, str], list[Part]] = {}
        for part in sorted(self.parts, key=lambda part: part.month):
            found.setdefault((part.source, part.force), []).append(part)
        return {name: tuple(parts) for name, parts in found.items()}

    def force_named(self, name: str) -> Force | None:
        return self._forces.get(slug(name))

    @cached_property
    def _forces(self) -> dict[str, Force]:
        return {force.slug: force for force in reversed(self.forces)}

    def area_file(self, level: str, force: str) -> AreaFile | None:
        return next((entry for entry in self.areas if entry.level == level and entry.force == slug(force)), None)

    def with_force(self, force: Force) -> Self:
        """Remember a force; a force known already keeps its place."""
        known = [one.slug for one in self.forces]
        if force.slug not in known:
            return replace(self, forces=(*self.forces, force))
        return replace(self, forces=tuple(force if one.slug == force.slug else one for one in self.forces))

    def with_area_file(self, entry: AreaFile) -> Self:
        others = [one for one in self.areas if (one.force, one.level) != (entry.force, entry.level)]
        return replace(self, areas=(*others, entry))

    def with_report(self, report: LoadReport) -> Self:
        return replace(self, reports=(*self.reports, report)[-REPORTS_KEPT:])

    def to_json(self) -> str:
        """Write the manifest as JSON."""
        document = self._document() | {"reports": [report.to_dict() for report in self.reports]}
        return json.dumps(document, default=_plain, indent=1, ensure_ascii=False)

    def _document(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "forces": [_force_to_dict(force) for force in self.forces],
            "areas": [vars(entry) for entry in self.areas],
            "parts": [vars(part) for part in self.parts],
            "exclusions": [vars(entry) for entry in self.exclusions],
        }

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a manifest that ``to_json`` wrote."""
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}")
        return cls(
            forces=tuple(_force_from_dict(values) for values in document["forces"]),
            areas=tuple(AreaFile(**values) for values in document["areas"]),
            parts=tuple(part_from_plain(values) for values in document["parts"]),
            exclusions=tuple(_dated(Exclusions, values) for values in document["exclusions"]),
            reports=tuple(LoadReport.from_dict(values) for values in document["reports"]),
        )


def told_once(function: Callable[P, R]) -> Callable[P, R]:
    """Keep what a method tells of the manifest that its object has: thousands of parts are gone through once."""

    @wraps(function)
    def told(*arguments: P.args, **named: P.kwargs) -> R:
        kept = arguments[0].manifest.told
        key = (function.__name__, arguments[1:], tuple(sorted(named.items())))
        if key not in kept:
            kept[key] = function(*arguments, **named)
        return kept[key]

    return told


def load(folder: Path) -> Manifest:
    """Read the manifest of a store.

    Raises
    ------
    StoreError
        If there is no store, or its manifest cannot be read.
    """
    file = folder / NAME
    try:
        status = file.stat()
        return _parsed(file, status.st_ino, status.st_mtime_ns, status.st_size)
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(f"There is no store at {folder}. Import offences or make the demonstration data first.") from None
    except OSError as fault:
        remedy = "Restore the folder from a copy, or import into a new one."
        raise unreadable(file, fault, remedy=remedy, name="The store's manifest") from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise StoreError(
            f"The store's manifest {folder / NAME} is damaged or of another version ({fault}). "
            "Restore the folder from a copy, or import into a new one."
        ) from fault


@lru_cache(maxsize=4)
def _parsed(file: Path, inode: int, changed: int, size: int) -> Manifest:
    """Read a manifest once: a change of the store replaces the file, so that its inode and its time differ."""
    return Manifest.from_json(file.read_text(encoding="utf-8"))


def _plain(value: date | Mapping[str, int]) -> Any:
    return value.isoformat() if isinstance(value, date) else dict(value)


def _force_to_dict(force: Force) -> dict[str, Any]:
    values = asdict(force)
    if force.retention_months is None:
        del values["retention_months"]  # a store that never heard of it keeps its fingerprint
    return values | {"boundaries_file": str(force.boundaries_file) if force.boundaries_file else None}


def _force_from_dict(values: dict[str, Any]) -> Force:
    bounds, file = values["bounds"], values["boundaries_file"]
    return Force(**values | {"bounds": tuple(bounds) if bounds else None, "boundaries_file": Path(file) if file else None})


def part_from_plain(values: Mapping[str, Any]) -> Part:
    """Rebuild a part from the values of a JSON document."""
    lists = ("columns", "time_precisions", "location_precisions")
    return _dated(Part, dict(values) | {name: tuple(values[name]) for name in lists})


def _dated(kind: type, values: dict[str, Any]) -> Any:
    days = [one.name for one in fields(kind) if one.type == "date"]
    return kind(**values | {name: date.fromisoformat(values[name]) for name in days})
