"""Series: a row shows its chain on the map and its offences below; the public sees counts; zones have an end."""

import re

from browser_apps import App, Opener
from playwright.sync_api import expect

YEAR = {"type": "Residential burglary", "from": "2023-10-01", "to": "2024-10-01"}


def test_a_ticked_row_shows_the_chain_in_order_of_time_and_its_offences(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "series", least="2", reach="500", **YEAR)
    expect(visited.page.get_by_role("heading", level=1)).to_contain_text("of 2 or more residential burglaries")
    expect(visited.page.get_by_role("heading", level=1)).to_contain_text(re.compile("chance"))
    visited.wait_for_map()
    box = visited.page.get_by_test_id("stDataFrame").first.bounding_box()
    visited.page.mouse.click(box["x"] + 14, box["y"] + 48)
    expect(visited.page.get_by_role("heading", name=re.compile("^Chain 1: "))).to_be_visible()
    expect(visited.page.locator("table.hs-list tbody tr").first).to_contain_text(re.compile(r"\w+/\d+/2\d"))
    expect(visited.map.locator("path.leaflet-interactive, .leaflet-points-pane path").first).to_be_attached()


def test_partners_and_the_public_see_counts_alone(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "series", audience="public", **YEAR)
    expect(visited.page.locator(".hs-subline").first).to_have_text("Chains and their offences are shown to the force alone.")
    expect(visited.page.get_by_role("cell", name="isolated", exact=True)).to_be_visible()
    expect(visited.page.get_by_test_id("stDataFrame")).to_have_count(0)
    expect(visited.page.get_by_role("button", name="CSV of offences")).to_have_count(0)


def test_police_uk_months_are_refused_with_the_reason_and_a_way_on(street_app: App, opened: Opener):
    visited = opened(street_app, "series", type="Burglary")
    expect(visited.page.get_by_role("heading", level=1)).to_have_text("Series cannot be known from these data")
    expect(visited.page.get_by_role("link", name="Where the offences were")).to_be_visible()
