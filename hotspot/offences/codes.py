"""Home Office codes and crime descriptions of extracts, and what spreadsheets make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table

from hotspot import crime_types
from hotspot.crime_types import CrimeType, normalise_code
from hotspot.offences.dates import MONTHS

_CODE = re.compile(r"\d{1,3}[A-Za-z]{0,2}(?:[/.\-]\d{1,3}[A-Za-z]?)?", re.ASCII)
_AS_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_AS_DATE_DAY_FIRST = re.compile(r"(\d{2})/(\d{2})/(\d{4})(?:\s00:00(?::00)?)?", re.ASCII)
_AS_MONTH_AND_YEAR = re.compile(r"([A-Za-z]{3})-(\d{2})", re.ASCII)
_AS_DAY_AND_MONTH = re.compile(r"(\d{1,2})-([A-Za-z]{3})", re.ASCII)


def is_code(text: str) -> bool:
    """Say whether a text is shaped like a Home Office code (48, 28A, 048/01, 37.2)."""
    return _CODE.fullmatch(text.strip()) is not None


def restored_code(text: str) -> str:
    """Give back the code that a spreadsheet took for a date or a number.

    Typed into a spreadsheet, 48/1 becomes January 1948 (shown as Jan-48) because there is no 48th day, and
    28/2 becomes 28 February of that year (28-Feb). A class of 30 to 99 thus stands in the year, another in the day.
    """
    text = text.strip()
    if match := _AS_MONTH_AND_YEAR.fullmatch(text):
        month = MONTHS.get(match[1].lower())
        return f"{int(match[2])}/{month}" if month else text
    if match := _AS_DAY_AND_MONTH.fullmatch(text):
        month = MONTHS.get(match[2].lower())
        return f"{int(match[1])}/{month}" if month else text
    if match := _AS_DATE.fullmatch(text):
        return _from_date(int(match[1]), int(match[2]), int(match[3]))
    if match := _AS_DATE_DAY_FIRST.fullmatch(text):
        return _from_date(int(match[3]), int(match[2]), int(match[1]))
    return re.sub(r"\.0+$", "", text)


def _from_date(year: int, month: int, day: int) -> str:
    return f"{year - 1900}/{month}" if day == 1 and 1930 <= year <= 1999 else f"{day}/{month}"


def folded(text: str) -> str:
    """Write a description one way: single spaces, lower case."""
    return " ".join(text.split()).lower()


def crime_type_of(code: str, description: str, *, table: Table[str, str]) -> CrimeType | None:
    """Find the crime type of a row, by the closest word for it.

    The order: the mapping's line for the description; its line for the whole code; a whole code that the
    product knows; the mapping's line for the class of the code; a known class; a known description.

    Parameters
    ----------
    code, description
        As the file has them; '' where blank.
    table
        The mapping's own [crime_types], keys as ``table_key`` writes them.
    """
    whole = normalise_code(restored_code(code)) if code else ""
    known = crime_types.by_code(whole) if whole else None
    exact = known.name if known and whole in known.codes else None
    names = (table.get(table_key(description)) if description else None, table.get(whole), exact, table.get(whole.split(".")[0]))
    name = next((name for name in names if name), None)
    return crime_types.by_name(name) if name else known or (crime_types.by_name(description) if description else None)


def table_key(text: str) -> str:
    """Write a key of [crime_types] as ``crime_type_of`` looks it up."""
    return normalise_code(text) if is_code(text) else folded(text)
