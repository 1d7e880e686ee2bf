"""The door of the server's files: downloads and uploads for nobody but who is signed in.

Streamlit gives a file in its memory to whoever knows its address, which holds a hash of the content. The page itself asks who
its session belongs to; this asks each request for a file. Scripts, styles and boundaries stay open: they tell of no offence.
"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from hotspot import access
from hotspot.access import HEADERS, OPENID
from hotspot.errors import NotAllowed
from hotspot.ui import sign_in

GUARDED = ("/media/", "/_stcore/upload_file/")
"""Files that pages made, and files that people upload."""
SIGN_OUT = "/auth/logout"


class Gate:
    """Middleware in front of Streamlit's own routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say that it may not pass."""
        path = _path(scope) if scope["type"] == "http" else ""
        if path == SIGN_OUT:
            sign_in.end(_claims(HTTPConnection(scope)))
        if path.startswith(GUARDED):
            try:
                _ask(HTTPConnection(scope))
            except NotAllowed:
                await PlainTextResponse("Sign in to have this file.", status_code=403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _path(scope: Scope) -> str:
    """Give the path below the address that the application is served at."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
    return path.removeprefix(f"/{base}") if base else path


def _ask(request: HTTPConnection) -> None:
    """Refuse a request that belongs to nobody who may see anything."""
    chosen, given = sign_in.present_access(), request.headers.items()
    if chosen.sign_in == OPENID:
        sign_in.of_claims(chosen, _claims(request))
    elif chosen.sign_in == HEADERS:
        access.viewer_of_headers(chosen, given)
    elif not chosen.on_any_address and not sign_in.is_from_here(given, request.client.host if request.client else ""):
        raise NotAllowed(sign_in.REFUSED_OFF)


def _claims(request: HTTPConnection) -> dict[str, Any]:
    """Read the claims that Streamlit signed into its cookie; empty where there are none, or somebody else wrote them."""
    cookies, secret = request.cookies, get_cookie_secret()

    def one(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies[name].encode("latin-1", "replace")) if name in cookies else None

    signed = get_cookie_with_chunks(one, USER_COOKIE_NAME)
    found = json.loads(signed) if signed else {}
    return found if isinstance(found, dict) else {}
