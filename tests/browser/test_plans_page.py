"""4P plans: made from a ticked hotspot, edited by two sessions at once, kept from partners and the public."""

import re

from browser_apps import App, Opener
from playwright.sync_api import Page, expect


def pressed(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def headline(page: Page):
    return page.get_by_role("heading", level=1)


def test_of_two_people_who_save_a_plan_at_once_the_second_is_told_and_nothing_is_lost(synthetic_app: App, opened: Opener):
    first = opened(synthetic_app, "density", area="Birmingham")
    first.wait_for_map()
    box = first.page.get_by_test_id("stDataFrame").first.bounding_box()
    first.page.mouse.click(box["x"] + 14, box["y"] + 48)
    first.page.get_by_role("button", name="Make a plan for hotspot 1").click()
    expect(headline(first.page)).to_have_text("A new plan: what is to be done here?")
    first.page.get_by_label("Title").fill("Market burglary")
    first.page.get_by_label(re.compile("^Protect")).first.fill("Visit repeat victims")
    pressed(first.page, "Save")
    expect(first.page.get_by_role("alert")).to_contain_text("Give your name")
    first.page.get_by_label(re.compile("^Your name")).fill("DC Patel")
    pressed(first.page, "Save")
    expect(headline(first.page)).to_have_text("Market burglary")
    expect(first.page.get_by_role("status").filter(has_text="Saved as plan")).to_be_visible()
    first.wait_for_map()

    second = opened(synthetic_app, "plans", plan=first.query["plan"])
    expect(headline(second.page)).to_have_text("Market burglary")
    first.page.get_by_label("Title").fill("Market and station")
    pressed(first.page, "Save")
    expect(headline(first.page)).to_have_text("Market and station")

    second.page.get_by_label("Title").fill("Market <b>burglary</b>, autumn")
    second.page.get_by_label(re.compile("^Pursue")).first.fill("Arrest two named suspects")
    second.page.get_by_label(re.compile("^Your name")).fill("PS Jones")
    pressed(second.page, "Save")
    expect(second.page.get_by_role("alert")).to_contain_text("DC Patel saved this plan while you were writing")
    told = second.page.get_by_role("row").filter(has_text="Market and station").first
    expect(told).to_contain_text("Market <b>burglary</b>, autumn")
    expect(second.page.get_by_label("Title")).to_have_value("Market <b>burglary</b>, autumn")
    second.settle()  # the form moves down when the alert comes: a press in between would miss
    pressed(second.page, "Save mine, keep theirs too")
    expect(headline(second.page)).to_have_text("Market <b>burglary</b>, autumn")
    past = second.page.get_by_role("row").filter(has_text="PS Jones").filter(has_text="Market and station")
    expect(past).to_have_count(1)
    expect(second.page.get_by_label(re.compile("^Protect")).first).to_have_value("Visit repeat victims")

    pressed(first.page, "All plans")
    expect(headline(first.page)).to_have_text("2 open actions in one plan, none overdue")
    expect(first.page.get_by_role("cell", name="Pursue: Arrest two named suspects")).to_be_visible()


def test_partners_and_the_public_see_how_many_plans_there_are_and_no_more(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "plans", audience="public")
    expect(visited.page.locator(".hs-subline").first).to_contain_text("shown to the force alone")
    expect(visited.page.get_by_test_id("stDataFrame")).to_have_count(0)


def test_months_of_police_uk_have_plans_too_and_an_empty_list_says_how_to_begin(street_app: App, opened: Opener):
    visited = opened(street_app, "plans", plan="7")
    expect(headline(visited.page)).to_have_text("No plan yet")
    expect(visited.page.get_by_text("There is no plan 7.")).to_be_visible()
    expect(visited.page.get_by_text("No plan is made yet. Tick a hotspot")).to_be_visible()
