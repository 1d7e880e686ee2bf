"""Parquet parts of a store: one source, force and month each; written, described, cut and updated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hotspot.errors import StoreError
from hotspot.geography import slug
from hotspot.offences.atomic import Change
from hotspot.offences.coded import Coded
from hotspot.offences.manifest import PARTS, Part
from hotspot.offences.schema import NAMES, PRECISE_TO_MONTH, SCHEMA, conform
from hotspot.offences.validate import outcome_groups
from hotspot.period import add_months
from hotspot.system_faults import unreadable

# Kept beside the canonical columns, so that a part can be cut or given other LPAs later; never read out.
_KEPT = (pa.field("rows", pa.int32(), nullable=False), pa.field("lpa_named", pa.string()))
PART_SCHEMA = pa.schema([*SCHEMA, *_KEPT])
_IN_DICTIONARIES = [
    *(name for name in PART_SCHEMA.names if name not in ("offence_id", "source_row")),
    *(f"{name}.list.element" for name in ("victim_refs", "victim_ages")),
]
"""What the file keeps once for each different value; references and row numbers are all different."""


def to_table(offences: pd.DataFrame) -> pa.Table:
    """Give validated offences the schema of a part."""
    table = conform(offences)
    named = offences["lpa_named"].astype("str")
    kept = {"rows": pa.array(offences["rows"], pa.int32()), "lpa_named": pa.array(named, pa.string(), from_pandas=True)}
    for field in _KEPT:
        table = table.append_column(field, kept[field.name])
    return table


def read_part(change: Change, part: Part, columns: list[str] | None = None) -> pa.Table:
    """Read one part with what is kept beside the canonical columns.

    Raises
    ------
    StoreError
        If the file is missing or damaged, or the offences stay in a database.
    """
    if part.is_linked:
        raise StoreError(
            f"The offences of the source '{part.source}' stay in a PostgreSQL database and cannot be changed here. "
            "Import others under another name, with --source."
        )
    try:
        table = pq.read_table(change.path_of(part.file), columns=columns, partitioning=None)
        # Parquet knows no whole seconds and names list items its own way.
        return table.cast(pa.schema([PART_SCHEMA.field(name) for name in table.column_names]))
    except (OSError, pa.ArrowException) as fault:
        remedy = "Restore the folder from a copy, or delete the source and import it again."
        raise unreadable(change.folder / part.file, fault, remedy=remedy) from fault


def by_month(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Cut offences into months, rows kept in their order."""
    for month in sorted(pc.unique(table["month"]).to_pylist()):
        yield f"{month:%Y-%m}", table.filter(pc.equal(table["month"], pa.scalar(month, pa.date32())))


def stage_part(change: Change, table: pa.Table, *, source: str, force: str, month: str, synthetic: bool) -> Part:
    """Write the offences of one month as a part and describe them."""
    name = f"{PARTS}/{slug_of(source)}-{slug(force)}-{month}-{{}}.parquet"
    table = encoded(table)
    file = change.stage(
        name,
        lambda path: pq.write_table(table, path, compression="zstd", use_dictionary=_IN_DICTIONARIES, store_schema=False),
    )
    return described(table, source=source, force=force, month=month, file=file, synthetic=synthetic)


def described(table: pa.Table, *, source: str, force: str, month: str, file: str, synthetic: bool) -> Part:
    """Describe the offences of one month, with what is kept beside the canonical columns."""
    first, last = known_days(table)
    recorded = recorded_days(table)
    return Part(
        source=source,
        force=slug(force),
        month=month,
        file=file,
        offences=table.num_rows,
        rows_used=pc.sum(table["rows"]).as_py(),
        first_day=first,
        last_day=last,
        recorded_first=pc.min(recorded).as_py(),
        recorded_last=pc.max(recorded).as_py(),
        columns=tuple(name for name in NAMES if table[name].null_count < table.num_rows),
        crime_types=_counts(table["crime_type"]),
        time_precisions=tuple(sorted(_counts(table["time_precision"]))),
        location_precisions=tuple(sorted(_counts(table["location_precision"]))),
        synthetic=synthetic,
    )


