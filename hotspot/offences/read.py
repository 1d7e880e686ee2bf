"""What every reader hands to ``load.py``: the rows of one file, each read or excluded for a named reason."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hotspot.offences.schema import RAW_COLUMNS, RAW_REQUIRED

NO_DATE = "no readable date"
RAGGED = "ragged row"
UNREADABLE = (NO_DATE, RAGGED)
"""Reasons a reader gives; each means that the row cannot be read."""
DUPLICATE = "duplicate reference"
FUTURE = "date in the future"
TOO_OLD = "older than the retention age"
"""Reasons that load.py adds."""
REASONS = (*UNREADABLE, DUPLICATE, FUTURE, TOO_OLD)
"""In the order in which a report tells them."""


@dataclass(frozen=True, eq=False)
class RawOffences:
    """Every row of one file (or of one chunk of it), one row of ``frame`` for one row of the file.

    ``frame`` has the columns ``schema.RAW_REQUIRED`` and any others of ``schema.RAW_COLUMNS``:

    - ``excluded``: null for a row that was read, else the reason (one of ``UNREADABLE``); the other columns
      of an excluded row may be null, ``source_file`` and ``source_row`` may not.
    - ``x``, ``y``: metres of the force's analysis CRS. NaN in both: no location given. (0.0, 0.0) where the
      file has zeros in its own coordinate system. Infinite in both: a position is written but is no number
      or cannot be transformed. ``load.py`` makes ``location_status`` of these.
    - ``crime_type``: a canonical name of ``crime_types.py``; the group is derived.
    - ``committed_from``, ``committed_to``, ``reported`` and the date columns: ``datetime64[s]``, naive local
      clock. ``month`` may be left out: it is then derived.
    - ``victim_ref``, ``victim_age``: of the one victim on this row; rows of one ``offence_id`` with different
      victims become one offence.
    - ``lpa_named``: what the file's own LPA column says.
    - ``force``: the name of the force, only where a file says it; else the import's force is meant.
    """

    frame: pd.DataFrame
    rows_read: int
    """Rows of the file after its header, blank lines not counted; equals ``len(frame)``."""
    notes: tuple[str, ...] = ()
    """What an analyst should know of how the file was read, one sentence each."""

    def __post_init__(self) -> None:
        missing = [name for name in RAW_REQUIRED if name not in self.frame.columns]
        strange = [name for name in self.frame.columns if name not in RAW_COLUMNS]
        if missing or strange or self.rows_read != len(self.frame):
            raise ValueError(f"not raw offences: missing {missing}, not known {strange}, rows_read {self.rows_read}")
