"""Is it worse, and is that real: one period against another, by area, with one family of tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from dateutil.easter import easter

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.findings.clustering import Clustering, MonthlyPositions, clustering_of
from hotspot.findings.selected import NO_LOCATION, SelectedOffences
from hotspot.findings.words import number_word
from hotspot.geography import OUTSIDE
from hotspot.grid import Grid
from hotspot.methods.change import (
    COULD_BE_CHANCE,
    FELL,
    LITTLE_CHANGE,
    ROSE,
    TOO_FEW,
    AreaChange,
    ChangeTable,
    compare,
    tested_of,
)
from hotspot.methods.change_map import ChangeMap, change_map, counts_within
from hotspot.methods.dispersion import Dispersion, Dispersions
from hotspot.period import Period
from hotspot.selection import COMMITTED, Selection, join_words

MAP_RADIUS = 1_500.0
"""Metres: the disc around each cell of the change map whose offences are counted."""
MAP_CELL = 500.0
LONGEST = 80
"""Characters of a headline."""


@dataclass(frozen=True, eq=False)
class CompareFinding:
    """Two periods side by side, the change of each area, and what may be said of it."""

    selected: SelectedOffences
    baseline: SelectedOffences
    table: ChangeTable
    headline: str
    subline: str
    notes: tuple[str, ...]

    @property
    def kicker(self) -> str:
        """Both periods in words."""
        selection, earlier = self.selected.selection, self.baseline.selection.period
        label = earlier.label() if selection.period.is_whole_months and earlier.is_whole_months else earlier.label_in_days()
        return f"{selection.title()}, against {label}, per day"


SETTLED = timedelta(days=28)
"""After so long nearly all offences have been reported."""


def without_area(selection: Selection, level: str) -> Selection:
    """Widen a selection to every area of a level, as a table by area needs it."""
    return replace(selection, level=level, area=None, drawn=None)


def check_periods(period: Period, baseline: Period) -> None:
    """Refuse two periods that share days."""
    if period.start < baseline.end and baseline.start < period.end:
        raise BadInput(
            f"The periods {period.label_in_days()} and {baseline.label_in_days()} share days, so they cannot be compared."
        )


def compare_finding(
    selected: SelectedOffences,
    baseline: SelectedOffences,
    *,
    by_area: bool = True,
    focus: tuple[SelectedOffences, SelectedOffences] | None = None,
    clustering: Clustering | None = None,
) -> CompareFinding:
    """Compare the areas of a level, or the chosen area alone.

    Parameters
    ----------
    selected, baseline
        The same selection in the two periods.
    by_area
        False: one row, for the chosen area as a whole.
    focus
        The chosen area's own offences in both periods, where the table shows every area of the force.
    clustering
        Dispersion of each row; None: not estimated, so that the intervals assume no clustering.
    """
    period, earlier = selected.selection.period, baseline.selection.period
    check_periods(period, earlier)
    table = _table(selected, baseline, by_area=by_area, clustering=clustering)
    shown, shown_baseline = focus or (selected, baseline)
    return CompareFinding(
        selected=shown,
        baseline=shown_baseline,
        table=table,
        headline=headline(table, shown.selection),
        subline=subline(_row_of(table, shown), shown.selection, earlier),
        notes=(*_notes(selected, earlier), *(clustering.notes if clustering is not None else ())),
    )


def _table(
    selected: SelectedOffences, baseline: SelectedOffences, *, by_area: bool, clustering: Clustering | None
) -> ChangeTable:
    if by_area and selected.areas is not None:
        counts, earlier = selected.counts_by_area(), baseline.counts_by_area()
        names = list(dict.fromkeys((*counts, *earlier)))
        family = f"{tested_of([(counts.get(name, 0.0), earlier.get(name, 0.0)) for name in names])} areas"
    else:
        names = [selected.selection.place]
        counts, earlier = {names[0]: selected.count}, {names[0]: baseline.count}
        family = "one area"
    return compare(
        names,
        [counts.get(name, 0.0) for name in names],
        [earlier.get(name, 0.0) for name in names],
        days=selected.selection.period.days,
        baseline_days=baseline.selection.period.days,
        family=family,
        dispersions=None if clustering is None else [clustering.of(name) for name in names],
        total_dispersion=Dispersion() if clustering is None else clustering.total,
    )


def _row_of(table: ChangeTable, shown: SelectedOffences) -> AreaChange:
    return next((row for row in table.rows if row.area == shown.selection.area), table.total)


def map_of_change(
    selected: SelectedOffences, baseline: SelectedOffences, *, positions: MonthlyPositions | None = None
) -> ChangeMap | None:
    """Compute the change map over the chosen area; None where there is no boundary to lay it in.

    Parameters
    ----------
    positions
        Offences of all the data by month: each disc's own dispersion comes from them. None: counts are taken as
        Poisson's.
    """
    if selected.area is None:
        return None
    located, earlier = selected.located, baseline.located
    grid = Grid.covering(selected.area.bounds, cell_size=MAP_CELL)
    return change_map(
        located["x"].to_numpy(dtype=float),
        located["y"].to_numpy(dtype=float),
        earlier["x"].to_numpy(dtype=float),
        earlier["y"].to_numpy(dtype=float),
        grid=grid,
        radius=MAP_RADIUS,
        days=selected.selection.period.days,
        baseline_days=baseline.selection.period.days,
        region=selected.area,
        dispersion=None if positions is None else discs_dispersion(selected, baseline, positions, grid).used.reshape(grid.shape),
    )


def discs_dispersion(
    selected: SelectedOffences, baseline: SelectedOffences, positions: MonthlyPositions, grid: Grid
) -> Dispersions:
    """Estimate the dispersion in the disc around each cell, from the north-west by rows."""
    monthly = np.empty((grid.rows * grid.columns, len(positions.months)))
    for month in range(len(positions.months)):
        held = positions.month == month
        monthly[:, month] = counts_within(positions.x[held], positions.y[held], grid=grid, radius=MAP_RADIUS).ravel()
    return clustering_of(monthly, positions.months, selected, baseline.selection.period)


def headline(table: ChangeTable, selection: Selection) -> str:
    """Say the clear changes in at most 80 characters."""
    what = selection.crime_type
    chosen = table.rows if len(table.rows) == 1 else [row for row in table.rows if row.area == selection.area]
    if chosen:
        return _headline_of_one(chosen[0], what)
    rose = [row.area for row in table.rows if row.verdict == ROSE]
    fell = [row.area for row in table.rows if row.verdict == FELL]
    if not rose and not fell:
        if all(row.verdict == TOO_FEW for row in table.rows):
            return f"{what}: too few offences in any area to say"
        return f"{what}: no area's change stands out from chance"
    rest = "" if len(rose) + len(fell) == len(table.rows) else "; elsewhere no rise or fall is clear"
    for where in (where_words, _how_many):
        said = join_words([f"{verb} {where(areas)}" for verb, areas in ((ROSE, rose), (FELL, fell)) if areas])
        for sentence in (f"{what} {said}{rest}", f"{what} {said}"):
            if len(sentence) <= LONGEST:
                return sentence
    return f"{what} {said}"


def where_words(areas: list[str]) -> str:
    """Say where: 'in Coventry and Dudley', 'in Coventry and outside the LPAs'."""
    rows = {OUTSIDE: "outside the LPAs", NO_LOCATION: "where no location is known"}
    named = [area for area in areas if area not in rows]
    return join_words([*([f"in {join_words(named)}"] if named else []), *(rows[area] for area in areas if area in rows)])


def _how_many(areas: list[str]) -> str:
    return f"in {number_word(len(areas))} {'area' if len(areas) == 1 else 'areas'}"


def _headline_of_one(row: AreaChange, what: str) -> str:
    words = {
        ROSE: f"{what} rose {{}}",
        FELL: f"{what} fell {{}}",
        LITTLE_CHANGE: f"{what} changed little {{}}",
        COULD_BE_CHANCE: f"{what} {{}}: the change could be chance",
        TOO_FEW: f"{what} {{}}: too few offences to say",
    }
    sentences = (words[row.verdict].format(where) for where in (where_words([row.area]), "in the chosen area"))
    return next(sentence for sentence in sentences if len(sentence) <= LONGEST or "the chosen area" in sentence)


def subline(row: AreaChange, selection: Selection, earlier: Period) -> str:
    """Say counts, change and interval of the chosen place, and how the lengths differ."""
    place = "Force" if selection.place == selection.force else selection.place
    return f"{place} {row.sentence()}{length_words(selection.period, earlier)}"


def length_words(period: Period, earlier: Period) -> str:
    """Say by how many days the period is longer or shorter, as a sentence after another; nothing where they are equal."""
    days = period.days - earlier.days
    unit, way = "day" if abs(days) == 1 else "days", "longer" if days > 0 else "shorter"
    return f" The period is {number_word(abs(days))} {unit} {way}." if days else ""


def _notes(selected: SelectedOffences, earlier: Period) -> tuple[str, ...]:
    selection = selected.selection
    groups = {kind.group for kind in crime_types.CRIME_TYPES if kind.name in crime_types.names_within(selection.crime_type)}
    notes = [f"The comparison crosses a break: {reason}." for reason in selection.period.breaks_since(earlier, groups=groups)]
    facts = selected.facts
    if earlier.start < facts.first_day or selection.period.end > facts.end:
        notes.append(
            f"The data cover {Period(facts.first_day, facts.end).label_in_days()} only: "
            "a period that reaches beyond them counts too few."
        )
    if selection.date_basis == COMMITTED and selection.period.end > facts.end - SETTLED:
        notes.append(
            "Offences of the last four weeks may not all be reported yet, so they count too few; by reported date they do not."
        )
    short = max(selection.period.days, earlier.days) < 62
    if facts.time_precision != "month" and short and (selection.period.days % 7 or earlier.days % 7):
        notes.append("The periods are not whole weeks, so they hold different numbers of each weekday.")
    if _easters(selection.period) != _easters(earlier):
        notes.append("Easter falls in one of the periods and not in the other.")
    if selection.is_timed:
        notes.append("Counts are sums of aoristic shares, rounded to whole offences for the test.")
    return tuple(notes)


def _easters(period: Period) -> int:
    return sum(period.start <= easter(year) < period.end for year in range(period.start.year, period.last_day.year + 1))
