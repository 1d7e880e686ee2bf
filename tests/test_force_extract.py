"""Force extracts of every kind: the same offences come out, whatever the file."""

import csv
import tempfile
from datetime import date, datetime
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
from extract_files import HEADER, KINDS, MAPPING, ROWS, WEST_MIDLANDS, write_csv, write_xlsx
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import LineString, MultiPoint, Point

from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.offences.coordinates import _number, read_numbers
from hotspot.offences.force_extract import preview, read_extract, read_head
from hotspot.offences.mapping import Mapping
from hotspot.offences.read import UNREADABLE
from hotspot.offences.schema import conform
from hotspot.offences.validate import validate
from hotspot.paths import MAPPINGS

MINIMAL = 'name = "E"\ncrime_type = "Robbery"\n[columns]\ncommitted_from = "From"\n'


def read(path, mapping=MAPPING, force=WEST_MIDLANDS):
    (offences,) = read_extract(path, mapping=Mapping.from_toml(mapping), force=force)
    return offences


def rows_of(tmp_path, header, *rows, mapping=MINIMAL, force=WEST_MIDLANDS):
    return read(write_csv(tmp_path / "a.csv", rows, header), mapping, force)


def without_positions(mapping):
    return "\n".join(line for line in mapping.splitlines() if not line.startswith(("x =", "y =")))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_same_offences(tmp_path, kind):
    mapping = without_positions(MAPPING) if "g" in kind[:1] else MAPPING
    offences = read(KINDS[kind](tmp_path), mapping)
    frame = offences.frame
    assert offences.rows_read == 3 and list(frame["source_row"]) == [1, 2, 3] and frame["excluded"].isna().all()
    assert list(frame["offence_id"]) == ["20/1", "20/2", "20/3"]
    assert list(frame["crime_type"]) == ["Theft of a vehicle", "Residential burglary", "Personal robbery"]
    assert list(frame["source_crime_type"]) == ["Theft of motor vehicle", "Burglary", "Robbery"]
    assert list(frame["committed_from"].dt.strftime("%Y-%m-%d %H:%M")) == [
        "2024-03-04 22:15",
        "2024-03-04 00:00",
        "2024-12-31 23:59",
    ]
    assert frame["committed_to"].isna().tolist() == [False, True, False]
    assert frame["committed_to"][2] == datetime(2025, 1, 1, 0, 1)
    assert frame["x"][:2].tolist() == pytest.approx([406700, 407123.5], abs=0.01)
    assert frame["y"][:2].tolist() == pytest.approx([286800, 287001], abs=0.01)
    assert frame[["x", "y"]].iloc[2].isna().all() and list(frame["location_precision"]) == ["exact", "exact", "none"]
    assert frame["victim_age"].tolist() == [31, pd.NA, 24]
    assert frame["knife"].tolist() == [pd.NA, pd.NA, True]


@pytest.mark.parametrize("kind", KINDS)
def test_only_mapped_columns_are_ever_loaded(tmp_path, kind):
    offences = read(KINDS[kind](tmp_path), without_positions(MAPPING) if "g" in kind[:1] else MAPPING)
    assert not offences.frame.astype(str).isin(["x"]).any().any()


def test_the_typical_mapping_reads_every_column_it_names(tmp_path):
    mapping = Mapping.from_toml(MAPPINGS / "typical-extract.toml")
    values = {name: f"some {key}" for key, (name,) in mapping.columns.items()}
    dates = ("Committed From", "Committed To", "Reported Date", "Outcome Date", "Filed Date", "CCTV Requested", "CCTV Received")
    values |= {name: f"0{day}/04/2024 10:30" for day, name in enumerate(dates, start=1)}
    values |= {"HO Code": "28A", "Easting": "406700", "Northing": "286800", "Victim Age": "31", "Knife": "No"}
    row = read(write_csv(tmp_path / "a.csv", [values.values()], values.keys()), MAPPINGS / "typical-extract.toml").frame.iloc[0]
    assert row["crime_type"] == "Residential burglary" and row["time_precision"] == "minute"
    assert row["committed_from"] == datetime(2024, 4, 1, 10, 30) and row["reported"] == datetime(2024, 4, 3, 10, 30)
    assert row["filed_date"] == datetime(2024, 4, 5), "a day has no time"
    assert row["lpa_named"] == "some lpa" and row["mo"] == "some mo" and row["vehicle_make"] == "some vehicle_make"
    assert row["knife"] is not pd.NA and not row["knife"]


