"""The link that was asked for before signing in: how long it is kept, how many, and for whom."""

from types import SimpleNamespace

import pytest

from hotspot.ui import way_back
from hotspot.ui.way_back import LASTS, LONGEST, MOST, Link, keep, taken


@pytest.fixture(autouse=True)
def browser(monkeypatch):
    """A browser that can be exchanged for another, and a clock that can be put on."""
    at = {"browser": b"first", "time": 100.0}
    monkeypatch.setattr(way_back, "_kept", {})
    monkeypatch.setattr(way_back, "_browser", lambda: at["browser"])
    monkeypatch.setattr(way_back, "time", SimpleNamespace(monotonic=lambda: at["time"]))
    return at


def test_a_link_is_given_once_to_the_browser_that_asked_for_it(browser):
    keep("overview", {"type": "Robbery"})
    keep("density", {"type": "Burglary"})
    browser["browser"] = b"second"
    assert taken() is None
    browser["browser"] = b"first"
    assert taken() == Link("density", {"type": "Burglary"}) and taken() is None


def test_a_link_is_forgotten_after_its_time(browser):
    keep("density", {})
    browser["time"] += LASTS
    assert taken() is None


def test_a_browser_without_the_cookie_keeps_nothing_and_is_given_nothing(browser):
    browser["browser"] = None
    keep("density", {})
    assert taken() is None and not way_back._kept


def test_no_more_links_are_kept_than_the_most_and_the_oldest_goes_first(browser):
    for number in range(MOST + 1):
        browser["browser"] = str(number).encode()
        keep("density", {})
    assert len(way_back._kept) == MOST and taken() is not None
    browser["browser"] = b"0"
    assert taken() is None


def test_of_a_link_that_is_too_long_the_page_alone_is_kept():
    keep("density", {"drawn": "x" * LONGEST, "type": "Burglary"})
    assert taken() == Link("density", {})
    keep("density", {"drawn": "x" * LONGEST})
    assert taken() == Link("density", {"drawn": "x" * LONGEST})


def test_settings_that_mean_nothing_here_are_not_kept():
    keep("density", {"type": "Burglary", "next": "https://elsewhere.example"})
    assert taken() == Link("density", {"type": "Burglary"})
