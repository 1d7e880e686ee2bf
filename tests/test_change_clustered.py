"""Change where counts cluster: the widened test, proved by working it by hand and by simulation."""

import math

import numpy as np
import pytest
from clustered_counts import clustered, with_season
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson_means_test

from hotspot.methods.change import change_family, compare, rate_ratio, rate_ratios, smallest_change
from hotspot.methods.dispersion import Dispersion, dispersions
from hotspot.methods.rates import widened

TWICE = Dispersion(2.0, 1.3, 3.4, 48, 31)
counts = st.integers(0, 300)


@pytest.mark.parametrize(
    ("count", "baseline", "p_value"),
    [(3, 0, 0.088379), (6, 2, 0.174875), (5, 15, 0.025035), (10, 20, 0.068832), (40, 60, 0.045613)],
)
def test_the_e_test_of_the_reference_is_more_lenient_than_the_exact_one(count, baseline, p_value):
    # Ours is the exact conditional test. Krishnamoorthy and Thomson's is a reference alone: its golden values, and
    # that ours never finds more than it does.
    assert poisson_means_test(count, 1, baseline, 1).pvalue == pytest.approx(p_value, abs=5e-7)
    assert rate_ratio(count, baseline).p_value >= p_value


def test_twice_the_variance_widens_by_root_two_worked_by_hand():
    exact = rate_ratios([40], [60])
    found = widened(exact, 2.0)
    # Golden values of 60 against 40, the other way round: 0.435328 to 1.011225 around 2/3.
    assert (exact.low[0], exact.high[0]) == pytest.approx((1 / 2.29712, 1 / 0.988899), rel=1e-5)
    below, above = math.log(2 / 3 * 2.29712) * math.sqrt(2), math.log(1.5 / 0.988899) * math.sqrt(2)
    assert found.low[0] == pytest.approx(2 / 3 * math.exp(-below), rel=1e-5)
    assert found.high[0] == pytest.approx(2 / 3 * math.exp(above), rel=1e-5)
    # p .0568879 is a deviate of 1.90415; over √2 it is 1.34644, and p .17816.
    assert found.p_value[0] == pytest.approx(2 * norm.sf(1.904151 / math.sqrt(2)), abs=1e-5)


@given(counts, counts, st.sampled_from([(1, 1), (28, 31), (1, 3)]))
@settings(max_examples=50, deadline=None)
def test_at_one_nothing_changes_and_above_it_intervals_grow_smoothly(count, baseline, days):
    exposures = {"exposure": days[0], "baseline_exposure": days[1]}
    exact = rate_ratios([count], [baseline], **exposures)
    previous = widened(exact, 1.0, **exposures)
    for name in ("ratio", "low", "high", "p_value"):
        np.testing.assert_array_equal(getattr(previous, name), getattr(exact, name))
    for phi in (1 + 1e-9, 1.3, 2.0, 5.0):
        found = widened(exact, phi, **exposures)
        assert found.low[0] <= previous.low[0] * (1 + 1e-7)
        assert found.high[0] >= previous.high[0] * (1 - 1e-7)
        assert 0 <= found.p_value[0] <= 1
        assert found.p_value[0] >= previous.p_value[0] - 1e-7
        if phi < 1.1:
            assert found.low[0] == pytest.approx(exact.low[0], rel=1e-6)
            assert found.high[0] == pytest.approx(exact.high[0], rel=1e-6)
        previous = found


@given(counts, counts, st.floats(1, 6))
@settings(max_examples=40, deadline=None)
def test_swapping_the_periods_inverts_the_widened_interval(count, baseline, phi):
    there = widened(rate_ratios([count], [baseline], exposure=28, baseline_exposure=31), phi, exposure=28, baseline_exposure=31)
    back = widened(rate_ratios([baseline], [count], exposure=31, baseline_exposure=28), phi, exposure=31, baseline_exposure=28)
    assert there.p_value[0] == pytest.approx(back.p_value[0], rel=1e-6)
    if count and baseline:
        assert (there.low[0], there.high[0]) == pytest.approx((1 / back.high[0], 1 / back.low[0]), rel=1e-6)
    elif count:
        assert there.low[0] == pytest.approx(1 / back.high[0], rel=1e-6)
        assert there.high[0] == math.inf


def test_none_against_thirty_is_that_of_half_as_many_offences_at_twice_the_variance():
    # Of n offences and none in the period, the share is under 1 − .025^(1/n): with φ = 2, n/2 = 15 as good as offences.
    share = 1 - 0.025 ** (1 / 15)
    found = widened(rate_ratios([0], [30]), 2.0)
    assert (found.low[0], found.high[0]) == pytest.approx((0, share / (1 - share)))


