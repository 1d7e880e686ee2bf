"""The store: offences as Parquet under one folder, read through one function that takes the viewer's scope.

A store is self-contained: it remembers its forces and the areas of each level, and needs none of the files it
was made from. Changes go through ``load.import_sources`` and ``store_changes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as pds

from hotspot.boundaries.areas import Areas
from hotspot.errors import BadInput, StoreError
from hotspot.geography import LPA, Force, slug
from hotspot.offences import manifest as manifests
from hotspot.offences.manifest import Manifest, Part, told_once
from hotspot.offences.part_reading import of_table, read_parts
from hotspot.offences.postgresql.catalogue import load as load_catalogue
from hotspot.offences.postgresql.filters import Wanted
from hotspot.offences.postgresql.rows import linked_rows
from hotspot.offences.report import LoadReport
from hotspot.offences.schema import EXACT, NAMES, NO_LOCATION, SENSITIVE, SNAPPED, TIME_PRECISIONS, to_frame
from hotspot.offences.scope import EVERYTHING, Scope, may_lie_in, rows_of, within
from hotspot.period import Period
from hotspot.selection import join_words
from hotspot.system_faults import number_of, unreadable

OFFICIAL, OFFICIAL_SENSITIVE = "OFFICIAL", "OFFICIAL-SENSITIVE"


class DataSet(NamedTuple):
    """The offences of one source and force: what can be counted together."""

    source: str
    force: str


@dataclass(frozen=True)
class DataFacts:
    """What is known of a data set without reading an offence."""

    source: str
    force: str
    time_precision: str
    """The finest of any offence: 'month', 'day' or 'minute'."""
    location_precision: str
    """'snapped' if any offence is, else 'exact'; 'none' without any location."""
    first_day: date
    end: date
    """First day after the data."""
    months: tuple[str, ...]
    """YYYY-MM, with at least one offence."""
    columns: tuple[str, ...]
    """Canonical columns with a value on at least one offence."""
    crime_types: dict[str, int]
    """Crime type → offences."""
    streets: bool
    synthetic: bool
    marking: str
    """'OFFICIAL', or 'OFFICIAL-SENSITIVE' where victims, premises, vehicles, people or MO are told."""
    rows_used: int
    """Offences, where the scope is narrowed."""
    excluded: dict[str, int]
    """Reason → rows that the imports of these data left out; empty in a narrowed scope."""

    @property
    def source_words(self) -> str:
        """The source as a footer names it: invented data say so."""
        return "synthetic demonstration data" if self.synthetic else self.source


@dataclass(frozen=True)
class Store:
    """A folder of offences as it is now; opening it reads its manifest alone."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))

    @property
    def exists(self) -> bool:
        """True where the folder holds a store."""
        return (self.path / manifests.NAME).is_file()

    @cached_property
    def manifest(self) -> Manifest:
        """What the store knows about itself.

        Raises
        ------
        StoreError
            If there is no store, or its manifest is damaged.
        """
        return manifests.load(self.path)

    @property
    def fingerprint(self) -> str:
        """Changes with every change of the data, the areas or a force."""
        return self.manifest.fingerprint

    @property
    def forces(self) -> tuple[Force, ...]:
        return self.manifest.forces

    @property
    def force(self) -> Force:
        """The force that the store was made for."""
        if not self.forces:
            raise StoreError(f"The store {self.path} knows no force yet. Import offences first.")
        return self.forces[0]

    def force_named(self, name: str) -> Force:
        """Give a force of the store by any variant of its name."""
        force = self.manifest.force_named(name)
        if force is None:
            known = ", ".join(one.name for one in self.forces) or "none"
            raise BadInput(f"The store has no force '{name}'. It has: {known}.")
        return force

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of areas of the store's force, the LPAs first."""
        return self.levels_of(self.force.name) if self.forces else ()

    def levels_of(self, force: str, *, scope: Scope = EVERYTHING) -> tuple[str, ...]:
        """Levels of areas of one force that lie in a scope, the LPAs first."""
        found = [entry.level for entry in self.manifest.areas if entry.force == slug(force)]
        levels = tuple(sorted(found, key=lambda level: (level != LPA, level)))
        if scope == EVERYTHING or LPA not in levels:
            return levels
        return tuple(level for level in levels if level == LPA or self.areas(level, force=force, scope=scope).names)

    def areas(self, level: str = LPA, *, force: str | None = None, scope: Scope = EVERYTHING) -> Areas:
        """Give the areas of a level, of the store's force unless another is named.

        Outlines are no secret, but an area whose offences a viewer may not see would stand in his tables with none:
        of a narrowed scope there are its LPAs, and of another level the areas that lie wholly in them.

        Raises
        ------
        BadInput
            If the store has no areas of that level, or none of its LPAs is in the scope.
        """
        name = force or self.force.name
        entry = self.manifest.area_file(level, name)
        if entry is None:
            known = ", ".join(self.levels_of(name)) or "none"
            raise BadInput(f"The store has no areas of the level '{level}' for {name}. It has: {known}.")
        whole = _areas(self.path / entry.file, level)
        lpas = self.manifest.area_file(LPA, name)
        if scope == EVERYTHING or lpas is None:
            return whole
        own = _own_areas(self.path / entry.file, level, self.path / lpas.file, scope)
        if level == LPA and not own.names:
            raise BadInput(
                f"None of the LPAs that you may see ({join_words(list(scope.names))}) is among those of {name}, so nothing is "
                "shown. Ask the person who looks after this server."
            )
        return own

    @property
    @told_once
    def data_sets(self) -> tuple[DataSet, ...]:
        """Each source and force with offences."""
        found = dict.fromkeys((part.source, part.force) for part in self.manifest.parts)
        return tuple(DataSet(source, self.force_named(force).name) for source, force in sorted(found))

    @property
    def reports(self) -> tuple[LoadReport, ...]:
        """Reports of the imports, the latest last."""
        return self.manifest.reports

    @told_once
    def facts(self, source: str, force: str, *, scope: Scope) -> DataFacts:
        """Give what is known of a data set: its counts are those of the scope, its days and columns those of all the data.

        Raises
        ------
        BadInput
            If the store has no such data set.
        """
        parts, own = self._parts(source, force), slug(force)
        columns = {name for part in parts for name in part.columns}
        whole = DataFacts(
            source=source,
            force=self.force_named(force).name,
            time_precision=_finest({one for part in parts for one in part.time_precisions}),
            location_precision=_location_precision({one for part in parts for one in part.location_precisions}),
            first_day=min(part.first_day for part in parts),
            end=max(part.last_day for part in parts) + timedelta(days=1),
            months=tuple(part.month for part in parts),
            columns=tuple(name for name in NAMES if name in columns),
            crime_types=_added(part.crime_types for part in parts),
            streets="street" in columns,
            synthetic=any(part.synthetic for part in parts),
            marking=OFFICIAL_SENSITIVE if columns.intersection(SENSITIVE) else OFFICIAL,
            rows_used=sum(part.rows_used for part in parts),
            excluded=_added(one.excluded for one in self.manifest.exclusions if (one.source, one.force) == (source, own)),
        )
        return whole if scope == EVERYTHING else self._own_facts(whole, scope)

    def _own_facts(self, whole: DataFacts, scope: Scope) -> DataFacts:
        """Count the scope's offences; rows that an import left out have no LPA, so none of them is told of."""
        counts = _own_counts(self.path, self.fingerprint, whole.source, whole.force, scope)
        return replace(whole, crime_types=dict(counts), rows_used=sum(count for _, count in counts), excluded={})

    def _parts(self, source: str, force: str) -> tuple[Part, ...]:
        parts = self.manifest.parts_of(source, force)
        if not parts:
            known = "; ".join(f"{name} of {one}" for name, one in self.data_sets) or "none"
            raise BadInput(f"The store has no offences of the source '{source}' for '{force}'. It has: {known}.")
        return parts


