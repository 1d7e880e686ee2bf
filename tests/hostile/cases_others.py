"""Everything that is no offence: areas, layers, hand-written tables, settings and backups."""

from __future__ import annotations

import tarfile

import shapely
from case import Case
from makers import (
    BOW_TIE,
    LAUGHS,
    OUTSIDE_FILE,
    SCRIPT,
    SQUARE,
    VRT,
    backup_of,
    bomb,
    damaged,
    encrypted,
    geojson,
    geopackage_with,
    nameless_zip,
    nested,
    repeated,
    shapes,
    tar_link,
    text,
    zip_of,
    zipped_shapefile,
)
from small_store import MAPPING

DEGREES = "urn:ogc:def:crs:OGC:1.3:CRS84"
SEAM = {"type": "Polygon", "coordinates": [[[179, -10], [-179, -10], [-179, 10], [179, 10], [179, -10]]]}
"""Lies across the antimeridian."""
MARS = (
    """UPDATE gpkg_spatial_ref_sys SET organization = 'NONE', organization_coordsys_id = 99999, definition = 'GEOGCS["Mars","""
    """DATUM["Mars",SPHEROID["Mars",3396190,169.9]],PRIMEM["R",0],UNIT["degree",0.0174532925199433]]' WHERE srs_id = 27700"""
)
AREAS = (
    Case("a polygon that crosses itself", "boundaries", geojson("w.geojson", BOW_TIE), "1 invalid polygon in", read=True),
    Case("an empty polygon", "boundaries", geojson("w.geojson", {"type": "Polygon", "coordinates": []}), "w.geojson: no polygon in row 1 (Ward 0)."),
    Case("no polygon at all", "boundaries", geojson("w.geojson", None, SQUARE), "w.geojson: no polygon in row 1 (Ward 0)."),
    Case("points", "boundaries", shapes("w.gpkg", shapely.Point(1, 2)), "w.gpkg has no polygons."),
    Case("across the antimeridian", "boundaries", geojson("w.geojson", SEAM, crs=DEGREES), "lies within 50 km of the force."),
    Case("coordinates swapped", "boundaries", geojson("w.geojson", shapely.box(290_500, 400_500, 291_500, 401_500)), "Are the two coordinates swapped"),
    Case("metres called degrees", "boundaries", geojson("w.geojson", SQUARE, crs=DEGREES), "w.geojson has coordinates that are not degrees (for example 400500, 290500)"),
    Case("an unknown coordinate system", "boundaries", geojson("w.geojson", SQUARE, crs="urn:ogc:def:crs:EPSG::999999"), "but does not name another coordinate system."),
    Case("a coordinate system of Mars", "boundaries", geopackage_with(MARS), "wards.gpkg"),
    Case("a shapefile without .prj", "boundaries", zipped_shapefile(SQUARE, without=".prj"), "wards.zip does not say its coordinate system"),
    Case("a shapefile without .dbf", "boundaries", zipped_shapefile(SQUARE, without=".dbf"), "Which column of"),
    Case("a shapefile without .shx", "boundaries", zipped_shapefile(SQUARE, without=".shx"), "wards.zip cannot be read as boundaries"),
    Case("NaN among the coordinates", "boundaries", text("w.geojson", '{"type":"Polygon","coordinates":[[[NaN,1],[2,3],[4,5],[NaN,1]]]}'), "w.geojson has no polygons."),
    Case("1e999 among the coordinates", "boundaries", text("w.geojson", '{"type":"Polygon","coordinates":[[[1e999,1],[2,3],[4,5],[1e999,1]]]}'), "has coordinates that are not degrees"),
    Case("shapes within shapes, 5,000 deep", "boundaries", text("w.geojson", '{"type":"GeometryCollection","geometries":[' * 5000 + "]}" * 5000), "w.geojson cannot be read as boundaries"),
    Case("more corners than the limit", "boundaries", geojson("w.geojson", SQUARE.buffer(100, quad_segs=50)), "corners, more than the 100 that are read. Simplify its shapes.", environment={"HOTSPOT_MOST_CORNERS": "100"}),
    Case("a name that would run and turn round", "boundaries", geojson("w.geojson", SQUARE, properties={"name": "<script>\n=1+1\u202e\x07x"}), "<script> =1+1 x", read=True),
    Case("the reserved name", "boundaries", geojson("w.geojson", SQUARE, properties={"name": "Outside the LPAs"}), "is kept for what lies in no area."),
    Case("no name", "boundaries", geojson("w.geojson", SQUARE, properties={"name": None}), "no name in column 'name' in row 1."),
    Case("a billion laughs in KML", "boundaries", text("w.kml", b"<?xml version='1.0'?>" + LAUGHS + b"<kml><Placemark><name>&a9;</name></Placemark></kml>"), "w.kml defines words of its own (DOCTYPE)"),
    Case("a file of the server in KML", "boundaries", text("w.kml", OUTSIDE_FILE + b"<kml><Placemark><name>&a9;</name></Placemark></kml>"), "w.kml defines words of its own (DOCTYPE)"),
    Case("KML in UTF-16", "boundaries", text("w.kml", "<kml/>", encoding="utf-16"), "w.kml is damaged or no KML file, whatever its name says"),
    Case("KML that asks another computer", "boundaries", text("w.kml", "<kml><NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink></kml>"), "w.kml cannot be read as boundaries"),
    Case("a zip under the name of KML", "boundaries", zip_of("w.kml", ("doc.kml", b"<kml/>")), "w.kml is damaged or no KML file, whatever its name says"),
    Case("GeoPackage that points to another file", "boundaries", text("w.gpkg", VRT), "w.gpkg is damaged or no GeoPackage file"),
    Case("KML that points to another file", "boundaries", text("w.kml", VRT), "w.kml cannot be read as boundaries"),
    Case("GeoPackage overwritten", "boundaries", damaged(shapes("w.gpkg", SQUARE), at=0.1, length=20_000), "w.gpkg cannot be read as boundaries"),
    Case("GeoPackage cut off", "boundaries", damaged(shapes("w.gpkg", SQUARE), at=0.3, keep=False), "w.gpkg cannot be read as boundaries"),
    Case("a path out of a zip", "boundaries", zip_of("w.zip", ("../../etc/w.geojson", b"{}")), "w.zip: its member '../../etc/w.geojson' points outside the archive."),
    Case("a zip in a zip", "boundaries", zip_of("w.zip", ("inner.zip", b"PK\5\6" + bytes(18))), "w.zip holds no shapefile, GeoPackage, GeoJSON or KML file itself, but inner.zip."),
    Case("a zip bomb", "boundaries", bomb("w.zip", "w.geojson", megabytes=80), "unpacks to 83,886,080 bytes"),
    Case("a member without a name", "boundaries", nameless_zip("w.zip"), "w.zip: one of its members has no name."),
    Case("an empty zip", "boundaries", zip_of("w.zip"), "but nothing. Give one of those."),
    Case("a zip under a password", "boundaries", encrypted("w.zip", "w.geojson", b"{}"), "is protected by a password."),
    Case("empty", "boundaries", text("w.geojson", b""), "w.geojson is empty. Export it again."),
    Case("households below nought", "denominators", geojson("w.geojson", SQUARE, properties={"name": "a", "households": -3}), "is no number of 0 or more in row 1."),
    Case("households in words", "denominators", geojson("w.geojson", SQUARE, properties={"name": "a", "households": "many"}), "is no number of 0 or more in row 1."),
    Case("no households", "denominators", geojson("w.geojson", SQUARE), "w.geojson has no column 'households' to take the denominator from."),
    Case("an area in two pieces", "polygon", shapes("a.gpkg", SQUARE, shapely.box(403_000, 290_500, 403_500, 291_500)), "a.gpkg holds 2 separate polygons."),
    Case("an area that crosses itself", "polygon", geojson("a.geojson", BOW_TIE), "a.geojson holds 2 separate polygons."),
    Case("an area of no polygon", "polygon", geojson("a.geojson"), "a.geojson holds 0 separate polygons."),
    Case("an area elsewhere", "polygon", geojson("a.geojson", shapely.box(100, 100, 200, 200)), "lies outside the ground that these data cover"),
    Case("an area across the antimeridian", "polygon", geojson("a.geojson", SEAM, crs=DEGREES), "lies outside the ground that these data cover"),
    Case("an area that points to another file", "polygon", text("a.gpkg", VRT), "a.gpkg is damaged or no GeoPackage file"),
)  # fmt: skip

