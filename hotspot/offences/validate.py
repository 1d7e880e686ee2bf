"""From raw rows to canonical offences: nothing real is thrown away, every row is accounted for.

Excluded are only rows that cannot be read, duplicates of a non-empty reference, future dates, and what is older than the
force keeps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from hotspot import crime_types
from hotspot.boundaries.areas import Areas, assign
from hotspot.geography import BOUNDS_MARGIN, Force
from hotspot.offences import outcomes
from hotspot.offences.read import DUPLICATE, FUTURE, NO_DATE, TOO_OLD
from hotspot.offences.schema import ABSENT, NAMES, NO_LOCATION, UNUSABLE, USABLE

_FLAGS = ("rows", "end_before_start", "end_in_future", "lpa_disagrees")
_EXCLUDED = ["excluded", "source_file", "source_row", "month"]


@dataclass(frozen=True, eq=False)
class Validated:
    """Offences of one force, and the rows left out."""

    offences: pd.DataFrame
    """Canonical columns that are known, ``lpa_named``, and further ``rows`` (so many rows of the file tell the
    offence), ``end_before_start``, ``end_in_future`` and ``lpa_disagrees``."""
    excluded: pd.DataFrame
    """Rows left out: ``excluded`` (reason), ``source_file``, ``source_row``, ``month``."""


def validate(
    raw: pd.DataFrame, *, source: str, force: Force, areas: Areas | None, today: date, keep_from: date | None = None
) -> Validated:
    """Turn the raw rows of one force into offences.

    Parameters
    ----------
    raw
        Columns of ``schema.RAW_COLUMNS``, rows of one force, in the order of the files.
    areas
        The force's LPAs; None where it has no boundaries.
    today
        The last day that is not in the future.
    keep_from
        The first day whose offences the force keeps; None: all.
    """
    rows = raw.reset_index(drop=True)
    rows = rows.assign(month=_months(rows))
    rows["excluded"] = _excluded(rows, today=today, keep_from=keep_from)
    used, left_out = rows[rows["excluded"].isna()], rows[rows["excluded"].notna()]
    offences = _located(_with_window(_one_row_per_offence(used), today=today), force=force, areas=areas)
    offences = _with_groups(offences).assign(source=source, force=force.name)
    columns = [name for name in (*NAMES, "lpa_named", *_FLAGS) if name in offences.columns]
    return Validated(offences[columns].reset_index(drop=True), left_out[_EXCLUDED])


def without_known(validated: Validated, known: Collection[str]) -> Validated:
    """Leave out the offences whose reference the store holds already, in what the import does not replace."""
    offences = validated.offences
    repeated = offences["offence_id"].isin(list(known)) & offences["offence_id"].notna()
    if not repeated.any():
        return validated
    again = offences[repeated].assign(excluded=DUPLICATE)
    rows = again.loc[again.index.repeat(again["rows"]), _EXCLUDED]
    excluded = pd.concat([validated.excluded, rows], ignore_index=True)
    return replace(validated, offences=offences[~repeated].reset_index(drop=True), excluded=excluded)


def _times(rows: pd.DataFrame, name: str) -> pd.Series:
    values = rows[name] if name in rows else pd.Series(pd.NaT, index=rows.index)
    return values.astype("datetime64[s]")


def _months(rows: pd.DataFrame) -> pd.Series:
    """The file's own month, else that of the start, of the report, of the end."""
    day = _times(rows, "month")
    for name in ("committed_from", "reported", "committed_to"):
        day = day.fillna(_times(rows, name))
    return day.dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")


def _excluded(rows: pd.DataFrame, *, today: date, keep_from: date | None) -> pd.Series:
    reasons = rows["excluded"].astype("object").where(rows["excluded"].notna(), None)
    reasons = _where_free(reasons, rows["month"].isna(), NO_DATE)
    tomorrow = pd.Timestamp(today + timedelta(days=1))
    future = rows["month"] >= tomorrow
    for name in ("committed_from", "reported"):
        future |= _times(rows, name) >= tomorrow
    reasons = _where_free(reasons, future, FUTURE)
    if keep_from is not None:
        reasons = _where_free(reasons, _age_days(rows) < pd.Timestamp(keep_from), TOO_OLD)
    readable = rows[reasons.isna()]
    return _where_free(reasons, _duplicates(readable).reindex(rows.index, fill_value=False), DUPLICATE)


def _age_days(rows: pd.DataFrame) -> pd.Series:
    """The day from which an age is counted, as ``retention.age_days`` counts it for the store."""
    last_of_month = rows["month"] + pd.offsets.MonthEnd(1)
    return _times(rows, "reported").fillna(_times(rows, "committed_from")).fillna(last_of_month)


def _where_free(reasons: pd.Series, chosen: pd.Series, reason: str) -> pd.Series:
    """The first reason stands: a row is counted once."""
    return reasons.mask(reasons.isna() & chosen, reason)


def _references(rows: pd.DataFrame) -> pd.Series:
    """The reference, null where it is empty."""
    if "offence_id" not in rows:
        return pd.Series(None, index=rows.index, dtype="str")
    text = rows["offence_id"].astype("str")
    return text.where(text.str.strip() != "")


def _duplicates(rows: pd.DataFrame) -> pd.Series:
    """A row repeats a reference, and no other victim of that offence."""
    reference = _references(rows)
    repeated = reference.notna() & reference.duplicated()
    victim = _victims(rows)
    another_victim = victim.notna() & ~pd.DataFrame({"reference": reference, "victim": victim}).duplicated()
    return repeated & ~another_victim


