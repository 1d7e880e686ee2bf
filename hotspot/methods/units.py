"""Units of analysis inside an area: squares, hexagons, or named areas such as wards.

Squares and hexagons lie on a lattice that begins at the origin of the analysis CRS, whatever the area: the same place
lies in the same cell in every selection, and a cell is found by arithmetic. Cells are clipped to the area, so that
together they are the area, without gap or overlap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.boundaries.areas import Areas

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
SQUARES, HEXAGONS = "squares", "hexagons"
TOUCHING = 1.0
"""Metres between two named areas that still count as touching: files are rounded, and borders redrawn."""
LEAST_INSIDE = 0.01
"""Share of a named area that must lie within the chosen one: borders of two files never agree to the metre."""


@dataclass(frozen=True)
class Lattice:
    """Squares or upright hexagons (corners north and south) that cover bounds; rows run south to north.

    Hexagons of an odd row stand half a width farther east. Rows and columns count from the origin of the CRS.
    """

    kind: str
    """'squares' or 'hexagons'."""
    size: float
    """Metres: side of a square, width across the flats of a hexagon."""
    first_row: int
    first_column: int
    rows: int
    columns: int

    @classmethod
    def covering(cls, bounds: tuple[float, float, float, float], *, kind: str, size: float) -> Lattice:
        """Cover (west, south, east, north) in metres."""
        if not size > 0:
            raise ValueError("cells are larger than 0 metres")
        west, south, east, north = bounds
        height = size if kind == SQUARES else size * math.sqrt(3) / 2
        # A hexagon reaches into the rows above and below its own.
        beyond = 0 if kind == SQUARES else 1
        row, column = math.floor(south / height) - beyond, math.floor(west / size) - beyond
        last_row, last_column = math.floor(north / height) + beyond, math.floor(east / size) + beyond
        return cls(kind, size, row, column, last_row - row + 1, last_column - column + 1)

    @property
    def cell_area_km2(self) -> float:
        return (self.size / 1_000.0) ** 2 * (1.0 if self.kind == SQUARES else math.sqrt(3) / 2)

    def cell_of(self, x: ArrayLike, y: ArrayLike) -> Integers:
        """Number the cell of each point, row by row from the south-west; −1 beyond the lattice or without position."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        known = np.isfinite(x) & np.isfinite(y)
        x, y = np.where(known, x, 0.0), np.where(known, y, 0.0)
        row, column = self._square_of(x, y) if self.kind == SQUARES else self._hexagon_of(x, y)
        row, column = row - self.first_row, column - self.first_column
        on_lattice = known & (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return np.where(on_lattice, row * self.columns + column, -1)

    def _square_of(self, x: Floats, y: Floats) -> tuple[Integers, Integers]:
        return np.floor(y / self.size).astype(np.int64), np.floor(x / self.size).astype(np.int64)

    def _hexagon_of(self, x: Floats, y: Floats) -> tuple[Integers, Integers]:
        """Find the nearest centre, which is in one of the two rows of centres beside the point."""
        height = self.size * math.sqrt(3) / 2
        south = np.floor(y / height).astype(np.int64)
        column, distance = self._nearest_in_row(x, y, south, height)
        column_north, distance_north = self._nearest_in_row(x, y, south + 1, height)
        northern = distance_north <= distance
        return south + northern, np.where(northern, column_north, column)

    def _nearest_in_row(self, x: Floats, y: Floats, row: Integers, height: float) -> tuple[Integers, Floats]:
        shift = (row % 2) / 2
        column = np.floor(x / self.size - shift + 0.5).astype(np.int64)
        return column, (x - (column + shift) * self.size) ** 2 + (y - row * height) ** 2

    def centres(self, cells: Integers) -> tuple[Floats, Floats]:
        """Give x and y of the middle of cells."""
        row, column = self.place_of(cells)
        if self.kind == SQUARES:
            return (column + 0.5) * self.size, (row + 0.5) * self.size
        return (column + (row % 2) / 2) * self.size, row * (self.size * math.sqrt(3) / 2)

    def place_of(self, cells: Integers) -> tuple[Integers, Integers]:
        """Give row and column of cells, counted from the origin of the CRS."""
        return cells // self.columns + self.first_row, cells % self.columns + self.first_column

    def outlines(self, cells: Integers) -> NDArray[np.object_]:
        """Draw cells; a corner that two cells share has the same digits in both."""
        row, column = self.place_of(cells)
        if self.kind == SQUARES:
            across, along = np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1])
            corners = np.stack([column[:, None] + across, row[:, None] + along], axis=-1) * self.size
            return shapely.polygons(corners)
        half_widths = (2 * column + row % 2)[:, None] + np.array([0, 1, 1, 0, -1, -1])
        half_sides = (3 * row)[:, None] + np.array([-2, -1, 1, 2, 1, -1])
        side = self.size / math.sqrt(3)
        return shapely.polygons(np.stack([half_widths * (self.size / 2), half_sides * (side / 2)], axis=-1))

    def steps_within(self, distance: float) -> tuple[tuple[tuple[int, int], ...], ...]:
        """List the steps (rows north, columns east) to all cells whose centre is within a distance, the cell itself left out.

        Returns
        -------
        tuple
            Steps from an even row and from an odd row; the two differ for hexagons alone.
        """
        height = self.size if self.kind == SQUARES else self.size * math.sqrt(3) / 2
        reach_rows, reach = int(distance / height + 1e-9), int(distance / self.size + 1e-9) + 1
        found: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
        for parity, steps in enumerate(found):
            for north in range(-reach_rows, reach_rows + 1):
                odd = self.kind == HEXAGONS and north % 2 == 1
                shift = (0.5 if parity == 0 else -0.5) if odd else 0.0
                for east in range(-reach, reach + 1):
                    away = math.hypot(north * height, (east + shift) * self.size)
                    if (north, east) != (0, 0) and away <= distance * (1 + 1e-9):
                        steps.append((north, east))
        return tuple(found[0]), tuple(found[1])

    @property
    def adjoining(self) -> float:
        """Metres between the centres of cells that share an edge or a corner, at most."""
        return self.size * (math.sqrt(2) if self.kind == SQUARES else 1.0)


