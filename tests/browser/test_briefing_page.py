"""A briefing in the browser: the one HTML file without a network, and a presentation driven by its keys."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import axe
import nbformat
import pypdfium2
from browser_apps import MEETING, App, Opener, made_card
from playwright.sync_api import Browser, expect
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from bench.driver import Visit
from hotspot.export.briefing import Briefing, Slide, write_briefing

HIDDEN = """() => {
  const foot = document.querySelector(".br-foot").getBoundingClientRect().top, hidden = [];
  for (const box of document.querySelectorAll("[data-testid=stMain], .br-side, .br-bar > *"))
    if (box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1) hidden.push(box.className);
  for (const one of document.querySelectorAll(".br-side tr, .br-side p, .br-legend, iframe[src*=streamlit_folium]"))
    if (one.getBoundingClientRect().bottom > foot) hidden.push(one.outerHTML.slice(0, 80));
  return hidden;
}"""
"""What a presentation would need a scroll for, or covers with its foot."""
EXTERNAL = re.compile(
    r"""(?:src|href|action|data)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?\s*(?:https?:)?//|@import""", re.IGNORECASE
)


def test_the_html_file_opens_from_disk_without_a_network_and_its_maps_pan(
    chromium: Browser, synthetic_store: Path, tmp_path: Path
):
    card = made_card(synthetic_store, "density")
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
    assert axe.faults(page) == []
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


def downloaded(visited: Visit, button: str, folder: Path) -> Path:
    """Press a button that makes a file, and keep the file under the name that it was given."""
    visited.settle()
    with visited.page.expect_download(timeout=90_000) as made:
        visited.page.get_by_role("button", name=button, exact=True).click()
    path = folder / made.value.suggested_filename
    made.value.save_as(path)
    return path


def test_every_format_is_taken_away_by_its_button_and_can_be_read(meeting_app: App, opened: Opener, tmp_path: Path):
    visited = opened(meeting_app, "briefing", notebook=MEETING)
    headlines = visited.page.locator("h2.hs-section").all_inner_texts()[-2:]
    slides = list(Presentation(downloaded(visited, "PowerPoint", tmp_path)).slides)
    words = [" ".join(one.text_frame.text for one in slide.shapes if one.has_text_frame) for slide in slides]
    assert all(any(headline in said for said in words) for headline in headlines) and "OFFICIAL-SENSITIVE" in words[1]
    tables = [one.table for slide in slides for one in slide.shapes if one.has_table]
    assert tables and all(cell.text for cell in tables[0].rows[0].cells)
    assert sum(one.shape_type == MSO_SHAPE_TYPE.PICTURE for slide in slides for one in slide.shapes) >= 2
    document = pypdfium2.PdfDocument(downloaded(visited, "PDF", tmp_path))
    pages = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    assert len(document) >= 4 and all(any(headline in page for page in pages) for headline in headlines)
    written = downloaded(visited, "One HTML file", tmp_path).read_text("utf-8")
    assert not EXTERNAL.search(re.sub(r"(?s)<script\b[^>]*>.*?</script>", "", written)) and "default-src 'none'" in written
    visited.open("notebooks", notebook=MEETING)
    notebook = nbformat.read(downloaded(visited, "Jupyter notebook", tmp_path), as_version=4)
    nbformat.validate(notebook)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "hotspot" in code and all(any(headline in cell.source for cell in notebook.cells) for headline in headlines)
    assert {one.suffix for one in tmp_path.iterdir()} == {".pptx", ".pdf", ".html", ".ipynb"}


def test_a_meeting_is_led_with_the_keyboard(meeting_app: App, opened: Opener):
    visited = opened(meeting_app, "briefing", notebook=MEETING)
    page = visited.page
    bar, heading = page.locator(".br-bar"), page.get_by_role("heading", level=1)
    page.get_by_role("button", name="Present").press("Enter")
    for place, key in ((1, "ArrowRight"), (2, "ArrowLeft"), (1, "End"), (2, "Home"), (1, "PageDown")):
        expect(bar).to_contain_text(f"{MEETING} · {place} of 2", timeout=60_000)
        expect(bar).to_contain_text("OFFICIAL-SENSITIVE")
        expect(bar).to_contain_text("Issued ")
        expect(page.locator("section[data-testid=stSidebar]")).to_be_hidden()
        visited.wait_for_map()
        visited.settle()
        page.keyboard.press(key)
    expect(bar).to_contain_text("2 of 2", timeout=60_000)
    visited.settle()
    assert axe.faults(page) == []
    page.keyboard.press("d")
    expect(bar).to_have_css("color", "rgb(182, 194, 204)")
    visited.settle()
    assert axe.faults(page) == []
    page.keyboard.press("s")
    expect(visited.map.locator("input[type=range]")).to_have_count(1, timeout=120_000)
    for width, height in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        sizes = "at => [...document.querySelectorAll(at)].map(one => parseFloat(getComputedStyle(one).fontSize) / innerHeight)"
        assert min(page.evaluate(sizes, ".br-side td, .br-headline, .br-said p")) >= 0.024
        assert page.evaluate(HIDDEN) == []
    visited.settle()
    page.keyboard.press("Escape")
    # For a moment both headings stand on the page.
    expect(heading.filter(has_text="2 cards to present")).to_be_visible(timeout=60_000)
    visited.open("briefing", notebook=MEETING, audience="public", present="1")
    expect(bar).to_contain_text("1 of 1", timeout=60_000)
    shown = page.locator(".br-side td").all_inner_texts()
    assert shown and not [cell for cell in shown if cell.strip() in {"1", "2", "3", "4"}]
