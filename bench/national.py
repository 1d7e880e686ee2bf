"""An invented national archive in the layout of data.police.uk: forces, months, street and outcomes files.

``python -m bench.national FOLDER --offences 1000000 [--forces 43] [--months 120] [--outcomes] [--seed 1]``

Sizes of the forces are in proportion to the offences that they record in a year; positions are anchor points in a box
around each force's main town. Nothing here is real but the names.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from hotspot.geography import Force
from hotspot.offences.police_uk import plain_name

# Name in the files, name in the rows, longitude and latitude of the middle, thousands of offences a year.
FORCES = (
    ("metropolitan", "Metropolitan Police Service", -0.12, 51.50, 1100),
    ("greater-manchester", "Greater Manchester Police", -2.24, 53.48, 390),
    ("west-midlands", "West Midlands Police", -1.90, 52.48, 380),
    ("west-yorkshire", "West Yorkshire Police", -1.60, 53.78, 340),
    ("kent", "Kent Police", 0.72, 51.22, 200),
    ("thames-valley", "Thames Valley Police", -1.10, 51.70, 200),
    ("hampshire", "Hampshire Constabulary", -1.30, 51.00, 200),
    ("essex", "Essex Police", 0.55, 51.75, 190),
    ("lancashire", "Lancashire Constabulary", -2.65, 53.85, 180),
    ("merseyside", "Merseyside Police", -2.95, 53.42, 180),
    ("south-yorkshire", "South Yorkshire Police", -1.40, 53.48, 180),
    ("avon-and-somerset", "Avon and Somerset Constabulary", -2.65, 51.35, 180),
    ("northumbria", "Northumbria Police", -1.65, 55.05, 180),
    ("sussex", "Sussex Police", -0.15, 50.92, 160),
    ("south-wales", "South Wales Police", -3.40, 51.60, 150),
    ("devon-and-cornwall", "Devon & Cornwall Police", -3.90, 50.55, 140),
    ("nottinghamshire", "Nottinghamshire Police", -1.10, 53.05, 120),
    ("humberside", "Humberside Police", -0.40, 53.75, 110),
    ("leicestershire", "Leicestershire Police", -1.13, 52.64, 110),
    ("staffordshire", "Staffordshire Police", -2.05, 52.85, 110),
    ("cheshire", "Cheshire Constabulary", -2.60, 53.25, 100),
    ("derbyshire", "Derbyshire Constabulary", -1.50, 53.10, 100),
    ("west-mercia", "West Mercia Police", -2.60, 52.40, 100),
    ("hertfordshire", "Hertfordshire Constabulary", -0.25, 51.80, 95),
    ("cleveland", "Cleveland Police", -1.22, 54.57, 90),
    ("durham", "Durham Constabulary", -1.65, 54.75, 80),
    ("cambridgeshire", "Cambridgeshire Constabulary", 0.00, 52.40, 75),
    ("northamptonshire", "Northamptonshire Police", -0.85, 52.25, 70),
    ("norfolk", "Norfolk Constabulary", 1.00, 52.65, 70),
    ("gwent", "Gwent Police", -2.95, 51.70, 65),
    ("bedfordshire", "Bedfordshire Police", -0.45, 52.05, 65),
    ("surrey", "Surrey Police", -0.45, 51.25, 90),
    ("north-wales", "North Wales Police", -3.50, 53.10, 70),
    ("suffolk", "Suffolk Constabulary", 1.05, 52.20, 60),
    ("north-yorkshire", "North Yorkshire Police", -1.40, 54.15, 60),
    ("dorset", "Dorset Police", -2.20, 50.80, 60),
    ("lincolnshire", "Lincolnshire Police", -0.25, 53.10, 55),
    ("wiltshire", "Wiltshire Police", -1.95, 51.35, 50),
    ("dyfed-powys", "Dyfed-Powys Police", -3.80, 52.10, 50),
    ("gloucestershire", "Gloucestershire Constabulary", -2.15, 51.85, 50),
    ("warwickshire", "Warwickshire Police", -1.55, 52.35, 50),
    ("cumbria", "Cumbria Constabulary", -3.00, 54.60, 40),
    ("city-of-london", "City of London Police", -0.09, 51.514, 8),
)
TYPES = {
    "Violence and sexual offences": 0.33,
    "Anti-social behaviour": 0.20,
    "Criminal damage and arson": 0.08,
    "Other theft": 0.08,
    "Public order": 0.07,
    "Shoplifting": 0.06,
    "Vehicle crime": 0.06,
    "Burglary": 0.05,
    "Drugs": 0.03,
    "Other crime": 0.02,
    "Robbery": 0.01,
    "Theft from the person": 0.005,
    "Bicycle theft": 0.005,
}
OUTCOMES = (
    "Investigation complete; no suspect identified",
    "Unable to prosecute suspect",
    "Status update unavailable",
    "Awaiting court outcome",
    "Local resolution",
)
_FIRST = np.datetime64("2014-01")
_ANCHORS_PER_YEAR = 9
"""Offences of a year for each anchor point."""
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


@dataclass(frozen=True)
class Archive:
    """What is invented."""

    folder: Path
    offences: int
    forces: int = len(FORCES)
    months: int = 120
    outcomes: bool = False
    seed: int = 1


def write(archive: Archive, *, processes: int = 2) -> int:
    """Write the archive; gives the rows of its street files."""
    tasks = [(archive, number) for number in range(archive.forces)]
    if processes < 2:
        return sum(map(_write_force, tasks))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(_write_force, tasks))


def described(folder: Path, *, count: int = len(FORCES)) -> list[Force]:
    """Describe the first forces, each with nine square LPAs around its main town, 'LPA 1' to 'LPA 9'; writes their files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_described(folder, *force) for force in FORCES[:count]]


