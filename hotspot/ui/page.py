"""What every page shares: header, title in words, counts, footer, and what stands there when there is nothing to show."""

from __future__ import annotations

import html
import logging
import uuid
from datetime import date, timedelta

import streamlit as st

from hotspot import paths
from hotspot.errors import HotspotError, NotKnowable
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import STANDING_NOTE, quantity
from hotspot.offences.store import Store
from hotspot.ui import cached

NO_STORE = "No offences are loaded yet"
_log = logging.getLogger("hotspot")


def run(current: st.Page) -> None:
    """Draw a page; whatever goes wrong ends as one sentence, never as a traceback."""
    try:
        store = cached.store()
        _bar(store)
        if not (store.exists and store.data_sets) and current.url_path != "data":
            _offer(current.title)
            return
        current.run()
    except NotKnowable as refusal:
        _refused(str(refusal))
    except HotspotError as fault:
        for sentence in str(fault).splitlines():
            st.html(f'<p class="hs-refused" role="alert">{html.escape(sentence)}</p>')
    except Exception:
        reference = uuid.uuid4().hex[:8]
        _log.exception("page %s failed, reference %s", current.url_path, reference)
        st.html(
            f'<p class="hs-refused" role="alert">This page could not be drawn. Nothing was changed. Give the reference '
            f"{reference} to the person who looks after this server: the log says what happened.</p>"
        )


def _refused(message: str) -> None:
    first, *rest = message.split("\n")
    body = " ".join(rest)
    title = f'<h1 class="hs-headline">{html.escape(first)}</h1>' if rest else ""
    st.html(f'{title}<p class="hs-refused" role="alert">{html.escape(body or first)}</p>')


def _bar(store: Store) -> None:
    """Draw the right end of the header bar: synthetic mark, as-at date, marking."""
    if not (store.exists and store.data_sets):
        return
    facts = [store.facts(source, force) for source, force in store.data_sets]
    as_at = max(fact.end for fact in facts)
    marking = max((fact.marking for fact in facts), key=len)
    synthetic = '<span class="hs-synthetic">SYNTHETIC DATA</span>' if any(fact.synthetic for fact in facts) else ""
    st.html(f'<div class="hs-bar">{synthetic}<span>offences to {last_day_words(as_at)}</span><b>{marking}</b></div>')


def last_day_words(end: date) -> str:
    """Say the last day before ``end`` in words."""
    day = end - timedelta(days=1)
    return f"{day.day} {day:%B %Y}"


def header(kicker: str, headline: str, subline: str = "") -> None:
    """Say what is shown, then the finding, then N and the interval."""
    st.html(
        f'<div class="hs-kicker">{html.escape(kicker)}</div><h1 class="hs-headline">{html.escape(headline)}</h1>'
        f'<div class="hs-subline">{html.escape(subline)}</div>'
    )


def section(title: str, note: str = "") -> None:
    """Head a section of a page."""
    under = f'<div class="hs-note">{html.escape(note)}</div>' if note else ""
    st.html(f'<h2 class="hs-section">{html.escape(title)}</h2>{under}')


def warnings(sentences: tuple[str, ...]) -> None:
    """Show cautions, one line each."""
    for sentence in sentences:
        st.html(f'<div class="hs-warning">{html.escape(sentence)}</div>')


def counts(selected: SelectedOffences) -> str:
    """Say N used, excluded, without location: the words every footer begins with."""
    facts = selected.facts
    excluded = sum(facts.excluded.values())
    parts = [
        f"{quantity(selected.count)} offences used",
        f"{excluded:,} rows excluded on import" if excluded else "0 excluded",
        f"{selected.without_location:,} without location",
    ]
    if selected.unusable:
        parts.append(f"{selected.unusable:,} with a location unusable")
    if selected.outside_lpas:
        parts.append(f"{selected.outside_lpas:,} outside the LPAs")
    precision = {"month": "month precision", "day": "day precision"}.get(facts.time_precision)
    if precision:
        parts.append(precision)
    if facts.location_precision == "snapped":
        parts.append("locations snapped to streets")
    return " · ".join(parts)


def footer(selected: SelectedOffences, *remarks: str) -> None:
    """Close a page: counts, source, standing note, licence, marking."""
    facts = selected.facts
    source = "synthetic demonstration data" if facts.synthetic else facts.source
    words = [f"{counts(selected)}.", *remarks, f"Source: {source}.", STANDING_NOTE]
    if selected.force.licence:
        words.append(f"{selected.force.licence}.")
    st.html(f'<div class="hs-footer">{html.escape(" ".join(words))} <b>{facts.marking}</b></div>')


def _offer(title: str) -> None:
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
    write_demo(paths.store_folder(), progress=lambda share, words: bar.progress(min(share, 1.0), words))
    st.rerun()
