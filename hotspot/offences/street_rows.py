"""The rows of one police.uk street file, read or excluded, with each different text and position looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyproj import Transformer

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.given_text import one_line
from hotspot.limits import CRIME_TYPES
from hotspot.offences.coded import Coded, numbers_of
from hotspot.offences.csv_rows import CodedRows, read_coded
from hotspot.offences.police_uk import STREET_COLUMNS, file_slug, plain_name
from hotspot.offences.read import NO_DATE, RAGGED
from hotspot.offences.references import trimmed
from hotspot.offences.source_files import SourceFile

NOT_GIVEN = "not given"
_UNKNOWN_IS = "Other crime"
_EXCEL_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_REFERENCE = "crime id"
_NEAR = "on or near"
_WANTED = STREET_COLUMNS | {"reported by", "last outcome category"}


@dataclass(frozen=True, eq=False)
class Places:
    """The different positions of a file, in metres.

    NaN in both: no position given. (0, 0) where the file has zeros. Infinite in both: a position is written but is
    no number or cannot be transformed.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    codes: NDArray[np.int64]
    """The place of each row."""


@dataclass(frozen=True, eq=False)
class StreetRows:
    """Every row of one street file."""

    label: str
    """The file's name as a report tells it."""
    offence_id: pa.Array
    """Null where empty."""
    force: Coded
    crime_type: Coded
    source_crime_type: Coded
    month: Coded
    """YYYY-MM; not known where none can be read."""
    places: Places
    street: Coded
    outcome: Coded
    excluded: Coded
    """The reason, on rows that cannot be read."""
    notes: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.offence_id)


def read_street(file: SourceFile, force: Force) -> StreetRows:
    """Read one street file; the rows of a further force in it go under that force's name.

    Raises
    ------
    BadInput
        If the file cannot be read, or lacks a column.
    """
    rows = read_coded(file.read(), name=file.label, wanted=_WANTED, plain={_REFERENCE})
    missing = sorted(STREET_COLUMNS - {column.lower() for column in rows.columns})
    if missing:
        raise BadInput(f"{file.label} lacks the column '{missing[0]}' of a police.uk street file.")
    written_types = field(rows, "crime type").translated(_source_type)
    CRIME_TYPES.check(len(written_types.used()), file.label)
    months = field(rows, "month").translated(month_of)
    return StreetRows(
        label=file.label,
        offence_id=trimmed(plain_field(rows, _REFERENCE)),
        force=field(rows, "reported by").translated(lambda text: _force(text, force)),
        crime_type=written_types.translated(_crime_type),
        source_crime_type=written_types,
        month=months,
        places=_places(field(rows, "longitude"), field(rows, "latitude"), crs=force.analysis_crs),
        street=field(rows, "location").translated(_street),
        outcome=field(rows, "last outcome category").translated(lambda text: one_line(text) or None),
        excluded=_reasons(months, rows.ragged),
        notes=tuple(_notes(written_types, name=file.label)),
    )


def field(rows: CodedRows, name: str) -> Coded:
    """Give a column by its name in lower case; one that the file lacks is blank on every row."""
    found = next((column for column in rows.table.column_names if column.lower() == name), None)
    return Coded.of(rows.table[found]) if found is not None else Coded.constant("", rows.table.num_rows)


def plain_field(rows: CodedRows, name: str) -> pa.Array:
    """Give a column of texts that are mostly different."""
    column = next(column for column in rows.table.column_names if column.lower() == name)
    return rows.table[column].combine_chunks()


def month_of(text: str) -> str | None:
    """Read '2014-01', and 'Jan-14' as a spreadsheet writes it, as '2014-01'."""
    text = text.strip()
    if re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
        return text
    mangled = re.fullmatch(r"([A-Za-z]{3})-(\d\d)", text, re.ASCII)
    number = _EXCEL_MONTHS.get(mangled[1].lower()) if mangled else None
    return f"20{mangled[2]}-{number:02d}" if mangled and number else None


def _source_type(text: str) -> str:
    """Keep what the file says, but on one line."""
    return (text if text.isprintable() and text.strip() else one_line(text)) or NOT_GIVEN


def _crime_type(written: str) -> str:
    """A name that no one knows yet, or none at all, is a real crime all the same."""
    kind = crime_types.by_name(written)
    return _UNKNOWN_IS if kind is None else kind.name


def _notes(written_types: Coded, *, name: str) -> Iterable[str]:
    counted = sorted(written_types.counts().items(), key=lambda one: -one[1])
    for written, count in counted:
        if crime_types.by_name(written) is None:
            yield f"{name}: the crime type '{written}' is not known ({count:,} rows); it is counted as '{_UNKNOWN_IS}'."


def _street(location: str) -> str | None:
    name = one_line(location)
    after = len(_NEAR)
    if name[:after].lower() == _NEAR and not (name[after : after + 1].isalnum() or name[after : after + 1] == "_"):
        name = name[after:].strip()
    return None if name.lower() in ("", "no location") else name


def _force(reported_by: str, force: Force) -> str:
    """Name the file's force, but for rows that say another one."""
    return force.name if file_slug(reported_by) in ("", file_slug(force.name)) else plain_name(reported_by)


def _reasons(months: Coded, ragged: tuple[int, ...]) -> Coded:
    codes = np.where(months.codes < 0, 0, -1).astype(np.int32)
    codes[np.array(ragged, dtype=np.int64) - 1] = 1
    return Coded((NO_DATE, RAGGED), codes)


@lru_cache(maxsize=4)
def _to_metres(crs: str) -> Transformer:
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def _places(longitude: Coded, latitude: Coded, *, crs: str) -> Places:
    """Transform each different position once."""
    pairs = longitude.codes.astype(np.int64) * len(latitude.values) + latitude.codes
    codes, unique = pd.factorize(pairs)
    east, north = np.divmod(unique, len(latitude.values))
    blank_east, blank_north = (np.array([not text.strip() for text in axis.values], dtype=bool) for axis in (longitude, latitude))
    absent = blank_east[east] & blank_north[north]
    degrees = numbers_of(longitude.values)[east] + 1j * numbers_of(latitude.values)[north]
    written = np.where(np.isfinite(degrees), degrees, 0)
    metres = _to_metres(crs).transform(written.real, written.imag)
    x, y = (np.where(written == 0, 0.0, axis) for axis in metres)
    for axis in (x, y):
        axis[~np.isfinite(degrees)] = np.inf
        axis[absent] = np.nan
    return Places(x, y, codes)
