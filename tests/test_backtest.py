"""The back-test: origins that roll without leaking, hits of exact shares, whole weeks resampled, differences paired."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.methods.backtest import (
    BETTER,
    COULD_BE_CHANCE,
    LEAST_BLOCKS,
    NOT_SAID,
    WORSE,
    Fold,
    Origin,
    backtest,
    block_starts,
    rolling_folds,
)
from hotspot.period import Period

MAP, LAST, EVEN = "map", "last", "even"
DATA = Period(date(2024, 1, 1), date(2024, 12, 30))
few = settings(max_examples=25, deadline=None)


def origin(observed, **scores):
    observed = np.asarray(observed, dtype=float)
    units = observed.shape[1]
    given = {MAP: np.zeros(units), LAST: np.zeros(units), EVEN: np.zeros(units)} | scores
    return Origin({name: np.asarray(score, dtype=float) for name, score in given.items()}, observed)


def judge(origins, area=None, **options):
    area = np.ones(origins[0].observed.shape[1]) if area is None else area
    return backtest(origins, area, baseline=LAST, uniform=EVEN, **{"shares": (0.25, 0.5, 1.0), "resamples": 400} | options)


def test_hits_of_all_origins_are_added_up_and_each_is_judged_by_its_own_map():
    # First map points at unit 0 and holds 3 of 4; the second at unit 3 and holds 1 of 6: together 4 of 10 on a quarter.
    found = judge(
        [origin([[2, 0, 1, 0], [1, 0, 0, 0]], map=[4, 3, 2, 1]), origin([[0, 0, 4, 1], [0, 0, 1, 0]], map=[1, 2, 3, 4])]
    )
    assert (found.blocks, found.judged) == (4, 10)
    held, rate = found.held[0], found.hit_rate[0]
    assert held == pytest.approx([4, 9, 10])
    assert rate == pytest.approx([0.4, 0.9, 1])
    assert found.pai[0] == pytest.approx([1.6, 1.8, 1])
    # The best quarters hold 3 and 5, the best halves 4 and 6.
    assert found.pei[0] == pytest.approx([4 / 8, 9 / 10, 1])


def test_an_even_score_holds_the_share_of_the_area_and_its_interval_has_no_width():
    random = np.random.default_rng(1)
    found = judge([origin(random.poisson(3, (8, 6)))], area=random.uniform(0.2, 1, 6), shares=(0.005, 0.2))
    even = found.methods.index(EVEN)
    assert found.hit_rate[even] == pytest.approx([0.005, 0.2])
    assert found.pai[even] == pytest.approx([1, 1])
    assert found.low[even] == pytest.approx([0.005, 0.2])
    assert found.high[even] == pytest.approx([0.005, 0.2])


def test_a_pattern_that_repeats_itself_is_as_good_as_any_choice_could_be():
    pattern = np.array([9.0, 0, 3, 1, 0, 2])
    area = np.array([1.0, 0.5, 1, 0.3, 1, 1])
    found = judge([origin(np.tile(pattern, (7, 1)), map=pattern / area)], area=area)
    assert found.pei[0] == pytest.approx([1, 1, 1])
    # Every week is alike, so chance has nothing to move.
    assert found.low[0] == pytest.approx(found.hit_rate[0])
    assert found.high[0] == pytest.approx(found.hit_rate[0])


def test_a_planted_concentration_beats_an_even_spread():
    random = np.random.default_rng(2)
    rate = np.r_[np.full(5, 4.0), np.full(95, 0.2)]
    train, weeks = random.poisson(12 * rate), random.poisson(rate, (12, 100))
    found = judge([origin(weeks, map=train, last=train)], shares=(0.05,))
    assert found.low[0, 0] > 0.05
    # 5 × 4 of 39 offences a week are expected in the five units.
    assert found.low[0, 0] < 20 / 39 < found.high[0, 0]


def test_the_same_seed_gives_the_same_intervals():
    observed = np.random.default_rng(3).poisson(2, (9, 10))
    first, again, other = (judge([origin(observed, map=np.arange(10))], seed=seed) for seed in (5, 5, 6))
    assert (first.low == again.low).all() and (first.high == again.high).all()
    assert (first.low != other.low).any()


@pytest.mark.parametrize(("blocks", "known"), [(LEAST_BLOCKS - 1, False), (LEAST_BLOCKS, True)])
def test_of_few_weeks_no_interval_is_given(blocks, known):
    observed = np.random.default_rng(4).poisson(5, (blocks, 8))
    found = judge([origin(observed, map=np.arange(8))])
    assert np.isfinite(found.low).all() == known
    assert np.isfinite(found.hit_rate).all()
    assert (found.verdict(MAP, 0.5) == NOT_SAID) != known


def test_of_few_offences_no_interval_is_given():
    observed = np.zeros((8, 4))
    observed[:, 0] = 2
    assert np.isnan(judge([origin(observed)]).low).all() == (observed.sum() < 20)
    observed[0, 1] = 4
    assert np.isfinite(judge([origin(observed)]).low).all()


def test_without_any_offence_nothing_is_said():
    found = judge([origin(np.zeros((8, 4)))])
    assert np.isnan(found.hit_rate).all() and np.isnan(found.pei).all() and np.isnan(found.low).all()
    assert found.verdict(MAP, 0.5) == NOT_SAID


def test_the_difference_is_paired_on_the_same_weeks():
    # Weeks differ wildly, yet the map holds half of each and the last counts a quarter: the difference never moves.
    weeks = np.array([4, 400, 8, 40, 80, 12, 4])[:, None] * np.array([0.5, 0.25, 0.25, 0])
    found = judge([origin(weeks, map=[4, 3, 2, 1], last=[1, 3, 2, 0])], shares=(0.25,))
    assert found.difference[0] == pytest.approx([0.25])
    assert found.difference_low[0] == pytest.approx([0.25])
    assert found.difference_high[0] == pytest.approx([0.25])
    assert found.verdict(MAP, 0.25) == BETTER


def test_an_interval_that_ends_at_nought_is_no_verdict_whatever_the_seed():
    """Weeks whose difference has its lower end at 0 within the luck of the draws: no seed may call it better."""
    lean = np.array(
        [[3, 2, 5, 0], [2, 3, 5, 0], [3, 2, 5, 0], [4, 1, 5, 0], [2, 3, 5, 0], [3, 2, 5, 0], [3, 2, 5, 0], [2, 3, 5, 0]]
    )
    found = judge([origin(lean, map=[1, 0, 0, 0], last=[0, 1, 0, 0])])
    at = found.methods.index(MAP), found.shares.index(0.25)
    for low, said in ((0.0004, COULD_BE_CHANCE), (-0.0004, COULD_BE_CHANCE), (0.0006, BETTER)):
        edge = found.difference_low.copy()
        edge[at] = low
        assert replace(found, difference_low=edge).verdict(MAP, 0.25) == said


def test_a_map_that_holds_less_is_worse_and_one_that_wavers_could_be_chance():
    weeks = np.random.default_rng(6).poisson([30, 10, 10, 10], (10, 4))
    assert judge([origin(weeks, map=[0, 1, 2, 3], last=[3, 2, 1, 0])]).verdict(MAP, 0.25) == WORSE
    wavering = np.array([[5, 1, 0, 0], [1, 5, 0, 0]] * 5)
    assert judge([origin(wavering, map=[1, 0, 0, 0], last=[0, 1, 0, 0])]).verdict(MAP, 0.25) == COULD_BE_CHANCE


def test_the_interval_of_two_compared_methods_is_wider_than_of_one():
    weeks = np.random.default_rng(7).poisson([6, 5, 4, 3], (12, 4))
    one = backtest([origin(weeks, map=[3, 2, 1, 0])], np.ones(4), baseline=LAST, uniform=EVEN, shares=(0.25,), resamples=4_000)
    both = backtest([origin(weeks, map=[3, 2, 1, 0])], np.ones(4), baseline=LAST, shares=(0.25,), resamples=4_000)
    assert (one.compared, both.compared) == (1, 2)
    width = [found.difference_high[0, 0] - found.difference_low[0, 0] for found in (one, both)]
    assert width[1] > width[0]
    assert (one.low == both.low).all()


@few
@given(st.integers(0, 2**32 - 1))
def test_drawing_weeks_one_by_one_agrees(seed):
    """The slow version: every draw adds up its weeks, unit by unit."""
    random = np.random.default_rng(seed)
    blocks, units = 7, 5
    observed, score = random.poisson(3, (blocks, units)).astype(float), random.permutation(units)
    found = judge([origin(observed, map=score)], shares=(0.4,), resamples=200, seed=seed)
    chosen = np.flatnonzero(score >= units - 2)
    times = np.random.default_rng(seed).multinomial(blocks, [1 / blocks] * blocks, size=200)
    rates = []
    for row in times:
        weeks = [week for week, count in enumerate(row) for _ in range(count)]
        hits = sum(observed[week, unit] for week in weeks for unit in chosen)
        rates.append(hits / sum(observed[week].sum() for week in weeks))
    assert found.low[0, 0] == pytest.approx(np.quantile(rates, tail(blocks)))
    assert found.high[0, 0] == pytest.approx(np.quantile(rates, 1 - tail(blocks)))


def tail(blocks):
    """Hesterberg's: the normal's tail at √(n/(n−1))·t."""
    from scipy.stats import norm, t

    return norm.cdf(-((blocks / (blocks - 1)) ** 0.5) * t.ppf(0.975, blocks - 1))


def test_intervals_hold_the_truth_as_often_as_they_say():
    """200 areas with 10 % of offences in the first unit, and weeks that differ more than chance allows."""
    random = np.random.default_rng(8)
    held = 0
    for run in range(200):
        size = 40 * random.gamma(4, 0.25, (8, 1))
        share = random.beta(20, 180, (8, 1))
        weeks = random.poisson(np.hstack([size * share, size * (1 - share)]))
        found = judge([origin(weeks, map=[1, 0])], shares=(0.5,), resamples=300, seed=run)
        held += found.low[0, 0] <= 0.1 <= found.high[0, 0]
    # 95 % of 200 is 190, ± 3 standard deviations of 3.1; a little short of it is known of any bootstrap.
    assert 178 <= held <= 200


@few
@given(st.integers(0, 2**32 - 1), st.permutations(range(6)))
def test_the_order_of_units_does_not_matter(seed, order):
    random = np.random.default_rng(seed)
    observed, score, area = random.poisson(1, (7, 6)), random.integers(0, 4, 6), random.uniform(0.5, 1, 6)
    plain = judge([origin(observed, map=score)], area=area)
    mixed = judge([origin(observed[:, order], map=score[order])], area=area[order])
    assert mixed.held == pytest.approx(plain.held)
    assert mixed.best == pytest.approx(plain.best)


def test_origins_roll_back_from_the_end_without_overlap():
    folds = rolling_folds(DATA, data=DATA, train=84, judge=28, origins=3, whole_months=False)
    assert [fold.judge.days for fold in folds] == [28] * 3
    assert folds[-1].judge.end == DATA.end
    assert all(fold.train.end == fold.judge.start and fold.train.days == 84 for fold in folds)
    assert all(one.judge.end == after.judge.start for one, after in pairwise(folds))


def test_origins_stop_where_training_would_begin_before_the_data():
    # 364 days hold 84 to train and ten times 28 to be judged.
    folds = rolling_folds(DATA, data=DATA, train=84, judge=28, origins=99, whole_months=False)
    assert len(folds) == 10
    assert folds[0].train.start == DATA.start
    assert rolling_folds(DATA, data=DATA, train=360, judge=28, origins=9, whole_months=False) == ()


def test_judged_periods_lie_in_the_chosen_period_and_in_the_data():
    chosen = Period(date(2024, 10, 1), date(2025, 3, 1))
    folds = rolling_folds(chosen, data=DATA, train=28, judge=28, origins=9, whole_months=False)
    assert len(folds) == 3
    assert folds[-1].judge.end == DATA.end
    assert folds[0].judge.start >= chosen.start > folds[0].train.start


def test_months_are_whole():
    data = Period(date(2014, 1, 1), date(2014, 12, 1))
    folds = rolling_folds(data, data=data, train=1, judge=1, origins=99, whole_months=True)
    assert len(folds) == 10
    assert folds[0] == Fold(Period(date(2014, 1, 1), date(2014, 2, 1)), Period(date(2014, 2, 1), date(2014, 3, 1)))
    assert all(fold.judge.is_whole_months for fold in folds)


def test_days_left_over_belong_to_the_last_whole_week():
    starts = block_starts(Period(date(2024, 9, 2), date(2024, 10, 2)), whole_months=False)
    assert starts == (date(2024, 9, 2), date(2024, 9, 9), date(2024, 9, 16), date(2024, 9, 23))
    assert block_starts(Period(date(2024, 9, 2), date(2024, 9, 5)), whole_months=False) == (date(2024, 9, 2),)
    months = block_starts(Period(date(2024, 9, 1), date(2024, 12, 1)), whole_months=True)
    assert months == (date(2024, 9, 1), date(2024, 10, 1), date(2024, 11, 1))
