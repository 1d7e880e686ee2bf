"""Harm weights: a dated table that the user supplies, kept in the store with where it came from. None is shipped.

A table is a CSV with the columns crime_type, weight, valid_from and source, or a TOML::

    name = "Name of the table"
    source = "Where the weights are published, and when"
    [[weights]]
    crime_type = "Residential burglary"
    weight = 100
    valid_from = 2023-04-01

``crime_type`` is a crime type or group of the product, a Home Office code, or the words of the data themselves.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot import crime_types
from hotspot.errors import BadInput, StoreError
from hotspot.given_text import check_header, content_of, csv_rows, decoded, number, toml_document
from hotspot.limits import TABLE_MB, WEIGHTS, check_size
from hotspot.offences.atomic import write_whole
from hotspot.offences.codes import folded, table_key
from hotspot.system_faults import sentence, unreadable

NAME = "harm-weights.json"
"""The store's file; an import of offences leaves it alone."""
COLUMNS = ("crime_type", "weight", "valid_from", "source")
SUFFIXES = (".csv", ".toml")
HEAVIEST = 1_000_000_000
"""A weight beyond it is a slip, and sums of it would not be exact."""
SHOWN_FAULTS = 5


@dataclass(frozen=True)
class HarmWeight:
    """What one offence of a type counts from a date on."""

    crime_type: str
    """As the table has it: a crime type, a group, a Home Office code, or the data's own words."""
    weight: float
    valid_from: date
    source: str
    """Where the weight is published."""

    @property
    def key(self) -> str:
        return _key(self.crime_type)


@dataclass(frozen=True)
class HarmTable:
    """Weights of one publication."""

    name: str
    weights: tuple[HarmWeight, ...]
    file: str = ""
    """Name of the file that it was read from."""
    sha256: str = ""
    imported: date | None = None
    """When it was put into the store; None where it was not."""

    @property
    def valid_from(self) -> date:
        """The first day of which any weight holds."""
        return min(one.valid_from for one in self.weights)

    @property
    def title(self) -> str:
        """Name the table with its date, as legends and exports do."""
        latest = max(one.valid_from for one in self.weights)
        return f"{self.name}, valid from {latest.day} {latest:%B %Y}"

    @property
    def sources(self) -> str:
        return "; ".join(dict.fromkeys(one.source for one in self.weights))


def weights_of(
    table: HarmTable, *, kinds: Iterable[str], source_kinds: Iterable[str], days: NDArray[np.datetime64]
) -> NDArray[np.float64]:
    """Give each offence's weight on its day; NaN where the table has none.

    The closest word decides: the data's own (a code or a description), the crime type, its group. Of several
    weights for it the latest that is valid on the day holds.

    Parameters
    ----------
    kinds, source_kinds
        Columns ``crime_type`` and ``source_crime_type``.
    days
        The date that counts in the selection.
    """
    kinds, source_kinds = list(kinds), list(source_kinds)
    dated: dict[str, list[tuple[np.datetime64, float]]] = {}
    for one in sorted(table.weights, key=lambda one: one.valid_from):
        dated.setdefault(one.key, []).append((np.datetime64(one.valid_from, "D"), one.weight))
    found = np.full(len(kinds), math.nan)
    on = np.asarray(days).astype("datetime64[D]")
    pairs = pd.MultiIndex.from_arrays([kinds, source_kinds])
    for (kind, source_kind), rows in pd.Series(np.arange(len(kinds))).groupby(pairs).indices.items():
        listed = next((dated[key] for key in _keys(kind, source_kind) if key in dated), ())
        for first, weight in listed:
            found[rows[on[rows] >= first]] = weight
    return found


def _keys(kind: str, source_kind: str) -> tuple[str, ...]:
    known = crime_types.by_name(kind)
    return (_key(source_kind), table_key(source_kind).split(".")[0], _key(kind), _key(known.group) if known else _key(kind))


def _key(text: str) -> str:
    """Write a crime type or code one way: by the product's name where it has one."""
    known = crime_types.by_name(text)
    return folded(known.name) if known else table_key(text)


