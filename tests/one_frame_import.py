"""police.uk files imported in one pandas frame: slow, obvious, and what the streamed import must equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyproj import Transformer

from hotspot import crime_types
from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput
from hotspot.geography import Force, slug
from hotspot.offences import police_uk
from hotspot.offences.atomic import Change
from hotspot.offences.csv_rows import CsvRows, read_rows
from hotspot.offences.forces_of_store import with_force
from hotspot.offences.manifest import Exclusions, Manifest, Part
from hotspot.offences.merge import Merged
from hotspot.offences.parts import (
    by_month,
    outside_days,
    read_part,
    recorded_days,
    references_among,
    stage_part,
    to_table,
    with_outcomes,
)
from hotspot.offences.police_uk import STREET_COLUMNS, file_slug, plain_name
from hotspot.offences.read import FUTURE, NO_DATE, RAGGED, RawOffences
from hotspot.offences.report import LoadReport, MonthChange
from hotspot.offences.schema import NO_LOCATION, PRECISE_TO_MONTH, RAW_REQUIRED, SNAPPED
from hotspot.offences.source_files import SourceFile, find_files
from hotspot.offences.store_changes import changing, commit
from hotspot.offences.summary import summarise
from hotspot.offences.validate import Validated, validate, without_known
from hotspot.paths import WEST_MIDLANDS
from hotspot.period import add_months, day_words, parse_date

NOT_GIVEN = "not given"
_UNKNOWN_IS = "Other crime"
_EXCEL_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905


@dataclass(frozen=True, eq=False)
class Batch:
    """Everything that the files of one import say, before validation."""

    source: str
    raw: tuple[RawOffences, ...]
    forces: dict[str, Force]
    """Slug → force, in the order of the files."""
    default_force: Force
    """Of rows that name none."""
    monthly: bool
    """True: the import replaces whole months; False: the dates it covers."""
    outcomes: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Slug → the latest outcome of each crime."""
    passed_over: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def import_in_one_frame(
    paths: Sequence[Path], *, store: Path, forces: Sequence[Force] = (), today: date, imported_at: datetime
) -> LoadReport:
    """Do what ``import_sources`` does with police.uk files."""
    with changing(store) as (manifest, change):
        wanted = tuple(forces) or manifest.forces or (load_force(WEST_MIDLANDS),)
        plan = police_uk.plan(find_files(paths), forces=wanted, known=(*manifest.forces, load_force(WEST_MIDLANDS)))
        outcomes: dict[str, list[pd.DataFrame]] = {}
        for file, force in plan.outcomes:
            outcomes.setdefault(force.slug, []).append(_read_outcomes(file))
        found = {force.slug: force for force in plan.forces}
        batch = Batch(
            source=police_uk.SOURCE,
            raw=tuple(_read_street(file, force) for file, force in plan.street),
            forces={name: found[name] for name in (*(force.slug for force in wanted), *found) if name in found},
            default_force=wanted[0],
            monthly=True,
            outcomes={name: _latest_outcomes(frames) for name, frames in outcomes.items()},
            passed_over=plan.passed_over,
            notes=plan.notes,
        )
        report, manifest = _imported(batch, manifest, change, explicit=forces, today=today, moment=imported_at, synthetic=False)
        commit(change, manifest.with_report(report))
    return report


def _imported(
    batch: Batch,
    manifest: Manifest,
    change: Change,
    *,
    explicit: Sequence[Force],
    today: date,
    moment: datetime,
    synthetic: bool,
) -> tuple[LoadReport, Manifest]:
    """Validate each force's rows and put them into the manifest."""
    merged: dict[str, Merged] = {}
    notes = [note for one in batch.raw for note in one.notes] + list(batch.notes)
    for force, rows in _by_force(batch):
        manifest, areas, note = with_force(manifest, change, force, explicit=explicit)
        notes += note
        validated = validate(rows, source=batch.source, force=force, areas=areas, today=today) if rows is not None else None
        one = _merge(
            validated,
            manifest,
            change,
            source=batch.source,
            force=force,
            monthly=batch.monthly,
            latest_outcomes=batch.outcomes.get(force.slug),
            synthetic=synthetic,
        )
        manifest, merged[force.name] = one.manifest, one
        notes += one.notes
    rows_read = sum(one.rows_read for one in batch.raw)
    report = summarise(
        merged, source=batch.source, imported_at=moment, rows_read=rows_read, passed_over=batch.passed_over, notes=notes
    )
    if FUTURE in report.excluded:
        said = f"Dates after {day_words(today)}, the day of this import, are in the future."
        report = replace(report, notes=(*report.notes, said))
    return report, manifest


