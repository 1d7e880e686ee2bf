"""What every page shares: header, title in words, counts, footer, and what stands there when there is nothing to show."""

from __future__ import annotations

import html
import logging
import uuid
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hotspot import paths, system_faults
from hotspot.errors import HotspotError, NotKnowable, StoreError
from hotspot.findings.counted import counted_words
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import STANDING_NOTE
from hotspot.offences.store import Store
from hotspot.records import audit, audit_acts
from hotspot.selection import Selection
from hotspot.ui import audited, cached, controls, heaps, jobs, links, pin, sign_in, unmask
from hotspot.viewer import IMPORT, may

NO_STORE = "No offences are loaded yet"
_log = logging.getLogger("hotspot")


def run(current: st.Page) -> None:
    """Draw a page; whatever goes wrong ends as one sentence, never as a traceback."""
    bar = st.empty()
    st.session_state["page-headed"] = False
    told = st.container()
    links.begin_page(current.url_path)
    unmask.begin_page(current.url_path)
    jobs.begin_run()
    try:
        if not _drawn(current, bar, told):
            return
    except HotspotError as fault:
        _failed(current.title, str(fault))
    except Exception as fault:
        reference = uuid.uuid4().hex[:8]
        _log.exception("page %s failed, reference %s", current.url_path, reference)
        sentence = system_faults.refused(fault) or "This page could not be drawn. Nothing was changed."
        _failed(
            current.title,
            f"{sentence} Give the reference {reference} to the person who looks after this server: the log says what happened.",
        )
    jobs.end_run()
    links.end_page()  # not reached by a run that asks for another: its link would be taken for the back button
    heaps.give_back()


def _drawn(current: st.Page, bar: DeltaGenerator, told: DeltaGenerator) -> bool:
    """Draw a page's own part; False where there is no store, and one is offered."""
    store = cached.store()
    if not (store.exists and store.data_sets) and current.url_path not in ("data", "audit"):
        if lost := cached.lost_words(store):
            raise StoreError(lost)
        _offer(current.title)
        return False
    audit_acts.refuse_unaudited(audit.VIEW)
    _bar(bar, store)
    try:
        # However much a page draws, what follows keeps its place: the browser would make it anew, closed and without the focus.
        with st.container(key="page-body"):
            current.run()
        _bar(bar, store)
        pin.offer(current.url_path, told)
        audited.seen(current.url_path)
    except NotKnowable as refusal:
        refused(refusal)
        _source_line()
    return True


def _failed(title: str, sentences: str) -> None:
    """Say why a page could not be drawn."""
    if not st.session_state["page-headed"]:
        header(title, "This cannot be shown")
    for sentence in sentences.splitlines():
        st.html(f'<p class="hs-refused" role="alert">{html.escape(sentence)}</p>')


def refused(refusal: NotKnowable) -> None:
    """Say what cannot be known and why, then offer what can be shown."""
    st.session_state["page-headed"] = True
    chosen = st.session_state.get("selection")
    kicker = f'<div class="hs-kicker">{html.escape(chosen.title())}</div>' if chosen is not None else ""
    st.html(
        f'{kicker}<h1 class="hs-headline">{html.escape(refusal.headline)}</h1>'
        f'<p class="hs-refused" role="alert">{html.escape(str(refusal))}</p>'
    )
    if chosen is None:
        return
    plain = replace(chosen, weekdays=(), hours=None, flags=())
    offers = [
        link(words, plain, page=path) for words, path in (("Where the offences were", "density"), ("What changed", "compare"))
    ]
    st.html(f'<p class="hs-note">What these data can show: {" · ".join(offers)}</p>')


def _source_line() -> None:
    """Close a page that could not be drawn."""
    chosen = st.session_state.get("selection")
    if chosen is None:
        return
    facts = cached.facts(chosen.source, chosen.force)
    st.html(f'<div class="hs-footer">Source: {html.escape(facts.source)}. {STANDING_NOTE} <b>{facts.marking}</b></div>')


def link(words: str, selection: Selection, *, page: str = "") -> str:
    """Write a link to a selection, on this page or another."""
    return f'<a href="{page}?{html.escape(urlencode(selection.to_query()))}" target="_self">{html.escape(words)}</a>'


