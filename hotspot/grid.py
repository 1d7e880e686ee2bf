"""A regular grid of square cells in metres."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Grid:
    """Square cells, rows north to south, columns west to east, edges on multiples of the cell size."""

    west: float
    """Metres: the left edge of the first column."""
    north: float
    """Metres: the upper edge of the first row."""
    cell_size: float
    """Metres."""
    rows: int
    columns: int

    @classmethod
    def covering(cls, bounds: tuple[float, float, float, float], *, cell_size: float) -> Grid:
        """Cover (west, south, east, north) in metres with whole cells."""
        west, south, east, north = bounds
        first = math.floor(west / cell_size)
        top = math.ceil(north / cell_size)
        columns = max(1, math.ceil(east / cell_size) - first)
        rows = max(1, top - math.floor(south / cell_size))
        return cls(first * cell_size, top * cell_size, cell_size, rows, columns)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) in metres."""
        return (
            self.west,
            self.north - self.rows * self.cell_size,
            self.west + self.columns * self.cell_size,
            self.north,
        )

    @property
    def cell_area_km2(self) -> float:
        return (self.cell_size / 1000.0) ** 2

    @property
    def x(self) -> NDArray[np.float64]:
        """Eastings of the cell centres, shape ``(columns,)``."""
        return self.west + (np.arange(self.columns) + 0.5) * self.cell_size

    @property
    def y(self) -> NDArray[np.float64]:
        """Northings of the cell centres, shape ``(rows,)``, north to south."""
        return self.north - (np.arange(self.rows) + 0.5) * self.cell_size

    def cell_of(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Give row, column and whether the point lies on the grid (cells are half-open, [west, east))."""
        column = np.floor((np.asarray(x) - self.west) / self.cell_size).astype(np.int64)
        row = self.rows - 1 - np.floor((np.asarray(y) - self.bounds[1]) / self.cell_size).astype(np.int64)
        on_grid = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return row, column, on_grid
