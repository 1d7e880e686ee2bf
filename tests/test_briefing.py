"""Briefings: slides, pages and one file say the same, marked, and whatever a name holds stays text."""

import io
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pypdfium2
import pytest
from matplotlib import image
from pptx import Presentation

from hotspot.errors import BadInput
from hotspot.export.briefing import Briefing, Slide, cut_of, for_audience, rows_without_blanks, write_briefing, written
from hotspot.export.briefing_table import rows_that_fit, set_table, wrapped
from hotspot.export.cards import CardContent, Figure, from_record, to_record
from hotspot.findings.talking_points import CHANCE, HIDDEN, SOME_CHANCE, TOO_FEW, sentences, talking_points
from hotspot.maps.legend import CHANGE_KEYS, DensityLegend, DifferenceLegend, KeyLegend, density_legend, key_legend
from hotspot.maps.legend_record import legend_record, recorded_legend, recorded_legend_html

HOSTILE = "</script><img src=x onerror=alert(1)> & \x0b$x^2$"
MARKING = "OFFICIAL-SENSITIVE"
BASE = {"areas": [], "places": [{"name": "</script>", "lpa": "", "at": [52.4, -1.5], "rank": 1}], "built_up": None, "tiles": ""}
OVERLAY = {"view": [[52.3, -1.6], [52.5, -1.4]], "focus": None, "drawn": None, "raster": None, "baseline": None, "hotspots": []}
OVERLAY |= {"badged": [], "named": [], "points": None, "trail": None, "layers": [], "chosen": None}
OVERLAY |= {"swipe": None, "channel": "", "caption": ""}


def png(*, width: int = 1600, height: int = 1000) -> bytes:
    """A picture with a title above a grey map, as the renderer draws it."""
    pixels = np.ones((height, width, 3))
    pixels[40:60, 40:400] = 0
    pixels[130:800, 40:-40] = 0.8
    file = io.BytesIO()
    image.imsave(file, pixels, format="png")
    return file.getvalue()


def card(**changes) -> CardContent:
    given = {
        "page": "compare", "query": {"type": "Burglary", "from": "2024-04-01", "against": "2023-04-01..2023-10-01"},
        "kicker": "Burglary in Westley", "headline": "Burglary in Westley could be chance",
        "subline": "30 → 21 (95% interval 0.4 to 1.2)",
        "sentence": "Burglary in Westley: 30 → 21 offences: could be chance (p = .26).",
        "figures": (Figure("Offences, before", "30"), Figure("Offences, now", "21")), "table_head": ("Area", "Before", "Now"),
        "table_rows": (("Westley", "30", "21"), ("Eastley", "<5", "hidden")),
        "notes": ("Tested by area.", "51 offences used, 3 rows excluded.", "Recorded offences only."), "picture": png(),
        "base_map": json.dumps(BASE), "overlay": json.dumps(OVERLAY), "marking": MARKING, "licence": "Invented squares",
        "source": "Extract", "synthetic": True, "audience": "force", "fingerprint": "abc123", "version": "9",
    }  # fmt: skip
    return CardContent(**(given | changes))


def briefing(*cards: CardContent, **changes) -> Briefing:
    given = {
        "title": "Local meeting",
        "issued": date(2026, 11, 23),
        "refusals": ("Near repeats: the data know the month alone.",),
    }
    return Briefing(slides=tuple(Slide(one, "Ask the LPA.") for one in cards or (card(),)), **(given | changes))


def slides_of(made: Briefing):
    return list(Presentation(io.BytesIO(written(made, ".pptx"))).slides)


def text_of(slide) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def pages_of(made: Briefing) -> list[str]:
    document = pypdfium2.PdfDocument(written(made, ".pdf"))
    return [page.get_textpage().get_text_bounded() for page in document]


@pytest.fixture(scope="module")
def hostile() -> Briefing:
    words = {name: f"{HOSTILE} {name}" for name in ("kicker", "headline", "subline", "sentence", "licence", "source")}
    rows = tuple((f"{HOSTILE} {number}", str(number)) for number in range(40))
    return briefing(card(**words, table_head=("Area", "Offences"), table_rows=rows), card(picture=b""), title=HOSTILE)


