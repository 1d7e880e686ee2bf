"""What the cards of all pages share: reading a link's parameters, opening the data, filling in what every card says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from hotspot import __version__
from hotspot.boundaries.context import SEPARATOR
from hotspot.errors import BadInput
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.audience import AUDIENCES, FORCE, shown_count
from hotspot.findings.counted import counted_words
from hotspot.findings.selected import SelectedOffences, select
from hotspot.findings.words import STANDING_NOTE
from hotspot.maps import folium_map
from hotspot.maps.context import ContextShapes, chosen_shapes
from hotspot.maps.legend import Legend
from hotspot.maps.legend_record import legend_record
from hotspot.maps.scene import Scene
from hotspot.maps.scenes import MapContext, context_of, still_picture
from hotspot.maps.still import table_picture
from hotspot.maps.still_periods import Periods
from hotspot.offences.context_store import kept_layers
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.period import Period
from hotspot.selection import DATE_BASES, Selection

T = TypeVar("T")
NEEDED = ("source", "force", "type", "from", "to", "basis")
"""Parameters without which a card would be of other offences than the link's."""
PICTURE_SIZE = (1600, 1000)
"""Pixels of a picture of a table."""


@dataclass
class Asked:
    """A page as a link asks for it: the store, the selection, and each setting as it is read."""

    store: Store
    scope: Scope
    selection: Selection
    audience: str
    parameters: Mapping[str, str]
    read: dict[str, str] = field(default_factory=dict)
    """Settings read so far, as a link writes them: what was left out has its usual value."""

    def setting(self, name: str, usual: T, read: Callable[[str], T], *, among: Sequence[T] = ()) -> T:
        """Give a setting of the page, its usual value where the link names none.

        Raises
        ------
        BadInput
            If the link's value cannot be read, or is not ``among`` the possible ones.
        """
        try:
            value = read(self.parameters[name]) if name in self.parameters else usual
        except ValueError:
            raise BadInput(f"The link's {name} '{self.parameters[name][:80]}' cannot be read.") from None
        if among and value not in among:
            known = ", ".join(map(str, among))
            raise BadInput(f"The link's {name} '{str(value)[:80]}' is not possible here. It can be: {known}.")
        self.read[name] = f"{value:g}" if isinstance(value, float) else str(value)
        return value

    @property
    def is_for_force(self) -> bool:
        return self.audience == FORCE

    def select(self, selection: Selection | None = None, extra_columns: Sequence[str] = ()) -> SelectedOffences:
        """Read the offences of the selection, or of another."""
        return select(self.store, selection or self.selection, scope=self.scope, extra_columns=extra_columns)

    def facts(self) -> DataFacts:
        """Give what is known of the data, with the counts of the scope."""
        return self.store.facts(self.selection.source, self.selection.force, scope=self.scope)

    def context(self) -> MapContext:
        """Give what lies under the maps."""
        return _context(self.store.path, self.store.fingerprint, self.selection.source, self.selection.force, self.scope)


@lru_cache(maxsize=4)
def _context(folder: Path, fingerprint: str, source: str, force: str, scope: Scope) -> MapContext:
    return context_of(Store(folder), source=source, force=force, scope=scope)


def ask(folder: Path, query: Mapping[str, str], *, scope: Scope) -> Asked:
    """Open the store and read selection and audience.

    Raises
    ------
    BadInput
        With a sentence for each parameter that is missing or cannot be read.
    """
    missing = [name for name in NEEDED if name not in query]
    if missing:
        raise BadInput(f"The link does not say {', '.join(missing)}, so the offences that it means are not known.")
    store = Store(folder)
    if (query["source"], query["force"]) not in store.data_sets:
        raise BadInput(f"The store has no offences of {query['force']} from the source '{query['source']}'.")
    period = Period.parse(f"{query['from']}..{query['to']}")
    first = Selection(query["source"], query["force"], query["type"], period, within=scope.names)
    selection, faults = first.updated_from(query)
    if faults:
        raise BadInput(*faults)
    asked = Asked(store, scope, selection, FORCE, dict(query))
    asked.audience = asked.setting("audience", FORCE, str, among=AUDIENCES)
    assert selection.date_basis in DATE_BASES
    return asked


