"""A reader of the running application without a browser: its own protocol, with the headers and cookies of whoever asks."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pandas as pd
import pyarrow as pa
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState, StringArray, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

XSRF = "_streamlit_xsrf"
PATIENCE = 120
"""Seconds."""


@dataclass
class Seen:
    """What one run of a page sent to the reader."""

    texts: list[str] = field(default_factory=list)
    """HTML, headings and labels."""
    buttons: dict[str, str] = field(default_factory=dict)
    """Label → identifier."""
    downloads: dict[str, str] = field(default_factory=dict)
    """Key of the button → address, or the identifier of a file that is made when it is asked for."""
    options: dict[str, list[str]] = field(default_factory=dict)
    """Label of a list → its choices."""
    switches: dict[str, str] = field(default_factory=dict)
    """Label of a row of choices → identifier."""
    uploads: dict[str, str] = field(default_factory=dict)
    """Label of a box for files → identifier."""
    files: list[str] = field(default_factory=list)
    """Addresses of pictures."""
    page: str = ""
    """Path of the page that is shown."""
    query: dict[str, str] = field(default_factory=dict)
    """Its link's parameters, where it wrote them itself."""
    frames: list[pd.DataFrame] = field(default_factory=list)
    """Lists, and what charts are drawn from."""
    redirect: str = ""
    is_working: bool = False
    """A bar tells of work in another process, without whose result the page is not whole."""
    session: str = ""
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
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        if kind == "navigation":
            shown = message.navigation.page_script_hash
            self.page = next(one.url_pathname for one in message.navigation.app_pages if one.page_script_hash == shown)
        if kind == "page_info_changed":
            self.query = dict(parse_qsl(message.page_info_changed.query_string))
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
            self.downloads[part.id.split("-", 2)[2]] = part.url or part.deferred_file_id
        elif kind == "progress":
            self.is_working = True
        elif kind == "button_group":
            self.switches[part.label] = part.id
        elif kind == "file_uploader":
            self.uploads[part.label] = part.id
        elif kind in ("selectbox", "multiselect"):
            self.options[part.label] = list(part.options)
        elif kind == "arrow_data_frame":
            self._frames(part)
        elif kind == "arrow_vega_lite_chart":
            self._frames(part.data, *(one.data for one in part.datasets))
        elif kind == "imgs":
            self.files += [one.url for one in part.imgs]

    def _frames(self, *parts) -> None:
        self.frames += [pa.ipc.open_stream(part.data).read_pandas() for part in parts if part.data]


def run_apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread of its own: a browser that other tests have open keeps its loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def seen(address: str, page: str = "", *, client: httpx.Client | None = None, **query: str) -> Seen:
    """Open a page by its link, cold, as whoever the client's headers and cookies say."""

    async def one() -> Seen:
        async with _connected(address, client or httpx.Client()) as socket:
            return await _whole(socket, page, query)

    return run_apart(asyncio.wait_for(one(), PATIENCE))


def pressed(address: str, page: str, label: str, *, client: httpx.Client, **query: str) -> Seen:
    """Open a page, press one of its buttons, and give what the run after it sent."""

    async def both() -> Seen:
        async with _connected(address, client) as socket:
            first = await _run(socket, page, query)
            return await _run(socket, page, query, [WidgetState(id=first.buttons[label], trigger_value=True)])

    return run_apart(asyncio.wait_for(both(), PATIENCE))


@asynccontextmanager
async def kept_open(address: str, page: str, *, client: httpx.Client, **query: str) -> AsyncIterator[tuple[Seen, Any]]:
    """Open a page and stay, so that the files in the server's memory stay too."""
    async with _connected(address, client) as socket:
        yield await asyncio.wait_for(_whole(socket, page, query), PATIENCE), socket


async def made(socket: Any, download: str, *, session: str) -> str:
    """Ask for the file of a button, as a press does; give its address in the server's memory, or why there is none."""
    message = BackMsg()
    message.backend_operation_request.session_id = session
    message.backend_operation_request.request_id = "file"
    message.backend_operation_request.deferred_file.file_id = download
    response = (await _answer(socket, message, "backend_operation_response")).backend_operation_response
    return response.deferred_file.url or response.error_msg


async def uploaded(
    socket: Any, found: Seen, page: str, query: Mapping[str, str], *, choice: tuple[str, str], file: Path, client: httpx.Client
) -> Seen:
    """Choose in a row of choices, put a file into the box that this brings, and give what is shown then."""
    chosen = WidgetState(id=found.switches[choice[0]], string_array_value=StringArray(data=[choice[1]]))
    (box,) = (await _run(socket, page, query, [chosen])).uploads.values()
    message = BackMsg()
    message.file_urls_request.request_id = message.file_urls_request.session_id = found.session
    message.file_urls_request.file_names.append(file.name)
    (to,) = (await _answer(socket, message, "file_urls_response")).file_urls_response.file_urls
    client.put(
        to.upload_url, files={"file": (file.name, file.read_bytes())}, headers={"X-Xsrftoken": client.cookies[XSRF]}
    ).raise_for_status()
    content = UploadedFileInfo(name=file.name, size=file.stat().st_size, file_id=to.file_id, file_urls=to)
    held = WidgetState(id=box, file_uploader_state_value=FileUploaderState(uploaded_file_info=[content]))
    return await _run(socket, page, query, [chosen, held])


async def _answer(socket: Any, message: BackMsg, kind: str) -> ForwardMsg:
    """Send a request and wait for what answers it."""
    await socket.send(message.SerializeToString())
    while True:
        answer = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), PATIENCE))
        if answer.WhichOneof("type") == kind:
            return answer


def reader(address: str, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Make a client that has the application's own cookie, as a browser has after the first request."""
    limits = httpx.Limits(max_keepalive_connections=0)  # nothing is left open that a test would have to close
    client = httpx.Client(base_url=address, headers=headers or {}, timeout=30, limits=limits, verify=False)
    client.get("/_stcore/health")
    return client


def _connected(address: str, client: httpx.Client) -> Any:
    own = {name: value for name, value in client.headers.items() if name.startswith("x-")}
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return websockets.connect(
        address.replace("http", "ws") + "/_stcore/stream",
        subprotocols=[websockets.Subprotocol(one) for one in ("streamlit", client.cookies.get(XSRF, "none"))],
        additional_headers=own | ({"Cookie": cookies} if cookies else {}),
        origin=address,
        max_size=None,
        ping_interval=None,
    )


async def _whole(socket: Any, page: str, query: Mapping[str, str]) -> Seen:
    """Run a page until nothing is computed for it any more in another process."""
    while (found := await _run(socket, page, query)).is_working:
        await asyncio.sleep(0.5)
    return found


async def _run(socket: Any, page: str, query: Mapping[str, str], states: Sequence[WidgetState] = ()) -> Seen:
    message = BackMsg()
    message.rerun_script.query_string = urlencode(query)
    message.rerun_script.page_name = page
    message.rerun_script.widget_states.widgets.extend(states)
    await socket.send(message.SerializeToString())
    found = Seen()
    while True:
        content = await socket.recv()
        kind = found.take(content)
        if kind == "script_finished" and _is_whole(content):
            return found


def _is_whole(content: bytes) -> bool:
    return ForwardMsg.FromString(content).script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
