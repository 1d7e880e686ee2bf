"""The form of one 4P plan: its actions in four groups, its frozen area, its history, and what to do where two saved at once."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st

from hotspot import crime_types
from hotspot.errors import HotspotError
from hotspot.findings import plan_words as words
from hotspot.findings.selected import SelectedOffences
from hotspot.maps.plans_scene import plans_scene
from hotspot.maps.scene import Scene
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import (
    ACTION_STATUSES,
    GROUPS,
    LONGEST_NAME,
    LONGEST_TEXT,
    OPEN,
    PLAN_STATUSES,
    Action,
    Draft,
    Plan,
    clashes,
    merged,
)
from hotspot.records.plans import PlanConflict
from hotspot.ui import links, maps, page, plan_source, style

_BASE, _THEIRS, _SAID, _AUTHOR = "plan-base", "plan-theirs", "plan-said", "plan-author"
MOST_HISTORY = 100
"""Rows of the history that are shown, the latest first; the command and the database have all."""
_HINTS = {
    "Pursue": "arrest and bring to justice",
    "Prevent": "keep people from offending",
    "Protect": "make targets harder",
    "Prepare": "lessen the harm that is left",
}


@dataclass(frozen=True)
class _Pressed:
    """Which button of the form was pressed."""

    save: bool
    drop: bool


def show(asked: Plan | plan_source.Proposed, ground: Scene, selected: SelectedOffences, *, now: datetime) -> None:
    """Draw a plan, kept or new, to be changed."""
    style.map_size(whole_force=False, rest="27rem")
    base = _base(asked)
    start = base.draft if base is not None else _first_draft(asked)
    _head(asked, base, now)
    say_done()
    conflict = st.container()
    area_side, form_side = st.columns([1, 2.7], gap="medium")
    with area_side:
        _area(asked, ground, selected, now)
    with form_side:
        draft, who, pressed = _form(_prefix(base), start, ground, is_conflict=_theirs(base) is not None)
    if pressed.drop:
        _begin_again()
    if pressed.save:
        _save(asked, base, draft, who, now)
    with conflict:
        _side_by_side(base, draft)
    if base is not None:
        _history(base)


def say_done() -> None:
    """Say once what the last press did."""
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        kind, role = ("hs-refused", "alert") if said[1] else ("hs-done", "status")
        st.html(f'<div class="{kind}" role="{role}">{html.escape(said[0])}</div>')


def _base(asked: Plan | plan_source.Proposed) -> Plan | None:
    """Give the plan as it was when its form was opened: what others save meanwhile must not slip under what is typed."""
    if not isinstance(asked, Plan):
        links.keep("plan", plan_source.NEW)
        st.session_state.pop(_BASE, None)
        return None
    base = st.session_state.get(_BASE)
    if base is None or base.number != asked.number or f"{_prefix(base)}title" not in st.session_state:
        base = st.session_state[_BASE] = asked
        st.session_state.pop(_THEIRS, None)
    return base


def _theirs(base: Plan | None) -> PlanConflict | None:
    """Give what somebody else saved since the form was opened, once this person was told."""
    told = st.session_state.get(_THEIRS)
    return told if told is not None and base is not None and told.theirs.number == base.number else None


def _prefix(base: Plan | None) -> str:
    """Begin the names of the form's fields: a new revision has fields of its own, a refused one keeps what was typed."""
    if base is None:
        return f"plan-new-{st.session_state.get('plan-asked', 0)}-"
    return f"plan-{base.number}-{base.revision}-"


def _first_draft(proposed: plan_source.Proposed) -> Draft:
    title = f"{proposed.crime_type}, {proposed.area.name}"[:LONGEST_NAME]
    return Draft(title, proposed.lpa, proposed.crime_type)


def _head(asked: Plan | plan_source.Proposed, base: Plan | None, now: datetime) -> None:
    if base is None:
        page.header("4P plans: a new plan", "A new plan: what is to be done here?", "Nothing is kept until you press Save.")
    else:
        due, late = len(base.open_actions), len(base.overdue(now.date()))
        state = words.state_words(base, today=now.date())
        counts = f"{due} open {'action' if due == 1 else 'actions'}, {late} overdue" if due else "No open action"
        made = f"made {words.day_words(base.created.date())} by {base.created_by}"
        page.header(f"4P plan {base.number}: {base.draft.lpa or 'no LPA'}, {state}", base.draft.title, f"{counts}; {made}.")
    if st.button("All plans", key="plan-back"):
        links.keep("plan", "")
        _forget()
        st.rerun()


