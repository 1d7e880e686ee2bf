"""Import of an invented national archive, and one selection from its store, as the store grows."""

from __future__ import annotations

import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bench.curve import Point
from bench.driver import CHROMIUM, ROOT
from bench.national import FORCES, Archive, described, write
from bench.scale_pages import CHANGES, CHOSEN, TIMES, choices, forget, pictures
from hotspot.offences.police_uk import plain_name

TITLES = {
    "import": "import of a national archive, LPAs assigned",
    "select-first": "selection of one type, LPA and year, from a store not opened before",
    "select": "the same, other years",
    "picture-first": "Density page of one type, LPA and year: first picture of a new process",
    "picture": f"the same, {CHANGES} other types, LPAs and years: median",
    "chosen-first": "Density page open in Chromium: first other crime type chosen, to its picture on the map",
    "chosen": f"the same, {len(CHOSEN) - 1} further types: median",
}
LEAST = {"chosen-first": 1_000_000, "chosen": 1_000_000}
"""Offences below which most types have none in one LPA and year, and so no picture."""
MONTHS = 120
FILES_OF = {10_000: (1, 24), 100_000: (4, 24), 1_000_000: (10, 60)}
"""Offences → forces and months; larger archives have all of them."""
_LOOK = 0.05
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Measured:
    """One run of a process of its own."""

    seconds: float
    processor: float
    """Seconds, those of its children among them."""
    peak: int
    """Bytes in memory of the process and its children together, shared pages counted once for each process."""
    said: str


def points(size: int) -> list[Point]:
    """Invent an archive, import it, and read from its store; nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="hotspot-scale-"))
    try:
        return [imported(size, folder / "archive", folder / "store"), *read(size, folder / "store")]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def now() -> dict[str, str | float]:
    """Give the day and the machine's load, as a point keeps them."""
    return {"day": date.today().isoformat(), "load": os.getloadavg()[0]}


def imported(size: int, archive: Path, store: Path) -> Point:
    """Invent an archive and import it; the store is left."""
    forces, months = FILES_OF.get(size, (len(FORCES), MONTHS))
    write(Archive(archive, size, forces=forces, months=months))
    begun = now()
    found = _measured("import_archive", str(archive), str(store))
    shutil.rmtree(archive)
    note = f"{forces * months:,} files, {size / found.seconds:,.0f} rows a second"
    return Point("import", size, found.seconds, found.processor, found.peak / 1e6, note, **begun)


def read(size: int, store: Path) -> list[Point]:
    """Measure the selection by itself and as a page, from a store that is there."""
    begun = now()
    forget(store)
    found = _measured("select", str(store))
    first, *others = json.loads(found.said)
    shown = pictures(store)
    longest = f"longest {max(shown.others):.2f} s, whole page {shown.median_whole:.2f} s"
    memory = f"application {shown.started:,.0f} MB before the first view, at most {shown.highest:,.0f} MB"
    whole = f"whole page {shown.first_whole:.2f} s"
    return [
        Point("select-first", size, first, math.nan, found.peak / 1e6, **begun),
        Point("select", size, statistics.median(others), math.nan, math.nan, **begun),
        Point("picture-first", size, shown.first, shown.first_processor, math.nan, whole, **begun),
        Point("picture", size, shown.median, shown.processor, shown.after, f"{longest}; {memory}", **begun),
        *(_in_a_browser(size, store) if CHROMIUM and size >= LEAST["chosen"] else ()),
    ]


def _in_a_browser(size: int, store: Path) -> list[Point]:
    begun = now()
    found = choices(store)
    firsts, others = [times[0] for times in found], [one for times in found for one in times[1:]]
    said = [f"median of {TIMES} applications, longest {max(firsts):.2f} s", f"longest {max(others):.2f} s"]
    return [
        Point("chosen-first", size, statistics.median(firsts), math.nan, math.nan, said[0], **begun),
        Point("chosen", size, statistics.median(others), math.nan, math.nan, said[1], **begun),
    ]


def _measured(function: str, *arguments: str) -> Measured:
    """Run a function of this module in a process of its own and watch the memory of its family."""
    command = [sys.executable, "-c", f"import sys; from bench import scale_import; scale_import.{function}(*sys.argv[1:])"]
    start, spent = time.perf_counter(), _processor()
    process = subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    said, _ = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{function} ended with {process.returncode}")
    return Measured(seconds, _processor() - spent, peak[0], said)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(process: subprocess.Popen[str], peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(_resident, _family(process.pid))))
        time.sleep(_LOOK)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = [entry.name for entry in Path(f"/proc/{pid}/task").iterdir() if entry.name != str(pid)]
        for thread in threads:
            children += Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
    except OSError:  # it ended meanwhile
        return [pid]
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def import_archive(archive: str, store: str) -> None:
    """Import an archive with all its forces and their LPAs."""
    from hotspot.offences.load import import_sources

    boundaries = Path(store).with_name(Path(store).name + "-boundaries")
    import_sources([Path(archive)], store=Path(store), profile="police-uk", forces=described(boundaries), progress=_told)


def _told(step: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {step}", file=sys.stderr, flush=True)


def select(store: str) -> None:
    """Print the seconds of a selection from a store that is just opened, and of those of five other years."""
    from hotspot.findings.selected import select as selected
    from hotspot.offences.store import EVERYTHING, Store
    from hotspot.period import Period
    from hotspot.selection import MONTH, Selection

    def chosen(year: int) -> float:
        start = time.perf_counter()
        opened = Store(Path(store))
        data = next(one for one in opened.data_sets if one.force == plain_name(FORCES[0][1]))
        months = opened.facts(*data, scope=EVERYTHING).months
        first = int(months[-1 - 12 * (year % (len(months) // 12))][:4])
        period = Period(date(first, 1, 1), date(first + 1, 1, 1))
        selection = Selection(
            source=data.source, force=data.force, crime_type="Burglary", period=period, date_basis=MONTH, area="LPA 8"
        )
        selected(opened, selection, scope=EVERYTHING)
        return time.perf_counter() - start

    print(json.dumps([chosen(year) for year in range(6)]))