def read(
    store: Store,
    *,
    scope: Scope,
    source: str,
    force: str,
    columns: Sequence[str] | None = None,
    crime_types: Sequence[str] | None = None,
    period: Period | None = None,
    date_basis: str | None = None,
    lpas: Sequence[str] | None = None,
    counted: bool = False,
) -> pd.DataFrame:
    """Read the offences of one source and force that the viewer may see: the only way to an offence.

    Parameters
    ----------
    store
        The store; where an import replaced it since it was opened, what it holds now is read.
    scope
        What the viewer may see.
    columns
        Canonical columns; None for all. Dates and times come as ``datetime64[s]``.
    crime_types
        Names that an offence may carry (``crime_types.names_within``); None for all.
    period, date_basis
        Offences whose date of that basis ('committed', 'reported', 'month') lies in the period.
    lpas
        Names in the column ``lpa`` ('Outside the LPAs' among them); offences without a name are in none. None for all.
    counted
        True: each combination of the columns' values once, dates and times as the first of their month, with how many offences
        have it in a further column ``offences``. So little memory counts any number of offences.

    Raises
    ------
    BadInput
        If the store has no such data set.
    StoreError
        If a file of the store is missing or damaged.
    """
    if (period is None) != (date_basis is None):
        raise ValueError("a period needs a date basis, and a date basis a period")
    names = list(columns) if columns is not None else list(NAMES)
    rows, wanted = (
        rows_of(scope, crime_types, period, date_basis, lpas),
        Wanted(crime_types, period, date_basis, within(scope, lpas)),
    )
    try:
        table = _table(store, source, force, names, rows, wanted, counted)
    except (OSError, pa.ArrowException) as fault:
        now = Store(store.path)
        if number_of(fault) is not None or now.manifest.files == store.manifest.files:
            remedy = "Restore the folder from a copy, or delete the source and import it again."
            raise unreadable(store.path, fault, remedy=remedy, name="A file of the store") from fault
        table = _table(now, source, force, names, rows, wanted, counted)
    return to_frame(table)


