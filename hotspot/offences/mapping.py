"""What the columns of a force extract mean: a mapping, read from TOML, from options, or built in the wizard."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.given_text import content_of, name_fault, toml_document
from hotspot.offences.codes import table_key
from hotspot.offences.coordinates import LONGITUDE_LATITUDE
from hotspot.offences.dates import DateRules
from hotspot.offences.schema import EXACT, SNAPPED, TIME_PRECISIONS

DATES = ("committed_from", "committed_to", "reported", "outcome_date", "filed_date", "cctv_requested", "cctv_received")
"""Canonical columns that hold dates; each may be joined from a date column and a time column."""
TEXTS = (
    *("offence_id", "lpa", "street", "premises_ref", "victim_ref", "vehicle_ref", "vehicle_make", "vehicle_model"),
    *("suspect_ref", "officer_ref", "mo", "beat", "outcome"),
)
"""Canonical columns kept as written."""
COLUMNS = (*TEXTS, *DATES, "crime_code", "crime_description", "x", "y", "victim_age", "knife")
"""Every canonical column that a mapping can name."""
ALIASES = {"lon": "x", "lat": "y", "longitude": "x", "latitude": "y", "crime_type": "crime_description", "address": "street"}
"""Other words a mapping may use; with lon and lat the crs is EPSG:4326 unless it says otherwise."""
YES = ("Y", "Yes", "1", "True")
NO = ("N", "No", "0", "False")
MOST_FAULTS = 20
"""Told of one mapping."""
_TOP = ("name", "description", "crs", "location", "time_precision", "crime_type", "sheet", "layer")
_TABLES: dict[str, tuple[str, ...]] = {
    "columns": (),
    "dates": ("day_first", "formats"),
    "crime_types": (),
    "values": ("yes", "no"),
    "postgresql": ("table", "key", "geometry", "version", "time_zone", "force"),
}


@dataclass(frozen=True)
class Mapping:
    """How a force extract is read."""

    name: str
    """Name of the source: a later import of the same name replaces the dates it covers."""
    columns: dict[str, tuple[str, ...]] = field(hash=False)
    """Canonical column → column of the file; for a date also (date column, time column)."""
    description: str = ""
    crs: str = ""
    """Coordinate system of x and y; '': the file's own, else the force's analysis coordinate system."""
    location: str = EXACT
    """'exact' or 'snapped'."""
    time_precision: str = ""
    """The finest that the times can be trusted: 'month', 'day' or 'minute'; '': as written, row by row."""
    crime_type: str = ""
    """The crime type of every row; '': by crime_code and crime_description."""
    crime_types: dict[str, str] = field(default_factory=dict, hash=False)
    """The mapping's own lines, code or description → crime type, over those the product knows."""
    day_first: bool = True
    date_formats: tuple[str, ...] = ()
    """Explicit forms in strptime's notation, for dates that are not ISO."""
    sheet: str = ""
    layer: str = ""
    yes: tuple[str, ...] = YES
    no: tuple[str, ...] = NO
    postgresql: dict[str, str] = field(default_factory=dict, hash=False)
    """Where the offences are that stay in a database (``offences/postgresql``); empty for files."""

    @classmethod
    def from_toml(cls, source: str | Path) -> Mapping:
        """Read a mapping from a TOML file or from its text.

        Raises
        ------
        BadInput
            With one sentence for each fault.
        """
        label, text = _text_of(source)
        document = toml_document(text, label)
        faults = [*_key_faults(document), *_type_faults(document)]
        if not faults:
            mapping = _from_document(document)
            faults = list(mapping.faults())
        if faults:
            different = list(dict.fromkeys(faults))
            more = [f"{len(different) - MOST_FAULTS:,} more such faults."] if len(different) > MOST_FAULTS else []
            raise BadInput(*(f"{label}: {fault}" for fault in (*different[:MOST_FAULTS], *more)))
        return mapping

    def to_toml(self) -> str:
        """Write the mapping as TOML that ``from_toml`` reads back as an equal mapping."""
        top = {key: getattr(self, key) for key in _TOP if getattr(self, key) or key == "name"}
        columns = {key: names[0] if len(names) == 1 else list(names) for key, names in self.columns.items()}
        tables: dict[str, dict[str, Any]] = {
            "columns": columns,
            "dates": {"day_first": self.day_first, "formats": list(self.date_formats)},
            "crime_types": self.crime_types,
            "values": {"yes": list(self.yes), "no": list(self.no)},
            "postgresql": self.postgresql,
        }
        lines = [_line(key, value) for key, value in top.items()]
        for name, table in tables.items():
            if table:
                lines += ["", f"[{name}]", *(_line(key, value) for key, value in table.items())]
        return "\n".join(lines) + "\n"

    @property
    def date_rules(self) -> DateRules:
        return DateRules(self.day_first, self.date_formats)

    @property
    def crime_type_table(self) -> dict[str, str]:
        """The [crime_types] with keys as they are looked up and names as the product writes them."""
        return {table_key(key): crime_types.canonical_name(name) for key, name in self.crime_types.items()}

    @property
    def wanted(self) -> frozenset[str]:
        """Columns of the file that are read; no other is ever loaded."""
        return frozenset(name for names in self.columns.values() for name in names)

    def faults(self) -> tuple[str, ...]:
        """List what is wrong with the mapping itself, a sentence each; empty where it can be used."""
        checks = (_name_faults, _column_faults, _crime_type_faults, _crs_faults, _format_faults)
        return tuple(fault for check in checks for fault in check(self))

    def faults_against(self, columns: Iterable[str]) -> tuple[str, ...]:
        """List each mapped column that a file lacks, with the nearest names it has."""
        present = [column for column in columns if column]
        missing = [(key, name) for key, names in self.columns.items() for name in names if name not in present]
        return tuple(f"It has no column '{name}' for {key}.{_nearest(name, present)}" for key, name in missing)


