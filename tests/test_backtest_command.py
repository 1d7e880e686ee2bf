"""The command ``backtest``, by days on made data and by months on police.uk's: true figures, or a reason for each null."""

import json
from datetime import date, timedelta

import pytest
from small_store import IN_EAST, IN_WEST, offence, small_store
from test_cli import BIRMINGHAM, COVENTRY, offences, run, write_month

FIRST = date(2024, 1, 1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Sixteen weeks: six offences a week in one place of Westley, four in Eastley."""
    rows = [
        offence(f"{place}-{week}-{number}", place, f"{FIRST + timedelta(days=7 * week + number)} 12:00")
        for week in range(16)
        for place, count in ((IN_WEST, 6), (IN_EAST, 4))
        for number in range(count)
    ]
    # The data reach from 1 January to 21 April: sixteen whole weeks.
    rows.append(offence("last", IN_EAST, "2024-04-21 12:00", kind="Robbery"))
    return small_store(tmp_path_factory.mktemp("backtest"), rows).path


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """Two months of police.uk: 60 burglaries in Birmingham, then 40 there and 20 in Coventry."""
    folder = tmp_path_factory.mktemp("two-months")
    write_month(folder, "2014-01", offences("Burglary", BIRMINGHAM, 60, "a"))
    write_month(folder, "2014-02", [*offences("Burglary", BIRMINGHAM, 40, "b"), *offences("Burglary", COVENTRY, 20, "c")])
    result = run("import", str(folder), "--store", str(folder / "store"))
    assert result.exit_code == 0, result.stderr
    return folder / "store"


def told(store, *options):
    result = run("backtest", "--store", str(store), "--crime-type", "burglary", "--json", *options)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def rows_of(document, share):
    return {row["method"]: row for row in document["rows"] if row["area_share"] == share}


def test_rows_have_each_method_and_share_with_hit_rate_pai_pei_and_interval(store):
    document = told(store, "--train-days", "56", "--judge-days", "28", "--cell-size", "500", "--resamples", "199")
    assert {(row["method"], row["area_share"]) for row in document["rows"]} == {
        (method, share)
        for method in ("density", "gi-star", "last-period", "uniform")
        for share in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
    }
    assert [period["judge"] for period in document["periods"]] == ["2024-02-26..2024-03-25", "2024-03-25..2024-04-22"]
    assert (document["judged"], document["blocks"], document["block"]) == (80, 8, "week")
    # Two squares of 128 hold everything: at 2 % (2.56 squares) last period's counts hold all, and so would the best choice.
    last = rows_of(document, 0.02)["last-period"]
    assert (last["held"], last["hit_rate"], last["pei"]) == pytest.approx((80, 1, 1))
    assert last["pai"] == pytest.approx(50)
    assert (last["low"], last["high"]) == pytest.approx((1, 1))
    # At 0.5 % there is room for 0.64 of the first square, which holds six of ten offences.
    assert rows_of(document, 0.005)["last-period"]["hit_rate"] == pytest.approx(0.64 * 0.6)
    uniform = rows_of(document, 0.02)["uniform"]
    assert (uniform["hit_rate"], uniform["pai"]) == pytest.approx((0.02, 1))


def test_two_periods_may_be_given_as_they_are(store):
    options = ("--train", "2024-01-01..2024-01-29", "--judge", "2024-02-05..2024-04-01", "--cell-size", "500")
    document = told(store, *options, "--resamples", "199", "--seed", "3", "--methods", "density")
    assert document["design"] == "Judged: 5 February to 31 March 2024, on maps made from 1 to 28 January 2024 alone."
    assert (document["from"], document["to"], document["judged"]) == ("2024-02-05", "2024-04-01", 80)
    assert document == told(store, *options, "--resamples", "199", "--seed", "3", "--methods", "density")


def test_two_months_of_police_uk_give_true_figures_and_no_false_interval(months):
    document = told(months, "--cell-size", "250")
    assert [(period["train"], period["judge"]) for period in document["periods"]] == [
        ("2014-01-01..2014-02-01", "2014-02-01..2014-03-01")
    ]
    row = rows_of(document, 0.2)["last-period"]
    # The 40 in Birmingham, and of Coventry's 20 the share of the rest of the area.
    assert 40 <= row["held"] < 50
    assert row["low"] is None
    assert row["reasons"]["low"].startswith("No interval: it comes from resampling whole weeks, and the data know no weeks.")
    assert any("snapped" in note for note in document["notes"])


def test_people_read_the_same_as_lines(store):
    result = run("backtest", "--store", str(store), "--crime-type", "burglary", "--cell-size", "500", "--train-days", "56")
    assert result.exit_code == 0, result.stderr
    assert "The densest 2% held" in result.stdout
    assert "last-period" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--train", "2024-01-01..2024-02-01"), "--train and --judge go together"),
        (("--train", "2024-01-01..2024-02-01", "--judge", "2024-01-31..2024-03-01"), "begins before the training period"),
        (
            ("--train", "2024-01-01..2024-02-01", "--judge", "2024-02-01..2024-03-01", "--train-days", "7"),
            "--train-days cannot stand",
        ),
        (("--train-months", "1"), "counted in days"),
        (("--methods", "tarot"), "There is no method 'tarot'"),
        (("--train-days", "400"), "they cover 1 January to 21 April 2024"),
        (("--area-share", "1.5"), "Shares of the area"),
        (("--cell-size", "nan"), "--cell-size nan"),
        (("--kernel", "round"), "'round'"),
        (("--resamples", "1"), "resamples must be"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(store, options, said):
    result = run("backtest", "--store", str(store), "--crime-type", "burglary", *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_lengths_in_days_are_refused_where_the_data_know_the_month_alone(months):
    result = run("backtest", "--store", str(months), "--crime-type", "burglary", "--train-days", "28")
    assert result.exit_code == 2
    assert "--train-months" in result.stderr


def test_real_burglaries_of_eleven_months_roll_over_months(shared_data, tmp_path):
    """Leicestershire, which brings no boundaries: ten months judged, each on the month before it."""
    force = tmp_path / "leicestershire.toml"
    force.write_text('name = "Leicestershire"\n', encoding="utf-8")
    files = sorted(str(path) for path in (shared_data / "police-uk").glob("*/*-leicestershire-street.csv"))
    imported = run("import", *files, "--store", str(tmp_path / "store"), "--force", str(force))
    assert imported.exit_code == 0, imported.stderr
    document = told(tmp_path / "store", "--cell-size", "500", "--resamples", "999")
    assert (len(document["periods"]), document["blocks"], document["block"]) == (10, 10, "month")
    row = rows_of(document, 0.02)["density"]
    assert row["low"] < row["hit_rate"] < row["high"]
    assert row["low"] > 0.02
    assert any("rectangle" in note for note in document["notes"])


def test_real_burglaries_of_two_months_are_judged_without_an_interval(shared_data, tmp_path):
    folders = [str(path) for path in sorted((shared_data / "police-uk").glob("2014-0[12]"))]
    imported = run("import", *folders, "--store", str(tmp_path / "store"))
    assert imported.exit_code == 0, imported.stderr
    document = told(tmp_path / "store", "--cell-size", "250", "--methods", "density")
    assert document["judged"] > 2_000
    row = rows_of(document, 0.2)["density"]
    assert row["low"] is None and row["pai"] > 1.5