def _by_force(batch: Batch) -> list[tuple[Force, pd.DataFrame | None]]:
    """Cut the rows by force; a force whose outcomes alone were read has none."""
    frames = [one.frame for one in batch.raw if len(one.frame)]
    if not frames:
        return [(force, None) for force in batch.forces.values()]
    rows = pd.concat([frame.dropna(axis="columns", how="all") for frame in frames], ignore_index=True)
    unknown = pd.Series(None, index=rows.index, dtype="str")
    rows = rows.assign(**{name: unknown for name in (*RAW_REQUIRED, "force") if name not in rows})
    said = rows["force"].fillna(batch.default_force.name)
    slugs = said.map({name: slug(name) for name in said.unique()})
    forces = batch.forces | {slug(name): Force(name) for name in said.unique() if slug(name) not in batch.forces}
    present = set(slugs)
    return [(force, rows[slugs == one] if one in present else None) for one, force in forces.items()]


def _read_street(file: SourceFile, force: Force) -> RawOffences:
    """Read one street file; the rows of a further force in it go under that force's name."""
    rows = read_rows(file.read(), name=file.label)
    missing = sorted(STREET_COLUMNS - {column.lower() for column in rows.columns})
    if missing:
        raise BadInput(f"{file.label} lacks the column '{missing[0]}' of a police.uk street file.")
    written_types, months = _field(rows, "crime type"), _months(_field(rows, "month"))
    written_types = written_types.where(written_types.str.strip() != "", NOT_GIVEN)
    types = _mapped(written_types, _crime_type)
    x, y = _positions(_field(rows, "longitude"), _field(rows, "latitude"), crs=force.analysis_crs)
    frame = pd.DataFrame(
        {
            "offence_id": _empty_to_null(_field(rows, "crime id")),
            "force": _forces(_field(rows, "reported by"), force),
            "crime_type": types,
            "source_crime_type": written_types,
            "month": months,
            "time_precision": PRECISE_TO_MONTH,
            "location_precision": np.where(np.isnan(x), NO_LOCATION, SNAPPED),
            "x": x,
            "y": y,
            "street": _mapped(_field(rows, "location"), _street),
            "outcome": _empty_to_null(_field(rows, "last outcome category")),
            "source_file": file.label,
            "source_row": rows.frame.index,
        }
    )
    frame["excluded"] = _reasons(rows, months=months)
    return RawOffences(frame, len(frame), tuple(_notes(written_types, name=file.label)))


def _read_outcomes(file: SourceFile) -> pd.DataFrame:
    """Read an outcomes file: ``offence_id``, ``outcome``, ``outcome_date`` (first of its month), the latest of each crime."""
    rows = read_rows(file.read(), name=file.label)
    frame = pd.DataFrame(
        {
            "offence_id": _field(rows, "crime id").str.strip(),
            "outcome": _field(rows, "outcome type").str.strip(),
            "outcome_date": _months(_field(rows, "month")),
        }
    )
    readable = (frame["offence_id"] != "") & (frame["outcome"] != "") & frame["outcome_date"].notna()
    return _latest_outcomes([frame[readable]])


