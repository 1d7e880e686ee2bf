"""Read a force from its TOML file; all faults of the file are told at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.given_text import content_of, name_fault, printable, toml_document

KEYS: dict[str, tuple[str, ...]] = {
    "": ("name", "analysis_crs", "bounds", "licence", "boundaries", "premises", "tiles", "retention"),
    "boundaries": ("file", "name_column"),
    "premises": ("households", "source"),
    "tiles": ("url",),
    "retention": ("years", "months"),
}
"""The keys of the file and of each of its tables."""
MOST_YEARS = 100
_OF_A_YEAR = {"years": 1, "months": 12}


def load_force(path: Path) -> Force:
    """Read a force from a TOML file; the boundaries file is found relative to it.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    path = Path(path)
    try:
        text = content_of(path, f"The force file {path}").decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadInput(f"The force file {path} cannot be read ({fault}). Save it as UTF-8.") from fault
    return _force(text, path.parent, source=str(path), boundaries_must_exist=True)


def force_from_toml(text: str, base_folder: Path) -> Force:
    """Read a force from the text of a TOML file, as the store remembers it.

    The boundaries file may be gone by now: the store keeps the areas themselves.

    Raises
    ------
    BadInput
        With one sentence for each fault of the text.
    """
    return _force(text, base_folder, source="The remembered force file", boundaries_must_exist=False)


def _force(text: str, base_folder: Path, *, source: str, boundaries_must_exist: bool) -> Force:
    document = toml_document(text, source)
    tables = {table: document.get(table, {}) for table in KEYS if table}
    faults = _unknown_keys(document) + _text_faults(document) + _crs_faults(document)
    faults += _bounds_faults(document.get("bounds")) + _premises_faults(tables["premises"]) + _tiles_faults(tables["tiles"])
    faults += _retention_faults(tables["retention"])
    file = _boundaries_file(tables["boundaries"], base_folder)
    if boundaries_must_exist and file is not None and not file.is_file():
        faults.append(f"[boundaries] file: there is no file {file}.")
    if faults:
        raise BadInput(*(f"{source}: {fault}" for fault in faults))
    return _built(document, tables, file=file, text=text)


def _built(document: dict[str, Any], tables: Mapping[str, dict[str, Any]], *, file: Path | None, text: str) -> Force:
    bounds = document.get("bounds")
    return Force(
        name=document["name"].strip(),
        analysis_crs=document.get("analysis_crs", Force.analysis_crs),
        bounds=tuple(float(side) for side in bounds) if bounds else None,  # type: ignore[arg-type]
        boundaries_file=file,
        name_column=tables["boundaries"].get("name_column", Force.name_column),
        premises=dict(tables["premises"].get("households", {})),
        premises_source=tables["premises"].get("source", ""),
        tiles_url=tables["tiles"].get("url", ""),
        licence=document.get("licence", ""),
        retention_months=_retention_months(tables["retention"]),
        toml=text,
    )


def _boundaries_file(table: object, base_folder: Path) -> Path | None:
    file = table.get("file") if isinstance(table, dict) else None
    if not isinstance(file, str) or not file:
        return None
    try:
        found = (base_folder / file).resolve()
        found.exists()
    except (OSError, ValueError):  # too long, or with a NUL byte: no file has that name
        return base_folder / printable(file[:80])
    return found


def _unknown_keys(document: dict[str, Any]) -> list[str]:
    faults = []
    for table, known in KEYS.items():
        content = document.get(table, {}) if table else document
        if not isinstance(content, dict):
            faults.append(f"[{table}] must be a table with {_listed(known)}, not {content!r}.")
            continue
        faults += [f"{_key(table, key)} is not known{_suggestion(key, known)}." for key in content if key not in known]
    return faults


def _suggestion(key: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {_listed(known)}"


def _text_faults(document: dict[str, Any]) -> list[str]:
    name = document.get("name")
    faults = [] if isinstance(name, str) and name.strip() else ['name is required: the force\'s name, such as "West Midlands".']
    if not faults and (fault := name_fault(str(name))):
        faults = [f"name {fault}."]
    texts = (("", "licence"), ("boundaries", "file"), ("boundaries", "name_column"), ("premises", "source"), ("tiles", "url"))
    for table, key in texts:
        content = document.get(table, {}) if table else document
        value = content.get(key, "") if isinstance(content, dict) else ""
        if not isinstance(value, str):
            faults.append(f"{_key(table, key)} must be text in quotes, not {value!r}.")
    boundaries = document.get("boundaries")
    if isinstance(boundaries, dict) and not boundaries.get("file"):
        faults.append("[boundaries] needs a file: the path of the boundaries, relative to this file.")
    return faults


def _crs_faults(document: dict[str, Any]) -> list[str]:
    name = document.get("analysis_crs", Force.analysis_crs)
    try:
        crs = CRS.from_user_input(name) if isinstance(name, str) else None
    except CRSError:
        crs = None
    if crs is None:
        return [f'analysis_crs = {name!r} is not a coordinate system. Write it as "EPSG:27700".']
    if not crs.is_projected or {axis.unit_name for axis in crs.axis_info} != {"metre"}:
        return [f'analysis_crs = {name!r} is not in metres. Choose a projected system, such as "EPSG:27700".']
    return []


def _bounds_faults(bounds: object) -> list[str]:
    if bounds is None:
        return []
    numbers = [side for side in bounds if _is_number(side)] if isinstance(bounds, list) else []
    if not isinstance(bounds, list) or len(bounds) != 4 or len(numbers) != 4:
        return [f"bounds must be four numbers in metres, [west, south, east, north], not {bounds!r}."]
    west, south, east, north = numbers
    if west >= east or south >= north:
        return [f"bounds = {bounds!r} enclose nothing: west must lie below east and south below north."]
    return []


def _premises_faults(table: object) -> list[str]:
    households = table.get("households", {}) if isinstance(table, dict) else {}
    if not isinstance(households, dict):
        return ["[premises] households must be a table of areas, such as households = { Coventry = 130000 }."]
    return [
        f"[premises] households of {area} must be a whole number above 0, not {number!r}."
        for area, number in households.items()
        if not isinstance(number, int) or isinstance(number, bool) or number <= 0
    ]


def _tiles_faults(table: object) -> list[str]:
    """A URL needs its placeholders; a folder of tiles is a path without them."""
    url = table.get("url", "") if isinstance(table, dict) else ""
    if not isinstance(url, str) or "://" not in url:
        return []
    missing = [part for part in ("{z}", "{x}", "{y}") if part not in url]
    return (
        [f'[tiles] url = "{url}" lacks {_listed(missing)}. Write it as "https://server/{{z}}/{{x}}/{{y}}.png".']
        if missing
        else []
    )


def _retention_faults(table: object) -> list[str]:
    if not isinstance(table, dict) or not table:
        return []
    faults = [
        f"[retention] {key} must be a whole number from 1 to {MOST_YEARS * of_a_year}, not {table[key]!r}."
        for key, of_a_year in _OF_A_YEAR.items()
        if key in table and not _is_count(table[key], MOST_YEARS * of_a_year)
    ]
    if len(_OF_A_YEAR.keys() & table.keys()) == 2:
        faults.append("[retention] has years and months: give one of them.")
    return faults


def _retention_months(table: Mapping[str, Any]) -> int | None:
    found = [12 // of_a_year * table[key] for key, of_a_year in _OF_A_YEAR.items() if key in table]
    return found[0] if found else None


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _key(table: str, key: str) -> str:
    return f"[{table}] {key}" if table else key


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(words)
