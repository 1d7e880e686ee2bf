"""Put validated offences into a store's manifest: what they replace, what stays, what is left out of the count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hotspot.geography import Force
from hotspot.offences.atomic import Change
from hotspot.offences.manifest import Exclusions, Manifest, Part
from hotspot.offences.parts import (
    by_month,
    outside_days,
    read_part,
    recorded_days,
    references_among,
    stage_part,
    to_table,
)
from hotspot.offences.report import MonthChange, held_words
from hotspot.offences.validate import Validated, without_known


@dataclass(frozen=True, eq=False)
class Merged:
    """What became of the offences of one force."""

    manifest: Manifest
    validated: Validated | None
    """As given, without the references that the store held already; None where no row was read."""
    changes: tuple[MonthChange, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Covered:
    """What an import replaces of the same source and force."""

    first: date
    last: date
    months: frozenset[str]
    """YYYY-MM of the new offences."""

    def touches(self, part: Part) -> bool:
        overlaps = part.recorded_first <= self.last and part.recorded_last >= self.first
        return part.month in self.months or overlaps

    def left_of(self, table: pa.Table) -> pa.Table:
        """What stays of a part that is touched."""
        return outside_days(table, self.first, self.last)

    def replaces(self, entry: Exclusions) -> bool:
        return self.first <= entry.first and entry.last <= self.last


def merge(
    validated: Validated | None,
    manifest: Manifest,
    change: Change,
    *,
    source: str,
    force: Force,
    synthetic: bool,
) -> Merged:
    """Stage the parts that an import makes of one force and give the manifest that names them.

    A reference that the store holds in what is not replaced is a duplicate: importing two extracts one after the
    other gives what importing them together gives.
    """
    old = manifest.parts_of(source, force.slug)
    if validated is None or validated.offences.empty:
        return Merged(manifest, validated)
    covered = _covered(to_table(validated.offences))
    left = {part.month: covered.left_of(read_part(change, part)) for part in old if covered.touches(part)}
    untouched = tuple(part for part in old if part.month not in left)
    validated, notes = _without_held(validated, change, untouched, left)
    table = to_table(validated.offences)
    was_synthetic = any(part.synthetic for part in old if part.month in left)
    months = _joined(left.items(), by_month(table))
    parts = tuple(
        stage_part(change, rows, source=source, force=force.slug, month=month, synthetic=synthetic or was_synthetic)
        for month, rows in months.items()
        if rows.num_rows
    )
    manifest = _with_parts(manifest, old, (*untouched, *parts))
    manifest = _with_exclusions(manifest, validated, covered, source=source, force=force.slug)
    return Merged(manifest, validated, month_changes(force.name, old, parts, months), tuple(notes))


def _covered(table: pa.Table) -> Covered:
    days = recorded_days(table)
    months = frozenset(f"{month:%Y-%m}" for month in pc.unique(table["month"]).to_pylist())
    return Covered(pc.min(days).as_py(), pc.max(days).as_py(), months)


def _without_held(
    validated: Validated, change: Change, untouched: tuple[Part, ...], left: dict[str, pa.Table]
) -> tuple[Validated, list[str]]:
    ids = validated.offences["offence_id"]
    held = references_among((read_part(change, part, ["offence_id"]) for part in untouched), ids)
    held |= references_among(left.values(), ids)
    if not held:
        return validated, []
    return without_known(validated, held), [held_words(len(held))]


def _joined(left: Iterable[tuple[str, pa.Table]], new: Iterable[tuple[str, pa.Table]]) -> dict[str, pa.Table]:
    """What stays of each month, followed by what is new."""
    months = dict(left)
    for month, table in new:
        months[month] = pa.concat_tables([months[month], table]) if month in months else table
    return dict(sorted(months.items()))


def _with_parts(manifest: Manifest, old: tuple[Part, ...], new: tuple[Part, ...]) -> Manifest:
    others = tuple(part for part in manifest.parts if part not in old)
    return replace(manifest, parts=tuple(sorted((*others, *new), key=lambda part: (part.source, part.force, part.month))))


def month_changes(force: str, old: tuple[Part, ...], new: tuple[Part, ...], months: Iterable[str]) -> tuple[MonthChange, ...]:
    """Count the offences of each month before and after."""
    before = {part.month: part.offences for part in old}
    after = {part.month: part.offences for part in new}
    return tuple(MonthChange(force, month, before.get(month, 0), after.get(month, 0)) for month in months)


def _with_exclusions(manifest: Manifest, validated: Validated, covered: Covered, *, source: str, force: str) -> Manifest:
    kept = [
        entry for entry in manifest.exclusions if (entry.source, entry.force) != (source, force) or not covered.replaces(entry)
    ]
    rows = validated.excluded
    new = [Exclusions(source, force, covered.first, covered.last, _reasons(rows))] if len(rows) else []
    return replace(manifest, exclusions=(*kept, *new))


def _reasons(rows: pd.DataFrame) -> dict[str, int]:
    return {str(reason): int(count) for reason, count in rows["excluded"].value_counts(sort=False).items()}
