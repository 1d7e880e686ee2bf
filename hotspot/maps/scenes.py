"""The scenes that pages, commands and exports share: a finding and its context, made into layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.boundaries.places import read_places
from hotspot.findings.audience import FORCE, shown_count, told_of_change
from hotspot.findings.compare import CompareFinding
from hotspot.findings.density import DensityFinding, method_words
from hotspot.findings.repeats import RepeatsFinding
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import STANDING_NOTE
from hotspot.geography import LPA, Place
from hotspot.grid import Grid
from hotspot.maps import palette
from hotspot.maps.context import ContextShapes
from hotspot.maps.legend import CHANGE_KEYS, DensityLegend, KeyLegend, Legend
from hotspot.maps.raster import Raster, breaks_for, built_up_raster, change_raster, density_raster, difference_raster
from hotspot.maps.scene import Badge, Outline, Scene, drawn_outline, outlines, points_of
from hotspot.maps.still import picture
from hotspot.maps.still_periods import Periods
from hotspot.maps.unit_raster import unit_raster
from hotspot.methods.change_map import CELL_FELL, CELL_TOO_FEW, ChangeMap
from hotspot.methods.coverage import cell_fractions
from hotspot.methods.density import DensitySurface
from hotspot.methods.units import Units
from hotspot.offences.store import Scope, Store, read
from hotspot.offences.weights import HarmTable
from hotspot.period import Period, add_months, parse_date
from hotspot.selection import MONTH, Selection

ENOUGH_FOR_GROUND = 500_000
"""Offences: ten years of a large force show no more built-up ground than its newest months, and take ten times as long."""


@dataclass(frozen=True, eq=False)
class MapContext:
    """What lies under every map of one force: outlines, place names, the built-up tone."""

    crs: str
    lpas: tuple[Outline, ...]
    places: tuple[Place, ...]
    built_up: Raster | None


def context_of(store: Store, *, source: str, force: str, scope: Scope) -> MapContext:
    """Read what lies under the maps of one data set."""
    described = store.force_named(force)
    areas = store.areas(LPA, force=force) if LPA in store.levels_of(force) else None
    lpas = outlines(areas)
    newest = _newest(store, source, force, scope)
    located = read(store, scope=scope, source=source, force=force, columns=["x", "y"], period=newest, date_basis=MONTH).dropna()
    x, y = located["x"].to_numpy(dtype=float), located["y"].to_numpy(dtype=float)
    bounds = areas.union.bounds if areas is not None else (x.min(), y.min(), x.max(), y.max()) if len(x) else None
    land = areas.union if areas is not None else None
    built_up = (
        built_up_raster(x, y, crs=described.analysis_crs, bounds=bounds, land=land) if bounds is not None and len(x) else None
    )
    known = {outline.name for outline in lpas}
    places = tuple(place for place in read_places() if place.lpa in known)
    return MapContext(described.analysis_crs, lpas, places, built_up)


def _newest(store: Store, source: str, force: str, scope: Scope) -> Period:
    """Give the newest months that hold enough offences to tell where people live and trade, all months where none do."""
    months = store.facts(source, force, scope=scope).months
    offences = {part.month: part.offences for part in store.manifest.parts_of(source, force)}
    held = np.cumsum([offences[month] for month in reversed(months)])
    first = months[-1 - min(int(np.searchsorted(held, ENOUGH_FOR_GROUND)), len(months) - 1)]
    return Period(parse_date(f"{first}-01"), add_months(parse_date(f"{months[-1]}-01"), 1))


def base_scene(context: MapContext, selected: SelectedOffences) -> Scene:
    """Give what stays while settings change: ground, outlines, names, the chosen area."""
    selection = selected.selection
    drawn = None
    if selection.drawn is not None:
        drawn = drawn_outline(selection.drawn)
    elif selection.area is not None and selection.level != LPA and selected.area is not None:
        drawn = Outline(selection.area, selected.area)
    elif selection.is_whole_force and len(selection.within) > 1 and selected.limit is not None:
        drawn = Outline(selection.whole, selected.limit)  # ground that the viewer may not see is no ground without offences
    focus = selection.area if selection.level == LPA and selection.drawn is None else None
    if selection.is_whole_force and len(selection.within) == 1:
        focus = selection.within[0]
    scene = Scene(crs=context.crs, areas=context.lpas, focus=focus, drawn=drawn, places=context.places, built_up=context.built_up)
    if not context.lpas and not selected.located.empty:
        located = selected.located
        scene = replace(scene, view=(located["x"].min(), located["y"].min(), located["x"].max(), located["y"].max()))
    return scene


def breaks_of(surface: DensitySurface, selected: SelectedOffences) -> tuple[float, ...]:
    """Choose the bands of a selection from its surface, by the cells inside the chosen area."""
    if selected.area is None:
        return breaks_for(surface.values)
    return breaks_for(surface.values[cell_fractions(surface.grid, selected.area) > 0.5])


@dataclass(frozen=True, eq=False)
class DensityView:
    """A density finding as layers, with the bands that its legend names."""

    finding: DensityFinding
    context: MapContext
    breaks: tuple[float, ...]

    @cached_property
    def surface_only(self) -> Scene:
        """The surface without hotspots."""
        selected = self.finding.selected
        raster = density_raster(self.finding.surface, self.breaks, crs=self.context.crs, area=selected.area)
        return replace(base_scene(self.context, selected), raster=raster)

    def with_hotspots(self, *, show_points: bool = False, chosen: int | None = None) -> Scene:
        """Give the surface and its hotspots, with single offences on demand and the hotspot to move to."""
        finding = self.finding
        inside = finding.selected.located_inside
        badges = tuple(
            Badge(hotspot.rank, hotspot.geometry, name, hotspot.x, hotspot.y, hotspot.count)
            for hotspot, name in zip(finding.ranking.hotspots, finding.names, strict=True)
        )
        points = points_of(inside["x"].to_numpy(), inside["y"].to_numpy()) if show_points else None
        return replace(self.surface_only, hotspots=badges, points=points, chosen=chosen)


def unit_change_scene(view: CompareView, units: Units, category: NDArray[np.int8]) -> Scene:
    """Give the change in units as layers; ``category`` is one of ``methods.change_map`` for each unit."""
    raster = unit_raster(
        units,
        category - CELL_FELL,
        colours=(*palette.CHANGE, palette.TOO_FEW),
        hatched=CELL_TOO_FEW - CELL_FELL,
        crs=view.context.crs,
        area=view.selected.area,
    )
    return replace(view.ground, raster=raster)


def unit_change_title(units: Units) -> str:
    """Say what each colour stands for."""
    if not np.isfinite(units.size):
        return f"Per day, by {units.kind}"
    return f"Per day, {units.kind} of {units.size / 1_000:g} km"


@dataclass(frozen=True, eq=False)
class CompareView:
    """Two periods as layers, on one colour scale."""

    selected: SelectedOffences
    context: MapContext
    now: DensitySurface
    """Offences per km² and 30 days in the period: lengths that differ compare per day."""
    before: DensitySurface
    breaks: tuple[float, ...]
    """Of both periods."""
    difference_breaks: tuple[float, ...]
    """Rising, symmetric about 0."""
    change: ChangeMap | None

    @cached_property
    def ground(self) -> Scene:
        return base_scene(self.context, self.selected)

    @cached_property
    def sides(self) -> tuple[Scene, Scene]:
        """The earlier and the later period."""
        rasters = [
            density_raster(surface, self.breaks, crs=self.context.crs, area=self.selected.area)
            for surface in (self.before, self.now)
        ]
        return replace(self.ground, raster=rasters[0]), replace(self.ground, raster=rasters[1])

    @property
    def swipe(self) -> Scene:
        earlier, later = self.sides
        return replace(later, baseline_raster=earlier.raster)

    @cached_property
    def change_scene(self) -> Scene:
        assert self.change is not None
        return replace(self.ground, raster=change_raster(self.change, crs=self.context.crs, area=self.selected.area))

    @cached_property
    def difference(self) -> Scene:
        raster = difference_raster(self.now, self.before, self.difference_breaks, crs=self.context.crs, area=self.selected.area)
        return replace(self.ground, raster=raster)


CHANGE_TITLE = "Per day, within 1.5 km"
PICTURE_SIZE = (1600, 1000)
"""Pixels of a still picture."""
PER_DAYS = 30
"""Two periods of different lengths are shown per 30 days."""


def compare_view(
    selected: SelectedOffences,
    context: MapContext,
    *,
    now: DensitySurface,
    before: DensitySurface,
    days: int,
    baseline_days: int,
    change: ChangeMap | None,
) -> CompareView:
    """Put two surfaces on one grid and one scale per 30 days."""
    now, before = _on_one_grid(now, before)
    now = replace(now, values=now.values * PER_DAYS / days)
    before = replace(before, values=before.values * PER_DAYS / baseline_days)
    breaks = breaks_of(replace(now, values=np.maximum(now.values, before.values)), selected)
    step = breaks[1] - breaks[0]
    return CompareView(selected, context, now, before, breaks, (-step, -step / 2, step / 2, step), change)


def _on_one_grid(*surfaces: DensitySurface) -> list[DensitySurface]:
    """Widen surfaces to a grid that holds them all: without boundaries each lies round its own offences.

    Such a grid reaches farther than a quartic kernel, so that the surface beyond it is 0.
    """
    bounds = np.array([surface.grid.bounds for surface in surfaces])
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    size = surfaces[0].grid.cell_size
    rows, columns = round((north - south) / size), round((east - west) / size)
    grid = Grid(west, north, size, rows, columns)
    widened = []
    for surface in surfaces:
        above, left = round((north - surface.grid.north) / size), round((surface.grid.west - west) / size)
        below, right = rows - above - surface.grid.rows, columns - left - surface.grid.columns
        widened.append(replace(surface, grid=grid, values=np.pad(surface.values, ((above, below), (left, right)))))
    return widened


def repeats_scene(finding: RepeatsFinding, context: MapContext) -> Scene:
    """Give the map of repeats: places with several offences, larger and darker the more."""
    positions = finding.positions
    points = points_of(positions.x, positions.y, counts=positions.times)
    return replace(base_scene(context, finding.selected), points=points)


def legend_title(selection: Selection, weights: HarmTable | None = None) -> str:
    """Say the unit and the length of the period: 'Burglaries per km², two months', or harm and its table."""
    if weights is not None:
        return f"Harm per km², {selection.period.length()}. {weights.title}"
    what = crime_types.counted(selection.crime_type, 2)
    return f"{what[0].upper()}{what[1:]} per km², {selection.period.length()}"


def per_day_title(selection: Selection) -> str:
    """Say the unit of two compared periods."""
    what = crime_types.counted(selection.crime_type, 2)
    return f"{what[0].upper()}{what[1:]} per km² and {PER_DAYS} days"


def still_picture(
    scene: Scene,
    selected: SelectedOffences,
    *,
    title: str,
    subline: str,
    legend: Legend,
    audience: str = FORCE,
    periods: Periods | None = None,
) -> bytes:
    """Draw a scene as a still picture with legend, marking, licence, source and what was left out."""
    excluded = sum(selected.facts.excluded.values())
    without = shown_count(selected.without_location + selected.unusable, audience=audience)
    left_out = f"{excluded:,} rows excluded on import, {without} without a usable location."
    return picture(
        scene,
        width=PICTURE_SIZE[0],
        height=PICTURE_SIZE[1],
        title=title,
        subline=subline,
        legend=legend,
        marking=selected.facts.marking,
        licence=selected.force.licence,
        synthetic=selected.facts.synthetic,
        footer=f"{left_out} Source: {selected.facts.source_words}. {STANDING_NOTE}",
        periods=periods,
    )


def density_picture(view: DensityView, *, audience: str = FORCE, layers: tuple[ContextShapes, ...] = ()) -> bytes:
    """Draw a density finding as a still picture with legend, parameters, marking and licence."""
    finding = view.finding
    selection = finding.selected.selection
    return still_picture(
        replace(view.with_hotspots(), layers=layers),
        finding.selected,
        title=finding.headline,
        subline=f"{selection.title()}. {finding.subline} {method_words(finding.surface, weights=finding.settings.weights)}",
        legend=DensityLegend(view.breaks, legend_title(selection, finding.settings.weights)),
        audience=audience,
    )


def change_picture(
    view: CompareView,
    finding: CompareFinding,
    *,
    audience: str = FORCE,
    in_units: tuple[Scene, str] | None = None,
    layers: tuple[ContextShapes, ...] = (),
) -> bytes:
    """Draw the change map as a still picture; the later period's surface where there is no boundary.

    Parameters
    ----------
    in_units
        The scene of the change in units and its legend's title, in place of the discs.
    """
    selection, baseline = finding.selected.selection, finding.baseline.selection.period
    headline, subline = told_of_change(finding, audience=audience)
    told = {"title": headline, "subline": f"{selection.title()}, against {baseline.label()}. {subline}", "audience": audience}
    if view.change is None:
        legend: Legend = DensityLegend(view.breaks, per_day_title(selection))
        return still_picture(replace(view.sides[1], layers=layers), finding.selected, legend=legend, **told)
    scene, legend_words = in_units or (view.change_scene, CHANGE_TITLE)
    return still_picture(replace(scene, layers=layers), finding.selected, legend=KeyLegend(legend_words, CHANGE_KEYS), **told)
