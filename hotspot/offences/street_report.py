"""The load report of a police.uk import, added up from what its files and forces told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa

from hotspot.geography import Force
from hotspot.offences.atomic import Change
from hotspot.offences.manifest import Exclusions, Manifest, part_from_plain
from hotspot.offences.parts import read_part
from hotspot.offences.read import DUPLICATE, REASONS
from hotspot.offences.report import (
    EXAMPLES,
    LoadReport,
    MonthChange,
    PileUp,
    RowReference,
    Suspicious,
    held_words,
    missing_between,
)
from hotspot.offences.street_force import ForceTask
from hotspot.offences.suspicious import PILE_LEAST, PILES_SHOWN
from hotspot.offences.tally import Positions, Tally
from hotspot.period import add_months, parse_date

_FOLD = 64
"""Files whose coordinates are added up at a time."""


@dataclass(frozen=True)
class LeftOut:
    """Rows of one file left out for one reason in one month."""

    held: bool
    """The store held their reference."""
    unit: int
    first: int
    """Number of the first row."""
    label: str
    reason: str
    month: str | None
    rows: int
    examples: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Settled:
    """What became of one force."""

    force: Force
    task: ForceTask
    result: Mapping[str, Any]
    pieces: tuple[tuple[int, Mapping[str, Any]], ...]
    """Place of the file, and what it told of the force."""
    labels: tuple[str, ...]
    """Of all files."""
    left_out: tuple[LeftOut, ...]
    """In the order of the files, those that the store held last."""
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, force: Force, task: ForceTask, result: Mapping[str, Any], units: Sequence[Mapping[str, Any]], *, crimes: int | None
    ) -> Self:
        """Gather what the files told of a force.

        Parameters
        ----------
        crimes
            Of the force's outcomes files; None where there were none.
        """
        pieces = tuple((n, piece) for n, unit in enumerate(units) for piece in unit["pieces"] if piece["slug"] == force.slug)
        read = [
            LeftOut(False, number, first, units[number]["label"], reason, month, rows, tuple(examples))
            for number, piece in pieces
            for reason, month, first, rows, examples in piece["excluded"]
        ]
        again = [
            LeftOut(held, number, first, units[number]["label"], DUPLICATE, month, rows, tuple(examples))
            for number, held, month, first, rows, examples in result["dropped"]
        ]
        left_out = tuple(sorted((*read, *again), key=lambda one: (one.held, one.unit, one.first)))
        labels = tuple(unit["label"] for unit in units)
        return cls(force, task, result, pieces, labels, left_out, _notes(result, crimes))

    @property
    def is_told(self) -> bool:
        """True where a file has a row of the force."""
        return bool(self.pieces)

    @property
    def months(self) -> tuple[str, ...]:
        """YYYY-MM, with at least one offence used."""
        return tuple(self.result["new"])

    def tally(self) -> Tally:
        """Count the offences of the force."""
        total = Tally()
        for _, piece in self.pieces:
            total.add(Tally.from_dict(piece["tally"]))
        total.add(Tally.from_dict(self.result["tally"]), sign=-1)
        return total

    def changes(self) -> tuple[MonthChange, ...]:
        """Tell the offences of each month before and after."""
        before = {part.month: part.offences for part in self.task.old}
        after = {told["part"]["month"]: told["part"]["offences"] for told in self.result["parts"]}
        return tuple(
            MonthChange(self.force.name, month, before.get(month, 0), after[month] if month in self.months else 0)
            for month in self.result["months"]
        )

    def usual_months(self) -> dict[str, str]:
        """Give the month of most of the offences of each file (its label), the first of several."""
        counts: dict[str, dict[str, int]] = {}
        for fragment in self.task.fragments:
            own = counts.setdefault(self.labels[fragment.unit], {})
            own[fragment.part.month] = own.get(fragment.part.month, 0) + fragment.part.offences
        for unit, _, month, _, rows, _ in self.result["dropped"]:
            counts[self.labels[unit]][month] -= rows
        return {label: max(sorted(own), key=own.__getitem__) for label, own in counts.items() if any(own.values())}


def _notes(result: Mapping[str, Any], crimes: int | None) -> tuple[str, ...]:
    held = [held_words(result["held"])] if result["held"] else []
    return (*held, *([_outcome_note(crimes, result["given"])] if crimes is not None else []))


def _outcome_note(crimes: int, given: int) -> str:
    return f"Outcomes files tell the latest outcome of {crimes:,} crimes; {given:,} of them are among the offences."


def _days(month: str) -> tuple[date, date]:
    first = parse_date(f"{month}-01")
    return first, date.fromordinal(add_months(first, 1).toordinal() - 1)


def report_of(
    settled: Sequence[Settled],
    units: Sequence[Mapping[str, Any]],
    staging: Path,
    change: Change,
    *,
    source: str,
    imported_at: datetime,
    passed_over: Mapping[str, int],
    notes: Sequence[str],
) -> LoadReport:
    """Add up what the forces of an import are."""
    total = Tally()
    for one in settled:
        total.add(one.tally())
    months = [one.months for one in settled if one.is_told]
    return LoadReport(
        source=source,
        forces=tuple(one.force.name for one in settled),
        imported_at=imported_at,
        rows_read=sum(unit["rows"] for unit in units),
        rows_used=total.offences,
        offences=total.offences,
        **_exclusions([one.left_out for one in settled]),
        without_location=total.without_location,
        location_unusable=total.location_unusable,
        outside_lpas=total.outside_lpas,
        suspicious=Suspicious(pile_ups=_pile_ups(settled, staging, change)),
        months=tuple(sorted({month for own in months for month in own})),
        missing_months=tuple(sorted({month for own in months for month in missing_between(own)})),
        crime_types=total.type_counts(),
        replaced=tuple(row for one in settled for row in one.changes()),
        passed_over=dict(passed_over),
        notes=tuple(dict.fromkeys(notes)),
    )


def _exclusions(left_out: Sequence[Sequence[LeftOut]]) -> dict[str, Any]:
    """Count the rows left out by reason, and name the first few of each, force after force."""
    counts: dict[str, int] = {}
    examples: dict[str, tuple[RowReference, ...]] = {}
    for reason in sorted({row.reason for own in left_out for row in own}, key=REASONS.index):
        chosen = [[row for row in own if row.reason == reason] for own in left_out]
        counts[reason] = sum(row.rows for own in chosen for row in own)
        examples[reason] = tuple(islice((row for own in chosen for row in _first_rows(own)), EXAMPLES))
    return {"excluded": counts, "examples": examples}


def _first_rows(rows: Sequence[LeftOut]) -> Iterator[RowReference]:
    """Give the first rows; what one file left out in several months is told row by row."""
    for (_, _, label), group in groupby(rows, key=lambda row: (row.held, row.unit, row.label)):
        for number in sorted(number for row in group for number in row.examples):
            yield RowReference(label, number)


def exclusions_of(manifest: Manifest, one: Settled) -> tuple[Exclusions, ...]:
    """Give the manifest's counts of rows left out, those of the months that the import replaces anew."""
    covered, source, force = one.result["covered"], one.task.setting.source, one.force.slug
    if not covered:
        return manifest.exclusions
    kept = [
        entry
        for entry in manifest.exclusions
        if (entry.source, entry.force) != (source, force) or f"{entry.first:%Y-%m}" not in covered
    ]
    usual = one.usual_months()
    by_month: dict[str, dict[str, int]] = {}
    for row in one.left_out:
        month = row.month if row.month in covered else usual.get(row.label, covered[-1])
        own = by_month.setdefault(month, {})
        own[row.reason] = own.get(row.reason, 0) + row.rows
    new = [Exclusions(source, force, *_days(month), by_month[month]) for month in covered if month in by_month]
    return (*kept, *new)


