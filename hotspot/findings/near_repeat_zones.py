"""Near-repeat zones of a crime type: where risk is raised as at a day, with a decay fitted to the force's own pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspot.boundaries.areas import assign
from hotspot.boundaries.places import name_of, read_places
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import near_repeat_zones_words as words
from hotspot.findings.linkable import check_day_and_place, linkable, premises_numbers
from hotspot.findings.selected import SelectedOffences, select
from hotspot.geography import LPA, OUTSIDE, Place
from hotspot.memory import memory_limit
from hotspot.methods.knox import KnoxTable, knox
from hotspot.methods.near_repeat_decay import NearRepeatDecay, fit_decay, parts_of
from hotspot.methods.near_repeat_zones import NearRepeatZones, Zone, near_repeat_zones
from hotspot.offences.store import Scope, Store
from hotspot.period import Period
from hotspot.selection import COMMITTED, Selection

DISTANCE_EDGES = tuple(float(metres) for metres in range(0, 401, 50))
TIME_EDGES = tuple(float(days) for days in range(0, 57, 7))
FIT_DAYS, LEAST_FIT_DAYS = 730, 365
"""Days before the day of the zones whose offences the decay is fitted to: two years where there are, one at least."""
LONGEST_WINDOW = 7
"""Days of the calendar: an offence that can have happened over longer is in no pair, and raises no risk."""
THRESHOLD = 2.0
"""Times the usual risk."""
PERMUTATIONS, SEED = 499, 20241005
LEAST_OFFENCES = 200
"""Under so many the parts that the intervals rest on hold next to nothing."""
CLEAR_METRES, CLEAR_DAYS = 200.0, 14.0
"""Bands of the table within which more pairs than chance must stand, or no zone is drawn."""


@dataclass(frozen=True)
class DecayQuestion:
    """Which offences a decay is fitted to."""

    source: str
    force: str
    crime_type: str
    as_at: date
    """First day that is not known yet: offences committed or reported from it on are not used."""


@dataclass(frozen=True, eq=False)
class FittedDecay:
    """The decay of near repeats, or the reason why none can be told."""

    question: DecayQuestion
    period: Period
    """Days whose offences it was fitted to."""
    table: KnoxTable
    decay: NearRepeatDecay | None
    """None: no zone can be drawn."""
    premises_known: bool
    reason: str
    """Why there is none; empty where there is one."""


@dataclass(frozen=True)
class ShownZone:
    """A zone with its name."""

    number: int
    """1: the highest risk of those that are listed."""
    zone: Zone
    name: str
    lpa: str | None
    latest: date
    """Day of the latest offence that makes it."""
    expires: date

    @property
    def offences(self) -> int:
        """Recent offences that make it."""
        return len(self.zone.makers)


@dataclass(frozen=True, eq=False)
class ZonesFinding:
    """The zones of a day."""

    selected: SelectedOffences
    """The offences of the weeks before the day that can add to the risk."""
    fitted: FittedDecay
    found: NearRepeatZones | None
    """None where no zone can be drawn."""
    threshold: float
    zones: tuple[ShownZone, ...]
    """Those whose highest risk lies in the chosen area, the highest first."""
    left_out: dict[str, int]
    headline: str
    subline: str
    notes: tuple[str, ...]


def decay_question(store: Store, selection: Selection, as_at: date | None = None, *, scope: Scope) -> DecayQuestion:
    """Ask for the decay of a selection's crime type; the day is the first after the data unless another is named.

    Raises
    ------
    NotKnowable
        If the data know months or snapped points alone, or less than a year before the day.
    BadInput
        If the day lies beyond the data.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    check_day_and_place(facts, headline="Near-repeat zones cannot be known from these data")
    day = as_at or facts.end
    if day > facts.end:
        last = words.day_words(facts.end - timedelta(days=1))
        raise BadInput(f"The data end on {last}, so zones can be drawn as at {facts.end} at the latest.")
    if (day - facts.first_day).days < LEAST_FIT_DAYS:
        raise NotKnowable(
            f"Near-repeat zones rest on the pairs of at least {LEAST_FIT_DAYS} days; the data hold "
            f"{max((day - facts.first_day).days, 0)} before {words.day_words(day)}. Import earlier offences.",
            headline="No near-repeat zone can be drawn yet",
        )
    return DecayQuestion(selection.source, selection.force, selection.crime_type, day)


def fitted_decay(
    folder: Path, question: DecayQuestion, *, scope: Scope, progress: Callable[[float, str], None], seed: int = SEED
) -> FittedDecay:
    """Count the pairs of the last two years and fit the decay to them."""
    store = Store(folder)
    first_day = store.facts(question.source, question.force, scope=scope).first_day
    period = Period(max(first_day, question.as_at - timedelta(days=FIT_DAYS)), question.as_at)
    frame, _, _ = _known(store, question, period, scope=scope)
    if len(frame) < 2:
        raise NotKnowable(
            f"There are no two {question.crime_type.lower()} offences with a place and a day from {period.label_in_days()}, "
            "so there are no pairs to see near repeats in.",
            headline="No near-repeat zone can be drawn",
        )
    offences = _Offences(
        frame["x"].to_numpy(float),
        frame["y"].to_numpy(float),
        frame["committed_from"].to_numpy("datetime64[D]").astype(np.int64),
        premises_numbers(frame),
    )
    progress(0.05, f"pairs of {len(frame):,} offences")

    def told(share: float) -> None:
        progress(0.05 + 0.75 * share, f"{round(share * PERMUTATIONS)} of {PERMUTATIONS} shuffles of the dates")

    table = offences.table(permutations=PERMUTATIONS, seed=seed, progress=told)
    progress(0.85, "fitting the decay")
    decay, reason = _decay_of(table, offences, period)
    return FittedDecay(question, period, table, decay, offences.premises is not None, reason)


