"""Comparison areas, displacement rings, and areas that fall because they were chosen high."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import BadInput
from hotspot.methods.comparison_areas import check_apart, displacement_ring, similarities, untouched
from hotspot.methods.rates import rate_ratio
from hotspot.methods.regression_to_mean import highest_untreated

TREATED = shapely.box(0, 0, 1_000, 1_000)


def test_the_score_by_hand_is_the_distance_of_level_and_trend():
    """24 months: 10 a month in both years; a candidate at twice the level that grew by half from year to year."""
    treated = [10] * 24
    candidate = [16] * 12 + [24] * 12
    (found,) = similarities(treated, [candidate])
    assert found.level == pytest.approx(480.5 / 240.5)
    assert found.trend == pytest.approx(math.log(288.5 / 192.5))
    assert found.score == pytest.approx(math.log(480.5 / 240.5) + math.log(288.5 / 192.5))


def test_the_most_alike_come_first_and_ties_keep_their_order():
    found = similarities([10] * 24, [[30] * 24, [11] * 24, [10] * 24, [11] * 24])
    assert [one.candidate for one in found] == [2, 1, 3, 0]
    assert found[0].score == 0


def test_a_season_that_repeats_is_no_trend():
    """27 months end in the middle of a year: the halves are whole years all the same."""
    season = [5, 5, 5, 9, 9, 9, 20, 20, 20, 9, 9, 9] * 3
    (found,) = similarities([10] * 27, [season[:27]])
    assert found.trend == pytest.approx(0)


def test_under_twelve_months_the_level_alone_counts():
    (found,) = similarities([10] * 4, [[5] * 4])
    assert math.isnan(found.trend)
    assert found.score == pytest.approx(math.log(40.5 / 20.5))


@given(st.lists(st.integers(0, 50), min_size=24, max_size=24), st.lists(st.integers(0, 50), min_size=24, max_size=24))
@settings(max_examples=25)
def test_likeness_goes_both_ways(one, other):
    assert similarities(one, [other])[0].score == pytest.approx(similarities(other, [one])[0].score)


def test_a_ring_lies_around_the_area_without_it_and_within_the_limit():
    ring = displacement_ring(TREATED, width=500)
    assert ring.intersection(TREATED).area == pytest.approx(0, abs=1e-6)
    assert ring.area == pytest.approx(4 * 1_000 * 500 + math.pi * 500**2, rel=0.01)
    half = displacement_ring(TREATED, width=500, limit=shapely.box(0, -10_000, 10_000, 10_000))
    assert half.bounds[0] == 0
    assert half.area < ring.area
    with pytest.raises(BadInput, match="wider than 0 metres"):
        displacement_ring(TREATED, width=0)


def test_candidates_that_touch_the_treated_area_or_its_ring_are_left_out():
    ring = displacement_ring(TREATED, width=500)
    near, at_edge, far = (shapely.box(west, 0, west + 500, 500) for west in (1_400, 1_500, 1_600))
    candidates = np.array([TREATED, near, at_edge, far], dtype=object)
    assert untouched(candidates, treated=TREATED, ring=ring).tolist() == [False, False, False, True]
    assert untouched(candidates, treated=TREATED, ring=None).tolist() == [False, True, True, True]


def test_a_comparison_area_that_overlaps_is_refused():
    ring = displacement_ring(TREATED, width=500)
    with pytest.raises(BadInput, match="Northgate overlaps the displacement ring"):
        check_apart(shapely.box(1_400, 0, 2_000, 500), name="Northgate", treated=TREATED, ring=ring)
    with pytest.raises(BadInput, match="overlaps the treated area"):
        check_apart(shapely.box(900, 0, 2_000, 500), name="Northgate", treated=TREATED, ring=None)
    check_apart(shapely.box(1_500, 0, 2_000, 500), name="Northgate", treated=TREATED, ring=ring)


def simulated(draw):
    """600 cells of steady levels, counted twice: nothing is done to any."""
    level = draw.gamma(4.0, 5.0, 600)
    return draw.poisson(level), draw.poisson(level)


def test_the_ten_highest_of_six_hundred_cells_fall_with_nothing_done():
    """Slow version: the share of a high count that is level is known for gamma levels, θ/(1+θ) of count and shape."""
    draw = np.random.Generator(np.random.PCG64(600))
    falls, expected = [], []
    for _ in range(60):
        before, after = simulated(draw)
        found = highest_untreated(before, after, untreated=np.ones(600, dtype=bool))
        falls.append(found.ratio.ratio)
        expected.append((before[found.units] + 4.0).sum() * (5.0 / 6.0) / before[found.units].sum())
    assert 0.82 <= np.mean(falls) <= 0.92
    assert np.mean(falls) == pytest.approx(np.mean(expected), abs=0.015)


def test_cells_chosen_by_an_earlier_period_do_not_fall():
    draw = np.random.Generator(np.random.PCG64(5))
    changes = []
    for _ in range(60):
        level = draw.gamma(4.0, 5.0, 600)
        chosen_by, before, after = draw.poisson(level, (3, 600))
        everywhere = np.ones(600, dtype=bool)
        changes.append(highest_untreated(before, after, untreated=everywhere, chosen_by=chosen_by).ratio.ratio)
    assert np.mean(changes) == pytest.approx(1.0, abs=0.02)


def test_the_rule_takes_the_highest_untreated_units_by_hand():
    found = highest_untreated([9, 5, 0, 7, 5], [4, 5, 3, 6, 1], untreated=[False, True, True, True, True], highest=2)
    assert found.units.tolist() == [3, 1]
    assert (found.before, found.after) == (12, 11)
    assert found.ratio == rate_ratio(11, 12)
