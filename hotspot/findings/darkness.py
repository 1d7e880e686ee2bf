"""How many burglaries fell between sunset and sunrise, and when that was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.when import windows_of
from hotspot.methods import aoristic, daylight
from hotspot.methods.daylight import DarkShare, SunTimes
from hotspot.offences.coordinates import to_degrees

GROUP = "Burglary"
LEAST_MONTHS = 3
"""A picture of hours by month needs so many."""


@dataclass(frozen=True, eq=False)
class Darkness:
    """Burglaries in the dark, and sunset and sunrise through the period."""

    share: DarkShare
    sun: SunTimes
    """Of each day of the period."""
    longitude: float
    """Degrees: the centre of the chosen area."""
    latitude: float
    months: tuple[date, ...]
    """First days of the months of the period in which a window began; empty where there are under three."""
    by_month: NDArray[np.float64]
    """Burglaries by month and hour of the clock, aoristic, shape (months, 24)."""
    sentence: str
    detail: str
    """What is sure, and what the dark hours alone would give."""

    @property
    def band(self) -> tuple[float, float, float, float]:
        """Earliest and latest sunrise, earliest and latest sunset of the period, in hours of the clock."""
        sun = self.sun
        hours = (sun.sunrise.min(), sun.sunrise.max(), sun.sunset.min(), sun.sunset.max())
        return tuple(float(seconds) / 3_600 for seconds in hours)  # type: ignore[return-value]


def is_of_burglary(crime_type: str) -> bool:
    """Say whether a crime type is burglary or a part of it."""
    kind = crime_types.by_name(crime_type)
    return kind is not None and kind.group == GROUP


def darkness(selected: SelectedOffences) -> Darkness | None:
    """Find how many of the burglaries fell in the dark; None for other offences, or where nobody knows where it is.

    Parameters
    ----------
    selected
        Read with the extra columns of ``findings.when``, by data that know the hour.
    """
    centre = _centre(selected)
    if not is_of_burglary(selected.selection.crime_type) or centre is None:
        return None
    longitude, latitude = to_degrees(*centre, force=selected.force)
    windows = windows_of(selected.inside)
    known = ~np.isnat(windows.start) & ~windows.day_alone
    start, end = windows.start[known], windows.end[known]
    period = selected.selection.period
    sun = daylight.sun_times(period.start, period.last_day, longitude=longitude, latitude=latitude)
    first, last = (start.min(), start.max()) if len(start) else (np.datetime64(period.start), np.datetime64(period.start))
    reach = timedelta(days=daylight.LONGEST_DAYS + 1)
    every_day = daylight.sun_times(_day(first), _day(last) + reach, longitude=longitude, latitude=latitude)
    share = daylight.dark_share(start, end, sun=every_day)
    months, by_month = _by_month(start, end)
    what = crime_types.counted(selected.selection.crime_type, 2)
    said = detail(share, sun)
    if selected.selection.is_timed:
        said += " Whole windows are counted, also beyond the chosen days and hours."
    return Darkness(share, sun, longitude, latitude, months, by_month, sentence(share, what), said)


def _centre(selected: SelectedOffences) -> tuple[float, float] | None:
    area = selected.area if selected.area is not None else selected.limit
    if area is not None:
        return area.centroid.x, area.centroid.y
    if selected.force.bounds is None:
        return None
    west, south, east, north = selected.force.bounds
    return (west + east) / 2, (south + north) / 2


def _day(moment: np.datetime64) -> date:
    return moment.astype("datetime64[D]").item()


def _by_month(start: NDArray[np.datetime64], end: NDArray[np.datetime64]) -> tuple[tuple[date, ...], NDArray[np.float64]]:
    months, code = np.unique(start.astype("datetime64[M]"), return_inverse=True)
    if len(months) < LEAST_MONTHS:
        return (), np.zeros((0, 24))
    hours = [
        aoristic.hour_of_week_weights(start[code == month], end[code == month]).weights.reshape(7, 24).sum(axis=0)
        for month in range(len(months))
    ]
    return tuple(month.astype("datetime64[D]").item() for month in months), np.array(hours)


def sentence(share: DarkShare, what: str) -> str:
    """Say the share in the dark with its interval."""
    if not share.offences:
        return f"No {what} with a known time."
    said = f"{share.share:.0%} of {share.offences:,} {what} fell between sunset and sunrise"
    if np.isnan(share.low):
        return f"{said}; {share.weeks} weeks are too few for an interval."
    return f"{said} (95% interval {share.low:.0%} to {share.high:.0%})."


def detail(share: DarkShare, sun: SunTimes) -> str:
    """Say what is sure, and what the dark hours alone would give."""
    if not share.offences:
        return ""
    unsure = share.offences - share.surely_dark - share.surely_light
    return (
        f"Surely in the dark {share.surely_dark:,}, surely by day {share.surely_light:,}; {unsure:,} windows hold both and "
        f"count by their dark part. It was dark for {sun.dark_share:.0%} of the time. The interval takes weeks as independent."
    )