def test_windows_1252_text_is_read_as_it_was_written(tmp_path):
    path = write_csv(tmp_path / "a.csv", [("2024-03-04", "Café – Rue")], ("From", "Street"), encoding="cp1252")
    assert read(path, MINIMAL + 'street = "Street"').frame["street"][0] == "Café – Rue"


def test_a_constant_crime_type_holds_for_every_row(tmp_path):
    frame = rows_of(tmp_path, ("From",), ("2024-03-04",)).frame
    assert frame["crime_type"][0] == frame["source_crime_type"][0] == "Robbery"


def test_an_offence_of_an_unknown_crime_type_is_kept_and_told(tmp_path):
    mapping = 'name = "E"\n[columns]\ncommitted_from = "From"\ncrime_code = "Code"\ncrime_description = "Offence"'
    rows = [("2024-03-04", "999", "Piracy"), ("2024-03-04", "999", "Piracy"), ("2024-03-04", "", ""), ("2024-03-04", "45", "")]
    offences = rows_of(tmp_path, ("From", "Code", "Offence"), *rows, mapping=mapping)
    assert list(offences.frame["crime_type"]) == ["Other crime", "Other crime", "Other crime", "Theft from a vehicle"]
    assert list(offences.frame["source_crime_type"]) == ["Piracy", "Piracy", "not given", "45"]
    assert "3 rows have a crime type" in offences.notes[-1] and "'Piracy' (2), 'not given' (1)" in offences.notes[-1]


def test_a_row_is_excluded_only_when_none_of_its_dates_can_be_read(tmp_path):
    mapping = MINIMAL + 'committed_to = "To"\nreported = "Reported"'
    rows = [("soon", "", "04/03/2024"), ("soon", "", "later"), ("", "", ""), ("04/03/2024", "x", "x"), ("", "05/03/2024", "")]
    offences = rows_of(tmp_path, ("From", "To", "Reported"), *rows, mapping=mapping)
    reasons = offences.frame["excluded"]
    assert reasons.isna().tolist() == [True, False, True, True]
    assert offences.rows_read == 4, "a blank line is no row"
    assert reasons[1] == "no readable date" and offences.frame["source_row"].tolist() == [1, 2, 4, 5]


def test_a_row_with_more_fields_than_the_header_is_excluded_and_one_cut_short_too(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "From,Easting,Northing,Beat\n2024-03-04,1,2,3,4\n2024-03-04,1\n2024-03-04,406700,286800\n2024-03-04,1,2,3,,\n"
    )
    offences = read(path, MINIMAL + 'x = "Easting"\ny = "Northing"\nbeat = "Beat"')
    assert offences.frame["excluded"].fillna("").tolist() == ["ragged row", "ragged row", "", ""]


def test_an_end_written_as_a_day_lasts_to_the_end_of_that_day_beside_a_start_with_a_time(tmp_path):
    rows = [("04/03/2024 22:00", "04/03/2024"), ("04/03/2024", "05/03/2024")]
    frame = rows_of(tmp_path, ("From", "To"), *rows, mapping=MINIMAL + 'committed_to = "To"').frame
    assert frame["committed_to"].tolist() == [datetime(2024, 3, 5), datetime(2024, 3, 5)]
    assert list(frame["time_precision"]) == ["minute", "day"]


def test_a_mapping_can_say_that_times_are_not_to_be_trusted(tmp_path):
    mapping = 'time_precision = "day"\n' + MINIMAL
    frame = rows_of(tmp_path, ("From",), ("04/03/2024 22:00",), ("2024-03",), mapping=mapping).frame
    assert list(frame["time_precision"]) == ["day", "month"]


def test_dates_and_times_in_two_columns_are_joined(tmp_path):
    mapping = MINIMAL.replace('"From"', '["Date From", "Time From"]')
    frame = rows_of(tmp_path, ("Date From", "Time From"), ("04/03/2024", "0815"), ("05/03/2024", ""), mapping=mapping).frame
    assert frame["committed_from"].tolist() == [datetime(2024, 3, 4, 8, 15), datetime(2024, 3, 5)]


