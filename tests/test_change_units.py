"""Change in units: worked by hand, the table's own verdicts, discs as the map has them, nothing told to the public."""

import csv
import itertools
import json
from dataclasses import replace

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import BEFORE, EAST, IN_EAST, IN_WEST, PERIOD, WEST, offence, selection, several, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.audience import FORCE, PUBLIC, shown_units
from hotspot.findings.change_units import disc_change_finding, shown_categories, unit_change_finding, units_on
from hotspot.findings.clustering import clustering, monthly_positions, monthly_series
from hotspot.findings.compare import compare_finding, map_of_change
from hotspot.findings.s_index import s_index_finding
from hotspot.findings.selected import select
from hotspot.methods.change import rate_ratio
from hotspot.methods.change_map import CELL_FELL, CELL_ROSE, CELL_TOO_FEW, CELL_UP
from hotspot.methods.change_units import category_of, change_in_units, places_with
from hotspot.methods.units import Units, squares
from hotspot.offences.store import EVERYTHING

EARLIER = "2023-05-01 12:00"
CORNER = (400_500, 290_500)
ROWS = [
    *several(60, "a"),
    *several(25, "b", committed=EARLIER),
    *several(12, "c", IN_EAST),
    *several(45, "d", IN_EAST, EARLIER),
    *several(16, "e", CORNER),
    *several(15, "f", CORNER, EARLIER),
    *several(3, "g", (400_500, 293_500)),
    *several(2, "h", (409_000, 292_000)),
    offence("i", None),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("units"), ROWS)


def pair(store, **limits):
    return tuple(select(store, selection(period=period, **limits), scope=EVERYTHING) for period in (PERIOD, BEFORE))


def find(store, on, *, size=1_000.0, positions=None, **limits):
    now, before = pair(store, **limits)
    return unit_change_finding(now, before, units_on(store, now, on=on, size=size), positions=positions)


def test_squares_hold_their_own_tests_worked_by_hand(store):
    finding = find(store, "squares")
    changes = finding.changes
    assert len(changes.units) == 32
    counts = {row.area: (row.baseline_count, row.count) for row in changes.rows if row.count + row.baseline_count}
    assert counts == {
        "E 402,500 N 292,500": (25, 60),
        "E 406,500 N 292,500": (45, 12),
        "E 400,500 N 290,500": (15, 16),
        "E 400,500 N 293,500": (0, 3),
    }
    tested = {row.area: row for row in changes.rows if not np.isnan(row.q_value)}
    length = PERIOD.days / BEFORE.days
    p = sorted(rate_ratio(*map(int, pair), exposure=length).p_value for pair in ((60, 25), (12, 45), (16, 15)))
    # Three tests: p times 3, 3/2 and 1, from the smallest on.
    assert sorted(row.q_value for row in tested.values()) == pytest.approx([3 * p[0], 1.5 * p[1], p[2]])
    category = dict(zip((row.area for row in changes.rows), category_of(changes.rows), strict=True))
    assert category["E 402,500 N 292,500"] == CELL_ROSE
    assert category["E 406,500 N 292,500"] == CELL_FELL
    assert category["E 400,500 N 290,500"] == CELL_UP
    assert category["E 400,500 N 293,500"] == CELL_TOO_FEW
    assert finding.headline == "Burglary rose in one and fell in one of 3 tested units"
    assert changes.family.startswith("3 of 32 squares were tested together")
    assert changes.outside == 2
    assert finding.left_off == (
        "94 burglaries, 1 April to 30 September 2024: 91 in the squares, 1 without a location, 2 in none of the squares.",
    )


def test_areas_of_a_level_read_as_the_table_of_areas_does(store):
    now, before = pair(store)
    positions = monthly_positions(store, now.selection, scope=EVERYTHING)
    units = find(store, "LPA", positions=positions).changes
    series = monthly_series(store, now.selection, scope=EVERYTHING, by_area=True)
    found = clustering(series, period=PERIOD, baseline=BEFORE)
    table = {row.area: row for row in compare_finding(now, before, clustering=found).table.rows}
    for row in units.rows:
        assert (row.count, row.p_value, row.verdict) == (table[row.area].count, table[row.area].p_value, table[row.area].verdict)
    assert [row.area for row in units.rows] == [WEST, EAST]


