"""Change between two periods: golden values, a slow exact version, verdicts and words."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from hotspot.methods.change import (
    VERDICTS,
    benjamini_hochberg,
    compare,
    garwood,
    rate_ratio,
    rate_ratios,
    smallest_change,
)
from hotspot.methods.rates import TIE, exact_p_values

counts = st.integers(0, 400)
exposures = st.sampled_from([(1, 1), (28, 31), (1, 2), (365, 366), (3, 1)])


def one(count, baseline, *, days=30, baseline_days=30):
    (row,) = compare(["Dudley"], [count], [baseline], days=days, baseline_days=baseline_days, family="one area").rows
    return row


@pytest.mark.parametrize(
    ("count", "baseline", "exposure", "ratio", "low", "high", "p_value"),
    [
        (20, 10, (1, 1), 2, 0.893509, 4.78455, 0.0987371),
        (60, 40, (1, 1), 1.5, 0.988899, 2.29712, 0.0568879),
        (8, 2, (1, 1), 4, 0.798252, 38.6657, 0.109375),
        (5, 15, (1, 1), 1 / 3, 0.0947764, 0.964814, 0.0413895),
        (25, 50, (1, 1), 0.5, 0.296398, 0.823657, 0.00522824),
        (110, 207, (1, 1), 0.531401, 0.417782, 0.672867, 5.539e-8),
        (3, 0, (1, 1), math.inf, 0.413231, math.inf, 0.25),
        (12, 4, (1, 2), 6, 1.81846, 25.5247, 0.000792465),
    ],
)
def test_rate_ratios_are_the_golden_values(count, baseline, exposure, ratio, low, high, p_value):
    found = rate_ratio(count, baseline, exposure=exposure[0], baseline_exposure=exposure[1])
    assert (found.ratio, found.low, found.high) == pytest.approx((ratio, low, high), rel=3e-6)
    assert found.p_value == pytest.approx(p_value, rel=1e-4 if p_value < 1e-6 else 3e-6)


def test_three_against_one_is_worked_by_hand():
    # Of four offences under even chances: 0 or 4 (1/16 each), 1 or 3 (4/16 each) are no more probable than 3.
    assert rate_ratio(3, 1).p_value == pytest.approx(10 / 16)
    # 4 against 0: the interval's lower end is the share p with p⁴ = .025.
    share = 0.025**0.25
    assert rate_ratio(4, 0).low == pytest.approx(share / (1 - share))


def test_the_same_fall_of_thirty_per_cent_is_chance_or_not_as_the_domain_reference_says():
    assert rate_ratio(21, 30).p_value == pytest.approx(0.26, abs=0.005)
    assert rate_ratio(140, 200).p_value == pytest.approx(0.001, abs=0.0005)


def test_nothing_against_nothing_has_no_ratio_and_no_evidence():
    found = rate_ratio(0, 0)
    assert math.isnan(found.ratio)
    assert (found.low, found.high, found.p_value) == (0, math.inf, 1)


@given(counts, counts, exposures)
@settings(max_examples=150, deadline=None)
def test_rate_ratios_agree_with_the_binomial_test_of_scipy(count, baseline, exposure):
    if count + baseline == 0:
        return
    found = rate_ratio(count, baseline, exposure=exposure[0], baseline_exposure=exposure[1])
    test = binomtest(count, count + baseline, exposure[0] / sum(exposure))
    assert found.p_value == pytest.approx(test.pvalue, rel=1e-7)
    interval = test.proportion_ci(0.95, method="exact")
    scale = exposure[1] / exposure[0]
    assert found.low == pytest.approx(interval.low / (1 - interval.low) * scale, rel=1e-6)
    assert found.high == pytest.approx(interval.high / (1 - interval.high) * scale if baseline else math.inf, rel=1e-6)


@pytest.mark.parametrize("chance", [0.5, 28 / 59, 1 / 3, 0.9, 0.999])
def test_p_is_the_sum_of_all_outcomes_that_are_no_more_probable(chance):
    total = np.repeat(np.arange(80), np.arange(1, 81))
    count = np.concatenate([np.arange(size + 1) for size in range(80)])
    found = exact_p_values(count, total, chance)
    for size in range(80):
        probability = binom.pmf(np.arange(size + 1), size, chance)
        summed = [probability[probability <= one * TIE].sum() for one in probability]
        assert found[total == size] == pytest.approx(summed, rel=1e-10)


@given(counts, counts, exposures)
@settings(max_examples=60, deadline=None)
def test_swapping_the_periods_inverts_the_ratio_and_keeps_p(count, baseline, exposure):
    there = rate_ratio(count, baseline, exposure=exposure[0], baseline_exposure=exposure[1])
    back = rate_ratio(baseline, count, exposure=exposure[1], baseline_exposure=exposure[0])
    assert there.p_value == pytest.approx(back.p_value, rel=1e-9)
    if count and baseline:
        assert (there.ratio, there.low, there.high) == pytest.approx((1 / back.ratio, 1 / back.high, 1 / back.low), rel=1e-9)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_many_at_once_are_the_same_as_one_by_one(pairs):
    found = rate_ratios([count for count, _ in pairs], [baseline for _, baseline in pairs])
    singles = [rate_ratio(*pair) for pair in pairs]
    np.testing.assert_array_equal(found.p_value, [single.p_value for single in singles])
    np.testing.assert_array_equal(found.low, [single.low for single in singles])


def test_under_equal_rates_the_test_flags_at_most_five_in_a_hundred():
    # Summed exactly over both Poisson counts of mean 12 (and 12 × 31/28), not simulated.
    first, second = np.meshgrid(np.arange(50), np.arange(55), indexing="ij")
    found = rate_ratios(first.ravel(), second.ravel(), exposure=28, baseline_exposure=31)

    def poisson(k, mean):
        return np.exp(k * math.log(mean) - mean - np.array([math.lgamma(i + 1) for i in k]))

    probability = np.outer(poisson(np.arange(50), 12), poisson(np.arange(55), 12 * 31 / 28)).ravel()
    assert 0.02 < probability[found.p_value < 0.05].sum() <= 0.05


def test_broken_counts_are_refused():
    for wrong in ([-1], [1.5]):
        with pytest.raises(ValueError, match="whole numbers"):
            rate_ratios(wrong, [1])


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.688879), (1, 0.025318, 5.571643), (5, 1.623486, 11.66833), (10, 4.795389, 18.39036), (20, 12.21652, 30.88838)],
)
def test_garwood_intervals_are_the_golden_values(count, low, high):
    assert garwood(count) == pytest.approx((low, high), abs=1e-5)


def test_correction_of_six_areas_is_the_golden_value():
    earlier, later = [50, 20, 10, 5, 0, 15], [25, 22, 12, 20, 3, 18]
    p = [rate_ratio(*pair).p_value for pair in zip(later, earlier, strict=True)]
    assert p == pytest.approx([0.005228, 0.877614, 0.831812, 0.004077, 0.25, 0.728332], abs=5e-7)
    assert benjamini_hochberg(p) == pytest.approx([0.015685, 0.877614, 0.877614, 0.015685, 0.5, 0.877614], abs=5e-7)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_correction_rejects_what_the_step_up_procedure_rejects(p):
    ordered = sorted(p)
    passing = [rank for rank, value in enumerate(ordered, start=1) if value * len(p) / rank < 0.05]
    limit = ordered[max(passing) - 1] if passing else -1
    np.testing.assert_array_equal(benjamini_hochberg(p) < 0.05, np.array(p) <= limit)


@pytest.mark.parametrize(
    ("count", "baseline", "verdict"),
    [
        (140, 200, "fell"),
        (200, 140, "rose"),
        (21, 30, "could be chance"),
        (2_000, 2_010, "little change"),
        (5, 14, "too few to say"),
        (0, 0, "too few to say"),
        (14, 6, "could be chance"),
        (0, 20, "fell"),
        (20, 0, "rose"),
        (5_500, 5_000, "rose"),
    ],
)
def test_each_verdict_is_given_where_it_is_due(count, baseline, verdict):
    assert one(count, baseline).verdict == verdict


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=12), exposures)
@settings(max_examples=60, deadline=None)
def test_verdicts_follow_from_the_numbers_of_the_row(pairs, days):
    areas = [str(i) for i in range(len(pairs))]
    table = compare(areas, [a for a, _ in pairs], [b for _, b in pairs], days=days[0], baseline_days=days[1], family="areas")
    tested = [row for row in table.rows if row.count + row.baseline_count >= 20]
    assert table.tested == len(tested)
    if tested:
        assert [row.q_value for row in tested] == pytest.approx(benjamini_hochberg([row.p_value for row in tested]))
    for row in table.rows:
        assert row.verdict in VERDICTS
        assert (row.verdict == "too few to say") == (row not in tested) == math.isnan(row.q_value)
        if row.verdict in ("rose", "fell"):
            assert row.q_value < 0.05
            assert (row.ratio > 1) == (row.verdict == "rose")
        elif row in tested:
            assert row.q_value >= 0.05
            assert (row.verdict == "little change") == (row.ratio_low >= 0.8 and row.ratio_high <= 1.25)


def test_the_total_is_the_sum_and_is_tested_by_itself():
    table = compare(["a", "b"], [100, 40], [120, 80], days=30, baseline_days=30, family="2 areas")
    assert (table.total.count, table.total.baseline_count) == (140, 200)
    assert table.total.q_value == table.total.p_value == rate_ratio(140, 200).p_value


def test_one_small_p_among_many_areas_could_be_chance_and_is_said_so():
    areas = [f"area {i}" for i in range(7)]
    table = compare(areas, [40, *[100] * 6], [64, *[100] * 6], days=30, baseline_days=30, family="7 areas")
    assert table.rows[0].p_value < 0.05 < table.rows[0].q_value
    assert table.rows[0].verdict == "could be chance"
    assert table.rows[0].sentence().endswith("among 7 areas, one such fall could be chance.")


@pytest.mark.parametrize("days", [(1, 1), (28, 31), (1, 3), (2, 1)])
def test_the_smallest_change_is_found_by_trying_every_count(days):
    for baseline in range(1, 70):
        expected = baseline * days[0] / days[1]
        tried = np.arange(int(expected * 3) + 60)
        found = rate_ratios(tried, np.full(len(tried), baseline), exposure=days[0], baseline_exposure=days[1])
        shows = tried[found.p_value < 0.05]
        least = smallest_change(baseline, days=days[0], baseline_days=days[1])
        assert least.rise == pytest.approx(shows[shows > expected].min() / expected)
        falls = shows[shows < expected]
        assert least.fall == pytest.approx(falls.max() / expected if len(falls) else math.nan, nan_ok=True)


def test_nothing_before_can_only_rise_without_limit():
    least = smallest_change(0, days=1, baseline_days=1)
    assert least.rise == math.inf
    assert math.isnan(least.fall)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (one(234, 322, days=28, baseline_days=31), "322 → 234, 20% less per day (95% interval 4 to 32%)."),
        (one(200, 140), "140 → 200, 43% more (95% interval 15 to 79%)."),
        (one(3, 7), "7 → 3: too few to say."),
        (one(2_000, 2_010), "2,010 → 2,000, no change (95% interval 7% less to 6% more); little change."),
        (one(30, 0), "0 → 30, none before (95% interval 7.6 times as many, no upper limit)."),
        (one(8.5, 20.25), "20.2 → 8.5, 60% less (95% interval 5 to 85%)."),
    ],
)
def test_sentences_take_their_words_from_the_interval(row, sentence):
    assert row.sentence() == sentence


def test_what_could_be_chance_names_the_smallest_change_that_would_have_shown():
    row = one(21, 30)
    least = row.smallest_change
    shown = f"a rise of {100 * (least.rise - 1):.0f}% or a fall of {100 * (1 - least.fall):.0f}%."
    assert row.sentence().endswith(f"could be chance: the smallest change that these counts could have shown is {shown}")
    assert rate_ratio(round(30 * row.smallest_change.fall), 30).p_value < 0.05
    assert rate_ratio(round(30 * row.smallest_change.fall) + 1, 30).p_value >= 0.05


def test_a_table_says_what_was_tested_together_and_what_was_rounded():
    table = compare(["a", "b", "c"], [30.4, 40, 2], [30, 50, 1], days=30, baseline_days=30, family="3 areas")
    assert table.family_sentence.startswith("2 of 3 rows were tested together")
    assert "the rest were not tested" in table.family_sentence
    assert table.rounded
    assert "rounded to whole offences" in table.family_sentence
    assert table.rows[0].p_value == rate_ratio(30, 30).p_value
