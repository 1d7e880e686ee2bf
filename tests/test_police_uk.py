"""police.uk files are found, told apart and read, whatever has been done to them."""

import stat
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from street_files import BIRMINGHAM, COVENTRY, HEADER, outcomes_file, row, street_file, zipped

from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.offences import police_uk
from hotspot.offences.outcome_index import OutcomeIndex, latest_of, read_outcomes
from hotspot.offences.outcomes import GROUPS, OTHER, group_of
from hotspot.offences.read import RawOffences
from hotspot.offences.source_files import find_files
from hotspot.offences.street_rows import StreetRows, read_street

WEST_MIDLANDS = Force("West Midlands")


def raw_of(rows: StreetRows) -> RawOffences:
    """What a street file says, row by row."""
    texts = {
        name: getattr(rows, name).array().to_pandas().astype("str")
        for name in ("force", "crime_type", "source_crime_type", "street", "outcome", "excluded")
    }
    x, y = (axis[rows.places.codes] for axis in (rows.places.x, rows.places.y))
    frame = pd.DataFrame(
        {
            "offence_id": rows.offence_id.to_pandas().astype("str"),
            **texts,
            "month": pd.to_datetime(rows.month.array().to_pandas().astype("str") + "-01").astype("datetime64[s]"),
            "time_precision": "month",
            "location_precision": np.where(np.isnan(x), "none", "snapped"),
            "x": x,
            "y": y,
            "source_file": rows.label,
        }
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return RawOffences(frame.assign(source_row=frame.index), len(frame), rows.notes)


def planned(*paths: Path, forces=(WEST_MIDLANDS,), known=()):
    return police_uk.plan(find_files(paths), forces=forces, known=known)


def read(path: Path, force: Force = WEST_MIDLANDS):
    (file,) = find_files([path])
    return raw_of(read_street(file, force))


def test_a_row_is_read_as_a_month_and_a_snapped_point(tmp_path):
    path = street_file(tmp_path, row("a1", month="2014-02", crime_type="Robbery", location="On or near New Street"))
    frame = read(path).frame
    assert frame.loc[1, ["offence_id", "force", "crime_type", "source_crime_type"]].tolist() == [
        "a1",
        "West Midlands",
        "Robbery",
        "Robbery",
    ]
    assert frame.loc[1, "month"] == pd.Timestamp("2014-02-01")
    assert frame.loc[1, ["time_precision", "location_precision", "street"]].tolist() == ["month", "snapped", "New Street"]
    assert frame.loc[1, "source_row"] == 1 and pd.isna(frame.loc[1, "excluded"])


def test_positions_become_metres_of_the_national_grid(tmp_path):
    # Caister water tower: WGS84 position and grid reference as published by the Ordnance Survey; the
    # transformation used without a grid file is accurate to about 5 m.
    path = street_file(tmp_path, row("a", at=("1.716052", "52.657979")))
    frame = read(path).frame
    assert abs(frame.loc[1, "x"] - 651_409.8) < 5 and abs(frame.loc[1, "y"] - 313_177.4) < 5


def test_one_position_gives_one_point_and_codes_for_absent_zero_and_unreadable(tmp_path):
    ats = [BIRMINGHAM, ("", ""), ("0", "0.0"), ("abc", "52.4"), ("-1.8", ""), ("-1.8", "95"), BIRMINGHAM]
    frame = read(street_file(tmp_path, *(row(at=at) for at in ats))).frame
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    assert np.isnan(x[1]) and np.isnan(y[1])
    assert (x[2], y[2]) == (0.0, 0.0)
    assert np.isinf(x[3:6]).all() and np.isinf(y[3:6]).all()
    assert (x[0], y[0]) == (x[6], y[6]) and 400_000 < x[0] < 410_000
    assert frame["location_precision"].tolist() == ["snapped", "none", *["snapped"] * 5]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Violent crime", "Violence and sexual offences"),
        ("Public disorder and weapons", "Possession of weapons"),
        ("VEHICLE CRIME", "Vehicle crime"),
        (" Anti-social  behaviour ", "Anti-social behaviour"),
    ],
)
def test_older_names_and_other_cases_are_known(tmp_path, written, meant):
    frame = read(street_file(tmp_path, row("a", crime_type=written))).frame
    assert frame.loc[1, ["crime_type", "source_crime_type"]].tolist() == [meant, written]


