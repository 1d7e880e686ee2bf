"""Weighted displacement difference, ratio of ratios, and the smallest fall that could have been detected."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio

from hotspot.methods.evaluation import (
    BeforeAfter,
    change_ratio,
    detectable_fall,
    displacement_difference,
    poisson,
    ratio_of_ratios,
)

CONTROL, TREATED = BeforeAfter(308, 318), BeforeAfter(207, 110)
RING_CONTROL, RING = BeforeAfter(150, 140), BeforeAfter(178, 157)
COUNT = st.integers(1, 400)


def test_the_published_difference_of_treated_area_and_ring():
    found = displacement_difference(TREATED, CONTROL, ring=RING, ring_comparison=RING_CONTROL).total
    assert found.value == -118
    assert found.error == pytest.approx(39.59798, abs=5e-6)
    assert found.z == pytest.approx(-2.97995, abs=5e-6)
    assert (found.low, found.high) == pytest.approx((-195.6106, -40.3894), abs=5e-5)
    assert found.stands


def test_its_local_and_its_displacement_part():
    found = displacement_difference(TREATED, CONTROL, ring=RING, ring_comparison=RING_CONTROL)
    assert (found.local.value, found.local.error) == (-107, pytest.approx(30.7083, abs=5e-5))
    assert (found.ring.value, found.ring.error) == (-11, 25)
    assert not found.ring.stands


def test_the_published_example_with_a_ninety_per_cent_interval():
    found = displacement_difference(BeforeAfter(120, 100), BeforeAfter(130, 150), level=0.9).local
    assert found.value == -40
    assert found.error == pytest.approx(22.4, abs=0.05)
    assert (found.low, found.high) == pytest.approx((-76.8, -3.2), abs=0.05)


def test_without_a_ring_the_total_is_the_local_part():
    found = displacement_difference(TREATED, CONTROL)
    assert found.total == found.local
    assert found.ring is None


def test_unequal_periods_and_areas_by_hand():
    """Twice as long after: 2 for each offence before; a comparison four times as large: a quarter."""
    treated = BeforeAfter(10, 30, before_weight=2.0)
    control = BeforeAfter(40, 100, before_weight=2.0, area_weight=0.25)
    found = displacement_difference(treated, control).local
    assert found.value == (30 - 20) - (100 - 80) / 4
    assert found.error**2 == pytest.approx(30 + 4 * 10 + (100 + 4 * 40) / 16)


@given(COUNT, COUNT, COUNT, COUNT, st.floats(1, 9))
@settings(max_examples=40)
def test_with_one_dispersion_the_variance_is_that_many_times_as_large(a, b, c, d, phi):
    clustered = displacement_difference(BeforeAfter(a, b, dispersion=phi), BeforeAfter(c, d, dispersion=phi)).local
    plain = displacement_difference(BeforeAfter(a, b), BeforeAfter(c, d)).local
    assert clustered.value == plain.value
    assert clustered.error**2 == pytest.approx(phi * plain.error**2)
    assert poisson(BeforeAfter(a, b, dispersion=phi)) == BeforeAfter(a, b)


@given(COUNT, COUNT, COUNT, COUNT)
@settings(max_examples=25)
def test_treated_and_comparison_change_places_with_the_sign(a, b, c, d):
    one = displacement_difference(BeforeAfter(a, b), BeforeAfter(c, d)).local
    other = displacement_difference(BeforeAfter(c, d), BeforeAfter(a, b)).local
    assert one.value == -other.value
    assert (one.low, one.high) == (-other.high, -other.low)
    assert ratio_of_ratios(BeforeAfter(a, b), BeforeAfter(c, d)).value == pytest.approx(
        1 / ratio_of_ratios(BeforeAfter(c, d), BeforeAfter(a, b)).value
    )


def test_the_interval_holds_the_truth_in_about_ninety_five_of_a_hundred_simulations():
    """Slow version: counts drawn with a true difference of −20, clustered twice as much as Poisson's."""
    draw = np.random.Generator(np.random.PCG64(1))
    held = 0
    for before, after, other_before, other_after in 2 * draw.poisson([50, 40, 75, 75], (1_000, 4)):
        found = displacement_difference(
            BeforeAfter(before, after, dispersion=2.0), BeforeAfter(other_before, other_after, dispersion=2.0)
        ).local
        held += found.low <= -20 <= found.high
    assert 930 <= held <= 970