def test_words_for_nothing_and_shortened_references_are_unknown(tmp_path):
    rows = [("04/03/2024", "NULL", "2.01E+11"), ("04/03/2024", "n/a", "2.01E+11"), ("04/03/2024", "AB 1", "200912")]
    offences = rows_of(tmp_path, ("From", "UPRN", "No"), *rows, mapping=MINIMAL + 'premises_ref = "UPRN"\noffence_id = "No"')
    assert offences.frame["premises_ref"].fillna("?").tolist() == ["?", "?", "AB 1"]
    assert offences.frame["offence_id"].fillna("?").tolist() == ["?", "?", "200912"], "else two offences would count as one"
    assert "2 rows have a reference that a spreadsheet shortened ('2.01E+11')" in " ".join(offences.notes)


def test_knife_is_true_false_or_unknown_and_strange_words_are_counted(tmp_path):
    words = ["Y", "yes", "1", "TRUE", "n", "No", "0", "False", "", "maybe"]
    rows = [("04/03/2024", word) for word in words]
    offences = rows_of(tmp_path, ("From", "Knife"), *rows, mapping=MINIMAL + 'knife = "Knife"')
    assert offences.frame["knife"].tolist() == [True] * 4 + [False] * 4 + [pd.NA, pd.NA]
    assert "1 row has a word that is neither yes nor no ('maybe')" in " ".join(offences.notes)


def test_the_words_for_yes_and_no_can_be_given(tmp_path):
    mapping = MINIMAL + 'knife = "Knife"\n[values]\nyes = ["Blade"]\nno = ["None seen"]'
    frame = rows_of(tmp_path, ("From", "Knife"), ("04/03/2024", "blade"), ("04/03/2024", "none seen"), mapping=mapping).frame
    assert frame["knife"].tolist() == [True, False]


def test_an_age_that_cannot_be_is_unknown(tmp_path):
    rows = [("04/03/2024", age) for age in ("24", "24.0", "0", "-1", "200", "old", "24.5", "")]
    offences = rows_of(tmp_path, ("From", "Age"), *rows, mapping=MINIMAL + 'victim_age = "Age"')
    assert offences.frame["victim_age"].tolist() == [24, 24, 0, pd.NA, pd.NA, pd.NA, pd.NA, pd.NA]
    assert "4 rows have a value that is no age" in " ".join(offences.notes)


POSITIONS = 'x = "Easting"\ny = "Northing"'


def test_positions_absent_zero_and_unreadable_are_told_apart(tmp_path):
    written = [("406,700", " 286800 "), ("", ""), ("0", "0"), ("x", "286800"), ("406700", ""), ("4.067E5", "286800.25")]
    rows = [("04/03/2024", *position) for position in written]
    offences = rows_of(tmp_path, ("From", "Easting", "Northing"), *rows, mapping=MINIMAL + POSITIONS)
    expected_x = [406700, np.nan, 0, np.inf, np.inf, 406700]
    np.testing.assert_array_equal(offences.frame["x"], expected_x)
    np.testing.assert_array_equal(offences.frame["y"], [286800, np.nan, 0, np.inf, np.inf, 286800.25])
    assert "1 row has one coordinate without the other" in " ".join(offences.notes)


@given(
    texts=st.lists(
        st.one_of(st.from_regex(r"-?[0-9 ,.']{0,18}", fullmatch=True), st.floats().map(repr), st.sampled_from(["", "+5"]))
    ),
    geographic=st.booleans(),
)
def test_numbers_read_all_at_once_are_those_read_one_by_one(texts, geographic):
    found = read_numbers(pd.Series(texts, dtype="str"), geographic=geographic)
    assert found.tobytes() == np.array([_number(text, geographic) for text in texts], dtype=np.float64).tobytes()


def test_degrees_are_brought_to_the_national_grid(tmp_path):
    # Ordnance Survey, "A guide to coordinate systems in Great Britain": the central meridian, 2° W, is easting
    # 400,000; WGS84 and the National Grid's own datum differ by about a hundred metres there.
    offences = rows_of(
        tmp_path, ("From", "Lng", "Lat"), ("04/03/2024", "-2,0", "52.5"), mapping=MINIMAL + 'lon = "Lng"\nlat = "Lat"'
    )
    assert offences.frame["x"][0] == pytest.approx(400_000, abs=150)
    back = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True).transform(
        offences.frame["x"][0], offences.frame["y"][0]
    )
    assert back == pytest.approx((-2.0, 52.5), abs=1e-7)


