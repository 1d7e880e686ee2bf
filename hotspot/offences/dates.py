"""Moments as extracts write them: one reading for each form, never a guess for a single row.

ISO forms are year-month-day whatever the mapping says; day-first decides ambiguous forms alone. Times are
naive local clock: the wall clock is kept as written and an offset behind it is dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
MONTH, DAY, MINUTE = "month", "day", "minute"
_EXCEL_EPOCH = datetime(1899, 12, 30)
_EXCEL_SERIALS = (18_264.0, 73_050.0)
"""1 January 1950 to 31 December 2099: numbers outside are no dates."""
_YEARS = (1900, 2100)
"""Years outside are slips of the keyboard or stand for 'never' (9999)."""
_SPLIT = re.compile(
    r"(?P<day>.+?)(?:T|:|\s*,\s*|\s+)"
    r"(?P<clock>\d{1,2}[:.]\d{2}(?!\d).*|\d{4}(?:\d{2})?(?:[Zz]|[+-]\d.*)?|\d{1,2}\s*[AaPp][Mm])",
    re.ASCII,
)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.]?(?P<minute>\d{2}))?(?:[:.]?(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?|UTC|GMT|BST)?",
    re.ASCII,
)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_ISO_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?", re.ASCII)
_ISO_BASIC_CLOCK = re.compile(r"(\d{8})(\d{4}(?:\d{2})?)", re.ASCII)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_DAY_NAME = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_NAMED_DAY_FIRST = re.compile(_DAY_NAME + r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]{3,9})\.?[-/., ]*(\d{4}|\d{2})", re.ASCII)
_NAMED_MONTH_FIRST = re.compile(_DAY_NAME + r"([a-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4}|\d{2})", re.ASCII)


@dataclass(frozen=True)
class Moment:
    """A moment of the local clock as one cell gives it."""

    at: datetime
    precision: str
    """'month', 'day' or 'minute'."""
    had_offset: bool = False
    """True where a Z or an offset stood behind the time and was dropped."""
    by_number: bool = False
    """True where a spreadsheet number was read, which says nothing about a time at midnight."""


@dataclass(frozen=True)
class DateRules:
    """How a mapping wants dates read."""

    day_first: bool = True
    formats: tuple[str, ...] = ()
    """Explicit forms in strptime's notation; given, no other ambiguous form is read."""


def read_moment(text: str, rules: DateRules) -> Moment | None:
    """Read a cell of a date column; None where it is no date.

    Parameters
    ----------
    text
        The cell as written.
    rules
        What decides the ambiguous forms.
    """
    text = text.strip()
    return _joined(text) or _by_format(text, rules.formats) or _by_number(text) or _split(text, rules)


def with_clock(moment: Moment | None, clock: str) -> Moment | None:
    """Put a time of day onto a date; a time that cannot be read leaves the date alone."""
    if moment is None or not clock.strip():
        return moment
    found = read_clock(clock)
    if found is None:
        return moment
    since_midnight, had_offset = found
    midnight = datetime.combine(moment.at.date(), time())
    return Moment(midnight + since_midnight, MINUTE, moment.had_offset or had_offset)


@lru_cache(maxsize=100_000)
def read_clock(text: str) -> tuple[timedelta, bool] | None:
    """Read a time of day as the span since midnight, and whether an offset stood behind it.

    Understands 22:15, 22:15:30.5, 22.15, 2215, 815, 10:15 pm, 24:00 (the next day's midnight), and the
    fraction of a day that a spreadsheet writes.
    """
    text = text.strip()
    if re.fullmatch(r"0?\.\d+|0|1\.0+", text, re.ASCII):
        return timedelta(seconds=round(float(text) * 86_400)), False
    if re.fullmatch(r"\d{1,3}(?:\.0)?", text, re.ASCII):
        text = text.removesuffix(".0").zfill(4)
    match = _CLOCK.fullmatch(re.sub(r"^\d{4}-\d{2}-\d{2}[T ]", "", text).removesuffix(".0"))
    return _clock(match) if match else None


