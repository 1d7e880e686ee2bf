"""Four ways to look at two periods."""

from browser_apps import App, Opener
from playwright.sync_api import expect

from bench import driver

BIRMINGHAM = {"type": "Vehicle crime", "area": "Birmingham", "from": "2023-10-01", "to": "2024-10-01"}
CLIP = "() => document.querySelector('.leaflet-baseline-pane').style.clipPath"
CENTRE = "() => [map.getCenter().lat.toFixed(3), map.getCenter().lng.toFixed(3), map.getZoom().toFixed(1)].join(' ')"


def test_each_view_draws_its_map_and_goes_into_the_address(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "compare", **BIRMINGHAM)
    visited.wait_for_map()
    for name, maps in (("Swipe", 1), ("Side by side", 2), ("Difference", 1), ("Change", 1)):
        visited.page.get_by_role("radio", name=name).click()
        visited.page.wait_for_url(lambda url, name=name: f"view={name.replace(' ', '+')}" in url)
        visited.settle()
        expect(visited.page.locator(driver.MAP_FRAME)).to_have_count(maps)
        visited.wait_for_map()
        assert all(frame.locator(".leaflet-raster-pane img").count() for frame in visited.map_frames)


def test_the_divider_of_the_swipe_moves_by_the_keyboard(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "compare", view="Swipe", **BIRMINGHAM)
    visited.wait_for_map()
    frame = visited.map_frames[0]
    divider = visited.map.get_by_role("slider", name="Divider: October 2022 to September 2023 lies to its left")
    expect(divider).to_have_value("50")
    clipped = frame.evaluate(CLIP)
    divider.focus()
    for _ in range(10):
        visited.page.keyboard.press("ArrowLeft")
    expect(divider).to_have_value("40")
    assert frame.evaluate(CLIP) not in ("", clipped)


def test_maps_side_by_side_move_together_and_share_one_scale(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "compare", view="Side by side", **BIRMINGHAM)
    expect(visited.page.locator(driver.MAP_FRAME)).to_have_count(2)
    visited.wait_for_map()
    left, right = visited.map_frames
    assert left.evaluate(CENTRE) == right.evaluate(CENTRE)
    before = left.evaluate(CENTRE)
    left.get_by_role("region").focus()
    visited.page.keyboard.press("+")
    right.wait_for_function(f"before => ({CENTRE})() !== before", arg=before)
    visited.page.wait_for_timeout(600)
    assert left.evaluate(CENTRE) == right.evaluate(CENTRE) != before
    expect(left.locator(".hs-caption")).to_have_text("October 2022 to September 2023")
    expect(right.locator(".hs-caption")).to_have_text("October 2023 to September 2024")


def test_the_change_is_mapped_on_units_of_choice_which_go_into_the_address(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "compare", **BIRMINGHAM)
    visited.wait_for_map()
    expect(visited.page.get_by_text("Per day, within 1.5 km")).to_be_visible()
    visited.choose("Map of change on", "hexagons")
    visited.page.wait_for_url(lambda url: "on=hexagons" in url and "size=1000" in url)
    visited.settle()
    expect(visited.page.get_by_text("Per day, hexagons of 1 km")).to_be_visible()
    expect(visited.page.get_by_text("hexagons were tested together")).to_be_visible()
    expect(visited.page.get_by_text("Same places? S 0.")).to_be_visible()
    assert visited.map_frames[0].locator(".leaflet-raster-pane img").count()
