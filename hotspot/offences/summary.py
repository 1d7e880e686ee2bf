"""Make the load report of what an import did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from hotspot.geography import OUTSIDE
from hotspot.offences.merge import Merged
from hotspot.offences.read import REASONS
from hotspot.offences.report import EXAMPLES, LoadReport, RowReference, TypeCount, missing_between
from hotspot.offences.schema import ABSENT, UNUSABLE
from hotspot.offences.suspicious import find_suspicious
from hotspot.offences.validate import Validated


def summarise(
    merged: Mapping[str, Merged],
    *,
    source: str,
    imported_at: datetime,
    rows_read: int,
    passed_over: Mapping[str, int],
    notes: Sequence[str],
) -> LoadReport:
    """Count what the offences of all forces of an import are."""
    changes = tuple(change for one in merged.values() for change in one.changes)
    told = [one.validated for one in merged.values() if one.validated is not None]
    common: dict[str, Any] = {
        "source": source,
        "forces": tuple(merged),
        "imported_at": imported_at,
        "rows_read": rows_read,
        "replaced": changes,
        "passed_over": dict(passed_over),
        "notes": tuple(dict.fromkeys(notes)),
    }
    if not told:
        return LoadReport(rows_used=0, offences=0, **common)
    offences = pd.concat([one.offences for one in told if len(one.offences)] or [told[0].offences], ignore_index=True)
    excluded = pd.concat([one.excluded for one in told if len(one.excluded)] or [told[0].excluded])
    months = [_months(one) for one in told]
    return LoadReport(
        rows_used=int(offences["rows"].sum()),
        offences=len(offences),
        **_exclusions(excluded),
        without_location=int((offences["location_status"] == ABSENT).sum()),
        location_unusable=int((offences["location_status"] == UNUSABLE).sum()),
        outside_lpas=int((offences["lpa"] == OUTSIDE).sum()),
        end_before_start=int(offences["end_before_start"].sum()),
        end_in_future=int(offences["end_in_future"].sum()),
        lpa_disagreements=int(offences["lpa_disagrees"].sum()),
        suspicious=find_suspicious(offences),
        months=tuple(sorted({month for own in months for month in own})),
        missing_months=tuple(sorted({month for own in months for month in missing_between(own)})),
        crime_types=_crime_types(offences),
        **common,
    )


def _months(validated: Validated) -> tuple[str, ...]:
    return tuple(sorted(validated.offences["month"].dt.strftime("%Y-%m").unique()))


def _exclusions(excluded: pd.DataFrame) -> dict[str, Any]:
    counts = excluded["excluded"].value_counts()
    reasons = sorted(counts.index, key=lambda reason: (REASONS.index(reason) if reason in REASONS else len(REASONS), reason))
    first = {reason: excluded[excluded["excluded"] == reason].head(EXAMPLES) for reason in reasons}
    examples = {
        reason: tuple(map(RowReference, rows["source_file"], rows["source_row"].tolist())) for reason, rows in first.items()
    }
    return {"excluded": {reason: int(counts[reason]) for reason in reasons}, "examples": examples}


def _crime_types(offences: pd.DataFrame) -> dict[str, TypeCount]:
    groups = offences.assign(absent=offences["location_status"] == ABSENT).groupby("source_crime_type")
    counts = groups.agg(count=("rows", "sum"), without_location=("absent", "sum"))
    return {str(name): TypeCount(int(row["count"]), int(row["without_location"])) for name, row in counts.iterrows()}
