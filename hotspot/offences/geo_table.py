"""GeoPackage and GeoJSON files as text and points."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import shapely

from hotspot.boundaries.geo_files import UNREADABLE, check_kind
from hotspot.errors import BadInput
from hotspot.given_text import first_line
from hotspot.limits import ROWS
from hotspot.offences.text_table import Points, TextTable, check_columns, chosen, trimmed


def layers(path: Path) -> tuple[str, ...]:
    """List the layers of the file.

    Raises
    ------
    BadInput
        If it cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks on old GeoPackage versions and odd fields
            return tuple(str(name) for name, _ in pyogrio.list_layers(path))
    except UNREADABLE as fault:
        raise _damaged(path, fault) from fault


def read_geo(path: Path, *, layer: str = "", wanted: Collection[str] | None = None, limit: int | None = None) -> TextTable:
    """Read one layer of a GeoPackage or GeoJSON file, with its points in their own coordinate system.

    Raises
    ------
    BadInput
        If the file is damaged or empty, or has no such layer.
    """
    check_kind(path, path.name)
    names = layers(path)
    if layer and layer not in names:
        raise BadInput(f"{path.name} has no layer '{layer}'. Its layers: {', '.join(names)}.")
    if not names:
        raise BadInput(f"{path.name} has no layer. Export it again.")
    used = layer or names[0]
    columns, frame = _read(path, used, wanted, limit)
    if frame.empty:
        raise BadInput(f"{path.name} has no row in its layer '{used}'. Export it again.")
    cells = {column: trimmed(frame[column].map(_text, na_action="ignore")) for column in frame.columns if column != "geometry"}
    note = () if layer or len(names) == 1 else (f"Layer '{used}' was read; {path.name} has also: {', '.join(names[1:])}.",)
    table = pd.DataFrame(cells, index=pd.RangeIndex(len(frame)))
    rows = np.arange(1, len(frame) + 1, dtype=np.int32)
    return TextTable(table, rows, columns, points=_points(frame), notes=note)


def _read(path: Path, layer: str, wanted: Collection[str] | None, limit: int | None) -> tuple[tuple[str, ...], pd.DataFrame]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            info = pyogrio.read_info(path, layer=layer)
            columns = tuple(str(field) for field in info["fields"])
            check_columns(columns or ("geometry",), name=path.name)
            ROWS.check(info["features"], path.name)
            frame = pyogrio.read_dataframe(
                path, layer=layer, columns=chosen(columns, wanted), max_features=limit, datetime_as_string=True
            )
    except UNREADABLE as fault:
        raise _damaged(path, fault) from fault
    return columns, frame


def _damaged(path: Path, fault: Exception) -> BadInput:
    return BadInput(f"{path.name} is damaged or no {path.suffix[1:]} file ({first_line(fault)}). Export it again.")


def _text(value: object) -> str:
    """Write a number without the '.0' that a column with gaps gives to whole numbers."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _points(frame: pd.DataFrame) -> Points | None:
    """Give the points; a multipoint of one point is that point."""
    if not isinstance(frame, geopandas.GeoDataFrame):
        return None
    shapes = frame.geometry.to_numpy()
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    shapes = np.where(single, shapely.get_geometry(shapes, 0), shapes)
    kinds = shapely.get_type_id(shapes)
    absent = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    no_point = ~absent & (kinds != shapely.GeometryType.POINT)
    points = np.where(no_point | absent, None, shapes)  # GEOS fails on the coordinates of an empty point
    x, y = (np.where(no_point, np.inf, axis(points)) for axis in (shapely.get_x, shapely.get_y))
    crs = frame.crs
    return Points(x, y, "" if crs is None else (crs.to_string() if crs.to_authority() is None else ":".join(crs.to_authority())))
