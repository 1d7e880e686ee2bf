"""What may be said of the board's table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hotspot.findings.change_words import percent_change
from hotspot.methods.change import COULD_BE_CHANCE, FELL, LITTLE_CHANGE, ROSE, TOO_FEW
from hotspot.methods.outcomes import ASSIGNED, COHORT, POISSON, OutcomeRate, set_named
from hotspot.offences.store import DataFacts
from hotspot.selection import COMMITTED, MONTH, join_words

if TYPE_CHECKING:
    from hotspot.findings.performance import BoardRow, BoardSettings, Maturity, PerformanceFinding
    from hotspot.findings.performance_data import Periods

LONGEST = 80


def kicker(finding: PerformanceFinding) -> str:
    """Say place, periods and date that counts."""
    selection, baseline = finding.selection, finding.baseline
    counted = {MONTH: "by month", COMMITTED: "by committed date"}.get(selection.date_basis, "by reported date")
    against = f" against {baseline.label_in_days()}" if baseline is not None else ""
    return f"Performance in {selection.place}: {finding.period.label_in_days()}{against}, {counted}"


def headline(rows: tuple[BoardRow, ...], focus: str, place: str) -> str:
    """Say what became of the chosen line, in at most 80 characters."""
    row = next((one for one in rows if one.line.name == focus), None)
    if row is None:
        return "Counts of this place are for the force alone"
    sentences = (_said(row, f" in {place}"), _said(row, ""))
    return next(one for one in sentences if len(one) <= LONGEST or one == sentences[1])


def _said(row: BoardRow, where: str) -> str:
    if row.change is None:
        return f"{row.line.name}{where}: {row.count:,} offences, no earlier year to compare with"
    percent = percent_change(row.change.ratio).lstrip("+−")
    return {
        ROSE: f"{row.line.name} rose {percent} on last year{where}",
        FELL: f"{row.line.name} fell {percent} on last year{where}",
        LITTLE_CHANGE: f"{row.line.name} changed little on last year{where}",
        COULD_BE_CHANCE: f"{row.line.name}{where}: the change on last year could be chance",
        TOO_FEW: f"{row.line.name}{where}: too few offences to say",
    }[row.change.verdict]


def subline(rows: tuple[BoardRow, ...], focus: str, settings: BoardSettings) -> str:
    """Say counts, change and interval of the chosen line, and its outcome rate."""
    row = next((one for one in rows if one.line.name == focus), None)
    if row is None:
        return ""
    counted = row.change.sentence() if row.change is not None else f"{row.count:,} offences."
    if row.rate is None or math.isnan(row.rate.rate):
        return counted
    earlier = f"{rate_words(row.baseline_rate)} → " if row.baseline_rate is not None else ""
    return f"{counted} {set_named(settings.outcomes).words.capitalize()}: {earlier}{rate_words(row.rate)}."


def rate_words(rate: OutcomeRate | None) -> str:
    """Write a rate with its interval: '4.9% (4.1 to 5.7)'."""
    if rate is None or math.isnan(rate.rate):
        return "–"
    high = "no limit" if math.isinf(rate.high) else f"{100 * rate.high:.1f}"
    return f"{100 * rate.rate:.1f}% ({100 * rate.low:.1f} to {high})"


def definition(finding: PerformanceFinding) -> str:
    """Say what an outcome rate is here: the set, the denominator, the interval."""
    settings = finding.settings
    what = set_named(settings.outcomes).words
    if settings.denominator == ASSIGNED:
        return (
            f"Outcome rate: {what} given in the period, over offences recorded in it; most were given for earlier offences. "
            f"Interval: {POISSON}, exact."
        )
    alike = "; last year's as at the same day a year before" if finding.maturity is not None and finding.baseline else ""
    return f"Outcome rate: of the offences recorded in the period, those with {what} to date{alike}. Interval: Wilson."


def maturity_words(maturity: Maturity | None, settings: BoardSettings, immature: int) -> str:
    """Say which months are immature, and why."""
    if settings.denominator != COHORT or maturity is None:
        return ""
    how = "as stated" if maturity.is_stated else "when 90% have an outcome, by these data's own delays"
    if math.isinf(maturity.days):
        return "These data do not show how long outcomes take: every month of the cohort is immature and its rate will rise."
    count = (
        f"{immature} month{' is' if immature == 1 else 's are'} immature and will rise" if immature else "no month is immature"
    )
    return f"A month is mature {maturity.days:.0f} days after its end ({how}): of the year to date {count}."


def mature_words(finding: PerformanceFinding) -> str:
    """Give the rate of the mature months alone, in which what is undecided does not pass for undetected."""
    rate = finding.mature_rate
    if rate is None or not finding.immature_months:
        return ""
    if not rate.offences:
        return f"{finding.focus.name}: no month of the year to date is mature yet."
    return f"{finding.focus.name} in the mature months alone: {rate_words(rate)} of {rate.offences:,} offences."


def notes(
    facts: DataFacts,
    periods: Periods,
    asked: BoardSettings,
    used: BoardSettings,
    not_split: tuple[str, ...],
    begins_too_late: bool,
) -> tuple[str, ...]:
    """Say what of the table the data cannot give, and why."""
    said = [*periods.notes]
    if periods.basis == COMMITTED:
        said.append("These data have no reported date: the committed date counts.")
    if "outcome_group" not in facts.columns:
        said.append("These data carry no outcomes, so there are no outcome rates.")
    elif used.denominator != asked.denominator:
        said.append(
            "These data give each offence's last outcome without its date: outcomes assigned in a period cannot be counted, so "
            "the rate is of the cohort, with outcomes as published whenever that was, and no month can be called mature."
        )
    elif begins_too_late:
        said.append(
            "The data begin shortly before the compared months: outcomes given in them for earlier offences are missing, so the "
            "rate there is too low."
        )
    if not_split:
        said.append(f"{join_words(list(not_split))}: these data do not tell the kinds apart.")
    if periods.before is not None:
        reasons = periods.now.breaks_since(periods.before, groups={"Burglary"})
        said += [f"The comparison crosses a break: {reason}." for reason in reasons]
    return tuple(said)
