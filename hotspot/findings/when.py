"""At what hour and on which day of the week: offences by hour of the week, and how much of that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hotspot import crime_types
from hotspot.errors import NotKnowable
from hotspot.findings.audience import COUNTS_HIDDEN
from hotspot.findings.selected import SelectedOffences
from hotspot.methods import aoristic
from hotspot.methods.aoristic import AORISTIC, END, HOURS, MIDPOINT, START, WAYS, HourOfWeekWeights, Span
from hotspot.methods.suppression import HIDDEN, LEAST_SHOWN, UNDER_5, suppress

COLUMNS = ("time_precision", "window_known")
"""Columns beside those of every selection."""
DAY = np.timedelta64(1, "D")
LONGEST = 80
BANDS = 6
LEAST_FOR_A_HABIT = 20
"""Fewer offences than this have no usual hour."""
SPREAD_HOURS = 11
"""An even day needs 12 hours for its half: from here on the offences are said to be spread."""
WAY_WORDS = {
    AORISTIC: "Each offence is spread evenly over the hours in which it can have happened.",
    MIDPOINT: "Each offence counts whole in the hour of the middle of its window.",
    START: "Each offence counts whole in the hour in which its window begins.",
    END: "Each offence counts whole in the hour in which its window ends.",
}
UNTESTED = "The pattern is described, not tested: wide windows fill quiet hours, so no test against an even week would be fair."
NO_MONTHS = (
    "These data give the month of each offence and no more, so its hour and its day of the week are not known; "
    "a force extract with times can tell them."
)
NO_DAYS = "These data give the day of each offence and not its time, so the hour is not known."
NO_COMMITTED = "These data do not say when an offence was committed, so its hour is not known."
NOT_KNOWN = "The hour of these offences is not known; their months are"


@dataclass(frozen=True, eq=False)
class Windows:
    """When each offence can have happened."""

    start: NDArray[np.datetime64]
    """datetime64[s]; NaT where unknown."""
    end: NDArray[np.datetime64]
    """datetime64[s]; NaT: the start itself."""
    day_alone: NDArray[np.bool_]
    """True where the day is known and the time is not: the window is the whole of its days."""
    end_unusable: int
    """Offences left out because their end lay before their start, or in the future."""


@dataclass(frozen=True, eq=False)
class HoursFinding:
    """Offences of a selection by hour of the week."""

    selected: SelectedOffences
    ways: Mapping[str, HourOfWeekWeights]
    """'aoristic', 'midpoint', 'start', 'end' → weights. All but the first leave out offences known to the day alone."""
    moved: Mapping[str, float]
    """Way → share of its offences that stand in other hours than aoristic weights put them, 0 to 1."""
    span: Span | None
    """The fewest hours in a row with half of the offences; None under 20 offences."""
    over_a_day: int
    """Offences whose window is longer than 24 hours."""
    over_a_week: int
    """Offences whose window is longer than seven days: they count alike in every hour."""
    day_alone: int
    """Offences of which the day is known and the time is not."""
    headline: str
    subline: str
    notes: tuple[str, ...]

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """Which hours of the week the selection holds, shape (7, 24)."""
        selection = self.selected.selection
        return aoristic.chosen_hours(weekdays=selection.weekdays, hours=selection.hours).reshape(7, 24)

    @property
    def counted(self) -> float:
        """Offences, or parts of them within the chosen days and hours, that the weights hold."""
        return float(self.ways[AORISTIC].weights.sum())


@dataclass(frozen=True, eq=False)
class ShownHours:
    """A table of hours as an audience may see it."""

    cells: NDArray[np.object_]
    """Text, shape (7, 24): Monday first; '<5' or 'hidden' where it may not be told."""
    by_day: NDArray[np.object_]
    """Text, shape (7,)."""
    by_hour: NDArray[np.object_]
    """Text, shape (24,)."""
    total: str
    visible: NDArray[np.bool_]
    """Which cells may be told, shape (7, 24)."""

    @property
    def tells(self) -> bool:
        """Say whether anything beyond the total may be told."""
        return bool(self.visible.any()) or HIDDEN not in self.by_day or HIDDEN not in self.by_hour


def check_hours(selected: SelectedOffences) -> None:
    """Raise ``NotKnowable`` where the data do not know the hour."""
    facts = selected.facts
    reason = {"month": NO_MONTHS, "day": NO_DAYS}.get(facts.time_precision, "")
    if not reason and "committed_from" not in facts.columns:
        reason = NO_COMMITTED
    if reason:
        raise NotKnowable(reason, headline=NOT_KNOWN)


def hours_finding(selected: SelectedOffences) -> HoursFinding:
    """Count the offences of a selection by hour of the week in four ways.

    Parameters
    ----------
    selected
        Read with the extra ``COLUMNS``.

    Raises
    ------
    NotKnowable
        If the data know the month or the day alone.
    """
    check_hours(selected)
    windows = windows_of(selected.inside)
    ways = {way: _counted(windows, selected, way=way) for way in WAYS}
    spread = ways[AORISTIC].weights
    span = aoristic.shortest_span(spread) if spread.sum() >= LEAST_FOR_A_HABIT else None
    length = windows.end - windows.start
    finding = HoursFinding(
        selected=selected,
        ways=ways,
        moved={way: _moved(spread, ways[way].weights) for way in WAYS},
        span=span,
        over_a_day=int((length > DAY).sum()),
        over_a_week=int((length > 7 * DAY).sum()),
        day_alone=int(windows.day_alone.sum()),
        headline=headline(span, spread, selected.selection.crime_type),
        subline="",
        notes=(),
    )
    return replace(finding, subline=subline(finding), notes=notes(finding))


def windows_of(frame: pd.DataFrame) -> Windows:
    """Give the windows of stored offences; one known to the day alone is as long as its days."""
    start, end = (frame[name].to_numpy("datetime64[s]") for name in ("committed_from", "committed_to"))
    unusable = ~np.isnat(start) & ~frame["window_known"].to_numpy(dtype=bool)
    day_alone = ~np.isnat(start) & (frame["time_precision"] == "day").to_numpy(dtype=bool)
    last = np.where(np.isnat(end), start, end)
    start = np.where(day_alone, start.astype("datetime64[D]").astype("datetime64[s]"), start)
    end = np.where(day_alone, (last.astype("datetime64[D]") + 1).astype("datetime64[s]"), end)
    return Windows(start[~unusable], end[~unusable], day_alone[~unusable], int(unusable.sum()))


def _counted(windows: Windows, selected: SelectedOffences, *, way: str) -> HourOfWeekWeights:
    """Count in one way; where days and hours are chosen only what lies in them."""
    used = np.ones(len(windows.start), dtype=bool) if way == AORISTIC else ~windows.day_alone
    found = aoristic.hour_of_week(windows.start[used], windows.end[used], way=way)
    selection = selected.selection
    chosen = aoristic.chosen_hours(weekdays=selection.weekdays, hours=selection.hours)
    return replace(found, weights=np.where(chosen, found.weights, 0.0), end_before_start=windows.end_unusable)


def _moved(spread: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Share of one table that would have to be moved to make it the other."""
    if not (spread.sum() and other.sum()):
        return 0.0
    return float(np.abs(spread / spread.sum() - other / other.sum()).sum() / 2)


