"""Any query string on any page: the page is drawn, or says a sentence; nothing ends as a failure of the program."""

from __future__ import annotations

import html
import logging
import os
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamlit.testing.v1 import AppTest
from targets import FORCE  # noqa: F401  (sets the path for what follows)

from hotspot.paths import ROOT
from hotspot.ui import links

PAGE = """
import runpy
from types import SimpleNamespace
from hotspot.ui import page
page.run(SimpleNamespace(url_path={stem!r}, title={stem!r}, run=lambda: runpy.run_path({path!r})))
"""
PAGES = tuple(sorted((ROOT / "pages").rglob("*.py")))
FAILED = "This page could not be drawn"
NAMES = (*links.SELECTION_PARAMETERS, *dict.fromkeys(links._SETTINGS))
VALUES = (
    *(
        "",
        "0",
        "-1",
        "1",
        "7",
        "25",
        "100",
        "1e9",
        "1e999",
        "nan",
        "inf",
        "-inf",
        "True",
        "False",
        "None",
        "null",
        "[]",
        "{}",
        "\0",
        "٣",
    ),
    *(
        "99999999999999999999",
        "9" * 400,
        "[" * 3000,
        "0,1",
        "0,100,200",
        "1-2",
        "22-4",
        "24-24",
        "a|b",
        "|",
        "..",
        "2024-01-01..2024-04-01",
    ),
    *(
        "2024-01-01",
        "2024-02-30",
        "0001-01-01",
        "9999-12-31",
        "0001-01-01..9999-12-31",
        "1900-01-01",
        "2199-12-31",
        "2024-05",
        "2024-13",
    ),
    *(
        "Burglary",
        "burglary",
        "Robbery",
        "Residential burglary",
        "Westley",
        "Outside the LPAs",
        "Testshire",
        "LPA",
        "ward",
        "public",
        "force",
    ),
    *(
        "<script>alert(1)</script>",
        "![x](http://evil.example)",
        "=1+1",
        "../../etc/passwd",
        "quartic",
        "gaussian",
        "uniform",
        "harm",
        "knox",
    ),
    *(
        '["Z",[[402000,292000],[403000,292000],[403000,293000]]]',
        '["Z",[[0,0],[0,0],[0,0]]]',
        '["Z",[[1e7,1e7],[1e7,2e7],[2e7,2e7]]]',
    ),
    *(
        '["Z",[[402000,292000],[403000,293000],[403000,292000],[402000,293000]]]',
        "months",
        "cohort",
        "committed",
        "reported",
        "month",
        "Monday",
    ),
)


@dataclass(frozen=True)
class Crash:
    """A page that failed, the link that it was asked by, and the log."""

    page: str
    query: dict[str, str]
    log: str


class _Kept(logging.Handler):
    """Keeps what the server would log of failures."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(logging.Formatter().format(record))


def queries(source: random.Random) -> Iterator[dict[str, str]]:
    """Draw query strings: some parameters, most of the values odd, some mixed with others."""
    while True:
        chosen = source.sample(NAMES, source.randint(1, 9))
        yield {name: _value(source) for name in chosen}


def _value(source: random.Random) -> str:
    value = source.choice(VALUES)
    if source.random() < 0.15:
        value = value[: source.randint(0, 20)] + source.choice(VALUES)[:40]
    if source.random() < 0.1:
        value = "".join(
            chr(source.choice((source.randint(1, 127), source.randint(128, 0xD7FF)))) for _ in range(source.randint(1, 12))
        )
    return value


def opened(path: Path, query: dict[str, str]) -> Crash | None:
    """Open one page by one link; None where it is drawn or says a sentence."""
    log = logging.getLogger("hotspot")
    kept = _Kept()
    log.addHandler(kept)
    try:
        page = AppTest.from_string(PAGE.format(stem=path.stem, path=str(path)), default_timeout=120)
        for name, value in query.items():
            page.query_params[name] = value
        page.run()
    finally:
        log.removeHandler(kept)
    said = html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in page.get("html"))))
    if page.exception or FAILED in said or not said.strip():
        failures = [f"{one.message}\n{''.join(one.stack_trace)}" for one in page.exception]
        return Crash(path.stem, query, "\n".join([*kept.told, *failures]) or "nothing was drawn")
    return None


def fuzzed(store: Path, seconds: float, *, seed: int) -> tuple[int, list[Crash]]:
    """Open pages by drawn links for so many seconds; gives how many, and the crashes, one for each last line of the log."""
    os.environ["HOTSPOT_STORE"] = str(store)
    source = random.Random(seed)
    drawn, count, crashes = queries(source), 0, {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = opened(source.choice(PAGES), next(drawn))
        count += 1
        if found is not None:
            crashes.setdefault((found.page, found.log.strip().splitlines()[-1][:200]), found)
    return count, list(crashes.values())
