"""What a file that was taken away tells, read back: its words, and the places that it shows."""

from __future__ import annotations

import io
import tempfile
import zipfile

import geopandas
import pandas as pd
import pyogrio
from shapely.geometry.base import BaseGeometry

PICTURES = (".png", ".pdf")
"""What has to be looked at to be read."""
_GEO, _ZIPPED = (".gpkg", ".geojson"), (".xlsx", ".pptx")
_METRES = "EPSG:27700"


def words(content: bytes, suffix: str) -> str:
    """Give every text of a file; empty for pictures."""
    if suffix in PICTURES:
        return ""
    if suffix in _ZIPPED:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return " ".join(parts.read(name).decode("utf-8") for name in parts.namelist() if name.endswith(".xml"))
    if suffix == ".gpkg":
        return " ".join(layer.drop(columns="geometry", errors="ignore").to_csv() for layer in _layers(content, suffix))
    return content.decode("utf-8")


def places(content: bytes, suffix: str) -> list[BaseGeometry]:
    """Give a point in each shape of a geographic file, and of each row of a table that has coordinates; metres."""
    if suffix in _GEO:
        layers = [layer.to_crs(_METRES) for layer in _layers(content, suffix) if isinstance(layer, geopandas.GeoDataFrame)]
        return [point for layer in layers for point in layer.representative_point()]
    if suffix == ".csv":
        rows = pd.read_csv(io.BytesIO(content))
        if {"x", "y"} <= set(rows):
            return list(geopandas.points_from_xy(rows["x"], rows["y"]))
    return []


def _layers(content: bytes, suffix: str) -> list[pd.DataFrame]:
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(content)
        file.flush()
        return [pyogrio.read_dataframe(file.name, layer=name) for name, _ in pyogrio.list_layers(file.name)]
