"""The marks that stand on every page."""

from browser_apps import App, Opener
from playwright.sync_api import expect


def test_the_synthetic_mark_and_the_marking_stand_on_every_page(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app)
    for name in ("Density", "Compare", "Repeat victimisation", "Data", "Overview"):
        visited.go(name)
        expect(visited.page.get_by_text("SYNTHETIC DATA", exact=True)).to_be_visible()
        expect(visited.page.locator(".hs-bar")).to_contain_text("OFFICIAL-SENSITIVE")
        visited.settle()