def offer_nearest(selected: SelectedOffences) -> None:
    """Where a selection is empty, say so and offer the nearest one that has data."""
    if selected.count:
        return
    data = selected.covered
    wider = replace(selected.selection, period=data, area=None, drawn=None, weekdays=(), hours=None, flags=())
    whole = "all your LPAs" if selected.selection.within else "the whole force"
    st.html(
        '<p class="hs-refused">No offence of this type lies in this area and period. '
        f"The data cover {html.escape(data.label_in_days())}. "
        f"{link(f'Show {whole} over all the data', wider)}</p>"
    )


def _bar(place: DeltaGenerator, store: Store) -> None:
    """Draw the right end of the header bar: synthetic mark, as-at date, marking, of the data that are shown.

    It is drawn before the page, so that no page stands unmarked while it is computed, and again after it, in case
    the reader chose other data.
    """
    if not (store.exists and store.data_sets):
        return
    chosen = st.session_state.get("selection")
    names = [name for name in store.data_sets if chosen is None or name == (chosen.source, chosen.force)] or store.data_sets
    facts = [cached.facts(*name) for name in names]
    as_at = max(fact.end for fact in facts)
    marking = max((fact.marking for fact in facts), key=len)
    synthetic = '<span class="hs-synthetic">SYNTHETIC DATA</span>' if any(fact.synthetic for fact in facts) else ""
    place.html(
        f'<div class="hs-bar">{sign_in.bar()}{synthetic}<span>offences to {last_day_words(as_at)}</span><b>{marking}</b></div>'
    )


def last_day_words(end: date) -> str:
    """Say the last day before ``end`` in words."""
    day = end - timedelta(days=1)
    return f"{day.day} {day:%B %Y}"


def header(kicker: str, headline: str, subline: str = "") -> None:
    """Say what is shown, then the finding, then N and the interval."""
    st.session_state["page-headed"] = True
    # A status: whoever does not see the page hears the finding when a control has changed it.
    st.html(
        f'<div role="status"><div class="hs-kicker">{html.escape(kicker)}</div>'
        f'<h1 class="hs-headline">{html.escape(headline)}</h1><div class="hs-subline">{html.escape(subline)}</div></div>'
    )
    warnings(links.faults())


def second_line(sentence: str) -> None:
    """Say another measure in a line of its own, so that two are never mixed."""
    st.html(f'<div class="hs-subline">{html.escape(sentence)}</div>')


def section(title: str, note: str = "") -> None:
    """Head a section of a page."""
    under = f'<div class="hs-note">{html.escape(note)}</div>' if note else ""
    st.html(f'<h2 class="hs-section">{html.escape(title)}</h2>{under}')


def warnings(sentences: tuple[str, ...]) -> None:
    """Show cautions in one block, so that they leave the room to the map.

    Where there are none their place stays: the browser would make the map that follows anew.
    """
    place = st.empty()
    if sentences:
        place.html(f'<div class="hs-warning">{html.escape(" ".join(sentences))}</div>')


def method_notes(sentences: tuple[str, ...]) -> None:
    """Say how the figures were counted, in small type above the footer."""
    st.html(f'<div class="hs-note">{html.escape(" ".join(sentences))}</div>')


def footer(selected: SelectedOffences, *remarks: str) -> None:
    """Close a page: counts, source, standing note, licence, marking."""
    facts = selected.facts
    words = [
        f"{counted_words(selected, audience=controls.present_audience())}.",
        *remarks,
        f"Source: {facts.source_words}.",
        STANDING_NOTE,
    ]
    if selected.force.licence:
        words.append(f"{selected.force.licence}.")
    st.html(f'<div class="hs-footer">{html.escape(" ".join(words))} <b>{facts.marking}</b></div>')


def _offer(title: str) -> None:
    if not may(sign_in.viewer(), IMPORT):
        header(title, NO_STORE, "An administrator can import them.")
        return
    header(title, NO_STORE, "Make the demonstration data, or import offences on the Data page.")
    left, right, _ = st.columns([1, 1, 3])
    if left.button("Make the demonstration data", type="primary"):
        make_demo()
    if right.button("Import offences"):
        st.switch_page(paths.ROOT / "pages" / "assurance" / "data.py")


def make_demo() -> None:
    """Write the synthetic data into the store, showing progress."""
    from hotspot.offences.demo import write_demo

    bar = st.progress(0.0, "Making the demonstration data")
    write_demo(
        paths.store_folder(),
        progress=lambda share, words: bar.progress(min(share, 1.0), words),
        viewer=sign_in.viewer(),
    )
    audited.acted_and_said(audit.IMPORT, source="synthetic demonstration data")
    st.rerun()
