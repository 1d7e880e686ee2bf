"""What may be said of a back-test: rows, headline, the line below it, and what they cannot say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hotspot import crime_types
from hotspot.findings.audience import FORCE, is_small
from hotspot.findings.words import number_word
from hotspot.methods.backtest import (
    BETTER,
    COULD_BE_CHANCE,
    LEAST_BLOCKS,
    LEAST_JUDGED,
    LEVEL,
    NOT_SAID,
    WORSE,
    Backtest,
    Fold,
)
from hotspot.offences.schema import SNAPPED
from hotspot.offences.store import DataFacts
from hotspot.period import Period
from hotspot.selection import Selection

DENSITY, ADAPTIVE, GI_STAR = "density", "adaptive", "gi-star"
METHODS = (DENSITY, ADAPTIVE, GI_STAR)
"""Maps that can be judged."""
LAST_PERIOD, UNIFORM = "last-period", "uniform"
"""The two naive baselines: the training period's own counts, and an even spread."""
METHOD_WORDS = {
    DENSITY: "Density map",
    ADAPTIVE: "Adaptive density",
    GI_STAR: "Gi* map",
    LAST_PERIOD: "Last period's counts",
    UNIFORM: "Even spread",
}
_LEADS = {DENSITY: "The densest {share}", ADAPTIVE: "The densest {share}", GI_STAR: "The top {share} by Gi*"}
LONGEST = 80
"""Characters of a headline."""


@dataclass(frozen=True)
class Judged:
    """What was judged, for the sentences."""

    selection: Selection
    method: str
    """The one that the headline tells of."""
    share: float
    """Of the area, 0 to 1."""
    folds: tuple[Fold, ...]
    whole_months: bool

    @property
    def what(self) -> str:
        return crime_types.counted(self.selection.crime_type, 2)


@dataclass(frozen=True)
class AccuracyRow:
    """One method at one share of the area."""

    method: str
    area_share: float
    """0 to 1."""
    held: float
    """n: judged offences in the chosen cells; a sum of parts, because the last cell is taken in part."""
    judged: float
    """N."""
    hit_rate: float
    """n/N, 0 to 1."""
    pai: float
    """Hit rate over area share."""
    pei: float
    """PAI over the best possible PAI."""
    low: float
    """Of the hit rate's 95 % interval; NaN where none can be given."""
    high: float
    difference: float
    """Hit rate less that of last period's counts."""
    difference_low: float
    difference_high: float
    verdict: str
    """Against last period's counts, at the one share that is tested: better, worse, could be chance, cannot be said; else
    empty."""


def rows_of(result: Backtest, *, share: float) -> tuple[AccuracyRow, ...]:
    """List methods and shares as rows, the methods in turn.

    Parameters
    ----------
    share
        The one share at which maps are tested against last period's counts: a family of its own.
    """
    return tuple(
        AccuracyRow(
            method=method,
            area_share=at,
            judged=result.judged,
            verdict=result.verdict(method, at) if at == share and method not in (LAST_PERIOD, UNIFORM) else "",
            **{name: float(getattr(result, name)[i, j]) for name in _PER_ROW},
        )
        for i, method in enumerate(result.methods)
        for j, at in enumerate(result.shares)
    )


_PER_ROW = ("held", "hit_rate", "pai", "pei", "low", "high", "difference", "difference_low", "difference_high")


def headline(result: Backtest, judged: Judged) -> str:
    """Say how much of the next period's offences the map held, and whether last period's counts would have done."""
    if result.judged == 0:
        return f"No {judged.what} to judge a map by"
    if result.judged < LEAST_JUDGED:
        return f"Too few {judged.what} to judge a map by"
    row, last = _row(result, judged.method, judged.share), _row(result, LAST_PERIOD, judged.share)
    lead = _LEADS[judged.method].format(share=percent(judged.share))
    against = _against(row, last)
    said = [f"{lead} held {percent(row.hit_rate)} of {what}{against}" for what in (f"the next {judged.what}", "what came next")]
    return next((one for one in said if len(one) <= LONGEST), said[-1])


def _against(row: AccuracyRow, last: AccuracyRow) -> str:
    if row.verdict == BETTER and last.hit_rate > 0 and row.hit_rate / last.hit_rate >= 1.05:
        return f", {row.hit_rate / last.hit_rate:.1f} times last period's counts"
    if row.verdict == WORSE:
        return f", last period's counts more: {percent(last.hit_rate)}"
    return f"; last period's counts held {percent(last.hit_rate)}"


def subline(result: Backtest, judged: Judged) -> str:
    """Say n, N, the interval, and how the map stands against last period's counts."""
    if result.judged == 0:
        return "Choose another crime type, area or period."
    row = _row(result, judged.method, judged.share)
    held = f"{row.held:,.0f} of {row.judged:,.0f} offences with a location"
    if math.isnan(row.low):
        return f"{held}; no interval can be given, so whether the map beats last period's counts cannot be said."
    between = f"{100 * row.low:.1f} to {100 * row.high:.1f}%"
    return f"{held}, {100 * row.hit_rate:.1f}% (95% interval {between}). The map beats last period's counts: {reading(row)}."


_READINGS = {BETTER: "yes", WORSE: "no, it held fewer", COULD_BE_CHANCE: "could be chance"}


def reading(row: AccuracyRow) -> str:
    """Answer whether a map beats last period's counts: 'yes (+3.2 points, +0.9 to +5.1)'."""
    if row.verdict not in _READINGS:
        return NOT_SAID
    points, low, high = (signed(100 * value) for value in (row.difference, row.difference_low, row.difference_high))
    return f"{_READINGS[row.verdict]} ({points} points, {low} to {high})"


