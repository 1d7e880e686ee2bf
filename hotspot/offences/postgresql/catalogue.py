"""What is known of a linked table without reading it again: kept as a file of the store that its months name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from hotspot.database_address import Address, parse_address
from hotspot.errors import StoreError
from hotspot.offences.mapping import Mapping
from hotspot.offences.postgresql.table import LinkedTable


@dataclass(frozen=True)
class Catalogue:
    """Where and how the offences of a table are read, and what the whole table decides of each row."""

    address: str
    """Without its password."""
    mapping_toml: str
    table: LinkedTable
    stamp: str
    """Of the content, the mapping, the force, its LPAs and this software: what was read from the table holds while it does."""
    today: date
    """The last day that is not in the future."""
    changes_daily: bool
    """True where what is said of the table changes with the day: some dates lie after it, or the force keeps none of any age."""
    repeats: bool
    """True where several rows have one reference."""
    timed: dict[str, bool]
    """Canonical date column → whether it has a time other than midnight."""
    kinds_of_crime: tuple[tuple[str, str, str], ...]
    """Code and description as written, and the crime type they mean."""
    lpas: tuple[str, ...] | None
    """All that the LPA's column says, as written; None: too much to list, or no such column."""

    @property
    def known_address(self) -> Address:
        return parse_address(self.address)

    @cached_property
    def mapping(self) -> Mapping:
        return Mapping.from_toml(self.mapping_toml)

    def to_json(self) -> str:
        """Write the catalogue as JSON that ``load`` reads."""
        return json.dumps(asdict(self) | {"today": self.today.isoformat()}, ensure_ascii=False, indent=1)


def load(file: Path) -> Catalogue:
    """Read a catalogue of a store.

    Raises
    ------
    StoreError
        If the file is missing or damaged.
    """
    try:
        return _loaded(file)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise StoreError(
            f"The store's file {file} is missing or damaged ({fault}). Remove its folder and open the database again."
        ) from fault


@lru_cache(maxsize=4)
def _loaded(file: Path) -> Catalogue:
    """A catalogue never changes under one name, which holds the fingerprint of its content."""
    values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    table = values.pop("table")
    lpas = values.pop("lpas")
    return Catalogue(
        **values
        | {
            "table": LinkedTable(**table | {"name": tuple(table["name"])}),
            "today": date.fromisoformat(values["today"]),
            "kinds_of_crime": tuple(tuple(one) for one in values["kinds_of_crime"]),
            "lpas": None if lpas is None else tuple(lpas),
        }
    )
