"""Write a Knox table to the file an analyst keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from hotspot.export.files import provenance
from hotspot.findings.audience import FORCE
from hotspot.findings.near_repeats import NearRepeatsFinding, seen_by
from hotspot.findings.near_repeats_words import family
from hotspot.findings.selected import SelectedOffences
from hotspot.formulas import safe
from hotspot.methods.knox import KnoxTable

_COUNTED = ("offences_used", "without_location")
"""Figures that could be a hidden count."""


def write_knox(finding: NearRepeatsFinding, selected: SelectedOffences, audience: str, path: Path) -> None:
    """Write one row for each band as .csv, with small numbers of pairs hidden where the audience calls for it."""
    table, hidden = seen_by(finding.table, audience)
    rows = [_band(table, row, column, bool(hidden[row, column])) for row, column in np.ndindex(table.observed.shape)]
    if hidden.any():  # as the page has it: with all its digits, what is expected gives the number of offences
        rows = [row | _rounded(row) for row in rows]
    said = provenance(selected)
    if audience == FORCE:
        said |= {"left_out": "; ".join(f"{count} {reason}" for reason, count in table.left_out)}
    else:
        said = {name: value for name, value in said.items() if name not in _COUNTED}
    safe(pd.DataFrame(rows).assign(**_method(table), **said)).to_csv(path, index=False)


def _band(table: KnoxTable, row: int, column: int, is_hidden: bool) -> dict[str, object]:
    from_metres, to_metres = table.distance_bands[row]
    from_days, to_days = table.time_bands[column]
    named = {
        "distance": table.distance_labels[row],
        "from_metres": from_metres,
        "to_metres": to_metres,
        "days": table.time_labels[column],
        "from_days": from_days,
        "to_days": to_days,
    }
    if is_hidden:
        return named | {"observed": "hidden"} | dict.fromkeys(("expected", "ratio", "p_value", "q_value", "stands"))
    return named | {
        "observed": int(table.observed[row, column]),
        "expected": float(table.expected[row, column]),
        "ratio": float(table.ratio[row, column]),
        "p_value": float(table.p_value[row, column]),
        "q_value": float(table.q_value[row, column]),
        "stands": bool(table.stands[row, column]),
    }


def _rounded(row: dict[str, object]) -> dict[str, object]:
    """Give a ratio with two digits and what is expected with one."""
    digits = {"ratio": 2, "expected": 1}
    return {name: round(value, digits[name]) for name, value in row.items() if name in digits and isinstance(value, float)}


def _method(table: KnoxTable) -> dict[str, str]:
    return {
        "method": f"Knox test, {table.metric} distance",
        "permutations": str(table.permutations),
        "seed": str(table.seed),
        "family": family(table),
    }
