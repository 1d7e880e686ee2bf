"""Which offences a reading gives: those of the viewer's scope, and of the crime types and the period that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pds

from hotspot.offences.manifest import Part
from hotspot.offences.schema import SCHEMA
from hotspot.period import Period
from hotspot.selection import COMMITTED, DATE_COLUMNS, MONTH, REPORTED


@dataclass(frozen=True)
class Scope:
    """Which offences a viewer may see."""

    areas: frozenset[str] | None
    """Those of these LPAs; None: all, also those outside the LPAs and those without an LPA."""

    def __post_init__(self) -> None:
        if self.areas is not None and not self.areas:
            raise ValueError("a scope names at least one LPA")

    @property
    def names(self) -> tuple[str, ...]:
        """The LPAs in order; empty: the scope is not narrowed."""
        return tuple(sorted(self.areas or ()))


EVERYTHING = Scope(None)
"""The scope of whoever may see all offences."""


def rows_of(
    scope: Scope,
    crime_types: Sequence[str] | None,
    period: Period | None,
    date_basis: str | None,
    lpas: Sequence[str] | None = None,
) -> pds.Expression | None:
    """Write as a filter which rows a reading asks for: those of the scope, the crime types, the LPAs and the period alone."""
    asked = {"crime_type": crime_types, "lpa": within(scope, lpas)}
    conditions = [pc.field(name).isin(pa.array(list(of), pa.string())) for name, of in asked.items() if of is not None]
    if period is not None and date_basis is not None:
        column = DATE_COLUMNS[date_basis]
        start, end = (pa.scalar(day, pa.date32()).cast(SCHEMA.field(column).type) for day in (period.start, period.end))
        conditions += [pc.field(column) >= start, pc.field(column) < end]
    return reduce(and_, conditions) if conditions else None


def within(scope: Scope, lpas: Sequence[str] | None) -> Sequence[str] | None:
    """Give the LPAs of a reading that lie in the scope; None for all offences."""
    if scope.areas is None:
        return lpas
    return scope.names if lpas is None else [name for name in lpas if name in scope.areas]


def may_lie_in(part: Part, period: Period | None, date_basis: str | None) -> bool:
    """Say whether a part can hold an offence of the period, by its days in the manifest: others are not opened."""
    if period is None or date_basis is None:
        return True
    if date_basis == MONTH:
        return period.start <= date.fromisoformat(f"{part.month}-01") < period.end
    days = {COMMITTED: (part.first_day, part.last_day), REPORTED: (part.recorded_first, part.recorded_last)}
    first, last = days[date_basis]
    return first < period.end and last >= period.start
