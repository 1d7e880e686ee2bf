"""The lines of the board's table: acquisitive crime, its groups and their kinds, and shoplifting beside it."""

from __future__ import annotations

from dataclasses import dataclass

from hotspot import crime_types
from hotspot.offences.store import DataFacts

TOTAL, GROUP, KIND = "total", "group", "kind"


@dataclass(frozen=True)
class Line:
    """One line."""

    name: str
    """Crime type."""
    rank: str
    """``TOTAL``, ``GROUP`` or ``KIND``."""
    group: str
    """Crime group that a kind belongs to; its own name otherwise."""
    in_total: bool
    """Part of the acquisitive crime of the first line."""


def board_lines(facts: DataFacts) -> tuple[Line, ...]:
    """List the lines that the data can fill; kinds only where the data tell them apart."""
    held = {kind.group for kind in crime_types.CRIME_TYPES if kind.name in facts.crime_types}
    groups = [group for group in crime_types.ACQUISITIVE_GROUPS if group in held]
    lines = [Line(crime_types.ACQUISITIVE, TOTAL, crime_types.ACQUISITIVE, True)] if len(groups) > 1 else []
    for group in groups:
        lines.append(Line(group, GROUP, group, True))
        lines += [Line(kind, KIND, group, True) for kind in kinds_of(group) if kind in facts.crime_types]
    return (*lines, *(Line(group, GROUP, group, False) for group in ("Shoplifting",) if group in held))


def kinds_of(group: str) -> tuple[str, ...]:
    """List the kinds of a crime group."""
    return tuple(kind.name for kind in crime_types.CRIME_TYPES if kind.group == group and not kind.is_group)


def kinds_unknown(facts: DataFacts) -> tuple[str, ...]:
    """List the groups of the board that these data do not split into their kinds."""
    lines = board_lines(facts)
    split = {line.group for line in lines if line.rank == KIND}
    return tuple(line.name for line in lines if line.rank == GROUP and kinds_of(line.name) and line.name not in split)