def headline(span: Span | None, weights: ArrayLike, crime_type: str) -> str:
    """Say in which hours half of the offences fall, in at most 80 characters."""
    total = float(np.sum(weights))
    what = crime_types.counted(crime_type, 2)
    if not total:
        return f"No {what} with a known time in this selection"
    if span is None:
        return f"Too few {what} to say at what hour they fall"
    if span.hours >= SPREAD_HOURS:
        return f"{what[0].upper()}{what[1:]} are spread over the day: half need {span.hours} hours"
    share = "Half of" if span.share < 0.55 else "Nearly all" if span.share > 0.95 else f"{span.share:.0%} of"
    said = f"{share} {what} fall between {clock(span.first)} and {clock(span.end)}"
    return said if len(said) <= LONGEST else f"{share} the offences fall between {clock(span.first)} and {clock(span.end)}"


def clock(hour: int) -> str:
    """Write an hour of the clock: '17:00'."""
    return f"{hour % 24:02d}:00"


def subline(finding: HoursFinding) -> str:
    """Say how many offences are counted, and how much of that is widely spread."""
    counted = finding.ways[AORISTIC].counted
    if not counted:
        return "No offence here has a known time."
    day, week = finding.over_a_day, finding.over_a_week
    if not day:
        return f"{counted:,} offences, aoristic; none has a window of over 24 hours."
    return (
        f"{counted:,} offences, aoristic; windows of over 24 hours: {day:,} ({_percent(day / counted)}), "
        f"of over seven days: {week:,} ({_percent(week / counted)})."
    )


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{share:.0%}"


