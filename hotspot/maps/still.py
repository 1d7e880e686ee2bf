"""The still renderer: one picture with title, map, legend, licence and markings, ready for a report or a projector.

Matplotlib's Agg canvas without pyplot: no state is shared, so several sessions can draw at once.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text

from hotspot.findings.words import quantity
from hotspot.maps import palette
from hotspot.maps.legend import DensityLegend, DifferenceLegend, Key, KeyLegend, Legend
from hotspot.maps.scene import Badge, Scene
from hotspot.maps.still_context import KEYS_HEIGHT, draw_keys
from hotspot.maps.still_periods import Periods, draw_maps
from hotspot.maps.typeface import BOLD, REGULAR, text_width, typeface

DPI = 100
DESIGN = (1200, 800)
"""Pixels in which all sizes below are given; larger pictures scale with them."""
MARGIN = 32.0
RULE = "#C9D0D6"
LIST_WIDTH, LIST_ROW = 320.0, 48.0
LEAST_ROW, LARGEST_ROW = 18.0, 60.0
"""Height of a row of a table."""
LEAST_LETTERS, LARGEST_LETTERS = 12.0, 22.0
SYNTHETIC_WORDS = "SYNTHETIC DATA"
_DRAWING = threading.Lock()
"""FreeType's glyph cache is shared by all figures of a process."""


class _Page:
    """A figure whose coordinates are pixels of the design, y downwards."""

    def __init__(self, width: int, height: int):
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.scale = min(width / DESIGN[0], height / DESIGN[1])
        self.width, self.height = width / self.scale, height / self.scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Turn a position into the figure's shares."""
        return x / self.width, 1 - y / self.height

    def points(self, pixels: float) -> float:
        return pixels * self.scale * 72 / DPI

    def text(
        self, x: float, y: float, words: str, *, size: float, weight: int = REGULAR, colour: str = palette.INK, ha: str = "left"
    ) -> Text:
        """Write one line; ``y`` is its baseline."""
        return self.figure.text(
            *self.at(x, y),
            words,
            font=typeface(weight),
            fontsize=self.points(size),
            color=colour,
            ha=ha,
            va="baseline",
            parse_math=False,
        )

    def lines(
        self, y: float, words: str, *, width: float, most: int, size: float, weight: int = REGULAR, colour: str = palette.INK
    ) -> float:
        """Write words over as many lines as they need, at most ``most``; give the y of the next baseline."""
        for line in wrapped(words, size=size, weight=weight, width=width, most=most):
            self.text(MARGIN, y, line, size=size, weight=weight, colour=colour)
            y += 1.28 * size
        return y

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, *, hatched: bool = False, edge: str | None = None
    ) -> None:
        left, bottom = self.at(x, y + height)
        size = (width / self.width, height / self.height)
        fill = Rectangle((left, bottom), *size, facecolor=colour, linewidth=0.0, transform=self.figure.transFigure)
        if hatched:
            fill.set(hatch="////", edgecolor=palette.HATCH)
        self.figure.patches.append(fill)
        if edge is not None:
            line = Rectangle((left, bottom), *size, fill=False, edgecolor=edge, transform=self.figure.transFigure)
            line.set_linewidth(self.points(0.8))
            self.figure.patches.append(line)


def picture(
    scene: Scene,
    *,
    width: int,
    height: int,
    title: str,
    subline: str,
    legend: Legend,
    marking: str,
    licence: str,
    synthetic: bool,
    footer: str,
    periods: Periods | None = None,
) -> bytes:
    """Draw a scene as a PNG of ``width`` × ``height`` pixels.

    Parameters
    ----------
    marking
        Protective marking, drawn in capitals at both ends of the picture.
    synthetic
        Mark the picture, so that it can never be taken for real offences.
    footer
        What the reader must know: source, counts, limits.
    periods
        How the two surfaces of a comparison are drawn; None: the scene has one.
    """
    with _DRAWING, rc_context({"text.hinting": "no_hinting"}):
        page = _Page(width, height)
        top = _head(page, title, subline, marking, synthetic=synthetic)
        bottom = _foot(page, f"{footer} {licence}".strip(), marking)
        legend_top = bottom - 48 - (KEYS_HEIGHT if scene.layers else 0.0)
        listed = LIST_WIDTH if scene.hotspots else 0.0
        across = page.width - 2 * MARGIN - listed
        draw_maps(page, scene, periods, left=MARGIN, top=top, bottom=legend_top - 14, across=across)
        if scene.hotspots:
            _list(page, scene.badge_word, scene.hotspots, top, legend_top - 14)
        _legend(page, legend, legend_top)
        draw_keys(page, scene.layers, left=MARGIN, top=bottom - KEYS_HEIGHT)
        file = io.BytesIO()
        page.figure.savefig(file, format="png", dpi=DPI, metadata={"Title": title, "Software": None})
    return file.getvalue()


