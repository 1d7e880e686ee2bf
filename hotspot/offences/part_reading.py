"""Offences out of parts, as an Arrow table: texts that repeat are decoded once each, and what no offence has is not read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pds

from hotspot.offences.schema import NAMES, SCHEMA

_DIFFERENT = {"offence_id", "mo"}
"""Texts that are nearly all different: nothing is won by decoding each once."""
_CODED = [name for name in NAMES if SCHEMA.field(name).type == pa.string() and name not in _DIFFERENT]
_READ = pa.schema(
    [field.with_type(pa.dictionary(pa.int32(), pa.string())) if field.name in _CODED else field for field in SCHEMA]
)
COUNT = "offences"
"""The column of counted offences that says how many they are."""
_FIELDS = {field.name: field.with_nullable(True) for field in [*SCHEMA, pa.field(COUNT, pa.int64())]}
_ALWAYS = "month"
"""Of every offence: tells how many there are where nothing else is read."""


def read_parts(
    files: Sequence[str],
    *,
    columns: Sequence[str],
    present: Collection[str],
    rows: pds.Expression | None,
    counted: bool = False,
) -> pa.Table:
    """Read columns of the offences that a filter lets through.

    Parameters
    ----------
    columns
        Canonical columns, in this order.
    present
        Columns with a value on at least one offence of the files; the others come as null.
    rows
        The filter; None for all offences.
    counted
        True: each combination of values once, dates and times as the first of their month, with the column ``offences``.
        The offences themselves are never together in memory.
    """
    source = pds.dataset(files, schema=_READ, format=pds.ParquetFileFormat(dictionary_columns=_CODED))
    held = [name for name in columns if name in present]
    asked = {"columns": held or [_ALWAYS], "filter": rows}
    if counted:
        return _conformed(_counts(source.to_batches(**asked), held), [*columns, COUNT])
    return _conformed(source.to_table(**asked), columns)


def of_table(offences: pa.Table, *, columns: Sequence[str], rows: pds.Expression | None, counted: bool = False) -> pa.Table:
    """Give the same of offences that stand together already; parameters as in ``read_parts``."""
    held = (offences if rows is None else offences.filter(rows)).select(columns)
    return _conformed(_counts(held.to_batches(), list(columns)), [*columns, COUNT]) if counted else held


def _conformed(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Give a table these columns in their canonical types; those that it lacks are null."""
    fields = [_FIELDS[name] for name in columns]
    held = set(table.column_names)
    arrays = [table[one.name].cast(one.type) if one.name in held else pa.nulls(table.num_rows, one.type) for one in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _counts(batches: Iterable[pa.RecordBatch], keys: list[str]) -> pa.Table:
    """Count the combinations of each batch, then those of all."""
    found = [_counted(pa.Table.from_batches([batch]), keys) for batch in batches if batch.num_rows]
    if not found:
        return pa.table({COUNT: pa.array([], pa.int64())})
    return pa.concat_tables(found).group_by(keys).aggregate([(COUNT, "sum")]).rename_columns([*keys, COUNT])


def _counted(table: pa.Table, keys: list[str]) -> pa.Table:
    months = {name: pc.floor_temporal(table[name], unit="month") for name in keys if pa.types.is_temporal(table[name].type)}
    table = pa.table({name: months.get(name, table[name]) for name in table.column_names})
    counts = table.group_by(keys).aggregate([([], "count_all")]).rename_columns([*keys, COUNT])
    return _conformed(counts, [*keys, COUNT])  # each batch has dictionaries of its own
