"""What a presentation and its files tell the public and the meeting: no count under five, no reference of a place."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from pptx import Presentation

from hotspot.export import cards
from hotspot.export.briefing import Briefing, Slide, for_audience, written
from hotspot.offences.store import EVERYTHING
from hotspot.ui import briefing as screen
from hotspot.ui.briefing_side import side
from tests.small_store import BEFORE, EAST, IN_EAST, WEST, selection, several, small_store

SMALL = 3
REFERENCE = "10012347531"
COUNT = re.compile(r"(?<![\d,.])[1-4] offences?\b|→ [1-4](?![\d,.])")
CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>")


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Thirty burglaries of one house in the west, three in the east; in the year before, ten and forty."""
    last_year = "2023-05-01 12:00"
    rows = [
        *several(30, "w", uprn=REFERENCE, street="Mill Lane"),
        *several(SMALL, "e", IN_EAST, uprn="10012340002", street="High Street"),
        *several(10, "w-before-", committed=last_year),
        *several(40, "e-before-", IN_EAST, last_year),
    ]
    return small_store(tmp_path_factory.mktemp("public"), rows).path


def made(store: Path, page: str, audience: str, **more: str) -> cards.CardContent:
    query = selection().to_query() | {"audience": audience} | more
    return cards.content(store, page, query, scope=EVERYTHING, progress=lambda *_: None)


def on_screen(slide: Slide) -> str:
    """Everything that a presentation writes of one card."""
    return screen._head(slide.card) + side(slide.card) + screen._foot(slide)


def test_the_public_is_presented_no_count_under_five_on_screen_or_in_a_file(store):
    compared = made(store, "compare", "public", against=BEFORE.iso)
    shown = for_audience(Briefing("M", date(2026, 11, 23), (Slide(compared), Slide(made(store, "compare", "force")))), "public")
    (slide,) = shown.slides
    (east,) = [row for row in compared.table_rows if row[0] == EAST]
    assert "<5" in east and str(SMALL) not in east
    assert WEST in on_screen(slide) and "&lt;5" in on_screen(slide)
    assert str(SMALL) not in CELL.findall(on_screen(slide))
    deck = Presentation(io.BytesIO(written(shown, ".pptx")))
    cells = [cell.text for page in deck.slides for one in page.shapes if one.has_table for cell in one.table.iter_cells()]
    assert "<5" in cells and str(SMALL) not in cells
    document = written(shown, ".html").decode()
    assert "&lt;5" in document and str(SMALL) not in CELL.findall(document)
    for words in (on_screen(slide), *slide.points, slide.spoken, document):
        assert not COUNT.search(words)


def test_references_are_masked_on_screen_and_in_every_word_of_the_files(store):
    slide = Slide(made(store, "repeat_victimisation", "force"))
    shown = Briefing("M", date(2026, 11, 23), (slide,))
    document = written(shown, ".html").decode()
    deck = Presentation(io.BytesIO(written(shown, ".pptx")))
    cells = [cell.text for page in deck.slides for one in page.shapes if one.has_table for cell in one.table.iter_cells()]
    assert "•••531" in on_screen(slide) and "•••531" in document and any("•••531" in cell for cell in cells)
    for words in (on_screen(slide), slide.spoken, document, *cells):
        assert REFERENCE not in words
