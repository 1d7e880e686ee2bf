"""The decay of near repeats: closed forms, simulated processes whose decay is known, and the planted one."""

import math

import numpy as np
import pytest

from hotspot.methods.knox import knox
from hotspot.methods.near_repeat_decay import Fitted, NearRepeatDecay, added_pairs, fit_decay, parts_of
from hotspot.offences.demo import generate

DISTANCES, TIMES = tuple(range(0, 401, 50)), tuple(range(0, 57, 7))
PERIOD_DAYS = 730


def decay_of(*, followers=0.2, days=10.0, metres=100.0, nearest=1.0, repeats=0.0, repeat_days=math.nan, edges=(0.0, 1e6)):
    one = [Fitted(value, value, value) for value in (followers, days, metres)]
    base = np.full(len(edges) - 1, 1e-7)
    return NearRepeatDecay(*one, nearest, repeats, repeat_days, 16, tuple(edges), base, 56.0)


def simulated(seed, *, count=6_000, followers=0.15, days=10.0, metres=100.0, repeats=0.1, repeat_days=25.0, side=16_000.0):
    """Draw a process of which every parameter is known: offences by themselves, and followers of followers."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, side, (2, count))
    moment, premises = random.uniform(-200, PERIOD_DAYS, count), np.arange(count)
    everything, last = [(x, y, moment, premises)], count
    while len(everything[-1][0]):
        x, y, moment, premises = everything[-1]
        near, same = random.poisson(followers, len(x)), random.poisson(repeats, len(x))
        away, angle = random.exponential(metres, near.sum()), random.uniform(0, 2 * np.pi, near.sum())
        followed, at = np.repeat(np.arange(len(x)), near), np.repeat(np.arange(len(x)), same)
        child_x = np.concatenate([x[followed] + away * np.cos(angle), x[at]])
        child_y = np.concatenate([y[followed] + away * np.sin(angle), y[at]])
        gap = np.concatenate([random.exponential(days, len(followed)), random.exponential(repeat_days, len(at))])
        child_premises = np.concatenate([last + np.arange(len(followed)), premises[at]])
        last += len(followed)
        everything.append((child_x, child_y, np.concatenate([moment[followed], moment[at]]) + gap, child_premises))
    x, y, moment, premises = (np.concatenate(parts) for parts in zip(*everything, strict=True))
    seen = (moment >= 0) & (moment < PERIOD_DAYS)
    return x[seen], y[seen], np.floor(moment[seen]).astype(np.int64), premises[seen]


def table_of(x, y, day, premises=None):
    edges = DISTANCES if premises is not None else (0, 1, *DISTANCES[1:])
    return knox(x, y, day, distance_edges=edges, time_edges=TIMES, premises=premises, permutations=1, seed=1)


def fit(x, y, day, premises=None):
    part = parts_of(x, y)
    inside = [part == number for number in range(part.max() + 1)]
    parts = [table_of(x[one], y[one], day[one], None if premises is None else premises[one]) for one in inside]
    return fit_decay(table_of(x, y, day, premises), parts, period_days=PERIOD_DAYS)


def holds(fitted, truth):
    return fitted.low <= truth <= fitted.high


def test_pairs_of_a_process_without_repeats_are_hawkes_closed_form():
    """Hawkes (1971): the covariance density of an exponential kernel is nβ(2−n)/(2(1−n))·exp(−β(1−n)u)."""
    share, days = 0.2, 10.0
    lags = np.array([0.0, 7.0, 14.0, 28.0, 1e9])
    found = added_pairs(decay_of(followers=share, days=days), lags=lags, offences=1_000).sum(axis=0)
    rate = (1 - share) / days
    held = 1_000 * share * (2 - share) / (2 * (1 - share) ** 2)
    expected = held * -np.diff(np.exp(-rate * lags))
    np.testing.assert_allclose(found, expected, rtol=0.01)


def test_pairs_on_one_place_are_those_of_the_repeats_alone():
    decay = decay_of(followers=1e-9, repeats=0.1, repeat_days=20.0)
    found = added_pairs(decay, lags=[0.0, 10.0, 1e9], offences=1_000)
    rate, held = 0.9 / 20, 1_000 * 0.1 * 1.9 / (2 * 0.9**2)
    np.testing.assert_allclose(found[0], held * -np.diff(np.exp(-rate * np.array([0.0, 10.0, 1e9]))), rtol=0.01)
    assert found[1:].sum() < 1e-3


def test_two_steps_spread_as_the_sum_of_two_displacements():
    """With few followers the second step's part is the difference to the first, which is exponential."""
    random = np.random.default_rng(1)
    away, angle = random.exponential(100.0, (2, 400_000)), random.uniform(0, 2 * np.pi, (2, 400_000))
    together = np.hypot(*(away * [np.cos(angle), np.sin(angle)]).sum(axis=1))
    edges = (0.0, 50.0, 100.0, 200.0, 400.0, 1e6)
    both = added_pairs(decay_of(followers=0.01, edges=edges), lags=[0.0, 1e9], offences=1)[1:, 0]
    first = 0.01 * -np.diff(np.exp(-np.array(edges) / 100.0))
    # Followers of followers, and pairs of followers of one offence: 1.5 times 0.01².
    expected = 1.5e-4 * np.histogram(together, edges)[0] / together.size
    np.testing.assert_allclose(both - first, expected, rtol=0.04)


