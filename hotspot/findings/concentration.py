"""How unequally offences fall on premises, victims, vehicles, streets, cells or suspects, against chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.repeats import REFERENCE_COLUMNS, households_at_risk
from hotspot.findings.selected import SelectedOffences, select
from hotspot.methods import concentration
from hotspot.methods.concentration import LorenzCurve, RandomBaseline
from hotspot.methods.named_streets import STEP_METRES, streets_of
from hotspot.methods.repeats import reference_rows
from hotspot.methods.suppression import LEAST_SHOWN
from hotspot.methods.units import squares
from hotspot.offences.schema import SNAPPED
from hotspot.offences.store import DataFacts, Scope, Store, read
from hotspot.selection import Selection

PREMISES, VICTIM, VEHICLE, STREET, CELL, SUSPECT = "premises", "victim", "vehicle", "street", "cell", "suspect"
KINDS = (PREMISES, VICTIM, VEHICLE, STREET, CELL, SUSPECT)
COLUMNS = REFERENCE_COLUMNS | {SUSPECT: "suspect_ref"}
PLURALS = {PREMISES: "premises", VICTIM: "victims", VEHICLE: "vehicles", STREET: "streets", CELL: "cells", SUSPECT: "suspects"}
LEFT_OUT = {CELL: "without a position in the area", STREET: "without a street's name or a position"}
CELL_SIZES = (50.0, 2_000.0)
LEAST_SNAPPED = 300.0
"""Metres: smaller cells of snapped data show the points that offences were moved to, not where they were."""
CELL_SIZE = 300.0
LEAST_COUNT = 20
"""Fewer offences than this are not said to concentrate."""
LONGEST = 80
SEED = 1
_KEY = ["source_file", "source_row"]
_READ_AT = np.linspace(0.0, 1.0, 201)
STREETS_OF_SNAPPED = (
    "These data move each offence to the nearest of a set of points and give the name beside the point, often only 'Parking "
    "Area' or 'Shopping Area', so a name is not the street of the offence. Cells of 300 m or more can be shown instead."
)
NO_BOUNDARIES = (
    "The store has no boundaries of this force, so the number of cells without an offence is not known. Add the boundaries on "
    "the Data page, or draw an area."
)
SNAPPED_POINTS = "Positions are moved to the nearest of a set of points, which by itself makes offences look more concentrated."
Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class ConcentrationFinding:
    """How offences of a selection lie over units of one kind, with what chance would give."""

    selection: Selection
    by: str
    """One of ``KINDS``."""
    cell_size: float
    """Metres; NaN unless cells."""
    offences: int
    """Counted once for each unit: an offence with two victims counts for both."""
    without_unit: int
    """Offences left out."""
    hit: int
    """Units with an offence."""
    places: int | None
    """Units at risk; None where only those hit are known, which the baseline then allows for."""
    by_times: tuple[int, ...]
    """Targets with one, two, three, and four or more offences, which the Repeat victimisation page lists; empty for places."""
    curve: LorenzCurve | None
    """None without an offence that has a unit."""
    baseline: RandomBaseline | None
    gini: float
    """Over the units at risk, else over those hit; NaN without a curve."""
    generalised_gini: float
    half_share: float
    """Share of the units, most offended first, that hold half of the offences; NaN without a curve."""
    headline: str
    subline: str
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Counted:
    counts: NDArray[np.int64]
    """Offences of each unit with any."""
    without_unit: int
    places: int | None
    chance: NDArray[np.float64] | None
    """Relative chance of each place; None: all alike."""
    notes: tuple[str, ...]


def kinds(facts: DataFacts) -> tuple[str, ...]:
    """List what concentration can be measured over."""
    named = tuple(by for by in (PREMISES, VICTIM, VEHICLE) if COLUMNS[by] in facts.columns)
    streets = (STREET,) if facts.streets and facts.location_precision != SNAPPED else ()
    suspects = (SUSPECT,) if COLUMNS[SUSPECT] in facts.columns else ()
    return (*named, *streets, CELL, *suspects)


def concentration_finding(
    store: Store, selection: Selection, *, by: str, cell_size: float = CELL_SIZE, scope: Scope
) -> ConcentrationFinding:
    """Measure how a selection's offences lie over units.

    Raises
    ------
    NotKnowable
        If the data name no such unit, or their positions are too coarse for it.
    BadInput
        If ``by`` or the cell size means nothing.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    _check(facts, by, cell_size)
    extra = [COLUMNS[by]] if by in COLUMNS else _KEY
    selected = select(store, selection, scope=scope, extra_columns=extra)
    if by == CELL:
        counted = _cells(selected, cell_size)
    elif by == STREET:
        counted = _streets(store, selected, scope=scope)
    else:
        counted = _references(selected, by)
    return _finding(selected, counted, by=by, cell_size=cell_size if by == CELL else float("nan"))


