"""What a 4P plan is, what differs between two versions of it, and how two people's changes are brought together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from hotspot.errors import BadInput

GROUPS = ("Pursue", "Prevent", "Protect", "Prepare")
OPEN, DONE, DROPPED = "open", "done", "dropped"
ACTION_STATUSES = (OPEN, DONE, DROPPED)
CLOSED = "closed"
PLAN_STATUSES = (OPEN, CLOSED)
HOTSPOT, CHAIN, ZONE, DRAWN = "hotspot", "chain", "zone", "drawn area"
LONGEST_NAME, LONGEST_TEXT = 120, 1_000
"""Characters."""
Fields = dict[tuple[int, str], str]
"""(number of the action, 0 for the plan itself; name of the field) → text; a field without text is not there."""
_PLAN_FIELDS = {"title": "title", "LPA": "lpa", "crime type": "crime_type", "status": "status"}
_ACTION_FIELDS = ("group", "text", "owner", "due", "status")


@dataclass(frozen=True)
class FrozenArea:
    """An area as it was when the plan was made; later data move the hotspot, not the plan."""

    kind: str
    """'hotspot', 'chain', 'zone' or 'drawn area'."""
    name: str
    """'Erdington, around High Street'."""
    geometry: str
    """GeoJSON of a polygon or multipolygon, in metres of ``crs``."""
    crs: str
    force: str
    source: str
    """The data set it was found in."""
    synthetic: bool
    page: str
    """URL path of the view it was found on."""
    query: str
    """The view's complete parameters, as in its link; they hold the period that chose the area."""
    rank: int | None
    """Its number on that view; None for a drawn area."""
    fingerprint: str
    """Of the data it was found in."""


@dataclass(frozen=True)
class Action:
    """What somebody is to do."""

    number: int
    """Names the action for ever; 0: not saved yet."""
    group: str
    """One of ``GROUPS``."""
    text: str
    owner: str = ""
    """A role or a collar number."""
    due: date | None = None
    status: str = OPEN

    def is_overdue(self, today: date) -> bool:
        """Say whether it should have been done before today."""
        return self.status == OPEN and self.due is not None and self.due < today


@dataclass(frozen=True)
class Draft:
    """All of a plan that can be changed."""

    title: str
    lpa: str
    crime_type: str
    status: str = OPEN
    actions: tuple[Action, ...] = ()

    def fields(self) -> Fields:
        """Give every field that holds a text; actions that are not saved yet have no number and are left out."""
        held = {(0, said): getattr(self, name) for said, name in _PLAN_FIELDS.items()}
        for action in self.actions:
            if action.number:
                held |= {(action.number, name): _text(getattr(action, name)) for name in _ACTION_FIELDS}
        return {key: text for key, text in held.items() if text}


Part = TypeVar("Part", Draft, Action)


@dataclass(frozen=True)
class Plan:
    """A plan as it is kept."""

    number: int
    revision: int
    """Grows with every change."""
    draft: Draft
    area: FrozenArea
    created: datetime
    created_by: str
    changed: datetime
    closed: date | None
    """The day it was closed; None while it is open."""

    @property
    def is_open(self) -> bool:
        return self.draft.status == OPEN

    @property
    def open_actions(self) -> tuple[Action, ...]:
        """The actions still to be done; none of a closed plan."""
        return tuple(action for action in self.draft.actions if self.is_open and action.status == OPEN)

    def overdue(self, today: date) -> tuple[Action, ...]:
        """Give the open actions that should have been done before today."""
        return tuple(action for action in self.open_actions if action.is_overdue(today))

    def late(self, today: date) -> timedelta:
        """Give how long the longest overdue action is late; nothing where none is."""
        return max((today - action.due for action in self.overdue(today) if action.due is not None), default=timedelta(0))

    def next_due(self) -> date | None:
        """Give the first due date among the open actions."""
        return min((action.due for action in self.open_actions if action.due is not None), default=None)


@dataclass(frozen=True)
class Change:
    """One row of a plan's history."""

    action: int
    """Number of the action; 0: the plan itself."""
    field: str
    old: str
    """Empty where there was nothing."""
    new: str
    who: str
    """As the person named themselves."""
    when: datetime
    revision: int
    """Of the plan after the change."""


