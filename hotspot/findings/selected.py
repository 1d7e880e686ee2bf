"""The offences that a selection means, with what was left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.boundaries.areas import Areas, assign
from hotspot.errors import BadInput, NotKnowable
from hotspot.geography import BOUNDS_MARGIN, LPA, OUTSIDE, Force
from hotspot.methods import aoristic
from hotspot.offences.store import EVERYTHING, DataFacts, Scope, Store, read
from hotspot.period import Period
from hotspot.selection import DATE_COLUMNS, FLAG_COLUMNS, FLAGS, KNIFE, MONTH, UNDER_25, Selection

NO_LOCATION = "No location"
"""The row of offences with neither a usable location nor a named LPA."""
COLUMNS = (
    "crime_group",
    "crime_type",
    "committed_from",
    "committed_to",
    "reported",
    "month",
    "location_status",
    "x",
    "y",
    "lpa",
    "street",
)


@dataclass(frozen=True, eq=False)
class SelectedOffences:
    """Offences of one crime type and period in a force, and which of them lie in the chosen area."""

    selection: Selection
    facts: DataFacts
    force: Force
    areas: Areas | None
    """Areas of the selection's level; None where the store has no boundaries."""
    area: shapely.Geometry | None
    """The chosen area in metres of the analysis CRS; None where it is the whole of a force without boundaries."""
    limit: shapely.Geometry | None
    """The limit of the data: the union of the LPAs; None where the store has no boundaries, or beyond them is shown."""
    frame: pd.DataFrame
    """Every offence of the crime type, period, flags and time in the force, with ``weight`` (aoristic share,
    else 1) and ``inside`` (in the chosen area)."""

    @cached_property
    def inside(self) -> pd.DataFrame:
        return self.frame if self.frame["inside"].all() else self.frame[self.frame["inside"]]

    @cached_property
    def located(self) -> pd.DataFrame:
        """Offences of the whole force with a usable location: a kernel reaches across the area's border."""
        return self.frame[self.frame["location_status"] == "usable"]

    @cached_property
    def located_inside(self) -> pd.DataFrame:
        return self.inside[self.inside["location_status"] == "usable"]

    @property
    def count(self) -> float:
        """Offences in the area: whole, or a sum of aoristic shares."""
        return float(self.inside["weight"].sum())

    @property
    def without_location(self) -> int:
        return int((self.inside["location_status"] == "absent").sum())

    @property
    def unusable(self) -> int:
        return int((self.inside["location_status"] == "unusable").sum())

    @property
    def outside_lpas(self) -> int:
        return int((self.inside["lpa"] == OUTSIDE).sum())

    @property
    def covered(self) -> Period:
        """The days that the data cover."""
        return Period(self.facts.first_day, self.facts.end)

    @property
    def is_beyond_the_data(self) -> bool:
        """True where the selection's period shares no day with the data."""
        return self.selection.period.end <= self.facts.first_day or self.selection.period.start >= self.facts.end

    def counts_by_area(self) -> dict[str, float]:
        """Count offences per area of the level, 'Outside the LPAs' last; the areas add up to the whole.

        Offences with neither a usable location nor a named LPA stand as 'No location'. Without boundaries the
        force is one area.
        """
        if self.areas is None:
            return {self.selection.whole: float(self.frame["weight"].sum())}
        names = list(self.areas.names)
        by_area = self.frame.groupby(self.frame["area"].fillna(NO_LOCATION))["weight"].sum()
        extra = [name for name in (OUTSIDE, NO_LOCATION) if name in by_area.index]
        return {name: float(by_area.get(name, 0.0)) for name in [*names, *extra]}


def select(
    store: Store, selection: Selection, *, scope: Scope, extra_columns: Sequence[str] = (), inside_alone: bool = False
) -> SelectedOffences:
    """Read the offences of a selection.

    Parameters
    ----------
    inside_alone
        True: of a chosen LPA its own offences alone are read, for who counts them and reaches across no border.

    Raises
    ------
    NotKnowable
        If the data do not carry what the selection asks for (hours in monthly data, a flag, a date).
    BadInput
        If the area or its level does not exist in the store.
    """
    selection = replace(selection, within=scope.names)
    facts = store.facts(selection.source, selection.force, scope=scope)
    _check_knowable(selection, facts)
    areas = _areas_of(store, selection, scope)
    columns = dict.fromkeys((*COLUMNS, *extra_columns, *(FLAG_COLUMNS[flag] for flag in selection.flags)))
    named = selection.area if inside_alone and selection.level == LPA and selection.drawn is None else None
    frame = read(
        store,
        scope=scope,
        source=selection.source,
        force=selection.force,
        columns=list(columns),
        crime_types=crime_types.names_within(selection.crime_type),
        period=selection.period,
        date_basis=selection.date_basis,
        lpas=None if named is None else [named],
    )
    frame = _with_flags(frame, selection.flags).reset_index(drop=True)
    frame["weight"] = _shares(frame, selection)
    frame = frame[frame["weight"] > 0].reset_index(drop=True)
    frame["area"] = _area_names(frame, selection, areas)
    force = store.force_named(selection.force)
    area = _area_geometry(selection, areas, force)
    frame["inside"] = _inside(frame, selection, area)
    has_limit = LPA in store.levels_of(selection.force) and selection.area != OUTSIDE
    limit = store.areas(LPA, force=selection.force, scope=scope).union if has_limit else None
    return SelectedOffences(selection, facts, force, areas, area, limit, frame)