@given(COUNT, COUNT, COUNT, COUNT)
@settings(max_examples=25)
def test_the_ratio_of_ratios_is_the_odds_ratio_of_the_four_counts(a, b, c, d):
    """Lengths and sizes cancel; scipy's sample odds ratio has Woolf's interval too."""
    found = ratio_of_ratios(BeforeAfter(a, b, before_weight=3.0), BeforeAfter(c, d, before_weight=3.0, area_weight=0.2))
    peer = odds_ratio([[b, a], [d, c]], kind="sample")
    interval = peer.confidence_interval(0.95)
    assert (found.value, found.low, found.high) == pytest.approx((peer.statistic, interval.low, interval.high))


def test_the_ratio_of_ratios_lies_near_the_exact_conditional_one():
    found = ratio_of_ratios(TREATED, CONTROL)
    exact = odds_ratio([[110, 207], [318, 308]], kind="conditional").confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), rel=0.03)


def test_dispersion_lengthens_both_arms_of_the_ratio_by_its_root():
    plain = ratio_of_ratios(TREATED, CONTROL)
    wide = ratio_of_ratios(BeforeAfter(207, 110, dispersion=4), BeforeAfter(308, 318, dispersion=4))
    assert math.log(wide.high / wide.value) == pytest.approx(2 * math.log(plain.high / plain.value))


def test_no_offence_after_gives_an_interval_and_none_at_all_gives_none():
    found = ratio_of_ratios(BeforeAfter(12, 0), BeforeAfter(50, 50))
    assert 0 < found.value < 0.1 and found.high < 1
    nothing = ratio_of_ratios(BeforeAfter(0, 0), BeforeAfter(50, 50))
    assert math.isnan(nothing.value) and (nothing.low, nothing.high) == (0, math.inf)


def test_the_change_of_one_area_is_the_exact_rate_ratio():
    found = change_ratio(BeforeAfter(207, 110), days=1, before_days=1)
    assert (found.value, found.low, found.high) == pytest.approx((0.531401, 0.417782, 0.672867), abs=5e-7)
    assert found.stands
    per_day = change_ratio(BeforeAfter(4, 12), days=1, before_days=2)
    assert (per_day.value, per_day.low, per_day.high) == pytest.approx((6, 1.81846, 25.5247), rel=5e-6)


@pytest.mark.parametrize("phi", [1.0, 2.0])
def test_a_fall_of_the_detectable_size_is_shown_in_eight_of_ten_simulations(phi):
    """Slow version: the whole evaluation, drawn anew; the before count varies too, which the formula allows for."""
    before, others = 200, 800
    fall = detectable_fall(BeforeAfter(before, 0, dispersion=phi), BeforeAfter(others, others, dispersion=phi))
    draw = np.random.Generator(np.random.PCG64(7))
    drawn = phi * draw.poisson(np.array([before, before * fall, others, others]) / phi, (1_500, 4))
    shown = 0
    for a, b, c, d in drawn:
        found = ratio_of_ratios(BeforeAfter(a, b, dispersion=phi), BeforeAfter(c, d, dispersion=phi))
        shown += found.high < 1
    assert 0.77 <= shown / len(drawn) <= 0.83


@given(st.integers(30, 500), st.integers(30, 2_000))
@settings(max_examples=30)
def test_more_offences_make_smaller_falls_detectable_and_clustering_larger_ones(before, others):
    found = detectable_fall(BeforeAfter(before, 0), BeforeAfter(others, others))
    more = detectable_fall(BeforeAfter(2 * before, 0), BeforeAfter(2 * others, 2 * others))
    clustered = detectable_fall(BeforeAfter(before, 0, dispersion=2), BeforeAfter(others, others, dispersion=2))
    assert 0 < found < more < 1
    assert math.isnan(clustered) or clustered < found


def test_among_very_few_offences_no_fall_could_have_been_detected():
    assert math.isnan(detectable_fall(BeforeAfter(3, 0), BeforeAfter(500, 500)))
    assert math.isnan(detectable_fall(BeforeAfter(100, 50), BeforeAfter(0, 0)))
