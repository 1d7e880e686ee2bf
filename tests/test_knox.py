"""The Knox test: published tables, pairs worked by hand, and what bands mean."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import poisson

from hotspot.errors import BadInput
from hotspot.methods import knox as module
from hotspot.methods.knox import KnoxTable, check_bands, knox

CHICAGO_N_S, CHICAGO_N_T = (40, 69, 188, 209, 469_459), (182_440, 146_290, 95_314, 45_921)
CHICAGO = [
    [28, 5, 5, 2],
    [44, 13, 8, 4],
    [97, 56, 19, 16],
    [77, 67, 45, 20],
    [182_194, 146_149, 95_237, 45_879],
]


@pytest.fixture(scope="module")
def burkitt():
    """188 cases; see burkitt.md."""
    with (Path(__file__).parent / "burkitt.csv").open() as file:
        return np.array([[int(row[name]) for name in ("x", "y", "t")] for row in csv.DictReader(file)])


def within(limit):
    """The edge of a band that holds its own limit too."""
    return float(np.nextafter(limit, np.inf))


def made(observed, n_s, n_t, *, pairs, ratio=None):
    """Make a table of counts alone."""
    observed = np.array(observed)
    expected = np.multiply.outer(np.array(n_s, dtype=float), np.array(n_t)) / pairs
    ratio = observed / expected if ratio is None else ratio
    return KnoxTable(
        distance_edges=(0, 1, 100, 200, 300, math.inf), time_edges=(0, 7, 14, 21, math.inf), metric="manhattan",
        same_premises=False, observed=observed, expected=expected, ratio=ratio, p_value=np.full(observed.shape, 0.5),
        p_within=np.full(observed.shape, 0.5), n_s=np.array(n_s), n_t=np.array(n_t), n=970, pairs=pairs, permutations=999, seed=0,
    )  # fmt: skip


def test_the_burkitt_cases_give_the_published_table(burkitt):
    """Golden: 13 pairs, table [[13, 3416], [39, 14110]], E 10.1438161, Poisson p .14624558."""
    x, y, day = burkitt.T
    table = knox(x, y, day, distance_edges=(0, within(20), math.inf), time_edges=(0, within(5), math.inf), permutations=9)
    assert table.observed.tolist() == [[13, 3_416], [39, 14_110]]
    assert table.expected[0, 0] == pytest.approx(10.1438161, abs=5e-8)
    # The tool that this p comes from asks for more than 13 pairs; 13 or more is what a test means.
    assert poisson.sf(13, table.expected[0, 0]) == pytest.approx(0.14624558, abs=5e-9)
    assert (table.n, table.pairs) == (188, 188 * 187 // 2)


def test_the_burkitt_pairs_could_be_chance(burkitt):
    x, y, day = burkitt.T
    table = knox(x, y, day, distance_edges=(0, within(20)), time_edges=(0, within(5)), permutations=999, seed=1)
    assert table.p_value[0, 0] == pytest.approx(poisson.sf(12, 10.1438161), abs=0.06)
    assert not table.stands[0, 0]


def test_expectation_and_ratio_of_the_chicago_burglaries_follow_from_their_margins():
    """Golden: the NearRepeat R package's example, 970 offences, Manhattan distance."""
    observed = np.array(CHICAGO)
    assert observed.sum(axis=1).tolist() == list(CHICAGO_N_S)
    assert observed.sum(axis=0).tolist() == list(CHICAGO_N_T)
    table = made(CHICAGO, CHICAGO_N_S, CHICAGO_N_T, pairs=970 * 969 // 2)
    assert table.expected[0] == pytest.approx([15.528, 12.4511, 8.1124, 3.9085], abs=1e-4)
    assert table.ratio[:4, 0] == pytest.approx([1.8032, 1.6427, 1.3291, 0.9491], abs=1e-4)


def test_our_own_expectation_is_that_of_the_formula_for_any_margins():
    random = np.random.default_rng(4)
    x, y, day = random.uniform(0, 2_000, 200), random.uniform(0, 2_000, 200), random.integers(0, 60, 200)
    table = knox(x, y, day, distance_edges=(0, 1, 100, 200, 300, math.inf), time_edges=(0, 7, 14, 21, math.inf), permutations=1)
    for row, n_s in enumerate(table.n_s):
        for column, n_t in enumerate(table.n_t):
            assert table.expected[row, column] == pytest.approx(n_s * n_t / (200 * 199 / 2), rel=1e-12)


def test_bands_are_half_open_so_an_edge_belongs_to_the_band_it_begins():
    """Golden: two events 100 m and three days apart lie in the second band of each."""
    table = knox([0, 0], [0, 100], [0, 3], distance_edges=(0, 100, 200), time_edges=(0, 3, 6), permutations=1)
    assert table.observed.tolist() == [[0, 0], [0, 1]]
    assert (table.n_s.tolist(), table.n_t.tolist(), table.pairs) == ([0, 1], [0, 1], 1)


@pytest.mark.parametrize("metric, band", [("euclidean", 0), ("manhattan", 1)])
def test_the_metric_decides_how_far_apart_two_offences_are(metric, band):
    """3 m east and 4 m north: 5 m apart as the crow flies, 7 m around the corner."""
    table = knox([0, 3], [0, 4], [0, 0], distance_edges=(0, 6, 8), time_edges=(0, 1), metric=metric, permutations=1)
    assert table.observed[band, 0] == 1
    assert table.observed.sum() == 1


def test_pairs_outside_the_bands_count_in_the_margins_and_in_n():
    """Three offences on a line at 0, 50 and 500 m on days 0, 1 and 40: pairs of 50, 450 and 500 m, 1, 39 and 40 days."""
    table = knox([0, 50, 500], [0, 0, 0], [0, 1, 40], distance_edges=(0, 100, 460), time_edges=(0, 7, 40), permutations=1)
    assert table.observed.tolist() == [[1, 0], [0, 1]]
    assert (table.n_s.tolist(), table.n_t.tolist(), table.pairs) == ([1, 1], [1, 1], 3)
    assert table.expected == pytest.approx(np.full((2, 2), 1 / 3))


def test_bands_need_not_begin_at_nought():
    """The same three: [100, ∞) m holds the two long pairs, [39, ∞) days too; the short pair is in neither."""
    given = [0, 50, 500], [0, 0, 0], [0, 1, 40]
    table = knox(*given, distance_edges=(100, math.inf), time_edges=(39, math.inf), permutations=1)
    assert (table.observed.tolist(), table.n_s.tolist(), table.n_t.tolist()) == ([[2]], [2], [2])
    closed = knox(*given, distance_edges=(100, 451), time_edges=(39, 40), permutations=1)
    assert (closed.observed.tolist(), closed.n_s.tolist(), closed.n_t.tolist()) == ([[1]], [1], [1])


def test_pairs_on_one_premises_stand_in_the_first_row_wherever_they_were_recorded():
    """A reference met twice, 150 m apart: one pair on the same premises, none at 100 to 200 m. Another offence at the
    very place of the first has no reference: it is paired by its distance."""
    table = knox(
        [0, 150, 0],
        [0, 0, 0],
        [0, 2, 3],
        distance_edges=(0, 100, 200),
        time_edges=(0, 7),
        premises=[5, 5, -1],
        permutations=1,
    )
    assert table.distance_labels == ("Same premises", "0 to 100 m", "100 to 200 m")
    assert table.observed.ravel().tolist() == [1, 1, 1]
    assert table.n_s.sum() == table.pairs == 3


def test_two_offences_without_a_reference_are_not_on_one_premises():
    table = knox([0, 0], [0, 0], [0, 0], distance_edges=(0, 100), time_edges=(0, 7), premises=[-1, -1], permutations=1)
    assert table.observed.ravel().tolist() == [0, 1]


def test_p_can_never_be_nought_and_is_one_where_nothing_is_expected():
    random = np.random.default_rng(0)
    place = np.repeat(random.uniform(0, 1e6, 30), 2)
    table = knox(place, place, np.repeat(np.arange(30) * 50, 2), distance_edges=(0, 1, 2), time_edges=(0, 1), permutations=99)
    assert table.observed.ravel().tolist() == [30, 0]
    assert table.p_value.ravel().tolist() == [pytest.approx(1 / 100), 1.0]
    assert math.isnan(table.ratio[1, 0])
    assert table.stands.ravel().tolist() == [True, False]


def test_one_seed_gives_one_p_and_another_seed_another():
    random = np.random.default_rng(2)
    x, y, day = random.uniform(0, 500, 60), random.uniform(0, 500, 60), random.integers(0, 100, 60)
    bands = {"distance_edges": (0, 50, 100), "time_edges": (0, 7, 14), "permutations": 199}
    first, again, other = (knox(x, y, day, seed=seed, **bands).p_value for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_pairs_within_a_distance_and_a_time_are_those_of_one_wider_band():
    """All bands up to 100 m and 14 days hold what [0, 100) and [0, 14) hold by themselves, and their p is the same p."""
    random = np.random.default_rng(5)
    x, y, day, premises = *random.uniform(0, 500, (2, 90)), random.integers(0, 90, 90), random.integers(-1, 40, 90)
    given = {"premises": premises, "permutations": 199, "seed": 4}
    table = knox(x, y, day, distance_edges=(0, 50, 100, 200), time_edges=(0, 7, 14), **given)
    wide = knox(x, y, day, distance_edges=(0, 100), time_edges=(0, 14), **given)
    assert table.observed_within[1, 1] == wide.observed[1, 0]
    assert table.expected_within[1, 1] == pytest.approx(wide.expected[1, 0])
    assert wide.p_within[0, 0] == wide.p_value[1, 0]
    assert table.p_within[1, 1] == pytest.approx(wide.p_value[1, 0], abs=0.15)


def test_progress_ends_at_the_whole():
    told = []
    knox([0, 1, 2], [0, 0, 0], [0, 1, 9], distance_edges=(0, 2), time_edges=(0, 2), permutations=300, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_q_corrects_over_all_bands_of_the_table():
    """p .01, .02, .03, .04 of four bands: Benjamini–Hochberg gives .04 to each."""
    table = made([[1, 1], [1, 1]], [2, 2], [2, 2], pairs=6, ratio=np.array([[2.0, 1.1], [1.2, np.nan]]))
    object.__setattr__(table, "p_value", np.array([[0.01, 0.02], [0.03, 0.04]]))
    assert table.q_value == pytest.approx(np.full((2, 2), 0.04))
    assert table.stands.tolist() == [[True, False], [True, False]]


def test_bands_are_named_as_they_count():
    table = made(CHICAGO, CHICAGO_N_S, CHICAGO_N_T, pairs=469_965)
    assert table.distance_labels == ("Same place (under 1 m)", "1 to 100 m", "100 to 200 m", "200 to 300 m", "300 m or more")
    assert table.time_labels == ("0–6 days", "7–13 days", "14–20 days", "21 days or more")
    assert table.distance_bands[0] == (0, 1)
    assert table.time_bands[-1] == (21, math.inf)
    anything = knox([0, 1], [0, 0], [0, 1], distance_edges=(0, math.inf), time_edges=(0, math.inf), permutations=1)
    assert (anything.distance_labels, anything.time_labels) == (("Any distance",), ("Any time",))


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"distance_edges": (0,)}, "The distance bands '0' need two edges or more, as in 0,100,200."),
        ({"time_edges": (0, 7, 7)}, "The time bands '0,7,7' must rise from edge to edge, as in 0,7,14."),
        ({"distance_edges": (-1, 7)}, "The distance bands '-1,7' must begin at 0 or more; only the last edge may be inf."),
        ({"distance_edges": (0, math.inf, 7)}, "must rise"),
        ({"distance_edges": (0, math.nan)}, "must begin at 0 or more"),
        ({"time_edges": (0, 1.2, 1.8)}, "hold a band without a whole day"),
        ({"time_edges": range(60)}, "have 59 bands; 50 are the most"),
        ({"metric": "driving"}, "The metric 'driving' is none of euclidean, manhattan."),
        ({"permutations": 0}, "The permutations must be 1 to 99,999, not 0; 999 are usual."),
    ],
)
def test_bands_that_mean_nothing_are_refused(wrong, sentence):
    with pytest.raises(BadInput) as fault:
        check_bands(**({"distance_edges": (0, 1), "time_edges": (0, 7)} | wrong))
    assert sentence in str(fault.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(BadInput) as fault:
        check_bands(distance_edges=(0,), time_edges=(7, 0), metric="x", permutations=0)
    assert len(fault.value.faults) == 4


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_offences_are_refused_in_a_sentence(count):
    with pytest.raises(BadInput, match="need two offences or more"):
        knox(np.zeros(count), np.zeros(count), np.zeros(count, int), distance_edges=(0, 1), time_edges=(0, 1))


def test_dates_over_more_than_89_years_are_a_slip():
    with pytest.raises(BadInput, match="more than 89 years"):
        knox([0, 1], [0, 1], [0, 40_000], distance_edges=(0, 1), time_edges=(0, 1))


@pytest.mark.parametrize("premises, pairs", [(None, 36), ([1] * 9, 72)])
def test_more_pairs_than_can_be_looked_at_are_refused_in_a_sentence(premises, pairs, monkeypatch):
    """Nine offences at one place make 36 pairs, and as many again where they are on one premises too."""
    given = np.zeros(9), np.zeros(9), np.zeros(9, int)
    monkeypatch.setattr("hotspot.methods.near_pairs.MOST_CANDIDATES", pairs - 1)
    with pytest.raises(BadInput, match=f"9 offences make {pairs} near pairs, more than can be looked at"):
        knox(*given, distance_edges=(0, 1), time_edges=(0, 1), premises=premises, permutations=1)
    monkeypatch.setattr("hotspot.methods.near_pairs.MOST_CANDIDATES", pairs)
    assert knox(*given, distance_edges=(0, 1), time_edges=(0, 1), premises=premises, permutations=1).observed.sum() == 36


def test_the_longest_span_of_dates_still_fits():
    days = [0, module.LONGEST_SPAN]
    table = knox([0, 1], [0, 0], days, distance_edges=(0, 2), time_edges=(0, module.LONGEST_SPAN, math.inf), permutations=1)
    assert table.observed.tolist() == [[0, 1]]
