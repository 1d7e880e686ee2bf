"""Tables and settings that people write by hand, from bytes to rows: one reading, and one sentence for what is wrong."""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from hotspot.errors import BadInput
from hotspot.limits import FIELD, TABLE_MB, Limit, check_size, too_deep

LONGEST_NAME = 120
"""Characters of the name of a source or a force."""


def one_line(text: str) -> str:
    """Give a name as letters of one line: what a screen, a slide and a workbook can hold, and no more than is seen."""
    if text.isprintable():
        return text.strip()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def name_fault(name: str) -> str:
    """Say what keeps a text from being the name of a source or a force; empty where nothing does."""
    if len(name) > LONGEST_NAME:
        return f"has {len(name):,} characters; {LONGEST_NAME} are the most"
    return "" if name.isprintable() else "has a line break or a letter that cannot be seen"


def printable(name: str) -> str:
    """Give a name as one line that a terminal and a page can show."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)[:200]


def check_file_name(path: Path) -> None:
    """Refuse a file whose name would break the sentences and tables that name it.

    Raises
    ------
    BadInput
        If a letter of its name cannot be seen, such as a line break.
    """
    if not path.name.isprintable():
        raise BadInput(
            f"The file name '{printable(path.name)}' has a letter that cannot be seen, such as a line break. Rename it."
        )


def first_line(fault: Exception) -> str:
    """Give the part of a library's message that says what is wrong."""
    said = str(fault).strip().split("\n")[0].split(";")[0]
    return (printable(said) if len(said) <= 160 else f"{printable(said)[:160]}…") or type(fault).__name__


def content_of(path: Path, where: str, *, limit: Limit = TABLE_MB) -> bytes:
    """Read a file that is no larger than its limit.

    Raises
    ------
    BadInput
        If it cannot be read, or is larger.
    """
    check_file_name(path)
    try:
        check_size(path.stat().st_size, where, limit)
        return path.read_bytes()
    except (OSError, ValueError) as fault:
        raise BadInput(f"{where} cannot be read ({getattr(fault, 'strerror', None) or fault}).") from fault


def decoded(content: bytes, where: str) -> str:
    """Decode UTF-8 or, as Excel writes it, Windows-1252; a workbook or UTF-16 is told from text by its NUL bytes.

    Raises
    ------
    BadInput
        If it is no text.
    """
    if b"\0" in content:
        raise BadInput(
            f"{where} is no text: it has NUL bytes. Save the table as CSV (UTF-8), not as a workbook or as Unicode text."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def csv_rows(text: str, where: str, *, delimiter: str = ",") -> list[list[str]]:
    """Read the rows of a CSV that are not blank, the header's first.

    Raises
    ------
    BadInput
        If it cannot be read as CSV, or a field is too long.
    """
    lines = io.StringIO(text, newline="").readlines()
    return [record for _, record in csv_records(lines, where, delimiter=delimiter)]


def csv_records(lines: Sequence[str], where: str, *, delimiter: str, limit: int | None = None) -> list[tuple[int, list[str]]]:
    """Read records with their number, the header's being 0; blank ones are counted but left out.

    Parameters
    ----------
    limit
        Records to read at most; None for all.

    Raises
    ------
    BadInput
        If it cannot be read as CSV, a field is too long, or a quotation never ends.
    """
    csv.field_size_limit(FIELD.most)
    reader = csv.reader(lines, delimiter=delimiter)
    records, before_last, read = [], 0, 0
    try:
        for number, record in enumerate(islice(reader, limit)):
            before_last, read = read, reader.line_num
            if any(cell.strip() for cell in record):
                records.append((number, record))
    except csv.Error as fault:
        raise csv_fault(fault, where, row=len(records)) from fault
    if limit is None and not _closed(lines[before_last:], delimiter):
        opened = records[-1][0] if records else 0
        raise BadInput(
            f"{where}: a quotation mark that opens in row {opened} is never closed, so that the rest of the file "
            "would be lost in it. Take the mark out or export the file again."
        )
    return records


def _closed(lines: Sequence[str], delimiter: str) -> bool:
    """Say whether the last record ends with its quotation closed; one left open swallows the rest of a file."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as fault:
        return "unexpected end" not in str(fault)
    return True


def csv_fault(fault: csv.Error, where: str, *, row: int) -> BadInput:
    """Say why a CSV cannot be read beyond a row, 1 the first after the header."""
    if "field limit" in str(fault):
        return BadInput(FIELD.sentence(f"{where}, row {row},"))
    return BadInput(f"{where} cannot be read as CSV near its row {row} ({fault}). Export it again as CSV (UTF-8).")


def check_header(header: Sequence[str], where: str) -> None:
    """Refuse a header that has a name twice: which of the two columns is meant cannot be told.

    Raises
    ------
    BadInput
        With the name.
    """
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadInput(f"{where} has the column '{printable(twice[0])}' more than once. Give each column a name of its own.")


def number(text: str) -> float:
    """Read a number as people write it, NaN where it is none: '1_000', '１' and 'nan' are no numbers here, infinity is none."""
    if not text.isascii() or "_" in text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def toml_document(text: str, where: str) -> dict[str, Any]:
    """Read TOML.

    Raises
    ------
    BadInput
        If it is none, or nested deeper than any honest one.
    """
    if too_deep(text):
        raise BadInput(f"{where} has brackets within brackets hundreds of levels deep. It is not read.")
    try:
        return tomllib.loads(text)
    except ValueError as fault:  # TOMLDecodeError, and a number of thousands of digits
        raise BadInput(f"{where} is not valid TOML: {fault}.") from fault
