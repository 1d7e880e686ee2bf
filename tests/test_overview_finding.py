"""The force at a glance: one family of tests over groups and areas, periods chosen within the data, months that add up."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import BEFORE, BEYOND, EAST, IN_EAST, PERIOD, WEST, offence, selection, several, small_store

from hotspot.findings import overview
from hotspot.findings.overview import compared_periods, groups_of, monthly_counts, overview_finding
from hotspot.findings.selected import NO_LOCATION, select
from hotspot.geography import OUTSIDE, DrawnArea
from hotspot.methods.change import FELL, ROSE, TOO_FEW, VERDICTS, compare, rate_ratio
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period
from hotspot.selection import MONTH, REPORTED

EARLIER = "2023-05-01 12:00"
DATA = [
    *several(80, "a"),
    *several(40, "b", committed=EARLIER),
    *several(30, "c", IN_EAST),
    *several(31, "d", IN_EAST, EARLIER),
    *several(20, "e", IN_EAST, kind="Robbery"),
    *several(40, "f", IN_EAST, EARLIER, kind="Robbery"),
    *several(2, "g", BEYOND, kind="Robbery"),
    *several(1, "h", None, EARLIER),
    *several(7, "i", committed="2024-08-31 22:00", to="2024-09-01 02:00", reported="2024-09-02"),
    offence("z", BEYOND, "2023-01-01 12:00", kind="Shoplifting"),
]
GROUPS = ("Burglary", "Robbery")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("overview"), DATA)


def find(store, **limits):
    return overview_finding(
        {
            group: tuple(
                select(store, selection(group, **{"period": period} | limits), scope=EVERYTHING) for period in (PERIOD, BEFORE)
            )
            for group in GROUPS
        }
    )


def slow_correction(p_values):
    """Benjamini and Hochberg as they wrote it: the least p·m/rank of the ranks at or above one's own."""
    ordered = sorted(p_values)
    return [min(ordered[k] * len(ordered) / (k + 1) for k in range(ordered.index(p), len(ordered))) for p in p_values]


def test_groups_and_areas_are_one_family(store):
    finding = find(store)
    counts = {(group, row.area): (row.baseline_count, row.count) for group, rows in finding.rows.items() for row in rows}
    assert counts == {
        ("Burglary", WEST): (40, 87),
        ("Burglary", EAST): (31, 30),
        ("Burglary", NO_LOCATION): (1, 0),
        ("Robbery", WEST): (0, 0),
        ("Robbery", EAST): (40, 20),
        ("Robbery", OUTSIDE): (0, 2),
    }
    tested = [row for rows in finding.rows.values() for row in rows if row.verdict != TOO_FEW]
    ratio = PERIOD.days / BEFORE.days
    p_values = [rate_ratio(int(row.count), int(row.baseline_count), exposure=ratio).p_value for row in tested]
    assert len(tested) == 3
    assert [row.q_value for row in tested] == pytest.approx(slow_correction(p_values))


def test_totals_are_a_family_of_their_own(store):
    finding = find(store)
    totals = finding.totals
    assert {group: (row.baseline_count, row.count) for group, row in totals.items()} == {
        "Burglary": (72, 117),
        "Robbery": (40, 22),
    }
    assert [row.q_value for row in totals.values()] == pytest.approx(slow_correction([row.p_value for row in totals.values()]))
    assert find(store, area=EAST).totals["Robbery"].count == 20
    assert [row.area for row in find(store, area=EAST).rows["Burglary"]] == [WEST, EAST, NO_LOCATION]


def test_the_words_name_the_clear_changes(store):
    finding = find(store)
    assert finding.headline == "Two changes are clear: burglary rose in Westley and robbery fell in Eastley"
    assert finding.subline.startswith("Of the totals of the force, burglary rose and robbery fell. 3 area and crime type pairs")


def test_without_boundaries_the_force_is_the_one_area(tmp_path):
    finding = find(small_store(tmp_path, DATA, lpas=None))
    assert {group: [row.area for row in rows] for group, rows in finding.rows.items()} == {
        group: ["Testshire"] for group in GROUPS
    }
    assert finding.rows["Burglary"][0].count == 117


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from((WEST, OUTSIDE, NO_LOCATION, "W" * 70)), st.sampled_from(VERDICTS)), min_size=1, max_size=24
    )
)
def test_a_headline_fits_whatever_the_verdicts(verdicts):
    (row,) = compare(["x"], [9], [9], days=30, baseline_days=30, family="").rows
    rows = {"Vehicle crime": tuple(replace(row, area=area, verdict=verdict) for area, verdict in verdicts)}
    said = overview.headline(rows)
    assert len(said) <= 80
    assert ("clear" in said) == any(verdict in (ROSE, FELL) for _, verdict in verdicts)