LAYERS = (
    Case("infinity", "layer", text("l.csv", "x,y\n402000,292000\ninf,nan\n"), "l.csv: no two numbers for a position in row 2."),
    Case("underscores in numbers", "layer", text("l.csv", "x,y\n402_000,292000\n"), "l.csv: no two numbers for a position in row 1."),
    Case("NUL bytes", "layer", text("l.csv", b"x,y\n1,\0\n"), "l.csv is no text: it has NUL bytes."),
    Case("UTF-16", "layer", text("l.csv", "x,y\n1,2\n", encoding="utf-16"), "l.csv is no text: it has NUL bytes."),
    Case("empty", "layer", text("l.csv", ""), "l.csv has no columns x and y"),
    Case("a header alone", "layer", text("l.csv", "x,y\n"), "l.csv has no features."),
    Case("a column twice", "layer", text("l.csv", "x,x,y\n402000,1,292000\n"), "l.csv has the column 'x' more than once."),
    Case("coordinates swapped", "layer", text("l.csv", "x,y\n292000,1402000\n"), "Are the two coordinates swapped"),
    Case("across the antimeridian", "layer", geojson("l.geojson", {"type": "LineString", "coordinates": [[179, 0], [-179, 0]]}, crs=DEGREES), "lies within 50 km of the force."),
    Case("a field of 200,000 letters", "layer", repeated("l.csv", b"x,y,n\n402000,292000,", b"x", 200_000), "l.csv, row 1, has more characters in one field than the 100,000"),
    Case("more features than the limit", "layer", text("l.csv", "x,y\n402000,292000\n402000,292001\n"), "l.csv has 2 features, more than the 1 that are read. Keep those of the force.", environment={"HOTSPOT_MOST_FEATURES": "1"}),
    Case("no shapes", "layer", text("l.json", "{}"), "l.json cannot be read as a layer"),
)  # fmt: skip

