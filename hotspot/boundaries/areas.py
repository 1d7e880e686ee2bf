"""Areas of one level (LPA, sector, ward, LSOA): read from a file, kept in the analysis CRS, assigned to points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

import geopandas
import numpy as np
import pandas
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from hotspot.boundaries.geo_files import UNREADABLE, finite, read_frames
from hotspot.errors import BadInput
from hotspot.geography import OUTSIDE
from hotspot.given_text import first_line, one_line

DECIMALS = 1
"""Of a metre. Seven digits of a degree are about 1 cm: rounding to 0.1 m gives back the figures that a file was
written from, and a vertex that two neighbours share stays one vertex."""
LEAST_WITHIN = 0.99
"""Share of an area's ground that lies in a limit where the area does."""
FAR = 50_000.0
"""Metres beyond the force's bounds: a file all of whose features lie farther away is of another place, or mistaken."""
SHOWN = 20
"""So many rows or names are listed in a sentence; the rest are counted."""


@dataclass(frozen=True, eq=False)
class Areas:
    """Areas of one level, in metres of the analysis CRS."""

    level: str
    """'LPA' or any further level, such as 'sector'."""
    frame: geopandas.GeoDataFrame
    """Columns ``name`` (unique, never empty) and ``geometry`` (valid polygons), in the order of the file, and, where the
    areas have a denominator, one more column, which is called what it counts: 'households'."""
    notes: tuple[str, ...] = ()
    """What was repaired or merged upon reading, one sentence each."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.frame["name"])

    @property
    def denominator_name(self) -> str | None:
        """What the denominators count, such as 'households'; None where there are none."""
        return next((str(column) for column in self.frame.columns if column not in ("name", "geometry")), None)

    @property
    def denominators(self) -> dict[str, float]:
        """The denominator of each area that has one above 0."""
        if (column := self.denominator_name) is None:
            return {}
        return {name: float(value) for name, value in zip(self.names, self.frame[column], strict=True) if value > 0}

    @cached_property
    def union(self) -> BaseGeometry:
        """Everything that lies in any area."""
        return shapely.union_all(self.frame.geometry.to_numpy())

    def geometry(self, name: str) -> BaseGeometry:
        """Give the polygon of one area.

        Raises
        ------
        BadInput
            If no area of this level has that name.
        """
        found = self.frame.geometry[self.frame["name"] == name]
        if found.empty:
            raise BadInput(f"There is no {self.level} named '{name}'. There are: {_listed(self.names)}.")
        return found.iloc[0]

    def only(self, names: Collection[str]) -> Self:
        """Keep the areas of these names."""
        return replace(self, frame=self.frame[self.frame["name"].isin(list(names))].reset_index(drop=True))

    def within(self, limit: BaseGeometry) -> Self:
        """Keep the areas that lie in a limit, but for a sliver that two surveys of one border make."""
        polygons = self.frame.geometry.to_numpy()
        inside = shapely.area(shapely.intersection(polygons, limit)) >= LEAST_WITHIN * shapely.area(polygons)
        return replace(self, frame=self.frame[inside].reset_index(drop=True))

    def to_parquet(self, path: Path) -> None:
        """Keep the areas in one file (GeoParquet), without the notes."""
        self.frame.to_parquet(path, index=False)

    @classmethod
    def from_parquet(cls, path: Path, *, level: str) -> Self:
        """Read areas that ``to_parquet`` wrote."""
        return cls(level, geopandas.read_parquet(path))


def read_areas(
    path: Path,
    *,
    level: str,
    crs: str,
    name_column: str | None = None,
    denominator: str | None = None,
    denominator_name: str | None = None,
) -> Areas:
    """Read areas from GeoPackage, GeoJSON, a zipped shapefile or KML into the analysis CRS.

    Invalid polygons are repaired, rows of one name are merged, and both are told in ``Areas.notes``.

    Parameters
    ----------
    path
        File with one polygon layer (a KML file may have several: they are read as one).
    level
        What the areas are called, such as 'LPA' or 'sector'.
    crs
        The analysis CRS, such as 'EPSG:27700'.
    name_column
        Column with the names; guessed where not given.
    denominator, denominator_name
        Column with a number for each area, such as its households, and what it counts; None: the areas have none.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    frame = _read_layers(Path(path))
    counted = None if denominator is None else (denominator, denominator_name or denominator)
    return areas_from_frame(frame, source=str(path), level=level, crs=crs, name_column=name_column, denominator=counted)


