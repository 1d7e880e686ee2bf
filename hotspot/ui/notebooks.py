"""Parts of the Notebook page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from hotspot.export import cards
from hotspot.export.card_disclosure import together
from hotspot.export.cards import CardContent
from hotspot.export.jupyter import notebook_json
from hotspot.findings.audience import read_audience
from hotspot.findings.words import STANDING_NOTE, number_word
from hotspot.records import audit, audit_acts, notebooks
from hotspot.records.database import open_database
from hotspot.records.notebooks import KeptCard, ListedNotebook
from hotspot.ui import audited, cached, controls, downloads, links, notebook_card, page, sign_in
from hotspot.ui.notebook_told import faults_told, say_done, tell

_CHOICE = "widget-notebook"


def show() -> None:
    """Draw the page."""
    _take_audience()
    listed = notebooks.notebooks(open_database(), viewer=sign_in.viewer())
    chosen = _chosen(listed)
    if chosen is None:
        page.header(
            "Notebook",
            "Nothing is pinned yet",
            "Pin keeps the view of any page here: picture, figures, note, parameters.",
        )
        _new()
        return
    kept = notebooks.cards(open_database(), chosen.name, viewer=sign_in.viewer())
    count = f"{number_word(len(kept))} card{'' if len(kept) == 1 else 's'}"
    when = f"Changed {chosen.changed.day} {chosen.changed:%B %Y at %H:%M}."
    page.header("Notebook of findings", f"{chosen.name}: {count}", f"{when} The link of this page opens it again.")
    say_done()
    hidden(chosen)
    if not kept and not chosen.hidden:
        st.html('<p class="hs-note">This notebook is empty. Pin on any page that shows a finding keeps it here.</p>')
    contents = [cards.from_record(one.record) for one in kept]
    fits = together(contents, audience=controls.present_audience())
    for place, (one, content, is_shown) in enumerate(zip(kept, contents, fits, strict=True)):
        notebook_card.show(one, content, place, len(kept), is_shown=is_shown)
    _foot([(one, content) for one, content, is_shown in zip(kept, contents, fits, strict=True) if is_shown])


def hidden(listed: ListedNotebook) -> None:
    """Say where the reader does not see all of a notebook."""
    if words := notebooks.hidden_words(listed.hidden):
        st.html(f'<p class="hs-warning">This notebook also holds {html.escape(words)} They are not shown here.</p>')


def _take_audience() -> None:
    """Obey the audience of a link that this session did not write itself: a notebook's link says nothing of a selection."""
    asked, written = st.query_params.get("audience"), st.session_state.get("url-written", {})
    if asked is not None and asked != written.get("audience"):
        st.session_state.setdefault("settings", {})["audience"] = read_audience(asked)
        st.session_state.pop("widget-audience", None)


def _chosen(listed: tuple[ListedNotebook, ...]) -> ListedNotebook | None:
    """Draw the list of notebooks and what can be done with one; the link names the one that is open."""
    if not listed:
        return None
    names = [one.name for one in listed]
    asked = " ".join(st.query_params.get("notebook", "").split()).casefold()
    if st.session_state.get("notebook-written") != asked and asked:
        found = next((name for name in names if name.casefold() == asked), None)
        if found is None:
            tell(f"There is no notebook '{asked[:80]}' any more; another one is shown.", is_fault=True)
        else:
            st.session_state[_CHOICE] = found
    if st.session_state.get(_CHOICE) not in names:
        st.session_state[_CHOICE] = names[0]
    with st.sidebar:
        st.html('<h2 class="hs-section">Notebooks</h2>')
        name = st.selectbox("Open", names, key=_CHOICE)
        controls.audience()
        chosen = next(one for one in listed if one.name == name)
        _settings(chosen)
        _new()
    links.write({"notebook": name})
    st.session_state["notebook-written"] = name.casefold()
    return chosen


def _settings(chosen: ListedNotebook) -> None:
    with st.expander("Name, delete", key="notebook-settings"):
        st.text_input("Name", chosen.name, key=f"notebook-name-{chosen.name}", max_chars=notebooks.LONGEST_NAME)
        st.button("Rename", on_click=_rename, args=(chosen.name,), width="stretch")
        st.button(
            f"Delete with its {chosen.cards} card{'' if chosen.cards == 1 else 's'}",
            key="notebook-delete",
            on_click=_delete,
            args=(chosen.name,),
            width="stretch",
        )


def _new() -> None:
    with st.popover("New notebook", width="stretch"):
        st.text_input("Name", key="notebook-new", max_chars=notebooks.LONGEST_NAME)
        st.button("Make it", on_click=_create, width="stretch")


def _create() -> None:
    with faults_told():
        st.session_state[_CHOICE] = notebooks.create(
            open_database(), st.session_state["notebook-new"], now=datetime.now(), viewer=sign_in.viewer()
        )
        _log("made", st.session_state[_CHOICE])
        st.session_state["notebook-new"] = ""


def _rename(name: str) -> None:
    with faults_told():
        new_name = st.session_state[f"notebook-name-{name}"]
        st.session_state[_CHOICE] = notebooks.rename(open_database(), name, new_name, now=datetime.now(), viewer=sign_in.viewer())
        _log("renamed", name)


def _delete(name: str) -> None:
    with faults_told():
        notebooks.delete(open_database(), name, viewer=sign_in.viewer())
        _log("deleted", name)
        st.session_state.pop(_CHOICE, None)
        tell(f"The notebook {name} was deleted.")


def _log(change: str, name: str) -> None:
    audited.acted(audit.NOTEBOOK, change=change, notebook=audit_acts.fingerprint("notebook", name))


def _foot(shown: Sequence[tuple[KeptCard, CardContent]]) -> None:
    """Offer the cards that are shown as an executable notebook; close the page with the strictest marking of them."""
    if shown:
        notes = tuple(one.note for one, _ in shown)
        contents = tuple(content for _, content in shown)
        make = partial(notebook_json, shown[0][0].notebook, contents, notes=notes, folder=cached.key().folder)
        refused = audited.refusal()
        page.warnings((refused,) if refused else ())
        narrow, _ = st.columns([1, 4])
        downloads.button(
            narrow,
            "Jupyter notebook",
            audited.export("notebook", ".ipynb", make, rows=len(shown)),
            file_name=f"{shown[0][0].notebook}.ipynb",
            mime="application/x-ipynb+json",
            disabled=bool(refused),
            key="notebook-jupyter",
            help="Calls this software with the same parameters and compares the figures with the pinned ones.",
        )
    marking = max((content.marking for _, content in shown), key=len, default="OFFICIAL")
    st.html(f'<div class="hs-footer">{STANDING_NOTE} <b>{html.escape(marking)}</b></div>')
