"""Clusters of a selection: planted places are found and named, and every limit of the data ends in a sentence."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np
import pytest
import shapely
from small_store import EAST, LPAS, PERIOD, WEST, offence, selection, small_store

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import clusters_words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, PUBLIC
from hotspot.findings.cluster_cells import ALL, ClusterSettings, past_of, slices_of, units_of, usual_cell_size, usual_slice
from hotspot.findings.clusters import emerging_finding, gi_finding
from hotspot.findings.clusters_shown import clusters_give_away, told_of_clusters
from hotspot.findings.selected import select
from hotspot.maps import cluster_scenes, palette
from hotspot.maps.scenes import context_of
from hotspot.methods.gi_star import HIGH
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period, add_months

SETTINGS = ClusterSettings(cell_size=250.0, permutations=19_999)
PLANTED = (401_300, 291_200)
YEAR = Period(date(2024, 1, 1), date(2025, 1, 1))


def silent(share, words):
    assert 0 <= share <= 1
    assert words


def scattered(count, seed, prefix="s", **more):
    random = np.random.default_rng(seed)
    at = np.column_stack([random.uniform(400_010, 407_990, count), random.uniform(290_010, 293_990, count)])
    return [offence(f"{prefix}{number}", (round(x), round(y)), **more) for number, (x, y) in enumerate(at)]


def heap(count, prefix, at=PLANTED, **more):
    random = np.random.default_rng(count)
    moved = random.integers(-220, 220, (count, 2))
    return [
        offence(f"{prefix}{n}", (at[0] + int(x), at[1] + int(y)), street="High Street", **more) for n, (x, y) in enumerate(moved)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """300 offences anywhere, 120 in one place of Westley, and one month after another of both."""
    rows = scattered(300, 1) + heap(120, "h")
    for month in range(1, 13):
        when = f"2024-{month:02d}-10 12:00"
        rows += scattered(60, 20 + month, f"r{month}-", committed=when, kind="Theft from a vehicle")
        rows += heap(40 if month < 12 else 0, f"v{month}-", committed=when, kind="Theft from a vehicle")
        rows += heap(40 if month == 12 else 0, f"w{month}-", (406_300, 292_600), committed=when, kind="Theft from a vehicle")
    return small_store(tmp_path_factory.mktemp("clusters"), rows)


@pytest.fixture(scope="module")
def found(store):
    @lru_cache(maxsize=8)
    def find(settings=SETTINGS, **limits):
        return gi_finding(store.path, selection(**limits), settings, scope=EVERYTHING, progress=silent)

    return find


def test_the_planted_place_is_the_one_cluster_and_bears_its_name(found):
    finding = found()
    first = finding.clusters[0]
    assert np.hypot(first.x - PLANTED[0], first.y - PLANTED[1]) < 300
    assert "High Street" in first.name
    assert 120 <= first.count <= 140
    assert finding.held == first.count
    assert finding.total == 420
    assert finding.headline.startswith("One cluster holds 29% of burglaries") or finding.headline.startswith(
        "One cluster holds 3"
    )
    assert len(finding.headline) <= 80


def test_the_words_state_n_the_family_and_the_null_hypothesis(found):
    finding = found()
    tested = int(finding.result.tested.sum())
    assert f"{tested:,} of {len(finding.units):,} hexagons of 250 m, those with any recorded offence" in finding.null
    assert "Benjamini–Hochberg, q < 0.05" in finding.null
    assert "within 500 m, by 19,999 permutations (seed 1)" in finding.null
    assert finding.null.endswith(
        "Null hypothesis: the counts lie among these cells in any order. This tells clustering of counts, not risk."
    )
    assert "significant" not in " ".join([finding.headline, finding.subline, finding.null, *finding.notes])


def test_every_cell_or_those_with_any_offence_are_tested(found):
    used, everything = found(), found(ClusterSettings(cell_size=250.0, permutations=999, cells=ALL))
    assert everything.result.n == len(everything.units)
    assert used.result.n < everything.result.n
    assert everything.null.startswith(f"All {len(everything.units):,} hexagons")


def test_cells_with_an_offence_of_another_type_count_as_used(store, found):
    finding = found()
    vehicle = select(store, selection("Vehicle crime", period=Period(date(2023, 12, 1), date(2024, 10, 1))), scope=EVERYTHING)
    unit = finding.units.unit_of(vehicle.located_inside["x"], vehicle.located_inside["y"])
    assert finding.result.tested[unit[unit >= 0]].all()


def test_one_area_is_an_island_of_cells(found):
    finding = found(area=WEST)
    assert shapely.union_all(finding.units.geometry, grid_size=0.01).difference(LPAS[WEST].buffer(0.1)).area < 1
    assert found(area=EAST).clusters == ()
    assert found(area=EAST).headline == "No cluster of burglaries stands out from chance"


def test_squares_find_the_same_place(found):
    first = found(ClusterSettings("squares", 250.0, 375.0, permutations=19_999)).clusters[0]
    assert np.hypot(first.x - PLANTED[0], first.y - PLANTED[1]) < 400


def test_the_normal_curve_and_too_few_permutations_earn_a_note(found):
    assert any("normal curve" in note for note in found(ClusterSettings(cell_size=250.0, permutations=0)).notes)
    assert any(
        "unless" in note and "take more" in note for note in found(ClusterSettings(cell_size=250.0, permutations=99)).notes
    )
    assert found(ClusterSettings(cell_size=250.0, permutations=99_999)).notes == ()


def test_too_few_permutations_are_no_finding_of_no_cluster(found):
    said = found(ClusterSettings(cell_size=250.0, permutations=99)).headline
    assert said == "99 permutations are too few to say where burglaries cluster"


def test_no_offence_and_one_offence_end_in_a_sentence(found):
    empty = found(crime_type="Robbery")
    assert empty.headline == "No robberies in this selection"
    assert empty.clusters == ()
    beyond = found(period=Period(date(2031, 1, 1), date(2031, 2, 1)))
    assert any("lies outside them" in note for note in beyond.notes)


def test_one_offence_is_no_cluster(tmp_path):
    store = small_store(tmp_path, [offence("a")])
    finding = gi_finding(store.path, selection(), SETTINGS, scope=EVERYTHING, progress=silent)
    assert finding.result.n == 1
    assert finding.headline == "No cluster of burglaries stands out from chance"


def test_without_boundaries_only_used_cells_are_tested_and_a_note_says_so(tmp_path):
    store = small_store(tmp_path, scattered(60, 3) + heap(40, "h"), lpas=None)
    wanted = ClusterSettings(cell_size=250.0, permutations=999, cells=ALL)
    finding = gi_finding(store.path, selection(), wanted, scope=EVERYTHING, progress=silent)
    assert finding.result.n < len(finding.units)
    assert any("No boundaries are loaded" in note for note in finding.notes)
    assert finding.clusters


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"shape": "circles"}, "circles"),
        ({"cells": "some"}, "some"),
        ({"cell_size": 5.0}, "25 and 10,000"),
        ({"distance": 100.0}, "250 to 1,250"),
        ({"distance": 2_000.0}, "250 to 1,250"),
        ({"permutations": 5}, "0, or 99"),
        ({"seed": -1}, "seed"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_what_can(wrong, words):
    with pytest.raises(BadInput, match=words):
        ClusterSettings(**wrong)


def test_too_many_cells_are_refused_with_their_number(store):
    selected = select(store, selection(), scope=EVERYTHING)
    assert len(units_of(selected, ClusterSettings(cell_size=100.0))) > 3_000
    with pytest.raises(BadInput, match="Choose a larger cell size"):
        units_of(replace(selected, area=shapely.box(0, 0, 500_000, 500_000)), SETTINGS)


def test_snapped_data_begin_with_wider_cells_and_say_what_snapping_does(store):
    facts = store.facts("Extract", "Testshire", scope=EVERYTHING)
    assert usual_cell_size(facts) == 250
    snapped = replace(facts, location_precision="snapped")
    assert usual_cell_size(snapped) == 500
    selected = replace(select(store, selection(), scope=EVERYTHING), facts=snapped)
    assert "under 300 m show the snapping" in clusters_words.notes(selected, SETTINGS, 100)[0]
    assert "not its edge" in clusters_words.notes(selected, ClusterSettings(cell_size=500.0), 100)[0]


def test_the_public_is_told_no_figure_that_gives_a_small_count_away(tmp_path):
    store = small_store(tmp_path, scattered(3, 3) + heap(80, "h"))
    wanted = ClusterSettings(cell_size=250.0, cells=ALL, permutations=19_999)
    finding = gi_finding(store.path, selection(), wanted, scope=EVERYTHING, progress=silent)
    selected = select(store, selection(), scope=EVERYTHING)
    assert 0 < finding.total - finding.held < 5
    assert clusters_give_away(finding, selected)
    assert told_of_clusters(finding, selected, audience=PUBLIC)[1] == COUNTS_HIDDEN
    assert told_of_clusters(finding, selected, audience=FORCE) == (finding.headline, finding.subline)


def test_emerging_hotspots_of_a_year_are_told_by_their_history(store):
    vehicle = selection("Vehicle crime", period=YEAR)
    finding = emerging_finding(store.path, vehicle, SETTINGS, 1, scope=EVERYTHING, progress=silent)
    told = {one.category: one for one in finding.clusters}
    assert set(told) == {"new", "historical"}
    assert np.hypot(told["new"].x - 406_300, told["new"].y - 292_600) < 500
    assert np.hypot(told["historical"].x - PLANTED[0], told["historical"].y - PLANTED[1]) < 500
    assert told["new"].times_hot == 1
    assert finding.headline == "Hotspots of vehicle crime offences: 1 new"
    assert "12 time slices of one month, January to December 2024" in finding.subline
    assert "in the same slice" in finding.null
    assert finding.result.counts.sum() == 12 * 60 + 12 * 40


def test_six_months_are_too_few_slices(store):
    with pytest.raises(NotKnowable, match="There are 6 time slices"):
        emerging_finding(store.path, selection(), SETTINGS, 1, scope=EVERYTHING, progress=silent)


def test_an_empty_month_is_named():
    slices = slices_of(YEAR, 1)
    result = type("Result", (), {"counts": np.where(np.arange(12) == 3, 0.0, 2.0)[None, :]})()
    assert clusters_words.empty_slices(result, slices) == ("No offence at all in April 2024: perhaps the data lack it.",)


def test_slices_are_counted_back_from_the_end_and_only_whole_months_count():
    ragged = Period(date(2024, 1, 15), date(2024, 12, 20))
    assert [one.iso for one in slices_of(ragged, 4)] == ["2024-04-01..2024-08-01", "2024-08-01..2024-12-01"]
    assert len(slices_of(ragged, 1)) == 10
    assert slices_of(Period(date(2024, 1, 5), date(2024, 1, 20)), 1) == ()
    with pytest.raises(BadInput, match="one month or more"):
        slices_of(ragged, 0)


@pytest.mark.parametrize("months, usual", [(36, 3), (30, 3), (29, 2), (20, 2), (19, 1), (2, 1)])
def test_slices_are_as_long_as_leaves_ten(months, usual):
    first = date(2020, 1, 1)
    assert usual_slice(Period(first, add_months(first, months))) == usual


def test_the_page_looks_back_three_years_at_most(store):
    facts = store.facts("Extract", "Testshire", scope=EVERYTHING)
    past = past_of(selection(), facts)
    assert past.period == Period(facts.first_day, PERIOD.end)


def test_a_long_list_of_categories_still_fits_the_headline(store):
    selected = select(store, selection("Theft from a vehicle", period=YEAR), scope=EVERYTHING)
    many = {"new": 12, "consecutive": 3, "intensifying": 40, "persistent": 22, "sporadic": 107, "historical": 9}
    said = clusters_words.emerging_headline(selected, many)
    assert said == "Hotspots of thefts from vehicles: 40 intensifying, 22 persistent and 107 sporadic"[: len(said)]
    assert len(said) <= 80


def test_the_map_colours_verdicts_and_leaves_untested_cells_free(store, found):
    finding = found()
    context = context_of(store, source="Extract", force="Testshire", scope=EVERYTHING)
    scene = cluster_scenes.gi_scene(finding, select(store, selection(), scope=EVERYTHING), context)
    x, y = scene.raster.grid.centres("EPSG:27700")
    unit = finding.units.unit_of(x, y)
    shown = np.where(unit >= 0, finding.result.verdict[unit] + 2, 0) * finding.result.tested[unit]
    inside = scene.raster.bands > 0
    assert (scene.raster.bands[inside] == shown[inside]).all()
    assert scene.raster.colours[HIGH + 2][:3] == palette.rgb(palette.CLUSTERED)
    assert len(scene.hotspots) == len(finding.clusters)
    assert len(scene.raster.png) < 100_000
    assert [key.word for key in cluster_scenes.gi_legend(finding).keys][-1].startswith("not tested")


def test_the_map_of_emerging_hotspots_has_a_key_for_each_category_on_it(store):
    vehicle = selection("Vehicle crime", period=YEAR)
    finding = emerging_finding(store.path, vehicle, SETTINGS, 1, scope=EVERYTHING, progress=silent)
    context = context_of(store, source="Extract", force="Testshire", scope=EVERYTHING)
    scene = cluster_scenes.emerging_scene(finding, select(store, vehicle, scope=EVERYTHING), context)
    words = {key.word for key in cluster_scenes.emerging_legend(finding).keys}
    assert words == set(finding.result.category) - {"none"}
    assert len(np.unique(scene.raster.bands)) == len(words) + 1


@pytest.mark.parametrize(
    "rates, breaks",
    [((5.0, 13.0), (4, 6, 8, 10, 12)), ((0.0, 8.2), (0, 2, 4, 6, 8)), ((3.0,), (3.0,)), ((), (0.0,)), ((0.0, 0.0), (0.0,))],
)
def test_bands_of_rates_are_round_and_hold_every_rate(rates, breaks):
    assert cluster_scenes.rate_breaks(rates) == pytest.approx(breaks)


def test_real_months_of_police_uk_give_a_true_result_or_say_why_not(shared_data, tmp_path):
    from hotspot.boundaries.force_file import load_force
    from hotspot.offences.load import import_sources
    from hotspot.paths import ROOT
    from hotspot.selection import MONTH, Selection

    files = sorted(shared_data.rglob("2014-0*-west-midlands-street.csv"))
    if not files:
        pytest.skip("no police.uk month of the West Midlands there")
    store = tmp_path / "store"
    force = load_force(ROOT / "data" / "forces" / "west-midlands.toml")
    import_sources(files[:2], store=store, forces=[force], today=date(2026, 1, 1))
    period = Period(date(2014, 1, 1), date(2014, 3, 1))
    chosen = Selection("police.uk", "West Midlands", "Burglary", period, MONTH)
    finding = gi_finding(store, chosen, ClusterSettings(cell_size=500.0, permutations=9_999), scope=EVERYTHING, progress=silent)
    assert finding.clusters
    assert any("snapped" in note for note in finding.notes)
    with pytest.raises(NotKnowable, match="2 time slices"):
        emerging_finding(store, chosen, SETTINGS, 1, scope=EVERYTHING, progress=silent)
