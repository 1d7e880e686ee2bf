"""A change to its new picture, in the browser: what a hand on the slider feels, and who chooses another crime type."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

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
        slider = visited.page.get_by_role("slider", name="Bandwidth (metres)")
        slider.focus()
        return [_one_change(visited, lambda: visited.page.keyboard.press("ArrowRight")) for _ in range(changes)]


def type_changes(store: Path, types: Sequence[str], *, before: Callable[[], None], **query: str) -> list[float]:
    """Choose one crime type after another in the sidebar and time each new picture on the map, in seconds.

    Parameters
    ----------
    before
        What is done when the page is open, before the first choice.
    """
    with running_app(store) as address, browser() as started, visit(started, address) as visited:
        visited.open("density", **query)
        visited.wait_for_map()
        before()
        return [_chosen(visited, kind) for kind in types]


def _chosen(visited: Visit, kind: str) -> float:
    visited.page.get_by_role("combobox", name="Crime type", exact=True).click()
    option = visited.page.get_by_role("option", name=kind, exact=True)
    option.wait_for()
    return _one_change(visited, option.click)


def _one_change(visited: Visit, change: Callable[[], None]) -> float:
    frame = visited.map_frames[0]
    before = frame.evaluate(_SOURCE)
    start = time.perf_counter()
    change()
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
