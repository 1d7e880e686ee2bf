"""How files are handled in each area, as an audience may see it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hotspot.findings.audience import FORCE
from hotspot.findings.investigation import Handling, InvestigationFinding, counts_table
from hotspot.findings.words import quantity
from hotspot.methods.repeats import Proportion
from hotspot.methods.suppression import HIDDEN, suppress

_NOTHING = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class ShownHandling:
    """One area's files; counts as text."""

    area: str
    offences: str
    filed: str
    days_to_filing: tuple[float, float, float]
    open: str
    open_age: tuple[float, float, float]
    awaited: Proportion | None
    """None where a count is hidden."""


def shown_handling(finding: InvestigationFinding, *, audience: str) -> tuple[ShownHandling, ...]:
    """Give a row for each area and one for the whole, last."""
    rows = [*finding.areas, finding.total]
    nothing = np.zeros(len(rows), dtype=bool)
    if audience == FORCE or not finding.areas:
        return tuple(_row(one, *hidden) for one, hidden in zip(rows, zip(nothing, nothing, strict=True), strict=True))
    counts = counts_table(finding)
    return tuple(
        _row(one, bool(files), bool(cctv))
        for one, files, cctv in zip(rows, _hidden(counts[:, :2]), _hidden(counts[:, 2:]), strict=True)
    )


def _hidden(counts: np.ndarray) -> np.ndarray:
    """Say in which rows, and in the total, a count is hidden."""
    safe = suppress(counts)
    hidden = safe.hidden.any(axis=1) | np.array([isinstance(one, str) for one in safe.row_totals])
    total = isinstance(safe.total, str) or any(isinstance(one, str) for one in safe.column_totals)
    return np.append(hidden, total)


def _row(one: Handling, files_hidden: bool, cctv_hidden: bool) -> ShownHandling:
    if files_hidden:
        return ShownHandling(one.area, HIDDEN, HIDDEN, _NOTHING, HIDDEN, _NOTHING, None)
    return ShownHandling(
        one.area,
        quantity(one.offences),
        quantity(one.filed),
        one.days_to_filing,
        quantity(one.open),
        one.open_age,
        None if cctv_hidden else one.awaited,
    )
