"""The latest outcome of each crime of a force, looked up by reference without the references' texts in memory.

The outcomes files of a force are read one by one into arrays on disk; the index is made of them and mapped, not
loaded, by every process that asks it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from hotspot.offences.coded import Coded
from hotspot.offences.csv_rows import read_coded
from hotspot.offences.police_uk import OUTCOME_COLUMNS
from hotspot.offences.references import hashes_of, keys_of, trimmed
from hotspot.offences.source_files import SourceFile
from hotspot.offences.street_rows import field, month_of, plain_field

_ARRAYS = ("keys", "months", "codes")


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Outcomes of crimes: those of one file, or in order of their hashes the latest of each crime."""

    keys: NDArray[np.uint64]
    """Of the references, shape ``(n, 4)``."""
    months: NDArray[np.int32]
    """Months since January 1970."""
    codes: NDArray[np.int32]
    texts: tuple[str, ...]

    def save(self, folder: Path) -> None:
        """Write the arrays into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)
        (folder / "texts.json").write_text(json.dumps(self.texts), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Map what ``save`` wrote."""
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
        return cls(**arrays, texts=tuple(json.loads((folder / "texts.json").read_text(encoding="utf-8"))))

    def __len__(self) -> int:
        return len(self.months)


def read_outcomes(file: SourceFile) -> Outcomes:
    """Read the rows of an outcomes file that name a crime, a month and an outcome, in their order."""
    rows = read_coded(file.read(), name=file.label, wanted=OUTCOME_COLUMNS, plain={"crime id"})
    references = trimmed(plain_field(rows, "crime id"))
    outcome = field(rows, "outcome type").translated(lambda text: text.strip() or None)
    month = field(rows, "month").translated(month_of)
    readable = np.flatnonzero(references.is_valid().to_numpy(zero_copy_only=False) & (outcome.codes >= 0) & (month.codes >= 0))
    numbers = np.array([*month.values, "1970-01"], dtype="datetime64[M]").astype(np.int32)
    keys = keys_of(references)[readable]
    return Outcomes(keys, numbers[month.codes[readable]], outcome.codes[readable], outcome.values)


def latest_of(files: Sequence[Outcomes]) -> Outcomes:
    """Keep the latest outcome of each crime; of several in one month the one written last."""
    texts: dict[str, int] = {}
    codes = []
    for one in files:
        table = np.array([*(texts.setdefault(text, len(texts)) for text in one.texts), -1], dtype=np.int32)
        codes.append(table[one.codes])
    keys = np.concatenate([one.keys for one in files]) if files else np.empty((0, 4), dtype=np.uint64)
    months = np.concatenate([one.months for one in files]) if files else np.empty(0, dtype=np.int32)
    order = np.argsort(months, kind="stable")
    order = order[np.argsort(hashes_of(keys[order]), kind="stable")]
    last = order[_last_of_each(keys[order])]
    return Outcomes(keys[last], months[last], np.concatenate(codes)[last], tuple(texts))


def _last_of_each(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell the last row of each key, among keys in order of their hashes."""
    hashes = hashes_of(keys)
    is_last = np.ones(len(keys), dtype=bool)
    same_hash = hashes[1:] == hashes[:-1]
    is_last[:-1] = ~same_hash
    strange = same_hash & (keys[1:] != keys[:-1]).any(axis=1)
    for hashed in np.unique(hashes[1:][strange]):  # two crimes share a hash
        first, after = np.searchsorted(hashes, hashed, "left"), np.searchsorted(hashes, hashed, "right")
        latest = {keys[place].tobytes(): place for place in range(first, after)}
        is_last[first:after] = False
        is_last[list(latest.values())] = True
    return is_last


class OutcomeIndex:
    """Looks up the latest outcome of crimes."""

    def __init__(self, latest: Outcomes):
        self.latest = latest
        self._hashes = hashes_of(latest.keys)

    def find(self, references: pa.Array) -> NDArray[np.int64]:
        """Give the place of each reference among the outcomes, −1 where there is none."""
        keys = keys_of(references)
        found = np.full(len(keys), -1, dtype=np.int64)
        asked = np.flatnonzero(references.is_valid().to_numpy(zero_copy_only=False))
        hashes = hashes_of(keys)[asked]
        order = np.argsort(hashes)  # neighbours in the index are asked one after the other
        asked, hashes = asked[order], hashes[order]
        place = np.searchsorted(self._hashes, hashes)
        while len(asked):
            here = place < len(self._hashes)
            here[here] = self._hashes[place[here]] == hashes[here]
            asked, hashes, place = asked[here], hashes[here], place[here]
            same = (self.latest.keys[place] == keys[asked]).all(axis=1)
            found[asked[same]] = place[same]
            asked, hashes, place = asked[~same], hashes[~same], place[~same] + 1
        return found

    def coded(self, places: NDArray[np.int64]) -> tuple[Coded, NDArray[np.datetime64]]:
        """Give the outcomes at places, and the first day of the month of each."""
        codes, months = self.latest.codes[places], self.latest.months[places]
        return Coded(self.latest.texts, codes), months.astype("datetime64[M]").astype("datetime64[D]")

    def frame(self, references: pa.Array) -> pd.DataFrame:
        """Give those of the references that have an outcome: ``offence_id``, ``outcome``, ``outcome_date``."""
        places = self.find(references)
        named = np.flatnonzero(places >= 0)
        outcome, days = self.coded(places[named])
        texts = outcome.array().cast(pa.string()).to_pandas()
        identifiers = references.take(pa.array(named)).to_pandas()
        frame = pd.DataFrame({"offence_id": identifiers, "outcome": texts, "outcome_date": days.astype("datetime64[s]")})
        return frame.drop_duplicates("offence_id")
