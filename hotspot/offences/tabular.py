"""Tables of any supported kind as text, and their faults in words.

Everything becomes text here, so that one reading of dates, numbers and codes serves every kind of file.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from xml.etree.ElementTree import ParseError

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
from openpyxl.utils.exceptions import InvalidFileException

from hotspot.archives import UNSOUND, checked_members
from hotspot.errors import BadInput
from hotspot.given_text import check_file_name, first_line
from hotspot.limits import COLUMNS, ROWS, check_size
from hotspot.offences import geo_table
from hotspot.offences.csv_table import read_csv
from hotspot.offences.geo_table import read_geo
from hotspot.offences.text_table import TextTable, check_columns, check_fields, chosen, trimmed

_KINDS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".gpkg": "geo",
    ".geojson": "geo",
    ".json": "geo",
}
SUFFIXES = tuple(_KINDS)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DAMAGED_WORKBOOK = (
    *UNSOUND,
    *(InvalidFileException, ParseError, KeyError, TypeError, AttributeError),
)
"""What openpyxl lets through from a damaged workbook, depending on where the damage is."""
_EXCEL_ERRORS = ("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")


def read_table(
    path: Path, *, sheet: str = "", layer: str = "", wanted: Collection[str] | None = None, limit: int | None = None
) -> TextTable:
    """Read the rows of a file as text.

    Parameters
    ----------
    path
        A CSV, XLSX, Parquet, GeoPackage or GeoJSON file, told by the end of its name.
    sheet, layer
        Which sheet of a workbook, which layer of a GeoPackage; '' for the first.
    wanted
        Columns to read; None for all. Others are never loaded.
    limit
        Rows to read at most; None for all.

    Raises
    ------
    BadInput
        If the file is absent, of another kind, damaged, protected or without rows.
    """
    path = Path(path)
    kind = _kind(path)
    if kind == "csv":
        table = read_csv(path, wanted=wanted, limit=limit)
    elif kind == "xlsx":
        table = _read_xlsx(path, sheet=sheet, wanted=wanted, limit=limit)
    elif kind == "parquet":
        table = _read_parquet(path, wanted=wanted, limit=limit)
    else:
        table = read_geo(path, layer=layer, wanted=wanted, limit=limit)
    check_fields(table, name=path.name)
    return table


def parts_of(path: Path) -> tuple[str, ...]:
    """List the sheets of a workbook or the layers of a GeoPackage; none for other files."""
    path = Path(path)
    kind = _kind(path)
    if kind == "xlsx":
        book = _workbook(path)
        names = tuple(sheet.title for sheet in book.worksheets)
        book.close()
        return names
    return geo_table.layers(path) if kind == "geo" and path.suffix.lower() == ".gpkg" else ()


def _kind(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise BadInput(
            f"{path.name} is no CSV, XLSX, Parquet, GeoPackage or GeoJSON file by its name. Export the extract in one of these."
        )
    if path.stat().st_size == 0:
        raise BadInput(f"{path.name} is empty. Export it again.")
    check_file_name(path)
    check_size(path.stat().st_size, path.name)
    return kind


def _workbook(path: Path) -> openpyxl.Workbook:
    with path.open("rb") as file:
        if file.read(8) == _OLD_OFFICE:
            protected = _ENCRYPTED in path.read_bytes()
            what = "protected by a password. Take the password off" if protected else "an old .xls workbook. Save it as .xlsx"
            raise BadInput(f"{path.name} is {what} and try again.")
    try:
        with zipfile.ZipFile(path) as archive:
            checked_members(archive, path.name)
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except _DAMAGED_WORKBOOK as fault:
        raise BadInput(f"{path.name} is damaged or no Excel workbook ({first_line(fault)}). Save it again as .xlsx.") from fault


def _read_xlsx(path: Path, *, sheet: str, wanted: Collection[str] | None, limit: int | None) -> TextTable:
    book = _workbook(path)
    try:
        names = [candidate.title for candidate in book.worksheets]
        if sheet and sheet not in names:
            raise BadInput(f"{path.name} has no sheet '{sheet}'. Its sheets: {', '.join(names)}.")
        if not names:
            raise BadInput(f"{path.name} has no sheet with rows. Export it again.")
        used = sheet or names[0]
        book[used].reset_dimensions()  # some systems write a wrong size of the sheet
        cells = list(_rows(islice(book[used].iter_rows(values_only=True), None if limit is None else limit + 1), path.name))
        formulas = limit is None and _has_formulas(path)
    except _DAMAGED_WORKBOOK as fault:
        raise BadInput(
            f"{path.name} is damaged: its sheet cannot be read ({first_line(fault)}). Save it again as .xlsx."
        ) from fault
    finally:
        book.close()
    where = f"{path.name}, sheet '{used}'"
    rows = [(number, row) for number, row in enumerate(cells) if any(cell not in (None, "") for cell in row)]
    if not rows:
        raise BadInput(f"{where}, is empty. Choose another sheet, or export it again with the column names in its first row.")
    notes = () if sheet or len(names) == 1 else (f"Sheet '{used}' was read; {path.name} has also: {', '.join(names[1:])}.",)
    if formulas:
        notes += (f"{path.name} has formulas: what they last gave is read, and a cell that was never computed is blank.",)
    return _sheet_table(rows, where, wanted, notes)


def _has_formulas(path: Path) -> bool:
    """Say whether any sheet has a formula: nothing is computed here, so a value may be old or absent."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                with archive.open(name) as sheet:
                    before = b""
                    while piece := sheet.read(1 << 20):
                        if re.search(rb"<f[ >]", before + piece):
                            return True
                        before = piece[-3:]
    return False


