"""Sentences of the Data page: what was done, what was refused. They stay until the next action."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from hotspot.errors import HotspotError
from hotspot.records import audit
from hotspot.ui import audited

_DONE = "data-done"
UNCHANGED = "The store is unchanged."


def done(*sentences: str, change: str = "") -> None:
    """Keep what was done and draw the page anew, so that header and tables show it.

    Parameters
    ----------
    change
        What of the store or the records was changed, for the audit log; empty where nothing was, or it is logged already.
    """
    caution = audited.acted(audit.CHANGE, of=change) if change else ""
    st.session_state[_DONE] = (*sentences, *((caution,) if caution else ()))
    st.rerun()


def show_done() -> None:
    """Show once what the last action did."""
    for sentence in st.session_state.pop(_DONE, ()):
        st.html(f'<div class="hs-done" role="status">{html.escape(sentence)}</div>')


def note(*sentences: str) -> None:
    """Write quiet sentences."""
    for sentence in sentences:
        st.html(f'<div class="hs-note">{html.escape(sentence)}</div>')


def refused(*sentences: str) -> None:
    """Say what is wrong, one line each."""
    lines = "".join(f"<div>{html.escape(sentence)}</div>" for sentence in sentences)
    st.html(f'<div class="hs-refused" role="alert">{lines}</div>')


@contextmanager
def sentences_for_faults(*after: str) -> Iterator[None]:
    """Turn a fault that an analyst can meet into its sentences, followed by what holds nevertheless."""
    try:
        yield
    except HotspotError as fault:
        refused(*str(fault).splitlines(), *(sentence for sentence in after if sentence not in str(fault)))


def table(columns: dict[str, str], rows: Iterable[Iterable[object]]) -> None:
    """Draw a plain table; ``columns`` is header → 'r' for numbers, 'm' for what is said by the way, else ''."""
    head = "".join(f'<th class="{kind}">{html.escape(name)}</th>' for name, kind in columns.items())
    kinds = list(columns.values())
    body = "".join(
        "<tr>" + "".join(f'<td class="{kind}">{_cell(cell)}</td>' for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    st.html(f'<table class="hs compact hs-list"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else html.escape(str(cell))


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: '1 row', '36,270 rows'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def plain(text: str) -> str:
    """Take the meaning from what Streamlit would read as markup in a label."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!~$:<>|" else letter for letter in text)