def test_each_unit_gets_the_dispersion_of_its_own_months(tmp_path):
    # 30 months: the west an even 3 and bursts of 20 in no season, the east an even 6.
    months = [f"{2022 + number // 12}-{number % 12 + 1:02d}" for number in range(30)]
    rows = [row for n, month in enumerate(months) for row in several(6, f"e{n}-", IN_EAST, f"{month}-10 12:00")]
    bursts = {1, 4, 9, 11, 14, 19, 20, 26}
    west = [several(20 if n in bursts else 3, f"w{n}-", IN_WEST, f"{month}-10 12:00") for n, month in enumerate(months)]
    rows += [row for month in west for row in month]
    rows.append(offence("end", IN_EAST, f"{months[-1]}-29 12:00", reported="2024-07-31"))
    store = small_store(tmp_path, rows)
    positions = monthly_positions(store, selection(date_basis="month"), scope=EVERYTHING)
    changes = find(store, "hexagons", size=1_000, positions=positions, date_basis="month").changes
    west, east = (changes.rows[int(changes.units.unit_of([x], [y])[0])] for x, y in (IN_WEST, IN_EAST))
    assert west.dispersion.phi > 5
    assert east.dispersion.phi < 0.5


def test_discs_as_rows_read_as_the_map_of_discs(store):
    now, before = pair(store, area=WEST)
    positions = monthly_positions(store, now.selection, scope=EVERYTHING)
    discs = disc_change_finding(now, before, positions=positions).changes
    change = map_of_change(now, before, positions=positions)
    shown = change.category > 0
    assert len(discs.units) == shown.sum() == 64
    np.testing.assert_array_equal(category_of(discs.rows), change.category[shown])
    np.testing.assert_array_equal([row.q_value for row in discs.rows], change.q_value[shown])


def discs_at(*places):
    """Discs of 1.5 km on a line, each given as (metres east, baseline, count)."""
    x = np.array([place[0] for place in places], dtype=float)
    half = 250.0
    names = tuple(f"E {east:g}" for east in x)
    geometry = shapely.box(x - half, -half, x + half, half)
    units = Units("discs", geometry, np.full(len(x), 7.07), 1_500.0, area_names=names)
    before, now = (np.array([place[column] for place in places], dtype=float) for column in (1, 2))
    return change_in_units(units, now, before, days=30, baseline_days=30)


def test_overlapping_discs_are_one_place_and_a_chain_of_them_too():
    rose, fell, same = (5, 60), (60, 5), (30, 30)
    # The first two share nearly all offences; the third touches the second; the fourth stands 3,001 m farther.
    found = discs_at((0, *rose), (707, *rose), (3_707, *rose), (6_708, *rose), (1_000, *fell), (20_000, *same))
    assert places_with(found, "rose") == 2
    assert places_with(found, "fell") == 1
    assert places_with(found, "little change") == 0


def test_the_headline_of_discs_counts_places_not_discs(store):
    now, before = pair(store)
    finding = disc_change_finding(now, before, positions=monthly_positions(store, now.selection, scope=EVERYTHING))
    assert sum(row.verdict == "rose" for row in finding.changes.rows) > 1
    assert finding.headline == "Burglary rose around one place and fell around one place"
    assert "do not add up" in finding.left_off[0]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12, unique=True))
@settings(max_examples=25, deadline=None)
def test_places_are_counted_as_walking_along_a_line_counts_them(kilometres):
    at = sorted(1_000 * one for one in kilometres)
    walked = 1 + sum(there - here > 3_000 for here, there in itertools.pairwise(at))
    assert places_with(discs_at(*((x, 5, 60) for x in at)), "rose") == walked


def test_the_offences_of_both_periods_add_up(tmp_path):
    rows = [*several(20, "a"), offence("b", None), offence("c", (409_000, 292_000)), *several(30, "d", IN_EAST, EARLIER)]
    # A location far beyond the force cannot be used.
    rows += [offence("e", (10_000, 10_000)), offence("f", None, EARLIER), offence("g", (10_000, 10_000), EARLIER)]
    finding = find(small_store(tmp_path, rows), "LPA")
    assert finding.left_off == (
        "23 burglaries, 1 April to 30 September 2024: 20 in the areas (LPA), 1 without a location, "
        "1 with a location unusable, 1 in none of the areas (LPA).",
        "32 burglaries, 1 April to 30 September 2023: 30 in the areas (LPA), 1 without a location, 1 with a location unusable.",
    )


