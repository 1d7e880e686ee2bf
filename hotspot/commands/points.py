"""Points from a CSV: columns x and y in metres for ``density --points``, and date for ``near-repeat --points``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotspot.errors import BadInput
from hotspot.given_text import content_of, csv_rows, decoded, number
from hotspot.limits import COLUMNS, FILE_MB, ROWS

FARTHEST = 1e8
"""Metres: more than twice round the earth is a slip."""
WIDEST_FORCE = 10.0
"""Degrees, and more: no force reaches over as many."""
SHOWN_FAULTS = 5
"""So many faulty rows are told; the rest are counted."""


def read_points(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read eastings and northings in the file's order; blank lines are passed over.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    lines = lines_of(path)
    places = columns_of(path, lines, ("x", "y"))
    points, faults = [], []
    for row, line in enumerate(lines, start=1):
        values, wrong = _point(path, row, cells_of(line, places))
        points.append(values)
        faults += wrong
    _check(path, points, faults)
    array = np.array(points, dtype=np.float64)
    return array[:, 0], array[:, 1]


def read_dated_points(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.datetime64]]:
    """Read eastings, northings and days (``datetime64[D]``) in the file's order; a time of day is passed over.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    lines = lines_of(path)
    places = columns_of(path, lines, ("x", "y", "date"))
    points, days, faults = [], [], []
    for row, line in enumerate(lines, start=1):
        *axes, date_cell = cells_of(line, places)
        values, wrong = _point(path, row, axes)
        day = _day(date_cell)
        faults += wrong
        faults += [f"{path} row {row}: date is '{date_cell}', which is not year-month-day."] if day is None else []
        points.append(values)
        days.append(day)
    _check(path, points, faults)
    array = np.array(points, dtype=np.float64)
    return array[:, 0], array[:, 1], np.array(days, dtype="datetime64[D]")


def degrees_note(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[str, ...]:
    """Say where numbers that should be metres can hardly be anything but degrees."""
    if len(x) < 2 or np.abs(x).max() > 180 or np.abs(y).max() > 90 or max(np.ptp(x), np.ptp(y)) > WIDEST_FORCE:
        return ()
    return (
        "All points lie within a few metres of each other and of the grid's origin: are x and y degrees? "
        "They are taken as metres. Give eastings and northings.",
    )


def read_harm(path: Path, table: Path) -> NDArray[np.float64]:
    """Give the harm of each point by its columns crime_type and date.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file, or the types that the table has no weight for.
    """
    from hotspot.offences.weights import read_table, weights_of

    weights = read_table(table)
    lines = lines_of(path)
    places = columns_of(path, lines, ("crime_type", "date"))
    kinds, days, faults = [], [], []
    for row, line in enumerate(lines, start=1):
        kind, date_cell = cells_of(line, places)
        day = _day(date_cell)
        faults += [f"{path} row {row}: date is '{date_cell}', which is not year-month-day."] if day is None else []
        kinds.append(kind)
        days.append(day)
    if faults:
        raise BadInput(*faults[:SHOWN_FAULTS])
    dates = np.array(days, dtype="datetime64[D]")
    found = weights_of(weights, kinds=kinds, source_kinds=kinds, days=dates)
    lacking = sorted({kind for kind, weight in zip(kinds, found.tolist(), strict=True) if math.isnan(weight)})
    if lacking:
        raise BadInput(f"{weights.title} has no weight for: {', '.join(lacking[:SHOWN_FAULTS])}.")
    return found


def columns_of(path: Path, lines: Iterator[list[str]], names: tuple[str, ...]) -> tuple[int, ...]:
    """Read the header; say which columns are missing or there twice."""
    header = [name.strip().lower() for name in next(lines, [])]
    if not header:
        raise BadInput(f"{path} is empty. Give a CSV with a header and the columns {', '.join(names)}.")
    faults = [
        f"{path} has {header.count(name) or 'no'} column{'s' if header.count(name) else ''} '{name}', and needs one. "
        f"Its header: {', '.join(header)}."
        for name in names
        if header.count(name) != 1
    ]
    if faults:
        raise BadInput(*faults)
    return tuple(header.index(name) for name in names)


def delimiter(header: str) -> str:
    """Tell what parts the cells: semicolons where the header has them and no comma."""
    return ";" if ";" in header and "," not in header else ","


def lines_of(path: Path) -> Iterator[list[str]]:
    """Give the rows that are not blank; commas or semicolons part the cells, as the header has them."""
    text = decoded(content_of(path, str(path), limit=FILE_MB), str(path))
    first = next((line for line in text.splitlines() if line.strip()), "")
    rows = csv_rows(text, str(path), delimiter=delimiter(first))
    ROWS.check(len(rows), str(path))
    if rows:
        COLUMNS.check(len(rows[0]), str(path))
    return iter(rows)


def cells_of(line: list[str], places: tuple[int, ...]) -> list[str]:
    return [line[place].strip() if place < len(line) else "" for place in places]


def _point(path: Path, row: int, cells: list[str]) -> tuple[list[float | None], list[str]]:
    values = [_number(cell) for cell in cells]
    faults = [
        f"{path} row {row}: {axis} is '{cell}', which is not a number of metres."
        for axis, cell, value in zip("xy", cells, values, strict=True)
        if value is None
    ]
    return values, faults


def _check(path: Path, points: list[list[float | None]], faults: list[str]) -> None:
    """Tell the first faulty rows, and how many more there are."""
    told = faults[:SHOWN_FAULTS]
    if len(faults) > SHOWN_FAULTS:
        told.append(f"{path}: {len(faults) - SHOWN_FAULTS:,} more such faults.")
    if not points:
        told.append(f"{path} has a header and no points.")
    if told:
        raise BadInput(*told)


def _day(cell: str) -> np.datetime64 | None:
    try:
        return np.datetime64(datetime.fromisoformat(cell).date(), "D")
    except ValueError:
        return None


def _number(cell: str) -> float | None:
    value = number(cell)
    return value if abs(value) < FARTHEST else None
