"""Numbers in words, the same on every page, command and export."""

from __future__ import annotations

STANDING_NOTE = "Recorded offences only: where they concentrated, not where they will occur."
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(count: int) -> str:
    """Write a count up to ten in words, a larger one in figures."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"


def quantity(count: float) -> str:
    """Write a count: whole, or with one decimal where it is a sum of aoristic shares."""
    return f"{count:,.0f}" if float(count).is_integer() else f"{count:,.1f}"
