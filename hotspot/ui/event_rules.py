"""Rules of a chart over time: a line at each marked day, with words beside it that never lie on one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair
import pandas as pd

from hotspot.findings.events import Mark
from hotspot.formulas import safe

SECONDARY = "#4A5863"
LETTER = 6.4
"""Pixels across a letter of a label, on average; a little generous."""
LANES, LANE_HEIGHT, FIRST_LANE = 3, 15, 6
"""Rows of labels under the upper edge, and pixels from one to the next."""
LONGEST = 34
"""Letters of a label; the text under the chart says the rest."""
GAP = 8.0
AROUND = 75
"""Pixels that legend and axis take of a chart's height."""


@dataclass(frozen=True)
class Label:
    """Words beside a rule."""

    day: date
    words: str
    """Empty where no room is left: the text under the chart says them."""
    lane: int
    is_left: bool
    """It stands left of its rule, because the chart ends at its right."""
    start: float
    """Pixels from the left edge of the chart."""
    end: float


def labels(marks: Sequence[Mark], first: date, last: date, *, width: float) -> tuple[Label, ...]:
    """Place the words of the marks between two days: in the uppermost lane where nothing is in their way.

    Parameters
    ----------
    width
        Pixels across the chart at the least.
    """
    placed: list[Label] = []
    span = max((last - first).days, 1)
    for mark in marks:
        if not first < mark.day <= last:
            continue
        at = width * (mark.day - first).days / span
        words = mark.label if len(mark.label) <= LONGEST else f"{mark.label[: LONGEST - 1].rstrip()}…"
        long = LETTER * len(words) + GAP
        is_left = at + long > width and at - long >= 0
        start, end = (at - long, at) if is_left else (at, at + long)
        free = [
            lane
            for lane in range(LANES)
            if all(one.lane != lane or not one.words or one.end <= start or end <= one.start for one in placed)
        ]
        placed.append(Label(mark.day, words if free else "", free[0] if free else 0, is_left, start, end))
    return tuple(placed)


def room_above(placed: Sequence[Label], *, low: float, high: float, height: int) -> tuple[float, int]:
    """Give the upper end of a y axis whose labels stand above the highest value, and the height of a chart with them.

    Parameters
    ----------
    height
        Pixels of the chart without labels.
    """
    lanes = max((one.lane + 1 for one in placed if one.words), default=0)
    if not lanes:
        return high, height
    taller = height + LANE_HEIGHT * lanes
    share = (FIRST_LANE + LANE_HEIGHT * lanes) / (taller - AROUND)
    return low + (high - low) / (1 - share), taller


def rules(placed: Sequence[Label], marks: Sequence[Mark]) -> list[altair.Chart]:
    """Give the layers that mark days of a chart whose x is a time; they stand above what it shows."""
    if not placed:
        return []
    told = {mark.day: mark.told for mark in marks}
    frame = pd.DataFrame({"day": pd.to_datetime([one.day for one in placed]), "what": [told[one.day] for one in placed]})
    tips = [altair.Tooltip("day:T", title="Day", format="%-d %B %Y"), altair.Tooltip("what:N", title="Marked")]
    rule = altair.Chart(safe(frame)).mark_rule(color=SECONDARY, strokeDash=[2, 2], strokeWidth=1.5)
    return [rule.encode(x="day:T", tooltip=tips), *(layer for one in placed if one.words for layer in _words(one))]


def _words(label: Label) -> list[altair.Chart]:
    """Write words with a white edge, so that a line under them does not hinder reading."""
    frame = pd.DataFrame({"day": pd.to_datetime([label.day]), "word": [label.words]})
    place = {
        "align": "right" if label.is_left else "left",
        "dx": -GAP / 2 if label.is_left else GAP / 2,
        "y": FIRST_LANE + LANE_HEIGHT * label.lane,
        "fontSize": 12,
    }
    looks = ({"stroke": "#FFFFFF", "strokeWidth": 3.5}, {"color": SECONDARY})
    return [altair.Chart(safe(frame)).mark_text(**place, **look).encode(x="day:T", text="word:N") for look in looks]
