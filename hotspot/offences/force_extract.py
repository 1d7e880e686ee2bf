"""The force extract profile: rows of any supported file, read through a mapping into canonical columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.given_text import one_line
from hotspot.limits import CRIME_TYPES
from hotspot.offences.codes import crime_type_of
from hotspot.offences.coordinates import Positions, read_numbers, suspicion, to_metres
from hotspot.offences.date_columns import DateColumn, read_dates
from hotspot.offences.dates import DAY, MINUTE, MONTH
from hotspot.offences.mapping import DATES, TEXTS, Mapping
from hotspot.offences.read import NO_DATE, RAGGED, RawOffences
from hotspot.offences.schema import NO_LOCATION, TIME_PRECISIONS
from hotspot.offences.tabular import parts_of, read_table
from hotspot.offences.text_table import TextTable, single_spaced

OTHER = "Other crime"
"""The crime type of an offence whose code and description no one knows: kept, and told."""
NOT_GIVEN = "not given"
"""What stands for the source's crime type where its cells are blank."""
_WINDOW = ("committed_from", "committed_to", "reported")
_REFERENCES = ("offence_id", "premises_ref", "victim_ref", "vehicle_ref", "suspect_ref")
_SHORTENED = r"\d(?:\.\d+)?[Ee]\+\d{1,3}"
Timed = Table[str, bool]
_OLDEST = 130
"""Years; a higher age is a slip."""


@dataclass(frozen=True, eq=False)
class Preview:
    """The first rows of a file as they would be imported."""

    frame: pd.DataFrame
    """Canonical columns of the first rows, excluded ones among them."""
    rows_read: int
    excluded: dict[str, int]
    """Reason → rows of those read."""
    examples: dict[str, tuple[int, ...]]
    """Reason → numbers of the first few such rows."""
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Head:
    """The beginning of a file as it is, before any mapping."""

    frame: pd.DataFrame
    """The first rows, every column as text, '' where blank."""
    columns: tuple[str, ...]
    parts: tuple[str, ...]
    """Sheets of a workbook or layers of a GeoPackage; empty for other files."""
    crs: str
    """Coordinate system of the file's own points; '' where it has none."""
    has_points: bool


def read_extract(path: Path, *, mapping: Mapping, force: Force, limit: int | None = None) -> Iterator[RawOffences]:
    """Read a force extract.

    Parameters
    ----------
    path
        A CSV, XLSX, Parquet, GeoPackage or GeoJSON file.
    mapping
        What its columns mean.
    force
        Whose analysis coordinate system and bounds are meant.
    limit
        Rows to read at most; None for all.

    Raises
    ------
    BadInput
        If the file or the mapping cannot be used, with one sentence for each fault of both.
    """
    path = Path(path)
    table = read_table(path, sheet=mapping.sheet, layer=mapping.layer, wanted=mapping.wanted, limit=limit)
    faults = [*mapping.faults(), *(f"{path.name}: {fault}" for fault in mapping.faults_against(table.columns))]
    if faults:
        raise BadInput(*faults)
    yield read_text(table, path.name, mapping, force)


def preview(path: Path, mapping: Mapping, force: Force, rows: int | None = 200) -> Preview:
    """Show what an import of the first rows would give, and what it would exclude and why.

    Raises
    ------
    BadInput
        As ``read_extract`` does.
    """
    (offences,) = read_extract(path, mapping=mapping, force=force, limit=rows)
    reasons = offences.frame[["excluded", "source_row"]].dropna()
    grouped = {str(reason): group["source_row"].tolist() for reason, group in reasons.groupby("excluded")}
    return Preview(
        frame=offences.frame,
        rows_read=offences.rows_read,
        excluded={reason: len(numbers) for reason, numbers in grouped.items()},
        examples={reason: tuple(numbers[:5]) for reason, numbers in grouped.items()},
        notes=offences.notes,
    )


def read_head(path: Path, rows: int = 20, *, part: str = "") -> Head:
    """Read the first rows of a file as text, for a person to see and for ``guess``.

    Parameters
    ----------
    path
        The file.
    rows
        How many rows.
    part
        The sheet or layer; '' for the first.
    """
    table = read_table(path, sheet=part, layer=part, limit=rows)
    points = table.points
    return Head(table.frame, table.columns, parts_of(path), points.crs if points else "", points is not None)


