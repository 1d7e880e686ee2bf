"""Parts of the Clusters page: Gi*, emerging hotspots, rates by area."""

from __future__ import annotations

import streamlit as st

from hotspot.findings import rates_per as rates_findings
from hotspot.findings.audience import FORCE
from hotspot.findings.backtest_settings import beside_clusters
from hotspot.findings.cluster_cells import (
    ALL,
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
from hotspot.findings.clustering import ALWAYS
from hotspot.findings.clusters import EmergingFinding, GiFinding, emerging_finding, gi_finding
from hotspot.findings.clusters_shown import told_of_clusters
from hotspot.findings.compare import without_area
from hotspot.findings.rates_per import RatesFinding, family_for, levels_with_denominators, shown_rates
from hotspot.findings.selected import SelectedOffences
from hotspot.geography import LPA
from hotspot.maps import cluster_scenes, legend
from hotspot.maps.scenes import base_scene
from hotspot.methods.units import SQUARES
from hotspot.selection import Selection
from hotspot.ui import accuracy, cached, clusters_tables, jobs, links, maps, page
from hotspot.ui.keeping import kept

GI, EMERGING, RATES = "Clusters", "Emerging hotspots", "Rates"
VIEWS = (GI, EMERGING, RATES)
_SHAPE_WORDS = {SHAPES[0]: "Hexagons", SHAPES[1]: "Squares"}
_CELL_WORDS = {USED: "With any offence in 3 years", ALL: "All in the area"}
_TOUCHING_SQUARES = 1.5
"""Times the side of a square: its four and its four diagonal neighbours lie within."""


@kept
def rates_of(data: cached.DataKey, selection: Selection, level: str) -> RatesFinding:
    """Keep the rates of a level."""
    chosen = without_area(selection, level)
    series = cached.monthly_series(data, chosen.with_period(ALWAYS), True)
    return rates_findings.rates_finding(cached.select(data, chosen), series=series)


def view() -> str:
    """Draw which of the three questions is asked."""
    options = {"options": list(VIEWS), "label_visibility": "collapsed"}
    return links.widget(st.segmented_control, "View", name="show", default=GI, read=str, **options) or GI


def settings(chosen: Selection) -> ClusterSettings:
    """Draw the cells and the test; keep them in the link."""
    facts = cached.facts(chosen.source, chosen.force)
    with st.sidebar:
        size = links.widget(
            st.select_slider,
            "Cell size (metres)",
            name="size",
            default=int(usual_cell_size(facts)),
            read=int,
            options=list(CELL_SIZES),
            help="Width of a hexagon, side of a square.",
        )
        near = links.widget(
            st.selectbox,
            "Neighbourhood",
            name="near",
            default=2,
            read=int,
            options=list(range(1, FARTHEST + 1)),
            format_func=lambda cells: "Touching cells" if cells == 1 else f"Within {cells * size:,} m",
            help="A cell is judged with the cells whose middle lies within this distance of its own.",
        )
        with st.expander("Cells and test", key="cluster-test"):
            shape = links.widget(
                st.selectbox,
                "Shape",
                name="shape",
                default=SHAPES[0],
                read=str,
                options=list(SHAPES),
                format_func=_SHAPE_WORDS.__getitem__,
            )
            cells = links.widget(
                st.selectbox,
                "Cells tested",
                name="tested",
                default=USED,
                read=str,
                options=list(CELLS),
                format_func=_CELL_WORDS.__getitem__,
                help="Fields and water make every town one cluster: leave them out, or ask just that.",
            )
            permutations = links.widget(
                st.selectbox,
                "Permutations",
                name="shuffles",
                default=PERMUTATIONS[-1],
                read=int,
                options=list(PERMUTATIONS),
                format_func=lambda number: f"{number:,}" if number else "None: the normal curve",
            )
    distance = float(size * (_TOUCHING_SQUARES if near == 1 and shape == SQUARES else near))
    return ClusterSettings(shape, float(size), distance, cells, permutations)


def slice_months(past: Selection) -> int:
    """Draw the length of a time slice."""
    with st.sidebar:
        return links.widget(
            st.selectbox,
            "Time slice",
            name="slice",
            default=usual_slice(past.period),
            read=int,
            options=[1, 2, 3],
            format_func=lambda months: "One month" if months == 1 else f"{months} months",
        )


def gi(data: cached.DataKey, chosen: Selection, audience: str) -> None:
    """Show the clusters of the period: map, ranked table, downloads."""
    head, wanted = st.container(), settings(chosen)
    selected = cached.select(data, chosen)
    finding: GiFinding | None = None
    if selected.count:
        finding = jobs.kept(data, gi_finding, chosen, wanted, label="Clusters")
    with head:
        if finding is None:
            page.header(chosen.title(), _waiting(selected, "Where offences cluster"))
            page.offer_nearest(selected)
        else:
            page.header(chosen.title(), *told_of_clusters(finding, selected, audience=audience))
            page.warnings(finding.notes)
    map_side, table_side = st.columns([1, 1.12], gap="medium")
    with table_side:
        picked = clusters_tables.clusters(finding, selected, audience=audience) if finding is not None else None
        accuracy.beside(data, chosen, beside_clusters(chosen, wanted), audience=audience)
    with map_side:
        _map(data, selected, finding, picked)
    _foot(selected, finding, audience)


def _map(data: cached.DataKey, selected: SelectedOffences, finding: GiFinding | None, picked: int | None) -> None:
    context = cached.context(data, selected.selection.source, selected.selection.force)
    if finding is None:
        maps.show(base_scene(context, selected), selected, key="clusters", shows="areas, without offences yet")
        return
    scene = cluster_scenes.gi_scene(finding, selected, context, chosen=picked)
    maps.show(scene, selected, key="clusters", shows="clusters beyond chance")
    st.html(legend.key_legend(cluster_scenes.gi_legend(finding)))


def emerging(data: cached.DataKey, chosen: Selection, audience: str) -> None:
    """Show how hotspots came and went, through the months up to the end of the period."""
    past = past_of(chosen, cached.facts(chosen.source, chosen.force))
    head, wanted, months = st.container(), settings(chosen), slice_months(past)
    selected = cached.select(data, past)
    finding: EmergingFinding | None = None
    if selected.count:
        finding = jobs.kept(data, emerging_finding, past, wanted, months, label="Emerging hotspots")
    with head:
        if finding is None:
            page.header(past.title(), _waiting(selected, "How hotspots came and went"))
            page.offer_nearest(selected)
        else:
            page.header(past.with_period(finding.period).title(), finding.headline, finding.subline)
            page.warnings(finding.notes)
    map_side, table_side = st.columns([1, 1.12], gap="medium")
    with table_side:
        picked = clusters_tables.emerging(finding, selected, audience=audience) if finding is not None else None
    with map_side:
        context = cached.context(data, past.source, past.force)
        if finding is None:
            maps.show(base_scene(context, selected), selected, key="clusters", shows="areas, without offences yet")
        else:
            scene = cluster_scenes.emerging_scene(finding, selected, context, chosen=picked)
            maps.show(scene, selected, key="clusters", shows="emerging hotspots")
            st.html(legend.key_legend(cluster_scenes.emerging_legend(finding)))
    _foot(selected, finding, audience)


def rates(data: cached.DataKey, chosen: Selection, audience: str) -> None:
    """Show offences per 1,000 by area; every area of the force, whichever is chosen."""
    levels = levels_with_denominators(cached.store(), chosen.force, scope=data.scope)
    level = levels[0] if levels else LPA
    if len(levels) > 1:
        with st.sidebar:
            level = links.widget(st.selectbox, "Areas", name="rates", default=level, read=str, options=list(levels))
    finding = rates_of(data, chosen, level)
    shown, total, headline, subline = shown_rates(finding, audience=audience)
    page.header(finding.selected.selection.title(), headline, subline)
    page.warnings(finding.notes)
    map_side, table_side = st.columns([1, 1.12], gap="medium")
    with map_side:
        scene, bands = cluster_scenes.rates_scene(finding, shown, cached.context(data, chosen.source, chosen.force))
        maps.show(scene, finding.selected, key="clusters", shows="rates by area")
        st.html(legend.rates_legend(bands))
    with table_side:
        clusters_tables.rates(finding, shown, total, audience=audience)
    source = f"{finding.denominator.capitalize()}: {finding.denominator_source}." if finding.denominator_source else ""
    left_off = [finding.left_off] if finding.left_off and audience == FORCE else []
    page.footer(finding.selected, *left_off, family_for(finding, total), *([source] if source else []))


def _foot(selected: SelectedOffences, finding: GiFinding | EmergingFinding | None, audience: str) -> None:
    """Close the page: what was tested; how many offences are on no map is for the force, for it may be a small count."""
    left_off = [finding.left_off] if finding is not None and finding.left_off and audience == FORCE else []
    page.footer(selected, *left_off, *([finding.null] if finding is not None else []))


def _waiting(selected: SelectedOffences, subject: str) -> str:
    return subject if selected.count else "No offence in this selection"
