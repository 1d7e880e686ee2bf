"""The screen renderer: a base map that stays and an overlay that changes, drawn by our own scripts in the map's frame.

``streamlit_folium`` keeps the frame as long as the base map's script is the same, and adds the overlay without a
reload: a base map holds what the force and its boundaries give, an overlay all that a selection changes, even the
view. Every text travels as JSON whose ``<``, ``>``, ``&`` are escaped, and is drawn with ``textContent``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import MacroElement
from folium.template import Template
from shapely.geometry.base import BaseGeometry

from hotspot.geography import Place
from hotspot.maps import served
from hotspot.maps.context import ContextShapes
from hotspot.maps.projection import DEGREES, Bounds, reproject, to_degrees, transformer
from hotspot.maps.raster import Raster
from hotspot.maps.scene import Badge, Outline, Points, Scene, Trail, innermost, simplified, smoothed

DECIMALS = 5
"""Of a degree: about a metre."""


class OfflineMap(folium.Map):
    """A folium map whose scripts and styles come from this server alone.

    Parameters
    ----------
    asset_url
        Where the files of ``served`` are, relative to the map's frame.
    """

    def __init__(self, *, asset_url: str, location: tuple[float, float]):
        super().__init__(
            location=location,
            zoom_start=9,
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            zoom_snap=0.1,
            zoom_delta=1,
            wheel_px_per_zoom_level=120,
            max_zoom=19,
            min_zoom=6,
        )
        self.default_js = served.links(asset_url, served.SCRIPTS)
        self.default_css = served.links(asset_url, served.STYLES)


class _BaseLayers(MacroElement):
    """Draw the base layers on the map."""

    _template = Template(
        "{% macro script(this, kwargs) %}Hotspots.base({{ this._parent.get_name() }}, {{ this.payload }});{% endmacro %}"
    )

    def __init__(self, payload: str):
        super().__init__()
        self._name = "BaseLayers"
        self.payload = payload


class _OverlayLayers(MacroElement):
    """Draw the changing layers in a feature group."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "new Hotspots.Overlay({{ this.payload }}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, payload: str):
        super().__init__()
        self._name = "OverlayLayers"
        self.payload = payload


def base_map(scene: Scene, *, asset_url: str, tiles_url: str = "", drawing: bool = False) -> folium.Map:
    """Make what stays: land, built-up tone, outlines, names, scale bar and buttons.

    It reads ``areas``, ``places``, ``built_up`` and ``crs`` of the scene and nothing else, so it is the same for
    every selection of one force. Make a new one on each run: ``st_folium`` writes into the map that it is given.

    Parameters
    ----------
    tiles_url
        Set by an administrator: raster tiles in place of land and built-up tone.
    drawing
        Offer the button that draws an area; read it with ``drawn_ring``.
    """
    payload = base_payload(scene, tiles_url=tiles_url, drawing=drawing)
    west, south, east, north = _extent(scene)
    location = to_degrees((west + east) / 2, (south + north) / 2, crs=scene.crs)
    made = OfflineMap(asset_url=asset_url, location=location)
    made.add_child(_BaseLayers(payload))
    return made


def base_payload(scene: Scene, *, tiles_url: str = "", drawing: bool = False) -> str:
    """Give what stays as the JSON that our script draws from."""
    return _base_payload(scene.areas, scene.places, scene.built_up, scene.crs, tiles_url, drawing)


def kept_map(base: str, overlay: str, *, title: str, asset_url: str) -> tuple[folium.Map, folium.FeatureGroup]:
    """Make the map that a card keeps from its two payloads, which are read and written anew: they may come from a file."""
    kept = json.loads(overlay)
    (south, west), (north, east) = kept["view"]
    made = OfflineMap(asset_url=asset_url, location=((south + north) / 2, (west + east) / 2))
    made.add_child(_BaseLayers(safe_payload(base)))
    group = folium.FeatureGroup(name="overlay", control=False)
    group.add_child(_OverlayLayers(safe_payload(json.dumps(kept | {"title": title}))))
    return made, group


