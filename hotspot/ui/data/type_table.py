"""The table of the file's own crime types, each with the crime type it is counted as."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import streamlit as st

from hotspot.crime_types import CRIME_TYPES
from hotspot.formulas import safe
from hotspot.offences.codes import crime_type_of, table_key
from hotspot.offences.force_extract import OTHER
from hotspot.offences.mapping import Mapping
from hotspot.offences.tabular import read_table
from hotspot.ui import page
from hotspot.ui.data import apart, said

MOST = 300
"""Rows of the table; the rarer words keep what the product knows of them."""


@dataclass(frozen=True)
class FoundType:
    """A crime type as the file writes it."""

    code: str
    """The most frequent code beside the description; the code itself where there is no description."""
    description: str
    rows: int

    @property
    def words(self) -> str:
        """What a mapping's line names: the description, else the code."""
        return self.description or self.code


@lru_cache(maxsize=16)
def found_types(path: Path, part: str, code: str, description: str) -> tuple[FoundType, ...]:
    """List the crime types of a file, the most frequent first; rows where both are blank are left out."""
    wanted = [column for column in (code, description) if column]
    table = apart.read(read_table, path, sheet=part, layer=part, wanted=frozenset(wanted)).frame
    blank = pd.Series("", index=table.index, dtype="str")
    codes, texts = (table[column] if column else blank for column in (code, description))
    frame = pd.DataFrame({"code": codes, "description": texts, "words": texts.where(texts != "", codes)})
    frame = frame[frame["words"] != ""]
    counts = frame["words"].value_counts()
    usual = frame.groupby(["words", "code", "description"], sort=False).size().sort_values(ascending=False, kind="stable")
    pairs = usual.reset_index().drop_duplicates("words").set_index("words")
    return tuple(
        FoundType(pairs.loc[words, "code"], pairs.loc[words, "description"], int(rows)) for words, rows in counts.items()
    )


def edit(path: Path, *, part: str, columns: dict[str, tuple[str, ...]], start: Mapping, key: str) -> dict[str, str]:
    """Draw the table, filled in with what the mapping and the product know; give the mapping's own lines."""
    code, description = (columns.get(name, ("",))[0] for name in ("crime_code", "crime_description"))
    if not code and not description:
        return start.crime_types
    page.section("Crime types of the file", "Each word of the file, and the crime type it is counted as. Check the guesses.")
    found = found_types(path, part, code, description)
    shown = found[:MOST]
    before = [suggested(one, start.crime_type_table) for one in shown]
    rows = pd.DataFrame(
        {
            "In the file": [one.description or one.code for one in shown],
            "Code": [one.code for one in shown],
            "Rows": [one.rows for one in shown],
            "Counted as": before,
        }
    )
    edited = st.data_editor(
        safe(rows, numbers_stay=True),
        hide_index=True,
        disabled=["In the file", "Code", "Rows"],
        column_config={
            "Counted as": st.column_config.SelectboxColumn(options=[kind.name for kind in CRIME_TYPES], required=True)
        },
        column_order=["In the file", "Rows", "Counted as"] if not (code and description) else None,
        row_height=32,
        height=35 * min(len(shown) + 1, 8) + 3,
        key=f"wizard-types-{key}-{code}-{description}",
    )
    if len(found) > MOST:
        said.note(
            f"The {MOST} most frequent of {len(found):,} are shown. "
            f"The others are counted as the product knows them, else as '{OTHER}'."
        )
    return own_lines(shown, [str(kind) for kind in edited["Counted as"]], start)


def counted_as(one: FoundType, table: dict[str, str]) -> str:
    """Say what a word of the file is counted as."""
    kind = crime_type_of(one.code, one.description, table=table)
    return kind.name if kind else OTHER


def suggested(one: FoundType, table: dict[str, str]) -> str:
    """Say what a word of the file is counted as, or should be: where no one knows it, the crime type whose name it holds.

    Of several such names the longest counts: 'Burglary in a dwelling' holds 'burglary', and 'burglary dwelling'.
    """
    known = counted_as(one, table)
    if known != OTHER:
        return known
    words = _words(one.description)
    names = ((name, kind.name) for kind in CRIME_TYPES for name in (kind.name, *kind.older_names))
    held = [(len(_words(name)), kind) for name, kind in names if _words(name) <= words]
    return max(held, key=lambda found: found[0])[1] if held else OTHER


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]{3,}", text.lower())) - {"and", "the", "other", "crime"}


def own_lines(found: tuple[FoundType, ...], chosen: list[str], start: Mapping) -> dict[str, str]:
    """Write the mapping's lines: those it had for other words, and one wherever the choice is not what the product knows."""
    shown = {table_key(one.words) for one in found}
    kept = {words: kind for words, kind in start.crime_types.items() if table_key(words) not in shown}
    without = {table_key(words): kind for words, kind in kept.items()}
    return kept | {one.words: kind for one, kind in zip(found, chosen, strict=True) if kind != counted_as(one, without)}