def _pile_ups(settled: Sequence[Settled], staging: Path, change: Change) -> tuple[PileUp, ...]:
    """Give the coordinates with most offences; never suspicious, because police.uk snaps many to one."""
    by_force = [_positions(one, staging) for one in settled]
    together = Positions.together(by_force)
    largest = np.argsort(-together.counts, kind="stable")[:PILES_SHOWN]
    largest = largest[together.counts[largest] >= PILE_LEAST]
    at = [(float(together.x[place]), float(together.y[place])) for place in largest]
    streets: dict[tuple[float, float], Counter[str]] = {where: Counter() for where in at}
    for one, positions in zip(settled, by_force, strict=True):
        own = {where: streets[where] for where in at if positions.holds(*where)}
        if own:
            _count_streets(one, change, own)
    return tuple(
        PileUp(*where, int(together.counts[place]), _most_frequent(streets[where]))
        for where, place in zip(at, largest, strict=True)
    )


def _most_frequent(streets: Counter[str]) -> str:
    """Give the most frequent street, the first by name of several; empty where unknown."""
    return min(streets, key=lambda name: (-streets[name], name), default="")


def _positions(one: Settled, staging: Path) -> Positions:
    total = Positions(*np.array(one.result["positions"], dtype=float).reshape(3, -1))
    files = [staging / piece["positions"] for _, piece in one.pieces]
    for first in range(0, len(files), _FOLD):
        total = Positions.together([total, *(Positions(*np.load(file)) for file in files[first : first + _FOLD])])
    return total


def _count_streets(one: Settled, change: Change, found: Mapping[tuple[float, float], Counter[str]]) -> None:
    """Add the streets at the coordinates, among the new offences of a force."""
    for told in one.result["parts"]:
        part = part_from_plain(told["part"])
        if part.month not in one.months:
            continue
        table = read_part(change, part, ["x", "y", "street"])
        x, y = (np.round(table[axis].to_numpy()) for axis in ("x", "y"))
        for where, counts in found.items():
            here = np.flatnonzero((x == where[0]) & (y == where[1]))
            if len(here):
                counts.update(name for name in table["street"].take(pa.array(here)).to_pylist() if name is not None)
