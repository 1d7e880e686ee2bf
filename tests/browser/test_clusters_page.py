"""The Clusters page: Gi*, emerging hotspots and rates, on invented data and on police.uk months."""

from browser_apps import App, Opener
from playwright.sync_api import expect

COARSE = {"size": "500", "shuffles": "9999"}
ALL_MONTHS = {"type": "Vehicle crime", "from": "2022-04-01", "to": "2024-10-01"}


def test_clusters_are_a_headline_a_map_and_a_table(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "clusters", **ALL_MONTHS, **COARSE)
    expect(visited.page.get_by_role("heading", level=1)).to_contain_text("vehicle crime offences")
    expect(visited.page.locator(".hs-subline")).to_contain_text("hexagons of 500 m tested together")
    visited.wait_for_map()
    expect(visited.page.get_by_text("Gi*, after correction")).to_have_count(1)
    expect(visited.page.locator(".hs-footer")).to_contain_text("Null hypothesis: the counts lie among these cells in any order.")
    expect(visited.page.locator(".hs-footer")).to_contain_text("clustering of counts, not risk")
    visited.choose("Neighbourhood", "Within 1,500 m")
    expect(visited.page.get_by_text("whose middle lies within 1,500 m")).to_have_count(1)
    visited.page.wait_for_url("**near=3*")
    assert visited.faults == []


def test_emerging_hotspots_look_back_over_all_the_months(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "clusters", type="Vehicle crime", show="Emerging hotspots", **COARSE)
    expect(visited.page.locator(".hs-subline")).to_contain_text("10 time slices of three months, April 2022 to September 2024")
    visited.wait_for_map()
    visited.choose("Time slice", "2 months")
    expect(visited.page.locator(".hs-subline")).to_contain_text("15 time slices of two months")


def test_rates_without_a_denominator_say_how_to_give_one_and_the_other_views_stay_in_reach(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "clusters", show="Rates", **ALL_MONTHS)
    expect(visited.page.get_by_role("heading", level=1)).to_have_text("A rate per 1,000 cannot be known without a denominator")
    expect(visited.page.locator(".hs-refused")).to_contain_text("boundaries import --denominator")
    expect(visited.page.get_by_role("radio", name="Clusters")).to_have_count(1)


def test_police_uk_months_show_a_true_map_and_refuse_what_they_cannot_tell(street_app: App, opened: Opener):
    visited = opened(street_app, "clusters", type="Burglary", shuffles="9999")
    expect(visited.page.locator(".hs-warning")).to_contain_text("Locations are snapped to street points")
    visited.wait_for_map()
    visited.page.get_by_role("radio", name="Emerging hotspots").click()
    expect(visited.page.locator(".hs-refused")).to_contain_text("There are 2 time slices, and a trend needs at least 10")


def test_a_selection_without_offences_keeps_its_map_and_offers_the_nearest(street_app: App, opened: Opener):
    visited = opened(street_app, "clusters", type="Burglary", area="Solihull")
    expect(visited.page.get_by_role("heading", level=1)).to_have_text("No offence in this selection")
    visited.wait_for_map()
    expect(visited.page.get_by_role("link", name="Show the whole force over all the data")).to_have_count(1)
