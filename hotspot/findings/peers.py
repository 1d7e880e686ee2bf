"""The force beside others: a table that the user supplies, and what its most similar group means."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.geography import slug
from hotspot.given_text import check_header, csv_rows, decoded, number
from hotspot.limits import TABLE_MB, check_size
from hotspot.methods.rates import RateRatio, garwood, rate_ratio

PER = 1_000
SIMPLE, WEIGHTED = "simple mean", "weighted mean"
MOST_FAULTS = 12
"""Told of one file."""
MOST_OFFENCES = 100_000_000
"""Of one force and group: beyond it a number is a slip."""
NEEDED = ("force", "group", "offences")
DENOMINATORS = ("households", "population")
"""Columns that a rate can be per; of both, households are taken for residential burglary alone."""
_HOUSEHOLD_TYPES = ("Residential burglary",)


@dataclass(frozen=True)
class PeerRow:
    """Offences of one force and offence group."""

    force: str
    group: str
    """Crime type as this product writes it."""
    offences: int
    households: float
    """NaN where the table has none."""
    population: float


@dataclass(frozen=True)
class PeerTable:
    """A table of forces that the user supplied."""

    file: str
    rows: tuple[PeerRow, ...]


@dataclass(frozen=True)
class PeerComparison:
    """One offence group of the force beside the other forces of the table."""

    group: str
    per: str
    """'households' or 'population'."""
    offences: int | None
    """Of the force, by the table; None where the table does not hold it."""
    rate: float
    """Per 1,000; NaN where the table does not hold the force."""
    low: float
    """Lower end of the exact 95 % interval of a Poisson count."""
    high: float
    others: int
    """Forces that the means are of; the force itself is not one of them."""
    simple_mean: float
    """Mean of their rates per 1,000: every force counts the same."""
    weighted_mean: float
    """All their offences over all their households or people: every resident counts the same."""
    place: int | None
    """1: the highest rate of all forces in the table."""
    against: RateRatio | None
    """The force over the weighted mean."""


def parse_peers(content: bytes, *, file: str) -> PeerTable:
    """Read a CSV with the columns force, group, offences and population or households (or both).

    Raises
    ------
    BadInput
        With one sentence for each fault.
    """
    check_size(len(content), file, TABLE_MB)
    header, *given = csv_rows(decoded(content, file), file) or [[]]
    if not header:
        raise BadInput(f"{file} is empty.")
    names = [name.strip().lower() for name in header]
    check_header(names, file)
    heads = {name: place for place, name in enumerate(names)}
    missing = [name for name in NEEDED if name not in heads]
    if missing or not set(DENOMINATORS) & set(heads):
        raise BadInput(
            f"{file} is no table of forces: it needs the columns force, group, offences and population or households. "
            f"It has: {_shortened(', '.join(heads)) or 'none'}."
        )
    rows: list[PeerRow] = []
    faults: list[str] = []
    for line, row in enumerate(given, start=2):
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in heads.items()}
        if any(cells.values()):
            _read(cells, f"{file}, row {line}", rows, faults)
    _check_twice(rows, file, faults)
    if not rows and not faults:
        faults.append(f"{file} holds no force.")
    if faults:
        more = [f"{file} has {len(faults) - MOST_FAULTS:,} more faults."] if len(faults) > MOST_FAULTS else []
        raise BadInput(*faults[:MOST_FAULTS], *more)
    return PeerTable(file, tuple(rows))


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"


def _read(cells: dict[str, str], where: str, rows: list[PeerRow], faults: list[str]) -> None:
    """Add a row, or what is wrong with it."""
    wrong = []
    try:
        group = crime_types.canonical_name(cells["group"])
    except BadInput:
        group = ""
        wrong.append(f"{where}: '{cells['group'][:60]}' is no offence group.")
    numbers = {name: _number(cells.get(name, "")) for name in ("offences", *DENOMINATORS)}
    if not (0 <= numbers["offences"] <= MOST_OFFENCES and numbers["offences"] == round(numbers["offences"])):
        wrong.append(f"{where}: offences '{cells['offences'][:60]}' is no whole number from 0 to {MOST_OFFENCES:,}.")
    if not any(numbers[name] > 0 for name in DENOMINATORS):
        wrong.append(f"{where}: neither households nor population is a number above 0.")
    if not cells["force"]:
        wrong.append(f"{where}: no force is named.")
    if wrong:
        faults += wrong
    else:
        rows.append(PeerRow(cells["force"], group, int(numbers["offences"]), numbers["households"], numbers["population"]))


def _number(text: str) -> float:
    value = number(text.replace(",", "").replace(" ", ""))
    return value if value >= 0 else math.nan


def _check_twice(rows: list[PeerRow], file: str, faults: list[str]) -> None:
    seen = set()
    for row in rows:
        key = (slug(row.force), row.group)
        if key in seen:
            faults.append(f"{file} has {row.force} twice for {row.group}.")
        seen.add(key)


def compare_with_peers(table: PeerTable, force: str) -> tuple[PeerComparison, ...]:
    """Compare a force with the others of the table, for each offence group that it holds."""
    groups = dict.fromkeys(row.group for row in table.rows)
    return tuple(found for group in groups if (found := _comparison(table, force, group)) is not None)


def _comparison(table: PeerTable, force: str, group: str) -> PeerComparison | None:
    rows = [row for row in table.rows if row.group == group]
    per = _per(rows, group)
    usable = [row for row in rows if getattr(row, per) > 0]
    own = next((row for row in usable if slug(row.force) == slug(force)), None)
    others = [row for row in usable if row is not own]
    if not others:
        return None
    rates = [PER * row.offences / getattr(row, per) for row in others]
    offences, at_risk = sum(row.offences for row in others), math.fsum(getattr(row, per) for row in others)
    means = {"others": len(others), "simple_mean": math.fsum(rates) / len(rates), "weighted_mean": PER * offences / at_risk}
    if own is None:
        return PeerComparison(group, per, None, math.nan, math.nan, math.nan, place=None, against=None, **means)
    own_at_risk = getattr(own, per)
    low, high = garwood(own.offences)
    rate = PER * own.offences / own_at_risk
    return PeerComparison(
        group,
        per,
        own.offences,
        rate,
        PER * low / own_at_risk,
        PER * high / own_at_risk,
        place=1 + sum(one > rate for one in rates),
        against=rate_ratio(own.offences, offences, exposure=own_at_risk, baseline_exposure=at_risk),
        **means,
    )


def _per(rows: list[PeerRow], group: str) -> str:
    """Choose what a rate is per: households for residential burglary, else population; whichever the table has."""
    wanted = "households" if group in _HOUSEHOLD_TYPES else "population"
    other = "population" if wanted == "households" else "households"
    return wanted if any(getattr(row, wanted) > 0 for row in rows) else other
