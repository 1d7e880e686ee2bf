"""Filters that the server applies: never less than what is asked for, so that the same reading in Python decides the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer

from hotspot.boundaries.areas import Areas
from hotspot.geography import OUTSIDE, Force
from hotspot.offences.postgresql.catalogue import Catalogue
from hotspot.offences.postgresql.table import DAYS, NUMBERS, TEXTS, TIMES
from hotspot.offences.text_table import single_spaced, trimmed
from hotspot.offences.validate import assign_lpas
from hotspot.period import Period
from hotspot.selection import COMMITTED, DATE_COLUMNS, REPORTED

if TYPE_CHECKING:
    from psycopg.sql import Composable

_A_DAY, _LONGEST_MONTH = timedelta(days=1), timedelta(days=31)
_BESIDE = 100.0
"""Metres around an LPA's box: transformations between coordinate systems differ by less."""


@dataclass(frozen=True)
class Wanted:
    """Which offences are asked for; None: all."""

    crime_types: Sequence[str] | None = None
    period: Period | None = None
    date_basis: str | None = None
    lpas: Sequence[str] | None = None

    @property
    def columns(self) -> list[str]:
        """Canonical columns that decide it."""
        named = {"crime_type": self.crime_types, "lpa": self.lpas}
        dated = [DATE_COLUMNS[self.date_basis]] if self.date_basis else []
        return [*(name for name, of in named.items() if of is not None), *dated]


def where(catalogue: Catalogue, wanted: Wanted, *, force: Force, areas: Areas | None) -> Composable:
    """Say in SQL which rows can belong to an offence that is asked for."""
    from psycopg.sql import SQL

    parts = [
        *_of_crime(catalogue, wanted.crime_types),
        *_of_period(catalogue, wanted.period, wanted.date_basis),
        *_of_lpas(catalogue, wanted.lpas, force, areas),
    ]
    if not parts:
        return SQL("true")
    found = SQL("({})").format(SQL(" AND ").join(parts))
    reference = catalogue.mapping.columns.get("offence_id")
    if not catalogue.repeats or reference is None:
        return found
    # What one row says of an offence depends on the other rows of its reference: they are read with it.
    return SQL("({found} OR {folded} IN (SELECT {folded} FROM {table} WHERE {found} AND {folded} <> ''))").format(
        found=found, folded=catalogue.table.folded(reference[0]), table=catalogue.table.sql
    )


def _of_crime(catalogue: Catalogue, crime_types: Sequence[str] | None) -> list[Composable]:
    from psycopg.sql import SQL

    if crime_types is None:
        return []
    if catalogue.mapping.crime_type:
        (kind,) = {kind for _, _, kind in catalogue.kinds_of_crime} or {""}
        return [] if kind in crime_types else [SQL("false")]
    held = [one for one in catalogue.kinds_of_crime if one[2] in crime_types]
    return [
        _among(catalogue, catalogue.mapping.columns[name][0], {one[place] for one in held})
        for place, name in enumerate(("crime_code", "crime_description"))
        if name in catalogue.mapping.columns
    ]


def _of_period(catalogue: Catalogue, period: Period | None, date_basis: str | None) -> list[Composable]:
    """Compare moments with a day to spare; a column that is text on the server is read by Python alone."""
    from psycopg.sql import SQL

    if period is None:
        return []
    basis = {COMMITTED: ("committed_from",), REPORTED: ("reported",)}.get(date_basis or "")
    names = [name for name in basis or ("committed_from", "reported", "committed_to") if name in catalogue.mapping.columns]
    columns = [catalogue.mapping.columns[name][0] for name in names]
    if not columns:
        return [SQL("false")]
    if any(catalogue.table.kinds[column] not in (*DAYS, *TIMES) for column in columns):
        return []
    spare = _A_DAY if basis else _LONGEST_MONTH
    conditions = [_between(column, period.start - _A_DAY, period.end + spare) for column in columns]
    return [SQL("({})").format(SQL(" OR ").join(conditions))]


