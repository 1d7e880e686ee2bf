"""Hostile and broken files, made by code: each maker writes one file into a folder and gives its path."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import geopandas
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import shapely
from street_files import HEADER as STREET_HEADER
from street_files import row as street_row
from ways import GOOD_ROW, HEADER

Maker = Callable[[Path], Path]
STREET = "2014-01-testshire-street.csv"
GOOD = dict(zip(HEADER.split(","), GOOD_ROW.split(","), strict=True))


def text(name: str, content: str | bytes, *, encoding: str = "utf-8") -> Maker:
    """A file of that content, whatever it is."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


def extract(*rows: str, header: str = HEADER, ends: str = "\n", name: str = "given.csv", encoding: str = "utf-8") -> Maker:
    """A force extract as CSV."""
    return text(name, ends.join([header, *rows, ""]), encoding=encoding)


def changed(**cells: str) -> str:
    """One row of the extract with other cells."""
    return ",".join((GOOD | cells).values())


def street(*rows: str, name: str = STREET, encoding: str = "utf-8") -> Maker:
    """A police.uk street file."""
    return text(name, "\r\n".join([STREET_HEADER, *rows, ""]), encoding=encoding)


def repeated(name: str, before: bytes, piece: bytes, times: int, after: bytes = b"") -> Maker:
    """A file that is large when it is made, not in this project."""
    return lambda folder: text(name, before + piece * times + after)(folder)


def zip_of(name: str, *members: tuple[str | zipfile.ZipInfo, bytes], compress: bool = True) -> Maker:
    """A zip archive of members."""

    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
            for member, content in members:
                archive.writestr(member, content)
        return folder / name

    return make


def bomb(name: str, member: str, *, megabytes: int) -> Maker:
    """A zip whose member shrinks a thousandfold."""

    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(member, "w") as target:
            for _ in range(megabytes):
                target.write(bytes(1 << 20))
        return folder / name

    return make


def lying_zip(name: str, member: str, content: bytes, *, claimed: int) -> Maker:
    """A zip whose list says that a member is smaller than it is."""

    def make(folder: Path) -> Path:
        path = zip_of(name, (member, content))(folder)
        whole = path.read_bytes()
        path.write_bytes(whole.replace(len(content).to_bytes(4, "little"), claimed.to_bytes(4, "little")))
        return path

    return make


def nameless_zip(name: str, content: bytes = b"x") -> Maker:
    """A zip whose one member has an empty name, which no library writes (found by fuzzing)."""
    common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), 0, 0)
    local = b"PK\x03\x04" + common + content
    listed = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listed), len(local), 0)
    return text(name, local + listed + end)


def link(target: str) -> zipfile.ZipInfo:
    """A member that is a symbolic link."""
    info = zipfile.ZipInfo(STREET)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    info.comment = target.encode()
    return info


def encrypted(name: str, member: str, content: bytes) -> Maker:
    """A zip that says of its member that it is protected by a password."""

    def make(folder: Path) -> Path:
        path = zip_of(name, (member, content), compress=False)(folder)
        whole = bytearray(path.read_bytes())
        for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            whole[whole.index(signature) + flags] |= 1
        path.write_bytes(whole)
        return path

    return make


def workbook(*rows: tuple[object, ...], name: str = "given.xlsx", sheet: str = "Crimes") -> Maker:
    """A workbook whose first row is the extract's header, unless other rows are given whole."""

    def make(folder: Path) -> Path:
        book = openpyxl.Workbook()
        book.active.title = sheet
        for row in rows:
            book.active.append(list(row))
        book.save(folder / name)
        return folder / name

    return make


def workbook_with(*replaced: tuple[str, bytes], name: str = "given.xlsx") -> Maker:
    """A sound workbook of which some parts are replaced."""

    def make(folder: Path) -> Path:
        path = workbook(tuple(HEADER.split(",")), tuple(GOOD_ROW.split(",")), name=name)(folder)
        with zipfile.ZipFile(path) as archive:
            parts = {info.filename: archive.read(info) for info in archive.infolist()}
        if dict(replaced).keys() - parts.keys():
            parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", SHARED_TEXTS + b"</Types>")
        return zip_of(name, *(parts | dict(replaced)).items())(folder)

    return make


SHARED_TEXTS = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
SHEET = (
    b'<?xml version="1.0"?>%s<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s'
    b"</sheetData></worksheet>"
)
LAUGHS = (
    b"<!DOCTYPE x [<!ENTITY a0 'ha ha ha ha ha ha ha ha '>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]>"
)
"""A billion laughs: ten entities, each of which is ten of the one before."""


def frame() -> pd.DataFrame:
    return pd.DataFrame([GOOD])


