"""The form of one 4P plan: its actions in four groups, its frozen area, its history, and what to do where two saved at once."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hotspot import crime_types
from hotspot.errors import HotspotError
from hotspot.findings import plan_words as words
from hotspot.findings.selected import SelectedOffences
from hotspot.maps.plans_scene import plans_scene
from hotspot.maps.scene import Scene
from hotspot.records import audit, plans
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
from hotspot.ui import audited, evaluation_plans, links, maps, page, plan_source, plan_typed, sign_in, style
from hotspot.ui.plan_typed import Form

_BASES, _THEIRS, _SAID = "plan-bases", "plan-theirs", "plan-said"
NOT_SAVED = "Not saved yet. It stays while this window is open, also when you leave this page."
Numbered = tuple[int, plan_source.Proposed]
"""A proposal with its number below 0."""
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


def show(asked: Plan | Numbered, ground: Scene, selected: SelectedOffences, *, now: datetime) -> None:
    """Draw a plan, kept or new, to be changed."""
    style.map_size(whole_force=False, rest="27rem")
    shown = _base(asked) if isinstance(asked, Plan) else _as_plan(asked, now)
    base = shown if shown.number > 0 else None
    names = tuple(outline.name for outline in ground.areas if sign_in.viewer().sees(outline.name))
    told = _head(shown, base, now)
    if base is not None:
        st.html(f'<div class="hs-note">{evaluation_plans.link(base)}: did it work?</div>')
    say_done()
    area_side, form_side = st.columns([1, 2.7], gap="medium")
    with area_side:
        _area(shown, ground, selected, now)
    with form_side:
        _changed(shown, base, names, told)
    if base is not None:
        _history(base)


@st.fragment
def _changed(shown: Plan, base: Plan | None, names: tuple[str, ...], state: DeltaGenerator) -> None:
    """Draw what can be changed; a field that was left runs this part of the page alone."""
    told = st.container()
    draft, who, pressed = _form(shown, names, is_conflict=_theirs(base) is not None)
    state.html(f'<div class="hs-note" role="status">{NOT_SAVED if draft != shown.draft else ""}</div>')
    if pressed.drop:
        _begin_again(shown.number)
    if pressed.save:
        _save(shown, base, draft, who, now=datetime.now())  # the page may have been drawn an hour ago
    with told:
        _side_by_side(base, draft)


def say_done() -> None:
    """Say once what the last press did."""
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        st.html(f'<div class="hs-done" role="status">{html.escape(said)}</div>')


def _base(asked: Plan) -> Plan:
    """Give the plan as it was when its form was opened: what others save meanwhile must not slip under what is typed."""
    bases = st.session_state.setdefault(_BASES, {})
    base = bases.get(asked.number)
    if base is None or not (plan_typed.held(base.number) or _theirs(base)):
        base = bases[asked.number] = asked
    return base


def _theirs(base: Plan | None) -> PlanConflict | None:
    """Give what somebody else saved since the form was opened, once this person was told."""
    told = st.session_state.get(_THEIRS)
    return told if told is not None and base is not None and told.theirs.number == base.number else None


def _first_draft(proposed: plan_source.Proposed) -> Draft:
    title = f"{proposed.crime_type}, {proposed.area.name}"[:LONGEST_NAME]
    return Draft(title, proposed.lpa, proposed.crime_type)


def _head(shown: Plan, base: Plan | None, now: datetime) -> DeltaGenerator:
    """Head the page; give the place that says whether all is saved, where no field moves when it speaks."""
    if base is None:
        page.header("4P plans: a new plan", "A new plan: what is to be done here?", "It becomes a plan when you press Save.")
    else:
        due, late = len(base.open_actions), len(base.overdue(now.date()))
        state = words.state_words(base, today=now.date())
        counts = f"{due} open {'action' if due == 1 else 'actions'}, {late} overdue" if due else "No open action"
        made = f"made {words.day_words(base.created.date())} by {base.created_by}"
        page.header(f"4P plan {base.number}: {base.draft.lpa or 'no LPA'}, {state}", base.draft.title, f"{counts}; {made}.")
    back, place = st.columns([1, 5], gap="small", vertical_alignment="center")
    if back.button("All plans", key="plan-back"):
        links.keep("plan", "")
        if not plan_typed.held(shown.number):
            _forget(shown.number)
        st.rerun()
    return place.empty()


def _area(shown: Plan, ground: Scene, selected: SelectedOffences, now: datetime) -> None:
    """Draw the frozen area and say where it came from."""
    scene = plans_scene([shown], ground, today=now.date(), chosen=1)
    maps.show(scene, selected, key="plan", shows="the area of the plan", of=shown.draft.title or shown.area.name)
    area = shown.area
    view = f'<a href="{html.escape(area.page)}?{html.escape(area.query)}" target="_self">the view it came from</a>'
    synthetic = "Synthetic data. " if area.synthetic else ""
    st.html(
        f'<div class="hs-note">{html.escape(words.area_words(shown))}. {synthetic}Frozen when the plan was made, from '
        f"{html.escape(area.source)} (data {html.escape(area.fingerprint[:12])}); {view}.</div>"
    )


def _as_plan(asked: Numbered, now: datetime) -> Plan:
    number, proposed = asked
    return Plan(number, 0, _first_draft(proposed), proposed.area, now, "", now, None)


def _form(shown: Plan, names: tuple[str, ...], *, is_conflict: bool) -> tuple[Draft, str, _Pressed]:
    form, start = Form(shown.number, shown.revision), shown.draft
    title, lpa, kind, status = st.columns([2.6, 1.3, 1.5, 0.9], gap="small")
    kinds = tuple(dict.fromkeys((crime_types.ACQUISITIVE, *(one.name for one in crime_types.CRIME_TYPES))))
    draft = Draft(
        form.field(title.text_input, "Title", name="title", begin=start.title, max_chars=LONGEST_NAME),
        form.field(lpa.selectbox, "LPA", name="lpa", begin=start.lpa, options=_with(start.lpa, names)),
        form.field(kind.selectbox, "Crime type", name="type", begin=start.crime_type, options=_with(start.crime_type, kinds)),
        form.field(status.selectbox, "Status", name="status", begin=start.status, options=PLAN_STATUSES),
        tuple(one for group in GROUPS for one in _group(form, group, start)),
    )
    name, button, other = st.columns([2, 1.3, 1.1], gap="small", vertical_alignment="bottom")
    who = _author(form, name)
    label = "Save mine, keep theirs too" if is_conflict else "Save"
    saved = button.button(label, key="plan-save", type="primary", width="stretch")
    dropped = (is_conflict or draft != start) and other.button("Drop mine", key="plan-drop", width="stretch")
    return draft, who, _Pressed(saved, dropped)


def _author(form: Form, place: DeltaGenerator) -> str:
    """Give who writes: whoever is signed in, else the name that is typed."""
    if sign_in.is_off():
        return form.author(place.text_input, "Your name (sign-in is off)", max_chars=LONGEST_NAME)
    who = sign_in.viewer().name
    place.html(f'<div class="hs-note">Saved as {html.escape(who)}.</div>')
    return who


def _group(form: Form, group: str, start: Draft) -> Sequence[Action]:
    """Draw the actions of a group and a free row below them; a free row that stays empty is no action."""
    held = [one for one in start.actions if one.group == group]
    drawn = [_action(form, f"{one.number}", one, first=place == 0) for place, one in enumerate(held)]
    free = _action(form, f"free-{group}", Action(0, group, ""), first=not held)
    is_begun = bool(free.text.strip() or free.owner.strip() or free.due)
    return (*drawn, free) if is_begun else drawn


def _action(form: Form, name: str, action: Action, *, first: bool) -> Action:
    seen = "visible" if first else "collapsed"
    text, owner, due, status = st.columns([2.45, 1.35, 1.8, 1], gap="small")
    free = not action.number
    label = f"{action.group}: {_HINTS[action.group]}" if first else f"{action.group}: {'new action' if free else 'action'}"

    def field(draw: Callable[..., Any], label: str, part: str, begin: object, **options: Any) -> Any:
        return form.field(draw, label, name=f"{name}-{part}", begin=begin, label_visibility=seen, **options)

    return Action(
        action.number,
        action.group,
        field(text.text_input, label, "text", action.text, max_chars=LONGEST_TEXT),
        field(owner.text_input, "Owner", "owner", action.owner, placeholder="role or number", max_chars=LONGEST_NAME),
        field(due.date_input, "Due", "due", action.due, format="DD/MM/YYYY", **_days(action.due)),
        field(status.selectbox, "Status", "status", action.status, options=ACTION_STATUSES if not free else (OPEN,)),
    )


def _days(due: date | None) -> dict[str, date | None]:
    """Let any due date stand that a plan may hold; without a first value the field may be empty."""
    usual = due is None or 2000 <= due.year < 2100
    first, last = (date(2000, 1, 1), date(2100, 1, 1)) if usual else (date.min, date.max)
    return {"value": None, "min_value": first, "max_value": last}


def _with(present: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return names if present in names else (*names, present)


def _save(shown: Plan, base: Plan | None, draft: Draft, who: str, *, now: datetime) -> None:
    told = _theirs(base)
    try:
        if base is None:
            kept = plans.create(open_database(), draft, shown.area, who=who, now=now, viewer=sign_in.viewer())
        else:
            present = told.theirs if told is not None else base
            wanted = merged(base.draft, draft, present.draft)
            kept = plans.save(
                open_database(), base.number, wanted, revision=present.revision, who=who, now=now, viewer=sign_in.viewer()
            )
    except PlanConflict as conflict:
        st.session_state[_THEIRS] = conflict
        st.rerun()
    except HotspotError as fault:
        st.html(f'<div class="hs-refused" role="alert">{html.escape(str(fault))}</div>')
        return
    is_same = base is not None and told is None and kept.revision == base.revision
    st.session_state[_SAID] = "Nothing was changed, so nothing was saved." if is_same else f"Saved as plan {kept.number}."
    if not is_same:
        st.session_state[_SAID] += audited.in_words(audit.PLAN, plan=kept.number, revision=kept.revision)
    links.keep("plan", str(kept.number))
    _forget(shown.number)
    st.rerun()


def _begin_again(number: int) -> None:
    """Leave what was typed and show what is kept; a proposal stays, to be begun again."""
    st.session_state[_SAID] = "Yours was dropped." if number < 0 else "Yours was dropped; this is the plan as it is kept."
    _let_go(number)
    st.rerun()


def _forget(number: int) -> None:
    plan_source.proposals().pop(number, None)
    _let_go(number)


def _let_go(number: int) -> None:
    plan_typed.forget(number)
    st.session_state.get(_BASES, {}).pop(number, None)
    st.session_state.pop(_THEIRS, None)


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
    rows = plans.history(open_database(), base.number, viewer=sign_in.viewer())
    more = f" The latest {MOST_HISTORY} of {len(rows):,}." if len(rows) > MOST_HISTORY else ""
    page.section("History", f"{'Names are as each person gave them: sign-in is off.' if sign_in.is_off() else ''}{more}")
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
