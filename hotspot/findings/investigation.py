"""Whether linked offences lie with one officer, and whether files wait for their CCTV: investigation quality, by area."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import investigation_words as words
from hotspot.findings.investigation_chains import SEVERAL, SpreadChain, SpreadChains, spread_chains
from hotspot.findings.selected import NO_LOCATION, SelectedOffences, select
from hotspot.methods.repeats import Proportion, wilson
from hotspot.methods.suppression import mask_reference
from hotspot.methods.waiting import waiting_times
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.selection import Selection

COLUMNS = ("offence_id", "officer_ref", "premises_ref", "filed_date", "cctv_requested", "cctv_received")
MOST_LISTED = 200
"""Rows of a list of files or premises for each area; all are judged and counted."""
MOST_CHAINS = 50
"""Chains that are listed of each area; all are judged and counted."""
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Spread:
    """Chains or premises that lie with several officers."""

    several: int
    of: int
    """Those with two or more offences whose officer is known."""


@dataclass(frozen=True)
class Handling:
    """How the files of one area are handled."""

    area: str
    offences: int
    filed: int
    days_to_filing: tuple[float, float, float]
    """Quartiles from report to filing, open files counted as waiting; ∞ where not so many are filed yet, NaN without a file."""
    open: int
    open_age: tuple[float, float, float]
    """Quartiles in days of the open files' age; NaN without one."""
    awaited: Proportion
    """Of the filed files with CCTV requested, those filed before it was received."""
    chains: Spread | None = None
    """By the area with most of a chain's offences; None where officers are unknown, or for an area that was not asked for."""
    premises: Spread | None = None


@dataclass(frozen=True)
class FileRow:
    """One file of a list; the officer is masked."""

    reference: str
    crime_type: str
    area: str
    officer: str
    reported: date | None
    requested: date | None
    received: date | None
    filed: date | None
    days: int
    """Open files: age. Filed ones: days after which the CCTV came, or, where it did not, days from filing to the last day."""


@dataclass(frozen=True)
class SpreadPremises:
    """Premises with several offences that lie with several officers; masked."""

    reference: str
    crime_group: str
    area: str
    offences: int
    officers: int
    last: date | None


@dataclass(frozen=True, eq=False)
class InvestigationFinding:
    """Investigation quality of a selection."""

    selected: SelectedOffences
    as_at: date
    """First day after the data: ages are counted up to it."""
    areas: tuple[Handling, ...]
    """Every area of the force, whatever place is chosen: small counts hide among them."""
    total: Handling
    """The chosen place."""
    has_filing: bool
    has_cctv: bool
    has_officers: bool
    awaited: tuple[FileRow, ...]
    """Filed while CCTV was awaited, the latest first."""
    open_files: tuple[FileRow, ...]
    """The oldest first."""
    chains: tuple[SpreadChain, ...]
    """Chains of near repeats that lie with several officers, those with most of them first."""
    premises: tuple[SpreadPremises, ...]
    """Premises with two or more offences of a crime group that lie with several officers."""
    notes: tuple[str, ...]


def investigation_finding(
    store: Store, selection: Selection, *, scope: Scope, mask: Callable[[str], str] = mask_reference
) -> InvestigationFinding:
    """Look at the files of a selection.

    Parameters
    ----------
    mask
        How references are written: no result holds one as the source has it, unless somebody asked for it.

    Raises
    ------
    NotKnowable
        If the data carry neither filing nor officers.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    check(facts)
    selection = replace(selection, weekdays=(), hours=None)
    held = [name for name in COLUMNS if name in facts.columns]
    selected = select(store, selection, scope=scope, extra_columns=held)
    every = _with_days(selected.frame, facts)
    frame = every[every["inside"]]
    has_filing = "filed_date" in held
    has_cctv = has_filing and "cctv_requested" in held
    has_officers = "officer_ref" in held
    chains, refusal = _chains(store, selection, scope) if has_officers else (None, "")
    premises = _premises(frame) if has_officers and "premises_ref" in held else None
    names = dict.fromkeys((*(selected.areas.names if selected.areas is not None else ()), *sorted(every["area"].unique())))
    areas = [_handling(name, every[every["area"] == name]) for name in names if (every["area"] == name).any()]
    if selection.is_whole_force:
        areas = [_with_officers(one, chains, premises, area=one.area) for one in areas]
    return InvestigationFinding(
        selected=selected,
        as_at=facts.end,
        areas=tuple(areas),
        total=_with_officers(_handling(selection.place, frame), chains, premises, area=None),
        has_filing=has_filing,
        has_cctv=has_cctv,
        has_officers=has_officers,
        awaited=_files(frame[frame["awaited"]].sort_values("filed_date", ascending=False), "wait", mask) if has_cctv else (),
        open_files=_files(frame[frame["open"]].sort_values("age", ascending=False), "age", mask) if has_filing else (),
        chains=chains.listed if chains is not None else (),
        premises=_listed_premises(premises, mask) if premises is not None else (),
        notes=words.notes(facts, refusal, has_filing=has_filing, has_cctv=has_cctv, has_officers=has_officers),
    )


def check(facts: DataFacts) -> None:
    """Refuse data that say nothing of an investigation."""
    if "filed_date" not in facts.columns and "officer_ref" not in facts.columns:
        raise NotKnowable(words.NOT_KNOWABLE, headline="Investigation quality cannot be known from these data")


def _with_officers(one: Handling, chains: SpreadChains | None, premises: pd.DataFrame | None, *, area: str | None) -> Handling:
    """Add how many chains and premises lie with several officers, in one area or in all."""
    in_chains, at_premises = None, None
    if chains is not None:
        in_chains = Spread(*(found.get(area, 0) if area else sum(found.values()) for found in (chains.spread, chains.looked_at)))
    if premises is not None:
        here = premises[premises["area"] == area] if area else premises
        at_premises = Spread(int((here["officers"] >= SEVERAL).sum()), len(here))
    return replace(one, chains=in_chains, premises=at_premises)


def _with_days(inside: pd.DataFrame, facts: DataFacts) -> pd.DataFrame:
    """Add each file's start, age, and what it waits for; a column that the data lack is unknown on every row."""
    frame = inside.assign(**{name: pd.NaT for name in COLUMNS[3:] if name not in inside}).reset_index(drop=True)
    frame = frame.assign(**{name: None for name in COLUMNS[:3] if name not in frame})
    dates = {name: pd.to_datetime(frame[name]) for name in COLUMNS[3:]}
    begun = frame["reported"].fillna(frame["committed_from"]).dt.normalize()
    end = pd.Timestamp(facts.end)
    is_filed = dates["filed_date"].notna()
    asked = dates["cctv_requested"].notna() & (dates["cctv_requested"] <= dates["filed_date"])
    awaited = asked & ~(dates["cctv_received"] <= dates["filed_date"])
    return frame.assign(
        **dates,
        area=frame["area"].fillna(NO_LOCATION).astype(object),
        begun=begun,
        filed=is_filed,
        open=~is_filed & begun.notna(),
        age=(end - begun).dt.days,
        to_filing=(dates["filed_date"] - begun).dt.days,
        asked=asked,
        awaited=awaited,
        wait=(dates["cctv_received"].fillna(end) - dates["filed_date"]).dt.days,
    )


