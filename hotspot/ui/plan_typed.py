"""What is typed into the form of a 4P plan and not saved yet: the session keeps it, so that leaving the page loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

AUTHOR = "plan-author"
_TYPED, _ROUND = "plan-typed", "plan-round"


@dataclass(frozen=True)
class Form:
    """The fields of one plan; a saved revision and a dropped draft begin with fields of their own."""

    number: int
    """Of the plan; below 0: of a proposal that is no plan yet."""
    revision: int

    def field(self, draw: Callable[..., Any], label: str, *, name: str, begin: Any, **options: Any) -> Any:
        """Draw a field that begins with what was typed before, else with what is kept."""
        key = self._key(name)
        if key not in st.session_state:
            wanted = held(self.number).get(key, begin)
            st.session_state[key] = wanted if wanted in options.get("options", (wanted,)) else begin
        # Told by the change itself: it is heard even where the same click leaves the page.
        return draw(label, key=key, on_change=_note, args=(self.number, key), **options)

    def author(self, draw: Callable[..., str], label: str, **options: Any) -> str:
        """Draw the field of who writes; the session remembers the name."""
        key = self._key("who")
        st.session_state.setdefault(key, st.session_state.get(AUTHOR, ""))
        return draw(label, key=key, on_change=_note_author, args=(key,), **options)

    def _key(self, name: str) -> str:
        return f"plan-{self.number}-{self.revision}-{st.session_state.get(_ROUND, 0)}-{name}"


def plain(text: str) -> str:
    """Write a text that a button shows as it is: its label is Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|~:$<>-])", r"\\\1", text)


def held(number: int) -> dict[str, Any]:
    """Give what was typed for a plan since it was opened, by field; empty where nothing was."""
    return st.session_state.setdefault(_TYPED, {}).get(number, {})


def unsaved() -> tuple[int, ...]:
    """Give the plans and proposals for which something was typed that is not saved."""
    return tuple(sorted(st.session_state.get(_TYPED, {})))


def forget(number: int) -> None:
    """Let go of what was typed for a plan: it is saved, or to be dropped."""
    st.session_state.setdefault(_TYPED, {}).pop(number, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _note(number: int, key: str) -> None:
    st.session_state.setdefault(_TYPED, {}).setdefault(number, {})[key] = st.session_state[key]


def _note_author(key: str) -> None:
    st.session_state[AUTHOR] = st.session_state[key]
