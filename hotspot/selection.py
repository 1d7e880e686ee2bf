"""What to show: a frozen, hashable selection that goes to and from a URL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import shapely

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.geography import LPA, OUTSIDE, DrawnArea
from hotspot.given_text import one_line, printable
from hotspot.limits import too_deep
from hotspot.period import FIRST_YEAR, LAST_YEAR, Period

COMMITTED, REPORTED, MONTH = "committed", "reported", "month"
DATE_BASES = (COMMITTED, REPORTED, MONTH)
"""Which date counts: committed (from) for maps and patterns, reported for performance, month for police.uk."""
DATE_COLUMNS = {COMMITTED: "committed_from", REPORTED: "reported", MONTH: "month"}
"""The column of an offence that each date is in."""
KNIFE, UNDER_25 = "knife", "victim under 25"
FLAGS = (KNIFE, UNDER_25)
FLAG_COLUMNS = {KNIFE: "knife", UNDER_25: "victim_ages"}
"""The column of an offence that each flag is read from."""
MOST_NAMED = 3
"""LPAs that a title names one by one."""
FARTHEST = 1e8
"""Metres: more than twice round the earth is no place."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Selection:
    """A crime type, an area, a period and further limits, on one data set."""

    source: str
    """Name of the source the offences come from; two sources are never counted together."""
    force: str
    crime_type: str
    period: Period
    date_basis: str = COMMITTED
    level: str = LPA
    """Level of areas that ``area`` names: 'LPA' or any further level."""
    area: str | None = None
    """None: the whole force."""
    drawn: DrawnArea | None = None
    """Takes the place of ``area``."""
    weekdays: tuple[int, ...] = ()
    """Monday is 0; empty: all days. Counted by aoristic share."""
    hours: tuple[int, int] | None = None
    """[from, to) in whole hours; (22, 4) runs over midnight. Counted by aoristic share."""
    flags: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    """The LPAs that the viewer is limited to; empty: all. It is said, never asked for: ``store.read`` takes the scope."""

    @property
    def is_timed(self) -> bool:
        """True where offences count by their aoristic share in the chosen days and hours."""
        return bool(self.weekdays) or self.hours is not None

    @property
    def is_whole_force(self) -> bool:
        return self.area is None and self.drawn is None

    @property
    def place(self) -> str:
        """The area in words."""
        if self.drawn is not None:
            return self.drawn.name
        return self.area or self.whole

    @property
    def whole(self) -> str:
        """All that the viewer may see, in words: the force, or his LPAs of it."""
        if len(self.within) > MOST_NAMED:
            return f"{len(self.within)} LPAs of {self.force}"
        return join_words(list(self.within)) or self.force

    def title(self) -> str:
        """Say what is shown: 'Burglary in Coventry, committed 1 April to 30 September 2024'."""
        verb = {COMMITTED: "committed ", REPORTED: "reported ", MONTH: ""}[self.date_basis]
        period = self.period.label() if self.date_basis == MONTH else self.period.label_in_days()
        where = "outside the LPAs" if self.place == OUTSIDE else f"in {self.place}"
        return f"{self.crime_type} {where}, {verb}{period}{self.limits()}"

    def limits(self) -> str:
        """Say the further limits: ', Friday and Saturday, 22:00 to 04:00, knife'."""
        parts = []
        if self.weekdays:
            parts.append(join_words([WEEKDAYS[day] for day in self.weekdays]))
        if self.hours is not None:
            parts.append(f"{self.hours[0]:02d}:00 to {self.hours[1]:02d}:00")
        parts += self.flags
        return "".join(f", {part}" for part in parts)

    def with_period(self, period: Period) -> Self:
        return replace(self, period=period)

    def to_query(self) -> dict[str, str]:
        """Write the selection as URL parameters with absolute dates; nothing is left to a default."""
        query = {
            "source": self.source,
            "force": self.force,
            "type": self.crime_type,
            "from": self.period.start.isoformat(),
            "to": self.period.end.isoformat(),
            "basis": self.date_basis,
        }
        if self.drawn is not None:
            query["drawn"] = json.dumps([self.drawn.name, [[round(x), round(y)] for x, y in self.drawn.ring]])
        elif self.area is not None:
            query |= {"level": self.level, "area": self.area}
        if self.weekdays:
            query["days"] = "".join(str(day) for day in self.weekdays)
        if self.hours is not None:
            query["hours"] = f"{self.hours[0]}-{self.hours[1]}"
        if self.flags:
            query["flags"] = ",".join(self.flags)
        return query

    def updated_from(self, query: Mapping[str, str]) -> tuple[Self, tuple[str, ...]]:
        """Apply URL parameters to this selection.

        Returns
        -------
        tuple
            The selection, and one sentence for each parameter that could not be read; such a parameter
            leaves the selection as it was.
        """
        selection, faults = self, []
        for fields in (
            lambda q: {"source": q["source"], "force": q["force"]} if {"source", "force"} <= q.keys() else {},
            lambda q: {"crime_type": crime_types.canonical_name(q["type"])} if "type" in q else {},
            lambda q: {"period": _period(q["from"], q["to"])} if {"from", "to"} <= q.keys() else {},
            lambda q: {"date_basis": _one_of(q["basis"], DATE_BASES, "date")} if "basis" in q else {},
            lambda q: {"level": q.get("level", LPA), "area": q["area"], "drawn": None} if "area" in q else {},
            lambda q: {"drawn": _drawn(q["drawn"]), "area": None} if "drawn" in q else {},
            lambda q: {"weekdays": _weekdays(q["days"])} if "days" in q else {},
            lambda q: {"hours": _hours(q["hours"])} if "hours" in q else {},
            lambda q: {"flags": tuple(_one_of(f, FLAGS, "flag") for f in q["flags"].split(","))} if "flags" in q else {},
        ):
            try:
                selection = replace(selection, **fields(query))
            except BadInput as fault:
                faults += fault.faults
        return selection, tuple(faults)


