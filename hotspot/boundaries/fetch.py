"""Fetch full-resolution district polygons from an ArcGIS feature service, such as that of the ONS.

Nothing is returned unless the answer is complete (exactly the districts asked for) and every polygon valid, so a caller
that replaces its areas with what comes back keeps the old ones upon any failure.

The protocol is the query operation of Esri's ArcGIS REST API for feature layers (where, outFields, outSR, resultOffset,
resultRecordCount, f=geojson; a failure may come as HTTP 200 with ``{"error": ...}``).
"""

from __future__ import annotations

import json
import re
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import geopandas
import shapely
from shapely.errors import GEOSException
from shapely.geometry import shape

from hotspot import paths
from hotspot.boundaries.areas import Areas, areas_from_frame
from hotspot.errors import BadInput, FetchFailed
from hotspot.geography import LPA, Force

SERVICE_FILE = paths.BOUNDARIES / "ons.toml"
CHUNK = 65_536
MOST_PAGES = 200
KEPT = "The boundaries in use are unchanged."


@dataclass(frozen=True)
class BoundaryService:
    """A feature service with district polygons."""

    url: str
    """Address of the layer's query operation."""
    code_field: str = "LAD25CD"
    name_field: str = "LAD25NM"
    timeout_seconds: float = 60.0
    """Limit for one page as a whole."""
    page_size: int = 50
    """Districts asked for at once."""
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """District codes by force (``Force.slug``)."""
    file: Path = SERVICE_FILE
    """Where it is configured."""

    def codes_of(self, force: Force) -> tuple[str, ...]:
        """List the district codes of a force; raise ``BadInput`` if none are configured."""
        if force.slug not in self.codes:
            raise BadInput(
                f"No district codes are configured for {force.name}. Add {force.slug} = [...] to [codes] in {self.file}."
            )
        return self.codes[force.slug]


