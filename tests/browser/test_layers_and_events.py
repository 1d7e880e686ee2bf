"""Context layers and events: uploaded on the Data page, seen on maps and trends, counted near hotspots."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_apps import SCRIPT, App, Opener
from playwright.sync_api import expect

from bench.driver import Visit
from hotspot.offences.context_store import kept_layers, remove_layer
from hotspot.records.database import open_database
from hotspot.records.events import kept_events, remove_event

FORCE = "West Midlands"
CAMERAS = f'name,x,y\n"{SCRIPT}",406900,286700\n"{SCRIPT}",406950,286750\n"{SCRIPT}",433400,279000\n'
EVENTS = "date,label,lpa\n2024-05-01,Pilot starts,\n2024-06-01,Extra patrols,Coventry\n"


CROWDED = """() => {
  const map = window.map, state = map.hotspots, centre = map.getCenter();
  state.badges = [1, 2, 3, 4, 5, 6].map(rank => {
    const at = [centre.lat + 0.01 * rank, centre.lng + 0.02 * (rank % 2)];
    const shape = [[[at, [at[0] + 0.001, at[1]], [at[0], at[1] + 0.001]]]];
    return { rank: rank, label: "zone", caption: "until 6 October", at: at, shape: shape };
  });
  window.Hotspots.placeBadges(map, state, []);
  const boxes = name => Array.from(document.querySelectorAll(name)).map(one => one.getBoundingClientRect().toJSON());
  return [boxes(".hs-badge-caption"), boxes(".hs-disc")];
}"""
"""Six zones close together, each with a caption: the boxes of captions and discs as they are drawn."""


def meet(one: dict[str, float], other: dict[str, float]) -> bool:
    """Say whether two boxes share more than the width of a letter's edge."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    along = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return across > 2 and along > 2


@pytest.fixture
def tidied(synthetic_store: Path) -> Iterator[None]:
    """Leave the application's store and records as they were for other tests."""
    yield
    for entry in kept_layers(synthetic_store, force=FORCE):
        remove_layer(synthetic_store, entry.name, force=FORCE)
    records = open_database(f"sqlite:///{synthetic_store}.records.sqlite")
    for event in kept_events(records):
        remove_event(records, event.number)
    records.engine.dispose()


def give(visited: Visit, name: str, text: str) -> None:
    """Upload a file on the part of the Data page that is open."""
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": text.encode()}
    visited.settle()
    with visited.page.expect_response(lambda one: "upload_file" in one.url and one.request.method == "PUT"):
        visited.page.get_by_test_id("stMain").locator("input[type=file]").set_input_files([file])
    # The boxes under a file are drawn anew for the next one: nothing is typed before it is there.
    expect(visited.page.get_by_test_id("stFileUploader").filter(has_text=name)).to_be_visible()
    visited.page.wait_for_timeout(300)  # from the server's answer to the run that it asks for
    visited.settle()


def give_layer(visited: Visit, name: str, text: str) -> None:
    give(visited, name, text)
    box = visited.page.get_by_role("textbox", name="Name of the layer")
    box.fill("CCTV")
    box.press("Enter")
    visited.settle()
    button = visited.page.get_by_role("button", name="Import the layer")
    expect(button).to_be_enabled()
    button.click()


def layers_drawn(visited: Visit) -> int:
    visited.wait_for_map()
    return visited.map_frames[0].evaluate("() => Object.keys(window.map.hotspots.context).length")


def test_an_uploaded_layer_lies_on_maps_and_is_counted_near_hotspots(synthetic_app: App, opened: Opener, tidied: None) -> None:
    visited = opened(synthetic_app, "data", part="Context layers")
    give_layer(visited, "cameras.geojson", '{"type": "FeatureCollection", "features": [')
    refusal = visited.page.get_by_role("alert").filter(has_text="The layers in the store are unchanged.")
    expect(refusal).to_contain_text("cameras.geojson")
    give_layer(visited, "cameras.csv", CAMERAS)
    expect(visited.page.get_by_text("The layer CCTV is in the store: 3 points.")).to_be_visible()
    expect(visited.page.locator("table.hs tbody tr")).to_contain_text("cameras.csv")

    visited.open("density", type="Robbery", layers="CCTV")
    expect(visited.page.get_by_text("CCTV, 3")).to_be_visible()
    assert layers_drawn(visited) == 1
    near = visited.page.locator("table.hs-near tbody tr")
    expect(near.filter(has_text="Birmingham city centre")).to_contain_text("2")
    expect(near.last).to_contain_text("none (")
    expect(visited.page.locator(".hs-note").filter(has_text="CCTV within 100 m:")).to_contain_text("hotspots have none")

    visited.open("overview", layers="CCTV")
    expect(visited.page.get_by_text("CCTV, 3")).to_be_visible()
    assert layers_drawn(visited) == 1
    captions, discs = visited.map_frames[0].evaluate(CROWDED)
    assert len(discs) == 6 and captions
    boxes = [*captions, *discs]
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0] in captions and meet(*pair)]


def test_events_are_uploaded_and_marked_where_their_lpa_is_shown(synthetic_app: App, opened: Opener, tidied: None) -> None:
    visited = opened(synthetic_app, "data", part="Events")
    give(visited, "events.csv", EVENTS.replace("2024-05-01", "1 May"))
    visited.page.get_by_role("button", name="Import the events").click()
    refusal = visited.page.get_by_role("alert").filter(has_text="The events are unchanged.")
    expect(refusal).to_contain_text("events.csv, row 1: '1 May' is not a date.")
    give(visited, "events.csv", EVENTS)
    visited.page.get_by_role("button", name="Import the events").click()
    expect(visited.page.get_by_text("2 events added.")).to_be_visible()

    visited.open("overview")
    marked = visited.page.locator(".hs-note").filter(has_text="Marked:")
    expect(marked).to_contain_text("1 May 2024: Pilot starts")
    expect(marked).to_contain_text("1 event concerns one LPA and is shown when that LPA is chosen.")
