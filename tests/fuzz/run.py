"""``make fuzz``: minutes of fuzzing, its figures printed and written under '## Fuzzing' into docs/assurance.md.

    python tests/fuzz/run.py --minutes 5

Hypothesis changes sound files; atheris, where it is installed, is guided by what our code does with them; drawn links open pages.
Whatever is neither a result nor a sentence is kept in ``build/fuzz`` and ends with exit code 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from page_links import fuzzed
from small_store import IN_EAST, several, small_store
from street_files import row, street_file
from targets import TARGETS, ran
from test_fuzz import contents

from hotspot import __version__
from hotspot.boundaries.force_file import load_force
from hotspot.offences.load import import_sources
from hotspot.paths import ROOT, WEST_MIDLANDS

KEPT = ROOT / "build" / "fuzz"
PAGES_SHARE, CHANGED_SHARE = 0.3, 0.2
"""Of the minutes: links on pages; files that Hypothesis changes. The rest is guided."""
HEADING = "## Fuzzing"


@dataclass
class Figures:
    """What one way of fuzzing did."""

    way: str
    executions: int = 0
    seconds: float = 0.0
    crashes: list[str] = field(default_factory=list)
    """One line for each that is new: what, where it is kept."""


def changed_files(seconds: float) -> Figures:
    """Let Hypothesis change sound files, a share of the time for each kind."""
    figures, begun = Figures("Files that Hypothesis changed"), time.monotonic()
    for target in TARGETS:
        with suppress(TimeoutError):
            _changed(target, time.monotonic() + seconds / len(TARGETS), figures)
    figures.seconds, figures.crashes = time.monotonic() - begun, sorted(set(figures.crashes))
    return figures


def _changed(target: str, end: float, figures: Figures) -> None:
    @settings(
        max_examples=100_000, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(contents(target))
    def check(content: bytes) -> None:
        if time.monotonic() > end:
            raise TimeoutError
        figures.executions += 1
        try:
            ran(target, content)
        except Exception:
            figures.crashes.append(_kept(target, content))

    check()


def _kept(target: str, content: bytes) -> str:
    last = traceback.format_exc(limit=-2).strip().splitlines()
    folder = KEPT / target.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"crash-{hashlib.sha256(' '.join(last).encode()).hexdigest()[:12]}"
    file.write_bytes(content)
    return f"{target}: {last[-1][:160]} ({file.relative_to(ROOT)})"


def guided_files(seconds: float) -> Figures:
    """Let atheris guide the changes, a share of the time for each kind, each in a process of its own."""
    figures, begun = Figures("Files that atheris changed, guided by coverage"), time.monotonic()
    for target in TARGETS:
        folder = KEPT / target.replace(" ", "-")
        command = [sys.executable, str(Path(__file__).with_name("guided.py")), target, str(folder)]
        share = max(2, round(seconds / len(TARGETS)))
        done = subprocess.run([*command, str(share)], capture_output=True, text=True, errors="replace", cwd=ROOT, check=False)
        told = done.stdout + done.stderr
        found = re.search(r"stat::number_of_executed_units:\s*(\d+)", told)
        figures.executions += int(found[1]) if found else 0
        if done.returncode or found is None:
            said = [line for line in told.splitlines() if re.match(r"[A-Za-z.]*(Error|Exception|Warning|ERROR)", line)]
            figures.crashes.append(
                f"{target}: {(said or ['ended with ' + str(done.returncode)])[-1][:160]} ({folder.relative_to(ROOT)})"
            )
        print(f"  {target}: {found[1] if found else 'none'}", flush=True)
    figures.seconds = time.monotonic() - begun
    return figures


def page_links(seconds: float) -> Figures:
    """Open pages by drawn links on three stores: of three years, of a dozen offences, and of months and anchor points alone."""
    figures, begun = Figures("Query strings on pages"), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hotspot-fuzz-") as folder:
        for number, make in enumerate((_three_years, _a_dozen, _months_alone)):
            count, crashes = fuzzed(make(Path(folder) / str(number)), seconds / 3, seed=int(time.time()) + number)
            figures.executions += count
            figures.crashes += [f"page {one.page}: {one.log.strip().splitlines()[-1][:160]} by {one.query}" for one in crashes]
    figures.seconds = time.monotonic() - begun
    return figures


def _three_years(folder: Path) -> Path:
    days = [(f"{year}-{month:02d}", f"{year}{month}") for year in (2022, 2023, 2024) for month in range(1, 13)]
    same = {"uprn": "U", "victim": "V"}
    rows = [row for month, key in days for row in several(4, key, committed=f"{month}-05 12:00", reported=f"{month}-06", **same)]
    rows += [row for month, key in days for row in several(3, f"e{key}", IN_EAST, f"{month}-15 22:00", age="22", knife="Y")]
    return small_store(folder, rows).path


def _a_dozen(folder: Path) -> Path:
    rows = several(6, "a", reported="2024-05-02") + several(5, "b", IN_EAST, "2023-05-01 22:00", knife="Y")
    return small_store(folder, rows).path


def _months_alone(folder: Path) -> Path:
    files = folder / "files"
    for month in ("2023-12", "2024-01"):
        street_file(files, *(row(f"{month}{one}", month=month) for one in range(30)), month=month)
    import_sources([files], store=folder / "store", forces=(load_force(WEST_MIDLANDS),))
    return folder / "store"


def section(every: list[Figures]) -> str:
    """Write the figures as a section of docs/assurance.md."""
    executions, crashes = sum(one.executions for one in every), sum(len(one.crashes) for one in every)
    minutes = sum(one.seconds for one in every) / 60
    rows = [f"| {one.way} | {one.executions:,} | {one.seconds / 60:.1f} | {len(one.crashes)} |" for one in every]
    today = date.today()
    lines = [
        HEADING,
        "",
        f"Last run of `make fuzz`, {today.day} {today:%B %Y}, version {__version__}, {os.cpu_count()} processors: "
        f"**{executions:,} executions in {minutes:.1f} minutes, {crashes} crashes**. A crash is whatever is neither a result nor "
        "a sentence for an analyst.",
        "",
        "| What | Executions | Minutes | Crashes |",
        "|---|---:|---:|---:|",
        *rows,
        "",
        f"{len(TARGETS)} kinds of input are fuzzed ([tests/fuzz/targets.py](../tests/fuzz/targets.py)), and every page by its "
        "link. `make test` has a short, fixed run of the same. Every crash that was found is a case of the corpus "
        "(tests/hostile) or a test.",
    ]
    return "\n".join(lines) + "\n"


def with_section(document: str, new: str) -> str:
    """Put the section in place of the one before it, or at the end."""
    if HEADING not in document:
        return f"{document.rstrip()}\n\n{new}"
    before, _, after = document.partition(HEADING)
    following = re.search(r"^## ", after, re.MULTILINE)
    return before + new + (f"\n{after[following.start() :]}" if following else "")


def main() -> None:
    """Fuzz for so many minutes."""
    options = argparse.ArgumentParser(description="Fuzz readers and links.")
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "assurance.md", help="the document that gets the figures")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    seconds = 60 * chosen.minutes
    has_guide = importlib.util.find_spec("atheris") is not None
    if not has_guide:
        print("atheris is not installed: Hypothesis takes its share of the time.")
    changed = CHANGED_SHARE if has_guide else 1 - PAGES_SHARE
    every = [changed_files(changed * seconds)]
    if has_guide:
        every.append(guided_files((1 - PAGES_SHARE - CHANGED_SHARE) * seconds))
    every.append(page_links(PAGES_SHARE * seconds))
    for one in every:
        print(f"{one.way}: {one.executions:,} executions in {one.seconds / 60:.1f} minutes, {len(one.crashes)} crashes")
        print("".join(f"  {crash}\n" for crash in one.crashes), end="")
    known = chosen.out.read_text("utf-8") if chosen.out.exists() else "# Assurance\n"
    chosen.out.write_text(with_section(known, section(every)), "utf-8")
    sys.exit(1 if any(one.crashes for one in every) else 0)


if __name__ == "__main__":
    main()