EVENTS_HEAD, PEERS_HEAD, WEIGHTS_HEAD = (
    "date,label\n",
    "force,group,offences,population\n",
    "crime_type,weight,valid_from,source\n",
)
DATED = "x,y,date\n402000,292000,2024-01-01\n402010,292000,2024-01-02\n"
TABLES = (
    Case("NUL bytes", "events", text("e.csv", EVENTS_HEAD + "\0"), "e.csv is no text: it has NUL bytes."),
    Case("dates in four orders", "events", text("e.csv", EVENTS_HEAD + "2024-03-01,a\n01/02/2024,b\n2024.03.01,c\nMarch,d\n"), "e.csv, row 3: '2024.03.01' is not a date. Write it as 2023-04-01 or 01/04/2023."),
    Case("29 February of 2023", "events", text("e.csv", EVENTS_HEAD + "29/02/2023,x\n"), "e.csv, row 1: '29/02/2023' is not a date."),
    Case("the year 1", "events", text("e.csv", EVENTS_HEAD + "0001-01-01,x\n"), "must lie within the years 1990 to 2200."),
    Case("a label that turns round", "events", text("e.csv", EVENTS_HEAD + "2024-03-02,abc\u202edef\n"), "e.csv, row 1: A label has 1 to 80 characters in one line"),
    Case("a column twice", "events", text("e.csv", "date,date,label\n2024-03-02,x,y\n"), "e.csv has the column 'date' more than once."),
    Case("an LPA that is none", "events", text("e.csv", "date,label,lpa\n2024-03-02,x,Nowhere\n"), "There is no LPA 'Nowhere'. There are: Westley, Eastley."),
    Case("more rows than the limit", "events", text("e.csv", EVENTS_HEAD + "2024-03-02,x\n" * 2001), "e.csv has 2,001 rows, more than the 2,000 that are read."),
    Case("three megabytes", "events", repeated("e.csv", EVENTS_HEAD.encode(), b"x" * 999 + b"\n", 3000), "has 3 MB, more than the 2 that are read. Such a table is small: is it the right file?"),
    Case("a workbook", "other forces", text("p.csv", b"PK\3\4\0"), "p.csv is no text: it has NUL bytes."),
    Case("infinity", "other forces", text("p.csv", PEERS_HEAD + "A,Burglary,inf,5\nB,Burglary,1,nan\n"), "p.csv, row 2: offences 'inf' is no whole number"),
    Case("a column twice", "other forces", text("p.csv", "force,force,group,offences,population\nA,B,Burglary,1,2\n"), "p.csv has the column 'force' more than once."),
    Case("script", "other forces", text("p.csv", PEERS_HEAD + f"{SCRIPT},<b>,1,2\n"), "p.csv, row 2: '<b>' is no offence group."),
    Case("a field of 200,000 letters", "other forces", repeated("p.csv", PEERS_HEAD.encode() + b"A,", b"x", 200_000), "p.csv, row 1, has more characters in one field"),
    Case("infinity", "dated points", text("d.csv", DATED + "inf,1,2024-01-01\n"), "d.csv row 3: x is 'inf', which is not a number of metres."),
    Case("thousands separators", "dated points", text("d.csv", DATED + '"402,000",292000,2024-01-01\n'), "d.csv row 3: x is '402,000', which is not a number of metres."),
    Case("degrees in a metre column", "dated points", text("d.csv", "x,y,date\n-1.9,52.5,2024-01-01\n-1.91,52.5,2024-01-02\n"), "are x and y degrees? They are taken as metres.", read=True),
    Case("days before months", "dated points", text("d.csv", DATED + "402000,292000,01/02/2024\n"), "d.csv row 3: date is '01/02/2024', which is not year-month-day."),
    Case("29 February of 2023", "dated points", text("d.csv", DATED + "402000,292000,2023-02-29\n"), "d.csv row 3: date is '2023-02-29', which is not year-month-day."),
    Case("the year 1", "dated points", text("d.csv", DATED + "402000,292000,0001-01-01\n"), "The offences span 738,886 days, more than 89 years. Is a date wrong?"),
    Case("a quotation that never ends", "dated points", text("d.csv", DATED + '"402000,292000,2024-01-01\n'), "d.csv: a quotation mark that opens in row 3 is never closed"),
    Case("ragged rows", "dated points", text("d.csv", DATED + "402000\n"), "d.csv row 3: y is '', which is not a number of metres."),
    Case("a column twice", "dated points", text("d.csv", "x,x,y,date\n1,2,3,2024-01-01\n"), "d.csv has 2 columns 'x', and needs one."),
    Case("empty", "dated points", text("d.csv", ""), "d.csv is empty. Give a CSV with a header and the columns x, y, date."),
    Case("a header alone", "dated points", text("d.csv", "x,y,date\n"), "d.csv has a header and no points."),
    Case("NaN", "points", text("d.csv", "x,y\nnan,1\n"), "d.csv row 1: x is 'nan', which is not a number of metres."),
    Case("29 February of 2023", "windows", text("w.csv", "from,to\n2023-02-29 10:00,2023-03-01 12:00\n"), "w.csv row 1: from is '2023-02-29 10:00', which is not a date and time."),
    Case("the hour that comes twice", "windows", text("w.csv", "from,to\n2024-10-27T01:30:00+01:00,2024-10-27T01:15:00+00:00\n"), "w.csv has moments with different offsets from UTC (+00:00, +01:00)."),
    Case("an end before its start", "windows", text("w.csv", "from,to\n2024-01-02 10:00,2024-01-01 12:00\n2024-01-02 10:00,2024-01-02 11:00\n"), "left out: 1 end before their start", read=True),
    Case("NUL bytes", "windows", text("w.csv", "from,to\n\0"), "w.csv is no text: it has NUL bytes."),
    Case("the year 9999", "windows", text("w.csv", "from,to\n0001-01-01 00:00,9999-12-31 00:00\n"), "w.csv row 1: from is '0001-01-01 00:00', which is not a date and time."),
    Case("infinity", "weights", text("h.csv", WEIGHTS_HEAD + "Burglary,inf,2020-01-01,P\n"), "h.csv, weight 1: weight 'inf' is no number of 0 or more"),
    Case("1e308", "weights", text("h.csv", WEIGHTS_HEAD + "Burglary,1e308,2020-01-01,P\n"), "up to 1,000,000,000."),
    Case("29 February of 2023", "weights", text("h.csv", WEIGHTS_HEAD + "Burglary,1,2023-02-29,P\n"), "h.csv, weight 1: valid_from '2023-02-29' is no date."),
    Case("TOML nested 5,000 deep", "weights", text("h.toml", f"a = {nested(5000)}"), "h.toml has brackets within brackets hundreds of levels deep."),
    Case("TOML with a number of 5,000 digits", "weights", text("h.toml", f"a = {'9' * 5000}"), "h.toml is not valid TOML"),
    Case("script", "weights", text("h.csv", WEIGHTS_HEAD + f"{SCRIPT},1,2020-01-01,=1+1\n"), "The table h has no weight for any of these 7 burglaries"),
)  # fmt: skip

