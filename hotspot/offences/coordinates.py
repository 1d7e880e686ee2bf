"""Positions as extracts write them, brought to metres of the analysis coordinate system."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from hotspot.errors import BadInput
from hotspot.geography import BOUNDS_MARGIN, Force
from hotspot.given_text import first_line, number, printable

LONGITUDE_LATITUDE = "EPSG:4326"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?", re.ASCII)


@dataclass(frozen=True, eq=False)
class Positions:
    """A position for each row, in metres: NaN where none is written, (0, 0) where zeros are, infinite where it is unreadable."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


def read_numbers(cells: pd.Series, *, geographic: bool) -> NDArray[np.float64]:
    """Read numbers as people write them: ' 412345 ', '412,345', '-1,89'.

    A comma is a decimal sign in degrees, and in metres unless three digits follow it. NaN is blank,
    infinity is what is no number.
    """
    by_text = {text: _number(text, geographic) for text in cells.unique()}
    return cells.map(by_text).to_numpy(dtype=np.float64)


def _number(text: str, geographic: bool) -> float:
    if not text:
        return np.nan
    if not geographic and _THOUSANDS.fullmatch(text):
        text = re.sub(r"[,' ]", "", text)
    found = number(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    return np.inf if np.isnan(found) else found


def to_metres(x: NDArray[np.float64], y: NDArray[np.float64], *, crs: str, force: Force) -> Positions:
    """Bring positions to the force's analysis coordinate system, each distinct point once.

    A position with one coordinate missing, or one that cannot be transformed, becomes infinite.
    """
    absent, zero = np.isnan(x) & np.isnan(y), (x == 0) & (y == 0)
    out_x, out_y = np.where(absent, np.nan, np.inf), np.where(absent, np.nan, np.inf)
    out_x[zero] = out_y[zero] = 0.0
    usable = np.isfinite(x) & np.isfinite(y) & ~zero
    if usable.any():
        out_x[usable], out_y[usable] = _transformed(x[usable], y[usable], crs, force.analysis_crs)
    lost = np.isinf(out_x) | np.isinf(out_y)
    return Positions(np.where(lost, np.inf, out_x), np.where(lost, np.inf, out_y))


def _transformed(x: NDArray[np.float64], y: NDArray[np.float64], crs: str, target: str) -> tuple[NDArray, NDArray]:
    if CRS.from_user_input(crs) == CRS.from_user_input(target):
        return x, y
    points, index = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    try:
        transformer = Transformer.from_crs(crs, target, always_xy=True)
    except ProjError as fault:
        raise BadInput(
            f"Positions in {printable(crs)} cannot be brought into {target} ({first_line(fault)}). Set crs to the right one."
        ) from fault
    new_x, new_y = transformer.transform(points[:, 0], points[:, 1])
    return new_x[index.ravel()], new_y[index.ravel()]


def to_degrees(x: float, y: float, *, force: Force) -> tuple[float, float]:
    """Give longitude and latitude of one position in metres of the force's analysis coordinate system."""
    return _to_degrees(force.analysis_crs).transform(x, y)


@lru_cache(maxsize=4)
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(crs, LONGITUDE_LATITUDE, always_xy=True)


def suspicion(x: NDArray[np.float64], y: NDArray[np.float64], *, crs: str, force: Force) -> str:
    """Say in a sentence how most positions seem to be misread; '' where they are not.

    Raised when more than half of the positions lie outside the force's bounds and more than half would lie
    inside if the columns were exchanged or held another coordinate system. Nothing is ever corrected.
    """
    written = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    if force.bounds is None or not written.any():
        return ""
    x, y = x[written], y[written]
    outside = 1 - _share_inside(x, y, crs, force)
    if outside <= 0.5:
        return ""
    readings = (
        (y, x, crs, "their columns were exchanged: check which column is x (east) and which is y (north)"),
        (x, y, LONGITUDE_LATITUDE, "they were longitude and latitude in degrees: set crs to EPSG:4326"),
        (y, x, LONGITUDE_LATITUDE, "they were degrees, latitude first: exchange x and y and set crs to EPSG:4326"),
        (x, y, force.analysis_crs, f"they were metres: set crs to {force.analysis_crs}"),
        (y, x, force.analysis_crs, f"they were metres, north first: exchange x and y and set crs to {force.analysis_crs}"),
    )
    for other_x, other_y, other_crs, words in readings:
        if _share_inside(other_x, other_y, other_crs, force) > 0.5:
            return f"{outside:.0%} of the positions lie outside {force.name} as read in {crs}, but would lie inside if {words}."
    return f"{outside:.0%} of the positions lie outside {force.name} as read in {crs}. Check the columns of x and y and the crs."


def _share_inside(x: NDArray[np.float64], y: NDArray[np.float64], crs: str, force: Force) -> float:
    assert force.bounds is not None
    west, south, east, north = force.bounds
    at = to_metres(x, y, crs=crs, force=force)
    inside = (at.x >= west - BOUNDS_MARGIN) & (at.x <= east + BOUNDS_MARGIN)
    return float(np.mean(inside & (at.y >= south - BOUNDS_MARGIN) & (at.y <= north + BOUNDS_MARGIN)))
