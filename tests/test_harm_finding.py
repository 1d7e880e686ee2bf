"""Hotspots by harm: what is weighed, what has no weight, and that harm is never mixed up with counts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from small_store import offence, selection, several, small_store

from hotspot.errors import NotKnowable
from hotspot.findings.audience import FORCE, PUBLIC, notes_on_density
from hotspot.findings.density import DensitySettings, density_finding, method_words
from hotspot.findings.harm import COLUMNS
from hotspot.findings.selected import select
from hotspot.maps.scenes import legend_title
from hotspot.methods.density import density
from hotspot.offences.store import EVERYTHING
from hotspot.offences.weights import HarmTable, HarmWeight

HOMES, SHOPS = (401_050, 291_050), (406_050, 292_050)
PLAIN = DensitySettings(bandwidth=600, cell_size=100, area_share=0.05)
TABLE = HarmTable("Trial", (HarmWeight("Residential burglary", 10, date(2020, 4, 1), "Paper"),), "trial.csv")
BOTH = replace(TABLE, weights=(*TABLE.weights, HarmWeight("Business and community burglary", 1, date(2020, 4, 1), "Paper")))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = several(6, "h", HOMES) + several(20, "s", SHOPS, kind="Business burglary")
    rows += [offence("nowhere", None), offence("shop", None, kind="Business burglary")]
    return small_store(tmp_path_factory.mktemp("harm"), rows)


def find(store, table=TABLE, **limits):
    selected = select(store, selection(**limits), scope=EVERYTHING, extra_columns=COLUMNS)
    return density_finding(selected, replace(PLAIN, weights=table))


def test_six_homes_outweigh_twenty_shops(store):
    finding = find(store, BOTH)
    first, second = finding.ranking.hotspots
    assert (first.count, first.harm, first.share) == (6, 60, 60 / 80)
    assert (second.count, second.harm, second.share) == (20, 20, 20 / 80)
    assert (finding.ranking.harm_total, finding.ranking.harm_held, finding.ranking.share) == (80, 80, 1)
    assert (finding.ranking.total, finding.ranking.held) == (26, 26)
    assert "100% of the harm of burglaries" in finding.headline
    assert finding.subline.endswith("Their harm: 80 of 80.")
    counted = density_finding(select(store, selection(), scope=EVERYTHING), PLAIN)
    assert [hotspot.count for hotspot in counted.ranking.hotspots] == [20, 6]
    assert np.isnan([counted.ranking.harm_total, counted.ranking.hotspots[0].harm]).all()


def test_the_surface_is_that_of_weighted_offences(store):
    finding = find(store, BOTH)
    located = finding.selected.located
    weight = np.where(located["crime_type"] == "Residential burglary", 10.0, 1.0)
    x, y = located["x"].to_numpy(float), located["y"].to_numpy(float)
    expected = density(x, y, grid=finding.surface.grid, bandwidth=600, kernel="quartic", weight=weight)
    inside = finding.surface.values[10:30, 15:60]
    np.testing.assert_allclose(inside, expected.values[10:30, 15:60], rtol=1e-9, atol=1e-9)


def test_types_without_a_weight_are_counted_and_said_and_have_no_part(store):
    finding = find(store)
    assert finding.harm.without_weight == {"Business and community burglary": 21}
    assert finding.notes[-1] == (
        "21 offences have no weight in Trial, and so no part in the surface: Business and community burglary 21."
    )
    assert [hotspot.count for hotspot in finding.ranking.hotspots] == [6]
    assert finding.surface.weight_total == 60
    told = notes_on_density(finding, audience=PUBLIC)
    assert "21" not in "".join(told) and "Some offences have no weight" in told[-1]
    assert notes_on_density(finding, audience=FORCE) == finding.notes


def test_a_table_without_a_weight_for_any_offence_is_refused_with_the_reason(store):
    drugs = replace(TABLE, weights=(HarmWeight("Drugs", 1, date(2020, 4, 1), "Paper"),))
    with pytest.raises(NotKnowable, match="names neither their crime types nor their codes"):
        find(store, drugs)
    late = replace(TABLE, weights=(HarmWeight("Burglary", 1, date(2025, 4, 1), "Paper"),))
    with pytest.raises(NotKnowable, match="valid from 1 April 2025, after these offences"):
        find(store, late)


def test_an_empty_selection_is_no_refusal(store):
    finding = find(store, crime_type="Robbery")
    assert finding.headline == "No robberies in this selection"
    assert not finding.surface.values.any()


def test_unit_and_table_stand_in_legend_and_method(store):
    finding = find(store)
    assert legend_title(selection(), TABLE) == "Harm per km², six months. Trial, valid from 1 April 2020"
    words = method_words(finding.surface, weights=TABLE)
    assert words.endswith("Weighted by harm: Trial, valid from 1 April 2020 (Paper).")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (PLAIN, "Quartic kernel, radius 600 m, cells of 100 m, uniform edge correction at the limit of the data."),
        (replace(PLAIN, edge_correction="none"), "Quartic kernel, radius 600 m, cells of 100 m, no edge correction."),
        (
            replace(PLAIN, kernel="epanechnikov", edge_correction="diggle"),
            "Epanechnikov kernel, radius 600 m, cells of 100 m, Diggle's edge correction at the limit of the data.",
        ),
        (replace(PLAIN, kernel="gaussian"), "Gaussian kernel, standard deviation 600 m"),
        (replace(PLAIN, adaptive=True), "radius 600 m at average density, adaptive by Abramson's rule ("),
    ],
)
def test_the_method_is_said_in_full(store, settings, said):
    finding = density_finding(select(store, selection(), scope=EVERYTHING), settings)
    assert said in method_words(finding.surface)