def _of_lpas(catalogue: Catalogue, lpas: Sequence[str] | None, force: Force, areas: Areas | None) -> list[Composable]:
    """Take rows whose own column names one of the LPAs; and, of those whose names none at all, rows that may lie in one."""
    from psycopg.sql import SQL

    named = catalogue.mapping.columns.get("lpa")
    if lpas is None or (named and catalogue.lpas is None):
        return []
    place = _in_box(catalogue, lpas, force, areas)
    if named is None:
        return [place]
    written = catalogue.lpas or ()
    meant = _meant(written, areas)
    chosen = _among(catalogue, named[0], {text for text, lpa in zip(written, meant, strict=True) if lpa in lpas})
    known = _among(catalogue, named[0], {text for text, lpa in zip(written, meant, strict=True) if lpa})
    return [SQL("({} OR (NOT {} AND {}))").format(chosen, known, place)]


def _meant(written: Sequence[str], areas: Areas | None) -> list[str]:
    """Give the LPA that each text of the own column names; '' where it names none."""
    nowhere = np.full(len(written), np.nan)
    named = single_spaced(trimmed(pd.Series(written, dtype="str")))
    return assign_lpas(named, nowhere, nowhere, areas=areas)[0].fillna("").tolist()


def _in_box(catalogue: Catalogue, lpas: Sequence[str], force: Force, areas: Areas | None) -> Composable:
    """Say that a position may lie in one of the LPAs, by the box around them."""
    from psycopg.sql import SQL, Identifier, Literal

    inside = [name for name in lpas if areas is not None and name in areas.names]
    if OUTSIDE in lpas and areas is not None:
        return SQL("true")
    if not inside or areas is None:
        return SQL("false")
    table, columns = catalogue.table, catalogue.mapping.columns
    bounds = np.array([areas.geometry(name).bounds for name in inside])
    box = (*(bounds[:, :2].min(axis=0) - _BESIDE), *(bounds[:, 2:].max(axis=0) + _BESIDE))
    if table.geometry:
        crs = f"EPSG:{table.srid}" if table.srid else catalogue.mapping.crs or force.analysis_crs
        corners = SQL(", ").join(map(Literal, _transformed(box, force.analysis_crs, crs)))
        form = "{g} OPERATOR({p}.&&) {p}.ST_MakeEnvelope({c}, {s})"
        return SQL(form).format(g=_geometry(catalogue), p=Identifier(table.postgis), c=corners, s=Literal(table.srid))
    axes = [columns[axis][0] for axis in ("x", "y") if axis in columns]
    if not axes or any(table.kinds[axis] not in NUMBERS for axis in axes):
        return SQL("true") if axes else SQL("false")
    west, south, east, north = _transformed(box, force.analysis_crs, catalogue.mapping.crs or force.analysis_crs)
    return SQL("({} AND {})").format(_between(axes[0], west, east), _between(axes[1], south, north))


def _geometry(catalogue: Catalogue) -> Composable:
    from psycopg.sql import SQL, Identifier

    table = catalogue.table
    if not table.geography:
        return Identifier(table.geometry)
    return SQL("{}::{}.geometry").format(Identifier(table.geometry), Identifier(table.postgis))


def _transformed(box: tuple[float, ...], source: str, target: str) -> list[float]:
    if CRS.from_user_input(source) == CRS.from_user_input(target):
        return [float(side) for side in box]
    transformer = Transformer.from_crs(source, target, always_xy=True)
    return [float(side) for side in transformer.transform_bounds(*box, densify_pts=21)]


def _among(catalogue: Catalogue, column: str, texts: Iterable[str]) -> Composable:
    """Say that a column holds one of some texts; '' stands for nothing too."""
    from psycopg.sql import SQL, Identifier, Literal

    held = sorted(texts)
    cell = Identifier(column) if catalogue.table.kinds[column] in TEXTS else catalogue.table.text(column)
    found = SQL("coalesce({} = ANY({}::text[]), false)").format(cell, Literal(held))
    return SQL("({} OR {} IS NULL)").format(found, cell) if "" in held else found


def _between(column: str, low: date | float, high: date | float) -> Composable:
    from psycopg.sql import SQL, Identifier, Literal

    return SQL("({c} >= {low} AND {c} <= {high})").format(c=Identifier(column), low=Literal(low), high=Literal(high))
