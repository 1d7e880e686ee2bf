"""Parts of the Compare page: what to compare with, and how to look at it."""

from __future__ import annotations

import html
from datetime import timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hotspot.errors import NotKnowable
from hotspot.findings.audience import FORCE
from hotspot.findings.change_units import (
    CELLS,
    DISCS,
    SIZE,
    UnitChangeFinding,
    shown_categories,
    unit_change_finding,
    units_on,
)
from hotspot.findings.compare import CompareFinding
from hotspot.findings.overview import compared_periods, usual_baselines
from hotspot.findings.s_index import WEAKNESS, SIndexFinding, s_index_finding
from hotspot.maps import scenes
from hotspot.maps.scene import Scene
from hotspot.maps.scenes import CompareView
from hotspot.methods.units import SQUARES, Units
from hotspot.offences.store import DataFacts, Store
from hotspot.period import Period
from hotspot.selection import Selection
from hotspot.ui import cached, controls, links, page
from hotspot.ui.keeping import kept

CUSTOM = "Dates of my choice"
CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE, RELATIVE = "Change", "Swipe", "Side by side", "Difference", "Relative risk"
VIEWS = (CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE, RELATIVE)


def against(chosen: Selection) -> tuple[Selection, Period, bool]:
    """Draw what the period is compared with.

    Returns
    -------
    tuple
        The selection (in the latest month, where the chosen period has nothing earlier to be compared with), the
        baseline, and whether the table is by area.
    """
    facts = cached.facts(chosen.source, chosen.force)
    stored = links.setting("against", "", read=lambda text: Period.parse(text).iso)
    pair = compared_periods(chosen, facts)
    if not stored and pair is not None and not usual_baselines(chosen, facts):
        st.session_state["compare-moved"] = chosen.period.label()
        chosen = chosen.with_period(pair[0])
    else:
        st.session_state.pop("compare-moved", None)
    usual = usual_baselines(chosen, facts)
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


def sides(kind: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Give where map and table stand: beside each other, or, where two maps need the width, the table below."""
    if kind == SIDE_BY_SIDE:
        return st.container(), st.container()
    map_side, table_side = st.columns([1, 1.2], gap="medium")
    return map_side, table_side


def map_units(chosen: Selection) -> None:
    """Draw on what the change is mapped: discs, squares, hexagons, or the areas of any level of the store."""
    levels = cached.store().levels_of(chosen.force, scope=cached.scope())
    if not levels:
        return
    options = [DISCS, *CELLS, *levels]
    if st.session_state.get("widget-on", DISCS) not in options:
        # Chosen for another force, which has other levels.
        st.session_state["widget-on"] = DISCS
    with st.sidebar:
        on = links.widget(st.selectbox, "Map of change on", name="on", default=DISCS, read=str, options=options)
        if on in CELLS:
            links.widget(
                st.select_slider,
                "Size of a unit (metres)",
                name="size",
                default=int(SIZE),
                read=int,
                options=[250, 500, 750, 1_000, 1_500, 2_000, 3_000],
                help="Side of a square, width of a hexagon.",
            )


def in_units(data: cached.DataKey, finding: CompareFinding) -> UnitChangeFinding | None:
    """Give the change in the chosen units; None where the map is of discs, or there is nothing to lay units in."""
    on = links.setting("on", DISCS, read=str)
    selected = finding.selected
    if on == DISCS or selected.area is None:
        return None
    return _unit_changes(data, selected.selection, finding.baseline.selection.period, on, _size(on))


def _size(on: str) -> float:
    return float(links.setting("size", int(SIZE), read=int)) if on in CELLS else SIZE


@kept
def _units(data: cached.DataKey, selection: Selection, on: str, size: float) -> Units:
    return units_on(Store(data.folder), cached.select(data, selection), on=on, size=size)


@kept
def _unit_changes(data: cached.DataKey, selection: Selection, baseline: Period, on: str, size: float) -> UnitChangeFinding:
    now, before = cached.select(data, selection), cached.select(data, selection.with_period(baseline))
    positions = cached.monthly_positions(data, selection)
    return unit_change_finding(now, before, _units(data, selection, on, size), positions=positions)


@kept
def _likeness(data: cached.DataKey, selection: Selection, baseline: Period, on: str, size: float) -> SIndexFinding:
    now, before = cached.select(data, selection), cached.select(data, selection.with_period(baseline))
    return s_index_finding(before, now, _units(data, selection, on, size))


def change_scene(view: CompareView, found: UnitChangeFinding | None, *, audience: str) -> tuple[Scene, str]:
    """Give the map of change, in units where it is of units, and the title of its legend."""
    if found is None:
        return view.change_scene, scenes.CHANGE_TITLE
    category = shown_categories(found.changes, audience=audience)
    return scenes.unit_change_scene(view, found.changes.units, category), scenes.unit_change_title(found.changes.units)


def likeness(data: cached.DataKey, finding: CompareFinding) -> None:
    """Say whether the offences of the two periods lie in the same places, over the map's units, or squares for discs."""
    if finding.selected.area is None:
        return
    on = links.setting("on", DISCS, read=str)
    on = SQUARES if on == DISCS else on
    try:
        sentence = _likeness(data, finding.selected.selection, finding.baseline.selection.period, on, _size(on)).sentence
    except NotKnowable as refusal:
        sentence = str(refusal)
    found = in_units(data, finding)
    change = f"{found.headline}. " if found is not None and controls.present_audience() == FORCE else ""
    words = html.escape(f"{change}Same places? {sentence}")
    st.html(f'<div class="hs-note" title="{html.escape(WEAKNESS)}">{words}</div>')


def remarks(data: cached.DataKey, finding: CompareFinding, kind: str) -> tuple[str, ...]:
    """Say what of the map was tested, and together with what."""
    if kind != CHANGE:
        return ("The picture itself is not tested; the table and the Change view are.",)
    found = in_units(data, finding)
    if found is not None:
        left_off = found.left_off if controls.present_audience() == FORCE else ()
        return (f"On the map: {found.changes.family}", *left_off, *found.notes)
    change = cached.change_map(data, finding.selected.selection, finding.baseline.selection.period)
    return (f"On the map: {change.family}",) if change is not None else ()
