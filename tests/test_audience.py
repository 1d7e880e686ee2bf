"""What partners and the public see: no small count, and nothing that gives one away."""

import csv
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import BEFORE, EAST, IN_EAST, IN_WEST, PERIOD, WEST, offence, selection, several, small_store

from hotspot.export.files import write_changes
from hotspot.findings.audience import (
    COUNTS_HIDDEN,
    FORCE,
    PUBLIC,
    shown_changes,
    shown_count,
    shown_counts,
    shown_family,
    shown_family_sentence,
    told_of_change,
)
from hotspot.findings.compare import compare_finding
from hotspot.findings.selected import select
from hotspot.methods.change import FELL, ROSE, compare
from hotspot.offences.store import EVERYTHING

small_counts = st.one_of(st.integers(0, 6), st.integers(0, 60))
tables = st.lists(st.tuples(small_counts, small_counts), min_size=1, max_size=6)


def changes(pairs):
    names = [f"Area {number}" for number in range(len(pairs))]
    counts, baselines = zip(*pairs, strict=True)
    return compare(names, counts, baselines, days=30, baseline_days=30, family=f"{len(pairs)} areas")


def seen(table):
    """Everything of a table that the public is shown."""
    rows, total = shown_changes(table.rows, table.total, audience=PUBLIC)
    return [
        (one.baseline, one.count)
        if one.is_hidden
        else (one.baseline, one.count, *(f"{v:.12g}" for v in (one.row.ratio, one.row.p_value, one.row.q_value)), one.row.verdict)
        for one in (*rows, total)
    ] + [shown_family_sentence(table, audience=PUBLIC)]


def test_the_force_sees_every_count_and_the_table_as_it_is():
    table = changes([(3, 0), (40, 20), (1, 4)])
    rows, total = shown_changes(table.rows, table.total, audience=FORCE)
    assert [(one.baseline, one.count) for one in rows] == [("0", "3"), ("20", "40"), ("4", "1")]
    assert [one.row for one in rows] == list(table.rows)
    assert (total.baseline, total.count, total.is_hidden) == ("24", "44", False)
    assert shown_family_sentence(table, audience=FORCE) == table.family_sentence


@settings(max_examples=60)
@given(tables)
def test_the_public_sees_no_count_of_one_to_four(pairs):
    table = changes(pairs)
    rows, total = shown_changes(table.rows, table.total, audience=PUBLIC)
    for one in (*rows, total):
        assert not {one.baseline, one.count} & {"1", "2", "3", "4"}


def test_a_test_being_made_does_not_tell_a_hidden_count():
    # 16 before and 4 since are tested (20 together); 16 and 3 are not: the number of tests would tell the 4.
    four = seen(changes([(60, 50), (70, 60), (4, 16)]))
    three = seen(changes([(60, 51), (70, 60), (3, 16)]))
    assert four[-1] == three[-1]
    assert [row[:2] for row in four[1:3]] == [row[:2] for row in three[1:3]]


@pytest.mark.parametrize("hidden", [1, 2, 3, 4])
def test_corrected_values_do_not_depend_on_hidden_counts(hidden):
    # Without care, Benjamini–Hochberg would carry the p of a hidden row into the q of its neighbours.
    pairs = [(60, 42), (90, 70), (hidden, 30), (2, 2)]
    rows, _ = shown_changes(changes(pairs).rows, changes(pairs).total, audience=PUBLIC)
    others, _ = shown_changes(changes([*pairs[:2], (4, 30), (2, 2)]).rows, changes(pairs).total, audience=PUBLIC)
    kept = [one.row for one in rows if not one.is_hidden]
    assert [row.q_value for row in kept] == [one.row.q_value for one in others if not one.is_hidden]


@settings(max_examples=60)
@given(tables)
def test_what_is_shown_follows_from_the_shown_counts_alone(pairs):
    """A reader who knows the shown counts learns nothing more from any other column."""
    table = changes(pairs)
    rows, _ = shown_changes(table.rows, table.total, audience=PUBLIC)
    counts = [(one.row.count, one.row.baseline_count) for one in rows if not one.is_hidden]
    hidden = len(rows) - len(counts)
    p_values = [one.row.p_value for one in rows if not one.is_hidden and one.row.count + one.row.baseline_count >= 20]
    ordered = sorted([*p_values, *[1.0] * hidden])
    for one in rows:
        if one.is_hidden or one.row.count + one.row.baseline_count < 20:
            continue
        # Slow and obvious: the least p·m/rank over the ranks at or after the row's own.
        rank = ordered.index(one.row.p_value)
        slow = min(p * len(ordered) / (place + 1) for place, p in enumerate(ordered) if place >= rank)
        assert one.row.q_value == pytest.approx(slow)


