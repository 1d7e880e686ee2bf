"""A briefing as PDF: A4 across, text that can be searched and copied, the same content as the slides."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib import image, rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from hotspot.export.briefing import SYNTHETIC_WORDS, Briefing, Slide, cut_of, rows_without_blanks
from hotspot.export.briefing_table import LEADING, SetTable, printable, rows_that_fit, set_table, wrapped
from hotspot.maps.palette import ACCENT, INK, SECONDARY, SYNTHETIC, SYNTHETIC_INK
from hotspot.maps.typeface import BOLD, REGULAR, text_width, typeface

WIDTH, HEIGHT, MARGIN = 841.9, 595.3, 34.0
"""Points of A4, across."""
RIGHT, BOTTOM = WIDTH - MARGIN, HEIGHT - 52.0
PICTURE_TOP, PICTURE_WIDTH, PICTURE_HEIGHT, GAP = 112.0, 440.0, 272.0, 22.0
LETTERS, SMALL = 8.5, 7.5
MOST_LISTED = 14
"""Cards that the first page names."""
RULE = "#C9D0D6"


def pages(briefing: Briefing) -> bytes:
    """Write a briefing as a PDF file."""
    file = io.BytesIO()
    settings = {"pdf.fonttype": 42, "text.hinting": "no_hinting", "text.parse_math": False}
    # Without a date of its making the same briefing is the same file.
    about = {"Title": briefing.title, "Subject": f"{briefing.marking}. {briefing.date_words}.", "CreationDate": None}
    with rc_context(settings), PdfPages(file, metadata=about) as document:
        _save(document, _title(briefing))
        for place, slide in enumerate(briefing.slides, start=1):
            for page in _card(briefing, slide, place):
                _save(document, page)
        for page in _closing(briefing):
            _save(document, page)
    return file.getvalue()


class _Page:
    """A page whose coordinates are points, y downwards."""

    def __init__(self, briefing: Briefing, *, marking: str, synthetic: bool, place: str = "", foot: str = ""):
        self.figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), facecolor="white")
        FigureCanvasAgg(self.figure)
        self.text(MARGIN, 24, marking, size=10, weight=BOLD)
        self.text(MARGIN, HEIGHT - 18, marking, size=10, weight=BOLD)
        self.text(WIDTH / 2, 24, f"{briefing.title}{place}", size=9, colour=SECONDARY, align="center")
        self.text(RIGHT, 24, briefing.date_words, size=9, colour=SECONDARY, align="right")
        if synthetic:
            left = MARGIN + text_width(marking, 10, BOLD) + 12
            self.box(left, 13, text_width(SYNTHETIC_WORDS, 9, BOLD) + 12, 15, SYNTHETIC)
            self.text(left + 6, 24, SYNTHETIC_WORDS, size=9, weight=BOLD, colour=SYNTHETIC_INK)
        self.line(HEIGHT - 44)
        width = RIGHT - MARGIN - 160
        lines = wrapped(foot, width, SMALL, weight=REGULAR)[:3]
        for number, line in enumerate(lines):
            self.text(RIGHT, HEIGHT - 34 + number * SMALL * LEADING, line, size=SMALL, colour=SECONDARY, align="right")

    def text(
        self, x: float, y: float, words: str, *, size: float, weight: int = REGULAR, colour: str = INK, align: str = "left"
    ) -> None:
        """Write one line; ``y`` is its baseline."""
        shown = printable(words)
        font = typeface(weight)
        self.figure.text(
            x / WIDTH,
            1 - y / HEIGHT,
            shown,
            fontproperties=font,
            fontsize=size,
            color=colour,
            ha=align,
            va="baseline",
            parse_math=False,
        )

    def lines(
        self, x: float, y: float, words: str, *, width: float, size: float, weight: int = REGULAR, colour: str = INK
    ) -> float:
        """Write a paragraph; give where the next line would stand."""
        for line in wrapped(words, width, size, weight=weight):
            self.text(x, y, line, size=size, weight=weight, colour=colour)
            y += size * LEADING
        return y

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        corner = (x / WIDTH, 1 - (y + height) / HEIGHT)
        shape = Rectangle(
            corner, width / WIDTH, height / HEIGHT, facecolor=colour, linewidth=0, transform=self.figure.transFigure
        )
        self.figure.patches.append(shape)

    def line(self, y: float, *, left: float = MARGIN, right: float = RIGHT, width: float = 0.6, colour: str = RULE) -> None:
        ends = ([left / WIDTH, right / WIDTH], [1 - y / HEIGHT] * 2)
        self.figure.add_artist(Line2D(*ends, color=colour, linewidth=width, transform=self.figure.transFigure))

    def picture(self, picture: bytes, x: float, y: float, *, width: float, height: float, is_map: bool) -> float:
        """Put a picture in with all its pixels, without its own heading; give where it ends."""
        pixels = image.imread(io.BytesIO(picture))[..., :3]
        cut = cut_of(picture, is_map=is_map)
        wide = pixels.shape[1]
        pixels = pixels[round(cut.top * len(pixels)) :, round(cut.left * wide) : round(wide * (1 - cut.right))]
        pixels = (pixels * 255).round().astype(np.uint8)
        width = min(width, height * pixels.shape[1] / pixels.shape[0])
        height = width * pixels.shape[0] / pixels.shape[1]
        axes = self.figure.add_axes((x / WIDTH, 1 - (y + height) / HEIGHT, width / WIDTH, height / HEIGHT))
        axes.set_axis_off()
        axes.imshow(pixels, interpolation="none", aspect="auto")
        return y + height


def _save(document: PdfPages, page: _Page) -> None:
    document.savefig(page.figure)


def _title(briefing: Briefing) -> _Page:
    page = _Page(briefing, marking=briefing.marking, synthetic=briefing.synthetic, foot=" ".join(briefing.licences))
    y = page.lines(MARGIN + 20, 190, briefing.title, width=RIGHT - MARGIN - 40, size=32, weight=BOLD)
    page.text(MARGIN + 20, y, briefing.date_words, size=15, colour=SECONDARY)
    y += 40
    for place, one in enumerate(briefing.slides[:MOST_LISTED], start=1):
        y = page.lines(MARGIN + 20, y, f"{place}. {one.card.headline}", width=RIGHT - MARGIN - 40, size=12) + 3
    if len(briefing.slides) > MOST_LISTED:
        page.text(MARGIN + 20, y, f"and {len(briefing.slides) - MOST_LISTED} more", size=12, colour=SECONDARY)
    return page


def _card(briefing: Briefing, slide: Slide, place: int) -> list[_Page]:
    """Make the page of one card; rows that do not fit follow on pages of their own."""
    card = slide.card
    about = {
        "marking": card.marking.upper(),
        "synthetic": card.synthetic,
        "place": f" · {place} of {len(briefing.slides)}",
        "foot": briefing.licence_line(slide),
    }
    page = _Page(briefing, **about)
    whole = RIGHT - MARGIN
    page.text(MARGIN, 48, card.kicker, size=10, colour=SECONDARY)
    taken = text_width(printable(card.headline), 22, BOLD)
    size = min(22.0, 22.0 * whole / max(taken, 1.0))
    page.text(MARGIN, 72, card.headline, size=size, weight=BOLD)
    page.lines(MARGIN, 90, card.subline, width=whole, size=10, colour=SECONDARY)
    left, under = MARGIN, PICTURE_TOP
    if card.picture:
        is_map = bool(card.base_map)
        under = page.picture(card.picture, MARGIN, PICTURE_TOP, width=PICTURE_WIDTH, height=PICTURE_HEIGHT, is_map=is_map)
        left = MARGIN + PICTURE_WIDTH + GAP
    rest, end = _beside(page, slide, left)
    start = max(under, end if left == MARGIN else under) + 18
    waiting = _below(page, _said(slide), start, width=PICTURE_WIDTH if card.picture else whole)
    further = []
    while waiting:
        further.append(_Page(briefing, **about))
        further[-1].lines(MARGIN, 56, f"{card.headline}: what else is to be said", width=whole, size=14, weight=BOLD)
        waiting = _below(further[-1], waiting, 96, width=whole)
    head, rows = rows_without_blanks(card.table_head, card.table_rows)
    while rest:
        title = f"{card.headline}: the {'table' if rest == len(rows) else 'other rows'}"
        page_of_rows, rest = _rows(_Page(briefing, **about), title, head, rows[-rest:])
        further.append(page_of_rows)
    return [page, *further]


def _beside(page: _Page, slide: Slide, left: float) -> tuple[int, float]:
    """Write the table beside the picture; give how many rows are left over, and where it ends."""
    card, width = slide.card, RIGHT - left
    head, rows = rows_without_blanks(card.table_head, card.table_rows)
    if not rows:
        head, rows = ("Figure", "Value"), tuple((one.name, one.value) for one in card.figures)
    if not rows:
        return 0, PICTURE_TOP
    table = set_table(head, rows, width=width, size=LETTERS)
    # Without a picture the points stand under the table.
    fitting = rows_that_fit(table, BOTTOM - PICTURE_TOP - (20 if card.picture else 190))
    if card.picture and not table.is_readable:
        fitting = 0  # a page of its own is wide enough
    end = _table(page, set_table(head, rows[:fitting], width=width, size=LETTERS), left, PICTURE_TOP) if fitting else PICTURE_TOP
    if fitting < len(rows):
        rest = f"{fitting} of {len(rows)} rows; the others follow." if fitting else "The table follows on its own page."
        page.text(left, end + 12, rest, size=SMALL, colour=SECONDARY)
    return len(rows) - fitting, end


def _said(slide: Slide) -> tuple[tuple[str, bool], ...]:
    """Give what may be said, then the analyst's note, N and the method; each with whether it is a talking point."""
    note = (f"Note: {slide.note}",) if slide.note else ()
    return (*((one, True) for one in slide.points), *((one, False) for one in (*note, slide.counted, *slide.card.notes[:-2])))


