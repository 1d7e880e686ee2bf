"""What partners and the public may see, and what a hostile name can do."""

import re

import pytest
from browser_apps import SCRIPT, App, Opener
from playwright.sync_api import expect

AUDIENCES = ("force", "public")
FEBRUARY = {"from": "2014-02-01", "to": "2014-03-01"}
ALL_DATA = {"from": "2014-01-01", "to": "2014-03-01"}
SMALL = re.compile(r"(?<![\d.,–−+-])[1-4](?:\.\d+)?(?![\d.,%–:])")


@pytest.mark.parametrize(("path", "crime_type", "small"), [("overview", "Robbery", "0 → 1"), ("compare", "Drugs", "3")])
def test_the_public_sees_no_count_of_1_to_4_in_a_table(path: str, crime_type: str, small: str, street_app: App, opened: Opener):
    visits = [opened(street_app, path, type=crime_type, audience=who, **FEBRUARY) for who in AUDIENCES]
    cells = [visited.page.locator("table.hs td.r") for visited in visits]
    for shown in cells:
        expect(shown).not_to_have_count(0)
    force, public = (shown.all_inner_texts() for shown in cells)
    assert small in force
    assert [cell for cell in public if SMALL.search(cell)] == []


def test_the_public_sees_no_list_of_single_premises(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "repeat_victimisation", type="Residential burglary", audience="public")
    expect(visited.page.get_by_text("are not listed for partners or the public")).to_have_count(1)
    expect(visited.page.get_by_role("columnheader", name="Most repeats")).to_have_count(0)


def test_the_audience_holds_from_page_to_page(street_app: App, opened: Opener):
    visited = opened(street_app, "compare", audience="public")
    for name in ("Overview", "Density", "Compare"):
        visited.go(name)
        visited.page.wait_for_url(f"**/{name.lower()}?*")
        expect(visited.page.get_by_role("combobox", name="Audience")).to_have_value("Partner or public")


@pytest.mark.parametrize("path", ["overview", "density", "compare", "data"])
def test_names_that_carry_a_script_are_shown_as_text_and_run_nothing(path: str, hostile_app: App, opened: Opener):
    visited = opened(hostile_app, path, type="Burglary", **ALL_DATA)
    if path != "data":
        visited.wait_for_map()
    for frame in visited.page.frames:
        assert frame.locator("img[src='x'], img[onerror]").count() == 0
    if path != "density":
        assert any(SCRIPT in words for words in (*visited.told, visited.page.locator("body").inner_text()))
    if path == "density":
        labels = visited.map_frames[0].locator(".hs-disc").evaluate_all("all => all.map(each => each.title)")
        assert any(SCRIPT in label for label in labels)


def test_an_area_named_like_a_script_can_be_chosen(hostile_app: App, opened: Opener):
    visited = opened(hostile_app, "density", type="Burglary", area=SCRIPT, **ALL_DATA)
    expect(visited.page.locator(".hs-kicker")).to_have_text(f"Burglary in {SCRIPT}, January and February 2014")
    visited.wait_for_map()
    assert visited.page.locator("img[src='x']").count() == 0


def test_a_script_in_a_link_is_shown_as_text(hostile_app: App, opened: Opener):
    visited = opened(hostile_app, "density", type=SCRIPT, area=SCRIPT + "2", kernel=SCRIPT)
    expect(visited.page.locator(".hs-warning").filter(has_text=SCRIPT)).not_to_have_count(0)
    assert visited.page.locator("img[src='x']").count() == 0
