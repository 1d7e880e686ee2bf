"""Findings made into layers and pictures: bands, scales and marks."""

from dataclasses import replace

import numpy as np
import pytest
from small_store import BEFORE, BEYOND, EAST, FORCE, IN_EAST, PERIOD, SOURCE, WEST, offence, selection, several, small_store

from hotspot.findings.audience import COUNTS_HIDDEN
from hotspot.findings.compare import compare_finding, map_of_change
from hotspot.findings.density import DensityFinding, DensitySettings, density_finding
from hotspot.findings.selected import SelectedOffences, select
from hotspot.geography import OUTSIDE, DrawnArea
from hotspot.maps import scenes
from hotspot.maps.raster import breaks_for
from hotspot.maps.scenes import CompareView, DensityView
from hotspot.methods.density import kernel_sum
from hotspot.offences.store import EVERYTHING, Store
from hotspot.period import Period

EARLIER = "2023-05-01 12:00"
DATA = [
    *several(30, "a", (401_050, 291_050)),
    *several(9, "b", (402_550, 292_550)),
    *several(12, "c", (401_050, 291_050), EARLIER),
    *several(40, "d", IN_EAST),
    *several(40, "e", IN_EAST, EARLIER),
    *several(3, "f", BEYOND),
    offence("n", None),
]
SETTINGS = DensitySettings(bandwidth=500, cell_size=100)
RING = ((403_000, 291_000), (405_000, 291_000), (405_000, 293_000), (403_000, 293_000))


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return small_store(tmp_path_factory.mktemp("scenes"), DATA)


@pytest.fixture(autouse=True, scope="module")
def small_pictures():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenes, "PICTURE_SIZE", (640, 480))
        yield


def chosen(store: Store, **limits) -> SelectedOffences:
    return select(store, selection(**limits), scope=EVERYTHING)


def context(store: Store) -> scenes.MapContext:
    return scenes.context_of(store, source=SOURCE, force=FORCE, scope=EVERYTHING)


def density(store: Store, settings: DensitySettings = SETTINGS, **limits) -> DensityFinding:
    return density_finding(chosen(store, **limits), settings)


def view(store: Store, **limits) -> DensityView:
    finding = density(store, **limits)
    return DensityView(finding, context(store), scenes.breaks_of(finding.surface, finding.selected))


def compared(store: Store, *, period: Period = PERIOD, **limits) -> CompareView:
    now, before = (chosen(store, period=one, **limits) for one in (period, BEFORE))
    surfaces = [density_finding(one, SETTINGS).surface for one in (now, before)]
    return scenes.compare_view(
        now, context(store), now=surfaces[0], before=surfaces[1], days=period.days, baseline_days=BEFORE.days,
        change=map_of_change(now, before),
    )  # fmt: skip


def with_facts(shown: DensityView, **facts) -> DensityView:
    selected = shown.finding.selected
    selected = replace(selected, facts=replace(selected.facts, **facts))
    return replace(shown, finding=replace(shown.finding, selected=selected))


def test_what_lies_under_a_map_is_the_lpas_their_places_and_the_built_up_tone(store):
    ground = context(store)
    assert [outline.name for outline in ground.lpas] == [WEST, EAST]
    # The squares are invented, so no place of the list belongs to them.
    assert (ground.crs, ground.places) == ("EPSG:27700", ())
    assert ground.built_up is not None