def test_units_in_a_chosen_area_are_clipped_to_it(store):
    changes = find(store, "squares", size=3_000.0, area=EAST).changes
    assert changes.units.area_km2.sum() == pytest.approx(16)
    assert sum(row.count for row in changes.rows) == 12


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=16, max_size=16), st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_units_changes_no_verdict(pairs, random):
    units = squares(shapely.box(0, 0, 400, 400), cell_size=100)
    order = list(range(16))
    random.shuffle(order)
    now, before = np.array(pairs, dtype=float).T
    there = change_in_units(units, now, before, days=30, baseline_days=30).rows
    back = change_in_units(units, now[order], before[order], days=30, baseline_days=30).rows
    assert [there[place].verdict for place in order] == [row.verdict for row in back]


@pytest.mark.parametrize("on", ["squares", "hexagons"])
def test_sizes_beyond_reason_and_unknown_levels_are_refused(store, on):
    with pytest.raises(BadInput, match="100 to 10000"):
        find(store, on, size=20)
    with pytest.raises(BadInput, match="no areas of the level"):
        find(store, "ward")


def test_without_boundaries_there_is_nothing_to_lay_units_in(tmp_path):
    store = small_store(tmp_path, ROWS, lpas=None)
    with pytest.raises(NotKnowable, match="No boundaries"):
        find(store, "squares")


small_counts = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 30)), min_size=2, max_size=5)


def units_of(pairs):
    units = squares(shapely.box(0, 0, 100 * len(pairs), 100), cell_size=100)
    now, before = np.array(pairs, dtype=float).T
    return change_in_units(units, now, before, days=30, baseline_days=30)


@given(small_counts)
@settings(max_examples=40, deadline=None)
def test_no_small_count_of_a_unit_can_be_worked_out_from_the_shown_ones_and_the_total(pairs):
    shown = shown_units(units_of(pairs).rows, audience=PUBLIC)
    for column, name in ((0, "count"), (1, "baseline")):
        truth = [pair[column] for pair in pairs]
        cells = [getattr(one, name) for one in shown]
        assert not {"1", "2", "3", "4"} & set(cells)
        hidden = [place for place, cell in enumerate(cells) if cell in ("<5", "hidden")]
        if not hidden or not any(count > 5 for count in truth):
            continue
        # Every table that fits what is shown: '<5' is 1 to 4, 'hidden' is 5 or more.
        rest = sum(truth[place] for place in hidden)
        ranges = [range(1, 5) if cells[place] == "<5" else range(5, rest + 1) for place in hidden]
        fitting = [values for values in itertools.product(*ranges) if sum(values) == rest]
        for place in range(len(hidden)):
            assert len({values[place] for values in fitting}) > 1


def test_units_with_hidden_counts_have_no_colour_for_the_public(store):
    changes = units_of([(3, 40), (60, 20), (20, 60), (4, 0)])
    assert shown_categories(changes, audience=FORCE).tolist() == [CELL_FELL, CELL_ROSE, CELL_FELL, CELL_TOO_FEW]
    assert shown_categories(changes, audience=PUBLIC).tolist() == [CELL_TOO_FEW, CELL_ROSE, CELL_FELL, CELL_TOO_FEW]


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [*map(str, arguments)])
    assert result.exit_code == code, result.stderr
    return result


def options(store, command="change-map"):
    period = ["--period", PERIOD.iso, "--baseline", BEFORE.iso]
    return [command, "--store", store.path, "--crime-type", "burglary", *period]


def test_the_command_lists_every_unit_with_its_verdict(store):
    document = json.loads(run(*options(store), "--on", "Squares", "--size", 2_000, "--json").stdout)
    assert (document["on"], document["size"], document["units"], document["tested"]) == ("squares", 2_000, 8, 3)
    rows = {row["unit"]: row for row in document["rows"]}
    assert rows["E 403,000 N 293,000"]["verdict"] == "rose"
    assert rows["E 403,000 N 293,000"]["x"] == 403_000
    document = json.loads(run(*options(store), "--json").stdout)
    assert document["on"] == "discs"
    assert "Without" not in run(*options(store), "--on", "lpa").stdout


