"""The Data page: its heading and its parts."""

from __future__ import annotations

import html

import streamlit as st

from hotspot.errors import NotAllowed
from hotspot.findings.audience import FORCE
from hotspot.offences.store import Store
from hotspot.period import Period
from hotspot.selection import join_words
from hotspot.ui import cached, controls, links, page, sign_in
from hotspot.ui.data import areas, boundaries, delete, events, importing, layers, mappings, report, running, said
from hotspot.viewer import ENRICH, LOOK, Viewer, may, require
from hotspot.viewer import IMPORT as IMPORT_DATA

REPORT, IMPORT, MAPPINGS = "Load report", "Import", "Mappings"
BOUNDARIES, AREAS, LAYERS = "Boundaries", "Drawn areas", "Context layers"
EVENTS, DELETE = "Events", "Delete"
_LISTED = 2
"""Data sets that the heading lists."""
_PARTS = {
    REPORT: (report.show_reports, LOOK),
    IMPORT: (importing.show, IMPORT_DATA),
    MAPPINGS: (mappings.show, IMPORT_DATA),
    BOUNDARIES: (boundaries.show, IMPORT_DATA),
    AREAS: (areas.show, LOOK),
    LAYERS: (layers.show, ENRICH),
    EVENTS: (events.show, ENRICH),
    DELETE: (delete.show, IMPORT_DATA),
}
"""Part → what draws it, and the act that a viewer's role must be allowed."""


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
    draw, act = _PARTS[part]
    require(sign_in.viewer(), act)
    draw(store)
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
    more = [f"{len(each) - _LISTED} more"] if len(each) > _LISTED else []
    limited = _limited()
    return (
        f"{said.counted(offences, 'offence')} {'is' if offences == 1 else 'are'} loaded in {sets}",
        f"{'; '.join([*each[:_LISTED], *more])}. {limited}".strip(),
    )


def _limited() -> str:
    """Say of which LPAs the counts are, where the viewer does not see all."""
    own = cached.scope().names
    return f"Counted are offences of {join_words(list(own))} alone." if own else ""


def _part(store: Store) -> str:
    """Let the reader choose a part; it is in the link, so that a link opens the same part."""
    has_data, who = _has_offences(store), sign_in.viewer()
    open_to = [name for name, (_, act) in _PARTS.items() if may(who, act)]
    if st.session_state.get("data-part") not in open_to:
        linked = st.query_params.get("part", "")
        if linked in _PARTS and linked not in open_to and "data-part" not in st.session_state:
            said.refused(*_why_not(who, linked))
        st.session_state["data-part"] = linked if linked in open_to else REPORT if has_data or IMPORT not in open_to else IMPORT
    if not has_data:
        with said.sentences_for_faults():
            cached.refuse_lost(store)
    if not has_data and may(who, IMPORT_DATA):
        left, _ = st.columns([1, 3])
        if left.button("Make the demonstration data"):
            page.make_demo()
    part = st.segmented_control("Part of the page", open_to, key="data-part", required=True, label_visibility="collapsed")
    assert part is not None  # required=True
    links.keep("part", part)
    return part


def _why_not(who: Viewer, part: str) -> tuple[str, ...]:
    """Say which role a part of the page needs."""
    try:
        require(who, _PARTS[part][1])
    except NotAllowed as refusal:
        return (str(refusal),)
    return ()
