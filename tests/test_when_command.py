"""Commands aoristic and control-chart: golden windows from a file, faults by row, one JSON document."""

import json

import pytest
from small_store import offence, several, small_store
from typer.testing import CliRunner

from hotspot.cli import app

WINDOWS = """reference,From,to
1,2024-01-01 01:00,2024-01-01 02:30
2,2024-01-01T01:50:00,2024-01-01T02:10:00
3,01/01/2024 23:30,02/01/2024 01:15
4,2024-01-07 22:00,2024-01-08 02:00
5,2024-01-01 10:00,2024-01-02 11:00
6,2024-01-01 00:00,2024-01-20 00:00
7,2024-01-03 05:20,
8,2024-01-03 05:20,2024-01-03 05:20
9,2024-01-03 05:20,2024-01-01 05:20
10,,2024-01-01 05:20
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [
        *several(30, "a", committed="2024-05-06 20:00", to="2024-05-06 22:00", reported="2024-05-07"),
        offence("b", committed="2024-05-08 10:00", to="2024-05-07 10:00"),
    ]
    return str(small_store(tmp_path_factory.mktemp("commands"), rows).path)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def written(folder, text):
    path = folder / "windows.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_windows_gives_the_reference_weights(tmp_path):
    found = document("aoristic", "--windows", written(tmp_path, WINDOWS))
    weights = found["weights"]
    assert len(weights) == 168
    assert (found["counted"], found["end_before_start"], found["without_start"]) == (8, 1, 1)
    alike = 1 / 168
    assert weights[1] == pytest.approx(0.666667 + 0.5 + 0.25 + alike, abs=5e-7)
    assert weights[2] == pytest.approx(0.333333 + 0.5 + alike, abs=5e-7)
    assert weights[23] == pytest.approx(0.285714 + 0.04 + alike, abs=5e-7)
    assert weights[24] == pytest.approx(0.571429 + 0.04 + alike, abs=5e-7)
    assert weights[25] == pytest.approx(0.142857 + 0.04 + alike, abs=5e-7)
    assert [weights[0], weights[166], weights[167]] == pytest.approx([0.25 + alike] * 3)
    assert weights[2 * 24 + 5] == pytest.approx(2 + alike)
    assert weights[100] == pytest.approx(alike)
    assert sum(weights) == pytest.approx(8)


def test_semicolons_part_the_cells_where_the_header_has_them(tmp_path):
    found = document("aoristic", "--windows", written(tmp_path, "from;to\n2024-01-01 01:00;2024-01-01 02:30\n"))
    assert found["weights"][1] == pytest.approx(2 / 3)


def test_moments_of_several_clocks_are_refused_because_a_window_between_them_would_be_false(tmp_path):
    result = run("aoristic", "--windows", written(tmp_path, "from,to\n2024-06-01T10:00:00Z,2024-06-01T10:30:00+01:00\n"))
    assert result.exit_code == 2
    assert "different offsets from UTC (+00:00, +01:00)" in result.stderr


def test_seconds_count(tmp_path):
    found = document("aoristic", "--windows", written(tmp_path, "from,to\n2024-01-01 00:59:59,2024-01-01 01:00:02\n"))
    assert found["weights"][:2] == pytest.approx([1 / 3, 2 / 3])


def test_each_unreadable_moment_is_told_by_its_row(tmp_path):
    result = run("aoristic", "--windows", written(tmp_path, "from,to\n2024-13-01 00:00,x\n\n2024-01,2024-01-01 00:00\n"))
    assert result.exit_code == 2
    assert "row 1: from is '2024-13-01 00:00', which is not a date and time" in result.stderr
    assert "row 2: from is '2024-01', which is a month without a day" in result.stderr
    assert "row 1: to is 'x'" in result.stderr
    assert result.stdout == ""


def test_many_faults_are_counted_and_not_all_told(tmp_path):
    result = run("aoristic", "--windows", written(tmp_path, "from,to\n" + "soon,\n" * 30))
    assert "25 more such faults" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("from,to\n", "has a header and no windows"),
        ("a,to\n1,2\n", "has no column 'from', and needs one"),
        ("from,to,From\n1,2,3\n", "has 2 columns 'from'"),
        ('from,to\n"2024,1\n', "opens in row 1 is never closed"),
        ("from\0,to\n", "is no text: it has NUL bytes"),
    ],
)
def test_a_file_that_is_no_table_of_windows_is_refused_in_a_sentence(tmp_path, text, said):
    result = run("aoristic", "--windows", written(tmp_path, text))
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_short_and_long_rows_are_read_and_dates_alone_are_said_to_be_midnight(tmp_path):
    result = run(
        "aoristic", "--windows", written(tmp_path, "from,to\n2024-01-01\n2024-01-01 11:00,2024-01-01 12:00,,,\n"), "--json"
    )
    assert json.loads(result.stdout)["counted"] == 2
    assert "dates without a time" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give either --store with --crime-type, or --windows"),
        (("--store", "x", "--windows", "y"), "Give either"),
        (("--store", "x"), "--store needs a --crime-type"),
        (("--windows", "x.csv", "--from", "2024-01-01"), "no option but --json goes with it"),
        (("--windows", "nowhere.csv"), "cannot be read"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(arguments, said):
    result = run("aoristic", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_store_gives_weights_comparisons_and_the_dark(store):
    found = document("aoristic", "--store", store, "--crime-type", "burglary")
    assert (found["counted"], found["end_before_start"]) == (30, 1)
    assert found["weights"][20:22] == pytest.approx([15, 15])
    assert found["comparisons"]["start"][20] == 30
    assert found["comparisons"]["midpoint"][21] == 30
    assert found["comparisons"]["end"][22] == 30
    assert found["moved"]["start"] == pytest.approx(0.5)
    # One week has no interval.
    assert found["dark"]["low"] is None
    assert found["dark"]["reasons"]["low"] == "undefined: too few weeks"
    assert 0.5 < found["dark"]["share"] < 0.75


def test_the_public_gets_no_hour_under_five_and_no_count_that_tells_of_one(store):
    found = document("aoristic", "--store", store, "--crime-type", "burglary", "--audience", "public")
    # Thirty offences in two hours: none is small; the one left out is.
    assert found["weights"][20] == pytest.approx(15)
    assert found["end_before_start"] is None
    assert "suppressed" in found["reasons"]["end_before_start"]


def test_words_for_people_hold_the_table(store):
    said = run("aoristic", "--store", store, "--crime-type", "burglary").stdout
    assert "Half of burglaries fall between 20:00 and 21:00" in said
    assert "Monday" in said


def test_control_chart_gives_months_limits_and_weeks(store):
    found = document("control-chart", "--store", store, "--crime-type", "burglary")
    assert [(row["month"], row["count"]) for row in found["months"]] == [("2024-05", 31)]
    assert found["months"][0]["provisional"] is True
    assert found["limits"] == []
    assert found["measure"] == "offences per day"
    assert found["headline"] == "Too few months to say what is usual"
    said = run("control-chart", "--store", store, "--crime-type", "burglary").stdout
    assert "2024-05" in said


def test_the_public_gets_no_series_with_a_small_count(store):
    found = document("control-chart", "--store", store, "--crime-type", "burglary", "--audience", "public")
    counts = [row["count"] for row in (found["months"] or []) + (found["weeks"] or [])]
    assert not any(0 < count < 5 for count in counts)
