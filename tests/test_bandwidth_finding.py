"""Which width suits a selection's offences: finding and command."""

import json

import numpy as np
import pytest
from small_store import EAST, PERIOD, SOURCE, WEST, offence, selection, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.findings.bandwidth import DIGGLE, LIKELIHOOD, NEAREST, bandwidth_finding, bandwidth_of
from hotspot.findings.selected import select
from hotspot.offences.store import EVERYTHING


def scattered(count, *, seed=3, tied=0):
    generator = np.random.default_rng(seed)
    centres = np.array([[401_000, 291_000], [402_500, 293_000], [406_000, 292_000]])
    points = centres[generator.integers(0, 3, count)] + generator.normal(0, 120, (count, 2)).round()
    rows = [offence(number, tuple(point)) for number, point in enumerate(points)]
    return rows + [offence(f"again {number}", tuple(points[number])) for number in range(tied)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("bandwidth"), scattered(90))


@pytest.fixture(scope="module")
def tied_store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("tied"), scattered(60, tied=25))


def test_all_three_rules_give_a_width_for_untied_offences(store):
    said = []
    finding = bandwidth_of(store.path, selection(), scope=EVERYTHING, progress=lambda share, words: said.append(words))
    assert [value.rule for value in finding.values] == [NEAREST, LIKELIHOOD, DIGGLE]
    assert all(np.isfinite(value.radius) and not value.refusal for value in finding.values)
    assert finding.values[1].radius == pytest.approx(finding.values[1].sigma * np.sqrt(8))
    assert [curve.rule for curve in finding.curves] == [LIKELIHOOD, DIGGLE]
    assert finding.headline.startswith("Three rules give radii from ") and len(finding.headline) <= 80
    assert len(said) == 3


def test_tied_offences_leave_the_nearest_rule_alone_with_the_reason(tied_store):
    finding = bandwidth_finding(select(tied_store, selection(), scope=EVERYTHING))
    assert [bool(value.refusal) for value in finding.values] == [False, True, True]
    assert "share their exact position" in finding.values[1].refusal
    assert finding.headline.startswith("Mean distance to the tenth nearest offence: a radius of ")
    assert finding.curves == () and finding.tied_share == pytest.approx(50 / 85)


def test_an_area_is_searched_by_itself_and_an_empty_one_is_a_sentence(store):
    west = bandwidth_finding(select(store, selection(area=WEST), scope=EVERYTHING))
    whole = bandwidth_finding(select(store, selection(), scope=EVERYTHING))
    east = bandwidth_finding(select(store, selection(area=EAST), scope=EVERYTHING))
    assert west.count + east.count == whole.count
    empty = bandwidth_finding(select(store, selection(period=PERIOD.shifted(-24)), scope=EVERYTHING))
    assert empty.count == 0 and all(value.refusal for value in empty.values[1:])


def test_the_command_prints_the_rules_their_curves_and_refusals_as_json(store, tied_store):
    arguments = ["--crime-type", "residential burglary", "--json"]
    result = CliRunner().invoke(app, ["bandwidth", "--store", str(store.path), *arguments])
    document = json.loads(result.stdout)
    assert result.exit_code == 0 and document["source"] == SOURCE
    curve = document["curves"][0]
    best = curve["sigma"][int(np.argmax(curve["score"]))]
    assert document["rules"][1]["sigma"] == best
    refused = CliRunner().invoke(app, ["bandwidth", "--store", str(tied_store.path), *arguments, "--rule", "diggle"])
    only = json.loads(refused.stdout)["rules"]
    assert [one["rule"] for one in only] == ["diggle"] and only[0]["radius"] is None and only[0]["refusal"]


def test_a_rule_that_does_not_exist_is_refused(store):
    result = CliRunner().invoke(app, ["bandwidth", "--store", str(store.path), "--crime-type", "burglary", "--rule", "silverman"])
    assert result.exit_code == 2 and "none of nearest, likelihood, diggle" in result.stderr
