"""Who is hit again, how soon, and how unequally: repeats on the same premises, victim or vehicle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.boundaries.places import nearest, read_places
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import repeats_words
from hotspot.findings.selected import SelectedOffences, select
from hotspot.geography import LPA, OUTSIDE, Place
from hotspot.methods import concentration
from hotspot.methods.repeats import CLUSTERING, RepeatResult, RepeatTarget, reference_rows, repeat_victimisation
from hotspot.methods.suppression import mask_reference
from hotspot.methods.time_course import TimeCourse, time_course
from hotspot.offences.store import DataFacts, Scope, Store, read
from hotspot.selection import Selection

PREMISES, VICTIM, VEHICLE = "premises", "victim", "vehicle"
REFERENCE_COLUMNS = {PREMISES: "premises_ref", VICTIM: "victim_refs", VEHICLE: "vehicle_ref"}
LISTED = 50
"""So many targets are listed."""
_KEY = ["source_file", "source_row"]
_MOVED_METRES = 200.0


@dataclass(frozen=True)
class TimesCount:
    """How many targets had so many offences."""

    times: int
    """2, 3, or 4 for 4 or more."""
    label: str
    observed: int
    expected: float
    """By chance alone, if every household at risk were equally likely; NaN where the number at risk is unknown."""


@dataclass(frozen=True)
class ListedTarget:
    """A target with several offences, fit to be shown: its reference is masked."""

    masked: str
    place: str
    count: int
    last: date
    shortest_gap: int
    """Days."""


@dataclass(frozen=True, eq=False)
class RepeatPositions:
    """Where targets with several offences are, each moved by up to 200 m (always the same way)."""

    x: NDArray[np.float64]
    """Metres east."""
    y: NDArray[np.float64]
    times: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RepeatsFinding:
    """Repeats of a selection, and what may be said of them."""

    selected: SelectedOffences
    by: str
    """'premises', 'victim' or 'vehicle'."""
    result: RepeatResult
    course: TimeCourse
    """Pairs whose later offence is in the selection, by weeks between them."""
    times: tuple[TimesCount, ...]
    at_risk: int | None
    """Households in the area; None where unknown, or where households are not what is at risk."""
    generalised_gini: float
    """Over the households at risk where they are known, else over the targets hit; NaN without a reference."""
    listed: tuple[ListedTarget, ...]
    positions: RepeatPositions
    headline: str
    subline: str
    """The share of offences that are repeats."""
    forward: str
    """The share of offences followed by another: the other measure, in a sentence of its own."""
    notes: tuple[str, ...]

    @property
    def kicker(self) -> str:
        """The selection and what counts as the same."""
        days = self.result.window_days
        return f"{self.selected.selection.title()}: same {self.by} within {'12 months' if days == 365 else f'{days} days'}"


def measures(facts: DataFacts) -> tuple[str, ...]:
    """List what repeats can be measured by; empty where the data cannot tell."""
    if facts.time_precision == "month":
        return ()
    return tuple(by for by, column in REFERENCE_COLUMNS.items() if column in facts.columns)


def refusal(facts: DataFacts) -> NotKnowable:
    """Say why data in which nothing can be measured do not tell repeats."""
    reason = repeats_words.NOT_KNOWABLE if facts.time_precision == "month" else repeats_words.NO_REFERENCES
    return NotKnowable(reason, headline="Repeat victimisation cannot be known from these data")


def repeats_finding(
    store: Store,
    selection: Selection,
    *,
    by: str = PREMISES,
    window_days: int = 365,
    scope: Scope,
    mask: Callable[[str], str] = mask_reference,
) -> RepeatsFinding:
    """Measure repeats of a selection; matches before and after its period are sought in all of the data.

    Parameters
    ----------
    mask
        How references are written: no result holds one as the source has it, unless somebody asked for it.

    Raises
    ------
    NotKnowable
        If the data name no premises, victims or vehicles, or know the month alone.
    BadInput
        If ``by`` or the window means nothing.
    """
    facts = store.facts(selection.source, selection.force, scope=scope)
    _check(facts, by, window_days)
    column = REFERENCE_COLUMNS[by]
    selected = select(store, selection, scope=scope, extra_columns=_KEY)
    history = _history(store, selection, facts, column, scope=scope)
    looked_at = _looked_at(history, selected)
    first_day, end = _observed(store, selection, facts, scope=scope)
    result = repeat_victimisation(
        history[column],
        history["committed"],
        counted=looked_at,
        groups=history["crime_group"],
        window_days=window_days,
        first_day=first_day,
        end=end,
    )
    return _finding(selected, history, looked_at, result, by=by, first_day=first_day, mask=mask)


def _check(facts: DataFacts, by: str, window_days: int) -> None:
    if by not in REFERENCE_COLUMNS:
        raise BadInput(f"Repeats are measured by {', '.join(REFERENCE_COLUMNS)}, not by '{by}'.")
    if not 1 <= window_days <= 365:
        raise BadInput(f"The window of a repeat must be 1 to 365 days, not {window_days}.")
    possible = measures(facts)
    if not possible:
        raise refusal(facts)
    if by not in possible:
        raise NotKnowable(
            f"The source {facts.source} names no {by}, so repeats cannot be measured by {by}. "
            f"They can be measured by {' or '.join(possible)}."
        )


def _history(store: Store, selection: Selection, facts: DataFacts, column: str, *, scope: Scope) -> pd.DataFrame:
    """Read every offence of the crime type, of any date and place, with when it was committed."""
    dates = [name for name in ("committed_from", "reported") if name in facts.columns]
    frame = read(
        store,
        scope=scope,
        source=selection.source,
        force=selection.force,
        columns=[*_KEY, "crime_group", column, *dates, "x", "y", "lpa"],
        crime_types=crime_types.names_within(selection.crime_type),
    ).reset_index(drop=True)
    frame["committed"] = frame[dates].bfill(axis=1).iloc[:, 0] if dates else pd.NaT
    return frame


def _looked_at(history: pd.DataFrame, selected: SelectedOffences) -> NDArray[np.bool_]:
    chosen = pd.MultiIndex.from_frame(selected.inside[_KEY])
    return pd.MultiIndex.from_frame(history[_KEY]).isin(chosen)


def _observed(store: Store, selection: Selection, facts: DataFacts, *, scope: Scope) -> tuple[np.datetime64, np.datetime64]:
    """First day of the data and the first after them. An extract is cut by the date of report: an old offence
    that was reported late does not mean that the data reach so far back."""
    end = np.datetime64(facts.end, "D")
    if "reported" not in facts.columns:
        return np.datetime64(facts.first_day, "D"), end
    reported = read(store, scope=scope, source=selection.source, force=selection.force, columns=["reported"])["reported"].dropna()
    days = reported.to_numpy("datetime64[D]")
    return days.min(), min(end, days.max() + 1)


def _finding(
    selected: SelectedOffences,
    history: pd.DataFrame,
    looked_at: NDArray[np.bool_],
    result: RepeatResult,
    *,
    by: str,
    first_day: np.datetime64,
    mask: Callable[[str], str],
) -> RepeatsFinding:
    at_risk = households_at_risk(selected, by)
    course = _course(history, REFERENCE_COLUMNS[by], looked_at, first_day)
    kind = selected.selection.crime_type
    return RepeatsFinding(
        selected=selected,
        by=by,
        result=replace(result, targets=tuple(replace(one, reference=mask(one.reference)) for one in result.targets)),
        course=course,
        times=_times(result, at_risk),
        at_risk=at_risk,
        generalised_gini=concentration.generalised_gini(result.times, places=at_risk) if result.times.size else float("nan"),
        listed=_listed(result.targets[:LISTED], history, mask),
        positions=_positions(result.targets, history),
        headline=repeats_words.headline(result, course, kind),
        subline=repeats_words.back(result, by),
        forward=repeats_words.forward(result, by),
        notes=(*repeats_words.notes(result, selected, by=by, at_risk=at_risk), CLUSTERING),
    )


def households_at_risk(selected: SelectedOffences, by: str) -> int | None:
    """Give the households where they are what is at risk: residential burglary, in areas whose number is known."""
    selection, households = selected.selection, selected.force.premises
    if by != PREMISES or selection.crime_type != "Residential burglary" or selection.drawn is not None or not households:
        return None
    if selection.area is None:
        known = set(selected.areas.names) if selected.areas is not None and selected.areas.level == LPA else set(households)
        return sum(households.values()) if known <= set(households) else None
    return households.get(selection.area) if selection.level == LPA else None


def _course(history: pd.DataFrame, column: str, looked_at: NDArray[np.bool_], first_day: np.datetime64) -> TimeCourse:
    rows = reference_rows(history[column], history["crime_group"])
    rows = rows[history["committed"].notna().to_numpy()[rows["row"]]]
    moment = history["committed"].to_numpy("datetime64[s]")[rows["row"]]
    days = (moment - first_day.astype("datetime64[s]")).astype(np.int64) / 86_400
    # Offences from before the data were reported late: chance would not show as many of them.
    within = days >= 0
    return time_course(rows["target"].to_numpy()[within], days[within], later=looked_at[rows["row"]][within], first_day=0.0)


def _times(result: RepeatResult, at_risk: int | None) -> tuple[TimesCount, ...]:
    offences = int(result.times.sum())
    counts = []
    for times, label in ((2, "2 times"), (3, "3 times"), (4, "4 or more")):
        exactly = times < 4
        observed = int((result.times == times).sum() if exactly else (result.times >= times).sum())
        expected = float("nan")
        if at_risk is not None and at_risk >= len(result.times):
            expected = (
                float(concentration.expected_places(offences, at_risk, times=times))
                if exactly
                else concentration.expected_places_with_at_least(offences, at_risk, times=times)
            )
        counts.append(TimesCount(times, label, observed, expected))
    return tuple(counts)


def _listed(targets: tuple[RepeatTarget, ...], history: pd.DataFrame, mask: Callable[[str], str]) -> tuple[ListedTarget, ...]:
    places = read_places()
    return tuple(
        ListedTarget(
            masked=mask(target.reference),
            place=_place_name(target, history, places),
            count=target.count,
            last=target.last.astype("datetime64[D]").item(),
            shortest_gap=target.shortest_gap,
        )
        for target in targets
    )


def _place_name(target: RepeatTarget, history: pd.DataFrame, places: tuple[Place, ...]) -> str:
    offences = history.loc[list(target.rows)]
    lpas = offences["lpa"].dropna()
    lpa = str(lpas.iloc[-1]) if len(lpas) else None
    located = offences.dropna(subset=["x", "y"])
    if located.empty:
        return lpa or "No location"
    place = nearest(places, float(located["x"].iloc[-1]), float(located["y"].iloc[-1]), lpa=lpa if lpa != OUTSIDE else None)
    return place.name if place else lpa or "No named place"


def _positions(targets: tuple[RepeatTarget, ...], history: pd.DataFrame) -> RepeatPositions:
    last_row = np.array([target.rows[-1] for target in targets], dtype=np.int64)
    x, y = (history[axis].to_numpy(dtype=float, na_value=np.nan)[last_row] for axis in ("x", "y"))
    located = np.isfinite(x) & np.isfinite(y)
    references = pd.Series([target.reference for target in targets], dtype=object)[located]
    east, north = _displacements(references)
    times = np.array([target.count for target in targets], dtype=np.int64)
    return RepeatPositions(x[located] + east, y[located] + north, times[located])


def _displacements(references: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Move evenly over a disc; by the reference, so that asking again does not give the position away."""
    noise = pd.util.hash_array(references.to_numpy(dtype=object))
    angle = (noise & np.uint64(0xFFFFFFFF)).astype(float) / 2**32 * 2 * np.pi
    distance = _MOVED_METRES * np.sqrt((noise >> np.uint64(32)).astype(float) / 2**32)
    return distance * np.cos(angle), distance * np.sin(angle)
