"""Parts of the Compare page: what to compare with, and how to look at it."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hotspot.findings.compare import CompareFinding
from hotspot.period import Period, baselines
from hotspot.selection import Selection
from hotspot.ui import cached, controls

CUSTOM = "Dates of my choice"
CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE = "Change", "Swipe", "Side by side", "Difference"
VIEWS = (CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE)


def against(chosen: Selection) -> tuple[Period, bool]:
    """Draw what the period is compared with; give the baseline, and whether the table is by area."""
    facts = cached.store().facts(chosen.source, chosen.force)
    usual = {
        name: period
        for name, period in baselines(chosen.period).items()
        if period.start >= facts.first_day and period.end <= chosen.period.start
    }
    stored = controls.setting("against", "", read=lambda text: Period.parse(text).iso)
    with st.sidebar:
        if "widget-against-kind" not in st.session_state:
            named = next((name for name, period in usual.items() if period.iso == stored), None)
            st.session_state["widget-against-kind"] = named or (CUSTOM if stored else next(iter(usual), CUSTOM))
        options = [*usual, CUSTOM]
        if st.session_state["widget-against-kind"] not in options:
            st.session_state["widget-against-kind"] = options[0]
        kind = st.selectbox("Compared with", options, key="widget-against-kind")
        baseline = usual[kind] if kind in usual else _custom(chosen, stored)
    controls.keep("against", baseline.iso)
    return baseline, chosen.drawn is None


def _custom(chosen: Selection, stored: str) -> Period:
    key = "widget-against-dates"
    if key not in st.session_state:
        start = Period.parse(stored) if stored else chosen.period.previous()
        st.session_state[key] = (start.start, start.last_day)
    picked = st.date_input("First and last day compared with", key=key, format="DD/MM/YYYY")
    if not isinstance(picked, tuple) or len(picked) != 2:
        return chosen.period.previous()
    return Period(picked[0], picked[1] + timedelta(days=1))


def view() -> str:
    """Draw how to look at the two periods."""
    return controls.widget(
        st.segmented_control, "View", name="view", default=CHANGE, read=str, options=list(VIEWS), label_visibility="collapsed"
    ) or CHANGE


def kicker(finding: CompareFinding) -> str:
    """Say both periods in words."""
    selection, earlier = finding.selected.selection, finding.baseline.selection.period
    label = earlier.label() if selection.period.is_whole_months and earlier.is_whole_months else earlier.label_in_days()
    return f"{selection.title()}, against {label}, per day"


def sides(kind: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Give where map and table stand: beside each other, or, where two maps need the width, the table below."""
    if kind == SIDE_BY_SIDE:
        return st.container(), st.container()
    map_side, table_side = st.columns([1, 1.12], gap="medium")
    return map_side, table_side


def remarks(data: cached.DataKey, finding: CompareFinding, kind: str) -> tuple[str, ...]:
    """Say what of the map was tested, and together with what."""
    if kind != CHANGE:
        return ("The picture itself is not tested; the table and the Change view are.",)
    change = cached.change_map(data, finding.selected.selection, finding.baseline.selection.period)
    return (f"On the map: {change.family}",) if change is not None else ()
