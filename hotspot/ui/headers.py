"""What a browser may do with the application's pages: the headers of every answer.

They are set here and not in a proxy's configuration, so that they hold on one person's machine too. The proxy adds what only it
can know: TLS, and that cookies travel by it alone (docs/deployment/nginx.conf).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit

Message = MutableMapping[str, Any]
Application = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]

_MAP_FRAME = "/component/streamlit_folium.st_folium/"
_POLICY = {
    "default-src": "'none'",
    # Streamlit's loader has one inline script, and its decoder of messages compiles to WebAssembly; no text is evaluated.
    "script-src": "'self' 'wasm-unsafe-eval' {loader}",
    # Streamlit's components write their styles into the page as they are drawn.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self'",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    # An address holds the selection.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi",
            "payment", "serial", "usb",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
_tile_origins: set[str] = set()


def allow_tiles(url: str) -> None:
    """Let maps ask for their tiles at the address that the administrator set."""
    parts = urlsplit(url)
    _tile_origins.add(f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}")


def headers(path: str) -> dict[str, str]:
    """Give the headers of the answer to a request for a path."""
    framed = path.startswith("/component/")
    policy = _POLICY | {"script-src": _POLICY["script-src"].format(loader=_loader())}
    if framed:
        policy["frame-ancestors"] = "'self'"
    if path.startswith(_MAP_FRAME):
        # streamlit-folium writes a map into its frame as a script and evaluates its changes; the page around it stays strict.
        policy["script-src"] = "'self' 'unsafe-inline' 'unsafe-eval'"
        policy["img-src"] = " ".join(("'self' data:", *sorted(_tile_origins)))
    answer = _FIXED | {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
    }
    # What was looked at or downloaded stays in no browser's store.
    return answer | ({"Cache-Control": "no-store"} if path.startswith("/media/") else {})


@lru_cache(maxsize=1)
def _loader() -> str:
    """The hashes of the inline scripts of Streamlit's page, as it is installed."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    digests = (hashlib.sha256(script.encode()).digest() for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


class SecurityHeaders:
    """ASGI middleware that sets the headers of every answer, refusals and faults included."""

    def __init__(self, app: Application):
        self.app = app

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Pass a request on and its answer back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        own = headers(scope["path"])

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower().encode() for name in own}
                kept = [pair for pair in message["headers"] if pair[0].lower() not in names]
                message["headers"] = kept + [(name.lower().encode(), value.encode()) for name, value in own.items()]
            await send(message)

        await self.app(scope, receive, with_headers)
