"""Hostile and broken files through the real ways in: each earns its sentence, and what is refused changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from case import Case
from cases import CASES
from typer.testing import CliRunner
from ways import WAYS, Place, place

from hotspot.cli import app

OF_THE_STORE = ("other forces", "weights", "polygon")
"""Ways whose refusal may be about the store's data and then does not name the file."""


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("untouched"))


def ran(case: Case, at: Place, folder: Path, patched: pytest.MonkeyPatch):
    given = folder / "given"
    given.mkdir()
    file = case.make(given)
    for name, value in case.environment.items():
        patched.setenv(name, value)
    if case.way == "events":
        patched.setenv("HOTSPOT_RECORDS", f"sqlite:///{at.folder}/records.sqlite")
    return CliRunner().invoke(app, [str(word) for word in WAYS[case.way](file, at)])


def named(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: f"{case.way}: {case.name}")


@named([case for case in CASES if not case.read])
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence_and_changes_nothing(case, untouched, tmp_path, monkeypatch):
    before = untouched.content()
    found = ran(case, untouched, tmp_path, monkeypatch)
    assert case.said in found.stderr
    assert (found.exit_code, found.stdout) == (2, "")
    assert "Traceback" not in found.stderr and "no fault of your data" not in found.stderr
    assert untouched.content() == before


@named([case for case in CASES if case.read])
def test_a_file_that_can_be_used_all_the_same_is_read_and_what_to_know_is_said(case, untouched, tmp_path, monkeypatch):
    shutil.copytree(untouched.folder, tmp_path / "copy")
    found = ran(case, Place(tmp_path / "copy"), tmp_path, monkeypatch)
    assert found.exit_code == 0, found.stderr
    assert case.said in found.stdout + found.stderr


def test_the_corpus_has_each_file_once_and_every_way_in():
    assert len({(case.way, case.name) for case in CASES}) >= len(CASES) - 16
    assert len(CASES) >= 60 and {case.way for case in CASES} == set(WAYS)
