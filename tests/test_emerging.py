"""Emerging hotspots: one hand-worked cell for each category, and planted places that come and go."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import NotKnowable
from hotspot.methods import emerging as methods
from hotspot.methods.emerging import CATEGORIES, classify, emerging
from hotspot.methods.gi_star import gi_star
from hotspot.methods.mann_kendall import mann_kendall
from hotspot.methods.units import squares

MARKS = {"h": 1, ".": 0, "c": -1}


def verdicts(*rows):
    return np.array([[MARKS[mark] for mark in row] for row in rows], dtype=np.int8)


@pytest.mark.parametrize(
    "slices, trend, category",
    [
        (".........h", 0, "new"),
        ("c........h", 0, "new"),
        ("........hh", 0, "consecutive"),
        ("cc..hhhhhh", 0, "consecutive"),
        (".hhhhhhhhh", 1, "intensifying"),
        ("hhhhhhhhhh", 1, "intensifying"),
        ("hhhhhhhhhh", 0, "persistent"),
        ("hhhh.hhhhh", 0, "persistent"),
        ("hhhhhhhhhh", -1, "diminishing"),
        ("h........h", 0, "sporadic"),
        ("h.hhhhh.hh", 1, "sporadic"),
        ("hc.......h", 0, "oscillating"),
        ("h.c.h...hh", 0, "oscillating"),
        ("hhhhhhhhh.", 0, "historical"),
        ("hhhhhhhhhc", -1, "historical"),
        ("hhhhhhhh..", 0, "none"),
        ("..........", 0, "none"),
        ("cccccccccc", 0, "none"),
        ("h.........", 0, "none"),
        ("........h.", 0, "none"),
    ],
)
def test_each_category_by_hand(slices, trend, category):
    assert classify(verdicts(slices), np.array([trend])).tolist() == [category]


def test_nine_of_ten_slices_are_throughout_and_eight_are_not():
    assert classify(verdicts("hhhhhhhh.h", ".hh.hhhhhh"), np.zeros(2)).tolist() == ["persistent", "sporadic"]


def test_the_slice_before_the_last_counts_as_earlier():
    """A known tool counts one slice as recent and as older at once; here a cell hot in the last two is never new."""
    assert classify(verdicts("........hh"), np.zeros(1)).tolist() == ["consecutive"]


@given(rows=st.lists(st.text("h.c", min_size=12, max_size=12), min_size=1, max_size=8), trend=st.sampled_from([-1, 0, 1]))
@settings(max_examples=50, deadline=None)
def test_every_history_has_one_category_and_only_the_last_slice_makes_it_current(rows, trend):
    found = classify(verdicts(*rows), np.full(len(rows), trend))
    for row, category in zip(rows, found, strict=True):
        assert category in (*CATEGORIES, "none")
        assert (row[-1] == "h") == (category not in ("historical", "none"))


def planted(slices=12, growing=False):
    """A map of 20 × 20 squares: 3 per cell and slice, and places that hold more at certain times, or one that grows."""
    units = squares(shapely.box(0, 0, 2_000, 2_000), cell_size=100)
    x, y = units.centres
    counts = np.random.default_rng(8).poisson(3, (400, slices)).astype(float)
    time = np.arange(slices)
    histories = {
        (350, 350): np.full(slices, 25),
        (1_650, 350): np.where(time == slices - 1, 30, 0),
        (1_650, 1_650): np.where(time < slices - 1, 30, 0),
        (1_050, 1_050): np.where(time >= slices - 3, 30, 0),
    }
    if growing:
        histories = {(350, 1_650): 6 + 2 * time}
    for (east, north), extra in histories.items():
        counts[np.maximum(abs(x - east), abs(y - north)) < 110] += extra
    return units, counts


def test_planted_places_are_told_apart():
    units, counts = planted()
    found = emerging(units, counts, permutations=4_999, seed=3)
    at = [(350, 350), (1_650, 350), (1_650, 1_650), (1_050, 1_050)]
    said = [found.category[units.unit_of([east], [north])[0]] for east, north in at]
    assert said == ["persistent", "new", "historical", "consecutive"]
    assert (found.category == "none").sum() > 250


@pytest.mark.parametrize("later, category", [(slice(None), "intensifying"), (slice(None, None, -1), "diminishing")])
def test_a_place_that_grows_intensifies_and_one_that_shrinks_diminishes(later, category):
    units, counts = planted(growing=True)
    found = emerging(units, counts[:, later])
    assert found.category[units.unit_of([350], [1_650])[0]] == category


def test_each_slice_is_a_map_of_its_own_with_its_own_seed():
    units, counts = planted()
    found = emerging(units, counts, permutations=499, seed=3)
    alone = gi_star(units, counts[:, 4], permutations=499, seed=7)
    assert found.z[:, 4].tolist() == alone.z.tolist()
    assert found.verdict[:, 4].tolist() == alone.verdict.tolist()


def test_the_trend_is_asked_of_those_cells_alone_whose_category_rests_on_it():
    units, counts = planted()
    found = emerging(units, counts)
    asked = np.isin(found.category, ["intensifying", "persistent", "diminishing"])
    assert (np.isfinite(found.trend_z) == asked).all()
    assert found.trend_z[asked] == pytest.approx(mann_kendall(found.z[asked]).z)


def test_a_rise_everywhere_intensifies_nothing():
    units, counts = planted()
    rising = counts * np.linspace(1, 3, 12)
    before, after = emerging(units, counts), emerging(units, rising)
    assert after.z == pytest.approx(before.z)


def test_progress_ends_at_the_whole():
    told = []
    units, counts = planted()
    emerging(units, counts, progress=told.append)
    assert told[0] == pytest.approx(1 / 12)
    assert told[-1] == 1.0


@pytest.mark.parametrize("slices, words", [(0, "is no whole time slice"), (1, "is one time slice"), (9, "are 9 time slices")])
def test_fewer_than_ten_slices_are_refused_with_the_reason(slices, words):
    units, counts = planted()
    with pytest.raises(NotKnowable, match=f"There {words}.*at least 10.*Gi") as refusal:
        emerging(units, counts[:, :slices])
    assert len(refusal.value.headline) <= 80


def test_no_slice_is_used_twice():
    units, counts = planted()
    assert emerging(units, counts).slices == 12
    assert methods.LEAST_SLICES == 10


def test_kinds_and_former_hotspots_together_are_all_cells_that_ever_were_one():
    units, counts = planted()
    found = emerging(units, counts, permutations=999, seed=3)
    kinds = sum(int((found.category == category).sum()) for category in CATEGORIES)
    assert kinds + found.formerly == int((found.times_hot > 0).sum())
