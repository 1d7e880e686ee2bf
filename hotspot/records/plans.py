"""4P plans: kept with their frozen area and the history of who changed what; the second of two writers is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hotspot.errors import BadInput, Conflict
from hotspot.records.database import Base, Database
from hotspot.records.plan_drafts import (
    CLOSED,
    GROUPS,
    LONGEST_NAME,
    OPEN,
    Action,
    Change,
    Draft,
    FrozenArea,
    Plan,
    checked,
    checked_name,
    differences,
)
from hotspot.viewer import LOCAL, PLAN, Viewer, require, require_lpa


class PlanRow(Base):
    """A plan."""

    __tablename__ = "plan"
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(LONGEST_NAME))
    lpa: Mapped[str] = mapped_column(String(LONGEST_NAME), index=True)
    crime_type: Mapped[str] = mapped_column(String(LONGEST_NAME))
    status: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(Text)
    geometry: Mapped[str] = mapped_column(Text)
    crs: Mapped[str] = mapped_column(Text)
    force: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    synthetic: Mapped[bool]
    page: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    rank: Mapped[int | None]
    fingerprint: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    changed: Mapped[datetime]
    closed: Mapped[date | None]
    revision: Mapped[int] = mapped_column()
    actions: Mapped[list[ActionRow]] = relationship(order_by="ActionRow.number", lazy="selectin")
    # Counted here, not by SQLAlchemy: a new action changes the plan without changing its own row.
    __mapper_args__: ClassVar = {"version_id_col": revision, "version_id_generator": False}


class ActionRow(Base):
    """An action of a plan; it is never deleted."""

    __tablename__ = "plan_action"
    number: Mapped[int] = mapped_column(primary_key=True)
    plan_number: Mapped[int] = mapped_column(ForeignKey("plan.number"), index=True)
    group: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(LONGEST_NAME))
    due: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20))


class ChangeRow(Base):
    """A row of the history; written once, never changed."""

    __tablename__ = "plan_change"
    number: Mapped[int] = mapped_column(primary_key=True)
    plan_number: Mapped[int] = mapped_column(ForeignKey("plan.number"), index=True)
    action: Mapped[int]
    field: Mapped[str] = mapped_column(String(20))
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(String(LONGEST_NAME))
    when: Mapped[datetime] = mapped_column("moment")
    revision: Mapped[int]


class PlanConflict(Conflict):
    """Somebody else saved the plan since the form was opened; nothing was overwritten.

    Parameters
    ----------
    theirs
        The plan as it is now.
    since
        What was changed since the form was opened.
    """

    def __init__(self, theirs: Plan, since: tuple[Change, ...]):
        names = ", ".join(dict.fromkeys(change.who for change in since)) or "Somebody else"
        super().__init__(f"{names} saved this plan while you were writing. Nothing is lost: yours stands below, not saved yet.")
        self.theirs = theirs
        self.since = since


@dataclass(frozen=True)
class DueAction:
    """An open action of an open plan."""

    plan: int
    title: str
    lpa: str
    action: Action
    is_overdue: bool


def create(database: Database, draft: Draft, area: FrozenArea, *, who: str, now: datetime, viewer: Viewer = LOCAL) -> Plan:
    """Keep a new plan with its frozen area; every field begins its history.

    Raises
    ------
    BadInput
        If the title, an action or the name of who writes it cannot be used.
    NotAllowed
        If the viewer may not write plans, or not in that LPA.
    """
    _require(viewer, draft.lpa)
    draft, who = checked(draft), checked_name(who)
    with database.session() as session:
        row = PlanRow(**asdict(area), created=now, created_by=who, changed=now, closed=None, revision=1)
        _write(row, draft, now)
        session.add(row)
        session.flush()
        _add_history(session, row, {}, who=who)
        return _plan(row)


def save(
    database: Database, number: int, draft: Draft, *, revision: int, who: str, now: datetime, viewer: Viewer = LOCAL
) -> Plan:
    """Save a changed plan; an action that the draft does not name stays as it is.

    Parameters
    ----------
    revision
        Of the plan as the writer saw it.

    Raises
    ------
    PlanConflict
        If the plan was changed since: it stays as it is, and the exception says what was changed.
    BadInput
        If the draft cannot be used, or there is no such plan that the viewer may see.
    NotAllowed
        If the viewer may not write plans, or not in the LPA that the plan would have.
    """
    _require(viewer, draft.lpa)
    draft, who = checked(draft), checked_name(who)
    try:
        with database.session() as session:
            row = _row(session, number, viewer)
            if row.revision == revision:
                return _saved(session, row, draft, who=who, now=now)
    except PlanConflict:
        raise
    except Conflict:
        pass  # saved between this reading and this writing: told below like any other
    since = tuple(change for change in history(database, number, viewer=viewer) if change.revision > revision)
    raise PlanConflict(plan(database, number, viewer=viewer), since)


def plan(database: Database, number: int, *, viewer: Viewer = LOCAL) -> Plan:
    """Give one plan.

    Raises
    ------
    BadInput
        If there is none of this number that the viewer may see.
    """
    with database.session() as session:
        return _plan(_row(session, number, viewer))


def plans(
    database: Database, *, today: date, force: str | None = None, lpa: str | None = None, viewer: Viewer = LOCAL
) -> tuple[Plan, ...]:
    """List the plans of the viewer's LPAs: the longest overdue first, then open ones by LPA, closed ones last."""
    wanted = select(PlanRow).order_by(PlanRow.number)
    if force is not None:
        wanted = wanted.where(PlanRow.force == force)
    if lpa is not None:
        wanted = wanted.where(PlanRow.lpa == lpa)
    if viewer.areas is not None:
        wanted = wanted.where(PlanRow.lpa.in_(sorted(viewer.areas)))
    with database.session() as session:
        found = [_plan(row) for row in session.scalars(wanted)]
    return tuple(sorted(found, key=lambda one: (-one.late(today), not one.is_open, one.draft.lpa, one.draft.title, one.number)))


