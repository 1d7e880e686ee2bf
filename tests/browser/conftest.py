"""Stores, running applications and sessions of Chromium for the browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import browser_apps
import pytest
from browser_apps import App, Opener, started_app
from playwright.sync_api import Browser, BrowserContext, expect

from bench import driver
from bench.driver import Visit

expect.set_options(timeout=25_000)
"""Milliseconds: a rerun on two busy cores takes longer than Playwright's usual five seconds."""


SECOND = {
    "test_accuracy_page",
    "test_clusters_page",
    "test_cold_links",
    "test_layers_and_events",
    "test_little_data",
    "test_near_repeats_page",
    "test_notebook_page",
    "test_series_page",
    "test_two_surfaces_views",
    "test_upload",
}
"""Modules of the second worker: about half of the time of all browser tests."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep a module's tests on one of two workers: each starts the applications and makes the stores once."""
    half = "second" if item.path.stem in SECOND else "first"
    item.add_marker(pytest.mark.xdist_group(f"{half} half of the browser tests"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if driver.CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with driver.browser() as started:
        yield started


@pytest.fixture(scope="session")
def synthetic_store(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return browser_apps.synthetic_store(tmp_path_factory.mktemp("synthetic"))


@pytest.fixture(scope="session")
def synthetic_app(synthetic_store: Path) -> Iterator[App]:
    with started_app(synthetic_store) as app:
        yield app


@pytest.fixture(scope="session")
def street_app(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with started_app(browser_apps.street_store(tmp_path_factory.mktemp("street"))) as app:
        yield app


@pytest.fixture(scope="session")
def hostile_app(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with started_app(browser_apps.hostile_store(tmp_path_factory.mktemp("hostile"))) as app:
        yield app


@pytest.fixture(scope="session")
def empty_app(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The application on a machine without a store."""
    with started_app(tmp_path_factory.mktemp("empty") / "store") as app:
        yield app


@pytest.fixture(scope="session")
def meeting_app(synthetic_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An application with a notebook to present."""
    url = f"sqlite:///{tmp_path_factory.mktemp('briefing')}/records.sqlite"
    browser_apps.meeting_records(url, synthetic_store)
    with started_app(synthetic_store, {"HOTSPOT_RECORDS": url}) as app:
        yield app


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """One window for all tests: its tabs are sessions of their own and load the application's scripts once."""
    with driver.window(chromium) as opened:
        yield opened


@pytest.fixture
def opened(window: BrowserContext) -> Iterator[Opener]:
    """Open pages in sessions of their own; at the end nothing may have gone wrong in any of them."""
    visits: list[tuple[Visit, App, int]] = []
    with ExitStack() as sessions:

        def open_page(app: App, path: str = "", **query: str) -> Visit:
            position = len(app.log.read_text("utf-8", "replace"))
            visited = sessions.enter_context(driver.tab(window, app.address))
            visits.append((visited, app, position))
            visited.open(path, **query)
            return visited

        yield open_page
        for visited, app, position in visits:
            assert app.traceback_since(position) == ""
            assert visited.faults == []
            assert visited.page.locator(".stException").count() == 0
