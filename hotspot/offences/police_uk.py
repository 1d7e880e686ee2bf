"""The police.uk profile: street files and outcomes files of data.police.uk, one or many forces.

The files know the month of an offence and a position snapped to an anchor point; both are recorded on each
offence as facts, so that no method claims more (https://data.police.uk/about/).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hotspot.errors import BadInput
from hotspot.geography import Force, slug
from hotspot.given_text import one_line
from hotspot.offences.csv_rows import header_of, read_rows
from hotspot.offences.source_files import SourceFile

SOURCE = "police.uk"
STREET, OUTCOMES, STOPS, OTHER = "street", "outcomes", "stop-and-search", "other"
STREET_COLUMNS = {"crime id", "month", "longitude", "latitude", "location", "crime type"}
OUTCOME_COLUMNS = {"crime id", "month", "outcome type"}
_STANDARD_NAME = re.compile(r"(\d{4}-\d{2})-(.+)-(street|outcomes|stop-and-search)\.csv", re.IGNORECASE)
_NAMED_OTHERWISE = {"british-transport": "btp", "of-northern-ireland": "northern-ireland"}
"""Forces whose files are not named by what their rows say."""
_FORCE_WORDS = {"police", "constabulary", "service", "force"}

GENERIC_STREETS = frozenset(
    {
        "Airport/Airfield",
        "Bus/Coach Station",
        "Conference/Exhibition Centre",
        "Docks",
        "Ferry Terminal",
        "Further/Higher Educational Building",
        "Hospital",
        "Motorway Service Area",
        "Nightclub",
        "Park/Open Space",
        "Parking Area",
        "Pedestrian Subway",
        "Petrol Station",
        "Police Station",
        "Prison",
        "Race Track",
        "Railway Station",
        "Retail Park",
        "Service Station",
        "Shopping Area",
        "Sports/Recreation Area",
        "Supermarket",
        "Theatre/Concert Hall",
    }
)
"""Names that stand for a kind of place, not for one street: no name for a hotspot."""


@dataclass(frozen=True)
class Plan:
    """Which files of an import are read, and which are passed over."""

    street: tuple[tuple[SourceFile, Force], ...]
    """Each street file with the force it belongs to."""
    outcomes: tuple[tuple[SourceFile, Force], ...]
    passed_over: dict[str, int] = field(default_factory=dict)
    """Force, or kind of file → number of files not read."""
    notes: tuple[str, ...] = ()

    @property
    def forces(self) -> tuple[Force, ...]:
        return tuple({force.slug: force for _, force in (*self.street, *self.outcomes)}.values())


def is_police_uk(file: SourceFile) -> bool:
    """Say whether a file is one that data.police.uk publishes, by its header."""
    return kind_of(file) != OTHER


def kind_of(file: SourceFile) -> str:
    """Tell street files, outcomes files and stop and search files apart by their headers."""
    if not file.name.lower().endswith(".csv"):
        return OTHER
    columns = {column.lower() for column in header_of(file.peek())}
    if columns >= STREET_COLUMNS:
        return STREET
    if columns >= OUTCOME_COLUMNS:
        return OUTCOMES
    return STOPS if "object of search" in columns else OTHER


def plan(files: Sequence[SourceFile], *, forces: Sequence[Force], known: Sequence[Force] = ()) -> Plan:
    """Choose the files of the forces; a file that was named itself is always read, under its own force's name.

    Parameters
    ----------
    files
        What the import's paths hold.
    forces
        Whose files are read of folders and archives.
    known
        Further forces whose description is known, for files that were named themselves.

    Raises
    ------
    BadInput
        If a file that was named is not of police.uk, or nothing is left to read; the message names the forces found.
    """
    strange = [file.label for file in files if file.named and kind_of(file) not in (STREET, OUTCOMES)]
    if strange:
        cure = "Its first row does not name their columns. Give the CSV as data.police.uk publishes it, in UTF-8."
        raise BadInput(*(f"{label} is neither a street file nor an outcomes file of police.uk. {cure}" for label in strange))
    wanted = {file_slug(force.name): force for force in forces}
    chosen: dict[str, dict[str, tuple[SourceFile, Force]]] = {STREET: {}, OUTCOMES: {}}
    passed_over: dict[str, int] = {}
    notes: list[str] = []
    for file in files:
        kind = _kind_by_name(file)
        own = force_name(file) if kind in chosen else ""
        force = wanted.get(file_slug(own)) or (_own_force(own, forces, known) if file.named else None)
        if kind not in chosen or force is None:
            label = own or _other_kind(file, kind)
            passed_over[label] = passed_over.get(label, 0) + 1
            continue
        key = file.name.lower() if _STANDARD_NAME.fullmatch(file.name) else f"{file.path}/{file.label}"
        if key in chosen[kind]:
            notes.append(f"{file.name} was given more than once; the last one was read.")
        chosen[kind][key] = (file, force)
    if not any(chosen.values()):
        raise BadInput(_nothing_to_read(files, forces, passed_over))
    return Plan(tuple(chosen[STREET].values()), tuple(chosen[OUTCOMES].values()), passed_over, tuple(notes))


def _other_kind(file: SourceFile, kind: str) -> str:
    """Name a file that is passed over and says no force."""
    if file.name.lower().endswith(".zip"):
        return "an archive within the archive, which must be unpacked"
    return {STOPS: "stop and search", OTHER: "not from police.uk"}.get(kind, "force not named")


def _own_force(name: str, forces: Sequence[Force], known: Sequence[Force]) -> Force:
    """Give the force of a file that was named itself; one that says no force is of the import's first."""
    if not name:
        return forces[0]
    return next((force for force in known if file_slug(force.name) == file_slug(name)), Force(name))


def _nothing_to_read(files: Sequence[SourceFile], forces: Sequence[Force], passed_over: dict[str, int]) -> str:
    if not files:
        return "There is no file to import: the folder or archive is empty."
    found = ", ".join(f"{name} ({count})" for name, count in sorted(passed_over.items()))
    names = " or ".join(force.name for force in forces)
    return (
        f"There is no police.uk street file of {names} to import. Found: {found}. "
        "Name the force with --force, or name the file itself."
    )


def _kind_by_name(file: SourceFile) -> str:
    """Spare opening every file of a national archive where its name already says what it is."""
    match = _STANDARD_NAME.fullmatch(file.name)
    return match[3].lower() if match and not file.named else kind_of(file)


def force_name(file: SourceFile) -> str:
    """Name the force of a file: by a standard file name, else by the first row that says it; '' where none does."""
    match = _STANDARD_NAME.fullmatch(file.name)
    if match:
        return match[2].replace("-", " ").title().replace(" And ", " and ").replace(" Of ", " of ")
    if not file.name.lower().endswith(".csv"):
        return ""
    content = file.peek()
    complete_lines = content[: content.rfind(b"\n") + 1] or content
    if not header_of(complete_lines):
        return ""
    rows = read_rows(complete_lines, name=file.label)
    column = next((column for column in rows.columns if column.lower() == "reported by"), None)
    said = rows.frame[column] if column is not None else ()
    return plain_name(next((name for name in said if name.strip()), ""))


def file_slug(name: str) -> str:
    """Reduce a force's name to what police.uk's file names have: 'British Transport Police' → 'btp'."""
    return _NAMED_OTHERWISE.get(slug(name), slug(name))


def plain_name(reported_by: str) -> str:
    """Write a force's name as people do: 'West Midlands Police' → 'West Midlands'."""
    words = [word for word in one_line(reported_by).split() if word.lower() not in _FORCE_WORDS]
    return " ".join(words)