def read_text(
    table: TextTable,
    file_name: str | NDArray[np.object_],
    mapping: Mapping,
    force: Force,
    *,
    timed: Timed = MappingProxyType({}),
) -> RawOffences:
    """Read rows of text, wherever they come from.

    Parameters
    ----------
    file_name
        Of all rows, or of each.
    timed
        Canonical date column → whether any of its rows has a time other than midnight, where the table is a part of them.
    """
    notes = list(table.notes)
    dates = _read_date_columns(table, mapping, notes, timed)
    positions = _read_positions(table, mapping, force, notes)
    has_position = ~np.isnan(positions.x)
    types, source_types = _read_crime_types(table, mapping, file_name, notes)
    columns: dict[str, object] = {
        **_read_texts(table, mapping, notes),
        **{name: column.at for name, column in dates.items()},
        "crime_type": types,
        "source_crime_type": source_types,
        "time_precision": _time_precision(dates, mapping, len(table.frame)),
        "location_precision": np.where(has_position, mapping.location, NO_LOCATION),
        "x": positions.x,
        "y": positions.y,
        **_read_victim_age(table, mapping, notes),
        **_read_knife(table, mapping, notes),
        "source_file": file_name,
        "source_row": table.rows,
    }
    excluded = _exclusions(table, mapping, dates)
    frame = pd.DataFrame({**columns, "excluded": pd.Series(excluded, dtype="str")}, index=table.frame.index)
    return RawOffences(frame, len(frame), tuple(notes))


def _cells(table: TextTable, mapping: Mapping, name: str) -> pd.Series | None:
    return table.frame[mapping.columns[name][0]] if name in mapping.columns else None


def _read_date_columns(table: TextTable, mapping: Mapping, notes: list[str], timed: Timed) -> dict[str, DateColumn]:
    """Read every mapped date; an end written as a day alone lasts to the end of that day beside a start with a time."""
    found = {}
    for name in DATES:
        if name in mapping.columns:
            names = mapping.columns[name]
            clocks = table.frame[names[1]] if len(names) == 2 else None
            rules, known = mapping.date_rules, timed.get(name)
            found[name] = read_dates(table.frame[names[0]], name=names[0], rules=rules, clocks=clocks, timed=known)
            notes += found[name].notes
    start, end = found.get("committed_from"), found.get("committed_to")
    if start is not None and end is not None:
        open_days = (start.precision == MINUTE) & (end.precision == DAY)
        lengthened = np.where(open_days, end.at + np.timedelta64(1, "D"), end.at)
        found["committed_to"] = DateColumn(lengthened, end.precision, end.unreadable)
    return {name: column if name in _WINDOW else column.as_days() for name, column in found.items()}


def _time_precision(dates: dict[str, DateColumn], mapping: Mapping, count: int) -> NDArray[np.object_]:
    """Give each row the precision of the date it counts by, no finer than the mapping trusts."""
    precision = np.full(count, DAY, dtype=object)
    for name in ("committed_to", "reported", "committed_from"):
        if name in dates:
            precision = np.where(dates[name].known, dates[name].precision, precision)
    if mapping.time_precision in (MONTH, DAY):
        coarser = TIME_PRECISIONS[: TIME_PRECISIONS.index(mapping.time_precision) + 1]
        precision = np.where(np.isin(precision.astype(str), coarser), precision, mapping.time_precision)
    return precision


def _read_positions(table: TextTable, mapping: Mapping, force: Force, notes: list[str]) -> Positions:
    if "x" in mapping.columns:
        crs = mapping.crs or force.analysis_crs
        geographic = CRS.from_user_input(crs).is_geographic
        x, y = (read_numbers(table.frame[mapping.columns[axis][0]], geographic=geographic) for axis in ("x", "y"))
    elif table.points is not None:
        crs = _own_crs(table, mapping, force)
        x, y = table.points.x, table.points.y
        no_point = int(np.isinf(x).sum())
        if no_point:
            notes.append(f"{_rows(no_point)} a geometry that is not a point: counted, but not placed on a map.")
    else:
        notes.append("No columns for x and y are mapped: no offence has a location.")
        nowhere = np.full(len(table.frame), np.nan)
        return Positions(nowhere, nowhere)
    half = int((np.isnan(x) != np.isnan(y)).sum())
    if half:
        notes.append(f"{_rows(half)} one coordinate without the other: the location is unusable.")
    misread = suspicion(x, y, crs=crs, force=force)
    notes += [misread] if misread else []
    return to_metres(x, y, crs=crs, force=force)


def _own_crs(table: TextTable, mapping: Mapping, force: Force) -> str:
    """Choose the coordinate system of a file's own points: its own word before the mapping's."""
    assert table.points is not None
    try:
        return CRS.from_user_input(table.points.crs).to_string()
    except CRSError:
        return mapping.crs or force.analysis_crs


