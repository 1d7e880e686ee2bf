"""Who the present session belongs to: by Streamlit's own sign-in, by a proxy's headers, or whoever sits at this machine."""

from __future__ import annotations

import html
import ipaddress
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from hotspot import access, paths
from hotspot.access import HEADERS, OFF, OPENID, Access
from hotspot.errors import BadInput, HotspotError, NotAllowed, NotAudited, NotSignedIn
from hotspot.records import audit_acts
from hotspot.selection import join_words
from hotspot.ui import way_back
from hotspot.viewer import LOCAL, Viewer

REFUSED_OFF = (
    "Sign-in is off, and other machines can reach this server, so nothing is shown. Say who may sign in in the file that "
    "HOTSPOT_ACCESS names (docs/access.md), or set server.address to localhost and open the page on this machine."
)
BROKEN = (
    "The file that says who may sign in cannot be used, so nothing is shown. Tell the person who looks after this server: its "
    "log says what is wrong with the file, and so does the command 'access'."
)
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
_WHOSE, _SINCE, _TOLD = "sign-in-whose", "sign-in-since", "sign-in-told"
_log = logging.getLogger("hotspot")
_ended: dict[tuple[str, ...], float] = {}
"""Sign-ins that were ended by 'Sign out', and when: their cookies may live on in other windows."""


def viewer() -> Viewer:
    """Give the viewer of the present session; the local user where sign-in is off.

    Raises
    ------
    NotSignedIn
        If nobody is signed in, or no longer.
    NotAllowed
        If who is signed in has no grant, sign-in is off where other machines reach this server, or the file that says who
        may sign in cannot be used.
    """
    chosen = present_access()
    if chosen.sign_in == OPENID:
        return of_claims(chosen, claims())
    if chosen.sign_in == HEADERS:
        return _of_connection(chosen)
    if not chosen.on_any_address and not _is_here():
        raise NotAllowed(REFUSED_OFF)
    return LOCAL


def is_off() -> bool:
    """Say whether nobody has to sign in."""
    return present_access().sign_in == OFF


def present_access() -> Access:
    """Give what the access file says now; its faults are for the log, not for whoever happens to ask.

    Raises
    ------
    NotAllowed
        If it cannot be used.
    """
    try:
        return access.read_access(paths.access_file())
    except BadInput as fault:
        _log.error("nobody can sign in: %s", fault)
        raise NotAllowed(BROKEN) from None


def let_in() -> bool:
    """Say whether the session belongs to somebody who may see anything; else say why not."""
    try:
        who = viewer()
        _note(who.name, who.role)
    except NotSignedIn as nobody:
        _door(str(nobody))
        return False
    except (NotAllowed, NotAudited) as fault:
        _door(str(fault))
        _note_refusal()
        return False
    if st.session_state.setdefault(_WHOSE, who) != who:
        # A connection that was lost and comes back may find another person at the machine.
        told = st.session_state.get(_TOLD)
        st.session_state.clear()
        st.session_state[_WHOSE], st.session_state[_TOLD] = who, told
    return True


def offer(page: str) -> None:
    """Offer to sign in, where that would help, and to come back to the page that was asked for."""
    try:
        viewer()
    except NotSignedIn:
        if present_access().sign_in == OPENID and st.button("Sign in", type="primary", key="sign-in"):
            way_back.keep(page, st.query_params.to_dict())
            st.login()
    except NotAllowed:
        return


def of_claims(chosen: Access, given: Mapping[str, Any]) -> Viewer:
    """Make a viewer of an OpenID provider's claims, unless that sign-in was ended."""
    if _sign_in_of(given) in _ended:
        raise NotSignedIn("You have signed out. Sign in again to go on.")
    return access.viewer_of_claims(chosen, given, now=time.time())


def end(given: Mapping[str, Any]) -> None:
    """Note that a sign-in was ended; forget those whose cookies cannot live any more."""
    now = time.time()
    for one in [one for one, moment in list(_ended.items()) if now - moment > access.MOST_HOURS * 3600]:
        _ended.pop(one, None)
    if given:
        _ended[_sign_in_of(given)] = now


