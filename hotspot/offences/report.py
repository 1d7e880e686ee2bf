"""The load report: what an import read, used, left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Self

from hotspot.offences.read import TOO_OLD
from hotspot.period import add_months, day_words, parse_date
from hotspot.selection import join_words

EXAMPLES = 5
"""So many rows of each reason are named."""


@dataclass(frozen=True)
class RowReference:
    """A row of a file; row 1 is the first after the header."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file} row {self.row}"


@dataclass(frozen=True)
class TypeCount:
    """What was used of one crime type, named as the source names it."""

    count: int
    """Rows used."""
    without_location: int
    """Offences among them with no location."""


@dataclass(frozen=True)
class PileUp:
    """One coordinate that holds many offences."""

    x: float
    """Metres east of the analysis CRS."""
    y: float
    count: int
    street: str = ""
    """The most frequent street there; empty where unknown."""


@dataclass(frozen=True)
class Suspicious:
    """Values that are possible one by one, but together look like the habits of a recording system."""

    midnight: int = 0
    """Offences that start at exactly 00:00 or 00:01."""
    midnight_expected: float = 0.0
    """As many as the other 23 hours have, on average, in their first two minutes."""
    midnight_flagged: bool = False
    pile_ups: tuple[PileUp, ...] = ()
    """The coordinates that hold most offences."""
    pile_ups_flagged: bool = False
    """True where one coordinate holds at least 0.5 % of the located offences; never on snapped data, where
    sharing a coordinate is normal."""
    windows_over_7_days: int = 0


@dataclass(frozen=True)
class MonthChange:
    """Offences of one force and month in the store, before and after the import."""

    force: str
    month: str
    """YYYY-MM"""
    before: int
    after: int


@dataclass(frozen=True)
class Removal:
    """Offences that left the store because they had become older than their force keeps."""

    source: str
    force: str
    offences: int
    keep_from: date
    """First day that is kept."""

    def __str__(self) -> str:
        return f"{_counted(self.offences, 'offence')} of {self.source} of {self.force}, from before {day_words(self.keep_from)}"


