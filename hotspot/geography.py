"""Forces, areas and places: the words of geography, without any file reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hotspot.period import add_months

OUTSIDE = "Outside the LPAs"
"""The area of an offence that lies inside the force's bounds but in no polygon."""
LPA = "LPA"
"""The name of the first level of areas."""
BOUNDS_MARGIN = 5_000.0
"""Metres beyond the force's bounds up to which a position is still believed."""


@dataclass(frozen=True)
class Force:
    """A police force, as one TOML file describes it."""

    name: str
    analysis_crs: str = "EPSG:27700"
    bounds: tuple[float, float, float, float] | None = None
    """(west, south, east, north) in metres of ``analysis_crs``; None: nothing is out of bounds."""
    boundaries_file: Path | None = None
    name_column: str = "name"
    premises: dict[str, int] = field(default_factory=dict, hash=False)
    """Households per area; empty where unknown."""
    premises_source: str = ""
    tiles_url: str = ""
    """Set by an administrator only; empty: no tile is ever asked for."""
    licence: str = ""
    """The licence line of the boundaries, shown in footers and exports."""
    retention_months: int | None = None
    """Offences older than so many months are left out of imports and removed from the store; None: none ever is."""
    toml: str = ""
    """The text of the TOML file, so that the store can remember its force."""

    @property
    def slug(self) -> str:
        """The name as police.uk writes it in file names: 'west-midlands'."""
        return slug(self.name)

    def keep_from(self, as_of: date) -> date | None:
        """Give the first day whose offences are kept as of a day; None where the force keeps all."""
        return None if self.retention_months is None else add_months(as_of, -self.retention_months)

    @property
    def retention_words(self) -> str:
        """Say how long offences are kept: '7 years', '18 months'; empty where all are."""
        if self.retention_months is None:
            return ""
        years, months = divmod(self.retention_months, 12)
        count, noun = (self.retention_months, "month") if months else (years, "year")
        return f"{count} {noun}{'' if count == 1 else 's'}"

    def believes(self, x: float, y: float) -> bool:
        """Say whether a position lies within the bounds and their margin."""
        if self.bounds is None:
            return True
        west, south, east, north = self.bounds
        return west - BOUNDS_MARGIN <= x <= east + BOUNDS_MARGIN and south - BOUNDS_MARGIN <= y <= north + BOUNDS_MARGIN


def slug(force_name: str) -> str:
    """Reduce a force's name to what its variants share: 'West Midlands Police' → 'west-midlands'."""
    words = force_name.lower().replace("&", "and").replace("-", " ").split()
    return "-".join(word for word in words if word not in {"police", "constabulary", "service", "force"})


@dataclass(frozen=True)
class Place:
    """A district or suburb whose name people use."""

    name: str
    lpa: str
    x: float
    """Metres east."""
    y: float
    """Metres north."""
    rank: int
    """1 town or city centre, 2 main suburb, 3 other."""


@dataclass(frozen=True)
class DrawnArea:
    """A polygon that a person drew or uploaded and named."""

    name: str
    ring: tuple[tuple[float, float], ...]
    """Corners in metres of the analysis CRS, the first not repeated."""
