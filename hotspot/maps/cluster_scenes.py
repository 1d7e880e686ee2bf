"""Maps of clusters, of emerging hotspots and of rates by area."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from hotspot.findings.clusters import Cluster, EmergingFinding, GiFinding
from hotspot.findings.rates_per import RatesFinding, ShownRate
from hotspot.findings.selected import SelectedOffences
from hotspot.maps import palette
from hotspot.maps.legend import DensityLegend, Key, KeyLegend
from hotspot.maps.scene import Badge, Scene
from hotspot.maps.scenes import MapContext, base_scene
from hotspot.maps.unit_raster import unit_raster
from hotspot.methods.emerging import CATEGORIES, NONE
from hotspot.methods.gi_star import LOW
from hotspot.methods.units import Units, named_areas

GI_KEYS = (
    Key("cluster", palette.CLUSTERED),
    Key("could be chance", palette.NOT_CLUSTERED),
    Key("fewer than chance", palette.FEWER),
)
NOT_TESTED = Key("not tested: nothing recorded", palette.BUILT_UP[0])
_GI_COLOURS = (palette.FEWER, palette.NOT_CLUSTERED, palette.CLUSTERED)
"""In the order of the verdicts −1, 0 and 1."""
STEPS = (1, 2, 2.5, 3, 4, 5, 6, 8, 10)
"""Times a power of ten: what a band of rates may be wide."""


def gi_scene(finding: GiFinding, selected: SelectedOffences, context: MapContext, *, chosen: int | None = None) -> Scene:
    """Colour each tested cell by its verdict, and outline the listed clusters."""
    result = finding.result
    band = np.where(result.tested, result.verdict + 1, -1).astype(np.int8)
    raster = unit_raster(result.units, band, colours=_GI_COLOURS, crs=context.crs, area=selected.area)
    return replace(base_scene(context, selected), raster=raster, hotspots=_badges(finding.clusters), chosen=chosen)


def gi_legend(finding: GiFinding) -> KeyLegend:
    """Give the keys of a map of clusters; fewer than chance and not tested have one where there are such cells."""
    result = finding.result
    keys = GI_KEYS if (result.verdict == LOW).any() else GI_KEYS[:2]
    return KeyLegend("Gi*, after correction", keys if result.tested.all() else (*keys, NOT_TESTED))


def emerging_scene(
    finding: EmergingFinding, selected: SelectedOffences, context: MapContext, *, chosen: int | None = None
) -> Scene:
    """Colour each cell by its category; where a hotspot never was or is over long since, there is no colour."""
    number = {category: place for place, category in enumerate((*CATEGORIES, NONE))} | {NONE: -1}
    band = np.array([number[category] for category in finding.result.category], dtype=np.int8)
    raster = unit_raster(finding.units, band, colours=palette.EMERGING, crs=context.crs, area=selected.area)
    return replace(base_scene(context, selected), raster=raster, hotspots=_badges(finding.clusters), chosen=chosen)


def emerging_legend(finding: EmergingFinding) -> KeyLegend:
    """Give the keys of the categories that are on the map."""
    present = set(finding.result.category)
    keys = tuple(
        Key(category, colour) for category, colour in zip(CATEGORIES, palette.EMERGING, strict=True) if category in present
    )
    return KeyLegend("Hotspots by their history", keys)


def rates_scene(finding: RatesFinding, shown: tuple[ShownRate, ...], context: MapContext) -> tuple[Scene, DensityLegend]:
    """Colour areas by their rate; those without a denominator, or with a hidden count, have no colour."""
    rate_of = {one.row.area: one.row.rate for one in shown if not one.is_hidden}
    breaks = rate_breaks(tuple(rate_of.values()))
    units = _areas(finding)
    band = np.array([np.digitize(rate_of[name], breaks) - 1 if name in rate_of else -1 for name in units.names], dtype=np.int8)
    colours = palette.DENSITY[: len(breaks)]
    raster = unit_raster(units, band, colours=colours, crs=context.crs)
    what = f"{finding.unit[0].upper()}{finding.unit[1:]}, {finding.selected.selection.period.length()}"
    return replace(base_scene(context, finding.selected), raster=raster), DensityLegend(breaks, what)


def rate_breaks(rates: tuple[float, ...]) -> tuple[float, ...]:
    """Choose at most six round and even lower edges, the first at or below every rate."""
    if not rates or max(rates) <= 0:
        return (0.0,)
    least, most = min(rates), max(rates)
    width = max(most - least, most / 100) / len(palette.DENSITY)
    power = 10.0 ** math.floor(math.log10(width))
    for step in (digit * scale for scale in (power, 10 * power) for digit in STEPS):
        first = math.floor(least / step) * step
        count = math.floor(most / step) - math.floor(least / step) + 1
        if count <= len(palette.DENSITY):
            return tuple(float(f"{first + band * step:.12g}") for band in range(count))
    raise AssertionError("ten steps of the width hold every rate")


@lru_cache(maxsize=8)
def _areas(finding: RatesFinding) -> Units:
    assert finding.selected.areas is not None
    return named_areas(finding.selected.areas)


def _badges(clusters: tuple[Cluster, ...]) -> tuple[Badge, ...]:
    return tuple(Badge(one.rank, one.geometry, one.name, one.x, one.y, one.count) for one in clusters)
