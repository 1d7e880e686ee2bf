"""Scenes of near-repeat chains and of near-repeat zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import shapely

from hotspot.findings.near_repeat_zones import ZonesFinding
from hotspot.findings.series import ListedChain, SeriesFinding
from hotspot.maps.projection import Bounds
from hotspot.maps.scene import MOST_BADGES, Badge, Scene, Trail
from hotspot.maps.scenes import MapContext, base_scene

AROUND_CHAIN, AROUND_ZONE = 250.0, 500.0
"""Metres shown around the chain or the zone whose row was chosen."""
MOST_OFFENCES = 200
"""Of one chain, the latest: more than that on a map or in a list say nothing."""
OUTLINE = 60.0
"""Metres between a chain's offences and the outline drawn round them."""


def series_scene(finding: SeriesFinding, context: MapContext, chosen: ListedChain | None) -> Scene:
    """Give the chains, outlined and numbered as in the list; for a chosen one its offences, joined in order of time."""
    scene = replace(base_scene(context, finding.selected), hotspots=tuple(_chain_badge(chain) for chain in finding.listed))
    if chosen is None:
        return scene
    shown = chosen.offences[-MOST_OFFENCES:]
    x, y = (np.array([getattr(one, axis) for one in shown]) for axis in ("x", "y"))
    view = _around(shapely.MultiPoint(np.column_stack([x, y])), AROUND_CHAIN)
    return replace(scene, view=view, hotspots=(), trail=Trail(x, y))


def zones_scene(finding: ZonesFinding, context: MapContext, chosen: int | None) -> Scene:
    """Give the zones, numbered as in the list, those with a number with the day they expire."""
    badges = tuple(
        Badge(one.number, one.zone.geometry, one.name, one.zone.x, one.zone.y, one.offences, f"until {short_day(one.expires)}")
        for one in finding.zones
    )
    scene = replace(base_scene(context, finding.selected), hotspots=badges)
    picked = next((one for one in finding.zones if one.number == chosen), None)
    return scene if picked is None else replace(scene, view=_around(picked.zone.geometry, AROUND_ZONE))


def outlines_legend(what: str, count: int) -> str:
    """Say which outlines carry a number."""
    numbered = f"; the first {MOST_BADGES} are numbered" if count > MOST_BADGES else ""
    return f'<div class="hs-note">Outlines: {what}{numbered}.</div>'


def chain_outline(chain: ListedChain) -> shapely.Geometry:
    """Give what is drawn round a chain's offences."""
    places = shapely.MultiPoint([(one.x, one.y) for one in chain.offences])
    return places.convex_hull.buffer(OUTLINE, quad_segs=4)


def short_day(day: date) -> str:
    """Write a day in the width of a map's caption: '20 Oct'."""
    return f"{day.day} {day:%b}"


def _chain_badge(chain: ListedChain) -> Badge:
    return Badge(chain.number, chain_outline(chain), chain.place, chain.x, chain.y, chain.size)


def _around(geometry: shapely.Geometry, metres: float) -> Bounds:
    west, south, east, north = geometry.bounds
    return west - metres, south - metres, east + metres, north + metres