def _latest_outcomes(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Keep the latest outcome of each crime; of several in one month the one written last."""
    together = pd.concat(list(frames), ignore_index=True)
    return together.sort_values("outcome_date", kind="stable").drop_duplicates("offence_id", keep="last")


def _field(rows: CsvRows, name: str) -> pd.Series:
    found = next((column for column in rows.columns if column.lower() == name), None)
    return rows.frame[found] if found is not None else pd.Series("", index=rows.frame.index, dtype="str")


def _mapped(values: pd.Series, translate: Callable[[str], str | None]) -> pd.Series:
    """Translate each different value once."""
    return values.map({value: translate(value) for value in values.unique()}).astype("str")


def _crime_type(written: str) -> str:
    """A name that no one knows yet, or none at all, is a real crime all the same."""
    kind = crime_types.by_name(written)
    return _UNKNOWN_IS if kind is None else kind.name


def _notes(written_types: pd.Series, *, name: str) -> Iterable[str]:
    for written, count in written_types.value_counts().items():
        if crime_types.by_name(written) is None:
            yield f"{name}: the crime type '{written}' is not known ({count:,} rows); it is counted as '{_UNKNOWN_IS}'."


def _empty_to_null(values: pd.Series) -> pd.Series:
    stripped = values.str.strip()
    return stripped.where(stripped != "")


def _months(written: pd.Series) -> pd.Series:
    return pd.to_datetime(written.map({text: _month(text) for text in written.unique()})).astype("datetime64[s]")


def _month(text: str) -> str | None:
    """Read '2014-01', and 'Jan-14' as a spreadsheet writes it."""
    text = text.strip()
    if re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
        return f"{text}-01"
    mangled = re.fullmatch(r"([A-Za-z]{3})-(\d\d)", text, re.ASCII)
    number = _EXCEL_MONTHS.get(mangled[1].lower()) if mangled else None
    return f"20{mangled[2]}-{number:02d}-01" if mangled and number else None


def _street(location: str) -> str | None:
    name = re.sub(r"^on or near\b", "", location.strip(), flags=re.IGNORECASE).strip()
    return None if name.lower() in ("", "no location") else name


def _forces(reported_by: pd.Series, force: Force) -> pd.Series:
    """Name the file's force on each row, but for rows that say another one."""

    def named(text: str) -> str:
        return force.name if file_slug(text) in ("", file_slug(force.name)) else plain_name(text)

    return _mapped(reported_by, named)


def _reasons(rows: CsvRows, *, months: pd.Series) -> pd.Series:
    reasons = pd.Series(pd.NA, index=rows.frame.index, dtype="str")
    reasons[months.isna()] = NO_DATE
    reasons[list(rows.ragged)] = RAGGED
    return reasons


_to_metres = lru_cache(partial(Transformer.from_crs, "EPSG:4326", always_xy=True))


def _positions(longitude: pd.Series, latitude: pd.Series, *, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform each different position once; the codes for absent, zero and unreadable are those of ``RawOffences``."""
    absent = ((longitude.str.strip() == "") & (latitude.str.strip() == "")).to_numpy(dtype=bool)
    pairs = _numbers(longitude) + 1j * _numbers(latitude)
    unique, inverse = np.unique(np.where(np.isfinite(pairs), pairs, 0), return_inverse=True)
    metres = _to_metres(crs).transform(unique.real, unique.imag)
    x, y = (np.where(unique == 0, 0.0, axis)[inverse] for axis in metres)
    unreadable = ~np.isfinite(pairs) & ~absent
    for axis in (x, y):
        axis[unreadable] = np.inf
        axis[absent] = np.nan
    return x, y


def _numbers(written: pd.Series) -> NDArray[np.float64]:
    return pd.to_numeric(written.str.strip(), errors="coerce").to_numpy(dtype=float, na_value=np.nan)


@dataclass(frozen=True)
class Covered:
    """What an import replaces of the same source and force."""

    first: date
    last: date
    months: frozenset[str]
    """YYYY-MM of the new offences."""
    monthly: bool
    """True: the months are replaced; False: the offences recorded from ``first`` to ``last``."""

    def touches(self, part: Part) -> bool:
        overlaps = part.recorded_first <= self.last and part.recorded_last >= self.first
        return part.month in self.months or (overlaps and not self.monthly)

    def left_of(self, table: pa.Table) -> pa.Table:
        """What stays of a part that is touched."""
        return table.slice(0, 0) if self.monthly else outside_days(table, self.first, self.last)

    def replaces(self, entry: Exclusions) -> bool:
        if self.monthly:
            return f"{entry.first:%Y-%m}" in self.months
        return self.first <= entry.first and entry.last <= self.last


def _merge(
    validated: Validated | None,
    manifest: Manifest,
    change: Change,
    *,
    source: str,
    force: Force,
    monthly: bool,
    latest_outcomes: pd.DataFrame | None,
    synthetic: bool,
) -> Merged:
    """Stage the parts that an import makes of one force and give the manifest that names them.

    A reference that the store holds in what is not replaced is a duplicate: importing two months one after the
    other gives what importing them together gives.
    """
    old = manifest.parts_of(source, force.slug)
    if validated is None or validated.offences.empty:
        untouched, given, notes = _outcomes_of_old(old, change, latest_outcomes)
        return Merged(_with_parts(manifest, old, untouched), validated, (), tuple(notes))
    covered = _covered(to_table(validated.offences), monthly=monthly)
    left = {part.month: covered.left_of(read_part(change, part)) for part in old if covered.touches(part)}
    untouched = tuple(part for part in old if part.month not in left)
    validated, notes = _without_held(validated, change, untouched, left)
    table = to_table(validated.offences)
    untouched, given, _ = _outcomes_of_old(untouched, change, latest_outcomes)
    if latest_outcomes is not None:
        table, named = with_outcomes(table, latest_outcomes)
        notes += [_outcome_note(latest_outcomes, given + named)]
    was_synthetic = any(part.synthetic for part in old if part.month in left)
    months = _joined(left.items(), by_month(table))
    parts = tuple(
        stage_part(change, rows, source=source, force=force.slug, month=month, synthetic=synthetic or was_synthetic)
        for month, rows in months.items()
        if rows.num_rows
    )
    manifest = _with_parts(manifest, old, (*untouched, *parts))
    manifest = _with_exclusions(manifest, validated, covered, source=source, force=force.slug)
    return Merged(manifest, validated, _changes(force.name, old, parts, months), tuple(notes))


def _covered(table: pa.Table, *, monthly: bool) -> Covered:
    days = recorded_days(table)
    months = frozenset(f"{month:%Y-%m}" for month in pc.unique(table["month"]).to_pylist())
    return Covered(pc.min(days).as_py(), pc.max(days).as_py(), months, monthly)


def _without_held(
    validated: Validated, change: Change, untouched: tuple[Part, ...], left: dict[str, pa.Table]
) -> tuple[Validated, list[str]]:
    ids = validated.offences["offence_id"]
    held = references_among((read_part(change, part, ["offence_id"]) for part in untouched), ids)
    held |= references_among(left.values(), ids)
    if not held:
        return validated, []
    words = "reference stands" if len(held) == 1 else "references stand"
    note = f"{len(held):,} {words} in the store already, under dates that this import does not replace: counted once, there."
    return without_known(validated, held), [note]


def _outcomes_of_old(
    parts: tuple[Part, ...], change: Change, latest: pd.DataFrame | None
) -> tuple[tuple[Part, ...], int, list[str]]:
    """Give stored offences the outcomes of an outcomes file; a part that it does not name stays as it is."""
    if latest is None:
        return parts, 0, []
    updated, given = [], 0
    for part in parts:
        before = read_part(change, part)
        after, named = with_outcomes(before, latest)
        given += named
        is_new = not after.equals(before)
        updated.append(_restaged(part, after, change) if is_new else part)
    return tuple(updated), given, [_outcome_note(latest, given)]


def _restaged(part: Part, table: pa.Table, change: Change) -> Part:
    return stage_part(change, table, source=part.source, force=part.force, month=part.month, synthetic=part.synthetic)


def _outcome_note(latest: pd.DataFrame, given: int) -> str:
    return f"Outcomes files tell the latest outcome of {len(latest):,} crimes; {given:,} of them are among the offences."


def _joined(left: Iterable[tuple[str, pa.Table]], new: Iterable[tuple[str, pa.Table]]) -> dict[str, pa.Table]:
    """What stays of each month, followed by what is new."""
    months = dict(left)
    for month, table in new:
        months[month] = pa.concat_tables([months[month], table]) if month in months else table
    return dict(sorted(months.items()))


def _with_parts(manifest: Manifest, old: tuple[Part, ...], new: tuple[Part, ...]) -> Manifest:
    others = tuple(part for part in manifest.parts if part not in old)
    return replace(manifest, parts=tuple(sorted((*others, *new), key=lambda part: (part.source, part.force, part.month))))


def _changes(force: str, old: tuple[Part, ...], new: tuple[Part, ...], months: Iterable[str]) -> tuple[MonthChange, ...]:
    before = {part.month: part.offences for part in old}
    after = {part.month: part.offences for part in new}
    return tuple(MonthChange(force, month, before.get(month, 0), after.get(month, 0)) for month in months)


def _with_exclusions(manifest: Manifest, validated: Validated, covered: Covered, *, source: str, force: str) -> Manifest:
    kept = [
        entry for entry in manifest.exclusions if (entry.source, entry.force) != (source, force) or not covered.replaces(entry)
    ]
    rows = validated.excluded
    if covered.monthly:
        groups = [(month, rows[at == month]) for at in [_attributed(validated, covered)] for month in sorted(covered.months)]
        new = [(*_days(month), group) for month, group in groups]
    else:
        new = [(covered.first, covered.last, rows)]
    entries = [Exclusions(source, force, first, last, _reason_counts(group)) for first, last, group in new if len(group)]
    return replace(manifest, exclusions=(*kept, *entries))


def _attributed(validated: Validated, covered: Covered) -> pd.Series:
    """The month each excluded row counts against: its own, else the most frequent one of its file, else the last."""
    own = validated.excluded["month"].dt.strftime("%Y-%m")
    used = validated.offences
    usual = used.groupby("source_file")["month"].agg(lambda months: months.mode().iloc[0]).dt.strftime("%Y-%m")
    of_file = validated.excluded["source_file"].map(usual).astype("str").fillna(max(covered.months))
    return own.where(own.isin(list(covered.months)), of_file)


def _days(month: str) -> tuple[date, date]:
    first = parse_date(f"{month}-01")
    return first, date.fromordinal(add_months(first, 1).toordinal() - 1)


def _reason_counts(rows: pd.DataFrame) -> dict[str, int]:
    return {str(reason): int(count) for reason, count in rows["excluded"].value_counts(sort=False).items()}
