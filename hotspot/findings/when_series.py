"""Offences by month and by week over all the data, and the months that lie outside their usual variation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.findings.clustering import ALWAYS, covered_months
from hotspot.findings.selected import select
from hotspot.findings.words import number_word
from hotspot.methods.control_chart import EARLIER_YEARS, FACTOR, LEAST_MONTHS, RATIO, RULES, ControlChart, control_chart
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.period import BREAKS, Break, add_months
from hotspot.selection import DATE_COLUMNS, Selection, join_words

LONGEST = 80
SOFT_LIMITS = 12
"""Limits that rest on fewer months than this will move."""
WELL_OFF = 0.05
"""Of the usual ratio to earlier years: said beside the headline from here on."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, eq=False)
class Series:
    """Offences by month or by week."""

    unit: str
    """'month' or 'week'."""
    start: tuple[date, ...]
    """First day of each."""
    days: NDArray[np.int64]
    """Days of each that the data cover."""
    counts: NDArray[np.float64]
    """Offences, or sums of aoristic shares."""
    expected: NDArray[np.float64]
    """What would be usual; NaN where nothing can be said."""
    provisional: NDArray[np.bool_]
    """Not complete yet."""

    @property
    def end(self) -> date:
        """First day after the last; there must be one."""
        return self.start[-1] + timedelta(days=int(self.days[-1]))


@dataclass(frozen=True, eq=False)
class SeriesFinding:
    """The series of a selection's place over all the data, whatever its period."""

    selection: Selection
    facts: DataFacts
    months: Series
    weeks: Series | None
    """None where the data know the month alone."""
    chart: ControlChart
    breaks: tuple[Break, ...]
    """Within the series."""
    expected_words: str
    """What the expected line is."""
    headline: str
    """Which months stand out."""
    notes: tuple[str, ...]


def series_finding(store: Store, selection: Selection, *, scope: Scope) -> SeriesFinding:
    """Count by month and week over all the data, within the selection's type, place and limits."""
    facts = store.facts(selection.source, selection.force, scope=scope)
    months, provisional = _months(store, selection, facts)
    inside = select(store, replace(selection, period=ALWAYS), scope=scope).inside
    day = inside[DATE_COLUMNS[selection.date_basis]].to_numpy("datetime64[D]")
    weight = inside["weight"].to_numpy(dtype=float)
    counts = _counts(day, weight, [np.datetime64(month) for month in months], [np.datetime64(add_months(m, 1)) for m in months])
    days = np.array([(min(add_months(month, 1), facts.end) - month).days for month in months])
    breaks = _breaks(selection.crime_type, months)
    chart = control_chart(months, counts, days, breaks=sorted({one.day for one in breaks}), provisional=provisional)
    rate = _expected_rates(chart)
    late = np.array([month.provisional for month in chart.months], dtype=bool)
    by_month = Series("month", tuple(months), days, counts, np.array([rate[m] for m in months]) * days, late)
    weeks = None if facts.time_precision == "month" else _weeks(day, weight, chart, rate, facts)
    return SeriesFinding(
        selection, facts, by_month, weeks, chart, breaks, expected_words(chart), headline(chart), notes(chart, breaks)
    )


def _months(store: Store, selection: Selection, facts: DataFacts) -> tuple[list[date], int]:
    """List the months that the data hold, and how many of the last are provisional."""
    held = {date.fromisoformat(f"{month}-01") for month in facts.months}
    covered = [month for month in covered_months(store, selection).astype("datetime64[D]").tolist() if month in held]
    after = max(covered, default=date.min)
    late = sorted(month for month in held if month > after and month < facts.end)
    return [*covered, *late], len(late) or 1


def _counts(
    day: NDArray[np.datetime64], weight: NDArray[np.float64], first: list[np.datetime64], end: list[np.datetime64]
) -> NDArray[np.float64]:
    order = np.argsort(day)
    before = np.concatenate(([0.0], np.cumsum(weight[order])))
    sums = before[np.searchsorted(day[order], np.array(end, "datetime64[D]"))]
    return sums - before[np.searchsorted(day[order], np.array(first, "datetime64[D]"))]


def _breaks(crime_type: str, months: list[date]) -> tuple[Break, ...]:
    groups = {kind.group for kind in crime_types.CRIME_TYPES if kind.name in crime_types.names_within(crime_type)}
    known = [one for one in BREAKS if not one.groups or groups & set(one.groups)]
    return tuple(one for one in known if months and months[0] < one.day <= months[-1])


def _expected_rates(chart: ControlChart) -> dict[date, float]:
    """Offences per day that would be usual: the same month in earlier years, or the mean on its side of a break."""
    if chart.measure == RATIO:
        return {month.month: month.expected for month in chart.months}
    return {month.month: _mean_of(chart, month.month) for month in chart.months}