def _area(asked: Plan | plan_source.Proposed, ground: Scene, selected: SelectedOffences, now: datetime) -> None:
    """Draw the frozen area and say where it came from."""
    shown = asked if isinstance(asked, Plan) else _as_plan(asked, now)
    maps.show(plans_scene([shown], ground, today=now.date(), chosen=1), selected, key="plan")
    area = shown.area
    view = f'<a href="{html.escape(area.page)}?{html.escape(area.query)}" target="_self">the view it came from</a>'
    synthetic = "Synthetic data. " if area.synthetic else ""
    st.html(
        f'<div class="hs-note">{html.escape(words.area_words(shown))}. {synthetic}Frozen when the plan was made, from '
        f"{html.escape(area.source)} (data {html.escape(area.fingerprint[:12])}); {view}.</div>"
    )


def _as_plan(proposed: plan_source.Proposed, now: datetime) -> Plan:
    return Plan(0, 0, _first_draft(proposed), proposed.area, now, "", now, None)


def _form(prefix: str, start: Draft, ground: Scene, *, is_conflict: bool) -> tuple[Draft, str, _Pressed]:
    with st.form("plan-form", enter_to_submit=False, border=False):
        title, lpa, kind, status = st.columns([2.6, 1.3, 1.5, 0.9], gap="small")
        names = tuple(outline.name for outline in ground.areas)
        draft = Draft(
            title.text_input("Title", start.title, key=f"{prefix}title", max_chars=LONGEST_NAME),
            lpa.selectbox("LPA", _with(start.lpa, names), key=f"{prefix}lpa", index=_at(start.lpa, names)),
            _crime_type(kind, start, prefix),
            status.selectbox("Status", PLAN_STATUSES, key=f"{prefix}status", index=PLAN_STATUSES.index(start.status)),
            tuple(one for group in GROUPS for one in _group(prefix, group, start)),
        )
        name, button, other = st.columns([2, 1.3, 1.1], gap="small", vertical_alignment="bottom")
        who = name.text_input(
            "Your name (there is no sign-in yet: the history takes your word)",
            st.session_state.get(_AUTHOR, ""),
            key=f"{prefix}who",
            max_chars=LONGEST_NAME,
        )
        label = "Save mine, keep theirs too" if is_conflict else "Save"
        saved = button.form_submit_button(label, key="plan-save", type="primary", width="stretch")
        dropped = is_conflict and other.form_submit_button("Drop mine", key="plan-drop", width="stretch")
    return draft, who, _Pressed(saved, dropped)


def _crime_type(place: st.delta_generator.DeltaGenerator, start: Draft, prefix: str) -> str:
    names = tuple(dict.fromkeys((crime_types.ACQUISITIVE, *(one.name for one in crime_types.CRIME_TYPES))))
    return place.selectbox("Crime type", _with(start.crime_type, names), key=f"{prefix}type", index=_at(start.crime_type, names))


def _group(prefix: str, group: str, start: Draft) -> Sequence[Action]:
    """Draw the actions of a group and a free row below them; a free row that stays empty is no action."""
    held = [one for one in start.actions if one.group == group]
    drawn = [_action(f"{prefix}{one.number}-", one, first=place == 0) for place, one in enumerate(held)]
    free = _action(f"{prefix}free-{group}-", Action(0, group, ""), first=not held)
    is_begun = bool(free.text.strip() or free.owner.strip() or free.due)
    return (*drawn, free) if is_begun else drawn


def _action(prefix: str, action: Action, *, first: bool) -> Action:
    seen = "visible" if first else "collapsed"
    text, owner, due, status = st.columns([2.7, 1.35, 1.55, 1], gap="small")
    free = not action.number
    return Action(
        action.number,
        action.group,
        text.text_input(
            f"{action.group}: {_HINTS[action.group]}" if first else f"{action.group}: {'new action' if free else 'action'}",
            action.text,
            key=f"{prefix}text",
            max_chars=LONGEST_TEXT,
            label_visibility=seen,
        ),
        owner.text_input(
            "Owner",
            action.owner,
            key=f"{prefix}owner",
            placeholder="role or number",
            label_visibility=seen,
            max_chars=LONGEST_NAME,
        ),
        due.date_input("Due", action.due, key=f"{prefix}due", format="DD/MM/YYYY", label_visibility=seen, **_days(action.due)),
        status.selectbox(
            "Status",
            ACTION_STATUSES if not free else (OPEN,),
            key=f"{prefix}status",
            index=ACTION_STATUSES.index(action.status),
            label_visibility=seen,
        ),
    )


