"""Sound files, small ones, of every kind that is fuzzed."""

from __future__ import annotations

from makers import (
    GOOD,
    SQUARE,
    extract,
    geojson,
    parquet_file,
    shapes,
    street,
    street_rows,
    text,
    workbook,
    zip_of,
    zipped_shapefile,
)
from small_store import MAPPING
from street_files import HEADER as STREET_HEADER
from ways import GOOD_ROW, HEADER

OUTCOMES = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type\n"
    "a,2024-01,Testshire Police,Testshire Police,,,,,,Under investigation\n"
)
STREET_BYTES = "\n".join([STREET_HEADER, *street_rows("a", "b"), ""]).encode()
LINK = (
    "source=Extract&force=Testshire&type=Burglary&from=2024-04-01&to=2024-10-01&basis=reported&level=LPA&area=Westley&days=046"
    "&hours=22-4&flags=knife"
)
RING = '["Zone",[[402000,292000],[403000,292000],[403000,293000]]]'
ROWS = [tuple(HEADER.split(",")), tuple(GOOD.values())]
AREAS_KML = (
    "<?xml version='1.0'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark><name>a</name><Polygon><outerBoundaryIs>"
    "<LinearRing><coordinates>-2,52.5 -1.9,52.5 -1.9,52.6 -2,52.5</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    "</Document></kml>"
)
SEEDS = {
    "police.uk": [street(*street_rows("a", "b", "c"))],
    "police.uk outcomes": [text("o.csv", OUTCOMES)],
    "police.uk zip": [zip_of("a.zip", ("2024-01/2024-01-testshire-street.csv", STREET_BYTES))],
    "extract csv": [extract(GOOD_ROW, GOOD_ROW), extract(GOOD_ROW, encoding="utf-16")],
    "extract xlsx": [workbook(*ROWS)],
    "extract parquet": [parquet_file(), parquet_file(compression="none", use_dictionary=False)],
    "extract gpkg": [shapes("a.gpkg", SQUARE.centroid, **{name: [value] for name, value in GOOD.items()})],
    "extract geojson": [geojson("a.geojson", SQUARE.centroid, properties=GOOD)],
    "areas gpkg": [shapes("a.gpkg", SQUARE)],
    "areas geojson": [geojson("a.geojson", SQUARE, SQUARE.buffer(10))],
    "areas kml": [text("a.kml", AREAS_KML)],
    "areas zip": [zipped_shapefile(SQUARE)],
    "area": [geojson("a.geojson", SQUARE)],
    "layer csv": [text("l.csv", "x,y\n402000,292000\n"), text("l.csv", "lat,lon\n52.5,-1.9\n")],
    "layer geojson": [geojson("l.geojson", SQUARE.centroid, SQUARE.exterior)],
    "events": [text("e.csv", "date,label,lpa,crime_group\n2024-03-01,Pilot,Westley,Burglary\n")],
    "other forces": [text("p.csv", 'force,group,offences,population,households\nA,Burglary,"1,200",510000,2\n')],
    "weights csv": [text("w.csv", "crime_type,weight,valid_from,source\nBurglary,5,2020-01-01,Paper\n")],
    "weights toml": [
        text("w.toml", 'name="n"\nsource="s"\n[[weights]]\ncrime_type="Burglary"\nweight=5\nvalid_from=2020-01-01\n')
    ],
    "points": [text("p.csv", "x,y\n402000,292000\n")],
    "dated points": [text("p.csv", "x,y,date\n402000,292000,2024-01-01\n")],
    "windows": [text("w.csv", "from,to\n2024-01-01 10:00,2024-01-01 12:00:30\n")],
    "force file": [
        text(
            "f.toml",
            'name="A"\nbounds=[1,2,3,4]\nanalysis_crs="EPSG:27700"\n[premises.households]\nA=5\n[tiles]\nurl="http://a/{z}/{x}/{y}"\n',
        )
    ],
    "mapping": [text("m.toml", MAPPING + '[dates]\nday_first=true\nformats=["%d/%m/%Y"]\n[crime_types]\n"28A"="Burglary"\n')],
    "columns option": [text("c", "x=Easting,y=Northing,committed_from=From")],
    "restore": [],
    "cells": [text("c", "2024-03-04 22:15\n04/03/2024\n4 Mar 2024 10pm\n45000.5\n20240304T2215\n=1+1\n24:00\n")],
    "link": [text("l", LINK), text("l", f"drawn={RING}&from=2024-01-01&to=2024-02-01")],
    "drawn area": [text("d", RING)],
}
WORDS = (
    *(
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b'"',
        b"'",
        b",",
        b";",
        b"\n",
        b"\r",
        b"\t",
        b"nan",
        b"inf",
        b"-inf",
        b"1e999",
        b"-1",
        b"0",
    ),
    *(
        b"99999999999999999999",
        b"9" * 400,
        b"2023-02-29",
        b"9999-12-31",
        b"0001-01-01",
        b"24:60",
        b"=1+1",
        b"<script>",
        b"\xe2\x80\xae",
    ),
    *(
        b"[" * 300,
        b"{",
        b"}",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b"\\u0000",
        b"\xf0\x9f\x92\xa9",
        b"\xd9\xa3",
        b"EPSG:4978",
        b"&",
        b"%00",
    ),
    *(
        b"&from=0001-01-01&to=9999-12-31",
        b"&hours=24-24",
        b"&days=",
        b"&drawn=[]",
        b"Infinity",
        b"NaN",
        b'"type":"Polygon"',
        b"_",
    ),
)
"""What breaks readers, put in between."""
