"""Offences: police.uk files, and force extracts of every kind."""

from __future__ import annotations

import json

import pyarrow as pa
from case import Case
from makers import (
    GOOD,
    LAUGHS,
    OUTSIDE_FILE,
    SCRIPT,
    SHEET,
    SQUARE,
    STREET,
    VRT,
    bomb,
    changed,
    damaged,
    encrypted,
    extract,
    frame,
    geojson,
    link,
    lying_zip,
    nameless_zip,
    nested,
    parquet_file,
    shapes,
    street,
    street_rows,
    text,
    workbook,
    workbook_with,
    zip_of,
)
from street_files import HEADER as STREET_HEADER
from ways import GOOD_ROW, HEADER

TWO = street_rows("a", "b")
HEAD = tuple(HEADER.split(","))
PIPELINE = json.dumps({"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/passwd"})
MANY_ROWS = pa.table({"Reference": pa.DictionaryArray.from_arrays(pa.array([0] * 6_000_000, pa.int8()), ["x"])})
TWO_ROWS = b"<row r='1'><c r='A1'><v>1</v></c></row><row r='999999999'><c r='A999999999'><v>1</v></c></row>"
WIDE_ROW = b"<row r='1'><c r='XFD1' t='inlineStr'><is><t>Reference</t></is></c></row>"
ENTITY = b"<row><c t='inlineStr'><is><t>&a9;</t></is></c></row>"
SHEET_1 = "xl/worksheets/sheet1.xml"
SHARED = b"<row r='1'><c r='A1' t='s'><v>0</v></c></row>"
STRINGS = b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>&a9;</t></si></sst>"
STREET_BYTES = "\r\n".join([STREET_HEADER, *TWO, ""]).encode()

POLICE_UK = (
    Case("UTF-16", "police.uk", street(*TWO, encoding="utf-16"), "is neither a street file nor an outcomes file of police.uk."),
    Case("NUL bytes", "police.uk", street(*TWO, "\0\0"), f"{STREET} has NUL bytes: it is damaged, or no text in UTF-8."),
    Case("empty", "police.uk", text(STREET, b""), f"{STREET} is neither a street file nor an outcomes file"),
    Case("a PDF", "police.uk", text("x.csv", b"%PDF-1.7 \0\1"), "Give the CSV as data.police.uk publishes it"),
    Case("a header alone", "police.uk", street(), "0 rows read: 0 used, 0 excluded.", read=True),
    Case("a byte order mark", "police.uk", street(*TWO, encoding="utf-8-sig"), "2 rows read: 2 used", read=True),
    Case(
        "mixed line ends",
        "police.uk",
        text(STREET, f"{STREET_HEADER}\r\n{TWO[0]}\n{TWO[1]}\r"),
        "2 rows read: 2 used, 0 excluded.",
        read=True,
    ),
    Case("ragged rows", "police.uk", street(*TWO, "a,b"), f"Excluded, ragged row: 1 row. First: {STREET} row 3", read=True),
    Case(
        "month 13 and month 00",
        "police.uk",
        street(*street_rows("a", month="2014-13"), *street_rows("b", month="2014-00")),
        f"Excluded, no readable date: 2 rows. First: {STREET} row 1",
        read=True,
    ),
    Case(
        "infinity and NaN as positions",
        "police.uk",
        street(*street_rows("a", at=("inf", "nan"))),
        "1 offence with an unusable location",
        read=True,
    ),
    Case(
        "longitude and latitude swapped",
        "police.uk",
        street(*street_rows("a", at=("52.47", "-1.89"))),
        "1 offence with an unusable location",
        read=True,
    ),
    Case(
        "a column twice",
        "police.uk",
        text(STREET, STREET_HEADER.replace("LSOA name", "Month") + f"\n{TWO[0]}\n"),
        f"{STREET} has the column 'Month' more than once.",
    ),
    Case(
        "two thousand columns",
        "police.uk",
        text(STREET, f"{','.join(map(str, range(2000)))},{STREET_HEADER}\n"),
        "has 2,012 columns, more than the 1,000 that are read.",
    ),
    Case(
        "a field of 200,000 letters",
        "police.uk",
        street(TWO[0], *street_rows("c", location="x" * 200_000)),
        f"{STREET}, column 'Location', has 200,000 characters in one field, more than the 100,000",
    ),
    Case(
        "a quotation that never ends",
        "police.uk",
        street(f'"{TWO[0]}', *street_rows(*map(str, range(900)))),
        "row 1, has more characters in one field than the 100,000 that are read. Is a quotation mark missing before it?",
    ),
    Case(
        "three thousand crime types",
        "police.uk",
        street(*(street_rows(str(one), crime_type=f"kind {one}")[0] for one in range(3000))),
        "has 3,000 different crime types, more than the 2,000",
    ),
    Case(
        "a zip bomb", "police.uk", bomb("a.zip", STREET, megabytes=80), "unpacks to 83,886,080 bytes, which no honest file does."
    ),
    Case(
        "a zip that lies about its size",
        "police.uk",
        lying_zip("a.zip", STREET, STREET_BYTES, claimed=10),
        f"{STREET} in",
    ),
    Case(
        "a path out of a zip",
        "police.uk",
        zip_of("a.zip", (f"../../{STREET}", STREET_BYTES)),
        f"a.zip: its member '../../{STREET}' points outside the archive.",
    ),
    Case("a root in a zip", "police.uk", zip_of("a.zip", (f"/etc/{STREET}", STREET_BYTES)), "points outside the archive."),
    Case("a drive in a zip", "police.uk", zip_of("a.zip", (f"C:\\{STREET}", STREET_BYTES)), "points outside the archive."),
    Case(
        "a link in a zip",
        "police.uk",
        zip_of("a.zip", (link("/etc/passwd"), b"/etc/passwd")),
        f"its member '{STREET}' is a link.",
    ),
    Case(
        "a zip in a zip",
        "police.uk",
        zip_of("a.zip", ("inner.zip", b"PK\5\6" + bytes(18))),
        "Found: an archive within the archive, which must be unpacked (1).",
    ),
    Case("a zip under a password", "police.uk", encrypted("a.zip", STREET, STREET_BYTES), "is protected by a password."),
    Case(
        "no zip at all", "police.uk", text("a.zip", b"no archive"), "a.zip is not a sound zip archive (File is not a zip file)."
    ),
    Case(
        "a line break in a member's name",
        "police.uk",
        zip_of("a.zip", ("2014-01\n<script>.csv", STREET_BYTES)),
        "has a letter in its name that cannot be seen.",
    ),
    Case(
        "more members than the limit",
        "police.uk",
        zip_of("a.zip", *((f"{one}.csv", b"") for one in range(4))),
        "a.zip has 4 files, more than the 3 that are read. Import parts of it. The administrator can raise HOTSPOT_MOST_MEMBERS.",
        environment={"HOTSPOT_MOST_MEMBERS": "3"},
    ),
)