def _head(page: _Page, title: str, subline: str, marking: str, *, synthetic: bool) -> float:
    """Write markings, title and sub-line; give where the map may begin."""
    right = page.width - MARGIN
    page.text(right, 30, marking.upper(), size=13, weight=BOLD, ha="right")
    if synthetic:
        taken = text_width(marking.upper(), 13, BOLD)
        wide = text_width(SYNTHETIC_WORDS, 13, BOLD) + 16
        left = right - taken - 14 - wide
        page.box(left, 14, wide, 23, palette.SYNTHETIC)
        page.text(left + 8, 30, SYNTHETIC_WORDS, size=13, weight=BOLD, colour=palette.SYNTHETIC_INK)
    whole = page.width - 2 * MARGIN
    y = page.lines(62, title, width=whole, most=2, size=26, weight=BOLD)
    return page.lines(y - 6, subline, width=whole, most=2, size=15, colour=palette.SECONDARY) - 4


def _foot(page: _Page, words: str, marking: str) -> float:
    """Write the footer upwards from the lower edge; give where it begins."""
    reserved = text_width(marking.upper(), 13, BOLD) + 24
    width = page.width - 2 * MARGIN - reserved
    lines = wrapped(words, size=12, width=width, most=3)
    top = page.height - 22 - 16 * len(lines)
    page.box(MARGIN, top, page.width - 2 * MARGIN, 1, RULE)
    for number, line in enumerate(lines):
        page.text(MARGIN, top + 18 + 16 * number, line, size=12, colour=palette.SECONDARY)
    page.text(page.width - MARGIN, top + 18, marking.upper(), size=13, weight=BOLD, ha="right")
    return top


def _list(page: _Page, word: str, hotspots: tuple[Badge, ...], top: float, bottom: float) -> None:
    """List what is numbered beside the map: a badge says nothing without its name."""
    left, right = page.width - MARGIN - LIST_WIDTH + 28, page.width - MARGIN
    page.text(left, top + 13, word, size=13, colour=palette.SECONDARY)
    if any(badge.count is not None for badge in hotspots):
        page.text(right, top + 13, "Offences", size=13, colour=palette.SECONDARY, ha="right")
    page.box(left, top + 22, right - left, 1.5, palette.INK)
    room = int((bottom - top - 24) / LIST_ROW)
    for number, badge in enumerate(hotspots[: room if len(hotspots) <= room else room - 1]):
        _listed(page, badge, left, right, top + 24 + number * LIST_ROW)
    if len(hotspots) > room:
        words = f"and {len(hotspots) - room + 1} more, smaller"
        page.text(left, top + 24 + (room - 1) * LIST_ROW + 22, words, size=13, colour=palette.SECONDARY)


def _listed(page: _Page, badge: Badge, left: float, right: float, y: float) -> None:
    place, _, street = badge.label.partition(",")
    count = "" if badge.count is None else quantity(badge.count)
    width = right - left - 36 - text_width(count, 19, BOLD) - 12
    _dot(page, left + 12, y + LIST_ROW / 2, 12.0, palette.INK, "white")
    page.text(left + 12, y + LIST_ROW / 2 + 4.3, str(badge.rank), size=13, weight=BOLD, colour="white", ha="center")
    page.text(left + 34, y + (20 if street else 26), _shortened(place, 15, width, BOLD), size=15, weight=BOLD)
    page.text(left + 34, y + 36, _shortened(street.strip(), 12.5, width), size=12.5, colour=palette.SECONDARY)
    page.text(right, y + LIST_ROW / 2 + 6, count, size=19, weight=BOLD, ha="right")
    page.box(left, y + LIST_ROW - 1, right - left, 1, RULE)


def _shortened(words: str, size: float, width: float, weight: int = REGULAR) -> str:
    """Cut words to a width, with an ellipsis where something was cut."""
    if text_width(words, size, weight) <= width:
        return words
    return next(
        (cut for end in range(len(words), 0, -1) if text_width(cut := words[:end].rstrip() + "…", size, weight) <= width), "…"
    )


def _legend(page: _Page, legend: Legend, y: float) -> None:
    """Write the legend's title, then its bands or keys, in one row under the map."""
    page.text(MARGIN, y + 12, legend.title, size=13, weight=BOLD)
    x = MARGIN + text_width(legend.title, 13, BOLD) + 26
    if isinstance(legend, KeyLegend):
        _keys(page, legend, x, y)
    else:
        _bands(page, legend, x, y)


def _bands(page: _Page, legend: DensityLegend | DifferenceLegend, x: float, y: float) -> None:
    """Draw boxes with a number under each edge; an open first band has none at its left.

    The ground without colour stands before the first edge of a density: "under 8".
    """
    widths = [text_width(edge, 13) for edge in legend.edges]
    width, closed = max(52.0, max(widths, default=0.0) + 12), isinstance(legend, DensityLegend)
    if closed:
        # Room for 'under' beside the left half of the first number.
        ground = max([52.0, *(wide + 36 for wide in widths[:1])])
        page.box(x, y, ground / 2, 15, palette.LAND)
        page.box(x + ground / 2, y, ground / 2, 15, palette.BUILT_UP[1])
        page.box(x, y, ground, 15, "none", edge=RULE)
        page.text(x + ground / 2, y + 30, "under", size=13, colour=palette.SECONDARY, ha="center")
        x += ground
    for place, colour in enumerate(legend.colours):
        page.box(x + place * width, y, width, 15, colour, edge="#8A96A0")
    for place, edge in enumerate(legend.edges):
        page.text(x + (place + (0 if closed else 1)) * width, y + 30, edge, size=13, ha="center")


