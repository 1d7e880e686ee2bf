"""Views of two surfaces on the Compare page, and the bandwidth on the Density page."""

from browser_apps import App, Opener
from playwright.sync_api import expect

VEHICLE = {"type": "Vehicle crime", "from": "2023-10-01", "to": "2024-10-01"}
LONG = 60_000
"""Milliseconds: the labellings wait for a free processor."""


def test_relative_risk_is_headed_by_its_own_finding_and_another_type_can_be_chosen(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "compare", view="Relative risk", **VEHICLE)
    expect(visited.page.get_by_text("Places that stand out from chance")).to_be_visible(timeout=LONG)
    visited.wait_for_map()
    expect(visited.page.locator(".hs-headline")).to_contain_text("vehicle crime")
    expect(visited.page.locator(".hs-subline").first).to_contain_text("999 random labellings")
    visited.choose("Pattern against", "Burglary")
    expect(visited.page.locator(".hs-headline")).to_contain_text("against burglary", timeout=LONG)
    visited.page.wait_for_url(lambda url: "other=Burglary" in url)
    visited.choose("Crime type", "Burglary")
    expect(visited.page.locator(".hs-headline")).to_contain_text("Share of all burglary", timeout=LONG)


def test_the_difference_says_what_could_be_chance(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "compare", view="Difference", **VEHICLE)
    expect(visited.page.get_by_text("Places that stand out from chance")).to_be_visible(timeout=LONG)
    visited.wait_for_map()
    expect(visited.page.get_by_text("too few to test")).to_be_visible()
    assert visited.page.get_by_text("could be chance").count() == 2


def test_the_rules_of_the_bandwidth_are_compared_when_asked(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", type="Personal robbery", rules="True")
    visited.wait_for_map()
    expect(visited.page.get_by_text("Diggle's cross-validation").first).to_be_visible(timeout=LONG)
    visited.page.wait_for_url(lambda url: "rules=True" in url)
