"""A small store with outcomes, officers and filing dates, for the tests of the board's table and of investigation quality."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from small_store import FORCE, IN_WEST, LPAS, SOURCE, force_file

from hotspot.boundaries.force_file import load_force
from hotspot.offences.load import import_sources
from hotspot.offences.store import Store
from hotspot.period import Period
from hotspot.selection import Selection

FIELDS = {
    "offence_id": "Reference", "crime_description": "Offence", "committed_from": "From", "reported": "Reported", "x": "Easting",
    "y": "Northing", "outcome": "Outcome", "outcome_date": "Given", "filed_date": "Filed", "cctv_requested": "Requested",
    "cctv_received": "Received", "officer_ref": "Officer", "premises_ref": "UPRN", "victim_ref": "Victim", "victim_age": "Age",
    "knife": "Knife",
}  # fmt: skip
ALL = tuple(FIELDS)


def file_row(reference: object, day: str, kind: str = "Residential burglary", at=IN_WEST, **others: object) -> dict[str, str]:
    """One offence reported, and committed, on a day; ``others`` are named as in the canonical schema."""
    given = {"offence_id": reference, "crime_description": kind, "committed_from": f"{day} 12:00", "reported": f"{day} 13:00"}
    return {FIELDS[name]: str(value) for name, value in {**given, "x": at[0], "y": at[1], **others}.items()}


def board_store(folder: Path, rows: Iterable[Mapping[str, str]], *, fields: tuple[str, ...] = ALL, source: str = SOURCE) -> Store:
    """Import rows with some of the fields, beside other sources of the folder's store."""
    heads = [FIELDS[name] for name in fields]
    described = load_force(force_file(folder, LPAS))
    extract, mapping = folder / "extract.csv", folder / "mapping.toml"
    with extract.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, heads, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    columns = "\n".join(f'{name} = "{FIELDS[name]}"' for name in fields)
    mapping.write_text(f'name = "{source}"\ncrs = "EPSG:27700"\n[columns]\n{columns}\n', encoding="utf-8")
    import_sources([extract], store=folder / "store", mapping=mapping, forces=[described], source=source, today=date(2026, 1, 1))
    return Store(folder / "store")


def board_selection(crime_type: str = "Burglary", *, period: str = "2024-04-01..2024-07-01", **limits) -> Selection:
    """A selection of the small force whose end is the day looked at."""
    return Selection(SOURCE, FORCE, crime_type, Period.parse(period), **limits)
