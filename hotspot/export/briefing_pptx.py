"""A briefing as PowerPoint: text that can be edited, real tables, pictures at 200 dpi or more, and what to say as notes."""

from __future__ import annotations

import io

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.presentation import Presentation as Document
from pptx.slide import Slide as Page
from pptx.table import _Cell
from pptx.text.text import TextFrame
from pptx.util import Inches, Pt

from hotspot.export.briefing import SYNTHETIC_WORDS, Briefing, Slide, cut_of, rows_without_blanks, shape_of
from hotspot.export.briefing_table import SetTable, rows_that_fit, set_table, wrapped
from hotspot.maps.palette import ACCENT, INK, SECONDARY, SYNTHETIC, SYNTHETIC_INK, rgb

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.45
"""Inches."""
DPI = 200
"""Least resolution of a picture where it stands."""
PICTURE_TOP, PICTURE_WIDTH, PICTURE_HEIGHT, GAP = 1.68, 7.2, 4.75, 0.3
BOTTOM = 6.98
FONT, LETTERS, SMALL = "Source Sans 3", 11, 9
"""PowerPoint takes its own sans where the typeface is not installed."""
LINES_OF_PARAMETERS = 24


def presentation(briefing: Briefing) -> bytes:
    """Write a briefing as a PPTX file."""
    document = Presentation()
    document.slide_width, document.slide_height = Inches(WIDTH), Inches(HEIGHT)
    document.core_properties.title = _plain(briefing.title)[:255]
    document.core_properties.comments = f"{briefing.marking}. {briefing.date_words}."
    _title(document, briefing)
    for place, slide in enumerate(briefing.slides, start=1):
        _card(document, briefing, slide, place)
    _closing(document, briefing)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _page(document: Document, briefing: Briefing, *, marking: str, synthetic: bool, place: str = "", foot: str = "") -> Page:
    """Begin a slide: marking at its top and bottom, date, licence line, and the mark of synthetic data."""
    page = document.slides.add_slide(document.slide_layouts[6])
    for top in (0.14, 7.14):
        _text(page, marking, MARGIN, top, 4.2, 0.28, size=12, bold=True)
    _text(page, f"{briefing.title}{place}", 4.6, 0.14, 4.9, 0.28, size=11, colour=SECONDARY, align=PP_ALIGN.CENTER)
    _text(page, briefing.date_words, WIDTH - MARGIN - 3, 0.14, 3, 0.28, size=11, colour=SECONDARY, align=PP_ALIGN.RIGHT)
    if synthetic:
        tag = page.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(2.85), Inches(0.14), Inches(1.6), Inches(0.28))
        tag.fill.solid()
        tag.fill.fore_color.rgb = RGBColor(*rgb(SYNTHETIC))
        tag.line.fill.background()
        tag.shadow.inherit = False
        _write(tag.text_frame, SYNTHETIC_WORDS, size=11, bold=True, colour=SYNTHETIC_INK, align=PP_ALIGN.CENTER)
    lines = wrapped(foot, (WIDTH - 2 * MARGIN - 3.2) * 72, SMALL)
    _text(page, "\n".join(lines), MARGIN + 3.2, 7.14 if len(lines) < 2 else 7.02, WIDTH - 2 * MARGIN - 3.2, 0.3, size=SMALL,
          colour=SECONDARY, align=PP_ALIGN.RIGHT)  # fmt: skip
    return page


def _title(document: Document, briefing: Briefing) -> None:
    page = _page(document, briefing, marking=briefing.marking, synthetic=briefing.synthetic, foot=" ".join(briefing.licences))
    _text(page, briefing.title, MARGIN + 0.5, 2.3, WIDTH - 2, 1, size=40, bold=True)
    _text(page, briefing.date_words, MARGIN + 0.5, 3.3, WIDTH - 2, 0.4, size=20, colour=SECONDARY)
    listed = "\n".join(f"{place}. {one.card.headline}" for place, one in enumerate(briefing.slides[:10], start=1))
    _text(page, listed, MARGIN + 0.5, 3.95, WIDTH - 2, 2.8, size=15)


