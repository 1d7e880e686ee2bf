"""Plans as a table: one row for each action, for the spreadsheet of whoever follows them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from hotspot.errors import BadInput
from hotspot.formulas import safe
from hotspot.records.plan_drafts import Action, Plan

COLUMNS = (
    "plan",
    "title",
    "lpa",
    "crime_type",
    "plan_status",
    "group",
    "action",
    "owner",
    "due",
    "action_status",
    "overdue",
    "created",
    "created_by",
    "changed",
    "closed",
    "area_kind",
    "area_name",
    "area_rank",
    "page",
    "view",
    "source",
    "force",
    "synthetic",
    "fingerprint",
    "crs",
    "area_geojson",
)


def write_plans(listed: Sequence[Plan], path: Path, *, today: date) -> None:
    """Write plans as .csv, a row for each action; a plan without one has a row of its own."""
    if path.suffix.lower() != ".csv":
        raise BadInput(f"Plans cannot be written as '{path.suffix}'. Choose .csv.")
    rows = [_row(plan, action, today) for plan in listed for action in (plan.draft.actions or (None,))]
    safe(pd.DataFrame(rows, columns=list(COLUMNS))).to_csv(path, index=False)


def _row(plan: Plan, action: Action | None, today: date) -> dict[str, Any]:
    area = plan.area
    of_action = {
        "group": action.group if action else "",
        "action": action.text if action else "",
        "owner": action.owner if action else "",
        "due": action.due.isoformat() if action and action.due else "",
        "action_status": action.status if action else "",
        "overdue": action in plan.overdue(today),
    }
    of_area = {
        "area_kind": area.kind,
        "area_name": area.name,
        "area_rank": "" if area.rank is None else str(area.rank),
        "page": area.page,
        "view": area.query,
        "source": area.source,
        "force": area.force,
        "synthetic": area.synthetic,
        "fingerprint": area.fingerprint,
        "crs": area.crs,
        "area_geojson": area.geometry,
    }
    return {
        "plan": plan.number,
        "title": plan.draft.title,
        "lpa": plan.draft.lpa,
        "crime_type": plan.draft.crime_type,
        "plan_status": plan.draft.status,
        **of_action,
        "created": plan.created.isoformat(timespec="minutes"),
        "created_by": plan.created_by,
        "changed": plan.changed.isoformat(timespec="minutes"),
        "closed": plan.closed.isoformat() if plan.closed else "",
        **of_area,
    }
