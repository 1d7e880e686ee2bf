"""Whether linked offences lie with one officer, and whether files wait for their CCTV: investigation quality, by area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import investigation_words as words
from hotspot.findings.selected import NO_LOCATION, SelectedOffences, select
from hotspot.findings.series import LISTED, ChainSettings, ListedChain, series_finding
from hotspot.methods.repeats import Proportion, wilson
from hotspot.methods.suppression import mask_reference
from hotspot.methods.waiting import waiting_times
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.selection import Selection

COLUMNS = ("offence_id", "officer_ref", "premises_ref", "filed_date", "cctv_requested", "cctv_received")
MOST_LISTED = 200
"""Rows of a list; all are counted."""
SEVERAL = 2
QUARTILES = (0.25, 0.5, 0.75)


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
    total: Handling
    has_filing: bool
    has_cctv: bool
    has_officers: bool
    awaited: tuple[FileRow, ...]
    """Filed while CCTV was awaited, the latest first."""
    open_files: tuple[FileRow, ...]
    """The oldest first."""
    chains: tuple[ListedChain, ...]
    """Chains of near repeats that lie with several officers."""
    chains_looked_at: int
    """Listed chains with two or more known officers in the case."""
    premises: tuple[SpreadPremises, ...]
    premises_spread: int
    premises_repeated: int
    """Premises with two or more offences of a crime group whose officers are known."""
    notes: tuple[str, ...]


def investigation_finding(store: Store, selection: Selection, *, scope: Scope) -> InvestigationFinding:
    """Look at the files of a selection.

    Raises
    ------
    NotKnowable
        If the data carry neither filing nor officers.
    """
    facts = store.facts(selection.source, selection.force)
    check(facts)
    selection = replace(selection, weekdays=(), hours=None)
    held = [name for name in COLUMNS if name in facts.columns]
    selected = select(store, selection, scope=scope, extra_columns=held)
    frame = _with_days(selected.inside, facts)
    has_filing = "filed_date" in held
    has_cctv = has_filing and "cctv_requested" in held
    has_officers = "officer_ref" in held
    chains, looked_at, refusal = _chains(store, selection, scope) if has_officers else ((), 0, "")
    premises, repeated = _premises(frame) if has_officers and "premises_ref" in held else ((), 0)
    names = dict.fromkeys((*(selected.areas.names if selected.areas is not None else ()), *sorted(frame["area"].unique())))
    shown = [name for name in names if (frame["area"] == name).any()]
    return InvestigationFinding(
        selected=selected,
        as_at=facts.end,
        areas=tuple(_handling(name, frame[frame["area"] == name]) for name in shown),
        total=_handling(selection.place, frame),
        has_filing=has_filing,
        has_cctv=has_cctv,
        has_officers=has_officers,
        awaited=_files(frame[frame["awaited"]].sort_values("filed_date", ascending=False), "wait") if has_cctv else (),
        open_files=_files(frame[frame["open"]].sort_values("age", ascending=False), "age") if has_filing else (),
        chains=chains,
        chains_looked_at=looked_at,
        premises=premises[:MOST_LISTED],
        premises_spread=len(premises),
        premises_repeated=repeated,
        notes=words.notes(facts, refusal, has_filing=has_filing, has_cctv=has_cctv, has_officers=has_officers),
    )


def check(facts: DataFacts) -> None:
    """Refuse data that say nothing of an investigation."""
    if "filed_date" not in facts.columns and "officer_ref" not in facts.columns:
        raise NotKnowable(words.NOT_KNOWABLE, headline="Investigation quality cannot be known from these data")


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


def _files(frame: pd.DataFrame, days: str) -> tuple[FileRow, ...]:
    rows = frame.head(MOST_LISTED)
    return tuple(
        FileRow(
            reference=str(row["offence_id"]) if pd.notna(row["offence_id"]) else "–",
            crime_type=str(row["crime_type"]),
            area=str(row["area"]),
            officer=_masked(row["officer_ref"]),
            reported=_day(row["begun"]),
            requested=_day(row["cctv_requested"]),
            received=_day(row["cctv_received"]),
            filed=_day(row["filed_date"]),
            days=int(row[days]),
        )
        for row in rows.to_dict("records")
    )


def _masked(reference: object) -> str:
    return "not known" if reference is None or pd.isna(reference) else mask_reference(str(reference))


def _day(moment: pd.Timestamp) -> date | None:
    return None if pd.isna(moment) else moment.date()


def _chains(store: Store, selection: Selection, scope: Scope) -> tuple[tuple[ListedChain, ...], int, str]:
    """Give the chains that lie with several officers, of how many, or why there are none."""
    try:
        listed = series_finding(store, selection, ChainSettings(), scope=scope).listed
    except (NotKnowable, BadInput) as refusal:
        return (), 0, str(refusal)
    looked_at = [one for one in listed if one.officers_known >= SEVERAL]
    capped = f"Of the chains the first {LISTED} are looked at." if len(listed) == LISTED else ""
    return tuple(one for one in looked_at if one.officers >= SEVERAL), len(looked_at), capped


def _premises(frame: pd.DataFrame) -> tuple[tuple[SpreadPremises, ...], int]:
    """Give the premises whose offences lie with several officers, and how many have several offences."""
    known = frame[frame["premises_ref"].notna() & frame["officer_ref"].notna()]
    if known.empty:
        return (), 0
    groups = known.groupby(["premises_ref", "crime_group"], sort=False)
    found = groups.agg(
        offences=("officer_ref", "size"), officers=("officer_ref", "nunique"), last=("begun", "max"), area=("area", "last")
    ).reset_index()
    repeated = found[found["offences"] >= SEVERAL]
    spread = repeated[repeated["officers"] >= SEVERAL].sort_values(
        ["officers", "offences", "last", "premises_ref"], ascending=[False, False, False, True]
    )
    rows = zip(
        *(spread[name].tolist() for name in ("premises_ref", "crime_group", "area", "offences", "officers", "last")), strict=True
    )
    return tuple(
        SpreadPremises(mask_reference(str(reference)), group, area, int(offences), int(officers), _day(last))
        for reference, group, area, offences, officers, last in rows
    ), len(repeated)


def counts_table(finding: InvestigationFinding) -> NDArray[np.int64]:
    """Give filed and open files by area, then awaited and the rest of those with CCTV requested: what small counts hide in."""
    return np.array(
        [[one.filed, one.open, one.awaited.count, one.awaited.of - one.awaited.count] for one in finding.areas], dtype=np.int64
    ).reshape(-1, 4)
