"""The periods of an evaluation: before and after a start, like with like where the data allow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.clustering import RAGGED_DAYS
from hotspot.findings.compare import check_periods
from hotspot.findings.evaluation_areas import Ground
from hotspot.methods.comparison_areas import RING
from hotspot.period import Period, add_months
from hotspot.selection import MONTH

LONGEST_AFTER = 12
"""Months of the after period, unless it is given: so that the same months last year lie before the start."""


@dataclass(frozen=True)
class EvaluationSettings:
    """What is compared with what."""

    start: date
    """First day of what was done."""
    before: Period | None = None
    """None: the same months a year before ``after``; where the data do not reach so far, the period just before."""
    after: Period | None = None
    """None: from the start to the end of the data's whole months, at most a year."""
    comparison: tuple[str, ...] = ()
    """Names of comparison areas; empty: suggested."""
    ring: float = RING
    """Metres of the displacement ring; 0: none."""
    chosen_in: Period | None = None
    """The period whose counts had the area chosen; None: not told."""


def compared_periods(lain: Ground, settings: EvaluationSettings) -> tuple[Period, Period]:
    """Give the periods before and after: as set, else like with like.

    Raises
    ------
    NotKnowable
        If the data hold nothing before or nothing after the start.
    BadInput
        If the after period begins before the start, the before period ends after it, or the two share days.
    """
    covered = lain.selected.covered
    start = settings.start
    after = settings.after or _usual_after(lain, start, covered)
    before = settings.before or _usual_before(after, start, covered)
    check_periods(after, before)
    if lain.selected.selection.date_basis == MONTH and not (before.is_whole_months and after.is_whole_months):
        raise NotKnowable(
            "These data know months alone, so the start and both periods must begin on the first of a month.",
            headline="No such start",
        )
    if after.start < start or before.end > start:
        raise BadInput(
            f"The start, {start.isoformat()}, must lie between the periods: before {before.label_in_days()}, after "
            f"{after.label_in_days()}."
        )
    for period in (before, after):
        if not _is_covered(period, covered):
            raise NotKnowable(
                f"The data cover {covered.label_in_days()}; {period.label_in_days()} reaches beyond them, and would count "
                "too few. Choose other dates.",
                headline="The data do not cover both periods",
            )
    return before, after


def just_before(after: Period, start: date) -> Period:
    """Give the period as long as ``after`` that ends where what was done began, or where ``after`` does."""
    if after.start == start:
        return after.previous()
    if after.is_whole_months and start.day == 1:
        return Period(add_months(start, -len(after.months())), start)
    return Period(start - timedelta(days=after.days), start)


def is_possible(before: Period, start: date, covered: Period) -> bool:
    """Say whether a period can be compared with: it lies before the start, and the data cover it."""
    return before.end <= start and _is_covered(before, covered)


def _is_covered(period: Period, covered: Period) -> bool:
    ragged = timedelta(days=RAGGED_DAYS)
    return covered.start - ragged <= period.start and period.end <= covered.end + ragged


def usual_start(chosen: Period, covered: Period) -> date:
    """Give the start that is shown until one is set: where the period begins, if as much lies before it.

    Else the first of the month from which half of the period, at most a year, is left.
    """
    if is_possible(chosen.previous(), chosen.start, covered) or is_possible(chosen.shifted(-12), chosen.start, covered):
        return chosen.start
    last = min(chosen.end, covered.end)
    months = len(Period(chosen.start, last).months()) if last > chosen.start else 0
    return max(chosen.start, add_months(last, -min(months // 2, LONGEST_AFTER)).replace(day=1)) if months > 1 else chosen.start


def _usual_after(lain: Ground, start: date, covered: Period) -> Period:
    last = covered.end
    if len(lain.months):
        whole = (lain.months[-1] + 1).astype("datetime64[D]").astype(date)
        last = whole if whole > start else last
    if start >= last:
        raise NotKnowable(
            f"The data end on {Period(covered.start, last).last_day.isoformat()}, before the start.", headline="Nothing after it"
        )
    return Period(start, min(last, add_months(start, LONGEST_AFTER)))


def _usual_before(after: Period, start: date, covered: Period) -> Period:
    last_year = after.shifted(-12)
    if last_year.start >= covered.start and last_year.end <= start:
        return last_year
    previous = just_before(after, start)
    if previous.start < covered.start:
        raise NotKnowable(
            f"The data begin on {covered.start.isoformat()}: too little lies before the start, {start.isoformat()}, to compare "
            f"{after.length()} with. Choose a shorter period.",
            headline="Nothing earlier to compare with",
        )
    return previous
