"""A table as text: what every kind of file becomes before a mapping reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotspot.errors import BadInput
from hotspot.formulas import MARK, unmarked
from hotspot.given_text import one_line
from hotspot.limits import COLUMNS, FIELD

BLANKS = frozenset({"", "null", "(null)", "<null>", "n/a", "#n/a", "nan", "nat", "none", "-"})
"""Words that databases and spreadsheets write for 'nothing', lower case. Read as text they would be one
victim or one address with thousands of repeats."""

_UNSEEN = r"[\p{C}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]"


@dataclass(frozen=True, eq=False)
class Points:
    """The geometries of a file that has them, one for each row."""

    x: NDArray[np.float64]
    """In the file's own coordinate system; NaN where there is no geometry, infinite where it is no point."""
    y: NDArray[np.float64]
    crs: str
    """'' where the file names none."""


@dataclass(frozen=True, eq=False)
class TextTable:
    """Rows of one file, sheet or layer."""

    frame: pd.DataFrame
    """The wanted columns as text without white space around it, '' where blank."""
    rows: NDArray[np.int32]
    """Number of each row: 1 is the first after the header, blank rows counted, so that it can be found in the file."""
    columns: tuple[str, ...]
    """Every column of the file."""
    fields: NDArray[np.int32] | None = None
    """Fields on each row of a CSV (-1: more than the header has); None where rows cannot be ragged."""
    points: Points | None = None
    notes: tuple[str, ...] = ()


def trimmed(values: pd.Series) -> pd.Series:
    """Take white space off text and the mark of no formula, and turn the words for 'nothing' into ''."""
    text = pc.utf8_trim_whitespace(pc.fill_null(pa.array(values, type=pa.string(), from_pandas=True), ""))
    if pc.any(pc.starts_with(text, MARK)).as_py():
        text = pc.utf8_trim_whitespace(pa.array([unmarked(one) for one in text.to_pylist()], type=pa.string()))
    blank = pc.is_in(pc.utf8_lower(text), value_set=pa.array(sorted(BLANKS)))
    return pd.Series(pc.if_else(blank, "", text).to_pandas(), dtype="str")


def single_spaced(values: pd.Series) -> pd.Series:
    """Make one blank of any white space and control characters within a text."""
    spaced = pc.replace_substring_regex(pa.array(values, type=pa.string()), r"\s+", " ")
    if pc.any(pc.match_substring_regex(spaced, _UNSEEN)).as_py():
        spaced = pa.array([None if one is None else one_line(one) for one in spaced.to_pylist()], type=pa.string())
    return pd.Series(spaced.to_pandas().to_numpy(), index=values.index, dtype="str")


def check_columns(columns: Sequence[str], *, name: str) -> None:
    """Refuse a header that is blank or has a name twice.

    Raises
    ------
    BadInput
        With one sentence for each fault.
    """
    twice = sorted(column for column, count in Counter(columns).items() if column and count > 1)
    if twice:
        cure = "Give each column a name of its own."
        raise BadInput(*(f"{name} has the column '{column}' more than once. {cure}" for column in twice))
    if not any(columns):
        raise BadInput(f"{name} has no column names in its first row. The first row must name the columns.")
    COLUMNS.check(len(columns), name)


def check_fields(table: TextTable, *, name: str) -> None:
    """Refuse a text so long that a quotation mark must be missing before it.

    Raises
    ------
    BadInput
        With the row and the column.
    """
    for column in table.frame.columns:
        lengths = pc.utf8_length(pa.array(table.frame[column], type=pa.large_string()))
        longest = pc.max(lengths).as_py() or 0
        if FIELD.exceeded(longest):
            row = table.rows[pc.index(lengths, longest).as_py()]
            FIELD.check(longest, f"{name}, row {row}, column '{column}',")


def chosen(columns: Sequence[str], wanted: Collection[str] | None) -> list[str]:
    """List the columns to read, in the file's order; all named ones where none are asked for."""
    return [column for column in columns if column and (wanted is None or column in wanted)]