@dataclass(frozen=True, eq=False)
class Units:
    """Units that together cover an area."""

    kind: str
    """'squares', 'hexagons', or the level of named areas, such as 'ward'."""
    geometry: NDArray[np.object_]
    """Polygons clipped to the area, metres of the analysis CRS, shape ``(units,)``."""
    area_km2: Floats
    """Of the clipped polygons, square kilometres."""
    size: float
    """Metres: side of a square, width across the flats of a hexagon; NaN for named areas."""
    lattice: Lattice | None = None
    """None for named areas."""
    cells: Integers | None = None
    """The lattice's number of each unit, rising; None for named areas."""
    area_names: tuple[str, ...] = ()
    """Of named areas."""

    def __len__(self) -> int:
        return len(self.geometry)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of areas; cells are named by their middle: 'E 402,250 N 292,250'."""
        if self.lattice is None or self.cells is None:
            return self.area_names
        x, y = self.lattice.centres(self.cells)
        return tuple(f"E {east:,.0f} N {north:,.0f}" for east, north in zip(x, y, strict=True))

    @cached_property
    def centres(self) -> tuple[Floats, Floats]:
        """x and y of the middle of each whole cell, or of a point inside each named area, metres."""
        if self.lattice is not None and self.cells is not None:
            return self.lattice.centres(self.cells)
        inside = shapely.point_on_surface(self.geometry)
        return shapely.get_x(inside), shapely.get_y(inside)

    def unit_of(self, x: ArrayLike, y: ArrayLike) -> Integers:
        """Say in which unit each point lies; −1 where in none.

        Cells are half-open, and whole: a point just beyond the area lies in the cell that the area's edge cuts. A
        border of named areas belongs to the one that stands first.
        """
        if self.lattice is None:
            return self._area_of(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
        cell = self.lattice.cell_of(x, y)
        return np.where(cell >= 0, self.number_of_cell[cell], -1)

    @cached_property
    def number_of_cell(self) -> Integers:
        """The unit of each cell of the lattice, −1 where it is none; shape ``(rows × columns,)``."""
        assert self.lattice is not None and self.cells is not None
        number = np.full(self.lattice.rows * self.lattice.columns, -1, dtype=np.int64)
        number[self.cells] = np.arange(len(self.cells))
        return number

    def _area_of(self, x: Floats, y: Floats) -> Integers:
        points = x + 1j * y
        located = np.isfinite(points)
        unique, inverse = np.unique(points[located], return_inverse=True)
        tree = shapely.STRtree(shapely.points(unique.real, unique.imag))
        unit, point = tree.query(self.geometry, predicate="covers")
        first = np.full(unique.size, -1, dtype=np.int64)
        last_to_first = np.argsort(unit, kind="stable")[::-1]
        first[point[last_to_first]] = unit[last_to_first]
        found = np.full(points.shape, -1, dtype=np.int64)
        found[located] = first[inverse]
        return found

    def counts(self, x: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> Floats:
        """Add up points, or their weights, in each unit."""
        unit = self.unit_of(x, y)
        inside = unit >= 0
        weights = None if weight is None else np.asarray(weight, dtype=np.float64)[inside]
        return np.bincount(unit[inside], weights=weights, minlength=len(self)).astype(np.float64)

    def neighbours(self) -> tuple[Integers, Integers]:
        """List the units that share an edge or a corner with each unit, the unit itself left out.

        Returns
        -------
        tuple
            Starts, shape ``(units + 1,)``, and neighbours, rising within each unit (compressed sparse rows).
        """
        if self.lattice is not None:
            return self.neighbours_within(self.lattice.adjoining)
        tree = shapely.STRtree(self.geometry)
        unit, other = tree.query(self.geometry, predicate="dwithin", distance=TOUCHING)
        return _compressed(unit, other, count=len(self))

    def neighbours_within(self, distance: float) -> tuple[Integers, Integers]:
        """List the cells whose middle is within a distance in metres of each cell's, as ``neighbours`` does."""
        if self.lattice is None or self.cells is None:
            raise ValueError("named areas have neighbours by touch alone")
        lattice = self.lattice
        row, column = self.cells // lattice.columns, self.cells % lattice.columns
        odd = (row + lattice.first_row) % 2 == 1
        units, others = [], []
        for parity, steps in enumerate(lattice.steps_within(distance)):
            here = np.flatnonzero(odd == bool(parity))
            for north, east in steps:
                to_row, to_column = row[here] + north, column[here] + east
                there = (to_row >= 0) & (to_row < lattice.rows) & (to_column >= 0) & (to_column < lattice.columns)
                units.append(here[there])
                others.append(self.number_of_cell[to_row[there] * lattice.columns + to_column[there]])
        if not units:
            return _compressed(np.empty(0, np.int64), np.empty(0, np.int64), count=len(self))
        unit, other = np.concatenate(units), np.concatenate(others)
        return _compressed(unit[other >= 0], other[other >= 0], count=len(self))