def _table(
    store: Store, source: str, force: str, columns: list[str], rows: pds.Expression | None, wanted: Wanted, counted: bool
) -> pa.Table:
    types = wanted.crime_types
    parts = [
        part
        for part in store._parts(source, force)
        if (types is None or set(types) & set(part.crime_types)) and may_lie_in(part, wanted.period, wanted.date_basis)
    ]
    if parts and parts[0].is_linked:
        return of_table(
            _linked(store, parts[0], [*columns, *wanted.columns], wanted), columns=columns, rows=rows, counted=counted
        )
    files = [str(store.path / part.file) for part in parts]
    present = {name for part in parts for name in part.columns}
    return read_parts(files, columns=columns, present=present, rows=rows, counted=counted)


def _linked(store: Store, part: Part, columns: list[str], wanted: Wanted) -> pa.Table:
    """Read offences that stay in a database."""
    entry, force = store.manifest.area_file(LPA, part.force), store.manifest.force_named(part.force)
    assert force is not None
    areas = _areas(store.path / entry.file, LPA) if entry else None
    return linked_rows(load_catalogue(store.path / part.file), wanted, columns, force=force, areas=areas)


@lru_cache(maxsize=32)
def _areas(file: Path, level: str) -> Areas:
    """Areas never change under one name: it holds the fingerprint of their content."""
    try:
        return Areas.from_parquet(file, level=level)
    except (OSError, ValueError, pa.ArrowException) as fault:
        raise unreadable(file, fault, remedy="Import the boundaries again.") from fault


@lru_cache(maxsize=64)
def _own_areas(file: Path, level: str, lpas: Path, scope: Scope) -> Areas:
    """Keep the areas that lie in a scope, so that their union is computed once."""
    own, whole = _areas(lpas, LPA).only(scope.areas or ()), _areas(file, level)
    return own if level == LPA else whole.within(own.union)


@lru_cache(maxsize=64)
def _own_counts(folder: Path, fingerprint: str, source: str, force: str, scope: Scope) -> tuple[tuple[str, int], ...]:
    """Count a scope's offences by crime type."""
    counts = read(Store(folder), scope=scope, source=source, force=force, columns=["crime_type"], counted=True)
    return tuple(sorted((str(kind), int(count)) for kind, count in zip(counts["crime_type"], counts["offences"], strict=True)))


def _finest(precisions: set[str]) -> str:
    return max(precisions, key=TIME_PRECISIONS.index)


def _location_precision(precisions: set[str]) -> str:
    return next((one for one in (SNAPPED, EXACT) if one in precisions), NO_LOCATION)


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for name, count in one.items():
            total[name] = total.get(name, 0) + count
    return total
