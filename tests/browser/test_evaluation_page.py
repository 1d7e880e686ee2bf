"""The Evaluation page: the worked example, other comparison areas, an uploaded area, and what the public sees."""

import json
import re

from browser_apps import App, Opener
from playwright.sync_api import expect

from hotspot.paths import ROOT

QUARTER = {"type": "Shoplifting", "basis": "reported", "from": "2024-07-01", "to": "2024-10-01"}
QUIET = json.dumps(["Quiet corner", [[391300, 298700], [391380, 298700], [391380, 298780], [391300, 298780]]])


def test_the_worked_example_opens_and_other_comparison_areas_change_its_figures(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "evaluation")
    page = visited.page
    expect(page.locator(".hs-headline")).to_have_text("Choose the area to evaluate")
    page.get_by_role("link", name="September against September").click()
    kicker = page.locator(".hs-kicker")
    expect(kicker).to_have_text("Shoplifting in the pilot area: September 2024 against September 2023")
    expect(page.locator(".hs-warning")).to_contain_text("One month against one month says little")
    visited.settle()
    compared = page.locator("table.hs tbody tr").nth(1)
    expect(compared).to_contain_text("5 comparison areas")
    suggested = compared.inner_text()
    page.get_by_test_id("stMultiSelect").filter(has_text="Comparison areas").get_by_role("button", name="Remove").first.click()
    expect(compared).to_contain_text("4 comparison areas")
    assert compared.inner_text() != suggested
    expect(page).to_have_url(re.compile(r"comparison=E\+"))


def test_an_uploaded_area_is_evaluated_and_the_public_sees_no_count_under_five(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "data", part="Drawn areas")
    page = visited.page
    page.locator("input[type=file]").first.set_input_files(ROOT / "data" / "demo-pilot.geojson")
    page.get_by_role("button", name="Keep the areas").click()
    expect(page.get_by_text("Kept: the pilot area")).to_have_count(1)
    visited.go("Evaluation")
    expect(page.locator(".hs-headline")).to_have_text("Choose the area to evaluate")
    visited.choose("Area", "the pilot area")
    expect(page.locator(".hs-kicker")).to_contain_text("Burglary in the pilot area")
    visited.open("evaluation", drawn=QUIET, audience="public", **QUARTER)
    expect(page.locator(".hs-headline")).to_have_text("Shoplifting in Quiet corner: too few offences to say")
    expect(page.locator("table.hs tbody td.r").nth(0)).to_have_text("hidden")
    assert not re.search(r"\d", " ".join(page.locator("table.hs tbody td.r").all_inner_texts()))
