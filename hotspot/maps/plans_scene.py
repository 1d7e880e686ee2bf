"""The frozen areas of plans as a scene: outlined, numbered as in the list, each with its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from hotspot.maps.projection import Bounds, reproject
from hotspot.maps.scene import Badge, Scene
from hotspot.records.plan_drafts import FrozenArea, Plan

AROUND = 400.0
"""Metres shown around the area of a chosen plan."""


def plans_scene(listed: Sequence[Plan], ground: Scene, *, today: date, chosen: int | None = None) -> Scene:
    """Draw plans over the ground of a map.

    Parameters
    ----------
    listed
        In the order of the list: a plan's place in it, counted from 1, is the number on the map.
    chosen
        That number of the plan whose row was chosen: the map moves to it.
    """
    badges = tuple(_badge(rank, plan, ground.crs, today) for rank, plan in enumerate(listed, start=1))
    scene = replace(ground, hotspots=badges, badge_word="Plan", chosen=chosen)
    looked_at = [badge.geometry for badge in badges if badge.rank == chosen]
    if not (looked_at or ground.areas):
        looked_at = [badge.geometry for badge in badges]  # without boundaries nothing else says where to look
    return replace(scene, view=_around(shapely.union_all(looked_at))) if looked_at else scene


def shape_of(area: FrozenArea, *, crs: str) -> BaseGeometry:
    """Give a frozen area as polygons in metres of ``crs``."""
    shape = shapely.from_geojson(area.geometry)
    return shape if area.crs == crs else reproject(shape, source=area.crs, target=crs)


def status_word(plan: Plan, *, today: date) -> str:
    """Say in a word how a plan stands, for beside its number."""
    return "overdue" if plan.overdue(today) else plan.draft.status


def _badge(rank: int, plan: Plan, crs: str, today: date) -> Badge:
    shape = shape_of(plan.area, crs=crs)
    inside = shape.representative_point()
    return Badge(rank, shape, plan.area.name, inside.x, inside.y, caption=status_word(plan, today=today))


def _around(shape: BaseGeometry) -> Bounds:
    west, south, east, north = shape.bounds
    return west - AROUND, south - AROUND, east + AROUND, north + AROUND
