"""The police.uk profile: street files and outcomes files of data.police.uk, one or many forces.

The files know the month of an offence and a position snapped to an anchor point; both are recorded on each
offence as facts, so that no method claims more (https://data.police.uk/about/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.geography import Force, slug
from hotspot.offences.csv_rows import CsvRows, header_of, read_rows
from hotspot.offences.read import NO_DATE, RAGGED, RawOffences
from hotspot.offences.schema import NO_LOCATION, PRECISE_TO_MONTH, SNAPPED
from hotspot.offences.source_files import SourceFile

SOURCE = "police.uk"
STREET, OUTCOMES, STOPS, OTHER = "street", "outcomes", "stop-and-search", "other"
_STREET_COLUMNS = {"crime id", "month", "longitude", "latitude", "location", "crime type"}
_OUTCOME_COLUMNS = {"crime id", "month", "outcome type"}
_STANDARD_NAME = re.compile(r"(\d{4}-\d{2})-(.+)-(street|outcomes|stop-and-search)\.csv", re.IGNORECASE)
NOT_GIVEN = "not given"
_UNKNOWN_IS = "Other crime"
_NAMED_OTHERWISE = {"british-transport": "btp", "of-northern-ireland": "northern-ireland"}
"""Forces whose files are not named by what their rows say."""
_FORCE_WORDS = {"police", "constabulary", "service", "force"}
_EXCEL_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905

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
    if columns >= _STREET_COLUMNS:
        return STREET
    if columns >= _OUTCOME_COLUMNS:
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
        raise BadInput(*(f"{label} is neither a street file nor an outcomes file of police.uk." for label in strange))
    wanted = {file_slug(force.name): force for force in forces}
    chosen: dict[str, dict[str, tuple[SourceFile, Force]]] = {STREET: {}, OUTCOMES: {}}
    passed_over: dict[str, int] = {}
    notes: list[str] = []
    for file in files:
        kind = _kind_by_name(file)
        own = force_name(file) if kind in chosen else ""
        force = wanted.get(file_slug(own)) or (_own_force(own, forces, known) if file.named else None)
        if kind not in chosen or force is None:
            label = own or {STOPS: "stop and search", OTHER: "not from police.uk"}.get(kind, "force not named")
            passed_over[label] = passed_over.get(label, 0) + 1
            continue
        key = file.name.lower() if _STANDARD_NAME.fullmatch(file.name) else f"{file.path}/{file.label}"
        if key in chosen[kind]:
            notes.append(f"{file.name} was given more than once; the last one was read.")
        chosen[kind][key] = (file, force)
    if not any(chosen.values()):
        raise BadInput(_nothing_to_read(files, forces, passed_over))
    return Plan(tuple(chosen[STREET].values()), tuple(chosen[OUTCOMES].values()), passed_over, tuple(notes))


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
    said = _field(rows, "reported by")
    return plain_name(next((name for name in said if name.strip()), ""))


def file_slug(name: str) -> str:
    """Reduce a force's name to what police.uk's file names have: 'British Transport Police' → 'btp'."""
    return _NAMED_OTHERWISE.get(slug(name), slug(name))


def plain_name(reported_by: str) -> str:
    """Write a force's name as people do: 'West Midlands Police' → 'West Midlands'."""
    words = [word for word in reported_by.split() if word.lower() not in _FORCE_WORDS]
    return " ".join(words)


def read_street(file: SourceFile, force: Force) -> RawOffences:
    """Read one street file; the rows of a further force in it go under that force's name."""
    rows = read_rows(file.read(), name=file.label)
    missing = sorted(_STREET_COLUMNS - {column.lower() for column in rows.columns})
    if missing:
        raise BadInput(f"{file.label} lacks the column '{missing[0]}' of a police.uk street file.")
    written_types, months = _field(rows, "crime type"), _months(_field(rows, "month"))
    written_types = written_types.where(written_types.str.strip() != "", NOT_GIVEN)
    types = _mapped(written_types, _crime_type)
    x, y = _positions(_field(rows, "longitude"), _field(rows, "latitude"), crs=force.analysis_crs)
    frame = pd.DataFrame(
        {
            "offence_id": _empty_to_null(_field(rows, "crime id")),
            "force": _forces(_field(rows, "reported by"), force),
            "crime_type": types,
            "source_crime_type": written_types,
            "month": months,
            "time_precision": PRECISE_TO_MONTH,
            "location_precision": np.where(np.isnan(x), NO_LOCATION, SNAPPED),
            "x": x,
            "y": y,
            "street": _mapped(_field(rows, "location"), _street),
            "outcome": _empty_to_null(_field(rows, "last outcome category")),
            "source_file": file.label,
            "source_row": rows.frame.index,
        }
    )
    frame["excluded"] = _reasons(rows, months=months)
    return RawOffences(frame, len(frame), tuple(_notes(written_types, name=file.label)))


