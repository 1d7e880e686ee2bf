"""What the offences of a selection weigh by a table of harm that the user supplied."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.errors import NotKnowable
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import quantity
from hotspot.offences.weights import HarmTable, weights_of
from hotspot.selection import DATE_COLUMNS

COLUMNS = ("source_crime_type",)
"""Read beside the usual ones, so that a table can tell codes and the data's own words apart."""
MOST_TYPES = 4
"""So many crime types without a weight are named; the rest are counted."""


@dataclass(frozen=True, eq=False)
class HarmUse:
    """The harm of each offence of a selection."""

    table: HarmTable
    located: NDArray[np.float64]
    """Harm of each located offence of the force, its aoristic share included, in the order of ``selected.located``."""
    inside: NDArray[np.float64]
    """The same for ``selected.located_inside``."""
    without_weight: dict[str, int]
    """Crime type → offences of the chosen area that the table has no weight for; they count nothing."""

    @property
    def note(self) -> str:
        """Say which offences count nothing; empty where all have a weight."""
        total = sum(self.without_weight.values())
        if not total:
            return ""
        named = [f"{kind} {count:,}" for kind, count in Counter(self.without_weight).most_common(MOST_TYPES)]
        others = " and others" if len(self.without_weight) > MOST_TYPES else ""
        have = "offence has" if total == 1 else "offences have"
        return f"{total:,} {have} no weight in {self.table.name}, and so no part in the surface: {', '.join(named)}{others}."

    @property
    def note_without_counts(self) -> str:
        """The same for partners and the public, to whom a number under 5 is not told."""
        return f"Some offences have no weight in {self.table.name}, and so no part in the surface." if self.note else ""


def harm_of(selected: SelectedOffences, table: HarmTable) -> HarmUse:
    """Weigh the offences of a selection.

    Raises
    ------
    NotKnowable
        If the table has no weight for any of them.
    """
    frame = selected.frame
    kinds = frame["crime_type"].astype(str)
    source_kinds = frame["source_crime_type"].astype(str) if "source_crime_type" in frame else kinds
    days = frame[DATE_COLUMNS[selected.selection.date_basis]].to_numpy()
    weights = weights_of(table, kinds=kinds, source_kinds=source_kinds, days=days)
    if len(weights) and np.isnan(weights).all():
        raise NotKnowable(_why_none(selected, table), headline="These offences have no harm weight")
    lacking = frame["inside"].to_numpy() & np.isnan(weights)
    harm = np.where(np.isnan(weights), 0.0, weights) * frame["weight"].to_numpy()
    usable = (frame["location_status"] == "usable").to_numpy(dtype=bool)
    inside = frame["inside"].to_numpy(dtype=bool)
    without = Counter(kinds[lacking].tolist())
    return HarmUse(table, harm[usable], harm[usable & inside], dict(without))


def _why_none(selected: SelectedOffences, table: HarmTable) -> str:
    what = crime_types.counted(selected.selection.crime_type, 2)
    if selected.selection.period.end <= table.valid_from:
        first = table.valid_from
        why = f"its weights are valid from {first.day} {first:%B %Y}, after these offences"
    else:
        why = "it names neither their crime types nor their codes"
    return (
        f"The table {table.name} has no weight for any of these {quantity(float(len(selected.frame)))} {what}: {why}. "
        "Choose another table, or let each offence count one."
    )
