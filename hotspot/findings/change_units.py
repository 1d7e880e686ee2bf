"""Where did it change: two periods compared in squares, hexagons or named areas, as one family of tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.accounting import account
from hotspot.findings.audience import shown_units
from hotspot.findings.clustering import MonthlyPositions, clustering_of
from hotspot.findings.compare import MAP_RADIUS, check_periods, discs_dispersion, map_of_change
from hotspot.findings.selected import SelectedOffences, scope_of
from hotspot.findings.words import number_word
from hotspot.methods.change import FELL, ROSE, AreaChange
from hotspot.methods.change_map import BEYOND, CELL_TOO_FEW
from hotspot.methods.change_units import UnitChanges, category_of, change_in_units, places_with
from hotspot.methods.dispersion import Dispersions
from hotspot.methods.units import HEXAGONS, SQUARES, Units, hexagons, named_areas, squares
from hotspot.offences.store import Store
from hotspot.selection import join_words

DISCS = "discs"
CELLS = (SQUARES, HEXAGONS)
NO_AREA = "No boundaries are loaded, so there is no area to lay units in. Import boundaries first."
SIZE = 1_000.0
"""Metres: side of a square, width of a hexagon."""
SIZES = (100.0, 10_000.0)
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnitChangeFinding:
    """Two periods compared in units, with what may be said of it."""

    selected: SelectedOffences
    baseline: SelectedOffences
    changes: UnitChanges
    headline: str
    left_off: tuple[str, ...]
    """How the offences of each period add up where some lie in no unit; for the force alone."""
    notes: tuple[str, ...]


def units_on(store: Store, selected: SelectedOffences, *, on: str, size: float = SIZE) -> Units:
    """Lay units in the chosen area: squares, hexagons, or the areas of a level.

    Raises
    ------
    NotKnowable
        If there are no boundaries to lay them in.
    BadInput
        If the size or the level cannot be used.
    """
    if selected.area is None:
        raise NotKnowable(NO_AREA)
    if on in CELLS:
        if not SIZES[0] <= size <= SIZES[1]:
            raise BadInput(f"Units of {size:g} metres cannot be used: choose {SIZES[0]:g} to {SIZES[1]:g}.")
        return squares(selected.area, cell_size=size) if on == SQUARES else hexagons(selected.area, width=size)
    selection = selected.selection
    within = None if selection.is_whole_force else selected.area
    return named_areas(store.areas(on, force=selection.force, scope=scope_of(selection)), within=within)


def unit_change_finding(
    selected: SelectedOffences,
    baseline: SelectedOffences,
    units: Units,
    *,
    positions: MonthlyPositions | None = None,
) -> UnitChangeFinding:
    """Compare two periods in units.

    Parameters
    ----------
    positions
        Offences of all the data by month: each unit's own dispersion comes from them. None: counts are taken as
        Poisson's.
    """
    period, earlier = selected.selection.period, baseline.selection.period
    check_periods(period, earlier)
    count, outside = _counts(units, selected)
    baseline_count, baseline_outside = _counts(units, baseline)
    dispersions = None
    if positions is not None:
        monthly = _monthly(units, positions)
        monthly = np.vstack([monthly, monthly.sum(axis=0)])
        dispersions = clustering_of(monthly, positions.months, selected, earlier)
    return _finding(selected, baseline, units, count, baseline_count, dispersions, outside + baseline_outside)


def disc_change_finding(
    selected: SelectedOffences, baseline: SelectedOffences, *, positions: MonthlyPositions
) -> UnitChangeFinding:
    """Compare two periods within 1.5 km of each place, as the Compare page's map of discs does.

    Discs overlap, so that their counts do not add up to the offences; the units are drawn as the cells they stand on.
    """
    check_periods(selected.selection.period, baseline.selection.period)
    change = map_of_change(selected, baseline, positions=positions)
    if change is None:
        raise NotKnowable(NO_AREA)
    shown = change.category != BEYOND
    x, y = (axis[shown] for axis in np.meshgrid(change.grid.x, change.grid.y))
    half = change.grid.cell_size / 2
    names = tuple(f"E {east:,.0f} N {north:,.0f}" for east, north in zip(x, y, strict=True))
    area_km2 = np.full(len(x), math.pi * (MAP_RADIUS / 1_000) ** 2)
    units = Units(DISCS, shapely.box(x - half, y - half, x + half, y + half), area_km2, MAP_RADIUS, area_names=names)
    found = discs_dispersion(selected, baseline, positions, change.grid)
    whole = clustering_of(_whole_area(positions), positions.months, selected, baseline.selection.period)
    dispersions = found.taken(np.flatnonzero(shown)).followed_by(whole)
    count, baseline_count = change.count[shown].astype(float), change.baseline_count[shown].astype(float)
    return _finding(selected, baseline, units, count, baseline_count, dispersions, 0.0)


def _whole_area(positions: MonthlyPositions) -> Floats:
    held = positions.inside
    return np.bincount(positions.month[held], weights=positions.weight[held], minlength=len(positions.months))[None, :]


def _finding(
    selected: SelectedOffences,
    baseline: SelectedOffences,
    units: Units,
    count: Floats,
    baseline_count: Floats,
    dispersions: Dispersions | None,
    outside: float,
) -> UnitChangeFinding:
    changes = change_in_units(
        units,
        count,
        baseline_count,
        days=selected.selection.period.days,
        baseline_days=baseline.selection.period.days,
        outside=outside,
        dispersions=dispersions,
    )
    return UnitChangeFinding(
        selected,
        baseline,
        changes,
        headline(selected, changes),
        _left_off(selected, baseline, changes, (float(count.sum()), float(baseline_count.sum()))),
        _notes(changes),
    )


def _left_off(
    selected: SelectedOffences, baseline: SelectedOffences, changes: UnitChanges, in_units: tuple[float, float]
) -> tuple[str, ...]:
    if changes.units.kind == DISCS:
        return ("The discs overlap, so their counts do not add up; offences without a usable location are in none.",)
    words = changes.units.kind if changes.units.kind in CELLS else f"areas ({changes.units.kind})"
    pairs = zip((selected, baseline), in_units, strict=True)
    return tuple(filter(None, (account(one, counted, units=words) for one, counted in pairs)))


def shown_categories(changes: UnitChanges, *, audience: str) -> NDArray[np.int8]:
    """Give each unit's colour as an audience may see it: where counts are hidden, nothing is said of the change."""
    rows = shown_units(changes.rows, audience=audience)
    hidden = np.array([one.is_hidden for one in rows], dtype=bool)
    return np.where(hidden, CELL_TOO_FEW, category_of([one.row for one in rows])).astype(np.int8)


