"""A card: what one page shows of one selection, headless, as a notebook keeps it and a briefing presents it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from hotspot.errors import BadInput
from hotspot.offences.store import Scope

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
}
"""Pages that show a finding, by URL path, with their titles; each has a module ``card_<page>`` beside this one."""


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
