"""The Accuracy page and the back-test beside a map: figures, one picture, what the public sees, two months without days."""

import re

from browser_apps import App, Opener
from playwright.sync_api import expect

WIDTHS = "() => [document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
YEAR = {"type": "All acquisitive", "from": "2023-10-01", "to": "2024-10-01"}


def test_maps_are_judged_on_one_picture_and_in_tables(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "accuracy", **YEAR, square="500", at="0.05")
    expect(visited.page.get_by_role("heading", level=1)).to_contain_text("The densest 5% held ")
    expect(visited.page.locator(".hs-subline").first).to_contain_text("The map beats last period's counts: ")
    expect(visited.page.get_by_text("Six periods of 28 days judged, 16 April to 30 September 2024")).to_have_count(1)
    tables = visited.page.locator("table.hs")
    expect(tables).to_have_count(2)
    tested, shares = tables.first, tables.last
    expect(tested.locator("tbody tr")).to_have_count(4)
    expect(tested.locator("tbody tr").last).to_contain_text("5.0%")
    expect(shares.locator("tbody tr")).to_have_count(6)
    expect(visited.page.locator(".stVegaLiteChart")).to_have_count(1)
    assert max(visited.page.evaluate(WIDTHS)) <= 1280
    visited.choose("Judged by the next", "56 days")
    expect(visited.page.get_by_text("Six periods of 56 days judged")).to_have_count(1)
    expect(visited.page).to_have_url(re.compile("judge=56"))


def test_the_public_sees_no_row_of_under_five_hits(synthetic_app: App, opened: Opener):
    months = {"from": "2024-04-01", "to": "2024-10-01"}
    visited = opened(synthetic_app, "accuracy", type="Business robbery", audience="public", **months)
    expect(visited.page.get_by_text("Rows whose hits, or the rest, are under 5 are hidden.")).to_have_count(1)
    rows = visited.page.locator("table.hs").first.locator("tbody tr").filter(has_not_text="Even spread")
    assert all(int(held.replace(",", "")) >= 5 for held in rows.locator("td:nth-child(2)").all_inner_texts())


def test_two_months_of_police_uk_give_figures_and_say_why_there_is_no_interval(street_app: App, opened: Opener):
    visited = opened(street_app, "accuracy", type="Burglary")
    expect(visited.page.get_by_text("Judged: February 2014, on maps made from January 2014 alone.")).to_have_count(1)
    expect(visited.page.locator(".hs-warning")).to_contain_text("the data know no weeks")


def test_a_period_with_nothing_before_it_is_refused_in_words(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "accuracy", **{"from": "2022-04-01", "to": "2022-06-01"})
    expect(visited.page.get_by_role("heading", level=1)).to_have_text("No period here can be judged on the one before it")


def test_beside_a_density_map_stands_how_such_a_map_held_up(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", **{"from": "2024-04-01", "to": "2024-10-01"})
    visited.page.get_by_text("Did such a map hold up?").click()
    expect(visited.page.get_by_text("on maps made from October 2023 to March 2024 alone")).to_have_count(1)
    expect(visited.page.get_by_role("link", name="All maps and shares")).to_have_count(1)
