"""4P plans: made from a ticked hotspot, edited by two sessions at once, kept from partners and the public."""

import re

from browser_apps import App, Opener
from playwright.sync_api import Locator, Page, expect

from bench.driver import Visit

NOT_SAVED = "Not saved yet. It stays while this window is open"


def press(visited: Visit, name: str) -> None:
    """Press a button by the keyboard: what comes above it may move it, never the press."""
    visited.settle()
    visited.page.get_by_role("button", name=name, exact=True).press("Enter")


def go(visited: Visit, menu: str, title: str) -> None:
    """Go to another page by its menu."""
    visited.settle()
    visited.page.get_by_test_id("stTopNavSection").filter(has_text=menu).click()
    visited.page.get_by_role("menuitem", name=title, exact=True).click()


def headline(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def write(page: Page, field: str, text: str) -> None:
    """Write into a field and leave it; the page has it when it says so."""
    box = page.get_by_label(re.compile(f"^{field}")).first
    box.fill(text)
    box.press("Tab")


def test_of_two_people_who_save_a_plan_at_once_the_second_is_told_and_nothing_is_lost(synthetic_app: App, opened: Opener):
    first = opened(synthetic_app, "density", area="Birmingham")
    box = first.page.get_by_test_id("stDataFrame").first.bounding_box()
    first.page.mouse.click(box["x"] + 14, box["y"] + 48)
    first.page.get_by_role("button", name="Make a plan for hotspot 1").press("Enter")
    expect(headline(first.page)).to_have_text("A new plan: what is to be done here?")
    write(first.page, "Title", "Market burglary")
    write(first.page, "Protect", "Visit repeat victims")
    expect(first.page.get_by_text(NOT_SAVED)).to_be_visible()
    press(first, "All plans")
    expect(headline(first.page)).to_have_text("No plan yet")
    first.page.get_by_role("button", name="Go on with New").press("Enter")
    expect(first.page.get_by_label("Title")).to_have_value("Market burglary")
    press(first, "Save")
    expect(first.page.get_by_role("alert")).to_contain_text("Give your name")
    write(first.page, "Your name", "DC Patel")
    press(first, "Save")
    expect(headline(first.page)).to_have_text("Market burglary")
    expect(first.page.get_by_role("status").filter(has_text="Saved as plan")).to_be_visible()
    expect(first.page).to_have_url(re.compile(r"plan=\d+"))  # written at the end of the run

    second = opened(synthetic_app, "plans", area="Birmingham", plan=first.query["plan"])
    expect(headline(second.page)).to_have_text("Market burglary")
    write(second.page, "Title", "Market <b>burglary</b>, autumn")
    write(second.page, "Pursue", "Arrest two named suspects")
    write(second.page, "Your name", "PS Jones")
    expect(second.page.get_by_text(NOT_SAVED)).to_be_visible()
    write(first.page, "Title", "Market and station")
    press(first, "Save")
    expect(headline(first.page)).to_have_text("Market and station")

    go(second, "Explore", "Density")
    expect(second.page.get_by_label("Title")).to_have_count(0)
    go(second, "Tasking", "4P plans")
    expect(second.page.get_by_label("Title")).to_have_value("Market <b>burglary</b>, autumn")
    press(second, "Save")
    expect(second.page.get_by_role("alert")).to_contain_text("DC Patel saved this plan while you were writing")
    told = second.page.get_by_role("row").filter(has_text="Market and station").first
    expect(told).to_contain_text("Market <b>burglary</b>, autumn")
    expect(second.page.get_by_label("Title")).to_have_value("Market <b>burglary</b>, autumn")
    press(second, "Save mine, keep theirs too")
    expect(headline(second.page)).to_have_text("Market <b>burglary</b>, autumn")
    past = second.page.get_by_role("row").filter(has_text="PS Jones").filter(has_text="Market and station")
    expect(past).to_have_count(1)
    expect(second.page.get_by_label(re.compile("^Protect")).first).to_have_value("Visit repeat victims")

    press(first, "All plans")
    expect(headline(first.page)).to_have_text("2 open actions in one plan, none overdue")
    expect(first.page.get_by_role("cell", name="Pursue: Arrest two named suspects")).to_be_visible()


def test_partners_and_the_public_see_nothing_of_the_plans_not_even_how_many(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "plans", audience="public", plan="1")
    expect(headline(visited.page)).to_have_text("4P plans are for the force alone")
    expect(visited.page.locator(".hs-subline").first).to_contain_text("shown to the force alone")
    for what in ("stDataFrame", "stTextInput", "stCustomComponentV1"):
        expect(visited.page.get_by_test_id(what)).to_have_count(0)


def test_months_of_police_uk_have_plans_too_and_an_empty_list_says_how_to_begin(street_app: App, opened: Opener):
    visited = opened(street_app, "plans", plan="7")
    expect(headline(visited.page)).to_have_text("No plan yet")
    expect(visited.page.get_by_text("There is no plan 7.")).to_be_visible()
    expect(visited.page.get_by_text("No plan is made yet. Tick a hotspot")).to_be_visible()
