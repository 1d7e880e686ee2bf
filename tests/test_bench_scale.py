"""Curves of cost against size: the exponent, and a section of a document that is replaced."""

import math

import pytest

from bench.scale import CURVES, Point, exponent, tabled, written


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_that_power(power):
    sizes = [10.0**n for n in (4, 5, 6, 7)]
    assert exponent(sizes, [3e-6 * size**power for size in sizes]) == pytest.approx(power)


def test_the_smallest_of_four_sizes_is_left_out_and_one_size_has_no_exponent():
    assert exponent([1e4, 1e5, 1e6, 1e7], [99.0, 1.0, 10.0, 100.0]) == pytest.approx(1.0)
    assert math.isnan(exponent([1e4], [1.0]))


def test_a_measurement_that_was_given_up_stands_in_the_table_without_a_figure():
    points = [Point("density", size, size * 1e-6, size * 2e-6, 1.0) for size in (10_000, 100_000)]
    said = tabled([*points, Point("density", 1_000_000, math.nan, math.nan, math.nan, "given up after 240 s")])
    assert "| 1,000,000 | – | – |  | given up after 240 s |" in said
    assert "**exponent 1.00** | over 10,000 to 100,000" in said


def test_the_section_takes_the_place_of_the_one_before_and_leaves_the_rest():
    once = written("# Benchmarks\n\n| a |\n", "## Curves\n\nfirst\n")
    assert once == "# Benchmarks\n\n| a |\n\n## Curves\n\nfirst\n"
    assert written(once, "## Curves\n\nsecond\n") == once.replace("first", "second")


@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_can_be_worked_at_a_small_size(curve):
    assert CURVES[curve][1](600)() is not None
