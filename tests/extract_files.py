"""One small extract, worked by hand, written as every kind of file the profile reads."""

import csv
from collections.abc import Callable
from pathlib import Path

import geopandas
import openpyxl
import pandas as pd

from hotspot.geography import Force

WEST_MIDLANDS = Force("West Midlands", bounds=(371_000.0, 266_000.0, 441_000.0, 310_000.0))
MAPPING = """
name = "Extract"
crs = "EPSG:27700"
[columns]
offence_id = "Crime No"
crime_code = "HO Code"
crime_description = "Offence"
committed_from = "From"
committed_to = "To"
x = "Easting"
y = "Northing"
victim_age = "Age"
knife = "Knife"
"""
HEADER = ("Crime No", "HO Code", "Offence", "From", "To", "Easting", "Northing", "Age", "Knife", "Notes")
ROWS = (
    ("20/1", "48/1", "Theft of motor vehicle", "2024-03-04 22:15", "2024-03-05 07:30", "406700", "286800", "31", "", "x"),
    ("20/2", "28E", "Burglary", "2024-03-04", "", "407123.5", "287001", "", "", "x"),
    ("20/3", "34B", "Robbery", "2024-12-31 23:59", "2025-01-01 00:01", "", "", "24", "Y", "x"),
)
"""The free text under Notes is in every file and may never be loaded."""


def write_csv(path: Path, rows=ROWS, header=HEADER, *, delimiter=",", encoding="utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def write_xlsx(path: Path, rows=ROWS, header=HEADER, *, sheet="Crimes") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in [header, *rows]:
        book.active.append([cell if cell != "" else None for cell in row])
    book.save(path)
    return path


def write_parquet(path: Path) -> Path:
    """Write native types: numbers with gaps, and moments instead of text."""
    frame = pd.DataFrame(ROWS, columns=list(HEADER))
    for name in ("Easting", "Northing", "Age"):
        frame[name] = pd.to_numeric(frame[name])
    for name in ("From", "To"):
        frame[name] = pd.to_datetime(frame[name].replace("", None), format="ISO8601")
    frame.to_parquet(path)
    return path


def write_geo(path: Path, *, crs="EPSG:27700", to="EPSG:27700", driver: str) -> Path:
    """Write positions as points, and no columns for them."""
    frame = pd.DataFrame(ROWS, columns=list(HEADER))
    x, y = (pd.to_numeric(frame.pop(name)) for name in ("Easting", "Northing"))
    points = geopandas.GeoSeries(geopandas.points_from_xy(x, y, crs=crs)).where(x.notna(), None)
    geopandas.GeoDataFrame(frame, geometry=points, crs=crs).to_crs(to).to_file(path, driver=driver)
    return path


KINDS: dict[str, Callable[[Path], Path]] = {
    "csv": lambda folder: write_csv(folder / "a.csv"),
    "csv with semicolons": lambda folder: write_csv(folder / "a.csv", delimiter=";"),
    "csv with tabs": lambda folder: write_csv(folder / "a.txt", delimiter="\t"),
    "csv with a byte order mark": lambda folder: write_csv(folder / "a.csv", encoding="utf-8-sig"),
    "csv in UTF-16": lambda folder: write_csv(folder / "a.csv", encoding="utf-16"),
    "xlsx": lambda folder: write_xlsx(folder / "a.xlsx"),
    "parquet": lambda folder: write_parquet(folder / "a.parquet"),
    "gpkg": lambda folder: write_geo(folder / "a.gpkg", driver="GPKG"),
    "gpkg in degrees": lambda folder: write_geo(folder / "a.gpkg", to="EPSG:4326", driver="GPKG"),
    "geojson": lambda folder: write_geo(folder / "a.geojson", to="EPSG:4326", driver="GeoJSON"),
}
