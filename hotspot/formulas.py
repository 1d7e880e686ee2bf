"""Text that a spreadsheet would run as a formula (CSV injection): marked on the way out, the mark taken off on the way in."""

from __future__ import annotations

import re

import pandas as pd

_BEGINS = frozenset("=+-@＝＋－＠")
_STRIPPED = frozenset("\t\r\n")
"""White space that a spreadsheet takes off the beginning of a cell, and then looks again."""
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
MARK = "'"
"""What spreadsheets themselves put before text that is no formula."""


def harmless(text: str) -> str:
    """Write text so that no spreadsheet runs it; a line break would begin a row of its own, quoted or not: it becomes a blank."""
    text = re.sub(r"[\r\n]+", " ", text)
    return MARK + text if _runs(text.lstrip(MARK)) else text


def unmarked(text: str) -> str:
    """Give text as it was before ``harmless`` marked it; line breaks stay blanks."""
    return text[1:] if text.startswith(MARK) and _runs(text.lstrip(MARK)) else text


def _runs(text: str) -> bool:
    """Say whether a spreadsheet may take it for a formula: by the first letter that is seen."""
    seen = next((letter for letter in text if not _unseen(letter)), "")
    return text[:1] in _STRIPPED or seen in _BEGINS


def _unseen(letter: str) -> bool:
    return letter.isspace() or not letter.isprintable()


def safe(table: pd.DataFrame, *, numbers_stay: bool = False) -> pd.DataFrame:
    """Keep a spreadsheet from running a text cell as a formula; the names of columns too.

    Parameters
    ----------
    numbers_stay
        True: text that is a plain number, such as a longitude of a file that is shown as it is, is left alone.
    """

    def cell(value: object) -> object:
        if not isinstance(value, str) or (numbers_stay and _NUMBER.fullmatch(value)):
            return value
        return harmless(value)

    text = table.select_dtypes(include=["object", "string", "category"]).columns
    marked = table.assign(**{name: pd.Series(map(cell, table[name]), index=table.index, dtype=object) for name in text})
    return marked.rename(columns=lambda name: harmless(name) if isinstance(name, str) else name)