def _card(document: Document, briefing: Briefing, slide: Slide, place: int) -> None:
    """Make the slide of one card; rows that do not fit follow on slides of their own."""
    card = slide.card
    of = f" · {place} of {len(briefing.slides)}"
    foot = briefing.licence_line(slide)
    page = _page(document, briefing, marking=card.marking.upper(), synthetic=card.synthetic, place=of, foot=foot)
    _text(page, card.kicker, MARGIN, 0.46, WIDTH - 2 * MARGIN, 0.3, size=13, colour=SECONDARY)
    size = 28 if len(wrapped(card.headline, (WIDTH - 2 * MARGIN) * 72, 28)) == 1 else 21
    _text(page, card.headline, MARGIN, 0.72, WIDTH - 2 * MARGIN, 0.5, size=size, bold=True)
    _text(page, card.subline, MARGIN, 1.24, WIDTH - 2 * MARGIN, 0.4, size=13, colour=SECONDARY)
    left = MARGIN
    if card.picture:
        _picture(page, card.picture, card.headline, is_map=bool(card.base_map))
        left = MARGIN + PICTURE_WIDTH + GAP
    rest = _beside(page, slide, left)
    small = wrapped(slide.counted, (PICTURE_WIDTH if card.picture else WIDTH - 2 * MARGIN) * 72, SMALL)
    _text(
        page,
        "\n".join(small),
        MARGIN,
        BOTTOM - 0.16 * len(small),
        PICTURE_WIDTH + 4,
        0.16 * len(small),
        size=SMALL,
        colour=SECONDARY,
    )
    page.notes_slide.notes_text_frame.text = "\n".join(map(_plain, slide.spoken.split("\n")))
    head, rows = rows_without_blanks(card.table_head, card.table_rows)
    while rest:
        rest = _further(document, briefing, slide, head, rows[-rest:], of)


def _picture(page: Page, picture: bytes, words: str, *, is_map: bool) -> None:
    """Put the picture in without its own heading, never larger than its resolution allows."""
    cut = cut_of(picture, is_map=is_map)
    wide, high = shape_of(picture)
    wide, high = wide * (1 - cut.left - cut.right), high * (1 - cut.top)
    width = min(PICTURE_WIDTH, wide / DPI, PICTURE_HEIGHT * wide / high)
    height = width * high / wide
    shape = page.shapes.add_picture(io.BytesIO(picture), Inches(MARGIN), Inches(PICTURE_TOP), Inches(width), Inches(height))
    shape.crop_left, shape.crop_top, shape.crop_right = cut.left, cut.top, cut.right
    shape._element.nvPicPr.cNvPr.set("descr", _plain(words))


def _beside(page: Page, slide: Slide, left: float) -> int:
    """Write what the finding says and its table; give how many rows are left over."""
    card, width = slide.card, WIDTH - MARGIN - left
    said = (*wrapped(card.sentence, width * 72 - 14, 14),)[:9]
    tall = 0.25 * len(said)
    rule = page.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(left), Inches(PICTURE_TOP), Inches(0.06), Inches(tall))
    rule.fill.solid()
    rule.fill.fore_color.rgb = RGBColor(*rgb(ACCENT))
    rule.line.fill.background()
    _text(page, card.sentence, left + 0.16, PICTURE_TOP - 0.02, width - 0.16, tall, size=14)
    head, rows = rows_without_blanks(card.table_head, card.table_rows)
    if not rows:
        head, rows = ("Figure", "Value"), tuple((one.name, one.value) for one in card.figures)
    top = PICTURE_TOP + tall + 0.15
    room = (BOTTOM - 0.4 - top) * 72
    table = set_table(head, rows, width=width * 72, size=LETTERS)
    fitting = rows_that_fit(table, room) if table.is_readable or not card.picture else 0
    if not rows or not fitting:
        return len(rows) if card.table_rows else 0
    _table(page, set_table(head, rows[:fitting], width=width * 72, size=LETTERS), left, top)
    if fitting < len(rows):
        _text(
            page, f"{fitting} of {len(rows)} rows; the others follow.", left, BOTTOM - 0.3, width, 0.25, size=10, colour=SECONDARY
        )
    return len(rows) - fitting


