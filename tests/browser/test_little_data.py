"""No store, an empty month, one offence, a place without any: a sentence each time, never a blank."""

import pytest
from browser_apps import App, Opener
from playwright.sync_api import expect

FEBRUARY = {"from": "2014-02-01", "to": "2014-03-01"}
MAP_PAGES = ("overview", "density", "compare")


def test_without_a_store_each_page_has_its_heading_and_an_offer(empty_app: App, opened: Opener):
    visited = opened(empty_app)
    for path in ("", "overview", "density", "compare", "repeat_victimisation", "data"):
        visited.open(path)
        expect(visited.page.get_by_role("heading", level=1)).to_have_text("No offences are loaded yet")
        expect(visited.page.get_by_role("button", name="Make the demonstration data")).to_be_enabled()
        name = "Import" if path == "data" else "Import offences"
        expect(visited.page.get_by_role("button", name=name, exact=True)).to_have_count(1)
    visited.open("density")
    visited.page.get_by_role("button", name="Import offences").click()
    expect(visited.page.get_by_text("Street files (CSV), or the archive (zip)")).to_be_visible()


@pytest.mark.parametrize("path", MAP_PAGES)
def test_a_month_without_offences_is_a_sentence_with_a_way_on(path: str, street_app: App, opened: Opener):
    visited = opened(street_app, path, type="Bicycle theft", **FEBRUARY)
    expect(visited.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(visited.page.locator(".hs-footer")).to_contain_text("0 offences used")
    if path == "overview":
        return
    expect(visited.page.locator(".hs-refused")).to_contain_text("No offence of this type lies in this area and period.")
    visited.page.get_by_role("link", name="Show the whole force over all the data").click()
    # Two months cannot be compared with anything earlier: there the latest of them stays, in words.
    words = {"density": "January and February 2014", "compare": "so the latest month is shown"}[path]
    expect(visited.page.locator(".hs-kicker, .hs-warning").filter(has_text=words)).to_have_count(1)


def test_a_month_before_the_data_is_a_sentence_that_says_what_they_cover(street_app: App, opened: Opener):
    visited = opened(street_app, "density", type="Burglary", **{"from": "2011-01-01", "to": "2011-02-01"})
    expect(visited.page.get_by_role("heading", level=1)).to_have_text("No burglaries in this selection")
    expect(visited.page.locator(".hs-refused")).to_contain_text("The data cover 1 January to 28 February 2014.")


@pytest.mark.parametrize(("crime_type", "area"), [("Robbery", "Coventry"), ("Burglary", "Solihull")])
def test_one_offence_and_an_lpa_without_any_make_pages_in_words(crime_type: str, area: str, street_app: App, opened: Opener):
    visited = opened(street_app, "density", type=crime_type, area=area, **FEBRUARY)
    headlines = {"Robbery": "No hotspot of 5 or more robberies stands out", "Burglary": "No burglaries in this selection"}
    expect(visited.page.get_by_role("heading", level=1)).to_have_text(headlines[crime_type])
    visited.wait_for_map()
    for name in ("Compare", "Overview"):
        visited.go(name)
        expect(visited.page.locator(".hs-kicker")).to_contain_text(", against" if name == "Compare" else area)
        visited.settle()
        expect(visited.page.get_by_role("heading", level=1)).to_have_count(1)
        expect(visited.page.locator(".hs-footer")).to_contain_text(f"{1 if crime_type == 'Robbery' else 0} offence")


def test_police_uk_data_explain_why_repeats_cannot_be_known_and_what_can(street_app: App, opened: Opener):
    visited = opened(street_app, "repeat_victimisation", type="Burglary", **FEBRUARY)
    expect(visited.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(visited.page.locator(".hs-refused")).to_contain_text("They name no premises, victim or vehicle")
    expect(visited.page.get_by_role("link", name="What changed")).to_have_count(1)
    visited.page.get_by_role("link", name="Where the offences were").click()
    expect(visited.page.locator(".hs-kicker")).to_have_text("Burglary in West Midlands, February 2014")


def test_repeats_are_shown_on_the_synthetic_extract_by_each_measure(synthetic_app: App, opened: Opener):
    two_years = {"from": "2022-10-01", "to": "2024-10-01"}
    visited = opened(synthetic_app, "repeat_victimisation", type="Residential burglary", **two_years)
    expect(visited.page.locator(".hs-kicker")).to_contain_text("same premises within 12 months")
    expect(visited.page.get_by_role("columnheader", name="Most repeats")).to_have_count(1)
    visited.wait_for_map()
    visited.choose("Same", "victim")
    expect(visited.page.locator(".hs-kicker")).to_contain_text("same victim within 12 months")
    visited.page.wait_for_url("**by=victim*")
