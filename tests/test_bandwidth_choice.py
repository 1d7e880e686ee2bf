"""Bandwidths by cross-validation, against values of R's spatstat and against slow, obvious sums."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from hotspot.errors import NotKnowable
from hotspot.methods import bandwidth_choice, compiled, likelihood_score, pairs_within, scatter
from hotspot.methods.bandwidth_choice import (
    by_diggle,
    by_likelihood,
    check_cross_validation,
    scott,
    tied_share,
)
from hotspot.methods.likelihood_score import likelihood_scorer
from hotspot.methods.squared_error_score import squared_error_scorer

WINDOW = shapely.box(255.0, 247.0, 335.0, 399.0)
CORNER_CUT = shapely.Polygon([(255, 247), (335, 247), (335, 330), (300, 399), (255, 399)])


def likelihood_scores(x, y, *, window, sigmas):
    return likelihood_scorer(x, y, window=window)(sigmas)


def diggle_scores(x, y, *, window, sigmas):
    return squared_error_scorer(x, y, window=window, widest=max(sigmas))(sigmas)


@pytest.fixture(scope="module")
def burkitt():
    """188 cases of Burkitt's lymphoma: libpysal's example data."""
    with (Path(__file__).parent / "burkitt.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return np.array([float(row["x"]) for row in rows]), np.array([float(row["y"]) for row in rows])


def test_scotts_rule_gives_spatstats_values(burkitt):
    # golden-values.md: bw.scott
    assert scott(*burkitt) == pytest.approx((8.5005987, 14.595729), rel=1e-7)


def test_likelihood_chooses_spatstats_width_among_its_widths(burkitt):
    # bw.ppl tries 16 widths from the least positive distance of neighbours, 1, to half the window's diagonal; golden 5.9369608.
    widths = np.geomspace(1.0, math.hypot(80, 152) / 2, 16)
    scores = likelihood_scores(*burkitt, window=WINDOW, sigmas=widths)
    assert widths[np.argmax(scores)] == pytest.approx(5.9369608, rel=1e-8)


def test_likelihood_scores_are_spatstats_up_to_its_pixels(burkitt):
    # spatstat 3.0.6: attr(bw.ppl(X, sigma=c(2,4,6,8,12), dimyx=512), "cv"); its own default grid moves them by up to 0.1.
    expected = [-1065.433923510, -877.228192045, -865.844768205, -870.368792003, -885.310306391]
    found = likelihood_scores(*burkitt, window=WINDOW, sigmas=np.array([2.0, 4.0, 6.0, 8.0, 12.0]))
    assert found == pytest.approx(expected, abs=0.15)


def test_likelihood_scores_in_a_window_that_is_no_rectangle_are_spatstats(burkitt):
    x, y = burkitt
    inside = bandwidth_choice.within(CORNER_CUT, x, y)
    assert inside.sum() == 178
    expected = [-819.318406674, -808.974330483, -813.337974339, -827.751340375]
    found = likelihood_scores(x[inside], y[inside], window=CORNER_CUT, sigmas=np.array([4.0, 6.0, 8.0, 12.0]))
    assert found == pytest.approx(expected, abs=0.25)


def test_finer_steps_find_spatstats_finer_optimum(burkitt):
    # bw.ppl(X, ns=201, srange=c(2, 15)) is 5.8185; the score is flat to 0.02 between 5.7 and 5.9.
    chosen = by_likelihood(*burkitt, window=WINDOW, sigmas=np.geomspace(1.0, 80.0, 16))
    assert chosen.sigma == pytest.approx(5.8185, rel=0.03) and chosen.warning == ""


@pytest.mark.parametrize("window", [WINDOW, CORNER_CUT])
def test_diggle_chooses_spatstats_width_among_its_widths(burkitt, window):
    # bw.diggle tries halves of 512 distances from 0 to a quarter of the window's shorter side; golden 3.2093933, in both windows.
    x, y = burkitt
    inside = bandwidth_choice.within(window, x, y)
    widths = np.linspace(0.0, 10.0, 512)[1:256]
    scores = diggle_scores(x[inside], y[inside], window=window, sigmas=widths)
    assert widths[np.argmin(scores)] == pytest.approx(3.2093933, rel=1e-7)


def slow_likelihood(x, y, sigma):
    def mass(at_x, at_y):
        return (ndtr((335 - at_x) / sigma) - ndtr((255 - at_x) / sigma)) * (
            ndtr((399 - at_y) / sigma) - ndtr((247 - at_y) / sigma)
        )

    kernels = np.exp(-((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2) / (2 * sigma**2)) / (2 * math.pi * sigma**2)
    np.fill_diagonal(kernels, 0.0)
    at_x, at_y = 255 + (np.arange(300) + 0.5) * 80 / 300, 247 + (np.arange(400) + 0.5) * 152 / 400
    surface = (np.exp(-((at_y[:, None] - y) ** 2) / (2 * sigma**2)) @ np.exp(-((at_x[:, None] - x) ** 2) / (2 * sigma**2)).T) / (
        2 * math.pi * sigma**2
    )
    corrected = surface / mass(*np.meshgrid(at_x, at_y))
    return np.log(kernels.sum(axis=1) / mass(x, y)).sum() - corrected.sum() * (80 / 300) * (152 / 400)


def slow_diggle(x, y, sigma):
    radius, area, count = 2 * sigma, 80 * 152, len(x)
    disc, within, shared = math.pi * radius**2, 0.0, 0.0
    for one in range(count):
        for other in range(count):
            distance = math.hypot(x[one] - x[other], y[one] - y[other])
            if one == other or distance >= 2 * radius:
                continue
            weight = area**2 / (count * (count - 1)) / ((80 - abs(x[one] - x[other])) * (152 - abs(y[one] - y[other])))
            within += weight * (distance < radius)
            half = distance / (2 * radius)
            shared += weight * 2 * radius**2 * (math.acos(half) - half * math.sqrt(1 - half**2))
    return (area / count - 2 * within) / disc + shared / disc**2


@pytest.mark.parametrize("sigma", [2.0, 6.0, 12.0])
def test_likelihood_score_agrees_with_the_sum_over_all_pairs(burkitt, sigma):
    found = likelihood_scores(*burkitt, window=WINDOW, sigmas=np.array([sigma]))[0]
    assert found == pytest.approx(slow_likelihood(*burkitt, sigma), abs=0.1)


def test_diggle_score_agrees_with_the_sum_over_all_pairs(burkitt):
    # Irregular coordinates: on whole ones many distances equal the disc's radius, where a step more or less decides.
    generator = np.random.default_rng(5)
    x, y = burkitt[0][:120] + generator.uniform(-0.4, 0.4, 120), burkitt[1][:120] + generator.uniform(-0.4, 0.4, 120)
    x, y = np.clip(x, 255, 335), np.clip(y, 247, 399)
    widths = np.array([1.5, 3.2, 4.8])
    expected = [slow_diggle(x, y, width) for width in widths]
    assert diggle_scores(x, y, window=WINDOW, sigmas=widths) == pytest.approx(expected, rel=5e-3, abs=0.1)


def test_an_offence_far_from_all_others_is_not_lost():
    # exp(−d²/2σ²) of the far one is 0 in doubles; its logarithm, −d²/2σ² summed over the others, is not.
    x, y = np.array([10.0, 11.0, 900.0]), np.array([10.0, 10.0, 900.0])
    logs = likelihood_score._log_sums(x, y, np.array([2.0]))[0]
    squared = (x[2] - x[:2]) ** 2 + (y[2] - y[:2]) ** 2
    assert logs[2] == pytest.approx(np.logaddexp(*(-squared / 8)), rel=1e-12)
    assert np.isfinite(logs).all()


def clustered(seed, *, spread=20.0, count=300):
    generator = np.random.default_rng(seed)
    centres = generator.uniform(100, 900, (15, 2))
    points = centres[generator.integers(0, 15, count)] + generator.normal(0, spread, (count, 2))
    return points[:, 0], points[:, 1]


def test_pairs_found_some_at_a_time_are_all_pairs(monkeypatch):
    x, y = clustered(1)
    whole = {
        (int(i), int(j)) for first, second, _ in pairs_within.pairs_within(x, y, 60.0) for i, j in zip(first, second, strict=True)
    }
    monkeypatch.setattr(pairs_within, "PAIRS_AT_ONCE", 500)
    parts = list(pairs_within.pairs_within(x, y, 60.0))
    assert len(parts) > 3
    assert {(int(i), int(j)) for first, second, _ in parts for i, j in zip(first, second, strict=True)} == whole
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    assert len(whole) == (distance <= 60.0).sum() - len(x)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([0.5, 3.0, 100.0]))
def test_a_map_in_another_unit_has_the_same_best_width_in_that_unit(seed, factor):
    x, y = clustered(seed, count=120)
    window, widths = shapely.box(0, 0, 1000, 1000), np.geomspace(30.0, 200.0, 4)
    inside = bandwidth_choice.within(window, x, y)
    larger = shapely.box(0, 0, 1000 * factor, 1000 * factor)
    for choose in (by_likelihood, by_diggle):
        here = choose(x[inside], y[inside], window=window, sigmas=widths)
        there = choose(x[inside] * factor, y[inside] * factor, window=larger, sigmas=widths * factor)
        assert there.sigma / factor == pytest.approx(here.sigma, rel=0.03)


def test_tighter_clusters_get_narrower_widths():
    window, widths = shapely.box(0, 0, 1000, 1000), np.geomspace(5.0, 100.0, 7)
    for choose in (by_likelihood, by_diggle):
        tight, loose = (choose(*clustered(3, spread=spread), window=window, sigmas=widths).sigma for spread in (8.0, 40.0))
        assert tight < loose


def test_an_optimum_at_the_ranges_end_is_said():
    generator = np.random.default_rng(8)
    x, y = generator.uniform(0, 1000, 400), generator.uniform(0, 1000, 400)
    widest = by_likelihood(x, y, window=shapely.box(0, 0, 1000, 1000), sigmas=np.geomspace(5.0, 60.0, 6))
    assert widest.at_end == "widest" and "widest that was tried (60 m)" in widest.warning
    pairs = np.repeat(clustered(2, count=60), 4, axis=1)
    narrowest = by_diggle(*pairs, window=shapely.box(0, 0, 1000, 1000), sigmas=np.geomspace(1.0, 60.0, 8))
    assert narrowest.at_end == "narrowest" and "no optimum" in narrowest.warning


def test_tied_and_snapped_points_are_refused_with_the_reason():
    x, y = clustered(4, count=100)
    check_cross_validation(x, y, snapped=False)
    with pytest.raises(NotKnowable, match="snapped to anchor points"):
        check_cross_validation(x, y, snapped=True)
    tied = np.concatenate([x, x[:15]]), np.concatenate([y, y[:15]])
    assert tied_share(*tied) == pytest.approx(30 / 115)
    with pytest.raises(NotKnowable, match="26% of the offences share their exact position"):
        check_cross_validation(*tied, snapped=False)
    with pytest.raises(NotKnowable, match="It needs 20 offences, and there are fewer"):
        check_cross_validation(x[:12], y[:12], snapped=False)
    assert tied_share(x[:0], y[:0]) == 0.0


def test_widths_must_rise():
    with pytest.raises(ValueError, match="rising"):
        by_diggle(*clustered(1), window=WINDOW, sigmas=np.array([3.0, 2.0, 1.0]))


@pytest.mark.parametrize("scores_of", [likelihood_scores, diggle_scores])
@pytest.mark.parametrize("count", [2, 300, 1_000])
def test_numpy_gives_the_scores_of_the_compiled_loops(monkeypatch, scores_of, count):
    x, y = clustered(6, count=count)
    # Some on one place, and some in one line: neighbours are looked for along x.
    x[: count // 10], y[: count // 20] = x[0], y[0]
    window, widths = shapely.box(0, 0, 1000, 1000), np.array([40.0, 3.0, 11.0])
    inside = bandwidth_choice.within(window, x, y)
    asked = {"x": x[inside], "y": y[inside], "window": window, "sigmas": widths}
    fast = scores_of(**asked)
    monkeypatch.setattr(scatter, "ONE_THREAD", 500)
    in_threads = scores_of(**asked)
    assert in_threads == pytest.approx(fast, rel=1e-12)
    monkeypatch.setattr(compiled, "loaded", lambda name: None)
    monkeypatch.setattr(compiled, "ready", lambda name: None)
    assert scores_of(**asked) == pytest.approx(fast, rel=1e-9)
