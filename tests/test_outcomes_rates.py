"""Outcome rates by both denominators, and how long outcomes take: by hand, and against a plain way."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import BadInput
from hotspot.methods.outcomes import ASSIGNED, COHORT, POISSON, SETS, WILSON, assigned_rate, cohort_rate, outcome_rate, set_named
from hotspot.methods.rates import garwood
from hotspot.methods.waiting import waiting_times
from hotspot.offences.outcomes import group_of


@pytest.mark.parametrize(
    ("code", "sets"),
    [
        ("1", {"charged", "positive", "positive22"}),
        ("1A", {"charged", "positive", "positive22"}),
        ("2", {"positive", "positive22"}),
        ("3A", {"positive", "positive22"}),
        ("4", {"positive", "positive22"}),
        ("5", set()),
        ("6", {"positive", "positive22"}),
        ("8 - Community resolution", {"positive", "positive22"}),
        ("9", set()),
        ("14", set()),
        ("18", set()),
        ("22", {"positive22"}),
        ("Suspect charged", {"charged", "positive", "positive22"}),
        ("Local resolution", {"positive", "positive22"}),
        ("Investigation complete; no suspect identified", set()),
        ("Under investigation", set()),
    ],
)
def test_codes_and_police_uk_words_belong_to_the_named_sets(code, sets):
    assert {name for name, one in SETS.items() if group_of(code) in one.groups} == sets


def test_a_set_that_does_not_exist_is_refused_with_those_that_do():
    assert set_named(" Charged ").name == "charged"
    with pytest.raises(BadInput, match="positive, charged, positive22"):
        set_named("detected")


def test_a_cohorts_rate_has_wilsons_interval():
    # Wilson 1927 with z = 1.96: 7 of 50, centre (0.14 + 0.0384)/(1.0768), half-width from 0.14·0.86/50 + 0.000369.
    found = cohort_rate(7, 50)
    z2 = 1.959964**2
    centre, half = (0.14 + z2 / 100) / (1 + z2 / 50), 1.959964 / (1 + z2 / 50) * math.sqrt(0.14 * 0.86 / 50 + z2 / 10_000)
    assert (found.rate, found.interval) == (0.14, WILSON)
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_an_assigned_rate_is_no_proportion_and_may_pass_one():
    found = assigned_rate(30, 20)
    assert (found.rate, found.interval) == (1.5, POISSON)
    assert found.low < 1.5 < found.high


def test_the_assigned_interval_of_few_outcomes_over_many_offences_is_nearly_that_of_a_poisson_count():
    found = assigned_rate(9, 100_000)
    assert (1e5 * found.low, 1e5 * found.high) == pytest.approx(garwood(9), rel=0.002)


def test_no_outcome_and_no_offence_have_a_rate_of_nought_and_none():
    assert assigned_rate(0, 50).rate == assigned_rate(0, 50).low == 0
    assert cohort_rate(0, 50).low == 0 < cohort_rate(0, 50).high
    for denominator in (ASSIGNED, COHORT):
        assert math.isnan(outcome_rate(0, 0, denominator=denominator).rate)


@given(st.integers(0, 200), st.integers(1, 200))
@settings(max_examples=30)
def test_a_rate_lies_within_its_interval(outcomes, offences):
    for found in (assigned_rate(outcomes, offences), cohort_rate(min(outcomes, offences), offences)):
        assert found.low - 1e-12 <= found.rate <= found.high + 1e-12


def test_waits_by_hand_with_one_still_open():
    # Four waits: ended after 2, open after 3, ended after 5 and 5. S(2) = 3/4; at 5 two of two: S = 0.
    found = waiting_times([2, 3, 5, 5], [True, False, True, True])
    assert found.days.tolist() == [2, 5]
    assert found.done.tolist() == [0.25, 1.0]
    assert (found.count, found.open) == (4, 1)
    assert (found.quantile(0.25), found.quantile(0.5)) == (2, 5)


def test_open_waits_push_the_median_out_or_leave_it_unknown():
    assert waiting_times([1, 1, 9, 9], [True, True, False, False]).quantile(0.5) == 1
    assert waiting_times([1, 9, 9, 9], [True, False, False, False]).quantile(0.5) == math.inf
    assert waiting_times([], []).quantile(0.5) == math.inf


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30))
@settings(max_examples=40)
def test_waits_agree_with_a_plain_loop(waits):
    found = waiting_times([days for days, _ in waits], [ended for _, ended in waits])
    left, expected = 1.0, []
    for day in sorted({days for days, ended in waits if ended}):
        at_risk = sum(days >= day for days, _ in waits)
        left *= 1 - sum(days == day and ended for days, ended in waits) / at_risk
        expected.append(1 - left)
    assert found.done == pytest.approx(np.array(expected))


def test_waits_without_any_open_one_are_the_plain_shares():
    days = np.array([3, 1, 4, 1, 5, 9, 2, 6])
    found = waiting_times(days, np.ones(8, dtype=bool))
    assert found.done == pytest.approx([np.mean(days <= day) for day in found.days])
