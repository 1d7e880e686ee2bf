"""The sidebar: what to show. The selection lives in the session, and in the URL with absolute dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

import streamlit as st

from hotspot import crime_types
from hotspot.findings.audience import AUDIENCES, FORCE, PUBLIC, read_audience
from hotspot.geography import LPA, OUTSIDE
from hotspot.offences.store import EVERYTHING, DataFacts, Store
from hotspot.period import Period, presets
from hotspot.selection import COMMITTED, DATE_COLUMNS, FLAG_COLUMNS, FLAGS, KNIFE, MONTH, REPORTED, UNDER_25, WEEKDAYS, Selection
from hotspot.ui import cached, context, links

T = TypeVar("T")
ALL_DATA, CUSTOM, WHOLE_FORCE, YOUR_LPAS = "All the data", "Dates of my choice", "Whole force", "All your LPAs"
_AUDIENCE_WORDS = {FORCE: "Force", PUBLIC: "Partner or public"}
_ALL_HOURS = (0, 24)
_BASIS_WORDS = {COMMITTED: "Committed (from)", REPORTED: "Reported", MONTH: "Month"}


def selection(*, bases: Sequence[str] = (COMMITTED, REPORTED, MONTH)) -> Selection:
    """Draw the sidebar's selection and give what was chosen.

    Parameters
    ----------
    bases
        The dates that may count on this page; the first that the data have is offered first.
    """
    store = cached.store()
    chosen = _current(store)
    with st.sidebar:
        st.html('<h2 class="hs-section">What to show</h2>')
        chosen = _source(chosen, store)
        facts = cached.facts(chosen.source, chosen.force)
        chosen = _crime_type(chosen, facts)
        chosen = _area(chosen, store)
        chosen = _period(chosen, facts)
        label = _limits_label(chosen)
        with st.expander(label, key="limits"):
            chosen = _limits(chosen, facts, bases)
        context.choose(chosen.force)
    st.session_state["selection"] = chosen
    st.session_state.setdefault("link-selection", chosen)
    links.write(chosen.to_query())
    if _limits_label(chosen) != label:
        st.rerun()  # the box was drawn before what is in it was known
    return chosen


def audience() -> str:
    """Draw the audience setting, which holds on every page and in every download."""
    with st.sidebar:
        return links.widget(
            st.selectbox,
            "Audience",
            name="audience",
            default=FORCE,
            read=read_audience,
            options=list(AUDIENCES),
            format_func=_AUDIENCE_WORDS.__getitem__,
            help="For partners or the public, counts under 5 are suppressed on screen and in downloads.",
        )


def present_audience() -> str:
    """Give the audience without drawing the control."""
    return links.setting("audience", FORCE, read=read_audience)


def default_selection(store: Store) -> Selection:
    """Choose what a first visit shows: the newest data, burglary where there is any, the year to date."""
    facts = max((cached.facts(*name) for name in store.data_sets), key=lambda fact: fact.end)
    kind = "Burglary" if "Burglary" in _groups(facts) else next(iter(_groups(facts)), crime_types.CRIME_TYPES[0].name)
    periods = period_presets(facts)
    period = periods.get("Year to date") or periods.get("Rolling 12 months") or periods[ALL_DATA]
    return Selection(facts.source, facts.force, kind, period, _first_basis(facts), within=cached.scope().names)


def _first_basis(facts: DataFacts) -> str:
    """Choose the date that counts until another is chosen."""
    if facts.time_precision == "month":
        return MONTH
    return COMMITTED if DATE_COLUMNS[COMMITTED] in facts.columns else REPORTED


def period_presets(facts: DataFacts) -> dict[str, Period]:
    """List the preset periods that lie within the data, newest first, and all the data."""
    usual = presets(facts.end, whole_months=facts.time_precision == "month")
    inside = {name: period for name, period in usual.items() if period.start >= facts.first_day}
    return {**inside, ALL_DATA: Period(facts.first_day, facts.end)}


def _current(store: Store) -> Selection:
    if "selection" not in st.session_state:
        st.session_state["link"] = st.query_params.to_dict()
        chosen, faults = default_selection(store).updated_from(st.session_state["link"])
        chosen, unknown = _with_known_area(chosen, store)
        st.session_state["selection"], st.session_state["link-faults"] = chosen, (*faults, *unknown, *links.unknown_parameters())
    chosen = st.session_state["selection"]
    if (chosen.source, chosen.force) not in store.data_sets:
        chosen = default_selection(store)
    return replace(chosen, within=cached.scope().names)


def _with_known_area(chosen: Selection, store: Store) -> tuple[Selection, tuple[str, ...]]:
    """Widen a link's selection to the whole force where the store has no such area."""
    if chosen.area is None or (chosen.source, chosen.force) not in store.data_sets:
        return chosen, ()
    scope = cached.scope()
    levels = store.levels_of(chosen.force, scope=scope)
    if chosen.level in levels and chosen.area in _names(store, chosen.level, chosen.force):
        return chosen, ()
    why = "the store does not have; the whole force is" if scope == EVERYTHING else "you may not see; your LPAs are"
    fault = f"The link names the area '{chosen.area[:80]}', which {why} shown."
    return replace(chosen, level=LPA, area=None), (fault,)