def history(database: Database, number: int, *, viewer: Viewer = LOCAL) -> tuple[Change, ...]:
    """Give who changed what of a plan that the viewer may see, and when, the first change first."""
    with database.session() as session:
        _row(session, number, viewer)
        rows = session.scalars(select(ChangeRow).where(ChangeRow.plan_number == number).order_by(ChangeRow.number))
        return tuple(Change(one.action, one.field, one.old, one.new, one.who, one.when, one.revision) for one in rows)


def due_of(listed: Iterable[Plan], *, today: date) -> tuple[DueAction, ...]:
    """List the open actions of open plans: overdue ones first, then by due date, those without one last."""
    found = [
        DueAction(one.number, one.draft.title, one.draft.lpa, action, action.is_overdue(today))
        for one in listed
        for action in one.open_actions
    ]
    return tuple(sorted(found, key=lambda one: (one.action.due or date.max, one.plan, one.action.number)))


def _saved(session: Session, row: PlanRow, draft: Draft, *, who: str, now: datetime) -> Plan:
    before = _plan(row).draft
    _refuse_foreign(row, draft)
    is_new = any(not action.number for action in draft.actions)
    named = {action.number for action in draft.actions}
    held = {key: text for key, text in before.fields().items() if not key[0] or key[0] in named}
    if not is_new and not differences(held, draft.fields()):
        return _plan(row)
    row.revision, row.changed = row.revision + 1, now
    _write(row, draft, now)
    session.flush()
    _add_history(session, row, before.fields(), who=who)
    return _plan(row)


def _write(row: PlanRow, draft: Draft, now: datetime) -> None:
    row.title, row.lpa, row.crime_type = draft.title, draft.lpa, draft.crime_type
    if draft.status != row.status:
        row.closed = now.date() if draft.status == CLOSED else None
    row.status = draft.status
    held = {one.number: one for one in row.actions}
    for action in draft.actions:
        target = held.get(action.number)
        if target is None:
            target = ActionRow()
            row.actions.append(target)
        target.group, target.text, target.owner = action.group, action.text, action.owner
        target.due, target.status = action.due, action.status


def _refuse_foreign(row: PlanRow, draft: Draft) -> None:
    foreign = {action.number for action in draft.actions} - {0} - {one.number for one in row.actions}
    if foreign:
        raise BadInput(f"Plan {row.number} has no action {min(foreign)}. Load the plan again.")


def _add_history(session: Session, row: PlanRow, before: dict[tuple[int, str], str], *, who: str) -> None:
    for action, field, old, new in differences(before, _plan(row).draft.fields()):
        session.add(
            ChangeRow(
                plan_number=row.number,
                action=action,
                field=field,
                old=old,
                new=new,
                who=who,
                when=row.changed,
                revision=row.revision,
            )
        )


def _require(viewer: Viewer, lpa: str) -> None:
    require(viewer, PLAN)
    require_lpa(viewer, lpa, "A plan")


def _row(session: Session, number: int, viewer: Viewer) -> PlanRow:
    """Give a plan's row; to who may not see it there is none."""
    row = session.get(PlanRow, number) if 0 < number < 2**31 else None
    if row is None or not viewer.sees(row.lpa):
        raise BadInput(f"There is no plan {number}. The list of 4P plans shows those there are.")
    return row


def _plan(row: PlanRow) -> Plan:
    actions = [Action(one.number, one.group, one.text, one.owner, one.due, one.status) for one in row.actions]
    actions.sort(key=lambda one: (GROUPS.index(one.group), one.number))
    area = FrozenArea(**{name: getattr(row, name) for name in FrozenArea.__dataclass_fields__})
    draft = Draft(row.title, row.lpa, row.crime_type, row.status or OPEN, tuple(actions))
    return Plan(row.number, row.revision, draft, area, row.created, row.created_by, row.changed, row.closed)
