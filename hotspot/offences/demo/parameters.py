"""The planted figures of the demo data, as data/demo.toml gives them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hotspot.paths import ROOT
from hotspot.period import Period

DEMO_PARAMETERS = ROOT / "data" / "demo.toml"


@dataclass(frozen=True)
class PlantedType:
    """What is planted for one crime type."""

    name: str
    offences: float
    """Expected in the performance year 2023/24."""
    level_2022: float
    """2022/23 over 2023/24."""
    change: float
    """Year to date over baseline, less one."""
    season: float
    peak_month: int
    outcomes: tuple[float, float]
    """Share of decided offences with a positive outcome: decided before 1 April 2024, and from then on."""
    repeat_of: str = ""
    """'premises', 'victim' or 'vehicle'; empty: no repeats are planted."""
    repeat_share: float = 0.0
    repeat_days: float = 30.0
    """Mean gap in days of the exponential decay, before it is cut at 365 days."""
    near_share: float = 0.0
    near_days: float = 10.0
    near_metres: float = 100.0


@dataclass(frozen=True)
class PlantedChange:
    """A change of one LPA, year to date over baseline."""

    lpa: str
    types: tuple[str, ...]
    change: float


@dataclass(frozen=True)
class Zone:
    """A place whose offences take a course of their own from a day on."""

    name: str
    lpa: str
    place: str
    types: tuple[str, ...]
    share: float
    """Of the LPA's offences of these types."""
    first_day: date
    factor: float
    """Over the same days of the year before."""


@dataclass(frozen=True)
class Parameters:
    """Everything planted in the demo data."""

    seed: int
    source: str
    period: Period
    year_to_date: Period
    baseline: Period
    lpa_shares: dict[str, float] = field(hash=False)
    households: dict[str, int] = field(hash=False)
    """Invented: at risk of residential burglary, per LPA."""
    types: tuple[PlantedType, ...]
    lpa_changes: tuple[PlantedChange, ...]
    zones: tuple[Zone, ...]
    particulars: dict[str, float] = field(hash=False)
    handling: dict[str, Any] = field(hash=False)
    faults: dict[str, int] = field(hash=False)

    @property
    def type_names(self) -> tuple[str, ...]:
        return tuple(kind.name for kind in self.types)

    def type_named(self, name: str) -> PlantedType:
        return next(kind for kind in self.types if kind.name == name)


def read_parameters(path: Path = DEMO_PARAMETERS) -> Parameters:
    """Read the planted figures."""
    toml = tomllib.loads(path.read_text(encoding="utf-8"))
    return Parameters(
        seed=toml["seed"],
        source=toml["source"],
        period=Period(toml["first_day"], toml["end"]),
        year_to_date=Period(*toml["year_to_date"]),
        baseline=Period(*toml["baseline"]),
        lpa_shares=toml["lpa_shares"],
        households=toml["households"],
        types=tuple(_type(name, given) for name, given in toml["types"].items()),
        lpa_changes=tuple(PlantedChange(**{**given, "types": tuple(given["types"])}) for given in toml["lpa_changes"]),
        zones=tuple(Zone(**{**given, "types": tuple(given["types"])}) for given in toml["zones"]),
        particulars=toml["particulars"],
        handling=toml["handling"],
        faults=toml["faults"],
    )


def _type(name: str, given: dict[str, Any]) -> PlantedType:
    before, after = given["outcomes"]
    return PlantedType(name=name, **{**given, "outcomes": (before, after)})