def zones_finding(
    store: Store, selection: Selection, fitted: FittedDecay, *, threshold: float = THRESHOLD, scope: Scope
) -> ZonesFinding:
    """Draw the zones of the decay's day; the selection says which area they are listed for.

    Raises
    ------
    BadInput
        If the threshold is not above 1, or no more than 100.
    """
    if not 1 < threshold <= 100:
        raise BadInput(f"The threshold is a multiple of the usual risk, above 1 and up to 100, not {threshold:g}.")
    question = fitted.question
    recent = Period(question.as_at - timedelta(days=int(TIME_EDGES[-1])), question.as_at)
    frame, selected, left_out = _known(store, question, recent, scope=scope, area=selection)
    found = None
    if fitted.decay is not None:
        found = near_repeat_zones(
            fitted.decay,
            frame["x"].to_numpy(float),
            frame["y"].to_numpy(float),
            frame["committed_from"].to_numpy("datetime64[s]"),
            as_at=np.datetime64(question.as_at, "s"),
            threshold=threshold,
        )
    zones = _shown(found, frame, selected, store) if found is not None else ()
    return ZonesFinding(
        selected=selected,
        fitted=fitted,
        found=found,
        threshold=threshold,
        zones=zones,
        left_out=left_out,
        headline=words.headline(zones, selected, question, threshold, drawn=found is not None),
        subline=words.subline(fitted, zones, threshold),
        notes=words.notes(fitted, left_out, selection),
    )


@dataclass(frozen=True, eq=False)
class _Offences:
    """What a table is counted from."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    day: NDArray[np.int64]
    premises: NDArray[np.int64] | None

    def of(self, rows: NDArray[np.bool_]) -> _Offences:
        return _Offences(self.x[rows], self.y[rows], self.day[rows], None if self.premises is None else self.premises[rows])

    def table(self, *, permutations: int, seed: int, progress: Callable[[float], None] | None = None) -> KnoxTable:
        return knox(
            self.x,
            self.y,
            self.day,
            distance_edges=DISTANCE_EDGES if self.premises is not None else (0.0, 1.0, *DISTANCE_EDGES[1:]),
            time_edges=TIME_EDGES,
            premises=self.premises,
            permutations=permutations,
            seed=seed,
            memory=memory_limit(),
            progress=progress,
        )


def _decay_of(table: KnoxTable, offences: _Offences, period: Period) -> tuple[NearRepeatDecay | None, str]:
    near = [0 < low < CLEAR_METRES or (low == 0 and high > 1) for low, high in table.distance_bands]
    soon = [high <= CLEAR_DAYS for _, high in table.time_bands]
    if not table.stands[np.ix_(near, soon)].any():
        return None, words.NO_EFFECT
    if len(offences.x) < LEAST_OFFENCES:
        return None, words.NO_DECAY
    part = parts_of(offences.x, offences.y)
    parts = [offences.of(part == number).table(permutations=1, seed=SEED) for number in range(part.max() + 1)]
    decay = fit_decay(table, parts, period_days=period.days)
    return decay, "" if decay is not None else words.NO_DECAY


def _known(
    store: Store, question: DecayQuestion, period: Period, *, scope: Scope, area: Selection | None = None
) -> tuple[pd.DataFrame, SelectedOffences, dict[str, int]]:
    """Read the force's offences of a period that were known on the day, with a place and a day."""
    selection = Selection(question.source, question.force, question.crime_type, period, COMMITTED)
    if area is not None:
        selection = replace(selection, level=area.level, area=area.area, drawn=area.drawn)
    selected = select(store, selection, scope=scope, extra_columns=("premises_ref",))
    frame = selected.frame
    known = (frame["reported"].isna() | (frame["reported"] < pd.Timestamp(question.as_at))).to_numpy(dtype=bool)
    can, reasons = linkable(frame, longest_window=LONGEST_WINDOW)
    left_out = {reason: int((rows & known).sum()) for reason, rows in reasons.items() if (rows & known).any()}
    selected = replace(selected, frame=frame[known].reset_index(drop=True))
    return frame[known & can].reset_index(drop=True), selected, left_out


def _shown(found: NearRepeatZones, frame: pd.DataFrame, selected: SelectedOffences, store: Store) -> tuple[ShownZone, ...]:
    x, y = (np.array([getattr(zone, axis) for zone in found.zones], dtype=float) for axis in ("x", "y"))
    inside = _inside(selected, x, y)
    has_lpas = LPA in store.levels_of(selected.selection.force)
    areas = store.areas(LPA, force=selected.selection.force) if has_lpas else None
    lpas = assign(areas, x, y) if areas is not None else [None] * len(x)
    places = read_places()
    listed = [(zone, lpa) for zone, lpa, chosen in zip(found.zones, lpas, inside, strict=True) if chosen]
    return tuple(
        _named(number, zone, frame.iloc[list(zone.makers)], places, lpa if lpa in getattr(areas, "names", ()) else None)
        for number, (zone, lpa) in enumerate(listed, start=1)
    )


def _inside(selected: SelectedOffences, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    if selected.selection.is_whole_force or selected.area is None:
        return np.ones(len(x), dtype=bool)
    return shapely.contains_xy(selected.area, x, y)


def _named(number: int, zone: Zone, makers: pd.DataFrame, places: Sequence[Place], lpa: str | None) -> ShownZone:
    return ShownZone(
        number=number,
        zone=zone,
        name=name_of(places, zone.x, zone.y, list(makers["street"]), lpa=lpa if lpa != OUTSIDE else None),
        lpa=lpa,
        latest=makers["committed_from"].max().date(),
        expires=zone.expires.astype("datetime64[D]").item(),
    )
