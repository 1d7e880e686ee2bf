"""Events: days that a reader of a trend should know, such as a pilot's start; written by the people who use the product."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotspot import crime_types
from hotspot.errors import BadInput, Conflict
from hotspot.given_text import check_header, content_of, csv_rows, decoded
from hotspot.limits import EVENTS
from hotspot.records.database import Base, Database
from hotspot.viewer import ENRICH, LOCAL, Viewer, require, require_lpa

LONGEST_LABEL, LONGEST_NAME = 80, 120
"""Characters."""
COLUMNS = ("date", "label", "lpa", "crime_group")
"""Of a CSV; the last two may be absent."""
_YEARS = (1990, 2200)


class EventRow(Base):
    """An event."""

    __tablename__ = "event"
    number: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    label: Mapped[str] = mapped_column(String(LONGEST_LABEL))
    lpa: Mapped[str] = mapped_column(String(LONGEST_NAME))
    crime_group: Mapped[str] = mapped_column(String(LONGEST_NAME))
    revision: Mapped[int] = mapped_column()
    __mapper_args__: ClassVar = {"version_id_col": revision}


@dataclass(frozen=True)
class Event:
    """A day with what happened on it."""

    day: date
    label: str
    lpa: str = ""
    """The LPA that it concerns; empty: the whole force."""
    crime_group: str = ""
    """The crime group that it concerns; empty: all."""
    number: int = 0
    """Names it for ever; 0 until it is kept."""
    revision: int = 0
    """Grows with every change."""

    @property
    def concerns(self) -> str:
        """Say what it concerns: 'Walsall, Burglary'; empty for everything."""
        return ", ".join(part for part in (self.lpa, self.crime_group) if part)


def kept_events(database: Database, *, viewer: Viewer = LOCAL) -> tuple[Event, ...]:
    """List by day the events of the whole force and of the viewer's LPAs.

    A database file that nobody has written yet is not made for it.
    """
    if database.is_unwritten:
        return ()
    with database.session() as session:
        rows = session.scalars(select(EventRow).order_by(EventRow.day, EventRow.number)).all()
        return tuple(_event(row) for row in rows if _is_seen(row, viewer))


def add_event(database: Database, event: Event, *, lpas: Collection[str], viewer: Viewer = LOCAL) -> Event:
    """Keep an event.

    Parameters
    ----------
    lpas
        Names that its LPA may have; none: any.

    Raises
    ------
    BadInput
        With one sentence for each fault, or if the same event is kept already.
    NotAllowed
        If the viewer may not keep events, or not of that LPA.
    """
    require(viewer, ENRICH)
    event = _checked(event, lpas)
    _require_lpa(viewer, event)
    with database.session() as session:
        _refuse_known(session, event)
        row = EventRow(**_values(event))
        session.add(row)
        session.flush()
        return _event(row)


def change_event(database: Database, event: Event, *, lpas: Collection[str], viewer: Viewer = LOCAL) -> Event:
    """Replace the event of this number.

    Raises
    ------
    Conflict
        If it was changed since ``event.revision``, or removed; nothing is overwritten.
    BadInput, NotAllowed
        As ``add_event``.
    """
    require(viewer, ENRICH)
    event = _checked(event, lpas)
    _require_lpa(viewer, event)
    with database.session() as session:
        row = session.get(EventRow, event.number)
        if row is not None:
            _require_lpa(viewer, _event(row))
        if row is None or row.revision != event.revision:
            raise Conflict("Somebody else changed or removed this event in the meantime; it was left as it is. Load it again.")
        _refuse_known(session, event)
        for name, value in _values(event).items():
            setattr(row, name, value)
        session.flush()
        return _event(row)


def remove_event(database: Database, number: int, *, viewer: Viewer = LOCAL) -> Event:
    """Take an event out.

    Raises
    ------
    BadInput
        If there is none of that number that the viewer may see.
    NotAllowed
        As ``add_event``.
    """
    require(viewer, ENRICH)
    with database.session() as session:
        row = session.get(EventRow, number)
        if row is None or not _is_seen(row, viewer):
            raise BadInput(f"There is no event number {number}. The list of events has the numbers.")
        _require_lpa(viewer, _event(row))
        gone = _event(row)
        session.delete(row)
        return gone


def import_events(database: Database, path: Path, *, lpas: Collection[str], viewer: Viewer = LOCAL) -> tuple[int, int]:
    """Keep the events of a CSV, all or none; those that are kept already stay as they are.

    Returns
    -------
    tuple
        Events added, and rows that were kept already.

    Raises
    ------
    BadInput
        With one sentence for each row that cannot be used.
    NotAllowed
        As ``add_event``.
    """
    require(viewer, ENRICH)
    events = read_events(path, lpas=lpas)
    for event in events:
        _require_lpa(viewer, event)
    with database.session() as session:
        known = {_meaning(_event(row)) for row in session.scalars(select(EventRow))}
        new = {_meaning(event): event for event in events if _meaning(event) not in known}
        session.add_all(EventRow(**_values(event)) for event in new.values())
    return len(new), len(events) - len(new)


def read_events(path: Path, *, lpas: Collection[str]) -> tuple[Event, ...]:
    """Read the events of a CSV with the columns date and label, and perhaps lpa and crime_group."""
    path = Path(path)
    rows = _csv_rows(path)
    faults: list[str] = []
    events = []
    for number, row in enumerate(rows, start=1):
        try:
            events.append(_checked(_of_row(row), lpas))
        except BadInput as fault:
            faults += [f"{path.name}, row {number}: {sentence}" for sentence in fault.faults]
    if faults:
        more = [f"{len(faults) - 10} more faults."] if len(faults) > 10 else []
        raise BadInput(*faults[:10], *more)
    return tuple(events)


def read_day(text: str) -> date:
    """Read a day as year-month-day or day/month/year.

    Raises
    ------
    BadInput
        If it is no such day.
    """
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise BadInput(f"'{text.strip()[:40]}' is not a date. Write it as 2023-04-01 or 01/04/2023.")


def _csv_rows(path: Path) -> list[dict[str, str]]:
    table = csv_rows(decoded(content_of(path, str(path)), path.name), path.name)
    header = [cell.strip().lower().replace(" ", "_") for cell in table[0]] if table else []
    check_header(header, path.name)
    missing = [column for column in COLUMNS[:2] if column not in header]
    if missing:
        raise BadInput(
            f"{path.name} has no column {' and '.join(missing)}. It needs date and label; lpa and crime_group may follow."
        )
    EVENTS.check(len(table) - 1, path.name)
    return [dict(zip(header, row, strict=False)) for row in table[1:]]


def _of_row(row: dict[str, str]) -> Event:
    cell = {column: row.get(column, "").strip() for column in COLUMNS}
    return Event(read_day(cell["date"]), cell["label"], cell["lpa"], cell["crime_group"])


def _checked(event: Event, lpas: Collection[str]) -> Event:
    """Give an event with names as the product writes them."""
    faults = []
    label = " ".join(event.label.split())
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        faults.append(f"A label has 1 to {LONGEST_LABEL} characters in one line, such as 'Operating model changed'.")
    if not _YEARS[0] <= event.day.year <= _YEARS[1]:
        faults.append(f"The date {event.day} must lie within the years {_YEARS[0]} to {_YEARS[1]}.")
    lpa = _among(event.lpa, lpas) if lpas or not event.lpa else event.lpa.strip()
    if lpa is None:
        faults.append(f"There is no LPA '{event.lpa.strip()[:80]}'. There are: {', '.join(lpas)}.")
    group = _among(event.crime_group, groups())
    if group is None:
        close = difflib.get_close_matches(event.crime_group.strip(), groups(), n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(groups())}."
        faults.append(f"There is no crime group '{event.crime_group.strip()[:80]}'. {hint}")
    if faults or lpa is None or group is None:
        raise BadInput(*faults)
    return replace(event, label=label, lpa=lpa, crime_group=group)


def groups() -> tuple[str, ...]:
    """List the crime groups that an event may concern."""
    return tuple(dict.fromkeys(kind.group for kind in crime_types.CRIME_TYPES))


def _is_seen(row: EventRow, viewer: Viewer) -> bool:
    return not row.lpa or viewer.sees(row.lpa)


def _require_lpa(viewer: Viewer, event: Event) -> None:
    require_lpa(viewer, event.lpa, f"The event '{event.label}'")


def _among(name: str, known: Iterable[str]) -> str | None:
    """Give a name as it is known, in any case; empty for everything, None where it is not known."""
    wanted = name.strip().casefold()
    return "" if not wanted else next((one for one in known if one.casefold() == wanted), None)


def _meaning(event: Event) -> tuple[date, str, str, str]:
    return event.day, event.label.casefold(), event.lpa, event.crime_group


def _refuse_known(session: Session, event: Event) -> None:
    for row in session.scalars(select(EventRow).where(EventRow.day == event.day)):
        if row.number != event.number and _meaning(_event(row)) == _meaning(event):
            raise BadInput(f"The event '{event.label}' of {event.day:%-d %B %Y} is kept already.")


def _values(event: Event) -> dict[str, date | str]:
    return {"day": event.day, "label": event.label, "lpa": event.lpa, "crime_group": event.crime_group}


def _event(row: EventRow) -> Event:
    return Event(row.day, row.label, row.lpa, row.crime_group, row.number, row.revision)
