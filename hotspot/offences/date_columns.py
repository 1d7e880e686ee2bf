"""A whole date column of an extract: every cell read by one rule, and what an analyst should know of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotspot.offences.dates import DAY, MINUTE, MONTH, DateRules, ambiguous_parts, read_clock, read_moment

_PRECISIONS = np.array([None, MONTH, DAY, MINUTE], dtype=object)
_NONE, _DAY, _MINUTE = 0, 2, 3
_EARLIEST, _LATEST = np.datetime64("1900-01-01", "s"), np.datetime64("2101-01-01", "s")


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


@dataclass(frozen=True, eq=False)
class _Moments:
    """Moments as arrays, one element for each text or row."""

    at: NDArray[np.datetime64]
    level: NDArray[np.int8]
    """Index into ``_PRECISIONS``."""
    had_offset: NDArray[np.bool_]
    by_number: NDArray[np.bool_]

    def at_rows(self, rows: NDArray[np.intp]) -> _Moments:
        return _Moments(self.at[rows], self.level[rows], self.had_offset[rows], self.by_number[rows])


def read_dates(
    cells: pd.Series, *, name: str, rules: DateRules, clocks: pd.Series | None = None, timed: bool | None = None
) -> DateColumn:
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
    timed
        Whether the whole column has a time other than midnight, where the cells are a part of it; None: they are all of it.
    """
    index, unique = pd.factorize(cells.str.strip())
    texts = pd.Series(unique, dtype="str")
    by_text = _read_texts(texts, rules)
    lost = (by_text.level == _NONE) & (texts != "").to_numpy()
    notes = [*_order_notes(texts, lost, name, rules), *_unreadable_notes(texts[lost], int(lost[index].sum()), name)]
    moments = by_text.at_rows(index)
    if clocks is not None:
        moments, clock_notes = _with_clocks(moments, clocks.str.strip(), name)
        notes += clock_notes
    notes += _offset_notes(int(moments.had_offset.sum()), name)
    level, midnight_notes = _judged_by_the_column(moments, name, timed)
    return DateColumn(moments.at, _PRECISIONS[level], lost[index], (*notes, *midnight_notes))


def read_each(texts: pd.Series, rules: DateRules) -> _Moments:
    """Read texts one by one: slow, and the measure of ``_read_texts``."""
    moments = [read_moment(text, rules) for text in texts]
    levels = [list(_PRECISIONS).index(m.precision) if m else _NONE for m in moments]
    return _Moments(
        np.array([np.datetime64(m.at, "s") if m else np.datetime64("NaT", "s") for m in moments], dtype="datetime64[s]"),
        np.array(levels, dtype=np.int8),
        np.array([m is not None and m.had_offset for m in moments], dtype=bool),
        np.array([m is not None and m.by_number for m in moments], dtype=bool),
    )


def _read_texts(texts: pd.Series, rules: DateRules) -> _Moments:
    """Read the everyday forms all at once and every other text by itself; the result is that of ``read_each``."""
    count = len(texts)
    at, level = np.full(count, np.datetime64("NaT", "s")), np.zeros(count, dtype=np.int8)
    arrow = pa.array(texts, type=pa.string())
    for shape, form, reached in _everyday_forms(rules):
        fits = np.flatnonzero(np.asarray(pc.match_substring_regex(arrow, shape)))
        found = pd.to_datetime(texts.iloc[fits], format=form, errors="coerce").to_numpy().astype("datetime64[s]")
        sound = (found >= _EARLIEST) & (found < _LATEST)
        at[fits[sound]], level[fits[sound]] = found[sound], reached
    left = np.flatnonzero(level == _NONE)
    slow = read_each(texts.iloc[left], rules)
    at[left], level[left] = slow.at, slow.level
    had_offset, by_number = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    had_offset[left], by_number[left] = slow.had_offset, slow.by_number
    return _Moments(at, level, had_offset, by_number)


def _everyday_forms(rules: DateRules) -> Iterator[tuple[str, str, int]]:
    """Give shape, format and precision of the forms of nearly all cells."""
    days = [(r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d")]
    if not rules.formats:
        days.append((r"\d{2}/\d{2}/\d{4}", "%d/%m/%Y" if rules.day_first else "%m/%d/%Y"))
    for shape, form in days:
        yield f"^{shape}$", form, _DAY
        yield f"^{shape} [0-2]\\d:[0-5]\\d$", f"{form} %H:%M", _MINUTE
        yield f"^{shape} [0-2]\\d:[0-5]\\d:[0-5]\\d$", f"{form} %H:%M:%S", _MINUTE


def _with_clocks(moments: _Moments, clocks: pd.Series, name: str) -> tuple[_Moments, list[str]]:
    """Put the times of a second column onto the dates; a time that cannot be read leaves the date alone."""
    index, unique = pd.factorize(clocks)
    read = [read_clock(text) if text else None for text in unique]
    seconds = np.array([int(found[0].total_seconds()) if found else -1 for found in read], dtype=np.int64)[index]
    offsets = np.array([found is not None and found[1] for found in read], dtype=bool)[index]
    joined = (seconds >= 0) & (moments.level != _NONE)
    midnight = moments.at.astype("datetime64[D]").astype("datetime64[s]")
    at = np.where(joined, midnight + seconds.astype("timedelta64[s]"), moments.at)
    lost = (seconds < 0) & (clocks != "").to_numpy() & (moments.level == _DAY)
    found = _Moments(
        at,
        np.where(joined, np.int8(_MINUTE), moments.level),
        moments.had_offset | (offsets & joined),
        moments.by_number & ~joined,
    )
    if not lost.any():
        return found, []
    some = _some(clocks[lost].unique())
    return found, [f"'{name}': {_rows(int(lost.sum()))} a time that cannot be read ({some}); the date is kept."]


def _judged_by_the_column(moments: _Moments, name: str, known: bool | None) -> tuple[NDArray[np.int8], list[str]]:
    """Decide for midnights what no single cell can tell: a time, or a date without one.

    Spreadsheets and databases write a plain date as midnight. Where a column has any other time its
    midnights are times; where it has none it holds dates.
    """
    timed = moments.level == _MINUTE
    days = moments.at.astype("datetime64[D]").astype("datetime64[s]")
    if (timed & (moments.at != days)).any() if known is None else known:
        return np.where(moments.by_number, np.int8(_MINUTE), moments.level), []
    if not timed.any():
        return moments.level, []
    note = f"Every time in '{name}' is 00:00: it is read as dates without a time."
    return np.where(timed, np.int8(_DAY), moments.level), [note]


def _order_notes(texts: pd.Series, lost: NDArray[np.bool_], name: str, rules: DateRules) -> list[str]:
    """Say when the mapping's order of day and month does not fit the column but the other one does."""
    if rules.formats:
        return []
    misfits = [text for text in texts[lost] if (pair := ambiguous_parts(text)) and not _fits(pair, rules.day_first)]
    if not misfits or not all(_fits(pair, not rules.day_first) for text in texts if (pair := ambiguous_parts(text))):
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


def _unreadable_notes(texts: pd.Series, count: int, name: str) -> list[str]:
    return [f"'{name}': {_rows(count)} no readable date ({_some(texts)}); taken as unknown."] if count else []


def _offset_notes(count: int, name: str) -> list[str]:
    words = "a Z or an offset behind the time; the clock is kept as written and the offset dropped."
    return [f"'{name}': {_rows(count)} {words}"] if count else []


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"


def _some(values: Iterable[str]) -> str:
    found = list(values)
    return ", ".join(f"'{value}'" for value in found[:3]) + (f" and {len(found) - 3:,} more" if len(found) > 3 else "")
