"""An import accounts for every row and throws nothing real away."""

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from street_files import BIRMINGHAM, COVENTRY, outcomes_file, row, street_file, zipped

from hotspot.boundaries.areas import Areas
from hotspot.errors import BadInput, StoreError
from hotspot.geography import OUTSIDE, Force
from hotspot.offences.load import import_sources
from hotspot.offences.mapping import mapping_from_options
from hotspot.offences.store import EVERYTHING, Store, read
from hotspot.offences.suspicious import find_suspicious
from hotspot.offences.validate import validate, without_known

TODAY = date(2024, 6, 30)
NOW = datetime(2024, 6, 30, 12)
BOUNDED = Force("Testshire", bounds=(0, 0, 10_000, 10_000))
AREAS = Areas("LPA", GeoDataFrame({"name": ["West", "East"]}, geometry=[box(0, 0, 4_000, 10_000), box(5_000, 0, 10_000, 10_000)]))


def raw(*rows: dict) -> pd.DataFrame:
    """Raw rows as a reader gives them, with usual values for what is not said."""
    usual = {
        "offence_id": None,
        "crime_type": "Burglary",
        "source_crime_type": "28A",
        "committed_from": "2024-01-10 10:00",
        "committed_to": None,
        "reported": None,
        "time_precision": "minute",
        "location_precision": "exact",
        "x": 1_000.0,
        "y": 1_000.0,
        "victim_ref": None,
        "victim_age": None,
        "lpa_named": None,
        "excluded": None,
        "source_file": "extract.csv",
    }
    frame = pd.DataFrame([usual | {"source_row": number} | one for number, one in enumerate(rows, start=1)])
    times = {name: pd.to_datetime(frame[name]).astype("datetime64[s]") for name in ("committed_from", "committed_to", "reported")}
    return frame.assign(**times)


def checked(*rows: dict, force: Force = BOUNDED, areas: Areas | None = AREAS):
    return validate(raw(*rows), source="extract", force=force, areas=areas, today=TODAY)


def reasons(validated) -> dict[int, str]:
    return dict(zip(validated.excluded["source_row"], validated.excluded["excluded"], strict=True))


def imported(store: Path, *paths: Path, **options):
    return import_sources(paths, store=store, **({"today": TODAY, "imported_at": NOW} | options))


def stored(store: Path, force: str = "West Midlands", source: str = "police.uk") -> pd.DataFrame:
    return read(Store(store), scope=EVERYTHING, source=source, force=force)


def test_each_reason_counts_the_row_it_should_and_no_other():
    validated = checked(
        {"offence_id": "A"},
        {"offence_id": "A"},
        {"offence_id": None},
        {"offence_id": None},
        {"offence_id": " "},
        {"offence_id": " "},
        {"offence_id": "B", "committed_from": "2024-07-01 00:00"},
        {"offence_id": "C", "committed_from": None},
        {"offence_id": "D", "excluded": "ragged row", "committed_from": None},
        {"offence_id": "D", "committed_from": "2024-06-30 23:59", "reported": None},
        {"offence_id": "E", "reported": "2024-07-02 08:00"},
    )
    assert reasons(validated) == {
        2: "duplicate reference",
        7: "date in the future",
        8: "no readable date",
        9: "ragged row",
        11: "date in the future",
    }
    assert validated.offences["source_row"].tolist() == [1, 3, 4, 5, 6, 10]


