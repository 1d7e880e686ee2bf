"""Each page by a deep link, as the first thing that a session, or a server that has just started, is asked for."""

from pathlib import Path

import pytest
from browser_apps import App, Opener, started_app
from playwright.sync_api import expect

from bench.driver import Visit

COVENTRY = {"type": "Residential burglary", "area": "Coventry", "from": "2024-04-01", "to": "2024-10-01", "basis": "committed"}
TITLE = "Residential burglary in Coventry, committed 1 April to 30 September 2024"
GLANCE = "Coventry, committed April to September 2024 against April to September 2023, per day"
TITLES = {
    "density": TITLE,
    "compare": f"{TITLE}, against April to September 2023, per day",
    "repeat_victimisation": f"{TITLE}: same premises within 12 months",
    "overview": GLANCE,
    "": GLANCE,
}


@pytest.mark.parametrize("path", ["density", ""])
def test_a_deep_link_opens_its_page_on_a_server_that_has_just_started(path: str, synthetic_store: Path, opened: Opener):
    with started_app(synthetic_store) as app:
        _opens_its_page(opened(app, path, **COVENTRY), path)


@pytest.mark.parametrize("path", sorted(TITLES.keys() - {"density", ""}))
def test_a_deep_link_opens_its_page_in_a_new_session(path: str, synthetic_app: App, opened: Opener):
    _opens_its_page(opened(synthetic_app, path, **COVENTRY), path)


def _opens_its_page(visited: Visit, path: str) -> None:
    expect(visited.page.locator(".hs-kicker")).to_have_text(TITLES[path])
    expect(visited.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(visited.page.get_by_role("dialog")).to_have_count(0)
    expect(visited.page.get_by_text("Page not found")).to_have_count(0)
    visited.wait_for_map()
    visited.page.wait_for_url("**area=Coventry*")


def test_the_bare_address_and_the_data_page_open_on_a_new_server(synthetic_store: Path, opened: Opener):
    with started_app(synthetic_store) as app:
        visited = opened(app)
        expect(visited.page.locator(".hs-kicker")).to_contain_text("West Midlands, committed April to September 2024")
        visited.page.wait_for_url("**/overview?*type=Burglary*")
        expect(visited.page.get_by_text("Page not found")).to_have_count(0)
        data = opened(app, "data")
        expect(data.page.locator(".hs-headline")).to_contain_text("offences are loaded in one data set")
        expect(data.page.get_by_text("Page not found")).to_have_count(0)
