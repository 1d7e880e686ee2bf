"""Repeat victimisation: the same premises, victim or vehicle again.

Two measures that are easily mixed, and never are here. Looking forward: of index offences, how many were
followed by another on the same target (the chance that a victim is told about). Looking back: how many of
the offences were themselves repeats (the work that repeats make). Each counts only offences whose whole
window lies within the data; the others are censored, and counted as such.

Pease, K. (1998). Repeat victimisation: taking stock. Crime Detection and Prevention Series 90, Home Office.
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
American Statistical Association 22, 209-212.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

INTERVAL = "Wilson, 95%"
CLUSTERING = (
    "Offences on one target hang together, so the intervals, which take offences as independent, are somewhat too narrow."
)


@dataclass(frozen=True)
class Proportion:
    """A share with the interval of Wilson."""

    count: int
    of: int
    share: float
    """NaN where ``of`` is 0."""
    low: float
    """Lower end of the 95 % interval; NaN where ``of`` is 0."""
    high: float

    @property
    def is_known(self) -> bool:
        return self.of > 0


@dataclass(frozen=True)
class RepeatTarget:
    """A premises, victim or vehicle with several of the offences looked at."""

    reference: str
    """As the source has it: mask it before it is shown."""
    count: int
    """Offences looked at."""
    first: np.datetime64
    last: np.datetime64
    shortest_gap: int
    """Days between two of them, at the least."""
    rows: tuple[int, ...]
    """Rows of these offences, in order of time."""


@dataclass(frozen=True, eq=False)
class RepeatResult:
    """Repeats among the offences looked at, with matches sought in all offences of the data."""

    window_days: int
    """An offence repeats another where it comes at most this many days after it."""
    offences: int
    """Offences looked at."""
    with_reference: int
    without_reference: int
    """Left out."""
    without_date: int
    """Left out: with a reference, but without a date."""
    followed: Proportion
    """Of index offences whose window after them lies within the data, those followed by another."""
    follow_up_censored: int
    """Index offences left out because the data end within their window."""
    repeats: Proportion
    """Of offences whose window before them lies within the data, those that repeat an earlier one."""
    look_back_censored: int
    """Offences left out because the data begin within their window."""
    times: NDArray[np.int64]
    """Offences looked at per target, descending, shape (targets,)."""
    targets: tuple[RepeatTarget, ...]
    """Targets with two or more of them: most first, then the latest first."""


def wilson(count: int, of: int) -> Proportion:
    """Give a share with its 95 % interval by Wilson's score method."""
    if not of:
        return Proportion(0, 0, math.nan, math.nan, math.nan)
    z = float(norm.ppf(0.975))
    share = count / of
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Proportion(count, of, share, max(0.0, centre - half), min(1.0, centre + half))


def repeat_victimisation(
    references: Sequence[object] | pd.Series,
    dates: ArrayLike,
    *,
    counted: ArrayLike,
    groups: ArrayLike | None = None,
    window_days: int,
    first_day: np.datetime64,
    end: np.datetime64,
) -> RepeatResult:
    """Measure repeats on the same target, looking forward and looking back.

    Parameters
    ----------
    references
        Per offence a reference, a list of references (several victims: any of them counts), or null.
    dates
        Per offence the day, or the moment, it was committed; NaT where unknown.
    counted
        Offences looked at. The others only serve as matches before and after them.
    groups
        Crime group per offence: a repeat is of the same group. None: all are of one group.
    window_days
        Largest gap in days of the calendar, itself included.
    first_day, end
        The data hold every offence from the first day up to and without ``end``.
    """
    day = pd.to_datetime(pd.Series(dates)).to_numpy("datetime64[D]")
    looked_at = np.asarray(counted, dtype=bool)
    rows = reference_rows(references, groups)
    referenced = np.bincount(rows["row"], minlength=len(day)) > 0
    rows = rows[~np.isnat(day)[rows["row"]]]
    used = looked_at & referenced & ~np.isnat(day)
    after, before = _gaps(rows, day, len(day))
    window = np.timedelta64(window_days, "D")
    followable = used & (day + window < end.astype("datetime64[D]"))
    traceable = used & (day - window >= first_day.astype("datetime64[D]"))
    of_interest = rows[used[rows["row"]]]
    return RepeatResult(
        window_days=window_days,
        offences=int(looked_at.sum()),
        with_reference=int((looked_at & referenced).sum()),
        without_reference=int((looked_at & ~referenced).sum()),
        without_date=int((looked_at & referenced & np.isnat(day)).sum()),
        followed=wilson(int((after[followable] <= window_days).sum()), int(followable.sum())),
        follow_up_censored=int((used & ~followable).sum()),
        repeats=wilson(int((before[traceable] <= window_days).sum()), int(traceable.sum())),
        look_back_censored=int((used & ~traceable).sum()),
        times=np.sort(of_interest.groupby("target").size().to_numpy(dtype=np.int64))[::-1],
        targets=_repeat_targets(of_interest, day),
    )


def reference_rows(references: Sequence[object] | pd.Series, groups: ArrayLike | None = None) -> pd.DataFrame:
    """List each reference of each offence once.

    Returns
    -------
    DataFrame
        ``row`` (index of the offence), ``reference`` and ``target`` (a number per reference and group).
    """
    listed = pd.Series(list(references), dtype=object)
    several = listed.map(lambda value: isinstance(value, list | tuple | np.ndarray)).to_numpy(dtype=bool)
    single = listed[~several]
    rows = pd.concat([single[single.notna()], listed[several].explode().dropna()])
    frame = pd.DataFrame({"row": rows.index.to_numpy(dtype=np.int64), "reference": rows.to_numpy(dtype=object)})
    frame["group"] = "" if groups is None else np.asarray(groups, dtype=object)[frame["row"]]
    frame = frame.drop_duplicates().sort_values("row", kind="stable")
    frame["target"] = frame.groupby(["reference", "group"], sort=True).ngroup().to_numpy(dtype=np.int64)
    return frame[["row", "reference", "target"]].reset_index(drop=True)


def _gaps(rows: pd.DataFrame, day: NDArray[np.datetime64], offences: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days to the next and from the last offence on any of an offence's targets; infinite where there is none."""
    number, target = rows["row"].to_numpy(), rows["target"].to_numpy()
    order = np.lexsort((number, day[number], target))
    number, target = number[order], target[order]
    same = target[1:] == target[:-1]
    gap = np.where(same, (day[number[1:]] - day[number[:-1]]).astype(float), np.inf)
    after, before = np.full(offences, np.inf), np.full(offences, np.inf)
    np.minimum.at(after, number[:-1], gap)
    np.minimum.at(before, number[1:], gap)
    return after, before


def _repeat_targets(rows: pd.DataFrame, day: NDArray[np.datetime64]) -> tuple[RepeatTarget, ...]:
    several = rows[rows.groupby("target")["row"].transform("size") > 1]
    targets = [_repeat_target(target, day) for _, target in several.groupby("target")]
    return tuple(sorted(targets, key=lambda target: (-target.count, -target.last.astype(int), target.reference)))


def _repeat_target(rows: pd.DataFrame, day: NDArray[np.datetime64]) -> RepeatTarget:
    number = rows["row"].to_numpy()
    number = number[np.argsort(day[number], kind="stable")]
    days = day[number]
    return RepeatTarget(
        reference=str(rows["reference"].iloc[0]),
        count=len(number),
        first=days[0],
        last=days[-1],
        shortest_gap=int(np.diff(days).astype(int).min()),
        rows=tuple(int(row) for row in number),
    )
