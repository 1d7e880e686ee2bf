"""How strongly offences cluster in time, by area: the dispersion of the long series behind a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.findings.selected import NO_LOCATION, SelectedOffences, select
from hotspot.geography import LPA
from hotspot.methods.dispersion import Dispersion, Dispersions, dispersions
from hotspot.offences.manifest import told_once
from hotspot.offences.store import Scope, Store, read
from hotspot.period import Period
from hotspot.selection import COMMITTED, DATE_COLUMNS, Selection

ALWAYS = Period(date(1900, 1, 1), date(2200, 1, 1))
SETTLED_DAYS = 28
"""After so long nearly all offences have been reported: months that end later count too few by committed date."""
RAGGED_DAYS = 3
"""A month that begins, or ends, at most so many days beyond the data counts as whole."""
LEAST_OF_TYPICAL = 0.25
"""Share of a typical month's offences from which a month belongs to the data: offences reported years late do not."""
Months = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class MonthlySeries:
    """Offences by area and month, over the whole months that the data cover."""

    months: Months
    """First days, consecutive, ``datetime64[M]``."""
    areas: tuple[str, ...]
    counts: NDArray[np.float64]
    """Shape ``(areas, months)``; sums of shares where the selection is limited to days or hours."""


@dataclass(frozen=True)
class Clustering:
    """Dispersion of each row of a comparison and of all rows together."""

    by_area: Mapping[str, Dispersion]
    total: Dispersion
    months: int
    """Whole months of the series."""

    def of(self, area: str) -> Dispersion:
        """Give an area's dispersion; not known where the series has no offence of it."""
        return self.by_area.get(area, Dispersion(months=self.months))

    @property
    def notes(self) -> tuple[str, ...]:
        """Say where the comparison has to take offences for independent."""
        if self.total.is_known:
            return ()
        return (f"{self.total.sentence}.",)


@dataclass(frozen=True, eq=False)
class MonthlyPositions:
    """Where and in which whole month offences of the force happened."""

    months: Months
    x: NDArray[np.float64] = field(repr=False)
    """Metres."""
    y: NDArray[np.float64] = field(repr=False)
    month: NDArray[np.int64] = field(repr=False)
    """Index into ``months``."""
    weight: NDArray[np.float64] = field(repr=False)
    inside: NDArray[np.bool_] = field(repr=False)
    """In the selection's area."""


@told_once
def month_counts(store: Store, *, scope: Scope, source: str, force: str, date_basis: str) -> pd.DataFrame:
    """Count all offences of a data set: columns ``crime_type``, ``lpa``, ``month`` (of the date that counts) and ``offences``.

    However many offences there are, a line stands for all of one type, LPA and month; it is counted once for each store.
    """
    column = DATE_COLUMNS[date_basis]
    columns = ["crime_type", "lpa", column]
    counts = read(store, scope=scope, source=source, force=force, columns=columns, counted=True)
    return counts.rename(columns={column: "month"})


def is_counted_by_lpa(store: Store, selection: Selection) -> bool:
    """Say whether ``month_counts`` tells the selection: no days, hours, flags, drawn area or area of a further level."""
    whole = not (selection.is_timed or selection.flags or selection.drawn) and selection.level == LPA
    return whole and LPA in store.levels_of(selection.force)


def months_of_type(store: Store, selection: Selection, *, scope: Scope) -> pd.DataFrame:
    """Give the lines of ``month_counts`` of the selection's crime type."""
    names = {"source": selection.source, "force": selection.force, "date_basis": selection.date_basis}
    counts = month_counts(store, scope=scope, **names)
    return counts[counts["crime_type"].isin(crime_types.names_within(selection.crime_type))]


def monthly_series(store: Store, selection: Selection, *, scope: Scope, by_area: bool) -> MonthlySeries:
    """Count the selection's offences by month over all the data: for each area of its level, or in its place alone.

    The usual case is counted from two columns; a selection by days, hours, flags, a drawn area or a further level is made as
    ``select`` makes it.
    """
    selection = replace(selection, within=scope.names)
    months = covered_months(store, selection)
    if is_counted_by_lpa(store, selection):
        counts = months_of_type(store, selection, scope=scope)
        frame = pd.DataFrame({"area": counts["lpa"], "date": counts["month"], "weight": counts["offences"]})
        frame = frame if by_area or selection.area is None else frame[frame["area"] == selection.area]
    else:
        selected = select(store, replace(selection, period=ALWAYS), scope=scope, inside_alone=not by_area)
        frame = selected.frame if by_area else selected.inside
        frame = frame.assign(date=frame[DATE_COLUMNS[selection.date_basis]])
    if by_area:
        names, code = np.unique(frame["area"].fillna(NO_LOCATION).to_numpy(dtype=str), return_inverse=True)
        areas = tuple(names.tolist())
    else:
        areas, code = (selection.place,), np.zeros(len(frame), dtype=np.int64)
    month = _month_of(frame["date"], months)
    held = month >= 0
    cell = code[held] * len(months) + month[held]
    counts = np.bincount(cell, weights=frame["weight"].to_numpy()[held], minlength=len(areas) * len(months))
    return MonthlySeries(months, areas, counts.reshape(len(areas), len(months)))


