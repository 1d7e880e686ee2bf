"""Districts and suburbs whose names people use, and the name a person would give to a spot."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from hotspot import paths
from hotspot.errors import BadInput
from hotspot.geography import Place

PLACES_FILE = paths.BOUNDARIES / "places.csv"
COLUMNS = ("name", "lpa", "easting", "northing", "rank")
REACH = 6_000.0
"""Metres. A spot farther than this from every place is not called after one: the places cover one force."""
AT_THE_CENTRE = 1_500.0
"""Metres up to which a spot is simply called after its place."""
COMPASS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")

GENERIC_STREETS = frozenset(
    name.lower()
    for name in (
        "Parking Area",
        "Sports/Recreation Area",
        "Petrol Station",
        "Supermarket",
        "Shopping Area",
        "Pedestrian Subway",
        "Park/Open Space",
        "Further/Higher Educational Building",
        "Hospital",
        "Police Station",
        "Nightclub",
        "Bus/Coach Station",
        "Conference/Exhibition Centre",
        "Theatre/Concert Hall",
        "Airport/Airfield",
        "Motorway Service Area",
        "Prison",
        "No Location",
    )
)
"""What police.uk writes where it has no street: the kinds of place that occur in the real months of the West Midlands
and Leicestershire, on points all over the force, and 'No Location'."""


def read_places(path: Path = PLACES_FILE) -> tuple[Place, ...]:
    """Read place names with the columns name, lpa, easting, northing and rank.

    Raises
    ------
    BadInput
        With one sentence for each row that cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), reader.fieldnames or []
    except OSError as fault:
        raise BadInput(f"The place names in {path} cannot be read ({fault}).") from fault
    if missing := [column for column in COLUMNS if column not in columns]:
        raise BadInput(f"{path} lacks the columns {', '.join(missing)}. It needs {', '.join(COLUMNS)}.")
    places, faults = [], []
    for number, row in enumerate(rows, start=1):
        try:
            places.append(_place(row))
        except ValueError as fault:
            faults.append(f"{path}, row {number}: {fault}")
    if faults:
        raise BadInput(*faults)
    return tuple(places)


def nearest(places: Sequence[Place], x: float, y: float, *, lpa: str | None = None) -> Place | None:
    """Give the nearest place, of the same LPA where that has any; None where none lies within reach.

    Parameters
    ----------
    x, y
        Metres of the analysis CRS.
    lpa
        LPA of the spot; None where unknown.
    """
    within = [place for place in places if _distance(place, x, y) <= REACH]
    chosen = [place for place in within if place.lpa == lpa] or within
    return min(chosen, key=lambda place: _distance(place, x, y), default=None)


def person_name(place: Place | None, streets: Sequence[str | None]) -> str:
    """Name a spot by its place and its most frequent street: 'Erdington, around High Street'.

    Parameters
    ----------
    place
        The nearest place; None where there is none.
    streets
        Street of each offence there, null where unknown. Names of kinds ('Parking Area') count as unknown.
    """
    street = frequent_street(streets, besides=place.name if place else "")
    if place is None:
        return f"Around {street}" if street else "Away from any named place"
    return f"{place.name}, around {street}" if street else place.name


def name_of(places: Sequence[Place], x: float, y: float, streets: Sequence[str | None], *, lpa: str | None = None) -> str:
    """Name a spot by place and street, or, where no street is known, by its direction from a place that is not near.

    Examples
    --------
    'Erdington, around High Street', 'Erdington', 'North of Erdington'.
    """
    place = nearest(places, x, y, lpa=lpa)
    if place is None or frequent_street(streets, besides=place.name) or _distance(place, x, y) <= AT_THE_CENTRE:
        return person_name(place, streets)
    return f"{_direction(place, x, y).capitalize()} of {place.name}"


def frequent_street(streets: Sequence[str | None], *, besides: str = "") -> str | None:
    """Give the most frequent name that is a street's and not ``besides``; the first by alphabet of equals."""
    names = Counter(_street(street) for street in streets if isinstance(street, str))
    for name in ("", besides):
        names.pop(name, None)
    streets_only = {name: count for name, count in names.items() if name.lower() not in GENERIC_STREETS}
    return min(streets_only, key=lambda name: (-streets_only[name], name), default=None)


@lru_cache(maxsize=100_000)
def _street(written: str) -> str:
    """police.uk writes 'On or near St George'S Parade'."""
    return re.sub(r"'S\b", "'s", re.sub(r"^\s*on or near\s*", "", written, flags=re.IGNORECASE)).strip()


def _place(row: dict[str, str | None]) -> Place:
    name, lpa = (row["name"] or "").strip(), (row["lpa"] or "").strip()
    if not name or not lpa:
        raise ValueError("the name or the LPA is missing.")
    try:
        x, y, rank = float(row["easting"] or ""), float(row["northing"] or ""), int(row["rank"] or "")
    except ValueError:
        raise ValueError("easting, northing and rank must be numbers.") from None
    if rank not in (1, 2, 3) or not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError("the rank must be 1 (town or city centre), 2 (main suburb) or 3 (other), the position finite.")
    return Place(name, lpa, x, y, rank)


def _distance(place: Place, x: float, y: float) -> float:
    return math.hypot(x - place.x, y - place.y)


def _direction(place: Place, x: float, y: float) -> str:
    return COMPASS[round(math.atan2(y - place.y, x - place.x) / (math.pi / 4)) % 8]
