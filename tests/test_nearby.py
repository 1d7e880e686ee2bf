"""How many features stand near each place: by hand, by property, and against the slow obvious way."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import IN_EAST, IN_WEST, several, small_store
from typer.testing import CliRunner

from hotspot.boundaries.context import ContextLayer
from hotspot.cli import app
from hotspot.findings.nearby import LayerNearby
from hotspot.methods.nearby import Nearby, nearby
from hotspot.ui.tables import short_name

SQUARE = shapely.box(0, 0, 100, 100)
FAR_SQUARE = shapely.box(1_000, 0, 1_100, 100)
coordinates = st.integers(-300, 1_400).map(float)
positions = st.lists(st.tuples(coordinates, coordinates), min_size=0, max_size=25)


def points(*at):
    return shapely.points(np.array(at, dtype=float).reshape(-1, 2))


def test_features_inside_at_the_edge_and_at_exactly_the_distance_count():
    # Inside; on the edge; 100 m east of it; 100 m to the north-east corner as 60-80-100; a metre too far.
    found = nearby([SQUARE], points((50, 50), (100, 50), (200, 50), (160, 180), (201, 50)), within=100)
    assert found.counts == (4,)
    assert found.nearest == (0.0,)
    assert found.without == ()


def test_a_place_without_any_is_named_and_its_nearest_feature_told():
    found = nearby([SQUARE, FAR_SQUARE], points((110, 50)), within=50)
    assert found.counts == (1, 0)
    assert found.without == (1,)
    assert found.nearest == pytest.approx((10.0, 890.0))


def test_lines_and_polygons_count_by_their_nearest_part():
    street = shapely.LineString([(-500, 150), (500, 150)])
    district = shapely.box(90, 90, 900, 900)
    around = shapely.box(-1_000, -1_000, 2_000, 2_000)
    found = nearby([SQUARE], np.array([street, district, around], dtype=object), within=49)
    assert found.counts == (2,)
    assert nearby([SQUARE], np.array([street], dtype=object), within=50).counts == (1,)


def test_a_feature_that_two_places_share_counts_for_each():
    assert nearby([SQUARE, FAR_SQUARE], points((550, 50)), within=450).counts == (1, 1)


def test_no_feature_and_no_place_are_no_fault():
    assert nearby([SQUARE], points(), within=10).counts == (0,)
    assert math.isinf(nearby([SQUARE], points(), within=10).nearest[0])
    assert nearby([], points((0, 0)), within=10).counts == ()


@pytest.mark.parametrize("within", [-1.0, math.nan, math.inf])
def test_a_distance_must_be_a_number_of_0_or_more(within):
    with pytest.raises(ValueError, match="0 metres"):
        nearby([SQUARE], points((0, 0)), within=within)


@given(at=positions, within=st.integers(0, 600))
@settings(max_examples=40)
def test_it_agrees_with_measuring_every_distance(at, within):
    places = [SQUARE, FAR_SQUARE, shapely.Polygon([(0, 300), (200, 300), (100, 500)])]
    found = nearby(places, points(*at), within=float(within))
    for place, count, nearest in zip(places, found.counts, found.nearest, strict=True):
        distances = [place.distance(shapely.Point(*one)) for one in at]
        assert count == sum(distance <= within for distance in distances)
        assert nearest == pytest.approx(min(distances, default=math.inf))


@given(at=positions, near=st.integers(0, 300), more=st.integers(0, 300))
@settings(max_examples=25)
def test_a_wider_distance_never_counts_fewer(at, near, more):
    narrow, wide = (nearby([SQUARE], points(*at), within=float(metres)) for metres in (near, near + more))
    assert narrow.counts[0] <= wide.counts[0] <= len(at)


@pytest.fixture
def store(tmp_path):
    kept = small_store(tmp_path, [*several(30, "a", IN_WEST), *several(20, "b", IN_EAST)])
    # Hotspots lie at (402,000, 292,000) and (406,000, 292,000); a camera stands in the first, none near the second.
    layer = tmp_path / "cctv.csv"
    layer.write_text("x,y\n402000,292000\n404000,290500\n", encoding="utf-8")
    assert said("layers", "import", layer, "--name", "CCTV", "--store", kept.path).exit_code == 0
    return kept


def said(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_cell_tells_the_count_or_how_far_the_nearest_is():
    near = Nearby(100, (3, 0, 0, 0), (0.0, 340.4, 1_249.0, math.inf))
    told = LayerNearby(ContextLayer("CCTV", np.array([]), "EPSG:27700"), near)
    assert [told.cell(place) for place in range(4)] == ["3", "none (340 m)", "none (1.2 km)", "none"]
    assert short_name("Walsall, around High Street") == "Walsall, High Street"


def test_the_command_counts_a_layer_near_each_hotspot_and_writes_it(store, tmp_path):
    asked = ("hotspots", "--store", store.path, "--crime-type", "burglary", "--bandwidth", 300)
    found = said(*asked, "--layer", "cctv", "--within", 250, "--out", tmp_path / "h.csv", "--json")
    document = json.loads(found.stdout)
    assert [row["near"] for row in document["hotspots"]] == [1, 0]
    assert document["hotspots"][0]["nearest_m"] == 0 and document["hotspots"][1]["nearest_m"] > 1_500
    assert (document["layer"], document["within_m"], document["without_any"]) == ("CCTV", 250, [2])
    assert document["layer_sentence"] == "CCTV within 250 m: 1 of 2 hotspots have none (No. 2)."
    written = pd.read_csv(tmp_path / "h.csv")
    assert written["CCTV within 250 m"].tolist() == [1, 0]
    assert written["layers"].str.contains("2 features of cctv.csv, fingerprint").all()
    assert "CCTV within 100 m" in said(*asked, "--layer", "cctv").stdout


def test_the_public_is_told_of_the_layer_as_well(store):
    asked = ("hotspots", "--store", store.path, "--crime-type", "burglary", "--bandwidth", 300, "--layer", "CCTV")
    document = json.loads(said(*asked, "--audience", "public", "--json").stdout)
    assert [row["near"] for row in document["hotspots"]] == [1, 0]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--layer", "Pubs"), "no layer 'Pubs'"),
        (("--within", 100), "name what is counted"),
        (("--layer", "CCTV", "--within", 5_000), "within 0 and 2,000"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_sentence(store, more, sentence):
    refused = said("hotspots", "--store", store.path, "--crime-type", "burglary", *more)
    assert refused.exit_code == 2 and sentence in refused.stderr


def test_layers_are_listed_replaced_and_removed_by_command(store, tmp_path):
    listed = json.loads(said("layers", "list", "--store", store.path, "--json").stdout)["layers"]
    assert [(one["name"], one["kinds"], one["origin"]) for one in listed] == [("CCTV", "2 points", "cctv.csv")]
    again = ("layers", "import", tmp_path / "cctv.csv", "--name", "CCTV", "--store", store.path)
    assert "already" in said(*again).stderr and said(*again, "--force").exit_code == 0
    assert "removed" in said("layers", "remove", "--name", "cctv", "--store", store.path).stdout
    assert "No context layers" in said("layers", "list", "--store", store.path).stdout
