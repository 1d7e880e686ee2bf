"""Points from a CSV with columns x and y in metres, for ``density --points``."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotspot.errors import BadInput

SHOWN_FAULTS = 5
"""So many faulty rows are told; the rest are counted."""


def read_points(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read eastings and northings in the file's order; blank lines are passed over.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    lines = _lines(path)
    header = [name.strip().lower() for name in next(lines, [])]
    if not header:
        raise BadInput(f"{path} is empty. Give a CSV with a header and the columns x and y in metres.")
    faults = [
        f"{path} has {header.count(axis) or 'no'} column{'s' if header.count(axis) else ''} '{axis}', and needs one. "
        f"Its header: {', '.join(header)}."
        for axis in ("x", "y")
        if header.count(axis) != 1
    ]
    if faults:
        raise BadInput(*faults)
    return _numbers(path, lines, column_x=header.index("x"), column_y=header.index("y"))


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as fault:
        raise BadInput(f"{path} cannot be read ({fault}).") from fault
    if "\0" in text:
        raise BadInput(f"{path} is not a text file. Give a CSV with a header and the columns x and y in metres.")
    try:
        yield from (line for line in csv.reader(text.splitlines()) if any(cell.strip() for cell in line))
    except csv.Error as fault:
        raise BadInput(f"{path} cannot be read as a CSV ({fault}).") from fault


def _numbers(
    path: Path, lines: Iterator[list[str]], *, column_x: int, column_y: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points, faults = [], []
    for row, line in enumerate(lines, start=1):
        cells = [line[column].strip() if column < len(line) else "" for column in (column_x, column_y)]
        values = [_number(cell) for cell in cells]
        faults += [
            f"{path} row {row}: {axis} is '{cell}', which is not a number of metres."
            for axis, cell, value in zip("xy", cells, values, strict=True)
            if value is None
        ]
        points.append(values)
    if len(faults) > SHOWN_FAULTS:
        faults[SHOWN_FAULTS:] = [f"{path}: {len(faults) - SHOWN_FAULTS:,} more such faults."]
    if not points:
        faults.append(f"{path} has a header and no points.")
    if faults:
        raise BadInput(*faults)
    array = np.array(points, dtype=np.float64)
    return array[:, 0], array[:, 1]


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
