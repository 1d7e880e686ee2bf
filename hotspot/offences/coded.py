"""Columns in which few different values stand on many rows: each value once, and a code on each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of texts."""

    values: tuple[str, ...]
    """The texts; some may stand on no row."""
    codes: NDArray[np.int32]
    """The place of each row's text; −1 where it is not known."""

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Self:
        """Take the texts of an Arrow column, a dictionary or plain."""
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        array = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        return cls(tuple(array.dictionary.to_pylist()), codes)

    @classmethod
    def constant(cls, value: str, count: int) -> Self:
        """Give every row one text."""
        return cls((value,), np.zeros(count, dtype=np.int32))

    def translated(self, translate: Callable[[str], str | None]) -> Self:
        """Translate each different text once; None is not known."""
        places: dict[str, int] = {}
        new = [translate(value) for value in self.values]
        table = np.array([*(-1 if one is None else places.setdefault(one, len(places)) for one in new), -1], dtype=np.int32)
        return type(self)(tuple(places), table[self.codes])

    def take(self, rows: NDArray[np.int64]) -> Self:
        return type(self)(self.values, self.codes[rows])

    def replaced(self, rows: NDArray[np.int64], other: Self) -> Self:
        """Put the texts of another column, one for each of the rows, in place of this one's."""
        codes = self.codes.copy()
        codes[rows] = other.codes + len(self.values)
        return type(self)((*self.values, *other.values), codes).translated(lambda text: text)

    def used(self) -> list[str]:
        """List the texts that stand on a row, by their first row."""
        return [self.values[code] for code in pd.unique(self.codes) if code >= 0]

    def counts(self) -> dict[str, int]:
        """Count the rows of each text, by their first row."""
        number = np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))
        places: dict[str, int] = {}
        for code in pd.unique(self.codes[self.codes >= 0]):
            places[self.values[code]] = places.get(self.values[code], 0) + int(number[code])
        return places

    def array(self) -> pa.DictionaryArray:
        """Give an Arrow dictionary that is the same for the same texts: by first row, without texts of no row."""
        used = pd.unique(self.codes)
        used = used[used >= 0]
        table = np.full(len(self.values) + 1, -1, dtype=np.int32)
        table[used] = np.arange(len(used))
        codes = table[self.codes]
        values = pa.array([self.values[code] for code in used], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), values)


def numbers_of(values: Sequence[str]) -> NDArray[np.float64]:
    """Read each text as a number, NaN where it is none."""
    stripped = pd.Series([value.strip() for value in values], dtype="str")
    return pd.to_numeric(stripped, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