def test_a_dispersion_under_one_is_refused():
    with pytest.raises(ValueError, match="does not widen"):
        widened(rate_ratios([3], [4]), 0.9)


@pytest.mark.parametrize(("phi", "poisson"), [(1, 0.05), (2, 0.16), (3, 0.25)])
def test_a_nominal_five_per_cent_test_flags_about_five_per_cent_where_the_poisson_one_flags_more(phi, poisson):
    """Sixty months with trend, season and no change but these: φ is estimated anew from each simulated series."""
    random = np.random.default_rng(20261123 + phi)
    length, simulations = 60, 4_000
    mean = with_season(length) / np.exp(0.024 * np.arange(length))
    series = clustered(mean, phi, (simulations, length), random)
    months = np.datetime64("2020-01", "M") + np.arange(length)
    compared = [(months[-6], months[-1] + 1), (months[-18], months[-12])]
    used = dispersions(series, months=months, compared=compared).used
    now, before = series[:, -6:].sum(axis=1), series[:, -18:-12].sum(axis=1)
    found = change_family(now, before, days=182, baseline_days=182, dispersion=used)
    assert (found.poisson.p_value < 0.05).mean() == pytest.approx(poisson, abs=0.02)
    assert (found.found.p_value < 0.05).mean() == pytest.approx(0.05, abs=0.013)
    # The interval says the same as p: it leaves 'no change' out about as often.
    outside = (found.found.low > 1) | (found.found.high < 1)
    assert outside.mean() == pytest.approx(0.05, abs=0.015)


def test_with_thirty_months_the_widened_test_still_keeps_near_its_level():
    random = np.random.default_rng(30)
    series = clustered(60.0, 2, (4_000, 30), random)
    months = np.datetime64("2022-04", "M") + np.arange(30)
    used = dispersions(series, months=months, compared=[(months[-6], months[-1] + 1), (months[-18], months[-12])]).used
    found = change_family(
        series[:, -6:].sum(axis=1), series[:, -18:-12].sum(axis=1), days=183, baseline_days=183, dispersion=used
    )
    # φ itself is uncertain: 15 degrees of freedom cost about a point more than the nominal 5 %.
    assert 0.04 <= (found.found.p_value < 0.05).mean() <= 0.075
    assert (found.poisson.p_value < 0.05).mean() > 0.14


def row(count, baseline, dispersion=TWICE):
    (found,) = compare(
        ["Dudley"], [count], [baseline], days=30, baseline_days=30, family="one area", dispersions=[dispersion]
    ).rows
    return found


def test_the_verdict_follows_the_widened_interval_and_the_poisson_one_stands_beside_it():
    found = row(160, 200)
    assert found.poisson_p_value < 0.05 < found.p_value
    assert found.verdict == "could be chance"
    assert found.ratio_low < found.poisson_low < found.ratio < found.poisson_high < 1 < found.ratio_high
    assert row(160, 200, Dispersion(months=2)).verdict == "fell"
    assert row(160, 200, Dispersion(1.15, 0.8, 1.9, 48, 31)).verdict == "fell"


def test_the_sentence_labels_both_intervals():
    found = row(100, 200)
    assert found.sentence() == (
        "200 → 100, 50% less (95% interval 29 to 65%, widened for clustering of φ 2.0; Poisson 36 to 61%)."
    )
    assert "clustering" not in row(100, 200, Dispersion(months=2)).sentence()


@pytest.mark.parametrize("phi", [1.5, 2.0, 4.0])
def test_the_smallest_change_follows_the_widened_test_by_trying_every_count(phi):
    for baseline in range(1, 60, 7):
        tried = np.arange(baseline * 4 + 80)
        exact = rate_ratios(tried, np.full(len(tried), baseline), exposure=28, baseline_exposure=31)
        shows = tried[widened(exact, phi, exposure=28, baseline_exposure=31).p_value < 0.05]
        expected = baseline * 28 / 31
        least = smallest_change(baseline, days=28, baseline_days=31, dispersion=phi)
        assert least.rise == pytest.approx(shows[shows > expected].min() / expected)
        falls = shows[shows < expected]
        assert least.fall == pytest.approx(falls.max() / expected if len(falls) else math.nan, nan_ok=True)
    assert row(95, 100).smallest_change.rise > row(95, 100, Dispersion(months=2)).smallest_change.rise
