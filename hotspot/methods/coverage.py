"""The fraction of each grid cell that lies inside a polygon."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid

LINES_PER_CELL = 5
"""Scan lines through each row of cells: exact from west to east, sampled from north to south."""


def cell_fractions(grid: Grid, polygon: BaseGeometry) -> NDArray[np.float64]:
    """Measure how much of each cell lies inside a polygon.

    Horizontal lines run through each row of cells. Where a line crosses the boundary, everything east of
    the crossing is entered or left; which of the two follows from the direction of the (oriented) edge, so
    that holes and several parts need no sorting.

    Parameters
    ----------
    polygon
        Polygon or multipolygon in metres; parts may lie beyond the grid.

    Returns
    -------
    NDArray
        Fractions 0 to 1, shape ``grid.shape`` (rows north to south).
    """
    x, line, direction = _crossings(grid, polygon)
    offset = (x - grid.west) / grid.cell_size
    column = np.floor(offset).astype(np.int64)
    share_east = column + 1 - offset
    row = line // LINES_PER_CELL
    column, share_east = np.where(column < 0, 0, column), np.where(column < 0, 1.0, share_east)
    near = column < grid.columns
    row, column, share_east, direction = row[near], column[near], share_east[near], direction[near]
    shape = (grid.rows, grid.columns + 1)
    size = shape[0] * shape[1]
    flat = row * shape[1] + column
    here = np.bincount(flat, weights=direction * share_east, minlength=size).reshape(shape)
    beyond = np.bincount(flat + 1, weights=direction, minlength=size).reshape(shape)
    fractions = (here + np.cumsum(beyond, axis=1))[:, :-1] / LINES_PER_CELL
    return np.clip(np.where(np.abs(fractions) < 1e-9, 0.0, fractions), 0.0, 1.0)


def _crossings(grid: Grid, polygon: BaseGeometry) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """List where edges cross the scan lines: easting, line (0 northernmost), +1 entered or −1 left going east."""
    start, end = _edges(polygon)
    spacing = grid.cell_size / LINES_PER_CELL
    # Line i runs half a spacing below its upper edge: its northing is north − (i + ½)·spacing.
    from_line = (grid.north - start[:, 1]) / spacing - 0.5
    to_line = (grid.north - end[:, 1]) / spacing - 0.5
    first = np.ceil(np.minimum(from_line, to_line)).astype(np.int64)
    last = np.ceil(np.maximum(from_line, to_line)).astype(np.int64)
    lines = grid.rows * LINES_PER_CELL
    first, last = np.clip(first, 0, lines), np.clip(last, 0, lines)
    count = last - first
    edge = np.repeat(np.arange(len(count)), count)
    line = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    along = (line - from_line[edge]) / (to_line[edge] - from_line[edge])
    x = start[edge, 0] + along * (end[edge, 0] - start[edge, 0])
    # Rings run counter-clockwise, holes clockwise: the inside lies east of an edge that runs south.
    direction = np.where(to_line[edge] > from_line[edge], 1.0, -1.0)
    return x, line, direction


def _edges(polygon: BaseGeometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """List the start and end of each edge, outer rings counter-clockwise, holes clockwise."""
    parts = shapely.orient_polygons(shapely.get_parts(polygon), exterior_cw=False)
    rings = shapely.get_rings(parts)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return corners[:-1][same], corners[1:][same]
