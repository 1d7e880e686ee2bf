"""Aoristic analysis: spread an offence over the hours in which it can have happened.

A burglary found on Sunday evening after a weekend away happened at some time in between. Each hour of
the week gets the part of the offence's window that lies in it, so that an offence always counts as one.

Ratcliffe, J. H. (2000). Aoristic analysis: the spatial interpretation of unspecific temporal events.
International Journal of Geographical Information Science 14(7), 669-679.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

HOURS = 168
"""Hours of the week; hour 0 is Monday 00:00 to 01:00."""
_HOUR = 3_600
_WEEK = HOURS * _HOUR
_A_MONDAY = np.datetime64("1970-01-05T00:00:00", "s")
_ROWS_AT_ONCE = 8_192


@dataclass(frozen=True, eq=False)
class HourOfWeekWeights:
    """Offences by hour of the week, each offence spread over its window."""

    weights: NDArray[np.float64]
    """Offences, shape (168,): hour 0 is Monday 00:00 to 01:00. Sums to ``counted``."""
    counted: int
    """Offences that the weights hold."""
    end_before_start: int
    """Offences left out because their window ends before it starts."""
    without_start: int
    """Offences left out because they have no start."""


def hour_of_week_weights(start: ArrayLike, end: ArrayLike) -> HourOfWeekWeights:
    """Add up the offences in each hour of the week, each spread evenly over its window.

    Parameters
    ----------
    start, end
        First and last moment at which each offence can have happened (naive local clock). No end, or an
        end equal to the start, puts the whole offence in its start's hour. A window of over seven days
        says nothing about the hour and counts 1/168 in each.
    """
    first, last = _windows(start, end)
    usable = _usable(first, last)
    total = np.zeros(HOURS)
    for chunk in np.array_split(np.flatnonzero(usable), max(1, int(usable.sum()) // _ROWS_AT_ONCE)):
        total += _per_offence(first[chunk], last[chunk]).sum(axis=0)
    missing = np.isnat(first)
    return HourOfWeekWeights(total, int(usable.sum()), int((~usable & ~missing).sum()), int(missing.sum()))


def share(
    start: ArrayLike, end: ArrayLike, *, weekdays: Sequence[int] = (), hours: tuple[int, int] | None = None
) -> NDArray[np.float64]:
    """Give the share of each offence's window that lies in the chosen weekdays and hours.

    Parameters
    ----------
    start, end
        As in ``hour_of_week_weights``.
    weekdays
        Monday is 0; empty: all days.
    hours
        [from, to) in whole hours of the clock; None: all hours. (22, 4) is 22:00 to 24:00 and 00:00 to
        04:00, and each hour belongs to the calendar day it falls on: Friday with (22, 4) is Friday 00:00
        to 04:00 and Friday 22:00 to 24:00, not the small hours of Saturday.

    Returns
    -------
    NDArray
        Between 0 and 1, in the offences' order. 0 where there is no start or the end is before the start:
        such an offence cannot be placed in any hour.
    """
    first, last = _windows(start, end)
    chosen = chosen_hours(weekdays=weekdays, hours=hours)
    usable = _usable(first, last)
    shares = np.zeros(len(first))
    begin, length = _seconds(first[usable]), _lengths(first[usable], last[usable])
    inside = _seconds_chosen(begin + length, chosen) - _seconds_chosen(begin, chosen)
    shares[usable] = np.where(length > _WEEK, chosen.mean(), inside / np.maximum(length, 1))
    moment = np.flatnonzero(usable)[length == 0]
    shares[moment] = chosen[_hour_of_week(_seconds(first[moment]))]
    return shares


def chosen_hours(*, weekdays: Sequence[int] = (), hours: tuple[int, int] | None = None) -> NDArray[np.bool_]:
    """Mark the hours of the week that a choice of weekdays and hours holds, shape (168,)."""
    if any(day not in range(7) for day in weekdays):
        raise ValueError(f"weekdays are 0 (Monday) to 6, not {tuple(weekdays)}")
    days = np.isin(np.arange(7), list(weekdays) or np.arange(7))
    return (days[:, None] & _clock(hours)[None, :]).ravel()


def _clock(hours: tuple[int, int] | None) -> NDArray[np.bool_]:
    clock = np.arange(24)
    if hours is None:
        return np.ones(24, dtype=bool)
    first, last = hours
    if not (0 <= first <= 23 and 0 <= last <= 24 and first != last):
        raise ValueError(f"hours are [from, to) with two different whole hours of 0 to 24, not {hours}")
    return (clock >= first) & (clock < last) if first < last else (clock >= first) | (clock < last)


def _windows(start: ArrayLike, end: ArrayLike) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    first, last = _moments(start), _moments(end)
    return first, np.where(np.isnat(last), first, last)


def _moments(values: ArrayLike) -> NDArray[np.datetime64]:
    return pd.to_datetime(pd.Series(values)).to_numpy("datetime64[s]")


def _usable(first: NDArray[np.datetime64], last: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    return ~np.isnat(first) & (last >= first)


def _seconds(moments: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Seconds since a Monday at midnight."""
    return (moments - _A_MONDAY).astype(np.int64)


def _lengths(first: NDArray[np.datetime64], last: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return (last - first).astype(np.int64)


def _hour_of_week(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    return (seconds % _WEEK) // _HOUR


def _seconds_chosen(seconds: NDArray[np.int64], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Seconds of the chosen hours between the Monday that time is counted from and each moment."""
    weeks, within = np.divmod(seconds, _WEEK)
    before = np.concatenate(([0], np.cumsum(chosen))) * _HOUR
    hour, part = np.divmod(within, _HOUR)
    return weeks * before[-1] + before[hour] + part * chosen[hour]


def _per_offence(first: NDArray[np.datetime64], last: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Weight of each hour of the week for each offence, shape (offences, 168); each row sums to 1."""
    begin, length = _seconds(first), _lengths(first, last)
    hour_start = np.arange(HOURS) * _HOUR
    seconds = _seconds_in_hours(begin + length, hour_start) - _seconds_in_hours(begin, hour_start)
    weights = seconds / np.maximum(length, 1)[:, None]
    weights[length > _WEEK] = 1 / HOURS
    moment = np.flatnonzero(length == 0)
    weights[moment, _hour_of_week(begin[moment])] = 1.0
    return weights


def _seconds_in_hours(seconds: NDArray[np.int64], hour_start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seconds of each hour of the week passed by each moment, shape (moments, 168)."""
    weeks, within = np.divmod(seconds, _WEEK)
    return weeks[:, None] * _HOUR + np.clip(within[:, None] - hour_start, 0, _HOUR)