def test_rows_of_one_reference_with_different_victims_are_one_offence():
    validated = checked(
        {"offence_id": "A", "victim_ref": "V1", "victim_age": 30},
        {"offence_id": "B", "victim_ref": "V9", "victim_age": 50},
        {"offence_id": "A", "victim_ref": "V2", "victim_age": 17},
        {"offence_id": "A", "victim_ref": "V1", "victim_age": 30},
        {"offence_id": "A"},
        {"offence_id": "C", "victim_age": 40},
        {"offence_id": "C", "victim_age": 12},
        {"offence_id": "D"},
    )
    offences = validated.offences.set_index("offence_id")
    assert offences["rows"].to_dict() == {"A": 2, "B": 1, "C": 2, "D": 1}
    assert [list(refs) if refs is not None else None for refs in pd.Series(offences["victim_refs"], dtype="object")[:2]] == [
        ["V1", "V2"],
        ["V9"],
    ]
    assert list(offences["victim_ages"]["A"]) == [30, 17] and list(offences["victim_ages"]["C"]) == [40, 12]
    assert offences["victim_refs"].isna().to_dict() == {"A": False, "B": False, "C": True, "D": True}
    assert reasons(validated) == {4: "duplicate reference", 5: "duplicate reference"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "", "A", "B", "C"]),
            st.sampled_from([None, "V1", "V2"]),
            st.sampled_from([None, 17, 40]),
            st.sampled_from([None, "2024-01-10", "2030-01-01"]),
            st.sampled_from([None, "ragged row"]),
        ),
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None)
def test_rows_are_used_or_excluded_and_agree_with_a_slow_count(rows):
    names = ("offence_id", "victim_ref", "victim_age", "committed_from", "excluded")
    given_rows = [dict(zip(names, one, strict=True)) for one in rows]
    if not given_rows:
        return
    validated = checked(*given_rows)
    assert int(validated.offences["rows"].sum()) + len(validated.excluded) == len(rows)
    victims: dict[str, list] = {}
    expected = 0
    for one in given_rows:
        if one["excluded"] or one["committed_from"] != "2024-01-10":
            continue
        key = one["victim_ref"] or (f"age {one['victim_age']}" if one["victim_age"] else None)
        if not one["offence_id"]:
            expected += 1
        elif one["offence_id"] not in victims:
            victims[one["offence_id"]] = [key]
            expected += 1
        elif key and key not in victims[one["offence_id"]]:
            victims[one["offence_id"]].append(key)
    assert len(validated.offences) == expected
    sizes = validated.offences.dropna(subset="offence_id").query("offence_id != ''").set_index("offence_id")["rows"].to_dict()
    assert sizes == {reference: len(found) for reference, found in victims.items()}


def test_locations_are_usable_absent_or_unusable_and_areas_add_up_to_the_force():
    validated = checked(
        {"x": 1_000.0, "y": 1_000.0},
        {"x": 6_000.0, "y": 1_000.0},
        {"x": 4_500.0, "y": 1_000.0},
        {"x": 14_999.0, "y": -4_999.0},
        {"x": 15_001.0, "y": 1_000.0},
        {"x": 0.0, "y": 0.0},
        {"x": np.nan, "y": np.nan},
        {"x": np.inf, "y": np.inf},
    )
    offences = validated.offences
    assert offences["location_status"].tolist() == [*["usable"] * 4, "unusable", "unusable", "absent", "unusable"]
    assert offences["lpa"].fillna("").tolist() == ["West", "East", OUTSIDE, OUTSIDE, "", "", "", ""]
    assert offences["x"].notna().tolist() == [True] * 4 + [False] * 4
    assert offences["location_precision"].tolist() == ["exact"] * 6 + ["none", "exact"]
    assert len(validated.excluded) == 0


def test_without_bounds_and_boundaries_nothing_is_outside():
    offences = checked({"x": 9e6, "y": -9e6}, {"x": 0.0, "y": 0.0}, force=Force("Testshire"), areas=None).offences
    assert offences["location_status"].tolist() == ["usable", "unusable"]
    assert offences["lpa"].isna().all()


def test_the_files_own_lpa_is_believed_where_it_names_one_and_disagreements_are_counted():
    offences = checked(
        {"lpa_named": " EAST "},
        {"lpa_named": "east", "x": np.nan, "y": np.nan},
        {"lpa_named": "Neverland"},
        {"lpa_named": "West"},
        {"lpa_named": "West", "x": 4_500.0},
    ).offences
    assert offences["lpa"].tolist() == ["East", "East", "West", "West", "West"]
    assert offences["lpa_disagrees"].tolist() == [True, False, False, False, True]


def test_an_end_before_the_start_keeps_the_start_and_the_offence():
    offences = checked(
        {"committed_from": "2024-01-10 10:00", "committed_to": "2024-01-10 09:59"},
        {"committed_from": "2024-01-10 10:00", "committed_to": "2024-01-10 10:00"},
        {"committed_from": None, "reported": "2024-02-01 08:00"},
    ).offences
    assert offences["window_known"].tolist() == [False, True, False]
    assert offences["end_before_start"].tolist() == [True, False, False]
    assert offences["committed_to"].isna().tolist() == [True, False, True]
    assert offences["month"].dt.month.tolist() == [1, 1, 2]


