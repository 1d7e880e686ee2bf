"""Files with shapes, opened only where they are what their name says and no larger than anybody needs."""

from __future__ import annotations

import codecs
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException, ShapelyError

from hotspot.archives import UNSOUND, checked_members
from hotspot.errors import BadInput
from hotspot.given_text import check_file_name, first_line, printable
from hotspot.limits import COLUMNS, CORNERS, ROWS, check_size

IN_ZIP = (".shp", ".gpkg", ".geojson", ".json", ".kml")
UNREADABLE = (
    *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.GeometryError, pyogrio.errors.FieldError),
    *(pyogrio.errors.FeatureError, pyogrio.errors.CRSError, *UNSOUND),
    *(ProjError, GEOSException, ShapelyError),
)
"""What GDAL, GEOS and PROJ let through of a damaged file, depending on where the damage is."""
_KINDS = {".gpkg": "GeoPackage", ".geojson": "GeoJSON", ".json": "GeoJSON", ".kml": "KML", ".shp": "shapefile"}
_HEAD = 4096
_DEFINITIONS = (b"<!DOCTYPE", b"<!ENTITY")
_PIECE = 1 << 20


def read_frames(path: Path, *, meant: str) -> list[geopandas.GeoDataFrame]:
    """Read every layer of a file that has geometry; ``meant`` says in a fault what it should have been.

    Raises
    ------
    BadInput
        If there is no such file, it is another kind of file than its name says, too large, or cannot be read.
    """
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    check_file_name(path)
    if not path.stat().st_size:
        raise BadInput(f"{path} is empty. Export it again.")
    check_size(path.stat().st_size, str(path))
    try:
        frames = [frame for member in _members(path) for frame in _read_member(member, path)]
    except UNREADABLE as fault:
        raise BadInput(
            f"{path} cannot be read as {meant} ({first_line(fault)}). Give a GeoPackage, GeoJSON, KML or zipped shapefile."
        ) from fault
    CORNERS.check(sum(int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()) for frame in frames), str(path))
    return frames


def columns_of(path: Path) -> tuple[str, ...]:
    """List the columns of a file with shapes; empty where it cannot be read, which reading it then says."""
    try:
        members = _members(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuple(str(name) for name in pyogrio.read_info(members[0])["fields"]) if members else ()
    except (*UNREADABLE, BadInput):
        return ()


def finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say of which shapes every coordinate is a number; an absent or empty shape has none that is not."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    sound = np.ones(len(shapes), dtype=bool)
    sound[owner[~np.isfinite(points).all(axis=1)]] = False
    return sound


def check_kind(path: Path, where: str) -> None:
    """Refuse a file whose first bytes are not those of the kind that its name says.

    Parameters
    ----------
    where
        What a fault calls it.

    Raises
    ------
    BadInput
        If it is another kind of file, or a KML file that defines words of its own.
    """
    with path.open("rb") as file:
        _check_kind(iter(lambda: file.read(_PIECE), b""), path.suffix.lower(), where)


def _members(path: Path) -> list[str]:
    """A zip often holds its shapefile in a folder, beside papers and the packer's own files."""
    if path.suffix.lower() != ".zip":
        check_kind(path, str(path))
        return [str(path)]
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in checked_members(archive, str(path)) if not info.filename.startswith("__MACOSX/")]
        found = [info.filename for info in infos if Path(info.filename).suffix.lower() in IN_ZIP]
        for name in found:
            with archive.open(name) as content:
                pieces = iter(lambda content=content: content.read(_PIECE), b"")
                _check_kind(pieces, Path(name).suffix.lower(), f"{printable(name)} in {path}")
    if not found:
        held = ", ".join(printable(info.filename) for info in infos[:5]) or "nothing"
        raise BadInput(f"{path} holds no shapefile, GeoPackage, GeoJSON or KML file itself, but {held}. Give one of those.")
    return [f"/vsizip/{path.resolve()}/{name}" for name in found]


def _check_kind(pieces: Iterator[bytes], suffix: str, where: str) -> None:
    head = next(pieces, b"")
    if suffix in _KINDS and not _is_kind(head[:_HEAD], suffix):
        raise BadInput(
            f"{where} is damaged or no {_KINDS[suffix]} file, whatever its name says: it begins otherwise. Export it again."
        )
    if suffix == ".kml":
        before = b""
        for piece in (head, *pieces):
            if any(mark in before + piece for mark in _DEFINITIONS):
                raise BadInput(f"{where} defines words of its own (DOCTYPE), which no map program writes. Export it again.")
            before = piece[-16:]


def _is_kind(head: bytes, suffix: str) -> bool:
    if suffix == ".gpkg":
        return head.startswith(b"SQLite format 3\0")
    if suffix == ".shp":
        return head.startswith(b"\x00\x00\x27\x0a")
    # Another alphabet (UTF-16) has NUL bytes: what follows could not be looked through.
    return head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<" if suffix == ".kml" else b"{") and b"\0" not in head


def _read_member(member: str, path: Path) -> list[geopandas.GeoDataFrame]:
    with warnings.catch_warnings():
        # GDAL mends odd fields and open rings with a warning; what it cannot mend is checked later.
        warnings.simplefilter("ignore")
        layers = [layer for layer, kind in pyogrio.list_layers(member) if kind is not None]
        for layer in layers:
            info = pyogrio.read_info(member, layer=layer)
            COLUMNS.check(len(info["fields"]), str(path))
            ROWS.check(info["features"], str(path))
        return [geopandas.read_file(member, layer=layer, on_invalid="fix") for layer in layers]
