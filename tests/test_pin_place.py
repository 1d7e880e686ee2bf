"""What Pin opens keeps its place in the page: a browser makes whatever moves anew, closed and without the focus."""

from datetime import datetime

import pytest
from small_store import IN_EAST, several, small_store
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from hotspot.records import notebooks
from hotspot.records.database import open_database
from hotspot.ui import pin

SCRIPT = """
from types import SimpleNamespace

import streamlit as st

from hotspot.ui import page


def draw() -> None:
    for _ in range(st.session_state["drawn"]):
        st.html("<p>A line</p>")


page.run(SimpleNamespace(url_path="density", title="Density", run=draw))
"""


@pytest.fixture
def shown(tmp_path, monkeypatch) -> AppTest:
    store = small_store(tmp_path, several(3, "e", IN_EAST, "2024-06-01 10:00"))
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    monkeypatch.setenv("HOTSPOT_RECORDS", f"sqlite:///{tmp_path}/records.sqlite")
    notebooks.create(open_database(), "Tasking", now=datetime(2024, 7, 1))
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    page.session_state["drawn"] = 1
    return page.run()


def place(block: Block, kind: str, label: str) -> tuple[int, ...] | None:
    """Give the steps from the page to an element."""
    for step, child in block.children.items():
        if isinstance(child, Block):
            found = place(child, kind, label)
            if found is not None:
                return (step, *found)
        elif child.type == kind and getattr(child, "label", "") == label:
            return (step,)
    return None


def test_however_much_a_page_draws(shown):
    before = place(shown.main, "text_area", "Note")
    assert before is not None
    shown.session_state["drawn"] = 4
    assert len(shown.run().get("html")) > 4
    assert place(shown.main, "text_area", "Note") == before


def test_whether_or_not_a_name_is_asked_for(shown):
    parts = [("text_area", "Note"), ("button", "Keep this view"), ("selectbox", "Notebook")]
    before = [place(shown.main, *part) for part in parts]
    assert None not in before and place(shown.main, "text_input", "Name of the new notebook") is None
    shown.selectbox(key="pin-choice").select(pin.NEW).run()
    assert place(shown.main, "text_input", "Name of the new notebook") is not None
    assert [place(shown.main, *part) for part in parts] == before
