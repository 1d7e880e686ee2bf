"""GeoJSON (RFC 7946): longitude and latitude, outer rings anticlockwise, and what was done beside the features."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import geopandas
import shapely


def write_geojson(table: geopandas.GeoDataFrame, said: Mapping[str, str], path: Path) -> None:
    """Write rows with a geometry in any CRS; a number without an end, which JSON does not know, becomes null."""
    degrees = table.to_crs("EPSG:4326")
    degrees = degrees.set_geometry(shapely.orient_polygons(degrees.geometry.to_numpy()))
    features = json.loads(degrees.replace({math.inf: math.nan, -math.inf: math.nan}).to_json())["features"]
    document = {"type": "FeatureCollection", "properties": dict(said), "features": features}
    path.write_text(json.dumps(document, allow_nan=False), "utf-8")
