"""What may be said of repeats, in words."""

from __future__ import annotations

from hotspot import crime_types
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import number_word
from hotspot.methods.repeats import INTERVAL, Proportion, RepeatResult
from hotspot.methods.time_course import TimeCourse

LONGEST_HEADLINE = 80
LEAST_FOR_A_RATE = 20
"""Fewer offences than this are counted in words, not given as 'one in'."""
NOT_KNOWABLE = (
    "These data give the month of each offence and a position moved to the nearest of a set of points, which many "
    "offences share. They name no premises, victim or vehicle, so two offences at one point may be at two homes, and "
    "the days between them are unknown. A force extract with such references can tell; from these data the density of "
    "offences and the comparison of periods can be shown."
)
NO_REFERENCES = (
    "These data name no premises, victim or vehicle, and two offences at one position may be at two homes. An extract with "
    "such references can tell; from these data the density of offences and the comparison of periods can be shown."
)
_SHORT = {
    "Residential burglary": ("burglary", "burglaries"),
    "Business and community burglary": ("burglary", "burglaries"),
    "Personal robbery": ("robbery", "robberies"),
    "Business robbery": ("robbery", "robberies"),
}
"""The line above the headline names the sub-type."""
_TARGETS = {"premises": "premises", "victim": "victims", "vehicle": "vehicles"}
_AGAINST = {"premises": "at premises", "victim": "against victims", "vehicle": "on vehicles"}


def headline(result: RepeatResult, course: TimeCourse, crime_type: str) -> str:
    """Say the share of repeats and when the risk is highest, in at most 80 characters."""
    singular, plural = _SHORT.get(crime_type) or (crime_types.counted(crime_type, 1), crime_types.counted(crime_type, 2))
    if not result.offences:
        return f"No {plural} in this selection"
    if not result.with_reference:
        return f"No {singular} here has a reference to find repeats by"
    if not result.repeats.is_known:
        return f"Too early to say how many {plural} were repeats"
    share = _share_in_words(result.repeats, singular, plural)
    weeks = weeks_of_highest_risk(course)
    when = "the first week" if weeks == 1 else f"the first {number_word(weeks)} weeks"
    sentences = (f"{share}; the risk is highest in {when}", f"{share}; risk highest in {when}", share)
    return next(one for one in sentences[0 if weeks else 2 :] if len(one) <= LONGEST_HEADLINE or one == share)


def weeks_of_highest_risk(course: TimeCourse) -> int:
    """Count the weeks, from the first on without a gap, that stand above chance and at half of the highest at least."""
    ratios = [band.ratio for band in course.bands if band.above_chance]
    weeks = 0
    for band in course.bands:
        if not band.above_chance or band.ratio < max(ratios) / 2:
            break
        weeks += 1
    return weeks


def _share_in_words(repeats: Proportion, singular: str, plural: str) -> str:
    if not repeats.count:
        return f"None of {repeats.of:,} {plural} was a repeat"
    if repeats.of < LEAST_FOR_A_RATE:
        were = "was a repeat" if repeats.count == 1 else "were repeats"
        return f"{number_word(repeats.count).capitalize()} of {repeats.of} {plural if repeats.of > 1 else singular} {were}"
    if repeats.share > 0.95:
        return f"Nearly all {plural} were repeats"
    if repeats.share >= 0.35:
        return f"{repeats.share:.0%} of {plural} were repeats"
    return f"One {singular} in {number_word(round(1 / repeats.share))} was a repeat"


def back(result: RepeatResult, by: str) -> str:
    """Say the share of offences that are repeats, with count, denominator and interval."""
    if not result.repeats.is_known:
        return f"No offence has {window(result.window_days)} of data before it, so none can be called a repeat or not."
    return f"{_share(result.repeats)} were {_AGAINST[by]} with another in the {window(result.window_days)} before."


def forward(result: RepeatResult, by: str) -> str:
    """Say the share of offences that were followed by another."""
    if not result.followed.is_known:
        return f"No offence has {window(result.window_days)} of data after it, so none can be followed up."
    recent = f"; {result.follow_up_censored:,} more are too recent to be followed up" if result.follow_up_censored else ""
    return f"{_share(result.followed)} were followed by another on the same {by} within {window(result.window_days)}{recent}."


def _share(proportion: Proportion) -> str:
    low, high = f"{proportion.low:.1%}".rstrip("%"), f"{proportion.high:.1%}"
    return f"{proportion.count:,} of {proportion.of:,} offences ({proportion.share:.1%}, interval {low} to {high})"


def window(days: int) -> str:
    """Say a window: '12 months' for 365 days, else days."""
    return "12 months" if days == 365 else f"{days} days" if days > 1 else "day"


def notes(result: RepeatResult, selected: SelectedOffences, *, by: str, at_risk: int | None) -> tuple[str, ...]:
    """Say what was left out and what the numbers rest on, one sentence each."""
    said = [f"Intervals: {INTERVAL}."]
    if result.without_reference:
        said.append(f"{_offences(result.without_reference)} without a {by} reference, left out.")
    if result.without_date:
        said.append(f"{_offences(result.without_date)} without a date, left out.")
    if result.look_back_censored:
        said.append(
            f"{_offences(result.look_back_censored)} lie within {result.window_days} days of the start of the data: "
            "whether they were repeats cannot be told, so they are in neither number."
        )
    if result.follow_up_censored:
        said.append(
            f"{_offences(result.follow_up_censored)} lie within {result.window_days} days of the end of the data: "
            "they cannot be followed up in full, so they are left out of the share that was followed."
        )
    if selected.selection.is_timed:
        said.append("Each offence that can have happened in the chosen days and hours counts whole here.")
    if at_risk is None:
        said.append(f"How many {_TARGETS[by]} were at risk is not known, so nothing is expected by chance.")
    else:
        source = selected.force.premises_source
        said.append(f"At risk: {at_risk:,} households{f' ({source})' if source else ''}.")
    return tuple(said)


def _offences(count: int) -> str:
    return f"{count:,} offence{'' if count == 1 else 's'}"
