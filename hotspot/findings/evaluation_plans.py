"""A 4P plan as what is to be evaluated: its frozen area, its start, and the period that had the area chosen."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import parse_qsl

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.errors import BadInput
from hotspot.findings.evaluation_areas import MOST_CORNERS
from hotspot.geography import DrawnArea
from hotspot.period import Period, add_months
from hotspot.records.plan_drafts import DRAWN, Plan
from hotspot.selection import MONTH

LONGEST_NAME = 80
LOST = 0.02
"""Share of an area by which its one ring may differ from it: corners are rounded to metres, and at most 500."""
Corners = NDArray[np.float64]


def plan_query(plan: Plan, *, covered: Period) -> dict[str, str]:
    """Write the link of a plan's evaluation: from the day it was made on, its area as it was frozen.

    Parameters
    ----------
    covered
        What the data cover; where the plan was made after them, the link shows their last year and the plan's start.
    """
    seen = dict(parse_qsl(plan.area.query))
    start = plan.created.date()
    if seen.get("basis") == MONTH:
        start = start if start.day == 1 else add_months(start.replace(day=1), 1)
    first = start if start < covered.end else max(covered.start, add_months(covered.end, -12))
    drawn = area_of_plan(plan)
    query = {
        "source": plan.area.source,
        "force": plan.area.force,
        "type": plan.draft.crime_type,
        "from": first.isoformat(),
        "to": covered.end.isoformat(),
        "basis": seen.get("basis", ""),
        "drawn": json.dumps([drawn.name, [[round(x), round(y)] for x, y in drawn.ring]]),
        "start": start.isoformat(),
        "chosen": _chosen_in(plan, seen),
    }
    return {name: text for name, text in query.items() if text}


def _chosen_in(plan: Plan, seen: dict[str, str]) -> str:
    """Give the period whose counts had the area chosen; a drawn area need not have been chosen by counts."""
    if plan.area.kind == DRAWN:
        return ""
    try:
        return Period(date.fromisoformat(seen["from"]), date.fromisoformat(seen["to"])).iso
    except (KeyError, ValueError, BadInput):
        return ""


def area_of_plan(plan: Plan) -> DrawnArea:
    """Give a plan's frozen area as one that can be selected."""
    try:
        ring = one_ring(shapely.from_geojson(plan.area.geometry))
    except shapely.errors.GEOSException:
        raise BadInput(f"The area of plan {plan.number} cannot be read, so it cannot be evaluated.") from None
    return DrawnArea(f"plan {plan.number}, {plan.area.name}"[:LONGEST_NAME], ring)


def one_ring(shape: BaseGeometry) -> tuple[tuple[float, float], ...]:
    """Write polygons, with holes or in parts, as one ring that goes from each to the nearest other and back the same way.

    A way there and back encloses nothing: mending the ring (``shapely.make_valid``) gives the polygons again.

    Raises
    ------
    BadInput
        If one ring of at most 500 corners cannot say them.
    """
    polygons, tolerance = shapely.union_all([part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]), 1.0
    simple = polygons
    while (found := _joined(simple)) is not None and len(found) > MOST_CORNERS and tolerance < 1_000:
        simple, tolerance = shapely.simplify(polygons, tolerance), 2 * tolerance
    if found is None or len(found) > MOST_CORNERS or not _is_alike(found, polygons):
        raise BadInput("This area is too intricate to be evaluated as one: draw a plainer one around it.")
    return tuple((float(x), float(y)) for x, y in found)


def _joined(polygons: BaseGeometry) -> Corners | None:
    rings = [shapely.get_coordinates(ring)[:-1] for part in shapely.get_parts(polygons) for ring in _rings_of(part)]
    if not rings:
        return None
    path = rings.pop(0)
    while rings:
        nearest = [np.hypot(*(path[:, None, :] - ring[None, :, :]).transpose(2, 0, 1)) for ring in rings]
        place = min(range(len(rings)), key=lambda number: nearest[number].min())
        here, there = np.unravel_index(nearest[place].argmin(), nearest[place].shape)
        ring = rings.pop(place)
        loop = np.vstack([np.roll(ring, -there, axis=0), ring[there]])
        path = np.vstack([path[: here + 1], loop, path[here:]])
    return path


def _rings_of(polygon: BaseGeometry) -> list[BaseGeometry]:
    return [shapely.get_exterior_ring(polygon), *(polygon.interiors)]


def _is_alike(ring: Corners, polygons: BaseGeometry) -> bool:
    mended = shapely.make_valid(shapely.Polygon(np.round(ring)))
    area = shapely.union_all([part for part in shapely.get_parts(mended) if shapely.get_dimensions(part) == 2])
    return bool(shapely.area(shapely.symmetric_difference(area, polygons)) <= LOST * shapely.area(polygons))