def test_a_new_and_a_blank_crime_type_are_kept_as_other_crime_and_told(tmp_path):
    raw = read(street_file(tmp_path, row("a", crime_type="Hoverboard theft"), row("b", crime_type="  ")))
    assert raw.frame["crime_type"].tolist() == ["Other crime", "Other crime"]
    assert raw.frame["source_crime_type"].tolist() == ["Hoverboard theft", "not given"]
    assert raw.frame["excluded"].isna().all()
    assert any("Hoverboard theft" in note for note in raw.notes) and any("not given" in note for note in raw.notes)


def test_months_that_a_spreadsheet_wrote_are_read_and_others_excluded(tmp_path):
    months = ["2014-01", "Feb-14", "2014-13", "14-01", "", "January"]
    frame = read(street_file(tmp_path, *(row(month=month) for month in months))).frame
    assert frame["month"][:2].tolist() == [pd.Timestamp("2014-01-01"), pd.Timestamp("2014-02-01")]
    assert frame["excluded"].fillna("").tolist() == ["", "", *["no readable date"] * 4]


@pytest.mark.parametrize(("encoding", "street"), [("utf-8-sig", "Caffè Row"), ("cp1252", "Café – Row"), ("utf-8", "Łódź Way")])
def test_encodings_that_occur_are_read(tmp_path, encoding, street):
    frame = read(street_file(tmp_path, row("a", location=f"On or near {street}"), encoding=encoding)).frame
    assert frame["street"][1] == street and frame["offence_id"][1] == "a"


def test_ragged_rows_are_told_by_their_number_and_the_rows_after_them_keep_theirs(tmp_path):
    rows = [row("a"), row("b") + ",one too many", "", row("c"), "one,two", row("d", location='"On or near A, B ""C"""')]
    raw = read(street_file(tmp_path, *rows))
    assert raw.rows_read == 5
    assert raw.frame["excluded"].fillna("").tolist() == ["", "ragged row", "", "ragged row", ""]
    assert raw.frame["source_row"].tolist() == [1, 2, 3, 4, 5]
    assert raw.frame["offence_id"].fillna("").tolist() == ["a", "", "c", "", "d"]
    assert raw.frame["street"].iloc[4] == 'A, B "C"'


def test_the_slow_and_the_fast_way_read_the_same_rows(tmp_path):
    rows = [row("a"), row("b", location='"On or near X,\r\nY"'), "", row("c", at=("", ""), outcome="")]
    fast = read(street_file(tmp_path / "fast", *rows)).frame
    slow = read(street_file(tmp_path / "slow", *rows, "ragged")).frame
    pd.testing.assert_frame_equal(fast, slow.iloc[:-1].astype(fast.dtypes.to_dict()))


def test_columns_may_stand_in_another_order_and_case(tmp_path):
    path = tmp_path / "renamed.csv"
    path.write_text("LATITUDE, longitude,Month,Crime type,Location,crime id\n52.48,-1.9,2014-01,Burglary,On or near A,x\n")
    frame = read(path).frame
    assert frame["offence_id"][1] == "x" and 400_000 < frame["x"][1] < 410_000


def test_no_location_is_no_street_and_kinds_of_place_are_known_as_such(tmp_path):
    locations = ["On or near ", "No Location", "On or near Parking Area", "On or near On Lane"]
    frame = read(street_file(tmp_path, *(row(location=location) for location in locations))).frame
    assert frame["street"].fillna("").tolist() == ["", "", "Parking Area", "On Lane"]
    assert "Parking Area" in police_uk.GENERIC_STREETS and "On Lane" not in police_uk.GENERIC_STREETS


def test_a_folder_gives_the_files_of_the_named_force_and_says_what_it_passed_over(tmp_path):
    street_file(tmp_path, row("a"))
    street_file(tmp_path, row("b", month="2014-02"), month="2014-02")
    street_file(tmp_path, row("c", force="Leicestershire Police"), force="leicestershire")
    outcomes_file(tmp_path, ("a", "2014-01", "Local resolution"))
    (tmp_path / "2014-01" / "2014-01-west-midlands-stop-and-search.csv").write_text("Type,Date,Object of search\n")
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    found = planned(tmp_path)
    assert [file.label for file, _ in found.street] == [
        "2014-01/2014-01-west-midlands-street.csv",
        "2014-02/2014-02-west-midlands-street.csv",
    ]
    assert len(found.outcomes) == 1
    assert found.passed_over == {"Leicestershire": 1, "stop and search": 1, "not from police.uk": 1}