def _mean_of(chart: ControlChart, month: date) -> float:
    started = [limit for limit in chart.limits if limit.first <= month]
    return started[-1].mean if started else float("nan")


def _weeks(
    day: NDArray[np.datetime64], weight: NDArray[np.float64], chart: ControlChart, rate: dict[date, float], facts: DataFacts
) -> Series:
    """Count whole weeks from Monday; a week belongs to the month of its Thursday."""
    first = chart.months[0].month if chart.months else facts.end
    monday = first + timedelta(days=-first.weekday() % 7)
    starts = [monday + number * _WEEK for number in range(max(0, (facts.end - monday).days // 7))]
    counts = _counts(day, weight, [np.datetime64(start) for start in starts], [np.datetime64(start + _WEEK) for start in starts])
    month = [(start + timedelta(days=3)).replace(day=1) for start in starts]
    late = {one.month for one in chart.months if one.provisional}
    expected = np.array([7 * rate.get(one, float("nan")) for one in month])
    provisional = np.array([one in late for one in month], dtype=bool)
    return Series("week", tuple(starts), np.full(len(starts), 7), counts, expected, provisional)


def expected_words(chart: ControlChart) -> str:
    """Say what the expected line is, or why there is none."""
    if chart.measure == RATIO:
        return "Dashed: the same month in earlier years."
    if chart.limits:
        return "Dashed: the mean of the data, seasons included."
    return f"No expected line: that needs {LEAST_MONTHS} complete months on one side of a break."


def _settled(chart: ControlChart) -> int:
    return sum(not month.provisional for month in chart.months)


def headline(chart: ControlChart) -> str:
    """Say which months stand out, in at most 80 characters."""
    if not chart.limits:
        return "Too few months to say what is usual"
    if not chart.signals:
        return f"No month lies outside the usual variation{_level_words(chart)}"
    said = join_words([f"{month.month:%B %Y}" for month in chart.signals])
    count = len(chart.signals)
    sentence = f"{number_word(count).capitalize()} month{'' if count == 1 else 's'} outside the usual variation: {said}"
    return sentence if len(sentence) <= LONGEST else f"{number_word(count).capitalize()} months lie outside the usual variation"


def _level_words(chart: ControlChart) -> str:
    """Say where the usual lies, where that is well off the earlier years: a chart shows what stands out, not that."""
    mean = chart.limits[-1].mean
    if chart.measure != RATIO or abs(mean - 1) < WELL_OFF:
        return ""
    return f", {abs(mean - 1):.0%} {'below' if mean < 1 else 'above'} earlier years"


def notes(chart: ControlChart, breaks: tuple[Break, ...]) -> tuple[str, ...]:
    """Say what is charted, by which rules, and what it rests on."""
    said = [_measure(chart)]
    if chart.limits:
        said += [f"Limits: mean ± {FACTOR} × mean moving range. {RULES}"]
        least = min(limit.months for limit in chart.limits)
        said += [f"Limits rest on {least} months and will move."] if least < SOFT_LIMITS else []
    late = [f"{month.month:%B %Y}" for month in chart.months if month.provisional]
    said += (
        [f"{join_words(late)} {'is' if len(late) == 1 else 'are'} provisional: not judged, not in the limits."] if late else []
    )
    return (*said, *_break_notes(chart, breaks))


def _break_notes(chart: ControlChart, breaks: tuple[Break, ...]) -> list[str]:
    said = []
    for day in sorted({one.day for one in breaks}):
        reasons = join_words([one.reason for one in breaks if one.day == day])
        said.append(f"{reasons[0].upper()}{reasons[1:]}: no limit, range or run reaches across.")
    if chart.expected_across_break:
        said.append(
            f"{number_word(chart.expected_across_break).capitalize()} months are set against earlier years that lie in part "
            "before a break: a ratio other than 1 may come from it."
        )
    return said


def _measure(chart: ControlChart) -> str:
    if not chart.limits:
        held = f"{_settled(chart)} month{'' if _settled(chart) == 1 else 's'}"
        return f"Limits need {LEAST_MONTHS} complete months on one side of a break; these data hold {held} in all."
    if chart.measure == RATIO:
        means = join_words([f"{limit.mean:.2f}" for limit in chart.limits])
        return f"Each month's rate per day over the mean of the same month in two or more earlier years; on average {means}."
    return (
        f"Plain chart of offences per day, seasons included: fewer than {LEAST_MONTHS} months have the same month in "
        f"{number_word(EARLIER_YEARS)} earlier years."
    )
