"""One street file becomes parts of a store: a unit of work that needs no other file, done in whichever process is free.

What it leaves for those who put the units together stands in a small JSON document: the parts, how many offences there
are of what, which rows were left out and why. Beside each part lie the marks of its references.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.boundaries.areas import Areas, assign
from hotspot.geography import LPA, Force, slug
from hotspot.offences.atomic import Change
from hotspot.offences.coded import Coded
from hotspot.offences.manifest import Part
from hotspot.offences.outcome_index import OutcomeIndex, Outcomes
from hotspot.offences.outcomes import group_of
from hotspot.offences.parts import PART_SCHEMA, stage_part
from hotspot.offences.read import FUTURE, TOO_OLD
from hotspot.offences.references import marks_of
from hotspot.offences.report import EXAMPLES
from hotspot.offences.schema import ABSENT, NO_LOCATION, PRECISE_TO_MONTH, SNAPPED, UNUSABLE, USABLE
from hotspot.offences.source_files import SourceFile
from hotspot.offences.street_rows import StreetRows, read_street
from hotspot.offences.tally import Positions, tally_of
from hotspot.offences.validate import believed


@dataclass(frozen=True)
class Setting:
    """What the units of an import have in common."""

    store: Path
    staging: Path
    source: str
    forces: Mapping[str, Force]
    """Slug → force, of those whose description is known."""
    areas: Mapping[str, str]
    """Slug → file of the LPAs, relative to the store or staged."""
    outcomes: Mapping[str, str]
    """Slug → folder of the latest outcomes."""
    last_month: str
    """YYYY-MM: a later month lies in the future."""
    first_months: Mapping[str, str]
    """Slug → YYYY-MM: an earlier month is older than the force keeps; only forces that do not keep all."""
    synthetic: bool

    def force_named(self, name: str) -> Force:
        return self.forces.get(slug(name), Force(name))


@dataclass(frozen=True, eq=False)
class Located:
    """The positions of a file as one force sees them."""

    status: NDArray[np.object_]
    x: NDArray[np.float64]
    """Of usable positions; else NaN."""
    y: NDArray[np.float64]
    lpa: NDArray[np.object_]


def read_unit(file: SourceFile, force: Force, key: str, setting: Setting) -> dict[str, Any]:
    """Read one street file into parts; names its own files by ``key``."""
    rows = read_street(file, force)
    reasons = _with_reason(rows, rows.excluded, lambda month: month > setting.last_month, FUTURE)
    said = rows.force.used()
    pieces = []
    for number, one in enumerate(dict.fromkeys(map(slug, said))):
        names = [name for name in said if slug(name) == one]
        whose = setting.forces.get(one, Force(names[-1]))
        own = np.isin(rows.force.codes, [rows.force.values.index(name) for name in names])
        first = setting.first_months.get(one, "")
        told = _with_reason(rows, reasons, lambda month, first=first: month < first, TOO_OLD)
        pieces.append(_piece(rows, own, told, whose, f"{key}-{number}", setting))
    return {"label": file.label, "rows": rows.count, "notes": list(rows.notes), "said": said, "pieces": pieces}


def _with_reason(rows: StreetRows, reasons: Coded, is_meant: Callable[[str], bool], reason: str) -> Coded:
    """Leave out the rows of some months that are not left out yet."""
    meant = np.array([*map(is_meant, rows.month.values), False], dtype=bool)
    chosen = np.flatnonzero(meant[rows.month.codes] & (reasons.codes < 0))
    return reasons.replaced(chosen, Coded.constant(reason, len(chosen))) if len(chosen) else reasons


def _piece(rows: StreetRows, own: NDArray[np.bool_], reasons: Coded, force: Force, key: str, setting: Setting) -> dict[str, Any]:
    """Write what one file says of one force."""
    used = np.flatnonzero(own & (reasons.codes < 0))
    table = _offences(rows, used, force, setting)
    change = Change(setting.store, staging=setting.staging)
    fragments = [
        _fragment(change, table if whole else table.take(pa.array(place)), month, f"{key}-{month}", setting, force)
        for month, place, whole in _months(rows.month.take(used))
    ]
    _save_positions(table, setting.staging / f"{key}.npy")
    return {
        "slug": force.slug,
        "name": force.name,
        "tally": tally_of(table).to_dict(),
        "positions": f"{key}.npy",
        "excluded": _excluded(rows, np.flatnonzero(own & (reasons.codes >= 0)), reasons),
        "fragments": fragments,
    }


def _months(month: Coded) -> Iterator[tuple[str, NDArray[np.int64], bool]]:
    """Cut rows by month; the last value says that it is all of them."""
    several = month.used()
    for one in sorted(several):
        yield one, np.flatnonzero(month.codes == month.values.index(one)), len(several) == 1


def _fragment(change: Change, table: pa.Table, month: str, key: str, setting: Setting, force: Force) -> dict[str, Any]:
    part = stage_part(change, table, source=setting.source, force=force.slug, month=month, synthetic=setting.synthetic)
    np.save(setting.staging / f"{key}.npy", marks_of(table["offence_id"].combine_chunks()), allow_pickle=False)
    return {
        "part": plain_part(part),
        "staged": change.path_of(part.file).name,
        "marks": f"{key}.npy",
        "named": len(table) - table["outcome_date"].null_count,
    }


def plain_part(part: Part) -> dict[str, Any]:
    """Give a part as values that JSON can hold."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(part).items()}