def read_table(path: Path) -> HarmTable:
    """Read a table of weights.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    return parse_table(content_of(path, str(path)), file=path.name)


def parse_table(content: bytes, *, file: str) -> HarmTable:
    """Read a table of weights from a file's content; its ending says whether it is CSV or TOML."""
    suffix = Path(file).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(f"{file} is no table of weights: give a .csv or .toml with {', '.join(COLUMNS)}.")
    check_size(len(content), file, TABLE_MB)
    text = decoded(content, file)
    name, rows = _toml_rows(text, file) if suffix == ".toml" else (Path(file).stem, _csv_rows(text, file))
    WEIGHTS.check(len(rows), file)
    if not rows:
        raise BadInput(f"{file} has no weights. A table has one row for each: {', '.join(COLUMNS)}.")
    faults: list[str] = []
    weights = [_weight(row, f"{file}, weight {number}", faults) for number, row in enumerate(rows, start=1)]
    _check_once([one for one in weights if one is not None], file, faults)
    if faults:
        raise BadInput(
            *faults[:SHOWN_FAULTS], *([f"{file}: {len(faults) - SHOWN_FAULTS:,} more such faults."] * (len(faults) > 5))
        )
    return HarmTable(name, tuple(one for one in weights if one), file, hashlib.sha256(content).hexdigest())


def _toml_rows(text: str, file: str) -> tuple[str, list[Mapping[str, Any]]]:
    document = toml_document(text, file)
    rows = document.get("weights", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput(f"{file} needs [[weights]] with crime_type, weight, valid_from and source, one for each weight.")
    shared = {name: document[name] for name in ("valid_from", "source") if name in document}
    return str(document.get("name", Path(file).stem)), [shared | row for row in rows]


def _csv_rows(text: str, file: str) -> list[Mapping[str, Any]]:
    header, *body = csv_rows(text, file) or [[]]
    header = [name.strip().lower() for name in header]
    check_header(header, file)
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadInput(f"{file} has no column {', '.join(missing)}. A table of weights has: {', '.join(COLUMNS)}.")
    return [dict(zip(header, row, strict=False)) for row in body]


def _weight(row: Mapping[str, Any], where: str, faults: list[str]) -> HarmWeight | None:
    """Read one row; what is wrong with it is added to the faults."""
    before = len(faults)
    kind, source = (str(row.get(name) or "").strip() for name in ("crime_type", "source"))
    faults += [f"{where} has no {name}." for name, value in (("crime_type", kind), ("source", source)) if not value]
    weight = number(str(row.get("weight") or "nan").strip())
    if not 0 <= weight <= HEAVIEST:
        faults.append(f"{where}: weight '{str(row.get('weight'))[:40]}' is no number of 0 or more, up to {HEAVIEST:,}.")
    first = _day(row.get("valid_from"))
    if first is None:
        faults.append(f"{where}: valid_from '{row.get('valid_from')}' is no date. Write it as 2023-04-01.")
    return HarmWeight(kind, weight, first, source) if len(faults) == before and first is not None else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        return None


def _check_once(weights: list[HarmWeight], file: str, faults: list[str]) -> None:
    seen: set[tuple[str, date]] = set()
    for one in weights:
        if (one.key, one.valid_from) in seen:
            faults.append(f"{file} has two weights of '{one.crime_type}' from {one.valid_from}. Leave one.")
        seen.add((one.key, one.valid_from))


def keep_table(folder: Path, table: HarmTable, *, today: date) -> HarmTable:
    """Put a table into the store in place of the one that it has, all at once or not at all."""
    kept = replace(table, imported=today)
    try:
        document = json.dumps(asdict(kept), default=str, indent=1)
        write_whole(folder / NAME, lambda file: file.write_text(document, encoding="utf-8"))
    except OSError as fault:
        state = "The table before it stays."
        raise StoreError(sentence(fault, what=f"The weights cannot be written into the store {folder}", state=state)) from fault
    return kept


def kept_table(folder: Path) -> HarmTable | None:
    """Give the store's table of weights; None where it has none.

    Raises
    ------
    StoreError
        If the file is damaged.
    """
    try:
        document = json.loads((folder / NAME).read_text("utf-8"))
        rows = [HarmWeight(**row | {"valid_from": date.fromisoformat(row["valid_from"])}) for row in document["weights"]]
        return HarmTable(**document | {"weights": tuple(rows), "imported": date.fromisoformat(document["imported"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise unreadable(folder / NAME, fault, remedy="Import the table again.", name="The store's table of weights") from fault
