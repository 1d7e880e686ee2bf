"""Parts of the page of 4P plans: the list with its map; the form is in ``plan_form``."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pandas as pd
import streamlit as st

from hotspot.errors import BadInput
from hotspot.export import files
from hotspot.export.plans import write_plans
from hotspot.findings import plan_words as words
from hotspot.findings.audience import FORCE
from hotspot.findings.selected import SelectedOffences
from hotspot.geography import LPA
from hotspot.maps.plans_scene import plans_scene
from hotspot.maps.scene import Scene
from hotspot.maps.scenes import base_scene
from hotspot.maps.series_scene import outlines_legend
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import Plan
from hotspot.selection import Selection
from hotspot.ui import cached, downloads, links, maps, page, plan_form, plan_source, plan_typed, sign_in, style, tables
from hotspot.ui.plan_typed import plain

SHOWN_ROWS, SHOWN_DUE = 7, 50
"""Rows of the list in view at once, and due actions listed."""
LONGEST_CELL = 160
"""Characters of an action in the list; the plan itself has all."""
TITLE = "4P plans"


def show(data: cached.DataKey, chosen: Selection, audience: str, *, now: datetime) -> None:
    """Draw the list of plans, or the plan that the link names."""
    selected = cached.select(data, chosen)
    ground = replace(base_scene(cached.context(data, chosen.source, chosen.force), selected), drawn=None)
    if audience != FORCE:
        # Not even how many: a count under 5 would say where the police are at work.
        page.header(f"{TITLE} in {_lpa(chosen) or chosen.whole}", "4P plans are for the force alone", words.FOR_THE_FORCE)
    elif (asked := _asked()) is not None:
        plan_form.show(asked, ground, selected, now=now)
    else:
        _list(chosen, ground, selected, today=now.date())
    page.footer(selected)


def _asked() -> Plan | tuple[int, plan_source.Proposed] | None:
    """Give the plan that the link names, or what a new one begins with; None: the list."""
    wanted = links.setting("plan", "", read=str)
    if not wanted:
        return None
    if wanted == plan_source.NEW:
        proposed = plan_source.proposed()
        links.keep("plan", wanted if proposed is not None else "")
        return proposed
    try:
        found = plans.plan(open_database(), int(wanted), viewer=sign_in.viewer()) if wanted.isdecimal() else None
    except BadInput as fault:
        found = None
        st.html(f'<div class="hs-warning">{html.escape(str(fault))}</div>')
    links.keep("plan", wanted if found is not None else "")
    return found


def _list(chosen: Selection, ground: Scene, selected: SelectedOffences, *, today: date) -> None:
    listed = plans.plans(open_database(), today=today, force=chosen.force, lpa=_lpa(chosen), viewer=sign_in.viewer())
    style.map_size(whole_force=chosen.is_whole_force, rest="22rem")
    page.header(
        f"{TITLE} in {_lpa(chosen) or chosen.whole}", words.headline(listed, today=today), words.subline(listed, today=today)
    )
    plan_form.say_done()
    _unsaved(listed)
    if not listed:
        st.html(f'<p class="hs-refused">{html.escape(words.HOW_TO_BEGIN)}</p>')
    map_side, list_side = st.columns([1, 1.65], gap="medium")
    with list_side:
        picked = _rows(listed, today=today)
        plan_source.from_drawn(selected)
        _counts(listed, today=today)
        if listed:
            downloads.row("plans", {"CSV": (".csv", partial(_csv, listed, today))})
    with map_side:
        scene = plans_scene(listed, ground, today=today, chosen=picked)
        maps.show(scene, selected, key="plans", shows="areas of the plans", of=_lpa(chosen) or chosen.force)
        if listed:
            st.html(outlines_legend("areas as they were when each plan was made, with its status", len(listed)))
    _due(listed, today=today)


def _unsaved(listed: Sequence[Plan]) -> None:
    """Say which plans hold words that are not saved yet, and lead to them."""
    titles = {plan.number: plan.draft.title for plan in listed}
    titles |= {number: f"New: {one.area.name}" for number, one in plan_source.proposals().items()}
    waiting = [number for number in plan_typed.unsaved() if number in titles]
    if not waiting:
        return
    st.html('<div class="hs-warning" role="status">Typed and not saved yet. It stays while this window is open:</div>')
    for number in waiting:
        if st.button(f"Go on with {plain(titles[number])}", key=f"plan-go-on-{number}"):
            if number < 0:
                plan_source.ask(number)
            else:
                links.keep("plan", str(number))
            st.rerun()


def _lpa(chosen: Selection) -> str | None:
    """Give the LPA that the sidebar narrows the list to."""
    return chosen.area if chosen.level == LPA and chosen.drawn is None else None


def _rows(listed: Sequence[Plan], *, today: date) -> int | None:
    """List the plans, overdue first; give the number of the one whose row was ticked, and offer to open it."""
    if not listed:
        return None
    rows = pd.DataFrame(
        {
            "No.": range(1, len(listed) + 1),
            "Plan": [plan.draft.title for plan in listed],
            "LPA": [plan.draft.lpa or "No LPA" for plan in listed],
            "State": [words.state_words(plan, today=today) for plan in listed],
            "Open": [len(plan.open_actions) for plan in listed],
            "Late": [len(plan.overdue(today)) for plan in listed],
            "Next due": [words.day_words(due) if (due := plan.next_due()) else "" for plan in listed],
        }
    )
    picked = tables.picked_row(
        rows,
        key="plan-rows",
        shown=SHOWN_ROWS,
        columns={
            "No.": st.column_config.NumberColumn(width=34),
            "Plan": st.column_config.TextColumn(width=140),
            "LPA": st.column_config.TextColumn(width=88),
            "State": st.column_config.TextColumn(width=118),
            "Open": st.column_config.NumberColumn(width=42, help="Actions still to be done."),
            "Late": st.column_config.NumberColumn(width=40, help="Open actions that were due before today."),
            "Next due": st.column_config.TextColumn(width=92),
        },
    )
    if picked is None:
        st.html(f'<div class="hs-note">Overdue first. {tables.TICK} move the map and open the plan.</div>')
        return None
    if st.button(f"Open plan {picked + 1}: {plain(listed[picked].draft.title)}", key="plan-open", type="primary"):
        links.keep("plan", str(listed[picked].number))
        st.rerun()
    return picked + 1


def _counts(listed: Sequence[Plan], *, today: date) -> None:
    """Count plans and actions by LPA, most overdue first."""
    if not listed:
        return
    body = "".join(
        f'<tr><td>{html.escape(row.lpa)}</td><td class="r">{row.plans}</td><td class="r">{row.actions}</td>'
        f'<td class="r">{row.overdue}</td><td class="r">{row.closed}</td></tr>'
        for row in words.by_lpa(listed, today=today)
    )
    st.html(
        '<table class="hs compact"><thead><tr><th>LPA</th><th class="r">Open plans</th><th class="r">Open actions</th>'
        f'<th class="r">Overdue</th><th class="r">Closed plans</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _due(listed: Sequence[Plan], *, today: date) -> None:
    """List what is to be done, overdue first."""
    due = plans.due_of(listed, today=today)
    if not due:
        return
    more = f" The first {SHOWN_DUE} of {len(due):,}." if len(due) > SHOWN_DUE else ""
    page.section("Actions due, overdue first", f"Open actions of open plans.{more}")
    head = "".join(f"<th>{name}</th>" for name in words.TABLE_HEAD)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(words.shortened(cell, LONGEST_CELL))}</td>' for cell in row)}</tr>"
        for row in words.plan_rows(due[:SHOWN_DUE], today=today)
    )
    st.html(f'<table class="hs hs-list"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _csv(listed: Sequence[Plan], today: date) -> bytes:
    return files.as_bytes(partial(write_plans, listed, today=today), ".csv")
