"""The section 'Near-repeat zones' of the Near repeats page."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from hotspot.errors import NotKnowable
from hotspot.export import files
from hotspot.export.near_repeats import write_zones
from hotspot.findings.audience import FORCE
from hotspot.findings.near_repeat_zones import THRESHOLD, FittedDecay, ZonesFinding, decay_question, fitted_decay, zones_finding
from hotspot.maps import series_scene
from hotspot.offences.store import Store
from hotspot.selection import COMMITTED, Selection
from hotspot.ui import cached, downloads, jobs, links, maps, page, plan_source, style, tables
from hotspot.ui.keeping import kept

TITLE = "Near-repeat zones"
THRESHOLDS = (1.5, 2.0, 3.0, 5.0)
SHOWN_ROWS = 9
"""Zones in view at once; the others scroll."""


def section(data: cached.DataKey, chosen: Selection, audience: str) -> None:
    """Draw where risk is raised as at the end of the data, until when, or why that cannot be drawn."""
    if audience != FORCE:
        page.section(TITLE, "Each zone is drawn round a few recent offences, so zones are shown to the force alone.")
        return
    try:
        question = decay_question(cached.store(), chosen, scope=data.scope)
        with st.sidebar:
            threshold = links.widget(
                st.selectbox,
                "Zones from",
                name="threshold",
                default=THRESHOLD,
                read=float,
                options=THRESHOLDS,
                format_func="{:g} times the usual risk".format,
            )
        heading = st.container()
        fitted = jobs.kept(data, fitted_decay, question, label="Decay of near repeats over two years")
    except NotKnowable as refusal:
        page.section(TITLE, str(refusal))
        return
    if fitted is None:
        with heading:
            page.section(TITLE, "The decay is being fitted to the force's own pairs.")
        return
    # Another period, or another date that counts, draws nothing anew.
    finding = _found(data, replace(chosen, period=fitted.period, date_basis=COMMITTED), fitted, threshold)
    with heading:
        page.section(f"{TITLE}: {finding.headline[0].lower()}{finding.headline[1:]}", finding.subline)
    if finding.found is not None:
        _drawn(data, finding)


@kept
def _found(data: cached.DataKey, chosen: Selection, fitted: FittedDecay, threshold: float) -> ZonesFinding:
    return zones_finding(Store(data.folder), chosen, fitted, threshold=threshold, scope=data.scope)


def _drawn(data: cached.DataKey, finding: ZonesFinding) -> None:
    style.map_size(whole_force=finding.selected.selection.is_whole_force, rest="21rem")
    map_side, table_side = st.columns([1, 1.15], gap="medium")
    with table_side:
        picked = _listed(finding)
        plan_source.from_zone(finding, picked)
        if finding.zones:
            downloads.row("zones", {"GeoJSON": (".geojson", partial(files.as_bytes, partial(write_zones, finding), ".geojson"))})
    with map_side:
        selection = finding.selected.selection
        context = cached.context(data, selection.source, selection.force)
        scene = series_scene.zones_scene(finding, context, picked)
        maps.show(scene, finding.selected, key="zones", shows="near-repeat zones")
        if finding.zones:
            st.html(
                series_scene.outlines_legend("zones, with the day until which they hold where it has room", len(finding.zones))
            )
    page.method_notes(finding.notes)


def _listed(finding: ZonesFinding) -> int | None:
    """List the zones, the highest risk first; give the number of the one whose row was chosen."""
    if not finding.zones:
        st.html('<p class="hs-note">No place in the chosen area is at the threshold. Lower it in the sidebar.</p>')
        return None
    rows = pd.DataFrame(
        {
            "No.": [one.number for one in finding.zones],
            "Nearest place, street": [one.name for one in finding.zones],
            "Risk": [one.zone.peak for one in finding.zones],
            "Ends": [series_scene.short_day(one.expires) for one in finding.zones],
            "Offences": [one.offences for one in finding.zones],
            "Latest": [series_scene.short_day(one.latest) for one in finding.zones],
            "Hectares": [100 * one.zone.area_km2 for one in finding.zones],
        }
    )
    picked = tables.picked_row(
        rows,
        key="zone-rows",
        shown=SHOWN_ROWS,
        columns={
            "No.": st.column_config.NumberColumn(width=36),
            "Nearest place, street": st.column_config.TextColumn(width=170),
            "Risk": st.column_config.NumberColumn(format="%.1f", width=44, help="The highest, times the usual risk there."),
            "Ends": st.column_config.TextColumn(width=54, help="First day below the threshold, if no further offence comes."),
            "Offences": st.column_config.NumberColumn(width=60, help="Recent offences that make the zone."),
            "Latest": st.column_config.TextColumn(width=54),
            "Hectares": st.column_config.NumberColumn(format="%.1f", width=60),
        },
    )
    st.html(f'<div class="hs-note">{tables.TICK} move the map. Houses in a zone: not known.</div>')
    return int(rows.iloc[picked]["No."]) if picked is not None else None
