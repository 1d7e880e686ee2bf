"""The link that somebody asked for before signing in: kept while he is at the provider, and opened once when he is back.

Streamlit comes back from the provider at the start page. What was asked for is kept in this process's memory, under the random
number by which Streamlit tells browsers apart; it names one of the application's own pages, and settings of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import streamlit as st
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from hotspot.ui import links

LASTS = 900.0
"""Seconds that signing in may take."""
MOST = 1_000
"""Links that are kept; the oldest is forgotten for a further one."""
LONGEST = 4_000
"""Characters of a link's settings; of a longer one the page alone is opened."""


@dataclass(frozen=True)
class Link:
    """A page, and what it is asked to show."""

    page: str
    """Its path."""
    query: Mapping[str, str]


_kept: dict[bytes, tuple[float, Link]] = {}
"""Browser → when it went to the provider, and what it had asked for; the oldest first."""
_lock = Lock()


def keep(page: str, query: Mapping[str, str]) -> None:
    """Keep a link for when this session's browser is back, in place of one that it asked for before."""
    known = links.known(query)
    link = Link(page, known if sum(map(len, known.values())) <= LONGEST else {})
    browser, now = _browser(), time.monotonic()
    if browser is None:
        return
    with _lock:
        _kept.pop(browser, None)
        _kept[browser] = now, link
        while len(_kept) > MOST:
            del _kept[next(iter(_kept))]


def taken() -> Link | None:
    """Give what this session's browser asked for before signing in, once; None where that was nothing, or too long ago."""
    with _lock:
        moment, link = _kept.pop(_browser() or b"", (0.0, None))
    return link if time.monotonic() - moment < LASTS else None


def _browser() -> bytes | None:
    """Give the random number of this session's browser; its cookie is written anew each time, with another mask."""
    number, _ = decode_xsrf_token_string(st.context.cookies.get(XSRF_COOKIE_NAME, ""))
    return number or None
