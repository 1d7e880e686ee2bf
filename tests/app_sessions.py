"""A reader of the running application without a browser: its own protocol, with the headers and cookies of whoever asks."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

XSRF = "_streamlit_xsrf"
PATIENCE = 60
"""Seconds."""


@dataclass
class Seen:
    """What one run of a page sent to the reader."""

    texts: list[str] = field(default_factory=list)
    """HTML, headings and labels."""
    buttons: dict[str, str] = field(default_factory=dict)
    """Label → identifier."""
    downloads: dict[str, str] = field(default_factory=dict)
    """Label → address, or the identifier of a file that is made when it is asked for."""
    options: dict[str, list[str]] = field(default_factory=dict)
    """Label of a list → its choices."""
    files: list[str] = field(default_factory=list)
    """Addresses of pictures."""
    redirect: str = ""
    raw: bytes = b""
    """Everything, as it came."""

    @property
    def words(self) -> str:
        """Every sentence, as a reader sees it."""
        return html.unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", " ".join(self.texts), flags=re.DOTALL))

    def take(self, content: bytes) -> str:
        """Keep a message; give its kind."""
        message, self.raw = ForwardMsg.FromString(content), self.raw + content
        kind = message.WhichOneof("type")
        if kind == "auth_redirect":
            self.redirect = message.auth_redirect.url
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta.new_element)
        return kind

    def _element(self, element) -> None:
        kind = element.WhichOneof("type")
        part = getattr(element, kind)
        if kind == "html":
            self.texts.append(part.body)
        elif kind == "exception":
            raise AssertionError(f"the page failed: {part.message}")
        elif kind == "button":
            self.buttons[part.label] = part.id
        elif kind == "download_button":
            self.downloads[part.label] = part.url or part.deferred_file_id
        elif kind in ("selectbox", "multiselect"):
            self.options[part.label] = list(part.options)
        elif kind == "imgs":
            self.files += [one.url for one in part.imgs]


def seen(address: str, page: str = "", *, client: httpx.Client | None = None, press: str = "", **query: str) -> Seen:
    """Open a page by its link, cold, as whoever the client's headers and cookies say; press a button where one is named."""
    return asyncio.run(asyncio.wait_for(_seen(address, page, query, client or httpx.Client(), press), PATIENCE))


def reader(address: str, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Make a client that has the application's own cookie, as a browser has after the first request."""
    client = httpx.Client(base_url=address, headers=headers or {}, timeout=30)
    client.get("/_stcore/health")
    return client


async def _seen(address: str, page: str, query: Mapping[str, str], client: httpx.Client, press: str) -> Seen:
    own = {name: value for name, value in client.headers.items() if name.startswith("x-")}
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    protocols = [websockets.Subprotocol(one) for one in ("streamlit", client.cookies.get(XSRF, "none"))]
    url = address.replace("http", "ws") + "/_stcore/stream"
    headers = own | ({"Cookie": cookies} if cookies else {})
    async with websockets.connect(
        url, subprotocols=protocols, additional_headers=headers, origin=address, max_size=None, ping_interval=None
    ) as socket:
        found = await _run(socket, page, query, "")
        if press:
            found = await _run(socket, page, query, found.buttons[press])
        return found


async def _run(socket, page: str, query: Mapping[str, str], pressed: str) -> Seen:
    message = BackMsg()
    message.rerun_script.query_string = urlencode(query)
    message.rerun_script.page_name = page
    if pressed:
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = pressed, True
    await socket.send(message.SerializeToString())
    found = Seen()
    while True:
        content = await socket.recv()
        kind = found.take(content)
        if kind == "script_finished" and _is_whole(content):
            return found


def _is_whole(content: bytes) -> bool:
    return ForwardMsg.FromString(content).script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
