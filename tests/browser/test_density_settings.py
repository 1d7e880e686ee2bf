"""The Density page's kernel, adaptive bandwidth, edge correction and table of harm weights, in a browser."""

from browser_apps import App, Opener
from playwright.sync_api import expect

TABLE = b"""crime_type,weight,valid_from,source
Residential burglary,100,2010-01-01,"Invented for a test"
"""
METHOD = "Kernel, cells, edge, weights"


def test_a_link_sets_kernel_adaptive_bandwidth_and_edge_and_the_footer_says_them(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", bandwidth="600", kernel="epanechnikov", adaptive="True", edge="diggle")
    footer = visited.page.locator(".hs-footer")
    expect(footer).to_contain_text("Epanechnikov kernel, radius 520 m at average density, adaptive by Abramson's rule")
    expect(footer).to_contain_text("Diggle's edge correction")
    expect(visited.page.locator(".hs-warning").filter(has_text="The link")).to_have_count(0)


def test_an_older_links_switch_of_edge_correction_still_means_what_it_said(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", edge="False")
    expect(visited.page.locator(".hs-footer")).to_contain_text("no edge correction")
    visited.page.wait_for_url("**edge=none*")


def test_an_uploaded_table_weighs_the_offences_and_a_broken_one_is_told(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", type="Burglary", bandwidth="600")
    visited.page.get_by_text(METHOD).click()
    given = visited.page.locator("input[type=file]").first
    given.set_input_files({"name": "severity.csv", "mimeType": "text/csv", "buffer": b"crime_type,weight\nRobbery,1\n"})
    expect(visited.page.locator(".hs-refused")).to_contain_text("severity.csv has no column valid_from, source")
    given.set_input_files({"name": "severity.csv", "mimeType": "text/csv", "buffer": TABLE})
    visited.page.wait_for_url("**weights=harm*")
    expect(visited.page.locator(".hs-headline")).to_contain_text("of the harm of burglaries")
    expect(visited.page.locator(".hs-warning")).to_contain_text("have no weight in severity, and so no part")
    expect(visited.page.get_by_text("Harm per km²", exact=False).first).to_be_visible()
    expect(visited.page.locator(".hs-footer")).to_contain_text("Weighted by harm: severity")
    assert visited.faults == []