@pytest.mark.parametrize("seed", [1])
def test_the_decay_of_a_simulated_process_lies_within_its_intervals(seed):
    x, y, day, premises = simulated(seed)
    fitted = fit(x, y, day, premises)
    assert holds(fitted.days, 10.0)
    assert holds(fitted.metres, 100.0)
    assert holds(fitted.followers, 0.15)
    assert fitted.repeats == pytest.approx(0.1, abs=0.015)
    assert fitted.repeat_days == pytest.approx(25.0, rel=0.2)
    assert fitted.nearest == pytest.approx(1.0, rel=0.35)


def test_the_planted_decay_is_recovered_within_its_intervals():
    demo = generate(scale=0.3)
    extract = demo.extract.drop_duplicates("Crime Number")
    extract = extract[extract["Easting"].between(350_000, 480_000)]
    for kind, has_premises in (("Residential burglary", True), ("Theft from a vehicle", False)):
        rows = extract[extract["Offence Description"] == kind]
        rows = rows[rows["Committed From"] >= np.datetime64("2022-10-01")]
        day = rows["Committed From"].to_numpy("datetime64[D]").astype(np.int64)
        premises = rows["UPRN"].factorize()[0] if has_premises else None
        fitted = fit(rows["Easting"].to_numpy(float), rows["Northing"].to_numpy(float), day, premises)
        planted = next(one for one in demo.parameters.types if one.name == kind)
        assert holds(fitted.days, planted.near_days)
        assert holds(fitted.metres, planted.near_metres)


def test_offences_that_have_nothing_to_do_with_each_other_tell_no_decay():
    x, y, day, _ = simulated(5, count=1_500, followers=0.0, repeats=0.0)
    fitted = fit(x, y, day)
    assert fitted is None or fitted.followers.high < 0.05


def test_the_added_risk_is_followers_per_area_over_the_base():
    decay = decay_of(followers=0.2, days=10.0, metres=100.0, edges=(0.0, 50.0, 400.0))
    # 120 m and 5 days away: 0.2 · e^(−.5)/10 · e^(−1.2)/(2π·100·120) per m² and day, over 1e−7.
    by_hand = 0.2 * math.exp(-0.5) / 10 * math.exp(-1.2) / (2 * math.pi * 100 * 120) / 1e-7
    assert decay.excess(120.0, 5.0) == pytest.approx(by_hand)
    # Nearer than 50 m: what is there, spread evenly.
    near = 0.2 / 10 * (1 - math.exp(-0.5)) / (math.pi * 2_500) / 1e-7
    assert decay.excess(np.array([0.0, 49.0]), 0.0) == pytest.approx(near)
    assert decay.excess(np.array([400.0, 100.0, 100.0]), np.array([1.0, -0.5, 57.0])).tolist() == [0, 0, 0]


def test_the_added_risk_over_all_places_and_days_is_the_number_of_followers():
    edges = (0.0, 50.0, 400.0)
    decay = decay_of(followers=0.2, days=5.0, metres=60.0, nearest=0.5, edges=edges)
    metres, days = np.arange(0.25, 400, 0.5), np.arange(0.05, 56, 0.1)
    rings = 2 * math.pi * metres * 0.5 * 1e-7
    held = (decay.excess(metres[:, None], days[None, :]) * rings[:, None] * 0.1).sum()
    beyond = math.exp(-400 / 60) / (1 - 0.5 * (1 - math.exp(-50 / 60)))
    assert held == pytest.approx(0.2 * (1 - beyond), rel=2e-3)


def test_a_table_without_an_end_cannot_be_fitted():
    x, y, day, _ = simulated(3, count=300)
    table = knox(x, y, day, distance_edges=(0, 1, math.inf), time_edges=TIMES, permutations=1, seed=1)
    with pytest.raises(ValueError, match="bands that end"):
        fit_decay(table, [], period_days=PERIOD_DAYS)
