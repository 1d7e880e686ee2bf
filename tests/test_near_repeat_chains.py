"""Labels and chains of near repeats: cases by hand, a slow obvious version, properties, and what chance gives."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import BadInput
from hotspot.methods import near_repeat_chains as chains
from hotspot.methods.near_repeat_chains import (
    ISOLATED,
    LABELS,
    NEAR_REPEAT,
    ORIGINATOR,
    REPEAT,
    ChanceChains,
    chance_chains,
    close_pairs,
    near_repeat_chains,
    sizes_at_least,
)

EPOCH = np.datetime64("2024-01-01T00:00", "s")


def moments(hours):
    return EPOCH + np.asarray(hours, dtype="timedelta64[h]")


def found(x, y, hours, *, metres, days, premises=None):
    pairs = close_pairs(x, y, metres=metres, premises=premises)
    return near_repeat_chains(pairs, moments(hours), metres=metres, days=days)


def slowly(x, y, hours, premises, *, metres, days):
    """Compare each offence with each other, and walk from link to link."""
    when = moments(hours)
    day = when.astype("datetime64[D]").astype(int)
    count = len(x)
    linked, joined = {one: set() for one in range(count)}, {one: set() for one in range(count)}
    label = []
    for one, other in itertools.permutations(range(count), 2):
        same = premises[one] == premises[other] >= 0
        apart = np.hypot(x[one] - x[other], y[one] - y[other])
        near = apart <= metres
        if abs(day[one] - day[other]) <= days and (near or same):
            linked[one].add(other)
            if near or not apart > 1_000:
                joined[one].add(other)
    for one in range(count):
        earlier = [other for other in linked[one] if when[other] < when[one]]
        if any(premises[one] == premises[other] >= 0 for other in earlier):
            label.append(REPEAT)
        elif earlier:
            label.append(NEAR_REPEAT)
        else:
            label.append(ORIGINATOR if linked[one] else ISOLATED)
    return label, groups_of(joined)


def groups_of(linked):
    left, groups = set(linked), []
    while left:
        group, edge = set(), {left.pop()}
        while edge:
            group |= edge
            edge = set().union(*(linked[one] for one in edge)) - group
        left -= group
        groups.append(frozenset(group))
    return set(groups)


def groups(result):
    return {frozenset(np.flatnonzero(result.chain == number).tolist()) for number in np.unique(result.chain)}


offences = st.lists(
    st.tuples(
        st.integers(0, 400).map(float), st.integers(0, 400).map(float), st.integers(0, 24 * 40), st.sampled_from([-1, 0, 1, 2])
    ),
    min_size=1,
    max_size=14,
)


def columns(rows):
    x, y, hours, premises = (np.array(column) for column in zip(*rows, strict=True))
    return x, y, hours, premises


def test_labels_and_chains_of_a_case_worked_by_hand():
    # 0 begins; 1 is near it after 3 days; 2 is at the premises of 0 after 5; 3 is 250 m away; 4 is near 3, 20 days on.
    x, y = [0.0, 100.0, 0.0, 350.0, 360.0], [0.0] * 5
    result = found(x, y, [0, 72, 120, 130, 610], metres=200, days=14, premises=[7, 8, 7, -1, -1])
    assert result.label.tolist() == [ORIGINATOR, NEAR_REPEAT, REPEAT, ISOLATED, ISOLATED]
    assert groups(result) == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4})}
    assert result.links == 3
    assert [rows.tolist() for rows in result.of_at_least(2)] == [[0, 1, 2]]
    assert result.of_at_least(4) == ()


def test_distance_and_days_are_at_most_and_days_are_those_of_the_calendar():
    # From 23:00 on the 1st to 01:00 on the 3rd is two days of the calendar.
    assert found([0, 200], [0, 0], [23, 49], metres=200, days=2).label.tolist() == [ORIGINATOR, NEAR_REPEAT]
    assert found([0, 200], [0, 0], [23, 49], metres=200, days=1).label.tolist() == [ISOLATED, ISOLATED]
    assert found([0, 200.5], [0, 0], [23, 49], metres=200, days=2).label.tolist() == [ISOLATED, ISOLATED]


def test_of_two_offences_at_one_moment_neither_is_the_earlier():
    assert found([0, 10], [0, 0], [5, 5], metres=50, days=1, premises=[1, 1]).label.tolist() == [ORIGINATOR] * 2


def test_the_same_spot_without_known_premises_is_a_near_repeat():
    assert found([0, 0], [0, 0], [0, 30], metres=50, days=7, premises=[-1, -1]).label.tolist() == [ORIGINATOR, NEAR_REPEAT]


def test_the_same_premises_link_however_far_apart_they_were_placed_and_without_a_place():
    result = found([0, 900, np.nan], [0, 0, np.nan], [0, 30, 60], metres=50, days=7, premises=[4, 4, 4])
    assert result.label.tolist() == [ORIGINATOR, REPEAT, REPEAT]
    assert groups(result) == {frozenset({0, 1, 2})}


def test_two_positions_of_one_premises_over_a_kilometre_apart_are_a_repeat_that_joins_no_chain():
    result = found([0, 10_000, 10_020], [0, 0, 0], [0, 30, 60], metres=50, days=7, premises=[4, 4, 5])
    assert result.label.tolist() == [ORIGINATOR, REPEAT, NEAR_REPEAT]
    assert groups(result) == {frozenset({0}), frozenset({1, 2})}
    assert (result.links, result.too_far) == (2, 1)


def test_a_link_longer_than_a_kilometre_joins_one_premises_as_any_other():
    result = found([0, 1_400, 2_900], [0, 0, 0], [0, 30, 60], metres=1_500, days=7, premises=[4, 4, 4])
    assert (groups(result), result.too_far) == ({frozenset({0, 1, 2})}, 1)


def test_no_offence_and_one_offence_make_no_pair():
    assert found([], [], [], metres=50, days=7).of_at_least(1) == ()
    assert found([5.0], [5.0], [1], metres=50, days=7, premises=[3]).label.tolist() == [ISOLATED]


def test_too_many_pairs_are_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(chains, "MOST_PAIRS", 2)
    with pytest.raises(BadInput, match="Over 2 pairs of offences lie within 50 m"):
        close_pairs([0, 0, 0], [0, 0, 0], metres=50)


@settings(max_examples=50, deadline=None)
@given(offences, st.integers(0, 300), st.integers(0, 20))
def test_the_slow_version_agrees(rows, metres, days):
    x, y, hours, premises = columns(rows)
    result = found(x, y, hours, metres=metres, days=days, premises=premises)
    label, chained = slowly(x, y, hours, premises, metres=metres, days=days)
    assert result.label.tolist() == label
    assert groups(result) == chained


@settings(max_examples=30, deadline=None)
@given(offences, st.randoms())
def test_another_order_of_the_offences_changes_nothing(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    x, y, hours, premises = columns(rows)
    first = found(x, y, hours, metres=120, days=9, premises=premises)
    again = found(x[order], y[order], hours[order], metres=120, days=9, premises=premises[order])
    assert again.label.tolist() == first.label[order].tolist()
    assert {frozenset(order[one] for one in group) for group in groups(again)} == groups(first)


@settings(max_examples=30, deadline=None)
@given(offences, st.integers(0, 200), st.integers(0, 200), st.integers(0, 15), st.integers(0, 15))
def test_a_longer_reach_never_gives_more_chains_and_singles(rows, metres, further, days, longer):
    x, y, hours, premises = columns(rows)
    near = found(x, y, hours, metres=metres, days=days, premises=premises)
    far = found(x, y, hours, metres=metres + further, days=days + longer, premises=premises)
    assert len(groups(far)) <= len(groups(near))
    assert all(any(group <= wider for wider in groups(far)) for group in groups(near))
    assert (far.label == ISOLATED).sum() <= (near.label == ISOLATED).sum()


@settings(max_examples=30, deadline=None)
@given(offences)
def test_labels_part_the_offences_and_sizes_add_up(rows):
    x, y, hours, premises = columns(rows)
    result = found(x, y, hours, metres=150, days=10, premises=premises)
    assert sum((result.label == one).sum() for one in LABELS) == len(rows)
    assert sorted(np.concatenate(result.of_at_least(1)).tolist()) == list(range(len(rows)))
    counts = sizes_at_least(result.chain, np.ones(len(rows), dtype=bool))
    assert counts[:6].tolist() == [len(result.of_at_least(size)) for size in range(2, 8)]


def test_chance_is_the_mean_over_all_ways_to_deal_the_dates_out():
    x, hours = [0.0, 40.0, 80.0, 500.0, 520.0], [0, 24, 24 * 20, 24 * 22, 24 * 60]
    pairs, when = close_pairs(x, [0.0] * 5, metres=50), moments(hours)
    every = []
    for order in itertools.permutations(range(5)):
        chain = near_repeat_chains(pairs, when[list(order)], metres=50, days=5).chain
        every.append(sizes_at_least(chain, np.ones(5, dtype=bool))[:2])
    chance = chance_chains(pairs, when, days=5, inside=np.ones(5, bool), since=EPOCH, permutations=1_500, seed=3)
    exact, spread = np.mean(every, axis=0), np.std(every, axis=0) / np.sqrt(1_500)
    assert chance.expected(2) == pytest.approx(exact[0], abs=4 * spread[0])
    assert chance.expected(3) == pytest.approx(exact[1], abs=4 * spread[1])


def test_chance_counts_the_chains_that_touch_the_place_and_the_period_alone():
    pairs, when = close_pairs([0.0, 10.0, 900.0, 910.0], [0.0] * 4, metres=50), moments([0, 24, 24, 0])
    inside = np.array([True, False, False, False])
    one = chance_chains(pairs, when, days=1, inside=inside, since=EPOCH, permutations=20, seed=1)
    assert one.counts[:, 0].tolist() == [1] * 20
    late = chance_chains(pairs, when, days=1, inside=inside, since=EPOCH + np.timedelta64(1, "D"), permutations=200, seed=1)
    # The date at the one place that is looked at is the later one in half of the shuffles.
    assert 70 < late.counts[:, 0].sum() < 130


def test_p_has_the_one_added_and_is_never_nought():
    chance = ChanceChains(np.array([[3, 1], [5, 2], [4, 0]]), seed=1)
    assert chance.expected(2) == 4
    assert chance.interval(2) == (3, 5)
    assert chance.p_value(6, 2) == 0.25
    assert chance.p_value(5, 2) == 0.5
    assert chance.p_value(0, 3) == 1.0
    with pytest.raises(ValueError, match="two offences or more"):
        chance.expected(1)


def test_the_same_seed_deals_the_same_dates_out():
    random = np.random.default_rng(1)
    pairs = close_pairs(*random.uniform(0, 1_000, (2, 200)), metres=100)
    when = moments(random.integers(0, 24 * 60, 200))
    told = []
    first, again, other = (
        chance_chains(pairs, when, days=7, inside=np.ones(200, bool), since=EPOCH, permutations=15, seed=seed, told=told.append)
        for seed in (1, 1, 2)
    )
    assert (first.counts == again.counts).all()
    assert (first.counts != other.counts).any()
    assert told[-1] == 1.0
