"""How large a file may be that somebody gives: every limit, its sentence, and the variable by which an administrator raises it.

They are far above any honest file and far below what would bring a server down. Commands and uploads obey the same ones.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from hotspot.errors import BadInput

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limit:
    """The most of one thing."""

    variable: str
    """Of the environment; a whole number above 0."""
    usual: int
    words: str
    """What is counted: 'rows'."""
    cure: str
    """What the reader can do."""

    @property
    def most(self) -> int:
        """The limit that holds now.

        Raises
        ------
        BadInput
            If the variable is set to no whole number above 0.
        """
        said = os.environ.get(self.variable, "").strip().replace(",", "")
        if not said:
            return self.usual
        if not (said.isascii() and said.isdigit() and 0 < len(said) < 19 and int(said) > 0):
            raise BadInput(f"{self.variable} is '{said[:40]}', which is no whole number above 0. Correct it or take it away.")
        return int(said)

    def exceeded(self, found: float) -> bool:
        return found > self.most

    def sentence(self, where: str, found: float | None = None) -> str:
        """Say that a file goes beyond the limit; a count that nobody has ended is left out."""
        has = f"has {found:,.0f}" if found is not None else "has more"
        beyond = f"{has} {self.words}, more than" if found is not None else f"{has} {self.words} than"
        return f"{where} {beyond} the {self.most:,} that are read. {self.cure} The administrator can raise {self.variable}."

    def check(self, found: float, where: str) -> None:
        """Refuse a file that goes beyond the limit.

        Raises
        ------
        BadInput
            With what it has, what it may have, and what to do.
        """
        if self.exceeded(found):
            raise BadInput(self.sentence(where, found))


FILE_MB = Limit("HOTSPOT_MOST_MB", 1_024, "MB", "Split it and import the parts.")
"""Of one file, unpacked. A month of police.uk's largest force is under 40."""
TABLE_MB = Limit("HOTSPOT_MOST_TABLE_MB", 2, "MB", "Such a table is small: is it the right file?")
"""Of what people write by hand: events, weights, other forces, mappings, force files."""
ROWS = Limit("HOTSPOT_MOST_ROWS", 5_000_000, "rows", "Split it and import the parts.")
COLUMNS = Limit("HOTSPOT_MOST_COLUMNS", 1_000, "columns", "Export the columns that are needed.")
FIELD = Limit("HOTSPOT_LONGEST_FIELD", 100_000, "characters in one field", "Is a quotation mark missing before it?")
ARCHIVE_MB = Limit("HOTSPOT_MOST_ARCHIVE_MB", 65_536, "MB unpacked", "Import parts of it.")
"""Of all files of an archive together."""
MEMBERS = Limit("HOTSPOT_MOST_MEMBERS", 200_000, "files", "Import parts of it.")
RATIO = Limit("HOTSPOT_MOST_RATIO", 200, "times its packed size", "Unpack it and look at it.")
"""Unpacked over packed size of a member above ``RATIO_FROM``; street files shrink eightfold, a sheet thirtyfold."""
RATIO_FROM = 64 * MEGABYTE
CORNERS = Limit("HOTSPOT_MOST_CORNERS", 5_000_000, "corners", "Simplify its shapes.")
"""Of all shapes of a file; the LSOAs of England in full resolution have about 4 million."""
FEATURES = Limit("HOTSPOT_MOST_FEATURES", 200_000, "features", "Keep those of the force.")
"""Of a context layer."""
CRIME_TYPES = Limit("HOTSPOT_MOST_CRIME_TYPES", 2_000, "different crime types", "Is it the column of crime types?")
EVENTS = Limit("HOTSPOT_MOST_EVENTS", 2_000, "rows", "Keep the days that explain a trend.")
WEIGHTS = Limit("HOTSPOT_MOST_WEIGHTS", 5_000, "weights", "Is it the right file?")
NESTING = 200
"""Levels of brackets within brackets of a text that is read as TOML or JSON; ours have four."""
SECONDS = Limit("HOTSPOT_MOST_SECONDS", 900, "seconds", "Split the file, or import it with the command.")
"""That an upload may be read or imported."""


def check_size(size: int, where: str, limit: Limit = FILE_MB) -> None:
    """Refuse a file of more bytes than its limit in MB.

    Raises
    ------
    BadInput
        As ``Limit.check``.
    """
    if size > limit.most * MEGABYTE:
        raise BadInput(limit.sentence(where, -(-size // MEGABYTE)))


def too_deep(text: str) -> bool:
    """Say whether brackets stand within brackets deeper than any honest file has them, which readers do not survive."""
    depth = deepest = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth = max(0, depth - 1)
    return deepest > NESTING