def encoded(table: pa.Table) -> pa.Table:
    """Keep each different text once, so that the same offences make the same file, however they came together."""
    columns = []
    for field in PART_SCHEMA:
        column = table[field.name]
        is_text = pa.types.is_dictionary(column.type) or (pa.types.is_string(column.type) and field.name != "offence_id")
        if column.null_count == len(column):
            columns.append(pa.nulls(len(column), field.type))
        else:
            columns.append(Coded.of(column).array() if is_text else column.combine_chunks())
    fields = [field.with_type(column.type) for field, column in zip(PART_SCHEMA, columns, strict=True)]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def slug_of(text: str) -> str:
    """Reduce any name to what is safe in a file name on every system."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower()).strip("-")[:60]


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    return {one["values"]: one["counts"] for one in pc.value_counts(values).to_pylist()}


def known_days(table: pa.Table) -> tuple[date, date]:
    """The first and the last day of the offences: of the start, else the report, else the month."""
    days = pc.coalesce(*(table[name].cast(pa.date32()) for name in ("committed_from", "reported", "month")))
    last = pc.max(days).as_py()
    monthly = table.filter(pc.equal(table["time_precision"], PRECISE_TO_MONTH))
    if monthly.num_rows:
        last_month = pc.max(monthly["month"]).as_py()
        last = max(last, date.fromordinal(add_months(last_month, 1).toordinal() - 1))
    return pc.min(days).as_py(), last


def recorded_days(table: pa.Table) -> pa.ChunkedArray:
    """The day by which extracts are cut, of each offence: of the report, else the start, else the month."""
    return pc.coalesce(*(table[name].cast(pa.date32()) for name in ("reported", "committed_from", "month")))


def outside_days(table: pa.Table, first: date, last: date) -> pa.Table:
    """Keep the offences recorded before the first or after the last day."""
    days = recorded_days(table)
    return table.filter(pc.or_(pc.less(days, pa.scalar(first)), pc.greater(days, pa.scalar(last))))


def references_among(tables: Iterable[pa.Table], wanted: pd.Series) -> set[str]:
    """Give those of the wanted references that the tables hold."""
    value_set = pa.array(wanted.dropna().unique(), pa.string())
    found: set[str] = set()
    for table in tables:
        held = table["offence_id"]
        found.update(held.filter(pc.is_in(held, value_set=value_set)).to_pylist())
    return found


def with_outcomes(table: pa.Table, latest: pd.DataFrame) -> tuple[pa.Table, int]:
    """Give offences the outcomes of an outcomes file, but for those whose own outcome is dated later.

    Returns
    -------
    tuple
        The table, and how many of its offences the file names.
    """
    if latest.empty:
        return table, 0
    ids = table["offence_id"].to_pandas()
    at = pd.Series(np.arange(len(latest)), index=latest["offence_id"]).reindex(ids).to_numpy()
    own = pd.to_datetime(table["outcome_date"].to_pandas()).astype("datetime64[s]")
    named = ~np.isnan(at)
    chosen = latest.iloc[np.where(named, at, 0).astype(np.int64)]
    later = named & ~(own > pd.Series(chosen["outcome_date"].to_numpy(), index=own.index)).to_numpy()
    if not later.any():
        return table, int(named.sum())
    outcome = pd.Series(np.where(later, chosen["outcome"], table["outcome"].to_pandas()), dtype="str")
    days = own.where(~later, pd.Series(chosen["outcome_date"].to_numpy(), index=own.index))
    columns = {
        "outcome": pa.array(outcome, pa.string(), from_pandas=True),
        "outcome_group": pa.array(outcome_groups(outcome), pa.string(), from_pandas=True),
        "outcome_date": pa.array(days, pa.timestamp("s"), from_pandas=True).cast(pa.date32()),
    }
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)
    return table, int(named.sum())
