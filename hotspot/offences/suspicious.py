"""Values that look like the habits of a recording system: midnight spikes, pile-ups and long windows."""

from __future__ import annotations

import pandas as pd

from hotspot.offences.report import PileUp, Suspicious
from hotspot.offences.schema import PRECISE_TO_MINUTE, SNAPPED

MIDNIGHT_FACTOR, MIDNIGHT_LEAST = 2.0, 20
"""Midnight is flagged from so many times the expected number, and so many offences."""
PILE_SHARE, PILE_LEAST, PILES_SHOWN = 0.005, 20, 5
"""A coordinate is flagged from this share of the located offences, and told from so many offences."""
LONG_WINDOW = pd.Timedelta(days=7)


def find_suspicious(offences: pd.DataFrame) -> Suspicious:
    """Look for suspicious values among validated offences."""
    count, expected = _midnight(offences)
    piles = _pile_ups(offences)
    flagged_from = PILE_SHARE * int(offences["x"].notna().sum())
    snapped = (offences["location_precision"] == SNAPPED).any()
    windows = offences["committed_to"] - offences["committed_from"]
    return Suspicious(
        midnight=count,
        midnight_expected=expected,
        midnight_flagged=count >= max(MIDNIGHT_LEAST, MIDNIGHT_FACTOR * expected) and count > 0,
        pile_ups=piles,
        pile_ups_flagged=not snapped and any(pile.count >= flagged_from for pile in piles),
        windows_over_7_days=int((windows > LONG_WINDOW).sum()),
    )


def _midnight(offences: pd.DataFrame) -> tuple[int, float]:
    """Count starts in the first two minutes of the day, and of the other 23 hours on average.

    Starts are rounded to whole hours all day long, so the other hours' first minutes are the fair comparison.
    """
    start = offences.loc[offences["time_precision"] == PRECISE_TO_MINUTE, "committed_from"].dropna()
    on_the_hour = start[(start.dt.minute <= 1)]
    midnight = int((on_the_hour.dt.hour == 0).sum())
    return midnight, (len(on_the_hour) - midnight) / 23


def _pile_ups(offences: pd.DataFrame) -> tuple[PileUp, ...]:
    """The coordinates with most offences, to the metre, the first five."""
    located = offences[offences["x"].notna()]
    at = [located["x"].round(), located["y"].round()]
    counts = located.groupby(at).size()
    largest = counts[counts >= PILE_LEAST].sort_values(ascending=False, kind="stable").head(PILES_SHOWN)
    streets = located["street"] if "street" in located else pd.Series(None, index=located.index, dtype="str")
    piles = []
    for (x, y), count in largest.items():
        names = streets[(at[0] == x) & (at[1] == y)].dropna()
        piles.append(PileUp(float(x), float(y), int(count), str(names.mode().iloc[0]) if len(names) else ""))
    return tuple(piles)