def _further(
    document: Document, briefing: Briefing, slide: Slide, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], of: str
) -> int:
    """Put rows that are left over on a slide; give how many are left then."""
    card = slide.card
    page = _page(
        document, briefing, marking=card.marking.upper(), synthetic=card.synthetic, place=of, foot=briefing.licence_line(slide)
    )
    title = f"{card.headline}: the {'table' if len(rows) == len(card.table_rows) else 'other rows'}"
    _text(page, title, MARGIN, 0.6, WIDTH - 2 * MARGIN, 0.5, size=20, bold=True)
    table = set_table(head, rows, width=(WIDTH - 2 * MARGIN) * 72, size=LETTERS)
    fitting = max(1, rows_that_fit(table, (BOTTOM - 1.3) * 72))
    _table(page, set_table(head, rows[:fitting], width=(WIDTH - 2 * MARGIN) * 72, size=LETTERS), MARGIN, 1.15)
    page.notes_slide.notes_text_frame.text = _plain(slide.parameters)
    return len(rows) - fitting


def _table(page: Page, table: SetTable, left: float, top: float) -> None:
    count = len(table.rows) + 1
    size = (Pt(sum(table.widths)), Pt(sum(table.heights)))
    frame = page.shapes.add_table(count, len(table.head), Inches(left), Inches(top), *size)
    made = frame.table
    # The light style without colours: a rule under the head and between rows.
    frame._element.graphic.graphicData.tbl.tblPr.find("{*}tableStyleId").text = "{9D7B030F-B1BA-407E-9DB9-1D52A0F64E5A}"
    for column, width in zip(made.columns, table.widths, strict=True):
        column.width = Pt(width)
    for row, height in zip(made.rows, table.heights, strict=True):
        row.height = Pt(height)
    for place, cells in enumerate((table.head, *table.rows)):
        for column, words in enumerate(cells):
            _cell(made.cell(place, column), words, is_head=place == 0, is_number=table.numeric[column])


def _cell(cell: _Cell, words: str, *, is_head: bool, is_number: bool) -> None:
    cell.margin_left, cell.margin_right, cell.margin_top, cell.margin_bottom = Pt(2), Pt(4), Pt(2), Pt(2)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    align = PP_ALIGN.RIGHT if is_number else PP_ALIGN.LEFT
    _write(cell.text_frame, words, size=LETTERS, bold=is_head, colour=SECONDARY if is_head else INK, align=align)


def _closing(document: Document, briefing: Briefing) -> None:
    """Say parameters, sources and licences, and what could not be shown, on as many slides as they need."""
    lines: list[tuple[str, bool]] = []
    for head, paragraphs in briefing.closing:
        lines.append((head, True))
        lines += [(line, False) for one in paragraphs for line in wrapped(one, (WIDTH - 2 * MARGIN) * 72, 11)]
    for start in range(0, max(1, len(lines)), LINES_OF_PARAMETERS):
        foot = " ".join(briefing.licences)
        page = _page(document, briefing, marking=briefing.marking, synthetic=briefing.synthetic, foot=foot)
        _text(page, "How this was made", MARGIN, 0.6, WIDTH - 2 * MARGIN, 0.5, size=24, bold=True)
        box = page.shapes.add_textbox(Inches(MARGIN), Inches(1.2), Inches(WIDTH - 2 * MARGIN), Inches(5.6)).text_frame
        box.word_wrap = True
        for place, (line, is_head) in enumerate(lines[start : start + LINES_OF_PARAMETERS]):
            paragraph = box.paragraphs[0] if place == 0 else box.add_paragraph()
            _run(paragraph.add_run(), line, size=14 if is_head else 11, bold=is_head, colour=INK)


def _text(
    page: Page, words: str, left: float, top: float, width: float, height: float, *, size: float, bold: bool = False,
    colour: str = INK, align: PP_ALIGN = PP_ALIGN.LEFT,
) -> None:  # fmt: skip
    frame = page.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height)).text_frame
    _write(frame, words, size=size, bold=bold, colour=colour, align=align)


def _write(frame: TextFrame, words: str, *, size: float, bold: bool, colour: str, align: PP_ALIGN) -> None:
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for place, line in enumerate(words.split("\n")):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment = align
        _run(paragraph.add_run(), line, size=size, bold=bold, colour=colour)


def _run(run: object, words: str, *, size: float, bold: bool, colour: str) -> None:
    run.text = _plain(words)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run.font.color.rgb = RGBColor(*rgb(colour))


def _plain(words: str) -> str:
    """Leave out control characters, which XML does not know; a name may hold any."""
    return "".join(letter for letter in words if letter.isprintable())