def test_an_end_in_the_future_does_not_throw_the_offence_away():
    offences = checked({"committed_to": "2031-01-01 00:00"}).offences
    assert len(offences) == 1 and offences["end_in_future"].all()
    assert not offences["window_known"].any() and offences["committed_to"].isna().all()


def test_references_that_the_store_holds_are_left_out_row_by_row():
    validated = checked({"offence_id": "A", "victim_ref": "V1"}, {"offence_id": "A", "victim_ref": "V2"}, {"offence_id": "B"}, {})
    left = without_known(validated, {"A"})
    assert left.offences["offence_id"].fillna("").tolist() == ["B", ""]
    assert left.excluded["excluded"].tolist() == ["duplicate reference"] * 2
    assert int(left.offences["rows"].sum()) + len(left.excluded) == 4


def test_a_midnight_spike_is_told_by_the_first_minutes_of_the_other_hours():
    # 24 hours with 4 starts on the hour each; 36 more at midnight: 40 against 4 expected.
    rounded = [{"committed_from": f"2024-01-{1 + n % 28:02d} {n % 24:02d}:00"} for n in range(96)]
    spike = [{"committed_from": "2024-02-01 00:01"}] * 36
    even, spiked = (find_suspicious(checked(*rows).offences) for rows in (rounded, rounded + spike))
    assert (even.midnight, even.midnight_expected, even.midnight_flagged) == (4, 4.0, False)
    assert (spiked.midnight, spiked.midnight_expected, spiked.midnight_flagged) == (40, 4.0, True)
    dates_alone = [one | {"time_precision": "day"} for one in spike]
    assert find_suspicious(checked(*dates_alone).offences).midnight == 0


def test_pile_ups_are_told_but_never_flagged_on_snapped_data():
    rows = [{"x": 2_000.2, "y": 2_000.0, "street": "Custody Road"}] * 25 + [{"x": 3_000.0 + n} for n in range(75)]
    found = find_suspicious(checked(*rows).offences)
    (pile,) = found.pile_ups
    assert (pile.x, pile.y, pile.count, pile.street) == (2_000.0, 2_000.0, 25, "Custody Road")
    assert found.pile_ups_flagged
    snapped = [one | {"location_precision": "snapped"} for one in rows]
    assert not find_suspicious(checked(*snapped).offences).pile_ups_flagged


def test_windows_of_more_than_seven_days_are_counted():
    ends = ["2024-01-17 10:00", "2024-01-17 10:01", "2024-01-10 10:00", None]
    assert find_suspicious(checked(*({"committed_to": end} for end in ends)).offences).windows_over_7_days == 1


def test_a_folder_an_archive_and_single_files_give_the_same_report(tmp_path):
    folder = tmp_path / "months"
    files = [
        street_file(folder, row("a"), row("b", at=COVENTRY), row(), row(), row("a")),
        street_file(folder, row("c", month="2014-03", at=("", "")), row("d", month="2030-01"), month="2014-03"),
    ]
    archive = zipped(folder, tmp_path / "archive.zip")
    sources = {"folder": [folder], "archive": [archive], "files": files}
    reports = {name: imported(tmp_path / name, *paths) for name, paths in sources.items()}
    for report in reports.values():
        assert (report.rows_read, report.rows_used, report.offences) == (7, 5, 5)
        assert report.excluded == {"duplicate reference": 1, "date in the future": 1}
        assert report.without_location == 1
        assert (report.months, report.missing_months) == (("2014-01", "2014-03"), ("2014-02",))
        assert report.to_dict()["crime_types"] == {"Burglary": {"count": 5, "without_location": 1}}
    assert reports["folder"].examples["duplicate reference"][0].row == 5
    assert stored(tmp_path / "folder")["lpa"].fillna("").tolist() == ["Birmingham", "Coventry", "Birmingham", "Birmingham", ""]


