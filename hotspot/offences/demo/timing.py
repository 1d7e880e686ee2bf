"""When an offence happened, when it can have happened at latest, and when it was reported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hotspot.offences.demo.strata import Stratum
from hotspot.period import Period

_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True)
class _Pattern:
    """Hours of the start (a bump per peak) and length of the window."""

    peaks: tuple[tuple[float, float, float], ...]
    """(hour, spread in hours, weight)."""
    at_once: float
    """Share of offences without a window: seen, or known to the minute."""
    median_hours: float = 1.0
    spread: float = 0.5
    """Of the logarithm of the window's length."""
    away: float = 0.0
    """Share found after days away."""


_OVERNIGHT = _Pattern(
    ((19.0, 2.0, 0.6), (22.5, 1.6, 0.3), (12.0, 3.0, 0.1)), at_once=0.2, median_hours=10.5, spread=0.35, away=0.01
)
_PATTERNS = {
    "Residential burglary": _Pattern(
        ((8.5, 1.5, 0.3), (13.0, 2.5, 0.25), (18.5, 1.8, 0.3), (23.0, 1.5, 0.15)), 0.2, 5.0, 0.8, 0.03
    ),
    "Business and community burglary": _Pattern(((18.0, 1.5, 0.7), (2.0, 1.5, 0.3)), 0.25, 12.0, 0.35, 0.02),
    "Personal robbery": _Pattern(((17.0, 2.5, 0.45), (21.5, 2.5, 0.45), (1.5, 1.5, 0.1)), 0.9, 0.2, 0.5),
    "Business robbery": _Pattern(((19.5, 2.5, 0.8), (10.0, 2.0, 0.2)), 0.97, 0.1),
    "Theft of a vehicle": _OVERNIGHT,
    "Theft from a vehicle": _OVERNIGHT,
    "Vehicle interference": _Pattern(((2.5, 2.0, 0.8), (22.0, 2.0, 0.2)), 0.45, 6.0, 0.5),
    "Theft from the person": _Pattern(((14.5, 2.5, 0.5), (22.5, 2.0, 0.5)), 0.5, 1.0, 0.6),
    "Shoplifting": _Pattern(((12.0, 2.0, 0.35), (16.0, 2.5, 0.65)), 0.98, 0.3),
}


@dataclass(frozen=True, eq=False)
class Times:
    """Offences sorted by start, all in seconds since 1970 of the local clock."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    """Last moment at which the offence can have happened."""
    reported: NDArray[np.int64]


def draw_times(random: Generator, stratum: Stratum, period: Period, *, scale: float) -> Times:
    """Draw a stratum's offences, a Poisson number of them; those reported after the extract are not in it."""
    pattern = _PATTERNS[stratum.kind.name]
    start = _starts(random, stratum, pattern, period, scale=scale)
    end = start + _windows(random, pattern, len(start))
    reported = end + _lags(random, len(start))
    known = reported < int(np.datetime64(period.end, "s").astype(np.int64))
    return Times(start[known], end[known], reported[known])


def _starts(random: Generator, stratum: Stratum, pattern: _Pattern, period: Period, *, scale: float) -> NDArray[np.int64]:
    count = random.poisson(stratum.daily.sum() * scale)
    cumulated = np.cumsum(stratum.daily) / stratum.daily.sum()
    day = np.searchsorted(cumulated, random.random(count), side="right").clip(0, period.days - 1)
    first = int(np.datetime64(period.start, "s").astype(np.int64))
    return np.sort(first + day * _DAY + _clock(random, pattern, count))


def _clock(random: Generator, pattern: _Pattern, count: int) -> NDArray[np.int64]:
    """Seconds of the day, on whole five minutes, as people tell the time."""
    hour, spread, weight = (np.array(values) for values in zip(*pattern.peaks, strict=True))
    peak = np.searchsorted(np.cumsum(weight) / weight.sum(), random.random(count)).clip(0, len(hour) - 1)
    hours = (hour[peak] + spread[peak] * random.standard_normal(count)) % 24
    return (hours * 12).astype(np.int64).clip(0, 287) * 300


def _windows(random: Generator, pattern: _Pattern, count: int) -> NDArray[np.int64]:
    length = np.exp(np.log(pattern.median_hours * _HOUR) + pattern.spread * random.standard_normal(count))
    days_away = random.uniform(2, 12, count) * _DAY
    length = np.where(random.random(count) < pattern.away, days_away, length)
    length = np.where(random.random(count) < pattern.at_once, 0, length)
    return (length // 300).astype(np.int64) * 300


def _lags(random: Generator, count: int) -> NDArray[np.int64]:
    """From the end of the window to the report: mostly hours, at times days."""
    lag = np.exp(np.log(1.2 * _HOUR) + 1.2 * random.standard_normal(count))
    return np.minimum(lag, 20 * _DAY).astype(np.int64)
