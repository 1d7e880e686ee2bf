"""The scene of an evaluation: treated area, displacement ring and comparison areas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import shapely

from hotspot.findings.evaluation import EvaluationFinding
from hotspot.maps import palette
from hotspot.maps.legend import Key, KeyLegend
from hotspot.maps.scene import Scene
from hotspot.maps.scenes import MapContext, base_scene
from hotspot.maps.unit_raster import unit_raster
from hotspot.methods.units import Units

COMPARED, RING, TREATED = "#2A7F86", "#8A9BB9", palette.ACCENT
COLOURS = (COMPARED, RING, TREATED)
OPACITY = 0.7
LEGEND = KeyLegend("Areas", (Key("treated", TREATED), Key("displacement ring", RING, hatched=True), Key("comparison", COMPARED)))
WITHOUT_RING = KeyLegend("Areas", (Key("treated", TREATED), Key("comparison", COMPARED)))
AROUND = 1_000.0
"""Metres shown around the areas."""


def evaluation_scene(finding: EvaluationFinding, context: MapContext) -> Scene:
    """Give the three kinds of area as coloured units, and the map fitted to them all."""
    arms = [finding.comparison, *([finding.ring] if finding.ring is not None else []), finding.treated]
    geometry = np.array([arm.geometry for arm in arms], dtype=object)
    units = Units("areas", geometry, shapely.area(geometry) / 1e6, math.nan, area_names=tuple(arm.name for arm in arms))
    band = np.array([0, 1, 2] if finding.ring is not None else [0, 2], dtype=np.int8)
    raster = unit_raster(units, band, colours=COLOURS, hatched=1, crs=context.crs, opacity=OPACITY)
    west, south, east, north = shapely.total_bounds(geometry).tolist()
    view = (west - AROUND, south - AROUND, east + AROUND, north + AROUND)
    # The areas are what the map is about: none of them is washed.
    return replace(base_scene(context, finding.selected), focus=None, raster=raster, view=view)


def legend_of(finding: EvaluationFinding) -> KeyLegend:
    """Give the key of the kinds of area that are drawn."""
    return LEGEND if finding.ring is not None else WITHOUT_RING
