"""Windows from a CSV with columns from and to, for ``aoristic --windows``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hotspot.commands.points import SHOWN_FAULTS, cells_of, columns_of, lines_of
from hotspot.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from hotspot.offences.date_columns import DateColumn

FROM, TO = "from", "to"
_TIMED = r"(?P<time>\d:\d\d)(?::\d\d(?:\.\d+)?)?\s*(?P<offset>Z|[+-]\d\d:?\d\d)?$"


@dataclass(frozen=True, eq=False)
class WindowsFile:
    """The windows of a file, in its order."""

    start: NDArray[np.datetime64]
    """datetime64[s]; NaT where blank."""
    end: NDArray[np.datetime64]
    """datetime64[s]; NaT where blank."""
    notes: tuple[str, ...]


def read_windows(path: Path) -> WindowsFile:
    """Read the first and the last moment of each offence; blank lines and other columns are passed over.

    Moments are ISO (2024-01-31 22:15, also with seconds or a T) or day-first; a date alone is its midnight.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    import pandas as pd

    from hotspot.offences.date_columns import read_dates
    from hotspot.offences.dates import DateRules

    table = _table(path)
    # The readers know a date and a time with a blank between them at once, and any other form one by one.
    texts = {name: table[name].str.strip().str.replace(r"^(\d{4}-\d{2}-\d{2})T", r"\1 ", regex=True) for name in (FROM, TO)}
    read = {name: read_dates(text, name=name, rules=DateRules()) for name, text in texts.items()}
    faults = [fault for name in (FROM, TO) for fault in _faults(path, name, table[name], read[name])]
    faults += _offset_faults(path, pd.concat([table[FROM], table[TO]]))
    if len(faults) > SHOWN_FAULTS:
        faults[SHOWN_FAULTS:] = [f"{path}: {len(faults) - SHOWN_FAULTS:,} more such faults."]
    if faults:
        raise BadInput(*faults)
    return WindowsFile(read[FROM].at, read[TO].at, _notes(read))


def _offset_faults(path: Path, cells: pd.Series) -> list[str]:
    """Refuse moments of several clocks: their offsets are passed over, so a window between two clocks would be false."""
    timed = cells.str.strip().str.extract(_TIMED)
    said = timed.loc[timed["time"].notna(), "offset"].fillna("none").replace({"Z": "+00:00"})
    offsets = sorted(set(said))
    if len(offsets) < 2:
        return []
    return [f"{path} has moments with different offsets from UTC ({', '.join(offsets)}). Write them all by the local clock."]


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    lines = lines_of(path)
    places = columns_of(path, lines, (FROM, TO))
    rows = [cells_of(line, places) for line in lines]
    if not rows:
        raise BadInput(f"{path} has a header and no windows.")
    return pd.DataFrame(rows, columns=[FROM, TO], dtype="str")


def _faults(path: Path, name: str, cells: pd.Series, read: DateColumn) -> list[str]:
    month = read.precision == "month"
    rows = np.flatnonzero(read.unreadable | month)
    return [
        f"{path} row {row + 1}: {name} is '{cells.iloc[row].strip()}', which is "
        f"{'a month without a day' if month[row] else 'not a date and time'}."
        for row in rows
    ]


def _notes(read: dict[str, DateColumn]) -> tuple[str, ...]:
    dates = sum(int((column.precision == "day").sum()) for column in read.values())
    said = (f"{dates:,} values are dates without a time, or midnights all: each is read as 00:00.",) if dates else ()
    return (*said, *(note for column in read.values() for note in column.notes if "offset" in note))