def areas_from_frame(
    frame: geopandas.GeoDataFrame,
    *,
    source: str,
    level: str,
    crs: str,
    name_column: str | None = None,
    denominator: tuple[str, str] | None = None,
) -> Areas:
    """Make areas of any frame with polygons; ``source`` names it in faults.

    Parameters
    ----------
    denominator
        Column with a number for each area, and what it counts.
    """
    column, faults = _name_column(frame, source, name_column)
    faults += crs_faults(frame, source)
    numbers, unread = _denominators(frame, source, denominator)
    faults += unread
    if column is None or faults:
        raise BadInput(*faults)
    names = _names(frame[column])
    invalid = ~shapely.is_valid(frame.geometry.to_numpy()) & ~frame.geometry.isna().to_numpy()
    polygons = _in_analysis_crs(frame.geometry, crs, source)
    empty = shapely.is_empty(polygons)
    faults = _row_faults(names, empty, source=source, column=column)
    if faults:
        raise BadInput(*faults)
    merged, notes = _merged(names[~empty], polygons[~empty])
    if denominator is not None:
        # Rows of one name are one area: their households add up; an area without a number stays without.
        merged[denominator[1]] = numbers[~empty].groupby(names[~empty], sort=False).sum(min_count=1).tolist()
    repaired = [f"{_counted(int(invalid.sum()), 'invalid polygon')} in {source} repaired."] if invalid.any() else []
    return Areas(level, geopandas.GeoDataFrame(merged, geometry="geometry", crs=crs), tuple(repaired + notes))


def assign(areas: Areas, x: ArrayLike, y: ArrayLike) -> NDArray[np.object_]:
    """Name the area of each point: ``OUTSIDE`` where it lies in none, None where it has no coordinates.

    A border belongs to both neighbours; a point on it is given to the one that stands first in the file.
    """
    points = np.asarray(x, dtype=float) + 1j * np.asarray(y, dtype=float)
    located = np.isfinite(points)
    unique, inverse = np.unique(points[located], return_inverse=True)
    names = np.full(unique.size, OUTSIDE, dtype=object)
    # Polygons ask a tree of points, not the other way round: GEOS prepares the geometry that asks.
    tree = shapely.STRtree(shapely.points(unique.real, unique.imag))
    area, point = tree.query(areas.frame.geometry.to_numpy(), predicate="covers")
    last_to_first = np.argsort(area, kind="stable")[::-1]
    names[point[last_to_first]] = np.asarray(areas.names, dtype=object)[area[last_to_first]]
    assigned = np.full(points.shape, None, dtype=object)
    assigned[located] = names[inverse]
    return assigned


