"""The grid of cells."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hotspot.grid import Grid


def test_cells_lie_on_multiples_of_their_size_and_rows_run_north_to_south():
    grid = Grid.covering((120.0, 40.0, 390.0, 210.0), cell_size=100.0)
    assert grid.bounds == (100.0, 0.0, 400.0, 300.0)
    assert grid.shape == (3, 3)
    assert grid.y.tolist() == [250.0, 150.0, 50.0]
    assert math.isclose(grid.cell_area_km2, 0.01)


def test_a_point_on_an_edge_belongs_to_the_cell_to_its_east_and_north():
    grid = Grid(0.0, 300.0, 100.0, 3, 3)
    row, column, on_grid = grid.cell_of(np.array([100.0, 0.0, 300.0]), np.array([100.0, 0.0, 10.0]))
    assert (row[0], column[0]) == (1, 1)
    assert (row[1], column[1]) == (2, 0)
    assert on_grid.tolist() == [True, True, False]


@given(st.floats(0, 6e5), st.floats(0, 1e6), st.floats(1, 5e4), st.floats(1, 5e4), st.sampled_from([25.0, 50.0, 100.0, 250.0]))
def test_a_grid_covers_what_it_was_made_for(west, south, width, height, cell_size):
    grid = Grid.covering((west, south, west + width, south + height), cell_size=cell_size)
    left, bottom, right, top = grid.bounds
    assert left <= west and bottom <= south and right >= west + width - 1e-6 and top >= south + height - 1e-6
    assert right - left < width + 2 * cell_size and top - bottom < height + 2 * cell_size
