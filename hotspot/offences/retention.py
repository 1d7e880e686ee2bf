"""Retention: what has become older than a force keeps leaves the store, in the same change as an import.

An offence is as old as the day of its report; where that is not known, as the day of its start; where the month alone is
known, as the last day of that month. It leaves when that day lies before the first day kept: the day of the import less the
force's retention age. An offence that is exactly that old stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.offences import manifest as manifests
from hotspot.offences.atomic import Change
from hotspot.offences.manifest import Manifest, Part
from hotspot.offences.parts import read_part, stage_part
from hotspot.offences.report import LoadReport, Removal
from hotspot.offences.store_changes import changing_existing, commit
from hotspot.period import day_words
from hotspot.viewer import IMPORT, LOCAL, Viewer, require

SOURCE = "Retention"
"""What the report of a removal without an import names as its source."""
MOST_AHEAD = 366
"""Days that the clock may be ahead of a force's newest offence: a clock that runs years ahead must not empty the store."""
_DAYS = ["reported", "committed_from", "month"]


@dataclass(frozen=True)
class Aged:
    """A force that keeps offences for a time, and the first day that it keeps."""

    force: Force
    keep_from: date

    def policy(self, as_of: date) -> str:
        """Say how long offences are kept, and by which day."""
        return (
            f"{self.force.name} keeps offences for {self.force.retention_words}: as of {day_words(as_of)} those from "
            f"{day_words(self.keep_from)} on."
        )


@dataclass(frozen=True)
class Due:
    """A part of the store with offences that are older than its force keeps."""

    part: Part
    aged: Aged
    gone: int
    """Offences."""


