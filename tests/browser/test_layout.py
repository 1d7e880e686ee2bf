"""At 1280 by 720, and in the order of its headings, every page is whole."""

import itertools

import pytest
from browser_apps import App, Opener
from playwright.sync_api import expect

PAGES = ("overview", "density", "compare", "when", "repeat_victimisation", "data")
WIDTHS = "() => [document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
LEVELS = "all => all.map(heading => Number(heading.tagName[1]))"
BEYOND = """() => [...document.querySelectorAll('table.hs, [data-testid=stDataFrame], .hs-legend, .hs-metric')].filter(each => {
  const room = each.closest('[data-testid=stElementContainer]').getBoundingClientRect();
  return each.getBoundingClientRect().right > room.right + 1;
}).map(each => each.innerText.slice(0, 60))"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_at_1280_by_720_is_whole_with_one_main_heading_its_sections_below_and_names_for_its_maps(
    path: str, synthetic_app: App, opened: Opener
):
    timed = {"area": "Coventry", "days": "4", "type": "Vehicle crime"} if path == "compare" else {}
    visited = opened(synthetic_app, path, **timed)
    if path not in ("when", "data"):
        visited.wait_for_map()
        expect(visited.map.get_by_role("region", name="Map. Arrow keys move it")).to_have_count(1)
    assert max(visited.page.evaluate(WIDTHS)) <= 1280
    assert visited.page.evaluate(BEYOND) == []
    levels = visited.page.locator("[data-testid=stMain]").locator("h1, h2, h3, h4").evaluate_all(LEVELS)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels


def test_the_synthetic_mark_and_the_marking_stand_on_every_page(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app)
    for name in ("Density", "Compare", "Repeat victimisation", "Data", "Overview"):
        visited.go(name)
        expect(visited.page.get_by_text("SYNTHETIC DATA", exact=True)).to_be_visible()
        expect(visited.page.locator(".hs-bar")).to_contain_text("OFFICIAL-SENSITIVE")
        visited.settle()
