"""Offences per 1,000 households: exact intervals, areas against the rest, and areas without a denominator."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hotspot.methods.change import compare
from hotspot.methods.dispersion import Dispersion
from hotspot.methods.rates import benjamini_hochberg, rate_ratio
from hotspot.methods.rates_per import TwoSides, rates_per, reread

GARWOOD = {
    0: (0, 3.688879),
    1: (0.025318, 5.571643),
    5: (1.623486, 11.66833),
    10: (4.795389, 18.39036),
    20: (12.21652, 30.88838),
}
"""Of reference/golden-values.md: 95 % intervals of a count."""


def row_of(found, area):
    return next(row for row in found.rows if row.area == area)


@pytest.mark.parametrize("count", GARWOOD)
def test_the_interval_is_the_published_one_of_the_count_over_the_denominator(count):
    found = row_of(rates_per({"A": count, "B": 7}, {"A": 4_000, "B": 9_000}), "A")
    low, high = GARWOOD[count]
    assert found.rate == count / 4
    assert found.low == pytest.approx(low / 4, rel=1e-5)
    assert found.high == pytest.approx(high / 4, rel=1e-5)


def test_rates_by_hand():
    """60 in 4,000 households are 15 per 1,000, 40 in 8,000 are 5; together 100 in 12,000."""
    found = rates_per({"Low": 40, "High": 60}, {"Low": 8_000, "High": 4_000})
    assert [(row.area, row.rate) for row in found.rows] == [("High", 15.0), ("Low", 5.0)]
    assert found.total.rate == pytest.approx(100 / 12)
    assert found.rows[0].ratio == pytest.approx(3.0)


def test_the_reference_comparison_with_unequal_exposures_agrees():
    """golden-values.md: 12 against 4 with exposures 1 and 2: ratio 6, p .000792465."""
    found = row_of(rates_per({"A": 12, "B": 4}, {"A": 1_000, "B": 2_000}), "A")
    assert found.ratio == pytest.approx(6)
    assert found.p_value == pytest.approx(0.000792465, abs=5e-10)


def test_an_area_stands_above_the_rest_only_after_correction_over_all_areas():
    counts = {"A": 140, "B": 100, "C": 100, "D": 70}
    found = rates_per(counts, dict.fromkeys(counts, 10_000))
    p_value = {area: rate_ratio(count, 410 - count, exposure=1, baseline_exposure=3).p_value for area, count in counts.items()}
    q_value = benjamini_hochberg(list(p_value.values()))
    assert [row_of(found, area).p_value for area in counts] == pytest.approx(list(p_value.values()))
    assert [row_of(found, area).q_value for area in counts] == pytest.approx(q_value)
    assert [row_of(found, area).reading for area in counts] == [
        "above the rest",
        "could be chance",
        "could be chance",
        "below the rest",
    ]
    assert found.tested == 4


def test_many_offences_alike_are_like_the_rest():
    found = rates_per({"A": 5_000, "B": 5_010}, {"A": 100_000, "B": 100_000})
    assert {row.reading for row in found.rows} == {"like the rest"}


def test_an_area_without_a_denominator_is_named_and_left_out():
    found = rates_per({"A": 30, "B": 40, "Outside": 6, "Z": 2}, {"A": 1_000, "B": 0, "Elsewhere": 5})
    assert [row.area for row in found.rows] == ["A"]
    assert found.left_out == ("B", "Outside", "Z")
    assert found.left_out_count == 48
    assert found.total.count == 30


def test_a_single_area_is_compared_with_nothing():
    found = rates_per({"A": 30}, {"A": 1_000})
    assert math.isnan(found.rows[0].p_value)
    assert found.rows[0].reading == "too few to say"
    assert found.tested == 0


def test_no_area_with_a_denominator_leaves_no_rows():
    found = rates_per({"A": 30}, {})
    assert found.rows == ()
    assert found.left_out == ("A",)
    assert math.isnan(found.total.rate)


def test_every_area_is_tested_or_none_is():
    found = rates_per({"A": 2, "B": 400, "C": 3}, {"A": 10_000, "B": 10_000, "C": 50})
    assert row_of(found, "A").reading == "below the rest"
    assert found.tested == 3
    few = rates_per({"A": 19, "B": 0}, {"A": 10, "B": 100_000})
    assert few.tested == 0
    assert {row.reading for row in few.rows} == {"too few to say"}


@given(
    counts=st.lists(st.integers(0, 60), min_size=2, max_size=6),
    households=st.lists(st.integers(1, 9_000), min_size=6, max_size=6),
)
@settings(max_examples=50, deadline=None)
def test_the_rates_weighted_by_their_denominators_are_the_total(counts, households):
    names = [f"area {number}" for number in range(len(counts))]
    found = rates_per(dict(zip(names, counts, strict=True)), dict(zip(names, households, strict=False)))
    assert sum(row.rate * row.denominator for row in found.rows) == pytest.approx(found.total.rate * found.total.denominator)
    assert all(row.low <= row.rate <= row.high for row in found.rows)


@given(count=st.integers(0, 40), households=st.integers(1, 5_000))
@settings(max_examples=25, deadline=None)
def test_the_ends_of_the_interval_leave_a_fortieth_on_each_side(count, households):
    found = row_of(rates_per({"A": count, "B": 5}, {"A": households, "B": 100}), "A")
    low, high = found.low * households / 1_000, found.high * households / 1_000
    assert stats.poisson.cdf(count, high) == pytest.approx(0.025)
    assert count == 0 or stats.poisson.sf(count - 1, low) == pytest.approx(0.025)


@given(factor=st.integers(2, 50))
@settings(max_examples=25, deadline=None)
def test_the_unit_of_the_denominator_changes_rates_and_no_reading(factor):
    counts = {"A": 90, "B": 50, "C": 41}
    once = rates_per(counts, {"A": 900, "B": 800, "C": 700})
    more = rates_per(counts, {"A": 900 * factor, "B": 800 * factor, "C": 700 * factor})
    assert [row.reading for row in more.rows] == [row.reading for row in once.rows]
    assert [row.rate * factor for row in more.rows] == pytest.approx([row.rate for row in once.rows])


def test_a_hidden_row_counts_in_the_family_as_if_it_were_like_the_rest():
    counts = {"A": 140, "B": 100, "C": 100, "D": 70}
    rows = rates_per(counts, dict.fromkeys(counts, 10_000)).rows
    assert reread(rows, hidden=[False] * 4) == rows
    shown = reread(rows, hidden=[row.area == "D" for row in rows])
    p_value = [1.0 if row.area == "D" else row.p_value for row in rows]
    assert [row.q_value for row in shown] == pytest.approx(benjamini_hochberg(p_value))


def clustered(phi):
    return Dispersion(phi, phi / 2, 2 * phi, 36, 20)


def test_an_interval_of_counts_that_vary_four_times_as_much_has_arms_twice_as_long():
    # Garwood of 20 is 12.21652 to 30.88838; on the logarithmic scale twice as far: 20 (12.21652 / 20)², 20 (30.88838 / 20)².
    sides = {"A": TwoSides(clustered(4.0))}
    found = row_of(rates_per({"A": 20, "B": 70}, {"A": 1_000, "B": 9_000}, dispersions=sides), "A")
    assert (found.low, found.high) == pytest.approx((7.46217, 47.7046), rel=1e-5)
    assert (found.poisson_low, found.poisson_high) == pytest.approx((12.21652, 30.88838), rel=1e-6)
    # Of no offence: as many as 4 times the 3.688879 that a quarter as many clusters could have been.
    none = row_of(rates_per({"A": 0, "B": 70}, {"A": 1_000, "B": 9_000}, dispersions=sides), "A")
    assert (none.low, none.high) == pytest.approx((0, 4 * 3.688879), rel=1e-5)


def test_a_test_allows_for_the_clustering_of_both_sides_by_their_shares_of_the_variance():
    # Variance of the logarithm: 4/100 + 2/300 in place of 1/100 + 1/300, which is 3.5 times as much.
    sides = TwoSides(clustered(4.0), clustered(2.0))
    assert sides.used(100, 300) == pytest.approx((4 / 100 + 2 / 300) / (1 / 100 + 1 / 300)) == pytest.approx(3.5)
    assert TwoSides(clustered(1.1), clustered(0.4)).used(100, 300) == 1
    assert TwoSides().used(0, 0) == 1
    found = row_of(rates_per({"A": 100, "B": 300}, {"A": 1_000, "B": 4_000}, dispersions={"A": sides}), "A")
    deviate = stats.norm.isf(found.poisson_p_value / 2)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(deviate / math.sqrt(3.5)))
    assert found.poisson_p_value == rate_ratio(100, 300, exposure=1, baseline_exposure=4).p_value


def test_one_dispersion_of_both_sides_gives_the_change_of_two_periods_of_the_same_counts():
    sides = {"A": TwoSides(clustered(3.0), clustered(3.0))}
    found = row_of(rates_per({"A": 90, "B": 150}, {"A": 31, "B": 61}, dispersions=sides), "A")
    (change,) = compare(["A"], [90], [150], days=31, baseline_days=61, family="", dispersions=[clustered(3.0)]).rows
    assert (found.ratio_low, found.ratio_high) == pytest.approx((change.ratio_low, change.ratio_high))
    assert (found.p_value, found.poisson_p_value) == pytest.approx((change.p_value, change.poisson_p_value))


@given(st.lists(st.integers(0, 80), min_size=2, max_size=5), st.floats(0.3, 9.0), st.floats(0.3, 9.0))
@settings(max_examples=40, deadline=None)
def test_clustering_never_narrows_an_interval_nor_lowers_p(counts, own, rest):
    offences = {f"area {number}": count for number, count in enumerate(counts)}
    denominators = dict.fromkeys(offences, 1_000)
    sides = dict.fromkeys(offences, TwoSides(clustered(own), clustered(rest)))
    plain = {row.area: row for row in rates_per(offences, denominators).rows}
    for row in rates_per(offences, denominators, dispersions=sides).rows:
        exact = plain[row.area]
        assert row.low <= exact.low == row.poisson_low and row.high >= exact.high == row.poisson_high
        assert math.isnan(row.p_value) or row.p_value >= exact.p_value * (1 - 1e-9)
        if own <= 1.2 and rest <= 1.2:
            assert (row.low, row.high, row.p_value) == pytest.approx((exact.low, exact.high, exact.p_value), nan_ok=True)
