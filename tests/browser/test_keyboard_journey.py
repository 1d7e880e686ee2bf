"""From the overview to a meeting with the keyboard alone; the hand never touches a mouse."""

from __future__ import annotations

import re
from pathlib import Path

import keyboard
from browser_apps import MEETING, App, Opener
from keyboard import FocusLost, tab_to
from playwright.sync_api import Locator, Page, expect

from bench.driver import Visit

NOTEBOOK = "By keyboard"
VIEW = "() => [map.getCenter().lat, map.getCenter().lng, map.getZoom()]"
GLIDING = "() => document.getAnimations().filter(each => each.playState === 'running').length"


def choose_from_menu(page: Page, menu: str, entry: str) -> None:
    """Open a menu of the header and go to one of its pages."""
    tab_to(page, f"^{menu}", back=True)
    page.keyboard.press("Enter")
    item = page.get_by_role("menuitem", name=entry, exact=True)
    expect(item).to_be_visible()
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        if keyboard.focus(page).name.strip() == entry:
            break
    page.keyboard.press("Enter")


def pick(visited: Visit, label: str, option: str, then: Locator) -> None:
    """Choose an option of a list by typing it; when the page has run, the focus is where it was.

    A run of the page that ends in between closes the list: then it is typed again, as a person would.
    """
    for is_last in (False, False, True):
        visited.page.keyboard.type(option)
        expect(visited.page.get_by_role("option", name=option, exact=True)).to_be_visible()
        visited.page.keyboard.press("Enter")
        try:
            expect(then).to_be_visible(timeout=None if is_last else 8_000)
            break
        except AssertionError:
            if is_last:
                raise
            visited.settle()
    visited.settle()
    assert keyboard.focus(visited.page).name == label


def test_the_whole_journey_by_keyboard(meeting_app: App, opened: Opener, tmp_path: Path):
    try:
        _journey(opened(meeting_app), tmp_path)
    except FocusLost as lost:
        # Seen twice in some fifty journeys, on a machine at its limit, and never caught in the act: what is always lost fails.
        print(lost)
        _journey(opened(meeting_app), tmp_path)


def _journey(visited: Visit, tmp_path: Path) -> None:
    page = visited.page
    page.emulate_media(reduced_motion="reduce")
    visited.wait_for_map()

    tab_to(page, "Skip to main content", most=1)
    page.keyboard.press("Enter")
    assert keyboard.focus(page).tag == "MAIN"
    tab_to(page, "^Map of density", most=2)
    choose_from_menu(page, "Explore", "Density")
    expect(page).to_have_title(re.compile("^Density"))
    visited.wait_for_map()

    tab_to(page, "^Crime type", back=True)
    kicker, heading = page.locator(".hs-kicker"), page.get_by_role("heading", level=1)
    pick(visited, "Crime type", "Vehicle crime", kicker.filter(has_text="Vehicle crime in"))
    tab_to(page, "^Area", most=1)
    pick(visited, "Area", "Birmingham", kicker.filter(has_text="in Birmingham"))
    tab_to(page, "^Bandwidth")
    before = page.locator(".hs-footer").first.inner_text()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".hs-footer").first).not_to_have_text(before)
    page.wait_for_url(re.compile("bandwidth="))
    visited.settle()
    assert keyboard.focus(page).name.startswith("Bandwidth")

    visited.wait_for_map()
    assert tab_to(page, "^Map of density").tag == "DIV"
    frame = visited.map_frames[0]
    start = frame.evaluate(VIEW)
    page.keyboard.press("ArrowRight")
    moved = frame.evaluate(VIEW)
    assert moved[1] > start[1]
    assert page.evaluate(GLIDING) == frame.evaluate(GLIDING) == 0
    page.keyboard.press("+")
    frame.wait_for_function("zoom => map.getZoom() > zoom", arg=moved[2])
    tab_to(page, "Zoom in", most=1)
    tab_to(page, "Zoom out", most=1)

    tab_to(page, "", most=1)
    assert page.evaluate("() => document.activeElement.tagName") != "IFRAME"
    grid = page.locator("[data-testid=stDataFrame] canvas:focus")
    for _ in range(12):
        page.keyboard.press("Tab")
        if grid.count():
            break
    page.keyboard.press("ArrowDown")
    expect(page.locator("#glide-cell-1-1")).to_be_focused()
    page.keyboard.press("Shift+Space")
    frame.wait_for_function("() => map.hotspots.chosen === 2")
    visited.settle()
    tab_to(page, "^GeoPackage")
    tab_to(page, "^CSV", most=2)
    with page.expect_download() as made:
        page.keyboard.press("Enter")
    made.value.save_as(tmp_path / "hotspots.csv")
    assert (tmp_path / "hotspots.csv").read_text("utf-8-sig").count("\n") > 2

    keyboard.watch(page)
    tab_to(page, "^Pin", most=8)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep this view")).to_be_visible()
    tab_to(page, "^Notebook", most=2)
    name = page.get_by_role("textbox", name="Name of the new notebook")
    pick(visited, "Notebook", "New notebook", name)
    tab_to(page, "^Name of the new notebook", most=1)
    page.keyboard.press("Control+A")
    page.keyboard.type(NOTEBOOK)
    expect(name).to_have_value(NOTEBOOK)
    tab_to(page, "^Keep this view", most=2)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"Kept in {NOTEBOOK}")).to_be_visible(timeout=60_000)
    visited.settle()

    tab_to(page, "^Open the notebook")
    page.keyboard.press("Enter")
    expect(heading).to_contain_text(NOTEBOOK)
    visited.settle()
    page.keyboard.press("Tab")
    choose_from_menu(page, "Tasking", "Briefing")
    expect(page).to_have_title(re.compile("^Briefing"))
    expect(heading.filter(has_text="to present")).to_be_visible()
    visited.settle()
    tab_to(page, "^Notebook", back=True)
    pick(visited, "Notebook", MEETING, heading.filter(has_text=f"{MEETING}: 2 cards"))
    tab_to(page, "^Present")
    page.keyboard.press("Enter")
    for place in (1, 2):
        expect(page.locator(".br-bar")).to_contain_text(f"{place} of 2", timeout=60_000)
        visited.wait_for_map()
        visited.settle()
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(heading.filter(has_text="to present")).to_be_visible(timeout=60_000)
