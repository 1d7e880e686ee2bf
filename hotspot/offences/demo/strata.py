"""How many offences are expected on each day, per crime type, LPA and zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from hotspot.offences.demo.parameters import Parameters, PlantedType, Zone
from hotspot.period import Period

YEAR_2023 = Period(date(2023, 4, 1), date(2024, 4, 1))
# Monday to Sunday, relative.
_WEEK = {
    "Residential burglary": (1.0, 0.98, 0.98, 1.0, 1.1, 1.05, 0.9),
    "Personal robbery": (0.95, 0.95, 0.97, 1.0, 1.12, 1.1, 0.9),
    "Theft from the person": (0.85, 0.85, 0.9, 1.0, 1.2, 1.35, 0.85),
    "Shoplifting": (1.02, 1.02, 1.02, 1.05, 1.08, 1.02, 0.78),
}


@dataclass(frozen=True, eq=False)
class Stratum:
    """Offences of one type in one LPA, either around a zone's place or everywhere else."""

    kind: PlantedType
    lpa: str
    zone: Zone | None
    excluded_places: tuple[str, ...]
    """Places left to zones."""
    daily: NDArray[np.float64]
    """Offences expected on each day of the extract."""


def strata(parameters: Parameters) -> tuple[Stratum, ...]:
    """List the strata; their expected counts give every planted level and change exactly."""
    return tuple(stratum for kind in parameters.types for stratum in _strata_of(kind, parameters))


def _strata_of(kind: PlantedType, parameters: Parameters) -> list[Stratum]:
    days = np.arange(np.datetime64(parameters.period.start), np.datetime64(parameters.period.end))
    rhythm = _rhythm(kind, days)
    one_year = rhythm / rhythm[_within(days, YEAR_2023)].sum() * kind.offences
    level = np.where(days < np.datetime64(YEAR_2023.start), kind.level_2022, 1.0)
    zones = {zone.lpa: zone for zone in parameters.zones if kind.name in zone.types}
    around = {lpa: _zone_daily(zone, one_year * parameters.lpa_shares[lpa], level, days) for lpa, zone in zones.items()}
    rest = _rest_daily(kind, parameters, one_year * level, around, days)
    places = {lpa: (zone.place,) for lpa, zone in zones.items()}
    return [
        *(Stratum(kind, lpa, zones[lpa], (), daily) for lpa, daily in around.items()),
        *(Stratum(kind, lpa, None, places.get(lpa, ()), daily) for lpa, daily in rest.items()),
    ]


def _rhythm(kind: PlantedType, days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Relative level of each day: the yearly wave times the weekday."""
    day_of_year = (days - days.astype("datetime64[Y]")).astype(float)
    wave = 1 + kind.season * np.cos(2 * np.pi * (day_of_year - (kind.peak_month - 0.5) * 30.4) / 365.25)
    weekday = (days.astype(int) + 3) % 7
    return wave * np.array(_WEEK.get(kind.name, (1.0,) * 7))[weekday]


def _zone_daily(
    zone: Zone, lpa_daily: NDArray[np.float64], level: NDArray[np.float64], days: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    return zone.share * lpa_daily * level * np.where(days < np.datetime64(zone.first_day), 1.0, zone.factor)


def _rest_daily(
    kind: PlantedType,
    parameters: Parameters,
    force_daily: NDArray[np.float64],
    around: dict[str, NDArray[np.float64]],
    days: NDArray[np.datetime64],
) -> dict[str, NDArray[np.float64]]:
    """Offences outside the zones, scaled in the year to date so that LPA and force change as planted."""
    now, before = _within(days, parameters.year_to_date), _within(days, parameters.baseline)
    whole = {lpa: force_daily * share for lpa, share in parameters.lpa_shares.items()}
    nothing = np.zeros(len(days))
    rest = {lpa: daily * (1 - _zone_share(kind, lpa, parameters)) for lpa, daily in whole.items()}
    planted = {p.lpa: p.change for p in parameters.lpa_changes if kind.name in p.types}
    wanted = {
        lpa: whole[lpa][before].sum() * (1 + change) - around.get(lpa, nothing)[now].sum() for lpa, change in planted.items()
    }
    factor = {lpa: total / rest[lpa][now].sum() for lpa, total in wanted.items()}
    others = [lpa for lpa in whole if lpa not in planted]
    force_total = force_daily[before].sum() * (1 + kind.change)
    left = force_total - sum(wanted.values()) - sum(around[lpa][now].sum() for lpa in around)
    common = left / sum(rest[lpa][now].sum() for lpa in others)
    return {lpa: daily * np.where(now, factor.get(lpa, common), 1.0) for lpa, daily in rest.items()}


def _zone_share(kind: PlantedType, lpa: str, parameters: Parameters) -> float:
    return sum(zone.share for zone in parameters.zones if zone.lpa == lpa and kind.name in zone.types)


def _within(days: NDArray[np.datetime64], period: Period) -> NDArray[np.bool_]:
    return (days >= np.datetime64(period.start)) & (days < np.datetime64(period.end))
