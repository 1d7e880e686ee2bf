"""What may be evaluated besides the sidebar's areas: the area of a 4P plan, and the worked example of the demonstration data."""

from __future__ import annotations

import html
import json
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from hotspot import paths
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.audience import FORCE
from hotspot.findings.evaluation_areas import NO_AREA, area_of_file
from hotspot.findings.evaluation_plans import plan_query
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import Plan
from hotspot.selection import REPORTED, Selection
from hotspot.ui import cached, page, sign_in

PILOT = paths.ROOT / "data" / "demo-pilot.geojson"
PILOT_START, PILOT_END = date(2024, 7, 1), date(2024, 10, 1)
PILOT_MONTH = Period(date(2024, 9, 1), PILOT_END)
WHY_AN_AREA = "An evaluation asks what became of one area beside others."
WHERE_FROM = "Choose an area in the sidebar, or draw or upload one on the Data page."


def link(plan: Plan) -> str:
    """Write the link from a plan to its evaluation; a sentence where there can be none."""
    if (plan.area.source, plan.area.force) not in cached.store().data_sets:
        return "The data it was made from are no longer here, so it cannot be evaluated."
    try:
        query = plan_query(plan, covered=_covered(plan))
    except BadInput as fault:
        return html.escape(str(fault))
    return f'<a href="evaluation?{html.escape(urlencode(query))}" target="_self">Evaluate this plan</a>'


def _covered(plan: Plan) -> Period:
    facts = cached.facts(plan.area.source, plan.area.force)
    return Period(facts.first_day, facts.end)


def choose(chosen: Selection, audience: str, *, today: date) -> None:
    """Head what was done, and let one of the force's plans be chosen: its frozen area and its start."""
    with st.sidebar:
        st.html('<h2 class="hs-section">What was done</h2>')
        known = {} if audience != FORCE else _plans(chosen, today)
        if not known:
            return
        name = chosen.drawn.name if chosen.drawn is not None else ""
        present = next((number for number in known if name.startswith(f"plan {number}, ")), None)
        numbers = list(known)
        picked = st.selectbox(
            "4P plan",
            numbers,
            index=None if present is None else numbers.index(present),
            key=f"evaluation-plan-{present}",
            format_func=lambda number: f"{number}: {known[number].draft.title}",
            placeholder="None chosen",
            help="Its area as it was frozen, from the day it was made on; the start can be changed below.",
        )
    if picked is not None and picked != present:
        st.query_params.from_dict(plan_query(known[picked], covered=_covered(known[picked])))
        st.rerun()


def _plans(chosen: Selection, today: date) -> dict[int, Plan]:
    listed = plans.plans(open_database(), today=today, force=chosen.force, viewer=sign_in.viewer())
    held = cached.store().data_sets
    return {plan.number: plan for plan in listed if (plan.area.source, plan.area.force) in held}


def stop_without_area(chosen: Selection) -> None:
    """Where no area is chosen say so, and offer the worked example where the data are the demonstration's."""
    if not chosen.is_whole_force:
        return
    example = worked_example(chosen)
    if not example:
        raise NotKnowable(f"{WHY_AN_AREA} {WHERE_FROM}", headline=NO_AREA)
    page.header(chosen.title(), NO_AREA, WHY_AN_AREA)
    st.html(f'<p class="hs-refused">{WHERE_FROM} {example}</p>')
    st.stop()


def worked_example(chosen: Selection) -> str:
    """Link to the pilot planted in the demonstration data, as the published one was told and as it can be; else nothing."""
    facts = cached.facts(chosen.source, chosen.force)
    if (
        cached.scope() != EVERYTHING  # the pilot's LPA may be another one
        or not facts.synthetic
        or not facts.first_day <= PILOT_MONTH.shifted(-12).start
        or facts.end < PILOT_END
    ):
        return ""
    area = area_of_file(PILOT, crs=cached.store().force_named(chosen.force).analysis_crs)
    query = {
        "source": chosen.source,
        "force": chosen.force,
        "type": "Shoplifting",
        "to": PILOT_END.isoformat(),
        "basis": REPORTED,
        "drawn": json.dumps([area.name, [[round(x), round(y)] for x, y in area.ring]]),
        "start": PILOT_START.isoformat(),
    }
    months, quarter = (
        f'<a href="evaluation?{html.escape(urlencode(query | {"from": first.isoformat()}))}" target="_self">{words}</a>'
        for words, first in (("September against September", PILOT_MONTH.start), ("all three months", PILOT_START))
    )
    return f"A worked example: shoplifting in Wolverhampton city centre, {months}, and {quarter} since the pilot began."
