"""Parts of the Compare page: what to compare with, and how to look at it."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hotspot.findings.compare import CompareFinding
from hotspot.findings.overview import compared_periods
from hotspot.offences.store import DataFacts
from hotspot.period import Period, baselines
from hotspot.selection import Selection
from hotspot.ui import cached, links, page

CUSTOM = "Dates of my choice"
CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE = "Change", "Swipe", "Side by side", "Difference"
VIEWS = (CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE)


def against(chosen: Selection) -> tuple[Selection, Period, bool]:
    """Draw what the period is compared with.

    Returns
    -------
    tuple
        The selection (in the latest month, where the chosen period has nothing earlier to be compared with), the
        baseline, and whether the table is by area.
    """
    facts = cached.store().facts(chosen.source, chosen.force)
    stored = links.setting("against", "", read=lambda text: Period.parse(text).iso)
    pair = compared_periods(chosen, facts)
    if not stored and pair is not None and not _usual(chosen, facts):
        st.session_state["compare-moved"] = chosen.period.label()
        chosen = chosen.with_period(pair[0])
    else:
        st.session_state.pop("compare-moved", None)
    usual = _usual(chosen, facts)
    with st.sidebar:
        options = [*usual, CUSTOM]
        if st.session_state.get("widget-against-kind") not in options:
            named = next((name for name, period in usual.items() if period.iso == stored), None)
            st.session_state["widget-against-kind"] = named or (CUSTOM if stored else options[0])
        kind = st.selectbox("Compared with", options, key="widget-against-kind")
        baseline = usual[kind] if kind in usual else _custom(chosen, stored)
    if not st.session_state.get("compare-moved"):
        links.keep("against", baseline.iso)
    _stop_before_the_data(chosen, baseline, facts)
    return chosen, baseline, chosen.drawn is None


def _usual(chosen: Selection, facts: DataFacts) -> dict[str, Period]:
    return {
        name: period
        for name, period in baselines(chosen.period).items()
        if period.start >= facts.first_day and period.end <= chosen.period.start
    }


def _stop_before_the_data(chosen: Selection, baseline: Period, facts: DataFacts) -> None:
    """Say so, instead of a rise from nothing, where the baseline lies wholly before the data."""
    if baseline.end > facts.first_day:
        return
    page.header(
        chosen.title(),
        "Nothing earlier is loaded to compare with",
        f"The data cover {Period(facts.first_day, facts.end).label_in_days()}; {baseline.label_in_days()} lies before them.",
    )
    st.html('<p class="hs-refused">Choose a shorter period, or another one to compare with, in the sidebar.</p>')
    st.stop()


def moved() -> tuple[str, ...]:
    """Say so where the chosen period was left for one that can be compared."""
    label = st.session_state.get("compare-moved")
    return (f"{label} cannot be compared with anything earlier, so the latest month is shown.",) if label else ()


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
    return (
        links.widget(
            st.segmented_control, "View", name="view", default=CHANGE, read=str, options=list(VIEWS), label_visibility="collapsed"
        )
        or CHANGE
    )


def kicker(finding: CompareFinding) -> str:
    """Say both periods in words."""
    selection, earlier = finding.selected.selection, finding.baseline.selection.period
    label = earlier.label() if selection.period.is_whole_months and earlier.is_whole_months else earlier.label_in_days()
    return f"{selection.title()}, against {label}, per day"


def sides(kind: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Give where map and table stand: beside each other, or, where two maps need the width, the table below."""
    if kind == SIDE_BY_SIDE:
        return st.container(), st.container()
    map_side, table_side = st.columns([1, 1.2], gap="medium")
    return map_side, table_side


def remarks(data: cached.DataKey, finding: CompareFinding, kind: str) -> tuple[str, ...]:
    """Say what of the map was tested, and together with what."""
    if kind != CHANGE:
        return ("The picture itself is not tested; the table and the Change view are.",)
    change = cached.change_map(data, finding.selected.selection, finding.baseline.selection.period)
    return (f"On the map: {change.family}",) if change is not None else ()