def read_outcomes(file: SourceFile) -> pd.DataFrame:
    """Read an outcomes file: ``offence_id``, ``outcome``, ``outcome_date`` (first of its month), the latest of each crime."""
    rows = read_rows(file.read(), name=file.label)
    frame = pd.DataFrame(
        {
            "offence_id": _field(rows, "crime id").str.strip(),
            "outcome": _field(rows, "outcome type").str.strip(),
            "outcome_date": _months(_field(rows, "month")),
        }
    )
    readable = (frame["offence_id"] != "") & (frame["outcome"] != "") & frame["outcome_date"].notna()
    return latest_outcomes([frame[readable]])


def latest_outcomes(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Keep the latest outcome of each crime; of several in one month the one written last."""
    together = pd.concat(list(frames), ignore_index=True)
    return together.sort_values("outcome_date", kind="stable").drop_duplicates("offence_id", keep="last")


def _field(rows: CsvRows, name: str) -> pd.Series:
    found = next((column for column in rows.columns if column.lower() == name), None)
    return rows.frame[found] if found is not None else pd.Series("", index=rows.frame.index, dtype="str")


def _mapped(values: pd.Series, translate: Callable[[str], str | None]) -> pd.Series:
    """Translate each different value once."""
    return values.map({value: translate(value) for value in values.unique()}).astype("str")


def _crime_type(written: str) -> str:
    """A name that no one knows yet, or none at all, is a real crime all the same."""
    kind = crime_types.by_name(written)
    return _UNKNOWN_IS if kind is None else kind.name


def _notes(written_types: pd.Series, *, name: str) -> Iterable[str]:
    for written, count in written_types.value_counts().items():
        if crime_types.by_name(written) is None:
            yield f"{name}: the crime type '{written}' is not known ({count:,} rows); it is counted as '{_UNKNOWN_IS}'."


def _empty_to_null(values: pd.Series) -> pd.Series:
    stripped = values.str.strip()
    return stripped.where(stripped != "")


def _months(written: pd.Series) -> pd.Series:
    return pd.to_datetime(written.map({text: _month(text) for text in written.unique()})).astype("datetime64[s]")


def _month(text: str) -> str | None:
    """Read '2014-01', and 'Jan-14' as a spreadsheet writes it."""
    text = text.strip()
    if re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
        return f"{text}-01"
    mangled = re.fullmatch(r"([A-Za-z]{3})-(\d\d)", text, re.ASCII)
    number = _EXCEL_MONTHS.get(mangled[1].lower()) if mangled else None
    return f"20{mangled[2]}-{number:02d}-01" if mangled and number else None


def _street(location: str) -> str | None:
    name = re.sub(r"^on or near\b", "", location.strip(), flags=re.IGNORECASE).strip()
    return None if name.lower() in ("", "no location") else name


def _forces(reported_by: pd.Series, force: Force) -> pd.Series:
    """Name the file's force on each row, but for rows that say another one."""

    def named(text: str) -> str:
        return force.name if file_slug(text) in ("", file_slug(force.name)) else plain_name(text)

    return _mapped(reported_by, named)


def _reasons(rows: CsvRows, *, months: pd.Series) -> pd.Series:
    reasons = pd.Series(pd.NA, index=rows.frame.index, dtype="str")
    reasons[months.isna()] = NO_DATE
    reasons[list(rows.ragged)] = RAGGED
    return reasons


def _positions(longitude: pd.Series, latitude: pd.Series, *, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform each different position once; the codes for absent, zero and unreadable are those of ``RawOffences``."""
    absent = ((longitude.str.strip() == "") & (latitude.str.strip() == "")).to_numpy(dtype=bool)
    pairs = _numbers(longitude) + 1j * _numbers(latitude)
    unique, inverse = np.unique(np.where(np.isfinite(pairs), pairs, 0), return_inverse=True)
    metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(unique.real, unique.imag)
    x, y = (np.where(unique == 0, 0.0, axis)[inverse] for axis in metres)
    unreadable = ~np.isfinite(pairs) & ~absent
    for axis in (x, y):
        axis[unreadable] = np.inf
        axis[absent] = np.nan
    return x, y


def _numbers(written: pd.Series) -> NDArray[np.float64]:
    return pd.to_numeric(written.str.strip(), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
