"""The Delete part: take one data set out of the store, confirmed by typing its name."""

from __future__ import annotations

import streamlit as st

from hotspot import paths
from hotspot.offences.store import DataSet, Store
from hotspot.offences.store_changes import delete_source
from hotspot.period import Period
from hotspot.records import audit
from hotspot.ui import audited, cached, page, sign_in
from hotspot.ui.data import said


def show(store: Store) -> None:
    """List the data sets; delete one when its name has been typed; offer the demonstration data."""
    sets = store.data_sets if store.exists else ()
    page.section("Delete a data set")
    if sets:
        _table(store, sets)
        _delete(store, sets)
    else:
        said.note("There is nothing to delete: no offences are loaded.")
        return
    page.section("Demonstration data", "Synthetic offences with known patterns, marked as synthetic on every page and export.")
    synthetic = any(cached.facts(*one).synthetic for one in sets)
    label = "Make the demonstration data anew" if synthetic else "Make the demonstration data"
    if st.button(label, key="data-make-demo"):
        page.make_demo()


def _table(store: Store, sets: tuple[DataSet, ...]) -> None:
    rows = []
    for one in sets:
        facts = cached.facts(*one)
        span = Period(facts.first_day, facts.end).label_in_days()
        rows.append(
            (one.source, one.force, sum(facts.crime_types.values()), span, "synthetic" if facts.synthetic else facts.marking)
        )
    said.table({"Source": "", "Force": "", "Offences": "r", "Dates": "", "Marking": "m"}, rows)


def _delete(store: Store, sets: tuple[DataSet, ...]) -> None:
    left, right, _ = st.columns([1, 1, 0.6], gap="medium", vertical_alignment="bottom")
    chosen = left.selectbox("Data set", sets, format_func=lambda one: f"{one.force}: {one.source}", key="data-delete-which")
    typed = right.text_input(
        "Type the name of its source to confirm", key=f"data-delete-typed-{chosen.force}-{chosen.source}", autocomplete="off"
    )
    count = sum(cached.facts(*chosen).crime_types.values())
    said.note(
        f"{said.counted(count, 'offence')} of {chosen.source} for {chosen.force} would be deleted. "
        "Other data sets and the boundaries stay."
    )
    if not st.button("Delete the data set", disabled=typed.strip() != chosen.source, key="data-delete-button"):
        return
    with said.sentences_for_faults(said.UNCHANGED):
        gone = delete_source(paths.store_folder(), chosen.source, force=chosen.force, viewer=sign_in.viewer())
        st.session_state.pop("data-delete-which", None)
        caution = audited.in_words(audit.DELETE, source=chosen.source, force=chosen.force, offences=gone)
        said.done(f"Deleted: {said.counted(gone, 'offence')} of {chosen.source} for {chosen.force}.{caution}")