def test_two_months_one_after_the_other_give_what_both_together_give(tmp_path):
    january = street_file(tmp_path, row("a"), row("twice"), row())
    february = street_file(tmp_path, row("b", month="2014-02"), row("twice", month="2014-02"), month="2014-02")
    together = imported(tmp_path / "together", january, february)
    imported(tmp_path / "apart", january)
    second = imported(tmp_path / "apart", february)
    assert together.excluded == second.excluded == {"duplicate reference": 1}
    assert any("stands in the store already" in note for note in second.notes)
    frames = [stored(tmp_path / name) for name in ("together", "apart")]
    pd.testing.assert_frame_equal(*frames)
    facts = [Store(tmp_path / name).facts("police.uk", "West Midlands", scope=EVERYTHING) for name in ("together", "apart")]
    assert facts[0] == facts[1] and facts[0].excluded == {"duplicate reference": 1}


def test_outcomes_files_update_offences_of_the_import_and_of_the_store(tmp_path):
    january = street_file(tmp_path, row("a", outcome="Under investigation"), row("b", outcome=""), row())
    report = imported(tmp_path / "store", january, outcomes_file(tmp_path, ("a", "2014-01", "Local resolution")))
    assert report.rows_read == 3 and any("1 of them" in note for note in report.notes)
    later = outcomes_file(tmp_path, ("a", "2013-12", "Suspect charged"), ("b", "2014-05", "Suspect charged"), month="2014-05")
    report = imported(tmp_path / "store", later)
    assert (report.rows_read, report.rows_used) == (0, 0)
    frame = stored(tmp_path / "store").iloc[:2].set_index("offence_id")
    assert frame["outcome"].to_dict() == {"a": "Local resolution", "b": "Suspect charged"}
    assert frame["outcome_group"].to_dict() == {"a": "Out-of-court resolution", "b": "Charged or summonsed"}
    assert frame["outcome_date"]["b"] == pd.Timestamp("2014-05-01")


def test_another_force_needs_its_name_alone(tmp_path):
    path = street_file(tmp_path, row("c", force="Kent Police", at=("1.08", "51.28")), force="kent")
    imported(tmp_path / "store", path)
    store = Store(tmp_path / "store")
    assert (store.force.name, store.levels, store.data_sets) == ("Kent", (), (("police.uk", "Kent"),))
    frame = stored(tmp_path / "store", "Kent Police")
    assert frame["location_status"].tolist() == ["usable"] and frame["lpa"].isna().all()


def test_boundaries_that_come_later_give_the_earlier_offences_their_lpa(tmp_path):
    path = street_file(tmp_path, row("a"), force="west-midlands")
    imported(tmp_path / "store", path, forces=[Force("West Midlands")])
    assert stored(tmp_path / "store")["lpa"].isna().all()
    from hotspot.boundaries.force_file import load_force
    from hotspot.paths import WEST_MIDLANDS

    second = street_file(tmp_path, row("b", month="2014-02", at=COVENTRY), month="2014-02")
    imported(tmp_path / "store", second, forces=[load_force(WEST_MIDLANDS)])
    assert stored(tmp_path / "store")["lpa"].tolist() == ["Birmingham", "Coventry"]


def extract(path: Path, *rows: tuple[str, str, str], header: str = "Ref,From,Reported") -> Path:
    lines = [f"{','.join(one)},406000,287000" for one in rows]
    path.write_text("\n".join([f"{header},X,Y", *lines, ""]), encoding="utf-8")
    return path


def mapped():
    columns = "offence_id=Ref,committed_from=From,reported=Reported,x=X,y=Y"
    return mapping_from_options(columns=columns, crime_type="Burglary", crs="EPSG:27700", name="Crime system")


def test_an_extract_replaces_what_was_recorded_in_the_dates_it_covers(tmp_path):
    first = extract(
        tmp_path / "first.csv",
        ("A", "2024-01-05", "2024-01-05"),
        ("B", "2024-01-20", "2024-02-03"),
        ("C", "2024-02-10", "2024-02-10"),
        ("D", "2024-03-01", "2024-03-01"),
    )
    imported(tmp_path / "store", first, mapping=mapped())
    second = extract(
        tmp_path / "second.csv",
        ("C", "2024-02-10", "2024-02-10"),
        ("E", "2023-05-01", "2024-02-02"),
        ("A", "2024-01-05", "2024-02-09"),
    )
    report = imported(tmp_path / "store", second, mapping=mapped())
    frame = stored(tmp_path / "store", source="Crime system")
    assert frame["offence_id"].tolist() == ["E", "A", "C", "D"]
    assert report.excluded == {"duplicate reference": 1}
    changes = {change.month: (change.before, change.after) for change in report.replaced}
    assert changes == {"2023-05": (0, 1), "2024-01": (2, 1), "2024-02": (1, 1)}


