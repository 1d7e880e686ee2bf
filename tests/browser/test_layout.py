"""At 1280 by 720, and in the order of its headings, every page is whole."""

import pytest
from browser_apps import App, Opener
from playwright.sync_api import expect

PAGES = ("overview", "density", "compare", "repeat_victimisation", "data")
BEYOND = """() => [...document.querySelectorAll('table.hs, [data-testid=stDataFrame], .hs-legend, .hs-metric')]
  .filter(each => each.getBoundingClientRect().right > each.closest('[data-testid=stElementContainer]').getBoundingClientRect().right + 1)
  .map(each => each.innerText.slice(0, 60))"""


@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_over_the_right_edge_at_1280_by_720(path: str, synthetic_app: App, opened: Opener):
    timed = {"area": "Coventry", "days": "4", "type": "Vehicle crime"} if path == "compare" else {}
    visited = opened(synthetic_app, path, **timed)
    if path != "data":
        visited.wait_for_map()
    width = visited.page.evaluate("() => [document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]")
    assert width[0] <= 1280 and width[1] <= 1280
    assert visited.page.evaluate(BEYOND) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_main_heading_its_sections_below_and_a_name_for_every_map(path: str, synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, path)
    expect(visited.page.get_by_role("heading", level=1)).to_have_count(1)
    levels = visited.page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(each => Number(each.tagName[1]))")
    main = levels[levels.index(1) :]
    assert all(after <= before + 1 for before, after in zip(main, main[1:], strict=False)), levels
    for frame in visited.page.locator("iframe").all():
        assert frame.get_attribute("title")
    if path != "data":
        visited.wait_for_map()
        expect(visited.map.get_by_role("region", name="Map. Arrow keys move it")).to_have_count(1)


def test_the_synthetic_mark_and_the_marking_stand_on_every_page(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app)
    for name in ("Density", "Compare", "Repeat victimisation", "Data", "Overview"):
        visited.page.get_by_role("link", name=name, exact=True).click()
        expect(visited.page.get_by_text("SYNTHETIC DATA", exact=True)).to_be_visible()
        expect(visited.page.locator(".hs-bar")).to_contain_text("OFFICIAL-SENSITIVE")
        visited.settle()
