"""The fraction of each cell inside a polygon, against the clipped cells themselves."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.grid import Grid
from hotspot.methods.coverage import cell_fractions


def test_a_triangle_worked_by_hand():
    # The corner cell is cut in half, the next holds the tip: a triangle of 15 by 10 metres in cells of 10.
    triangle = shapely.Polygon([(0, 0), (15, 0), (0, 10)])
    found = cell_fractions(Grid(0, 10, 10, 1, 2), triangle)
    np.testing.assert_allclose(found, [[1 - (10 * 10 * 2 / 3) / 2 / 100, 5 * 10 / 3 / 2 / 100]], atol=1e-12)


def test_outlines_on_the_lines_between_cells_fill_whole_cells():
    found = cell_fractions(Grid(0, 40, 10, 4, 4), shapely.box(10, 10, 30, 30).difference(shapely.box(10, 10, 20, 20)))
    np.testing.assert_array_equal(found, [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]])


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_cell_fractions_agree_with_the_clipped_cells(seed):
    random = np.random.default_rng(seed)
    outline = shapely.MultiPoint(random.uniform(-200, 1_200, (8, 2))).convex_hull
    hole = shapely.Point(random.uniform(300, 700, 2)).buffer(random.uniform(20, 250))
    polygon = shapely.union(outline.difference(hole), shapely.box(1_300, 0, 1_400, 333))
    grid = Grid(0, 1_000, 100, 10, 15)
    west, north = np.meshgrid(grid.x - 50, grid.y + 50)
    exact = shapely.area(shapely.intersection(shapely.box(west, north - 100, west + 100, north), polygon)) / 1e4
    np.testing.assert_allclose(cell_fractions(grid, polygon), exact, atol=1e-8)
