"""Which of GDAL's drivers may open a file that somebody gives.

GDAL tells a format by content, whatever the file is called: a text of a few lines under the name of a GeoPackage can send it to
another file of the server or to another computer (OGR_VRT, GDALG, WFS and others). Only what the product reads stays.
"""

from __future__ import annotations

import os

ALLOWED = frozenset({"MEM", "ESRI Shapefile", "GPKG", "GeoJSON", "KML", "LIBKML"})
_SKIPPED = (
    *("PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "EEDA", "OGCAPI", "GDALG", "MapInfo File", "LVBAG", "S57", "DGN", "OGR_VRT"),
    *("CSV", "GML", "GPX", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "OGR_GMT", "SQLite", "WAsP", "OpenFileGDB", "DXF", "FlatGeobuf"),
    *("GeoRSS", "VFK", "PGDUMP", "OSM", "GPSBabel", "OGR_PDS", "WFS", "OAPIF", "EDIGEO", "Idrisi", "ODS", "XLSX"),
    *("Elasticsearch", "Carto", "AmigoCloud", "SXF", "Selafin", "JML", "PLSCENES", "CSW", "VDV", "MVT", "NGW", "MapML", "GTFS"),
    *("PMTiles", "JSONFG", "MiraMonVector", "ADBC", "AVCBin", "AVCE00", "AIVector", "HTTP"),
)
"""All others of the pinned pyogrio: a test fails when a new version brings one more."""


def restrict() -> None:
    """Leave out the other drivers; it holds for GDAL when it is loaded afterwards, in this process and those it begins."""
    os.environ["OGR_SKIP"] = ",".join(_SKIPPED)
