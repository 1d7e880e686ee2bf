"""What an import would do with a file, worked out without touching the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from hotspot.boundaries.areas import Areas, read_areas
from hotspot.geography import LPA, OUTSIDE, Force
from hotspot.offences.force_extract import preview
from hotspot.offences.mapping import Mapping
from hotspot.offences.schema import ABSENT, UNUSABLE
from hotspot.offences.validate import validate

SHOWN_ROWS = 20
EXAMPLES = 5


@dataclass(frozen=True, eq=False)
class Check:
    """What an import of one file through one mapping would give."""

    rows_read: int
    rows_used: int
    offences: int
    excluded: dict[str, int]
    """Reason → rows."""
    examples: dict[str, tuple[int, ...]]
    """Reason → numbers of the first few such rows."""
    without_location: int
    location_unusable: int
    outside_lpas: int
    crime_types: dict[str, int]
    """Crime type → offences."""
    first_rows: pd.DataFrame
    """Canonical columns of the first offences, references as they are."""
    notes: tuple[str, ...]


def check(path: Path, mapping: Mapping, force: Force, *, areas: Areas | None, today: date, keep_from: date | None) -> Check:
    """Read the whole file as an import would.

    Parameters
    ----------
    areas
        The LPAs that the store has for the force; None: those of the force's own file, if any.
    keep_from
        The first day whose offences the force keeps; None: all.

    Raises
    ------
    BadInput
        If the file or the mapping cannot be used.
    """
    read = preview(path, mapping, force, rows=None)
    valid = validate(read.frame, source=mapping.name, force=force, areas=areas or _areas(force), today=today, keep_from=keep_from)
    offences, left_out = valid.offences, valid.excluded
    reasons = left_out.groupby("excluded")["source_row"]
    return Check(
        rows_read=read.rows_read,
        rows_used=read.rows_read - len(left_out),
        offences=len(offences),
        excluded={str(reason): len(rows) for reason, rows in reasons},
        examples={str(reason): tuple(sorted(rows))[:EXAMPLES] for reason, rows in reasons},
        without_location=int((offences["location_status"] == ABSENT).sum()),
        location_unusable=int((offences["location_status"] == UNUSABLE).sum()),
        outside_lpas=int((offences["lpa"] == OUTSIDE).sum()),
        crime_types=offences["crime_type"].value_counts().to_dict(),
        first_rows=offences.head(SHOWN_ROWS).dropna(axis="columns", how="all"),
        notes=read.notes,
    )


def _areas(force: Force) -> Areas | None:
    if force.boundaries_file is None or not force.boundaries_file.is_file():
        return None
    return read_areas(force.boundaries_file, level=LPA, crs=force.analysis_crs, name_column=force.name_column)