def _check_knowable(selection: Selection, facts: DataFacts) -> None:
    if facts.time_precision == "month":
        if selection.is_timed:
            raise NotKnowable(
                "These data know the month of an offence, not its day or hour. Remove the days and hours to see the offences."
            )
        if not selection.period.is_whole_months:
            raise NotKnowable(
                f"These data know the month of an offence alone, so a period must begin and end on the first of a month; "
                f"{selection.period.label_in_days()} does not."
            )
        if selection.date_basis != MONTH:
            raise NotKnowable("These data carry the month alone, neither a committed nor a reported date.")
    wanted = DATE_COLUMNS[selection.date_basis]
    if wanted not in facts.columns:
        raise NotKnowable(f"The source {facts.source} has no {selection.date_basis} date. Choose another date in the sidebar.")
    for flag in selection.flags:
        if flag in FLAGS and FLAG_COLUMNS[flag] not in facts.columns:
            raise NotKnowable(f"The source {facts.source} does not record '{flag}'. Remove the flag to see the offences.")


def _areas_of(store: Store, selection: Selection, scope: Scope) -> Areas | None:
    if selection.area == OUTSIDE and scope != EVERYTHING:
        raise BadInput(f"{outside_words(selection)} Choose one of your LPAs.")
    levels = store.levels_of(selection.force, scope=scope)
    if selection.level not in levels:
        if selection.area is not None or selection.level != LPA:
            known = ", ".join(levels) or "none"
            raise BadInput(
                f"The store has no areas of the level '{selection.level}' (it has: {known}). Import them on the Data page."
            )
        return None
    return store.areas(selection.level, force=selection.force, scope=scope)


def scope_of(selection: Selection) -> Scope:
    """Give the scope that a selection was read in: ``select`` wrote it there."""
    return Scope(frozenset(selection.within)) if selection.within else EVERYTHING


def outside_words(selection: Selection) -> str:
    """Say what a viewer who is limited to some LPAs does not see; empty where he sees all."""
    if not selection.within:
        return ""
    return f"Limited to {selection.whole}: offences of other LPAs, outside the LPAs and without an LPA are not counted."


def _with_flags(frame: pd.DataFrame, flags: tuple[str, ...]) -> pd.DataFrame:
    if KNIFE in flags:
        frame = frame[frame["knife"].fillna(False).astype(bool)]
    if UNDER_25 in flags:
        young = [
            isinstance(ages, list | tuple | np.ndarray) and any(age is not None and age < 25 for age in ages)
            for ages in frame["victim_ages"]
        ]
        frame = frame[np.array(young, dtype=bool)]
    return frame


def _shares(frame: pd.DataFrame, selection: Selection) -> NDArray[np.float64]:
    if not selection.is_timed:
        return np.ones(len(frame))
    return aoristic.share(
        frame["committed_from"].to_numpy(), frame["committed_to"].to_numpy(), weekdays=selection.weekdays, hours=selection.hours
    )


def _area_names(frame: pd.DataFrame, selection: Selection, areas: Areas | None) -> pd.Series:
    if selection.level == LPA or areas is None:
        return frame["lpa"]
    return pd.Series(assign(areas, frame["x"].to_numpy(), frame["y"].to_numpy()), index=frame.index, dtype="object")


def _area_geometry(selection: Selection, areas: Areas | None, force: Force) -> shapely.Geometry | None:
    if selection.drawn is not None:
        return shapely.make_valid(shapely.Polygon(selection.drawn.ring))
    if areas is None:
        return None
    if selection.area is None:
        return areas.union
    if selection.area not in areas.names:
        if selection.area == OUTSIDE:
            return _outside(areas, force)
        raise BadInput(
            f"There is no area '{selection.area}' among the level '{selection.level}'. It has: {', '.join(areas.names[:12])}"
            f"{' …' if len(areas.names) > 12 else ''}."
        )
    return areas.geometry(selection.area)


def _outside(areas: Areas, force: Force) -> shapely.Geometry:
    """Give what is believed to be the force's but lies in none of its areas."""
    box = shapely.box(*(force.bounds or areas.union.bounds)).buffer(BOUNDS_MARGIN, join_style="mitre")
    return box.difference(areas.union)


def _inside(frame: pd.DataFrame, selection: Selection, area: shapely.Geometry | None) -> NDArray[np.bool_]:
    if selection.drawn is not None:
        return shapely.contains_xy(
            area, frame["x"].to_numpy(dtype=float, na_value=np.nan), frame["y"].to_numpy(dtype=float, na_value=np.nan)
        )
    if selection.area is None:
        return np.ones(len(frame), dtype=bool)
    return (frame["area"] == selection.area).fillna(False).to_numpy(dtype=bool)
