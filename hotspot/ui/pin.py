"""The button that keeps the present view as a card of a notebook: on every page that shows a finding."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hotspot.errors import HotspotError
from hotspot.export import cards
from hotspot.export.cards import CardContent
from hotspot.records import audit, audit_acts, notebooks
from hotspot.records.database import open_database
from hotspot.ui import audited, cached, jobs, sign_in

NEW, FIRST = "New notebook", "My findings"
"""The choice that asks for a name, and the name offered where there is no notebook yet."""
_ASKED = "pin-asked"


@dataclass
class _Asked:
    """A card that a press asked for, and what became of it.

    Streamlit may end a run whenever the session's state is touched. This object is written to without touching it, so that a
    card is kept once, and what became of it is not lost with the run.
    """

    path: str
    parameters: tuple[tuple[str, str], ...]
    name: str
    note: str
    told: str = ""
    """HTML that says what became of it; empty while it is computed."""
    seen_on: tuple[str, dict[str, str]] = ("", {})
    """The view on which it is told: it goes when another is opened."""


def offer(path: str, told: DeltaGenerator) -> None:
    """Draw the button on a page that shows a finding, and keep the card that was asked for.

    Parameters
    ----------
    told
        Where progress and what became of it are said: above the page.
    """
    asked = st.session_state.get(_ASKED)
    if asked is not None:
        with told:
            _tell(asked, (path, dict(st.session_state.get("url", {}))))
    if path in cards.PAGES:
        # Last, though it stands at the top: what it opens is last too, so that the Tab key goes from one to the other.
        words = "Keep this view as a card of a notebook."
        with st.container(key="pin"), st.popover("Pin", type="primary", help=words, key="pin-open"):
            _form(path, last=asked.name if asked is not None else "")


def _form(path: str, *, last: str) -> None:
    """Ask for the notebook and a note; the view itself is what the link of this run says."""
    try:
        names = [one.name for one in notebooks.notebooks(open_database(), viewer=sign_in.viewer())]
    except HotspotError as fault:  # the page itself needs no records
        st.html(f'<p class="hs-refused" role="alert">Nothing can be kept now. {html.escape(str(fault))}</p>')
        return
    options = [*names, NEW]
    chosen = st.selectbox("Notebook", options, index=options.index(last) if last in names else 0, key="pin-choice")
    # One form: what is typed is sent with the press, so that no rerun of the page comes between the two and swallows it.
    with st.form("pin-form", border=False, enter_to_submit=False):
        # It has its place even when it is not asked for: the browser would take what follows away for a moment, and the focus.
        asks_name = st.empty()
        if chosen == NEW:
            asks_name.text_input("Name of the new notebook", FIRST if FIRST not in names else "", key="pin-name", max_chars=80)
        st.text_area("Note", key="pin-note", placeholder="What the meeting should know", height=90, max_chars=4_000)
        st.form_submit_button("Keep this view", key="pin-keep", on_click=_ask, args=(path,), width="stretch")


def _ask(path: str) -> None:
    """Ask for the card of the view that was on screen when the button was clicked."""
    state = st.session_state
    parameters = tuple(sorted(state.get("url-written", {}).items()))
    name = state["pin-name"] if state["pin-choice"] == NEW else state["pin-choice"]
    state[_ASKED] = _Asked(path, parameters, " ".join(name.split()), state["pin-note"])
    state["pin-note"] = ""


def _tell(asked: _Asked, view: tuple[str, dict[str, str]]) -> None:
    """Say what became of a card for as long as the same view is on screen."""
    if not asked.told:
        _keep(asked)
        asked.seen_on = view
    if asked.told and asked.seen_on == view:
        st.html(asked.told)


def _keep(asked: _Asked) -> None:
    """Compute the card in another process, then keep it; the page goes on meanwhile."""
    try:
        notebooks.checked_name(asked.name)
        content = jobs.kept(cached.key(), cards.content_of, asked.path, asked.parameters, label="Keeping this view")
        if content is None:
            return
        number = notebooks.pin(
            open_database(), asked.name, cards.to_record(content), note=asked.note, now=datetime.now(), viewer=sign_in.viewer()
        )
        asked.told = _kept_words(asked.name, content)
        audited.acted_and_said(audit.PIN, card=number, **audit_acts.of_link(dict(asked.parameters)))
    except HotspotError as fault:
        # The box was emptied by the press: what was typed is told, so that nothing is lost.
        typed = f" You wrote: {asked.note}" if asked.note.strip() else ""
        asked.told = f'<p class="hs-refused" role="alert">Not kept. {html.escape(f"{fault}{typed}")}</p>'


def _kept_words(name: str, content: CardContent) -> str:
    link = f"notebooks?{html.escape(urlencode({'notebook': name, 'audience': content.audience}))}"
    return (
        f'<div class="hs-done" role="status">Kept in <b>{html.escape(name)}</b>: {html.escape(content.headline)}. '
        f'<a href="{link}" target="_self">Open the notebook</a></div>'
    )