def design(judged: Judged) -> str:
    """Say what was judged on what."""
    folds = judged.folds
    first, last = folds[0], folds[-1]
    if len(folds) == 1:
        return f"Judged: {label(last.judge)}, on maps made from {label(last.train)} alone."
    span = Period(first.judge.start, last.judge.end)
    count = number_word(len(folds))
    return (
        f"{count[0].upper()}{count[1:]} periods of {last.judge.length()} judged, {label(span)}, "
        f"each on maps made from the {last.train.length()} before it alone."
    )


def cautions(result: Backtest, judged: Judged, *, facts: DataFacts, has_boundary: bool) -> tuple[str, ...]:
    """List what the figures cannot say."""
    said = [no_interval(result, judged)]
    if judged.whole_months and not said[0]:
        said.append("The data know no days: whole months were resampled in place of weeks.")
    if facts.location_precision == SNAPPED:
        said.append(
            "Locations are snapped to points that many offences share, so small cells hold more of the next period's offences "
            "than the true places would."
        )
    if not has_boundary:
        said.append(
            "No boundaries are loaded: the area is the rectangle round the first training period's offences, countryside "
            "included, on which any map has a high PAI."
        )
    return tuple(one for one in said if one)


def left_out(*, late: int, off_the_map: int) -> tuple[str, ...]:
    """Say which offences were left out."""
    said = []
    if late:
        were = "offence was" if late == 1 else "offences were"
        said.append(f"{late:,} {were} reported only after the training period, and not on its maps.")
    if off_the_map:
        have = "offence has" if off_the_map == 1 else "offences have"
        said.append(f"{off_the_map:,} judged {have} no location inside the cells: not in N.")
    return tuple(said)


def no_interval(result: Backtest, judged: Judged) -> str:
    """Say why there is no interval; empty where there is one."""
    if result.judged < LEAST_JUDGED:
        return f"No interval: under {LEAST_JUDGED} offences were judged."
    if result.blocks >= LEAST_BLOCKS:
        return ""
    count = number_word(result.blocks)
    if judged.whole_months:
        whole = f"the data know no weeks. Of whole months {count} {'was' if result.blocks == 1 else 'were'} judged"
    else:
        whole = f"{count} {'was' if result.blocks == 1 else 'were'} judged"
    return f"No interval: it comes from resampling whole weeks, and {whole}; at least {number_word(LEAST_BLOCKS)} are needed."


def family(result: Backtest) -> str:
    """Name the family of tests; empty where nothing could be tested."""
    if np.isnan(result.difference_low).all():
        return ""
    if result.compared < 2:
        return "One map is compared with last period's counts, on the same weeks."
    level = 100 * (1 - (1 - LEVEL) / result.compared)
    return (
        f"{number_word(result.compared).capitalize()} maps are compared with last period's counts on the same weeks at one "
        f"share of the area: each difference has a {level:.1f}% interval, so that all of them hold in 95 of 100 cases."
    )


def label(period: Period) -> str:
    """Name a period: whole months by their names."""
    return period.label() if period.is_whole_months else period.label_in_days()


def percent(share: float) -> str:
    """Write a share of an area or of offences: '2%', '0.5%'."""
    value = 100 * share
    return f"{value:.0f}%" if value >= 10 or np.isclose(value, round(value)) else f"{value:.1f}%"


def signed(points: float) -> str:
    """Write a difference with its sign: '+3.2', '−0.4'."""
    return f"{'−' if round(points, 1) < 0 else '+'}{abs(points):.1f}"


def held_words(row: AccuracyRow) -> str:
    """Write the share of offences held, with its interval where there is one."""
    if math.isnan(row.hit_rate):
        return "–"
    if math.isnan(row.low) or row.method == UNIFORM:
        return f"{100 * row.hit_rate:.1f}%"
    return f"{100 * row.hit_rate:.1f}% ({100 * row.low:.1f}–{100 * row.high:.1f})"


def figure_words(value: float, places: int = 1) -> str:
    """Write PAI or PEI; a dash where it cannot be told."""
    return "–" if math.isnan(value) else f"{value:.{places}f}"


def shown_rows(rows: Sequence[AccuracyRow], *, audience: str) -> tuple[AccuracyRow, ...]:
    """Give the rows that an audience may see: partners and the public none whose hits, or the rest, are under 5.

    The cells of a smaller share lie within those of a larger one: a share that holds under 5 more than the one shown before
    it is left out too. Nothing is said of the difference from a row that is left out, and PEI, which tells how many the best
    possible map would have held, has the two digits of the page.
    """
    if audience == FORCE:
        return tuple(rows)
    shown, last = [], dict.fromkeys((row.method for row in rows), 0.0)
    for row in sorted(rows, key=lambda row: row.area_share):
        between = row.held - last[row.method]
        if row.method == UNIFORM:  # what an even spread holds says how many were judged
            shown += [] if is_small(row.judged) else [row]
        elif not any(map(is_small, (row.held, row.judged - row.held, row.judged, between))):
            shown.append(row)
            last[row.method] = row.held
    beside = {row.area_share for row in shown if row.method == LAST_PERIOD}
    return tuple(_for_the_public(row, is_compared=row.area_share in beside) for row in rows if row in shown)


def _for_the_public(row: AccuracyRow, *, is_compared: bool) -> AccuracyRow:
    rounded = replace(row, pei=round(row.pei, 2))
    if is_compared:
        return rounded
    return replace(rounded, verdict="", difference=math.nan, difference_low=math.nan, difference_high=math.nan)


def _row(result: Backtest, method: str, share: float) -> AccuracyRow:
    return next(row for row in rows_of(result, share=share) if (row.method, row.area_share) == (method, share))
