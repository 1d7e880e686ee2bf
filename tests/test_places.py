"""Place names, checked against the LPAs and the real data, and the name a person would give."""

import csv
import re

import numpy as np
import pandas
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from hotspot import paths
from hotspot.boundaries.areas import assign, read_areas
from hotspot.boundaries.places import COLUMNS, frequent_street, name_of, nearest, person_name, read_places
from hotspot.errors import BadInput
from hotspot.geography import Place

PLACES = read_places()
LPAS = read_areas(paths.BOUNDARIES / "lpa.geojson", level="LPA", crs="EPSG:27700")
X, Y = np.array([(place.x, place.y) for place in PLACES]).T
ERDINGTON = Place("Erdington", "Birmingham", 1000.0, 1000.0, 2)
TIPTON = Place("Tipton", "Sandwell", 4000.0, 1000.0, 2)


def written(folder, *rows):
    path = folder / "places.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


# The shipped places


def test_every_place_lies_in_its_lpa():
    assert assign(LPAS, X, Y).tolist() == [place.lpa for place in PLACES]


def test_each_lpa_has_one_name_once_and_a_centre():
    assert len({(place.name, place.lpa) for place in PLACES}) == len(PLACES)
    assert {place.lpa for place in PLACES if place.rank == 1} == set(LPAS.names)


def test_places_of_the_real_wards_lie_in_or_beside_them(shared_data):
    wards = read_areas(shared_data / "boundaries" / "wm_wards_2013.geojson", level="ward", crs="EPSG:27700")
    middle = shapely.point_on_surface(wards.frame.geometry.to_numpy())
    lpa_of_ward = assign(LPAS, shapely.get_x(middle), shapely.get_y(middle))
    checked = 0
    for place in PLACES:
        like = np.array([bool(re.search(rf"\b{re.escape(place.name)}\b", name)) for name in wards.names])
        namesakes = wards.frame.geometry[like & (lpa_of_ward == place.lpa)]
        # 'Dudley Wood' and 'Walsall Wood' are other places than the towns.
        if namesakes.empty or place.name in ("Dudley", "Walsall"):
            continue
        checked += 1
        assert namesakes.distance(shapely.Point(place.x, place.y)).min() <= 1000, place.name
    assert checked > 90


def test_nearly_all_real_offences_lie_within_reach_of_a_place(shared_data):
    files = sorted(shared_data.glob("police-uk/2014-0[12]/*-west-midlands-street.csv"))
    table = pandas.concat([pandas.read_csv(file, usecols=["Longitude", "Latitude"]) for file in files])
    points = shapely.points(*geographic_to_metres(table["Longitude"].to_numpy(), table["Latitude"].to_numpy()))
    distance = shapely.STRtree(shapely.points(X, Y)).query_nearest(points, return_distance=True, all_matches=False)[1]
    assert np.mean(distance <= 2500) > 0.999 and np.median(distance) < 1000


def geographic_to_metres(longitude, latitude):
    return Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True).transform(longitude, latitude)


# The nearest place


@given(st.floats(380_000, 445_000), st.floats(268_000, 312_000))
def test_the_nearest_place_is_the_one_that_a_slow_search_finds(x, y):
    distances = np.hypot(X - x, Y - y)
    found = nearest(PLACES, x, y)
    assert found is None if distances.min() > 6000 else np.hypot(found.x - x, found.y - y) == distances.min()


def test_a_place_of_the_same_lpa_goes_before_a_nearer_one():
    places = (ERDINGTON, TIPTON)
    assert nearest(places, 1500, 1000) == ERDINGTON
    assert nearest(places, 1500, 1000, lpa="Sandwell") == TIPTON
    assert nearest(places, 1500, 1000, lpa="Outside the LPAs") == ERDINGTON


def test_a_spot_of_another_force_has_no_place():
    assert nearest(PLACES, 458_000, 304_000) is None
    assert nearest((), 0, 0) is None


# The name


