"""How many rows a written file tells: for the audit log, whatever wrote it."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing


def rows_of(content: bytes, suffix: str) -> int | None:
    """Count the rows of a file: lines under the heading, features, rows of all sheets; None for a picture or pages."""
    count = {".csv": _csv, ".geojson": _features, ".gpkg": _tables, ".xlsx": _sheets}.get(suffix.lower())
    return None if count is None else count(content)


def _csv(content: bytes) -> int:
    return max(sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) - 1, 0)


def _features(content: bytes) -> int:
    return len(json.loads(content)["features"])


def _tables(content: bytes) -> int:
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(content)
        names = [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")]
        quoted = (name.replace('"', '""') for name in names)
        return sum(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in quoted)


def _sheets(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [name for name in book.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
        return sum(len(re.findall(rb"<row[ >]", book.read(name))) for name in sheets)
