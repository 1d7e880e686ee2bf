"""Results kept between reruns and shared between sessions.

Every key begins with a ``DataKey``, which holds the viewer's scope, the data's fingerprint and the
software's version: another scope, an import or an upgrade can never meet an old result. The results
are frozen, so one copy serves every session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot import __version__, paths
from hotspot.errors import StoreError
from hotspot.findings import clustering as clustering_findings
from hotspot.findings import compare as compare_findings
from hotspot.findings import density as density_findings
from hotspot.findings import overview as overview_findings
from hotspot.findings import repeats as repeats_findings
from hotspot.findings import selected as selections
from hotspot.findings.clustering import MonthlyPositions, MonthlySeries
from hotspot.findings.compare import CompareFinding
from hotspot.findings.density import DensityFinding, DensitySettings
from hotspot.findings.harm import COLUMNS as HARM_COLUMNS
from hotspot.findings.overview import OverviewFinding
from hotspot.findings.repeats import RepeatsFinding
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.shown_density import shown_density
from hotspot.geography import LPA
from hotspot.grid import Grid
from hotspot.maps import scenes
from hotspot.maps.scene import Scene
from hotspot.maps.scenes import CompareView, DensityView, MapContext
from hotspot.methods import density as kernel_density
from hotspot.methods.change_map import ChangeMap
from hotspot.methods.density import QUARTIC, KernelMass, MassLevel, Suggestion
from hotspot.offences.postgresql.opened import kept_up
from hotspot.offences.store import EVERYTHING, DataFacts, Scope, Store
from hotspot.period import Period
from hotspot.selection import Selection
from hotspot.ui import sign_in
from hotspot.ui.keeping import kept


@dataclass(frozen=True)
class DataKey:
    """Which data a result was computed from, for whom, by which version."""

    folder: Path
    fingerprint: str
    scope: Scope
    version: str = __version__


_seen: set[Path] = set()
"""Folders in which this process has met a store."""


def store() -> Store:
    """Open the store as it is now; cheap, because it reads the manifest alone."""
    address = paths.store_address()
    opened = Store(kept_up(address) if address else paths.store_folder())
    if opened.exists:
        _seen.add(opened.path)
    return opened


def refuse_lost(opened: Store) -> None:
    """Refuse to take a store that has gone for one that never was: new data must not be made in its place by mistake.

    Raises
    ------
    StoreError
        If this process has met a store in that folder, and there is none now.
    """
    if opened.path in _seen and not opened.exists:
        raise StoreError(
            f"The store {opened.path} was here and is gone: its disk may not be mounted, or the folder was moved. Nothing can be "
            "shown until it is back; then this page works again by itself. To begin anew without it, import on the Data page."
        )


def scope() -> Scope:
    """Give what the viewer of this session may see.

    Raises
    ------
    NotAllowed
        If nobody is signed in who may see anything.
    """
    return Scope(sign_in.viewer().areas)


def key(narrower: Scope | None = None) -> DataKey:
    """Give the key of the present data and viewer.

    Parameters
    ----------
    narrower
        The scope that a card was made in, to make it again; who may not see all of it keeps to his own.
    """
    own = scope()
    within = narrower is not None and (own == EVERYTHING or (narrower != EVERYTHING and own.areas >= narrower.areas))
    return DataKey(paths.store_folder(), store().fingerprint, narrower if within else own)


def facts(source: str, force: str) -> DataFacts:
    """Give what is known of a data set, with the counts that the viewer may see."""
    return store().facts(source, force, scope=scope())


@kept
def select(data: DataKey, selection: Selection, extra_columns: tuple[str, ...] = ()) -> SelectedOffences:
    """Keep the offences of a selection."""
    return selections.select(Store(data.folder), selection, scope=data.scope, extra_columns=extra_columns)


@kept
def _edge_mass(data: DataKey, force: str, grid: Grid, bandwidth: float, kernel: str) -> NDArray[np.float64]:
    limit = Store(data.folder).areas(LPA, force=force, scope=data.scope).union
    return kernel_density.edge_mass(grid, limit, bandwidth=bandwidth, kernel=kernel)


@kept
def _mass_level(data: DataKey, force: str, cell_size: float, bandwidth: float, kernel: str) -> MassLevel:
    return kernel_density.mass_level(
        Store(data.folder).areas(LPA, force=force, scope=data.scope).union, cell_size, bandwidth, kernel
    )


@kept
def _kernel_mass(data: DataKey, force: str, cell_size: float, bandwidth: float, kernel: str, adaptive: bool) -> KernelMass:
    return kernel_density.kernel_mass(
        Store(data.folder).areas(LPA, force=force, scope=data.scope).union,
        cell_size=cell_size,
        bandwidth=bandwidth,
        kernel=kernel,
        adaptive=adaptive,
        level=partial(_mass_level, data, force, cell_size),
    )


def _mass(data: DataKey, selected: SelectedOffences, settings: DensitySettings) -> NDArray[np.float64] | KernelMass | None:
    """Keep what the edge correction needs apart from the surface, because periods and crime types share it."""
    edge, force = settings.edge_correction, selected.selection.force
    if edge == kernel_density.NONE or selected.limit is None:
        return None
    if edge == kernel_density.UNIFORM and not settings.adaptive:
        grid = density_findings.grid_of(selected, settings.cell_size)
        return _edge_mass(data, force, grid, settings.bandwidth, settings.kernel)
    density_findings.grid_of(selected, settings.cell_size)  # refuses more cells than are honest or quick
    return _kernel_mass(data, force, settings.cell_size, settings.bandwidth, settings.kernel, settings.adaptive)


@kept
def density(data: DataKey, selection: Selection, settings: DensitySettings) -> DensityFinding:
    """Keep a density finding."""
    selected = select(data, selection, HARM_COLUMNS if settings.weights is not None else ())
    return density_findings.density_finding(selected, settings, mass=_mass(data, selected, settings))


@kept
def suggested_bandwidth(data: DataKey, selection: Selection) -> Suggestion:
    """Keep the bandwidth that the named rule suggests for a selection."""
    selected = select(data, selection)
    located = selected.located_inside
    return kernel_density.suggested_bandwidth(
        located["x"].to_numpy(dtype=float),
        located["y"].to_numpy(dtype=float),
        snapped=selected.facts.location_precision == "snapped",
    )


@kept
def comparison(data: DataKey, selection: Selection, baseline: Period, by_area: bool) -> CompareFinding:
    """Keep a comparison: by area of the level over the whole force, else of the chosen area alone."""
    wide = compare_findings.without_area(selection, selection.level) if by_area else selection
    now, before = select(data, wide), select(data, wide.with_period(baseline))
    focus = (select(data, selection), select(data, selection.with_period(baseline))) if wide != selection else None
    series = monthly_series(data, wide.with_period(clustering_findings.ALWAYS), by_area)
    clustering = clustering_findings.clustering(series, period=selection.period, baseline=baseline)
    return compare_findings.compare_finding(now, before, by_area=by_area, focus=focus, clustering=clustering)


@kept
def monthly_series(data: DataKey, selection: Selection, by_area: bool) -> MonthlySeries:
    """Keep the months of a selection over all the data; its own period does not matter."""
    return clustering_findings.monthly_series(Store(data.folder), selection, scope=data.scope, by_area=by_area)


@kept
def _monthly_positions(data: DataKey, selection: Selection) -> MonthlyPositions:
    return clustering_findings.monthly_positions(Store(data.folder), selection, scope=data.scope)


def monthly_positions(data: DataKey, selection: Selection) -> MonthlyPositions:
    """Keep the months of a selection's positions over all the data; its own period does not matter."""
    return _monthly_positions(data, selection.with_period(clustering_findings.ALWAYS))


