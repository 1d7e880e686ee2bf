"""CSV files of any delimiter and of the encodings that police systems and spreadsheets write, as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from hotspot.errors import BadInput
from hotspot.given_text import csv_records
from hotspot.limits import ROWS
from hotspot.offences.text_table import TextTable, check_columns, chosen, trimmed

DELIMITERS = (",", ";", "\t", "|")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BLANK_LINE = " \t\r\n,;|"
"""What a line without any value may hold: white space and delimiters."""
MORE_THAN_THE_HEADER = -1


def read_csv(path: Path, *, wanted: Collection[str] | None = None, limit: int | None = None) -> TextTable:
    """Read a CSV; a row of another length than the header is kept and its length told.

    Parameters
    ----------
    path
        The file.
    wanted
        Columns to read; None for all.
    limit
        Rows to read at most; None for all.

    Raises
    ------
    BadInput
        If the file is empty, has no row, a column twice, or cannot be read as text.
    """
    text = _decoded(path)
    lines = io.StringIO(text, newline="").readlines()
    if not "".join(lines).strip(_BLANK_LINE):
        raise BadInput(f"{path.name} is empty. Export it again, with the column names in its first row.")
    records = _records(lines, path.name, limit)
    if not records:  # nothing but a quote
        raise BadInput(f"{path.name} has no row. Export it again, with the column names in its first row.")
    columns = tuple(cell.strip() for cell in records[0][1])
    check_columns(columns, name=path.name)
    body = records[1:]
    ROWS.check(len(body), path.name)
    if not body:
        raise BadInput(f"{path.name} has column names but no row below them. Export it again.")
    return _table(columns, body, wanted)


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_UTF_16_MARKS):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content:
        raise BadInput(f"{path.name} has NUL bytes: it is damaged or no text file. Export it again as CSV (UTF-8).")
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput(f"{path.name} is neither UTF-8, UTF-16 nor Windows-1252 text. Export it again as CSV (UTF-8).")


def _records(lines: list[str], name: str, limit: int | None) -> list[tuple[int, list[str]]]:
    """Read records with their number, the header's being 0; blank ones are counted but left out."""
    start = next(number for number, line in enumerate(lines) if line.strip(_BLANK_LINE))
    delimiter = _delimiter(lines[start])
    return csv_records(lines[start:], name, delimiter=delimiter, limit=None if limit is None else limit + 1)


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter))))


def _table(columns: tuple[str, ...], records: list[tuple[int, list[str]]], wanted: Collection[str] | None) -> TextTable:
    width = len(columns)
    fields = np.fromiter((_fields(record, width) for _, record in records), np.int32, len(records))
    cells = {}
    for column in chosen(columns, wanted):
        index = columns.index(column)
        cells[column] = trimmed(pd.Series([r[index] if index < len(r) else "" for _, r in records], dtype="str"))
    rows = np.fromiter((number for number, _ in records), np.int32, len(records))
    return TextTable(pd.DataFrame(cells, index=pd.RangeIndex(len(records))), rows, columns, fields)


def _fields(record: list[str], width: int) -> int:
    """Count the fields; blank ones beyond the header's are no fault."""
    return MORE_THAN_THE_HEADER if any(cell.strip() for cell in record[width:]) else min(len(record), width)
