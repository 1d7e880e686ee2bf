"""What a session does, written into the audit log; what cannot be logged is refused or said, as the administrator chose."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from hotspot.errors import NotAudited
from hotspot.export.rows import rows_of
from hotspot.records import audit, audit_acts
from hotspot.records.audit import Entry, Value
from hotspot.ui import cached, controls, sign_in

_SEEN, _CAUTION = "audit-seen", "audit-caution"
_WITHOUT_SELECTION = ("data", "audit", "notebooks", "briefing", "plans")
"""Pages that show something even where no selection was made yet."""


def seen(path: str) -> None:
    """Log that a page was looked at: once for each person, page, selection and audience, however often it is drawn."""
    state = st.session_state
    chosen = state.get("selection")
    if chosen is None and path not in _WITHOUT_SELECTION:
        return
    what = _link(path) if path in _WITHOUT_SELECTION else audit_acts.of_selection(chosen)
    what |= {"audience": controls.present_audience()}
    view = (sign_in.viewer().name, path, tuple(sorted(what.items())))
    if state.get(_SEEN) != view:
        state[_CAUTION] = acted(audit.VIEW, **what)
        state[_SEEN] = view
    if state.get(_CAUTION):
        say(state[_CAUTION])


def _link(path: str) -> dict[str, Value]:
    """Say what a page without a selection shows: which part, notebook, plan."""
    told = audit_acts.of_link(st.session_state.get("url", {}))
    return {name: value for name, value in told.items() if name in ("part", "notebook", "plan", "card", "force", "area")}


def acted(act: str, **what: Value) -> str:
    """Log what the present person did on the present page.

    Returns
    -------
    str
        Empty, or a caution where the log could not be written and the act goes on all the same.

    Raises
    ------
    NotAudited
        If it could not be written and the act is refused without it.
    """
    return audit_acts.record(_entry(act, what))


def _entry(act: str, what: dict[str, Value]) -> Entry:
    viewer, store = sign_in.viewer(), cached.store()
    way = f"page {st.session_state.get('page', '')}".strip()
    return Entry(act, viewer.name, viewer.role, way, what, store.fingerprint if store.exists else "")


def in_words(act: str, **what: Value) -> str:
    """Log what was done; give what a sentence about it ends with: nothing, or the caution."""
    caution = acted(act, **what)
    return f" {caution}" if caution else ""


def acted_and_said(act: str, **what: Value) -> None:
    """Log what was done, and say on the page where that could not be."""
    caution = acted(act, **what)
    if caution:
        say(caution)


def say(caution: str) -> None:
    """Say that the log could not be written."""
    st.html(f'<div class="hs-warning" role="status">{html.escape(caution)}</div>')


def refusal() -> str:
    """Say why files cannot be had now; empty where they can."""
    try:
        audit_acts.refuse_unaudited(audit.EXPORT)
    except NotAudited as fault:
        return str(fault)
    return ""


def export(name: str, suffix: str, make: Callable[[], bytes | str], *, rows: int | None = None) -> Callable[[], bytes]:
    """Give what makes a file and logs it before anybody has it: of what is on the page now, whoever presses when.

    Parameters
    ----------
    rows
        Cards or pages of a file whose rows cannot be counted.
    """
    chosen = st.session_state.get("selection")
    what = ({} if chosen is None else audit_acts.of_selection(chosen)) | audit_acts.of_link(st.session_state.get("url", {}))
    what |= {"file": name, "format": suffix, "audience": controls.present_audience()}
    return partial(_made, _entry(audit.EXPORT, what), make, suffix, rows)


def _made(entry: Entry, make: Callable[[], Any], suffix: str, rows: int | None) -> bytes:
    content = make()
    content = content.encode() if isinstance(content, str) else content
    count = rows if rows is not None else rows_of(content, suffix)
    audit_acts.record(Entry(entry.act, entry.who, entry.role, entry.way, {**entry.what, "rows": count}, entry.data))
    return content
