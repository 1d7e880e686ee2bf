"""The store changes all at once or not at all, touches nothing it should not, and is read in one way."""

import fcntl
import json
import os
import shutil
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from geopandas import GeoDataFrame
from shapely import box
from street_files import COVENTRY, hashes, row, street_file

from hotspot.boundaries.areas import Areas
from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput, StoreError
from hotspot.geography import LPA, OUTSIDE, Force
from hotspot.offences.load import import_sources
from hotspot.offences.mapping import mapping_from_options
from hotspot.offences.schema import NAMES
from hotspot.offences.scope import Scope
from hotspot.offences.store import EVERYTHING, Store, read
from hotspot.offences.store_changes import add_level, delete_source, replace_lpas
from hotspot.paths import WEST_MIDLANDS
from hotspot.period import Period

ROOT = Path(__file__).resolve().parent.parent
FORCE = "West Midlands"
ALL = {"scope": EVERYTHING, "source": "police.uk", "force": FORCE}


def imported(store: Path, *paths: Path, **options):
    fixed = {"today": date(2024, 6, 30), "imported_at": datetime(2024, 6, 30)}
    return import_sources(paths, store=store, **(fixed | options))


def extract(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["Ref,From,To,Reported,X,Y,Area,UPRN", *lines, ""]), encoding="utf-8")
    return path


