"""Uploads are read in a process of their own, which obeys the same limits and has so many seconds."""

from __future__ import annotations

import os
import time

import pyogrio
import pytest
from makers import ENDLESS, SQUARE, VRT, extract, geopackage_with, shapes
from small_store import several, small_store
from streamlit.testing.v1 import AppTest
from test_data_page import opened, words
from ways import GOOD_ROW

from hotspot import file_drivers
from hotspot.errors import BadInput
from hotspot.offences.tabular import read_table
from hotspot.ui.data import apart


@pytest.fixture
def fresh():
    """Readers that know the environment of this test."""
    apart.close()
    yield
    apart.close()


@pytest.fixture
def page_of(tmp_path, monkeypatch):
    """Open a part of the Data page on a small store."""
    small_store(tmp_path, several(3, "a"))
    monkeypatch.setenv("HOTSPOT_STORE", str(tmp_path / "store"))
    return opened


def with_file(page: AppTest, path) -> AppTest:
    page.file_uploader[0].set_value((path.name, path.read_bytes(), "application/octet-stream")).run()
    return page


def test_reading_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setenv("HOTSPOT_MOST_SECONDS", "1")
    with pytest.raises(BadInput, match=r"takes longer than 1 seconds.*raise HOTSPOT_MOST_SECONDS"):
        apart.read(time.sleep, 60)


def test_a_file_that_ends_its_reader_ends_no_page_and_the_next_is_read():
    with pytest.raises(BadInput, match="ended before it was done"):
        apart.read(os._exit, 3)
    assert apart.read(os.path.basename, "a/b") == "b"


def test_faults_come_back_as_the_sentences_they_are_and_the_process_is_used_again(tmp_path):
    process = apart.read(os.getpid)
    with pytest.raises(BadInput, match="There is no file"):
        apart.read(read_table, tmp_path / "absent.csv")
    assert apart.read(os.getpid) == process != os.getpid()


def test_a_failure_that_is_no_sentence_is_not_taken_for_one():
    with pytest.raises(Exception, match="ZeroDivisionError"):
        apart.read(divmod, 1, 0)


def test_a_layer_without_end_is_given_up_on_the_page_and_nothing_is_kept(page_of, tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOT_MOST_SECONDS", "2")
    page = with_file(page_of("Context layers"), geopackage_with(ENDLESS)(tmp_path))
    page.text_input(key="data-layer-name").set_value("CCTV").run()
    page.button(key="data-layer-import").click().run()
    assert "takes longer than 2 seconds" in words(page) and "The layers in the store are unchanged." in words(page)
    assert not (tmp_path / "store" / "layers.json").exists()


def test_an_upload_obeys_the_limits_of_the_commands(page_of, fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOT_MOST_ROWS", "1")
    page = page_of("Import")
    page.segmented_control(key="data-import-kind").set_value("Force extract").run()
    with_file(page, extract(GOOD_ROW, GOOD_ROW, GOOD_ROW)(tmp_path))
    assert "given.csv has 3 rows, more than the 1 that are read." in words(page)


def test_gdal_opens_what_the_product_reads_and_no_pointer_to_another_file(tmp_path):
    known = set(pyogrio.list_drivers())
    assert known == file_drivers.ALLOWED, "a new pyogrio has drivers that file_drivers must leave out"
    (tmp_path / "a.vrt").write_text(VRT)
    with pytest.raises(pyogrio.errors.DataSourceError):
        pyogrio.read_dataframe(tmp_path / "a.vrt")
    assert len(pyogrio.read_dataframe(shapes("w.gpkg", SQUARE)(tmp_path))) == 1
