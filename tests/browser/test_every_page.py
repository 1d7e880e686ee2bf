"""Every page for everyone: nothing of ours that axe faults, a text beside every picture, whole on small and magnified screens."""

from __future__ import annotations

import ast
import itertools
import json
from contextlib import suppress

import axe
import pytest
from browser_apps import MEETING, App, Opener
from playwright.sync_api import TimeoutError, expect

from bench.driver import MAP_FRAME, ROOT
from hotspot.findings.evaluation_areas import area_of_file

_SHELL = ast.parse((ROOT / "hotspot" / "ui" / "shell.py").read_text("utf-8"))
PAGES: dict[str, tuple[str, str]] = next(
    ast.literal_eval(node.value)
    for node in _SHELL.body
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PAGES"
)
"""As the shell lists them: a new page is judged without a word here."""
PILOT = area_of_file(ROOT / "data" / "demo-pilot.geojson", crs="EPSG:27700")
COVENTRY = {"area": "Coventry"}
VIEWS = {
    "clusters": COVENTRY,
    "compare": {"area": "Coventry", "days": "4", "type": "Vehicle crime", "view": "Swipe"},
    "near_repeats": COVENTRY,
    "series": COVENTRY,
    "accuracy": COVENTRY,
    "notebooks": {"notebook": MEETING},
    "briefing": {"notebook": MEETING},
    "evaluation": {
        "type": "Shoplifting",
        "basis": "reported",
        "drawn": json.dumps([PILOT.name, PILOT.ring]),
        "start": "2024-07-01",
    },
}
"""What makes a page show all that it has."""
WITHOUT_MAP = {"when", "notebooks", "briefing", "accuracy", "performance", "investigation", "data", "audit"}
SIZES = [{"width": width, "height": height} for width, height in ((1280, 720), (1024, 768), (640, 360), (320, 640))]
"""CSS pixels: the smallest desk screen, one between, that screen at 200 % and at 400 %."""
LEVELS = "all => all.map(heading => Number(heading.tagName[1]))"
BEYOND = """() => [...document.querySelectorAll(
  'table.hs:not(.hs-figures *), [data-testid=stDataFrame], .hs-legend, .hs-metric')].filter(each => {
  const room = each.closest('[data-testid=stElementContainer]').getBoundingClientRect();
  return each.getBoundingClientRect().right > room.right + 1;
}).map(each => each.innerText.slice(0, 60))"""
DRAWN = """() => !document.querySelector('[data-testid=stSkeleton]')
  && [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(chart => chart.querySelector('svg'))"""
MISPLACED = """() => {
  const words = document.createRange();
  const lines = each => { words.selectNodeContents(each); return [...words.getClientRects()]; };
  const seen = selector => [...document.querySelectorAll(selector)].filter(each => each.checkVisibility())
    .flatMap(each => lines(each).map(box => [each.innerText.slice(0, 30), box])).filter(([, box]) => box.width && box.height);
  const meet = ([, a], [, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const bar = seen(".hs-bar > *"), pin = seen(".st-key-pin button");
  const pairs = [[bar, seen("[data-testid=stHeader] button")], [pin, seen(".hs-kicker, .hs-headline")]];
  const wide = [document.documentElement, document.querySelector("main")].filter(each => each.scrollWidth > innerWidth);
  return [...bar.filter(([, box]) => box.left < 0 || box.right > innerWidth).map(([words]) => words + " leaves the screen"),
    ...wide.map(each => each.tagName + " is " + each.scrollWidth + " wide"),
    ...pairs.flatMap(([some, others]) => some.flatMap(a => others.filter(b => meet(a, b)).map(b => a[0] + " covers " + b[0])))];
}"""
"""What stands over something else, or beyond the screen at its side."""
UNSAID_CHARTS = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].filter(chart => {
  const said = chart.getAttribute('aria-label') || '';
  const under = chart.closest('[data-testid=stElementContainer]').nextElementSibling;
  const named = (said.match(/'([^']+)'/) || [])[1];
  const tabled = under && under.querySelector('details.hs-figures tbody tr')
    || named && [...document.querySelectorAll('h2')].some(heading => heading.innerText.includes(named));
  return said.length < 30 || !tabled;
}).map(chart => chart.getAttribute('aria-label'))"""
"""Charts without a description, or without a table of their figures: under them, or under the heading that they name."""
UNSAID_MAPS = """() => [...document.querySelectorAll("iframe[src*='streamlit_folium']")].filter(frame => {
  const inside = frame.contentDocument, said = inside.querySelector('.leaflet-container').getAttribute('aria-label');
  const beside = frame.closest('[data-testid=stHorizontalBlock]') || document.querySelector('main');
  const isTold = beside.querySelector('table tbody tr, [data-testid=stDataFrame], .hs-refused, p.hs-note');
  const isNamed = /^Map of .{20,}/.test(frame.title) && said.startsWith(frame.title.split('. The table')[0]);
  return !(isNamed && isTold && inside.documentElement.lang && inside.title);
}).map(frame => frame.title)"""
"""Maps whose frame does not say what is shown, or beside which no table stands and no sentence that says why there is none."""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everyone(path: str, request: pytest.FixtureRequest, opened: Opener):
    app: App = request.getfixturevalue("meeting_app" if path in ("notebooks", "briefing", "plans") else "synthetic_app")
    visited = opened(app, path, **VIEWS.get(path, {}))
    page = visited.page
    if path not in WITHOUT_MAP:
        visited.wait_for_map()
    expect(page).to_have_title(f"{PAGES[path][1]} · Hotspot notebook")
    expect(page.locator(".hs-bar")).to_contain_text("SYNTHETIC DATA")
    expect(page.locator(".hs-bar")).to_contain_text("OFFICIAL-SENSITIVE")
    page.wait_for_function(DRAWN)
    levels = page.locator("[data-testid=stMain]").locator("h1, h2, h3, h4").evaluate_all(LEVELS)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    assert (page.locator(MAP_FRAME).count() == 0) == (path in WITHOUT_MAP)
    assert page.evaluate(UNSAID_MAPS) == []
    assert page.evaluate(UNSAID_CHARTS) == []
    assert axe.faults(page) == []
    assert page.evaluate(BEYOND) == []
    for size in SIZES:
        page.set_viewport_size(size)
        with suppress(TimeoutError):
            page.wait_for_function(f"() => ({MISPLACED})().length === 0", timeout=5_000)
        assert (size["width"], page.evaluate(MISPLACED)) == (size["width"], [])


def test_axe_finds_what_is_planted_in_the_page_and_in_the_map_and_what_streamlit_has_not_mended(
    synthetic_app: App, opened: Opener
):
    visited = opened(synthetic_app, "density", **COVENTRY)
    visited.wait_for_map()
    plant = "() => document.body.insertAdjacentHTML('beforeend', '<button id=\"planted\"></button>')"
    visited.page.evaluate(plant)
    visited.map_frames[0].evaluate(plant)
    found = [fault.split(": ")[:2] for fault in axe.faults(visited.page)]
    assert {where for rule, where in found if rule == "button-name"} == {"#planted", "iframe > #planted"}
    visited.open("data")
    visited.page.get_by_role("radio", name="Import", exact=True).click()
    expect(visited.page.get_by_test_id("stFileUploaderDropzone").first).to_be_visible()
    visited.settle()
    assert axe.faults(visited.page) == []
    left = {fault.split(": ")[0] for fault in axe.faults(visited.page, foreign=())}
    assert left == {one.rule for one in axe.NOT_OURS} and all(one.why for one in axe.NOT_OURS)