def _described(folder: Path, slug: str, name: str, east: float, north: float, size: int) -> Force:
    step = 0.4 * _reach(size)
    corners = [(east + (n % 3 - 1.5) * 2 * step, north + (n // 3 - 1.5) * 2 * step) for n in range(9)]
    squares = [_square(f"LPA {n}", *corner, 2 * step) for n, corner in enumerate(corners, 1)]
    file = folder / f"{slug}.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": squares}), "utf-8")
    return Force(plain_name(name), boundaries_file=file)


def _square(name: str, west: float, south: float, side: float) -> dict[str, object]:
    ring = [(west + side * right, south + side * up) for right, up in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"name": name}, "geometry": geometry}


def _reach(size: int) -> float:
    """Degrees from the main town to the farthest towns of a force of so many thousand offences a year."""
    return 0.02 if size < 20 else 0.25


def _write_force(task: tuple[Archive, int]) -> int:
    archive, number = task
    random = np.random.default_rng([archive.seed, number])
    sizes = np.array([force[4] for force in FORCES[: archive.forces]], dtype=float)
    total = archive.offences * sizes[number] / sizes.sum()
    in_month = _spread(total, archive.months, random)
    anchors = _anchors(number, max(20, int(total / archive.months * 12 / _ANCHORS_PER_YEAR)), random)
    for place, rows in enumerate(in_month):
        _write_month(archive, FORCES[number], f"{_FIRST + place}", int(rows), anchors, random)
    return int(in_month.sum())