def _days(due: date | None) -> dict[str, date]:
    """Let any due date stand that a plan may hold."""
    return {"min_value": date(2000, 1, 1), "max_value": date(2100, 1, 1)} if due is None or 2000 <= due.year < 2100 else {}


def _with(present: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return names if present in names else (*names, present)


def _at(present: str, names: tuple[str, ...]) -> int:
    return _with(present, names).index(present)


def _save(asked: Plan | plan_source.Proposed, base: Plan | None, draft: Draft, who: str, now: datetime) -> None:
    told = _theirs(base)
    try:
        if not isinstance(asked, Plan) or base is None:
            kept = plans.create(open_database(), draft, asked.area, who=who, now=now)
        else:
            present = told.theirs if told is not None else base
            wanted = merged(base.draft, draft, present.draft)
            kept = plans.save(open_database(), base.number, wanted, revision=present.revision, who=who, now=now)
    except PlanConflict as conflict:
        st.session_state[_THEIRS] = conflict
        st.rerun()
    except HotspotError as fault:
        st.html(f'<div class="hs-refused" role="alert">{html.escape(str(fault))}</div>')
        return
    st.session_state[_AUTHOR] = " ".join(who.split())
    is_same = base is not None and told is None and kept.revision == base.revision
    st.session_state[_SAID] = (
        "Nothing was changed, so nothing was saved." if is_same else f"Saved as plan {kept.number}.",
        False,
    )
    links.keep("plan", str(kept.number))
    _forget()
    st.rerun()


def _begin_again() -> None:
    """Leave what was typed and show what is kept."""
    st.session_state[_SAID] = ("Yours was dropped; this is the plan as it is kept.", False)
    _forget()
    st.rerun()


def _forget() -> None:
    for name in (_BASE, _THEIRS, plan_source.PROPOSED):
        st.session_state.pop(name, None)


def _side_by_side(base: Plan | None, draft: Draft) -> None:
    """Show what somebody else changed beside what the form holds."""
    told = _theirs(base)
    if told is None or base is None:
        return
    found = [one for one in clashes(base.draft, draft, told.theirs.draft) if _is_told(one.was, one.field)]
    both = sum(one.is_both for one in found)
    advice = (
        "Where both changed a field, yours will stand and theirs stays in the history."
        if both
        else "You changed different things: saving keeps both."
    )
    st.html(f'<div class="hs-refused" role="alert">{html.escape(str(told))} {advice}</div>')
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(cell)}</td>"
            for cell in (
                words.field_words(one.action, one.field, told.theirs.draft),
                one.was or "–",
                one.theirs or "–",
                (one.mine or "–") if one.is_both else "as it was",
            )
        )
        + "</tr>"
        for one in found
    )
    st.html(
        '<table class="hs hs-list"><thead><tr><th>Field</th><th>When you began</th><th>Theirs, saved</th>'
        f"<th>Yours, not saved</th></tr></thead><tbody>{body}</tbody></table>"
    )


def _history(base: Plan) -> None:
    """List who changed what and when, the latest first."""
    rows = plans.history(open_database(), base.number)
    more = f" The latest {MOST_HISTORY} of {len(rows):,}." if len(rows) > MOST_HISTORY else ""
    page.section("History", f"Names are as each person gave them; there is no sign-in yet.{more}")
    told = [one for one in rows if _is_told(one.old, one.field)]
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(cell)}</td>"
            for cell in (
                words.change_words(one),
                one.who,
                words.field_words(one.action, one.field, base.draft),
                one.old or "–",
                one.new or "–",
            )
        )
        + "</tr>"
        for one in told[: -MOST_HISTORY - 1 : -1]
    )
    st.html(
        '<table class="hs hs-list"><thead><tr><th>When</th><th>Who</th><th>What</th><th>From</th><th>To</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _is_told(old: str, field: str) -> bool:
    """Leave out what a new action's words imply: that it is open, and stands in its group."""
    return bool(old) or field not in {"group", "status"}