def _clock(match: re.Match[str]) -> tuple[timedelta, bool] | None:
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * match["half"].lower().startswith("p")
    in_a_day = hour < 24 and minute < 60 and second < 60
    if not in_a_day and (hour, minute, second) != (24, 0, 0):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second), bool(match["offset"])


def _joined(text: str) -> Moment | None:
    """Read 20240304221500 and 202403042215, which have nothing between date and time."""
    match = _ISO_BASIC_CLOCK.fullmatch(text)
    day = _read_day(match[1], True) if match else None
    return with_clock(day, match[2]) if match and read_clock(match[2]) else None


def _by_format(text: str, formats: tuple[str, ...]) -> Moment | None:
    if not formats or _starts_iso(text):
        return None
    for form in formats:
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        has_clock = any(directive in form for directive in ("%H", "%I", "%T", "%X", "%c"))
        return Moment(found.replace(tzinfo=None, microsecond=0), MINUTE if has_clock else DAY, found.tzinfo is not None)
    return None


def _starts_iso(text: str) -> bool:
    return bool(_ISO.match(text) or _ISO_BASIC.fullmatch(text) or _ISO_BASIC_CLOCK.fullmatch(text))


def _by_number(text: str) -> Moment | None:
    """Read the day number of a spreadsheet (45000.5 is noon of 15 March 2023)."""
    if not re.fullmatch(r"\d{5}(?:\.\d+)?", text, re.ASCII):
        return None
    serial = float(text)
    if not _EXCEL_SERIALS[0] <= serial <= _EXCEL_SERIALS[1]:
        return None
    at = _EXCEL_EPOCH + timedelta(seconds=round(serial * 86_400))
    return Moment(at, DAY if serial.is_integer() else MINUTE, by_number=True)


def _split(text: str, rules: DateRules) -> Moment | None:
    day_first = None if rules.formats else rules.day_first
    whole = _read_day(text, day_first)
    match = None if whole else _SPLIT.fullmatch(text)
    if match is None:
        return whole
    day = _read_day(match["day"], day_first)
    return with_clock(day, match["clock"]) if day and day.precision == DAY and read_clock(match["clock"]) else None


@lru_cache(maxsize=100_000)
def _read_day(text: str, day_first: bool | None) -> Moment | None:
    """Read a day without a time; ``day_first`` None: no ambiguous form is read."""
    if match := _ISO.fullmatch(text):
        return _moment(match[1], match[3], match[4])
    if match := _ISO_BASIC.fullmatch(text):
        return _moment(match[1], match[2], match[3])
    if match := _ISO_MONTH.fullmatch(text):
        month = _moment(match[1], match[2], "1")
        return replace(month, precision=MONTH) if month else None
    if match := _NUMERIC.fullmatch(text):
        if day_first is None:
            return None
        first, _, second, year = match.groups()
        return _moment(year, second, first) if day_first else _moment(year, first, second)
    return _named_month(text.lower())


def _named_month(text: str) -> Moment | None:
    if match := _NAMED_DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    elif match := _NAMED_MONTH_FIRST.fullmatch(text):
        month, day, year = match.groups()
    else:
        return None
    number = MONTHS.get(month[:3])
    full_name = date(2000, number, 1).strftime("%B").lower() if number else ""
    return _moment(year, str(number), day) if number and (full_name.startswith(month) or month == "sept") else None


def _moment(year: str, month: str, day: str) -> Moment | None:
    """Build a day; two digits of a year mean 1969 to 2068, as POSIX has it."""
    whole_year = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 69 else 2000)
    if not _YEARS[0] <= whole_year <= _YEARS[1]:
        return None
    try:
        return Moment(datetime(whole_year, int(month), int(day)), DAY)
    except ValueError:
        return None


def ambiguous_parts(text: str) -> tuple[int, int] | None:
    """Give the first and the second number of a form such as 03/04/2024, whose order only the mapping knows."""
    match = _SPLIT.fullmatch(text.strip())
    numeric = _NUMERIC.fullmatch(match["day"] if match else text.strip())
    return (int(numeric[1]), int(numeric[3])) if numeric else None
