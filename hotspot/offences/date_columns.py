"""A whole date column of an extract: every cell read by one rule, and what an analyst should know of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.offences.dates import DAY, MINUTE, DateRules, Moment, ambiguous_parts, read_moment, with_clock


@dataclass(frozen=True, eq=False)
class DateColumn:
    """A date column as read; all arrays have one element for each row."""

    at: NDArray[np.datetime64]
    """datetime64[s], NaT where blank or unreadable."""
    precision: NDArray[np.object_]
    """'month', 'day' or 'minute'; None where there is no moment."""
    unreadable: NDArray[np.bool_]
    """True where something is written that is no date."""
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~np.isnat(self.at)

    def as_days(self) -> DateColumn:
        """Drop the time of day."""
        return replace(self, at=self.at.astype("datetime64[D]").astype("datetime64[s]"))


def read_dates(cells: pd.Series, *, name: str, rules: DateRules, clocks: pd.Series | None = None) -> DateColumn:
    """Read a date column, joined with a time column where there is one.

    Parameters
    ----------
    cells
        Text, '' where blank.
    name
        The column's name in the file, for the notes.
    rules
        How the mapping wants dates read.
    clocks
        The time column as text, '' where blank.
    """
    written = cells.str.strip()
    by_text = {text: read_moment(text, rules) for text in written.unique() if text}
    moments = [by_text.get(text) for text in written]
    if clocks is not None:
        moments = [with_clock(moment, clock) for moment, clock in zip(moments, clocks, strict=True)]
    unreadable = np.fromiter((m is None and t != "" for m, t in zip(moments, written, strict=True)), bool, len(moments))
    notes = [*_order_notes(by_text, name, rules), *_unreadable_notes(written, unreadable, name), *_offset_notes(moments, name)]
    if clocks is not None:
        notes += _clock_notes(moments, clocks, name)
    moments, midnight_notes = _judged_by_the_column(moments, name)
    at = np.array([np.datetime64(m.at, "s") if m else np.datetime64("NaT", "s") for m in moments], dtype="datetime64[s]")
    precision = np.array([m.precision if m else None for m in moments], dtype=object)
    return DateColumn(at, precision, unreadable, (*notes, *midnight_notes))


def _judged_by_the_column(moments: list[Moment | None], name: str) -> tuple[list[Moment | None], list[str]]:
    """Decide for midnights what no single cell can tell: a time, or a date without one.

    Spreadsheets and databases write a plain date as midnight. Where a column has any other time its
    midnights are times; where it has none it holds dates.
    """
    timed = [m for m in moments if m is not None and m.precision == MINUTE]
    if any(m.at.time() != time() for m in timed):
        return [replace(m, precision=MINUTE) if m is not None and m.by_number else m for m in moments], []
    if not timed:
        return moments, []
    note = f"Every time in '{name}' is 00:00: it is read as dates without a time."
    return [replace(m, precision=DAY) if m is not None and m.precision == MINUTE else m for m in moments], [note]


def _order_notes(by_text: dict[str, Moment | None], name: str, rules: DateRules) -> list[str]:
    """Say when the mapping's order of day and month does not fit the column but the other one does."""
    if rules.formats:
        return []
    parts = [(text, pair) for text in by_text if (pair := ambiguous_parts(text)) is not None]
    misfits = [text for text, pair in parts if not _fits(pair, rules.day_first)]
    if not misfits or not all(_fits(pair, not rules.day_first) for _, pair in parts):
        return []
    mine, other = ("day-first", "month-first") if rules.day_first else ("month-first", "day-first")
    return [
        f"The dates of '{name}' look {other}, but the mapping says {mine}: {_some(misfits)} cannot be {mine}, and {other} fits "
        f"every date of the column. No date was turned round; set day_first = {'false' if rules.day_first else 'true'} "
        f"in the mapping, or the others are read with day and month exchanged."
    ]


def _fits(pair: tuple[int, int], day_first: bool) -> bool:
    day, month = pair if day_first else pair[::-1]
    return 1 <= day <= 31 and 1 <= month <= 12


def _unreadable_notes(written: pd.Series, unreadable: NDArray[np.bool_], name: str) -> list[str]:
    if not unreadable.any():
        return []
    found = written[unreadable]
    return [f"'{name}': {_rows(len(found))} no readable date ({_some(found.unique())}); taken as unknown."]


def _offset_notes(moments: Iterable[Moment | None], name: str) -> list[str]:
    count = sum(m is not None and m.had_offset for m in moments)
    if not count:
        return []
    return [f"'{name}': {_rows(count)} a Z or an offset behind the time; the clock is kept as written and the offset dropped."]


def _clock_notes(moments: list[Moment | None], clocks: pd.Series, name: str) -> list[str]:
    lost = [clock for m, clock in zip(moments, clocks, strict=True) if m is not None and m.precision == DAY and clock.strip()]
    if not lost:
        return []
    return [f"'{name}': {_rows(len(lost))} a time that cannot be read ({_some(list(dict.fromkeys(lost)))}); the date is kept."]


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"


def _some(values: Iterable[str]) -> str:
    found = list(values)
    return ", ".join(f"'{value}'" for value in found[:3]) + (f" and {len(found) - 3:,} more" if len(found) > 3 else "")
