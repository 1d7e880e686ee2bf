"""The Data page: its heading and its parts."""

from __future__ import annotations

import html

import streamlit as st

from hotspot.findings.audience import FORCE
from hotspot.offences.store import Store
from hotspot.period import Period
from hotspot.ui import cached, controls, links, page
from hotspot.ui.data import areas, boundaries, delete, events, importing, layers, mappings, report, running, said

REPORT, IMPORT, MAPPINGS = "Load report", "Import", "Mappings"
BOUNDARIES, AREAS, LAYERS = "Boundaries", "Drawn areas", "Context layers"
EVENTS, DELETE = "Events", "Delete"
_LISTED = 2
"""Data sets that the heading lists."""
_PARTS = {
    REPORT: report.show_reports,
    IMPORT: importing.show,
    MAPPINGS: mappings.show,
    BOUNDARIES: boundaries.show,
    AREAS: areas.show,
    LAYERS: layers.show,
    EVENTS: events.show,
    DELETE: delete.show,
}


def show() -> None:
    """Draw the page."""
    store = cached.store()
    if controls.present_audience() != FORCE:
        page.header("Data", "The Data page is for the force", "Choose the audience Force on another page to see what is loaded.")
        return
    page.header("Data", *_headline(store))
    part = _part(store)
    if part != IMPORT:
        running.forget_last()
    said.show_done()
    _PARTS[part](store)
    if _has_offences(store):
        _footer(store)


def _footer(store: Store) -> None:
    """Close the page as every page: standing note, licence, marking of all that is loaded."""
    marking = max((cached.facts(source, force).marking for source, force in store.data_sets), key=len)
    licence = f" {store.force.licence}." if store.force.licence else ""
    st.html(f'<div class="hs-footer">{html.escape(page.STANDING_NOTE + licence)} <b>{html.escape(marking)}</b></div>')


def _has_offences(store: Store) -> bool:
    """Say whether anything is loaded; a store whose data sets were all deleted still knows its force."""
    return store.exists and bool(store.data_sets)


def _headline(store: Store) -> tuple[str, str]:
    if not _has_offences(store):
        return page.NO_STORE, "Make the demonstration data, or import offences below."
    facts = [cached.facts(source, force) for source, force in store.data_sets]
    offences = sum(sum(one.crime_types.values()) for one in facts)
    sets = "one data set" if len(facts) == 1 else f"{len(facts)} data sets"
    each = [
        f"{one.force}, {one.source}: {sum(one.crime_types.values()):,}, {Period(one.first_day, one.end).label_in_days()}"
        for one in sorted(facts, key=lambda one: one.end, reverse=True)
    ]
    more = [f"{len(each) - _LISTED} more under {DELETE}"] if len(each) > _LISTED else []
    return (
        f"{said.counted(offences, 'offence')} {'is' if offences == 1 else 'are'} loaded in {sets}",
        f"{'; '.join([*each[:_LISTED], *more])}.",
    )


def _part(store: Store) -> str:
    """Let the reader choose a part; it is in the link, so that a link opens the same part."""
    has_data = _has_offences(store)
    if "data-part" not in st.session_state:
        linked = st.query_params.get("part", "")
        st.session_state["data-part"] = linked if linked in _PARTS else REPORT if has_data else IMPORT
    if not has_data:
        left, _ = st.columns([1, 3])
        if left.button("Make the demonstration data"):
            page.make_demo()
    part = st.segmented_control("Part of the page", list(_PARTS), key="data-part", required=True, label_visibility="collapsed")
    assert part is not None  # required=True
    links.keep("part", part)
    return part