@dataclass(frozen=True)
class Said:
    """What a page says of its finding."""

    kicker: str
    headline: str
    subline: str
    sentence: str
    """Talking point."""
    figures: tuple[Figure, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """What a page draws: a picture, and a live map where there is one."""

    picture: bytes = b""
    base_map: str = ""
    overlay: str = ""
    legend: str = ""


def _layers(asked: Asked) -> tuple[ContextShapes, ...]:
    """Give the link's context layers that the store still has; none where it names none."""
    if "layers" not in asked.parameters:
        return ()
    known = {entry.name for entry in kept_layers(asked.store.path, force=asked.selection.force)}
    names = [name for name in asked.setting("layers", "", str).split(SEPARATOR) if name in known]
    return chosen_shapes(asked.store.path, names, force=asked.selection.force, scope=asked.scope)


def drawn_map(
    asked: Asked, said: Said, selected: SelectedOffences, scene: Scene, legend: Legend, *, periods: Periods | None = None
) -> Drawn:
    """Draw a scene as the still renderer and as the screen's own script do, with the link's context layers.

    Two periods are drawn as the page shows them; live they are a swipe, which one map can show.
    """
    swipe = (periods.earlier, periods.later) if periods is not None else None
    scene = replace(scene, layers=_layers(asked))
    picture = still_picture(
        scene,
        selected,
        title=said.headline,
        subline=f"{said.kicker}. {said.subline}",
        legend=legend,
        audience=asked.audience,
        periods=periods,
    )
    return Drawn(picture, folium_map.base_payload(scene), folium_map.overlay_payload(scene, swipe=swipe), legend_record(legend))


def drawn_table(
    asked: Asked,
    said: Said,
    selected: SelectedOffences,
    *,
    head: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = (),
    fills: Sequence[Sequence[str]] = (),
) -> Drawn:
    """Draw the table of a page that has no map, or another table in its place, as a picture."""
    rows = rows or said.rows
    if not rows:
        return Drawn()
    facts = selected.facts
    picture = table_picture(
        head or said.head,
        rows,
        fills=fills or [[""] * len(row) for row in rows],
        width=PICTURE_SIZE[0],
        height=PICTURE_SIZE[1],
        title=said.headline,
        subline=f"{said.kicker}. {said.subline}",
        marking=facts.marking,
        licence=selected.force.licence,
        synthetic=facts.synthetic,
        footer=f"{counted_words(selected, audience=asked.audience)}. Source: {facts.source_words}. {STANDING_NOTE}",
    )
    return Drawn(picture)


def card(asked: Asked, page: str, selected: SelectedOffences, said: Said, drawn: Drawn) -> CardContent:
    """Put a card together."""
    facts = selected.facts
    notes = (*said.notes, f"{counted_words(selected, audience=asked.audience)}.", STANDING_NOTE)
    return CardContent(
        page=page,
        query=asked.selection.to_query() | asked.read,
        kicker=said.kicker,
        headline=said.headline,
        subline=said.subline,
        sentence=said.sentence,
        figures=said.figures,
        table_head=said.head,
        table_rows=said.rows,
        notes=tuple(note for note in notes if note),
        picture=drawn.picture,
        base_map=drawn.base_map,
        overlay=drawn.overlay,
        marking=facts.marking,
        licence=selected.force.licence,
        source=facts.source_words,
        synthetic=facts.synthetic,
        audience=asked.audience,
        fingerprint=asked.store.fingerprint,
        version=__version__,
        legend=drawn.legend,
        areas=asked.scope.names,
    )


def counted_figure(asked: Asked, selected: SelectedOffences) -> Figure:
    """Give the number of offences as the audience may see it."""
    return Figure("Offences", shown_count(selected.count, audience=asked.audience))


def switch(text: str) -> bool:
    """Read a switch of a link."""
    return text == "True"


def percent_words(share: float) -> str:
    """Write a share as a percentage; a dash where there is none."""
    return "–" if math.isnan(share) else f"{100 * share:.1f}%"
