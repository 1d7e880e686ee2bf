"""Cards side by side: what one of them hides from partners and the public, no other may tell.

Each card hides by itself what would give a small count away. A second card of the same notebook can undo that: the number of
offences of an area that the first one hides to protect another, or a table that hides other areas of the same period. A card
that would is left out, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from hotspot.crime_types import names_within
from hotspot.export.cards import PAGES, CardContent
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.change_words import short_period
from hotspot.geography import LPA
from hotspot.methods.suppression import HIDDEN, UNDER_5
from hotspot.period import Period

ALWAYS = "*"
"""Stands for every period: months over all the data add up to the count of any."""
_COUNT = re.compile(rf"[\d,.]+|{UNDER_5}|{HIDDEN}")
_BY_AREA = ("compare", "overview", "performance", "clusters", "investigation")
OF_THESE_AREAS = "Offences in these areas"
"""The figure of a card of rates: told only where no offence lies in another area."""
_OVER_ALL_DATA = ("when", "accuracy", "evaluation")
_WHOLE = "All areas"


@dataclass(frozen=True)
class Cell:
    """Offences of one type, place and period, as a card's table or figures tell them."""

    data: tuple[str, ...]
    """Source, force, date that counts, further limits."""
    crime_type: str
    level: str
    area: str
    """Empty: the whole force; the LPAs that a card was made within, where it was made of some."""
    period: str
    """In short words, or '*'."""


def together(cards: Sequence[CardContent], *, audience: str) -> tuple[bool, ...]:
    """Say which cards an audience may see side by side; of two that do not go together the earlier stays."""
    if audience == FORCE:
        return (True,) * len(cards)
    kept: list[_Read] = []
    fits = []
    for card in cards:
        cells = dict(cells_of(card)) if card.audience != FORCE else {}
        read = _Read(*({cell for cell, is_hidden in cells.items() if is_hidden is which} for which in (False, True)))
        fits.append(card.audience != FORCE and not any(read.gives_away(one) or one.gives_away(read) for one in kept))
        kept += [read] if fits[-1] else []
    return tuple(fits)


@dataclass(frozen=True)
class _Read:
    """What one card tells, and what it hides."""

    told: set[Cell]
    hidden: set[Cell]

    def gives_away(self, other: _Read) -> bool:
        """Say whether this card tells what the other hides: that count itself, or one of a type within its own or around it."""
        return _meet(self.told, other.hidden) or _nest(self.told - other.told, other.hidden)


def refusal(card: CardContent) -> str:
    """Say why a card is left out."""
    return (
        f"{PAGES.get(card.page, card.page)}, {card.kicker}: left out, because beside another card it would tell a count under 5."
    )


def _meet(told: set[Cell], hidden: set[Cell]) -> bool:
    """Say whether anything that is told is hidden elsewhere."""
    always = {_anytime(cell) for cell in told if cell.period == ALWAYS}
    return bool(told & hidden) or any(_anytime(cell) in always for cell in hidden)


def _nest(told: set[Cell], hidden: set[Cell]) -> bool:
    """Say whether anything that is told is of a crime type within a hidden one's, or around it, in the same place and period."""
    types_told: dict[tuple[object, ...], set[str]] = {}
    for cell in told:
        types_told.setdefault((cell.data, cell.level, cell.area, cell.period), set()).add(cell.crime_type)
    return any(
        _are_nested(cell.crime_type, other)
        for cell in hidden
        for period in (cell.period, ALWAYS)
        for other in types_told.get((cell.data, cell.level, cell.area, period), ())
    )


@cache
def _are_nested(one: str, other: str) -> bool:
    first, second = (set(names_within(name)) for name in (one, other))
    return first < second or second < first


def _anytime(cell: Cell) -> tuple[object, ...]:
    return cell.data, cell.crime_type, cell.level, cell.area


def cells_of(card: CardContent) -> Iterator[tuple[Cell, bool]]:
    """List the counts that a card for the public tells or hides, each with whether it is hidden."""
    query = card.query
    data = (*(query.get(name, "") for name in ("source", "force", "basis", "days", "hours", "flags")),)
    level = query.get("level", LPA)
    whole = ", ".join(card.areas)  # of a viewer with some LPAs the whole is those
    place = query.get("area") or query.get("drawn") or ""
    named = {"from", "to"} <= query.keys()  # a card whose period is not known may tell any
    period = short_period(Period.parse(f"{query['from']}..{query['to']}")) if named else ALWAYS

    def cell(crime_type: str, area: str, when: str) -> Cell:
        return Cell(data, crime_type, level, whole if area in ("", _WHOLE, query.get("force", "")) else area, when)

    if card.page in _BY_AREA:
        for crime_type, area, when, text in (*_table(card, place, period), *_figures(card, place, period)):
            if _COUNT.fullmatch(text):
                yield cell(crime_type, area, when), text in (UNDER_5, HIDDEN)
    says = COUNTS_HIDDEN not in f"{card.subline} {card.sentence}"
    if card.page not in _BY_AREA or card.table_head[:1] == ("No.",):
        yield cell(query["type"], place, ALWAYS if says and card.page in _OVER_ALL_DATA else period), not says


def _table(card: CardContent, place: str, period: str) -> Iterator[tuple[str, str, str, str]]:
    """Read crime type, area, period and count of each cell of a card's table."""
    head = card.table_head
    if head[:2] == ("Crime type", "Area"):
        named = ((row[0], row[1], row[2:4], head[2:4]) for row in card.table_rows)
    elif head[:1] == ("Area",):
        named = ((_type_of(card), row[0], row[1:3], head[1:3]) for row in card.table_rows)
    elif head[:1] == ("Offence group",):
        named = ((row[0].removeprefix("– "), place, row[1:3], head[1:3]) for row in card.table_rows)
    else:
        return
    for crime_type, area, counts, heads in named:
        for text, name in zip(counts, heads, strict=True):
            if not name.startswith(("Filed", "Households", "People")):
                yield crime_type, area, period if name in ("Offences", "Files") else name, text


def _figures(card: CardContent, place: str, period: str) -> Iterator[tuple[str, str, str, str]]:
    """Read the same of the figures, which tell the whole or the chosen place where the table does not."""
    for one in card.figures:
        if one.name == OF_THESE_AREAS:
            yield _type_of(card), "", period, one.value
        elif one.name == "Offences":
            yield _type_of(card), place, period, one.value
        elif one.name.startswith("Offences, "):
            yield _type_of(card), place, one.name.removeprefix("Offences, "), one.value
        elif card.page == "overview" and card.table_head[:2] == ("Crime type", "Area"):
            for text, name in zip(one.value.partition(":")[0].split(" → "), card.table_head[2:4], strict=False):
                yield one.name, place, name, text


def _type_of(card: CardContent) -> str:
    """Name the type of a table of areas; the board's may be of another line than the link's."""
    return card.sentence.partition(" in ")[0] if card.page == "performance" else card.query["type"]