def load_service(path: Path = SERVICE_FILE) -> BoundaryService:
    """Read the service's configuration.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadInput(f"The configuration of the boundary service {path} cannot be read ({fault}).") from fault
    faults = _service_faults(document)
    if faults:
        raise BadInput(*(f"{path}: {fault}" for fault in faults))
    codes = {force: tuple(listed) for force, listed in document.pop("codes", {}).items()}
    return BoundaryService(**document, codes=codes, file=Path(path))


def fetch_lpas(service: BoundaryService, *, codes: Sequence[str], crs: str) -> Areas:
    """Get the polygons of the districts with these codes, in the analysis CRS.

    Raises
    ------
    FetchFailed
        If the service cannot be reached, or its answer is not complete and valid.
    """
    wanted = tuple(dict.fromkeys(codes))
    if faulty := [code for code in wanted if not re.fullmatch(r"[A-Z]\d{8}", code)]:
        raise BadInput(f"{', '.join(faulty)}: not district codes. A code is a letter and eight digits, such as E08000025.")
    features = _all_features(service, wanted)
    _check_fields(service, features)
    _check_codes(service, features, wanted)
    frame = geopandas.GeoDataFrame(
        {"name": [feature["properties"][service.name_field] for feature in features]},
        geometry=_polygons(service, features),
        crs="EPSG:4326",
    )
    try:
        return areas_from_frame(frame, source=service.url, level=LPA, crs=crs, name_column="name")
    except BadInput as fault:
        raise FetchFailed(f"{fault} {KEPT}") from fault


def _all_features(service: BoundaryService, codes: tuple[str, ...]) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        page = _page(service, codes, offset=len(features))
        features += page["features"]
        more = page.get("exceededTransferLimit") or (page.get("properties") or {}).get("exceededTransferLimit")
        if not more:
            return features
        if not page["features"]:
            break
    raise FetchFailed(f"{service.url} says again and again that more is to come. {KEPT}")


def _page(service: BoundaryService, codes: tuple[str, ...], *, offset: int) -> dict[str, Any]:
    query = {
        "where": f"{service.code_field} IN ({','.join(repr(code) for code in codes)})",
        "outFields": f"{service.code_field},{service.name_field}",
        "orderByFields": service.code_field,
        "returnGeometry": "true",
        "outSR": "4326",
        "resultOffset": str(offset),
        "resultRecordCount": str(service.page_size),
        "f": "geojson",
    }
    answer = _answer(service, f"{service.url}?{urllib.parse.urlencode(query)}")
    return _feature_collection(service, answer)


def _answer(service: BoundaryService, url: str) -> bytes:
    late = f"{service.url} did not answer in full within {service.timeout_seconds:g} seconds. {KEPT} Try again later."
    try:
        with urllib.request.urlopen(url, timeout=service.timeout_seconds) as response:
            return _body(service, response, late=late)
    except urllib.error.HTTPError as fault:
        fault.close()
        raise FetchFailed(f"{service.url} answered with HTTP {fault.code} ({fault.reason}). {KEPT} Try again later.") from fault
    except urllib.error.URLError as fault:
        if isinstance(fault.reason, TimeoutError):
            raise FetchFailed(late) from fault
        raise FetchFailed(f"{service.url} cannot be reached ({fault.reason}). {KEPT} Is there internet?") from fault
    except TimeoutError as fault:
        raise FetchFailed(late) from fault
    except (OSError, HTTPException) as fault:
        raise FetchFailed(f"The answer of {service.url} breaks off. {KEPT} Try again later.") from fault


def _body(service: BoundaryService, response: HTTPResponse, *, late: str) -> bytes:
    """Read part by part: the time-out of a socket is for one part, and a slow server would never reach it."""
    end = time.monotonic() + service.timeout_seconds
    promised, parts = response.headers.get("Content-Length"), []
    while part := response.read1(CHUNK):
        parts.append(part)
        if time.monotonic() > end:
            raise FetchFailed(late)
    body = b"".join(parts)
    if promised is not None and len(body) < int(promised):
        raise FetchFailed(
            f"The answer of {service.url} breaks off after {len(body):,} of {int(promised):,} bytes. {KEPT} Try again later."
        )
    return body


def _feature_collection(service: BoundaryService, answer: bytes) -> dict[str, Any]:
    if answer.lstrip()[:1] == b"<":
        raise FetchFailed(f"{service.url} answered with a web page, not with boundaries. {KEPT} Check the url in {service.file}.")
    try:
        document = json.loads(answer)
    except ValueError as fault:
        raise FetchFailed(
            f"The answer of {service.url} breaks off or is not GeoJSON ({fault}). {KEPT} Try again later."
        ) from fault
    error = document.get("error") if isinstance(document, dict) else None
    if isinstance(error, dict):
        said = " ".join(str(part) for part in (error.get("message"), *(error.get("details") or [])) if part)
        raise FetchFailed(
            f"{service.url} refused the query: {said or error}. {KEPT} "
            f"Check the url, code_field {service.code_field} and name_field {service.name_field} in {service.file}."
        )
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise FetchFailed(f"The answer of {service.url} is not a GeoJSON feature collection. {KEPT}")
    return document


def _check_fields(service: BoundaryService, features: list[dict[str, Any]]) -> None:
    for feature in features:
        properties = feature.get("properties") or {}
        missing = [name for name in (service.code_field, service.name_field) if not properties.get(name)]
        if missing:
            raise FetchFailed(
                f"{service.url} gives no {' and no '.join(missing)}; its fields are {', '.join(properties) or 'none'}. "
                f"{KEPT} Correct code_field and name_field in {service.file}."
            )


def _check_codes(service: BoundaryService, features: list[dict[str, Any]], wanted: tuple[str, ...]) -> None:
    given = [feature["properties"][service.code_field] for feature in features]
    faults = {
        "lacks": [code for code in wanted if code not in given],
        "repeats": sorted({code for code in given if given.count(code) > 1}),
        "has besides": sorted(set(given) - set(wanted)),
    }
    told = [f"{what} {', '.join(found)}" for what, found in faults.items() if found]
    if told:
        raise FetchFailed(f"The answer of {service.url} {' and '.join(told)}. {KEPT}")


def _polygons(service: BoundaryService, features: list[dict[str, Any]]) -> list[shapely.Geometry]:
    polygons, faulty = [], []
    for feature in features:
        try:
            polygon = shape(feature["geometry"])
        except (KeyError, TypeError, ValueError, AttributeError, GEOSException):
            polygon = shapely.Polygon()
        if polygon.geom_type not in ("Polygon", "MultiPolygon") or polygon.is_empty or not polygon.is_valid:
            faulty.append(str(feature["properties"][service.name_field]))
        polygons.append(polygon)
    if faulty:
        raise FetchFailed(f"{service.url} gives no valid polygon for {', '.join(faulty)}. {KEPT} Try again later.")
    return polygons


def _service_faults(document: dict[str, Any]) -> list[str]:
    known: dict[str, Any] = {
        "url": str,
        "code_field": str,
        "name_field": str,
        "timeout_seconds": (int, float),
        "page_size": int,
        "codes": dict,
    }
    faults = [f"{key} is not known; known are {', '.join(known)}." for key in document if key not in known]
    faults += [
        f"{key} = {document[key]!r} is of the wrong kind."
        for key, kind in known.items()
        if key in document and (not isinstance(document[key], kind) or isinstance(document[key], bool))
    ]
    if faults:
        return faults
    if not re.match(r"https?://", document.get("url", "")):
        faults.append("url must be the address of the layer's query operation, beginning with https://.")
    for key in ("code_field", "name_field"):
        if not re.fullmatch(r"[A-Za-z_]\w*", document.get(key, "LAD25CD")):
            faults.append(f"{key} = {document[key]!r} is not the name of a field.")
    faults += [f"{key} must be above 0." for key in ("timeout_seconds", "page_size") if document.get(key, 1) <= 0]
    for force, codes in document.get("codes", {}).items():
        if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
            faults.append(f'[codes] {force} must be a list of district codes, such as ["E08000025"].')
    return faults
