"""What a press on the Notebook page did, or why it did nothing: said once, above the cards."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from hotspot.errors import HotspotError

_DONE = "notebook-done"


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn a failure of a button into a sentence on the page."""
    try:
        yield
    except HotspotError as fault:
        tell(str(fault), is_fault=True)


def tell(sentence: str, *, is_fault: bool = False) -> None:
    """Keep a sentence for the run that follows a press."""
    st.session_state[_DONE] = (sentence, is_fault)


def say_done() -> None:
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
