"""One odd link for every page: it is drawn or says a sentence. ``make fuzz`` opens hundreds."""

import random

import pytest
from page_links import PAGES, opened, queries
from small_store import IN_EAST, several, small_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = several(6, "a", reported="2024-05-02") + several(5, "b", IN_EAST, "2023-05-01 22:00", knife="Y")
    return small_store(tmp_path_factory.mktemp("links"), rows).path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_an_odd_link_is_drawn_or_answered_in_a_sentence(page, store, monkeypatch):
    monkeypatch.setenv("HOTSPOT_STORE", str(store))
    odd = {
        "bandwidth": "inf",
        "share": "nan",
        "hours": "1-01",
        "days": "٣",
        "from": "0001-01-01",
        "to": "9999-12-31",
        "within": "1e999",
    }
    assert opened(page, odd | {"drawn": '["Z",[[0,0],[0,0],[0,0]]]'} | next(queries(random.Random(page.stem)))) is None
