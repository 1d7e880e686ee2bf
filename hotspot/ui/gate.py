"""The door of the server's files: uploads for who is signed in, a picture or a download for whom it was made and nobody else.

Streamlit makes a download for whoever knows the identifier of its button, and gives a file in its memory to whoever knows its
address, which holds a hash of the content. The page itself asks who its session belongs to; this asks each connection that
has a file made, and each request for one. Scripts, styles and boundaries stay open: they tell of no offence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st
from PIL import Image
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from hotspot import access
from hotspot.access import HEADERS, OPENID
from hotspot.errors import NotAllowed
from hotspot.ui import sign_in
from hotspot.viewer import LOCAL, Viewer

MEDIA, UPLOADS = "/media/", "/_stcore/upload_file/"
"""Files that pages made, and files that people upload."""
SIGN_OUT = "/auth/logout"
ICON = Path(__file__).with_name("icon.png")
"""Of every page: the one file that tells of no offence, so anybody who is signed in may have it."""
_ICON = ICON.read_bytes()
_ANOTHERS = "This file was made for somebody else. Open the page, and have your own made."
_MOST = 10_000
"""Files whose owners are remembered, the newest; of an older one the page is opened again."""
_connection: ContextVar[HTTPConnection] = ContextVar("connection")
"""The browser's connection; Streamlit makes the file of a button in its context."""
_owners: dict[tuple[bytes, Viewer], None] = {}
"""Hash of a file's content, with somebody that it was made for; the oldest first."""
_lock = Lock()


class Gate:
    """Middleware in front of Streamlit's own routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say that it may not pass."""
        if scope["type"] == "websocket":
            _connection.set(HTTPConnection(scope))
        path = _path(scope) if scope["type"] == "http" else ""
        if path == SIGN_OUT:
            sign_in.end(_claims(HTTPConnection(scope)))
        if path.startswith((MEDIA, UPLOADS)):
            try:
                _let_pass(path, _viewer(HTTPConnection(scope)))
            except NotAllowed as refusal:
                await PlainTextResponse(str(refusal), status_code=403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def made_for(owner: Viewer, make: Callable[[], str | bytes]) -> str | bytes:
    """Make a download where he for whom it is made asks for it himself, and remember that its address is his alone.

    Raises
    ------
    NotAllowed
        If another asks for it.
    """
    if _asks() != owner:
        raise NotAllowed(_ANOTHERS)
    content = make()
    _remember(content, owner)
    return content


def picture(content: bytes, *, alt: str) -> None:
    """Draw a picture that holds offences (PNG) in its own size, smaller where there is less room, for whose page it is alone.

    Parameters
    ----------
    alt
        What it tells, in words.
    """
    _remember(content, sign_in.viewer())
    # Its own width and format: Streamlit then gives these very bytes away, and draws no other picture of another hash.
    width, _ = Image.open(BytesIO(content)).size
    st.image(content, width=width, output_format="PNG", alt=alt)


def _remember(content: str | bytes, owner: Viewer) -> None:
    key = _hash(content), owner
    with _lock:
        _owners.pop(key, None)
        _owners[key] = None
        while len(_owners) > _MOST:
            del _owners[next(iter(_owners))]


def _asks() -> Viewer | None:
    """Give who is at the other end of the connection that a file is made for; None for nobody."""
    connection = _connection.get(None)
    try:
        return None if connection is None else _viewer(connection)
    except NotAllowed:
        return None


def _let_pass(path: str, who: Viewer) -> None:
    """Refuse the address of a file that was not made for the person who asks."""
    if not path.startswith(MEDIA):
        return
    file = runtime.get_instance().media_file_mgr.read_file(path.removeprefix(MEDIA))
    if file is not None and (_hash(file.content), who) not in _owners and file.content != _ICON:
        raise NotAllowed(_ANOTHERS)


def _hash(content: str | bytes) -> bytes:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).digest()


def _path(scope: Scope) -> str:
    """Give the path below the address that the application is served at."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
    return path.removeprefix(f"/{base}") if base else path


def _viewer(request: HTTPConnection) -> Viewer:
    """Give who asks; refuse a request that belongs to nobody who may see anything."""
    chosen, given = sign_in.present_access(), request.headers.items()
    if chosen.sign_in == OPENID:
        return sign_in.of_claims(chosen, _claims(request))
    if chosen.sign_in == HEADERS:
        return access.viewer_of_headers(chosen, given)
    if not chosen.on_any_address and not sign_in.is_from_here(given, request.client.host if request.client else ""):
        raise NotAllowed(sign_in.REFUSED_OFF)
    return LOCAL


def _claims(request: HTTPConnection) -> dict[str, Any]:
    """Read the claims that Streamlit signed into its cookie; empty where there are none, or somebody else wrote them."""
    cookies, secret = request.cookies, get_cookie_secret()

    def one(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies[name].encode("latin-1", "replace")) if name in cookies else None

    signed = get_cookie_with_chunks(one, USER_COOKIE_NAME)
    found = json.loads(signed) if signed else {}
    return found if isinstance(found, dict) else {}
