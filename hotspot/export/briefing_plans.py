"""The plans that are due, as the last card of a briefing for the force: a table, overdue first, and a map of their areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import shapely

from hotspot import __version__
from hotspot.export.briefing import Briefing, Slide
from hotspot.export.cards import CardContent, Figure
from hotspot.findings import plan_words
from hotspot.findings.audience import FORCE
from hotspot.geography import Force
from hotspot.maps import folium_map
from hotspot.maps.legend import Key, KeyLegend
from hotspot.maps.legend_record import legend_record
from hotspot.maps.palette import INK
from hotspot.maps.plans_scene import AROUND, plans_scene, shape_of
from hotspot.maps.scene import Scene
from hotspot.maps.scenes import PICTURE_SIZE, MapContext, context_of
from hotspot.maps.still import picture
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.records.database import Database
from hotspot.records.plan_drafts import Plan
from hotspot.records.plans import due_of, plans
from hotspot.selection import join_words
from hotspot.viewer import INSPECTOR, Viewer

PLANS = "plans"
"""What the card calls its page."""
LEGEND = KeyLegend("Areas as they were when each plan was made", (Key("plan with an open action", INK),))


def with_plans(
    briefing: Briefing,
    store: Store,
    database: Database,
    *,
    source: str,
    force: str,
    lpa: str | None = None,
    audience: str,
    scope: Scope,
) -> Briefing:
    """End a briefing for the force with what its plans, or those of one LPA, have due; others see no plan."""
    if audience != FORCE:
        return briefing
    reader = Viewer("", INSPECTOR, scope.areas)
    listed = plans(database, today=briefing.issued, force=force, lpa=lpa, viewer=reader)
    if not due_of(listed, today=briefing.issued):
        return briefing
    context = context_of(store, source=source, force=force, scope=scope)
    facts, described = store.facts(source, force, scope=scope), store.force_named(force)
    slide = plans_slide(
        listed,
        context,
        facts,
        described,
        lpa=lpa,
        today=briefing.issued,
        fingerprint=store.fingerprint,
        areas=scope.names,
    )
    return replace(briefing, slides=(*briefing.slides, slide))


def plans_slide(
    listed: Sequence[Plan],
    context: MapContext,
    facts: DataFacts,
    force: Force,
    *,
    lpa: str | None,
    today: date,
    fingerprint: str,
    areas: tuple[str, ...],
) -> Slide:
    """Make the card of plans with an open action.

    Parameters
    ----------
    listed
        Plans of the force or the LPA, at least one of them with an open action.
    facts
        Of the offences that the briefing tells of: their marking is the card's.
    areas
        The LPAs whose plans are told; empty: all.
    """
    due = due_of(listed, today=today)
    shown = [plan for plan in listed if plan.open_actions]
    numbers = {plan.number: str(place) for place, plan in enumerate(shown, start=1)}
    rows = plan_words.plan_rows(due, today=today)
    headline, subline = plan_words.headline(listed, today=today), plan_words.subline(listed, today=today)
    scene = plans_scene(shown, _ground(context, shown, lpa), today=today)
    kicker = f"4P plans in {lpa or join_words(list(areas)) or facts.force}"
    left_out = len(listed) - len(shown)
    late = sum(one.is_overdue for one in due)
    synthetic = facts.synthetic or any(plan.area.synthetic for plan in shown)
    drawn = picture(
        scene,
        width=PICTURE_SIZE[0],
        height=PICTURE_SIZE[1],
        title=headline,
        subline=f"{kicker}. {subline}",
        legend=LEGEND,
        marking=facts.marking,
        licence=force.licence,
        synthetic=synthetic,
        footer=plan_words.FOR_THE_FORCE,
    )
    return Slide(
        CardContent(
            page=PLANS,
            query={"force": facts.force, "LPA": lpa or ", ".join(areas) or "all", "as at": today.isoformat()},
            kicker=kicker,
            headline=headline,
            subline=subline,
            sentence=f"{headline}.",
            figures=(Figure("Open actions", f"{len(due):,}"), Figure("Overdue", f"{late:,}")),
            table_head=("Map", *plan_words.TABLE_HEAD),
            table_rows=tuple((numbers[one.plan], *row) for one, row in zip(due, rows, strict=True)),
            notes=(
                "Open actions of open plans: overdue ones first, then by due date.",
                "Each area is the one frozen when its plan was made.",
                f"Open actions: {len(due):,}, in plans: {len(shown):,}. Plans without one, left out: {left_out:,}.",
                plan_words.FOR_THE_FORCE,
            ),
            picture=drawn,
            base_map=folium_map.base_payload(scene),
            overlay=folium_map.overlay_payload(scene),
            marking=facts.marking,
            licence=force.licence,
            source="4P plans",
            synthetic=synthetic,
            audience=FORCE,
            fingerprint=fingerprint,
            version=__version__,
            legend=legend_record(LEGEND),
            areas=areas,
        )
    )


def _ground(context: MapContext, shown: Sequence[Plan], lpa: str | None) -> Scene:
    """Give the ground of the LPA; where there are no boundaries, of the plans themselves."""
    scene = Scene(crs=context.crs, areas=context.lpas, focus=lpa, places=context.places, built_up=context.built_up)
    if context.lpas:
        return scene
    west, south, east, north = shapely.total_bounds([shape_of(plan.area, crs=context.crs) for plan in shown])
    return replace(scene, view=(west - AROUND, south - AROUND, east + AROUND, north + AROUND))