@pytest.mark.parametrize(
    ("position", "crs", "words"),
    [
        (("286800", "406700"), "EPSG:27700", "columns were exchanged"),
        (("-1.9", "52.48"), "EPSG:27700", "longitude and latitude in degrees: set crs to EPSG:4326"),
        (("52.48", "-1.9"), "EPSG:27700", "latitude first"),
        (("52.48", "-1.9"), "EPSG:4326", "columns were exchanged"),
        (("406700", "286800"), "EPSG:4326", "metres: set crs to EPSG:27700"),
        (("500000", "200000"), "EPSG:27700", "Check the columns"),
    ],
)
def test_positions_that_seem_misread_are_told_and_never_corrected(tmp_path, position, crs, words):
    mapping = f'crs = "{crs}"\n' + MINIMAL + POSITIONS
    offences = rows_of(tmp_path, ("From", "Easting", "Northing"), *[("04/03/2024", *position)] * 3, mapping=mapping)
    assert words in offences.notes[-1] and "100% of the positions" in offences.notes[-1]
    assert not WEST_MIDLANDS.believes(offences.frame["x"][0], offences.frame["y"][0])


def test_positions_inside_the_force_raise_no_suspicion(tmp_path):
    rows = [("04/03/2024", "406700", "286800")] * 2 + [("04/03/2024", "286800", "406700")]
    assert rows_of(tmp_path, ("From", "Easting", "Northing"), *rows, mapping=MINIMAL + POSITIONS).notes == ()


def test_a_geometry_that_is_no_point_is_counted_but_not_placed(tmp_path):
    shapes = [Point(406700, 286800), LineString([(0, 0), (1, 1)]), MultiPoint([(406700, 286800)]), Point(), None]
    frame = geopandas.GeoDataFrame({"From": ["2024-03-04"] * 5}, geometry=shapes, crs="EPSG:27700")
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG")
    offences = read(tmp_path / "a.gpkg", MINIMAL)
    np.testing.assert_array_equal(offences.frame["x"], [406700, np.inf, 406700, np.nan, np.nan])
    assert offences.frame["excluded"].isna().all()
    assert "1 row has a geometry that is not a point" in " ".join(offences.notes)


def test_of_several_layers_the_named_one_is_read_in_its_own_coordinate_system(tmp_path):
    for layer, crs, at in (("first", "EPSG:27700", Point(1, 1)), ("second", "EPSG:4326", Point(-2.0, 52.5))):
        frame = geopandas.GeoDataFrame({"From": ["2024-03-04"]}, geometry=[at], crs=crs)
        frame.to_file(tmp_path / "a.gpkg", layer=layer, driver="GPKG")
    offences = read(tmp_path / "a.gpkg", 'layer = "second"\ncrs = "EPSG:27700"\n' + MINIMAL)
    assert offences.frame["x"][0] == pytest.approx(400_000, abs=150)
    told = read(tmp_path / "a.gpkg", MINIMAL).notes
    assert "Layer 'first' was read; a.gpkg has also: second." in told
    assert read_head(tmp_path / "a.gpkg", part="second").crs == "EPSG:4326"


def test_without_positions_every_offence_is_read_and_the_lack_is_told(tmp_path):
    offences = rows_of(tmp_path, ("From",), ("04/03/2024",))
    assert offences.frame["x"].isna().all()
    assert offences.notes == ("No columns for x and y are mapped: no offence has a location.",)


def test_a_missing_column_and_every_other_missing_one_are_told_at_once(tmp_path):
    path = write_csv(tmp_path / "a.csv", [("04/03/2024", "1")], ("From Date", "Easting"))
    with pytest.raises(BadInput) as raised:
        read(path, MINIMAL + 'x = "Eastings"\ny = "Northing"')
    assert len(raised.value.faults) == 3
    assert "a.csv: It has no column 'Eastings' for x. Did you mean 'Easting'?" in raised.value.faults