def safe_payload(text: str) -> str:
    """Write a kept payload anew so that it can stand in a script; a kept map asks no other machine for tiles."""
    payload = json.loads(text)
    if "tiles" in payload:
        payload |= {"tiles": "", "drawing": False}
    return _script_json(payload)


def overlay(scene: Scene, **options: Any) -> folium.FeatureGroup:
    """Make what changes: view, chosen area, raster, hotspots with badges, points; options as in ``overlay_payload``."""
    group = folium.FeatureGroup(name="overlay", control=False)
    group.add_child(_OverlayLayers(overlay_payload(scene, **options)))
    return group


def overlay_payload(
    scene: Scene, *, title: str = "", swipe: tuple[str, str] | None = None, channel: str = "", caption: str = ""
) -> str:
    """Give what changes as the JSON that our script draws from.

    Parameters
    ----------
    title
        What the map shows, in words: the name of its frame.
    swipe
        Words for the earlier and the later period: ``baseline_raster`` lies left of a divider, ``raster`` right of it.
    channel
        Maps of one page with the same channel move together.
    caption
        Words in the map's upper right corner, such as the period of one of two maps.
    """
    payload = {
        "title": title,
        "view": _degrees_bounds(scene.fitted, scene.crs),
        "focus": scene.focus,
        "drawn": _drawn(scene),
        "raster": _picture(scene.raster),
        "baseline": _picture(scene.baseline_raster),
        "hotspots": [_badge(badge, scene.crs) for badge in scene.hotspots],
        "badged": [badge.rank for badge in scene.badged],
        "named": sorted(scene.named_places),
        "points": _points(scene.points, scene.crs),
        "trail": _trail(scene.trail, scene.crs),
        "layers": [_context(layer, scene.crs) for layer in scene.layers],
        "chosen": scene.chosen,
        "swipe": swipe,
        "channel": channel,
        "caption": caption,
    }
    return _script_json(payload)


def drawn_ring(returned: Mapping[str, Any] | None, *, crs: str) -> tuple[tuple[float, float], ...] | None:
    """Read the area that a person drew.

    Parameters
    ----------
    returned
        What ``st_folium(..., returned_objects=["last_active_drawing"])`` gave.

    Returns
    -------
    tuple or None
        Corners in whole metres of ``crs``, the first not repeated; None where nothing was drawn.
    """
    drawing = (returned or {}).get("last_active_drawing")
    if not drawing or drawing.get("geometry", {}).get("type") != "Polygon":
        return None
    corners = np.asarray(drawing["geometry"]["coordinates"][0], dtype=float)[:-1]
    x, y = transformer(DEGREES, crs).transform(corners[:, 0], corners[:, 1])
    return tuple((float(round(east)), float(round(north))) for east, north in zip(x, y, strict=True))


@lru_cache(maxsize=8)
def _base_payload(
    areas: tuple[Outline, ...], places: tuple[Place, ...], built_up: Raster | None, crs: str, tiles_url: str, drawing: bool
) -> str:
    shapes = simplified(tuple(area.geometry for area in areas))
    return _script_json(
        {
            "areas": [
                {"name": area.name, "shape": _shape(shape, crs), "label": to_degrees(*innermost(area.geometry), crs=crs)}
                for area, shape in zip(areas, shapes, strict=True)
            ],
            "places": [
                {"name": place.name, "lpa": place.lpa, "at": to_degrees(place.x, place.y, crs=crs), "rank": place.rank}
                for place in places
            ],
            "built_up": _picture(built_up),
            "tiles": tiles_url,
            "drawing": drawing,
        }
    )


def _extent(scene: Scene) -> Bounds:
    if scene.areas:
        west, south, east, north = shapely.total_bounds([area.geometry for area in scene.areas])
        return west, south, east, north
    return scene.fitted


