"""The Near repeats page: table and sentence, bands of choice, what the public sees, why police.uk data cannot tell."""

from browser_apps import App, Opener
from playwright.sync_api import expect

TWO_YEARS = {"type": "Residential burglary", "from": "2022-10-01", "to": "2024-10-01"}


def test_planted_near_repeats_are_a_headline_a_table_and_a_chart(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "near_repeats", **TWO_YEARS)
    expect(visited.page.get_by_role("heading", level=1)).to_contain_text("Residential burglaries cluster within 7 days and")
    expect(visited.page.locator(".hs-subline")).to_contain_text("times expected, p = .001 (")
    rows = visited.page.locator("table.heat tbody tr")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text("Same premises")
    expect(rows.first.locator("td").nth(1)).to_have_class("s3")
    expect(visited.page.locator(".stVegaLiteChart")).to_have_count(1)
    expect(visited.page.get_by_text("20 bands of distance and time were tested together")).to_have_count(1)
    visited.choose("Area", "Coventry")
    expect(visited.page.get_by_text("Pairs across the border of the area are not counted.")).to_have_count(1)


def test_bands_of_ones_own_come_from_the_link_and_a_slip_is_a_sentence(synthetic_app: App, opened: Opener):
    own = TWO_YEARS | {"bands": "My own", "distances": "0,150,inf", "times": "0,14,inf", "premises": "False"}
    visited = opened(synthetic_app, "near_repeats", **own)
    expect(visited.page.locator("table.heat thead")).to_contain_text("14 days or more")
    expect(visited.page.locator("table.heat tbody tr")).to_have_count(2)
    days = visited.page.get_by_role("textbox", name="Days")
    days.fill("0,14,7")
    days.press("Enter")
    expect(visited.page.locator(".hs-refused")).to_have_text("The time bands '0,14,7' must rise from edge to edge, as in 0,7,14.")


def test_the_public_sees_no_number_of_pairs_under_five(synthetic_app: App, opened: Opener):
    visited = opened(
        synthetic_app, "near_repeats", type="Business robbery", audience="public", **{"from": "2024-01-01", "to": "2024-10-01"}
    )
    expect(visited.page.locator(".hs-subline")).to_have_text("Counts are hidden: a number under 5 could be worked out from them.")
    shown = visited.page.locator("table.heat td small").all_inner_texts()
    counts = [int(words.split(" / ")[0].replace(",", "")) for words in shown if " / " in words]
    assert "under 5, or hidden" in shown
    assert all(count == 0 or count >= 5 for count in counts)


def test_police_uk_data_explain_why_near_repeats_cannot_be_known(street_app: App, opened: Opener):
    visited = opened(street_app, "near_repeats", type="Burglary")
    expect(visited.page.get_by_role("heading", level=1)).to_have_text("Near repeats cannot be known from these data")
    expect(visited.page.locator(".hs-refused")).to_contain_text("These data give the month of each offence")
    expect(visited.page.get_by_role("link", name="Where the offences were")).to_have_count(1)
