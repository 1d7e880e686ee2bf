"""The Evaluation page's sidebar: when it began, what it is compared with, and how the area came to be chosen."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from hotspot.errors import NotKnowable
from hotspot.findings.evaluation import WIDEST_RING, EvaluationFinding, long_baseline
from hotspot.findings.evaluation_periods import EvaluationSettings, is_possible, just_before, usual_start
from hotspot.methods.comparison_areas import RING
from hotspot.period import Period, add_months
from hotspot.selection import Selection
from hotspot.ui import cached, links, page

LAST_YEAR, PREVIOUS, LONG, CUSTOM = "Same months last year", "The period just before", "The year before", "Dates of my choice"
NOT_SAID, BY_BEFORE, IN_DATES = "Not because it was high", "The before period", "Other dates"
_NAMES = {"last-year": LAST_YEAR, "just-before": PREVIOUS, "year-before": LONG}
_BEFORE = "before"
_KEYS = ("widget-before-kind", "widget-before-dates", "widget-chosen-kind", "widget-chosen-dates")


def settings(chosen: Selection) -> EvaluationSettings:
    """Draw when it began, what it is compared with, the ring, and how the area was chosen."""
    facts = cached.facts(chosen.source, chosen.force)
    covered = Period(facts.first_day, facts.end)
    with st.sidebar:
        start = _start(chosen, covered)
        after = _after(chosen, start, covered)
        before = _before(after, start, covered)
        ring = links.widget(
            st.slider, "Displacement ring (m)", name="ring", default=int(RING), read=int, min_value=0, max_value=2_000, step=100
        )
        chosen_in = _chosen_in(before)
    return EvaluationSettings(start, before=before, after=after, ring=float(min(ring, WIDEST_RING)), chosen_in=chosen_in)


def _start(chosen: Selection, covered: Period) -> date:
    usual = usual_start(chosen.period, covered)
    start = links.widget(
        st.date_input,
        "Start",
        name="start",
        default=usual,
        read=date.fromisoformat,
        format="DD/MM/YYYY",
        help="First day of what was done. The period after is the period above, from this day on.",
    )
    return start if isinstance(start, date) else usual


def _after(chosen: Selection, start: date, covered: Period) -> Period:
    if start >= covered.end:
        raise NotKnowable(
            f"The data end on {page.last_day_words(covered.end)}; what was done began on {start.day} {start:%B %Y}. "
            "Load later offences, or set an earlier start.",
            headline="The data hold nothing after the start yet",
        )
    if start >= chosen.period.end:
        raise NotKnowable(
            f"The start, {start.day} {start:%B %Y}, lies after the period {chosen.period.label_in_days()}. "
            "Choose a later period in the sidebar, or an earlier start.",
            headline="Nothing after the start is shown",
        )
    return Period(max(start, chosen.period.start), chosen.period.end)


def _before(after: Period, start: date, covered: Period) -> Period:
    """Draw the period before: the first of the usual ones that the data can answer, unless another is chosen."""
    usual = {LAST_YEAR: after.shifted(-12), PREVIOUS: just_before(after, start), LONG: Period(add_months(start, -12), start)}
    stored = links.setting("before", "", read=_known_before)
    key = "widget-before-kind"
    if st.session_state.get(key) not in (*usual, CUSTOM):
        named = _NAMES.get(stored) or next((name for name, period in usual.items() if period.iso == stored), None)
        possible = next((name for name, period in usual.items() if is_possible(period, start, covered)), LAST_YEAR)
        st.session_state[key] = named or (CUSTOM if stored else possible)
    kind = st.selectbox("Compared with", [*usual, CUSTOM], key=key)
    if kind in usual:
        links.keep("before", next(name for name, words in _NAMES.items() if words == kind))
        return usual[kind]
    first = usual[LAST_YEAR] if stored in ("", *_NAMES) else Period.parse(stored)
    before = _dates("First and last day before", "widget-before-dates", first)
    links.keep("before", before.iso)
    return before


def _known_before(text: str) -> str:
    return text if text in ("", *_NAMES) else Period.parse(text).iso


def _chosen_in(before: Period) -> Period | None:
    """Draw in which period the area's count had it chosen: such an area falls by itself."""
    stored = links.setting("chosen", "", read=lambda text: text if text in ("", _BEFORE) else Period.parse(text).iso)
    key = "widget-chosen-kind"
    if key not in st.session_state:
        st.session_state[key] = {"": NOT_SAID, _BEFORE: BY_BEFORE}.get(stored, IN_DATES)
    kind = st.selectbox("Chosen because it was high in", [NOT_SAID, BY_BEFORE, IN_DATES], key=key)
    if kind != IN_DATES:
        links.keep("chosen", _BEFORE if kind == BY_BEFORE else "")
        return before if kind == BY_BEFORE else None
    picked = _dates("First and last day it was high in", "widget-chosen-dates", _read(stored) or before)
    links.keep("chosen", picked.iso)
    return picked


def _read(stored: str) -> Period | None:
    return None if stored in ("", _BEFORE) else Period.parse(stored)


def _dates(label: str, key: str, first: Period) -> Period:
    if key not in st.session_state:
        st.session_state[key] = (first.start, first.last_day)
    picked = st.date_input(label, key=key, format="DD/MM/YYYY")
    if not isinstance(picked, tuple) or len(picked) != 2:
        return first
    return Period(picked[0], picked[1] + timedelta(days=1))


def offer_baseline(finding: EvaluationFinding) -> None:
    """Where the before period had the area chosen, offer the year before that in its place."""
    baseline, chosen = long_baseline(finding), finding.settings.chosen_in
    if finding.overlaps_choice and baseline is not None and chosen is not None:
        st.button(f"Compare with {baseline.label()}", key="evaluation-baseline", on_click=_take, args=(baseline, chosen))


def _take(baseline: Period, chosen: Period) -> None:
    st.session_state.setdefault("settings", {}).update({"before": baseline.iso, "chosen": chosen.iso})
    for key in _KEYS:
        st.session_state.pop(key, None)