@settings(max_examples=60)
@given(tables)
def test_a_verdict_for_the_public_is_never_clearer_than_the_forces_own(pairs):
    table = changes(pairs)
    rows, _ = shown_changes(table.rows, table.total, audience=PUBLIC)
    for one, own in zip(rows, table.rows, strict=True):
        if one.row.verdict in (ROSE, FELL) and not one.is_hidden:
            assert own.verdict == one.row.verdict


def test_crime_groups_stand_in_one_family_for_the_public_too():
    pairs = [(60, 40), (90, 70), (80, 55), (120, 100)]
    table = changes(pairs)
    rows = {"Burglary": table.rows[:2], "Robbery": table.rows[2:]}
    totals = {"Burglary": changes(pairs[:2]).total, "Robbery": changes(pairs[2:]).total}
    shown = shown_family(rows, totals, audience=PUBLIC)
    assert [one.row.q_value for group in shown.values() for one in group[0]] == pytest.approx([row.q_value for row in table.rows])


def test_a_small_share_of_an_offence_is_not_shown_as_none():
    table = changes([(0.3, 0), (30, 20), (25, 22.4)])
    rows, _ = shown_changes(table.rows, table.total, audience=PUBLIC)
    assert rows[0].count == "<5"
    assert shown_counts({"A": 0.3, "B": 30, "C": 12}, audience=PUBLIC)[0]["A"] == "<5"


def test_counts_by_area_hide_a_second_area_where_the_total_would_tell_the_first():
    shown, total = shown_counts({"A": 3, "B": 20, "C": 40}, audience=PUBLIC)
    assert (shown, total) == ({"A": "<5", "B": "hidden", "C": "40"}, "63")
    assert shown_counts({"A": 3, "B": 20}, audience=FORCE) == ({"A": "3", "B": "20"}, "23")


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (1234, "1,234")])
def test_one_count_is_hidden_from_one_to_four(count, shown):
    assert shown_count(count, audience=PUBLIC) == shown


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [
        *several(30, "a"),
        *several(3, "b", IN_EAST),
        *several(30, "c", IN_WEST, "2023-05-01"),
        *several(40, "d", IN_EAST, "2023-05-01"),
    ]
    return small_store(tmp_path_factory.mktemp("audience"), [*rows, offence("n", None), offence("m", None)])


def exported(store, tmp_path, audience, *, by_area=True, **limits):
    pairs = [
        [select(store, selection(period=period, **more), scope=EVERYTHING) for period in (PERIOD, BEFORE)]
        for more in ({}, limits)
    ]
    finding = compare_finding(*(pairs[0] if by_area else pairs[1]), by_area=by_area, focus=tuple(pairs[1]))
    path = tmp_path / "change.csv"
    write_changes(finding, audience, path)
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_public_csv_has_no_small_count_and_no_column_that_tells_one(store, tmp_path):
    rows = exported(store, tmp_path, PUBLIC, area=EAST)
    assert [row["area"] for row in rows][:2] == [WEST, EAST]
    east = rows[1]
    assert (east["count"], east["ratio"], east["q_value"], east["verdict"]) == ("<5", "", "", "hidden")
    assert not {"offences_used", "without_location"} & rows[0].keys()
    told = {name: {row[name] for row in rows} for name in rows[0] if name != "excluded_on_import"}
    assert not {name for name, values in told.items() if values & {"1", "2", "3", "4"}}


def test_a_public_csv_of_one_small_area_says_nothing_of_it(store, tmp_path):
    first, total = exported(store, tmp_path, PUBLIC, by_area=False, area=EAST)
    for row in (first, total):
        assert (row["count"], row["ratio"], row["p_value"], row["verdict"]) == ("<5", "", "", "hidden")


def test_the_forces_csv_holds_whole_numbers(store, tmp_path):
    rows = exported(store, tmp_path, FORCE)
    assert [(row["area"], row["baseline_count"], row["count"]) for row in rows] == [
        (WEST, "30", "30"),
        (EAST, "40", "3"),
        ("No location", "0", "2"),
        ("All areas", "70", "35"),
    ]
    assert float(rows[1]["ratio"]) == pytest.approx(3 / 40 * BEFORE.days / PERIOD.days)
    assert rows[1]["verdict"] == FELL
    assert math.isfinite(float(rows[1]["q_value"]))


def test_headline_and_subline_for_the_public_say_nothing_of_hidden_rows(store):
    force = told(store, FORCE, area=EAST)
    assert force[0] == "Burglary fell in Eastley"
    assert force[1].startswith("Eastley 40 → 3, ")
    headline, subline = told(store, PUBLIC, area=EAST)
    assert "fell" not in headline
    assert subline == COUNTS_HIDDEN


def told(store, audience, **limits):
    wide, focus = (
        [select(store, selection(period=period, **more), scope=EVERYTHING) for period in (PERIOD, BEFORE)]
        for more in ({}, limits)
    )
    return told_of_change(compare_finding(*wide, focus=tuple(focus)), audience=audience)
