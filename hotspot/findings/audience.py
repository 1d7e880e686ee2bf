"""Who looks: what of a table of counts may be shown to the force, and to partners or the public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotspot.findings.density import DensityFinding
from hotspot.findings.words import quantity
from hotspot.methods.change import AreaChange
from hotspot.methods.suppression import LEAST_SHOWN, UNDER_5, suppress

FORCE, PUBLIC = "force", "public"
AUDIENCES = (FORCE, PUBLIC)


@dataclass(frozen=True)
class ShownChange:
    """One row of a comparison as an audience sees it."""

    row: AreaChange
    baseline: str
    """The earlier count, '<5' or 'hidden'."""
    count: str
    is_hidden: bool
    """A count of the row is hidden, so neither change nor interval is shown: they would give it away."""


def shown_changes(
    rows: Sequence[AreaChange], total: AreaChange, *, audience: str
) -> tuple[tuple[ShownChange, ...], ShownChange]:
    """Give the rows and the total as an audience may see them.

    For partners and the public counts of 1 to 4 are hidden, and with them whatever would give them away: both
    periods and all areas are one table with totals.
    """
    if audience == FORCE:
        return tuple(_whole(row) for row in rows), _whole(total)
    safe = suppress([[round(row.baseline_count), round(row.count)] for row in rows])
    shown = tuple(_shown(row, *cells) for row, cells in zip(rows, safe.cells, strict=True))
    return shown, _shown(total, *safe.column_totals)


def shown_counts(counts: dict[str, float], *, audience: str) -> tuple[dict[str, str], str]:
    """Give counts by area, and their total, as an audience may see them."""
    if audience == FORCE:
        return {area: quantity(count) for area, count in counts.items()}, quantity(sum(counts.values()))
    safe = suppress([round(count) for count in counts.values()])
    return {area: _text(cell) for area, cell in zip(counts, safe.cells, strict=True)}, _text(safe.total)


def _whole(row: AreaChange) -> ShownChange:
    return ShownChange(row, quantity(row.baseline_count), quantity(row.count), False)


def _shown(row: AreaChange, baseline: int | str, count: int | str) -> ShownChange:
    return ShownChange(row, _text(baseline), _text(count), isinstance(baseline, str) or isinstance(count, str))


def _text(cell: int | str) -> str:
    return cell if isinstance(cell, str) else quantity(cell)


def is_small(count: float) -> bool:
    """Say whether a count is hidden from partners and the public."""
    return 0 < count < LEAST_SHOWN


def shown_count(count: float, *, audience: str) -> str:
    """Give one count as an audience may see it."""
    return UNDER_5 if audience != FORCE and is_small(count) else quantity(count)


def hotspots_give_away(finding: DensityFinding) -> bool:
    """Say whether hotspots with their counts would tell a number under 5: of the rest, or of those left off the map."""
    count, located, held = finding.selected.count, finding.ranking.total, finding.ranking.held
    return any(is_small(number) for number in (count, count - located, located - held))
