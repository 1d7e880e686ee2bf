"""Read the rows of a CSV file as text, telling ragged rows by their number."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from hotspot.errors import BadInput


@dataclass(frozen=True, eq=False)
class CsvRows:
    """The rows of one CSV file."""

    columns: tuple[str, ...]
    """Names in the header, without the white space around them."""
    frame: pd.DataFrame
    """Every field as text, an empty one as ''; index 1, 2, ...: rows after the header, blank lines not counted."""
    ragged: tuple[int, ...]
    """Rows with too few or too many fields; all their fields are ''."""


def decode(content: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark, else Windows-1252."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def header_of(content: bytes) -> tuple[str, ...]:
    """Read the names in the first line that is not empty; none where there is no such line."""
    lines = io.StringIO(decode(content[: 1 << 16]), newline="")
    try:
        return next((tuple(name.strip() for name in row) for row in csv.reader(lines) if row), ())
    except csv.Error:
        return ()


def read_rows(content: bytes, *, name: str) -> CsvRows:
    """Read a whole CSV file, fast where every row has as many fields as the header, else row by row.

    Raises
    ------
    BadInput
        If the file has no header or one column twice.
    """
    columns = header_of(content)
    if not columns:
        raise BadInput(f"{name} is empty: it has no header.")
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise BadInput(f"{name} has the column '{twice[0]}' more than once. Give every column a name of its own.")
    text = decode(content)
    try:
        return _fast(text, columns)
    except pa.ArrowInvalid:
        return _row_by_row(text, columns, name)


def _fast(text: str, columns: tuple[str, ...]) -> CsvRows:
    table = arrow_csv.read_csv(
        io.BytesIO(text.encode()),
        read_options=arrow_csv.ReadOptions(column_names=list(columns)),
        parse_options=arrow_csv.ParseOptions(newlines_in_values='"' in text),
        convert_options=arrow_csv.ConvertOptions(
            column_types={column: pa.string() for column in columns}, strings_can_be_null=False, null_values=[]
        ),
    )
    frame = table.slice(1).to_pandas()
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return CsvRows(columns, frame, ())


def _row_by_row(text: str, columns: tuple[str, ...], name: str) -> CsvRows:
    csv.field_size_limit(sys.maxsize)
    ragged: list[int] = []
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            if not row:
                continue
            if len(row) != len(columns):
                ragged.append(len(rows))
                row = [""] * len(columns)
            rows.append(row)
    except csv.Error as fault:
        raise BadInput(f"{name} cannot be read as CSV after its row {len(rows) - 1} ({fault}).") from fault
    frame = pd.DataFrame(rows[1:], columns=list(columns), dtype="str", index=pd.RangeIndex(1, max(len(rows), 1)))
    return CsvRows(columns, frame, tuple(ragged))