def headline(selected: SelectedOffences, changes: UnitChanges) -> str:
    """Say in how many units, or around how many places where the units overlap, there was a clear rise or fall."""
    what = selected.selection.crime_type
    if not changes.table.tested:
        return f"{what}: too few offences in any unit to say"
    if changes.units.kind == DISCS:
        return f"{what} {_around(changes) or 'changed around no place beyond chance'}"
    said = [f"{verdict} in {number_word(count)}" for verdict in (ROSE, FELL) if (count := _number(changes.rows, verdict))]
    if not said:
        return f"{what}: no unit's change stands out from chance"
    return f"{what} {join_words(said)} of {changes.table.tested:,} tested units"


def _around(changes: UnitChanges) -> str:
    """Say around how many places: overlapping discs of one verdict share offences, and are one place."""
    counted = [(verdict, places_with(changes, verdict)) for verdict in (ROSE, FELL)]
    return join_words(
        [f"{verdict} around {number_word(count)} {'place' if count == 1 else 'places'}" for verdict, count in counted if count]
    )


def _number(rows: tuple[AreaChange, ...], verdict: str) -> int:
    return sum(row.verdict == verdict for row in rows)


def _counts(units: Units, selected: SelectedOffences) -> tuple[Floats, float]:
    located = selected.located_inside
    x, y, weight = (located[name].to_numpy(dtype=float) for name in ("x", "y", "weight"))
    counts = units.counts(x, y, weight)
    return counts, float(weight.sum() - counts.sum())


def _monthly(units: Units, positions: MonthlyPositions) -> Floats:
    """Count each unit's offences by month, shape ``(units, months)``."""
    months = len(positions.months)
    unit = units.unit_of(positions.x, positions.y)
    held = positions.inside & (unit >= 0)
    cell = unit[held] * months + positions.month[held]
    return np.bincount(cell, weights=positions.weight[held], minlength=len(units) * months).reshape(len(units), months)


def _notes(changes: UnitChanges) -> tuple[str, ...]:
    notes = []
    total = changes.table.total.dispersion
    if total.months and not total.is_known:
        notes.append(f"{total.sentence}.")
    elif total.is_known and (sparse := sum(not row.dispersion.is_known for row in changes.rows)):
        notes.append(
            f"{sparse:,} of {len(changes.rows):,} units have under 1 offence a month: "
            "too few to estimate clustering, so their intervals are Poisson's."
        )
    return tuple(notes)