def join_words(words: list[str]) -> str:
    """Join words as a sentence does: 'a', 'a and b', 'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> str:
    if value not in allowed:
        raise BadInput(f"The link names the {what} '{_shown(value)}', which does not exist here; it was left out.")
    return value


def _weekdays(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[0-6]{1,7}", text, re.ASCII):
        raise BadInput(f"The link's days '{_shown(text)}' cannot be read; all days are shown.")
    return tuple(sorted({int(digit) for digit in text}))


def _hours(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text, re.ASCII)
    if not match or not (0 <= int(match[1]) <= 23 and 0 <= int(match[2]) <= 24 and int(match[1]) != int(match[2])):
        raise BadInput(f"The link's hours '{_shown(text)}' cannot be read; all hours are shown.")
    return int(match[1]), int(match[2])


def _drawn(text: str) -> DrawnArea:
    unreadable = BadInput("The link's drawn area cannot be read; the whole force is shown.")
    if too_deep(text):
        raise unreadable
    try:
        name, ring = json.loads(text)
        corners = tuple((float(x), float(y)) for x, y in ring)
    except (ValueError, TypeError, OverflowError):
        raise unreadable from None
    if not isinstance(name, str) or not name.strip() or not 3 <= len(corners) <= 500:
        raise BadInput("The link's drawn area needs a name and 3 to 500 corners; the whole force is shown.")
    if not all(abs(number) < FARTHEST for corner in corners for number in corner) or not _area(corners):
        raise BadInput("The link's drawn area encloses nothing, or lies beyond the earth; the whole force is shown.")
    return DrawnArea(one_line(name)[:80], corners)


def _area(ring: tuple[tuple[float, float], ...]) -> float:
    """Give what a ring encloses once it is repaired, in whole metres of its corners: so a link keeps it."""
    whole = [(round(x), round(y)) for x, y in ring]
    return shapely.make_valid(shapely.Polygon(whole)).area


def _period(start: str, end: str) -> Period:
    period = Period.parse(f"{start}..{end}")
    if period.start.year < FIRST_YEAR or period.end.year > LAST_YEAR:
        raise BadInput(f"The link's period lies outside the years {FIRST_YEAR} to {LAST_YEAR}; the usual one is shown.")
    return period


def _shown(text: str) -> str:
    return printable(text)[:80]
