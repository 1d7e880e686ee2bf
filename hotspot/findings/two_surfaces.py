"""Where one group of offences lies denser than another: against an earlier period or another crime type, beyond chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from hotspot import crime_types
from hotspot.boundaries.places import name_of, read_places
from hotspot.errors import BadInput
from hotspot.findings import two_surfaces_words as words
from hotspot.findings.compare import check_periods
from hotspot.findings.density import grid_of
from hotspot.findings.selected import SelectedOffences, select
from hotspot.grid import Grid
from hotspot.methods.density import QUARTIC, edge_mass, equal_variance
from hotspot.methods.random_labelling import Group
from hotspot.methods.two_surfaces import SIMULATIONS, TwoSurfaces, two_surfaces
from hotspot.offences.store import Scope, Store
from hotspot.period import Period
from hotspot.selection import Selection
from hotspot.tasks import Run, here

BANDWIDTH = 1_500.0
"""Metres: the change map counts within as much."""
CELLS_PER_BANDWIDTH = 3
PATTERN, RATE = "pattern", "rate"
"""What chance leaves alike: how each group is spread over the map, or the rate per day at every place."""
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Against:
    """What the offences are compared with: an earlier period, or another crime type in the same period."""

    baseline: Period | None = None
    crime_type: str | None = None
    null: str = PATTERN
    """``PATTERN`` or, between two periods alone, ``RATE``."""

    def __post_init__(self) -> None:
        if (self.baseline is None) == (self.crime_type is None):
            raise BadInput("Compare with a baseline period or with another crime type: one of the two.")
        if self.null not in (PATTERN, RATE) or (self.null == RATE and self.baseline is None):
            raise BadInput("Rates per day can be compared between two periods alone, patterns between any two groups.")

    def of(self, selection: Selection) -> Selection:
        """Give the selection of the other group."""
        if self.baseline is not None:
            return selection.with_period(self.baseline)
        return replace(selection, crime_type=self.crime_type or "")


@dataclass(frozen=True)
class TwoSurfacesSettings:
    """What an analyst can turn."""

    bandwidth: float = BANDWIDTH
    """Metres, of both surfaces."""
    kernel: str = QUARTIC
    simulations: int = SIMULATIONS
    seed: int = 0

    def __post_init__(self) -> None:
        faults = []
        if not 0 < self.bandwidth <= 50_000:
            faults.append(f"The bandwidth must be above 0 and at most 50,000 metres, not {self.bandwidth:g}.")
        if not 19 <= self.simulations <= 99_999:
            faults.append(f"{self.simulations:,} simulations cannot be used: from 19 to 99,999 can.")
        if faults:
            raise BadInput(*faults)

    @property
    def cell_size(self) -> float:
        """Metres: a third of the bandwidth, in whole steps of 50 m where it is so wide."""
        size = self.bandwidth / CELLS_PER_BANDWIDTH
        return 50.0 * round(size / 50.0) if size >= 50.0 else size


@dataclass(frozen=True)
class StandingPlace:
    """Joined cells that stand beyond the envelope."""

    name: str
    geometry: BaseGeometry
    """Its cells, in metres, clipped to the chosen area."""
    is_denser: bool
    """True where the first group is denser than chance gives, false where it is thinner."""
    count: float
    """Offences of the first group within the bandwidth (as a quartic radius) of its peak."""
    other_count: float
    relative_risk: float
    """At its peak."""
    difference: float
    """At its peak, per km² and day (periods) or per km² (crime types)."""
    chance_low: float
    """Lower end of the 95 % envelope of ``relative_risk`` (``PATTERN``) or ``difference`` (``RATE``) at the peak."""
    chance_high: float
    map_p_value: float
    """At its peak, corrected for the whole map."""
    area_km2: float
    x: float
    """Metres east, of the peak."""
    y: float


@dataclass(frozen=True, eq=False)
class TwoSurfacesFinding:
    """Two surfaces, the places that stand, and what they say."""

    selection: Selection
    against: Against
    settings: TwoSurfacesSettings
    surfaces: TwoSurfaces
    places: tuple[StandingPlace, ...]
    """Denser ones first, each by its deviation."""
    count: int
    """Offences of the first group with a location, in the whole force."""
    other_count: int
    headline: str
    subline: str
    notes: tuple[str, ...]

    @property
    def other(self) -> Selection:
        return self.against.of(self.selection)


def two_surfaces_of(
    folder: Path, selection: Selection, against: Against, settings: TwoSurfacesSettings, *, scope: Scope, progress: Progress
) -> TwoSurfacesFinding:
    """Compare the offences of a selection of a store with another group."""
    check_groups(selection, against)
    store = Store(folder)
    progress(0.0, "Reading the offences")
    groups = select(store, selection, scope=scope), select(store, against.of(selection), scope=scope)
    return two_surfaces_finding(*groups, against, settings, progress=progress)


def check_groups(selection: Selection, against: Against) -> None:
    """Refuse two groups that share offences."""
    if against.baseline is not None:
        check_periods(selection.period, against.baseline)
        return
    shared = set(crime_types.names_within(selection.crime_type)) & set(crime_types.names_within(against.crime_type or ""))
    if shared:
        raise BadInput(
            f"{selection.crime_type} and {against.crime_type} share offences, so they cannot be compared. "
            "Choose a crime type that is no part of the other."
        )


def two_surfaces_finding(
    selected: SelectedOffences,
    other: SelectedOffences,
    against: Against,
    settings: TwoSurfacesSettings,
    *,
    progress: Progress = lambda share, words: None,
    run: Run = here,
) -> TwoSurfacesFinding:
    """Compare two selections that have no offence in common; ``run`` has the simulations done, here or elsewhere."""
    selection = selected.selection
    chance, exposures = _chance_and_exposures(selection, against)
    grid = _grid(selected, other, settings.cell_size)
    bandwidth, kernel, limit = settings.bandwidth, settings.kernel, selected.limit
    label = f"{settings.simulations:,} labellings drawn"
    surfaces = two_surfaces(
        _group(selected, exposures[0]),
        _group(other, exposures[1]),
        grid=grid,
        bandwidth=bandwidth,
        kernel=kernel,
        region=selected.area,
        mass=None if limit is None else edge_mass(grid, limit, bandwidth=bandwidth, kernel=kernel),
        chance=chance,
        simulations=settings.simulations,
        seed=settings.seed,
        progress=lambda share: progress(share, label),
        run=run,
    )
    places = _places(surfaces, selected, other, against)
    finding = TwoSurfacesFinding(
        selection, against, settings, surfaces, places, len(selected.located), len(other.located), "", "", ()
    )
    return replace(finding, headline=words.headline(finding), subline=words.subline(finding), notes=words.notes(finding))


def _grid(selected: SelectedOffences, other: SelectedOffences, cell_size: float) -> Grid:
    """Lay cells over the chosen area; without boundaries each group would lie on its own, so one holds both."""
    held = [one for one in (selected, other) if not one.located.empty]
    if selected.area is not None or len(held) < 2:
        return grid_of(held[0] if held else selected, cell_size)
    bounds = np.array([grid_of(one, cell_size).bounds for one in held])
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    return Grid.covering((west, south, east, north), cell_size=cell_size)


def _chance_and_exposures(selection: Selection, against: Against) -> tuple[float | None, tuple[float, float]]:
    if against.baseline is None:
        return None, (1.0, 1.0)
    days, earlier = float(selection.period.days), float(against.baseline.days)
    return (days / (days + earlier) if against.null == RATE else None), (days, earlier)


def _group(selected: SelectedOffences, exposure: float) -> Group:
    located = selected.located
    weight = located["weight"].to_numpy() if selected.selection.is_timed else None
    return Group(located["x"].to_numpy(dtype=float), located["y"].to_numpy(dtype=float), weight, exposure)


def _places(
    surfaces: TwoSurfaces, selected: SelectedOffences, other: SelectedOffences, against: Against
) -> tuple[StandingPlace, ...]:
    """Join the standing cells that touch, and say where each patch peaks and what it holds."""
    stands, found = surfaces.stands, []
    for sign in (1, -1):
        labels, count = ndimage.label(stands == sign, structure=np.ones((3, 3), dtype=int))
        found += [_place(surfaces, labels == number, selected, other, against) for number in range(1, count + 1)]
    return tuple(place for _, place in sorted(found, key=lambda pair: (not pair[1].is_denser, -pair[0])))


def _place(
    surfaces: TwoSurfaces, cells: NDArray[np.bool_], selected: SelectedOffences, other: SelectedOffences, against: Against
) -> tuple[float, StandingPlace]:
    grid = surfaces.grid
    peak = np.unravel_index(np.argmax(np.where(cells, np.abs(np.nan_to_num(surfaces.deviation)), -1.0)), cells.shape)
    x, y = float(grid.x[peak[1]]), float(grid.y[peak[0]])
    radius = equal_variance(surfaces.bandwidth, source=surfaces.kernel, target=QUARTIC)
    low, high = surfaces.difference_envelope if against.null == RATE else surfaces.relative_risk_envelope
    place = StandingPlace(
        name=name_of(read_places(), x, y, []),
        geometry=_outline(grid, cells, selected.area),
        is_denser=bool(surfaces.deviation[peak] > 0),
        count=_within(selected, x, y, radius),
        other_count=_within(other, x, y, radius),
        relative_risk=float(surfaces.relative_risk[peak]),
        difference=float(surfaces.difference[peak]),
        chance_low=float(low[peak]),
        chance_high=float(high[peak]),
        map_p_value=float(surfaces.map_p_value[peak]),
        area_km2=float(cells.sum() * grid.cell_area_km2),
        x=x,
        y=y,
    )
    return float(math.fabs(surfaces.deviation[peak])), place


def _outline(grid: Grid, cells: NDArray[np.bool_], area: BaseGeometry | None) -> BaseGeometry:
    row, column = np.nonzero(cells)
    west, north = grid.west + column * grid.cell_size, grid.north - row * grid.cell_size
    joined = shapely.union_all(shapely.box(west, north - grid.cell_size, west + grid.cell_size, north))
    return joined if area is None else shapely.intersection(joined, area)


def _within(selected: SelectedOffences, x: float, y: float, radius: float) -> float:
    located = selected.located
    away = np.hypot(located["x"].to_numpy(dtype=float) - x, located["y"].to_numpy(dtype=float) - y)
    return float(located["weight"].to_numpy(dtype=float)[away <= radius].sum())
