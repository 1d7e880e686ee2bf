"""Aoristic analysis: spread an offence over the hours in which it can have happened.

A burglary found on Sunday evening after a weekend away happened at some time in between. Each hour of
the week gets the part of the offence's window that lies in it, so that an offence always counts as one.
Beside it stand the three shortcuts that people use, which put the whole offence into one hour: the window's
midpoint, its start, its end.

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
AORISTIC, MIDPOINT, START, END = "aoristic", "midpoint", "start", "end"
WAYS = (AORISTIC, MIDPOINT, START, END)
"""Where an offence counts: spread over its window, or whole in one hour of it."""


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
    return hour_of_week(start, end, way=AORISTIC)


def hour_of_week(start: ArrayLike, end: ArrayLike, *, way: str) -> HourOfWeekWeights:
    """Count offences by hour of the week in one of the ``WAYS``; arguments as in ``hour_of_week_weights``.

    The same offences are left out whichever way is chosen, so that the four can be compared.
    """
    if way not in WAYS:
        raise ValueError(f"an offence counts by {', '.join(WAYS)}, not by '{way}'")
    first, last = _windows(start, end)
    usable, missing = _usable(first, last), np.isnat(first)
    begin, length = _seconds(first[usable]), _lengths(first[usable], last[usable])
    if way == AORISTIC:
        weights = _spread(begin, length)
    else:
        moment = begin + {MIDPOINT: length // 2, START: 0, END: length}[way]
        weights = np.bincount(_hour_of_week(moment), minlength=HOURS).astype(float)
    return HourOfWeekWeights(weights, int(usable.sum()), int((~usable & ~missing).sum()), int(missing.sum()))


@dataclass(frozen=True)
class Span:
    """Hours of the clock one after another, over midnight where need be."""

    first: int
    """The hour it begins with, 0 to 23."""
    hours: int
    """How many, 1 to 24."""
    share: float
    """Of all offences, 0 to 1."""

    @property
    def end(self) -> int:
        """The hour of the clock it ends before, 0 to 23."""
        return (self.first + self.hours) % 24


def shortest_span(weights: ArrayLike, *, share: float = 0.5) -> Span:
    """Find the fewest hours of the clock in a row that hold a share of the offences.

    Parameters
    ----------
    weights
        Offences by hour of the day, shape (24,), or of the week, shape (168,). At least one above 0.
    share
        Of the offences. Of several spans of that length the one that holds most is given, then the earliest.
    """
    by_hour = np.asarray(weights, dtype=float).reshape(-1, 24).sum(axis=0)
    if not by_hour.sum() > 0:
        raise ValueError("the shortest span needs at least one offence")
    before = np.concatenate(([0.0], np.cumsum(np.tile(by_hour, 2)))) / by_hour.sum()
    for hours in range(1, 25):
        # Rounded, so that equal spans are equal and a half that is a half in fractions is one.
        held = np.round(before[hours : hours + 24] - before[:24], 12)
        if held.max() >= share:
            break
    return Span(int(held.argmax()), hours, float(held.max()))


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


def _spread(begin: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up the weights of each hour of the week.

    A window touches a part of its first and of its last hour and the whole of those between, where its weight
    rises once and falls once: the work grows with the offences, not with 168 hours of each.
    """
    endless = length > _WEEK
    start, span = begin[~endless] % _WEEK, length[~endless]
    stop = start + span
    first, last = start // _HOUR, stop // _HOUR
    total = np.bincount(first[first == last], minlength=2 * HOURS).astype(float)
    several = first < last
    start, stop, span, first, last = (values[several] for values in (start, stop, span, first, last))
    total += np.bincount(first, (_HOUR - start % _HOUR) / span, minlength=2 * HOURS)
    total += np.bincount(last, (stop % _HOUR) / span, minlength=2 * HOURS)
    between = last > first + 1
    rate = _HOUR / span[between]
    rises = np.bincount(first[between] + 1, rate, minlength=2 * HOURS)
    falls = np.bincount(last[between], rate, minlength=2 * HOURS)
    total += np.cumsum(rises - falls).clip(0)
    return total.reshape(2, HOURS).sum(axis=0) + endless.sum() / HOURS
