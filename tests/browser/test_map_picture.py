"""The map stays mounted while its picture changes, and can be used without a mouse."""

import re

from browser_apps import App, Opener
from playwright.sync_api import Frame, expect

from bench.driver import Visit

BIRMINGHAM = {"type": "Burglary", "area": "Birmingham", "from": "2023-10-01", "to": "2024-10-01"}
PICTURES = "() => [...document.querySelectorAll('.leaflet-raster-pane img')].map(image => image.src).join(' ')"
VIEW = "() => [map.getCenter().lat.toFixed(5), map.getCenter().lng.toFixed(5), map.getZoom().toFixed(2)]"


def marked_frame(visited: Visit) -> Frame:
    """Leave a mark in the map's frame that a reload would wipe out."""
    visited.wait_for_map()
    frame = visited.map_frames[0]
    frame.evaluate("() => { window.__mark = 'still here' }")
    return frame


def wait_for_new_picture(frame: Frame, before: str) -> str:
    """Wait until one picture, and not the one before, stands on the map."""
    same = f"before => {{ const now = ({PICTURES})(); return now && now !== before && !now.includes(' data:') }}"
    frame.wait_for_function(same, arg=before, timeout=30_000)
    return frame.evaluate(PICTURES)


def test_bandwidth_and_kernel_change_the_picture_and_neither_the_frame_nor_the_zoom(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", bandwidth="600", **BIRMINGHAM)
    frame = marked_frame(visited)
    visited.map.get_by_role("button", name="Zoom in").click()
    frame.wait_for_function("() => !map._animatingZoom")
    visited.page.wait_for_timeout(400)
    view, picture = frame.evaluate(VIEW), frame.evaluate(PICTURES)
    slider = visited.page.get_by_role("slider", name="Bandwidth (metres)")
    slider.focus()
    visited.page.keyboard.press("ArrowRight")
    wider = wait_for_new_picture(frame, picture)
    visited.page.wait_for_url("**bandwidth=625*")
    visited.page.get_by_text("Kernel, cells, edge, weights").click()
    visited.choose("Kernel", "Gaussian")
    gaussian = wait_for_new_picture(frame, wider)
    assert len({picture, wider, gaussian}) == 3
    assert frame.evaluate("() => window.__mark") == "still here"
    assert frame.evaluate(VIEW) == view


def test_points_appear_on_demand_and_a_new_area_moves_the_map_without_loading_it_anew(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", bandwidth="600", **BIRMINGHAM)
    frame = marked_frame(visited)
    points = frame.locator(".leaflet-points-pane canvas")
    expect(points).to_have_count(0)
    visited.page.get_by_text("Show offence points").click()
    expect(points).to_have_count(1)
    picture, view = frame.evaluate(PICTURES), frame.evaluate(VIEW)
    visited.choose("Area", "Coventry")
    wait_for_new_picture(frame, picture)
    assert frame.evaluate("() => window.__mark") == "still here"
    assert frame.evaluate(VIEW) != view


def test_a_chosen_row_of_the_table_moves_the_map_without_loading_it_anew(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", bandwidth="600", **BIRMINGHAM)
    frame = marked_frame(visited)
    zoom = frame.evaluate("() => map.getZoom()")
    table = visited.page.get_by_test_id("stDataFrame")
    box = table.bounding_box()
    assert box is not None
    # The table is drawn on a canvas: its first column is the tick, its second row the first hotspot.
    table.click(position={"x": 14, "y": 32 + 16})
    frame.wait_for_function("before => map.hotspots.chosen === 1 && map.getZoom() > before", arg=zoom, timeout=30_000)
    assert frame.evaluate("() => window.__mark") == "still here"
    expect(visited.map.locator(".hs-badge.hs-chosen")).to_have_count(1)


def test_the_map_has_a_name_and_obeys_the_keyboard(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "density", bandwidth="600", **BIRMINGHAM)
    frame = marked_frame(visited)
    region = visited.map.get_by_role("region", name=re.compile("^Map of density.*Arrow keys move it"))
    expect(region).to_have_count(1)
    region.focus()
    west = frame.evaluate("() => map.getCenter().lng")
    visited.page.keyboard.press("ArrowRight")
    frame.wait_for_function("west => map.getCenter().lng > west", arg=west)
    frame.wait_for_function("() => !map._panAnim || !map._panAnim._inProgress")
    zoom = frame.evaluate("() => map.getZoom()")
    visited.page.keyboard.press("+")
    frame.wait_for_function("zoom => map.getZoom() > zoom", arg=zoom)
