"""Control chart: a case worked by hand, what must not change, a slow version, breaks and seasons."""

import itertools
import math
from calendar import monthrange
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.methods.control_chart import BEYOND, IN_A_RUN, RATE, RATIO, control_chart
from hotspot.period import add_months

START = date(2020, 1, 1)
COUNTS = st.lists(st.integers(1, 400), min_size=6, max_size=50)


def months(number, start=START):
    return [add_months(start, step) for step in range(number)]


def lengths(of):
    return [monthrange(month.year, month.month)[1] for month in of]


def chart(counts, *, start=START, days=None, **options):
    of = months(len(counts), start)
    return control_chart(of, counts, days or lengths(of), **options)


def test_plain_chart_worked_by_hand():
    # Rates 10, 12, 11, 13, 14 a day: mean 12, ranges 2, 1, 2, 1, mean 1.5, reach 2.66 x 1.5 = 3.99.
    found = chart([300, 360, 330, 390, 420, 999], days=[30] * 6)
    limits = found.limits[0]
    assert found.measure == RATE
    assert [month.rate for month in found.months[:5]] == [10, 12, 11, 13, 14]
    assert [month.moving_range for month in found.months[1:5]] == [2, 1, 2, 1]
    assert (limits.months, limits.mean, limits.mean_moving_range) == (5, 12, 1.5)
    assert (limits.low, limits.high) == pytest.approx((8.01, 15.99))
    assert found.signals == ()


def test_the_last_month_is_provisional_neither_judged_nor_in_the_limits():
    last = chart([300, 360, 330, 390, 420, 9_999], days=[30] * 6).months[-1]
    assert last.provisional
    assert last.signal == ""
    assert math.isnan(last.moving_range)


def test_a_month_beyond_the_limits_is_marked():
    found = chart([300, 301, 300, 301, 300, 301, 300, 600, 300, 301], days=[30] * 10)
    assert [month.month.month for month in found.signals] == [8]
    assert found.signals[0].signal == BEYOND


def test_eight_months_on_one_side_are_marked_and_seven_are_not():
    def signals(length):
        counts = [140, 100, 139, 101] * 2 + [130, 131] * 8
        counts = [*counts[: 8 + length], 90, 91, 90, 91]
        return [month.signal for month in chart(counts, days=[30] * len(counts)).months[8 : 8 + length]]

    # The mean lies near 115: every month from the ninth on is above it, until it falls below again.
    assert signals(7) == [""] * 7
    assert signals(8) == [IN_A_RUN] * 8


def test_a_month_on_the_mean_ends_a_run():
    counts = [15, 11, 15, 11, 10, 15, 11, 15, 11, *[9, 5] * 4, 10]
    found = chart(counts, days=[1] * len(counts))
    assert found.limits[0].mean == 10
    # Four months above stand before the month on the mean and four after it: neither is eight.
    assert [month.signal for month in found.months[:9]] == [""] * 9
    assert [month.signal for month in found.months[9:17]] == [IN_A_RUN] * 8


def test_months_of_equal_rate_and_different_length_do_not_vary():
    of = months(14)
    found = control_chart(of, [7 * days for days in lengths(of)], lengths(of))
    assert found.limits[0].mean_moving_range == pytest.approx(0)
    assert found.signals == ()


def season(month):
    return 100 + 50 * math.cos(2 * math.pi * month.month / 12)


def test_a_season_that_repeats_gives_ratios_of_one_and_no_signal():
    of = months(48)
    found = control_chart(of, [season(month) * days for month, days in zip(of, lengths(of), strict=True)], lengths(of))
    ratios = [month.value for month in found.months]
    assert found.measure == RATIO
    assert np.isnan(ratios[:24]).all()
    assert ratios[24:] == pytest.approx([1.0] * 24)
    assert found.signals == ()


def test_ratio_worked_by_hand():
    # January 10, 14, then 18: 18 / 12. The other months 5 each year: 1.
    counts = []
    for january in (10, 14, 18):
        counts += [january] + [5] * 11
    found = chart(counts, days=[1] * 36)
    assert found.months[24].expected == 12
    assert found.months[24].value == 1.5
    assert found.months[25].value == 1.0
    # Limits of 11 settled months: mean (1.5 + 10) / 11, one range of 0.5 among ten.
    assert found.limits[0].mean == pytest.approx(11.5 / 11)
    assert found.limits[0].high == pytest.approx(11.5 / 11 + 2.66 * 0.05)
    assert found.months[24].signal == BEYOND


def test_ratios_wait_for_two_earlier_years_and_five_months_of_them():
    assert chart([10] * 29).measure == RATE
    assert chart([10] * 30).measure == RATIO


def test_four_settled_months_give_no_limits():
    assert chart([10] * 5).limits == ()
    assert len(chart([10] * 6).limits) == 1


def test_a_break_parts_limits_ranges_and_runs():
    counts = [10, 12] * 4 + [30, 32] * 4 + [31]
    found = chart(counts, days=[1] * 17, breaks=[date(2020, 9, 1)])
    assert [limit.mean for limit in found.limits] == [11, 31]
    assert [limit.mean_moving_range for limit in found.limits] == [2, 2]
    assert math.isnan(found.months[8].moving_range)
    assert found.signals == ()
    assert chart(counts, days=[1] * 17).signals != ()


def test_a_side_of_a_break_with_few_months_has_no_limits_and_no_signal():
    found = chart([10, 12] * 4 + [30, 32, 30], days=[1] * 11, breaks=[date(2020, 9, 1)])
    assert [limit.last for limit in found.limits] == [date(2020, 8, 1)]
    assert found.signals == ()


def test_ratios_that_reach_back_over_a_break_are_counted():
    found = chart([10] * 31, breaks=[date(2021, 1, 1)])
    # The 25th to the 31st month each have one of their two earlier years before the break.
    assert found.expected_across_break == 7
    assert chart([10] * 31).expected_across_break == 0


@settings(max_examples=30)
@given(COUNTS, st.floats(0.5, 20))
def test_a_larger_force_with_the_same_pattern_has_the_same_signals(counts, times):
    first, other = chart(counts), chart([times * count for count in counts])
    assert [month.signal for month in first.months] == [month.signal for month in other.months]
    factor = times if first.measure == RATE else 1.0
    for one, two in zip(first.limits, other.limits, strict=True):
        assert two.high == pytest.approx(factor * one.high)
        assert two.low == pytest.approx(factor * one.low)


@settings(max_examples=30)
@given(COUNTS)
def test_chart_agrees_with_doing_it_by_hand(counts):
    of = months(len(counts))
    rates = [count / days for count, days in zip(counts, lengths(of), strict=True)]
    values = rates
    if len(counts) >= 30:
        values = [
            rates[i] / np.mean([rates[j] for j in range(i - 12, -1, -12)]) if i >= 24 else math.nan for i in range(len(rates))
        ]
    kept = [value for value in values[:-1] if not math.isnan(value)]
    mean = sum(kept) / len(kept)
    reach = 2.66 * sum(abs(b - a) for a, b in itertools.pairwise(kept)) / (len(kept) - 1)
    limits = chart(counts).limits[0]
    assert (limits.mean, limits.low, limits.high) == pytest.approx((mean, max(0, mean - reach), mean + reach))


def test_few_of_many_steady_months_lie_beyond():
    random = np.random.default_rng(5)
    found = control_chart(months(324, date(1801, 1, 1)), random.normal(1_000, 30, 324), [1] * 324)
    assert found.limits[0].months == 299
    # Three standard deviations: about one month in 370 of normal variation.
    assert sum(month.signal == BEYOND for month in found.months) <= 6
