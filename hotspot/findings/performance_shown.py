"""The board's table as an audience may see it.

For partners and the public the kinds of a group are shown for the whole force alone, and only where none of them is under 5;
groups by area are one table with totals for each of the counts that stand in it: both periods, their outcomes, and the offences
without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hotspot.findings.audience import FORCE, ShownChange, is_small, retested
from hotspot.findings.board_lines import GROUP, KIND, Line
from hotspot.findings.performance import BoardRow, PerformanceFinding
from hotspot.findings.performance_data import ROBBERY
from hotspot.findings.performance_shares import VEHICLE_CRIME, KnownShare
from hotspot.findings.slivers import months_tell
from hotspot.findings.when_series import Series
from hotspot.findings.words import quantity
from hotspot.methods.outcomes import WILSON, OutcomeRate
from hotspot.methods.repeats import Proportion
from hotspot.methods.suppression import HIDDEN, suppress

Cell = tuple[str, str]
"""Area and line."""


@dataclass(frozen=True)
class ShownRow:
    """A row as an audience sees it."""

    row: BoardRow
    count: str
    baseline: str
    """'–' where the data do not reach a year back."""
    change: ShownChange | None
    """None where nothing earlier is known, or a count is hidden."""
    rate: OutcomeRate | None
    """None where there is none, or where it would tell a hidden number."""
    baseline_rate: OutcomeRate | None

    @property
    def is_hidden(self) -> bool:
        return HIDDEN in (self.count, self.baseline)


@dataclass(frozen=True, eq=False)
class ShownPerformance:
    """The finding as an audience sees it."""

    place: tuple[ShownRow, ...]
    force: tuple[ShownRow, ...]
    areas: dict[str, tuple[ShownRow, ...]]
    """Line → areas."""
    split: tuple[tuple[str, Proportion, Proportion | None], ...]
    shares: dict[str, tuple[KnownShare, ...]]
    hides: bool
    """True where anything is hidden."""

    @property
    def told(self) -> tuple[BoardRow, ...]:
        """Rows of the place as words may be said of them."""
        return tuple(
            replace(
                one.row,
                change=None if one.change is None else one.change.row,
                rate=one.rate,
                baseline_rate=one.baseline_rate,
            )
            for one in self.place
            if not one.is_hidden
        )


def shown_performance(finding: PerformanceFinding, *, audience: str) -> ShownPerformance:
    """Give the table as an audience may see it."""
    if audience == FORCE:
        areas = {line: _rows(rows, set(), set()) for line, rows in finding.areas.items()}
        place, force = (_rows(rows, set(), set()) for rows in (finding.place, finding.force))
        return ShownPerformance(place, force, areas, finding.split, finding.shares, False)
    every = [row for rows in finding.areas.values() for row in rows]
    hidden, hidden_rates = _hidden(finding.force, every, finding.lines)
    place_hidden, place_rates = (hidden, hidden_rates)
    if finding.selection.drawn is not None:
        place_hidden, place_rates = _hidden(finding.place, [], finding.lines)
    force = _rows(finding.force, hidden, hidden_rates)
    place = _rows(finding.place, place_hidden, place_rates)
    shown = _by_line(_rows(every, hidden, hidden_rates)) if every else {}
    anything = any(one.is_hidden for one in (*place, *force, *(row for rows in shown.values() for row in rows)))
    split_hidden = any(one.is_hidden for one in place if one.row.line.group == VEHICLE_CRIME)
    # A share and those it is not known of add up to the robberies of the place.
    robbery_hidden = any(one.is_hidden for one in place if one.row.line.group == ROBBERY)
    shares = dict.fromkeys(_shares(finding), ()) if robbery_hidden else _shares(finding)
    return ShownPerformance(place, force, shown, () if split_hidden else finding.split, shares, anything or bool(hidden_rates))


def board_hides_months(finding: PerformanceFinding, shown: ShownPerformance, months: Series) -> bool:
    """Say whether the chosen line's months would tell the public what the board hides, or take apart what it tells."""
    for one in shown.place:
        if one.row.line != finding.focus:
            continue
        counted = [(one.row.count, finding.period)]
        if finding.baseline is not None and one.row.baseline_count is not None:
            counted.append((one.row.baseline_count, finding.baseline))
        if one.is_hidden or months_tell(counted, months.start, months.counts):
            return True
    return False


def _by_line(rows: Sequence[ShownRow]) -> dict[str, tuple[ShownRow, ...]]:
    names = dict.fromkeys(one.row.line.name for one in rows)
    return {name: tuple(one for one in rows if one.row.line.name == name) for name in names}


def _rows(rows: Sequence[BoardRow], hidden: set[Cell], hidden_rates: set[Cell]) -> tuple[ShownRow, ...]:
    """Show rows that were tested together; hidden ones stand in the family with p = 1."""
    cells = [(row.area, row.line.name) for row in rows]
    changes: list[ShownChange | None] = [None] * len(rows)
    tested = [i for i, row in enumerate(rows) if row.change is not None]
    if tested:
        given = [_change(rows[i], is_hidden=cells[i] in hidden) for i in tested]
        for i, one in zip(tested, retested(given) if hidden else given, strict=True):
            changes[i] = None if one.is_hidden else one
    return tuple(
        _row(row, change, cell in hidden, cell in hidden_rates) for row, change, cell in zip(rows, changes, cells, strict=True)
    )