def _names(store: Store, level: str, force: str) -> list[str]:
    """List the areas of a level that the viewer may see; who sees all may choose what lies outside the LPAs."""
    scope = cached.scope()
    outside = [OUTSIDE] if level == LPA and scope == EVERYTHING else []
    return [*store.areas(level, force=force, scope=scope).names, *outside]


def _whole(name: str) -> str:
    """Name an area in the list: who is limited to some LPAs has no whole force."""
    return name if name != WHOLE_FORCE or cached.scope() == EVERYTHING else YOUR_LPAS


def _pick(label: str, options: Sequence[T], present: T, *, key: str, say: Callable[[T], str] = str, **more: Any) -> T:
    """Draw a selectbox that starts at what is present, and follows when that changes elsewhere."""
    choices = list(options)
    if present not in choices:
        choices.append(present)
    key = f"pick-{key}"
    if key not in st.session_state or st.session_state[key] not in choices:
        st.session_state[key] = present
    return st.selectbox(label, choices, key=key, format_func=say, **more)


def _source(chosen: Selection, store: Store) -> Selection:
    if len(store.data_sets) < 2:
        return chosen
    source, force = _pick(
        "Data", store.data_sets, (chosen.source, chosen.force), key="source", say=lambda name: f"{name[1]}: {name[0]}"
    )
    if (source, force) == (chosen.source, chosen.force):
        return chosen
    facts = cached.facts(source, force)
    periods = period_presets(facts)
    period = chosen.period if facts.first_day <= chosen.period.start < facts.end else periods[ALL_DATA]
    st.session_state.pop("pick-period", None)
    return Selection(source, force, chosen.crime_type, period, _first_basis(facts))


def _groups(facts: DataFacts) -> dict[str, None]:
    present = [kind for kind in crime_types.CRIME_TYPES if kind.name in facts.crime_types]
    return dict.fromkeys(kind.group for kind in present)


def _crime_type(chosen: Selection, facts: DataFacts) -> Selection:
    groups = _groups(facts)
    options = [crime_types.ACQUISITIVE] if any(group in groups for group in crime_types.ACQUISITIVE_GROUPS) else []
    for kind in crime_types.CRIME_TYPES:
        if (kind.is_group and kind.name in groups) or (not kind.is_group and kind.name in facts.crime_types):
            options.append(kind.name)
    picked = _pick("Crime type", options, chosen.crime_type, key="type")
    return replace(chosen, crime_type=picked)


def _area(chosen: Selection, store: Store) -> Selection:
    levels = store.levels_of(chosen.force, scope=cached.scope())
    if not levels:
        return replace(chosen, area=None)
    level = chosen.level
    if len(levels) > 1:
        level = _pick("Area level", levels, chosen.level, key="level")
        if level != chosen.level:
            chosen = replace(chosen, level=level, area=None, drawn=None)
            st.session_state.pop("pick-area", None)
    names: list[str] = [WHOLE_FORCE, *_names(store, level, chosen.force)]
    drawn = {area.name: area for area in st.session_state.get("drawn-areas", ())}
    if chosen.drawn is not None:
        drawn[chosen.drawn.name] = chosen.drawn
    present = chosen.drawn.name if chosen.drawn is not None else chosen.area or WHOLE_FORCE
    picked = _pick("Area", [*names, *drawn], present, key="area", say=_whole)
    if picked in drawn and picked not in names:
        return replace(chosen, area=None, drawn=drawn[picked])
    return replace(chosen, level=level, area=None if picked == WHOLE_FORCE else picked, drawn=None)


