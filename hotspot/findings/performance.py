"""The board's table from data: each offence group in the year to date against last year, with outcome rates and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.findings import performance_words as words
from hotspot.findings.board_lines import Line, kinds_unknown
from hotspot.findings.clustering import covered_months
from hotspot.findings.performance_data import BoardData, Periods, Rows, board_data, board_periods, board_selection
from hotspot.findings.performance_shares import KnownShare, known_shares, vehicle_split
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.change import AreaChange, compare
from hotspot.methods.dispersion import Dispersion, Dispersions, dispersions
from hotspot.methods.outcomes import ASSIGNED, COHORT, OutcomeRate, outcome_rate, set_named
from hotspot.methods.repeats import Proportion
from hotspot.methods.waiting import WaitingTimes, waiting_times
from hotspot.offences import outcomes as outcome_groups
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.period import Period, add_months
from hotspot.selection import Selection

MATURE = 0.9
"""Share of a month's offences that must have had the time for an outcome; until then the month is immature."""
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class BoardSettings:
    """What an outcome rate is."""

    outcomes: str = "positive"
    """Name of a set of outcomes (``methods.outcomes.SETS``)."""
    denominator: str = ASSIGNED
    mature_days: int | None = None
    """Days after which a month's outcomes are taken as settled; None: as the data's own delays say."""


@dataclass(frozen=True)
class BoardRow:
    """One line in one place."""

    line: Line
    area: str
    count: int
    """Offences of the year to date."""
    baseline_count: int | None
    """Of the same months a year before; None where the data do not reach so far."""
    change: AreaChange | None
    rate: OutcomeRate | None
    """None where the data have no outcomes."""
    baseline_rate: OutcomeRate | None


@dataclass(frozen=True)
class MonthRate:
    """Outcome rate of one month."""

    month: date
    """First day."""
    rate: OutcomeRate
    is_immature: bool
    """Of a cohort whose outcomes are not all known yet."""


@dataclass(frozen=True)
class Maturity:
    """How long outcomes take."""

    days: float
    """After which a month's outcomes are taken as settled; ∞ where the data do not tell."""
    is_stated: bool
    """Given by the reader; else estimated from the data's own delays."""
    median: float
    """Days from report to outcome, open offences counted as waiting; NaN where unknown."""


@dataclass(frozen=True, eq=False)
class PerformanceFinding:
    """The board's table of a place, and of every area of its level."""

    selected: SelectedOffences
    """Offences of the first line in the year to date and the chosen place."""
    as_at: date
    """First day that is not looked at."""
    period: Period
    baseline: Period | None
    settings: BoardSettings
    """As used: on data without outcome dates the denominator is the cohort."""
    lines: tuple[Line, ...]
    place: tuple[BoardRow, ...]
    """Each line in the chosen place."""
    force: tuple[BoardRow, ...]
    """Each line in the whole force."""
    areas: dict[str, tuple[BoardRow, ...]]
    """Line → its areas; empty where the force has none."""
    split: tuple[tuple[str, Proportion, Proportion | None], ...]
    """Kinds of vehicle crime in the chosen place: share now and a year before."""
    shares: dict[str, tuple[KnownShare, ...]]
    """Area ('' for the chosen place) → shares of robbery."""
    asked_type: str
    """Crime type of the selection, which may be no line of the board's table."""
    focus: Line
    """The line that months and areas are shown for."""
    months: tuple[MonthRate, ...]
    """Outcome rates of that line in the chosen place."""
    maturity: Maturity | None
    """None where outcomes have no dates."""
    notes: tuple[str, ...]

    @property
    def selection(self) -> Selection:
        return self.selected.selection

    @property
    def immature_months(self) -> int:
        """Months of the year to date whose cohort is not settled."""
        return sum(one.is_immature for one in self.months if self.period.start <= one.month < self.period.end)

    @property
    def mature_rate(self) -> OutcomeRate | None:
        """Of the focus line in the mature months of the year to date together; None but for a cohort."""
        if self.settings.denominator != COHORT or self.maturity is None:
            return None
        held = [one.rate for one in self.months if self.period.start <= one.month < self.period.end and not one.is_immature]
        return outcome_rate(sum(one.outcomes for one in held), sum(one.offences for one in held), denominator=COHORT)


