"""The board's table, a table of forces uploaded beside it, what partners see, and the lists of the Investigation page."""

import re

from browser_apps import App, Opener
from playwright.sync_api import expect

WIDTHS = "() => [document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
PEERS = b"""force,group,offences,population
West Midlands,Burglary,5672,2950000
Greater Manchester,Burglary,5000,2900000
Merseyside,Burglary,1000,1450000
"""
SEMICOLONS = b"force;group;offences;population\nA;Burglary;1;5\n"


def given(visited, name, content):
    visited.settle()
    files = [{"name": name, "mimeType": "text/csv", "buffer": content}]
    visited.page.get_by_test_id("stMain").locator("input[type=file]").set_input_files(files)


def test_the_table_fills_the_first_screen_and_other_forces_stand_beside_it(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "performance", type="Burglary")
    page = visited.page
    expect(page.locator(".hs-kicker")).to_contain_text("1 April to 30 September 2024 against 1 April to 30 September 2023")
    rows = page.locator("table.board tbody tr")
    expect(rows).to_have_count(13)
    assert rows.last.bounding_box()["y"] + rows.last.bounding_box()["height"] <= 720
    assert max(page.evaluate(WIDTHS)) <= 1280
    expect(page.get_by_text("Outcome rate: positive outcomes (1–4, 6–8) given in the period")).to_have_count(1)
    visited.settle()
    page.get_by_role("radio", name="Other forces").click()
    given(visited, "wrong.csv", SEMICOLONS)
    expect(page.get_by_role("alert").filter(has_text="wrong.csv is no table of forces")).to_contain_text(
        "population or households"
    )
    given(visited, "forces.csv", PEERS)
    row = page.locator("table.hs tbody tr")
    expect(row).to_have_count(1)
    # 5,672 per 2.95 million; means of 5,000 per 2.9 and 1,000 per 1.45 million, and of 6,000 per 4.35 million.
    assert [cell.strip() for cell in row.locator("td").all_inner_texts()] == [
        "Burglary", "population", "1.92", "1.87 to 1.97", "1.21", "1.38", "1 of 3"
    ]  # fmt: skip
    expect(page.get_by_text("simple, each force counts the same")).to_have_count(1)
    expect(page.get_by_role("alert").filter(has_text="wrong.csv")).to_have_count(0)


def test_partners_see_no_small_count_in_the_table(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "performance", type="Robbery", board="Areas", audience="public")
    cells = visited.page.locator("table.board tbody td:nth-child(2), table.board tbody td:nth-child(3)")
    expect(cells.filter(has_text="hidden")).not_to_have_count(0)
    counts = [cell.replace(",", "") for cell in cells.all_inner_texts()]
    assert all(cell == "hidden" or int(cell) >= 5 or int(cell) == 0 for cell in counts)


def test_files_of_one_lpa_are_listed_and_police_uk_says_why_there_are_none(synthetic_app: App, street_app: App, opened: Opener):
    visited = opened(synthetic_app, "investigation", type="Burglary")
    page = visited.page
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("^[0-9]+% of files with CCTV requested were filed before it came$")
    )
    row = page.locator("table.board tbody tr").filter(has_text="Walsall")
    open_files = row.locator("td").nth(4).inner_text()
    visited.settle()
    page.get_by_role("radio", name="Open files").click()
    expect(page.locator(".stDataFrame")).to_have_count(1)
    visited.settle()
    visited.choose("List of", "Walsall")
    expect(page.get_by_text(f"The oldest first. {open_files} in all.")).to_have_count(1)
    expect(page.get_by_text("Officers are masked.")).to_have_count(1)
    refused = opened(street_app, "investigation", type="Burglary")
    expect(refused.page.get_by_role("heading", level=1)).to_have_text("Investigation quality cannot be known from these data")