def mapped(*, premises: bool = False):
    columns = "offence_id=Ref,committed_from=From,committed_to=To,reported=Reported,x=X,y=Y,lpa=Area"
    columns += ",premises_ref=UPRN" if premises else ""
    return mapping_from_options(columns=columns, crime_type="Residential burglary", crs="EPSG:27700", name="Crime system")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two months of police.uk, one month of an extract."""
    folder = tmp_path / "store"
    january = street_file(tmp_path / "old", row("a"), row("b", at=COVENTRY), row(crime_type="Robbery"))
    february = street_file(tmp_path / "old", row("c", month="2014-02", crime_type="Vehicle crime"), month="2014-02")
    imported(folder, january, february)
    line = "X1,2014-01-05 22:00,2014-01-06 07:00,2014-01-08 10:00,406000,287000,Dudley,77"
    imported(folder, extract(tmp_path / "extract.csv", line), mapping=mapped())
    return folder


@pytest.fixture
def fewer(tmp_path: Path) -> Path:
    """January again, with fewer rows."""
    return street_file(tmp_path / "new", row("a", outcome="Local resolution"))


def test_a_second_import_replaces_its_month_and_tells_the_counts_before_and_after(store, fewer):
    before = hashes(store / "parts")
    report = imported(store, fewer)
    assert [(one.force, one.month, one.before, one.after) for one in report.replaced] == [(FORCE, "2014-01", 3, 1)]
    assert read(Store(store), **ALL)["offence_id"].tolist() == ["a", "c"]
    after = hashes(store / "parts")
    untouched = {name: content for name, content in before.items() if "uk-west-midlands-2014-01" not in name}
    assert len(untouched) == 2 and untouched.items() <= after.items()


def test_the_same_import_twice_changes_no_offence(store, tmp_path):
    before, parts = Store(store).fingerprint, hashes(store / "parts")
    report = imported(store, *sorted((tmp_path / "old").rglob("*.csv")))
    assert Store(store).fingerprint == before and hashes(store / "parts") == parts
    assert all(one.before == one.after for one in report.replaced)


def test_another_source_and_another_force_are_never_touched(store, tmp_path):
    kent = street_file(tmp_path / "kent", row("k", force="Kent Police"), force="kent")
    parts, before = hashes(store / "parts"), [Store(store).facts(*one, scope=EVERYTHING) for one in Store(store).data_sets]
    imported(store, kent)
    assert parts.items() <= hashes(store / "parts").items()
    now = Store(store)
    assert now.data_sets == (("Crime system", FORCE), ("police.uk", "Kent"), ("police.uk", FORCE))
    assert [now.facts("Crime system", FORCE, scope=EVERYTHING), now.facts("police.uk", FORCE, scope=EVERYTHING)] == before
    assert now.force.name == FORCE


def test_a_refused_import_leaves_every_file_as_it_was(store, tmp_path, fewer):
    before = hashes(store)
    broken = tmp_path / "broken.csv"
    broken.write_text("Crime ID,Month,Month,Longitude,Latitude,Location,Crime type\n")
    without_area = Force("Essex", boundaries_file=tmp_path / "absent.geojson")
    refusals = [
        ([fewer, broken], {}),
        ([tmp_path / "nowhere"], {}),
        ([street_file(tmp_path / "essex", row(force="Essex Police"), force="essex")], {"forces": [without_area]}),
        ([tmp_path / "extract.csv"], {"mapping": mapping_from_options(columns="committed_from=No", crime_type="Drugs")}),
    ]
    for paths, options in refusals:
        with pytest.raises(BadInput):
            imported(store, *paths, **options)
        assert hashes(store) == before


def test_a_fault_while_the_store_is_written_leaves_every_file_as_it_was(store, fewer, monkeypatch):
    before = hashes(store)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"No space left.*as it was before"):
        imported(store, fewer)
    assert hashes(store) == before


def test_two_imports_do_not_mix(store, fewer):
    before = hashes(store)
    with (store / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="under way"):
            imported(store, fewer)
    assert hashes(store) == before
    assert imported(store, fewer).rows_used == 1


def test_what_an_interruption_left_is_removed_by_the_next_import(store, fewer):
    (store / "tmp" / "old").mkdir(parents=True)
    (store / "tmp" / "old" / "half").write_text("half")
    (store / "parts" / "nobody-knows-me.parquet").write_text("left")
    imported(store, fewer)
    assert not (store / "tmp").exists() and not (store / "parts" / "nobody-knows-me.parquet").exists()


def test_facts_are_told_without_reading_an_offence(store):
    shutil.rmtree(store / "parts")
    facts = Store(store).facts("police.uk", "West Midlands Police", scope=EVERYTHING)
    assert (facts.force, facts.time_precision, facts.location_precision) == (FORCE, "month", "snapped")
    assert (facts.first_day, facts.end, facts.months) == (date(2014, 1, 1), date(2014, 3, 1), ("2014-01", "2014-02"))
    assert facts.crime_types == {"Burglary": 2, "Robbery": 1, "Vehicle crime": 1}
    assert facts.streets and not facts.synthetic and facts.rows_used == 4 and facts.excluded == {}
    assert {"offence_id", "x", "lpa", "outcome"} <= set(facts.columns) and "committed_from" not in facts.columns
    own = Store(store).facts("Crime system", FORCE, scope=EVERYTHING)
    assert (own.time_precision, own.location_precision, own.first_day) == ("minute", "exact", date(2014, 1, 5))
    assert own.end == date(2014, 1, 6) and own.crime_types == {"Residential burglary": 1}


def test_the_marking_rises_with_the_first_sensitive_column(store, tmp_path):
    assert Store(store).facts("Crime system", FORCE, scope=EVERYTHING).marking == "OFFICIAL"
    line = "X2,2014-03-05,2014-03-06,2014-03-08,406000,287000,,10001"
    imported(store, extract(tmp_path / "more.csv", line), mapping=mapped(premises=True))
    assert Store(store).facts("Crime system", FORCE, scope=EVERYTHING).marking == "OFFICIAL-SENSITIVE"
    assert Store(store).facts("police.uk", FORCE, scope=EVERYTHING).marking == "OFFICIAL"


def test_invented_data_stay_marked_as_such(store, tmp_path):
    line = "X2,2014-01-05,2014-01-06,2014-01-08,406000,287000,,1"
    imported(store, extract(tmp_path / "more.csv", line), mapping=mapped(), source="Synthetic demo", synthetic=True)
    marked = {one.source: Store(store).facts(*one, scope=EVERYTHING).synthetic for one in Store(store).data_sets}
    assert marked == {"Crime system": False, "Synthetic demo": True, "police.uk": False}


def test_read_gives_the_columns_types_and_period_that_were_asked_for(store):
    opened = Store(store)
    assert list(read(opened, **ALL).columns) == list(NAMES)
    frame = read(opened, **ALL, columns=["x", "crime_type"], crime_types=["Burglary", "Residential burglary"])
    assert list(frame.columns) == ["x", "crime_type"] and frame["crime_type"].tolist() == ["Burglary"] * 2
    assert read(opened, **ALL, crime_types=["Drugs"], columns=["x"]).shape == (0, 1)
    february = {"period": Period(date(2014, 2, 1), date(2014, 3, 1)), "date_basis": "month"}
    assert read(opened, **ALL, **february)["offence_id"].tolist() == ["c"]
    own = {"scope": EVERYTHING, "source": "Crime system", "force": FORCE}
    days = {
        ("committed", 5, 6): 1,
        ("committed", 6, 9): 0,
        ("committed", 1, 5): 0,
        ("reported", 8, 9): 1,
        ("reported", 5, 8): 0,
    }
    for (basis, first, end), count in days.items():
        period = Period(date(2014, 1, first), date(2014, 1, end))
        assert len(read(opened, **own, period=period, date_basis=basis)) == count


def test_read_gives_the_lpas_that_were_asked_for_and_offences_without_one_to_nobody(store, tmp_path):
    imported(store, street_file(tmp_path / "more", row("n", at=("", ""), month="2014-03"), month="2014-03"))
    counts = {("Birmingham",): 3, ("Coventry",): 1, ("Coventry", "Birmingham"): 4, ("Dudley",): 0, (): 0, None: 5}
    assert {lpas: len(read(Store(store), **ALL, lpas=lpas, columns=["x"])) for lpas in counts} == counts
    only = {"lpas": ["Birmingham"], "crime_types": ["Robbery"], "columns": ["offence_id", "lpa"]}
    assert read(Store(store), **ALL, **only)["lpa"].tolist() == ["Birmingham"]


def test_the_facts_of_a_narrowed_scope_count_its_own_offences(store):
    birmingham, nobody = (Scope(frozenset({name})) for name in ("Birmingham", "Dudley"))
    facts = Store(store).facts("police.uk", FORCE, scope=birmingham)
    assert (facts.crime_types, facts.rows_used) == ({"Burglary": 1, "Robbery": 1, "Vehicle crime": 1}, 3)
    assert Store(store).facts("police.uk", FORCE, scope=nobody).crime_types == {}
    assert Store(store).facts("police.uk", FORCE, scope=EVERYTHING).rows_used == 4


@pytest.mark.parametrize(
    "columns", [("crime_type", "lpa", "month"), ("lpa",), ("committed_from", "lpa"), ("reported", "crime_type"), ("mo",)]
)
@pytest.mark.parametrize("crime_types", [None, ["Burglary"], ["Drugs"]])
@pytest.mark.parametrize("source", ["police.uk", "Crime system"])
def test_counted_offences_are_what_counting_the_offences_by_month_gives(store, source, columns, crime_types):
    asked = {"scope": EVERYTHING, "source": source, "force": FORCE, "columns": columns, "crime_types": crime_types}
    counted, each = read(Store(store), **asked, counted=True), read(Store(store), **asked)
    for date_column in set(columns) & {"month", "committed_from", "reported"}:
        each[date_column] = each[date_column].to_numpy("datetime64[M]").astype("datetime64[s]")
    expected = each.assign(offences=1).groupby(list(columns), dropna=False, as_index=False)["offences"].sum()
    assert list(counted.columns) == [*columns, "offences"] and counted["offences"].dtype == "int64"
    pd.testing.assert_frame_equal(counted.sort_values(list(columns), ignore_index=True), expected, check_dtype=False)


def test_offences_that_are_not_there_are_refused(store):
    with pytest.raises(BadInput, match=r"'Kent'.*police\.uk of West Midlands"):
        read(Store(store), **(ALL | {"force": "Kent"}))


def test_a_reader_whose_store_was_replaced_meanwhile_reads_the_new_one(store, fewer):
    opened = Store(store)
    assert opened.facts("police.uk", FORCE, scope=EVERYTHING).rows_used == 4
    imported(store, fewer)
    assert read(opened, **ALL)["offence_id"].tolist() == ["a", "c"]


def test_the_absence_of_a_store_or_of_a_part_is_said(store, tmp_path):
    assert not Store(tmp_path / "none").exists
    with pytest.raises(StoreError, match="no store"):
        _ = Store(tmp_path / "none").fingerprint
    opened = Store(store)
    next((store / "parts").glob("police*01*")).unlink()
    with pytest.raises(StoreError, match="missing or damaged"):
        read(opened, **ALL)


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_damaged_manifest_is_said_and_never_written_over(store, fewer, damage):
    (store / "store.json").write_text(damage)
    before = hashes(store)
    for use in (lambda: Store(store).forces, lambda: imported(store, fewer), lambda: delete_source(store, "police.uk")):
        with pytest.raises(StoreError, match="damaged or of another version"):
            use()
    assert hashes(store) == before


def test_a_damaged_part_is_said(store):
    next((store / "parts").glob("police*01*")).write_bytes(b"PAR1 nonsense PAR1")
    with pytest.raises(StoreError, match="missing or damaged"):
        read(Store(store), **ALL)


def test_the_store_remembers_its_force_and_areas_and_needs_no_other_file(store, tmp_path):
    moved = store.rename(tmp_path / "moved")
    opened, original = Store(moved), load_force(WEST_MIDLANDS)
    assert opened.force == original and opened.force.toml == original.toml and opened.force.bounds == original.bounds
    assert opened.levels == (LPA,) and "Coventry" in opened.areas().names
    assert opened.force_named("WEST MIDLANDS POLICE").name == FORCE
    with pytest.raises(BadInput, match="no force 'Kent'"):
        opened.force_named("Kent")


def square(level: str, *names: str, width: float = 60_000.0) -> Areas:
    """Strips side by side from the west of the force's bounds."""
    strips = [box(380_000 + n * width, 260_000, 380_000 + (n + 1) * width, 320_000) for n in range(len(names))]
    return Areas(level, GeoDataFrame({"name": list(names)}, geometry=strips, crs="EPSG:27700"))


