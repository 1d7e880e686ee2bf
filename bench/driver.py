"""The application in a real browser, for tests, measurements and pictures."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, Dialog, Frame, FrameLocator, Page, TimeoutError, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SMALL, LARGE = (1280, 720), (1920, 1080)
MAP_FRAME = "iframe[src*='streamlit_folium']"
_FITTED = """() => window.map && window.map.hotspots && window.map.hotspots.view
  && !map._animatingZoom && !(map._panAnim && map._panAnim._inProgress)"""
_WORDS = ".hs-kicker, .hs-headline, .hs-subline, .hs-warning, .hs-refused, .hs-metric, .hs-note, .times, table.hs, .hs-footer"


@contextmanager
def running_app(store: Path, settings: Mapping[str, str] | None = None, *, module: str = "streamlit") -> Iterator[str]:
    """Start the application on a free local port with a store; give its address; stop it afterwards.

    Parameters
    ----------
    settings
        Further variables of its environment.
    module
        What runs it, as ``streamlit`` does.
    """
    port = free_port()
    environment = os.environ | {"HOTSPOT_STORE": str(store)} | dict(settings or {})
    command = [str(ROOT / ".venv" / "bin" / "python"), "-m", module, "run", "app.py", "--server.port", str(port)]
    if not Path(command[0]).exists():
        command[0] = "python3"
    log = open(store.parent / f"app-{port}.log", "wb")  # noqa: SIM115 (closed below, after the process)
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://localhost:{port}"
    try:
        wait_until_answered(f"{address}/_stcore/health", process, Path(log.name))
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


@dataclass
class Visit:
    """A page open in a browser, with everything that went wrong in it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    """Requests that left the machine, errors of the page, dialogs that a script opened and what the page's policy refused."""

    def open(self, path: str = "", **query: str) -> None:
        """Open a deep link and wait until the page is drawn."""
        self.page.goto(f"{self.address}/{path}" + (f"?{urlencode(query)}" if query else ""))
        self.settle()

    def settle(self) -> None:
        """Wait until Streamlit has finished its run, and no bar tells of work in another process."""
        self.page.wait_for_selector(".hs-headline, .hs-refused", timeout=60_000)
        self.page.wait_for_function(
            """() => document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")
              && !document.querySelector("[data-testid=stStatusWidget], [data-stale=true], [data-testid=stProgress]")""",
            timeout=60_000,
        )

    def choose(self, label: str, option: str) -> None:
        """Choose an option of the sidebar by its label; the caller waits for what must follow.

        A run of the page that ends in between closes the list: then it is opened again, as a person would.
        """
        for last in (False, False, True):
            self.settle()
            self.page.get_by_role("combobox", name=label, exact=True).click()
            try:
                self.page.get_by_role("option", name=option, exact=True).click(timeout=4_000)
                return
            except TimeoutError:
                if last:
                    raise
                self.page.keyboard.press("Escape")

    def go(self, title: str) -> None:
        """Go to another page by the menu that holds its title; the caller waits for what must follow."""
        try:
            self._go(title)
        except TimeoutError:  # a run of the page that ended in between closed the menu
            self._go(title)

    def _go(self, title: str) -> None:
        entries = self.page.get_by_role("menuitem")
        for menu in self.page.get_by_test_id("stTopNavSection").all():
            menu.click()
            entries.first.wait_for(timeout=10_000)
            entry = self.page.get_by_role("menuitem", name=title, exact=True)
            if entry.count():
                entry.click(timeout=10_000)
                return
            self.page.keyboard.press("Escape")
            entries.first.wait_for(state="hidden", timeout=10_000)
        raise LookupError(f"no menu holds '{title}'")

    @property
    def told(self) -> tuple[str, ...]:
        """Give every word and number of the page outside controls, charts and maps."""
        return tuple(self.page.locator(_WORDS).all_inner_texts())

    @property
    def query(self) -> dict[str, str]:
        """Give the parameters of the page's address as it is now."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    @property
    def map(self) -> FrameLocator:
        return self.page.frame_locator(MAP_FRAME).first

    @property
    def map_frames(self) -> list[Frame]:
        """The frames of the maps that are mounted now, in the order of the page."""
        handles = [element.element_handle() for element in self.page.locator(MAP_FRAME).all()]
        return [frame for handle in handles if (frame := handle.content_frame()) is not None]

    def wait_for_map(self) -> None:
        """Wait until every map shows its layers and has fitted its view."""
        self.map.locator(".leaflet-container").wait_for(timeout=30_000)
        for frame in self.map_frames:
            frame.wait_for_function(_FITTED, timeout=30_000)
        self.page.wait_for_timeout(250)  # what fades in is there


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def visit(started: Browser, address: str, *, size: tuple[int, int] = SMALL) -> Iterator[Visit]:
    """Open a fresh session in a window of its own, without anything cached."""
    with window(started, size=size) as opened, tab(opened, address) as visited:
        yield visited


@contextmanager
def window(started: Browser, *, size: tuple[int, int] = SMALL) -> Iterator[BrowserContext]:
    """Open a window; its tabs share what the browser caches, and nothing else of the application."""
    context = started.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
    try:
        yield context
    finally:
        context.close()


@contextmanager
def tab(opened: BrowserContext, address: str) -> Iterator[Visit]:
    """Open a fresh session in a tab; gather requests to other machines and errors of the page."""
    page = opened.new_page()
    visited = Visit(page, address)
    page.on("request", lambda request: _note_request(visited, request.url))
    page.on("pageerror", lambda error: visited.faults.append(f"page error: {error}"))
    page.on("dialog", lambda dialog: _note_dialog(visited, dialog))
    page.on("console", lambda message: _note_refusal(visited, message.text))
    try:
        yield visited
    finally:
        page.close()


def _note_request(visited: Visit, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"localhost", "127.0.0.1"}:
        visited.faults.append(f"request to {url}")


def _note_refusal(visited: Visit, said: str) -> None:
    # The browser refused what the headers of hotspot/ui/headers.py forbid.
    if "Content Security Policy" in said or "Permissions policy" in said:
        visited.faults.append(f"refused by policy: {said[:300]}")


def _note_dialog(visited: Visit, dialog: Dialog) -> None:
    visited.faults.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def free_port() -> int:
    """Ask for a port of this machine that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_answered(url: str, process: subprocess.Popen, log: Path) -> None:
    """Wait up to a minute until a process that was started answers at an address; its log says why it does not."""
    # A certificate made for a test is nobody's.
    trusting = ssl._create_unverified_context()
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError(f"what should answer at {url} stopped: {log.read_text('utf-8', 'replace')[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2, context=trusting):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise RuntimeError(f"nothing answered at {url} within a minute")