@dataclass(frozen=True)
class LoadReport:
    """What one import did. Every row read is used or excluded for a reason."""

    source: str
    forces: tuple[str, ...]
    imported_at: datetime
    rows_read: int
    rows_used: int
    """Rows that became part of an offence."""
    offences: int
    """Fewer than ``rows_used`` where several rows tell several victims of one offence."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Reason → rows."""
    examples: Mapping[str, tuple[RowReference, ...]] = field(default_factory=dict)
    """Reason → the first few rows."""
    without_location: int = 0
    """Offences; so are the next five."""
    location_unusable: int = 0
    outside_lpas: int = 0
    end_before_start: int = 0
    end_in_future: int = 0
    lpa_disagreements: int = 0
    """The file's own LPA column and the polygons name different areas; the column was believed."""
    suspicious: Suspicious = Suspicious()
    months: tuple[str, ...] = ()
    """YYYY-MM, with at least one offence used."""
    missing_months: tuple[str, ...] = ()
    """Between a force's first and last month of this import, with none."""
    crime_types: Mapping[str, TypeCount] = field(default_factory=dict)
    replaced: tuple[MonthChange, ...] = ()
    removed: tuple[Removal, ...] = ()
    """Of what was in the store, with the import."""
    passed_over: Mapping[str, int] = field(default_factory=dict)
    """Force or kind of file → files that were not read."""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rows_read != self.rows_used + sum(self.excluded.values()):
            raise ValueError(f"{self.rows_read} rows read are not {self.rows_used} used + {dict(self.excluded)} excluded")

    @property
    def deed(self) -> str:
        """Say what was done on its date: 'imported', or 'removed' where offences left the store without an import."""
        return "removed" if self.removed and not self.rows_read else "imported"

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        examples = {reason: [asdict(row) for row in rows] for reason, rows in self.examples.items()}
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            **{name: list(getattr(self, name)) for name in _LISTS},
            "imported_at": self.imported_at.isoformat(timespec="seconds"),
            "excluded": dict(self.excluded),
            "examples": examples,
            "suspicious": asdict(self.suspicious) | {"pile_ups": [asdict(one) for one in self.suspicious.pile_ups]},
            "crime_types": {name: asdict(count) for name, count in self.crime_types.items()},
            "replaced": [asdict(change) for change in self.replaced],
            "removed": [asdict(one) | {"keep_from": one.keep_from.isoformat()} for one in self.removed],
            "passed_over": dict(self.passed_over),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild a report that ``to_dict`` wrote, in this version or an older one."""
        suspicious = dict(values["suspicious"])
        suspicious["pile_ups"] = tuple(PileUp(**one) for one in suspicious["pile_ups"])
        # A count that an older version did not know is missing from its reports: its default stands.
        plain = {name: values[name] for name in _PLAIN if name in values}
        simple: dict[str, Any] = plain | {name: tuple(values[name]) for name in _LISTS}
        return cls(
            **simple,
            imported_at=datetime.fromisoformat(values["imported_at"]),
            excluded=dict(values["excluded"]),
            examples={reason: tuple(RowReference(**row) for row in rows) for reason, rows in values["examples"].items()},
            suspicious=Suspicious(**suspicious),
            crime_types={name: TypeCount(**count) for name, count in values["crime_types"].items()},
            replaced=tuple(MonthChange(**change) for change in values["replaced"]),
            removed=tuple(
                Removal(**one | {"keep_from": date.fromisoformat(one["keep_from"])}) for one in values.get("removed", ())
            ),
            passed_over=dict(values["passed_over"]),
        )

    def sentences(self) -> tuple[str, ...]:
        """Say what happened as an analyst would tell it, the total first."""
        return (
            self._total(),
            *(self._exclusion(reason) for reason in self.excluded),
            *self._locations(),
            *self._oddities(),
            *self._coverage(),
            *(f"Removed from the store, {TOO_OLD}: {one}." for one in self.removed),
            *self.notes,
        )

    def _total(self) -> str:
        left_out = sum(self.excluded.values())
        said = f"{_counted(self.rows_read, 'row')} read: {self.rows_used:,} used, {left_out:,} excluded."
        if self.offences != self.rows_used:
            said += f" Rows with further victims of one offence were joined: {_counted(self.offences, 'offence')}."
        return said

    def _exclusion(self, reason: str) -> str:
        examples = self.examples.get(reason, ())
        first = f" First: {'; '.join(map(str, examples))}." if examples else ""
        return f"Excluded, {reason}: {_counted(self.excluded[reason], 'row')}.{first}"

    def _locations(self) -> list[str]:
        said = []
        if self.without_location:
            said.append(f"{_counted(self.without_location, 'offence')} without a location: in tables, not on maps.")
        if self.location_unusable:
            said.append(
                f"{_counted(self.location_unusable, 'offence')} with an unusable location (zero, unreadable or far beyond the "
                "force): in tables, not on maps."
            )
        if self.outside_lpas:
            said.append(f"{_counted(self.outside_lpas, 'offence')} inside the force's bounds but in no LPA: 'Outside the LPAs'.")
        if self.lpa_disagreements:
            said.append(
                f"{_counted(self.lpa_disagreements, 'offence')} whose own LPA is not the one its location lies in: "
                "the file's LPA is used."
            )
        return said

    def _oddities(self) -> list[str]:
        odd, said = self.suspicious, []
        if self.end_before_start:
            backwards = _counted(self.end_before_start, "offence")
            said.append(f"{backwards} with an end before the start: kept, the window is unknown.")
        if self.end_in_future:
            said.append(f"{_counted(self.end_in_future, 'offence')} with an end in the future: kept, the window is unknown.")
        if odd.midnight_flagged:
            said.append(
                f"Suspicious: {_counted(odd.midnight, 'offence')} at exactly 00:00 or 00:01, where about "
                f"{odd.midnight_expected:,.0f} would be usual. The time may be unknown for many of them."
            )
        if odd.pile_ups_flagged:
            where = "; ".join(f"{pile.count:,} at {pile.street or f'{pile.x:.0f}, {pile.y:.0f}'}" for pile in odd.pile_ups)
            said.append(f"Suspicious: many offences share one coordinate ({where}). It may be a police station or a default.")
        elif odd.pile_ups:
            most = odd.pile_ups[0]
            where = most.street or f"{most.x:.0f}, {most.y:.0f}"
            said.append(f"Most offences at one coordinate: {most.count:,} ({where}); nothing unusual for these data.")
        if odd.windows_over_7_days:
            said.append(f"Suspicious: {_counted(odd.windows_over_7_days, 'offence')} with a window of more than 7 days.")
        return said

    def _coverage(self) -> list[str]:
        said = []
        if self.months:
            said.append(f"Months: {runs(self.months)}.")
        if self.missing_months:
            said.append(f"Missing months: {runs(self.missing_months)}.")
        said += [
            f"{change.force} {change.month}: {change.before:,} offences before, {change.after:,} now."
            for change in self.replaced
            if change.before
        ]
        if self.passed_over:
            files = join_words([f"{name} ({_counted(count, 'file')})" for name, count in sorted(self.passed_over.items())])
            said.append(f"Passed over: {files}.")
        return said


_PLAIN = (
    "source",
    "rows_read",
    "rows_used",
    "offences",
    "without_location",
    "location_unusable",
    "outside_lpas",
    "end_before_start",
    "end_in_future",
    "lpa_disagreements",
)
_LISTS = ("forces", "months", "missing_months", "notes")


def held_words(references: int) -> str:
    """Say how many references of an import the store holds already, in what is not replaced."""
    words = "reference stands" if references == 1 else "references stand"
    return f"{references:,} {words} in the store already, under dates that this import does not replace: counted once, there."


def runs(months: tuple[str, ...]) -> str:
    """Join months into runs: '2014-01 to 2014-03 and 2014-05'."""
    found: list[list[str]] = []
    for month in months:
        if found and _next(found[-1][1]) == month:
            found[-1][1] = month
        else:
            found.append([month, month])
    return join_words([first if first == last else f"{first} to {last}" for first, last in found])


def missing_between(months: tuple[str, ...]) -> tuple[str, ...]:
    """List the months between the first and the last that are not there."""
    missing, month = [], months[0] if months else ""
    while months and month < months[-1]:
        if month not in months:
            missing.append(month)
        month = _next(month)
    return tuple(missing)


def _next(month: str) -> str:
    return f"{add_months(parse_date(f'{month}-01'), 1):%Y-%m}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
