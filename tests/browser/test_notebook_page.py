"""Pin on three pages, order the cards, write a note, run one again, and open the notebook by its link in another session."""

import re

import pytest
from browser_apps import App, Opener, started_app
from playwright.sync_api import expect

SUMMER = {"type": "Burglary", "from": "2024-04-01", "to": "2024-10-01", "level": "LPA", "area": "Coventry"}
PAGES = ("when", "density", "series")
"""Pages that answer quickly: what is shown here is the pin, not the page."""
COMPUTED = 150_000
"""Milliseconds that a card may take: another process computes it and gives way to everything else on a busy machine."""
WIDTHS = "() => [document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"


@pytest.fixture(scope="module")
def recorded_app(synthetic_store, tmp_path_factory):
    """An application whose records are its own, beside the same offences."""
    records = f"sqlite:///{tmp_path_factory.mktemp('records')}/records.sqlite"
    with started_app(synthetic_store, {"HOTSPOT_RECORDS": records}) as app:
        yield app


def test_findings_are_pinned_ordered_noted_run_again_and_found_by_a_link(recorded_app: App, opened: Opener):
    headlines = []
    visited = opened(recorded_app, PAGES[0], **SUMMER)
    page = visited.page
    for number, path in enumerate(PAGES):
        if number:
            visited.open(path, **SUMMER)
        headlines.append(page.get_by_role("heading", level=1).inner_text())
        page.get_by_role("button", name="Pin").click()
        if number == 0:
            page.get_by_role("textbox", name="Name of the new notebook").fill("Weekly meeting")
        page.get_by_role("textbox", name="Note", exact=True).fill(f"Seen on {path}")
        page.get_by_role("button", name="Keep this view").click()
        expect(page.locator(".hs-done")).to_contain_text("Kept in Weekly meeting", timeout=COMPUTED)
        visited.settle()
    page.get_by_role("link", name="Open the notebook").click()
    cards = page.locator("[class*='st-key-card-'] h2")
    expect(cards).to_have_text(headlines)
    expect(page.get_by_role("textbox", name="Note", exact=True).first).to_have_value(f"Seen on {PAGES[0]}")
    visited.settle()
    page.get_by_role("button", name="Down").first.click()
    expect(cards).to_have_text([headlines[1], headlines[0], headlines[2]])
    page.get_by_role("textbox", name="Note", exact=True).last.fill("Ask the night shift")
    page.get_by_role("button", name="Run again").last.click()
    expect(page.locator(".hs-done")).to_contain_text(
        "The data are the same as when it was pinned: every figure is the same.", timeout=COMPUTED
    )
    assert max(page.evaluate(WIDTHS)) <= 1280
    expect(page).to_have_url(re.compile("notebook=Weekly"))

    other = opened(recorded_app, "notebooks", notebook="weekly meeting")
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Weekly meeting: three cards")
    expect(other.page.locator("[class*='st-key-card-'] h2")).to_have_text([headlines[1], headlines[0], headlines[2]])
    expect(other.page.get_by_role("textbox", name="Note", exact=True).last).to_have_value("Ask the night shift")