def test_an_archive_gives_what_its_folder_gives(tmp_path):
    folder = tmp_path / "months"
    street_file(folder, row("a"), row("b"))
    street_file(folder, row("c", force="Leicestershire Police"), force="leicestershire")
    archive = zipped(folder, tmp_path / "archive.zip")
    in_folder, in_archive = planned(folder), planned(archive)
    assert [file.label for file, _ in in_archive.street] == [file.label for file, _ in in_folder.street]
    assert in_archive.passed_over == in_folder.passed_over
    frames = [raw_of(read_street(*plan.street[0])).frame for plan in (in_folder, in_archive)]
    pd.testing.assert_frame_equal(*frames)


def test_a_named_file_is_read_under_its_own_force(tmp_path):
    path = street_file(tmp_path, row("c", force="Avon and Somerset Constabulary"), force="avon-and-somerset")
    ((_, force),) = planned(path).street
    assert force == Force("Avon and Somerset")
    described = Force("Avon & Somerset Police", bounds=(1, 2, 3, 4))
    ((_, force),) = planned(path, known=(described,)).street
    assert force is described


def test_a_renamed_file_in_a_folder_is_known_by_its_rows(tmp_path):
    street_file(tmp_path, row("a")).rename(tmp_path / "january.csv")
    ((file, force),) = planned(tmp_path).street
    assert (file.label, force.name) == ("january.csv", "West Midlands")


def test_rows_of_a_second_force_in_one_file_go_under_its_name(tmp_path):
    frame = read(street_file(tmp_path, row("a"), row("b", force="Leicestershire Police"), row("c", force=""))).frame
    assert frame["force"].tolist() == ["West Midlands", "Leicestershire", "West Midlands"]


@pytest.mark.parametrize(
    ("in_file_name", "in_rows"),
    [
        ("btp", "British Transport Police"),
        ("northern-ireland", "Police Service of Northern Ireland"),
        ("devon-and-cornwall", "Devon & Cornwall Police"),
        ("dyfed-powys", "Dyfed-Powys Police"),
        ("city-of-london", "City of London Police"),
        ("metropolitan", "Metropolitan Police Service"),
    ],
)
def test_a_force_is_one_force_however_its_file_and_its_rows_name_it(tmp_path, in_file_name, in_rows):
    path = street_file(tmp_path, row("a", force=in_rows), force=in_file_name)
    ((file, force),) = planned(tmp_path, forces=(Force(in_rows),)).street
    assert raw_of(read_street(file, force)).frame["force"].tolist() == [in_rows]
    ((file, force),) = planned(path).street
    assert raw_of(read_street(file, force)).frame["force"].tolist() == [force.name]


def test_where_nothing_matches_the_forces_that_were_found_are_named(tmp_path):
    street_file(tmp_path, row("c", force="Leicestershire Police"), force="leicestershire")
    with pytest.raises(BadInput, match=r"West Midlands .*Leicestershire \(1\)"):
        planned(tmp_path)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(BadInput, match="empty"):
        planned(tmp_path / "nothing")


def test_a_named_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "stops.csv"
    path.write_text("Type,Date,Object of search\n")
    with pytest.raises(BadInput, match=r"stops\.csv is neither"):
        planned(path)


def test_a_month_given_twice_is_read_once(tmp_path):
    old, new = street_file(tmp_path / "old", row("a")), street_file(tmp_path / "new", row("a"), row("b"))
    found = planned(old, new)
    assert [file.path for file, _ in found.street] == [new]
    assert "more than once" in found.notes[0]


@pytest.mark.parametrize("member", ["../evil-street.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:/evil.csv"])
def test_an_archive_that_points_outside_itself_is_refused(tmp_path, member):
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr(zipfile.ZipInfo(member), HEADER)
    with pytest.raises(BadInput, match="outside the archive"):
        find_files([archive])


def test_an_archive_that_unpacks_to_far_more_than_it_is_worth_is_refused(tmp_path):
    archive = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target,
        target.open("2014-01-west-midlands-street.csv", "w") as file,
    ):
        for _ in range(65):
            file.write(bytes(1 << 20))
    with pytest.raises(BadInput, match="no honest file"):
        find_files([archive])