def test_a_further_level_is_put_beside_the_lpas_and_changes_no_offence(store):
    parts, before = hashes(store / "parts"), Store(store).fingerprint
    add_level(store, square("sector", "North", "South"))
    opened = Store(store)
    assert opened.levels == (LPA, "sector") and opened.areas("sector").names == ("North", "South")
    assert hashes(store / "parts") == parts and opened.fingerprint != before
    with pytest.raises(BadInput, match=r"'ward'.*LPA, sector"):
        opened.areas("ward")


def test_other_lpa_boundaries_give_every_offence_its_lpa_anew_but_for_named_ones(store):
    # The strips part Birmingham from Coventry at easting 420,000; the extract's own column names Dudley.
    replace_lpas(store, square(LPA, "Westside", "Dudley", width=40_000.0))
    opened = Store(store)
    frame = read(opened, **ALL).set_index("offence_id")
    assert (frame["lpa"]["a"], frame["lpa"]["b"]) == ("Westside", "Dudley")
    own = {"scope": EVERYTHING, "source": "Crime system", "force": FORCE}
    assert read(opened, **own)["lpa"].tolist() == ["Dudley"]
    add_level(store, square(LPA, "Only", width=30_000.0))
    assert read(Store(store), **ALL)["lpa"].tolist() == ["Only", OUTSIDE, "Only", "Only"]
    assert Store(store).areas().names == ("Only",) and len(list((store / "areas").iterdir())) == 1


