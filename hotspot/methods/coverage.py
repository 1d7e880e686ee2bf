"""The fraction of each grid cell that lies inside a polygon, and the grid to measure it on."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid

ROUNDING = 1e-9
PAD = 2
"""Cells beyond the window, so that values can be read off up to its edge."""
LEAST_CELLS, MOST_CELLS = 64, 600
"""Cells along the window's longer side."""
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def cell_fractions(grid: Grid, polygon: BaseGeometry) -> Floats:
    """Measure how much of each cell lies inside a polygon: exact but for rounding.

    Every edge of the outline is cut where it meets the lines between cells, so that a piece lies in one cell. The
    strip that runs from a piece to the east is inside (or, where the outline is left, outside): it covers part of
    the piece's own cell and the same share of the height of all cells east of it. Whether a strip is added or
    taken away follows from the direction of the (oriented) edge, so that holes and several parts need no sorting.

    Parameters
    ----------
    polygon
        Polygon or multipolygon in metres; parts may lie beyond the grid.

    Returns
    -------
    NDArray
        Fractions 0 to 1, shape ``grid.shape`` (rows north to south).
    """
    across, down, height = _pieces(grid, polygon)
    row, column = np.floor(down).astype(np.int64), np.floor(across).astype(np.int64)
    share_east = column + 1 - across
    column, share_east = np.where(column < 0, 0, column), np.where(column < 0, 1.0, share_east)
    near = (row >= 0) & (row < grid.rows) & (column < grid.columns)
    row, column, share_east, height = row[near], column[near], share_east[near], height[near]
    shape = (grid.rows, grid.columns + 1)
    size = shape[0] * shape[1]
    flat = row * shape[1] + column
    here = np.bincount(flat, weights=height * share_east, minlength=size).reshape(shape)
    beyond = np.bincount(flat + 1, weights=height, minlength=size).reshape(shape)
    fractions = (here + np.cumsum(beyond, axis=1))[:, :-1]
    return np.clip(np.where(np.abs(fractions) < ROUNDING, 0.0, fractions), 0.0, 1.0)


def _pieces(grid: Grid, polygon: BaseGeometry) -> tuple[Floats, Floats, Floats]:
    """Cut edges at the lines between cells; give each piece's middle (columns, rows) and height, positive going south."""
    start, end = _edges(grid, polygon)
    edge = np.arange(len(start))
    whole = [(edge, np.zeros(len(start))), (edge, np.ones(len(start)))]
    cuts = [_cuts(start[:, axis], end[:, axis], count) for axis, count in ((0, grid.columns), (1, grid.rows))]
    edges, along = (np.concatenate(parts) for parts in zip(*whole, *cuts, strict=True))
    order = np.lexsort((along, edges))
    edges, along = edges[order], along[order]
    same = edges[1:] == edges[:-1]
    edges, first, last = edges[1:][same], along[:-1][same], along[1:][same]
    step = end[edges] - start[edges]
    middle = start[edges] + ((first + last) / 2)[:, None] * step
    # Rings run counter-clockwise, holes clockwise: the inside lies east of an edge that runs south.
    return middle[:, 0], middle[:, 1], (last - first) * step[:, 1]


def _cuts(start: Floats, end: Floats, lines: int) -> tuple[Whole, Floats]:
    """List where edges meet the lines 0 to ``lines`` of one axis: the edge, and how far along it (0 to 1)."""
    first = np.clip(np.ceil(np.minimum(start, end)), 0, lines + 1).astype(np.int64)
    last = np.clip(np.floor(np.maximum(start, end)) + 1, 0, lines + 1).astype(np.int64)
    count = np.where(start == end, 0, last - first)
    edge = np.repeat(np.arange(len(count)), count)
    line = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    return edge, np.clip((line - start[edge]) / (end[edge] - start[edge]), 0.0, 1.0)


def _edges(grid: Grid, polygon: BaseGeometry) -> tuple[Floats, Floats]:
    """List the start and end of each edge in columns and rows, outer rings counter-clockwise, holes clockwise."""
    parts = shapely.orient_polygons(shapely.get_parts(polygon), exterior_cw=False)
    rings = shapely.get_rings(parts)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    places = (corners - (grid.west, grid.north)) / (grid.cell_size, -grid.cell_size)
    same = ring[1:] == ring[:-1]
    return places[:-1][same], places[1:][same]


def window_grid(window: BaseGeometry, wanted: float) -> Grid:
    """Lay the cells over a polygon on which what a kernel loses beyond it is measured.

    Parameters
    ----------
    wanted
        Cell size in metres; it is taken as far as the polygon's longer side has ``LEAST_CELLS`` to ``MOST_CELLS`` of them.
    """
    west, south, east, north = window.bounds
    longer = max(east - west, north - south)
    size = min(max(wanted, longer / MOST_CELLS), longer / LEAST_CELLS)
    rows, columns = math.ceil((north - south) / size) + 2 * PAD, math.ceil((east - west) / size) + 2 * PAD
    return Grid(west - PAD * size, north + PAD * size, size, rows, columns)
