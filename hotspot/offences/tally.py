"""What a load report counts, in a form that can be added up over files and from which rows can be taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotspot.geography import OUTSIDE
from hotspot.offences.report import TypeCount
from hotspot.offences.schema import ABSENT, UNUSABLE


@dataclass(frozen=True, eq=False)
class Positions:
    """How many offences each coordinate holds, to the metre, in order of x and y."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, x: NDArray[np.float64], y: NDArray[np.float64], counts: NDArray[np.int64]) -> Self:
        """Round positions to the metre and join those that become one; counts may be negative: taken away."""
        points, place = np.unique(np.round(x) + 1j * np.round(y), return_inverse=True)
        joined = np.bincount(place, weights=counts, minlength=len(points)).astype(np.int64)
        held = joined != 0
        return cls(points.real[held], points.imag[held], joined[held])

    def holds(self, x: float, y: float) -> bool:
        """Say whether any offence is at a coordinate."""
        return bool(((self.x == x) & (self.y == y)).any())

    @classmethod
    def together(cls, several: Iterable[Self]) -> Self:
        """Add up the positions of several files."""
        listed = list(several)
        names = ("x", "y", "counts")
        joined = (np.concatenate([getattr(one, name) for one in listed]) if listed else np.empty(0) for name in names)
        return cls.of(*joined)


@dataclass
class Tally:
    """Counts of offences."""

    offences: int = 0
    without_location: int = 0
    location_unusable: int = 0
    outside_lpas: int = 0
    types: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Crime type as the source names it → offences, and those of them with no location."""

    def add(self, other: Tally, *, sign: int = 1) -> None:
        """Add the counts of another tally, or with the sign −1 take them away."""
        self.offences += sign * other.offences
        self.without_location += sign * other.without_location
        self.location_unusable += sign * other.location_unusable
        self.outside_lpas += sign * other.outside_lpas
        for name, (count, without) in other.types.items():
            before = self.types.get(name, (0, 0))
            self.types[name] = (before[0] + sign * count, before[1] + sign * without)

    def type_counts(self) -> dict[str, TypeCount]:
        """Give the crime types with at least one offence, by name."""
        return {name: TypeCount(*counts) for name, counts in sorted(self.types.items()) if counts[0]}

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return vars(self) | {"types": {name: list(counts) for name, counts in self.types.items()}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        return cls(**dict(values) | {"types": {name: (count, without) for name, (count, without) in values["types"].items()}})


def tally_of(table: pa.Table) -> Tally:
    """Count the offences of a table, one row each."""
    absent = pc.equal(table["location_status"], ABSENT)
    types = _counts(table["source_crime_type"])
    without = _counts(table["source_crime_type"].filter(absent))
    return Tally(
        offences=table.num_rows,
        without_location=_number(absent),
        location_unusable=_number(pc.equal(table["location_status"], UNUSABLE)),
        outside_lpas=_number(pc.equal(table["lpa"], OUTSIDE)),
        types={name: (count, without.get(name, 0)) for name, count in types.items()},
    )


def positions_of(table: pa.Table, *, sign: int = 1) -> Positions:
    """Count the offences at each coordinate of a table."""
    located = table.filter(pc.is_valid(table["x"]))
    return Positions.of(*(located[axis].to_numpy() for axis in ("x", "y")), np.full(located.num_rows, sign))


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    return {one["values"]: one["counts"] for one in pc.value_counts(values).to_pylist()}


def _number(condition: pa.ChunkedArray) -> int:
    return pc.sum(condition, min_count=0).as_py()