@dataclass(frozen=True)
class Clash:
    """A field that somebody else changed since the form was opened."""

    action: int
    field: str
    was: str
    """When the form was opened."""
    theirs: str
    mine: str

    @property
    def is_both(self) -> bool:
        """Both changed it, and not to the same: one of two texts will stand."""
        return self.mine != self.was and self.mine != self.theirs


def differences(old: Fields, new: Fields) -> tuple[tuple[int, str, str, str], ...]:
    """List (action, field, old text, new text) of every field that differs."""
    keys = dict.fromkeys((*old, *new))
    return tuple((*key, old.get(key, ""), new.get(key, "")) for key in keys if old.get(key, "") != new.get(key, ""))


def replay(changes: Iterable[Change]) -> Fields:
    """Make the present state from the history alone."""
    state: Fields = {}
    for change in changes:
        state[change.action, change.field] = change.new
    return {key: text for key, text in state.items() if text}


def clashes(base: Draft, mine: Draft, theirs: Draft) -> tuple[Clash, ...]:
    """List what somebody else changed between ``base`` and ``theirs``, beside what the form holds."""
    held, wanted = base.fields(), mine.fields()
    return tuple(
        Clash(action, field, was, now, wanted.get((action, field), ""))
        for action, field, was, now in differences(held, theirs.fields())
    )


def merged(base: Draft, mine: Draft, theirs: Draft) -> Draft:
    """Bring two people's changes together: what I changed is mine, all else is theirs; new actions of both stay."""
    whole = _merged_fields(base, mine, theirs, tuple(_PLAN_FIELDS.values()))
    before, wanted = ({action.number: action for action in draft.actions if action.number} for draft in (base, mine))
    kept = [
        _merged_fields(before[action.number], wanted[action.number], action, _ACTION_FIELDS)
        if action.number in before and action.number in wanted
        else action
        for action in theirs.actions
    ]
    return replace(whole, actions=(*kept, *(action for action in mine.actions if not action.number)))


def _merged_fields(base: Part, mine: Part, theirs: Part, names: tuple[str, ...]) -> Part:
    changed = {name: getattr(mine, name) for name in names if getattr(mine, name) != getattr(base, name)}
    return replace(theirs, **changed)


def checked(draft: Draft) -> Draft:
    """Tidy what was typed; refuse what could not be read later.

    Raises
    ------
    BadInput
        With one sentence for each fault.
    """
    tidy = replace(
        draft,
        title=" ".join(clean(draft.title).split()),
        lpa=clean(draft.lpa),
        crime_type=clean(draft.crime_type),
        actions=tuple(replace(one, text=clean(one.text), owner=" ".join(clean(one.owner).split())) for one in draft.actions),
    )
    faults = [*_plan_faults(tidy), *(fault for action in tidy.actions for fault in _action_faults(action))]
    if faults:
        raise BadInput(*faults)
    return tidy


def checked_name(name: str) -> str:
    """Give the name of who changes a plan, in one line."""
    name = " ".join(clean(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(f"Give your name (1 to {LONGEST_NAME} characters): the history says who changed what.")
    return name


def clean(text: str) -> str:
    """Leave out what no database keeps and no screen shows, and the blanks at both ends."""
    return "".join(one for one in text if one.isprintable() or one == "\n").strip()


def _plan_faults(draft: Draft) -> list[str]:
    faults = []
    if not 0 < len(draft.title) <= LONGEST_NAME:
        faults.append(f"A plan needs a title of 1 to {LONGEST_NAME} characters.")
    if max(len(draft.lpa), len(draft.crime_type)) > LONGEST_NAME:
        faults.append(f"The names of an LPA and of a crime type have at most {LONGEST_NAME} characters.")
    if draft.status not in PLAN_STATUSES:
        faults.append(f"A plan is {' or '.join(PLAN_STATUSES)}, not '{draft.status}'.")
    return faults


def _action_faults(action: Action) -> list[str]:
    faults = []
    if not action.text:
        faults.append(f"An action under {action.group} has no words. To give one up, set it to {DROPPED}: its words stay.")
    if len(action.text) > LONGEST_TEXT or len(action.owner) > LONGEST_NAME:
        faults.append(f"An action has at most {LONGEST_TEXT:,} characters, its owner {LONGEST_NAME}.")
    if action.group not in GROUPS or action.status not in ACTION_STATUSES:
        faults.append(f"An action stands under one of {', '.join(GROUPS)} and is one of {', '.join(ACTION_STATUSES)}.")
    return faults


def _text(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""
