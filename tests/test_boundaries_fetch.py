"""Boundaries fetched from a feature service: a local server answers well and in every bad way."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import mapping

from hotspot import paths
from hotspot.boundaries.areas import Areas, read_areas
from hotspot.boundaries.fetch import BoundaryService, fetch_lpas, load_service
from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput, FetchFailed
from hotspot.geography import Force

CRS = "EPSG:27700"
CODES = ("E08000025", "E08000026", "E08000027")
NAMES = ("Birmingham", "Coventry", "Dudley")
BOXES = {name: shapely.box(400_000 + 1000 * i, 290_000, 401_000 + 1000 * i, 291_000) for i, name in enumerate(NAMES)}
TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)

Answer = Callable[[BaseHTTPRequestHandler, dict[str, str]], None]


class Portal:
    """A server on this machine; ``answer`` says how it answers, ``queries`` what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = full
        self.queries: list[dict[str, str]] = []
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
                portal.queries.append(query)
                portal.answer(self, query)

            def log_message(self, *_: object) -> None:
                """Say nothing on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def service(self, **changes: object) -> BoundaryService:
        return BoundaryService(url=f"http://127.0.0.1:{self.server.server_port}/query", **{"timeout_seconds": 20.0, **changes})

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def portal() -> Iterator[Portal]:
    running = Portal()
    yield running
    running.stop()


def feature(name: str, polygon: shapely.Geometry | None = None, *, year: str = "25") -> dict[str, object]:
    degrees = shapely.transform(polygon or BOXES[name], TO_DEGREES.transform, interleaved=False)
    properties = {f"LAD{year}CD": CODES[NAMES.index(name)], f"LAD{year}NM": name}
    return {"type": "Feature", "properties": properties, "geometry": mapping(degrees)}


def collection(*features: dict[str, object], **members: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def send(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, promised: int | None = None) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if promised is None else promised))
    handler.end_headers()
    handler.wfile.write(body)


def full(handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    send(handler, collection(*(feature(name) for name in NAMES)))


def body(content: bytes, *, status: int = 200) -> Answer:
    return lambda handler, query: send(handler, content, status=status)


def fetched(portal: Portal, **changes: object) -> Areas:
    return fetch_lpas(portal.service(**changes), codes=CODES, crs=CRS)


# A good answer


def test_the_districts_asked_for_come_in_metres(portal):
    areas = fetched(portal)
    assert areas.level == "LPA" and areas.names == NAMES
    assert all(areas.geometry(name).equals(BOXES[name]) for name in NAMES)


def test_the_query_names_the_codes_and_the_configured_fields(portal):
    portal.answer = lambda handler, query: send(handler, collection(*(feature(name, year="24") for name in NAMES)))
    fetched(portal, code_field="LAD24CD", name_field="LAD24NM")
    (query,) = portal.queries
    assert query["where"] == "LAD24CD IN ('E08000025','E08000026','E08000027')"
    assert query["outFields"] == "LAD24CD,LAD24NM" and query["f"] == "geojson" and query["outSR"] == "4326"


@pytest.mark.parametrize("nested", [False, True])
def test_pages_are_asked_for_until_the_service_has_no_more(portal, nested):
    def paged(handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        start, size = int(query["resultOffset"]), int(query["resultRecordCount"])
        more = {"exceededTransferLimit": start + size < len(NAMES)}
        page = [feature(name) for name in NAMES[start : start + size]]
        send(handler, collection(*page, **({"properties": more} if nested else more)))

    portal.answer = paged
    assert fetched(portal, page_size=2).names == NAMES
    assert [query["resultOffset"] for query in portal.queries] == ["0", "2"]


# Bad answers: each a sentence, and the old areas stay


def stall(handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    time.sleep(0.6)


def drip(handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(20):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


def truncated(handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    answer = collection(*(feature(name) for name in NAMES))
    send(handler, answer[: len(answer) // 2], promised=len(answer))


def truncated_without_a_length(handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(collection(*(feature(name) for name in NAMES))[:-40])


def hung_up(handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
    handler.close_connection = True


BOW_TIE = shapely.Polygon([(400_000, 290_000), (401_000, 291_000), (401_000, 290_000), (400_000, 291_000)])
HTML = b"<!DOCTYPE html><html><body>The portal is being maintained</body></html>"
ARCGIS_ERROR = b'{"error": {"code": 400, "message": "Cannot perform query.", "details": ["Invalid field: LAD25CD"]}}'
WITHOUT_FEATURES = b'{"type": "FeatureCollection"}'
BAD_ANSWERS: dict[str, tuple[Answer, str]] = {
    "a truncated answer": (truncated, r"breaks off after [\d,]+ of [\d,]+ bytes"),
    "a truncated answer without a length": (truncated_without_a_length, "breaks off or is not GeoJSON"),
    "a connection that is cut": (hung_up, "breaks off|cannot be reached"),
    "a web page": (body(HTML), "answered with a web page, not with boundaries"),
    "a server error": (body(b"sorry", status=500), r"answered with HTTP 500"),
    "no such service": (body(HTML, status=404), r"answered with HTTP 404"),
    "an ArcGIS error": (
        body(ARCGIS_ERROR),
        r"refused the query: Cannot perform query. Invalid field: LAD25CD.*code_field LAD25CD",
    ),
    "silence": (stall, r"did not answer in full within 0.3 seconds"),
    "an answer byte by byte": (drip, r"did not answer in full within 0.3 seconds"),
    "other JSON": (body(b"[]"), "not a GeoJSON feature collection"),
    "a collection without features": (body(WITHOUT_FEATURES), "not a GeoJSON feature collection"),
    "other field names": (
        body(collection(*(feature(name, year="24") for name in NAMES))),
        r"gives no LAD25CD and no LAD25NM; its fields are LAD24CD, LAD24NM.*Correct code_field",
    ),
    "no districts": (body(collection()), "lacks E08000025, E08000026, E08000027"),
    "a missing district": (body(collection(feature("Birmingham"), feature("Dudley"))), "lacks E08000026"),
    "a district twice": (
        body(collection(*(feature(name) for name in (*NAMES, "Dudley")))),
        "repeats E08000027",
    ),
    "an invalid polygon": (
        body(collection(feature("Birmingham"), feature("Coventry", BOW_TIE), feature("Dudley"))),
        "no valid polygon for Coventry",
    ),
    "a point": (
        body(collection(feature("Birmingham"), feature("Coventry", shapely.Point(400_000, 290_000)), feature("Dudley"))),
        "no valid polygon for Coventry",
    ),
    "no geometry": (
        body(collection(feature("Birmingham"), {**feature("Coventry"), "geometry": None}, feature("Dudley"))),
        "no valid polygon for Coventry",
    ),
    "pages without end": (body(collection(exceededTransferLimit=True)), "more is to come"),
}


@pytest.mark.parametrize("kind", BAD_ANSWERS)
def test_a_bad_answer_is_a_sentence_and_the_old_areas_stay(portal, tmp_path, kind):
    portal.answer, expected = BAD_ANSWERS[kind]
    kept = tmp_path / "LPA.parquet"
    read_areas(paths.BOUNDARIES / "lpa.geojson", level="LPA", crs=CRS).to_parquet(kept)
    before = kept.read_bytes()
    with pytest.raises(FetchFailed, match=f"(?s){expected}") as failed:
        replace(kept, portal.service(timeout_seconds=0.3 if portal.answer in (stall, drip) else 20.0))
    assert "unchanged" in str(failed.value)
    assert kept.read_bytes() == before


def replace(kept: Path, service: BoundaryService) -> None:
    fetch_lpas(service, codes=CODES, crs=CRS).to_parquet(kept)


def test_a_good_answer_replaces_the_old_areas(portal, tmp_path):
    replace(tmp_path / "LPA.parquet", portal.service())
    assert Areas.from_parquet(tmp_path / "LPA.parquet", level="LPA").names == NAMES


def test_a_district_that_was_not_asked_for_is_refused(portal):
    with pytest.raises(FetchFailed, match="has besides E08000027"):
        fetch_lpas(portal.service(), codes=CODES[:2], crs=CRS)


def test_nobody_listening_is_a_sentence():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        service = BoundaryService(url=f"http://127.0.0.1:{deaf.getsockname()[1]}/query")
        with pytest.raises(FetchFailed, match="cannot be reached"):
            fetch_lpas(service, codes=CODES, crs=CRS)


def test_what_is_no_code_is_never_sent(portal):
    with pytest.raises(BadInput, match="not district codes"):
        fetch_lpas(portal.service(), codes=("E08000025') OR ('1'='1",), crs=CRS)
    assert portal.queries == []


# Configuration


def test_the_shipped_service_asks_the_ons_for_the_seven_districts():
    service = load_service()
    force = load_force(paths.WEST_MIDLANDS)
    assert service.url.startswith("https://services1.arcgis.com/ESMARspQHYMw9BZ9/") and service.url.endswith("/query")
    assert (service.code_field, service.name_field) == ("LAD25CD", "LAD25NM")
    assert service.codes_of(force) == tuple(f"E080000{number}" for number in range(25, 32))


def test_a_force_without_codes_is_told_what_to_add():
    with pytest.raises(BadInput, match=r"Add leicestershire = \[\.\.\.\]"):
        load_service().codes_of(Force("Leicestershire Police"))


def test_all_faults_of_the_configuration_are_told(tmp_path):
    path = tmp_path / "ons.toml"
    path.write_text('url = "ftp://x"\ncode_field = "1; --"\ntimeout_seconds = 0\n[codes]\nkent = "E10000016"\n')
    with pytest.raises(BadInput) as refused:
        load_service(path)
    assert [fault.split(": ", 1)[1].split(" ")[0] for fault in refused.value.faults] == [
        "url",
        "code_field",
        "timeout_seconds",
        "[codes]",
    ]
    path.write_text('uri = "https://x"\npage_size = "many"\n')
    with pytest.raises(BadInput, match=r"uri is not known(?s:.*)page_size = 'many' is of the wrong kind"):
        load_service(path)
    path.write_text("url = ")
    with pytest.raises(BadInput, match="cannot be read"):
        load_service(path)
