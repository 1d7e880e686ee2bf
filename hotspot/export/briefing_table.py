"""A table set in a given width, for slides and pages alike: widths of its columns, lines of its rows, how many rows fit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hotspot.maps.typeface import BOLD, text_width

PADDING = 8.0
"""Points between two columns."""
LEADING = 1.25
"""Height of a line in sizes of its letters."""
ROOM = 6.0
"""Points above and below the lines of a row."""
_NUMBER = re.compile(r"[<−+-]?[\d,.]+%?|–|hidden|∞")


@dataclass(frozen=True)
class SetTable:
    """A table as it will stand."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    """Points, padding included."""
    heights: tuple[float, ...]
    """Points of each row, the head first."""
    lines: tuple[tuple[tuple[str, ...], ...], ...]
    """Lines of each cell, the head first."""
    numeric: tuple[bool, ...]
    """Columns of numbers stand to the right."""
    is_readable: bool
    """Whether every word stands whole in its column."""


def set_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, width: float, size: float) -> SetTable:
    """Set a table into ``width`` points in letters of ``size`` points; the widest columns of words are wrapped."""
    cells = [tuple(printable(cell) for cell in row) for row in (head, *rows)]
    natural = [max(text_width(row[place], size, BOLD) for row in cells) + PADDING for place in range(len(head))]
    least = [
        max(max(text_width(word, size, BOLD) for word in _words(row[place])) for row in cells) + PADDING
        for place in range(len(head))
    ]
    widths = _fitted(natural, least, width)
    lines = tuple(tuple(wrapped(cell, widths[place] - PADDING, size) for place, cell in enumerate(row)) for row in cells)
    heights = tuple(max(len(cell) for cell in row) * size * LEADING + ROOM for row in lines)
    numeric = tuple(all(not row[place] or _NUMBER.fullmatch(row[place]) for row in rows) for place in range(len(head)))
    return SetTable(tuple(head), tuple(tuple(row) for row in rows), tuple(widths), heights, lines, numeric, sum(least) <= width)


def rows_that_fit(table: SetTable, height: float) -> int:
    """Say how many rows stand in ``height`` points under the head."""
    used, fitting = table.heights[0], 0
    for row in table.heights[1:]:
        used += row
        if used > height:
            break
        fitting += 1
    return fitting


def wrapped(text: str, width: float, size: float, *, weight: int = BOLD) -> tuple[str, ...]:
    """Break a text into lines of at most ``width`` points; a longer word is broken too."""
    lines, line = [], ""
    for word in printable(text).split():
        tried = f"{line} {word}".strip()
        if text_width(tried, size, weight) <= width or not (line or text_width(word, size, weight) > width):
            line = tried
            continue
        if line:
            lines.append(line)
        *broken, line = _broken(word, width, size, weight)
        lines += broken
    return (*lines, line)


def printable(text: str) -> str:
    """Leave out control characters, for which no typeface has a shape."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _broken(word: str, width: float, size: float, weight: int) -> list[str]:
    if text_width(word, size, weight) <= width:
        return [word]
    letters = max(1, math.floor(len(word) * width / text_width(word, size, weight)))
    return [word[start : start + letters] for start in range(0, len(word), letters)]


def _words(cell: str) -> list[str]:
    return cell.split() or [""]


def _fitted(natural: list[float], least: list[float], width: float) -> list[float]:
    """Give every column what it needs; where that is too much, between its longest word and its longest line."""
    if sum(natural) <= width:
        spare = (width - sum(natural)) / len(natural)
        return [one + spare for one in natural]
    if sum(least) >= width:
        return [one * width / sum(least) for one in least]
    share = (width - sum(least)) / (sum(natural) - sum(least))
    return [low + share * (high - low) for low, high in zip(least, natural, strict=True)]
