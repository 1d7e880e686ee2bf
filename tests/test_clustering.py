"""The long series behind a comparison: which months count, one read for all areas, and what the verdicts make of it."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from small_store import EAST, IN_EAST, IN_WEST, WEST, offence, selection, several, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.findings.clustering import ALWAYS, clustering, covered_months, monthly_positions, monthly_series
from hotspot.findings.compare import compare_finding
from hotspot.findings.overview import group_clustering
from hotspot.findings.selected import NO_LOCATION, select
from hotspot.geography import DrawnArea
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period, add_months
from hotspot.selection import MONTH, REPORTED

FIRST = date(2022, 1, 1)
LENGTH = 36
NOW, BEFORE = Period.parse("2024-07-01..2025-01-01"), Period.parse("2023-07-01..2024-01-01")


def monthly_rows(counts, prefix, at):
    rows = []
    for number, count in enumerate(counts):
        first = add_months(FIRST, number)
        rows += several(
            int(count), f"{prefix}{number}-", at, f"{first.isoformat()} 12:00", reported=add_months(first, 0).isoformat()
        )
    return rows


WEST_COUNTS = np.random.default_rng(1).negative_binomial(7.5, 0.2, LENGTH)
"""Of mean 30 and φ = 5."""
EAST_COUNTS = np.random.default_rng(2).poisson(12, LENGTH)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [
        *monthly_rows(WEST_COUNTS, "w", IN_WEST),
        *monthly_rows(EAST_COUNTS, "e", IN_EAST),
        offence("late", IN_WEST, "2024-12-31 12:00", reported="2024-12-31"),
        # Committed long before the extract begins, reported in it.
        offence("old", IN_WEST, "1990-06-01 12:00", reported="2022-02-01"),
        *several(3, "n", None, "2022-03-05 10:00", reported="2022-03-05"),
        *several(4, "r", IN_WEST, "2022-03-05 10:00", reported="2022-03-05", kind="Personal robbery"),
    ]
    return small_store(tmp_path_factory.mktemp("clustering"), rows)


def chosen(**limits):
    return selection(**({"period": NOW, "date_basis": REPORTED} | limits))


def test_months_are_counted_by_area_over_all_the_data_whatever_the_period(store):
    series = monthly_series(store, chosen(), scope=EVERYTHING, by_area=True)
    assert [str(month) for month in series.months[[0, -1]]] == ["2022-01", "2024-12"]
    assert series.areas == (EAST, NO_LOCATION, WEST)
    np.testing.assert_array_equal(series.counts[0], EAST_COUNTS)
    extra = np.zeros(LENGTH)
    extra[[1, -1]] = 1  # the old one, by its reported date, and the late one
    np.testing.assert_array_equal(series.counts[2], WEST_COUNTS + extra)
    assert series.counts[1].sum() == series.counts[1][2] == 3


def test_one_read_of_two_columns_counts_as_selecting_everything_does(store):
    for limits in ({}, {"area": WEST}, {"date_basis": MONTH}):
        for by_area in (True, False):
            if by_area and "area" in limits:
                continue
            series = monthly_series(store, chosen(**limits), scope=EVERYTHING, by_area=by_area)
            selected = select(store, replace(chosen(**limits), period=ALWAYS), scope=EVERYTHING)
            frame = selected.frame if by_area else selected.inside
            column = {"month": "month"}.get(limits.get("date_basis", ""), "reported")
            month = frame[column].to_numpy("datetime64[M]")
            for area, counts in zip(series.areas, series.counts, strict=True):
                here = (frame["area"].fillna(NO_LOCATION) == area).to_numpy() if by_area else np.ones(len(frame), bool)
                assert counts.tolist() == [(here & (month == one)).sum() for one in series.months]


def test_a_drawn_area_and_hours_are_counted_as_select_does(store):
    ring = ((400_000, 290_000), (403_000, 290_000), (403_000, 294_000), (400_000, 294_000))
    drawn = monthly_series(store, chosen(drawn=DrawnArea("Market", ring)), scope=EVERYTHING, by_area=False)
    assert drawn.areas == ("Market",)
    assert drawn.counts.sum() == WEST_COUNTS.sum() + 2
    morning = monthly_series(store, chosen(hours=(0, 6)), scope=EVERYTHING, by_area=True)
    assert morning.counts.sum() == 0


def test_a_few_offences_of_long_ago_do_not_lengthen_the_series(store):
    # By committed date the last four weeks are not settled, so that December, which ends with the data, is left out.
    months = covered_months(store, chosen(date_basis="committed"))
    assert [str(month) for month in months[[0, -1]]] == ["2022-01", "2024-11"]


def test_an_area_that_clusters_gets_a_wider_interval_and_one_that_does_not_keeps_the_exact_one(store):
    series = monthly_series(store, chosen(), scope=EVERYTHING, by_area=True)
    found = clustering(series, period=NOW, baseline=BEFORE)
    assert found.of(WEST).low > 1.2
    assert found.of(EAST).low < 1.2
    assert not found.of(NO_LOCATION).is_known
    assert found.of("Elsewhere").months == LENGTH
    selected, baseline = (select(store, chosen(period=period), scope=EVERYTHING) for period in (NOW, BEFORE))
    rows = {row.area: row for row in compare_finding(selected, baseline, clustering=found).table.rows}
    west, east = rows[WEST], rows[EAST]
    width = np.log(west.ratio_high / west.ratio_low) / np.log(west.poisson_high / west.poisson_low)
    assert width == pytest.approx(np.sqrt(west.dispersion.phi))
    if not east.dispersion.is_clustered:
        assert (east.ratio_low, east.p_value) == (east.poisson_low, east.poisson_p_value)


def test_overview_and_compare_estimate_alike(store):
    series = monthly_series(store, chosen(), scope=EVERYTHING, by_area=True)
    found = clustering(series, period=NOW, baseline=BEFORE)
    for limits, expected in (({}, found.total), ({"area": WEST}, found.of(WEST))):
        group = group_clustering(store, chosen(**limits), BEFORE, scope=EVERYTHING)
        assert group.place == expected
        assert group.rows.of(EAST) == found.of(EAST)


def test_too_few_months_are_told_in_the_notes(tmp_path):
    rows = [*several(30, "a", IN_WEST, "2024-05-01 12:00"), *several(30, "b", IN_WEST, "2024-06-05 12:00")]
    store = small_store(tmp_path, [*rows, offence("end", IN_WEST, "2024-06-30 12:00")])
    periods = {"period": Period.parse("2024-06-01..2024-07-01"), "baseline": Period.parse("2024-05-01..2024-06-01")}
    two = selection(period=periods["period"], date_basis=MONTH)
    found = clustering(monthly_series(store, two, scope=EVERYTHING, by_area=True), **periods)
    selected, baseline = (select(store, replace(two, period=one), scope=EVERYTHING) for one in periods.values())
    notes = compare_finding(selected, baseline, clustering=found).notes
    assert "Poisson interval; assumes no clustering: 2 months are too few to estimate it." in notes


def test_positions_keep_their_month_and_whether_they_lie_in_the_area(store):
    found = monthly_positions(store, chosen(area=EAST), scope=EVERYTHING)
    assert found.inside.sum() == EAST_COUNTS.sum()
    assert len(found.x) == EAST_COUNTS.sum() + WEST_COUNTS.sum() + 2
    np.testing.assert_array_equal(np.bincount(found.month[found.inside], minlength=LENGTH), EAST_COUNTS)


def test_the_command_prints_dispersion_and_both_intervals(store):
    arguments = ["compare", "--store", store.path, "--crime-type", "burglary", "--period", NOW.iso, "--baseline", BEFORE.iso]
    result = CliRunner().invoke(app, [*map(str, arguments), "--date-basis", "reported", "--json"])
    assert result.exit_code == 0, result.stderr
    rows = {row["area"]: row for row in json.loads(result.stdout)["rows"]}
    west = rows[WEST]
    assert west["widened"]
    assert west["dispersion_low"] < west["dispersion"] < west["dispersion_high"]
    assert west["ratio_low"] < west["poisson_low"] < west["ratio"] < west["poisson_high"] < west["ratio_high"]
    assert west["dispersion_months"] == LENGTH
    robbery = [*arguments[:4], "robbery", *arguments[5:], "--date-basis", "reported", "--json"]
    document = json.loads(CliRunner().invoke(app, [*map(str, robbery)]).stdout)
    assert document["total"]["dispersion"] is None
    assert "under 24 months" in document["total"]["reasons"]["dispersion"]
    assert "Poisson interval; assumes no clustering: under 1 offence a month is too few to estimate it." in document["notes"]