def _read_crime_types(table: TextTable, mapping: Mapping, file_name: str, notes: list[str]) -> tuple[list[str], list[str]]:
    """Give every row its crime type and the file's own word for it."""
    count = len(table.frame)
    if mapping.crime_type:
        name = crime_types.canonical_name(mapping.crime_type)
        return [name] * count, [name] * count
    blank = pd.Series([""] * count, dtype="str")
    cells = [_cells(table, mapping, name) for name in ("crime_code", "crime_description")]
    codes, descriptions = (blank if column is None else column for column in cells)
    pairs = list(zip(codes, descriptions, strict=True))
    CRIME_TYPES.check(len(set(pairs)), file_name)
    own = mapping.crime_type_table
    kinds = {(code, words): crime_type_of(code, words, table=own) for code, words in set(pairs)}
    sources = [one_line(words or code) or NOT_GIVEN for code, words in pairs]
    unknown = Counter(source for pair, source in zip(pairs, sources, strict=True) if kinds[pair] is None)
    if unknown:
        listed = ", ".join(f"'{source}' ({number:,})" for source, number in unknown.most_common(10))
        notes.append(
            f"{_rows(unknown.total())} a crime type that neither the mapping nor the product knows, kept as '{OTHER}': {listed}"
            f"{' and others' if len(unknown) > 10 else ''}. Add lines under [crime_types] to count them elsewhere."
        )
    return [kind.name if (kind := kinds[pair]) else OTHER for pair in pairs], sources


def _read_texts(table: TextTable, mapping: Mapping, notes: list[str]) -> dict[str, pd.Series]:
    found = {}
    for name in TEXTS:
        cells = _cells(table, mapping, name)
        if cells is None:
            continue
        if name in _REFERENCES:
            cells = _without_shortened(cells, mapping.columns[name][0], notes)
        found["lpa_named" if name == "lpa" else name] = single_spaced(cells).mask(cells == "")
    return found


def _without_shortened(cells: pd.Series, name: str, notes: list[str]) -> pd.Series:
    """Blank references such as 2.01E+11, which a spreadsheet made one of many different ones."""
    shortened = cells.str.fullmatch(_SHORTENED)
    if shortened.any():
        notes.append(
            f"'{name}': {_rows(int(shortened.sum()))} a reference that a spreadsheet shortened ('{cells[shortened].iloc[0]}'); "
            "different ones look the same, so they are taken as unknown. Export them as text."
        )
    return cells.mask(shortened, "")


def _read_victim_age(table: TextTable, mapping: Mapping, notes: list[str]) -> dict[str, pd.Series]:
    cells = _cells(table, mapping, "victim_age")
    if cells is None:
        return {}
    years = pd.to_numeric(cells.mask(cells == ""), errors="coerce")
    known = years.between(0, _OLDEST) & (years % 1 == 0)
    strange = (cells != "") & ~known
    if strange.any():
        notes.append(_strange_note(mapping, "victim_age", cells[strange], "a value that is no age"))
    return {"victim_age": years.where(known).astype("Int16")}


def _read_knife(table: TextTable, mapping: Mapping, notes: list[str]) -> dict[str, pd.Series]:
    cells = _cells(table, mapping, "knife")
    if cells is None:
        return {}
    words = {word.strip().lower(): value for value, list_ in ((True, mapping.yes), (False, mapping.no)) for word in list_}
    lower = cells.str.lower()
    strange = (cells != "") & ~lower.isin(list(words))
    if strange.any():
        notes.append(_strange_note(mapping, "knife", cells[strange], "a word that is neither yes nor no"))
    return {"knife": lower.map(words).astype("boolean")}


def _strange_note(mapping: Mapping, name: str, strange: pd.Series, what: str) -> str:
    return f"'{mapping.columns[name][0]}': {_rows(len(strange))} {what} ('{strange.iloc[0]}'); taken as unknown."


def _exclusions(table: TextTable, mapping: Mapping, dates: dict[str, DateColumn]) -> list[str | None]:
    """Name the reason for each row that cannot be read."""
    ragged = _ragged(table, mapping)
    dated = np.zeros(len(table.frame), dtype=bool)
    for name in _WINDOW:
        if name in dates:
            dated |= dates[name].known
    return [RAGGED if torn else None if has_date else NO_DATE for torn, has_date in zip(ragged, dated, strict=True)]


def _ragged(table: TextTable, mapping: Mapping) -> Iterable[bool]:
    """Tell rows with more fields than the header, and rows that end before a column that the reading rests on.

    Rows that only lack later columns are whole: spreadsheets leave blank cells off the end of a row.
    """
    if table.fields is None:
        return [False] * len(table.frame)
    needed = ("crime_code", "crime_description", "committed_from", "committed_to", "reported", "x", "y")
    last = max(table.columns.index(column) for name in needed for column in mapping.columns.get(name, ()))
    return (table.fields < 0) | (table.fields <= last)


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"
