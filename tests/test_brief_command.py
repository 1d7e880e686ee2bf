"""The command ``brief``: every format, a file per LPA, the plans that are due, and a sentence for every fault."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest
from pptx import Presentation
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.export import briefing_template, cards
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import records_url
from hotspot.records import notebooks, plans
from hotspot.records.database import open_database
from tests.plan_records import AREA, NOW, action, draft
from tests.small_store import FORCE, IN_EAST, LICENCE, SOURCE, selection, several, small_store

LATE = date.today() - timedelta(3)
NOTEBOOK = "Weekly meeting"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Thirty burglaries in each of two LPAs; a notebook with one card, one without any; a late plan in Westley."""
    folder = tmp_path_factory.mktemp("brief")
    made = small_store(folder, several(30, "w") + several(30, "e", IN_EAST))
    database = open_database(records_url(made.path))
    query = {"source": SOURCE, "force": FORCE, "type": "Burglary", "from": "2024-04-01", "to": "2024-10-01", "basis": "committed"}
    kept = cards.content(made.path, "density", query | {"audience": "force"}, scope=EVERYTHING, progress=lambda *_: None)
    for card in (kept, replace(kept, audience="public")):
        notebooks.pin(database, NOTEBOOK, cards.to_record(card), note="Ask the LPA.", now=NOW)
    notebooks.create(database, "Empty", now=NOW)
    plans.create(database, draft("High Street burglary", action(due=LATE), action("Lock up")), AREA, who="DC Patel", now=NOW)
    return made.path


def run(store: Path, *arguments: object):
    return CliRunner().invoke(app, ["brief", "--store", str(store), *map(str, arguments)])


def said(result) -> str:
    return " ".join(result.output.split())


def test_a_notebook_s_slides_end_with_the_plans_that_are_due_as_table_and_map(store, tmp_path):
    result = run(store, "--notebook", NOTEBOOK, "--out", tmp_path / "b.pptx", "--json")
    assert result.exit_code == 0, result.stderr
    (row,) = json.loads(result.stdout)["briefings"]
    assert row["cards"] == 3
    *_, due, closing = Presentation(tmp_path / "b.pptx").slides
    (table,) = [shape.table for shape in due.shapes if shape.has_table]
    rows = [[cell.text for cell in one.cells] for one in table.rows]
    assert rows[0] == ["Map", "LPA", "Plan", "Action", "Owner", "Due", "State"]
    assert rows[1][3] == "Protect: Visit repeat victims" and rows[1][6] == "overdue 3 days"
    assert rows[2][3] == "Protect: Lock up" and rows[2][5:] == ["no date", "open"]
    (picture,) = [shape for shape in due.shapes if shape.shape_type == 13]
    pixels = picture.image.size[0] * (1 - picture.crop_left - picture.crop_right)
    assert pixels / (picture.width / 914_400) >= 200
    text = " ".join(shape.text_frame.text for shape in due.shapes if shape.has_text_frame)
    assert row["marking"] in text and LICENCE in text and "Open actions: 2, in plans: 1." in " ".join(text.split())
    notes = " ".join(shape.text_frame.text for shape in closing.shapes if shape.has_text_frame)
    assert f"as at {date.today().isoformat()}" in " ".join(notes.split())


def test_the_pdf_and_the_html_file_end_with_the_plans_too(store, tmp_path):
    for name in ("b.pdf", "b.html"):
        assert run(store, "--notebook", NOTEBOOK.upper(), "--out", tmp_path / name).exit_code == 0
    document = pypdfium2.PdfDocument(tmp_path / "b.pdf")
    pages = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    assert any("overdue 3 days" in page and LICENCE in page for page in pages)
    written = (tmp_path / "b.html").read_text("utf-8")
    assert "overdue 3 days" in written and written.count('class="map"') == 3 and "Open actions: 2" in written


def test_other_audiences_see_no_plan(store, tmp_path):
    result = run(store, "--notebook", NOTEBOOK, "--audience", "public", "--out", tmp_path / "b.html", "--json")
    assert json.loads(result.stdout)["briefings"][0]["cards"] == 1
    written = (tmp_path / "b.html").read_text("utf-8")
    assert "High Street burglary" not in written and "Visit repeat victims" not in written


def test_the_weekly_template_makes_a_file_for_each_lpa_with_its_own_plans(store, tmp_path, monkeypatch):
    whole = briefing_template.weekly
    monkeypatch.setattr(briefing_template, "weekly", lambda *asked, **more: whole(*asked, **more)[:1])
    result = run(store, "--template", "weekly", "--lpa", "all", "--out", tmp_path / "weekly", "--format", "html", "--json")
    assert result.exit_code == 0, result.stderr
    assert [line for line in result.stderr.splitlines() if line.startswith("LPA")] == [
        "LPA 1 of 2, Westley",
        "LPA 2 of 2, Eastley",
    ]
    rows = json.loads(result.stdout)["briefings"]
    assert [row["lpa"] for row in rows] == ["Westley", "Eastley"] and all(row["cards"] for row in rows)
    held = {row["lpa"]: "Visit repeat victims" in Path(row["file"]).read_text("utf-8") for row in rows}
    assert held == {"Eastley": False, "Westley": True}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--notebook", "Nothing", "--out", "b.pdf"), NOTEBOOK),
        (("--notebook", "Empty", "--out", "b.pdf"), "The notebook 'Empty' has no cards yet. Pin one on any page."),
        (("--notebook", NOTEBOOK, "--out", "b.docx"), ".pptx"),
        (("--notebook", NOTEBOOK, "--out", "nowhere/b.pdf"), "nowhere"),
        (("--out", "b.pdf"), "Say which cards: --notebook NAME for pinned ones, or --template weekly."),
        (("--notebook", NOTEBOOK, "--audience", "press", "--out", "b.pdf"), "--audience 'press' is none of"),
        (("--template", "daily", "--out", "b"), "There is no template 'daily'. It can be: weekly."),
        (("--template", "weekly", "--lpa", "Nowhere", "--out", "b"), "There is no LPA 'Nowhere'. There are: Westley, Eastley."),
        (("--template", "weekly", "--out", "b.pdf"), "is one file, and 2 briefings are made"),
        (("--template", "weekly", "--format", "docx", "--out", "b"), "--format docx is none of pptx, pdf, html."),
    ],
)
def test_every_fault_is_a_sentence_and_writes_nothing(store, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    result = run(store, *arguments)
    assert result.exit_code == 2 and sentence in said(result) and "Traceback" not in result.output
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_the_weekly_template_asks_for_the_last_days_and_as_many_before(store):
    made = Store(store)
    asked = briefing_template.weekly(selection(), made.facts(SOURCE, FORCE, scope=EVERYTHING), audience="public")
    assert [one.page for one in asked] == ["overview", "density", "compare", "compare", "when", "near_repeats"]
    assert all(one.query["audience"] == "public" and one.query["type"] == "Burglary" for one in asked)
    for one, days in ((asked[2], 7), (asked[3], 28)):
        first, after, before = (
            date.fromisoformat(text) for text in (one.query["from"], one.query["to"], one.query["against"][:10])
        )
        assert (after - first).days == days and (first - before).days == days