def notes(finding: HoursFinding) -> tuple[str, ...]:
    """Say what was left out and what the table rests on, one sentence each."""
    spread = finding.ways[AORISTIC]
    said = []
    if finding.over_a_week:
        said.append("An offence with a window of over seven days counts 1/168 in every hour.")
    if finding.day_alone:
        said.append(
            f"Known to the day alone, {finding.day_alone:,}: spread over their days; midpoint, start and end leave them out."
        )
    if spread.end_before_start:
        said.append(f"{spread.end_before_start:,} left out: the end lies before the start, or in the future.")
    if spread.without_start:
        said.append(f"{spread.without_start:,} left out: no start.")
    if finding.selected.selection.is_timed:
        said.append("Only the parts of offences within the chosen days and hours are counted.")
    return (*said, UNTESTED)


def difference_note(finding: HoursFinding, way: str) -> str:
    """Say what a way of counting does to the table."""
    words = WAY_WORDS[way]
    if way == AORISTIC or not finding.counted:
        return words
    return f"{words} That puts {finding.moved[way]:.0%} of them into other hours than aoristic weights do."


def told_of_hours(finding: HoursFinding, *, public: bool) -> tuple[str, str]:
    """Give headline and sub-line as an audience may read them."""
    counted, held = finding.ways[AORISTIC].counted, finding.span.share if finding.span else 1.0
    day, week = finding.over_a_day, finding.over_a_week
    parts = (counted, day, week, day - week, counted - day, counted - week, counted - day - finding.day_alone)
    within = (held * finding.counted, (1 - held) * finding.counted)
    hidden_words = not finding.span or any(0.01 < part < LEAST_SHOWN for part in within)
    return (
        "When offences happen" if public and hidden_words else finding.headline,
        COUNTS_HIDDEN if public and any(0 < part < LEAST_SHOWN for part in parts) else finding.subline,
    )


def breaks_of_hours(weights: ArrayLike) -> tuple[float, ...]:
    """Give the lower edges of six even bands, from 0 on by a round step, that hold every hour."""
    most = float(np.max(weights))
    steps = (digit * 10.0**power for power in range(-2, 7) for digit in (1, 2, 3, 4, 5, 6, 8))
    step = next(step for step in steps if BANDS * step >= most)
    return tuple(round(step * band, 6) for band in range(BANDS))


def bands_of_hours(weights: ArrayLike, breaks: tuple[float, ...]) -> NDArray[np.int64]:
    """Give the band of each hour, in rows of 24; −1 where nothing falls."""
    table = np.asarray(weights, dtype=float).reshape(-1, 24)
    return np.where(table > 0, np.searchsorted(breaks, table, side="right") - 1, -1)


def ways_told(finding: HoursFinding, *, public: bool) -> tuple[str, ...]:
    """List the ways of counting that an audience may see: all but one leave out what is known to the day alone."""
    few = 0 < finding.day_alone < LEAST_SHOWN
    return (AORISTIC,) if public and few else tuple(WAYS)


def shown_hours(weights: ArrayLike, *, public: bool) -> ShownHours:
    """Write a table of hours as an audience may see it.

    For the public a full table is shown in whole offences, with those under 5 and what gives them away hidden. In a sparse
    one nearly every cell is a part of an offence: there the days and the hours alone are shown, and only where none of
    them is under 5.
    """
    table = np.asarray(weights, dtype=float).reshape(7, HOURS // 7)
    if not public:
        every = np.ones(table.shape, dtype=bool)
        return ShownHours(_written(table), _written(table.sum(axis=1)), _written(table.sum(axis=0)), _text(table.sum()), every)
    if table.sum() < LEAST_SHOWN * HOURS:
        hidden = np.full(table.shape, HIDDEN, dtype=object)
        return ShownHours(hidden, *_margins(table), np.zeros(table.shape, dtype=bool))
    safe = suppress(np.where(table > 0, np.rint(table).clip(1), 0))
    cells = (np.vectorize(_text, otypes=[object])(found) for found in (safe.cells, safe.row_totals, safe.column_totals))
    return ShownHours(*cells, _text(safe.total), ~safe.hidden)


def _margins(table: NDArray[np.float64]) -> tuple[NDArray[np.object_], NDArray[np.object_], str]:
    sums = (table.sum(axis=1), table.sum(axis=0))
    small = [((found > 0) & (found < LEAST_SHOWN)).any() for found in sums]
    total = float(table.sum())
    by_day, by_hour = (np.full(len(found), HIDDEN, dtype=object) if is_small else _written(found)
                       for found, is_small in zip(sums, small, strict=True))  # fmt: skip
    return by_day, by_hour, UNDER_5 if 0 < total < LEAST_SHOWN else _text(total)


def _written(values: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.vectorize(_text, otypes=[object])(values)


def _text(cell: float | str) -> str:
    return cell if isinstance(cell, str) else f"{cell:,.0f}"
