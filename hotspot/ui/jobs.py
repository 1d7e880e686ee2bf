"""Long work on a page: the page goes on, a bar tells how far it is, and the result is there for everyone who asks the same."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from hotspot.ui import links
from hotspot.ui.cached import DataKey
from hotspot.ui.workers import WORKERS, Job

PATIENCE = 0.5
"""Seconds that a page waits before it shows a bar: most results are there by then."""
LOOK_AGAIN = 0.5
"""Seconds between two looks at the bar."""
_ASKED, _STOPPED = "jobs-asked", "jobs-stopped"


def begin_run() -> None:
    """Begin a run of a page: nothing has been asked for yet."""
    st.session_state["jobs-asked-before"] = st.session_state.get(_ASKED, set())
    st.session_state[_ASKED] = set()


def end_run() -> None:
    """Stop what the run before this one asked for and this one did not."""
    for key in st.session_state.get("jobs-asked-before", set()) - st.session_state.get(_ASKED, set()):
        WORKERS.withdraw(key, asker=_session())


def kept(data: DataKey, function: Callable[..., Any], *arguments: Any, label: str) -> Any | None:
    """Give the result of ``function(folder, *arguments, scope=…, progress=…)``, computed in another process.

    While it is computed the page goes on without it: None, and a bar with a button to cancel stands in its place. A job that
    no session waits for any more is stopped.

    Parameters
    ----------
    function
        Of a module below the pages; it, its arguments and its result are pickled, and the arguments are hashable.
    label
        What is computed, as the bar says it: '999 permutations of the dates'.

    Raises
    ------
    HotspotError
        What the function raised.
    """
    key = (data, f"{function.__module__}.{function.__qualname__}", arguments)
    st.session_state.setdefault(_ASKED, set()).add(key)
    if key in st.session_state.setdefault(_STOPPED, set()):
        _offer_again(key, label)
        return None
    job = WORKERS.ask(key, function, (data.folder, *arguments), {"scope": data.scope}, asker=_session())
    job.finished.wait(PATIENCE)
    if not job.finished.is_set():
        _bar(job, key, label)
        return None
    if job.error is not None:
        WORKERS.withdraw(key, asker=_session())
        raise job.error
    return job.result


def _bar(job: Job, key: Any, label: str) -> None:
    @st.fragment(run_every=LOOK_AGAIN)
    def watch() -> None:
        if job.finished.is_set():
            links.run_again()
        st.html(f'<div class="hs-unseen" role="status">Working: {html.escape(label)}</div>')
        bar, button = st.columns([5, 1], vertical_alignment="center")
        bar.progress(min(max(job.share, 0.0), 1.0), f"{label}: {job.words}")
        if button.button("Cancel", key=f"cancel-{hash(key)}", width="stretch"):
            st.session_state[_STOPPED].add(key)
            WORKERS.withdraw(key, asker=_session())
            links.run_again()

    watch()


def _offer_again(key: Any, label: str) -> None:
    words, button = st.columns([5, 1], vertical_alignment="center")
    words.html(f'<p class="hs-note">{html.escape(label)}: cancelled.</p>')
    if button.button("Start again", key=f"again-{hash(key)}", width="stretch"):
        st.session_state[_STOPPED].discard(key)
        st.rerun()


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""