EXTRACT = (
    Case("Windows-1252", "extract", extract(changed(Street="Café"), encoding="cp1252"), "1 row read: 1 used", read=True),
    Case("a byte order mark", "extract", extract(GOOD_ROW, encoding="utf-8-sig"), "1 row read: 1 used", read=True),
    Case("UTF-16", "extract", extract(GOOD_ROW, encoding="utf-16"), "1 row read: 1 used", read=True),
    Case("UTF-16 that does not say so", "extract", extract(GOOD_ROW, encoding="utf-16-le"), "given.csv has NUL bytes"),
    Case("Shift JIS", "extract", text("given.csv", b"Reference,From\n\x81\x8d,x\n"), "is neither UTF-8, UTF-16 nor Windows-1252"),
    Case("NUL bytes", "extract", text("given.csv", HEADER.encode() + b"\n\0\0"), "given.csv has NUL bytes: it is damaged"),
    Case("empty", "extract", text("given.csv", b""), "given.csv is empty. Export it again."),
    Case("nothing but a quote", "extract", text("given.csv", b'"'), "a quotation mark that opens in row 0 is never closed"),
    Case("a header alone", "extract", extract(), "given.csv has column names but no row below them."),
    Case(
        "a column twice",
        "extract",
        extract(f"{GOOD_ROW},x", header=f"{HEADER},Street"),
        "has the column 'Street' more than once.",
    ),
    Case(
        "mixed line ends",
        "extract",
        text("given.csv", f"{HEADER}\r\n{GOOD_ROW}\n{changed(Reference='2')}\r{changed(Reference='3')}"),
        "3 rows read: 3 used, 0 excluded.",
        read=True,
    ),
    Case(
        "ragged rows",
        "extract",
        extract(GOOD_ROW, f"{GOOD_ROW},x,y", "a,b"),
        "Excluded, ragged row: 2 rows. First: given.csv row 2",
        read=True,
    ),
    Case(
        "a quotation that never ends",
        "extract",
        extract(GOOD_ROW, changed(Reference='"2'), changed(Reference="3")),
        "given.csv: a quotation mark that opens in row 2 is never closed",
    ),
    Case(
        "a field of 200,000 letters",
        "extract",
        extract(GOOD_ROW, changed(Reference="2", Street="x" * 200_000)),
        "given.csv, row 2, has more characters in one field than the 100,000 that are read.",
    ),
    Case(
        "more rows than the limit",
        "extract",
        extract(GOOD_ROW, changed(Reference="2")),
        "given.csv has 2 rows, more than the 1 that are read. Split it",
        environment={"HOTSPOT_MOST_ROWS": "1"},
    ),
    Case(
        "a limit that is no number",
        "extract",
        extract(GOOD_ROW),
        "HOTSPOT_MOST_ROWS is 'many', which is no whole number above 0.",
        environment={"HOTSPOT_MOST_ROWS": "many"},
    ),
    Case(
        "more bytes than the limit",
        "extract",
        extract(GOOD_ROW, changed(Street="x" * 2_000_000)),
        "given.csv has 2 MB, more than the 1 that are read.",
        environment={"HOTSPOT_MOST_MB": "1"},
    ),
    Case(
        "three thousand crime types",
        "extract",
        extract(*(changed(Reference=str(one), Offence=f"kind {one}") for one in range(3000))),
        "given.csv has 3,000 different crime types, more than the 2,000 that are read. Is it the column of crime types?",
    ),
    Case(
        "a column of many distinct values",
        "extract",
        extract(*(changed(Reference=f"r{one}", Street=f"{one} Street") for one in range(5000))),
        "5,000 rows read: 5,000 used",
        read=True,
    ),
    Case(
        "HTML and script in text",
        "extract",
        extract(changed(Street=SCRIPT, Offence=SCRIPT, Victim=SCRIPT)),
        f"'{SCRIPT}' (1)",
        read=True,
    ),
    Case(
        "formulas in text",
        "extract",
        extract(changed(Street="=cmd|' /C calc'!A0", Offence="@SUM(1)")),
        "'@SUM(1)' (1)",
        read=True,
    ),
    Case(
        "eastings and northings swapped",
        "extract",
        extract(*(changed(Reference=f"s{one}", Easting="292000", Northing="402000") for one in range(3))),
        "would lie inside if their columns were exchanged",
        read=True,
    ),
    Case(
        "degrees in a metre column",
        "extract",
        extract(*(changed(Reference=f"d{one}", Easting="-1.97", Northing="52.52") for one in range(3))),
        "would lie inside if they were longitude and latitude in degrees: set crs to EPSG:4326.",
        read=True,
    ),
    Case(
        "infinity and NaN as positions",
        "extract",
        extract(changed(Easting="inf"), changed(Reference="2", Northing="NaN"), changed(Reference="3", Easting="1e999")),
        "3 offences with an unusable location",
        read=True,
    ),
    Case(
        "thousands separators",
        "extract",
        extract(changed(Easting='"402,000"', Northing="292 000")),
        "1 row read: 1 used",
        read=True,
    ),
    Case(
        "dates in four orders",
        "extract",
        extract(
            *(
                changed(Reference=f"o{n}", From=one)
                for n, one in enumerate(["2024-03-04", "04/03/2024", "4 Mar 2024", "20240304T2215"])
            )
        ),
        "Months: 2024-03.",
        read=True,
    ),
    Case(
        "months before days",
        "extract",
        extract(changed(From="12/31/2024", To="", Reported=""), changed(Reference="2", From="01/02/2024", To="", Reported="")),
        "set day_first = false in the mapping",
        read=True,
    ),
    Case(
        "29 February of 2023",
        "extract",
        extract(changed(From="29/02/2023", To="", Reported=""), changed(Reference="2")),
        "'From': 1 row has no readable date ('29/02/2023'); taken as unknown.",
        read=True,
    ),
    Case(
        "the hour that comes twice",
        "extract",
        extract(changed(From="2024-10-27T01:30:00+01:00", To="2024-10-27T01:15:00+00:00")),
        "1 offence with an end before the start: kept, the window is unknown.",
        read=True,
    ),
    Case(
        "the hour that never was",
        "extract",
        extract(changed(From="2024-03-31 01:30", To="2024-03-31 01:45")),
        "1 row read: 1 used",
        read=True,
    ),
    Case(
        "the year 2099",
        "extract",
        extract(changed(From="2099-01-01", To="", Reported="")),
        "Excluded, date in the future: 1 row. First: given.csv row 1.",
        read=True,
    ),
    Case("a name like a device", "extract", extract(GOOD_ROW, name="CON.csv"), "1 row read: 1 used", read=True),
    Case("a name of dots", "extract", extract(GOOD_ROW, name="..csv"), "1 row read: 1 used", read=True),
    Case("a name with a script", "extract", extract(GOOD_ROW, name="<script>.csv"), "1 row read: 1 used", read=True),
    Case(
        "a line break in the name",
        "extract",
        extract(GOOD_ROW, name="a\nb.csv"),
        "has a letter that cannot be seen, such as a line break. Rename it.",
    ),
    Case(
        "another kind of file",
        "extract",
        text("a.docx", b"x"),
        "a.docx is no CSV, XLSX, Parquet, GeoPackage or GeoJSON file by its name.",
    ),
)

