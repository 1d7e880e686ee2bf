"""``events list``, ``add``, ``remove`` and ``import``: days that a reader of a trend should know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import STORE_OPTION, Json

if TYPE_CHECKING:
    from hotspot.records.events import Event

StoreOfLpas = Annotated[
    Path | None,
    typer.Option("--store", **STORE_OPTION | {"help": "Store whose LPAs are the ones an event may name. Left out, any."}),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    events = typer.Typer(help="Days that a reader of a trend should know.", no_args_is_help=True, rich_markup_mode=None)
    events.command("list")(list_events)
    events.command("add")(add)
    events.command("remove")(remove)
    events.command("import")(import_file)
    app.add_typer(events, name="events")


def list_events(as_json: Json = False) -> None:
    """List the events by day."""
    from hotspot.records.database import open_database
    from hotspot.records.events import kept_events

    rows = [_row(event) for event in kept_events(open_database())]
    columns = {"number": output.number(0), "date": str, "label": str, "lpa": str, "crime_group": str}
    lines = output.table(rows, columns) if rows else ["No events yet. Add one with: events add"]
    output.show({"events": rows}, lines, as_json=as_json)


def add(
    day: Annotated[str, typer.Option("--date", help="The day, year-month-day.", metavar="DATE")],
    label: Annotated[str, typer.Option("--label", help="What happened, in at most 80 characters.", metavar="WORDS")],
    lpa: Annotated[str, typer.Option("--lpa", help="The one LPA it concerns; left out, the whole force.", metavar="NAME")] = "",
    crime_group: Annotated[
        str, typer.Option("--crime-group", help="The one crime group it concerns; left out, all.", metavar="NAME")
    ] = "",
    store: StoreOfLpas = None,
    as_json: Json = False,
) -> None:
    """Keep an event."""
    from hotspot.records.database import open_database
    from hotspot.records.events import Event, add_event, read_day

    kept = add_event(open_database(), Event(read_day(day), label, lpa, crime_group), lpas=_lpas(store))
    output.show(_row(kept), [f"Kept as number {kept.number}: {kept.day}, {kept.label}."], as_json=as_json)


def remove(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The event's number, as events list has it.")],
    as_json: Json = False,
) -> None:
    """Take an event out."""
    from hotspot.records.database import open_database
    from hotspot.records.events import remove_event

    gone = remove_event(open_database(), number)
    output.show(_row(gone), [f"Removed: {gone.day}, {gone.label}."], as_json=as_json)


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Columns date and label; lpa and crime_group may follow.")],
    store: StoreOfLpas = None,
    as_json: Json = False,
) -> None:
    """Keep the events of a CSV, all or none; those that are kept already stay."""
    from hotspot.records.database import open_database
    from hotspot.records.events import import_events

    added, known = import_events(open_database(), file, lpas=_lpas(store))
    output.show({"added": added, "known": known}, [f"{added} added, {known} known already."], as_json=as_json)


def _lpas(folder: Path | None) -> tuple[str, ...]:
    from hotspot.commands.options import open_store
    from hotspot.geography import LPA

    if folder is None:
        return ()
    store = open_store(folder)
    forces = [one.name for one in store.forces if LPA in store.levels_of(one.name)]
    return tuple(dict.fromkeys(name for force in forces for name in store.areas(LPA, force=force).names))


def _row(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "date": event.day.isoformat(),
        "label": event.label,
        "lpa": event.lpa,
        "crime_group": event.crime_group,
    }