def test_a_hotspot_is_named_by_place_and_most_frequent_street():
    streets = [
        "On or near High Street",
        "High Street",
        "Church Road",
        None,
        "On or near Supermarket",
        "Supermarket",
        "supermarket",
    ]
    assert person_name(ERDINGTON, streets) == "Erdington, around High Street"


def test_kinds_of_place_are_no_streets():
    assert person_name(ERDINGTON, ["On or near Parking Area", "Petrol Station", "Park/Open Space", "", None]) == "Erdington"


def test_streets_of_equal_frequency_give_one_name_whatever_their_order():
    assert frequent_street(["Station Road", "Church Road"]) == frequent_street(["Church Road", "Station Road"]) == "Church Road"


def test_a_street_called_like_the_place_is_not_said_twice():
    assert person_name(ERDINGTON, ["Erdington", "Erdington", "High Street"]) == "Erdington, around High Street"
    assert person_name(ERDINGTON, ["Erdington"]) == "Erdington"


def test_capitals_after_an_apostrophe_are_put_right():
    assert person_name(ERDINGTON, ["On or near St George'S Parade"]) == "Erdington, around St George's Parade"


def test_without_a_place_the_street_alone_is_the_name():
    assert person_name(None, ["High Street"]) == "Around High Street"
    assert person_name(None, []) == "Away from any named place"


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (1000, 1000, "Erdington"),
        (1000, 2500, "Erdington"),
        (1000, 2600, "North of Erdington"),
        (2600, 2600, "North-east of Erdington"),
        (2600, 1000, "East of Erdington"),
        (1000, -800, "South of Erdington"),
        (-800, 1000, "West of Erdington"),
        (-800, -800, "South-west of Erdington"),
    ],
)
def test_away_from_its_centre_a_spot_without_street_is_named_by_direction(x, y, expected):
    assert name_of((ERDINGTON,), x, y, ["Parking Area"]) == expected


def test_with_a_street_no_direction_is_needed():
    assert name_of((ERDINGTON,), 1000, 4000, ["Chester Road"]) == "Erdington, around Chester Road"


def test_real_streets_name_erdington_high_street(shared_data):
    table = pandas.read_csv(shared_data / "police-uk" / "2014-01" / "2014-01-west-midlands-street.csv")
    x, y = geographic_to_metres(table["Longitude"].to_numpy(), table["Latitude"].to_numpy())
    close = np.hypot(x - 411_050, y - 291_930) < 150
    assert name_of(PLACES, 411_050, 291_930, table["Location"][close].tolist()).startswith("Erdington, around ")


def test_the_generic_names_are_those_that_lie_all_over_the_real_force(shared_data):
    table = pandas.read_csv(shared_data / "police-uk" / "2014-01" / "2014-01-west-midlands-street.csv")
    points = table.drop_duplicates(["Location", "Longitude", "Latitude"])
    often = points["Location"].value_counts()
    names = [str(name) for name in often.index[often >= 12]]
    road = re.compile(r"(Road|Street|Lane|Avenue|Grove|Close|Drive)$")
    assert all(frequent_street([name]) is None for name in names if not road.search(name))
    assert all(frequent_street([name]) for name in names if road.search(name))


# Faults of the file


def test_all_bad_rows_are_told_at_once(tmp_path):
    path = written(
        tmp_path, ("A", "Walsall", 1, 2, 1), ("", "Walsall", 1, 2, 1), ("B", "Walsall", "x", 2, 1), ("C", "Walsall", 1, 2, 4)
    )
    with pytest.raises(BadInput) as refused:
        read_places(path)
    assert [fault.split(", ")[1].split(":")[0] for fault in refused.value.faults] == ["row 2", "row 3", "row 4"]


def test_missing_columns_and_files_are_sentences(tmp_path):
    (tmp_path / "places.csv").write_text("name,lpa\nA,Walsall\n")
    with pytest.raises(BadInput, match="lacks the columns easting, northing, rank"):
        read_places(tmp_path / "places.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        read_places(tmp_path / "absent.csv")
