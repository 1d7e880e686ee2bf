"""Sunset and sunrise by the clock on the wall, and the share of offences that fell in the dark between them.

Burglars of homes that stand empty come when it is dark and nobody is back: the hour of the peak moves with the sunset.
Times of the sun come from the astral package (after Meeus, J. (1998). Astronomical Algorithms, chapters 15 and 25), to
a minute or two over flat land. The share's interval takes weeks, not offences, as independent: Cochran, W. G. (1977).
Sampling Techniques, 3rd edition, section 6.3 (ratio estimate).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from astral import Observer
from astral.sun import sunrise, sunset
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

CLOCK = "Europe/London"
"""British Summer Time included: the clock that offences are recorded by."""
LONGEST_DAYS = 7
"""A longer window says nothing about light or dark: it counts with its first seven days."""
LEAST_WEEKS = 5
"""Fewer weeks than this give no interval."""
_DAY = 86_400


@dataclass(frozen=True, eq=False)
class SunTimes:
    """Sunrise and sunset on days one after another, at one place."""

    first_day: date
    sunrise: NDArray[np.float64]
    """Seconds after local midnight, shape (days,)."""
    sunset: NDArray[np.float64]
    """Seconds after local midnight, shape (days,)."""

    @property
    def dark_share(self) -> float:
        """Share of the time between sunset and sunrise, 0 to 1."""
        return float(1 - (self.sunset - self.sunrise).mean() / _DAY)


@dataclass(frozen=True)
class DarkShare:
    """Share of offences between sunset and sunrise, each by the dark part of its window."""

    offences: int
    share: float
    """0 to 1; NaN without an offence."""
    low: float
    """Lower end of the 95 % interval; NaN under ``LEAST_WEEKS`` weeks."""
    high: float
    weeks: int
    """Weeks with an offence, which the interval takes as independent."""
    surely_dark: int
    """Offences whose whole window was dark."""
    surely_light: int
    """Offences whose whole window was light."""


def sun_times(first_day: date, last_day: date, *, longitude: float, latitude: float) -> SunTimes:
    """Give sunrise and sunset of each day by the local clock.

    Parameters
    ----------
    first_day, last_day
        Both included.
    longitude, latitude
        Degrees, WGS 84; between the polar circles, where the sun rises every day.
    """
    observer, clock = Observer(latitude=latitude, longitude=longitude), ZoneInfo(CLOCK)
    days = [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
    rises, sets = ([_after_midnight(of(observer, date=day, tzinfo=clock)) for day in days] for of in (sunrise, sunset))
    return SunTimes(first_day, np.array(rises), np.array(sets))


def _after_midnight(moment: datetime) -> float:
    return moment.hour * 3_600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6


def dark_shares(start: ArrayLike, end: ArrayLike, *, sun: SunTimes) -> NDArray[np.float64]:
    """Give the share of each offence's window between sunset and sunrise.

    Parameters
    ----------
    start, end
        First and last moment at which each offence can have happened (naive local clock). No end, or an end equal to
        the start, is a moment: 0 or 1. ``sun`` holds every start's day and the seven after it.

    Returns
    -------
    NDArray
        0 to 1, in the offences' order; NaN without a start or with an end before it.
    """
    first, last = (pd.to_datetime(pd.Series(values)).to_numpy("datetime64[s]") for values in (start, end))
    last = np.where(np.isnat(last), first, last)
    usable = ~np.isnat(first) & (last >= first)
    shares = np.full(len(first), np.nan)
    begin = (first[usable] - np.datetime64(sun.first_day, "s")).astype(np.int64)
    length = (last[usable] - first[usable]).astype(np.int64).clip(max=LONGEST_DAYS * _DAY)
    changes, dark = _dark_seconds(sun)
    inside = np.interp(begin + length, changes, dark) - np.interp(begin, changes, dark)
    # Between changes 0 and 1 it is dark until sunrise, between 1 and 2 light until sunset, and so on.
    at_once = np.searchsorted(changes, begin, side="right") % 2
    shares[usable] = np.where(length > 0, inside / np.maximum(length, 1), at_once)
    return shares


def _dark_seconds(sun: SunTimes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Moments between light and dark in seconds from the first midnight, and the dark seconds passed by each."""
    midnight = np.arange(len(sun.sunrise)) * float(_DAY)
    of_days = np.column_stack([midnight + sun.sunrise, midnight + sun.sunset]).ravel()
    changes = np.concatenate(([0.0], of_days, [midnight[-1] + _DAY]))
    lengths = np.diff(changes)
    lengths[1::2] = 0.0
    return changes, np.concatenate(([0.0], np.cumsum(lengths)))


def dark_share(start: ArrayLike, end: ArrayLike, *, sun: SunTimes) -> DarkShare:
    """Give the share of the offences in the dark, with an interval that takes weeks as independent."""
    shares = dark_shares(start, end, sun=sun)
    first = pd.to_datetime(pd.Series(start)).to_numpy("datetime64[s]")
    known = np.isfinite(shares)
    week = (first[known].astype("datetime64[D]") - np.datetime64("1970-01-05")).astype(int) // 7
    share, low, high, weeks = share_by_weeks(shares[known], week)
    dark, light = int((shares[known] == 1).sum()), int((shares[known] == 0).sum())
    return DarkShare(int(known.sum()), share, low, high, weeks, dark, light)


def share_by_weeks(values: ArrayLike, week: ArrayLike) -> tuple[float, float, float, int]:
    """Give the mean of the values, its 95 % interval where weeks are independent and offences in one are not, and the weeks.

    With totals y of the values and n of the offences in m weeks and r = Σy/Σn, the variance of r is
    m/(m − 1)·Σ(y − rn)²/(Σn)²; the interval is Student's with m − 1 degrees of freedom.
    """
    numbers = np.asarray(values, dtype=float)
    if not numbers.size:
        return float("nan"), float("nan"), float("nan"), 0
    code = np.unique(np.asarray(week), return_inverse=True)[1]
    total, offences = np.bincount(code, numbers), np.bincount(code)
    share, weeks = float(numbers.mean()), len(total)
    if weeks < LEAST_WEEKS:
        return share, float("nan"), float("nan"), weeks
    variance = weeks / (weeks - 1) * ((total - share * offences) ** 2).sum() / offences.sum() ** 2
    half = float(student.ppf(0.975, weeks - 1) * np.sqrt(variance))
    return share, max(0.0, share - half), min(1.0, share + half), weeks
