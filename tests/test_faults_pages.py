"""Pages while the machine fails them: a sentence in their place, what was typed stays, and they work again without a restart."""

from __future__ import annotations

import html
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from injected import full, small_disk
from small_store import IN_EAST, IN_WEST, selection, several, small_store
from streamlit.testing.v1 import AppTest

from hotspot.export import cards
from hotspot.findings import selected
from hotspot.maps import served
from hotspot.offences.store import EVERYTHING
from hotspot.paths import ROOT
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.ui import jobs, pin, vendor
from tests.plan_records import AREA, NOW, TODAY, action, draft

SCRIPT = """
import runpy
from types import SimpleNamespace
from hotspot.ui import page

page.run(SimpleNamespace(url_path="{stem}", title="{title}", run=lambda: runpy.run_path("{path}")))
"""


PAGES = {file.stem: file for file in sorted((ROOT / "pages").rglob("*.py"))}
REFUSED = {
    OSError(24, "Too many open files", "/tmp/x"): "The machine could not use /tmp/x (Too many open files). Nothing was changed.",
    MemoryError(): "This needs more memory than is free on the machine (Cannot allocate memory). Nothing was changed. Wait",
    ZeroDivisionError(): "This page could not be drawn. Nothing was changed. Give the reference",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    rows = [*several(30, "w", IN_WEST, "2024-05-01 10:00"), *several(20, "e", IN_EAST, "2024-06-01 10:00")]
    return small_store(tmp_path_factory.mktemp("made"), rows).path


@pytest.fixture
def store(made, tmp_path, monkeypatch) -> Path:
    """A store of its own folder, as the server's."""
    shutil.copytree(made, tmp_path / "store")
    monkeypatch.setenv("HOTSPOT_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("HOTSPOT_RECORDS", f"sqlite:///{tmp_path}/records.sqlite")
    return tmp_path / "store"


def opened(stem: str, **query: str) -> AppTest:
    shown = AppTest.from_string(SCRIPT.format(stem=stem, title=stem.capitalize(), path=PAGES[stem]), default_timeout=60)
    for name, value in query.items():
        shown.query_params[name] = value
    return shown.run()


def words(shown: AppTest) -> str:
    assert not shown.exception
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in shown.get("html"))))


def refusals(shown: AppTest) -> list[str]:
    """What stands on the page in red."""
    assert not shown.exception
    bodies = [element.proto.body for element in shown.get("html")]
    return [html.unescape(re.sub(r"<[^>]+>", " ", body)).strip() for body in bodies if 'role="alert"' in body]


def test_every_page_says_that_the_store_is_gone_and_offers_no_new_one_in_its_place(store):
    opened("plans")
    away = store.rename(store.with_name("away"))
    for stem in PAGES.keys() - {"audit"}:  # the log has a folder of its own
        shown = opened(stem)
        (said,) = refusals(shown)
        assert f"The store {store} was here and is gone" in said, stem
        assert "then this page works again by itself" in said
        assert "Make the demonstration data" not in [one.label for one in shown.button]
    away.rename(store)
    assert refusals(opened("plans")) == []


def test_an_open_page_works_again_when_the_store_is_back(store):
    shown = opened("when", type="Burglary")
    before = words(shown)
    assert refusals(shown) == [] and "burglar" in before
    away = store.rename(store.with_name("away"))
    assert len(refusals(shown.run())) == 1
    away.rename(store)
    assert words(shown.run()) == before


def test_a_page_whose_data_lose_a_file_says_which_and_is_drawn_when_it_is_back(store):
    file = max((store / "parts").iterdir())
    whole = file.read_bytes()
    file.unlink()
    shown = opened("when", type="Burglary")
    (said,) = refusals(shown)
    assert "is missing or damaged" in said and file.name in said and "Restore the folder from a copy" in said
    file.write_bytes(whole)
    assert refusals(shown.run()) == []


@pytest.mark.parametrize(("fault", "sentence"), REFUSED.items())
def test_a_page_that_the_machine_refuses_something_says_what(store, monkeypatch, fault, sentence):
    def refuse(*_: object, **__: object) -> None:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(selected, "read", refuse)
        shown = opened("plans")
        (said,) = refusals(shown)
        assert said.startswith(sentence) and "the log says what happened" in said and "Traceback" not in said
    assert refusals(shown.run()) == []


def test_a_page_of_a_finding_is_drawn_while_the_records_are_away(store, tmp_path):
    database = open_database()
    plans.create(database, draft(), AREA, who="A", now=NOW)
    database.engine.dispose()
    (tmp_path / "records.sqlite").rename(tmp_path / "away")
    shown = opened("when", type="Burglary")
    assert "burglar" in words(shown)
    assert all("was here and is gone" in said for said in refusals(shown)), "where a view would be kept, and nowhere else"
    (tmp_path / "away").rename(tmp_path / "records.sqlite")
    assert refusals(shown.run()) == []


