"""``plans list``, ``show`` and ``export``: the 4P plans, overdue first, headless."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import Json, StoreFolder

if TYPE_CHECKING:
    from hotspot.records.database import Database
    from hotspot.records.plan_drafts import Action, Plan

Records = Annotated[
    str | None,
    typer.Option(
        "--records", help="Database of the plans; left out, HOTSPOT_RECORDS, else the file beside the store.", metavar="URL"
    ),
]
Lpa = Annotated[str | None, typer.Option("--lpa", help="Plans of one LPA, in any case; left out, all.", metavar="NAME")]
Overdue = Annotated[bool, typer.Option("--overdue", help="Plans with an overdue action alone.")]
AsAt = Annotated[str | None, typer.Option("--as-at", help="The day overdue is judged by; left out, today.", metavar="DATE")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    plans = typer.Typer(help="4P plans: Pursue, Prevent, Protect, Prepare.", no_args_is_help=True, rich_markup_mode=None)
    plans.command("list")(list_plans)
    plans.command("show")(show)
    plans.command("export")(export)
    app.add_typer(plans, name="plans")


def list_plans(
    store: StoreFolder,
    lpa: Lpa = None,
    overdue: Overdue = False,
    as_at: AsAt = None,
    records: Records = None,
    as_json: Json = False,
) -> None:
    """List the plans: the longest overdue first, then open ones by LPA, closed ones last."""
    from hotspot.findings import plan_words

    today = _today(as_at)
    listed = _plans(_database(store, records), lpa, overdue=overdue, today=today)
    rows = [_row(one, today) for one in listed]
    columns: output.Columns = {
        "plan": output.number(0),
        "title": str,
        "lpa": str,
        "state": str,
        "open_actions": output.number(0),
        "overdue": output.number(0),
        "next_due": _day,
    }
    empty = "No plan has an overdue action." if overdue else "There is no plan here yet. 'Make a plan' on a page makes one."
    lines = [plan_words.headline(listed, today=today), *output.table(rows, columns)] if rows else [empty]
    output.show({"as_at": today, "plans": rows}, lines, as_json=as_json)


def show(
    number: Annotated[int, typer.Argument(metavar="ID", help="Number of the plan.")],
    store: StoreFolder,
    as_at: AsAt = None,
    records: Records = None,
    as_json: Json = False,
) -> None:
    """Print one plan: its actions, its frozen area, and who changed what and when."""
    from hotspot.findings import plan_words
    from hotspot.records import plans

    today, database = _today(as_at), _database(store, records)
    plan = plans.plan(database, number)
    changes = [
        {
            "when": one.when.isoformat(timespec="seconds"),
            "who": one.who,
            "action": one.action or None,
            "field": one.field,
            "old": one.old,
            "new": one.new,
        }
        for one in plans.history(database, number)
    ]
    actions = [_action(one, today) for one in plan.draft.actions]
    document = {
        "as_at": today,
        **_row(plan, today),
        "crime_type": plan.draft.crime_type,
        "created_by": plan.created_by,
        "revision": plan.revision,
        "area": vars(plan.area),
        "actions": actions,
        "history": changes,
    }
    columns: output.Columns = {"group": str, "text": str, "owner": str, "due": _day, "state": str}
    head = f"Plan {plan.number}: {plan.draft.title}. {plan.draft.lpa}, {plan_words.state_words(plan, today=today)}."
    table = output.table(actions, columns) if actions else ["No action yet."]
    past = [f"{one['when']} {one['who']}: {one['field']} '{one['old']}' → '{one['new']}'" for one in changes]
    output.show(document, [head, f"{plan_words.area_words(plan)}.", "", *table, "", *past], as_json=as_json)


def export(
    out: Annotated[Path, typer.Option("--out", help="Table to write, a row for each action.", metavar="FILE.csv")],
    store: StoreFolder,
    lpa: Lpa = None,
    overdue: Overdue = False,
    as_at: AsAt = None,
    records: Records = None,
    as_json: Json = False,
) -> None:
    """Write the plans as .csv: a row for each action, with the frozen area as GeoJSON."""
    from hotspot.export.plans import write_plans

    output.checked_out(out, (".csv",))
    today = _today(as_at)
    listed = _plans(_database(store, records), lpa, overdue=overdue, today=today)
    output.write_file(lambda path: write_plans(listed, path, today=today), out)
    said = f"{len(listed)} plan{'' if len(listed) == 1 else 's'} written to {out}."
    output.show({"as_at": today, "plans": len(listed), "file": out}, [said], as_json=as_json)


def _database(store: Path, records: str | None) -> Database:
    from hotspot import paths
    from hotspot.records.database import open_database

    return open_database(records or paths.records_url(store))


def _today(as_at: str | None) -> date:
    from hotspot.period import parse_date

    return parse_date(as_at) if as_at else date.today()


def _plans(database: Database, lpa: str | None, *, overdue: bool, today: date) -> tuple[Plan, ...]:
    from hotspot.errors import BadInput
    from hotspot.records import plans

    listed = plans.plans(database, today=today)
    if lpa is not None:
        names = sorted({one.draft.lpa for one in listed})
        if listed and lpa.strip().casefold() not in {name.casefold() for name in names}:
            raise BadInput(f"No plan is for the LPA '{lpa}'. There are plans for: {', '.join(names)}.")
        listed = tuple(one for one in listed if one.draft.lpa.casefold() == lpa.strip().casefold())
    return tuple(one for one in listed if not overdue or one.overdue(today))


def _day(day: date | None) -> str:
    return "–" if day is None else day.isoformat()


def _row(plan: Plan, today: date) -> dict[str, Any]:
    from hotspot.findings import plan_words

    return {
        "plan": plan.number,
        "title": plan.draft.title,
        "lpa": plan.draft.lpa,
        "state": plan_words.state_words(plan, today=today),
        "open_actions": len(plan.open_actions),
        "overdue": len(plan.overdue(today)),
        "next_due": plan.next_due(),
        "created": plan.created.isoformat(timespec="seconds"),
        "closed": plan.closed,
    }


def _action(action: Action, today: date) -> Mapping[str, Any]:
    return {
        "number": action.number,
        "group": action.group,
        "text": action.text,
        "owner": action.owner,
        "due": action.due,
        "state": "overdue" if action.is_overdue(today) else action.status,
    }
