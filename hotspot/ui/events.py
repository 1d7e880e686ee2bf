"""Events on the pages: read from the records, marked on trends, named where two periods are compared."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from datetime import date

import streamlit as st

from hotspot.errors import HotspotError
from hotspot.findings import events as findings
from hotspot.findings.events import Marks
from hotspot.period import Break, Period
from hotspot.records.database import open_database
from hotspot.records.events import Event, kept_events
from hotspot.selection import Selection
from hotspot.ui import sign_in


def marks(selection: Selection, *, groups: Collection[str], breaks: Sequence[Break] | None = None) -> Marks:
    """Give the breaks and events that a chart of a selection marks."""
    return findings.marks(_kept(), selection, groups=groups, breaks=breaks)


def between(selection: Selection, baseline: Period) -> tuple[str, ...]:
    """Say which events lie between two compared periods or in them."""
    return findings.between(_kept(), selection, baseline)


def told(found: Marks, first: date, last: date) -> None:
    """Say under a chart what it marks."""
    sentence = found.sentence(first, last)
    if sentence:
        st.html(f'<div class="hs-note">{html.escape(sentence)}</div>')


def _kept() -> tuple[Event, ...]:
    """Give the events; where the records cannot be read a trend is drawn without them, and says so."""
    try:
        return kept_events(open_database(), viewer=sign_in.viewer())
    except HotspotError as fault:
        st.html(f'<div class="hs-note">Events are not shown. {html.escape(str(fault))}</div>')
        return ()
