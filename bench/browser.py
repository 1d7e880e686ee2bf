"""Bandwidth change to new picture, in the browser: what a hand on the slider feels."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from playwright.sync_api import Frame

from bench.driver import Visit, browser, running_app, visit

CHANGES = 20


def bandwidth_changes(store: Path, *, changes: int = CHANGES, **query: str) -> list[float]:
    """Change the bandwidth by the keyboard and time each new picture on the map, in seconds.

    The clock starts with the key and stops when the map's picture has a new address and is decoded;
    every change is a bandwidth that was not shown before, so nothing comes from a cache.
    """
    with running_app(store) as address, browser() as started, visit(started, address) as visited:
        visited.open("density", bandwidth="300", **query)
        visited.wait_for_map()
        frame = visited.page.frame(url=lambda url: "streamlit_folium" in url)
        assert frame is not None
        slider = visited.page.get_by_role("slider", name="Bandwidth (metres)")
        slider.focus()
        return [_one_change(visited, frame) for _ in range(changes)]


def _one_change(visited: Visit, frame: Frame) -> float:
    before = frame.evaluate(_SOURCE)
    start = time.perf_counter()
    visited.page.keyboard.press("ArrowRight")
    frame.wait_for_function(f"before => {{ const now = ({_SOURCE})(); return now && now !== before }}", arg=before, polling=10)
    elapsed = time.perf_counter() - start
    visited.settle()
    visited.page.wait_for_timeout(150)
    return elapsed


_SOURCE = """() => {
  const pictures = [...document.querySelectorAll('img.leaflet-image-layer')].filter(image => image.complete);
  return pictures.map(image => image.src).join(' ');
}"""


def median(times: list[float]) -> float:
    return statistics.median(times)
