"""A store of invented offences with near repeats, two years long, for the tests of series and zones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from small_store import LPAS, force_file

from hotspot.boundaries.force_file import load_force
from hotspot.offences.load import import_sources
from hotspot.offences.store import Store

SOURCE = "Extract"
MAPPING = """
name = "Extract"
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
officer_ref = "Officer"
mo = "MO"
knife = "Knife"
"""
COLUMNS = (
    "Reference", "Offence", "From", "To", "Reported", "Easting", "Northing", "LPA", "Street", "UPRN", "Officer", "MO", "Knife",
)  # fmt: skip


def row(reference, at, committed, **others):
    """One offence; ``others`` are columns of the extract."""
    x, y = at or (None, None)
    given = {"Reference": reference, "Offence": "Residential burglary", "From": committed, "Easting": x, "Northing": y}
    return dict.fromkeys(COLUMNS) | given | others


def stored(folder: Path, rows: list[dict[str, object]]) -> Store:
    """Import rows into a new store."""
    folder.mkdir(parents=True, exist_ok=True)
    described = load_force(force_file(folder / "force", LPAS))
    extract, mapping = folder / "extract.csv", folder / "mapping.toml"
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(extract, index=False)
    mapping.write_text(MAPPING, encoding="utf-8")
    import_sources([extract], store=folder / "store", mapping=mapping, forces=[described], today=date(2026, 1, 1))
    return Store(folder / "store")


def contagious(*, count: int = 2_200, followers: float = 0.25, seed: int = 4) -> list[dict[str, object]]:
    """Invent burglaries over two years in the two LPAs, part of which follow another within days and metres."""
    random = np.random.default_rng(seed)
    alone = round(count * (1 - followers))
    x, y = random.uniform(400_200, 407_800, alone), random.uniform(290_200, 293_800, alone)
    day = random.uniform(0, 730, alone)
    parent = random.integers(0, alone, count - alone)
    away, angle = random.exponential(90, len(parent)), random.uniform(0, 2 * np.pi, len(parent))
    x = np.concatenate([x, x[parent] + away * np.cos(angle)])
    y = np.concatenate([y, y[parent] + away * np.sin(angle)])
    day = np.concatenate([day, day[parent] + random.exponential(9, len(parent))])
    moment = np.datetime64("2022-10-01", "s") + (day * 86_400).astype("timedelta64[s]")
    seen = moment < np.datetime64("2024-10-01")
    return [
        row(f"reference-{number:05d}", (round(east), round(north)), str(when).replace("T", " "), UPRN=f"premises-{number:05d}")
        for number, (east, north, when) in enumerate(zip(x[seen], y[seen], moment[seen], strict=True))
    ]