def _rows(rows: Iterable[tuple[object, ...]], name: str) -> Iterator[tuple[object, ...]]:
    """Give rows one by one: a sheet of a few lines can claim rows and columns without end."""
    most, widest = ROWS.most, COLUMNS.most
    for number, row in enumerate(rows):
        if number > most:
            raise BadInput(ROWS.sentence(name))
        if len(row) > widest and any(cell not in (None, "") for cell in row[widest:]):
            raise BadInput(COLUMNS.sentence(f"{name}, {f'row {number}' if number else 'first row'},", len(row)))
        yield row[:widest]


def _sheet_table(
    rows: list[tuple[int, tuple[object, ...]]], where: str, wanted: Collection[str] | None, notes: tuple[str, ...]
) -> TextTable:
    first, header = rows[0]
    columns = tuple("" if cell is None else _native_text(cell).strip() for cell in header)
    check_columns(columns, name=where)
    body = rows[1:]
    if not body:
        raise BadInput(f"{where}, has column names but no row below them. Export it again.")
    cells = {}
    for column in chosen(columns, wanted):
        index = columns.index(column)
        cells[column] = trimmed(as_text([row[index] if index < len(row) else None for _, row in body]))
    numbers = np.array([number - first for number, _ in body], dtype=np.int32)
    return TextTable(pd.DataFrame(cells, index=pd.RangeIndex(len(body))), numbers, columns, notes=notes)


def as_text(values: list[object]) -> pd.Series:
    """Write native values as text that reads back as themselves."""
    return pd.Series([None if value is None or value in _EXCEL_ERRORS else _native_text(value) for value in values], dtype="str")


def _native_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds() / 86_400)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _read_parquet(path: Path, *, wanted: Collection[str] | None, limit: int | None) -> TextTable:
    try:
        file = parquet.ParquetFile(path)
        columns = tuple(file.schema_arrow.names)
        check_columns(columns, name=path.name)
        _check_groups(file.metadata, path.name)
        table = file.read(columns=chosen(columns, wanted))
        table = table if limit is None else table.slice(0, limit)
        cells = {name: trimmed(_arrow_text(table[name])) for name in table.column_names}
    except (pa.ArrowException, OSError, OverflowError, ValueError) as fault:
        raise BadInput(f"{path.name} is damaged or no Parquet file ({first_line(fault)}). Export it again.") from fault
    if table.num_rows == 0:
        raise BadInput(f"{path.name} has columns but no row. Export it again.")
    rows = np.arange(1, table.num_rows + 1, dtype=np.int32)
    return TextTable(pd.DataFrame(cells, index=pd.RangeIndex(table.num_rows)), rows, columns)


def _check_groups(metadata: parquet.FileMetaData, name: str) -> None:
    """Refuse what a few bytes can stand for: rows without end, or columns that unpack to far more than the file."""
    ROWS.check(metadata.num_rows, name)
    check_size(sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)), f"{name}, unpacked,")


def _arrow_text(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.to_pandas()
    if pa.types.is_timestamp(column.type):
        # finer than a second is never needed, and nanoseconds would not become a datetime
        column = column.cast(pa.timestamp("s", column.type.tz), safe=False)
    elif pa.types.is_time(column.type):
        column = column.cast(pa.time64("us"), safe=False)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return as_text(column.to_pylist())
