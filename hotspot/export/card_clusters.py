"""The card of the Clusters page: clusters, emerging hotspots or rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from hotspot.export.card_disclosure import OF_THESE_AREAS
from hotspot.export.card_parts import Asked, Said, ask, card, counted_figure, drawn_map
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.audience import FORCE, is_small
from hotspot.findings.cluster_cells import (
    CELL_SIZES,
    CELLS,
    FARTHEST,
    PERMUTATIONS,
    SHAPES,
    USED,
    ClusterSettings,
    past_of,
    usual_cell_size,
    usual_slice,
)
from hotspot.findings.clustering import monthly_series
from hotspot.findings.clusters import Cluster, EmergingFinding, GiFinding, emerging_finding, gi_finding
from hotspot.findings.clusters_shown import clusters_give_away, told_of_clusters
from hotspot.findings.compare import without_area
from hotspot.findings.rates_per import family_for, levels_with_denominators, rates_finding, shown_rates, widened_words
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import quantity
from hotspot.geography import LPA
from hotspot.maps import cluster_scenes
from hotspot.maps.scene import Scene
from hotspot.methods.units import SQUARES
from hotspot.offences.store import Scope

GI, EMERGING, RATES = "Clusters", "Emerging hotspots", "Rates"
VIEWS = (GI, EMERGING, RATES)
MOST_ROWS = 10
TOTAL_NOT_TOLD = "Some offences are in no rate, so how many these areas hold together is not told."
TOUCHING_SQUARES = 1.5
"""Times the side of a square: its four and its four diagonal neighbours lie within."""
Progress = Callable[[float, str], None]


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Progress) -> CardContent:
    """Run the Clusters page; parameters as in ``cards.content``."""
    asked = ask(folder, query, scope=scope)
    view = asked.setting("show", GI, str, among=VIEWS)
    if view == RATES:
        return _of_rates(asked)
    return _of_emerging(asked, progress) if view == EMERGING else _of_gi(asked, progress)


def _settings(asked: Asked) -> ClusterSettings:
    """Read cells and test."""
    facts = asked.facts()
    size = asked.setting("size", int(usual_cell_size(facts)), int, among=CELL_SIZES)
    near = asked.setting("near", 2, int, among=range(1, FARTHEST + 1))
    shape = asked.setting("shape", SHAPES[0], str, among=SHAPES)
    cells = asked.setting("tested", USED, str, among=CELLS)
    permutations = asked.setting("shuffles", PERMUTATIONS[-1], int, among=PERMUTATIONS)
    distance = float(size * (TOUCHING_SQUARES if near == 1 and shape == SQUARES else near))
    return ClusterSettings(shape, float(size), distance, cells, permutations)


def _of_gi(asked: Asked, progress: Progress) -> CardContent:
    wanted, selected = _settings(asked), asked.select()
    finding = gi_finding(asked.store.path, asked.selection, wanted, scope=asked.scope, progress=progress)
    hidden = not asked.is_for_force and clusters_give_away(finding, selected)
    headline, subline = told_of_clusters(finding, selected, audience=asked.audience)
    counts = () if hidden else (counted_figure(asked, selected), Figure("Offences in clusters", quantity(finding.held)))
    said = Said(
        kicker=asked.selection.title(),
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}",
        figures=(*counts, Figure("Clusters", str(len(finding.clusters)))),
        head=("No.", "Nearest place, street", *(() if hidden else ("Offences", "Z")), "q"),
        rows=tuple(_gi_row(one, hidden=hidden) for one in finding.clusters[:MOST_ROWS]),
        notes=_notes(asked, finding),
    )
    scene = _without_counts(cluster_scenes.gi_scene(finding, selected, asked.context()), hidden=hidden)
    drawn = drawn_map(asked, said, selected, scene, cluster_scenes.gi_legend(finding))
    return card(asked, "clusters", selected, said, drawn)


def _gi_row(one: Cluster, *, hidden: bool) -> tuple[str, ...]:
    q = "<.001" if one.least_q < 0.0005 else f"{one.least_q:.3f}".lstrip("0")
    counts = () if hidden else (quantity(one.count), f"{one.peak_z:.1f}")
    return str(one.rank), one.name, *counts, q


def _of_emerging(asked: Asked, progress: Progress) -> CardContent:
    """Give the card of hotspots by their history, through the months up to the end of the period."""
    past = past_of(asked.selection, asked.facts())
    wanted = _settings(asked)
    months = asked.setting("slice", usual_slice(past.period), int, among=(1, 2, 3))
    selected = asked.select(past)
    finding = emerging_finding(asked.store.path, past, wanted, months, scope=asked.scope, progress=progress)
    hidden = not asked.is_for_force and any(is_small(one.count) for one in finding.clusters)
    rows = [
        (str(one.rank), one.category.capitalize(), one.name, *(() if hidden else (quantity(one.count),)), str(one.times_hot))
        for one in finding.clusters[:MOST_ROWS]
    ]
    said = Said(
        kicker=past.with_period(finding.period).title(),
        headline=finding.headline,
        subline=finding.subline,
        sentence=f"{finding.headline}. {finding.subline}",
        figures=(Figure("Hotspots listed", str(len(finding.clusters))),),
        head=("No.", "History", "Nearest place, street", *(() if hidden else ("Offences, last slice",)), "Hot"),
        rows=tuple(rows),
        notes=_notes(asked, finding),
    )
    scene = _without_counts(cluster_scenes.emerging_scene(finding, selected, asked.context()), hidden=hidden)
    drawn = drawn_map(asked, said, selected, scene, cluster_scenes.emerging_legend(finding))
    return card(asked, "clusters", selected, said, drawn)


def _notes(asked: Asked, finding: GiFinding | EmergingFinding) -> tuple[str, ...]:
    # How many offences are on no map is for the force: it may be a small count.
    left_off = (finding.left_off,) if finding.left_off and asked.audience == FORCE else ()
    return (*finding.notes, *left_off, finding.null)


def _without_counts(scene: Scene, *, hidden: bool) -> Scene:
    return replace(scene, hotspots=tuple(replace(one, count=None) for one in scene.hotspots)) if hidden else scene


def _of_rates(asked: Asked) -> CardContent:
    """Give the card of offences per 1,000; every area of the force, whichever is chosen."""
    levels = levels_with_denominators(asked.store, asked.selection.force, scope=asked.scope)
    level = asked.setting("rates", levels[0] if levels else LPA, str, among=levels)
    selected: SelectedOffences = asked.select(without_area(asked.selection, level))
    series = monthly_series(asked.store, selected.selection, scope=asked.scope, by_area=True)
    finding = rates_finding(selected, series=series)
    shown, total, headline, subline = shown_rates(finding, audience=asked.audience)
    rows = [
        (one.row.area, one.count, f"{one.row.denominator:,.0f}", "", "", "small counts hidden")
        if one.is_hidden
        else (
            one.row.area,
            one.count,
            f"{one.row.denominator:,.0f}",
            _rate(one.row.rate),
            f"{_rate(one.row.low)} to {_rate(one.row.high)}",
            one.row.reading,
        )
        for one in shown
    ]
    # Beside another card that tells all offences, this total would tell how few are in no rate.
    is_total_told = asked.is_for_force or not finding.rates.left_out_count
    if not is_total_told:
        subline = TOTAL_NOT_TOLD
    source = f"{finding.denominator.capitalize()}: {finding.denominator_source}." if finding.denominator_source else ""
    said = Said(
        kicker=selected.selection.title(),
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}",
        figures=(Figure(OF_THESE_AREAS, total),) if is_total_told else (),
        head=("Area", "Offences", finding.denominator.capitalize(), "Rate", "95% interval", "Reading"),
        rows=tuple(rows),
        notes=(
            *finding.notes,
            *([finding.left_off] if asked.audience == FORCE else []),
            family_for(finding, total),
            widened_words([one.row for one in shown if not one.is_hidden]),
            source,
        ),
    )
    scene, bands = cluster_scenes.rates_scene(finding, shown, asked.context())
    return card(asked, "clusters", selected, said, drawn_map(asked, said, selected, scene, bands))


def _rate(rate: float) -> str:
    return f"{rate:,.1f}" if rate >= 1 else f"{rate:,.2f}"
