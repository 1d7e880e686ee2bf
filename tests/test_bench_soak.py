"""What a soak says: growth of memory after the first quarter, faults and the log."""

import pytest

from bench.load import Waits
from bench.sections import replaced
from bench.soak import Soaked, growth, log_review, tenths, told, tracebacks


def weighed(megabytes):
    return [(float(minute), megabytes(minute), 2 * megabytes(minute)) for minute in range(0, 121)]


def test_memory_that_grows_shows_its_megabytes_an_hour_and_the_warm_up_does_not_count():
    early, late, slope = growth(weighed(lambda minute: 500.0 if minute < 30 else 800.0 + minute))
    assert (early, late) == (pytest.approx(844.5), pytest.approx(905.0))
    assert slope == pytest.approx(60.0)


def test_flat_memory_has_no_slope():
    assert growth(weighed(lambda minute: 700.0))[2] == pytest.approx(0.0, abs=1e-9)


def test_the_log_is_reviewed_line_by_line():
    found = log_review("ready\n\n2026 ERROR page failed\nTraceback (most recent call last)\n  ValueError\n")
    assert found == {"other lines": 2, "ERROR": 1, "Traceback": 1}


def test_what_ends_a_traceback_is_told_as_a_fault():
    log = "ready\nTraceback (most recent call last):\n  File 'a.py', line 1\n\n    run()\nValueError: no\nand on\n"
    assert tracebacks(log) == ["log: ValueError: no"]


def test_every_fault_is_told_and_none_breaks_the_table():
    waits = Waits([(0.0, 1.0, True), (1.0, 3.0, True)], ["data: | wrong"])
    said = told(Soaked(waits, weighed(lambda minute: 700.0), faults=["imports: no\nspace"]), "", sessions=2, minutes=120)
    assert "| faults | 2: imports: no space; data: / wrong |" in said
    assert "700, 700 (+0.0%)" in said


def test_a_section_takes_the_place_of_the_one_before_and_leaves_those_round_it():
    document = "# Assurance\n\n## Faults\n\nold\n\n## Soak\n\nbefore\n\n## Web\n\nheaders\n"
    assert replaced(document, "## Soak\n\nafter\n") == document.replace("before", "after")
    assert replaced(document, "## New\n\nlast\n") == f"{document}\n## New\n\nlast\n"
    assert replaced("# Assurance\n", "## Soak\n\nfirst") == "# Assurance\n\n## Soak\n\nfirst\n"


def test_memory_is_told_for_each_tenth_of_the_run():
    assert tenths(weighed(lambda minute: minute // 12)) == list(range(10))
