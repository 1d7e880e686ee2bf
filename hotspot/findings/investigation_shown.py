"""How files are handled in each area, as an audience may see it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hotspot.findings.audience import FORCE
from hotspot.findings.investigation import Handling, InvestigationFinding, Spread, counts_table
from hotspot.findings.investigation_words import headline
from hotspot.findings.words import quantity
from hotspot.methods.repeats import Proportion
from hotspot.methods.suppression import HIDDEN, suppress

PLAIN_HEADLINE = "How files are handled"
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
    chains: Spread | None
    """None where officers are unknown, and for partners and the public."""
    premises: Spread | None


def shown_handling(finding: InvestigationFinding, *, audience: str) -> tuple[ShownHandling, ...]:
    """Give a row for each area and one for the whole, last; of a chosen place its own row alone.

    For partners and the public an area hides what it hides among the others, so that choosing it tells no more.
    """
    selection = finding.selected.selection
    rows = (*finding.areas, finding.total) if selection.is_whole_force else (finding.total,)
    if audience == FORCE:
        return tuple(_row(one, False, False, for_force=True) for one in rows)
    hidden = zip(_hidden(finding, slice(0, 3)), _hidden(finding, slice(3, 6)), strict=True)
    return tuple(_row(one, *both, for_force=False) for one, both in zip(rows, hidden, strict=True))


def headline_for(finding: InvestigationFinding, *, audience: str) -> str:
    """Give the headline; to partners and the public nothing of officers, and no figure where one of its counts is hidden."""
    if audience == FORCE:
        return headline(finding)
    total = shown_handling(finding, audience=audience)[-1]
    if total.awaited is None or total.filed == HIDDEN or not (finding.has_cctv or finding.has_filing):
        return PLAIN_HEADLINE
    return headline(replace(finding, total=replace(finding.total, chains=None, premises=None)))


def _hidden(finding: InvestigationFinding, columns: slice) -> list[bool]:
    """Say in which of the shown rows a count is hidden."""
    selection = finding.selected.selection
    family = finding.areas if finding.areas and selection.drawn is None else (finding.total,)
    safe = suppress(counts_table(family)[:, columns])
    hidden = [bool(row.any()) or isinstance(total, str) for row, total in zip(safe.hidden, safe.row_totals, strict=True)]
    if family == (finding.total,):
        return hidden
    if not selection.is_whole_force:
        return [any(is_hidden for one, is_hidden in zip(family, hidden, strict=True) if one.area == selection.area)]
    return [*hidden, isinstance(safe.total, str) or any(isinstance(one, str) for one in safe.column_totals)]


def _row(one: Handling, files_hidden: bool, cctv_hidden: bool, *, for_force: bool) -> ShownHandling:
    if files_hidden:
        return ShownHandling(one.area, HIDDEN, HIDDEN, _NOTHING, HIDDEN, _NOTHING, None, None, None)
    return ShownHandling(
        one.area,
        quantity(one.offences),
        quantity(one.filed),
        one.days_to_filing,
        quantity(one.open),
        one.open_age,
        None if cctv_hidden else one.awaited,
        one.chains if for_force else None,
        one.premises if for_force else None,
    )