def _drawn(scene: Scene) -> dict[str, Any] | None:
    if scene.drawn is None:
        return None
    shape = scene.drawn.geometry
    land = shapely.union_all([area.geometry for area in scene.areas])
    within = [area.name for area in scene.areas if area.geometry.intersects(shape)]
    return {
        "name": scene.drawn.name,
        "shape": _shape(shape, scene.crs),
        "beyond": _shape(land.difference(shape), scene.crs),
        "within": within,
    }


@lru_cache(maxsize=1024)
def _badge(badge: Badge, crs: str) -> dict[str, Any]:
    at = to_degrees(badge.x, badge.y, crs=crs)
    shape = _shape(smoothed(badge.geometry), crs)
    return {"rank": badge.rank, "label": badge.label, "caption": badge.caption, "at": at, "shape": shape}


def _points(points: Points | None, crs: str) -> dict[str, Any] | None:
    if points is None or not len(points.x):
        return None
    longitude, latitude = transformer(crs, DEGREES).transform(points.x, points.y)
    at = np.round(np.column_stack([latitude, longitude]), DECIMALS).tolist()
    return {"at": at, "counts": None if points.counts is None else points.counts.tolist()}


def _trail(trail: Trail | None, crs: str) -> list[list[float]] | None:
    if trail is None or not len(trail.x):
        return None
    longitude, latitude = transformer(crs, DEGREES).transform(trail.x, trail.y)
    return np.round(np.column_stack([latitude, longitude]), DECIMALS).tolist()


@lru_cache(maxsize=16)
def _context(layer: ContextShapes, crs: str) -> dict[str, Any]:
    """Write a context layer; the frame keeps one whose key it has drawn already."""
    to_frame = transformer(crs, DEGREES)
    longitude, latitude = to_frame.transform(layer.x, layer.y)
    lines = [reproject(line, source=crs, target=DEGREES) for line in layer.lines]
    parts = shapely.get_parts(np.array(lines, dtype=object)) if lines else []
    return {
        "key": f"{layer.fingerprint}-{layer.style}",
        "symbol": layer.look.symbol,
        "size": layer.size,
        "colour": layer.look.colour,
        "dashes": " ".join(map(str, layer.look.dashes)),
        "at": np.round(np.column_stack([latitude, longitude]), DECIMALS).tolist(),
        "lines": [np.round(shapely.get_coordinates(part)[:, ::-1], DECIMALS).tolist() for part in parts],
    }


def _picture(raster: Raster | None) -> dict[str, Any] | None:
    if raster is None:
        return None
    return {"url": "data:image/png;base64," + base64.b64encode(raster.png).decode(), "bounds": raster.bounds}


def _shape(geometry: BaseGeometry, crs: str) -> list[list[list[list[float]]]]:
    """Write polygons as Leaflet reads them: polygons, rings, [latitude, longitude]."""
    moved = reproject(geometry, source=crs, target=DEGREES)
    polygons = [part for part in shapely.get_parts(moved) if part.geom_type == "Polygon" and not part.is_empty]
    return [[_ring(ring) for ring in (polygon.exterior, *polygon.interiors)] for polygon in polygons]


def _ring(ring: shapely.LinearRing) -> list[list[float]]:
    corners = shapely.get_coordinates(ring)[:-1]
    return np.round(corners[:, ::-1], DECIMALS).tolist()


def _degrees_bounds(bounds: Bounds, crs: str) -> tuple[tuple[float, float], tuple[float, float]]:
    west, south, east, north = transformer(crs, DEGREES).transform_bounds(*bounds, densify_pts=21)
    return (round(south, DECIMALS), round(west, DECIMALS)), (round(north, DECIMALS), round(east, DECIMALS))


def _script_json(payload: Mapping[str, Any]) -> str:
    """Write JSON that can stand in a script: no character of it can end the script or begin a tag."""
    text = json.dumps(payload, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