def _victims(rows: pd.DataFrame) -> pd.Series:
    """What tells victims of one offence apart: the reference, else the age."""
    victim = pd.Series(None, index=rows.index, dtype="str")
    if "victim_ref" in rows:
        victim = rows["victim_ref"].astype("str")
    if "victim_age" in rows:
        victim = victim.fillna(("age " + rows["victim_age"].astype("Int16").astype("str")).astype("str"))
    return victim


def _one_row_per_offence(used: pd.DataFrame) -> pd.DataFrame:
    """Join the rows of one reference; what the first row says of the offence stands."""
    reference = _references(used)
    own = pd.Series(np.arange(len(used)), index=used.index)
    first = own.groupby(reference).transform("first").fillna(own).astype(np.int64) if reference.notna().any() else own
    order = np.argsort(first.to_numpy(), kind="stable")
    starts, counts = np.unique(first.to_numpy(), return_counts=True)
    offences = used.iloc[starts].assign(rows=counts)
    if len(starts):
        offences["offence_id"] = reference.iloc[starts]
    for single, several, kind in (("victim_ref", "victim_refs", pa.string()), ("victim_age", "victim_ages", pa.int16())):
        if single in used:
            offences[several] = _lists(used[single].iloc[order], counts, kind)
    return offences


def _lists(values: pd.Series, counts: np.ndarray, kind: pa.DataType) -> pd.api.extensions.ExtensionArray:
    """Cut the values into runs of the counts; a run in which nothing is known is null."""
    unknown = values.isna().to_numpy()
    offsets = np.concatenate([[0], np.cumsum(counts)])
    nothing_known = np.add.reduceat(~unknown, offsets[:-1]) == 0 if len(counts) else np.zeros(0, dtype=bool)
    flat = pa.nulls(len(values), kind) if unknown.all() else pa.array(values, type=kind, from_pandas=True)
    flat = flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat, mask=pa.array(nothing_known))
    return pd.arrays.ArrowExtensionArray(lists)


def _with_window(offences: pd.DataFrame, *, today: date) -> pd.DataFrame:
    """Where the end lies before the start or in the future the start is kept and the window is unknown."""
    start, end = _times(offences, "committed_from"), _times(offences, "committed_to")
    backwards, ahead = end < start, end > pd.Timestamp(today + timedelta(days=1))
    return offences.assign(
        committed_from=start,
        committed_to=end.mask(backwards | ahead),
        window_known=start.notna() & ~backwards & ~ahead,
        end_before_start=backwards,
        end_in_future=ahead,
    )


def _located(offences: pd.DataFrame, *, force: Force, areas: Areas | None) -> pd.DataFrame:
    x, y = (_coordinates(offences, axis) for axis in ("x", "y"))
    absent = np.isnan(x) | np.isnan(y)
    usable = ~absent & np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0)) & believed(force, x, y)
    status = np.where(absent, ABSENT, np.where(usable, USABLE, UNUSABLE))
    x, y = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
    precision = offences["location_precision"].mask(absent, NO_LOCATION)
    named = offences["lpa_named"] if "lpa_named" in offences else pd.Series(None, index=offences.index, dtype="str")
    lpa, disagrees = assign_lpas(named, x, y, areas=areas)
    located = {"x": x, "y": y, "location_status": status, "location_precision": precision}
    return offences.assign(**located, lpa=lpa, lpa_named=named, lpa_disagrees=disagrees)


def _coordinates(offences: pd.DataFrame, axis: str) -> np.ndarray:
    if axis not in offences:
        return np.full(len(offences), np.nan)
    return offences[axis].to_numpy(dtype=float, na_value=np.nan)


def believed(force: Force, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """``Force.believes`` for arrays: within the bounds and their margin."""
    if force.bounds is None:
        return np.ones(len(x), dtype=bool)
    west, south, east, north = force.bounds
    inside_x = (x >= west - BOUNDS_MARGIN) & (x <= east + BOUNDS_MARGIN)
    return inside_x & (y >= south - BOUNDS_MARGIN) & (y <= north + BOUNDS_MARGIN)


def assign_lpas(named: pd.Series, x: np.ndarray, y: np.ndarray, *, areas: Areas | None) -> tuple[pd.Series, pd.Series]:
    """Give each offence the LPA that its own column names, else the polygon's; and whether the two disagree."""
    named = named.astype("str").str.strip()
    if areas is None:
        return named.where(named != ""), pd.Series(False, index=named.index)
    by_key = {name.strip().lower(): name for name in areas.names}
    own = named.str.lower().map(by_key).astype("str")
    polygon = pd.Series(assign(areas, x, y), index=named.index).astype("str")
    return own.fillna(polygon), own.notna() & polygon.notna() & (own != polygon)


def _with_groups(offences: pd.DataFrame) -> pd.DataFrame:
    groups = {kind.name: kind.group for kind in crime_types.CRIME_TYPES}
    frame = offences.assign(crime_group=offences["crime_type"].map(groups))
    if "outcome" in frame:
        frame["outcome_group"] = outcome_groups(frame["outcome"])
    return frame


def outcome_groups(written: pd.Series) -> pd.Series:
    """Group each outcome as ``outcomes.py`` does; unknown stays unknown."""
    groups = {text: outcomes.group_of(text) for text in written.dropna().unique()}
    return written.map(groups).astype("str")
