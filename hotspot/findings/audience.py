"""Who looks: what of a table of counts may be shown to the force, and to partners or the public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hotspot.findings import overview
from hotspot.findings.compare import CompareFinding, headline, subline
from hotspot.findings.density import DensityFinding
from hotspot.findings.overview import OverviewFinding
from hotspot.findings.repeats import RepeatsFinding
from hotspot.findings.words import quantity
from hotspot.methods.change import LEAST_COUNT, TOO_FEW, AreaChange, ChangeTable, compare, corrected, verdicts
from hotspot.methods.rates import RateRatios
from hotspot.methods.suppression import HIDDEN, LEAST_SHOWN, UNDER_5, suppress

FORCE, PUBLIC = "force", "public"
AUDIENCES = (FORCE, PUBLIC)
COUNTS_HIDDEN = "Counts are hidden: a number under 5 could be worked out from them."


def read_audience(text: str) -> str:
    """Read who looks from a link: whoever does not say that he is the force is the public."""
    return FORCE if text.strip().lower() == FORCE else PUBLIC


@dataclass(frozen=True)
class ShownChange:
    """One row of a comparison as an audience sees it."""

    row: AreaChange
    baseline: str
    """The earlier count, '<5' or 'hidden'."""
    count: str
    is_hidden: bool
    """A count of the row is hidden, so neither change nor interval is shown: they would give it away."""


def shown_changes(rows: Sequence[AreaChange], total: AreaChange, *, audience: str) -> tuple[tuple[ShownChange, ...], ShownChange]:
    """Give the rows and the total as an audience may see them.

    For partners and the public counts of 1 to 4 are hidden, and with them whatever would give them away: both
    periods and all areas are one table with totals, and the tests are corrected anew (see ``shown_family``).
    """
    return shown_family({"": rows}, {"": total}, audience=audience)[""]


def shown_family(
    groups: Mapping[str, Sequence[AreaChange]], totals: Mapping[str, AreaChange], *, audience: str
) -> dict[str, tuple[tuple[ShownChange, ...], ShownChange]]:
    """Give the rows and totals of crime groups that were tested as one family.

    A corrected value depends on every p of its family and on how many were tested. For partners and the public
    each row with a hidden count therefore stands in the family with p = 1: nothing that is shown depends on a
    hidden count, and no verdict is clearer than the force's own.
    """
    if audience == FORCE:
        return {group: (tuple(map(_whole, rows)), _whole(totals[group])) for group, rows in groups.items()}
    shown = {group: _suppressed(rows, totals[group]) for group, rows in groups.items()}
    anew = iter(retested([one for rows, _ in shown.values() for one in rows]))
    return {group: (tuple(next(anew) for _ in rows), total) for group, (rows, total) in shown.items()}


def shown_units(rows: Sequence[AreaChange], *, audience: str) -> tuple[ShownChange, ...]:
    """Give the changes of units, of which there may be thousands and whose totals are not shown, as an audience may see them.

    Counts of 1 to 4 are hidden. Who knows the offences of all units together could work the hidden ones of a period out
    only where they are one, all 1 or all 4: then the smallest count that leaves room is hidden with them.
    """
    if audience == FORCE:
        return tuple(map(_whole, rows))
    counts, baselines = (np.array([_counted(getattr(row, name)) for row in rows]) for name in ("count", "baseline_count"))
    table = compare(
        [row.area for row in rows],
        counts.tolist(),
        baselines.tolist(),
        days=rows[0].days,
        baseline_days=rows[0].baseline_days,
        family=rows[0].family,
        dispersions=[row.dispersion for row in rows],
    )
    cells = zip(_cells_of_units(baselines), _cells_of_units(counts), strict=True)
    return tuple(retested([_shown(row, *pair) for row, pair in zip(table.rows, cells, strict=True)]))


def _cells_of_units(counts: NDArray[np.int64]) -> list[int | str]:
    """Hide the small counts of one period, and one more where their sum would tell them."""
    small = (counts > 0) & (counts < LEAST_SHOWN)
    cells: list[int | str] = [UNDER_5 if is_hidden else count for count, is_hidden in zip(counts.tolist(), small, strict=True)]
    number, together = int(small.sum()), int(counts[small].sum())
    spare = np.flatnonzero(counts > LEAST_SHOWN)
    if number and not (number > 1 and number < together < (LEAST_SHOWN - 1) * number) and len(spare):
        cells[int(spare[np.argmin(counts[spare])])] = HIDDEN
    return cells


def shown_family_sentence(table: ChangeTable, *, audience: str) -> str:
    """Say which tests were corrected together, and how the hidden ones count."""
    shown, _ = shown_changes(table.rows, table.total, audience=audience)
    if not any(one.is_hidden for one in shown):
        return table.family_sentence
    visible = tuple(one.row for one in shown if not one.is_hidden)
    tested = sum(row.verdict != TOO_FEW for row in visible)
    counted = replace(table, rows=visible, tested=tested).family_sentence if visible else ""
    return f"{counted} Rows with hidden counts stand in the family with p = 1, so that no other row gives them away.".strip()


def told_of_change(finding: CompareFinding, *, audience: str) -> tuple[str, str]:
    """Give headline and sub-line of a comparison as an audience may read them."""
    if audience == FORCE:
        return finding.headline, finding.subline
    rows, total = shown_changes(finding.table.rows, finding.table.total, audience=audience)
    selection, earlier = finding.selected.selection, finding.baseline.selection.period
    focus = next((one for one in rows if one.row.area == selection.area), total)
    words = COUNTS_HIDDEN if focus.is_hidden else subline(focus.row, selection, earlier)
    visible = tuple(one.row for one in rows if not one.is_hidden)
    if not visible:
        return f"{selection.crime_type}: too few offences to say", words
    return headline(replace(finding.table, rows=visible), selection), words


@dataclass(frozen=True, eq=False)
class ShownOverview:
    """The overview as an audience may see it."""

    headline: str
    subline: str
    rows: dict[str, tuple[ShownChange, ...]]
    """Crime group → its areas."""
    totals: dict[str, ShownChange]
    """Crime group → the chosen place."""

    @property
    def hides(self) -> bool:
        """Say whether a count of the chosen place is hidden."""
        return any(total.is_hidden for total in self.totals.values())


def shown_overview(finding: OverviewFinding, *, audience: str) -> ShownOverview:
    """Give the overview's words, rows and totals as an audience may see them.

    A place that is an area of the table is shown as the table shows it, so that the two never differ.
    """
    family = shown_family(finding.rows, finding.totals, audience=audience)
    rows = {group: found for group, (found, _) in family.items()}
    if audience == FORCE:
        return ShownOverview(finding.headline, finding.subline, rows, {group: total for group, (_, total) in family.items()})
    totals = {group: _place_of(finding, group, *family[group]) for group in family}
    visible = {group: [one.row for one in found if not one.is_hidden] for group, found in rows.items()}
    tested = sum(row.verdict != TOO_FEW for found in visible.values() for row in found)
    clear = {group: total.row for group, total in totals.items() if not total.is_hidden}
    return ShownOverview(overview.headline(visible), overview.subline(clear, tested, finding.selection), rows, totals)


def _place_of(finding: OverviewFinding, group: str, rows: tuple[ShownChange, ...], total: ShownChange) -> ShownChange:
    selection = finding.selection
    if selection.drawn is not None:
        own = finding.totals[group]
        hidden = is_small(own.count) or is_small(own.baseline_count)
        return ShownChange(own, UNDER_5, UNDER_5, True) if hidden else _whole(own)
    return next((one for one in rows if one.row.area == selection.area), total)


def shown_counts(counts: dict[str, float], *, audience: str) -> tuple[dict[str, str], str]:
    """Give counts by area, and their total, as an audience may see them."""
    if audience == FORCE:
        return {area: quantity(count) for area, count in counts.items()}, quantity(sum(counts.values()))
    safe = suppress([_counted(count) for count in counts.values()])
    return {area: _text(cell) for area, cell in zip(counts, safe.cells, strict=True)}, _text(safe.total)


def shown_times(finding: RepeatsFinding, *, audience: str) -> dict[str, str]:
    """Give how many targets had two, three, and four or more offences, as an audience may see it: all of them, or none.

    Each times its offences they add up to the number of offences, with the targets that had one: a small number of any would
    be what the others leave over.
    """
    once = int((finding.result.times == 1).sum())
    hidden = audience != FORCE and any(map(is_small, (once, *(one.observed for one in finding.times))))
    return {one.label: HIDDEN if hidden else quantity(one.observed) for one in finding.times}


def _whole(row: AreaChange) -> ShownChange:
    return ShownChange(row, quantity(row.baseline_count), quantity(row.count), False)


def _suppressed(rows: Sequence[AreaChange], total: AreaChange) -> tuple[tuple[ShownChange, ...], ShownChange]:
    """Count in whole offences and hide small counts."""
    counts, baselines = ([_counted(getattr(row, name)) for row in rows] for name in ("count", "baseline_count"))
    table = compare(
        [row.area for row in rows],
        counts,
        baselines,
        days=total.days,
        baseline_days=total.baseline_days,
        family=rows[0].family,
        dispersions=[row.dispersion for row in rows],
        total_dispersion=total.dispersion,
    )
    safe = suppress(list(zip(baselines, counts, strict=True)))
    shown = tuple(_shown(row, *cells) for row, cells in zip(table.rows, safe.cells, strict=True))
    return shown, _shown(replace(table.total, area=total.area), *safe.column_totals)


def retested(rows: Sequence[ShownChange]) -> list[ShownChange]:
    """Correct the tests anew, each hidden row as if it had shown no difference at all."""
    hidden = np.array([one.is_hidden for one in rows])
    found = RateRatios(
        *(np.array([getattr(one.row, name) for one in rows]) for name in ("ratio", "ratio_low", "ratio_high", "p_value"))
    )
    together = np.array([one.row.count + one.row.baseline_count for one in rows])
    q_value = corrected(np.where(hidden, 1.0, found.p_value), hidden | (together >= LEAST_COUNT))
    verdict = verdicts(found, q_value)
    return [
        replace(one, row=replace(one.row, q_value=float(q), verdict=str(said)))
        for one, q, said in zip(rows, q_value, verdict, strict=True)
    ]


def _counted(count: float) -> int:
    """Give a sum of shares in whole offences; any share at all counts as one, since 0 says that nothing happened."""
    return max(round(count), 1) if count > 0 else 0


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


def told_of_density(finding: DensityFinding, *, audience: str) -> tuple[str, str]:
    """Give headline and sub-line, without their figures where those would tell a small count."""
    if audience == FORCE or not hotspots_give_away(finding):
        return finding.headline, finding.subline
    return "Where offences concentrate", COUNTS_HIDDEN


def notes_on_density(finding: DensityFinding, *, audience: str) -> tuple[str, ...]:
    """Give the cautions, without the number of offences that have no harm weight where it is not told."""
    if audience == FORCE or finding.harm is None:
        return finding.notes
    harm = finding.harm
    return tuple(harm.note_without_counts if note == harm.note else note for note in finding.notes)


def repeats_give_away(finding: RepeatsFinding) -> bool:
    """Say whether either measure of repeats would tell a number under 5, of the repeats or of the rest."""
    shares, offences = (finding.result.repeats, finding.result.followed), finding.result.offences
    return any(
        map(is_small, (number for share in shares for number in (share.count, share.of - share.count, offences - share.of)))
    )
