"""Offences out of parts, as an Arrow table: texts that repeat are decoded once each, and what no offence has is not read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.dataset as pds

from hotspot.offences.schema import NAMES, SCHEMA

_DIFFERENT = {"offence_id", "mo"}
"""Texts that are nearly all different: nothing is won by decoding each once."""
_CODED = [name for name in NAMES if SCHEMA.field(name).type == pa.string() and name not in _DIFFERENT]
_READ = pa.schema(
    [field.with_type(pa.dictionary(pa.int32(), pa.string())) if field.name in _CODED else field for field in SCHEMA]
)
_ALWAYS = "month"
"""Of every offence: tells how many there are where nothing else is read."""


def read_parts(
    files: Sequence[str], *, columns: Sequence[str], present: Collection[str], rows: pds.Expression | None
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
    """
    read = [name for name in columns if name in present]
    source = pds.dataset(files, schema=_READ, format=pds.ParquetFileFormat(dictionary_columns=_CODED))
    table = source.to_table(columns=read or [_ALWAYS], filter=rows)
    arrays = [
        table[name].cast(SCHEMA.field(name).type) if name in read else pa.nulls(table.num_rows, SCHEMA.field(name).type)
        for name in columns
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema([SCHEMA.field(name).with_nullable(True) for name in columns]))
