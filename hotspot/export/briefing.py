"""A briefing: cards in an order, with title, date and what could not be known; written as slides, pages or one file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from matplotlib import image

from hotspot.errors import BadInput
from hotspot.export.card_disclosure import refusal, together
from hotspot.export.cards import PAGES, CardContent
from hotspot.findings.audience import FORCE
from hotspot.findings.talking_points import talking_points

SUFFIXES = (".pptx", ".pdf", ".html")
STANDING_MARKING = "OFFICIAL"
"""Marking of a briefing without a card."""
SYNTHETIC_WORDS = "SYNTHETIC DATA"
_FRAME_SHARE = 0.6
"""Share of a row of pixels that is not white where a picture's map begins."""


@dataclass(frozen=True, eq=False)
class Slide:
    """One card of a briefing."""

    card: CardContent
    note: str = ""
    """The analyst's note."""

    @property
    def points(self) -> tuple[str, ...]:
        """What may be said."""
        return talking_points(self.card.page, self.card.sentence, [(one.name, one.value) for one in self.card.figures])

    @property
    def counted(self) -> str:
        """N, what was left out, and the standing note: every card's last two notes."""
        return " ".join(self.card.notes[-2:])

    @property
    def spoken(self) -> str:
        """Everything for the speaker's eyes: points, the analyst's note, method, parameters."""
        parts = ["\n".join(f"• {point}" for point in self.points)]
        if self.note:
            parts.append(f"Analyst's note: {self.note}")
        parts += ["Method. " + " ".join(self.card.notes), self.parameters]
        return "\n\n".join(parts)

    @property
    def parameters(self) -> str:
        """The page and every parameter, data and version: enough to make the card again."""
        said = "; ".join(f"{name} {value}" for name, value in self.card.query.items())
        page = PAGES.get(self.card.page, self.card.page.capitalize())
        return f"{page}: {said}. Data {self.card.fingerprint}, version {self.card.version}."


@dataclass(frozen=True, eq=False)
class Briefing:
    """What a meeting is shown."""

    title: str
    issued: date
    slides: tuple[Slide, ...]
    refusals: tuple[str, ...] = ()
    """A sentence for each card that there is none of, and why."""

    @property
    def marking(self) -> str:
        """The strictest marking of the cards."""
        return max((one.card.marking for one in self.slides), key=len, default=STANDING_MARKING).upper()

    @property
    def synthetic(self) -> bool:
        return any(one.card.synthetic for one in self.slides)

    @property
    def licences(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.card.licence for one in self.slides if one.card.licence))

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.card.source for one in self.slides if one.card.source))

    @property
    def date_words(self) -> str:
        return f"Issued {self.issued.day} {self.issued:%B %Y}"

    def licence_line(self, slide: Slide) -> str:
        """Say source and licence of one card."""
        return f"Source: {slide.card.source}. {_ended(slide.card.licence)}".strip()

    @property
    def closing(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Headed paragraphs of the end: what is missing, parameters, sources and licences."""
        return tuple(
            (head, lines)
            for head, lines in (
                ("What could not be shown", self.refusals),
                ("Parameters", tuple(f"{place}. {one.parameters}" for place, one in enumerate(self.slides, start=1))),
                ("Sources and licences", (*map(_ended, self.sources), *map(_ended, self.licences))),
            )
            if lines
        )


def for_audience(briefing: Briefing, audience: str) -> Briefing:
    """Leave out what was pinned for the force where others look, and what cards beside each other would tell; say so."""
    if audience == FORCE:
        return briefing
    public = [one for one in briefing.slides if one.card.audience != FORCE]
    fits = together([one.card for one in public], audience=audience)
    shown = tuple(one for one, is_shown in zip(public, fits, strict=True) if is_shown)
    count = len(briefing.slides) - len(public)
    words = "One card was" if count == 1 else f"{count} cards were"
    own = (f"{words} pinned for the force alone and left out.",) if count else ()
    refused = (refusal(one.card) for one, is_shown in zip(public, fits, strict=True) if not is_shown)
    return replace(briefing, slides=shown, refusals=(*briefing.refusals, *own, *refused))


def written(briefing: Briefing, suffix: str) -> bytes:
    """Write a briefing in the format of a file's ending.

    Raises
    ------
    BadInput
        If no format has that ending.
    """
    # Each format needs a library of its own, which takes its time to load.
    if suffix == ".pptx":
        from hotspot.export.briefing_pptx import presentation

        return presentation(briefing)
    if suffix == ".pdf":
        from hotspot.export.briefing_pdf import pages

        return pages(briefing)
    if suffix == ".html":
        from hotspot.export.briefing_html import document

        return document(briefing).encode("utf-8")
    raise BadInput(f"A briefing cannot be written as '{suffix}'. It can be: {', '.join(SUFFIXES)}.")


def write_briefing(briefing: Briefing, path: Path) -> None:
    """Write a briefing into a file; its ending says the format."""
    path.write_bytes(written(briefing, path.suffix.lower()))


@dataclass(frozen=True)
class Cut:
    """What of a picture's edges a slide leaves out, because it says it itself: shares of its width and height."""

    left: float
    top: float
    right: float


def cut_of(picture: bytes, *, is_map: bool) -> Cut:
    """Find the white at the sides, and the title and marking above a map; the hours above a table's colours stay."""
    inked = (image.imread(io.BytesIO(picture))[..., :3] < 0.995).any(axis=2)
    columns = np.flatnonzero(inked.any(axis=0))
    if not len(columns):
        return Cut(0.0, 0.0, 0.0)
    filled = inked.mean(axis=1) > _FRAME_SHARE
    first = int(np.argmax(filled))
    # A rule across the page is no map: the rows under it must be filled too.
    has_frame = is_map and filled[first : first + 12].all()
    height, width = inked.shape
    return Cut(columns[0] / width, max(0, first - 1) / height if has_frame else 0.0, 1 - (columns[-1] + 1) / width)


def shape_of(picture: bytes) -> tuple[int, int]:
    """Give width and height of a picture in pixels."""
    height, width = image.imread(io.BytesIO(picture)).shape[:2]
    return width, height


def _ended(sentence: str) -> str:
    return f"{sentence.rstrip('.')}." if sentence else ""


def rows_without_blanks(
    head: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Leave out columns in which no row says anything."""
    kept = [place for place, _ in enumerate(head) if any(row[place] for row in rows)]
    return tuple(head[place] for place in kept), tuple(tuple(row[place] for place in kept) for row in rows)
