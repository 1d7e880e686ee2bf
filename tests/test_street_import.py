"""The streamed import of police.uk files gives what one frame of all rows gives, and goes on where it was interrupted."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from geopandas import GeoDataFrame
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from one_frame_import import import_in_one_frame
from shapely import box
from street_files import BIRMINGHAM, COVENTRY, outcomes_file, row, street_file

from hotspot.geography import Force
from hotspot.offences import outcome_index, references
from hotspot.offences.load import import_sources
from hotspot.offences.store import Store

FIXED = {"today": date(2014, 4, 30), "imported_at": datetime(2024, 6, 30)}
HEX = ["a" * 64, "0123456789abcdef" * 4, "A" * 64]
IDS = ["", "", "", " ", "x", "y", " y ", "zürich", "reference 7", *HEX]
MONTHS = ["2014-01", "2014-02", "Mar-14", "2014-05", "soon", ""]
PLACES = [BIRMINGHAM, COVENTRY, ("", ""), ("0", "0"), ("abc", "52.4"), ("-1.898575", "52.479701"), ("-5.0", "50.1"), ("-1.9", "95")]
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
                st.sampled_from(IDS), st.sampled_from([*MONTHS, "2013-11"]), st.sampled_from(["Suspect charged", "Local resolution", " "])
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
