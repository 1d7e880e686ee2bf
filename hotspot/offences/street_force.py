"""The street files of one force become its months: a reference counts once, a month is one part, outcomes reach old offences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from hotspot.offences.atomic import Change
from hotspot.offences.manifest import Part
from hotspot.offences.parts import read_part, stage_part, with_outcomes
from hotspot.offences.references import marks_of
from hotspot.offences.report import EXAMPLES
from hotspot.offences.street_unit import Setting, outcome_index, plain_part
from hotspot.offences.tally import Positions, Tally, positions_of, tally_of

_AT_ONCE = 1_000_000
"""References compared as texts at a time."""


@dataclass(frozen=True)
class Fragment:
    """What one file told of one month."""

    unit: int
    """Place of the file among those of the import."""
    force: str
    """Name that its rows carry."""
    part: Part
    staged: Path
    marks: Path
    named: int
    """Offences with an outcome of an outcomes file."""


@dataclass(frozen=True)
class ForceTask:
    """The fragments of one force, and what the store holds of it."""

    setting: Setting
    slug: str
    name: str
    fragments: tuple[Fragment, ...]
    """In the order of the files."""
    old: tuple[Part, ...]
    staged: dict[str, str]
    """Where those of the old parts are that the same import changed already."""


def settle(task: ForceTask) -> dict[str, Any]:
    """Put the fragments of one force together: the months, what was left out, and what old parts became."""
    change = Change(task.setting.store, staging=task.setting.staging)
    for name, file in task.staged.items():
        change.adopt(name, Path(file))
    for fragment in task.fragments:
        change.adopt(fragment.part.file, fragment.staged)
    marks = [np.load(fragment.marks, mmap_mode="r", allow_pickle=False) for fragment in task.fragments]
    again = _repeated(task.fragments, marks, change)
    left = _remaining(task.fragments, again)
    covered = sorted({fragment.part.month for fragment, count in zip(task.fragments, left, strict=True) if count})
    untouched = tuple(part for part in task.old if part.month not in covered)
    held, references = _held(task.fragments, marks, again, untouched, change) if covered else (_no_rows(len(marks)), 0)
    gone = [np.union1d(one, other) for one, other in zip(again, held, strict=True)]
    dropped = _Dropped(task.fragments, change)
    dropped.add(again, held=False)
    dropped.add(held, held=True)
    parts = _months(task, gone, change, covered)
    named = sum(fragment.named for fragment in task.fragments) - dropped.named
    updated, given = _with_outcomes(task, untouched, change)
    return {
        "covered": covered,
        "months": sorted({part.month for part in parts} | {part.month for part in task.old if part.month in covered}),
        "parts": [_told(part, change) for part in (*updated, *parts)],
        "new": [part.month for part in parts],
        "given": given + named,
        "held": references,
        "dropped": dropped.groups,
        "tally": dropped.tally.to_dict(),
        "positions": dropped.positions,
    }


def _told(part: Part, change: Change) -> dict[str, Any]:
    return {"part": plain_part(part), "staged": str(change.path_of(part.file))}


def _no_rows(count: int) -> list[NDArray[np.int64]]:
    return [np.empty(0, dtype=np.int64) for _ in range(count)]


def _repeated(fragments: Sequence[Fragment], marks: list[NDArray[np.uint64]], change: Change) -> list[NDArray[np.int64]]:
    """List the rows of each fragment whose reference an earlier row of the import has."""
    together = np.sort(np.concatenate(marks)) if marks else np.empty(0, dtype=np.uint64)
    twice = np.unique(together[1:][(together[1:] == together[:-1]) & (together[1:] != 0)])
    del together
    rows = _no_rows(len(fragments))
    for some in np.array_split(twice, len(twice) // _AT_ONCE + 1) if len(twice) else ():
        found = _texts(fragments, marks, some, change).sort_values(["unit", "row"], kind="stable")
        later = found[found["reference"].duplicated()]
        for place, own in later.groupby("fragment")["place"]:
            rows[place] = np.union1d(rows[place], own.to_numpy())
    return rows


def _texts(
    fragments: Sequence[Fragment], marks: list[NDArray[np.uint64]], wanted: NDArray[np.uint64], change: Change
) -> pd.DataFrame:
    """Read the references that bear one of the marks."""
    found = [pd.DataFrame({"reference": pd.Series(dtype="str"), "unit": 0, "row": 0, "fragment": 0, "place": 0})]
    for number, (fragment, own) in enumerate(zip(fragments, marks, strict=True)):
        places = np.flatnonzero(_among(own, wanted))
        if len(places):
            table = read_part(change, fragment.part, ["offence_id", "source_row"]).take(pa.array(places))
            columns = {"reference": table["offence_id"].to_pandas(), "row": table["source_row"].to_numpy()}
            found.append(pd.DataFrame(columns | {"unit": fragment.unit, "fragment": number, "place": places}))
    return pd.concat(found, ignore_index=True)


def _among(marks: NDArray[np.uint64], ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(ordered):
        return np.zeros(len(marks), dtype=bool)
    return ordered[np.minimum(np.searchsorted(ordered, marks), len(ordered) - 1)] == marks


def _remaining(fragments: Sequence[Fragment], gone: list[NDArray[np.int64]]) -> list[int]:
    return [fragment.part.offences - len(rows) for fragment, rows in zip(fragments, gone, strict=True)]


def _held(
    fragments: Sequence[Fragment],
    marks: list[NDArray[np.uint64]],
    again: list[NDArray[np.int64]],
    untouched: Sequence[Part],
    change: Change,
) -> tuple[list[NDArray[np.int64]], int]:
    """List the rows of each fragment whose reference the store holds in what is not replaced, and count those references."""
    rows = _no_rows(len(fragments))
    ordered = np.sort(np.concatenate(marks)) if untouched else np.empty(0, dtype=np.uint64)
    ordered = ordered[ordered != 0]
    held = [_references_among(read_part(change, part, ["offence_id"]), ordered) for part in untouched]
    texts = pd.Series([text for some in held for text in some], dtype="str").drop_duplicates()
    if not len(texts):
        return rows, 0
    found = _texts(fragments, marks, np.unique(marks_of(pa.array(texts, pa.string()))), change)
    found = found[found["reference"].isin(texts)]
    for place, own in found.groupby("fragment")["place"]:
        rows[place] = np.setdiff1d(own.to_numpy(), again[place])
    return rows, found["reference"].nunique()


def _references_among(table: pa.Table, ordered: NDArray[np.uint64]) -> list[str]:
    held = table["offence_id"].combine_chunks()
    return held.filter(pa.array(_among(marks_of(held), ordered))).to_pylist()


class _Dropped:
    """Counts what is left out for its reference."""

    def __init__(self, fragments: Sequence[Fragment], change: Change):
        self._fragments, self._change = fragments, change
        self.tally = Tally()
        self.named = 0
        self.groups: list[list[Any]] = []
        """[unit, held, month, first row, rows, first few rows]"""
        self.positions: list[list[float]] = [[], [], []]

    def add(self, gone: list[NDArray[np.int64]], *, held: bool) -> None:
        for fragment, rows in zip(self._fragments, gone, strict=True):
            if not len(rows):
                continue
            table = read_part(self._change, fragment.part).take(pa.array(rows))
            self.tally.add(tally_of(table))
            self.named += table.num_rows - table["outcome_date"].null_count
            numbers = table["source_row"].to_pylist()
            self.groups.append([fragment.unit, held, fragment.part.month, numbers[0], len(numbers), numbers[:EXAMPLES]])
            found = positions_of(table, sign=-1)
            own = Positions(np.array(self.positions[0]), np.array(self.positions[1]), np.array(self.positions[2]))
            together = Positions.together([own, found])
            self.positions = [together.x.tolist(), together.y.tolist(), together.counts.tolist()]


def _months(task: ForceTask, gone: list[NDArray[np.int64]], change: Change, covered: list[str]) -> list[Part]:
    """Give each month its part: a fragment that is all of it stays as it is."""
    parts = []
    for month in covered:
        own = [(one, rows) for one, rows in zip(task.fragments, gone, strict=True) if one.part.month == month]
        own = [(one, rows) for one, rows in own if one.part.offences > len(rows)]
        if not own:
            continue
        synthetic = task.setting.synthetic or any(part.synthetic for part in task.old if part.month == month)
        (first, rows), *others = own
        if not others and not len(rows) and first.force == task.name:
            parts.append(replace(first.part, synthetic=synthetic))
            continue
        tables = [_without(read_part(change, one.part), rows, task.name) for one, rows in own]
        options: dict[str, Any] = {"source": task.setting.source, "force": task.slug, "month": month}
        parts.append(stage_part(change, pa.concat_tables(tables), synthetic=synthetic, **options))
    return parts


def _without(table: pa.Table, rows: NDArray[np.int64], force: str) -> pa.Table:
    kept = np.ones(table.num_rows, dtype=bool)
    kept[rows] = False
    table = table.filter(pa.array(kept))
    named = pa.array([force] * table.num_rows, pa.string())
    return table.set_column(table.schema.get_field_index("force"), table.schema.field("force"), named)


def _with_outcomes(task: ForceTask, parts: Sequence[Part], change: Change) -> tuple[list[Part], int]:
    """Give stored offences the outcomes of outcomes files; a part that they do not name stays as it is."""
    folder = task.setting.outcomes.get(task.slug)
    if folder is None:
        return list(parts), 0
    index = outcome_index(Path(folder))
    updated, given = [], 0
    for part in parts:
        before = read_part(change, part)
        latest = index.frame(before["offence_id"].combine_chunks())
        after, named = with_outcomes(before, latest)
        given += named
        options: dict[str, Any] = {"source": part.source, "force": part.force, "month": part.month, "synthetic": part.synthetic}
        updated.append(part if after.equals(before) else stage_part(change, after, **options))
    return updated, given