def parquet_file(table: pa.Table | None = None, *, name: str = "given.parquet", cut: float = 1.0, **options: object) -> Maker:
    """A Parquet file, cut off behind a share of its bytes."""

    def make(folder: Path) -> Path:
        path = folder / name
        parquet.write_table(pa.Table.from_pandas(frame()) if table is None else table, path, **options)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
        return path

    return make


def shapes(
    name: str, *geometry: object, crs: str | None = "EPSG:27700", driver: str | None = None, **columns: list[object]
) -> Maker:
    """A file with shapes and a column of names, unless other columns are given."""

    def make(folder: Path) -> Path:
        named = columns or {"name": [f"Ward {number}" for number in range(len(geometry))]}
        table = geopandas.GeoDataFrame(named, geometry=list(geometry), crs=crs)
        options = {"driver": driver} if driver else {}
        table.to_file(folder / name, **options)
        return folder / name

    return make


def geojson(name: str, *geometry: object, crs: str = "EPSG:27700", properties: dict[str, object] | None = None) -> Maker:
    """GeoJSON written by hand, so that it may hold what no library writes; a geometry is a dictionary, a text or a shape."""

    def plain(one: object) -> object:
        return json.loads(shapely.to_geojson(one)) if isinstance(one, shapely.Geometry) else one

    features = [
        {"type": "Feature", "properties": properties or {"name": f"Ward {number}"}, "geometry": plain(one)}
        for number, one in enumerate(geometry)
    ]
    known = {"type": "name", "properties": {"name": crs}}
    return text(name, json.dumps({"type": "FeatureCollection", "crs": known, "features": features}))


def zipped_shapefile(*geometry: object, without: str = "", name: str = "wards.zip") -> Maker:
    """A shapefile in a zip, one of its parts left out."""

    def make(folder: Path) -> Path:
        shapes("wards.shp", *geometry)(folder)
        parts = [part for part in sorted(folder.glob("wards.*")) if part.suffix not in (without, ".zip")]
        return zip_of(name, *((f"wards/{part.name}", part.read_bytes()) for part in parts))(folder)

    return make


def geopackage_with(statement: str, *, name: str = "wards.gpkg") -> Maker:
    """A sound GeoPackage that a statement of SQL has changed."""

    def make(folder: Path) -> Path:
        path = shapes(name, SQUARE)(folder)
        with sqlite3.connect(path) as database:
            database.executescript(statement)
        database.close()
        return path

    return make


def damaged(maker: Maker, *, at: float = 0.5, length: int = 2000, keep: bool = True) -> Maker:
    """A file in whose middle bytes are overwritten, or behind which it is cut off."""

    def make(folder: Path) -> Path:
        path = maker(folder)
        whole = bytearray(path.read_bytes())
        place = int(len(whole) * at)
        whole[place : place + length] = b"\xff" * min(length, len(whole) - place) if keep else b""
        path.write_bytes(whole if keep else whole[:place])
        return path

    return make


def backup_of(document: object, *members: tuple[tarfile.TarInfo | str, bytes]) -> Maker:
    """A tar with the list of a backup and further members."""

    def make(folder: Path) -> Path:
        path = folder / "hotspot.tar"
        listed = document if isinstance(document, bytes) else json.dumps(document).encode()
        with tarfile.open(path, "w") as archive:
            for member, content in (("backup.json", listed), *members):
                info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
                info.size = len(content) if info.isreg() else 0
                archive.addfile(info, io.BytesIO(content))
        return path

    return make


def tar_link(name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


SQUARE = shapely.box(400_500, 290_500, 401_500, 291_500)
BOW_TIE = shapely.Polygon([(400_500, 290_500), (401_500, 291_500), (401_500, 290_500), (400_500, 291_500)])
"""Crosses itself: two triangles."""


def nested(depth: int, opening: str = "[", closing: str = "]") -> str:
    return opening * depth + closing * depth


def street_rows(*ids: str, **cells: str) -> tuple[str, ...]:
    return tuple(street_row(one, force="Testshire Police", **cells) for one in ids)


VRT = "<OGRVRTDataSource><OGRVRTLayer name='s'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
"""GDAL's own pointer to another file: under any name it would open that one."""
SCRIPT = "<script>alert(1)</script>"
OUTSIDE_FILE = b"<!DOCTYPE x [<!ENTITY a9 SYSTEM 'file:///etc/passwd'>]>"
ENDLESS = """
CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, geom FROM n, wards;
INSERT INTO gpkg_contents
SELECT 'endless', data_type, 'endless', '', last_change, min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents;
INSERT INTO gpkg_geometry_columns SELECT 'endless', column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns;
"""
"""A layer that gives one row after another and has no last."""
