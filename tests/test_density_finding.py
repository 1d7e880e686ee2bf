"""Density and hotspots of a selection: the picture is cropped, never the data."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from small_store import BEYOND, EAST, WEST, offence, selection, several, small_store

from hotspot.errors import BadInput
from hotspot.findings import density as findings
from hotspot.findings.density import DensitySettings, density_finding, edge_mass, grid_of
from hotspot.findings.selected import select
from hotspot.geography import OUTSIDE, DrawnArea
from hotspot.methods.density import GAUSSIAN, QUARTIC, equal_variance, kernel_sum
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period

SETTINGS = DensitySettings(bandwidth=600, cell_size=100)
BORDER = 404_000


def scattered():
    """60 offences around the border of the two LPAs, six near the edge of the force, and clusters of 12 and 7."""
    random = np.random.default_rng(7)
    places = np.column_stack([random.normal(BORDER, 500, 60), random.normal(292_000, 500, 60)])
    rows = [offence(f"s{number}", (round(x), round(y))) for number, (x, y) in enumerate(places)]
    rows += several(12, "a", (401_050, 291_050), street="High Street") + several(7, "b", (407_050, 293_050))
    return [
        *rows,
        *several(6, "edge", (400_050, 292_050)),
        *several(4, "out", BEYOND),
        offence("n", None),
        offence("w", None, lpa=WEST),
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("density"), scattered())


def chosen(store, **limits):
    return select(store, selection(**limits), scope=EVERYTHING)


def find(store, settings=SETTINGS, **limits):
    return density_finding(chosen(store, **limits), settings)


def exact(finding):
    """The slow and obvious version: a kernel over every offence of the force at every cell, nothing corrected."""
    grid, located = finding.surface.grid, finding.selected.located
    x, y = np.meshgrid(grid.x, grid.y)
    values = kernel_sum(
        located["x"].to_numpy(float), located["y"].to_numpy(float), at_x=x.ravel(), at_y=y.ravel(),
        bandwidth=finding.settings.bandwidth, kernel=finding.settings.kernel,
    )  # fmt: skip
    return values.reshape(grid.shape)


def test_choosing_an_lpa_crops_the_picture_and_not_the_data(store):
    whole, west = find(store), find(store, area=WEST)
    rows, columns = west.surface.grid.shape
    assert west.surface.grid.bounds == (400_000, 290_000, 404_000, 294_000)
    assert west.surface.values == pytest.approx(whole.surface.values[:rows, :columns], rel=1e-9, abs=1e-9)


def test_offences_beyond_the_border_are_used_and_not_counted(store):
    west = find(store, area=WEST)
    inside = west.selected.located_inside
    assert len(west.selected.located) == 60 + 12 + 7 + 6 + 4
    assert west.ranking.total == len(inside) == west.selected.count - 1
    assert (inside["x"] < BORDER).all()
    # Along the border, 600 m from the limit of the data in the north and south, nothing is corrected.
    along = west.surface.values[:, -1]
    assert along[6:-6] == pytest.approx(exact(west)[6:-6, -1], rel=1e-9)
    only_own = kernel_sum(
        inside["x"].to_numpy(float), inside["y"].to_numpy(float), at_x=np.array([403_950.0]), at_y=np.array([292_050.0]),
        bandwidth=600, kernel=QUARTIC,
    )  # fmt: skip
    assert along[19] > 1.2 * only_own[0]


def test_edges_are_corrected_at_the_limit_of_the_data_alone(store):
    west = find(store, area=WEST)
    plain = find(store, replace(SETTINGS, edge_correction="none"), area=WEST)
    mass = edge_mass(west.selected, SETTINGS)
    grid = west.surface.grid
    x, y = np.meshgrid(grid.x, grid.y)
    # 600 m from the force's edge no mass is lost, also where the border between the LPAs is nearer.
    deep = (x > 400_700) & (y > 290_700) & (y < 293_300)
    assert mass[deep] == pytest.approx(1)
    assert west.surface.values[deep] == pytest.approx(plain.surface.values[deep], rel=1e-9)
    edge = (x < 400_100) & (y > 291_900) & (y < 292_100)
    assert (west.surface.values[edge] > 1.5 * plain.surface.values[edge]).all()
    assert (west.surface.edge_corrected, plain.surface.edge_corrected) == (True, False)
    assert plain.surface.values == pytest.approx(exact(plain), rel=1e-9, abs=1e-9)


def test_a_mass_kept_from_another_period_gives_the_same_surface(store):
    selected = chosen(store, area=EAST)
    kept = density_finding(selected, SETTINGS, mass=edge_mass(selected, SETTINGS))
    assert np.array_equal(kept.surface.values, find(store, area=EAST).surface.values)


def test_hotspots_hold_five_or_more_and_the_words_say_their_figures(store):
    finding = find(store, replace(SETTINGS, bandwidth=300, area_share=0.02))
    ranking = finding.ranking
    counts = [hotspot.count for hotspot in ranking.hotspots]
    assert len(counts) == len(finding.names) >= 2
    assert min(counts) >= 5
    assert counts == sorted(counts, reverse=True)
    for hotspot in ranking.hotspots:
        located = finding.selected.located_inside
        assert shapely.intersects_xy(hotspot.geometry, located["x"], located["y"]).sum() == hotspot.count
    held, total = round(sum(counts)), 60 + 12 + 7 + 6 + 4
    assert ranking.total == total
    covered = sum(hotspot.geometry.area for hotspot in ranking.hotspots) / 1e6
    numbers = ["no", "one", "two", "three", "four", "five", "six"]
    assert f" of the area holds {100 * held / total:.0f}% of burglaries, in {numbers[len(counts)]} hotspots" in finding.headline
    assert finding.headline.split("%")[0] == f"{100 * covered / 32:.1f}".removesuffix(".0")
    where = f"{len(counts)} hotspots covering {covered:.1f} of 32 km²"
    assert finding.subline.startswith(f"{held} of {total} offences with a location lie in {where}")
    assert len(finding.headline) <= 80


def test_a_hotspot_is_named_with_its_most_frequent_street(tmp_path):
    finding = find(small_store(tmp_path, several(8, "a", street="Mill Lane")))
    assert len(finding.names) == 1
    assert finding.names[0].endswith("around Mill Lane")


def test_a_gaussian_of_equal_variance_gives_about_the_same_picture(store):
    sigma = equal_variance(600, source=QUARTIC, target=GAUSSIAN)
    assert sigma == pytest.approx(600 / 8**0.5)
    quartic = find(store)
    gaussian = find(store, replace(SETTINGS, bandwidth=sigma, kernel=GAUSSIAN))
    assert np.corrcoef(quartic.surface.values.ravel(), gaussian.surface.values.ravel())[0, 1] > 0.97
    assert gaussian.surface.values.max() == pytest.approx(quartic.surface.values.max(), rel=0.35)
    assert gaussian.surface.values.sum() == pytest.approx(quartic.surface.values.sum(), rel=0.03)


def test_shares_of_offences_weigh_the_surface(tmp_path):
    # From 12:00 to 14:00: half of it between 12:00 and 13:00.
    store = small_store(tmp_path, several(20, "a", committed="2024-05-01 12:00", to="2024-05-01 14:00"))
    half, whole = find(store, hours=(12, 13)), find(store)
    assert half.selected.count == pytest.approx(10)
    assert half.surface.values == pytest.approx(whole.surface.values / 2)
    assert half.ranking.hotspots[0].count == pytest.approx(10)


def test_an_empty_selection_is_a_sentence(store):
    finding = find(store, crime_type="Drugs")
    assert finding.headline == "No drugs offences in this selection"
    assert (finding.ranking.hotspots, finding.names, finding.surface.values.max()) == ((), (), 0)
    assert finding.subline.startswith("0 drugs offences")


def test_one_offence_is_no_hotspot(tmp_path):
    finding = find(small_store(tmp_path, [offence(1)]))
    assert finding.headline == "No hotspot of 5 or more burglaries stands out"
    assert finding.subline == "1 burglary in the selection."
    # A quartic kernel is 3/(πh²) at its centre; the nearest cell centres lie 50·√2 m away.
    peak = 3 / (np.pi * 0.6**2) * (1 - 5_000 / 600**2) ** 2
    assert finding.surface.values.max() == pytest.approx(peak)


def test_offences_without_a_location_alone_give_an_empty_picture(tmp_path):
    finding = find(small_store(tmp_path, several(9, "n", None)))
    assert finding.selected.count == 9
    assert finding.headline == "No hotspot of 5 or more burglaries stands out"


def test_all_offences_at_one_point_are_one_hotspot(tmp_path):
    finding = find(small_store(tmp_path, several(50, "a", (402_050, 292_050))))
    (hotspot,) = finding.ranking.hotspots
    assert (hotspot.count, hotspot.x, hotspot.y) == (50, 402_050, 292_050)
    assert "holds 100% of burglaries, in one hotspot" in finding.headline


def test_without_boundaries_the_grid_covers_the_offences_and_nothing_is_corrected(tmp_path):
    store = small_store(tmp_path, scattered(), lpas=None)
    finding = find(store)
    located = finding.selected.located
    west, south, east, north = finding.surface.grid.bounds
    assert (located["x"] - 600 > west).all() and (located["x"] + 600 < east).all()
    assert (located["y"] - 600 > south).all() and (located["y"] + 600 < north).all()
    assert finding.surface.values.sum() * 0.01 == pytest.approx(len(located), rel=0.01)
    assert any("no edge correction" in note for note in finding.notes)
    assert not finding.surface.edge_corrected
    assert find(store, crime_type="Drugs").surface.grid.bounds == (395_000, 285_000, 415_000, 299_000)


def test_a_drawn_area_and_what_lies_outside_have_a_picture(store):
    ring = ((403_000, 291_000), (405_000, 291_000), (405_000, 293_000), (403_000, 293_000))
    drawn = find(store, drawn=DrawnArea("Border", ring))
    assert drawn.surface.grid.bounds == (403_000, 291_000, 405_000, 293_000)
    assert drawn.ranking.area_km2 == pytest.approx(4)
    assert drawn.surface.values == pytest.approx(exact(drawn), rel=1e-9)
    assert find(store, area=OUTSIDE).selected.count == 4


def test_too_many_cells_are_refused(store, monkeypatch):
    selected = chosen(store, area=WEST)
    assert grid_of(selected, 2).shape == (2_000, 2_000)
    with pytest.raises(BadInput, match=r"Cells of 1 m .* 16,000,000 of them, more than 4,000,000. Choose a larger"):
        grid_of(selected, 1)
    with pytest.raises(BadInput, match="larger cell size"):
        find(store, replace(SETTINGS, cell_size=0.5))


def test_all_faults_of_the_settings_are_told_at_once():
    with pytest.raises(BadInput) as refusal:
        DensitySettings(bandwidth=0, cell_size=-1, kernel="cone", area_share=2)
    assert len(refusal.value.faults) == 4


def test_cautions_concern_the_settings(store):
    assert find(store).notes == ()
    assert any("coarse" in note for note in find(store, replace(SETTINGS, cell_size=300)).notes)
    snapped = chosen(store)
    snapped = replace(snapped, facts=replace(snapped.facts, location_precision="snapped"))
    warned = findings.notes_of(snapped, replace(SETTINGS, bandwidth=250))
    assert any("snapped to streets" in note for note in warned)
    # As a gaussian's standard deviation 110 m reach as far as a quartic kernel of 311 m.
    assert not any("snapped" in note for note in findings.notes_of(snapped, replace(SETTINGS, bandwidth=110, kernel=GAUSSIAN)))


def test_a_period_outside_the_data_is_said_to_lie_outside_them(store):
    notes = find(store, period=Period.parse("2019-01-01..2019-02-01")).notes
    assert any("lies outside" in note for note in notes)