def _handling(area: str, frame: pd.DataFrame) -> Handling:
    known = frame[frame["begun"].notna()]
    wait = np.where(known["filed"], known["to_filing"], known["age"]).astype(float)
    sound = wait >= 0
    times = waiting_times(wait[sound], known["filed"].to_numpy(dtype=bool)[sound])
    ages = known.loc[known["open"], "age"].to_numpy(dtype=float)
    return Handling(
        area=area,
        offences=len(frame),
        filed=int(frame["filed"].sum()),
        days_to_filing=_three([times.quantile(share) for share in QUARTILES] if times.count else [math.nan] * 3),
        open=int(frame["open"].sum()),
        open_age=_three(np.quantile(ages, QUARTILES).tolist() if len(ages) else [math.nan] * 3),
        awaited=wilson(int(frame["awaited"].sum()), int(frame["asked"].sum())),
    )


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    low, middle, high = (float(value) for value in values)
    return low, middle, high


def _files(frame: pd.DataFrame, days: str, mask: Callable[[str], str]) -> tuple[FileRow, ...]:
    rows = frame.groupby("area", sort=False).head(MOST_LISTED)
    return tuple(
        FileRow(
            reference=str(row["offence_id"]) if pd.notna(row["offence_id"]) else "–",
            crime_type=str(row["crime_type"]),
            area=str(row["area"]),
            officer=_masked(row["officer_ref"], mask),
            reported=_day(row["begun"]),
            requested=_day(row["cctv_requested"]),
            received=_day(row["cctv_received"]),
            filed=_day(row["filed_date"]),
            days=int(row[days]),
        )
        for row in rows.to_dict("records")
    )


def _masked(reference: object, mask: Callable[[str], str]) -> str:
    return "not known" if reference is None or pd.isna(reference) else mask(str(reference))


def _day(moment: pd.Timestamp) -> date | None:
    return None if pd.isna(moment) else moment.date()


def _chains(store: Store, selection: Selection, scope: Scope) -> tuple[SpreadChains | None, str]:
    """Give the chains that lie with several officers, or why there are none."""
    try:
        return spread_chains(store, selection, scope=scope, most=MOST_CHAINS), ""
    except (NotKnowable, BadInput) as refusal:
        return None, str(refusal)


def _premises(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the premises with several offences of a crime group whose officers are known, those with most officers first."""
    known = frame[frame["premises_ref"].notna() & frame["officer_ref"].notna()]
    found = (
        known.groupby(["premises_ref", "crime_group"], sort=False)
        .agg(offences=("officer_ref", "size"), officers=("officer_ref", "nunique"), last=("begun", "max"), area=("area", "last"))
        .reset_index()
    )
    repeated = found[found["offences"] >= SEVERAL]
    return repeated.sort_values(["officers", "offences", "last", "premises_ref"], ascending=[False, False, False, True])


def _listed_premises(premises: pd.DataFrame, mask: Callable[[str], str]) -> tuple[SpreadPremises, ...]:
    rows = premises[premises["officers"] >= SEVERAL].groupby("area", sort=False).head(MOST_LISTED)
    return tuple(
        SpreadPremises(
            mask(str(row["premises_ref"])),
            row["crime_group"],
            row["area"],
            int(row["offences"]),
            int(row["officers"]),
            _day(row["last"]),
        )
        for row in rows.to_dict("records")
    )


def counts_table(rows: Sequence[Handling]) -> NDArray[np.int64]:
    """Give the files by area: filed, open, of neither kind; then the filed ones: CCTV awaited, received, not requested."""
    return np.array([_counts(one) for one in rows], dtype=np.int64)


def _counts(one: Handling) -> tuple[int, ...]:
    asked, awaited = one.awaited.of, one.awaited.count
    return one.filed, one.open, one.offences - one.filed - one.open, awaited, asked - awaited, one.filed - asked
