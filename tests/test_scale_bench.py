"""The invented national archive is one that the product imports, and the curves' exponent is what a hand computes."""

from datetime import date, datetime
from pathlib import Path

import pytest
from street_files import hashes

from bench.national import FORCES, Archive, write
from bench.scale_import import exponent
from hotspot.geography import Force
from hotspot.offences.load import import_sources
from hotspot.offences.police_uk import plain_name


def invented(folder: Path, seed: int = 1) -> Path:
    write(Archive(folder, 600, forces=2, months=3, outcomes=True, seed=seed), processes=1)
    return folder


def test_the_invented_archive_is_imported_whole_with_its_outcomes(tmp_path):
    forces = [Force(plain_name(force[1])) for force in FORCES[:2]]
    fixed = {"today": date(2026, 1, 1), "imported_at": datetime(2026, 1, 1)}
    report = import_sources([invented(tmp_path / "archive")], store=tmp_path / "store", forces=forces, **fixed)
    assert (report.rows_read, report.rows_used, report.passed_over) == (600, 600, {})
    assert report.forces == ("Metropolitan", "Greater Manchester") and len(report.months) == 3
    assert sum("latest outcome" in note for note in report.notes) == 2


def test_the_same_seed_invents_the_same_archive(tmp_path):
    one, two, other = (hashes(invented(tmp_path / str(n), seed)) for n, seed in enumerate([1, 1, 2]))
    assert one == two != other and len(one) == 12


def test_the_exponent_is_the_slope_of_the_logarithms():
    assert exponent([10, 100, 1000], [2.0, 20.0, 200.0]) == pytest.approx(1.0)
    assert exponent([10, 1000], [1.0, 10_000.0]) == pytest.approx(2.0)
    assert exponent([10], [1.0]) is None