def claims() -> dict[str, Any]:
    """Give what the OpenID provider said of the person of this session; empty where nobody signed in."""
    return st.user.to_dict()


def headers() -> list[tuple[str, str]]:
    """Give the headers of this session's connection; a header that stands twice is given twice."""
    given = st.context.headers
    return [(name, value) for name in dict.fromkeys(given) for value in given.get_all(name)]


def bar() -> str:
    """Write who is signed in as the header bar shows it, with the way to sign out; a note where sign-in is off."""
    chosen = present_access()
    if chosen.sign_in == OFF:
        where = "on any machine" if chosen.on_any_address else "this machine only"
        return f'<span class="hs-who">sign-in off: {where}</span>'
    who = viewer()
    lpas = "all LPAs" if who.areas is None else join_words(sorted(who.areas))
    out = "auth/logout" if chosen.sign_in == OPENID else chosen.headers.sign_out
    leave = f' · <a href="{html.escape(out)}" target="_self">Sign out</a>' if out else ""
    title = html.escape(f"{who.name}, {who.role}: {lpas}")
    return (
        f'<span class="hs-who" title="{title}"><i>{html.escape(who.name)}</i><span>{html.escape(who.role)}{leave}</span></span>'
    )


def _of_connection(chosen: Access) -> Viewer:
    """Take the proxy's word for as long as a sign-in lasts: it is given once, when the page is opened."""
    who = access.viewer_of_headers(chosen, headers())
    since = st.session_state.setdefault(_SINCE, time.time())
    if not 0 <= time.time() - since < chosen.hours * 3600:
        raise NotSignedIn(f"This page has been open for more than {chosen.lasts}. Load it again.")
    return who


def _is_here() -> bool:
    """Say whether server and reader are on one machine, with nothing between them; where any sign speaks against it, no."""
    given = headers()
    if not given:
        return True  # a script that is run without a connection, as tests run it
    return is_from_here(given, st.context.ip_address or "localhost")


def is_from_here(given: Iterable[tuple[str, str]], client: str) -> bool:
    """Say whether a request was made on this machine, to an address that no other machine reaches."""
    sent = {name.lower(): value for name, value in given}
    host = urlsplit(f"//{sent.get('host', 'localhost')}").hostname or ""
    listens = str(st.get_option("server.address") or "")
    return not any(name in sent for name in _FORWARDED) and all(map(_is_loopback, (listens, host, client)))


def _is_loopback(address: str) -> bool:
    try:
        return address.lower() == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _sign_in_of(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Name a sign-in by its claims; two of a person within one second have their nonces."""
    return tuple(str(given.get(claim)) for claim in ("iss", "sub", "iat", "nonce"))


def _note(who: str, role: str, *, refused: bool = False) -> None:
    """Write who signed in, or was refused, into the audit log, once for a session; nothing where nobody has to sign in."""
    told = (who, role, refused)
    if st.session_state.get(_TOLD) == told or is_off():
        return
    st.session_state[_TOLD] = told
    audit_acts.record_sign_in(who, role, way="sign-in", refused=refused)


def _note_refusal() -> None:
    """Write the refusal down; where that cannot be done either, the door stays shut and the server's log says why."""
    try:
        _note(_named(), "", refused=True)
    except HotspotError as fault:
        _log.error("a refused sign-in is not in the audit log: %s", fault)


def _named() -> str:
    """Give the name of a person who is known and may see nothing."""
    chosen = present_access()
    if chosen.sign_in == OPENID:
        return str(claims().get(chosen.name_claim, ""))
    return next((value for name, value in headers() if name.lower() == chosen.headers.name.lower()), "")


def _door(sentence: str) -> None:
    st.html(f'<h1 class="hs-headline">Hotspot notebook</h1><p class="hs-refused" role="alert">{html.escape(sentence)}</p>')