@dataclass(frozen=True)
class Sweep:
    """What a store's retention asks for on one day."""

    as_of: date
    forces: tuple[Aged, ...]
    due: tuple[Due, ...]
    held_back: tuple[str, ...]
    """Why offences of a force stay though they are too old by the clock, one sentence each."""

    @property
    def removals(self) -> tuple[Removal, ...]:
        """What goes, by source and force."""
        total: Counter[tuple[str, Aged]] = Counter()
        for one in self.due:
            total[one.part.source, one.aged] += one.gone
        return tuple(Removal(source, aged.force.name, gone, aged.keep_from) for (source, aged), gone in total.items())

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say what each force keeps, and what was held back."""
        return (*(one.policy(self.as_of) for one in self.forces), *self.held_back)

    def told(self, report: LoadReport) -> LoadReport:
        """Tell in a report what left the store with the import, or by itself."""
        gone = {(one.aged.force.name, one.part.month): one.gone for one in self.due if one.part.source == report.source}
        after = (replace(one, after=one.after - gone.get((one.force, one.month), 0)) for one in report.replaced)
        return replace(report, removed=self.removals, replaced=tuple(after), notes=(*report.notes, *self.sentences))


def aged_forces(manifest: Manifest, as_of: date) -> tuple[Aged, ...]:
    """List the forces of a store that do not keep offences of any age."""
    days = ((force, force.keep_from(as_of)) for force in manifest.forces)
    return tuple(Aged(force, day) for force, day in days if day is not None)


def first_months(manifest: Manifest, as_of: date) -> dict[str, str]:
    """Give the first month (YYYY-MM) that each such force (its slug) keeps any of."""
    return {one.force.slug: f"{one.keep_from:%Y-%m}" for one in aged_forces(manifest, as_of)}


def age_days(table: pa.Table) -> pa.ChunkedArray:
    """The day from which the age of each offence is counted; ``_DAYS`` are the columns that it needs."""
    months = table["month"].to_numpy().astype("datetime64[M]")
    last = (months + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    known = (table[name].cast(pa.date32()) for name in _DAYS[:2])
    return pc.coalesce(*known, pa.chunked_array([pa.array(last, pa.date32())]))


def found(manifest: Manifest, change: Change, *, as_of: date, trusted: bool = False) -> Sweep:
    """Find what is older than its force keeps.

    Parameters
    ----------
    change
        Tells where the parts are; nothing is written.
    as_of
        The day from which ages are counted: the day of the import.
    trusted
        True: a person gave that day. Else nothing goes of a force whose newest offence lies more than ``MOST_AHEAD`` days
        before it: then the clock may be wrong, or the data are history that somebody must decide on.
    """
    due: list[Due] = []
    held: list[str] = []
    forces = aged_forces(manifest, as_of)
    for aged in forces:
        own = [part for part in manifest.parts if part.force == aged.force.slug]
        if any(part.is_linked for part in own):
            # Whoever keeps the table answers for its age: nothing of it is kept here that could be removed.
            held.append(f"Offences of {aged.force.name} in a PostgreSQL database stay there, whatever their age.")
        own = [part for part in own if not part.is_linked]
        old = [one for one in (_due(part, aged, change) for part in own) if one.gone]
        newest = max((part.last_day for part in own), default=as_of)
        if old and not trusted and as_of - newest > timedelta(days=MOST_AHEAD):
            held.append(_held_words(aged.force, sum(one.gone for one in old), newest, as_of))
        else:
            due += old
    return Sweep(as_of, forces, tuple(due), tuple(held))


def carried_out(sweep: Sweep, manifest: Manifest, change: Change) -> Manifest:
    """Give the manifest without what a sweep found; the caller commits."""
    cut = {one.part.file: one for one in sweep.due}
    parts = [left for part in manifest.parts for left in (_left(cut[part.file], change) if part.file in cut else [part])]
    first = {one.part.force: one.aged.keep_from for one in sweep.due}
    counts = tuple(one for one in manifest.exclusions if one.last >= first.get(one.force, date.min))
    return replace(manifest, parts=tuple(parts), exclusions=counts)


def preview(folder: Path, *, as_of: date, forces: Collection[Force] = (), trusted: bool = False) -> Sweep:
    """Find what is too old in a store without changing it; the parameters are those of ``remove``."""
    return found(_with_ages(manifests.load(folder), forces), Change(folder), as_of=as_of, trusted=trusted)


def remove(
    folder: Path,
    *,
    as_of: date,
    moment: datetime,
    forces: Collection[Force] = (),
    trusted: bool = False,
    viewer: Viewer = LOCAL,
) -> Sweep:
    """Take out of a store what is older than its forces keep, and keep a report of it.

    Parameters
    ----------
    as_of, trusted
        As in ``found``.
    moment
        What the report is dated.
    forces
        Forces of the store, whose retention ages it is to remember from now on.
    viewer
        Who removes.

    Raises
    ------
    NotAllowed
        If the viewer's role may not change offences.
    BadInput
        If the store does not know one of the forces.
    StoreError
        If there is no store, another change is under way, or it cannot be read or written.
    """
    require(viewer, IMPORT)
    with changing_existing(folder) as (before, change):
        manifest = _with_ages(before, forces)
        sweep = found(manifest, change, as_of=as_of, trusted=trusted)
        manifest = carried_out(sweep, manifest, change)
        if sweep.removals:
            names = tuple(dict.fromkeys(one.force for one in sweep.removals))
            nothing = LoadReport(SOURCE, names, moment, rows_read=0, rows_used=0, offences=0)
            manifest = manifest.with_report(sweep.told(nothing))
        if manifest != before:
            commit(change, manifest)
    return sweep


def _with_ages(manifest: Manifest, forces: Collection[Force]) -> Manifest:
    """Let a manifest take the retention ages of forces that it knows."""
    for force in forces:
        known = manifest.force_named(force.name)
        if known is None:
            names = ", ".join(one.name for one in manifest.forces) or "none"
            raise BadInput(f"The store has no force '{force.name}'. It has: {names}.")
        manifest = manifest.with_force(replace(known, retention_months=force.retention_months, toml=force.toml))
    return manifest


def _held_words(force: Force, gone: int, newest: date, as_of: date) -> str:
    return (
        f"{gone:,} offences of {force.name} are too old as of {day_words(as_of)}, but its newest is of {day_words(newest)}: the "
        "clock may be wrong, so none was removed. If it is right, run: python -m hotspot retention "
        f"--as-of {as_of} --apply"
    )


def _due(part: Part, aged: Aged, change: Change) -> Due:
    # No offence is older than the first day that one was recorded on: a younger part is not opened.
    if part.recorded_first >= aged.keep_from:
        return Due(part, aged, 0)
    days = age_days(read_part(change, part, _DAYS))
    return Due(part, aged, pc.sum(pc.less(days, pa.scalar(aged.keep_from)), min_count=0).as_py())


def _left(one: Due, change: Change) -> Iterator[Part]:
    """Give what stays of a part, which may be nothing."""
    part = one.part
    if one.gone < part.offences:
        table = read_part(change, part)
        young = table.filter(pc.greater_equal(age_days(table), pa.scalar(one.aged.keep_from)))
        yield stage_part(change, young, source=part.source, force=part.force, month=part.month, synthetic=part.synthetic)
