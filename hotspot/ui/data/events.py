"""The Events part: days that a reader of a trend should know, added, changed, removed and imported."""

from __future__ import annotations

from datetime import date

import streamlit as st

from hotspot.geography import LPA
from hotspot.offences.store import Store
from hotspot.records.database import Database, open_database
from hotspot.records.events import (
    LONGEST_LABEL,
    Event,
    add_event,
    change_event,
    groups,
    import_events,
    kept_events,
    remove_event,
)
from hotspot.ui import cached, page, sign_in
from hotspot.ui.data import said, uploads

SLOT = "events"
NEW, EVERYWHERE, EVERY_TYPE = "A new event", "Whole force", "All crime types"
KEPT = "The events are unchanged."
_FIRST, _LAST = date(1990, 1, 1), date(2200, 12, 31)


def show(store: Store) -> None:
    """Draw the events and the ways to change them."""
    database, lpas = open_database(), lpas_of(store)
    left, right = st.columns([1.3, 1], gap="medium")
    events: tuple[Event, ...] | None = None
    with left:
        page.section("Events", "Marked on every trend by month, and named where Compare crosses them.")
        with said.sentences_for_faults(KEPT):
            events = kept_events(database, viewer=sign_in.viewer())
            _table(events)
    with right:
        # The form stands there also while the records are away: what was typed in it stays.
        _edit(database, events, lpas)
        _import(database, lpas)


def lpas_of(store: Store) -> tuple[str, ...]:
    """Give the names that an event's LPA may have; none where no boundaries are loaded."""
    if not store.exists:
        return ()
    forces = [one.name for one in store.forces if LPA in store.levels_of(one.name)]
    return tuple(dict.fromkeys(name for force in forces for name in store.areas(LPA, force=force, scope=cached.scope()).names))


def _table(events: tuple[Event, ...]) -> None:
    if not events:
        said.note("None yet. Add a day that explains a trend: a pilot's start, a change of recording, an early release.")
    else:
        rows = [
            (f"{one.day:%-d %B %Y}", one.label, one.lpa or EVERYWHERE, one.crime_group or EVERY_TYPE) for one in reversed(events)
        ]
        said.table({"Date": "", "Label": "", "LPA": "m", "Crime group": "m"}, rows)
    said.note(
        "The breaks of April 2017 and April 2023 are built in. An event does not move limits or verdicts: it is said, not tested."
    )


def _edit(database: Database, events: tuple[Event, ...] | None, lpas: tuple[str, ...]) -> None:
    """Draw the form of an event; where the events cannot be read (None) the page has said so, and nothing is kept."""
    by_number = {one.number: one for one in reversed(events or ())}
    number = st.selectbox(
        "Event",
        [0, *by_number],
        format_func=lambda one: NEW if one == 0 else f"{by_number[one].day:%-d %B %Y}: {by_number[one].label}",
        key="data-event-which",
    )
    present = by_number.get(number)
    round_key = f"{number}-{present.revision if present else st.session_state.get('data-event-round', 0)}"
    with st.form(f"data-event-{round_key}", border=False):
        event = _fields(present, lpas, round_key)
        save, away = st.columns(2)
        is_saved = save.form_submit_button("Keep the change" if present else "Add the event", type="primary", width="stretch")
        is_removed = present is not None and away.form_submit_button("Remove the event", width="stretch")
    if events is None:
        return
    with said.sentences_for_faults(KEPT):
        if is_removed:
            gone = remove_event(database, number, viewer=sign_in.viewer())
            st.session_state.pop("data-event-which", None)
            said.done(f"Removed: {gone.label}, {gone.day:%-d %B %Y}.", change="events")
        if is_saved:
            keep = change_event if present else add_event
            kept = keep(database, event, lpas=lpas, viewer=sign_in.viewer())
            st.session_state["data-event-round"] = st.session_state.get("data-event-round", 0) + 1
            said.done(f"Kept: {kept.label}, {kept.day:%-d %B %Y}.", change="events")


def _fields(present: Event | None, lpas: tuple[str, ...], key: str) -> Event:
    start = present or Event(date.today(), "")
    day_box, label_box = st.columns([1, 1.8])
    day = day_box.date_input(
        "Date", start.day, min_value=_FIRST, max_value=_LAST, format="DD/MM/YYYY", key=f"data-event-day-{key}"
    )
    label = label_box.text_input("Label", start.label, max_chars=LONGEST_LABEL, key=f"data-event-label-{key}", autocomplete="off")
    lpa_box, group_box = st.columns(2)
    lpa = _choice(lpa_box, "LPA", EVERYWHERE, lpas, start.lpa, key=f"data-event-lpa-{key}")
    group = _choice(group_box, "Crime group", EVERY_TYPE, groups(), start.crime_group, key=f"data-event-group-{key}")
    return Event(day, label, lpa, group, start.number, start.revision)


def _choice(
    box: st.delta_generator.DeltaGenerator, label: str, all_of: str, names: tuple[str, ...], present: str, *, key: str
) -> str:
    options = ["", *names] if present in ("", *names) else ["", *names, present]
    return box.selectbox(label, options, index=options.index(present), format_func=lambda one: one or all_of, key=key)


def _import(database: Database, lpas: tuple[str, ...]) -> None:
    upload = st.file_uploader("Or a CSV with date, label, lpa, crime_group", type=["csv"], key=uploads.box_key(SLOT))
    held = uploads.staged(upload, slot=SLOT)
    if held is None or not st.button("Import the events", type="primary", key="data-events-import"):
        return
    with said.sentences_for_faults(KEPT):
        added, known = import_events(database, held.path, lpas=lpas, viewer=sign_in.viewer())
        uploads.forget(SLOT)
        more = f" {said.counted(known, 'row')} {'was' if known == 1 else 'were'} known already." if known else ""
        said.done(f"{said.counted(added, 'event')} added.{more}", change="events")
