"""What the board's table is counted from: periods that are like for like, and offences with their outcomes as then known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.errors import NotKnowable
from hotspot.findings.board_lines import Line, board_lines
from hotspot.findings.clustering import ALWAYS, covered_months
from hotspot.findings.selected import NO_LOCATION, SelectedOffences, select
from hotspot.methods.outcomes import SETS
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.period import Period, add_months, presets
from hotspot.selection import COMMITTED, DATE_COLUMNS, MONTH, REPORTED, Selection, join_words

OUTCOME_COLUMNS = ("outcome_group", "outcome_date")
ROBBERY = "Robbery"
ROBBERY_COLUMNS = ("knife", "victim_ages")
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Periods:
    """The performance year to date and the same months a year before, as far as the data cover both."""

    now: Period
    before: Period | None
    """None where the data do not reach a year back."""
    basis: str
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class BoardData:
    """Every offence of the board's lines, whatever its date."""

    place: SelectedOffences
    """Offences of the year to date in the chosen place: what the footer counts."""
    lines: tuple[Line, ...]
    day: NDArray[np.datetime64]
    """Of the date that counts; NaT where unknown."""
    kind: NDArray[np.object_]
    area: NDArray[np.object_]
    inside: Rows
    outcome: NDArray[np.object_]
    """Outcome group; None where none is known."""
    outcome_day: NDArray[np.datetime64]
    reported: NDArray[np.datetime64]
    """Day from which an outcome is waited for; NaT where unknown."""

    @property
    def areas(self) -> tuple[str, ...]:
        """Areas with offences or polygons, 'Outside the LPAs' and 'No location' last; none where the force has no areas."""
        if self.place.areas is None:
            return ()
        named = self.place.areas.names
        return (*named, *sorted(set(self.area.tolist()) - set(named), reverse=True))

    @cached_property
    def of_line(self) -> dict[str, Rows]:
        """Line → which offences belong to it."""
        code, kinds = pd.factorize(self.kind)
        return {line.name: np.isin(kinds.astype(str), crime_types.names_within(line.name))[code] for line in self.lines}

    @cached_property
    def of_set(self) -> dict[str, Rows]:
        """Name of a set of outcomes → which offences have one of it."""
        code, groups = pd.factorize(self.outcome)
        held = np.append(groups.astype(object), None)
        return {name: np.isin(held.astype(str), one.groups)[code] for name, one in SETS.items()}

    def within(self, period: Period) -> Rows:
        """Say which offences were recorded in a period."""
        return _between(self.day, period.start, period.end)

    def has_outcome(self, name: str, *, known_before: date | None) -> Rows:
        """Say which offences have an outcome of a set, by a day (not included) or by now."""
        of_set = self.of_set[name]
        return of_set if known_before is None else of_set & (np.isnat(self.outcome_day) | _before(self.outcome_day, known_before))

    def was_given(self, name: str, period: Period) -> Rows:
        """Say which offences got an outcome of a set in a period."""
        return self.of_set[name] & _between(self.outcome_day, period.start, period.end)


def date_that_counts(facts: DataFacts) -> str:
    """Give the date that performance is counted by: reported where it is known; the month alone on police.uk."""
    if facts.time_precision == "month":
        return MONTH
    return REPORTED if "reported" in facts.columns else COMMITTED


def board_selection(selection: Selection, facts: DataFacts) -> Selection:
    """Count by the board's date and without the limits that a board's table does not have."""
    return replace(selection, date_basis=date_that_counts(facts), weekdays=(), hours=None, flags=())


def board_periods(store: Store, selection: Selection, as_at: date, *, scope: Scope) -> Periods:
    """Find the year to date that ends with the last full month before a day, and its like a year before.

    Raises
    ------
    NotKnowable
        If the data hold no whole month of that performance year.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    wanted = presets(as_at, whole_months=True)["Year to date"]
    covered = {month.astype("datetime64[D]").item() for month in covered_months(store, selection)}
    now = _run_of_months(wanted, covered)
    if now is None:
        raise NotKnowable(
            f"The data hold no whole month of {wanted.label_in_days()}, the performance year to date as at {as_at:%-d %B %Y}. "
            f"They cover {Period(facts.first_day, facts.end).label_in_days()}: choose a period that ends within them.",
            headline="No whole month of the performance year is loaded",
        )
    notes = [] if now == wanted else [f"The data hold {now.label()} of the year to date ({wanted.label()})."]
    earlier = _run_of_months(now.shifted(-12), covered)
    if earlier is None:
        return Periods(now, None, selection.date_basis, (*notes, "The data do not reach a year back, so no change is shown."))
    if earlier != now.shifted(-12):
        notes.append(f"Compared are the months that both years hold: {earlier.shifted(12).label()} with {earlier.label()}.")
    return Periods(earlier.shifted(12), earlier, selection.date_basis, tuple(notes))


def _run_of_months(wanted: Period, covered: set[date]) -> Period | None:
    """Give the last unbroken run of covered months in a period."""
    months = [date.fromisoformat(f"{month}-01") for month in wanted.months()]
    held = [month for month in months if month in covered]
    if not held:
        return None
    first = held[-1]
    while add_months(first, -1) in held:
        first = add_months(first, -1)
    return Period(first, add_months(held[-1], 1))


def board_data(store: Store, selection: Selection, periods: Periods, *, scope: Scope) -> BoardData:
    """Read the offences of every line, with outcome where the data have one.

    Raises
    ------
    NotKnowable
        If no crime type of the data is a line of the board's table.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    lines = board_lines(facts)
    if not lines:
        raise NotKnowable(
            "The board's table is of burglary, robbery, vehicle crime, theft from the person and shoplifting. These data "
            f"hold none of them, but {join_words(sorted(facts.crime_types))}.",
            headline="These data hold no acquisitive crime",
        )
    extra = [name for name in OUTCOME_COLUMNS if name in facts.columns]
    tops = [line.name for line in lines if line.rank == "total" or not line.in_total] or [line.name for line in lines[:1]]
    found = [select(store, replace(selection, crime_type=name, period=ALWAYS), scope=scope, extra_columns=extra) for name in tops]
    frame = pd.concat([one.frame for one in found], ignore_index=True)
    column = DATE_COLUMNS[selection.date_basis]
    day = frame[column].to_numpy("datetime64[D]")
    place = replace(found[0], selection=selection.with_period(periods.now))
    own = _between(found[0].frame[column].to_numpy("datetime64[D]"), periods.now.start, periods.now.end)
    place = replace(place, frame=found[0].frame[own], selection=replace(place.selection, crime_type=tops[0]))
    return BoardData(
        place=place,
        lines=lines,
        day=day,
        kind=frame["crime_type"].to_numpy(dtype=object),
        area=frame["area"].fillna(NO_LOCATION).to_numpy(dtype=object),
        inside=frame["inside"].to_numpy(dtype=bool),
        outcome=_objects(frame, "outcome_group"),
        outcome_day=_days(frame, "outcome_date"),
        reported=day if selection.date_basis == MONTH else _days(frame, "reported" if "reported" in facts.columns else column),
    )


def _objects(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    return frame[name].to_numpy(dtype=object) if name in frame else np.full(len(frame), None, dtype=object)


def _days(frame: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    return frame[name].to_numpy("datetime64[D]") if name in frame else np.full(len(frame), "NaT", dtype="datetime64[D]")


def _before(day: NDArray[np.datetime64], end: date) -> Rows:
    return day < np.datetime64(end)


def _between(day: NDArray[np.datetime64], start: date, end: date) -> Rows:
    return (day >= np.datetime64(start)) & (day < np.datetime64(end))
