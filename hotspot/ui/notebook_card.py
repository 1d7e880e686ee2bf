"""One card of a notebook: picture, words, figures, note, and what can be done with it."""

from __future__ import annotations

import html
from datetime import datetime
from urllib.parse import urlencode

import streamlit as st

from hotspot.errors import HotspotError
from hotspot.export import cards
from hotspot.export.card_disclosure import refusal
from hotspot.export.cards import CardContent, changes_of
from hotspot.findings.audience import FORCE, PUBLIC
from hotspot.records import audit, audit_acts, notebooks
from hotspot.records.database import open_database
from hotspot.records.notebooks import KeptCard
from hotspot.selection import join_words
from hotspot.ui import audited, cached, gate, jobs, page, sign_in
from hotspot.ui.notebook_told import faults_told, tell

MOST_FIGURES = 6
"""Figures beside a card's picture; the rest is in its table."""
_RUNNING = "notebook-again"
_AUDIENCES = {FORCE: "the force", PUBLIC: "partners or the public"}


def show(kept: KeptCard, content: CardContent, place: int, total: int, *, is_shown: bool) -> None:
    """Draw one card: picture, words and figures beside it, note and buttons below."""
    with st.container(key=f"card-{kept.number}"):
        if not is_shown:
            why = "This card was pinned for the force, so it is not shown here."
            said = why if content.audience == FORCE else refusal(content)
            st.html(f'<p class="hs-note">{place + 1}. {html.escape(said)}</p>')
            return
        picture_side, words_side = st.columns([1.1, 1], gap="medium")
        with picture_side:
            if content.picture:
                gate.picture(content.picture, alt=content.headline)
            else:
                st.html('<p class="hs-note">This finding has no picture that this audience may see.</p>')
        with words_side:
            st.html(_words(content, place))
            _note(kept)
        _buttons(kept, content, place, total)
        _details(kept, content)
        if st.session_state.get(_RUNNING) == kept.number:
            _again(kept, content)
    st.html('<hr style="border:0;border-top:1px solid var(--rule);margin:.2rem 0">')


def _words(content: CardContent, place: int) -> str:
    rows = "".join(
        f'<tr><td>{html.escape(one.name)}</td><td class="r">{html.escape(one.value)}</td></tr>'
        for one in content.figures[:MOST_FIGURES]
    )
    return (
        f'<div class="hs-kicker">{place + 1}. {cards.PAGES[content.page]}: {html.escape(content.kicker)}</div>'
        f'<h2 class="hs-section">{html.escape(content.headline)}</h2>'
        f'<div class="hs-note">{html.escape(content.sentence)}</div><table class="hs compact"><tbody>{rows}</tbody></table>'
    )


def _note(kept: KeptCard) -> None:
    st.text_area(
        "Note",
        kept.note,
        key=f"note-{kept.number}-{kept.revision}",
        height=80,
        max_chars=notebooks.LONGEST_NOTE,
        on_change=_write_note,
        args=(kept.number, kept.revision),
    )


def _write_note(number: int, revision: int) -> None:
    """Keep a note before the page is drawn: a press that comes with it meets the page as it will stay."""
    note = st.session_state[f"note-{number}-{revision}"]
    try:
        notebooks.write_note(open_database(), number, note, revision=revision, viewer=sign_in.viewer())
        audited.acted(audit.NOTEBOOK, change="note written", card=number)
    except HotspotError as fault:
        # The box shows what the other person wrote: what was typed here is told, so that nothing is lost.
        tell(f"{fault} You wrote: {note}", is_fault=True)


def _buttons(kept: KeptCard, content: CardContent, place: int, total: int) -> None:
    up, down, again, delete, link = st.columns([1, 1, 1.2, 1, 2.2], gap="small", vertical_alignment="center")
    up.button("Up", key=f"up-{kept.number}", on_click=_move, args=(kept.number, -1), disabled=place == 0, width="stretch")
    down.button(
        "Down", key=f"down-{kept.number}", on_click=_move, args=(kept.number, 1), disabled=place == total - 1, width="stretch"
    )
    again.button("Run again", key=f"again-{kept.number}", on_click=_run, args=(kept.number,), width="stretch")
    with delete.popover("Delete", width="stretch"):
        st.button("Delete this card", key=f"delete-{kept.number}", on_click=_delete_card, args=(kept.number,), width="stretch")
    view = html.escape(f"{content.page}?{urlencode(content.query)}")
    pinned = f"Pinned {kept.pinned.day} {kept.pinned:%B %Y}"
    link.html(f'<div class="hs-note">{pinned} · <a href="{view}" target="_self">Open the view again</a></div>')


