"""Change between two periods over a map: the same exact test at each cell, one family of tests.

Each cell compares the offences within a radius of its centre. Neighbouring cells share offences, so their tests
depend on each other positively. Under such dependence the Benjamini–Hochberg correction is proved for one-sided tests
(Benjamini and Yekutieli 2001, The control of the false discovery rate in multiple testing under dependency, Annals of
Statistics 29: 1165–1188); that it holds for these two-sided ones is checked by simulation in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.methods.change import COULD_BE_CHANCE, FELL, LEAST_COUNT, LITTLE_CHANGE, ROSE, change_family
from hotspot.methods.coverage import cell_fractions
from hotspot.methods.rates import ALPHA

Floats = NDArray[np.float64]
BEYOND, CELL_FELL, CELL_DOWN, CELL_LITTLE, CELL_UP, CELL_ROSE, CELL_TOO_FEW = range(7)
"""Categories of a cell: beyond the region; fell; down, could be chance; little change; up, could be chance; rose; too few."""


@dataclass(frozen=True, eq=False)
class ChangeMap:
    """What may be said of the change around each cell; arrays of shape ``grid.shape``, rows north to south."""

    grid: Grid
    category: NDArray[np.int8]
    """``BEYOND`` to ``CELL_TOO_FEW``."""
    ratio: Floats
    """Of the rates per day within the radius; ∞ and NaN as in ``rate_ratio``, NaN beyond the region."""
    p_value: Floats
    """Two-sided, exact or widened as in ``change``; NaN beyond the region."""
    q_value: Floats
    """p after correction over all tested cells; NaN where too few or beyond the region."""
    count: NDArray[np.int64]
    """Offences within the radius of the cell's centre in the period."""
    baseline_count: NDArray[np.int64]
    radius: float
    """Metres."""
    family: str
    """What was tested together, in one sentence."""


def change_map(
    x: Floats,
    y: Floats,
    baseline_x: Floats,
    baseline_y: Floats,
    *,
    grid: Grid,
    radius: float = 1_500.0,
    days: float,
    baseline_days: float,
    region: BaseGeometry | None,
    dispersion: Floats | None = None,
) -> ChangeMap:
    """Test the change within a radius of each cell's centre, all tested cells as one family.

    Parameters
    ----------
    x, y, baseline_x, baseline_y
        Offences of the two periods, metres; those beyond the region count where they lie within the radius.
    region
        Polygon in metres: cells whose middle lies in it are shown; None: all cells.
    dispersion
        φ that each cell's test allows for, shape ``grid.shape``; None: 1, Poisson counts.
    """
    count = counts_within(x, y, grid=grid, radius=radius)
    baseline = counts_within(baseline_x, baseline_y, grid=grid, radius=radius)
    shown = np.ones(grid.shape, dtype=bool) if region is None else cell_fractions(grid, region) >= 0.5
    used = 1.0 if dispersion is None else dispersion[shown]
    family = change_family(count[shown], baseline[shown], days=days, baseline_days=baseline_days, dispersion=used)
    category = np.full(grid.shape, BEYOND, dtype=np.int8)
    category[shown] = categories(family.verdict, family.found.ratio)
    return ChangeMap(
        grid=grid,
        category=category,
        ratio=_spread(family.found.ratio, shown),
        p_value=_spread(family.found.p_value, shown),
        q_value=_spread(family.q_value, shown),
        count=count,
        baseline_count=baseline,
        radius=radius,
        family=_family(family.tested, int(shown.sum()), radius),
    )


def counts_within(x: Floats, y: Floats, *, grid: Grid, radius: float) -> NDArray[np.int64]:
    """Count the points within a radius (inclusive) of each cell's centre, exactly.

    In each row of cells a point's disc covers one run of cells: it adds 1 where the run starts and takes it back
    after its end, and sums along the rows give the counts.
    """
    if not radius > 0:
        raise ValueError("the radius is above 0 metres")
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    reach = int(radius / grid.cell_size) + 1
    nearest_row = np.floor((grid.north - y) / grid.cell_size).astype(np.int64)
    row = nearest_row[:, None] + np.arange(-reach, reach + 1)
    south_of_top = (row + 0.5) * grid.cell_size
    half_squared = radius**2 - (grid.north - south_of_top - y[:, None]) ** 2
    touched = (half_squared >= 0) & (row >= 0) & (row < grid.rows)
    point = np.nonzero(touched)[0]
    row, half = row[touched], np.sqrt(half_squared[touched])
    from_west = x[point] - grid.west
    first = np.ceil((from_west - half) / grid.cell_size - 0.5).astype(np.int64)
    after = np.floor((from_west + half) / grid.cell_size - 0.5).astype(np.int64) + 1
    width = grid.columns + 1
    size = grid.rows * width
    starts = np.bincount(row * width + np.clip(first, 0, grid.columns), minlength=size)
    ends = np.bincount(row * width + np.clip(after, 0, grid.columns), minlength=size)
    return np.cumsum((starts - ends).reshape(grid.rows, width), axis=1)[:, :-1]


def categories(verdict: NDArray[np.str_], ratio: Floats) -> NDArray[np.int8]:
    """Turn verdicts into categories; a change that could be chance is up from equal rates on, else down."""
    chance = verdict == COULD_BE_CHANCE
    return np.select(
        [verdict == FELL, verdict == LITTLE_CHANGE, verdict == ROSE, chance & (ratio < 1), chance],
        [CELL_FELL, CELL_LITTLE, CELL_ROSE, CELL_DOWN, CELL_UP],
        CELL_TOO_FEW,
    ).astype(np.int8)


def _spread(values: Floats, shown: NDArray[np.bool_]) -> Floats:
    """Put the values of the shown cells back on the grid, NaN elsewhere."""
    spread = np.full(shown.shape, np.nan)
    spread[shown] = values
    return spread


def _family(tested: int, shown: int, radius: float) -> str:
    few = f"; the others have under {LEAST_COUNT} in both periods together" if tested < shown else ""
    return (
        f"{tested:,} of {shown:,} places were tested together (Benjamini–Hochberg, q < {ALPHA:g}),"
        f" each by the offences within {radius / 1000:g} km{few}."
    )