def test_links_damage_and_missing_paths_are_all_told_at_once(tmp_path):
    linked, broken = tmp_path / "linked.zip", tmp_path / "broken.zip"
    info = zipfile.ZipInfo("2014-01-west-midlands-street.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(linked, "w") as target:
        target.writestr(info, "/etc/passwd")
    broken.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(BadInput) as caught:
        find_files([linked, broken, tmp_path / "absent"])
    assert len(caught.value.faults) == 3
    assert "link" in caught.value.faults[0] and "sound zip" in caught.value.faults[1] and "absent" in caught.value.faults[2]


def test_a_member_whose_content_is_damaged_is_told(tmp_path):
    archive = zipped(street_file(tmp_path / "months", *(row(str(n)) for n in range(200))).parents[1], tmp_path / "archive.zip")
    content = bytearray(archive.read_bytes())
    content[300:320] = bytes(20)
    archive.write_bytes(content)
    (file,) = find_files([archive])
    with pytest.raises(BadInput, match="cannot be read"):
        file.read()


def test_an_empty_file_and_a_column_given_twice_are_refused(tmp_path):
    path = tmp_path / "2014-01-west-midlands-street.csv"
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="no header"):
        read(path)
    path.write_text(f"{HEADER},Month\n{row('a')}x\n")
    with pytest.raises(BadInput, match="'Month' more than once"):
        read(path)


def test_the_latest_outcome_of_a_crime_counts_and_of_one_month_the_last_written(tmp_path):
    path = outcomes_file(
        tmp_path,
        ("a", "2014-03", "Suspect charged"),
        ("a", "2014-01", "Under investigation"),
        ("b", "2014-02", "Local resolution"),
        ("b", "2014-02", "Offender given a caution"),
        ("", "2014-02", "Local resolution"),
        ("c", "when", "Local resolution"),
    )
    (file,) = find_files([path])
    index = OutcomeIndex(latest_of([read_outcomes(file)]))
    latest = index.frame(pa.array(["a", "b", "c", "unknown", None])).set_index("offence_id")
    assert latest["outcome"].to_dict() == {"a": "Suspect charged", "b": "Offender given a caution"}
    assert latest["outcome_date"]["a"] == pd.Timestamp("2014-03-01")


@pytest.mark.parametrize(
    ("outcome", "group"),
    [
        ("Investigation complete; no suspect identified", "No suspect identified"),
        ("14", "No suspect identified"),
        ("Outcome 14", "No suspect identified"),
        ("14 - Evidential difficulties", "No suspect identified"),
        ("01A", "Charged or summonsed"),
        ("1", "Charged or summonsed"),
        ("8", "Out-of-court resolution"),
        ("offender given a CAUTION", "Out-of-court resolution"),
        ("Something new", OTHER),
        ("99", OTHER),
        ("1.5 years", OTHER),
    ],
)
def test_outcomes_are_grouped_by_phrase_and_by_code(outcome, group):
    assert group_of(outcome) == group


def test_every_outcome_that_police_uk_lists_has_a_group_of_its_own():
    listed = {outcome for outcomes in GROUPS.values() for outcome in outcomes}
    assert len(listed) == sum(len(outcomes) for outcomes in GROUPS.values())
    assert all(group_of(outcome) != OTHER for outcome in listed)


def test_every_outcome_and_crime_type_of_the_real_months_is_known(shared_data):
    found = planned(shared_data / "police-uk", forces=(WEST_MIDLANDS, Force("Leicestershire")))
    frames = [raw_of(read_street(file, force)) for file, force in found.street]
    outcomes = {outcome for raw in frames for outcome in raw.frame["outcome"].dropna().unique()}
    assert len(outcomes) >= 20 and not {one for one in outcomes if group_of(one) == OTHER}
    assert not [note for raw in frames for note in raw.notes]
    assert sum(raw.rows_read for raw in frames) == 36_270 + 75_315


def test_coventry_is_east_of_birmingham(tmp_path):
    frame = read(street_file(tmp_path, row(at=BIRMINGHAM), row(at=COVENTRY))).frame
    assert 25_000 < frame["x"][2] - frame["x"][1] < 28_000
