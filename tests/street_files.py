"""Small police.uk files, written by hand, for the tests of the import."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
BIRMINGHAM = ("-1.898575", "52.479699")
"""Longitude and latitude of Victoria Square."""
COVENTRY = ("-1.508122", "52.408054")


def row(
    crime_id: str = "",
    *,
    month: str = "2014-01",
    force: str = "West Midlands Police",
    at: tuple[str, str] = BIRMINGHAM,
    location: str = "On or near High Street",
    crime_type: str = "Burglary",
    outcome: str = "Under investigation",
) -> str:
    """One row of a street file."""
    return f"{crime_id},{month},{force},{force},{at[0]},{at[1]},{location},E01009417,Birmingham 001A,{crime_type},{outcome},"


def street_file(folder: Path, *rows: str, month: str = "2014-01", force: str = "west-midlands", encoding: str = "utf-8") -> Path:
    """Write a street file under its standard name, in the folder of its month."""
    path = folder / month / f"{month}-{force}-street.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\r\n".join([HEADER, *rows, ""]).encode(encoding))
    return path


def outcomes_file(folder: Path, *rows: tuple[str, str, str], month: str = "2014-01", force: str = "west-midlands") -> Path:
    """Write an outcomes file of (crime, month, outcome)."""
    path = folder / month / f"{month}-{force}-outcomes.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type"
    lines = [f"{crime},{at},West Midlands Police,West Midlands Police,,,,,,{outcome}" for crime, at, outcome in rows]
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def zipped(folder: Path, archive: Path) -> Path:
    """Zip a folder as data.police.uk does."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for file in sorted(folder.rglob("*.csv")):
            target.write(file, file.relative_to(folder).as_posix())
    return archive


def hashes(folder: Path) -> dict[str, str]:
    """The content of every file under a folder."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