def test_a_talking_point_has_the_finding_its_figures_and_what_must_not_be_said():
    sentence = "Burglary in Coventry: 30 → 21 offences: could be chance (p = .26)."
    points = talking_points("compare", sentence, [("Before", "30"), ("Change", "−30%")])
    assert points == (sentence, "Change: −30%.", CHANCE, "A change by itself does not say what caused it.")


def test_limits_follow_the_verdicts_of_the_sentence():
    mixed = (
        "A: 9 → 90 offences: rose (p < .001). B: 30 → 21 offences: could be chance (p = .26). C: <5 → 9 offences: too few to say."
    )
    points = talking_points("overview", mixed, ())
    assert SOME_CHANCE in points and TOO_FEW in points and HIDDEN in points and CHANCE not in points


def test_sentences_end_at_full_stops_and_not_in_abbreviations_or_probabilities():
    text = "Around St. Mary street (p = .26). 94 of 655 lie there; 3.5 km². Next one."
    assert sentences(text) == ["Around St. Mary street (p = .26).", "94 of 655 lie there; 3.5 km². Next one."]


def test_slides_hold_text_tables_picture_and_notes_that_can_be_read_back():
    title, one, closing = slides_of(briefing())
    assert "Local meeting" in text_of(title) and "Issued 23 November 2026" in text_of(title)
    said = text_of(one)
    for words in (card().headline, card().sentence, "51 offences used, 3 rows excluded.", "Source: Extract. Invented squares."):
        assert words in said.replace("\n", " ")
    (table,) = [shape.table for shape in one.shapes if shape.has_table]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [list(card().table_head), *map(list, card().table_rows)]
    notes = one.notes_slide.notes_text_frame.text
    assert (
        CHANCE in notes and "Tested by area." in notes and "Ask the LPA." in notes and "against 2023-04-01..2023-10-01" in notes
    )
    assert "Near repeats: the data know the month alone." in text_of(closing) and "Data abc123, version 9." in text_of(closing)


def test_a_picture_stands_at_200_dots_an_inch_or_more_without_its_own_heading():
    one = slides_of(briefing())[1]
    (picture,) = [shape for shape in one.shapes if shape.shape_type == 13]
    pixels = picture.image.size[0] * (1 - picture.crop_left - picture.crop_right)
    assert pixels / (picture.width / 914_400) >= 200
    assert picture.crop_top == pytest.approx(0.13, abs=0.005)
    assert cut_of(png(), is_map=True).left == pytest.approx(40 / 1600)


def test_every_slide_and_page_carries_marking_twice_and_the_mark_of_synthetic_data(hostile):
    for slide in slides_of(hostile):
        assert text_of(slide).count(MARKING) >= 2 and "SYNTHETIC DATA" in text_of(slide)
    for page in pages_of(hostile):
        assert page.count(MARKING) >= 2 and "SYNTHETIC DATA" in page


def test_rows_that_do_not_fit_follow_and_none_is_lost(hostile):
    rows = [
        row.cells[1].text for slide in slides_of(hostile) for shape in slide.shapes if shape.has_table for row in shape.table.rows
    ]
    assert [row for row in rows if row.isdigit()][:40] == [str(number) for number in range(40)]
    said = " ".join(" ".join(pages_of(hostile)).split())
    assert all(f"$x^2$ {number}" in said for number in range(40))


def test_pages_are_a4_across_with_text_that_can_be_selected():
    document = pypdfium2.PdfDocument(written(briefing(), ".pdf"))
    assert [tuple(map(round, page.get_size())) for page in document] == [(842, 595)] * 3
    said = " ".join(pages_of(briefing())[1].split())
    for words in (card().headline, "30 → 21 offences: could be chance (p = .26).", "3 rows excluded", "Westley 30 21"):
        assert words in said


def test_a_page_drawn_from_the_file_shows_the_picture():
    page = pypdfium2.PdfDocument(written(briefing(), ".pdf"))[1].render(scale=1).to_numpy()
    assert page[250, 200, :3] == pytest.approx(np.full(3, 0.8 * 255), abs=3)


