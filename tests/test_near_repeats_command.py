"""``near-repeat`` on points and on a store: what it prints, and how it refuses."""

import json

import pytest
from small_store import IN_WEST, offence, several, small_store
from typer.testing import CliRunner

from hotspot.cli import app

X, Y = IN_WEST


def run(*arguments):
    return CliRunner().invoke(app, ["near-repeat", *map(str, arguments)])


def document(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def refused(*arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


@pytest.fixture
def points(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x,y,date,of no interest\n0,0,2024-01-01,a\n0,100,2024-01-04,b\n5000,0,2024-03-01,c\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [
        offence(f"S{day}", (X + 10 * day, Y), f"2024-05-{day + 1:02d} 12:00", uprn=f"home-{day // 2:04d}") for day in range(12)
    ]
    return small_store(tmp_path_factory.mktemp("near"), [*rows, *several(2, "N", None, lpa="Westley")]).path


def test_points_are_counted_in_half_open_bands(points):
    """Golden: (0,0) and (0,100), three days apart, lie in the second band of each."""
    found = document("--points", points, "--distance-bands", "0,100,200", "--time-bands", "0,3,6")
    assert found["observed"] == [[0, 0], [0, 1]]
    assert (found["n_s"], found["n_t"], found["pairs"], found["offences"]) == ([0, 1], [0, 1], 3, 3)
    assert found["expected"][1][1] == pytest.approx(1 / 3)
    assert found["ratio"] == [[None, None], [None, 3.0]]
    assert found["reasons"]["ratio[0][0]"] == "undefined: no pair is expected"
    assert (found["permutations"], found["seed"], found["metric"]) == (999, 1, "euclidean")


def test_the_last_edge_may_be_without_end(points):
    found = document("--points", points, "--distance-bands", "0,1000,inf", "--time-bands", "0,7,inf", "--metric", "Manhattan")
    assert found["observed"] == [[1, 0], [0, 2]]
    assert sum(found["n_s"]) == sum(found["n_t"]) == found["pairs"]
    assert found["reasons"]["distance_bands[2]"] == "the band has no end"


def test_the_same_seed_gives_the_same_p(points):
    first, again = (document("--points", points, "--seed", 7, "--permutations", 99)["p_value"] for _ in range(2))
    assert first == again


def test_semicolons_and_times_of_day_are_read_too(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("\ufeffX;Y;Date\n0;0;2024-01-01 23:59\n\n0;1.5;2024-01-02T00:01\n", "utf-8")
    found = document("--points", path, "--distance-bands", "0,2", "--time-bands", "0,1,2")
    assert found["observed"] == [[0, 1]]


def test_faulty_rows_are_told_together_with_their_numbers(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x,y,date\n0,0,2024-01-01\nwest,0,01/02/2024\n3,,2024-01-03\n", "utf-8")
    told = refused("--points", path)
    assert "row 2: x is 'west', which is not a number of metres." in told
    assert "row 2: date is '01/02/2024', which is not year-month-day." in told
    assert "row 3: y is ''" in told


def test_a_missing_column_is_told(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x,y\n0,0\n", "utf-8")
    assert "has no column 'date', and needs one. Its header: x, y." in refused("--points", path)


def test_all_faults_of_the_bands_are_told_at_once(points):
    told = refused("--points", points, "--distance-bands", "100,0", "--time-bands", "7", "--metric", "road", "--permutations", 0)
    assert [line.split(" ")[1] for line in told.splitlines()] == ["distance", "time", "metric", "permutations"]
    assert "'far', which is not a number" in refused("--points", points, "--distance-bands", "0,far")
    assert "--seed must be 0 or more" in refused("--points", points, "--seed", -1)


def test_one_point_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x,y,date\n0,0,2024-01-01\n", "utf-8")
    assert "Near repeats need two offences or more; there is one." in refused("--points", path)


def test_points_take_no_option_of_a_store(points, store):
    told = refused("--points", points, "--store", store, "--crime-type", "burglary", "--lpa", "Westley", "--same-premises")
    assert [line.split(" ")[0] for line in told.splitlines()] == ["--crime-type", "--lpa", "--store", "--same-premises"]
    assert "near-repeat needs --store DIR and --crime-type TYPE, or --points FILE.csv." in refused()


def test_a_store_is_counted_with_its_provenance(store):
    """Twelve burglaries in a row, 10 m and a day apart, two and two on one premises."""
    chosen = ("--store", store, "--crime-type", "residential burglary", "--distance-bands", "0,15,25", "--time-bands", "0,2,3")
    found = document(*chosen)
    assert found["observed"] == [[11, 0], [0, 10]]
    assert (found["crime_type"], found["count"], found["left_out"]) == (
        "Residential burglary",
        14,
        {"without a usable location": 2},
    )
    same = document(*chosen, "--same-premises", "--lpa", "Westley", "--from", "2024-04-01", "--to", "2024-10-01")
    assert same["rows"][0] == "Same premises"
    assert same["observed"] == [[6, 0], [5, 0], [0, 10]]


def test_people_read_the_table_with_the_sentence(store):
    told = run("--store", store, "--crime-type", "burglary", "--same-premises").stdout
    assert "within 7 days and 100 m" in told.lower()
    assert "Same premises" in told
    assert "tested together (Benjamini–Hochberg)" in told


def test_a_coordinate_beyond_the_earth_is_told_as_a_slip(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x,y,date\n0,0,2024-01-01\n1e300,0,2024-01-02\n", "utf-8")
    assert "row 2: x is '1e300', which is not a number of metres" in refused("--points", path)


def test_the_public_sees_no_pairs_under_five(store):
    found = document("--store", store, "--crime-type", "burglary", "--audience", "public", "--distance-bands", "0,15,95,105")
    # What is expected, with all its digits, would give the number of offences; so would a ratio.
    assert found["expected"] is None
    assert all(ratio is None or ratio == round(ratio, 2) for row in found["ratio"] for ratio in row)
    counts = [count for row in found["observed"] for count in row if count is not None]
    assert all(count == 0 or count >= 5 for count in counts)
    assert None in {count for row in found["observed"] for count in row}
    assert all(found[name] is None for name in ("n_s", "n_t", "pairs", "sentence", "headline", "subline", "left_out", "notes"))
    hidden = [(row, column) for row, cells in enumerate(found["observed"]) for column, cell in enumerate(cells) if cell is None]
    assert all(found[name][row][column] is None for name in ("ratio", "p_value", "q_value") for row, column in hidden)


def test_police_uk_data_are_refused_with_the_reason(shared_data, tmp_path):
    made = CliRunner().invoke(app, ["import", str(shared_data / "police-uk" / "2014-01"), "--store", str(tmp_path / "store")])
    assert made.exit_code == 0, made.stderr
    told = refused("--store", tmp_path / "store", "--crime-type", "burglary")
    assert "These data give the month of each offence" in told