def _below(page: _Page, said: Sequence[tuple[str, bool]], y: float, *, width: float) -> tuple[tuple[str, bool], ...]:
    """Write paragraphs as far as the page reaches; give those that are left over, a line at a time where one is too long."""
    top, pointed = y - 10, y - 10
    for place, (words, is_point) in enumerate(said):
        size, indent = (10.0, 12.0) if is_point else (SMALL, 0.0)
        lines = wrapped(words, width - indent, size, weight=REGULAR)
        fitting = max(0, int((HEIGHT - 46 - y) / (size * LEADING)))
        for line in lines[:fitting]:
            page.text(MARGIN + indent, y, line, size=size, colour=INK if is_point else SECONDARY)
            y += size * LEADING
        y += 2
        pointed = y - 10 if is_point else pointed
        if fitting < len(lines):
            page.box(MARGIN, top, 3, pointed - top, ACCENT)
            rest = " ".join(lines[fitting:])
            return ((rest, is_point), *said[place + 1 :])
    page.box(MARGIN, top, 3, pointed - top, ACCENT)
    return ()


def _rows(page: _Page, title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> tuple[_Page, int]:
    page.lines(MARGIN, 56, title, width=RIGHT - MARGIN, size=14, weight=BOLD)
    table = set_table(head, rows, width=RIGHT - MARGIN, size=LETTERS)
    fitting = max(1, rows_that_fit(table, BOTTOM - 80))
    _table(page, set_table(head, rows[:fitting], width=RIGHT - MARGIN, size=LETTERS), MARGIN, 80)
    return page, len(rows) - fitting


def _table(page: _Page, table: SetTable, left: float, y: float) -> float:
    for number, (cells, height) in enumerate(zip(table.lines, table.heights, strict=True)):
        x = left
        for column, lines in enumerate(cells):
            is_number = table.numeric[column]
            at = x + table.widths[column] - 6 if is_number else x
            for place, line in enumerate(lines):
                page.text(
                    at, y + 3 + LETTERS * (1 + LEADING * place), line, size=LETTERS, weight=REGULAR if number else BOLD,
                    colour=INK if number else SECONDARY, align="right" if is_number else "left",
                )  # fmt: skip
            x += table.widths[column]
        y += height
        page.line(y, left=left, right=left + sum(table.widths), width=0.4 if number else 0.9, colour=RULE if number else INK)
    return y


def _closing(briefing: Briefing) -> list[_Page]:
    """Say parameters, sources and licences, and what could not be shown, on as many pages as they need."""
    lines: list[tuple[str, int]] = []
    for head, paragraphs in briefing.closing:
        lines.append((head, BOLD))
        lines += [(line, REGULAR) for one in paragraphs for line in wrapped(one, RIGHT - MARGIN, 9, weight=REGULAR)]
    made = []
    for start in range(0, max(1, len(lines)), 34):
        page = _Page(briefing, marking=briefing.marking, synthetic=briefing.synthetic, foot=" ".join(briefing.licences))
        page.text(MARGIN, 60, "How this was made", size=18, weight=BOLD)
        for number, (line, weight) in enumerate(lines[start : start + 34]):
            page.text(MARGIN, 84 + 13 * number, line, size=9, weight=weight)
        made.append(page)
    return made