def _period(chosen: Selection, facts: DataFacts) -> Selection:
    periods = period_presets(facts)
    by_period = {period: name for name, period in reversed(periods.items())}
    months = facts.time_precision == "month"
    if months:
        periods |= {
            Period.parse(f"{month}-01..{_next_month(month)}").label(): Period.parse(f"{month}-01..{_next_month(month)}")
            for month in facts.months
        }
        by_period = {period: name for name, period in reversed(periods.items())}
    present = by_period.get(chosen.period, CUSTOM)
    picked = _pick("Period", [*periods, CUSTOM], present, key="period")
    if picked != CUSTOM:
        return chosen.with_period(periods[picked])
    return chosen.with_period(_custom_period(chosen.period, facts))


def _custom_period(present: Period, facts: DataFacts) -> Period:
    key = "pick-dates"
    if key not in st.session_state:
        st.session_state[key] = (present.start, present.last_day)
    picked = st.date_input("First and last day", key=key, format="DD/MM/YYYY")
    if not isinstance(picked, tuple) or len(picked) != 2:
        return present
    return Period(picked[0], picked[1] + timedelta(days=1))


def _next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1).isoformat()


def _limits(chosen: Selection, facts: DataFacts, bases: Sequence[str]) -> Selection:
    """Draw what the data allow beyond type, area and period: the date that counts, days, hours, flags."""
    if facts.time_precision == "month":
        return replace(chosen, date_basis=MONTH, weekdays=(), hours=None, flags=_flags(chosen, facts))
    has = {COMMITTED: "committed_from" in facts.columns, REPORTED: "reported" in facts.columns}
    possible = [basis for basis in bases if has.get(basis)]
    basis = chosen.date_basis if chosen.date_basis in possible else possible[0]
    if len(possible) > 1:
        basis = _pick("Date that counts", possible, basis, key="basis", say=_BASIS_WORDS.__getitem__)
    chosen = replace(chosen, date_basis=basis, flags=_flags(chosen, facts))
    if "committed_from" not in facts.columns:
        return replace(chosen, weekdays=(), hours=None)
    return replace(chosen, weekdays=_weekdays(chosen), hours=_hours(chosen))


def _limits_label(chosen: Selection) -> str:
    """Head the further limits; say which are set, so that a closed box hides nothing."""
    limits = chosen.limits().removeprefix(", ")
    return f"Further limits: {limits}" if limits else "Further limits: none"


def _weekdays(chosen: Selection) -> tuple[int, ...]:
    key = "pick-days"
    if key not in st.session_state:
        st.session_state[key] = [WEEKDAYS[day] for day in chosen.weekdays]
    picked = st.multiselect("Days of the week", WEEKDAYS, key=key, placeholder="All days")
    return tuple(WEEKDAYS.index(day) for day in WEEKDAYS if day in picked)


def _hours(chosen: Selection) -> tuple[int, int] | None:
    quarters = [(start, start + 6) for start in (0, 6, 12, 18)]
    picked = _pick(
        "Time of day", [_ALL_HOURS, *quarters, (22, 4), (16, 22), (8, 16)], chosen.hours or _ALL_HOURS, key="hours", say=_band
    )
    return None if picked == _ALL_HOURS else picked


def _band(hours: tuple[int, int]) -> str:
    return "All hours" if hours == _ALL_HOURS else f"{hours[0]:02d}:00 to {hours[1]:02d}:00"


def _flags(chosen: Selection, facts: DataFacts) -> tuple[str, ...]:
    words_of = {KNIFE: "a knife used", UNDER_25: "a victim under 25"}
    present = [flag for flag in FLAGS if FLAG_COLUMNS[flag] in facts.columns]
    if not present:
        return ()
    key = "pick-flags"
    if key not in st.session_state:
        st.session_state[key] = [flag for flag in chosen.flags if flag in present]
    picked = st.multiselect("Only offences with", present, key=key, placeholder="No limit", format_func=words_of.__getitem__)
    return tuple(flag for flag in FLAGS if flag in picked)
