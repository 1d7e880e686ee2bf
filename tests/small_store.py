"""A small store of hand-written offences in square LPAs, for the tests of findings, scenes and exports."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import shapely

from hotspot.boundaries.force_file import load_force
from hotspot.offences.load import import_sources
from hotspot.offences.store import Store
from hotspot.period import Period
from hotspot.selection import COMMITTED, Selection

FORCE, SOURCE = "Testshire", "Extract"
LICENCE = "Invented squares, free to use."
WEST, EAST = "Westley", "Eastley"
LPAS = {
    WEST: shapely.box(400_000, 290_000, 404_000, 294_000),
    EAST: shapely.box(404_000, 290_000, 408_000, 294_000),
}
"""Two squares of 16 km² that share the border x = 404,000."""
IN_WEST, IN_EAST, BEYOND = (402_000, 292_000), (406_000, 292_000), (409_000, 292_000)
"""BEYOND lies outside the LPAs, and within the force's bounds."""
PERIOD = Period(date(2024, 4, 1), date(2024, 10, 1))
BEFORE = PERIOD.shifted(-12)
MAPPING = f"""
name = "{SOURCE}"
crs = "EPSG:27700"
[columns]
offence_id = "Reference"
crime_description = "Offence"
committed_from = "From"
committed_to = "To"
reported = "Reported"
x = "Easting"
y = "Northing"
lpa = "LPA"
street = "Street"
premises_ref = "UPRN"
victim_ref = "Victim"
victim_age = "Age"
knife = "Knife"
"""
HEADER = (
    "Reference",
    "Offence",
    "From",
    "To",
    "Reported",
    "Easting",
    "Northing",
    "LPA",
    "Street",
    "UPRN",
    "Victim",
    "Age",
    "Knife",
)
Row = dict[str, str]


def offence(
    reference: object,
    at: tuple[float, float] | None = IN_WEST,
    committed: str = "2024-05-01 12:00",
    *,
    to: str = "",
    reported: str = "",
    kind: str = "Residential burglary",
    **others: object,
) -> Row:
    """One row of the extract; ``others`` are lpa, street, uprn, victim, age and knife."""
    x, y = at or ("", "")
    named = {"lpa": "LPA", "uprn": "UPRN"}
    said = {named.get(name, name.capitalize()): str(value) for name, value in others.items()}
    given = {
        "Reference": str(reference), "Offence": kind, "From": committed, "To": to, "Reported": reported,
        "Easting": str(x), "Northing": str(y),
    }  # fmt: skip
    return dict.fromkeys(HEADER, "") | given | said


def several(
    count: int, prefix: str, at: tuple[float, float] | None = IN_WEST, committed: str = "2024-05-01 12:00", **others
) -> list[Row]:
    """``count`` offences alike but for their references."""
    return [offence(f"{prefix}{number}", at, committed, **others) for number in range(count)]


def force_file(folder: Path, lpas: Mapping[str, shapely.Geometry] | None, *, name: str = FORCE) -> Path:
    """Write a force whose LPAs are the given polygons; None: a force without boundaries."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'name = "{name}"', "bounds = [395000, 285000, 415000, 299000]", f'licence = "{LICENCE}"']
    if lpas is not None:
        lines += ["[boundaries]", 'file = "lpa.geojson"', 'name_column = "name"']
        features = [
            {"type": "Feature", "properties": {"name": lpa}, "geometry": shapely.geometry.mapping(shape)}
            for lpa, shape in lpas.items()
        ]
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
        (folder / "lpa.geojson").write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    path = folder / "force.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def small_store(
    folder: Path,
    rows: Iterable[Row],
    *,
    lpas: Mapping[str, shapely.Geometry] | None = LPAS,
    force: str = FORCE,
    source: str = SOURCE,
    synthetic: bool = False,
) -> Store:
    """Import rows into the store of a folder, beside what it holds already."""
    given = folder / f"{force}-{source}"
    described = load_force(force_file(given, lpas, name=force))
    extract, mapping = given / "extract.csv", given / "mapping.toml"
    with extract.open("w", newline="", encoding="utf-8") as file:
        csv.DictWriter(file, HEADER).writerows([dict(zip(HEADER, HEADER, strict=True)), *rows])
    mapping.write_text(MAPPING, encoding="utf-8")
    import_sources(
        [extract],
        store=folder / "store",
        mapping=mapping,
        forces=[described],
        source=source,
        today=date(2026, 1, 1),
        synthetic=synthetic,
    )
    return Store(folder / "store")


def selection(crime_type: str = "Burglary", **limits) -> Selection:
    """Burglary of the small force committed in its period, or what ``limits`` say."""
    given = {"source": SOURCE, "force": FORCE, "period": PERIOD, "date_basis": COMMITTED} | limits
    return Selection(crime_type=crime_type, **given)