def test_what_was_typed_into_a_plan_stays_while_the_records_are_away_and_is_saved_when_they_are_back(store, tmp_path):
    database, file = open_database(), tmp_path / "records.sqlite"
    number = plans.create(database, draft("High Street", action("Visit")), AREA, who="A", now=NOW).number
    database.engine.dispose()
    shown = opened("plans", plan=str(number))

    def box(label: str):
        return next(one for one in shown.text_input if one.label.startswith(label))

    box("Title").set_value("High Street at night").run()
    box("Your name").set_value("PS Jones").run()
    file.rename(tmp_path / "away")
    shown.button(key="plan-save").click().run()
    (said,) = refusals(shown)
    assert "Nothing was saved, nothing was lost. Put it back" in said
    assert len(refusals(shown.run())) == 1
    (tmp_path / "away").rename(file)
    assert refusals(shown.run()) == [] and box("Title").value == "High Street at night"
    shown.button(key="plan-save").click().run()
    assert "Saved as plan" in words(shown)
    assert [one.draft.title for one in plans.plans(database, today=TODAY)] == ["High Street at night"]
    database.engine.dispose()


def test_the_note_of_a_card_that_could_not_be_kept_is_told_back(store, tmp_path, monkeypatch):
    database = open_database()
    plans.create(database, draft(), AREA, who="A", now=NOW)
    database.engine.dispose()
    query = tuple(sorted((selection().to_query() | {"audience": "force"}).items()))
    card = cards.content(store, "when", dict(query), scope=EVERYTHING, progress=lambda share, said: None)
    monkeypatch.setattr(jobs, "kept", lambda *_, **__: card)
    (tmp_path / "records.sqlite").rename(tmp_path / "away")
    asked = pin._Asked("when", query, "Weekly", "Bring <this> up")
    pin._keep(asked)
    assert "Not kept." in asked.told and "nothing was lost" in asked.told and "You wrote: Bring &lt;this&gt; up" in asked.told
    (tmp_path / "away").rename(tmp_path / "records.sqlite")
    again = pin._Asked("when", query, "Weekly", "Bring <this> up")
    pin._keep(again)
    assert "Kept in <b>Weekly</b>" in again.told
    database.engine.dispose()


def test_an_event_that_was_typed_while_the_records_were_away_is_kept_when_they_are_back(store, tmp_path):
    database = open_database()
    plans.create(database, draft(), AREA, who="A", now=NOW)
    database.engine.dispose()
    shown = opened("data", part="Events")

    def label():
        return next(one for one in shown.text_input if one.label == "Label")

    (tmp_path / "records.sqlite").rename(tmp_path / "away")
    label().set_value("Pilot begins")
    next(one for one in shown.button if one.label == "Add the event").click().run()
    (said,) = refusals(shown)
    assert "nothing was lost" in said and "The events are unchanged." in said
    (tmp_path / "away").rename(tmp_path / "records.sqlite")
    shown.run()
    assert label().value == "Pilot begins"
    next(one for one in shown.button if one.label == "Add the event").click().run()
    assert "Kept: Pilot begins" in words(shown)
    database.engine.dispose()


def test_an_upload_into_a_full_folder_for_temporary_files_is_refused_and_taken_when_there_is_space(store, tmp_path, monkeypatch):
    with small_disk(tmp_path / "temporary", kilobytes=64) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        shown = opened("data", part="Import")
        shown.segmented_control(key="data-import-kind").set_value("Force extract").run()
        content = ("Ref,From\n" + "a,2024-05-01\n" * 1_000).encode()
        with full(disk):
            shown.file_uploader[0].set_value(("may.csv", content, "text/csv")).run()
            (said,) = refusals(shown)
            assert "this server's folder for temporary files cannot be written (No space left on device)" in said
            assert [file.name for file in disk.iterdir()] == ["ballast"]
        shown.run()
        assert "First rows: 2 columns" in words(shown) and "temporary files" not in words(shown)
        shown.file_uploader[0].set_value(None).run()
        assert list(disk.iterdir()) == []


def test_maps_are_served_again_after_the_folder_for_temporary_files_was_cleared(monkeypatch):
    folder = Path(vendor._folder.name)
    vendor.asset_url()
    names = {file.name for file in folder.iterdir()}
    assert names >= {*served.SCRIPTS, *served.STYLES}
    shutil.rmtree(folder)
    vendor.asset_url()
    assert {file.name for file in folder.iterdir()} == names
