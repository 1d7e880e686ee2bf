"""The real ways in: for each the command that an analyst gives, with the hostile file in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from small_store import MAPPING, offence, several, small_store

GOOD_ROW = "1,Burglary,2024-03-04 22:15,2024-03-05 07:30,2024-03-05,402000,292000,Westley,High Street,,,,"
HEADER = "Reference,Offence,From,To,Reported,Easting,Northing,LPA,Street,UPRN,Victim,Age,Knife"


@dataclass(frozen=True)
class Place:
    """A store with what lies beside it, for one case or for all that are refused."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def content(self) -> dict[str, str]:
        """Give every file of the store and of the records by the hash of its content; the lock is empty and says nothing."""
        return {
            file.relative_to(self.folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and file.name != ".lock"
        }


def place(folder: Path) -> Place:
    """Make a small store in two LPAs, the mapping of its extract, and a sound extract."""
    rows = [*several(6, "a"), offence("b", committed="2023-05-01 12:00", reported="2023-05-02")]
    small_store(folder, rows)
    (folder / "mapping.toml").write_text(MAPPING.replace('"Extract"', '"Given"'), "utf-8")
    (folder / "good.csv").write_text(f"{HEADER}\n{GOOD_ROW}\n", "utf-8")
    return Place(folder)


Way = Callable[[Path, Place], list[object]]
WAYS: dict[str, Way] = {
    "police.uk": lambda file, at: ["import", file, "--store", at.store, "--profile", "police-uk"],
    "extract": lambda file, at: ["import", file, "--store", at.store, "--profile", at.folder / "mapping.toml"],
    "mapping": lambda file, at: ["import", at.folder / "good.csv", "--store", at.store, "--profile", file],
    "force file": lambda file, at: [
        *("import", at.folder / "good.csv", "--store", at.store),
        *("--profile", at.folder / "mapping.toml", "--force", file),
    ],
    "boundaries": lambda file, at: ["boundaries", "import", file, "--level", "ward", "--store", at.store],
    "denominators": lambda file, at: [
        *("boundaries", "import", file, "--level", "ward", "--denominator", "households", "--store", at.store)
    ],
    "layer": lambda file, at: ["layers", "import", file, "--name", "CCTV", "--store", at.store],
    "events": lambda file, at: ["events", "import", file, "--store", at.store],
    "other forces": lambda file, at: ["performance", "--store", at.store, "--peers", file],
    "dated points": lambda file, at: ["near-repeat", "--points", file, "--permutations", "19"],
    "points": lambda file, at: ["density", "--points", file, "--at", file, "--bandwidth", "300"],
    "windows": lambda file, at: ["aoristic", "--windows", file],
    "weights": lambda file, at: ["hotspots", "--store", at.store, "--crime-type", "burglary", "--weights", file],
    "polygon": lambda file, at: [
        *("evaluate", "--store", at.store, "--crime-type", "burglary", "--start", "2024-04-01", "--polygon", file)
    ],
    "restore": lambda file, at: ["restore", file, "--store", at.folder / "restored"],
}
"""A way in → the command's words for a file."""
