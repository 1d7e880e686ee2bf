"""Mann–Kendall: pairs counted one by one, ties, and the reference's values."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.methods.mann_kendall import mann_kendall

SERIES = st.lists(st.integers(0, 5), min_size=3, max_size=9)


def test_the_reference_series_with_ties_agrees():
    found = mann_kendall([1, 2, 2, 3, 5, 4, 6])
    assert found.s.tolist() == [18]
    assert found.variance[0] == pytest.approx(43.3333, abs=5e-5)
    assert found.z[0] == pytest.approx(2.582485, abs=5e-7)
    assert found.p_value[0] == pytest.approx(0.009809, abs=5e-7)


def test_the_reference_series_of_twelve_rising_values_agrees():
    found = mann_kendall(np.arange(1, 13))
    assert found.s.tolist() == [66]
    assert found.variance[0] == pytest.approx(212.6667, abs=5e-5)
    assert found.z[0] == pytest.approx(4.457216, abs=5e-7)


def test_a_series_by_hand():
    """3 1 2 2: falls 3→1, 3→2, 3→2; rises 1→2, 1→2; ties 2–2: S −1; Var (4·3·13 − 2·1·9)/18 = 138/18."""
    found = mann_kendall([3, 1, 2, 2])
    assert found.s.tolist() == [-1]
    assert found.variance[0] == pytest.approx(138 / 18)
    assert found.z.tolist() == [0.0]


def test_equal_values_have_no_trend():
    found = mann_kendall([[4, 4, 4], [0, 0, 0]])
    assert found.z.tolist() == [0.0, 0.0]
    assert found.p_value.tolist() == [1.0, 1.0]


def test_no_series_gives_no_trends():
    assert len(mann_kendall(np.empty((0, 12))).z) == 0


@given(series=SERIES)
@settings(max_examples=50, deadline=None)
def test_pairs_counted_one_by_one_agree(series):
    pairs = list(itertools.combinations(series, 2))
    assert mann_kendall(series).s.tolist() == [sum((b > a) - (b < a) for a, b in pairs)]


@given(series=SERIES)
@settings(max_examples=25, deadline=None)
def test_a_series_read_backwards_has_the_opposite_trend(series):
    forward, backward = mann_kendall(series), mann_kendall(series[::-1])
    assert backward.z[0] == -forward.z[0]
    assert backward.variance.tolist() == forward.variance.tolist()


@given(values=st.lists(st.integers(0, 2), min_size=4, max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_variance_is_that_of_all_orders_of_the_same_values(values):
    scores = [int(mann_kendall(order).s[0]) for order in itertools.permutations(values)]
    assert mann_kendall(values).variance[0] == pytest.approx(np.var(scores))
    assert np.mean(scores) == pytest.approx(0)


@given(many=st.lists(st.lists(st.integers(0, 4), min_size=5, max_size=5), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_many_series_give_what_each_gives_alone(many):
    assert mann_kendall(many).z.tolist() == [float(mann_kendall(one).z[0]) for one in many]