def concentration_job(
    folder: Path, selection: Selection, by: str, cell_size: float, *, scope: Scope, progress: Progress
) -> ConcentrationFinding:
    """Measure concentration beside the page."""
    progress(0.1, "Counting offences and simulating chance")
    return concentration_finding(Store(folder), selection, by=by, cell_size=cell_size, scope=scope)


def _check(facts: DataFacts, by: str, cell_size: float) -> None:
    if by not in KINDS:
        raise BadInput(f"Concentration is measured by {', '.join(KINDS)}, not by '{by}'.")
    if by == STREET and facts.location_precision == SNAPPED:
        raise NotKnowable(STREETS_OF_SNAPPED, headline="Concentration on streets cannot be known from these data")
    if by not in kinds(facts):
        raise NotKnowable(
            f"The source {facts.source} names no {PLURALS[by]}, so concentration cannot be measured by {by}. "
            f"It can be measured by {' or '.join(kinds(facts))}.",
            headline=f"Concentration on {PLURALS[by]} cannot be known from these data",
        )
    low, high = CELL_SIZES
    if by == CELL and not low <= cell_size <= high:
        raise BadInput(f"A cell size of {cell_size:g} m is not possible: it must be {low:g} to {high:g} m.")
    if by == CELL and facts.location_precision == SNAPPED and cell_size < LEAST_SNAPPED:
        raise NotKnowable(
            f"These data move each offence to the nearest of a set of points: cells of {cell_size:g} m would show the points, "
            f"not the offences. Choose {LEAST_SNAPPED:g} m or more."
        )


def _references(selected: SelectedOffences, by: str) -> _Counted:
    inside = selected.inside
    rows = reference_rows(inside[COLUMNS[by]], inside["crime_group"] if by != SUSPECT else None)
    counts = rows.groupby("target").size().to_numpy(dtype=np.int64)
    households = households_at_risk(selected, by)
    places = households if households is not None and households >= len(counts) else None
    notes = []
    if places is not None:
        source = selected.force.premises_source
        notes.append(f"At risk: {places:,} households{f' ({source})' if source else ''}, each with the same chance.")
    else:
        notes.append(
            f"How many {PLURALS[by]} were at risk is not known: chance means as many offences on as many {PLURALS[by]} hit."
        )
    if by == SUSPECT:
        notes.append("Suspects are pseudonyms as the source recorded them; offences without a suspect are left out.")
    if by == VICTIM:
        notes.append("An offence with several victims counts for each.")
    return _Counted(counts, len(inside) - rows["row"].nunique(), places, None, tuple(notes))


def _cells(selected: SelectedOffences, cell_size: float) -> _Counted:
    if selected.area is None:
        raise NotKnowable(NO_BOUNDARIES, headline="Concentration on cells cannot be known without boundaries")
    units = squares(selected.area, cell_size=cell_size)
    located = selected.located_inside
    x, y = (located[name].to_numpy(dtype=float) for name in ("x", "y"))
    # A cell on the border is at risk with its part inside alone: an offence beyond the border is not one of that part.
    within = _within(selected, x, y)
    cell = units.unit_of(x[within], y[within])
    counts = np.bincount(cell[cell >= 0], minlength=len(units.area_km2))
    notes = (
        f"Cells: all {len(units.area_km2):,} of {cell_size:g} m in the area, parks and fields included; a cell that the border "
        "cuts has the chance of its part inside. Some of the concentration is where people and buildings are.",
        *((SNAPPED_POINTS,) if selected.facts.location_precision == SNAPPED else ()),
    )
    return _Counted(counts[counts > 0], len(selected.inside) - int(counts.sum()), len(counts), units.area_km2, notes)


def _streets(store: Store, selected: SelectedOffences, *, scope: Scope) -> _Counted:
    """Count by street; those at risk are the streets that any offence of the data names in the area."""
    selection = selected.selection
    every = read(store, scope=scope, source=selection.source, force=selection.force, columns=["street", "x", "y", *_KEY])
    street = streets_of(every["street"], every["x"].to_numpy(dtype=float), every["y"].to_numpy(dtype=float))
    chosen = pd.MultiIndex.from_frame(every[_KEY]).isin(pd.MultiIndex.from_frame(selected.inside[_KEY]))
    near = selection.is_whole_force | chosen
    if not selection.is_whole_force:
        near |= _within(selected, every["x"].to_numpy(dtype=float), every["y"].to_numpy(dtype=float))
    known = np.unique(street[(street >= 0) & near])
    counts = np.bincount(street[chosen & (street >= 0)])
    notes = (
        f"Streets: the {len(known):,} that any offence of the data names in the area. Streets without one are not known, and "
        f"would make it more unequal. Offences with one name and no more than {STEP_METRES:g} m between them are one street; a "
        "long street has more offences than a short one.",
    )
    return _Counted(counts[counts > 0], len(selected.inside) - int(counts.sum()), len(known), None, notes)


