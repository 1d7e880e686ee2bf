"""Shares that the board's paper names: kinds of vehicle crime, victims of robbery under 25, robbery with a knife."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hotspot.findings.board_lines import kinds_of
from hotspot.findings.performance_data import ROBBERY, ROBBERY_COLUMNS, Periods
from hotspot.findings.selected import NO_LOCATION, SelectedOffences, select
from hotspot.methods.repeats import Proportion, wilson
from hotspot.offences.store import Scope, Store
from hotspot.selection import Selection

UNDER_25, KNIFE = "Victims under 25", "Knife"
VEHICLE_CRIME = "Vehicle crime"
OF = {UNDER_25: "victims of robbery whose age is known", KNIFE: "robberies for which it is known"}
_ADULT = 25


@dataclass(frozen=True)
class KnownShare:
    """A share among those for whom it is known: missing is unknown, never false."""

    name: str
    now: Proportion
    unknown: int
    """Robberies of the year to date for which nothing is known."""
    before: Proportion | None
    unknown_before: int | None


def vehicle_split(counts: Mapping[str, tuple[int, int | None]]) -> tuple[tuple[str, Proportion, Proportion | None], ...]:
    """Split vehicle crime into its kinds; empty where the data do not tell them apart."""
    kinds = [kind for kind in kinds_of(VEHICLE_CRIME) if kind in counts]
    if not kinds or VEHICLE_CRIME not in counts:
        return ()
    of, of_before = counts[VEHICLE_CRIME]
    return tuple((kind, wilson(counts[kind][0], of), _before(counts[kind][1], of_before)) for kind in kinds)


def _before(count: int | None, of: int | None) -> Proportion | None:
    return None if count is None or of is None else wilson(count, of)


def known_shares(store: Store, selection: Selection, periods: Periods, *, scope: Scope) -> dict[str, tuple[KnownShare, ...]]:
    """Give both shares of robbery for the chosen place ('') and each area; empty where the data carry neither."""
    facts = store.facts(selection.source, selection.force, scope=scope)
    columns = [name for name in ROBBERY_COLUMNS if name in facts.columns]
    if not columns:
        return {}
    chosen = replace(selection, crime_type=ROBBERY)
    now = select(store, chosen.with_period(periods.now), scope=scope, extra_columns=columns)
    before = None
    if periods.before is not None:
        before = select(store, chosen.with_period(periods.before), scope=scope, extra_columns=columns)
    places = ["", *(now.counts_by_area() if now.areas is not None else ())]
    return {place: tuple(_share(name, place, now, before) for name in _told(columns)) for place in places}


def _told(columns: list[str]) -> list[str]:
    return [name for name, column in ((UNDER_25, "victim_ages"), (KNIFE, "knife")) if column in columns]


def _share(name: str, place: str, now: SelectedOffences, before: SelectedOffences | None) -> KnownShare:
    found, unknown = _known(name, _rows(now, place))
    if before is None:
        return KnownShare(name, found, unknown, None, None)
    return KnownShare(name, found, unknown, *_known(name, _rows(before, place)))


def _rows(selected: SelectedOffences, place: str) -> pd.DataFrame:
    return selected.inside if not place else selected.frame[selected.frame["area"].fillna(NO_LOCATION) == place]


def _known(name: str, frame: pd.DataFrame) -> tuple[Proportion, int]:
    if name == KNIFE:
        known = frame["knife"].dropna()
        return wilson(int(known.sum()), len(known)), len(frame) - len(known)
    ages = [_ages(one) for one in frame["victim_ages"]]
    every = np.array([age for one in ages for age in one], dtype=float)
    return wilson(int((every < _ADULT).sum()), len(every)), sum(not one for one in ages)


def _ages(held: object) -> list[float]:
    if not isinstance(held, list | tuple | np.ndarray):
        return []
    return [float(age) for age in held if age is not None and not pd.isna(age)]