def _spread(total: float, months: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Spread offences over months with a season, so that they add up."""
    season = 1 + 0.1 * np.sin(np.arange(months) * 2 * np.pi / 12) + random.normal(0, 0.03, months)
    edges = np.round(np.concatenate([[0], np.cumsum(season)]) / season.sum() * total)
    return np.diff(edges).astype(np.int64)


def _anchors(number: int, count: int, random: np.random.Generator) -> pa.Table:
    """Invent anchor points: longitude, latitude, street and LSOA, in towns within the force's box."""
    _, _, east, north, size = FORCES[number]
    reach = _reach(size)
    towns = random.uniform(-reach, reach, (12, 2))
    at = towns[random.integers(0, len(towns), count)] + random.normal(0, reach / 10, (count, 2))
    streets = [
        f"On or near Street {n} {('Road', 'Avenue', 'Close', 'Lane')[n % 4]}"
        for n in random.integers(0, max(9, count // 3), count)
    ]
    return pa.table(
        {
            "Longitude": [f"{value:.6f}" for value in east + at[:, 0]],
            "Latitude": [f"{value:.6f}" for value in north + at[:, 1]],
            "Location": streets,
            "LSOA code": [f"E01{n:06d}" for n in number * 10_000 + np.arange(count) // 40],
            "LSOA name": [f"District {number} {n:04d}A" for n in np.arange(count) // 40],
        }
    )


def _write_month(
    archive: Archive,
    force: tuple[str, str, float, float, int],
    month: str,
    rows: int,
    anchors: pa.Table,
    random: np.random.Generator,
) -> None:
    folder = archive.folder / month
    folder.mkdir(parents=True, exist_ok=True)
    kinds = random.choice(len(TYPES), rows, p=np.array(list(TYPES.values())) / sum(TYPES.values())).astype(np.int32)
    references = _references(rows, random)
    nameless = kinds == 1
    places = anchors.take(pa.array((random.beta(0.6, 1.4, rows) * anchors.num_rows).astype(np.int64)))
    blank = pa.array(np.where(random.random(rows) < 0.01, "", None).tolist(), pa.string())
    placed = [pa.array(blank).fill_null(places[name].combine_chunks()) for name in ("Longitude", "Latitude")]
    outcome = pa.array(OUTCOMES).take(pa.array(random.integers(0, len(OUTCOMES), rows)))
    columns = {
        "Crime ID": _where(nameless, "", references),
        "Month": _constant(month, rows),
        "Reported by": _constant(force[1], rows),
        "Falls within": _constant(force[1], rows),
        "Longitude": placed[0],
        "Latitude": placed[1],
        **{name: places[name] for name in ("Location", "LSOA code", "LSOA name")},
        "Crime type": pa.array(list(TYPES)).take(pa.array(kinds)),
        "Last outcome category": _where(nameless, "", outcome),
        "Context": _constant("", rows),
    }
    _write(pa.table(columns), folder / f"{month}-{force[0]}-street.csv")
    if archive.outcomes:
        told = {name: columns[name] for name in list(columns)[:9]} | {"Outcome type": outcome}
        table = pa.table(told).filter(pa.array(~nameless & (random.random(rows) < 0.9)))
        _write(table, folder / f"{month}-{force[0]}-outcomes.csv")


def _write(table: pa.Table, file: Path) -> None:
    with file.open("wb") as target:
        target.write((",".join(table.column_names) + "\n").encode())
        arrow_csv.write_csv(table, target, arrow_csv.WriteOptions(include_header=False, quoting_style="none"))


def _references(count: int, random: np.random.Generator) -> pa.Array:
    """Invent references of 64 hexadecimal digits."""
    bytes_ = np.frombuffer(random.bytes(32 * count), dtype=np.uint8)
    text = np.empty(64 * count, dtype=np.uint8)
    text[0::2], text[1::2] = _HEX[bytes_ >> 4], _HEX[bytes_ & 15]
    offsets = np.arange(count + 1, dtype=np.int32) * 64
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def _where(chosen: NDArray[np.bool_], text: str, otherwise: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(chosen), pa.scalar(text), otherwise)


def _constant(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text])).cast(pa.string())


def main() -> None:
    """Write an archive as the command line asks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--offences", type=int, default=1_000_000)
    parser.add_argument("--forces", type=int, default=len(FORCES))
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--outcomes", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    rows = write(Archive(**vars(parser.parse_args())))
    print(f"{rows:,} rows")


if __name__ == "__main__":
    main()
