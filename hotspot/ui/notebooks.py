"""Parts of the Notebook page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from hotspot.errors import HotspotError
from hotspot.export import cards
from hotspot.export.card_disclosure import refusal, together
from hotspot.export.cards import CardContent, changes_of
from hotspot.export.jupyter import notebook_json
from hotspot.findings.audience import FORCE, read_audience
from hotspot.findings.words import STANDING_NOTE, number_word
from hotspot.records import audit, audit_acts, notebooks
from hotspot.records.database import open_database
from hotspot.records.notebooks import KeptCard, ListedNotebook
from hotspot.selection import join_words
from hotspot.ui import audited, cached, controls, downloads, gate, jobs, links, page, sign_in

_CHOICE, _DONE, _RUNNING = "widget-notebook", "notebook-done", "notebook-again"
MOST_FIGURES = 6
"""Figures beside a card's picture; the rest is in its table."""


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
    _say_done()
    hidden(chosen)
    if not kept and not chosen.hidden:
        st.html('<p class="hs-note">This notebook is empty. Pin on any page that shows a finding keeps it here.</p>')
    contents = [cards.from_record(one.record) for one in kept]
    fits = together(contents, audience=controls.present_audience())
    for place, (one, content, is_shown) in enumerate(zip(kept, contents, fits, strict=True)):
        _card(one, content, place, len(kept), is_shown=is_shown)
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
            _tell(f"There is no notebook '{asked[:80]}' any more; another one is shown.", is_fault=True)
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
    with _Told():
        st.session_state[_CHOICE] = notebooks.create(
            open_database(), st.session_state["notebook-new"], now=datetime.now(), viewer=sign_in.viewer()
        )
        _log("made", st.session_state[_CHOICE])
        st.session_state["notebook-new"] = ""


def _rename(name: str) -> None:
    with _Told():
        new_name = st.session_state[f"notebook-name-{name}"]
        st.session_state[_CHOICE] = notebooks.rename(open_database(), name, new_name, now=datetime.now(), viewer=sign_in.viewer())
        _log("renamed", name)


def _delete(name: str) -> None:
    with _Told():
        notebooks.delete(open_database(), name, viewer=sign_in.viewer())
        _log("deleted", name)
        st.session_state.pop(_CHOICE, None)
        _tell(f"The notebook {name} was deleted.")


def _log(change: str, name: str) -> None:
    audited.acted(audit.NOTEBOOK, change=change, notebook=audit_acts.fingerprint("notebook", name))


class _Told:
    """Turn a failure of a button into a sentence on the page."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, fault: BaseException | None, trace: object) -> bool:
        if not isinstance(fault, HotspotError):
            return False
        _tell(str(fault), is_fault=True)
        return True


def _tell(sentence: str, *, is_fault: bool = False) -> None:
    st.session_state[_DONE] = (sentence, is_fault)


def _say_done() -> None:
    """Say what a button did, once; what went wrong stays until it is closed: a run that follows at once must not lose it."""
    sentence, is_fault = st.session_state.get(_DONE, ("", False))
    if not sentence:
        return
    style, role = ("hs-refused", "alert") if is_fault else ("hs-done", "status")
    st.html(f'<div class="{style}" role="{role}">{html.escape(sentence)}</div>')
    if is_fault:
        st.button("Close this message", key="notebook-told", on_click=_forget_told)
    else:
        _forget_told()


def _forget_told() -> None:
    st.session_state.pop(_DONE, None)


def _card(kept: KeptCard, content: CardContent, place: int, total: int, *, is_shown: bool) -> None:
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
        _tell(f"{fault} You wrote: {note}", is_fault=True)


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
    with _Told():
        notebooks.move(open_database(), number, by=by, now=datetime.now(), viewer=sign_in.viewer())


def _delete_card(number: int) -> None:
    with _Told():
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


_AUDIENCES = {FORCE: "the force", "public": "partners or the public"}


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
    with _Told():
        number = notebooks.pin(
            open_database(), kept.notebook, cards.to_record(now), note=kept.note, now=datetime.now(), viewer=sign_in.viewer()
        )
        audited.acted(audit.PIN, card=number, again=kept.number, **audit_acts.of_link(now.query))
        _stop_running()
        _tell("Kept as a new card at the end.")


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