def test_swapped_boundaries_hold_for_later_imports(store, fewer):
    replace_lpas(store, square(LPA, "Everywhere"))
    imported(store, fewer, forces=[load_force(WEST_MIDLANDS)])
    assert set(read(Store(store), **ALL)["lpa"]) == {"Everywhere"}


def test_a_source_is_deleted_with_its_reports_and_no_other(store):
    assert delete_source(store, "police.uk") == 4
    opened = Store(store)
    assert opened.data_sets == (("Crime system", FORCE),) and [one.source for one in opened.reports] == ["Crime system"]
    assert len(list((store / "parts").iterdir())) == 1 and opened.levels == (LPA,)
    with pytest.raises(BadInput, match=r"no offences of the source 'police\.uk'"):
        delete_source(store, "police.uk")


def test_reports_are_kept_in_their_order(store, fewer):
    imported(store, fewer)
    assert [(one.source, one.rows_read) for one in Store(store).reports] == [
        ("police.uk", 4),
        ("Crime system", 1),
        ("police.uk", 1),
    ]


def test_the_manifest_is_json_that_a_person_can_read(store):
    document = json.loads((store / "store.json").read_text(encoding="utf-8"))
    assert document["format"] == 1 and len(document["parts"]) == 3
    assert {part["file"] for part in document["parts"]} == {f"parts/{file.name}" for file in (store / "parts").iterdir()}