def monthly_positions(store: Store, selection: Selection, *, scope: Scope) -> MonthlyPositions:
    """Read where the selection's offences happened, in the whole force, and in which month."""
    months, column = covered_months(store, selection), DATE_COLUMNS[selection.date_basis]
    if is_counted_by_lpa(store, selection):
        located = read(
            store,
            scope=scope,
            source=selection.source,
            force=selection.force,
            columns=[column, "x", "y", "lpa"],
            crime_types=crime_types.names_within(selection.crime_type),
        ).dropna(subset="x")
        here = np.ones(len(located), bool) if selection.area is None else (located["lpa"] == selection.area).fillna(False)
        located = located.assign(weight=1.0, inside=here)
    else:
        located = select(store, replace(selection, period=ALWAYS), scope=scope).located
    month = _month_of(located[column], months)
    located, month = located[month >= 0], month[month >= 0]
    x, y, weight = (located[name].to_numpy(dtype=float) for name in ("x", "y", "weight"))
    return MonthlyPositions(months, x, y, month, weight, located["inside"].to_numpy(dtype=bool))


def covered_months(store: Store, selection: Selection) -> Months:
    """List the whole months that the data cover: from the first to the last that holds about what a month does.

    An extract cut by reported date holds a few offences committed long before it begins: those months are not covered.
    By committed date the months of the last four weeks are left out, since their offences are not all reported.
    """
    parts = sorted(store.manifest.parts_of(selection.source, selection.force), key=lambda part: part.month)
    offences = np.array([part.offences for part in parts])
    typical = np.quantile(offences, 0.75)
    held = [part for part, count in zip(parts, offences, strict=True) if count >= LEAST_OF_TYPICAL * typical]
    cut = max(np.datetime64(held[0].first_day), np.datetime64(min(part.recorded_first for part in parts)))
    end = np.datetime64(max(part.last_day for part in parts)) + 1
    if selection.date_basis == COMMITTED:
        end -= SETTLED_DAYS
    months = np.arange(held[0].month, np.datetime64(held[-1].month, "M") + 1, dtype="datetime64[M]")
    first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    return months[(first + RAGGED_DAYS >= cut) & (after - RAGGED_DAYS <= end)]


def clustering(series: MonthlySeries, *, period: Period, baseline: Period) -> Clustering:
    """Estimate the dispersion of each area and of all together, with the compared periods on levels of their own."""
    counts = np.vstack([series.counts, series.counts.sum(axis=0)])
    found = dispersions(counts, months=series.months, compared=_compared(period, baseline))
    by_area = {area: found[place] for place, area in enumerate(series.areas)}
    return Clustering(by_area, found[len(series.areas)], len(series.months))


def clustering_of(counts: NDArray[np.float64], months: Months, selected: SelectedOffences, baseline: Period) -> Dispersions:
    """Estimate the dispersion of each unit of a map from its monthly counts, shape ``(units, months)``."""
    return dispersions(counts, months=months, compared=_compared(selected.selection.period, baseline))


def _compared(period: Period, baseline: Period) -> tuple[tuple[np.datetime64, np.datetime64], ...]:
    return tuple((np.datetime64(one.start), np.datetime64(one.end)) for one in (period, baseline))


def _month_of(dates: pd.Series, months: Months) -> NDArray[np.int64]:
    """Number the month of each date; −1 where it is not known or not covered."""
    if not len(months):
        return np.full(len(dates), -1, dtype=np.int64)
    known = dates.to_numpy(dtype="datetime64[s]").astype("datetime64[M]")
    number = (known - months[0]).astype(np.int64)
    return np.where(np.isnat(known) | (number < 0) | (number >= len(months)), -1, number)