def squares(area: BaseGeometry, *, cell_size: float) -> Units:
    """Cover an area, polygons in metres, with squares whose edges lie on multiples of their size."""
    return _cells(area, Lattice.covering(area.bounds, kind=SQUARES, size=cell_size))


def hexagons(area: BaseGeometry, *, width: float) -> Units:
    """Cover an area, polygons in metres, with upright hexagons of a width across their flats."""
    return _cells(area, Lattice.covering(area.bounds, kind=HEXAGONS, size=width))


def named_areas(areas: Areas, *, within: BaseGeometry | None = None) -> Units:
    """Take the areas of one level, or those of which at least a hundredth lies within a chosen area, clipped to it."""
    geometry = areas.frame.geometry.to_numpy()
    names = np.asarray(areas.names, dtype=object)
    if within is not None:
        clipped = _polygons(shapely.intersection(geometry, within))
        inside = shapely.area(clipped) >= LEAST_INSIDE * shapely.area(geometry)
        geometry, names = clipped[inside], names[inside]
    return Units(areas.level, geometry, shapely.area(geometry) / 1e6, math.nan, area_names=tuple(names))


def _cells(area: BaseGeometry, lattice: Lattice) -> Units:
    cells = np.arange(lattice.rows * lattice.columns)
    outlines = lattice.outlines(cells)
    shapely.prepare(area)
    whole = shapely.contains(area, outlines)
    cut = np.flatnonzero(shapely.intersects(area, outlines) & ~whole)
    outlines[cut] = _clipped(outlines[cut], area, rows=cut // lattice.columns)
    kept = whole.copy()
    kept[cut] = shapely.area(outlines[cut]) > 0
    geometry = outlines[kept]
    return Units(lattice.kind, geometry, shapely.area(geometry) / 1e6, lattice.size, lattice=lattice, cells=cells[kept])


def _clipped(outlines: NDArray[np.object_], area: BaseGeometry, *, rows: Integers) -> NDArray[np.object_]:
    """Cut cells to an area, row by row: the area's outline is walked once for a row, not once for a cell."""
    clipped = np.empty(len(outlines), dtype=object)
    for row in np.unique(rows):
        here = np.flatnonzero(rows == row)
        strip = shapely.intersection(area, shapely.box(*shapely.total_bounds(outlines[here])))
        clipped[here] = shapely.intersection(outlines[here], strip)
    return _polygons(clipped)


def _polygons(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave out the points and lines of a clipping."""
    kept = geometry.copy()
    for index in np.flatnonzero(shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(geometry[index])
        kept[index] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    lower = shapely.get_dimensions(kept) < 2
    kept[lower] = shapely.Polygon()
    return kept


def _compressed(unit: Integers, other: Integers, *, count: int) -> tuple[Integers, Integers]:
    different = unit != other
    unit, other = unit[different], other[different]
    order = np.lexsort((other, unit))
    starts = np.concatenate([[0], np.cumsum(np.bincount(unit, minlength=count))]).astype(np.int64)
    return starts, other[order].astype(np.int64)
