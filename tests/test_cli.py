"""The command line: sentences and exit codes on bad input, one JSON document and nothing else with --json."""

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from pyproj import Transformer
from typer.testing import CliRunner

from hotspot.cli import app

BIRMINGHAM, COVENTRY, DUDLEY = (406_000, 287_000), (433_000, 279_000), (394_000, 290_000)
BETWEEN = (426_500, 282_500)
HEADER = [
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
]
JANUARY, FEBRUARY = "2014-01-01..2014-02-01", "2014-02-01..2014-03-01"
_TO_DEGREES = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)


def street_row(identifier, month, crime_type, place):
    lon, lat = ("", "") if place is None else (f"{degrees:.6f}" for degrees in _TO_DEGREES.transform(*place))
    force = "West Midlands Police"
    return [identifier, month, force, force, lon, lat, "On or near High Street", "", "", crime_type, "Under investigation", ""]


def around(place, count):
    """Spread offences over a street of 200 m."""
    return [(place[0] + 200 * i / count, place[1] + 10 * (i % 3)) for i in range(count)]


def write_month(folder, month, rows):
    (folder / month).mkdir(parents=True)
    with (folder / month / f"{month}-west-midlands-street.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *(street_row(name or "", month, kind, place) for name, kind, place in rows)])


def offences(kind, place, count, prefix):
    return [(f"{prefix}{i}", kind, spot) for i, spot in enumerate(around(place, count))]


@pytest.fixture(scope="module")
def months(tmp_path_factory) -> Path:
    """Two months that the test makes: 164 rows, of which one repeats a reference."""
    folder = tmp_path_factory.mktemp("police-uk")
    burglary = [
        *offences("Burglary", BIRMINGHAM, 60, "a"),
        *offences("Burglary", COVENTRY, 30, "b"),
        ("c0", "Burglary", None),
        ("a0", "Burglary", BIRMINGHAM),
    ]
    nuisance = [("", "Anti-social behaviour", BIRMINGHAM)] * 4
    write_month(folder, "2014-01", [*burglary, *nuisance])
    later = [*offences("Burglary", BIRMINGHAM, 30, "d"), *offences("Burglary", COVENTRY, 34, "e"), ("f0", "Burglary", None)]
    write_month(folder, "2014-02", [*later, *offences("Robbery", DUDLEY, 3, "g")])
    return folder


@pytest.fixture(scope="module")
def store(months, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "store"
    result = run("import", str(months), "--store", str(folder))
    assert result.exit_code == 0, result.stderr
    return folder


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments):
    """Run with --json and parse stdout as a strict reader does."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def refused(*arguments):
    """Run what must be refused; give the sentence."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert "Traceback" not in result.stderr
    return result.stderr


def python(*arguments):
    command = [sys.executable, "-m", "hotspot", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parent.parent)


# Import and report


def test_import_accounts_for_every_row(months, tmp_path):
    found = document("import", months, "--store", tmp_path / "store")
    assert found["rows_read"] == 164
    assert found["rows_used"] == 163
    assert found["excluded"] == {"duplicate reference": 1}
    assert found["without_location"] == 2
    assert found["months"] == ["2014-01", "2014-02"]
    assert found["missing_months"] == []
    assert found["crime_types"]["Burglary"] == {"count": 156, "without_location": 2}
    assert found["crime_types"]["Anti-social behaviour"] == {"count": 4, "without_location": 0}


def test_import_takes_the_files_of_a_month_by_name_and_by_profile(months, tmp_path):
    file = months / "2014-02" / "2014-02-west-midlands-street.csv"
    found = document("import", file, "--profile", "police-uk", "--source", "A copy", "--store", tmp_path / "store")
    assert (found["rows_used"], found["source"]) == (68, "A copy")


def test_import_reads_an_extract_by_the_columns_that_the_options_name(tmp_path):
    extract = tmp_path / "extract.csv"
    extract.write_text("Ref,East,North,From,To\n1,406000,287000,2024-01-05 10:00,2024-01-05 12:00\n2,,,2024-02-05 10:00,\n")
    columns = "x=East,y=North,committed_from=From,committed_to=To,offence_id=Ref"
    arguments = ("import", extract, "--columns", columns, "--crs", "EPSG:27700", "--crime-type", "residential burglary")
    found = document(*arguments, "--store", tmp_path / "store")
    assert (found["rows_used"], found["without_location"], found["months"]) == (2, 1, ["2024-01", "2024-02"])
    counted = document("density", "--store", tmp_path / "store", "--crime-type", "BURGLARY", "--bandwidth", "500")
    assert (counted["count"], counted["date_basis"]) == (2, "committed")


def test_import_of_another_force_needs_its_file_alone(months, tmp_path):
    force = tmp_path / "force.toml"
    force.write_text('name = "West Midlands"\n')
    assert document("import", months, "--force", force, "--store", tmp_path / "store")["outside_lpas"] == 0


def test_report_shows_the_latest_import_and_what_the_store_holds(store):
    found = document("report", "--store", store)
    assert found["rows_read"] == 164
    assert [one["rows_read"] for one in found["reports"]] == [164]
    assert [(one["source"], one["force"]) for one in found["data_sets"]] == [("police.uk", "West Midlands")]
    assert "164 rows read: 163 used, 1 excluded" in run("report", "--store", store).stdout


# Density and hotspots


def test_density_at_points_is_the_exact_kernel_sum(tmp_path):
    points, at = tmp_path / "points.csv", tmp_path / "at.csv"
    points.write_text("\ufeffX, Y\n1,1\n2,1.5\n2.5,3\n4,4\n7,7\n8,2\n", encoding="utf-8")
    at.write_text("name,y,x\na,2.5,2.5\nb,1,1\nc,5,5\n\nd,2,8\n", encoding="utf-8")
    golden = {"quartic": (3, [0.2320190888, 0.1946864479, 0.0654958614, 0.1061032954]),
              "gaussian": (1, [0.2591928999, 0.2513568667, 0.0624347527, 0.1591625567])}  # fmt: skip
    for kernel, (bandwidth, values) in golden.items():
        found = document("density", "--points", points, "--at", at, "--bandwidth", bandwidth, "--kernel", kernel)
        assert list(found) == ["values"]
        assert found["values"] == pytest.approx([1e6 * value for value in values], rel=1e-9)


def test_density_at_points_does_not_cut_the_tail_of_the_gaussian(tmp_path):
    (tmp_path / "p.csv").write_text("x,y\n0,0\n")
    (tmp_path / "at.csv").write_text("x,y\n800,0\n")
    found = document(
        "density", "--points", tmp_path / "p.csv", "--at", tmp_path / "at.csv", "--bandwidth", 100, "--kernel", "gaussian"
    )
    assert found["values"] == pytest.approx([1e6 / (2 * math.pi * 100**2) * math.exp(-32)], rel=1e-12)


def test_every_unreadable_number_is_told_with_its_file_and_row(tmp_path):
    (tmp_path / "p.csv").write_text("x,y\n1,2\n1,two\n,5\n\nnan,1\n")
    (tmp_path / "at.csv").write_text("x,y\n1,2\n")
    said = refused("density", "--points", tmp_path / "p.csv", "--at", tmp_path / "at.csv", "--bandwidth", 100)
    for row, axis, cell in ((2, "y", "two"), (3, "x", ""), (4, "x", "nan")):
        assert f"{tmp_path / 'p.csv'} row {row}: {axis} is '{cell}', which is not a number of metres." in said


def test_density_writes_a_surface_whose_cells_sum_to_the_located_offences(store, tmp_path):
    import rasterio

    out = tmp_path / "density.tif"
    found = document(
        *("density", "--store", store, "--crime-type", "burglary", "--from", "2014-01-01", "--to", "2014-02-01"),
        *("--bandwidth", 400, "--cell-size", 100, "--no-edge-correction", "--out", out),
    )
    assert (found["count"], found["without_location"], found["out"]) == (91, 1, str(out))
    with rasterio.open(out) as raster:
        assert raster.read(1).sum() * 0.01 == pytest.approx(90, rel=1e-3)


def test_density_suggests_a_bandwidth_and_prints_its_rule(store):
    found = document("density", "--store", store, "--crime-type", "burglary")
    gaussian = document("density", "--store", store, "--crime-type", "burglary", "--kernel", "gaussian")
    assert found["bandwidth"] >= 300
    assert "nearest offence" in found["bandwidth_rule"]
    assert gaussian["bandwidth"] * math.sqrt(8) == pytest.approx(found["bandwidth"])
    assert found["bandwidth_rule"] in run("density", "--store", store, "--crime-type", "burglary").stdout


@pytest.mark.parametrize("suffix", [".tif", ".gpkg", ".csv"])
def test_a_file_that_cannot_be_written_is_a_sentence(store, tmp_path, monkeypatch, suffix):
    from hotspot.commands import output

    # The folder vanishes between the check and the writing.
    monkeypatch.setattr(output, "checked_out", lambda out, suffixes: out)
    out = tmp_path / "gone" / f"density{suffix}"
    said = refused("density", "--store", store, "--crime-type", "burglary", "--bandwidth", 400, "--out", out)
    assert f"--out {out} cannot be written" in said


@pytest.mark.parametrize("suffix", [".tif", ".gpkg", ".csv"])
def test_density_writes_every_format_it_promises(store, tmp_path, suffix):
    out = tmp_path / f"density{suffix}"
    result = run("density", "--store", store, "--crime-type", "burglary", "--bandwidth", 400, "--cell-size", 200, "--out", out)
    assert result.exit_code == 0
    assert f"Written to {out}." in result.stdout
    assert out.stat().st_size > 0


def test_hotspots_are_the_two_streets_where_the_offences_lie(store, tmp_path):
    out = tmp_path / "hotspots.geojson"
    found = document(
        "hotspots", "--store", store, "--crime-type", "Burglary", "--bandwidth", 300, "--area-share", 0.001, "--out", out
    )
    assert [one["count"] for one in found["hotspots"]] == [90, 64]
    assert [one["rank"] for one in found["hotspots"]] == [1, 2]
    assert [feature["properties"]["offences"] for feature in json.loads(out.read_text("utf-8"))["features"]] == [90, 64]
    assert found["located"] == found["held"] == 154


def test_an_area_is_found_in_any_case(store):
    found = document("hotspots", "--store", store, "--crime-type", "burglary", "--lpa", "COVENTRY", "--bandwidth", 300)
    assert (found["area"], found["count"]) == ("Coventry", 64)


# Compare


def test_compare_gives_rates_per_day_and_areas_that_add_up(store):
    found = document("compare", "--store", store, "--crime-type", "burglary", "--period", FEBRUARY, "--baseline", JANUARY)
    rows = {row["area"]: row for row in found["rows"]}
    assert (rows["Birmingham"]["count"], rows["Birmingham"]["baseline_count"]) == (30, 60)
    assert rows["Birmingham"]["ratio"] == pytest.approx((30 / 28) / (60 / 31))
    assert rows["Birmingham"]["verdict"] == "fell"
    assert rows["Coventry"]["verdict"] == "could be chance"
    assert rows["No location"]["verdict"] == "too few to say"
    assert sum(row["count"] for row in found["rows"]) == found["total"]["count"] == 65
    assert sum(row["baseline_count"] for row in found["rows"]) == found["total"]["baseline_count"] == 91
    assert (found["period"]["days"], found["baseline"]["days"]) == (28, 31)


def test_a_ratio_without_end_is_null_with_its_reason(store):
    found = document(
        *("compare", "--store", store, "--crime-type", "robbery", "--period", FEBRUARY, "--baseline", JANUARY, "--by", "none")
    )
    (row,) = found["rows"]
    assert (row["count"], row["baseline_count"], row["ratio"], row["ratio_high"], row["q_value"]) == (3, 0, None, None, None)
    assert row["reasons"]["ratio"] == row["reasons"]["ratio_high"] == "infinite: no offences in the baseline"
    assert row["reasons"]["q_value"] == "not tested: under 20 offences in both periods together"
    assert row["verdict"] == "too few to say"


def test_compare_prints_a_table_for_people(store):
    said = run("compare", "--store", store, "--crime-type", "burglary", "--period", FEBRUARY, "--baseline", JANUARY).stdout
    assert "Burglary in West Midlands, February 2014" in said
    assert "All areas" in said


# Bad input


def test_an_unknown_crime_type_is_told_where_to_find_the_names(store):
    assert "'burgle' is not a crime type" in refused("density", "--store", store, "--crime-type", "burgle")


def test_a_sub_type_that_the_data_cannot_tell_is_not_counted_as_nought(store):
    assert "does not tell" in refused("hotspots", "--store", store, "--crime-type", "personal robbery")


@pytest.mark.parametrize(
    "options, said",
    [
        (("--from", "01/02/2014"), "'01/02/2014' is not a date"),
        (("--from", "2014-02-01", "--to", "2014-01-01"), "its end must lie after its start"),
        (("--from", "2014-01-05"), "first of a month"),
        (("--to", "9999-12-01"), "must lie within the years"),
        (("--lpa", "London"), "There is no LPA 'London'. There are: Birmingham, Coventry"),
        (("--level", "ward", "--area", "x"), "no areas of the level 'ward'"),
        (("--out", "surface.docx"), "'.docx' is none of .tif"),
        (("--out", "no-such-folder/surface.tif"), "there is no folder no-such-folder"),
        (("--bandwidth", "-5"), "must be above 0 metres"),
        (("--bandwidth", "inf"), "no number of metres"),
        (("--bandwidth", "wide"), "--bandwidth"),
        (("--cell-size", "0"), "must be above 0 metres"),
        (("--cell-size", "1", "--bandwidth", "300"), "Choose a larger cell size"),
        (("--kernel", "cone"), "'cone' is not a kernel"),
        (("--date-basis", "reported"), "carry the month alone"),
        (("--date-basis", "noticed"), "none of committed, reported, month"),
        (("--source", "other"), "The store has no such offences"),
        (("--points", "p.csv"), "goes with --store"),
    ],
)
def test_a_wrong_option_is_a_sentence(store, options, said):
    assert said in refused("density", "--store", store, "--crime-type", "burglary", *options, "--json")


@pytest.mark.parametrize(
    "options, said",
    [
        (("--period", "2014-02-01", "--baseline", JANUARY), "is not a period"),
        (("--period", FEBRUARY, "--baseline", "2014-01-01..2014-03-01"), "share days"),
        (("--period", FEBRUARY, "--baseline", JANUARY, "--by", "ward"), "no areas of the level 'ward'"),
        (("--period", FEBRUARY, "--baseline", JANUARY, "--lpa", "Coventry"), "--by none"),
        (("--period", FEBRUARY, "--baseline", JANUARY, "--audience", "press"), "none of force, partner, public"),
        (("--period", FEBRUARY), "--baseline"),
    ],
)
def test_a_wrong_comparison_is_a_sentence(store, options, said):
    assert said in refused("compare", "--store", store, "--crime-type", "burglary", *options)


@pytest.mark.parametrize(
    "content, options, said",
    [
        ("not,a,street,file\n1,2,3,4\n", (), "no police.uk file"),
        ("", (), "no police.uk file"),
        ("", ("--columns", "x=E,y=N,committed_from=D", "--crime-type", "burglary"), "empty"),
        ("E,N,D\n1,2,3\n", ("--columns", "x=E,y=N,committed_from=When", "--crime-type", "burglary"), "no column 'When'"),
        ("E,N,D\n1,2,3\n", ("--columns", "x=E,y=N,committed_from=D", "--crime-type", "burgle"), "'burgle' is not a crime type"),
        ("E,N,D\n1,2,3\n", ("--columns", "x=E", "--profile", "police-uk"), "give one of them"),
        ("E,N,D\n1,2,3\n", ("--profile", "no-such.toml"), "no-such.toml"),
        ("E,N,D\n1,2,3\n", ("--force", "no-such.toml"), "no-such.toml"),
    ],
)
def test_a_file_that_cannot_be_imported_is_a_sentence_and_makes_no_store(tmp_path, content, options, said):
    file = tmp_path / "wrong.csv"
    file.write_text(content)
    result = run("import", file, "--store", tmp_path / "store", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert not (tmp_path / "store" / "store.json").exists()


def test_a_file_that_does_not_exist_is_a_sentence(tmp_path):
    assert "no file or folder" in refused("import", tmp_path / "none.csv", "--store", tmp_path / "store")


@pytest.mark.parametrize(
    "command",
    [
        ("density", "--crime-type", "burglary"),
        ("hotspots", "--crime-type", "burglary"),
        ("compare", "--crime-type", "burglary", "--period", FEBRUARY, "--baseline", JANUARY),
        ("report",),
        ("boundaries", "fetch"),
    ],
)
def test_a_missing_store_is_a_sentence(tmp_path, command):
    assert "There is no store at" in refused(*command, "--store", tmp_path / "none")


def test_several_data_sets_are_listed_and_one_must_be_named(months, tmp_path):
    own = tmp_path / "store"
    run("import", months, "--store", own)
    run("import", months, "--source", "Other", "--store", own)
    arguments = ("density", "--store", own, "--crime-type", "burglary", "--bandwidth", "400")
    assert '--source "Other" --force-name "West Midlands"' in refused(*arguments)
    assert document(*arguments, "--source", "other")["count"] == 156


def test_without_boundaries_no_area_can_be_chosen_and_the_force_stands_as_one(months, tmp_path):
    force = tmp_path / "force.toml"
    force.write_text('name = "West Midlands"\n')
    run("import", months, "--force", force, "--store", tmp_path / "store")
    arguments = ("--store", tmp_path / "store", "--crime-type", "burglary")
    assert "no boundaries" in refused("density", *arguments, "--lpa", "Coventry")
    periods = ("--period", FEBRUARY, "--baseline", JANUARY)
    assert "--by none" in refused("compare", *arguments, *periods)
    assert document("compare", *arguments, *periods, "--by", "none")["rows"][0]["count"] == 65


def test_a_usage_error_is_a_sentence_and_exit_code_2():
    assert "No such command 'nonsense'" in refused("nonsense")
    assert "--store" in refused("report")


def test_an_unexpected_failure_is_a_sentence_with_a_reference_and_no_traceback(monkeypatch, store, tmp_path):
    def fail(*arguments, **options):
        raise RuntimeError("inner detail")

    monkeypatch.setattr("hotspot.findings.selected.select", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = run("density", "--store", store, "--crime-type", "burglary", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Reference" in result.stderr
    assert "Traceback" not in result.stderr
    (log,) = tmp_path.glob("hotspot-*.log")
    assert "inner detail" in log.read_text("utf-8")


# A process of its own


def test_stdout_is_one_json_document_and_progress_is_on_stderr(months, tmp_path):
    result = python("import", months, "--store", tmp_path / "store", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["rows_read"] == 164
    assert "Read " in result.stderr


def test_a_refusal_prints_no_traceback_and_nothing_on_stdout(tmp_path):
    result = python("report", "--store", tmp_path / "none", "--json")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("There is no store")


def test_help_lists_every_command_without_loading_what_commands_need():
    code = "import sys, hotspot.cli; print(sorted({'pandas', 'geopandas', 'scipy', 'rasterio'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_crime_types_lists_groups_with_sub_types_and_the_union():
    found = document("crime-types")
    groups = {group["name"]: group["sub_types"] for group in found["groups"]}
    assert len(groups) == 14
    assert groups["Robbery"] == ["Personal robbery", "Business robbery"]
    assert found["unions"][0]["name"] == "All acquisitive"
    assert "  Personal robbery" in run("crime-types").stdout