def performance_finding(store: Store, selection: Selection, settings: BoardSettings, *, scope: Scope) -> PerformanceFinding:
    """Fill the board's table as at the end of a selection's period.

    Raises
    ------
    NotKnowable
        If the data hold no whole month of that performance year, or no acquisitive crime.
    BadInput
        If the set of outcomes does not exist.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    set_named(settings.outcomes)
    selection = board_selection(selection, facts)
    as_at = min(selection.period.end, facts.end)
    periods = board_periods(store, selection, as_at, scope=scope)
    data = board_data(store, selection, periods, scope=scope)
    used = settings if "outcome_date" in facts.columns else replace(settings, denominator=COHORT)
    board = _Board(data, periods, used, facts, as_at, covered_months(store, selection))
    focus = next((line for line in data.lines if line.name == selection.crime_type), data.lines[0])
    maturity = board.maturity()
    everywhere = np.ones(len(data.day), dtype=bool)
    whole = board.rows_of({selection.whole: everywhere}, family=f"{len(data.lines)} offence groups")
    areas = board.rows_of(
        {name: data.area == name for name in data.areas}, family=f"{len(data.areas)} areas and {len(data.lines)} offence groups"
    )
    by_line = {line.name: tuple(row for row in areas if row.line == line) for line in data.lines} if areas else {}
    place = _place_rows(board, selection, whole, by_line)
    return PerformanceFinding(
        selected=data.place,
        as_at=as_at,
        period=periods.now,
        baseline=periods.before,
        settings=used,
        lines=data.lines,
        place=place,
        force=whole,
        areas=by_line,
        split=vehicle_split({row.line.name: (row.count, row.baseline_count) for row in place}),
        shares=known_shares(store, selection, periods, scope=scope),
        asked_type=selection.crime_type,
        focus=focus,
        months=board.months_of(focus, maturity),
        maturity=maturity,
        notes=words.notes(facts, periods, settings, used, kinds_unknown(facts), board.begins_too_late(maturity)),
    )


def _place_rows(
    board: _Board, selection: Selection, whole: tuple[BoardRow, ...], by_line: dict[str, tuple[BoardRow, ...]]
) -> tuple[BoardRow, ...]:
    """Give the rows of the chosen place as the family that shows them has them, so that no two tables differ."""
    if selection.is_whole_force:
        return whole
    if selection.drawn is None:
        return tuple(row for rows in by_line.values() for row in rows if row.area == selection.area)
    return board.rows_of({selection.place: board.data.inside}, family=f"{len(board.data.lines)} offence groups")


@dataclass(frozen=True, eq=False)
class _Board:
    """What rows are counted from."""

    data: BoardData
    periods: Periods
    settings: BoardSettings
    facts: DataFacts
    as_at: date
    months: NDArray[np.datetime64]
    """Whole months of the data."""

    def rows_of(self, places: dict[str, Rows], *, family: str) -> tuple[BoardRow, ...]:
        """Count and test every line in every place as one family."""
        cells = [
            (place, line, inside & self.data.of_line[line.name]) for place, inside in places.items() for line in self.data.lines
        ]
        if not cells:
            return ()
        before = self.periods.before
        recorded, earlier = self.data.within(self.periods.now), None if before is None else self.data.within(before)
        given = self._given(self.periods.now, known_before=self.as_at)
        given_before = None if before is None else self._given(before, known_before=add_months(self.as_at, -12))
        now = [int((rows & recorded).sum()) for _, _, rows in cells]
        baseline = None if earlier is None else [int((rows & earlier).sum()) for _, _, rows in cells]
        changes = self._changes(cells, now, baseline, family=family)
        return tuple(
            BoardRow(
                line=line,
                area=place,
                count=now[i],
                baseline_count=None if baseline is None else baseline[i],
                change=changes[i],
                rate=self._rate(rows, given, now[i]),
                baseline_rate=None if baseline is None else self._rate(rows, given_before, baseline[i]),
            )
            for i, (place, line, rows) in enumerate(cells)
        )

    def _changes(
        self, cells: Sequence[tuple[str, Line, Rows]], now: list[int], baseline: list[int] | None, *, family: str
    ) -> Sequence[AreaChange | None]:
        before = self.periods.before
        if baseline is None or before is None:
            return [None] * len(cells)
        found = self._dispersions([rows for _, _, rows in cells], before)
        table = compare(
            [f"{place}{_SEPARATOR}{line.name}" for place, line, _ in cells],
            now,
            baseline,
            days=self.periods.now.days,
            baseline_days=before.days,
            family=family,
            dispersions=[found[i] for i in range(len(cells))],
            total_dispersion=Dispersion(),
        )
        return [replace(row, area=row.area.split(_SEPARATOR)[1]) for row in table.rows]

    def _dispersions(self, rows: Sequence[Rows], before: Period) -> Dispersions:
        month = self.data.day.astype("datetime64[M]")
        number = (month - self.months[0]).astype(np.int64)
        held = ~np.isnat(month) & (number >= 0) & (number < len(self.months))
        counts = [np.bincount(number[one & held], minlength=len(self.months)) for one in rows]
        compared = [(np.datetime64(one.start), np.datetime64(one.end)) for one in (self.periods.now, before)]
        return dispersions(np.array(counts, dtype=float), months=self.months, compared=compared)

    def _given(self, period: Period, *, known_before: date) -> Rows | None:
        """Say which offences count as outcomes of a period; None where the data have no outcomes."""
        if "outcome_group" not in self.facts.columns:
            return None
        name = self.settings.outcomes
        if self.settings.denominator == ASSIGNED:
            return self.data.was_given(name, period)
        dated = "outcome_date" in self.facts.columns
        return self.data.within(period) & self.data.has_outcome(name, known_before=known_before if dated else None)

    def _rate(self, rows: Rows, given: Rows | None, recorded: int) -> OutcomeRate | None:
        if given is None:
            return None
        return outcome_rate(int((rows & given).sum()), recorded, denominator=self.settings.denominator)

    def maturity(self) -> Maturity | None:
        """Estimate how long outcomes take, or take the days that were stated."""
        stated = self.settings.mature_days
        waits = self._delays()
        if waits is None:
            return None if stated is None else Maturity(float(stated), True, float("nan"))
        return Maturity(waits.quantile(MATURE) if stated is None else float(stated), stated is not None, waits.quantile(0.5))

    def _delays(self) -> WaitingTimes | None:
        """Days from report to any outcome, over all lines, as known at the day looked at."""
        if "outcome_date" not in self.facts.columns:
            return None
        data, end = self.data, np.datetime64(self.as_at)
        decided = ~np.isnat(data.outcome_day) & (data.outcome_day < end) & (data.outcome != outcome_groups.OPEN)
        unknown = pd.isna(data.outcome) & np.isnat(data.outcome_day)
        wait = np.where(decided, data.outcome_day - data.reported, end - data.reported).astype("timedelta64[D]")
        usable = ~np.isnat(data.reported) & (data.reported < end) & ~unknown
        days = wait[usable].astype(np.int64)
        sound = days >= 0
        return waiting_times(days[sound], decided[usable][sound])

    def begins_too_late(self, maturity: Maturity | None) -> bool:
        """Say whether outcomes of a compared period belong to offences from before the data, which are missing."""
        if maturity is None or self.settings.denominator != ASSIGNED:
            return False
        first = self.periods.before or self.periods.now
        return (first.start - self.months[0].astype("datetime64[D]").item()).days < maturity.days

    def months_of(self, line: Line, maturity: Maturity | None) -> tuple[MonthRate, ...]:
        """Give the outcome rate of each whole month up to the day looked at."""
        rows = self.data.inside & self.data.of_line[line.name]
        found = []
        for month in self.months.astype("datetime64[D]").tolist():
            period = Period(month, add_months(month, 1))
            given = self._given(period, known_before=self.as_at)
            rate = self._rate(rows, given, int((rows & self.data.within(period)).sum()))
            if rate is not None and period.end <= self.as_at:
                waited = (self.as_at - period.end).days
                young = self.settings.denominator == COHORT and maturity is not None and waited < maturity.days
                found.append(MonthRate(month, rate, young))
        return tuple(found)
