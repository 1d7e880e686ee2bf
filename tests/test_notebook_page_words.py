"""The Notebook page, run as Streamlit runs it: what two people write at once, and what a notebook tells the public."""

import html
import re
from datetime import datetime

import pytest
from small_store import IN_EAST, IN_WEST, selection, several, small_store
from streamlit.testing.v1 import AppTest

from hotspot.export import cards
from hotspot.offences.store import EVERYTHING
from hotspot.paths import ROOT
from hotspot.records import notebooks
from hotspot.records.database import open_database

PAGE = f"""
import runpy
from hotspot.ui import links
links.begin_page("notebooks")
runpy.run_path("{ROOT / "pages" / "tasking" / "notebooks.py"}")
"""
NOW = datetime(2026, 11, 23, 9)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [*several(30, "w", IN_WEST, "2024-05-01 10:00"), *several(20, "e", IN_EAST, "2024-06-01 10:00")]
    return small_store(tmp_path_factory.mktemp("notebook"), rows)


@pytest.fixture
def database(store, tmp_path, monkeypatch):
    """A notebook of its own with one card for the force."""
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    monkeypatch.setenv("HOTSPOT_RECORDS", f"sqlite:///{tmp_path}/records.sqlite")
    query = selection().to_query() | {"audience": "force"}
    card = cards.content(store.path, "when", query, scope=EVERYTHING, progress=lambda share, words: None)
    opened = open_database()
    notebooks.pin(opened, "Weekly", cards.to_record(card), note="As pinned", now=NOW)
    return opened


def page(**query):
    shown = AppTest.from_string(PAGE, default_timeout=60)
    for name, value in query.items():
        shown.query_params[name] = value
    shown.run()
    assert not shown.exception
    return shown


def told(shown):
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in shown.get("html"))))


def note_of(shown):
    return next(area for area in shown.text_area if area.label == "Note")


def test_a_note_typed_over_somebody_elses_change_is_told_with_what_was_typed(database):
    mine = page(notebook="Weekly")
    (card,) = notebooks.cards(database, "Weekly")
    notebooks.write_note(database, card.number, "Theirs", revision=card.revision)
    note_of(mine).set_value("Mine <b>").run()
    assert "Somebody else changed this note" in told(mine) and "You wrote: Mine <b>" in told(mine)
    assert note_of(mine).value == "Theirs" == notebooks.cards(database, "Weekly")[0].note
    mine.run()
    assert "You wrote: Mine <b>" in told(mine)  # a run that follows at once does not lose it
    mine.button(key="notebook-told").click().run()
    assert "You wrote" not in told(mine)


def test_the_public_is_shown_neither_a_card_of_the_force_nor_its_note(database):
    shown = page(notebook="Weekly", audience="public")
    assert "pinned for the force, so it is not shown here" in told(shown)
    assert not [area for area in shown.text_area if area.label == "Note"]
    assert "As pinned" not in told(shown) and not shown.get("download_button")
