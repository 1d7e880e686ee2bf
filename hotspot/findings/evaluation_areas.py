"""The areas of an evaluation: the treated one, its ring, the candidates for comparison, and who lies in which."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.boundaries.areas import crs_faults, in_metres
from hotspot.boundaries.geo_files import read_frames
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.clustering import ALWAYS, covered_months
from hotspot.findings.selected import SelectedOffences, select
from hotspot.geography import DrawnArea
from hotspot.given_text import one_line
from hotspot.methods.comparison_areas import displacement_ring, untouched
from hotspot.methods.units import Units, squares
from hotspot.offences.store import Scope, Store
from hotspot.period import Period
from hotspot.selection import DATE_COLUMNS, Selection

CELL_SIDES = (250.0, 5_000.0)
"""Metres: sides of the squares that stand for areas as large as a drawn one."""
CELL_STEP = 50.0
LEAST_OF_CELL = 0.5
"""Share of a square that must lie within the limit of the data."""
MOST_CORNERS = 500
LEAST_AREA = 1.0
"""Square metres that an area must have."""
NO_AREA = "Choose the area to evaluate"
Months = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Ground:
    """Every offence of the crime type over all the data, and the treated area among the candidates for comparison."""

    selected: SelectedOffences
    months: Months
    """Whole months that the data cover."""
    treated: BaseGeometry
    limit: BaseGeometry
    units: Units
    """Candidates: the level's areas, or squares as large as the treated area."""
    unit: NDArray[np.int64]
    """Candidate of each offence; −1 where in none."""
    extra: Mapping[str, BaseGeometry]
    """Areas of the store that may be named for comparison besides the candidates, by name."""

    @property
    def day(self) -> NDArray[np.datetime64]:
        """When each offence counts, by the chosen date."""
        column = DATE_COLUMNS[self.selected.selection.date_basis]
        return self.selected.frame[column].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")

    @property
    def outside(self) -> float:
        """Share of the treated area that lies beyond the limit of the data."""
        return 1.0 - float(shapely.area(shapely.intersection(self.treated, self.limit)) / shapely.area(self.treated))

    @property
    def is_cells(self) -> bool:
        return math.isfinite(self.units.size)

    def counts(self, inside: NDArray[np.bool_], period: Period) -> float:
        """Count offences in an area and a period."""
        return float(self.selected.frame["weight"].to_numpy()[inside & self.within(period)].sum())

    def within(self, period: Period) -> NDArray[np.bool_]:
        """Say which offences count in a period."""
        return (self.day >= np.datetime64(period.start)) & (self.day < np.datetime64(period.end))

    def monthly(self, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Count an area's offences in each covered month."""
        month, held = self._months(inside)
        weight = self.selected.frame["weight"].to_numpy()[held]
        return np.bincount(month[held], weights=weight, minlength=len(self.months)).astype(np.float64)

    def monthly_of_units(self) -> NDArray[np.float64]:
        """Count each candidate's offences in each covered month, shape ``(candidates, months)``."""
        month, held = self._months(self.unit >= 0)
        cell = self.unit[held] * len(self.months) + month[held]
        weight = self.selected.frame["weight"].to_numpy()[held]
        flat = np.bincount(cell, weights=weight, minlength=len(self.units) * len(self.months))
        return flat.reshape(len(self.units), len(self.months)).astype(np.float64)

    def counts_of_units(self, period: Period) -> NDArray[np.float64]:
        """Count each candidate's offences in a period."""
        held = self.within(period) & (self.unit >= 0)
        weight = self.selected.frame["weight"].to_numpy()[held]
        return np.bincount(self.unit[held], weights=weight, minlength=len(self.units)).astype(np.float64)

    def _months(self, inside: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        first = self.months[0] if len(self.months) else np.datetime64("1900-01")
        month = (self.day.astype("datetime64[M]") - first).astype(np.int64)
        return month, inside & (month >= 0) & (month < len(self.months)) & ~np.isnat(self.day)

    def named(self, name: str) -> tuple[BaseGeometry, NDArray[np.bool_]]:
        """Give a comparison area by name, and which offences lie in it.

        Raises
        ------
        BadInput
            If there is no such area.
        """
        wanted = name.strip().lower()
        for number, own in enumerate(self.units.names):
            if own.lower() == wanted:
                return self.units.geometry[number], self.unit == number
        found = next((own for own in self.extra if own.lower() == wanted), None)
        if found is None:
            shown = ", ".join([*self.extra][:12]) or "none"
            kind = "a square named by its centre" if self.is_cells else f"an area of the level {self.units.kind}"
            raise BadInput(f"There is no area '{name}' to compare with. Name {kind}, or one of: {shown}.")
        return self.extra[found], self.inside(self.extra[found])

    def inside(self, geometry: BaseGeometry) -> NDArray[np.bool_]:
        """Say which offences lie in a polygon."""
        frame = self.selected.frame
        x, y = (frame[axis].to_numpy(dtype=float, na_value=np.nan) for axis in ("x", "y"))
        return shapely.contains_xy(geometry, x, y)


def ground(store: Store, selection: Selection, *, scope: Scope) -> Ground:
    """Read the offences of all the data, and lay the candidates.

    Raises
    ------
    NotKnowable
        If no area is chosen, or it is not one that has a boundary.
    """
    if selection.is_whole_force:
        raise NotKnowable(
            "An evaluation asks what became of one area beside others. Choose an area in the sidebar, or draw or upload one on "
            "the Data page.",
            headline=NO_AREA,
        )
    selected = select(store, replace(selection, period=ALWAYS), scope=scope)
    treated = _usable(selected)
    limit = selected.limit if selected.limit is not None else _around(selected)
    if not shapely.intersects(treated, limit):
        raise NotKnowable(
            f"The area {selection.place} lies outside the ground that these data cover, so nothing can be counted in it. "
            "Choose an area inside the force.",
            headline="The area lies outside these data",
        )
    levels = store.levels_of(selection.force, scope=scope)
    extra: dict[str, BaseGeometry] = {}
    for level in levels:
        areas = store.areas(level, force=selection.force, scope=scope)
        for name in areas.names:
            extra.setdefault(name, areas.geometry(name))
    extra.pop(selection.area or "", None)
    units, unit = _cells(selected, limit) if selection.drawn is not None or not levels else _level(selected)
    return Ground(selected, covered_months(store, selection), treated, limit, units, unit, extra)


def _usable(selected: SelectedOffences) -> BaseGeometry:
    """Give the polygons of the chosen area: mending one that crosses itself may leave lines beside them."""
    if selected.area is None:
        raise NotKnowable("This area has no boundary, so there is nothing to lay a ring around.", headline=NO_AREA)
    polygons = shapely.union_all([part for part in shapely.get_parts(selected.area) if shapely.get_dimensions(part) == 2])
    if shapely.area(polygons) < LEAST_AREA:
        raise NotKnowable(
            f"The area {selected.selection.place} has no extent: its corners lie on one line. Draw or upload it again.",
            headline="This area cannot be evaluated",
        )
    return polygons


def _around(selected: SelectedOffences) -> BaseGeometry:
    located = selected.located
    if located.empty:
        raise NotKnowable("No offence of this type has a position, so none can be counted in an area.", headline=NO_AREA)
    return shapely.box(located["x"].min(), located["y"].min(), located["x"].max() + 1.0, located["y"].max() + 1.0)


def _cells(selected: SelectedOffences, limit: BaseGeometry) -> tuple[Units, NDArray[np.int64]]:
    side = round(math.sqrt(shapely.area(selected.area)) / CELL_STEP) * CELL_STEP
    units = squares(limit, cell_size=min(max(side, CELL_SIDES[0]), CELL_SIDES[1]))
    whole = shapely.area(units.geometry) >= LEAST_OF_CELL * units.size**2
    units = replace(units, geometry=units.geometry[whole], area_km2=units.area_km2[whole], cells=units.cells[whole])
    frame = selected.frame
    x, y = (frame[axis].to_numpy(dtype=float, na_value=np.nan) for axis in ("x", "y"))
    return units, np.asarray(units.unit_of(x, y))


def _level(selected: SelectedOffences) -> tuple[Units, NDArray[np.int64]]:
    """Take the areas of the treated one's level, and the area that each offence is counted in."""
    areas = selected.areas
    geometry = areas.frame.geometry.to_numpy()
    units = Units(areas.level, geometry, shapely.area(geometry) / 1e6, math.nan, area_names=areas.names)
    number = pd.Index(areas.names).get_indexer(selected.frame["area"].fillna("").to_numpy(dtype=object))
    return units, np.asarray(number, dtype=np.int64)


def ring_of(lain: Ground, width: float) -> BaseGeometry | None:
    """Lay the displacement ring; None where it is left out (0 m) or nothing of it lies within the data's limit."""
    if width == 0:
        return None
    ring = displacement_ring(lain.treated, width=width, limit=lain.limit)
    return None if shapely.is_empty(ring) else ring


def possible_candidates(lain: Ground, ring: BaseGeometry | None) -> NDArray[np.bool_]:
    """Say which candidates touch neither the treated area nor its ring."""
    return untouched(lain.units.geometry, treated=lain.treated, ring=ring)


def area_of_file(path: Path, *, crs: str) -> DrawnArea:
    """Read one polygon from a file as an area named by the file.

    Raises
    ------
    BadInput
        If the file holds no polygon, or several parts that are no one area.
    """
    frames = [frame for frame in read_frames(path, meant="an area") if len(frame)]
    faults = [fault for frame in frames for fault in crs_faults(frame, str(path))]
    if faults:
        raise BadInput(*faults)
    metres = [in_metres(frame.geometry, crs=crs, source=str(path)) for frame in frames]
    shapes = [one for several in metres for one in several if one is not None]
    union = shapely.union_all([one for one in shapes if shapely.get_dimensions(one) == 2])
    if union.geom_type != "Polygon" or shapely.is_empty(union):
        parts = 0 if shapely.is_empty(union) else len(shapely.get_parts(union))
        raise BadInput(f"{path} holds {parts} separate polygons. Give a file with one area, in one piece.")
    tolerance, ring = 1.0, union.exterior
    while len(ring.coords) > MOST_CORNERS:
        ring, tolerance = shapely.simplify(union.exterior, tolerance), 2 * tolerance
    names = [str(name) for frame in frames for name in frame.get("name", [])]
    name = names[0] if len(names) == 1 and names[0].strip() else path.stem
    return DrawnArea(one_line(name)[:80], tuple((float(x), float(y)) for x, y in list(ring.coords)[:-1]))
