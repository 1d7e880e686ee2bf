"""Which days a reader of a trend should know: breaks of the series and the events that people keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from hotspot import crime_types
from hotspot.geography import LPA
from hotspot.period import BREAKS, Break, Period
from hotspot.records.events import Event
from hotspot.selection import Selection, join_words

_MOST_TOLD = 6


@dataclass(frozen=True)
class Mark:
    """A day that a chart marks."""

    day: date
    label: str
    """A few words beside its rule."""
    told: str
    """The same in a sentence's words, complete."""


@dataclass(frozen=True)
class Marks:
    """What a chart of one selection marks."""

    shown: tuple[Mark, ...]
    """By day, one for each."""
    elsewhere: tuple[date, ...]
    """Days of events that concern an LPA other than the chosen one, and so are not shown."""

    def within(self, first: date, last: date) -> tuple[Mark, ...]:
        """Give those after the first day and up to the last."""
        return tuple(mark for mark in self.shown if first < mark.day <= last)

    def sentence(self, first: date, last: date) -> str:
        """Say what is marked between two days; empty where nothing is."""
        marks = self.within(first, last)
        told = [f"{mark.day:%-d %B %Y}: {mark.told}" for mark in marks[:_MOST_TOLD]]
        told += [f"{len(marks) - _MOST_TOLD} more"] if len(marks) > _MOST_TOLD else []
        said = [f"Marked: {'; '.join(told)}."] if told else []
        hidden = sum(first < day <= last for day in self.elsewhere)
        if hidden:
            verb = "event concerns one LPA and is" if hidden == 1 else "events concern single LPAs and are"
            said.append(f"{hidden} {verb} shown when that LPA is chosen.")
        return " ".join(said)


def groups_of(crime_type: str) -> frozenset[str]:
    """Give the crime groups that a crime type or union of the product takes in."""
    names = set(crime_types.names_within(crime_type))
    return frozenset(kind.group for kind in crime_types.CRIME_TYPES if kind.name in names)


def events_of(
    events: Iterable[Event], selection: Selection, *, groups: Collection[str]
) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Give the events that concern a selection, and those that concern another LPA alone.

    An event of one LPA is shown where that LPA is chosen: in the force's total, or in a drawn area, it would explain
    more than it can.
    """
    own = selection.area if selection.level == LPA and selection.drawn is None else None
    meant = [event for event in events if not event.crime_group or event.crime_group in groups]
    here = tuple(event for event in meant if not event.lpa or event.lpa == own)
    return here, tuple(event for event in meant if event not in here)


def marks(
    events: Iterable[Event], selection: Selection, *, groups: Collection[str], breaks: Sequence[Break] | None = None
) -> Marks:
    """Put breaks and events of a selection into the order of their days.

    Parameters
    ----------
    breaks
        Breaks of the series; None: the built-in ones of these crime groups.
    """
    if breaks is None:
        breaks = [one for one in BREAKS if not one.groups or set(one.groups) & set(groups)]
    here, elsewhere = events_of(events, selection, groups=groups)
    marked = [(_day_marked(one, here), one) for one in breaks]
    days = sorted({*(day for day, _ in marked), *(event.day for event in here)})
    found = (_mark(day, [one for at, one in marked if at == day], here) for day in days)
    return Marks(tuple(found), tuple(event.day for event in elsewhere))


def _day_marked(one: Break, events: Sequence[Event]) -> date:
    """Give where a break is marked: with an event of its month, for months are what the charts show."""
    same_month = [event.day for event in events if (event.day.year, event.day.month) == (one.day.year, one.day.month)]
    return min(same_month, default=one.day)


def _mark(day: date, breaks: Sequence[Break], events: Sequence[Event]) -> Mark:
    """One mark for a day: an event's own words before those of a break."""
    own = [event for event in events if event.day == day]
    # Where the day is said before the reasons, the month in them would be said twice.
    reasons = [one.reason.removesuffix(f" in {day:%B %Y}") if one.day == day else one.reason for one in breaks]
    told = join_words([*(_told(event) for event in own), *reasons])
    if own:
        return Mark(day, own[0].label + (f" and {len(own) - 1} more" if len(own) > 1 else ""), told)
    return Mark(day, f"{day:%B %Y}: break", told)


def _told(event: Event) -> str:
    return f"{event.label} ({event.concerns})" if event.concerns else event.label


def between(events: Iterable[Event], selection: Selection, baseline: Period) -> tuple[str, ...]:
    """Say which events lie between the first day of the earlier and the last of the later of two compared periods.

    In a comparison by area an event of one LPA is told with its LPA's name.
    """
    period = selection.period
    first, last = min(period.start, baseline.start), max(period.end, baseline.end)
    meant = [
        event
        for event in events
        if first < event.day < last
        and (not event.crime_group or event.crime_group in groups_of(selection.crime_type))
        and (not event.lpa or selection.is_whole_force or event.lpa == selection.area)
    ]
    told = [f"{event.day:%-d %B %Y}, {_told(event)}" for event in meant[:_MOST_TOLD]]
    told += [f"{len(meant) - _MOST_TOLD} more"] if len(meant) > _MOST_TOLD else []
    if not told:
        return ()
    return (f"{'An event lies' if len(meant) == 1 else 'Events lie'} between the two periods or in them: {'; '.join(told)}.",)