WORKBOOKS = (
    Case(
        "formulas that nobody computed",
        "extract",
        workbook(HEAD, ("=1+1", "Burglary", "2024-01-01", *[""] * 10)),
        "given.xlsx has formulas: what they last gave is read, and a cell that was never computed is blank.",
        read=True,
    ),
    Case("a zip bomb", "extract", workbook_with(("xl/sharedStrings.xml", bytes(80 << 20))), "unpacks to 83,886,080 bytes"),
    Case("a billion laughs in a sheet", "extract", workbook_with((SHEET_1, SHEET % (LAUGHS, ENTITY))), "given.xlsx is damaged or no Excel workbook"),
    Case("a billion laughs in its texts", "extract", workbook_with((SHEET_1, SHEET % (b"", SHARED)), ("xl/sharedStrings.xml", LAUGHS + STRINGS)), "given.xlsx is damaged or no Excel workbook (Unable to read workbook: could not read strings"),
    Case("a file of the server in a sheet", "extract", workbook_with((SHEET_1, SHEET % (OUTSIDE_FILE, ENTITY))), "given.xlsx is damaged or no Excel workbook"),
    Case(
        "a row with the number 999,999,999",
        "extract",
        workbook_with((SHEET_1, SHEET % (b"", TWO_ROWS))),
        "given.xlsx has more rows than the 1,000 that are read.",
        environment={"HOTSPOT_MOST_ROWS": "1000"},
    ),
    Case("a cell in the last column", "extract", workbook_with((SHEET_1, SHEET % (b"", WIDE_ROW))), "given.xlsx, first row, has 16,384 columns, more than the 1,000"),
    Case("a column twice", "extract", workbook((*HEAD, "From"), (*GOOD.values(), "x")), "given.xlsx, sheet 'Crimes' has the column 'From' more than once."),
    Case("an empty sheet", "extract", workbook(), "given.xlsx, sheet 'Crimes', is empty."),
    Case("a header alone", "extract", workbook(HEAD), "given.xlsx, sheet 'Crimes', has column names but no row below them."),
    Case("an old workbook", "extract", text("given.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)), "given.xlsx is an old .xls workbook. Save it as .xlsx"),
    Case(
        "a workbook under a password",
        "extract",
        text("given.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")),
        "given.xlsx is protected by a password. Take the password off",
    ),
    Case("cut off", "extract", damaged(workbook(HEAD, tuple(GOOD.values())), at=0.6, keep=False), "given.xlsx is damaged or no Excel workbook (File is not a zip file)."),
    Case("a part without a name", "extract", nameless_zip("given.xlsx"), "given.xlsx: one of its members has no name."),
    Case("a path out of the workbook", "extract", workbook_with(("../../evil.xml", b"x")), "given.xlsx: its member '../../evil.xml' points outside the archive."),
)  # fmt: skip

COLUMNAR = (
    Case("Parquet cut off", "extract", parquet_file(cut=0.6), "given.parquet is damaged or no Parquet file"),
    Case("Parquet of six million rows in few bytes", "extract", parquet_file(MANY_ROWS), "given.parquet has 6,000,000 rows, more than the 5,000,000"),
    Case("Parquet without rows", "extract", parquet_file(pa.Table.from_pandas(frame()).slice(0, 0)), "given.parquet has columns but no row."),
    Case("Parquet in name alone", "extract", text("given.parquet", b"PAR1" + b"x" * 100 + b"PAR1"), "given.parquet is damaged or no Parquet file"),
    Case("Parquet damaged in the middle", "extract", damaged(parquet_file(), at=0.05, length=60), "given.parquet is damaged or no Parquet file"),
    Case("Parquet of lists and records", "extract", parquet_file(pa.table({"Reference": [[1, 2]], "From": [{"a": 1}]})), "given.parquet: It has no column 'Offence' for crime_description."),
    Case("GeoPackage overwritten", "extract", damaged(shapes("given.gpkg", SQUARE), at=0.1, length=20_000), "given.gpkg is damaged or no gpkg file"),
    Case("GeoPackage that points to another file", "extract", text("given.gpkg", VRT), "given.gpkg is damaged or no GeoPackage file, whatever its name says"),
    Case("GeoJSON that is a pipeline", "extract", text("given.json", PIPELINE), "given.json is damaged or no json file"),
    Case("GeoJSON nested 100,000 deep", "extract", text("given.geojson", f'{{"type":"FeatureCollection","features":{nested(100_000)}}}'), "given.geojson is damaged or no geojson file"),
    Case("GeoJSON whose polygons are no points", "extract", geojson("given.geojson", SQUARE, properties={k: v for k, v in GOOD.items() if k not in ("Easting", "Northing")}), "given.geojson: It has no column 'Easting' for x."),
)  # fmt: skip
