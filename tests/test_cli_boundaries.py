"""``boundaries fetch`` and ``boundaries import``: areas come in whole, or nothing changes."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pyproj import Transformer
from typer.testing import CliRunner

from hotspot.cli import app

BIRMINGHAM, COVENTRY = (406_000, 287_000), (433_000, 279_000)
JANUARY, FEBRUARY = "2024-01-01..2024-02-01", "2024-02-01..2024-03-01"
_TO_DEGREES = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def square(centre, half, **properties):
    (x, y) = centre
    corners = ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half), (x - half, y - half))
    ring = [list(_TO_DEGREES.transform(*corner)) for corner in corners]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def store(tmp_path):
    """Three offences in Birmingham, two in Coventry."""
    rows = [("2024-01-05", BIRMINGHAM), ("2024-01-06", BIRMINGHAM), ("2024-02-05", BIRMINGHAM)]
    rows += [("2024-01-05", COVENTRY), ("2024-02-05", COVENTRY)]
    lines = ["E,N,From", *(f"{x},{y},{day} 10:00" for day, (x, y) in rows)]
    (tmp_path / "extract.csv").write_text("\n".join(lines) + "\n")
    options = ("--columns", "x=E,y=N,committed_from=From", "--crs", "EPSG:27700", "--crime-type", "robbery")
    document("import", tmp_path / "extract.csv", *options, "--store", tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def service(tmp_path):
    """A feature service whose answer the test sets."""
    answers = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = answers[-1].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    config = tmp_path / "service.toml"
    config.write_text(
        f'url = "http://127.0.0.1:{server.server_port}/query"\ntimeout_seconds = 5\n'
        '[codes]\nwest-midlands = ["E08000025", "E08000026"]\n'
    )
    yield config, answers
    server.shutdown()
    server.server_close()
    thread.join()


def counts(store, *, by="lpa"):
    rows = document(
        *("compare", "--store", store, "--crime-type", "robbery", "--period", FEBRUARY, "--baseline", JANUARY, "--by", by)
    )["rows"]
    return {row["area"]: (row["count"], row["baseline_count"]) for row in rows if row["count"] or row["baseline_count"]}


def test_an_imported_level_is_a_choice_wherever_an_area_is(store, tmp_path):
    sectors = tmp_path / "sectors.geojson"
    sectors.write_text(collection(square(BIRMINGHAM, 2_000, name="Centre")))
    added = document("boundaries", "import", sectors, "--level", "sector", "--store", store)
    assert [one["name"] for one in added["areas"]] == ["Centre"]
    assert added["areas"][0]["area_km2"] == pytest.approx(16, rel=1e-3)
    chosen = ("--level", "Sector", "--area", "centre", "--bandwidth", 400)
    assert document("density", "--store", store, "--crime-type", "robbery", *chosen)["count"] == 3
    assert counts(store, by="SECTOR")["Centre"] == (1, 2)
    assert sum(now for now, _ in counts(store, by="sector").values()) == 2


def test_importing_lpas_gives_every_offence_its_lpa_anew(store, tmp_path):
    assert counts(store) == {"Birmingham": (1, 2), "Coventry": (1, 1)}
    lpas = tmp_path / "lpas.geojson"
    lpas.write_text(collection(square(BIRMINGHAM, 3_000, area_label="West"), square(COVENTRY, 3_000, area_label="East")))
    found = document("boundaries", "import", lpas, "--level", "lpa", "--name-column", "area_label", "--store", store)
    assert found["level"] == "LPA"
    assert counts(store) == {"West": (1, 2), "East": (1, 1)}


def test_fetched_districts_take_the_place_of_the_lpas(store, service):
    config, answers = service
    districts = (
        square(BIRMINGHAM, 3_000, LAD25CD="E08000025", LAD25NM="Fetched one"),
        square(COVENTRY, 3_000, LAD25CD="E08000026", LAD25NM="Fetched two"),
    )
    answers.append(collection(*districts))
    found = document("boundaries", "fetch", "--store", store, "--config", config)
    assert [one["name"] for one in found["areas"]] == ["Fetched one", "Fetched two"]
    assert counts(store) == {"Fetched one": (1, 2), "Fetched two": (1, 1)}


@pytest.mark.parametrize("answer", ["<html>Sorry</html>", '{"type": "FeatureCollection", "features": [', "{}"])
def test_a_bad_answer_is_a_sentence_and_changes_nothing(store, service, answer):
    config, answers = service
    answers.append(answer)
    before = (store / "store.json").read_bytes()
    result = run("boundaries", "fetch", "--store", store, "--config", config, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "unchanged" in result.stderr
    assert (store / "store.json").read_bytes() == before


def test_an_incomplete_answer_is_refused(store, service):
    config, answers = service
    answers.append(collection(square(BIRMINGHAM, 3_000, LAD25CD="E08000025", LAD25NM="Alone")))
    result = run("boundaries", "fetch", "--store", store, "--config", config)
    assert result.exit_code == 2
    assert "E08000026" in result.stderr
    assert counts(store) == {"Birmingham": (1, 2), "Coventry": (1, 1)}


@pytest.mark.parametrize(
    "content, options, said",
    [
        ("no boundaries", ("--level", "sector"), "is damaged or no GeoJSON file"),
        (collection(square(BIRMINGHAM, 100, name="A")), ("--level", "none"), "cannot be the name of a level"),
        (collection(square(BIRMINGHAM, 100, name="A")), ("--level", "s", "--name-column", "title"), "no column 'title'"),
        (collection(square(BIRMINGHAM, 100, name="A")), ("--level", "s", "--force-name", "Kent"), "no force 'Kent'"),
        (collection(square(BIRMINGHAM, 100, name="A")), (), "--level"),
    ],
)
def test_areas_that_cannot_be_used_are_a_sentence(store, tmp_path, content, options, said):
    file = tmp_path / "areas.geojson"
    file.write_text(content)
    result = run("boundaries", "import", file, "--store", store, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
