"""Curves of cost against size: the exponent, what is kept of a measurement, and the invented archive behind them."""

import math
from datetime import date, datetime
from pathlib import Path

import pytest
from street_files import hashes

from bench.curve import Point, exponent, keep, kept, tabled
from bench.load import is_shared
from bench.national import Archive, described, write
from bench.scale import CURVES, section
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store, read


def invented(folder: Path, seed: int = 1) -> Path:
    write(Archive(folder, 600, forces=2, months=3, outcomes=True, seed=seed), processes=1)
    return folder


def test_the_invented_archive_is_imported_whole_with_its_outcomes_and_lpas(tmp_path):
    fixed = {"today": date(2026, 1, 1), "imported_at": datetime(2026, 1, 1), "forces": described(tmp_path, count=2)}
    report = import_sources([invented(tmp_path / "archive")], store=tmp_path / "store", **fixed)
    assert (report.rows_read, report.rows_used, report.passed_over) == (600, 600, {})
    assert report.forces == ("Metropolitan", "Greater Manchester") and len(report.months) == 3
    assert sum("latest outcome" in note for note in report.notes) == 2
    asked = {"scope": EVERYTHING, "source": "police.uk", "force": "Metropolitan", "columns": ["lpa"]}
    lpas = read(Store(tmp_path / "store"), **asked)["lpa"]
    assert lpas.str.startswith("LPA ").mean() > 0.9 and lpas.nunique() > 5


def test_the_same_seed_invents_the_same_archive(tmp_path):
    one, two, other = (hashes(invented(tmp_path / str(n), seed)) for n, seed in enumerate([1, 1, 2]))
    assert one == two != other and len(one) == 12


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_that_power(power):
    sizes = [10.0**n for n in (4, 5, 6, 7)]
    assert exponent(sizes, [3e-6 * size**power for size in sizes]) == pytest.approx(power)


def test_the_smallest_of_four_sizes_is_left_out_and_one_size_has_no_exponent():
    assert exponent([1e4, 1e5, 1e6, 1e7], [99.0, 1.0, 10.0, 100.0]) == pytest.approx(1.0)
    assert math.isnan(exponent([1e4], [1.0]))


def test_a_measurement_that_was_given_up_stands_in_the_table_without_a_figure():
    points = [Point("density", size, size * 1e-6, size * 2e-6, 1.0, load=0.5) for size in (100_000, 10_000)]
    said = tabled([*points, Point("density", 1_000_000, math.nan, math.nan, math.nan, "given up after 240 s")], {}, memory="MB")
    assert "| density | 10,000 | 0.010 | 0.020 | 1 | 0.5 |  |\n| density | 100,000 |" in said
    assert "| 1,000,000 | – | – | – | – | given up after 240 s |" in said
    assert "**exponent 1.00** | over 10,000 to 100,000" in said


def test_an_exponent_is_fitted_to_seconds_where_the_processors_are_not_known_of_all():
    spent = {10_000: 1.0, 100_000: 10.0, 1_000_000: math.nan}
    points = [Point("select", size, 0.1, processor, math.nan) for size, processor in spent.items()]
    assert "**exponent 0.00**" in tabled(points, {}, memory="MB"), "the two kinds of seconds are never mixed"


def test_a_point_that_is_measured_again_takes_the_place_of_the_one_before(tmp_path):
    file = tmp_path / "points.json"
    assert kept(file) == []
    first, other = Point("import", 10, 1.0, 2.0, 3.0, day="2026-01-01", load=1.0), Point("import", 20, 1.0, 2.0, 3.0, load=1.0)
    assert keep(file, [first, other]) == [first, other]
    again = Point("import", 10, 0.5, 2.0, 3.0, load=2.0)
    assert keep(file, [again]) == kept(file) == [again, other]


def test_the_section_holds_methods_and_stores_apart():
    points = [Point(curve, 10_000, 1.0, 1.0, 1.0, day="2026-01-01", load=1.0) for curve in ("picture-first", "density")]
    methods, stores = section(points).split("### From files to a picture")
    assert "density, quartic, 300 m / 100 m, 45 × 40 km: 100,000, 1,000,000, 10,000,000;" in methods.split("### Methods")[0]
    methods = methods.split("### Methods")[1]
    assert "quartic" in methods and "Density page" in stores and "Density page" not in methods


@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_can_be_worked_at_a_small_size(curve):
    assert CURVES[curve][1](600)() is not None


def test_at_least_four_of_five_changes_go_to_shared_views_whenever_the_load_test_ends():
    for person in range(40):
        shared = [is_shared(person, change) for change in range(61)]
        assert all(sum(shared[:count]) >= 0.8 * count for count in range(1, 62))
        assert sum(shared) <= 0.84 * len(shared)