@kept
def change_map(data: DataKey, selection: Selection, baseline: Period) -> ChangeMap | None:
    """Keep a change map."""
    now, before = select(data, selection), select(data, selection.with_period(baseline))
    return compare_findings.map_of_change(now, before, positions=monthly_positions(data, selection))


@kept
def overview(data: DataKey, selection: Selection) -> OverviewFinding | None:
    """Keep the overview; None where the data hold one period alone."""
    facts = Store(data.folder).facts(selection.source, selection.force, scope=data.scope)
    periods = overview_findings.compared_periods(selection, facts)
    if periods is None:
        return None
    pairs = {}
    for group in overview_findings.groups_of(facts):
        chosen = replace(selection, crime_type=group)
        pairs[group] = tuple(select(data, chosen.with_period(period)) for period in periods)
    clusterings = {
        group: overview_findings.group_clustering(Store(data.folder), now.selection, before.selection.period, scope=data.scope)
        for group, (now, before) in pairs.items()
    }
    return overview_findings.overview_finding(pairs, clusterings)


@kept
def monthly(data: DataKey, selection: Selection) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Keep the monthly counts of the overview's groups."""
    opened = Store(data.folder)
    groups = overview_findings.groups_of(opened.facts(selection.source, selection.force, scope=data.scope))
    return overview_findings.monthly_counts(opened, selection, groups, scope=data.scope), groups