def test_the_command_names_what_the_period_is_compared_with(store):
    said = run(*options(store), "--on", "lpa").stdout
    # 183 days from April, and the 183 of the year before.
    assert "Compared with 1 April to 30 September 2023.\n" in said
    assert "ratio per day" in said
    shorter = [part if part != PERIOD.iso else "2024-04-01..2024-09-29" for part in options(store)]
    assert "2023. The period is two days shorter.\n" in run(*shorter, "--on", "lpa").stdout


def test_files_of_units_hold_their_polygons_numbers_and_source(store, tmp_path):
    for ending in (".geojson", ".gpkg", ".csv"):
        run(*options(store), "--on", "hexagons", "--size", 2_000, "--out", tmp_path / f"change{ending}")
    document = json.loads((tmp_path / "change.geojson").read_text("utf-8"), parse_constant=lambda name: pytest.fail(name))
    assert document["properties"]["marking"]
    frame = geopandas.read_file(tmp_path / "change.gpkg")
    assert frame.geometry.area.sum() == pytest.approx(32e6)
    assert len(frame) == len(document["features"])
    assert set(frame["verdict"]) >= {"rose", "fell", "too few to say"}
    with (tmp_path / "change.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["count"]) for row in rows) == 91


def test_the_public_gets_no_small_count_and_no_file(store, tmp_path):
    document = json.loads(run(*options(store), "--on", "squares", "--audience", "public", "--json").stdout)
    assert not {row["count"] for row in document["rows"]} & {1, 2, 3, 4}
    assert document["count"] is None
    assert all(row["verdict"] is None for row in document["rows"] if row["count"] is None)
    refused = run(*options(store), "--audience", "public", "--out", tmp_path / "x.csv", code=2)
    assert "counts under 5" in refused.stderr


def test_the_s_index_says_where_shares_moved(store):
    document = json.loads(run(*options(store, "s-index"), "--on", "squares", "--json").stdout)
    reading = {row["unit"]: row["reading"] for row in document["rows"]}
    # Base: 25, 45 and 15 of 85; test: 60, 12, 16 and 3 of 91.
    assert reading["E 402,500 N 292,500"] == "higher"
    assert reading["E 406,500 N 292,500"] == "lower"
    assert reading["E 400,500 N 290,500"] == "alike"
    assert document["occupied_units"] == 4
    assert document["robust_s"] == pytest.approx(1 / 4)
    assert document["s"] == pytest.approx(29 / 32)
    assert "25% of the 4 squares" in document["sentence"]
    assert document["notes"][0].endswith(": 91 in the squares, 1 without a location, 2 in none of the squares.")
    assert "91 in the squares" in run(*options(store, "s-index"), "--on", "squares").stdout
    hidden = json.loads(run(*options(store, "s-index"), "--audience", "public", "--json").stdout)
    assert hidden["rows"] is None
    assert len(hidden["notes"]) == 1 and "1 without" not in hidden["notes"][0]


def test_the_s_index_takes_one_base_and_enough_offences(store):
    both = run(*options(store, "s-index"), "--base-type", "robbery", code=2)
    assert "Give one base" in both.stderr
    now, before = pair(store)
    with pytest.raises(NotKnowable, match="too few"):
        s_index_finding(replace(before, frame=before.frame.head(5)), now, units_on(store, now, on="squares"))


def test_wards_of_the_real_force_are_tested_as_one_family(shared_data, tmp_path):
    store = tmp_path / "store"
    run("import", *(shared_data / "police-uk" / month for month in ("2014-01", "2014-02")), "--store", store)
    run("boundaries", "import", shared_data / "boundaries" / "wm_wards_2013.geojson", "--level", "ward", "--store", store)
    period = ["--period", "2014-02-01..2014-03-01", "--baseline", "2014-01-01..2014-02-01"]
    arguments = ["--store", store, "--crime-type", "burglary", *period, "--on", "ward", "--json"]
    document = json.loads(run("change-map", *arguments).stdout)
    assert document["units"] == 163
    assert sum(row["count"] for row in document["rows"]) + sum(row["baseline_count"] for row in document["rows"]) == (
        4_218 - document["outside_units"]
    )
    assert "2 months are too few" in " ".join(document["notes"])
    index = json.loads(run("s-index", *arguments).stdout)
    assert 0 < index["robust_s"] <= index["s"] < 1
