"""Hit rate, PAI and PEI of a ranking: the reference values, whole units, exact shares, ties without favour."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.methods.accuracy import accuracy_by_rank, best_held, taken

units = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 6), st.sampled_from([0.25, 1.0, 2.5])), min_size=1, max_size=12
).filter(lambda rows: any(observed for _, observed, _ in rows))
few = settings(max_examples=40, deadline=None)


def columns(rows):
    return (np.array(column, dtype=float) for column in zip(*rows, strict=True))


def test_a_perfect_ranking_of_three_cells_gives_the_reference_values():
    found = accuracy_by_rank([3, 2, 1], [6, 3, 0])
    assert found.pai == pytest.approx([2, 1.5, 1])
    assert found.pei == pytest.approx([1, 1, 1])
    assert found.hit_rate == pytest.approx([6 / 9, 1, 1])


def test_a_ranking_with_a_tie_gives_the_reference_values_lowest_observed_first():
    found = accuracy_by_rank([8, 4, 4, 2, 1, 0], [6, 7, 3, 2, 1, 0])
    assert found.pai == pytest.approx([1.894737, 1.421053, 1.684211, 1.421053, 1.2, 1], abs=5e-7)
    # By hand: the best choices hold 7, 13, 16, 18, 19 and 19 of 19.
    assert found.pei == pytest.approx([6 / 7, 9 / 13, 1, 1, 1, 1])


def test_the_order_in_which_units_are_given_does_not_matter():
    order = [4, 2, 0, 5, 1, 3]
    score, observed = np.array([8, 4, 4, 2, 1, 0]), np.array([6, 7, 3, 2, 1, 0])
    shuffled = accuracy_by_rank(score[order], observed[order])
    assert shuffled.pai == pytest.approx(accuracy_by_rank(score, observed).pai)


def test_units_of_different_size_count_by_their_area():
    # A quarter of the area holds 3 of 4: PAI 3. The best half-and-quarter choices hold 3 and 4.
    found = accuracy_by_rank([2, 1, 0], [3, 0, 1], area=[1, 2, 1])
    assert found.area_share == pytest.approx([0.25, 0.75, 1])
    assert found.pai == pytest.approx([3, 1, 1])
    assert found.pei == pytest.approx([1, 0.75, 1])


def test_of_the_unit_at_the_border_only_the_part_that_fits_is_taken():
    parts = taken([3, 2, 1], [1, 1, 2], shares=[0.125, 0.25, 0.375, 1.0])
    assert parts == pytest.approx(np.array([[0.5, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, 1, 1]]))


def test_units_of_equal_score_are_taken_together_by_the_same_part():
    assert taken([5, 1, 1, 0], [1, 1, 1, 1], shares=[0.5]) == pytest.approx(np.array([[1, 0.5, 0.5, 0]]))
    # Sums in another order differ in the last digit: that is no ranking.
    assert taken([0.1 + 0.2, 0.3, 0.0], [1, 1, 1], shares=[1 / 3]) == pytest.approx(np.array([[0.5, 0.5, 0]]))


def test_equal_scores_hold_what_a_random_order_of_equal_cells_holds_on_average():
    observed = np.array([4.0, 0.0, 1.0, 7.0])
    random = np.random.default_rng(3)
    picked = np.mean([observed[random.permutation(4)[:2]].sum() for _ in range(4_000)])
    (part,) = taken(np.zeros(4), np.ones(4), shares=[0.5])
    assert part @ observed == pytest.approx(picked, abs=0.2)


def test_an_even_score_holds_exactly_the_share_of_the_area():
    area, observed = np.array([1.0, 3.0, 2.0]), np.array([5.0, 0.0, 9.0])
    shares = np.array([0.005, 0.02, 0.2])
    even = taken(np.zeros(3), area, shares=shares)
    assert even @ area == pytest.approx(shares * area.sum())
    assert even == pytest.approx(np.repeat(shares[:, None], 3, axis=1))
    assert even @ observed / observed.sum() == pytest.approx(shares)


@few
@given(units)
def test_pai_at_the_whole_area_is_one_and_pei_never_passes_one(rows):
    score, observed, area = columns(rows)
    found = accuracy_by_rank(score, observed, area=area)
    assert found.pai[-1] == pytest.approx(1)
    assert found.hit_rate[-1] == pytest.approx(1)
    assert (found.pei <= 1 + 1e-9).all()


@few
@given(units)
def test_a_ranking_by_the_observed_offences_per_area_is_the_best(rows):
    _, observed, area = columns(rows)
    shares = np.array([0.1, 0.35, 0.5, 1.0])
    own = taken(observed / area, area, shares=shares) @ observed
    assert own == pytest.approx(best_held(observed, area, shares=shares))


@few
@given(units, st.floats(0.01, 1.0))
def test_the_share_taken_is_exact_and_no_ranking_beats_the_best(rows, share):
    score, observed, area = columns(rows)
    (part,) = taken(score, area, shares=[share])
    assert part @ area == pytest.approx(share * area.sum())
    assert part @ observed <= best_held(observed, area, shares=[share])[0] + 1e-9


@few
@given(units, st.floats(0.01, 1.0))
def test_taking_units_one_by_one_agrees(rows, share):
    score, observed, area = columns(rows)
    left, held = share * area.sum(), 0.0
    for value in sorted(set(score), reverse=True):
        tied = score == value
        part = min(1.0, left / area[tied].sum())
        held += part * observed[tied].sum()
        left -= part * area[tied].sum()
    (part,) = taken(score, area, shares=[share])
    assert part @ observed == pytest.approx(held, abs=1e-9)


def test_without_any_offence_nothing_can_be_said_of_accuracy():
    found = accuracy_by_rank([2, 1], [0, 0])
    assert np.isnan(found.hit_rate).all() and np.isnan(found.pai).all() and np.isnan(found.pei).all()


@pytest.mark.parametrize(
    ("score", "observed", "area"), [([1], [1, 2], None), ([], [], None), ([np.nan], [1], None), ([1], [1], [0])]
)
def test_units_that_do_not_fit_together_are_our_own_fault(score, observed, area):
    with pytest.raises(ValueError):
        accuracy_by_rank(score, observed, area=area)
