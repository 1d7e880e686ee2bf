"""Read the rows of a CSV file as text, telling ragged rows by their number."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from hotspot.errors import BadInput
from hotspot.given_text import csv_fault
from hotspot.limits import COLUMNS, FIELD, ROWS

_BLOCK = 64 << 20
"""Bytes parsed at once: a month of the largest force is one block, whose texts need not be brought together."""


@dataclass(frozen=True, eq=False)
class CsvRows:
    """The rows of one CSV file."""

    columns: tuple[str, ...]
    """Names in the header, without the white space around them."""
    frame: pd.DataFrame
    """Every field as text, an empty one as ''; index 1, 2, ...: rows after the header, blank lines not counted."""
    ragged: tuple[int, ...]
    """Rows with too few or too many fields; all their fields are ''."""


@dataclass(frozen=True, eq=False)
class CodedRows:
    """Some columns of one CSV file, the texts of a column kept once each."""

    columns: tuple[str, ...]
    """All names in the header, without the white space around them."""
    table: pa.Table
    """The chosen columns under their own names: text, or a dictionary of texts (which may hold some that no row has)."""
    ragged: tuple[int, ...]
    """Rows with too few or too many fields, the first being 1; all their fields are ''."""


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
    columns = _columns(content, name)
    try:
        frame = _fast(content, columns, wanted=columns, plain=columns).to_pandas()
    except pa.ArrowInvalid:
        return _row_by_row(decode(content), columns, name)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return CsvRows(columns, frame, ())


def read_coded(content: bytes, *, name: str, wanted: Collection[str], plain: Collection[str]) -> CodedRows:
    """Read columns of a CSV file, each different text of a column kept once.

    Parameters
    ----------
    wanted
        Columns to read, in lower case.
    plain
        Those of them whose texts are mostly different, kept as they are.

    Raises
    ------
    BadInput
        If the file has no header or one column twice.
    """
    columns = _columns(content, name)
    chosen = tuple(column for column in columns if column.lower() in wanted)
    texts = tuple(column for column in chosen if column.lower() in plain)
    try:
        table = _fast(content, columns, wanted=chosen, plain=texts)
    except pa.ArrowInvalid:
        rows = _row_by_row(decode(content), columns, name)
    else:
        ROWS.check(table.num_rows, name)
        _check_fields(table, name)
        return CodedRows(columns, table, ())
    table = pa.table({column: pa.array(rows.frame[column], pa.string()) for column in chosen})
    coded = {column: table[column] if column in texts else table[column].dictionary_encode() for column in chosen}
    return CodedRows(columns, pa.table(coded), rows.ragged)


def _check_fields(table: pa.Table, name: str) -> None:
    """Refuse a text so long that a quotation mark must be missing before it."""
    for column in table.column_names:
        for chunk in table[column].chunks:
            texts = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
            FIELD.check(pc.max(pc.utf8_length(texts)).as_py() or 0, f"{name}, column '{column}',")


def _columns(content: bytes, name: str) -> tuple[str, ...]:
    columns = header_of(content)
    if b"\0" in content:
        raise BadInput(f"{name} has NUL bytes: it is damaged, or no text in UTF-8. Export it again as CSV (UTF-8).")
    if not columns:
        raise BadInput(f"{name} is empty: it has no header.")
    COLUMNS.check(len(columns), name)
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise BadInput(f"{name} has the column '{twice[0]}' more than once. Give every column a name of its own.")
    return columns


def _fast(content: bytes, columns: tuple[str, ...], *, wanted: Collection[str], plain: Collection[str]) -> pa.Table:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        content = decode(content).encode()
    content = content.removeprefix(codecs.BOM_UTF8)
    coded = pa.dictionary(pa.int32(), pa.string())
    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        read_options=arrow_csv.ReadOptions(column_names=list(columns), block_size=_BLOCK, use_threads=False),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=b'"' in content),
        convert_options=arrow_csv.ConvertOptions(
            column_types={column: pa.string() if column in plain else coded for column in columns},
            include_columns=list(wanted),
            strings_can_be_null=False,
            null_values=[],
        ),
    )
    return table.slice(1)


def _row_by_row(text: str, columns: tuple[str, ...], name: str) -> CsvRows:
    csv.field_size_limit(FIELD.most)
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
        raise csv_fault(fault, name, row=len(rows)) from fault
    ROWS.check(len(rows) - 1, name)
    frame = pd.DataFrame(rows[1:], columns=list(columns), dtype="str", index=pd.RangeIndex(1, max(len(rows), 1)))
    return CsvRows(columns, frame, tuple(ragged))
