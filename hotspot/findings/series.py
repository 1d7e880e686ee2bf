"""Near-repeat chains of a selection: the list from which one officer can be given a series."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from hotspot.boundaries.places import name_of, read_places
from hotspot.errors import BadInput
from hotspot.findings import series_words
from hotspot.findings.linkable import check_day_and_place, linkable, premises_numbers
from hotspot.findings.selected import SelectedOffences, select
from hotspot.geography import OUTSIDE, Place
from hotspot.methods.near_repeat_chains import (
    LABELS,
    ChanceChains,
    ClosePairs,
    NearRepeatChains,
    chance_chains,
    close_pairs,
    near_repeat_chains,
)
from hotspot.methods.suppression import mask_reference
from hotspot.offences.store import Scope, Store
from hotspot.period import Period
from hotspot.selection import COMMITTED, Selection

PERMUTATIONS, SEED = 499, 20241005
LISTED = 200
"""Chains that are listed; all are counted."""
COLUMNS = ("offence_id", "premises_ref", "officer_ref", "mo", "knife")


@dataclass(frozen=True)
class ChainSettings:
    """When two offences are linked, and how many make a chain worth listing."""

    metres: float = 200.0
    days: int = 14
    """Of the calendar, at most."""
    minimum: int = 4
    """Offences."""


@dataclass(frozen=True)
class ChainOffence:
    """One offence of a chain."""

    reference: str
    """The crime number, which names neither victim nor premises: without it nobody could be given the series."""
    label: str
    moment: np.datetime64
    """When it was committed, at the earliest."""
    mo: str | None
    officer: str | None
    """Masked; None where unknown."""
    lpa: str | None
    x: float
    """Metres."""
    y: float
    is_earlier: bool
    """Before the period: it belongs to the chain, and is in no count of the period."""


@dataclass(frozen=True)
class ListedChain:
    """Offences that hang together."""

    number: int
    """1: the first of the list, those that are open before the others, then the longest."""
    size: int
    first: date
    last: date
    span_days: int
    is_open: bool
    """Its last offence lies within the days of the end: another could still join it."""
    place: str
    x: float
    """Metres: mean of its offences."""
    y: float
    extent: float
    """Metres: the largest distance between two of its offences."""
    lpas: tuple[str, ...]
    """That it touches, the one with most offences first."""
    mo: str | None
    """The commonest MO; None where fewer than two are known."""
    mo_count: int
    """Offences with it."""
    mo_known: int
    """Offences whose MO is known."""
    officers: int
    """Officers in the case, among the offences where one is known."""
    officers_known: int
    """Offences with a known officer in the case."""
    knives: int
    """Offences with a knife."""
    offences: tuple[ChainOffence, ...]
    """In order of time."""

    @property
    def agreement(self) -> float:
        """Share of the offences with a known MO that share the commonest; NaN where fewer than two are known."""
        return self.mo_count / self.mo_known if self.mo is not None else math.nan


@dataclass(frozen=True, eq=False)
class SeriesFinding:
    """Chains of a selection."""

    selected: SelectedOffences
    settings: ChainSettings
    as_at: date
    """First day after what was looked at: the end of the period or of the data, whichever comes first."""
    labels: dict[str, int]
    """Label → offences of the selection."""
    chains: int
    """Chains of the minimum or more."""
    open_chains: int
    listed: tuple[ListedChain, ...]
    offences_in_chains: int
    """Offences of the selection that are in a chain of the minimum or more."""
    usual_mo: float
    """Share of the commonest MO among all offences with a known one; NaN where none is known."""
    premises_known: bool
    """False: repeats cannot be told from near repeats."""
    left_out: dict[str, int]
    """Reason → offences of the selection that could not be linked."""
    notes: tuple[str, ...]

    @property
    def subline(self) -> str:
        return series_words.subline(self)


@dataclass(frozen=True, eq=False)
class Linked:
    """The offences that can be linked, and how they are."""

    selected: SelectedOffences
    frame: pd.DataFrame
    """In order of time, with ``looked_at``: in the period and the area."""
    pairs: ClosePairs
    premises_known: bool
    left_out: dict[str, int]

    @property
    def moment(self) -> NDArray[np.datetime64]:
        return self.frame["committed_from"].to_numpy("datetime64[s]")


def series_finding(
    store: Store, selection: Selection, settings: ChainSettings, *, scope: Scope, mask: Callable[[str], str] = mask_reference
) -> SeriesFinding:
    """Find the chains of a selection; a chain that touches the area counts whole, wherever it goes.

    Raises
    ------
    NotKnowable
        If the data know the month alone, snapped positions, or no committed date.
    BadInput
        If the settings mean nothing, or the pairs are too many.
    """
    linked = linked_offences(store, selection, settings, scope=scope)
    frame, moment = linked.frame, linked.moment
    looked_at = frame["looked_at"].to_numpy(dtype=bool)
    found = near_repeat_chains(linked.pairs, moment, metres=settings.metres, days=settings.days)
    as_at = min(selection.period.end, linked.selected.facts.end)
    ranked = ranked_chains(found, moment, looked_at, settings, as_at)
    places = read_places()
    listed = tuple(
        listed_chain(number, rows, frame, found, places, is_open=is_open, since=selection.period.start, mask=mask)
        for number, (rows, is_open) in enumerate(ranked[:LISTED], start=1)
    )
    label = found.label[looked_at]
    mo = frame["mo"][looked_at].dropna()
    return SeriesFinding(
        selected=linked.selected,
        settings=settings,
        as_at=as_at,
        labels={one: int((label == one).sum()) for one in LABELS},
        chains=len(ranked),
        open_chains=sum(is_open for _, is_open in ranked),
        listed=listed,
        offences_in_chains=sum(int(looked_at[rows].sum()) for rows, _ in ranked),
        usual_mo=float(mo.value_counts(normalize=True).iloc[0]) if len(mo) else math.nan,
        premises_known=linked.premises_known,
        left_out=linked.left_out,
        notes=series_words.notes(
            linked.selected, settings, linked.left_out, premises_known=linked.premises_known, too_far=found.too_far
        ),
    )


def chance_of_chains(
    folder: Path,
    selection: Selection,
    settings: ChainSettings,
    *,
    scope: Scope,
    progress: Callable[[float, str], None],
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
) -> ChanceChains:
    """Count the chains that the same places give when their dates are dealt out anew."""
    linked = linked_offences(Store(folder), selection, settings, scope=scope)

    def told(share: float) -> None:
        done = round(share * permutations)
        if done % 25 == 0:
            progress(share, f"{done} of {permutations} shuffles of the dates")

    return chance_chains(
        linked.pairs,
        linked.moment,
        days=settings.days,
        inside=linked.frame["inside"].to_numpy(dtype=bool),
        since=np.datetime64(selection.period.start, "s"),
        permutations=permutations,
        seed=seed,
        told=told,
    )


def linked_offences(store: Store, selection: Selection, settings: ChainSettings, *, scope: Scope) -> Linked:
    """Read the offences of a selection that can be linked, those shortly before it too, and their pairs."""
    _check(settings)
    facts = store.facts(selection.source, selection.force, scope=scope)
    check_day_and_place(facts, headline="Series cannot be known from these data")
    selection = replace(selection, date_basis=COMMITTED)
    since = selection.period.start
    wider = Period(since - timedelta(days=settings.days), selection.period.end)
    earlier = select(store, selection.with_period(wider), scope=scope, extra_columns=COLUMNS)
    in_period = (earlier.frame["committed_from"] >= pd.Timestamp(since)).to_numpy(dtype=bool)
    selected = replace(earlier, selection=selection, frame=earlier.frame[in_period].reset_index(drop=True))
    can, reasons = linkable(earlier.frame, longest_window=settings.days)
    of_interest = in_period & earlier.frame["inside"].to_numpy(dtype=bool)
    left_out = {reason: int((rows & of_interest).sum()) for reason, rows in reasons.items() if (rows & of_interest).any()}
    frame = earlier.frame.assign(looked_at=of_interest)[can]
    frame = frame.sort_values(["committed_from", "x", "y", "offence_id"], kind="stable").reset_index(drop=True)
    premises = premises_numbers(frame)
    pairs = close_pairs(frame["x"].to_numpy(float), frame["y"].to_numpy(float), metres=settings.metres, premises=premises)
    return Linked(selected, frame, pairs, premises is not None, left_out)


def _check(settings: ChainSettings) -> None:
    faults = []
    if not 1 <= settings.metres <= 2_000:
        faults.append(f"The distance of a link must be 1 to 2,000 m, not {settings.metres:g}.")
    if not 1 <= settings.days <= 90:
        faults.append(f"The days of a link must be 1 to 90, not {settings.days}.")
    if not 2 <= settings.minimum <= 50:
        faults.append(f"A chain is listed from 2 to 50 offences on, not from {settings.minimum}.")
    if faults:
        raise BadInput(*faults)


def ranked_chains(
    found: NearRepeatChains, moment: NDArray[np.datetime64], looked_at: NDArray[np.bool_], settings: ChainSettings, as_at: date
) -> list[tuple[NDArray[np.int64], bool]]:
    """Order the chains, each with whether it is open: open first, then the longest, then the latest."""
    still = np.datetime64(as_at, "D") - np.timedelta64(settings.days, "D")
    chains = [(rows, bool(moment[rows[-1]] >= still)) for rows in found.of_at_least(settings.minimum) if looked_at[rows].any()]
    return sorted(chains, key=lambda one: (not one[1], -len(one[0]), -moment[one[0][-1]].astype(int)))


def listed_chain(
    number: int,
    rows: NDArray[np.int64],
    frame: pd.DataFrame,
    found: NearRepeatChains,
    places: Sequence[Place],
    *,
    is_open: bool,
    since: date,
    mask: Callable[[str], str] = mask_reference,
) -> ListedChain:
    """Describe one chain."""
    offences = frame.iloc[rows]
    x, y = offences["x"].to_numpy(float), offences["y"].to_numpy(float)
    lpas = tuple(offences["lpa"].dropna().value_counts().index)
    mo = offences["mo"].dropna()
    officers = offences["officer_ref"].dropna()
    commonest = mo.value_counts()
    days = offences["committed_from"].dt.date
    first, last = days.iloc[0], days.iloc[-1]
    lpa = lpas[0] if lpas and lpas[0] != OUTSIDE else None
    has_mo = len(mo) >= 2
    return ListedChain(
        number=number,
        size=len(rows),
        first=first,
        last=last,
        span_days=(last - first).days,
        is_open=is_open,
        place=name_of(places, float(x.mean()), float(y.mean()), list(offences["street"]), lpa=lpa),
        x=float(x.mean()),
        y=float(y.mean()),
        extent=_extent(x, y),
        lpas=lpas,
        mo=str(commonest.index[0]) if has_mo else None,
        mo_count=int(commonest.iloc[0]) if has_mo else 0,
        mo_known=len(mo),
        officers=officers.nunique(),
        officers_known=len(officers),
        knives=int(offences["knife"].fillna(False).sum()),
        offences=tuple(
            _offence(row, label, since, mask) for row, label in zip(offences.to_dict("records"), found.label[rows], strict=True)
        ),
    )


def _extent(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    places = np.unique(np.column_stack([x, y]), axis=0)
    return float(pdist(places).max()) if len(places) > 1 else 0.0


def _offence(row: dict[str, Any], label: str, since: date, mask: Callable[[str], str]) -> ChainOffence:
    told = {name: None if pd.isna(row[name]) else str(row[name]) for name in ("offence_id", "mo", "officer_ref", "lpa")}
    return ChainOffence(
        reference=told["offence_id"] or "–",
        label=label,
        moment=np.datetime64(row["committed_from"], "s"),
        mo=told["mo"],
        officer=mask(told["officer_ref"]) if told["officer_ref"] else None,
        lpa=told["lpa"],
        x=float(row["x"]),
        y=float(row["y"]),
        is_earlier=row["committed_from"].date() < since,
    )
