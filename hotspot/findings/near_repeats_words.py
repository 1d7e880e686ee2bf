"""What may be said of a Knox table, in words."""

from __future__ import annotations

import math

import numpy as np

from hotspot import crime_types
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.knox import KnoxTable
from hotspot.methods.knox_table import ALPHA, LEAST_RATIO

LONGEST_HEADLINE = 80
FEW_OFFENCES = 100
"""Under so many offences near pairs are too few for a table of bands."""
FEW_PAIRS = 5
"""Under so many expected pairs a ratio can rest on one or two."""
LONG_PERIOD = 550
"""Days from which a change of places over the period could itself make near pairs."""
CHANCE = "Expected: the pairs of each band if dates were shuffled among the places, exactly."


def sentence(table: KnoxTable) -> str:
    """Say the nearest block: 'within 7 days and 200 m: 1.6 times expected, p = .001'."""
    row = _reach(table)
    observed, expected = int(table.observed_within[row, 0]), float(table.expected_within[row, 0])
    if expected == 0:
        return f"{_block(table, row)}: no pair, and none expected"
    return f"{_block(table, row)}: {times(observed / expected)} expected, {p_words(table.p_within[row, 0], table.permutations)}"


def headline(table: KnoxTable, crime_type: str) -> str:
    """Say in at most 80 characters whether offences are followed by others nearby."""
    plural = crime_types.counted(crime_type, 2)
    standing, stands = _standing(table), table.stands
    if standing:
        row = standing - 1
        ratio = times(float(table.observed_within[row, 0] / table.expected_within[row, 0]))
        said = f"cluster {_block(table, row)}: {ratio} expected"
        return _fitting(f"{plural.capitalize()} {said}", f"Offences {said}", f"Near repeats stand out {_block(table, row)}")
    if table.same_premises and stands[0].any() and not stands[1:].any():
        return _fitting(
            f"{plural.capitalize()} repeat on the same premises, not nearby", "Repeats on the same premises, not nearby"
        )
    if stands.any():
        return f"{int(stands.sum())} of {stands.size} bands hold more pairs than chance, not the nearest"
    return _fitting(
        f"No near repeats stand out among {table.n:,} {plural}", f"No near repeats stand out among {table.n:,} offences"
    )


def subline(table: KnoxTable, crime_type: str) -> str:
    """Say the block with its pairs, p and denominator."""
    row = _reach(table)
    observed, expected = int(table.observed_within[row, 0]), float(table.expected_within[row, 0])
    counts = f"{observed:,} pair{'' if observed == 1 else 's'}, {expected:,.1f} expected"
    words = sentence(table)
    return (
        f"{words[0].upper()}{words[1:]} ({counts}; {table.permutations:,} permutations). "
        f"{table.n:,} {crime_types.counted(crime_type, table.n)}."
    )


def warnings(table: KnoxTable) -> tuple[str, ...]:
    """Say what makes the table weak."""
    said = []
    if table.n < FEW_OFFENCES:
        said.append(f"Only {table.n:,} offences: too few for a table of bands; a ratio can rest on one or two pairs.")
    few = int((table.expected < FEW_PAIRS).sum())
    if few and table.n >= FEW_OFFENCES:
        said.append(
            f"In {few} of {table.expected.size} bands fewer than {FEW_PAIRS} pairs are expected: a ratio there can rest on one "
            "or two."
        )
    return tuple(said)


def notes(
    table: KnoxTable,
    selected: SelectedOffences,
    *,
    window_limit: float | None,
    without_reference: int,
    asked_for_premises: bool,
) -> tuple[str, ...]:
    """Say how the table was counted and what was left out, one sentence each."""
    said = [
        f"{CHANCE} p: {table.permutations:,} shuffles, seed {table.seed}; one-sided, with 1 added to both counts.",
        f"{family(table)} A band stands where q < {ALPHA:g} and it holds {LEAST_RATIO:g} times the expected pairs or more.",
        "Days apart: from the first day on which one can have happened to that of the other. A band holds its lower edge, not "
        "its upper.",
    ]
    if window_limit is not None:
        said.append(
            f"An offence that can have happened over more than {window_limit:g} days, the width of the narrowest time band, is "
            "left out: its pairs could lie in several bands."
        )
    if table.left_out:
        said.append(f"Left out: {', '.join(f'{count:,} {reason}' for reason, count in table.left_out)}.")
    if table.same_premises:
        no_reference = f" ({without_reference:,})" if without_reference else ""
        said.append(
            "Same premises: one reference, whatever the coordinates; those pairs are in no distance band. "
            f"Offences without a reference{no_reference} are paired by distance alone."
        )
    elif asked_for_premises:
        said.append("Too few offences here have a premises reference to tell repeats apart: they are among the nearest pairs.")
    if not selected.selection.is_whole_force:
        said.append("Pairs across the border of the area are not counted.")
    if selected.selection.is_timed:
        said.append("Each offence that can have happened in the chosen days and hours counts whole here.")
    if selected.selection.period.days > LONG_PERIOD:
        said.append("Over so long a period, places that gain or lose offences make near pairs too: compare with a year.")
    return tuple(said)


def family(table: KnoxTable) -> str:
    """Name the tests that were corrected together."""
    return f"{table.p_value.size} bands of distance and time were tested together (Benjamini–Hochberg)."


def times(ratio: float) -> str:
    """Write a ratio: '1.6 times', '12 times'."""
    return f"{ratio:.1f} times" if ratio < 10 else f"{ratio:,.0f} times"


def p_words(p_value: float, permutations: int) -> str:
    """Write p as the reader of a table of chance does: 'p = .001'."""
    places = 4 if permutations >= 9_999 else 3
    return "p = 1" if round(p_value, places) >= 1 else f"p = {p_value:.{places}f}".replace("0.", ".", 1)


def _standing(table: KnoxTable) -> int:
    """Count the distance bands, from the nearest on without a gap, that stand in the first time band."""
    stands = table.stands[table.same_premises :, 0]
    return int(np.argmin(stands)) if not stands.all() else len(stands)


def _reach(table: KnoxTable) -> int:
    """Give the distance band up to which the sentence speaks: as far as the bands stand, else 100 m or the next edge."""
    standing = _standing(table)
    if standing:
        return standing - 1
    beyond = [row for row, edge in enumerate(table.distance_edges[1:]) if edge >= 100]
    return beyond[0] if beyond else len(table.distance_edges) - 2


def _block(table: KnoxTable, row: int) -> str:
    """Say the bands up to a row: 'within 7 days and 200 m'."""
    days, metres = table.time_edges[:2], (table.distance_edges[0], table.distance_edges[row + 1])
    when = "at any time" if days == (0, math.inf) else _span(days, "day")
    where = "at any distance" if metres == (0, math.inf) else _span(metres, "m")
    joined = f"{when} and {where}"
    return joined.replace(" and within ", " and ") if joined.startswith("within ") else joined


def _span(edges: tuple[float, float], unit: str) -> str:
    low, high = edges
    name = unit if unit == "m" else "day" if high == 1 else "days"
    if math.isinf(high):
        return f"from {low:g} {name} on"
    return f"within {high:g} {name}" if low == 0 else f"{low:g} to {high:g} {name}"


def _fitting(*sentences: str) -> str:
    """Give the first sentence that fits, else the last."""
    return next((one for one in sentences if len(one) <= LONGEST_HEADLINE), sentences[-1])
