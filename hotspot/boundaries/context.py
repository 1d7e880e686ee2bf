"""A context layer: points, lines or polygons that lie under the offences, such as cameras, schools or stations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas
import numpy as np
import pandas
import shapely
from numpy.typing import NDArray

from hotspot.boundaries.areas import crs_faults, in_metres, refuse_elsewhere, rows_listed
from hotspot.boundaries.geo_files import read_frames
from hotspot.errors import BadInput
from hotspot.given_text import check_header, content_of, csv_rows, decoded, number
from hotspot.limits import FEATURES, FILE_MB

LONGEST_NAME = 40
SEPARATOR = "|"
"""Stands between the names of layers in a link, so in no name."""
_EAST = ("x", "easting", "eastings")
_NORTH = ("y", "northing", "northings")
_LONGITUDE = ("lon", "lng", "long", "longitude")
_LATITUDE = ("lat", "latitude")
_DEGREES = "EPSG:4326"


@dataclass(frozen=True, eq=False)
class ContextLayer:
    """Features of one kind of thing, in metres of the analysis CRS."""

    name: str
    geometry: NDArray[np.object_]
    """Valid points, lines and polygons, none empty, in the order of the file."""
    crs: str
    fingerprint: str = ""
    """Of the stored file; empty until it is stored."""
    file: str = ""
    """Name of the file that it was read from."""

    def __len__(self) -> int:
        return len(self.geometry)

    @cached_property
    def dimensions(self) -> NDArray[np.int64]:
        """0 for points, 1 for lines, 2 for polygons."""
        return shapely.get_dimensions(self.geometry)

    @property
    def kinds(self) -> str:
        """Say what the features are: '12 points', '3 points and 2 polygons'."""
        words = ("point", "line", "polygon")
        counts = [(int((self.dimensions == number).sum()), word) for number, word in enumerate(words)]
        return " and ".join(f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in counts if count)


def checked_name(name: str) -> str:
    """Give a layer's name without spaces at its ends.

    Raises
    ------
    BadInput
        If it cannot be a name.
    """
    plain = name.strip()
    if not plain[:1].isalnum() or len(plain) > LONGEST_NAME or SEPARATOR in plain or not plain.isprintable():
        raise BadInput(
            f"'{plain[:80]}' cannot be the name of a layer. Choose at most {LONGEST_NAME} characters without {SEPARATOR}, "
            "the first a letter or a digit, such as CCTV."
        )
    return plain


def read_layer(path: Path, *, name: str, crs: str, bounds: tuple[float, float, float, float] | None = None) -> ContextLayer:
    """Read a context layer from GeoPackage, GeoJSON, zipped shapefile, KML or CSV.

    Parameters
    ----------
    path
        A CSV has the columns x and y (metres of ``crs``), or lon and lat (degrees).
    crs
        The analysis CRS.
    bounds
        (west, south, east, north) in metres of the force; None: a layer of any place is taken.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    path = Path(path)
    frame = _read_csv(path, crs) if path.suffix.lower() == ".csv" else _read_geo(path)
    FEATURES.check(len(frame), path.name)
    faults = crs_faults(frame, path.name) or _shape_faults(frame, path.name)
    if faults:
        raise BadInput(*faults)
    metres = in_metres(frame.geometry, crs=crs, source=path.name)
    refuse_elsewhere(metres, bounds, path.name)
    return ContextLayer(checked_name(name), metres, crs, file=path.name)


def _read_geo(path: Path) -> geopandas.GeoDataFrame:
    frames = read_frames(path, meant="a layer")
    if not frames:
        raise BadInput(f"{path.name} has no layer with points, lines or polygons.")
    if len(frames) > 1 and path.suffix.lower() != ".kml":
        raise BadInput(f"{path.name} has {len(frames)} layers. Save the one to use in a file of its own.")
    return pandas.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _shape_faults(frame: geopandas.GeoDataFrame, source: str) -> list[str]:
    shapes = frame.geometry.to_numpy()
    if not len(shapes):
        return [f"{source} has no features. Export it again."]
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if empty.any():
        return [f"{source}: no position in {rows_listed(empty)}. Give each feature a position, or take the row out."]
    return []


def _read_csv(path: Path, crs: str) -> geopandas.GeoDataFrame:
    header, rows = _csv_rows(path)
    folded = [column.strip().lower() for column in header]
    check_header(folded, path.name)
    for first, second, system in ((_EAST, _NORTH, crs), (_LONGITUDE, _LATITUDE, _DEGREES)):
        east, north = (next((folded.index(name) for name in names if name in folded), None) for names in (first, second))
        if east is not None and north is not None:
            return _of_columns(rows, east, north, system, path.name)
    raise BadInput(
        f"{path.name} has no columns x and y (metres) or lon and lat (degrees). Its columns: {', '.join(header) or 'none'}."
    )


def _csv_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    table = csv_rows(decoded(content_of(path, path.name, limit=FILE_MB), path.name), path.name)
    return (table[0], table[1:]) if table else ([], [])


def _of_columns(rows: Sequence[list[str]], east: int, north: int, crs: str, source: str) -> geopandas.GeoDataFrame:
    x, y = (np.array([number(row[at].strip()) if at < len(row) else math.nan for row in rows]) for at in (east, north))
    wrong = ~(np.isfinite(x) & np.isfinite(y))
    if wrong.any():
        raise BadInput(f"{source}: no two numbers for a position in {rows_listed(wrong)}. Correct them, or take the rows out.")
    return geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y), crs=crs)
