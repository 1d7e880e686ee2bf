"""Maps of two surfaces: full colour where the difference stands, pale where it could be chance, hatched where untested."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hotspot.findings.selected import SelectedOffences
from hotspot.findings.two_surfaces import RATE, TwoSurfacesFinding
from hotspot.findings.two_surfaces_words import PER_DAYS, other_words
from hotspot.maps import palette
from hotspot.maps.legend import Key, KeyLegend
from hotspot.maps.raster import category_raster
from hotspot.maps.scene import Badge, Scene
from hotspot.maps.scenes import MapContext, base_scene, still_picture
from hotspot.methods.change_map import BEYOND, CELL_DOWN, CELL_FELL, CELL_LITTLE, CELL_ROSE, CELL_TOO_FEW, CELL_UP

ALIKE = (0.8, 1.25)
"""Relative risks between which two patterns are alike; as for little change."""


def two_surfaces_scene(
    finding: TwoSurfacesFinding, selected: SelectedOffences, context: MapContext, *, chosen: int | None = None
) -> Scene:
    """Colour each cell by its reading, and number the places that stand."""
    surfaces = finding.surfaces
    raster = category_raster(surfaces.grid, categories(finding), crs=context.crs, area=selected.area)
    badges = tuple(
        Badge(rank, place.geometry, place.name, place.x, place.y, place.count)
        for rank, place in enumerate(finding.places, start=1)
    )
    return replace(base_scene(context, selected), raster=raster, hotspots=badges, badge_word="Around", chosen=chosen)


def categories(finding: TwoSurfacesFinding) -> NDArray[np.int8]:
    """Give each cell its category of ``methods.change_map``: what stands, what could be chance, what was not tested."""
    surfaces = finding.surfaces
    low, high = limits(finding)
    value = surfaces.difference * PER_DAYS if finding.against.null == RATE else surfaces.relative_risk
    with np.errstate(invalid="ignore"):
        chance = np.select([value <= low, value >= high], [CELL_DOWN, CELL_UP], CELL_LITTLE)
    return np.select(
        [~np.isfinite(surfaces.first), ~surfaces.tested, surfaces.stands > 0, surfaces.stands < 0],
        [BEYOND, CELL_TOO_FEW, CELL_ROSE, CELL_FELL],
        chance,
    ).astype(np.int8)


def limits(finding: TwoSurfacesFinding) -> tuple[float, float]:
    """Give the values between which two surfaces are drawn as alike: a round difference, or relative risks of 0.8 to 1.25."""
    if finding.against.null != RATE:
        return ALIKE
    tested = np.abs(finding.surfaces.difference[finding.surfaces.tested]) * PER_DAYS
    middle = float(np.median(tested)) if len(tested) else 1.0
    power = 10.0 ** math.floor(math.log10(middle)) if middle > 0 else 1.0
    step = max(digit * power for digit in (1, 2, 5) if digit == 1 or digit * power <= middle)
    return -step, step


def two_surfaces_legend(finding: TwoSurfacesFinding) -> KeyLegend:
    """Give the keys with their limits, in the words of what is compared."""
    low, high = limits(finding)
    if finding.against.null == RATE:
        title = f"Offences per km² and {PER_DAYS} days, later less earlier"
        words = ("fell", f"−{high:g} or less, could be chance", f"within {high:g}", f"+{high:g} or more, could be chance", "rose")
    else:
        title = f"Times the share of {'the earlier period' if finding.against.baseline else 'the other type'}"
        verbs = ("fell", "rose") if finding.against.baseline else ("thinner", "denser")
        words = (verbs[0], f"{low:g} or less, could be chance", "alike", f"{high:g} or more, could be chance", verbs[1])
    keys = tuple(Key(word, colour) for word, colour in zip(words, palette.CHANGE, strict=True))
    return KeyLegend(title, (*keys, Key("too few to test", palette.TOO_FEW, hatched=True)))


def two_surfaces_picture(finding: TwoSurfacesFinding, selected: SelectedOffences, context: MapContext) -> bytes:
    """Draw the map of two surfaces as a still picture."""
    against = f"{finding.selection.title()}, against {other_words(finding)}"
    return still_picture(
        two_surfaces_scene(finding, selected, context),
        selected,
        title=finding.headline,
        subline=f"{against}. {finding.subline} {finding.notes[0]}",
        legend=two_surfaces_legend(finding),
    )