def test_the_built_up_tone_is_told_by_the_newest_months_that_hold_enough(tmp_path, monkeypatch):
    newest_alone = small_store(tmp_path, [row for row in DATA if row["From"] != EARLIER])
    old_town = [offence(n, (401_000 + 100 * (n % 10), 292_500 + 100 * (n // 10)), "2021-05-01 12:00") for n in range(100)]
    longer = small_store(tmp_path / "longer", [*DATA, *old_town])
    monkeypatch.setattr(scenes, "ENOUGH_FOR_GROUND", 80)
    assert context(longer).built_up.png == context(newest_alone).built_up.png
    monkeypatch.setattr(scenes, "ENOUGH_FOR_GROUND", 10_000)
    assert context(longer).built_up.png != context(newest_alone).built_up.png


def test_an_lpa_is_in_focus_and_any_other_area_is_drawn(store):
    west = scenes.base_scene(context(store), chosen(store, area=WEST))
    assert (west.focus, west.drawn) == (WEST, None)
    drawn = scenes.base_scene(context(store), chosen(store, drawn=DrawnArea("Market", RING)))
    assert (drawn.focus, drawn.drawn.name) == (None, "Market")
    assert drawn.drawn.geometry.bounds == (403_000, 291_000, 405_000, 293_000)


def test_without_boundaries_the_view_is_that_of_the_offences(tmp_path):
    store = small_store(tmp_path, DATA, lpas=None)
    scene = scenes.base_scene(context(store), chosen(store))
    assert scene.view == (401_050, 291_050, 409_000, 292_550)
    assert scenes.density_picture(view(store)).startswith(b"\x89PNG")
    shown = compared(store)
    assert shown.change is None
    # The offences of the earlier period reach less far: both lie on the grid that holds them all.
    assert shown.now.grid == shown.before.grid
    located = chosen(store, period=BEFORE).located
    near = {"at_x": np.array([401_150.0]), "at_y": np.array([291_150.0]), "bandwidth": 500, "kernel": "quartic"}
    expected = kernel_sum(located["x"].to_numpy(float), located["y"].to_numpy(float), **near)[0] * 30 / 183
    row, column, _ = shown.before.grid.cell_of([401_150], [291_150])
    assert shown.before.values[row[0], column[0]] == pytest.approx(expected)
    finding = compare_finding(chosen(store), chosen(store, period=BEFORE))
    assert scenes.change_picture(shown, finding).startswith(b"\x89PNG")


def test_bands_are_those_of_the_cells_in_the_chosen_area(store):
    drawn = density(store, drawn=DrawnArea("Triangle", RING[:3]))
    grid, values = drawn.surface.grid, drawn.surface.values
    x, y = np.meshgrid(grid.x, grid.y)
    below_the_diagonal = x - 403_000 > y - 291_000
    assert scenes.breaks_of(drawn.surface, drawn.selected) == breaks_for(values[below_the_diagonal])
    assert len(scenes.breaks_of(drawn.surface, drawn.selected)) == 6


def test_hotspots_carry_their_rank_name_and_count(store):
    shown = view(store)
    badges = shown.with_hotspots(chosen=1).hotspots
    found = shown.finding.ranking.hotspots
    assert [(badge.rank, badge.count) for badge in badges] == [(one.rank, one.count) for one in found]
    assert badges[0].count == 40
    assert shown.surface_only.hotspots == ()
    assert shown.with_hotspots(chosen=1).chosen == 1


def test_offences_are_on_the_map_on_demand_and_those_of_the_area_alone(store):
    shown = view(store, area=WEST)
    assert shown.with_hotspots().points is None
    assert len(shown.with_hotspots(show_points=True).points.x) == 30 + 9


def test_two_periods_are_compared_per_30_days(store):
    period = Period(PERIOD.start, PERIOD.start.replace(month=7))
    shown = compared(store, period=period)
    east = [surface.values.max() for surface in (shown.now, shown.before)]
    # 40 offences each, in 91 and in 183 days.
    assert east[0] / east[1] == pytest.approx(183 / 91)
    plain = density(store, period=period).surface
    assert shown.now.values == pytest.approx(plain.values * 30 / 91)


def test_both_periods_share_one_scale_and_the_difference_is_symmetric(store):
    shown = compared(store)
    largest = np.maximum(shown.now.values, shown.before.values)
    assert shown.breaks == breaks_for(largest)
    step = shown.breaks[1] - shown.breaks[0]
    assert shown.difference_breaks == (-step, -step / 2, step / 2, step)
    earlier, later = shown.sides
    assert earlier.raster.colours == later.raster.colours
    # Nothing changed in the east: the same bands. In the west there are more.
    assert later.raster.bands.astype(int).sum() > earlier.raster.bands.astype(int).sum()
    assert shown.swipe.baseline_raster is earlier.raster
    # Bands of a difference: 3 is no change, 4 and 5 are rises.
    bands = shown.difference.raster.bands
    assert set(np.unique(bands)) <= {0, 3, 4, 5}
    assert 5 in bands


def test_an_empty_selection_has_a_picture(store):
    assert scenes.density_picture(view(store, crime_type="Drugs")).startswith(b"\x89PNG")
    shown = compared(store, crime_type="Drugs")
    finding = compare_finding(*(chosen(store, crime_type="Drugs", period=one) for one in (PERIOD, BEFORE)))
    assert scenes.change_picture(shown, finding).startswith(b"\x89PNG")


def test_what_lies_outside_the_lpas_has_a_picture(store):
    assert scenes.density_picture(view(store, area=OUTSIDE)).startswith(b"\x89PNG")


def test_a_picture_is_marked(store):
    shown = view(store)
    plain = scenes.density_picture(shown)
    assert scenes.density_picture(shown) == plain
    for facts in ({"synthetic": True}, {"marking": "OFFICIAL-SENSITIVE"}, {"excluded": {"duplicate reference": 7}}):
        assert scenes.density_picture(with_facts(shown, **facts)) != plain


def test_the_mark_and_licence_reach_the_picture(store, monkeypatch):
    given = {}
    monkeypatch.setattr(scenes, "picture", lambda scene, **said: given.update(said) or b"")
    shown = with_facts(view(store), synthetic=True, excluded={"duplicate reference": 7})
    scenes.density_picture(shown)
    assert given["marking"] == "OFFICIAL"
    assert given["synthetic"] is True
    assert given["licence"] == "Invented squares, free to use."
    assert given["title"] == shown.finding.headline
    assert "Burglary in Testshire, committed 1 April to 30 September 2024. " in given["subline"]
    assert "Quartic kernel, radius 500 m, cells of 100 m" in given["subline"]
    assert given["footer"].startswith(
        "7 rows excluded on import, 1 without a usable location. Source: synthetic demonstration data. Recorded offences only"
    )


def test_a_picture_of_change_says_both_periods(store, monkeypatch):
    given = {}
    monkeypatch.setattr(scenes, "picture", lambda scene, **said: given.update(said) or b"")
    finding = compare_finding(chosen(store), chosen(store, period=BEFORE))
    scenes.change_picture(compared(store), finding)
    assert given["title"] == finding.headline
    assert "1 April to 30 September 2024, against April to September 2023." in given["subline"]


def test_a_picture_for_the_public_says_no_small_count(store, monkeypatch):
    given = {}
    monkeypatch.setattr(scenes, "picture", lambda scene, **said: given.update(said) or b"")
    pair = [chosen(store, period=one, area=OUTSIDE) for one in (PERIOD, BEFORE)]
    finding = compare_finding(*pair, by_area=False)
    scenes.change_picture(compared(store), finding, audience="public")
    assert given["subline"].endswith(COUNTS_HIDDEN)
    whole = compare_finding(chosen(store), chosen(store, period=BEFORE))
    scenes.change_picture(compared(store), whole, audience="public")
    assert "<5 without a usable location" in given["footer"]
    scenes.change_picture(compared(store), whole)
    assert "1 without a usable location" in given["footer"]


def test_legends_say_the_unit(store):
    assert scenes.legend_title(selection()) == "Burglaries per km², six months"
    assert scenes.per_day_title(selection("Vehicle crime")) == "Vehicle crime offences per km² and 30 days"


def test_bands_stay_where_the_bandwidth_changes(store):
    """A view is given its bands: a narrower kernel reaches higher bands of the same scale."""
    breaks = scenes.breaks_of(density(store).surface, chosen(store))
    views = [
        DensityView(density(store, replace(SETTINGS, bandwidth=bandwidth)), context(store), breaks)
        for bandwidth in (300, 500, 900)
    ]
    highest = [int(shown.surface_only.raster.bands.max()) for shown in views]
    assert highest == sorted(highest, reverse=True)
    assert highest[0] == 6 > highest[2]
