"""The streamed import of police.uk files gives what one frame of all rows gives, and goes on where it was interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from geopandas import GeoDataFrame
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from one_frame_import import import_in_one_frame
from shapely import box
from street_files import BIRMINGHAM, COVENTRY, hashes, outcomes_file, row, street_file

from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.offences import outcome_index, references, street_import
from hotspot.offences.load import import_sources
from hotspot.offences.steps import Pace, Told
from hotspot.offences.store import Store

ROOT = Path(__file__).resolve().parent.parent

FIXED = {"today": date(2014, 4, 30), "imported_at": datetime(2024, 6, 30)}
HEX = ["a" * 64, "0123456789abcdef" * 4, "A" * 64]
IDS = ["", "", "", " ", "x", "y", " y ", "zürich", "reference 7", *HEX]
MONTHS = ["2014-01", "2014-02", "Mar-14", "2014-05", "soon", ""]
PLACES = [
    BIRMINGHAM,
    COVENTRY,
    ("", ""),
    ("0", "0"),
    ("abc", "52.4"),
    ("-1.898575", "52.479701"),
    ("-5.0", "50.1"),
    ("-1.9", "95"),
]
FORCES = ["West Midlands Police", "Leicestershire Police", "LEICESTERSHIRE", "", "Kent Police"]
TYPES = ["Burglary", "Violent crime", "Violence and sexual offences", "Hoverboard theft", " "]

rows = st.builds(
    row,
    st.sampled_from(IDS),
    month=st.sampled_from(MONTHS),
    force=st.sampled_from(FORCES),
    at=st.sampled_from(PLACES),
    location=st.sampled_from(["On or near High Street", "On or near Low Street", "No Location", ""]),
    crime_type=st.sampled_from(TYPES),
    outcome=st.sampled_from(["", "Under investigation", "Suspect charged"]),
)
ragged = st.sampled_from(["one,two", "", row("x") + ",more"])
files = st.lists(
    st.tuples(
        st.sampled_from(["2014-01", "2014-02", "2014-03"]),
        st.sampled_from(["west-midlands", "leicestershire"]),
        st.lists(st.one_of(rows, rows, rows, rows, ragged), max_size=12),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[:2],
)
outcomes = st.lists(
    st.tuples(
        st.sampled_from(["2014-01", "2014-04"]),
        st.sampled_from(["west-midlands", "leicestershire"]),
        st.lists(
            st.tuples(
                st.sampled_from(IDS),
                st.sampled_from([*MONTHS, "2013-11"]),
                st.sampled_from(["Suspect charged", "Local resolution", " "]),
            ),
            max_size=6,
        ),
    ),
    max_size=2,
    unique_by=lambda one: one[:2],
)
imports = st.lists(st.tuples(files, outcomes), min_size=1, max_size=2)
WEST = (390_000.0, 270_000.0, 440_000.0, 310_000.0)


def forces(folder: Path) -> list[Force]:
    """One with an LPA around Birmingham, Coventry outside it; one without boundaries."""
    boundaries = folder / "lpa.geojson"
    if not boundaries.exists():
        square = box(400_000, 280_000, 415_000, 295_000)
        GeoDataFrame({"name": ["Birmingham"]}, geometry=[square], crs="EPSG:27700").to_crs("EPSG:4326").to_file(boundaries)
    return [Force("West Midlands", bounds=WEST, boundaries_file=boundaries), Force("Leicestershire")]


def written(folder: Path, streets, told) -> Path:
    for month, force, lines in streets:
        street_file(folder, *lines, month=month, force=force)
    for month, force, lines in told:
        outcomes_file(folder, *lines, month=month, force=force)
    return folder


def content(store: Path) -> list[tuple]:
    """Every part with all that it holds, and what the manifest says but for file names."""
    manifest = Store(store).manifest
    parts = [
        ({**vars(part), "file": ""}, pq.read_table(store / part.file).to_pydict(), (store / part.file).read_bytes())
        for part in manifest.parts
    ]
    return [manifest.forces, *parts, [(vars(one), list(one.excluded)) for one in manifest.exclusions]]


def both(folder: Path, batches) -> None:
    """Import batch after batch both ways, and hold one to the other."""
    for number, (streets, told) in enumerate(batches):
        source = written(folder / f"files-{number}", streets, told)
        options = {"forces": forces(folder), **FIXED}
        slow = import_in_one_frame([source], store=folder / "slow", **options)
        fast = import_sources([source], store=folder / "fast", profile="police-uk", **options)
        assert fast.to_dict() == slow.to_dict()
        assert list(fast.crime_types) == list(slow.crime_types) and list(fast.excluded) == list(slow.excluded)
        for ours, theirs in zip(content(folder / "fast"), content(folder / "slow"), strict=True):
            assert ours == theirs
        assert Store(folder / "fast").fingerprint == Store(folder / "slow").fingerprint


@settings(max_examples=20, phases=(Phase.explicit, Phase.generate))
@given(batches=imports)
def test_the_streamed_import_gives_what_one_frame_gives(batches):
    with tempfile.TemporaryDirectory() as folder:
        both(Path(folder), batches)


def several_files(folder: Path) -> Path:
    """Two forces, three months, references and outcomes across them."""
    for number, month in enumerate(["2014-01", "2014-02", "2014-03"]):
        lines = [row(f"{month} {n}", month=month, at=COVENTRY) for n in range(30)]
        street_file(folder, *lines, row("twice", month=month), row("", month=month), month=month)
        street_file(folder, row(f"l{number}", month=month, force="Leicestershire Police"), month=month, force="leicestershire")
    outcomes_file(folder, ("twice", "2014-03", "Suspect charged"), ("2014-01 3", "2014-02", "Local resolution"), month="2014-03")
    return folder


def test_references_that_share_a_hash_are_told_apart(tmp_path, monkeypatch):
    for module in (references, outcome_index):
        monkeypatch.setattr(module, "hashes_of", lambda keys: keys[:, 0] & 1)
    first = [("2014-01", "west-midlands", [row(one) for one in "abcabxyz"]), ("2014-02", "west-midlands", [row("a")])]
    told = [
        (
            "2014-01",
            "west-midlands",
            [(one, "2014-01", "Suspect charged") for one in "qac"] + [("a", "2014-02", "Local resolution")],
        )
    ]
    again = [("2014-02", "west-midlands", [row(one, month="2014-02") for one in "zefg"])]
    both(tmp_path, [(first, told), (again, [])])


def test_a_file_of_several_months_and_a_month_of_several_files_make_one_part_each(tmp_path):
    mixed = [row("a"), row("b", month="2014-02"), row("c"), row("b"), row("d", month="2014-02", force="Kent Police")]
    both(
        tmp_path,
        [([("2014-01", "west-midlands", mixed), ("2014-02", "west-midlands", [row("e"), row("c", month="2014-02")])], [])],
    )
    assert [part.month for part in Store(tmp_path / "fast").manifest.parts] == ["2014-02", "2014-01", "2014-02"]


def test_the_coordinates_with_most_offences_are_told_with_their_most_frequent_street(tmp_path):
    streets = ["Mill Lane"] * 12 + ["High Street"] * 12 + ["Zoo Street"] * 3
    lines = [row(f"r{n}", at=COVENTRY, location=f"On or near {name}") for n, name in enumerate(streets)]
    # The last rows' references stand in the first file: what is left out counts at no coordinate.
    again = [row(f"r{n}", at=BIRMINGHAM, month="2014-02") for n in range(5)] + [row(at=BIRMINGHAM, month="2014-02")] * 21
    leicester = [row(force="Leicestershire Police", at=COVENTRY, location="On or near Mill Lane")]
    batch = [("2014-01", "west-midlands", lines), ("2014-02", "west-midlands", again), ("2014-01", "leicestershire", leicester)]
    both(tmp_path, [(batch, [])])
    piles = Store(tmp_path / "fast").reports[-1].suspicious.pile_ups
    assert [(pile.count, pile.street) for pile in piles] == [(28, "Mill Lane"), (21, "High Street")]


def killed(store: Path, source: Path, after: int) -> subprocess.CompletedProcess:
    script = ROOT / "tests" / "killed_street_import.py"
    command = [sys.executable, str(script), str(store), str(source), str(after)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)


def test_an_import_that_was_killed_is_continued_by_the_same_command(tmp_path):
    source, store = several_files(tmp_path / "files"), tmp_path / "store"
    options = {"forces": [Force("West Midlands"), Force("Leicestershire")], **FIXED}
    import_sources([source / "2014-01"], store=store, **options)
    before = hashes(store)
    assert killed(store, source, 4).returncode == -signal.SIGKILL
    assert before.items() <= hashes(store).items() and len(Store(store).manifest.parts) == 2
    again = killed(store, source, 0)
    # The outcomes file and at least three street files were done; a process may have done one more.
    assert "of 6 files were read before the interruption" in again.stdout
    assert int(again.stdout.split(" of 6 files")[0].splitlines()[-1]) >= 3
    import_sources([source / "2014-01"], store=tmp_path / "whole", **options)
    import_sources([source], store=tmp_path / "whole", **options)
    assert Store(store).fingerprint == Store(tmp_path / "whole").fingerprint
    assert Store(store).reports[-1].to_dict() == Store(tmp_path / "whole").reports[-1].to_dict()
    assert hashes(store).keys() == hashes(tmp_path / "whole").keys()


@pytest.mark.parametrize(("fresh", "found"), [(False, True), (True, False)])
def test_what_was_read_is_taken_up_unless_the_import_begins_afresh(tmp_path, monkeypatch, fresh, found):
    monkeypatch.setattr(street_import, "SMALL", -1)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    source, store, told = several_files(tmp_path / "files"), tmp_path / "store", []

    def stop(step):
        if "2014-02-west" in step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_sources([source], store=store, progress=stop, **FIXED)
    street_file(source, row("new"), month="2014-01")  # one of the files that were read is another now
    report = import_sources([source], store=store, progress=told.append, fresh=fresh, **FIXED)
    assert ("1 of 3 files were read before the interruption" in told) == found
    assert report.rows_read == 65 and not (store / "tmp").exists()
    assert all(0 <= step.share <= 1 for step in told)


def test_a_faulty_file_refuses_the_whole_import_and_a_new_store_is_not_made(tmp_path):
    source = several_files(tmp_path / "files")
    for month in ("2014-01", "2014-03"):
        file = source / month / f"{month}-west-midlands-street.csv"
        file.write_text(file.read_text().replace("Context", "Month", 1))
    with pytest.raises(BadInput) as caught:
        import_sources([source], store=tmp_path / "store", **FIXED)
    assert len(caught.value.faults) == 2 and not (tmp_path / "store").exists()


def test_many_files_are_told_by_number_rate_and_time_left():
    pace = Pace(100, 20, "file")
    pace.begin(800, now=0.0)
    assert pace.resumed() == "20 of 100 files were read before the interruption"
    assert pace.done("a.csv", Told(1_000, 10), now=0.5) is None
    assert pace.done("b.csv", Told(3_000, 10), now=2.0) == "22 of 100 files read, 2,000 rows a second, about 78 s left"
