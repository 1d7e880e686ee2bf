"""The link of what is shown: settings kept in the session, written to the URL, and read back from a link."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import streamlit as st

from hotspot.errors import HotspotError

T = TypeVar("T")
WITHOUT_SELECTION = ("data", "audit", "notebooks", "briefing")
"""Pages whose links say nothing of the selection, which therefore stays."""
UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError, RecursionError, HotspotError)
"""What reading a parameter raises, whatever stands in it: 'inf' is no whole number, and an unknown name is no key."""
SEPARATOR = "|"
"""Between names of a setting that holds several."""
_OWN_RUN = "run-asked-by-the-page"
SELECTION_PARAMETERS = ("source", "force", "type", "from", "to", "basis", "level", "area", "drawn", "days", "hours", "flags")
_SETTINGS = (
    "bandwidth",
    "kernel",
    "cell",
    "share",
    "edge",
    "adaptive",
    "weights",
    "points",
    "against",
    "view",
    "on",
    "other",
    "rules",
    "size",
    "by",
    "window",
    "audience",
    "part",
    "bands",
    "distances",
    "times",
    "premises",
    "metric",
    "permutations",
    "way",
    "series",
    "of",
    "squares",
    "reach",
    "gap",
    "least",
    "threshold",
    "show",
    "shape",
    "size",
    "near",
    "tested",
    "shuffles",
    "slice",
    "rates",
    "train",
    "judge",
    "train-months",
    "judge-months",
    "origins",
    "maps",
    "at",
    "plan",
    "square",
    "layers",
    "within",
    "notebook",
    "outcomes",
    "denominator",
    "mature",
    "board",
    "shares",
    "list",
    "start",
    "before",
    "ring",
    "chosen",
    "comparison",
)
"""Parameters of a link that belong to one page, or to all; whatever else a link names earns a sentence."""


def begin_page(path: str) -> None:
    """Let a page begin with the session's selection and settings, or with those of the link that it was asked by.

    Streamlit gives the controls of a new page their first options, though their keys still hold the old page's values.
    A link that this session did not write itself, while no control was touched, is the browser's back button, unless the
    page asked for the run itself.
    """
    state = st.session_state
    link = {} if state.pop(_OWN_RUN, False) else st.query_params.to_dict()
    is_new_page = state.get("page") != path
    is_asked = bool(link) and link != state.get("url-written") and (is_new_page or _touched() == state.get("touched"))
    is_left = "selection" in state and is_asked and path not in WITHOUT_SELECTION
    if is_left:
        for name in ("selection", "settings", "link-selection"):
            state.pop(name, None)
    if is_new_page or is_left:
        _forget("pick-", "widget-")
    state["page"], state["url"] = path, {}


def run_again() -> NoReturn:
    """Run the whole page anew from a part that looks by itself.

    A slow browser asks for such a part by an address that is older than what was chosen meanwhile.
    """
    st.session_state[_OWN_RUN] = True
    st.rerun(scope="app")


def end_page() -> None:
    """Write the link of what is shown: once for each run, so that the back button goes back by one change."""
    state = st.session_state
    wanted = dict(state.get("url", {}))  # what a fragment writes later is not written yet
    if wanted and wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)
    state["url-written"], state["touched"] = wanted, _touched()


def _touched() -> dict[str, str]:
    return {str(key): repr(value) for key, value in st.session_state.items() if str(key).startswith(("pick-", "widget-"))}


def _forget(*prefixes: str) -> None:
    for key in [key for key in st.session_state if str(key).startswith(prefixes)]:
        del st.session_state[key]


def setting(name: str, default: T, *, read: Callable[[str], T]) -> T:
    """Give a page's own setting: from this session, else from the link, else the default."""
    settings = st.session_state.setdefault("settings", {})
    if name not in settings:
        link = st.session_state.get("link", {})
        try:
            settings[name] = read(link[name]) if name in link else default
        except UNREADABLE:
            settings[name] = default
            _note_link_fault(name, "cannot be read")
    return settings[name]


def keep(name: str, value: Any) -> Any:
    """Keep a page's own setting in the session and in the URL."""
    st.session_state.setdefault("settings", {})[name] = value
    write({name: f"{value:g}" if isinstance(value, float) else str(value)})
    return value


def widget(draw: Callable[..., T], label: str, *, name: str, default: T, read: Callable[[str], T], **options: Any) -> T:
    """Draw a widget whose value is a setting of the page: kept across pages, and part of the link."""
    key = f"widget-{name}"
    if key not in st.session_state:
        wanted = setting(name, default, read=read)
        st.session_state[key] = _possible(wanted, default, options)
        if st.session_state[key] != wanted:
            _note_link_fault(name, "is not possible here")
    return keep(name, draw(label, key=key, **options))


def several(label: str, *, name: str, options: list[str], most: int, placeholder: str) -> tuple[str, ...]:
    """Draw a choice of several names that is a setting of every page; it is in the link where anything is chosen."""
    key = f"widget-{name}"
    if key not in st.session_state:
        wanted = listed(setting(name, "", read=str))
        st.session_state[key] = [one for one in wanted if one in options][:most]
        if len(st.session_state[key]) < len(wanted):
            _note_link_fault(name, "names what is not here")
    st.session_state[key] = [one for one in st.session_state[key] if one in options]
    picked = tuple(st.multiselect(label, options, key=key, max_selections=most, placeholder=placeholder))
    st.session_state.setdefault("settings", {})[name] = SEPARATOR.join(picked)
    if picked:
        write({name: SEPARATOR.join(picked)})
    return picked


def listed(text: str) -> list[str]:
    """Read the names of a setting that holds several."""
    return [name for name in text.split(SEPARATOR) if name]


def _possible(value: Any, default: Any, options: dict[str, Any]) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return default
    if "options" in options and value not in list(options["options"]):
        return default
    if "min_value" in options and value is not None:
        return min(max(value, options["min_value"]), options["max_value"])
    return value


def write(parameters: dict[str, str]) -> None:
    """Put parameters into the link that the end of the run writes."""
    st.session_state.setdefault("url", {}).update(parameters)


def faults() -> tuple[str, ...]:
    """Give what could not be read from the link that opened this session, until something else is chosen."""
    if st.session_state.get("selection") != st.session_state.get("link-selection"):
        return ()
    return st.session_state.get("link-faults", ())


def _note_link_fault(name: str, what: str) -> None:
    text = st.session_state.get("link", {}).get(name)
    if text is not None:
        st.session_state["link-faults"] += (f"The link's {name} '{text[:80]}' {what}; the usual value is shown.",)


def known(query: Mapping[str, str]) -> dict[str, str]:
    """Leave of a link's parameters those that mean something here."""
    return {name: value for name, value in query.items() if name in SELECTION_PARAMETERS + _SETTINGS}


def unknown_parameters() -> tuple[str, ...]:
    """Say which parameters of the link mean nothing here."""
    unknown = [name for name in st.session_state["link"] if name not in SELECTION_PARAMETERS + _SETTINGS]
    return tuple(f"The link's '{name[:80]}' means nothing here; it was left out." for name in unknown)
