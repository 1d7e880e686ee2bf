"""Where offences concentrate: the surface, the ranked hotspots and the sentence that says it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.boundaries.places import read_places
from hotspot.errors import BadInput
from hotspot.findings.harm import HarmUse, harm_of
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import number_word, quantity
from hotspot.grid import Grid
from hotspot.methods import density as kernel_density
from hotspot.methods.density import DIGGLE, NONE, UNIFORM, KernelMass
from hotspot.methods.hotspots import HotspotRanking, named, rank_hotspots
from hotspot.offences.weights import HarmTable

BANDWIDTHS = (150, 1_000)
"""Metres: the range of the slider, as the radius of a quartic kernel."""
AREA_SHARES = (0.005, 0.05)
MINIMUM_OFFENCES = 5
MOST_CELLS = 4_000_000
"""A grid of more cells than this is refused: it would be slow and falsely precise."""


@dataclass(frozen=True)
class DensitySettings:
    """What an analyst can turn on the Density page."""

    bandwidth: float
    """Metres: radius of a finite kernel, standard deviation of the gaussian; of the pilot where it is adaptive."""
    cell_size: float = 100.0
    """Metres."""
    kernel: str = "quartic"
    edge_correction: str = UNIFORM
    """'uniform', 'diggle' or 'none'."""
    area_share: float = 0.01
    """Share of the area that the densest cells may cover to be hotspots."""
    adaptive: bool = False
    """Narrow where offences are dense, wide where they are sparse (Abramson 1982)."""
    weights: HarmTable | None = None
    """What an offence of each type counts; None: one."""

    def __post_init__(self) -> None:
        faults = []
        if not self.bandwidth > 0:
            faults.append(f"The bandwidth must be above 0 metres, not {self.bandwidth:g}.")
        if not self.cell_size > 0:
            faults.append(f"The cell size must be above 0 metres, not {self.cell_size:g}.")
        if self.kernel not in kernel_density.KERNELS:
            faults.append(f"There is no kernel '{self.kernel}'. Choose one of: {', '.join(kernel_density.KERNELS)}.")
        if self.edge_correction not in kernel_density.EDGES:
            known = ", ".join(kernel_density.EDGES)
            faults.append(f"There is no edge correction '{self.edge_correction}'. Choose one of: {known}.")
        if not 0 < self.area_share <= 1:
            faults.append(f"The area share must lie above 0 and at most 1, not {self.area_share:g}.")
        if faults:
            raise BadInput(*faults)


@dataclass(frozen=True, eq=False)
class DensityFinding:
    """A density surface, its hotspots, their names, and what they say."""

    selected: SelectedOffences
    settings: DensitySettings
    surface: kernel_density.DensitySurface
    ranking: HotspotRanking
    names: tuple[str, ...]
    """One per hotspot, as a person would say it."""
    headline: str
    subline: str
    notes: tuple[str, ...]
    """Warnings and what was not done, one sentence each."""
    harm: HarmUse | None = None
    """What the offences weigh; None where each counts one."""


def grid_of(selected: SelectedOffences, cell_size: float) -> Grid:
    """Lay cells over the chosen area, or over the offences where there is no boundary.

    Raises
    ------
    BadInput
        If the cells would be too many to be honest or quick.
    """
    bounds = _bounds(selected)
    cells = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) / cell_size**2
    if cells > MOST_CELLS:
        raise BadInput(
            f"Cells of {cell_size:g} m over this area would be {cells:,.0f} of them, more than {MOST_CELLS:,}. "
            "Choose a larger cell size."
        )
    return Grid.covering(bounds, cell_size=cell_size)


def _bounds(selected: SelectedOffences) -> tuple[float, float, float, float]:
    if selected.area is not None:
        return selected.area.bounds
    located = selected.located
    if located.empty:
        return selected.force.bounds or (0.0, 0.0, 1_000.0, 1_000.0)
    margin = 1_000.0
    return (
        float(located["x"].min()) - margin,
        float(located["y"].min()) - margin,
        float(located["x"].max()) + margin,
        float(located["y"].max()) + margin,
    )


def edge_mass(selected: SelectedOffences, settings: DensitySettings) -> NDArray[np.float64] | KernelMass | None:
    """Give the kernel's mass inside the limit of the data; None without edge correction.

    It depends on the area, the grid and the kernel alone, so callers keep it between periods.
    """
    if selected.limit is None:
        return None
    return kernel_density.mass_for(
        grid_of(selected, settings.cell_size),
        selected.limit,
        bandwidth=settings.bandwidth,
        kernel=settings.kernel,
        edge=settings.edge_correction,
        adaptive=settings.adaptive,
    )


def surface_of(
    selected: SelectedOffences,
    settings: DensitySettings,
    *,
    mass: NDArray[np.float64] | KernelMass | None = None,
    harm: HarmUse | None = None,
) -> kernel_density.DensitySurface:
    """Compute the surface over the chosen area from every offence within the kernel's reach.

    Parameters
    ----------
    harm
        What the offences weigh, where the caller knows it; worked out where the settings have weights.
    """
    located = selected.located
    if harm is None and settings.weights is not None:
        harm = harm_of(selected, settings.weights)
    shares = located["weight"].to_numpy() if selected.selection.is_timed else None
    return kernel_density.density(
        located["x"].to_numpy(dtype=float),
        located["y"].to_numpy(dtype=float),
        grid=grid_of(selected, settings.cell_size),
        bandwidth=settings.bandwidth,
        kernel=settings.kernel,
        weight=shares if harm is None else harm.located,
        edge=settings.edge_correction,
        adaptive=settings.adaptive,
        mass=mass,
    )


def density_finding(
    selected: SelectedOffences, settings: DensitySettings, *, mass: NDArray[np.float64] | KernelMass | None = None
) -> DensityFinding:
    """Compute the surface and its hotspots, and say what they show.

    Parameters
    ----------
    mass
        Result of ``edge_mass`` for these settings; computed where it is needed and not given.
    """
    if mass is None:
        mass = edge_mass(selected, settings)
    harm = harm_of(selected, settings.weights) if settings.weights is not None else None
    surface = surface_of(selected, settings, mass=mass, harm=harm)
    inside = selected.located_inside
    ranking = rank_hotspots(
        surface,
        inside["x"].to_numpy(dtype=float),
        inside["y"].to_numpy(dtype=float),
        area=selected.area,
        area_share=settings.area_share,
        minimum=MINIMUM_OFFENCES,
        weight=inside["weight"].to_numpy() if selected.selection.is_timed else None,
        harm=harm.inside if harm is not None else None,
    )
    names = named(ranking, inside, read_places()) if ranking.hotspots else ()
    return DensityFinding(
        selected=selected,
        settings=settings,
        surface=surface,
        ranking=ranking,
        names=names,
        headline=_headline(selected, ranking, settings),
        subline=_subline(selected, ranking),
        notes=tuple(note for note in (*notes_of(selected, settings), harm.note if harm is not None else "") if note),
        harm=harm,
    )


def method_words(surface: kernel_density.DensitySurface, *, weights: HarmTable | None = None) -> str:
    """Say how a surface was computed: kernel, bandwidth, cells, edge correction, weights."""
    width = "radius" if surface.kernel in kernel_density.FINITE else "standard deviation"
    how = f"{surface.kernel.capitalize()} kernel, {width} {surface.bandwidth:,.0f} m"
    if surface.adaptive:
        used = f" ({surface.narrowest:,.0f} to {surface.widest:,.0f} m)" if surface.weight_total else ""
        how += f" at average density, adaptive by Abramson's rule{used}"
    edge = {
        UNIFORM: "uniform edge correction at the limit of the data",
        DIGGLE: "Diggle's edge correction at the limit of the data",
        NONE: "no edge correction",
    }[surface.edge]
    harm = f" Weighted by harm: {weights.title} ({weights.sources})." if weights is not None else ""
    return f"{how}, cells of {surface.grid.cell_size:g} m, {edge}.{harm}"


def notes_of(selected: SelectedOffences, settings: DensitySettings) -> tuple[str, ...]:
    """List the cautions that the settings and the data call for."""
    notes = []
    radius = kernel_density.equal_variance(settings.bandwidth, source=settings.kernel, target="quartic")
    if selected.is_beyond_the_data:
        notes.append(f"The data cover {selected.covered.label_in_days()}: this period lies outside them.")
    if selected.facts.location_precision == "snapped" and radius < 300:
        notes.append("Locations are snapped to streets: a bandwidth under 300 m shows the snapping, not the offences.")
    if selected.facts.location_precision == "snapped" and settings.adaptive and radius >= 300:
        notes.append("Locations are snapped to streets: where they are dense, an adaptive bandwidth shows the snapping.")
    if settings.cell_size > radius / 3:
        notes.append(f"Cells of {settings.cell_size:g} m are coarse for this bandwidth: choose a third of it or less.")
    elif settings.adaptive and settings.cell_size > radius * kernel_density.FACTORS[0]:
        notes.append(f"Cells of {settings.cell_size:g} m are wider than the narrowest adaptive bandwidth: choose smaller ones.")
    if settings.edge_correction != NONE and selected.areas is None:
        notes.append("No boundaries are loaded, so no edge correction was applied.")
    return tuple(notes)


def _headline(selected: SelectedOffences, ranking: HotspotRanking, settings: DensitySettings) -> str:
    what = crime_types.counted(selected.selection.crime_type, 2)
    if selected.count == 0:
        return f"No {what} in this selection"
    if not ranking.hotspots:
        return f"No hotspot of {MINIMUM_OFFENCES} or more {what} stands out"
    what = what if settings.weights is None else f"the harm of {what}"
    share = ranking.share
    noun = "hotspot" if len(ranking.hotspots) == 1 else "hotspots"
    area_share = ranking.covered_km2 / ranking.area_km2
    return f"{_percent(area_share)} of the area holds {_percent(share)} of {what}, in {number_word(len(ranking.hotspots))} {noun}"


def _subline(selected: SelectedOffences, ranking: HotspotRanking) -> str:
    if not ranking.hotspots:
        return (
            f"{quantity(selected.count)} {crime_types.counted(selected.selection.crime_type, selected.count)} in the selection."
        )
    count = len(ranking.hotspots)
    held = sum(hotspot.count for hotspot in ranking.hotspots[:3])
    top = "" if count < 4 else f"; the first three hold {quantity(held)}"
    return (
        f"{quantity(ranking.held)} of {quantity(ranking.total)} offences with a location lie in {count} "
        f"{'hotspot' if count == 1 else 'hotspots'} covering {ranking.covered_km2:.1f} of {ranking.area_km2:,.0f} km²{top}."
        f"{_harm_words(ranking)}"
    )


def _harm_words(ranking: HotspotRanking) -> str:
    if math.isnan(ranking.harm_total):
        return ""
    return f" Their harm: {quantity(round(ranking.harm_held, 1))} of {quantity(round(ranking.harm_total, 1))}."


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f}%" if percent >= 2 or round(percent, 1).is_integer() else f"{percent:.1f}%"
