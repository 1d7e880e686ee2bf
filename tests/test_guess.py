"""Guesses for the wizard: right on the names police systems use, and on bare content."""

import pandas as pd
import pytest
from extract_files import KINDS, WEST_MIDLANDS, write_csv

from hotspot.offences.force_extract import preview, read_head
from hotspot.offences.guess import NAMES, guess, guess_crs, guess_day_first, guess_mapping
from hotspot.offences.mapping import COLUMNS, Mapping
from hotspot.paths import MAPPINGS


def sample(**columns) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})


def guessed(*names: str) -> dict[str, str]:
    return guess(names, pd.DataFrame({name: pd.Series([""], dtype="str") for name in names}))


def test_names_are_known_for_every_column_that_can_be_mapped():
    assert set(NAMES) == set(COLUMNS)


def test_no_name_stands_for_two_columns():
    words = [word for known in NAMES.values() for word in known.split()]
    assert len(words) == len(set(words))


def test_the_columns_of_the_typical_extract_are_all_guessed():
    expected = {key: column for key, (column,) in Mapping.from_toml(MAPPINGS / "typical-extract.toml").columns.items()}
    assert guessed(*expected.values()) == expected


@pytest.mark.parametrize(
    ("column", "canonical"),
    [
        *(("Crime No", "offence_id"), ("CRIME_NUMBER", "offence_id"), ("Occurrence Number", "offence_id")),
        *(("HO Code", "crime_code"), ("Offence Description", "crime_description"), ("Crime type", "crime_description")),
        *(("Date From", "committed_from"), ("Committed From Date", "committed_from"), ("First Committed Date", "committed_from")),
        *(("Last Committed Date", "committed_to"), ("date_end", "committed_to"), ("Date Reported", "reported")),
        *(("Easting", "x"), ("X Coord", "x"), ("Y_COORD", "y"), ("Longitude", "x"), ("lat", "y"), ("UPRN", "premises_ref")),
        *(("OIC", "officer_ref"), ("MO", "mo"), ("Beat", "beat"), ("VRM", "vehicle_ref"), ("Knife Used?", "knife")),
    ],
)
def test_names_of_police_systems_are_known_whatever_their_case_and_marks(column, canonical):
    assert guessed(column) == {canonical: column}


def test_what_may_not_be_loaded_is_never_guessed():
    assert guessed("Ethnicity", "Victim Ethnicity", "Sexual Orientation", "Notes", "MO Notes", "Summary", "Offender Name") == {}


def test_a_column_is_guessed_once_and_a_name_its_content_denies_is_passed_over():
    frame = sample(**{"Date From": ["Erdington", "Aston"], "Start Date": ["03/04/2024", "04/04/2024"], "X": ["a", "b"]})
    assert guess(list(frame), frame) == {"committed_from": "Start Date"}


def test_dates_and_positions_without_a_known_name_are_found_by_content():
    frame = sample(
        Serial=["20140101", "20140102", "20140103"],
        Erst=["03/04/2024 22:15", "04/04/2024 08:00", "05/04/2024"],
        Zuletzt=["03/04/2024 23:00", "", "06/04/2024"],
        Ost=["406700", "407123", "409999"],
        Nord=["286800", "287001", "289999"],
    )
    assert guess(list(frame), frame) == {"committed_from": "Erst", "committed_to": "Zuletzt", "x": "Ost", "y": "Nord"}


def test_degrees_without_a_known_name_are_found_in_either_order():
    frame = sample(A=["52.48123", "52.49", "0"], B=["-1.9012", "-1.88", "0"])
    found = guess(list(frame), frame)
    assert found == {"x": "B", "y": "A"} and guess_crs(found, frame) == "EPSG:4326"


@pytest.mark.parametrize(
    ("x", "y", "crs"),
    [("406700", "286800", "EPSG:27700"), ("-1.9", "52.48", "EPSG:4326"), ("5000000", "6000000", ""), ("north", "east", "")],
)
def test_the_coordinate_system_is_guessed_from_the_numbers(x, y, crs):
    assert guess_crs({"x": "E", "y": "N"}, sample(E=[x], N=[y])) == crs


@pytest.mark.parametrize(
    ("cells", "day_first"),
    [(["25/03/2024", "04/03/2024"], True), (["03/25/2024", "04/03/2024"], False), (["03/04/2024"], True), (["2024-03-25"], True)],
)
def test_the_order_of_day_and_month_is_guessed_from_the_dates(cells, day_first):
    assert guess_day_first({"committed_from": "From"}, sample(From=cells)) is day_first


def test_a_time_column_is_joined_to_its_date(tmp_path):
    header = ("Date From", "Time From", "Offence")
    path = write_csv(tmp_path / "a.csv", [("03/04/2024", "2215", "Robbery")], header)
    assert guess_mapping(read_head(path), name="E").columns["committed_from"] == ("Date From", "Time From")


@pytest.mark.parametrize("kind", KINDS)
def test_a_guessed_mapping_reads_the_file_it_was_guessed_from(tmp_path, kind):
    path = KINDS[kind](tmp_path)
    mapping = guess_mapping(read_head(path), name="Guessed")
    shown = preview(path, mapping, WEST_MIDLANDS)
    assert mapping.faults() == () and shown.excluded == {} and "knife" in shown.frame
    assert shown.frame["x"].notna().sum() == 2 and list(shown.frame["committed_from"].dt.year) == [2024] * 3


def test_the_guess_for_the_new_york_file_agrees_with_the_mapping_that_ships(shared_data):
    head = read_head(shared_data / "extracts" / "nyc_vehicle_thefts_2014_2017_fromto.csv", rows=200)
    shipped = Mapping.from_toml(MAPPINGS / "nyc-vehicle-thefts.toml")
    mapping = guess_mapping(head, name="Guessed")
    assert mapping.columns == shipped.columns and mapping.crs == shipped.crs
