"""A card: what one page shows of one selection, headless, as a notebook keeps it and a briefing presents it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path

from hotspot.errors import BadInput, NotKnowable
from hotspot.offences.store import Scope, Store
from hotspot.period import day_words, parse_date
from hotspot.records.notebooks import CardRecord

_APART = ("picture", "base_map", "overlay")
"""What a record keeps beside its document."""

PAGES = {
    "overview": "Overview",
    "density": "Density",
    "clusters": "Clusters",
    "compare": "Compare",
    "when": "When",
    "repeat_victimisation": "Repeat victimisation",
    "near_repeats": "Near repeats",
    "series": "Series",
    "accuracy": "Accuracy",
    "evaluation": "Evaluation",
    "performance": "Performance",
    "investigation": "Investigation",
}
"""Pages that show a finding, by URL path, with their titles; each has a module ``card_<page>`` beside this one.

The Data page counts what was imported and the Plans page lists what was agreed: neither finds anything, so neither is pinned.
A plan is in the briefing by itself, and its area's Evaluation page can be pinned.
"""


@dataclass(frozen=True)
class Figure:
    """One figure of a finding, in words."""

    name: str
    value: str
    """As the page shows it: suppressed where the audience calls for it."""


@dataclass(frozen=True, eq=False)
class CardContent:
    """What a page shows, complete: nothing has to be computed to present it."""

    page: str
    """URL path of the page."""
    query: dict[str, str]
    """Complete parameters: nothing is left to a default."""
    kicker: str
    headline: str
    subline: str
    sentence: str
    """Talking point in plain English; never more than the test allows."""
    figures: tuple[Figure, ...]
    table_head: tuple[str, ...]
    table_rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    """Method, parameters, N, exclusions: one sentence each."""
    picture: bytes
    """PNG of the server-side renderer; empty where the page has no picture that this audience may see."""
    base_map: str
    """JSON payload of ``maps.folium_map`` for a live map in one HTML file; empty: no map."""
    overlay: str
    marking: str
    licence: str
    source: str
    synthetic: bool
    audience: str
    fingerprint: str
    """Hash of the store's files that the card was made from."""
    version: str
    """Of the software."""
    legend: str = ""
    """JSON of the map's legend (``maps.legend_record``); empty: no map, or a card of an older version."""
    areas: tuple[str, ...] = ()
    """The LPAs whose offences it counts; empty: all offences."""

    @property
    def scope(self) -> Scope:
        """The scope that it was made in; whoever runs it again must be allowed all of it."""
        return Scope(frozenset(self.areas) or None)


def to_record(content: CardContent) -> CardRecord:
    """Give a card as a notebook keeps it."""
    kept = {one.name: getattr(content, one.name) for one in fields(content) if one.name not in _APART}
    document = json.dumps(kept | {"figures": [[one.name, one.value] for one in content.figures]}, ensure_ascii=False)
    return CardRecord(document, content.picture, content.base_map, content.overlay)


def from_record(record: CardRecord) -> CardContent:
    """Give back a card that a notebook kept."""
    kept = json.loads(record.document)
    kept["figures"] = tuple(Figure(name, value) for name, value in kept["figures"])
    for name in ("table_head", "notes", "areas"):
        kept[name] = tuple(kept.get(name, ()))
    kept["table_rows"] = tuple(tuple(row) for row in kept["table_rows"])
    return CardContent(**kept, **{name: getattr(record, name) for name in _APART})


@dataclass(frozen=True)
class FigureChange:
    """One figure, then and now."""

    name: str
    before: str
    """Empty where there was no such figure."""
    now: str
    """Empty where there is none any more."""

    @property
    def is_changed(self) -> bool:
        return self.before != self.now


def changes_of(before: CardContent, now: CardContent) -> tuple[FigureChange, ...]:
    """Set what a card said beside what it says when it is run again: headline, figures, then the rows of its table."""
    old, new = _said(before), _said(now)
    return tuple(FigureChange(name, old.get(name, ""), new.get(name, "")) for name in dict.fromkeys((*old, *new)))


def _said(content: CardContent) -> dict[str, str]:
    said = {"Headline": content.headline} | {one.name: one.value for one in content.figures}
    for row in content.table_rows:
        name = f"Row: {_row_name(content, row)}"
        said[name] = " · ".join(f"{head} {cell}" for head, cell in zip(content.table_head, row, strict=True) if cell)
    return said


def _row_name(content: CardContent, row: tuple[str, ...]) -> str:
    """Name a row by its words: by its number alone another place could take its name."""
    words = [cell for cell in row if cell and not cell[0].isdigit()][:2] if content.table_head[0] == "No." else list(row[:1])
    if content.table_head[:2] == ("Crime type", "Area"):
        words = list(row[:2])
    return ", ".join(words[:2]) or row[0]


def content(
    folder: Path, page: str, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]
) -> CardContent:
    """Run a page headlessly and give what it shows.

    Parameters
    ----------
    folder
        Of the store.
    page
        URL path of the page.
    query
        The link's parameters; what it leaves out has the page's usual value.

    Raises
    ------
    BadInput
        If the page shows no finding, or the query names what the data do not have.
    NotKnowable
        If the data cannot answer what the page asks.
    """
    if page not in PAGES:
        raise BadInput(f"The page '{page}' shows no finding that a card can keep. It can be one of: {', '.join(PAGES)}.")
    module = import_module(f"hotspot.export.card_{page}")
    return module.content(folder, query, scope=scope, progress=progress)


def content_of(
    folder: Path, page: str, parameters: tuple[tuple[str, str], ...], *, scope: Scope, progress: Callable[[float, str], None]
) -> CardContent:
    """Run a page headlessly by parameters in pairs, which other processes can be asked for by."""
    return content(folder, page, dict(parameters), scope=scope, progress=progress)


def run_again(
    folder: Path, page: str, parameters: tuple[tuple[str, str], ...], *, scope: Scope, progress: Callable[[float, str], None]
) -> CardContent:
    """Run a pinned card on the present data; it outlives the offences that it was pinned from.

    Raises
    ------
    NotKnowable
        If its period lies before the first day of the data: no offences are not the same as offences that were removed.
    """
    query, store = dict(parameters), Store(folder)
    if (query.get("source"), query.get("force")) in store.data_sets and "to" in query:
        first = store.facts(query["source"], query["force"], scope=scope).first_day
        if parse_date(query["to"]) <= first:
            raise NotKnowable(f"The data begin on {day_words(first)}: the offences of this card are no longer in the store.")
    return content(folder, page, query, scope=scope, progress=progress)