def mapping_from_options(
    *, columns: str, crs: str | None = None, crime_type: str | None = None, name: str = "Force extract"
) -> Mapping:
    """Build a mapping from the options of the command line: ``x=Easting,y=Northing,committed_from=Date From``.

    Raises
    ------
    BadInput
        With one sentence for each fault.
    """
    pairs, faults = {}, []
    for part in re.split(r",(?=\s*\w+\s*=)", columns):
        key, separator, column = part.partition("=")
        if not separator or not column.strip():
            faults.append(f"'{part.strip()}' does not say which column it means. Write for example x=Easting,y=Northing.")
        elif key.strip() in pairs:
            faults.append(f"'{key.strip()}' is given twice.")
        else:
            pairs[key.strip()] = column.strip()
    document = {"name": name, "columns": pairs, "crs": crs or "", "crime_type": crime_type or ""}
    faults += _type_faults(document)
    mapping = _from_document(document)
    faults += mapping.faults()
    if faults:
        raise BadInput(*(f"--columns: {fault}" for fault in faults))
    return mapping


def canonical_columns(columns: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Write the keys of a [columns] table as canonical names, its values as tuples."""
    return {ALIASES.get(key, key): (value,) if isinstance(value, str) else tuple(value) for key, value in columns.items()}


def _text_of(source: str | Path) -> tuple[str, str]:
    if isinstance(source, str) and ("\n" in source or "=" in source):
        return "The mapping", source
    path = Path(source)
    try:
        return str(path), content_of(path, f"The mapping {path}").decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadInput(f"The mapping {path} cannot be read ({fault}). Save it as UTF-8.") from fault


def _from_document(document: dict[str, Any]) -> Mapping:
    columns, dates, values = document.get("columns", {}), document.get("dates", {}), document.get("values", {})
    degrees = any(ALIASES.get(key) in ("x", "y") for key in columns)
    top = {key: document[key] for key in _TOP if document.get(key)}
    top["crs"] = document.get("crs") or (LONGITUDE_LATITUDE if degrees else "")
    return Mapping(
        **{"name": "", **top},
        columns=canonical_columns(columns),
        crime_types=dict(document.get("crime_types", {})),
        day_first=dates.get("day_first", True),
        date_formats=tuple(dates.get("formats", ())),
        yes=tuple(values.get("yes", YES)),
        no=tuple(values.get("no", NO)),
        postgresql=dict(document.get("postgresql", {})),
    )


def _key_faults(document: dict[str, Any]) -> Iterable[str]:
    for key in document:
        if key not in _TOP and key not in _TABLES:
            yield f"'{key}' is not known.{_nearest(key, (*_TOP, *_TABLES))}"
    for table, keys in _TABLES.items():
        for key in document.get(table, {}) if keys and isinstance(document.get(table), dict) else ():
            if key not in keys:
                yield f"[{table}] '{key}' is not known. It may hold: {', '.join(keys)}."


def _type_faults(document: dict[str, Any]) -> list[str]:
    faults = [f"'{key}' must be text in quotation marks." for key in _TOP if not isinstance(document.get(key, ""), str)]
    tables = [table for table in _TABLES if not isinstance(document.get(table, {}), dict)]
    faults += [f"'{table}' must be a table: write [{table}]." for table in tables]
    if faults:
        return faults
    for key, value in document.get("columns", {}).items():
        if not (isinstance(value, str) or _is_texts(value)):
            faults.append(f'[columns] {key} must be a column name, or for a date two: ["Date", "Time"].')
    for key in document.get("columns", {}):
        if ALIASES.get(key) in document["columns"]:
            faults.append(f"[columns] '{key}' and '{ALIASES[key]}' mean the same. Give one of them.")
    dates, values = document.get("dates", {}), document.get("values", {})
    if not isinstance(dates.get("day_first", True), bool):
        faults.append("[dates] day_first must be true or false.")
    faults += [
        f"[{table}] {key} must be a list of texts."
        for table, key, found in (("dates", "formats", dates), ("values", "yes", values), ("values", "no", values))
        if not _is_texts(found.get(key, []))
    ]
    wrong = [key for key, value in document.get("crime_types", {}).items() if not isinstance(value, str)]
    faults += [f"[crime_types] '{key}' must be the name of a crime type." for key in wrong]
    named = document.get("postgresql", {}).items()
    return faults + [f"[postgresql] {key} must be text in quotation marks." for key, value in named if not isinstance(value, str)]


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _name_faults(mapping: Mapping) -> Iterable[str]:
    if not mapping.name.strip():
        yield 'name is missing: it is the name of the source, for example name = "Force extract".'
    elif fault := name_fault(mapping.name):
        yield f'name {fault}: it is the name of the source, for example name = "Force extract".'
    if mapping.location not in (EXACT, SNAPPED):
        yield f"location is '{mapping.location}'; it must be 'exact' or 'snapped'."
    if mapping.time_precision and mapping.time_precision not in TIME_PRECISIONS:
        yield f"time_precision is '{mapping.time_precision}'; it must be one of {', '.join(TIME_PRECISIONS)}."
    both = sorted({word.strip().lower() for word in mapping.yes} & {word.strip().lower() for word in mapping.no})
    if both:
        yield f"[values] '{both[0]}' stands for yes and for no."


def _column_faults(mapping: Mapping) -> Iterable[str]:
    for key, names in mapping.columns.items():
        if key not in COLUMNS:
            yield f"[columns] '{key}' is not a column that can be mapped.{_nearest(key, (*COLUMNS, *ALIASES))}"
        elif not names or not all(name.strip() for name in names):
            yield f"[columns] {key} names no column. Take the line out if the file has none."
        elif len(names) > (2 if key in DATES else 1):
            yield f"[columns] {key} names {len(names)} columns; only a date may be joined, from a date and a time column."
    if "committed_from" not in mapping.columns and "reported" not in mapping.columns:
        yield "[columns] names no date: give committed_from, or reported."
    if ("x" in mapping.columns) != ("y" in mapping.columns):
        yield "[columns] gives one of x and y: give both, or neither where the file has points of its own."


def _crime_type_faults(mapping: Mapping) -> Iterable[str]:
    for where, name in (("crime_type", mapping.crime_type), *(("[crime_types]", name) for name in mapping.crime_types.values())):
        if (name or where != "crime_type") and crime_types.by_name(name) is None:
            known = [kind.name for kind in crime_types.CRIME_TYPES]
            yield f"{where}: '{name}' is not a crime type.{_nearest(name, known)} List them with: python -m hotspot crime-types"
    if not mapping.crime_type and not {"crime_code", "crime_description"} & mapping.columns.keys():
        yield "no crime type is given: map crime_code or crime_description, or set crime_type for the whole file."


def _crs_faults(mapping: Mapping) -> Iterable[str]:
    if not mapping.crs:
        return
    try:
        crs = CRS.from_user_input(mapping.crs)
    except CRSError:
        yield f"crs: '{mapping.crs}' is not a coordinate system. Write for example EPSG:27700 or EPSG:4326."
        return
    if not (crs.is_projected or crs.is_geographic):
        yield f"crs: '{mapping.crs}' has no plane or geographic coordinates. Write EPSG:27700 or EPSG:4326."


def _format_faults(mapping: Mapping) -> Iterable[str]:
    for form in mapping.date_formats:
        try:
            datetime.strptime("", form)
        except ValueError as fault:
            bad = "does not match" not in str(fault)
        except re.error:  # one part stands twice, as the day in '%c %d'
            bad = True
        else:
            bad = True
        has_day = all(any(part in form for part in parts) for parts in (("%d",), ("%m", "%b", "%B"), ("%y", "%Y")))
        if bad or not has_day:
            yield f"[dates] formats: '{form}' is not a date format. Write day, month and year, for example '%d/%m/%Y %H:%M'."


def _nearest(name: str, known: Iterable[str]) -> str:
    """Suggest up to three names close to one that is not known."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(by_lower[match]) for match in close)}?" if close else ""


def _line(key: str, value: Any) -> str:
    return f"{key if re.fullmatch(r'[A-Za-z0-9_-]+', key, re.ASCII) else _quoted(key)} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    return _quoted(value)


def _quoted(text: str) -> str:
    """Write a basic string of TOML: JSON's escapes, and DEL, which JSON leaves bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