def _change(row: BoardRow, *, is_hidden: bool) -> ShownChange:
    assert row.change is not None
    return ShownChange(row.change, quantity(row.change.baseline_count), quantity(row.count), is_hidden)


def _row(row: BoardRow, change: ShownChange | None, is_hidden: bool, is_rate_hidden: bool) -> ShownRow:
    baseline = "–" if row.baseline_count is None else HIDDEN if is_hidden else quantity(row.baseline_count)
    no_rate = is_hidden or is_rate_hidden
    return ShownRow(
        row,
        HIDDEN if is_hidden else quantity(row.count),
        baseline,
        change,
        None if no_rate else row.rate,
        None if no_rate else row.baseline_rate,
    )


def _hidden(whole: Sequence[BoardRow], areas: Sequence[BoardRow], lines: Sequence[Line]) -> tuple[set[Cell], set[Cell]]:
    """Find the cells whose counts, and whose rates, are hidden."""
    counts = _hidden_of({_cell(row): row.count for row in (*whole, *areas)}, whole[0].area, lines)
    if whole[0].baseline_count is not None:
        counts |= _hidden_of({_cell(row): row.baseline_count or 0 for row in (*whole, *areas)}, whole[0].area, lines)
    rates: set[Cell] = set()
    for name in ("rate", "baseline_rate"):
        found = {_cell(row): rate for row in (*whole, *areas) if (rate := getattr(row, name)) is not None}
        if found:
            rates |= _hidden_of({cell: rate.outcomes for cell, rate in found.items()}, whole[0].area, lines)
        if found and next(iter(found.values())).interval == WILSON:
            rates |= _hidden_of({cell: rate.offences - rate.outcomes for cell, rate in found.items()}, whole[0].area, lines)
    return counts, rates


def _cell(row: BoardRow) -> Cell:
    return row.area, row.line.name


def _hidden_of(counts: Mapping[Cell, int], whole: str, lines: Sequence[Line]) -> set[Cell]:
    """Hide small cells of groups by area with their totals, and the kinds wherever they would tell one."""
    areas = list(dict.fromkeys(area for area, _ in counts if area != whole))
    groups = [line.name for line in lines if line.rank == GROUP and line.in_total]
    total = next((line.name for line in lines if line.rank not in (GROUP, KIND)), None)
    hidden = _of_table(counts, whole, areas, groups, total)
    for line in lines:
        if line.rank == GROUP and not line.in_total:
            hidden |= _of_table(counts, whole, areas, [line.name], None)
    hidden |= {(area, line.name) for area in areas for line in lines if line.rank == KIND}
    return hidden | _hidden_kinds(counts, whole, lines, hidden)


def _of_table(
    counts: Mapping[Cell, int], whole: str, areas: Sequence[str], groups: Sequence[str], total: str | None
) -> set[Cell]:
    """Suppress groups by area; without areas, the groups of the one place."""
    if not areas:
        if len(groups) == 1 or total is None:
            return {(whole, name) for name in groups if is_small(counts[whole, name])}
        safe = suppress([counts[whole, name] for name in groups])
        hidden = {(whole, name) for name, cell in zip(groups, safe.cells, strict=True) if isinstance(cell, str)}
        return hidden | ({(whole, total)} if isinstance(safe.total, str) else set())
    safe = suppress([[counts[area, name] for area in areas] for name in groups])
    hidden = {(areas[j], groups[i]) for i, j in np.argwhere(safe.hidden)}
    hidden |= {(whole, name) for name, cell in zip(groups, safe.row_totals, strict=True) if isinstance(cell, str)}
    if total is not None:
        hidden |= {(area, total) for area, cell in zip(areas, safe.column_totals, strict=True) if isinstance(cell, str)}
        hidden |= {(whole, total)} if isinstance(safe.total, str) else set()
    return hidden


def _hidden_kinds(counts: Mapping[Cell, int], whole: str, lines: Sequence[Line], hidden: set[Cell]) -> set[Cell]:
    """Hide all kinds of a group in the force where one is small, or the group itself is hidden."""
    found: set[Cell] = set()
    for group in {line.group for line in lines if line.rank == KIND}:
        kinds = [(whole, line.name) for line in lines if line.rank == KIND and line.group == group]
        rest = counts[whole, group] - sum(counts[cell] for cell in kinds)
        if (whole, group) in hidden or is_small(rest) or any(is_small(counts[cell]) for cell in kinds):
            found |= set(kinds)
    return found


def _shares(finding: PerformanceFinding) -> dict[str, tuple[KnownShare, ...]]:
    """Keep the shares of the force, or of the chosen place, whose numbers are none of them small."""
    return {"": tuple(one for one in finding.shares.get("", ()) if _is_told(one))} if finding.shares else {}


def _is_told(share: KnownShare) -> bool:
    numbers = [share.unknown, share.unknown_before or 0]
    for one in (share.now, share.before):
        numbers += [] if one is None else [one.count, one.of - one.count]
    return not any(is_small(number) for number in numbers)