def facts(store, first, end):
    return replace(
        store.facts("Extract", "Testshire", scope=EVERYTHING), first_day=date.fromisoformat(first), end=date.fromisoformat(end)
    )


@pytest.mark.parametrize(
    ("period", "first", "end", "expected"),
    [
        # The same months last year, where the data reach back.
        ("2024-04-01..2024-10-01", "2023-01-01", "2024-10-01", ("2024-04-01..2024-10-01", "2023-04-01..2023-10-01")),
        # Else the equal period before.
        ("2014-02-01..2014-03-01", "2014-01-01", "2014-03-01", ("2014-02-01..2014-03-01", "2014-01-01..2014-02-01")),
        # Else the latest month against the one before: the period fills the data.
        ("2014-01-01..2014-03-01", "2014-01-01", "2014-03-01", ("2014-02-01..2014-03-01", "2014-01-01..2014-02-01")),
        # The latest whole month, where the data end within one.
        ("2014-01-01..2014-04-01", "2014-01-01", "2014-03-15", ("2014-02-01..2014-03-01", "2014-01-01..2014-02-01")),
        # A period of over a year would overlap its own last year.
        ("2022-01-01..2024-01-01", "2018-01-01", "2024-01-01", ("2022-01-01..2024-01-01", "2020-01-01..2022-01-01")),
        # One month alone has nothing to be compared with.
        ("2014-01-01..2014-02-01", "2014-01-01", "2014-02-01", None),
    ],
)
def test_periods_are_compared_within_the_data(store, period, first, end, expected):
    found = compared_periods(selection(period=Period.parse(period)), facts(store, first, end))
    assert (found and tuple(one.iso for one in found)) == expected


def test_the_usual_groups_are_shown_and_others_where_there_are_none(store):
    held = store.facts("Extract", "Testshire", scope=EVERYTHING)
    assert groups_of(held) == GROUPS
    assert groups_of(replace(held, crime_types={"Shoplifting": 3, "Drugs": 2})) == ("Drugs", "Shoplifting")


def table(store, **limits):
    counts = monthly_counts(store, selection(**limits), GROUPS, scope=EVERYTHING)
    return {(f"{row.month:%Y-%m}", row.crime_group): row.offences for row in counts.itertuples()}


def test_months_add_up_to_the_offences_with_0_where_there_was_none(store):
    counts = table(store)
    assert counts == {
        ("2023-01", "Burglary"): 0,
        ("2023-01", "Robbery"): 0,
        ("2023-05", "Burglary"): 72,
        ("2023-05", "Robbery"): 40,
        ("2024-05", "Burglary"): 110,
        ("2024-05", "Robbery"): 22,
        ("2024-08", "Burglary"): 7,
        ("2024-08", "Robbery"): 0,
    }
    assert table(store, date_basis=MONTH) == counts


def test_months_are_those_of_the_date_that_counts(store):
    counts = table(store, date_basis=REPORTED)
    assert {key: count for key, count in counts.items() if count} == {("2024-09", "Burglary"): 7}


def test_months_count_the_chosen_area_alone(store):
    assert table(store, area=EAST)["2024-05", "Burglary"] == 30
    ring = ((405_000, 291_000), (407_000, 291_000), (407_000, 293_000), (405_000, 293_000))
    drawn = table(store, drawn=DrawnArea("Market", ring))
    assert (drawn["2024-05", "Burglary"], drawn["2023-05", "Robbery"]) == (30, 40)
    assert sum(table(store, area=area)["2023-05", "Burglary"] for area in (WEST, EAST)) == 71


def test_months_keep_to_the_chosen_hours(store):
    # 22:00 to 02:00: half of each of seven offences before midnight.
    assert table(store, hours=(20, 24))["2024-08", "Burglary"] == pytest.approx(3.5)
    assert np.isclose(sum(table(store, hours=(0, 12)).values()), 3.5)
