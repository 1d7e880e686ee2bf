"""Write LPA outlines as GeoJSON from a table of vertices in metres.

``python -m hotspot.boundaries.build ../shared/reference/lpa-outlines.csv data/boundaries/lpa.geojson``

The table has the columns lpa, lad_code, vertex, easting and northing (EPSG:27700), one row for each vertex in
the order of the ring, the first vertex not repeated.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pandas
from pyproj import Transformer

DIGITS = 7
"""Of a degree: about 1 cm, so that metres come back."""


def outlines(table: pandas.DataFrame, *, crs: str = "EPSG:27700") -> dict[str, object]:
    """Make a GeoJSON feature collection of a table of vertices, its rings anticlockwise (RFC 7946, 3.1.6)."""
    degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    features = []
    for (name, code), ring in table.groupby(["lpa", "lad_code"], sort=False):
        ring = ring.sort_values("vertex")
        longitude, latitude = degrees.transform(ring["easting"].to_numpy(float), ring["northing"].to_numpy(float))
        corners = [[round(float(x), DIGITS), round(float(y), DIGITS)] for x, y in zip(longitude, latitude, strict=True)]
        closed = _anticlockwise([*corners, corners[0]])
        properties = {"name": name, "lad_code": code}
        features.append({"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [closed]}})
    return {"type": "FeatureCollection", "name": "lpa", "features": features}


def _anticlockwise(ring: list[list[float]]) -> list[list[float]]:
    twice_area = sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairwise(ring))
    return ring if twice_area > 0 else ring[::-1]


def write(source: Path, target: Path) -> None:
    """Write one feature a line, so that a change can be read."""
    collection = outlines(pandas.read_csv(source))
    features = ",\n".join(json.dumps(feature) for feature in collection["features"])  # type: ignore[attr-defined]
    target.write_text(f'{{"type": "FeatureCollection", "name": "lpa", "features": [\n{features}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