def test_preview_shows_what_an_import_would_exclude_and_why(tmp_path):
    rows = [("04/03/2024",), ("soon",), ("later",)] + [("05/03/2024",)] * 300
    shown = preview(write_csv(tmp_path / "a.csv", rows, ("From",)), Mapping.from_toml(MINIMAL), WEST_MIDLANDS)
    assert shown.rows_read == 200 and shown.excluded == {"no readable date": 2}
    assert shown.examples == {"no readable date": (2, 3)} and "no readable date" in shown.notes[0]
    whole = preview(tmp_path / "a.csv", Mapping.from_toml(MINIMAL), WEST_MIDLANDS, rows=None)
    assert whole.rows_read == 303


@pytest.mark.parametrize("kind", KINDS)
def test_the_head_of_any_file_is_its_first_rows_as_text(tmp_path, kind):
    head = read_head(KINDS[kind](tmp_path), rows=2)
    assert len(head.frame) == 2 and list(head.frame["Crime No"]) == ["20/1", "20/2"]
    assert set(HEADER) - set(head.columns) <= {"Easting", "Northing"}
    assert head.has_points == kind.startswith("g")


def test_the_sheets_of_a_workbook_are_listed_and_chosen(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", sheet="Crimes")
    assert read_head(path).parts == ("Crimes",)
    assert len(read_head(path, part="Crimes").frame) == len(ROWS)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8) | st.sampled_from(
    ["04/03/2024 10:15", "2024-03-04", "45000.5", "406700", "286,800", "-1.9", "0", "Y", "28A", "Jan-48", "NULL", "1E400"]
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(*[CELLS] * len(HEADER)).filter(lambda row: any(map(str.strip, row))), min_size=1, max_size=4))
def test_whatever_the_cells_every_row_is_used_or_excluded_by_reason_and_fits_the_schema(rows):
    with tempfile.TemporaryDirectory() as folder:
        offences = read(write_csv(Path(folder) / "a.csv", rows))
    assert offences.rows_read == len(rows)
    assert set(offences.frame["excluded"].dropna()) <= set(UNREADABLE)
    validated = validate(offences.frame, source="E", force=WEST_MIDLANDS, areas=None, today=date(2101, 1, 1))
    assert len(validated.excluded) + validated.offences["rows"].sum() == len(rows)
    assert conform(validated.offences).num_rows == len(validated.offences)


NEW_YORK = Force("New York City", analysis_crs="EPSG:32618")


@pytest.fixture(scope="module")
def new_york(shared_data):
    path = shared_data / "extracts" / "nyc_vehicle_thefts_2014_2017_fromto.csv"
    (offences,) = read_extract(path, mapping=Mapping.from_toml(MAPPINGS / "nyc-vehicle-thefts.toml"), force=NEW_YORK)
    return path, offences


def test_the_new_york_file_gives_its_published_counts(new_york):
    _, offences = new_york
    frame = offences.frame
    assert offences.rows_read == 35_746 and frame["excluded"].isna().all() and offences.notes == ()
    assert frame["committed_to"].isna().sum() == 2_852
    assert set(frame["crime_type"]) == {"Theft of a vehicle"} and set(frame["location_precision"]) == {"snapped"}
    assert set(frame["time_precision"]) == {"minute"} and "street" not in frame


def test_the_new_york_file_reconciles_with_a_slow_obvious_reading(new_york):
    path, offences = new_york
    transformer = Transformer.from_crs("EPSG:4326", "EPSG:32618", always_xy=True)
    with path.open(newline="", encoding="utf-8") as file:
        slow = list(csv.DictReader(file))
    rows = offences.frame.to_dict("records")
    assert len(slow) == len(rows)
    for number, (expected, found) in enumerate(zip(slow, rows, strict=True), start=1):
        assert found["offence_id"] == expected["uid"] and found["source_row"] == number
        assert found["committed_from"] == datetime.strptime(expected["date_start"], "%Y-%m-%d %H:%M")
        end = datetime.strptime(expected["date_end"], "%Y-%m-%d %H:%M") if expected["date_end"] else None
        assert (found["committed_to"] == end) if end else pd.isna(found["committed_to"])
    for number in range(0, len(rows), 500):
        x, y = transformer.transform(float(slow[number]["longitude"]), float(slow[number]["latitude"]))
        assert (rows[number]["x"], rows[number]["y"]) == pytest.approx((x, y), abs=1e-6)


def test_the_head_of_a_file_of_one_quote_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "given.csv").write_text('"')
    with pytest.raises(BadInput, match=r"given\.csv has no row\. Export it again"):
        read_head(tmp_path / "given.csv")