OF = 'name = "Testshire"\n'
SETTINGS = (
    Case("no TOML", "mapping", text("m.toml", "name = "), "m.toml is not valid TOML"),
    Case("nested 3,000 deep", "mapping", text("m.toml", f"name = {nested(3000)}"), "m.toml has brackets within brackets hundreds of levels deep."),
    Case("a number of 5,000 digits", "mapping", text("m.toml", f"name = {'1' * 5000}"), "m.toml is not valid TOML"),
    Case("a name of two lines and a script", "mapping", text("m.toml", MAPPING.replace('"Extract"', '"<script>\\n=1+1"')), "name has a line break or a letter that cannot be seen"),
    Case("a name of 500 letters", "mapping", text("m.toml", MAPPING.replace('"Extract"', f'"{"x" * 500}"')), "name has 500 characters; 120 are the most"),
    Case("a column named like Python's own", "mapping", text("m.toml", MAPPING.replace('"Easting"', '"__import__"')), "good.csv: It has no column '__import__' for x."),
    Case("an unknown coordinate system", "mapping", text("m.toml", MAPPING.replace("EPSG:27700", "EPSG:999999")), "crs: 'EPSG:999999' is not a coordinate system."),
    Case("a coordinate system of Mars", "mapping", text("m.toml", MAPPING.replace("EPSG:27700", "IAU_2015:49900")), "Positions in IAU_2015:49900 cannot be brought into EPSG:27700"),
    Case("heights for positions", "mapping", text("m.toml", MAPPING.replace("EPSG:27700", "EPSG:5701")), "has no plane or geographic coordinates."),
    Case("a file of the server as coordinate system", "mapping", text("m.toml", MAPPING.replace("EPSG:27700", "+proj=pipeline +step +proj=hgridshift +grids=/etc/passwd")), "is not a coordinate system."),
    Case("a date format that is none", "mapping", text("m.toml", MAPPING + '[dates]\nformats = ["%"]\n'), "[dates] formats: '%' is not a date format."),
    Case("a date format with a part twice", "mapping", text("m.toml", MAPPING + '[dates]\nformats = ["%c/%m/%Y"]\n'), "[dates] formats: '%c/%m/%Y' is not a date format."),
    Case("keys of Python's own", "mapping", text("m.toml", MAPPING + '["__class__"]\nx = 1\n'), "'__class__' is not known."),
    Case("five thousand faults", "mapping", text("m.toml", MAPPING + "[crime_types]\n" + "".join(f'"{n}" = "No {n}"\n' for n in range(5000))), "4,980 more such faults."),
    Case("UTF-16", "mapping", text("m.toml", MAPPING, encoding="utf-16"), "Save it as UTF-8."),
    Case("three megabytes", "mapping", repeated("m.toml", b"", b"# x\n", 700_000), "has 3 MB, more than the 2 that are read."),
    Case("bounds without end", "force file", text("f.toml", OF + "bounds = [inf, nan, 1, 2]"), "bounds must be four numbers in metres"),
    Case("bounds in degrees", "force file", text("f.toml", OF + 'analysis_crs = "EPSG:4326"'), "is not in metres."),
    Case("a name of two lines", "force file", text("f.toml", 'name = "a\\nb<script>"'), "name has a line break or a letter that cannot be seen."),
    Case("a file of the server as boundaries", "force file", text("f.toml", 'name = "X"\n[boundaries]\nfile = "/etc/passwd"'), "/etc/passwd cannot be read as boundaries"),
    Case("a NUL byte in a file's name", "force file", text("f.toml", OF + '[boundaries]\nfile = "a\\u0000b"'), "[boundaries] file: there is no file"),
    Case("a file's name of 5,000 letters", "force file", text("f.toml", OF + f'[boundaries]\nfile = "{"x" * 5000}"'), "[boundaries] file: there is no file"),
)  # fmt: skip