def _offences(rows: StreetRows, used: NDArray[np.int64], force: Force, setting: Setting) -> pa.Table:
    """Give the used rows the schema of a part; what police.uk never tells is null."""
    count, place = len(used), rows.places.codes[used]
    located = _located(rows, force, setting)
    absent = located.status == ABSENT
    written = rows.crime_type.take(used)
    groups = {kind.name: kind.group for kind in crime_types.CRIME_TYPES}
    month = rows.month.take(used)
    first_days = np.array([*month.values, "1970-01"], dtype="datetime64[M]").astype("datetime64[D]")
    offence_id = rows.offence_id if count == rows.count else rows.offence_id.take(pa.array(used))
    known: dict[str, pa.Array] = {
        "offence_id": offence_id,
        "source": Coded.constant(setting.source, count).array(),
        "force": Coded.constant(force.name, count).array(),
        "crime_group": written.translated(groups.get).array(),
        "crime_type": written.array(),
        "source_crime_type": rows.source_crime_type.take(used).array(),
        "month": pa.array(first_days[month.codes]),
        "time_precision": Coded.constant(PRECISE_TO_MONTH, count).array(),
        "window_known": pa.array(np.zeros(count, dtype=bool)),
        "location_precision": _of_places(np.where(absent, NO_LOCATION, SNAPPED), place),
        "location_status": _of_places(located.status, place),
        "x": pa.array(located.x[place], from_pandas=True),
        "y": pa.array(located.y[place], from_pandas=True),
        "lpa": _of_places(located.lpa, place),
        "street": rows.street.take(used).array(),
        "source_file": Coded.constant(rows.label, count).array(),
        "source_row": pa.array((used + 1).astype(np.int32)),
        "rows": pa.array(np.ones(count, dtype=np.int32)),
        **_outcomes(rows.outcome.take(used), offence_id, setting.outcomes.get(force.slug)),
    }
    arrays = [known[field.name] if field.name in known else pa.nulls(count, field.type) for field in PART_SCHEMA]
    return pa.Table.from_arrays(arrays, names=PART_SCHEMA.names)


def _outcomes(own: Coded, offence_id: pa.Array, folder: str | None) -> dict[str, pa.Array]:
    """Take the latest outcome of the outcomes files, else the street file's own, which has no date."""
    days: pa.Array = pa.nulls(len(offence_id), pa.date32())
    if folder is not None:
        index = outcome_index(Path(folder))
        places = index.find(offence_id)
        named = np.flatnonzero(places >= 0)
        outcome, months = index.coded(places[named])
        own = own.replaced(named, outcome)
        all_days = np.full(len(places), np.datetime64("NaT"), dtype="datetime64[D]")
        all_days[named] = months
        days = pa.array(all_days)
    return {"outcome": own.array(), "outcome_group": own.translated(group_of).array(), "outcome_date": days}


@lru_cache(maxsize=2)
def outcome_index(folder: Path) -> OutcomeIndex:
    """Keep the outcomes of a force open: its files come one after the other."""
    return OutcomeIndex(Outcomes.open(folder))


def _located(rows: StreetRows, force: Force, setting: Setting) -> Located:
    """Look at each different position once."""
    x, y = rows.places.x, rows.places.y
    absent = np.isnan(x) | np.isnan(y)
    usable = ~absent & np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0)) & believed(force, x, y)
    status = np.where(absent, ABSENT, np.where(usable, USABLE, UNUSABLE)).astype(object)
    x, y = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
    file = setting.areas.get(force.slug)
    lpa = assign(_areas(Path(file)), x, y) if file else np.full(len(x), None, dtype=object)
    return Located(status, x, y, lpa)


@lru_cache(maxsize=4)
def _areas(file: Path) -> Areas:
    return Areas.from_parquet(file, level=LPA)


def _of_places(values: NDArray[Any], place: NDArray[np.int64]) -> pa.DictionaryArray:
    codes, texts = pd.factorize(values.astype(object))
    return Coded(tuple(texts), codes.astype(np.int32)[place]).array()


def _save_positions(table: pa.Table, file: Path) -> None:
    x, y = (table[axis].to_numpy() for axis in ("x", "y"))
    located = np.isfinite(x)
    positions = Positions.of(x[located], y[located], np.ones(int(located.sum())))
    np.save(file, np.vstack([positions.x, positions.y, positions.counts]), allow_pickle=False)


def _excluded(rows: StreetRows, left_out: NDArray[np.int64], reasons: Coded) -> list[list[Any]]:
    """Give the rows left out as ``[reason, month, first row, rows, first few rows]``, by their first row."""
    months = rows.month.codes[left_out]
    groups = pd.DataFrame({"reason": reasons.codes[left_out], "month": months, "row": left_out + 1})
    return [
        [
            reasons.values[reason],
            rows.month.values[month] if month >= 0 else None,
            int(numbers.iloc[0]),
            len(numbers),
            numbers.iloc[:EXAMPLES].tolist(),
        ]
        for (reason, month), numbers in groups.groupby(["reason", "month"], sort=False)["row"]
    ]
