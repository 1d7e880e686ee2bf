"""What is fuzzed: every reader of a given file, and every parameter of a link. Whatever comes in gives a result or a sentence.

A target takes bytes and returns nothing. A ``HotspotError`` is the sentence; any other exception is a crash.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from urllib.parse import parse_qsl

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "hostile")]

from hotspot.boundaries.areas import read_areas  # noqa: E402
from hotspot.boundaries.context import read_layer  # noqa: E402
from hotspot.boundaries.force_file import load_force  # noqa: E402
from hotspot.commands.points import read_dated_points, read_points  # noqa: E402
from hotspot.commands.windows import read_windows  # noqa: E402
from hotspot.errors import HotspotError  # noqa: E402
from hotspot.export.backup import restore  # noqa: E402
from hotspot.findings.evaluation_areas import area_of_file  # noqa: E402
from hotspot.findings.peers import parse_peers  # noqa: E402
from hotspot.formulas import harmless, unmarked  # noqa: E402
from hotspot.geography import Force  # noqa: E402
from hotspot.offences.dates import DateRules, read_clock, read_moment  # noqa: E402
from hotspot.offences.force_extract import preview, read_head  # noqa: E402
from hotspot.offences.guess import guess_mapping  # noqa: E402
from hotspot.offences.mapping import Mapping, mapping_from_options  # noqa: E402
from hotspot.offences.outcome_index import read_outcomes  # noqa: E402
from hotspot.offences.police_uk import plan  # noqa: E402
from hotspot.offences.source_files import find_files  # noqa: E402
from hotspot.offences.street_rows import read_street  # noqa: E402
from hotspot.offences.weights import parse_table  # noqa: E402
from hotspot.period import Period  # noqa: E402
from hotspot.records.events import read_events  # noqa: E402
from hotspot.selection import Selection  # noqa: E402

Target = Callable[[bytes], None]
FORCE = Force("Testshire", bounds=(395_000.0, 285_000.0, 415_000.0, 299_000.0))
GRID = "EPSG:27700"
START = Selection("Extract", "Testshire", "Burglary", Period.parse("2024-04-01..2024-10-01"))


@cache
def folder() -> Path:
    """One folder for all files of this process, in memory where the machine has such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="hotspot-fuzz-", dir=memory if memory.is_dir() else None))


def written(name: str, content: bytes) -> Path:
    path = folder() / name
    path.write_bytes(content)
    return path


def text_of(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def police_uk(name: str, content: bytes) -> None:
    """Plan an import of the file, and read what the plan names."""
    found = plan(find_files([written(name, content)]), forces=(FORCE,))
    for file, force in found.street:
        read_street(file, force)
    for file, _ in found.outcomes:
        read_outcomes(file)


def extract(name: str, content: bytes) -> None:
    """Do what the Data page does: the first rows, a guessed mapping, and all rows through it."""
    path = written(name, content)
    mapping = guess_mapping(read_head(path), name="Fuzzed")
    if not mapping.faults():
        preview(path, mapping, FORCE, rows=None)


def restored(content: bytes) -> None:
    """Restore a backup into a place that is empty before and after."""
    with tempfile.TemporaryDirectory(dir=folder()) as place:
        restore(written("hotspot.tar", content), Path(place) / "store", progress=lambda words: None)


def mapping(content: bytes) -> None:
    """Read a mapping from text, and write one that is sound so that it reads back."""
    found = Mapping.from_toml(f"{text_of(content)}\n")
    assert Mapping.from_toml(found.to_toml()) == found


def cells(content: bytes) -> None:
    """Read each line as a date, a time and a text for a spreadsheet."""
    for line in text_of(content).split("\n"):
        for rules in (DateRules(), DateRules(day_first=False), DateRules(formats=("%d.%m.%y %H:%M",))):
            read_moment(line, rules)
        read_clock(line)
        assert unmarked(harmless(line)) == line.replace("\r", " ") or "\r\r" in line


def link(content: bytes) -> None:
    """Read a query string as the selection of a page, and write it as a link that means the same."""
    query = dict(parse_qsl(text_of(content), keep_blank_values=True))
    found, faults = START.updated_from(query)
    assert all(isinstance(fault, str) for fault in faults)
    assert found.title() and hash(found) is not None
    again, more = START.updated_from(found.to_query())
    assert not more and again.to_query() == found.to_query()


def given_json(content: bytes) -> None:
    """Read the drawn area of a link, whose JSON may be anything."""
    found, _ = START.updated_from({"drawn": text_of(content)})
    if found.drawn is not None:
        json.dumps(found.to_query(), allow_nan=False)


TARGETS: dict[str, Target] = {
    "police.uk": partial(police_uk, "2024-01-testshire-street.csv"),
    "police.uk outcomes": partial(police_uk, "2024-01-testshire-outcomes.csv"),
    "police.uk zip": partial(police_uk, "archive.zip"),
    **{f"extract {kind}": partial(extract, f"given.{kind}") for kind in ("csv", "xlsx", "parquet", "gpkg", "geojson")},
    **{
        f"areas {kind}": lambda content, kind=kind: read_areas(written(f"areas.{kind}", content), level="ward", crs=GRID)
        for kind in ("gpkg", "geojson", "kml", "zip")
    },
    "area": lambda content: area_of_file(written("area.geojson", content), crs=GRID),
    "layer csv": lambda content: read_layer(written("layer.csv", content), name="CCTV", crs=GRID, bounds=FORCE.bounds),
    "layer geojson": lambda content: read_layer(written("layer.geojson", content), name="CCTV", crs=GRID, bounds=FORCE.bounds),
    "events": lambda content: read_events(written("events.csv", content), lpas=("Westley",)),
    "other forces": lambda content: parse_peers(content, file="peers.csv"),
    "weights csv": lambda content: parse_table(content, file="weights.csv"),
    "weights toml": lambda content: parse_table(content, file="weights.toml"),
    "points": lambda content: read_points(written("points.csv", content)),
    "dated points": lambda content: read_dated_points(written("dated.csv", content)),
    "windows": lambda content: read_windows(written("windows.csv", content)),
    "force file": lambda content: load_force(written("force.toml", content)),
    "mapping": mapping,
    "columns option": lambda content: mapping_from_options(columns=text_of(content), crime_type="Robbery"),
    "restore": restored,
    "cells": cells,
    "link": link,
    "drawn area": given_json,
}
"""Name → what takes the bytes."""


def ran(target: str, content: bytes) -> bool:
    """Run a target; True where it gave a result, False where it gave a sentence."""
    try:
        TARGETS[target](content)
    except HotspotError as fault:
        assert str(fault).strip(), "an error without a sentence"
        return False
    return True


def seeds(target: str) -> list[bytes]:
    """Give sound and nearly sound files of a kind, from which others are made."""
    from seed_files import SEEDS

    with tempfile.TemporaryDirectory() as place, suppress(KeyError):
        return [make(Path(place)).read_bytes() for make in SEEDS[target]]
    return [b""]
