"""Offences of a linked table, read as they are now: filtered by the server, then read and checked as those of a file are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pyarrow as pa

from hotspot.boundaries.areas import Areas
from hotspot.geography import Force
from hotspot.offences.force_extract import read_text
from hotspot.offences.mapping import Mapping
from hotspot.offences.postgresql.catalogue import Catalogue
from hotspot.offences.postgresql.filters import Wanted, where
from hotspot.offences.postgresql.server import connected
from hotspot.offences.postgresql.table import read_rows
from hotspot.offences.schema import SCHEMA, conform
from hotspot.offences.validate import validate

_ALWAYS = ("offence_id", "crime_code", "crime_description", "committed_from", "committed_to", "reported")
"""What decides whether a row is an offence, and which."""
_VICTIMS = ("victim_ref", "victim_age")
_PLACE = ("x", "y", "lpa")
_PLACED = {"x", "y", "lpa", "location_status", "location_precision"}
_FROM = {"outcome_group": ("outcome",), "victim_refs": ("victim_ref",), "victim_ages": ("victim_age",)}
"""Canonical column → mapped ones that it is made from, where they differ."""


def linked_rows(catalogue: Catalogue, wanted: Wanted, columns: Collection[str], *, force: Force, areas: Areas | None) -> pa.Table:
    """Read offences in the order in which a store would hold them, some of which may not be asked for.

    Parameters
    ----------
    columns
        Canonical columns that are looked at; others may be null.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    mapping = _reduced(catalogue, columns)
    placed = not _PLACED.isdisjoint(columns)
    condition = where(catalogue, wanted, force=force, areas=areas)
    with connected(catalogue.known_address, time_zone=catalogue.table.time_zone) as connection:
        table, names = read_rows(connection, catalogue.table, mapping, catalogue.mapping.wanted, where=condition, placed=placed)
    if not len(table.frame):
        return SCHEMA.empty_table()
    raw = read_text(table, names, mapping, force, timed=catalogue.timed)
    day = catalogue.today
    offences = validate(
        raw.frame,
        source=catalogue.mapping.name,
        force=force,
        areas=areas if placed else None,
        today=day,
        keep_from=force.keep_from(day),
    ).offences
    if offences.empty:
        return SCHEMA.empty_table()
    return conform(offences.iloc[np.argsort(offences["month"].to_numpy(), kind="stable")])


def _reduced(catalogue: Catalogue, columns: Collection[str]) -> Mapping:
    """Take out of the mapping what nobody looks at: what tells victims apart matters where several rows are one offence."""
    kept = {*_ALWAYS, *(source for name in columns for source in _FROM.get(name, (name,)))}
    kept |= set(_PLACE) if not _PLACED.isdisjoint(columns) else set()
    kept |= set(_VICTIMS) if catalogue.repeats else set()
    kept -= set() if not _PLACED.isdisjoint(columns) else set(_PLACE)
    mapping = catalogue.mapping
    return replace(mapping, columns={name: of for name, of in mapping.columns.items() if name in kept})
