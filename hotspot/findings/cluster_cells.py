"""The cells that clusters are looked for in: their shape and size, which of them are tested, and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from hotspot.errors import BadInput
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.emerging import LEAST_SLICES
from hotspot.methods.units import HEXAGONS, SQUARES, Units, hexagons, squares
from hotspot.offences.store import DataFacts, Scope, Store, read
from hotspot.period import Period, add_months
from hotspot.selection import DATE_COLUMNS, Selection

SHAPES = (HEXAGONS, SQUARES)
CELL_SIZES = (100, 150, 200, 250, 300, 400, 500, 750, 1_000)
"""Metres, of the page."""
USED, ALL = "used", "all"
CELLS = (USED, ALL)
"""Which cells are tested: those with any offence in the last three years, or every cell of the area."""
USED_MONTHS = 36
TWO_CELLS, FARTHEST = 2, 5
"""Cells that a neighbourhood reaches, and may reach: farther, it is no place any more."""
PERMUTATIONS = (0, 999, 9_999, 99_999)
MOST_CELLS = 250_000
"""More cells than this are refused: they would be slow and falsely precise."""
LEAST_HELD = 5
"""Offences of a cluster that is listed; smaller ones are on the map alone."""
COARSE = 300.0
"""Metres: under this, snapped locations show the snapping."""
SNAPPED_SIZE = 500.0
LONGEST_PAST = 36
"""Months that the page looks back for emerging hotspots."""


@dataclass(frozen=True)
class ClusterSettings:
    """What an analyst can turn on the Clusters page."""

    shape: str = HEXAGONS
    cell_size: float = 250.0
    """Metres: width of a hexagon across its flats, side of a square."""
    distance: float | None = None
    """Metres between the middles of neighbours, at most; None: twice the cell size."""
    cells: str = USED
    permutations: int = 99_999
    """0: the normal curve."""
    seed: int = 1

    @property
    def reach(self) -> float:
        """Metres between the middles of neighbours, at most."""
        return TWO_CELLS * self.cell_size if self.distance is None else self.distance

    def __post_init__(self) -> None:
        faults = []
        if self.shape not in SHAPES:
            faults.append(f"There are no cells '{self.shape}'. Choose one of: {', '.join(SHAPES)}.")
        if self.cells not in CELLS:
            faults.append(f"There is no choice of cells '{self.cells}'. Choose one of: {', '.join(CELLS)}.")
        if not 25 <= self.cell_size <= 10_000:
            faults.append(f"The cell size must lie between 25 and 10,000 metres, not {self.cell_size:g}.")
        elif self.distance is not None and not self.cell_size <= self.distance <= FARTHEST * self.cell_size:
            faults.append(
                f"The neighbourhood must reach from one to {FARTHEST} cells, {self.cell_size:,.10g} to "
                f"{FARTHEST * self.cell_size:,.10g} metres, not {self.distance:,.10g}."
            )
        if self.permutations != 0 and not 99 <= self.permutations <= PERMUTATIONS[-1]:
            faults.append(f"Permutations must be 0, or 99 to {PERMUTATIONS[-1]:,}, not {self.permutations:,}.")
        if self.seed < 0:
            faults.append(f"The seed must be 0 or more, not {self.seed}.")
        if faults:
            raise BadInput(*faults)


def usual_cell_size(facts: DataFacts) -> float:
    """Give the cell size to begin with: where locations are snapped, far wider than what snapping moves them."""
    return SNAPPED_SIZE if facts.location_precision == "snapped" else ClusterSettings.cell_size


def slices_of(period: Period, months: int) -> tuple[Period, ...]:
    """Cut the whole months of a period into slices of so many, counted back from its end; months left over are the first."""
    if months < 1:
        raise BadInput(f"A time slice needs one month or more, not {months}.")
    end = period.end.replace(day=1)
    first = period.start if period.start.day == 1 else add_months(period.start.replace(day=1), 1)
    whole = (end.year - first.year) * 12 + end.month - first.month
    count = max(whole // months, 0)
    starts = [add_months(end, -months * back) for back in range(count, -1, -1)]
    return tuple(Period(start, following) for start, following in pairwise(starts))


def usual_slice(period: Period) -> int:
    """Give the months of a time slice to begin with: as many, up to three, as leave slices enough; else one."""
    return next((months for months in (3, 2) if len(slices_of(period, months)) >= LEAST_SLICES), 1)


def past_of(selection: Selection, facts: DataFacts) -> Selection:
    """Widen a selection to the months before its end, as far as the data and ``LONGEST_PAST`` go."""
    end = min(selection.period.end, facts.end)
    start = max(facts.first_day, add_months(end.replace(day=1), -LONGEST_PAST))
    return selection.with_period(Period(start, end)) if start < end else selection


def units_of(selected: SelectedOffences, settings: ClusterSettings) -> Units:
    """Lay cells over the chosen area, or round the offences where there is no boundary.

    Raises
    ------
    BadInput
        If the cells would be too many.
    """
    area = selected.area if selected.area is not None else _surroundings(selected, settings.cell_size)
    expected = area.area / settings.cell_size**2
    if expected > MOST_CELLS:
        raise BadInput(
            f"Cells of {settings.cell_size:g} m over this area would be about {expected:,.0f} of them, more than {MOST_CELLS:,}. "
            "Choose a larger cell size."
        )
    if settings.shape == HEXAGONS:
        return hexagons(area, width=settings.cell_size)
    return squares(area, cell_size=settings.cell_size)


def _surroundings(selected: SelectedOffences, margin: float) -> shapely.Geometry:
    located = selected.located
    if located.empty:
        return shapely.box(*(selected.force.bounds or (0.0, 0.0, 1_000.0, 1_000.0)))
    corners = located["x"].min(), located["y"].min(), located["x"].max(), located["y"].max()
    return shapely.box(*(float(side) for side in corners)).buffer(margin, join_style="mitre")


def counts(units: Units, selected: SelectedOffences) -> NDArray[np.float64]:
    """Count the located offences of the chosen area in each cell."""
    inside = selected.located_inside
    weight = inside["weight"].to_numpy(dtype=float) if selected.selection.is_timed else None
    return units.counts(inside["x"].to_numpy(dtype=float), inside["y"].to_numpy(dtype=float), weight)


def left_off(units: Units, selected: SelectedOffences) -> int:
    """Count the located offences that lie in no cell: an LPA column may name one that an offence lies beyond."""
    inside = selected.located_inside
    return int((units.unit_of(inside["x"].to_numpy(dtype=float), inside["y"].to_numpy(dtype=float)) < 0).sum())


def counts_by_slice(units: Units, selected: SelectedOffences, months: int, slices: int) -> NDArray[np.float64]:
    """Count offences in each cell and time slice, shape ``(units, slices)``."""
    inside, start = selected.located_inside, selected.selection.period.start
    unit = units.unit_of(inside["x"].to_numpy(dtype=float), inside["y"].to_numpy(dtype=float))
    dates = inside[DATE_COLUMNS[selected.selection.date_basis]].to_numpy(dtype="datetime64[M]").astype(np.int64)
    number = (dates - np.datetime64(start, "M").astype(np.int64)) // months
    kept = unit >= 0
    flat = unit[kept] * slices + number[kept]
    weight = inside["weight"].to_numpy(dtype=float)[kept]
    return np.bincount(flat, weights=weight, minlength=len(units) * slices).reshape(len(units), slices)


def tested_cells(
    store: Store, selected: SelectedOffences, settings: ClusterSettings, units: Units, count: NDArray[np.float64], *, scope: Scope
) -> NDArray[np.bool_]:
    """Choose the cells that count: without boundaries, where the box is arbitrary, those with offences alone."""
    if settings.cells == ALL and selected.area is not None:
        return np.ones(len(units), dtype=bool)
    selection = selected.selection
    frame = read(
        store,
        scope=scope,
        source=selection.source,
        force=selection.force,
        columns=["x", "y", "location_status"],
        period=Period(add_months(selection.period.end, -USED_MONTHS), selection.period.end),
        date_basis=selection.date_basis,
    )
    located = frame[frame["location_status"] == "usable"].drop_duplicates(["x", "y"])
    any_offence = units.counts(located["x"].to_numpy(dtype=float), located["y"].to_numpy(dtype=float)) > 0
    return any_offence | (count > 0)