def _within(selected: SelectedOffences, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    shapely.prepare(selected.area)
    return shapely.contains_xy(selected.area, x, y)


def _finding(selected: SelectedOffences, counted: _Counted, *, by: str, cell_size: float) -> ConcentrationFinding:
    selection, counts = selected.selection, counted.counts
    total, hit = int(counts.sum()), len(counts)
    curve = concentration.lorenz(counts, places=counted.places) if total else None
    baseline = _baseline(curve, counted, total) if curve is not None else None
    nothing = float("nan")
    half = curve.holding(0.5) if curve is not None else nothing
    gini = concentration.gini(counts, places=counted.places) if total else nothing
    notes = [f"Left out, {LEFT_OUT.get(by, f'without a known {by}')}: {counted.without_unit:,}."] if counted.without_unit else []
    if selection.is_timed:
        notes.append("Each offence that can have happened in the chosen days and hours counts whole here.")
    return ConcentrationFinding(
        selection=selection,
        by=by,
        cell_size=cell_size,
        offences=total,
        without_unit=counted.without_unit,
        hit=hit,
        places=counted.places,
        by_times=() if by in (STREET, CELL) else tuple(np.bincount(np.minimum(counts, 4), minlength=5)[1:].tolist()),
        curve=curve,
        baseline=baseline,
        gini=gini,
        generalised_gini=concentration.generalised_gini(counts, places=counted.places) if total else nothing,
        half_share=half,
        headline=headline(selection.crime_type, by, total, gini, half, baseline),
        subline=subline(by, total, hit, counted.places, gini, baseline),
        notes=(*notes, *counted.notes),
    )


def _baseline(curve: LorenzCurve, counted: _Counted, offences: int) -> RandomBaseline:
    at = np.union1d(curve.share_of_places, _READ_AT)
    if counted.places is None:
        return concentration.baseline_of_places_hit(offences, len(counted.counts), at=at, seed=SEED)
    return concentration.random_baseline(offences, counted.places, at=at, seed=SEED, relative_chance=counted.chance)


def headline(crime_type: str, by: str, offences: int, gini: float, half: float, baseline: RandomBaseline | None) -> str:
    """Say whether the offences are more concentrated than chance would make them, in at most 80 characters."""
    what, units = crime_types.counted(crime_type, 2), PLURALS[by]
    if baseline is None:
        return f"None of these {what} has a known {by}"
    if offences < LEAST_COUNT:
        return f"Too few {what} to say how they concentrate"
    share, by_chance = percent(half), percent(baseline.half)
    if gini > baseline.gini_high and share != by_chance:
        tail = f"fall on {share} of {units}; by chance {by_chance}"
        said = f"Half of {what} {tail}"
        return said if len(said) <= LONGEST else f"Half of the offences {tail}"
    reading = "less evenly than by chance" if gini > baseline.gini_high else "more evenly than by chance"
    tail = f"lie on {units} {'as chance would put them' if baseline.gini_low <= gini <= baseline.gini_high else reading}"
    said = f"{what[0].upper()}{what[1:]} {tail}"
    return said if len(said) <= LONGEST else f"The offences {tail}"


def subline(by: str, offences: int, hit: int, places: int | None, gini: float, baseline: RandomBaseline | None) -> str:
    """Say how many offences, on how many units, with the generalised Gini coefficient beside that of chance."""
    if baseline is None:
        return ""
    of = f" of {places:,}" if places is not None else ""
    index, chance, low, high = (
        concentration.generalised(value, offences=offences, places=places or hit)
        for value in (gini, baseline.gini, baseline.gini_low, baseline.gini_high)
    )
    return (
        f"{offences:,} offences on {hit:,}{of} {PLURALS[by]}. Generalised Gini {index:.2f}; by chance {chance:.2f} "
        f"({low:.2f} to {high:.2f} in 95% of {baseline.simulations} simulations)."
    )


def gives_away(finding: ConcentrationFinding) -> bool:
    """Say whether the figures would tell a number under 5 outside the force."""
    # Offences less the units they are on: how many came after the first of their unit.
    counts = (finding.offences, finding.hit, finding.without_unit, finding.offences - finding.hit, *finding.by_times)
    return any(0 < count < LEAST_SHOWN for count in counts)


def percent(share: float) -> str:
    """Write a share as a percentage, with a decimal where it is small."""
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
