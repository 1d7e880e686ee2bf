"""What the 4P plans say together: headline, counts by LPA, the table of what is due. For the force alone: they name people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hotspot.findings.words import number_word
from hotspot.records.plan_drafts import Change, Draft, Plan
from hotspot.records.plans import DueAction, due_of

FOR_THE_FORCE = "Plans name people and places of work, so they are shown to the force alone."
HOW_TO_BEGIN = (
    "No plan is made yet. Tick a hotspot on the Density page, a chain on the Series page or a near-repeat zone and press "
    "'Make a plan', or choose a drawn area in the sidebar."
)
TABLE_HEAD = ("LPA", "Plan", "Action", "Owner", "Due", "State")


@dataclass(frozen=True)
class LpaPlans:
    """The plans of one LPA, counted."""

    lpa: str
    """'No LPA' where the area lies in none."""
    plans: int
    """Open ones."""
    actions: int
    """Open ones of open plans."""
    overdue: int
    closed: int
    """Plans."""


def headline(listed: Sequence[Plan], *, today: date) -> str:
    """Say how many actions are open and how many of them are late."""
    due = due_of(listed, today=today)
    late = sum(one.is_overdue for one in due)
    plans = sum(plan.is_open for plan in listed)
    if not listed:
        return "No plan yet"
    if not plans:
        return "No open plan"
    if not due:
        return f"{number_word(plans).capitalize()} open {_plural('plan', plans)}, no open action"
    held = f"{len(due):,} open {_plural('action', len(due))} in {number_word(plans)} {_plural('plan', plans)}"
    if not late:
        return f"{held}, none overdue"
    return f"{late:,} of {held} {'is' if late == 1 else 'are'} overdue"


def subline(listed: Sequence[Plan], *, today: date) -> str:
    """Say how late the latest is, and how many plans are closed."""
    longest = max((plan.late(today).days for plan in listed), default=0)
    closed = sum(not plan.is_open for plan in listed)
    late = f"The longest overdue: {longest:,} {_plural('day', longest)}. " if longest else ""
    return f"{late}Closed plans: {closed:,}. As at {day_words(today)}."


def by_lpa(listed: Sequence[Plan], *, today: date) -> tuple[LpaPlans, ...]:
    """Count the plans of each LPA: most overdue actions first."""
    names = sorted({plan.draft.lpa for plan in listed})
    rows = [_counted(name, [plan for plan in listed if plan.draft.lpa == name], today) for name in names]
    return tuple(sorted(rows, key=lambda row: (-row.overdue, -row.actions, row.lpa)))


def plan_rows(due: Sequence[DueAction], *, today: date) -> tuple[tuple[str, ...], ...]:
    """Give the rows of a table of due actions, in their order; its head is ``TABLE_HEAD``."""
    return tuple(
        (
            one.lpa or "No LPA",
            one.title,
            f"{one.action.group}: {one.action.text}",
            one.action.owner or "no owner",
            day_words(one.action.due) if one.action.due else "no date",
            late_words((today - one.action.due).days) if one.is_overdue and one.action.due else one.action.status,
        )
        for one in due
    )


def state_words(plan: Plan, *, today: date) -> str:
    """Say how a plan stands: 'overdue 3 days', 'open', 'closed 3 Nov 2026'."""
    if not plan.is_open:
        return f"closed {day_words(plan.closed)}" if plan.closed else "closed"
    late = plan.late(today).days
    return late_words(late) if late else "open"


def late_words(days: int) -> str:
    """Say how late something is: 'overdue 3 days'."""
    return f"overdue {days:,} {_plural('day', days)}"


def day_words(day: date) -> str:
    """Write a day: '3 Nov 2026'."""
    return f"{day.day} {day:%b %Y}"


def area_words(plan: Plan) -> str:
    """Say where the frozen area came from: 'Hotspot 2 of the density page: Erdington, around High Street'."""
    area = plan.area
    rank = f" {area.rank}" if area.rank is not None else ""
    page = f" of the {area.page.replace('_', ' ')} page" if area.rank is not None else ""
    return f"{area.kind.capitalize()}{rank}{page}: {area.name}"


def field_words(action: int, field: str, draft: Draft) -> str:
    """Name a field of a plan as a reader knows it: 'Protect, Visit repeat victims: owner'."""
    if not action:
        return "Title" if field == "title" else field if field == "LPA" else f"Plan's {field}"
    found = next((one for one in draft.actions if one.number == action), None)
    return f"{found.group}, {shortened(found.text)}: {field}" if found is not None else f"Action {action}: {field}"


def change_words(change: Change) -> str:
    """Say when a change was made: '23 Nov 2026, 09:00'."""
    return f"{day_words(change.when.date())}, {change.when:%H:%M}"


def _counted(name: str, listed: Sequence[Plan], today: date) -> LpaPlans:
    due = due_of(listed, today=today)
    plans = sum(plan.is_open for plan in listed)
    return LpaPlans(name or "No LPA", plans, len(due), sum(one.is_overdue for one in due), len(listed) - plans)


def shortened(text: str, most: int = 40) -> str:
    """Cut a text to at most so many characters, and show that it was cut."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