def _keys(page: _Page, legend: KeyLegend, x: float, y: float) -> None:
    """Draw the keys, on a second row where the first is full."""
    start = x
    for key in legend.keys:
        wide = 28 + text_width(key.word, 13) + 18
        if x + wide > page.width - MARGIN + 18:
            x, y = start, y + 22
        _swatch(page, key, x, y)
        page.text(x + 26, y + 12, key.word, size=13, colour=palette.SECONDARY)
        x += wide


def _swatch(page: _Page, key: Key, x: float, y: float) -> None:
    if not key.dot:
        page.box(x, y, 19, 14, key.colour, hatched=key.hatched, edge="#8A96A0")
        return
    _dot(page, x + 11, y + 7.5, key.dot / 2, key.colour, "#8A96A0")


def _dot(page: _Page, x: float, y: float, radius: float, colour: str, edge: str) -> None:
    """Draw a circle, on axes of its own so that it stays round."""
    half = radius + 2
    left, bottom = page.at(x - half, y + half)
    axes = page.figure.add_axes((left, bottom, 2 * half / page.width, 2 * half / page.height), frameon=False)
    axes.set(xlim=(-half, half), ylim=(-half, half), xticks=[], yticks=[])
    axes.add_patch(Circle((0, 0), radius, facecolor=colour, edgecolor=edge, linewidth=page.points(0.6)))


def wrapped(words: str, *, size: float, width: float, most: int, weight: int = REGULAR) -> list[str]:
    """Break words into lines that fit a width; what does not fit into ``most`` lines ends in an ellipsis."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip(",.;: ") + " …"]
    return lines


def table_picture(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    fills: Sequence[Sequence[str]],
    width: int,
    height: int,
    title: str,
    subline: str,
    marking: str,
    licence: str,
    synthetic: bool,
    footer: str,
) -> bytes:
    """Draw a table as a PNG with title, markings and footer: what stands for a map where a finding has none.

    Parameters
    ----------
    fills
        Colour of the ground of each cell; empty: none.
    """
    with _DRAWING, rc_context({"text.hinting": "no_hinting"}):
        page = _Page(width, height)
        top = _head(page, title, subline, marking, synthetic=synthetic)
        bottom = _foot(page, f"{footer} {licence}".strip(), marking)
        _table(page, [head, *rows], [[""] * len(head), *fills], top + 8, bottom - 10)
        file = io.BytesIO()
        page.figure.savefig(file, format="png", dpi=DPI, metadata={"Title": title, "Software": None})
    return file.getvalue()


def _table(page: _Page, rows: Sequence[Sequence[str]], fills: Sequence[Sequence[str]], top: float, bottom: float) -> None:
    """Write rows of equal height, the first bold; columns share the width by what stands in them."""
    room = int((bottom - top) / LEAST_ROW)
    if len(rows) > room:
        cut = [f"and {len(rows) - room + 1} more", *[""] * (len(rows[0]) - 1)]
        rows, fills = [*rows[: room - 1], cut], [*fills[: room - 1], [""] * len(cut)]
    along = min((bottom - top) / len(rows), LARGEST_ROW)
    whole = page.width - 2 * MARGIN
    size, wanted = _fitting(rows, whole, min(LARGEST_LETTERS, along * 0.5))
    widths = [wide * whole / sum(wanted) for wide in wanted]
    for number, (row, colours) in enumerate(zip(rows, fills, strict=True)):
        x, y = MARGIN, top + number * along
        for column, (cell, colour, wide) in enumerate(zip(row, colours, widths, strict=True)):
            if colour:
                page.box(x, y, wide, along, colour)
            ink = "white" if colour and _is_dark(colour) else palette.INK
            words, weight = _shortened(cell, size, wide - 8, BOLD if number == 0 else REGULAR), BOLD if number == 0 else REGULAR
            at = (x + 4, "left") if column == 0 else (x + wide / 2, "center")
            page.text(at[0], y + along / 2 + size / 3, words, size=size, weight=weight, colour=ink, ha=at[1])
            x += wide
        page.box(MARGIN, y + along - 1, whole, 2 if number == 0 else 1, palette.INK if number == 0 else RULE)


def _fitting(rows: Sequence[Sequence[str]], whole: float, largest: float) -> tuple[float, list[float]]:
    """Give the largest size at which every cell fits beside the others, and the width that each column wants."""
    for size in (step for step in (22.0, 20.0, 18.0, 16.0, 14.0, LEAST_LETTERS) if step <= largest or step == LEAST_LETTERS):
        wanted = [max(text_width(row[column], size, BOLD) for row in rows) + 14 for column in range(len(rows[0]))]
        if sum(wanted) <= whole:
            break
    return size, wanted


def _is_dark(colour: str) -> bool:
    red, green, blue = palette.rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140
