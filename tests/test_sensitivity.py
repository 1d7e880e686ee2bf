"""Bandwidth sensitivity: by hand, against the slow way, and on a store from finding to file."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import offence, selection, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.export.files import write_hotspots
from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.selected import select
from hotspot.findings.sensitivity import BOTH, HALF, NEITHER, sensitivity_of, still_words
from hotspot.methods.hotspots import Hotspot, HotspotRanking
from hotspot.methods.sensitivity import STILL, Sensitivity, covered_shares, sensitivity
from hotspot.offences.store import EVERYTHING


def ranking(*shapes):
    hotspots = tuple(
        Hotspot(rank, shape, 9.0, shape.area / 1e6, 0.1, 1.0, 0.0, 0.0) for rank, shape in enumerate(shapes, start=1)
    )
    return HotspotRanking(hotspots, 1.0, 90.0, 1.0, 0.1, 9.0, 0.01, 5)


def test_shares_worked_by_hand():
    """A square of 100 m: 60 of its columns of 1 m lie in the first other hotspot, 20 in a second one, none in a third."""
    one = shapely.box(0, 0, 100, 100)
    half = ranking(shapely.box(40, -50, 100, 150), shapely.box(0, 0, 20, 100), shapely.box(500, 0, 600, 100))
    found = sensitivity(ranking(one), half, ranking(shapely.box(90, 0, 200, 100)))[0]
    assert (found.half_share, found.twice_share) == pytest.approx((0.8, 0.1))
    assert found.at_half is True and found.at_twice is False and still_words(found) == HALF


def test_a_share_of_just_a_third_is_still_a_hotspot():
    assert Sensitivity(1, STILL, STILL).at_half and not Sensitivity(1, STILL - 1e-9, 0.0).at_half
    assert still_words(Sensitivity(1, 0.5, 0.5)) == BOTH and still_words(Sensitivity(1, 0.0, 0.1)) == NEITHER


def test_what_was_not_asked_is_not_answered():
    found = sensitivity(ranking(shapely.box(0, 0, 1, 1)), None, ranking(shapely.box(0, 0, 1, 1)))[0]
    assert math.isnan(found.half_share) and found.at_half is None and found.at_twice is True and still_words(found) == "2×"
    assert still_words(sensitivity(ranking(shapely.box(0, 0, 1, 1)), None, None)[0]) == "–"
    assert sensitivity(ranking(), ranking(), ranking()) == ()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_shares_are_those_of_cells_counted_one_by_one(seed):
    generator = np.random.default_rng(seed)
    here, there = (generator.random((6, 6)) < 0.4 for _ in range(2))

    def patch(cells):
        return shapely.union_all(
            [shapely.box(column, row, column + 1, row + 1) for row, column in zip(*np.nonzero(cells), strict=True)]
        )

    rows = [patch(here & (np.arange(6)[:, None] == row)) for row in range(6) if here[row].any()]
    others = ranking(*(patch(there & (np.arange(6)[None, :] == column)) for column in range(6) if there[:, column].any()))
    slow = [(here & there)[row].sum() / here[row].sum() for row in range(6) if here[row].any()]
    assert covered_shares(rows, others) == pytest.approx(slow)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A large cluster, and one tight pile that a wide kernel levels."""
    generator = np.random.default_rng(2)
    wide = generator.normal((402_000, 292_000), 250, (150, 2)).round()
    pile = generator.normal((406_500, 292_500), 15, (9, 2)).round()
    points = [*wide, *pile]
    return small_store(tmp_path_factory.mktemp("still"), [offence(number, tuple(point)) for number, point in enumerate(points)])


@pytest.fixture(scope="module")
def finding(store):
    return density_finding(
        select(store, selection(), scope=EVERYTHING), DensitySettings(bandwidth=200.0, cell_size=50.0, area_share=0.02)
    )


def test_a_large_cluster_holds_and_a_tight_pile_does_not(finding):
    found = sensitivity_of(finding)
    assert [one.rank for one in found] == [hotspot.rank for hotspot in finding.ranking.hotspots]
    assert still_words(found[0]) == BOTH
    pile = next(one for one, hotspot in zip(found, finding.ranking.hotspots, strict=True) if hotspot.x > 405_000)
    assert pile.at_half and not pile.at_twice


def test_snapped_points_are_not_asked_where_half_would_show_the_snapping(finding):
    snapped = replace(
        finding, selected=replace(finding.selected, facts=replace(finding.selected.facts, location_precision="snapped"))
    )
    assert all(one.at_half is None and one.at_twice is not None for one in sensitivity_of(snapped))


def test_kept_findings_are_used_and_give_the_same(finding):
    asked = []

    def kept(other):
        asked.append(other.bandwidth)
        return density_finding(finding.selected, other)

    assert sensitivity_of(finding, found=kept) == sensitivity_of(finding) and sorted(asked) == [100.0, 400.0]


def test_command_and_file_say_what_the_finding_says(store, finding, tmp_path):
    arguments = ["hotspots", "--store", str(store.path), "--crime-type", "burglary", "--from", "2024-04-01", "--to", "2024-10-01"]
    settings_ = ["--bandwidth", "200", "--cell-size", "50", "--area-share", "0.02", "--json"]
    document = json.loads(CliRunner().invoke(app, [*arguments, *settings_]).stdout)
    found = sensitivity_of(finding)
    assert [row["still_at"] for row in document["hotspots"]] == [still_words(one) for one in found]
    assert [row["half_share"] for row in document["hotspots"]] == pytest.approx([one.half_share for one in found])
    write_hotspots(finding, tmp_path / "hotspots.csv")
    assert pd.read_csv(tmp_path / "hotspots.csv")["still_at"].tolist() == [still_words(one) for one in found]
