"""A store in which some counts are known to be small: what is sent to partners and the public must tell none of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from board_store import board_store, file_row
from small_store import IN_WEST, LPAS, SOURCE, force_file

from hotspot.boundaries.force_file import load_force
from hotspot.offences.store import Store
from hotspot.offences.store_changes import changing, commit

SOURCES = (SOURCE, "Moved")
LONE = ((406_123, 292_347), (405_217, 290_519), (407_331, 293_113))
"""Each the place of one offence, in the east."""
PERIOD = {"from": "2024-04-01", "to": "2024-10-01"}
PREMISES, VICTIM, OFFICER, CRIME = "PREMISES-1", "VICTIM-2", "OFFICER-3", "CRIME-4"
"""With what references begin."""
_MONTHS = [f"{2023 + number // 12}-{number % 12 + 1:02d}" for number in range(3, 21)]
"""April 2023 to September 2024."""


def few_store(folder: Path) -> Store:
    """Two sources that differ in one offence, which moved from a hidden count to another that is hidden with it."""
    for source in SOURCES:
        made = board_store(folder, _rows(moved=source != SOURCES[0]), source=source)
    path = force_file(folder / "households", LPAS)
    path.write_text(path.read_text() + '\n[premises]\nsource = "invented"\nhouseholds = { Westley = 9000, Eastley = 7000 }\n')
    with changing(made.path) as (manifest, change):
        commit(change, manifest.with_force(load_force(path)))
    return Store(made.path)


def _rows(*, moved: bool) -> list[dict[str, str]]:
    """Many offences in the west, two robberies in a month; a robbery and three burglaries in the east, of which one may move."""
    random, rows = np.random.default_rng(7), []

    def add(month: str, at: tuple[float, float], **others: object) -> None:
        number = len(rows)
        day = f"{month}-{1 + number % 27:02d}"
        premises = number if number % 9 else number % 27  # three are hit again and again
        given = {
            "premises_ref": f"{PREMISES}{premises:07d}",
            "victim_ref": f"{VICTIM}{number:07d}",
            "officer_ref": f"{OFFICER}{number % 11:07d}",
            "victim_age": 30,
            "knife": "Y" if number % 50 == 0 else "N",
            "cctv_requested": day,
            "cctv_received": "" if number % 13 == 0 else day,
            "filed_date": "" if number % 40 == 0 else f"{month}-28",
            "outcome": "charged" if number % 17 == 0 else "",
            "outcome_date": f"{month}-28" if number % 17 == 0 else "",
        }
        rows.append(file_row(f"{CRIME}{number:07d}", day, at=at, **given, **others))

    for month in _MONTHS:
        for x, y in (300 * random.standard_normal((12, 2)) + IN_WEST).round().tolist():
            add(month, (x, y))
        for x, y in (900 * random.random((6, 2)) + IN_WEST).round().tolist():
            add(month, (x, y), kind="Theft of a vehicle")
    for number, at in enumerate(LONE):
        add("2024-05", IN_WEST if moved and number == 2 else at)
    for _ in range(2):
        add("2023-05", IN_WEST, kind="Robbery of personal property")
    for number in range(10):
        add("2024-06", IN_WEST if number else LONE[0], kind="Robbery of personal property")
    return rows