def test_files_that_nobody_can_tell_are_refused_with_what_to_do(tmp_path):
    path = extract(tmp_path / "first.csv", ("A", "2024-01-05", "2024-01-05"))
    with pytest.raises(BadInput, match=r"first\.csv: these are no police\.uk files.*mapping"):
        imported(tmp_path / "store", path)
    with pytest.raises(BadInput, match="leave out --crime-type"):
        imported(tmp_path / "store", path, crime_type="Burglary")
    assert not (tmp_path / "store").exists()


def test_a_folder_that_holds_other_things_is_never_made_a_store(tmp_path):
    path = street_file(tmp_path, row("a"))
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("Dear Sir")
    with pytest.raises(StoreError, match=r"letter\.txt"):
        imported(home, path)
    assert [file.name for file in home.iterdir()] == ["letter.txt"]


def test_the_real_months_reconcile(shared_data, tmp_path):
    months = [shared_data / "police-uk" / month for month in ("2014-01", "2014-02")]
    report = imported(tmp_path / "store", *months)
    counts = {name: one.count for name, one in report.crime_types.items()}
    assert (report.rows_read, report.rows_used, dict(report.excluded)) == (36_270, 36_270, {})
    assert (counts["Burglary"], counts["Vehicle crime"], counts["Robbery"]) == (4_218, 3_770, 973)
    assert len(counts) == 14 and sum(counts.values()) == 36_270
    assert (report.months, report.missing_months) == (("2014-01", "2014-02"), ())
    assert report.passed_over == {"Leicestershire": 2}
    frame = stored(tmp_path / "store")
    assert frame["offence_id"].isna().sum() == 8_795
    assert frame.groupby(["x", "y"]).ngroups == 13_836
    assert frame["lpa"].notna().all() and (frame["lpa"] == OUTSIDE).sum() == report.outside_lpas < 0.005 * 36_270


def test_eleven_real_months_of_another_force_need_one_line(shared_data, tmp_path):
    from hotspot.boundaries.force_file import load_force

    (tmp_path / "leicestershire.toml").write_text('name = "Leicestershire"\n')
    force = load_force(tmp_path / "leicestershire.toml")
    report = imported(tmp_path / "store", shared_data / "police-uk", forces=[force])
    assert report.rows_read == 75_315
    # Two Crime IDs stand in two months each.
    assert report.excluded == {"duplicate reference": 2} and report.rows_used == 75_313
    assert len(report.months) == 11 and not report.missing_months and report.location_unusable == report.outside_lpas == 0


def test_the_same_instant_gives_the_same_store(tmp_path):
    path = street_file(tmp_path, row("a", at=BIRMINGHAM), row("b", at=COVENTRY))
    for name in ("one", "two"):
        imported(tmp_path / name, path)
    assert Store(tmp_path / "one").fingerprint == Store(tmp_path / "two").fingerprint


def test_a_file_without_any_usable_row_is_reported_and_replaces_nothing(tmp_path):
    imported(tmp_path / "store", street_file(tmp_path / "good", row("a")))
    nothing = street_file(tmp_path / "ragged", "only,ragged", "rows")
    report = imported(tmp_path / "store", nothing)
    assert (report.rows_read, report.rows_used, report.excluded) == (2, 0, {"ragged row": 2})
    empty = imported(tmp_path / "store", street_file(tmp_path / "empty"))
    assert (empty.rows_read, empty.excluded, empty.months) == (0, {}, ())
    assert len(stored(tmp_path / "store")) == 1


def test_the_faults_of_all_files_are_told_at_once(tmp_path):
    first, second = street_file(tmp_path, row("a")), street_file(tmp_path, row("b", month="2014-02"), month="2014-02")
    for path in (first, second):
        path.write_text(path.read_text().replace("Context", "Month", 1))
    with pytest.raises(BadInput) as caught:
        imported(tmp_path / "store", tmp_path)
    assert len(caught.value.faults) == 2
