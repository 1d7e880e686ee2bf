"""Command evaluate and the Evaluation page: one JSON document, both audiences, and a sentence for whatever cannot be done."""

import html
import json
import re

import pytest
from evaluation_store import SQUARE, evaluation_store
from small_store import WEST, selection
from streamlit.testing.v1 import AppTest
from street_files import row, street_file
from typer.testing import CliRunner

from hotspot.boundaries.force_file import load_force
from hotspot.cli import app
from hotspot.offences.load import import_sources
from hotspot.paths import ROOT, WEST_MIDLANDS
from hotspot.period import Period

PAGE = "import runpy\nfrom hotspot.ui import links\nlinks.begin_page('{stem}')\nrunpy.run_path('{path}')\n"
AFTER = Period.parse("2024-04-01..2024-10-01")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return evaluation_store(tmp_path_factory.mktemp("command")).path


@pytest.fixture(scope="module")
def polygon(tmp_path_factory):
    path = tmp_path_factory.mktemp("polygon") / "Mill Lane.geojson"
    ring = [*SQUARE.ring, SQUARE.ring[0]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [shape]}))
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *[str(argument) for argument in arguments]])


def usual(store, polygon, *more):
    return run(
        "--store", store, "--crime-type", "burglary", "--date-basis", "reported", "--start", "2024-04-01",
        "--polygon", polygon, *more,
    )  # fmt: skip


def test_the_document_holds_counts_intervals_and_what_could_have_been_detected(store, polygon):
    result = usual(store, polygon, "--comparison", "E 404,500 N 291,500", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["headline"] == "Burglary fell 50% in Mill Lane, 50% more than in comparison areas: stands"
    treated, compared = found["areas"][:2]
    assert (treated["before"], treated["after"], compared["before"], compared["after"]) == (72, 36, 72, 72)
    local = found["differences"][0]
    assert local["value"] == pytest.approx(-36)
    assert local["error"] ** 2 == pytest.approx(72 + 36 + 72 + 72)
    assert local["low"] < -36 < local["high"] < 0
    assert 0 < found["smallest_fall"] < 1
    assert found["stands"] is True and found["suggested"] is False
    assert found["candidates"][0]["score"] == pytest.approx(0)
    assert found["before"] == {"from": "2023-04-01", "to": "2023-10-01", "days": 183}


def test_the_text_says_the_same(store, polygon):
    said = usual(store, polygon).stdout
    assert "Burglary fell 50% in Mill Lane" in said
    assert "would have been shown in 80 of 100 cases" in said
    assert "Treated area: −" in said


def test_the_public_sees_no_figure_that_a_small_count_is_part_of(store, polygon):
    more = ("--after", "2024-04-01..2024-05-01", "--ring", 0, "--audience", "public", "--json")
    found = json.loads(usual(store, polygon, *more, "--comparison", "E 402,500 N 291,500").stdout)
    assert found["suppressed"].startswith("a count under 5")
    assert found["count"] is None
    assert not {"areas", "differences", "ratio_of_ratios"} & set(found)


def test_a_ring_of_few_offences_is_left_out_for_the_public_and_hides_nothing_else(store, polygon):
    more = ("--after", "2024-04-01..2024-05-01", "--ring", 250, "--json")
    force, public = (json.loads(usual(store, polygon, *more, "--audience", who).stdout) for who in ("force", "public"))
    assert [area["before"] for area in force["areas"]] == [12, *[area["before"] for area in public["areas"][1:]], 4]
    assert [area["name"] for area in public["areas"]] == ["Mill Lane", "5 comparison areas"]
    assert public["differences"] == force["differences"]
    # A candidate's level is its count over the treated area's: it would tell a small one to the last digit.
    assert all(one[name] is None for one in public["candidates"] for name in ("level", "trend", "score"))
    assert (public["count"], public["without_location"], public["outside_lpas"]) == (None, None, None)
    written = usual(store, polygon, *more[:-1], "--audience", "public").stdout
    assert re.search(r"Ring of 250 m +hidden +hidden", written) and "Treated area: " in written


@pytest.mark.parametrize(
    "options, sentence",
    [
        (("--start", "2024-04-01"), "Choose an area in the sidebar"),
        (("--start", "April"), "'April' is not a date"),
        (("--start", "2024-04-01", "--area", WEST, "--polygon", "x.geojson"), "--polygon takes the place of --area"),
        (("--start", "2024-04-01", "--polygon", "nowhere.geojson"), "There is no file nowhere.geojson"),
        (("--start", "2030-04-01", "--area", WEST), "before the start"),
    ],
)
def test_what_cannot_be_done_ends_in_a_sentence(store, options, sentence):
    result = run("--store", store, "--crime-type", "burglary", *options)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""


def drawn(monkeypatch, store, **query):
    """Run the page and give the words that it wrote."""
    monkeypatch.setenv("HOTSPOT_STORE", str(store))
    path = ROOT / "pages" / "tasking" / "evaluation.py"
    page = AppTest.from_string(PAGE.format(stem=path.stem, path=path), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    exceptions = [one.message for one in page.exception]
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in page.get("html")))), exceptions


def test_the_page_says_the_finding_with_table_chart_and_map(monkeypatch, store):
    query = selection("Burglary", drawn=SQUARE, date_basis="reported", period=AFTER).to_query()
    said, exceptions = drawn(monkeypatch, store, **query, start="2024-04-01")
    assert exceptions == []
    assert "Burglary fell 50% in Mill Lane" in said
    assert "Ratio to the comparison" in said
    assert "Offences a month, the start marked" in said
    assert "displacement ring" in said


@pytest.fixture
def street_store(tmp_path):
    files = [
        street_file(tmp_path, *(row(f"{kind}{number:063d}", month=month) for number in range(40)), month=month)
        for kind, month in (("a", "2014-01"), ("b", "2014-02"))
    ]
    import_sources(files, store=tmp_path / "store", forces=[load_force(WEST_MIDLANDS)])
    return tmp_path / "store"


def test_two_months_of_police_uk_say_why_little_can_be_said(street_store):
    result = run("--store", street_store, "--crime-type", "burglary", "--start", "2014-02-01", "--area", "Birmingham")
    assert result.exit_code == 0, result.stderr
    assert "little can be said of an effect" in result.stderr


def test_the_page_compares_two_months_of_police_uk_with_each_other(monkeypatch, street_store):
    query = {"type": "Burglary", "area": "Birmingham", "from": "2014-01-01", "to": "2014-03-01"}
    said, exceptions = drawn(monkeypatch, street_store, **query)
    assert exceptions == []
    assert "February 2014 against January 2014" in said
    assert "One month against one month says little" in said
    assert "little can be said of an effect" in said
