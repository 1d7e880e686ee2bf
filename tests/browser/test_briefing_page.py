"""A briefing in the browser: the one HTML file without a network, and a presentation driven by its keys."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from playwright.sync_api import Browser

from hotspot.export import cards
from hotspot.export.briefing import Briefing, Slide, write_briefing
from hotspot.offences.store import EVERYTHING, Store


def density_card(folder: Path) -> cards.CardContent:
    source, force = Store(folder).data_sets[0]
    query = {"source": source, "force": force, "type": "Burglary", "from": "2024-04-01", "to": "2024-10-01", "basis": "committed"}
    return cards.content(folder, "density", query | {"area": "Coventry"}, scope=EVERYTHING, progress=lambda *_: None)


def test_the_html_file_opens_from_disk_without_a_network_and_its_maps_pan(
    chromium: Browser, synthetic_store: Path, tmp_path: Path
):
    card = density_card(synthetic_store)
    file = tmp_path / "meeting.html"
    write_briefing(Briefing("Meeting", date(2026, 11, 23), (Slide(card), Slide(card))), file)
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 720})
    page, faults = context.new_page(), []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith(("file:", "data:", "blob:")) else None)
    page.goto(file.as_uri())
    centre = "() => document.querySelector('.map').hotspotsMap.getCenter().lng"
    page.wait_for_function("() => document.querySelectorAll('.map .hs-disc').length > 0")
    before = page.evaluate(centre)
    box = page.locator(".map").first.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 100, steps=4)
    page.mouse.up()
    page.wait_for_function(f"before => ({centre})() > before + 0.005", arg=before)
    page.locator("nav h1").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.id") == "card-2"
    assert faults == []
    context.close()
