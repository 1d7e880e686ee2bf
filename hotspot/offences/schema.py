"""The canonical offence: the one place that says which columns an offence has and enforces it.

``docs/schema.md`` explains each column to people; a test holds that page to this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hotspot import crime_types

PRECISE_TO_MONTH, PRECISE_TO_DAY, PRECISE_TO_MINUTE = "month", "day", "minute"
TIME_PRECISIONS = (PRECISE_TO_MONTH, PRECISE_TO_DAY, PRECISE_TO_MINUTE)
SNAPPED, EXACT, NO_LOCATION = "snapped", "exact", "none"
LOCATION_PRECISIONS = (SNAPPED, EXACT, NO_LOCATION)
USABLE, ABSENT, UNUSABLE = "usable", "absent", "unusable"
LOCATION_STATUSES = (USABLE, ABSENT, UNUSABLE)


@dataclass(frozen=True)
class Column:
    """A column of the canonical offence."""

    name: str
    type: pa.DataType
    required: bool = False
    """True: never null."""
    sensitive: bool = False
    """True: once any offence carries a value the marking is OFFICIAL-SENSITIVE."""


_TEXT, _TIME, _DAY = pa.string(), pa.timestamp("s"), pa.date32()

COLUMNS: tuple[Column, ...] = (
    Column("offence_id", _TEXT),
    Column("source", _TEXT, required=True),
    Column("force", _TEXT, required=True),
    Column("crime_group", _TEXT, required=True),
    Column("crime_type", _TEXT, required=True),
    Column("source_crime_type", _TEXT, required=True),
    Column("committed_from", _TIME),
    Column("committed_to", _TIME),
    Column("reported", _TIME),
    Column("month", _DAY, required=True),
    Column("time_precision", _TEXT, required=True),
    Column("window_known", pa.bool_(), required=True),
    Column("location_precision", _TEXT, required=True),
    Column("location_status", _TEXT, required=True),
    Column("x", pa.float64()),
    Column("y", pa.float64()),
    Column("lpa", _TEXT),
    Column("street", _TEXT),
    Column("outcome", _TEXT),
    Column("outcome_group", _TEXT),
    Column("outcome_date", _DAY),
    Column("filed_date", _DAY),
    Column("cctv_requested", _DAY),
    Column("cctv_received", _DAY),
    Column("premises_ref", _TEXT, sensitive=True),
    Column("vehicle_ref", _TEXT, sensitive=True),
    Column("vehicle_make", _TEXT),
    Column("vehicle_model", _TEXT),
    Column("suspect_ref", _TEXT, sensitive=True),
    Column("officer_ref", _TEXT, sensitive=True),
    Column("mo", _TEXT, sensitive=True),
    Column("beat", _TEXT),
    Column("victim_refs", pa.list_(pa.string()), sensitive=True),
    Column("victim_ages", pa.list_(pa.int16()), sensitive=True),
    Column("knife", pa.bool_()),
    Column("source_file", _TEXT, required=True),
    Column("source_row", pa.int32(), required=True),
)
NAMES = tuple(column.name for column in COLUMNS)
SCHEMA = pa.schema([pa.field(column.name, column.type, nullable=not column.required) for column in COLUMNS])
SENSITIVE = tuple(column.name for column in COLUMNS if column.sensitive)

# What a reader gives per row of its file. load.py derives the rest (source, crime_group, window_known,
# location_status, lpa, outcome_group) and gathers one victim per row into lists.
_DERIVED = {"source", "crime_group", "window_known", "location_status", "lpa", "outcome_group", "victim_refs", "victim_ages"}
RAW_COLUMNS: dict[str, pa.DataType] = {
    **{column.name: column.type for column in COLUMNS if column.name not in _DERIVED},
    "victim_ref": _TEXT,
    "victim_age": pa.int16(),
    "lpa_named": _TEXT,
    "excluded": _TEXT,
}
RAW_REQUIRED = (
    "crime_type",
    "source_crime_type",
    "time_precision",
    "location_precision",
    "source_file",
    "source_row",
    "excluded",
)
"""Columns a reader always gives; any other column of ``RAW_COLUMNS`` may be left out: unknown on every row."""


def conform(frame: pd.DataFrame) -> pa.Table:
    """Give offences the canonical columns, order and types; columns that are absent become null.

    Raises
    ------
    ValueError
        If the frame breaks a rule of the schema: a fault of the program, never of an analyst's file.
    """
    arrays = [_array(frame[c.name], c.type) if c.name in frame else pa.nulls(len(frame), c.type) for c in COLUMNS]
    table = pa.Table.from_arrays(arrays, names=list(NAMES))
    faults = _faults(table)
    if faults:
        raise ValueError("not canonical offences: " + "; ".join(faults))
    return table.cast(SCHEMA)


def _array(values: pd.Series, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if values.isna().all():
        return pa.nulls(len(values), kind)
    if kind == _DAY and values.dtype.kind == "M":
        return pa.array(values, type=_TIME).cast(_DAY)
    return pa.array(values, type=kind, from_pandas=True)


def _faults(table: pa.Table) -> list[str]:
    faults = [f"'{c.name}' has unknown values" for c in COLUMNS if c.required and table[c.name].null_count]
    allowed = {
        "time_precision": TIME_PRECISIONS,
        "location_precision": LOCATION_PRECISIONS,
        "location_status": LOCATION_STATUSES,
        "crime_type": tuple(kind.name for kind in crime_types.CRIME_TYPES),
        "crime_group": tuple(kind.name for kind in crime_types.CRIME_TYPES if kind.is_group),
    }
    for name, values in allowed.items():
        strangers = set(pc.unique(table[name]).to_pylist()) - set(values) - {None}
        faults += [f"'{name}' has '{stranger}'" for stranger in sorted(strangers)]
    usable = pc.equal(table["location_status"], USABLE)
    for axis in ("x", "y"):
        if not pc.all(pc.equal(pc.is_valid(table[axis]), usable), min_count=0).as_py():
            faults.append(f"'{axis}' is not null exactly where no location is usable")
    if pc.any(pc.less(table["committed_to"], table["committed_from"]), min_count=0).as_py():
        faults.append("'committed_to' lies before 'committed_from'")
    return faults


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Give canonical columns as pandas: dates and times ``datetime64[s]``, ``knife`` nullable, strings ``str``."""
    frame = table.to_pandas(date_as_object=False, types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    if "window_known" in frame:
        frame["window_known"] = frame["window_known"].astype(bool)
    days = [column.name for column in COLUMNS if column.type == _DAY and column.name in frame]
    return frame.astype({name: "datetime64[s]" for name in days})
