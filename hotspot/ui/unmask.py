"""References seen as the source has them: asked for with a reason, logged, for this session and this page alone.

What is kept and shared stays masked: the list is read anew for the person who asked, drawn, and forgotten.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from hotspot.errors import HotspotError, NotAudited
from hotspot.findings.unmasking import LONGEST, checked_reason
from hotspot.records import audit, audit_acts
from hotspot.ui import audited, sign_in
from hotspot.viewer import UNMASK, may, require

T = TypeVar("T")
_WHY, _TYPED, _LOGGED, _FAULT = "unmask-why", "unmask-typed", "unmask-logged", "unmask-fault"


def begin_page(path: str) -> None:
    """Mask again whatever another page unmasked."""
    state = st.session_state
    if state.get("unmask-page") != path:
        _mask()
    state["unmask-page"] = path


def shown(what: str, masked: Sequence[T], anew: Callable[[], Sequence[T]], reference: Callable[[T], str]) -> Sequence[T]:
    """Give a list for the force as the person may see it: masked, or read anew where he asked for that and said why.

    Parameters
    ----------
    what
        What is masked: 'officers'.
    anew
        Reads the same list with its references as the source has them.
    reference
        The reference of a row.
    """
    if not masked:
        return masked
    if not may(sign_in.viewer(), UNMASK):
        st.html(f'<div class="hs-note">{html.escape(what.capitalize())} are masked.</div>')
        return masked
    if _WHY not in st.session_state:
        _ask(what, anew, reference)
        return masked
    found = anew()
    if not _log(what, [reference(one) for one in found]):
        return masked
    _say(what)
    return found


def _ask(what: str, anew: Callable[[], Sequence[T]], reference: Callable[[T], str]) -> None:
    words, button = st.columns([3, 1], vertical_alignment="center")
    words.html(f'<div class="hs-note">{html.escape(what.capitalize())} are masked.</div>')
    with button.popover("Unmask", width="stretch", key="unmask"), st.form("unmask-form", border=False, enter_to_submit=False):
        what_is_kept = "The audit log keeps it. Write no name and no reference."
        st.text_area("Reason", key=_TYPED, max_chars=LONGEST, height=90, help=what_is_kept)
        st.form_submit_button(
            "Show for this session", on_click=_unmask, args=(anew, reference), width="stretch", key="unmask-show"
        )
    if fault := st.session_state.pop(_FAULT, ""):
        _refused(fault)


def _unmask(anew: Callable[[], Sequence[T]], reference: Callable[[T], str]) -> None:
    """Begin to show references, where role, log and reason allow it."""
    state = st.session_state
    try:
        require(sign_in.viewer(), UNMASK)
        audit_acts.refuse_unaudited(audit.UNMASK)
        state[_WHY] = checked_reason(state[_TYPED], [reference(one) for one in anew()])
    except HotspotError as fault:
        state[_FAULT] = str(fault)


def _log(what: str, references: Sequence[str]) -> bool:
    """Log what is seen, once for each list; say so and show nothing where that cannot be done."""
    state = st.session_state
    seen = state.setdefault(_LOGGED, set())
    if hash(tuple(references)) in seen:
        return True
    chosen = state.get("selection")
    selection = {} if chosen is None else audit_acts.of_selection(chosen)
    try:
        audited.acted_and_said(audit.UNMASK, kind=what, rows=len(references), reason=state[_WHY], **selection)
    except NotAudited as fault:
        _mask()
        _refused(str(fault))
        return False
    seen.add(hash(tuple(references)))
    return True


def _say(what: str) -> None:
    words, button = st.columns([3, 1], vertical_alignment="center")
    words.html(
        f'<div class="hs-warning" role="status">{html.escape(what.capitalize())} are unmasked on this page, for you alone. '
        "That is in the audit log. Downloads, cards and briefings stay masked.</div>"
    )
    button.button("Mask again", key="unmask-end", on_click=_mask, width="stretch")


def _mask() -> None:
    for name in (_WHY, _LOGGED):
        st.session_state.pop(name, None)


def _refused(fault: str) -> None:
    st.html(f'<p class="hs-refused" role="alert">{html.escape(fault)}</p>')
