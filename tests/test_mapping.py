"""Mappings: what they say, how they are written, and that all their faults are told at once."""

import string
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import crime_types
from hotspot.crime_types import normalise_code
from hotspot.errors import BadInput
from hotspot.offences.codes import crime_type_of, restored_code, table_key
from hotspot.offences.mapping import ALIASES, COLUMNS, DATES, Mapping, mapping_from_options
from hotspot.offences.schema import RAW_COLUMNS
from hotspot.paths import MAPPINGS, ROOT

SMALL = """
name = "Extract"
crime_type = "Robbery"
[columns]
committed_from = "From"
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)


def faults_of(text: str) -> str:
    with pytest.raises(BadInput) as raised:
        Mapping.from_toml(text)
    return "\n".join(raised.value.faults)


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_mapping_that_ships_is_sound_and_survives_a_round_trip(path):
    mapping = Mapping.from_toml(path)
    assert mapping.faults() == ()
    assert Mapping.from_toml(mapping.to_toml()) == mapping


@given(
    name=TEXTS.filter(str.isprintable),
    description=st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    columns=st.dictionaries(st.sampled_from(COLUMNS).filter(lambda c: c not in (*DATES, "x", "y")), st.tuples(TEXTS)),
    start=st.tuples(TEXTS) | st.tuples(TEXTS, TEXTS),
    table=st.dictionaries(TEXTS, st.sampled_from([kind.name for kind in crime_types.CRIME_TYPES])),
    day_first=st.booleans(),
    formats=st.sampled_from([(), ("%d/%m/%Y",), ("%d.%m.%y %H:%M", "%d %b %Y")]),
    yes=st.lists(TEXTS, max_size=3).map(tuple),
)
def test_any_mapping_survives_a_round_trip(name, description, columns, start, table, day_first, formats, yes):
    mapping = Mapping(
        name=name,
        description=description,
        columns={**columns, "committed_from": start},
        crime_type="Robbery",
        crime_types=table,
        day_first=day_first,
        date_formats=formats,
        yes=yes,
        no=(),
        crs="EPSG:27700",
        location="snapped",
        time_precision="day",
        sheet="Sheet 1",
        layer="offences",
    )
    assert Mapping.from_toml(mapping.to_toml()) == mapping


def test_a_mapping_names_only_columns_that_a_reader_may_give():
    given_otherwise = {"lpa", "crime_code", "crime_description"}
    assert set(COLUMNS) - given_otherwise <= set(RAW_COLUMNS)


def test_all_faults_of_a_mapping_are_told_at_once():
    told = faults_of(
        """
        name = ""
        crs = "EPSG:999999"
        location = "vague"
        time_precision = "hour"
        crime_type = "Roberry"
        [columns]
        eastng = "E"
        x = "Easting"
        offence_id = ["A", "B"]
        [dates]
        formats = ["%q", "%H:%M"]
        [crime_types]
        "Stolen moped" = "Theft of vehicles"
        [values]
        yes = ["Y"]
        no = ["y"]
        """
    )
    for part in (
        "name is missing",
        "'EPSG:999999' is not a coordinate system",
        "location is 'vague'",
        "time_precision is 'hour'",
        "'Roberry' is not a crime type. Did you mean 'Robbery'",
        "'eastng' is not a column that can be mapped",
        "offence_id names 2 columns",
        "names no date",
        "gives one of x and y",
        "'%q' is not a date format",
        "'%H:%M' is not a date format",
        "'Theft of vehicles' is not a crime type. Did you mean 'Theft of a vehicle'",
        "'y' stands for yes and for no",
    ):
        assert part in told


def test_unknown_keys_and_wrong_types_are_told_together():
    told = faults_of('nme = "x"\ncrs = 27700\n[dates]\ndayfirst = true\n[columns]\nx = 3\n[values]\nyes = "Y"')
    assert "'nme' is not known. Did you mean 'name'" in told
    assert "'crs' must be text" in told
    assert "[dates] 'dayfirst' is not known" in told


def test_wrong_values_within_tables_are_told_together():
    told = faults_of(SMALL + "x = 3\n[dates]\nday_first = 'yes'\nformats = 'x'\n[crime_types]\n'48' = 1\n[values]\nyes = 'Y'")
    for part in (
        "[columns] x must be",
        "day_first must be true or false",
        "formats must be a list",
        "'48' must be",
        "yes must be",
    ):
        assert part in told


def test_a_table_given_as_text_is_told():
    assert "write [columns]" in faults_of('name = "x"\ncolumns = "a"')


def test_broken_toml_and_a_missing_file_are_told(tmp_path):
    assert "not valid TOML" in faults_of("name = ")
    assert "cannot be read" in faults_of(str(tmp_path / "absent.toml"))


def test_no_crime_type_at_all_is_told():
    assert "no crime type is given" in faults_of(SMALL.replace('crime_type = "Robbery"', ""))


def test_longitude_and_latitude_bring_their_coordinate_system():
    mapping = Mapping.from_toml(SMALL + 'lon = "Lng"\nlat = "Lat"')
    assert mapping.columns["x"] == ("Lng",) and mapping.columns["y"] == ("Lat",) and mapping.crs == "EPSG:4326"


def test_a_column_given_under_two_words_is_told():
    assert "'lon' and 'x' mean the same" in faults_of(SMALL + 'lon = "Lng"\nlat = "Lat"\nx = "E"')


def test_a_missing_column_comes_with_the_nearest_names():
    mapping = Mapping.from_toml(SMALL + 'x = "Eastings"\ny = "Northings"')
    told = mapping.faults_against(["From", "Easting", "Northing", "Beat"])
    assert told == (
        "It has no column 'Eastings' for x. Did you mean 'Easting'?",
        "It has no column 'Northings' for y. Did you mean 'Northing'?",
    )


def test_options_of_the_command_line_make_the_same_mapping_as_toml():
    options = mapping_from_options(
        columns="x=Easting,y=Northing, committed_from=Date From,committed_to=Date To,offence_id=Crime No",
        crs="EPSG:27700",
        crime_type="theft of a vehicle",
    )
    written = Mapping.from_toml(
        """
        name = "Force extract"
        crs = "EPSG:27700"
        crime_type = "theft of a vehicle"
        [columns]
        x = "Easting"
        y = "Northing"
        committed_from = "Date From"
        committed_to = "Date To"
        offence_id = "Crime No"
        """
    )
    assert options == written


def test_a_column_name_with_a_comma_can_be_given_as_an_option():
    mapping = mapping_from_options(columns="committed_from=Date, from,reported=Reported", crime_type="Robbery")
    assert mapping.columns == {"committed_from": ("Date, from",), "reported": ("Reported",)}


def test_all_faults_of_options_are_told_at_once():
    with pytest.raises(BadInput) as raised:
        mapping_from_options(columns="x=Easting,x=E,committed,speed=fast", crs="grid", crime_type="Piracy")
    told = "\n".join(raised.value.faults)
    for part in (
        "'x' is given twice",
        "'speed'",
        "one of x and y",
        "'grid' is not a coordinate system",
        "'Piracy'",
        "names no date",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("mangled", "code"),
    [
        ("48/1", "48/1"),
        ("48.0", "48"),
        ("Jan-48", "48/1"),
        ("1948-01-01", "48/1"),
        ("1948-01-01 00:00:00", "48/1"),
        ("01/01/1948", "48/1"),
        ("Feb-37", "37/2"),
        ("1937-02-01", "37/2"),
        ("28-Feb", "28/2"),
        ("2024-02-28", "28/2"),
        ("28/02/2024", "28/2"),
        ("048/01", "048/01"),
        ("037/02", "037/02"),
        ("28A", "28A"),
        ("Foo-48", "Foo-48"),
    ],
)
def test_a_code_that_a_spreadsheet_took_for_a_date_is_given_back(mangled, code):
    assert restored_code(mangled) == code


@pytest.mark.parametrize(
    ("code", "crime_type"),
    [
        *(("48", "Theft of a vehicle"), ("48/1", "Theft of a vehicle"), ("048/01", "Theft of a vehicle")),
        *(("48.0", "Theft of a vehicle"), ("Jan-48", "Theft of a vehicle"), ("1948-01-01 00:00:00", "Theft of a vehicle")),
        *(("37.2", "Theft of a vehicle"), ("037/02", "Theft of a vehicle"), ("Feb-37", "Theft of a vehicle")),
        *(("45", "Theft from a vehicle"), ("Oct-45", "Theft from a vehicle"), ("126", "Vehicle interference")),
        *(("028A", "Residential burglary"), ("28e", "Residential burglary"), ("30C", "Business and community burglary")),
        *(("34B", "Personal robbery"), ("34", "Robbery"), ("39/0", "Theft from the person"), ("46", "Shoplifting")),
    ],
)
def test_home_office_codes_of_the_domain_reference_give_their_crime_type(code, crime_type):
    assert crime_type_of(code, "", table={}).name == crime_type


def test_an_unknown_code_and_an_unknown_description_have_no_crime_type():
    assert crime_type_of("999", "Bilking", table={}) is None
    assert crime_type_of("37/1", "", table={}) is None
    assert crime_type_of("", "", table={}) is None


def test_the_closest_word_for_a_crime_type_wins():
    table = Mapping.from_toml(
        SMALL + '[crime_types]\n"Stolen  Moped" = "Bicycle theft"\n"48/2" = "Other theft"\n"37" = "Other crime"'
    ).crime_type_table
    assert crime_type_of("48/2", "stolen moped", table=table).name == "Bicycle theft", "the mapping's description first"
    assert crime_type_of("048/02", "Theft of motor vehicle", table=table).name == "Other theft", "then its whole code"
    assert crime_type_of("48/1", "", table=table).name == "Theft of a vehicle", "a line for 48/2 says nothing of 48/1"
    assert crime_type_of("37/2", "", table=table).name == "Theft of a vehicle", "a whole known code before a line for its class"
    assert crime_type_of("37/1", "", table=table).name == "Other crime", "then the line for the class"
    assert crime_type_of("", "THEFT  FROM MOTOR VEHICLE", table=table).name == "Theft from a vehicle", "last a known description"


@given(number=st.integers(30, 99), part=st.integers(1, 12), year_part=st.sampled_from(["-01", "-01 00:00:00"]))
def test_any_code_from_30_to_99_survives_its_time_as_a_month(number, part, year_part):
    assert normalise_code(restored_code(f"19{number}-{part:02d}{year_part}")) == normalise_code(f"{number}/{part}")


@given(text=st.text(string.printable, max_size=12))
def test_no_code_makes_the_lookup_fail(text):
    found = crime_type_of(text, text, table={})
    assert found is None or found in crime_types.CRIME_TYPES


def test_the_page_on_mappings_names_every_line_a_mapping_may_hold():
    page = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")
    top = {field.name for field in fields(Mapping)} - {"columns", "crime_types", "day_first", "date_formats", "yes", "no"}
    for name in (*COLUMNS, *ALIASES.keys() - {"longitude", "latitude"}, *top, "day_first", "formats", "yes", "no"):
        assert f"`{name}`" in page, name


def test_a_line_for_a_word_that_looks_like_a_code_holds_in_a_description_column_too():
    table = {table_key("12B"): "Shoplifting"}
    assert crime_type_of("", "12B", table=table).name == "Shoplifting"
