"""Briefings made by a template: the same cards for every LPA, of the latest days in the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hotspot.errors import BadInput, NotKnowable
from hotspot.export import cards
from hotspot.export.briefing import Briefing, Slide, for_audience
from hotspot.geography import LPA
from hotspot.offences.store import EVERYTHING, DataFacts, Scope, Store
from hotspot.period import Period, presets
from hotspot.selection import MONTH, Selection

WEEKLY = "weekly"
TEMPLATES = (WEEKLY,)


@dataclass(frozen=True)
class Wanted:
    """One card that a template asks for."""

    title: str
    """In words, for the sentence that stands in its place where it cannot be made."""
    page: str
    query: dict[str, str]


def weekly(selection: Selection, facts: DataFacts, *, audience: str) -> tuple[Wanted, ...]:
    """Ask for what a weekly meeting looks at: the last 28 days and the last 7, against as many days before.

    Monthly data have no weeks: their last full month is set against the month before.
    """
    is_monthly = selection.date_basis == MONTH
    named = presets(facts.end, whole_months=is_monthly)
    long = named["Last full month" if is_monthly else "Last 28 days"]
    short = [] if is_monthly else [named["Last 7 days"]]
    before = "the month before" if is_monthly else "as many days before"

    def of(period: Period, **settings: str) -> dict[str, str]:
        return selection.with_period(period).to_query() | {"audience": audience} | settings

    return (
        Wanted("Overview", "overview", of(long)),
        Wanted("Density", "density", of(long)),
        *(
            Wanted(f"The last {period.length()} against {before}", "compare", of(period, against=period.previous().iso))
            for period in (*short, long)
        ),
        Wanted("When", "when", of(long)),
        Wanted("Near repeats", "near_repeats", of(long)),
    )


def lpas_of(store: Store, force: str, name: str) -> tuple[str, ...]:
    """Give the LPAs that ``all`` or one name means.

    Raises
    ------
    BadInput
        If there is no such LPA; the sentence lists those there are.
    """
    known = store.areas(LPA, force=force).names if LPA in store.levels_of(force) else ()
    if name.strip().casefold() == "all":
        if not known:
            raise BadInput(f"No LPA boundaries of {force} are loaded, so there is no briefing to make for each.")
        return known
    found = next((one for one in known if one.casefold() == name.strip().casefold()), None)
    if found is None:
        raise BadInput(f"There is no LPA '{name[:80]}'. There are: {', '.join(known) or 'none'}.")
    return (found,)


def template_briefing(
    store: Store,
    selection: Selection,
    *,
    audience: str,
    issued: date,
    scope: Scope,
    done: Callable[[], None] = lambda: None,
) -> Briefing:
    """Make the weekly briefing of the area that the selection names; a card that is refused becomes a sentence.

    Parameters
    ----------
    done
        Called after each card.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    made = _made(store, weekly(selection, facts, audience=audience), scope, done)
    slides, refusals = [], []
    for card, refusal in made:
        if card is not None:
            slides.append(Slide(card))
        else:
            refusals.append(refusal)
    last = facts.end - timedelta(days=1)
    title = f"Weekly briefing, {selection.place}, offences to {last.day} {last:%B %Y}"
    return for_audience(Briefing(title, issued, tuple(slides), tuple(refusals)), audience)


def weekly_of(folder: Path, selection: Selection, audience: str, issued: date) -> Briefing:
    """Make the weekly briefing of the area that the selection names, as a task that a worker can do."""
    return template_briefing(Store(folder), selection, audience=audience, issued=issued, scope=EVERYTHING)


def _made(
    store: Store, wanted: tuple[Wanted, ...], scope: Scope, done: Callable[[], None]
) -> Iterator[tuple[cards.CardContent | None, str]]:
    for one in wanted:
        try:
            yield cards.content(store.path, one.page, one.query, scope=scope, progress=lambda *_: None), ""
        except (NotKnowable, BadInput) as refusal:
            yield None, f"{one.title}: {refusal}"
        done()