def _move(number: int, by: int) -> None:
    with faults_told():
        notebooks.move(open_database(), number, by=by, now=datetime.now(), viewer=sign_in.viewer())


def _delete_card(number: int) -> None:
    with faults_told():
        notebooks.delete_card(open_database(), number, now=datetime.now(), viewer=sign_in.viewer())
        audited.acted(audit.NOTEBOOK, change="card deleted", card=number)


def _run(number: int) -> None:
    st.session_state[_RUNNING] = number


def _stop_running() -> None:
    st.session_state.pop(_RUNNING, None)


def _details(kept: KeptCard, content: CardContent) -> None:
    with st.expander("Table, parameters, method, data", key=f"details-{kept.number}"):
        if content.table_rows:
            st.html(_table(content))
        page.method_notes(content.notes)
        parameters = " · ".join(f"{name} {value}" for name, value in content.query.items())
        page.method_notes((f"Parameters: {parameters}.",))
        scope = f" Of {join_words(list(content.areas))} alone." if content.areas else ""
        made = f"Data {content.fingerprint}, software {content.version}, for {_AUDIENCES[content.audience]}.{scope}"
        page.method_notes((f"{made} Source: {content.source}. {content.licence}. {content.marking}",))


def _table(content: CardContent) -> str:
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in content.table_head)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in content.table_rows)
    return f'<div class="wide"><table class="hs compact"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _again(kept: KeptCard, before: CardContent) -> None:
    """Run the card on the present data and set both side by side."""
    try:
        data = cached.key(before.scope)
        now = jobs.kept(data, cards.run_again, before.page, tuple(sorted(before.query.items())), label="Running the card again")
    except HotspotError as fault:
        words = f"{fault} The card stays as it was pinned."
        st.html(f'<p class="hs-refused" role="alert">{html.escape(words)}</p>')
        st.button("Close", key="again-close", on_click=_stop_running)
        return
    if now is None:
        return
    st.html(_changes(before, now))
    keep, close, _ = st.columns([1.4, 1, 4])
    keep.button("Keep as a new card", key="again-keep", on_click=_keep_again, args=(kept, now), width="stretch")
    close.button("Close", key="again-close", on_click=_stop_running, width="stretch")


def _changes(before: CardContent, now: CardContent) -> str:
    changed = [one for one in changes_of(before, now) if one.is_changed]
    same_data = before.fingerprint == now.fingerprint
    data = "The data are the same as when it was pinned" if same_data else "The data have changed since it was pinned"
    version = "" if before.version == now.version else f" by version {before.version}; this is {now.version}"
    if not changed:
        return f'<div class="hs-done" role="status">{data}{version}: every figure is the same.</div>'
    rows = "".join(
        f"<tr><td>{html.escape(one.name)}</td><td>{html.escape(one.before) or '–'}</td><td>→</td>"
        f"<td>{html.escape(one.now) or '–'}</td></tr>"
        for one in changed
    )
    count = f"{len(changed)} figure{'' if len(changed) == 1 else 's'} changed"
    return (
        f'<div class="hs-done" role="status">{data}{version}: {count}.</div><table class="hs compact"><thead><tr>'
        f"<th>Figure</th><th>Pinned</th><td></td><th>Now</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _keep_again(kept: KeptCard, now: CardContent) -> None:
    with faults_told():
        number = notebooks.pin(
            open_database(), kept.notebook, cards.to_record(now), note=kept.note, now=datetime.now(), viewer=sign_in.viewer()
        )
        audited.acted(audit.PIN, card=number, again=kept.number, **audit_acts.of_link(now.query))
        _stop_running()
        tell("Kept as a new card at the end.")
