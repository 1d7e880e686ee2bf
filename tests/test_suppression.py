"""Suppression: worked cases, and an attack by linear programming that must not pin a hidden cell."""

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from hotspot.methods.suppression import HIDDEN, UNDER_5, mask_reference, suppress
from hotspot.paths import ROOT

small = st.one_of(st.integers(0, 7), st.integers(0, 60))
lists = st.lists(small, min_size=1, max_size=9)
tables = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(st.lists(small, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])
)


def whole_table(counts):
    """Lay out the cells with their totals as one flat list, and the equations that hold between them."""
    counts = np.asarray(counts)
    if counts.ndim == 1:
        return np.append(counts, counts.sum()), np.append(np.ones(len(counts)), -1)[None]
    rows, columns = counts.shape
    flat = np.concatenate([counts.ravel(), counts.sum(axis=1), counts.sum(axis=0), [counts.sum()]])
    index = np.arange(rows * columns).reshape(rows, columns)
    equations = np.zeros((rows + columns + 2, len(flat)))
    for i in range(rows):
        equations[i, index[i]], equations[i, rows * columns + i] = 1, -1
    for j in range(columns):
        equations[rows + j, index[:, j]], equations[rows + j, rows * columns + rows + j] = 1, -1
    equations[-2, rows * columns : rows * columns + rows], equations[-2, -1] = 1, -1
    equations[-1, rows * columns + rows : -1], equations[-1, -1] = 1, -1
    return flat, equations


def shown(counts):
    table = suppress(counts)
    return [*table.cells.ravel(), *table.row_totals, *table.column_totals, table.total]


def reader_bounds(labels, true):
    """What a reader knows of each cell; this one even knows which 'hidden' cells are 5 or more."""
    return [
        (1, 4) if label == UNDER_5 else ((5, None) if value >= 5 else (1, None)) if label == HIDDEN else (label, label)
        for label, value in zip(labels, true, strict=True)
    ]


def widths_an_attacker_finds(counts):
    """Minimise and maximise each hidden cell under the shown cells and totals."""
    true, equations = whole_table(counts)
    labels = shown(counts)
    bounds = reader_bounds(labels, true)
    widths = []
    for cell in [i for i, label in enumerate(labels) if isinstance(label, str)]:
        goal = np.zeros(len(labels))
        goal[cell] = 1
        low = linprog(goal, A_eq=equations, b_eq=np.zeros(len(equations)), bounds=bounds)
        high = linprog(-goal, A_eq=equations, b_eq=np.zeros(len(equations)), bounds=bounds)
        assert low.status == 0
        widths.append(np.inf if high.status == 3 else -high.fun - low.fun)
    return widths


def test_a_small_count_in_a_list_takes_the_least_other_with_it():
    table = suppress([3, 20, 40])
    assert (table.cells.tolist(), table.total) == ([UNDER_5, HIDDEN, 40], 63)
    assert table.hidden.tolist() == [True, True, False]


def test_two_small_counts_protect_each_other():
    table = suppress([100, 2, 3, 50])
    assert (table.cells.tolist(), table.total) == ([100, UNDER_5, UNDER_5, 50], 155)


def test_a_total_is_hidden_where_its_parts_could_be_worked_out():
    # 4 + 4 = 8 and 1 + 5 = 6 have no other reading once both parts are known to be under 5, or one to be 5 or more.
    assert suppress([4, 4]).total == HIDDEN
    assert suppress([1, 5]).total == HIDDEN


def test_a_table_hides_a_rectangle():
    table = suppress([[1, 20, 30], [40, 50, 60], [10, 60, 70]])
    hidden = np.argwhere(table.hidden)
    assert len(hidden) == 4
    assert len(set(hidden[:, 0])) == len(set(hidden[:, 1])) == 2
    assert table.cells[0, 0] == UNDER_5
    assert (table.row_totals.tolist(), table.column_totals.tolist(), table.total) == ([51, 150, 140], [51, 130, 160], 341)


def test_zeros_and_large_counts_alone_are_shown_as_they_are():
    assert suppress([[0, 5], [12, 0]]).cells.tolist() == [[0, 5], [12, 0]]
    assert suppress([0, 0]).total == 0


@given(st.one_of(lists, tables))
@settings(max_examples=150, deadline=None)
def test_no_hidden_cell_can_be_worked_out_from_what_is_shown(counts):
    assert all(width >= 1 - 1e-6 for width in widths_an_attacker_finds(counts))


@given(st.one_of(lists, tables))
@settings(max_examples=150, deadline=None)
def test_no_count_of_one_to_four_is_shown_and_what_is_shown_is_true(counts):
    true, _ = whole_table(counts)
    for label, value in zip(shown(counts), true, strict=True):
        assert not 1 <= value <= 4 or isinstance(label, str)
        assert label != UNDER_5 or 1 <= value <= 4
        assert isinstance(label, str) or label == value
        assert value != 0 or label == 0


@given(st.lists(st.integers(5, 99), min_size=1, max_size=8))
def test_nothing_is_hidden_where_nothing_is_small(counts):
    assert suppress(counts).cells.tolist() == counts


def test_the_attack_would_find_a_cell_left_without_protection():
    true, equations = whole_table([3, 20, 40])
    bounds = [(1, 4), (20, 20), (40, 40), (63, 63)]
    low = linprog([1, 0, 0, 0], A_eq=equations, b_eq=[0], bounds=bounds)
    high = linprog([-1, 0, 0, 0], A_eq=equations, b_eq=[0], bounds=bounds)
    assert (low.fun, -high.fun) == pytest.approx((true[0], true[0]))


def pinned_by_who_knows_the_rule(shape, most):
    """Count the tables in which such a reader, who asks which tables are shown just so, is certain of a hidden cell."""
    preimages, cells = defaultdict(list), math.prod(shape)
    for counts in itertools.product(range(most + 1), repeat=cells):
        preimages[tuple(shown(np.array(counts).reshape(shape)))].append(counts)
    pinned = asked = 0
    for labels, tables in preimages.items():
        hidden = [cell for cell in range(cells) if isinstance(labels[cell], str)]
        # Where a hidden cell comes near the most that is tried, others beyond it might be shown just so.
        if hidden and max(table[cell] for table in tables for cell in hidden) < most - 2:
            asked += len(tables)
            pinned += len(tables) * any(len({table[cell] for table in tables}) == 1 for cell in hidden)
    return pinned, asked


@pytest.mark.parametrize(("shape", "most", "words"), [((3,), 14, "three counts"), ((2, 2), 9, "two by two")])
def test_the_docs_say_how_often_who_knows_the_rule_is_certain(shape, most, words):
    pinned, asked = pinned_by_who_knows_the_rule(shape, most)
    assert f"{words}: {pinned:,} of {asked:,}" in " ".join((ROOT / "docs" / "disclosure.md").read_text("utf-8").split())


def test_counts_that_are_none_are_refused():
    for wrong in ([-1, 2], [1.5], [[[1]]]):
        with pytest.raises(ValueError, match="whole, non-negative"):
            suppress(wrong)


@pytest.mark.parametrize(
    ("reference", "masked"),
    [("10012345678", "•••678"), (" 10012345678 ", "•••678"), ("AB12CDE", "•••"), ("", "•••"), ("12345678", "•••678")],
)
def test_references_show_their_last_three_characters_only_where_they_are_long(reference, masked):
    assert mask_reference(reference) == masked