def test_hostile_words_stay_text_in_the_html_file(hostile):
    document = written(hostile, ".html").decode()
    assert "<img src=x" not in document and "onerror=alert(1)&gt;" in document
    assert document.count("<script") == document.count("</script>")
    assert "default-src 'none'" in document and 'src="http' not in document and "url(images" not in document


def test_the_html_file_holds_one_base_map_for_cards_that_share_it_and_the_picture_where_there_is_no_map():
    document = written(briefing(card(), card(), card(base_map="", overlay="")), ".html").decode()
    assert document.count('id="base-') == 1 and document.count('id="overlay-') == 2
    assert document.count('class="map"') == 2 and document.count("data:image/png;base64") >= 3


def test_other_audiences_see_no_card_of_the_force():
    made = for_audience(briefing(card(), card(audience="public")), "public")
    assert [one.card.audience for one in made.slides] == ["public"]
    assert made.refusals[-1] == "One card was pinned for the force alone and left out."
    assert for_audience(briefing(), "force").refusals == briefing().refusals


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"\.pptx, \.pdf, \.html"):
        write_briefing(briefing(), tmp_path / "b.docx")


@pytest.mark.parametrize(
    ("legend", "page"),
    [
        (DensityLegend((8.0, 12.0), "Burglaries per km²"), density_legend((8.0, 12.0), "Burglaries per km²")),
        (KeyLegend("Per day", CHANGE_KEYS), key_legend(KeyLegend("Per day", CHANGE_KEYS))),
    ],
)
def test_a_kept_legend_is_the_page_s(legend, page):
    kept = from_record(to_record(card(legend=legend_record(legend))))
    assert recorded_legend(kept.legend) == legend and recorded_legend_html(kept.legend) == page


def test_a_kept_legend_is_never_read_as_html():
    record = json.dumps({"title": "<b>", "keys": [["<i>", "red;</style>", False, 0], ["<i>", "#112233", True, 9]]})
    assert "<b>" not in recorded_legend_html(record).removeprefix("<b")[40:].replace(
        "<b style", ""
    ) and "red" not in recorded_legend_html(record)
    assert recorded_legend_html("") == "" and isinstance(
        recorded_legend(legend_record(DifferenceLegend((-1.0, 1.0), "Less"))), DifferenceLegend
    )


def test_a_set_table_fills_its_width_and_breaks_what_is_too_long():
    table = set_table(("Area", "N"), [("a" * 200, "1"), ("b", "2")], width=200, size=10)
    assert not table.is_readable
    assert set_table(("Area", "N"), [("a b " * 50, "1"), ("b", "2")], width=200, size=10).is_readable
    assert sum(table.widths) == pytest.approx(200) and len(table.lines[1][0]) > 1 and table.numeric == (False, True)
    assert "".join(table.lines[1][0]) == "a" * 200
    assert rows_that_fit(table, table.heights[0] + table.heights[1]) == 1 and rows_that_fit(table, 1.0) == 0


def test_wrapping_loses_no_word():
    words = "Burglary in Westley: 30 → 21 offences: could be chance"
    assert " ".join(wrapped(words, 90, 10)) == words and len(wrapped(words, 90, 10)) > 2


def test_columns_that_say_nothing_are_left_out():
    assert rows_without_blanks(("A", "B"), (("x", ""), ("y", ""))) == (("A",), (("x",), ("y",)))


def test_a_briefing_takes_the_strictest_marking():
    assert briefing(card(marking="OFFICIAL"), card()).marking == MARKING
    assert replace(briefing(), slides=()).marking == "OFFICIAL"


def test_a_method_that_does_not_fit_its_page_goes_on_and_no_word_is_lost():
    notes = (*(" ".join(f"word{note}x{number}" for number in range(400)) for note in range(4)), "51 offences used.", "Standing.")
    pages = pages_of(briefing(card(notes=notes)))
    said = " ".join(" ".join(pages).split())
    assert all(f"word{note}x{number}" in said for note in range(4) for number in range(400))
    assert all(page.count(MARKING) >= 2 and "Source: Extract. Invented squares." in page for page in pages[1:-1])
    assert len(pages) > 3
