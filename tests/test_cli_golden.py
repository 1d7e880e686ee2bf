"""The command line on the real months, and the golden values that a run of it must show."""

import json

import pytest
from typer.testing import CliRunner

from hotspot.cli import app


def document(*arguments):
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


@pytest.fixture(scope="module")
def store(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "store"
    months = [shared_data / "police-uk" / month for month in ("2014-01", "2014-02")]
    found = document("import", *months, "--store", folder)
    assert found["rows_read"] == 36_270
    return folder


def test_the_real_months_hold_as_many_offences_as_the_issue_says(store):
    found = document("report", "--store", store)
    assert found["rows_read"] == found["rows_used"] + sum(found["excluded"].values()) == 36_270
    used = {name: found["crime_types"][name]["count"] for name in ("Burglary", "Vehicle crime", "Robbery")}
    assert used == {"Burglary": 4_218, "Vehicle crime": 3_770, "Robbery": 973}
    assert found["without_location"] == 0
    assert (found["months"], found["missing_months"]) == (["2014-01", "2014-02"], [])


def test_each_lpa_counts_what_the_whole_force_counts_together(store):
    periods = ("--period", "2014-02-01..2014-03-01", "--baseline", "2014-01-01..2014-02-01")
    found = document("compare", "--store", store, "--crime-type", "burglary", *periods)
    assert sum(row["count"] + row["baseline_count"] for row in found["rows"]) == 4_218
    whole = document("compare", "--store", store, "--crime-type", "burglary", *periods, "--by", "none")
    assert whole["rows"][0]["count"] == found["total"]["count"]


def test_the_union_of_acquisitive_crime_is_the_sum_of_its_groups(store):
    counted = ("hotspots", "--store", store, "--bandwidth", 500, "--crime-type")
    union = document(*counted, "All acquisitive")["count"]
    groups = ("burglary", "robbery", "vehicle crime", "theft from the person")
    assert union == sum(document(*counted, group)["count"] for group in groups)


def test_an_area_counts_the_same_in_each_command(store):
    periods = ("--period", "2014-02-01..2014-03-01", "--baseline", "2014-01-01..2014-02-01")
    rows = {row["area"]: row for row in document("compare", "--store", store, "--crime-type", "burglary", *periods)["rows"]}
    chosen = ("--crime-type", "burglary", "--from", "2014-02-01", "--lpa", "coventry", "--bandwidth", 500)
    assert document("density", "--store", store, *chosen)["count"] == rows["Coventry"]["count"]


def test_repeats_cannot_be_known_from_the_real_months(store):
    result = CliRunner().invoke(app, ["repeats", "--store", str(store), "--crime-type", "burglary"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "name no premises, victim or vehicle" in result.stderr


def test_the_new_york_thefts_come_in_through_their_shipped_mapping(shared_data, tmp_path):
    from hotspot.paths import MAPPINGS

    force = tmp_path / "force.toml"
    force.write_text('name = "New York"\nanalysis_crs = "EPSG:32618"\n')
    extract = shared_data / "extracts" / "nyc_vehicle_thefts_2014_2017_fromto.csv"
    arguments = (extract, "--profile", MAPPINGS / "nyc-vehicle-thefts.toml", "--force", force)
    found = document("import", *arguments, "--store", tmp_path / "store")
    assert found["rows_read"] == 35_746
    assert found["rows_used"] + sum(found["excluded"].values()) == 35_746