LISTED = {"format": 1, "made": "2024-01-01", "version": "0.2.0", "fingerprint": "x", "files": {}}
HOLES = tarfile.TarInfo("store/a")
HOLES.pax_headers = {
    "GNU.sparse.major": "1",
    "GNU.sparse.minor": "0",
    "GNU.sparse.name": "store/a",
    "GNU.sparse.realsize": str(1 << 40),
}
BACKUPS = (
    Case("empty", "restore", text("b.tar", b""), "b.tar cannot be read as a backup (empty file)."),
    Case("no tar", "restore", text("b.tar", b"x" * 2000), "b.tar cannot be read as a backup"),
    Case("a list that is none", "restore", backup_of({}), "hotspot.tar is no backup of this software."),
    Case("a list nested 100,000 deep", "restore", backup_of(nested(100_000).encode()), "hotspot.tar is no backup of this software."),
    Case("a path out of it", "restore", backup_of(LISTED | {"files": {"store/../../evil": "x"}}, ("store/../../evil", b"x")), "holds files that do not belong into a store."),
    Case("a root in it", "restore", backup_of(LISTED | {"files": {"/etc/evil": "x"}}), "holds files that do not belong into a store."),
    Case("a NUL byte in a name", "restore", backup_of(LISTED | {"files": {"store/\0": "x"}}), "holds files that do not belong into a store."),
    Case("a link to a file of the server", "restore", backup_of(LISTED | {"files": {"store/a": "x"}}, (tar_link("store/a", "/etc/passwd"), b"")), "hotspot.tar is damaged: store/a is missing or cut off."),
    Case("a file with holes of a terabyte", "restore", backup_of(LISTED | {"files": {"store/a": "x"}}, (HOLES, b"1\n0\n512\n" + bytes(1100))), "hotspot.tar is damaged: store/a is missing or cut off."),
    Case("of a newer version", "restore", backup_of(LISTED | {"format": 99}), "hotspot.tar was made by a newer version (0.2.0)."),
    Case("a list of another kind", "restore", backup_of(LISTED | {"files": [1, 2]}), "hotspot.tar is no backup of this software."),
    Case("a list that left out the store", "restore", backup_of(LISTED), "hotspot.tar is damaged: its list is not that of the store."),
)  # fmt: skip
