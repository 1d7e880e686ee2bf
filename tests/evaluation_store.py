"""A store of known counts around a treated square: 30 months, a fall planted from April 2024."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from small_store import several, small_store

from hotspot.geography import DrawnArea
from hotspot.offences.store import Store
from hotspot.period import Period, add_months

START = date(2024, 4, 1)
BEFORE, AFTER = Period(date(2023, 4, 1), date(2023, 10, 1)), Period(START, date(2024, 10, 1))
SQUARE = DrawnArea("Mill Lane", ((401_000, 291_000), (402_000, 291_000), (402_000, 292_000), (401_000, 292_000)))
"""One of the squares of 1 km that the two LPAs are cut into."""
TREATED, IN_RING = (401_500, 291_500), (402_200, 291_500)
LIKE = ((404_500, 291_500), (405_500, 293_500), (406_500, 290_500))
"""Middles of squares as busy as the treated one."""
BUSIER = (407_500, 293_500)


def evaluation_store(folder: Path) -> Store:
    """Twelve burglaries a month in the treated square until it falls to six, twelve in like squares, forty in another."""
    rows = []
    for number in range(30):
        month = add_months(date(2022, 4, 1), number)
        counts = {TREATED: 12 if month < START else 6, IN_RING: 4, **dict.fromkeys(LIKE, 12), BUSIER: 40}
        for place, (at, count) in enumerate(counts.items()):
            for half, day in enumerate((month, add_months(month, 1) - timedelta(days=1))):
                rows += several(count // 2, f"{number}-{place}-{half}-", at, f"{day} 12:00", reported=f"{day}")
    return small_store(folder, rows)