@kept
def context(data: DataKey, source: str, force: str) -> MapContext:
    """Keep what lies under every map of one force."""
    return scenes.context_of(Store(data.folder), source=source, force=force, scope=data.scope)


def _scale(data: DataKey, selection: Selection, settings: DensitySettings, audience: str) -> tuple[float, ...]:
    """Give the bands of a selection: those of the suggested bandwidth, so that the slider moves on one scale."""
    suggestion = suggested_bandwidth(data, selection)
    finding = density(data, selection, replace(settings, bandwidth=suggestion.bandwidth, kernel=QUARTIC))
    return scenes.breaks_of(shown_density(finding, audience=audience).surface, finding.selected)


@kept
def density_view(data: DataKey, selection: Selection, settings: DensitySettings, audience: str) -> DensityView:
    """Keep a density finding as layers that an audience may see."""
    under = context(data, selection.source, selection.force)
    finding = shown_density(density(data, selection, settings), audience=audience)
    return DensityView(finding, under, _scale(data, selection, settings, audience))


@kept
def overview_view(data: DataKey, selection: Selection, audience: str) -> DensityView:
    """Keep the overview's surface: the suggested bandwidth, cells of 100 m."""
    return density_view(data, selection, DensitySettings(bandwidth=suggested_bandwidth(data, selection).bandwidth), audience)


@kept
def comparison_view(data: DataKey, selection: Selection, baseline: Period, audience: str) -> CompareView:
    """Keep two periods as layers; both surfaces have the bandwidth that suits the later one."""
    settings = DensitySettings(bandwidth=suggested_bandwidth(data, selection).bandwidth)
    findings = (density(data, chosen, settings) for chosen in (selection, selection.with_period(baseline)))
    now, before = (shown_density(finding, audience=audience).surface for finding in findings)
    return scenes.compare_view(
        select(data, selection),
        context(data, selection.source, selection.force),
        now=now,
        before=before,
        days=selection.period.days,
        baseline_days=baseline.days,
        change=change_map(data, selection, baseline),
    )


@kept
def repeats(data: DataKey, selection: Selection, by: str, window_days: int) -> RepeatsFinding:
    """Keep a finding on repeats."""
    return repeats_findings.repeats_finding(Store(data.folder), selection, by=by, window_days=window_days, scope=data.scope)


def repeats_scene(data: DataKey, finding: RepeatsFinding) -> Scene:
    """Give the map of repeats as layers."""
    selection = finding.selected.selection
    return scenes.repeats_scene(finding, context(data, selection.source, selection.force))