def _read_layers(path: Path) -> geopandas.GeoDataFrame:
    frames = [frame for frame in read_frames(path, meant="boundaries") if _has_polygons(frame)]
    if not frames:
        raise BadInput(f"{path} has no polygons. Areas must be polygons, each with a name.")
    if len(frames) > 1 and path.suffix.lower() != ".kml":
        raise BadInput(f"{path} has {len(frames)} layers with polygons. Save the one to use in a file of its own.")
    return pandas.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _has_polygons(frame: geopandas.GeoDataFrame) -> bool:
    return bool(frame.geometry.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"]).any())


def _name_column(frame: geopandas.GeoDataFrame, source: str, wanted: str | None) -> tuple[str | None, list[str]]:
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    listed = _listed(columns) if columns else "none"
    if wanted is not None:
        absent = f"{source} has no column '{wanted}' to take the names from. Its columns: {listed}."
        return (wanted, []) if wanted in columns else (None, [absent])
    for fits in (lambda c: c == "name", lambda c: c.lower() == "name", lambda c: c.upper().endswith("NM")):
        found = [column for column in columns if fits(column)]
        if len(found) == 1:
            return found[0], []
    return None, [f"Which column of {source} has the names cannot be told; name it. Its columns: {listed}."]


def _denominators(frame: geopandas.GeoDataFrame, source: str, wanted: tuple[str, str] | None) -> tuple[pandas.Series, list[str]]:
    """Read the column with a number for each area; empty cells are areas without one."""
    if wanted is None:
        return pandas.Series(dtype=float), []
    column, name = wanted
    columns = [str(one) for one in frame.columns if one != frame.geometry.name]
    if name.strip().lower() in ("", "name", "geometry"):
        return pandas.Series(dtype=float), [f"A denominator cannot be called '{name}'. Say what it counts, such as households."]
    if column not in columns:
        return pandas.Series(dtype=float), [
            f"{source} has no column '{column}' to take the denominator from. Its columns: {_listed(columns)}."
        ]
    numbers = pandas.to_numeric(frame[column], errors="coerce")
    given = frame[column].notna() & (frame[column].astype(str).str.strip() != "")
    wrong = given.to_numpy() & ~(np.isfinite(numbers) & (numbers >= 0)).to_numpy()
    if wrong.any():
        return numbers, [f"{source}: the denominator in column '{column}' is no number of 0 or more in {rows_listed(wrong)}."]
    return numbers, []


def crs_faults(frame: geopandas.GeoDataFrame, source: str) -> list[str]:
    """Say where a frame does not tell its coordinate system, or cannot mean the one it tells."""
    if frame.crs is None:
        return [f"{source} does not say its coordinate system (a shapefile needs its .prj). Save it again with one."]
    west, south, east, north = frame.total_bounds
    if CRS(frame.crs).is_geographic and (west < -180 or south < -90 or east > 180 or north > 90):
        return [
            f"{source} has coordinates that are not degrees (for example {west:.0f}, {south:.0f}), but does not name another "
            "coordinate system. Save it as a GeoPackage with its coordinate system, or as GeoJSON in longitude and latitude."
        ]
    return []


def _names(column: pandas.Series) -> NDArray[np.object_]:
    return np.array(["" if pandas.isna(value) else one_line(str(value)) for value in column], dtype=object)


def in_metres(geometry: geopandas.GeoSeries, *, crs: str, source: str) -> NDArray[np.object_]:
    """Bring shapes to metres of the analysis CRS, flat and repaired; what is absent stays so.

    Raises
    ------
    BadInput
        If a coordinate is no number, or no place in that coordinate system.
    """
    flat = shapely.force_2d(geometry.to_numpy())
    if (wrong := ~finite(flat)).any():
        raise BadInput(f"{source}: {rows_listed(wrong)} with a coordinate that is no number. Correct it, or take the row out.")
    try:
        metres = shapely.make_valid(geopandas.GeoSeries(shapely.make_valid(flat), crs=geometry.crs).to_crs(crs).to_numpy())
    except UNREADABLE as fault:
        raise BadInput(
            f"{source} cannot be brought into metres of {crs} ({first_line(fault)}). Does it name the right coordinate system?"
        ) from fault
    if (lost := ~finite(metres)).any():
        raise BadInput(f"{source}: {rows_listed(lost)} cannot be placed on the force's map. Correct the coordinates.")
    return metres


def refuse_elsewhere(shapes: NDArray[np.object_], bounds: tuple[float, float, float, float] | None, source: str) -> None:
    """Refuse shapes none of which lies near a box in metres of the analysis CRS; None takes any place.

    Raises
    ------
    BadInput
        If all are farther than ``FAR`` away.
    """
    if bounds is None:
        return
    near = shapely.box(bounds[0] - FAR, bounds[1] - FAR, bounds[2] + FAR, bounds[3] + FAR)
    if not shapely.intersects(shapes, near).any():
        raise BadInput(
            f"None of the features of {source} lies within {FAR / 1000:.0f} km of the force. Are the two coordinates swapped, "
            "or is another coordinate system meant?"
        )


def _in_analysis_crs(geometry: geopandas.GeoSeries, crs: str, source: str) -> NDArray[np.object_]:
    metres = _polygonal(in_metres(geometry, crs=crs, source=source))
    return _polygonal(shapely.transform(metres, lambda vertices: np.round(vertices, DECIMALS)))


def _polygonal(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Repair each geometry and keep its polygons; an empty polygon where there are none."""
    repaired = np.where(shapely.is_missing(geometry), shapely.Polygon(), geometry)
    return np.array([_polygons_of(one) for one in shapely.make_valid(repaired)], dtype=object)


def _polygons_of(geometry: BaseGeometry) -> BaseGeometry:
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _row_faults(names: NDArray[np.object_], empty: NDArray[np.bool_], *, source: str, column: str) -> list[str]:
    """A row without a polygon is no fault where another row gives its name one (a label beside its area)."""
    outlined = set(names[~empty])
    lost = empty & np.array([name not in outlined for name in names])
    faults = []
    if (unnamed := (names == "") & ~empty).any():
        faults.append(f"{source}: no name in column '{column}' in {rows_listed(unnamed)}. Name each area.")
    if lost.any():
        named = _listed([name or "no name" for name in names[lost]])
        faults.append(f"{source}: no polygon in {rows_listed(lost)} ({named}). Give each area a polygon, or take the row out.")
    if (reserved := names == OUTSIDE).any():
        faults.append(f"{source}: the name '{OUTSIDE}' in {rows_listed(reserved)} is kept for what lies in no area. Rename it.")
    return faults


def _merged(names: NDArray[np.object_], polygons: NDArray[np.object_]) -> tuple[dict[str, list[object]], list[str]]:
    rows = pandas.Series(np.arange(len(names))).groupby(names, sort=False).agg(list)
    geometry = [polygons[r[0]] if len(r) == 1 else _polygons_of(shapely.union_all(polygons[r])) for r in rows]
    merged: list[str] = [str(name) for name, r in rows.items() if len(r) > 1]
    notes = [f"{_counted(len(merged), 'area')} with several rows merged: {_listed(merged)}."] if merged else []
    return {"name": [str(name) for name in rows.index], "geometry": geometry}, notes


def rows_listed(chosen: NDArray[np.bool_]) -> str:
    """Name rows, 1 the first: 'rows 2, 7'."""
    rows = [str(row + 1) for row in np.flatnonzero(chosen)]
    return f"row{'s' if len(rows) > 1 else ''} {_listed(rows)}"


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(words[:SHOWN])
    return shown if len(words) <= SHOWN else f"{shown} and {len(words) - SHOWN} more"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
