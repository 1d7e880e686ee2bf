"""Import and selection as the store grows: seconds, rows a second, peak memory of all processes, and the exponent.

``python -m bench.scale_import [--largest 10000000]``
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bench.national import FORCES, Archive, described, write
from bench.rows import Row
from hotspot.offences.police_uk import plain_name

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MONTHS = 120
FILES_OF = {10_000: (1, 24), 100_000: (4, 24), 1_000_000: (10, 60)}
"""Offences → forces and months; larger archives have all of them."""
_LOOK = 0.05
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Measured:
    """One run of a process of its own."""

    seconds: float
    peak: int
    """Bytes in memory of the process and its children together, shared pages counted once for each process."""
    said: str


def rows(scratch: Path | None = None, *, sizes: Sequence[int] = SIZES) -> list[Row]:
    """Measure every size: import, then one crime type and year of one force, cold and warm."""
    folder = Path(tempfile.mkdtemp(prefix="hotspot-scale-", dir=scratch))
    try:
        measured = [_size(size, folder) for size in sizes]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = [row for one in measured for row in one]
    for name, place in (("import", 0), ("selection, cold", 1), ("selection, warm", 2)):
        slope = exponent(sizes, [one[place].ours for one in measured])
        if slope is not None:
            found.append(Row(f"{name}: exponent of seconds over offences, {sizes[0]:,} to {sizes[-1]:,}", slope))
    return found


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float | None:
    """Give the slope of the seconds over the sizes, both as logarithms, by least squares; None of fewer than two sizes."""
    if len(sizes) < 2:
        return None
    x, y = [math.log(size) for size in sizes], [math.log(max(second, 1e-6)) for second in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sum((a - mean_x) ** 2 for a in x)


def _size(size: int, folder: Path) -> list[Row]:
    forces, months = FILES_OF.get(size, (len(FORCES), MONTHS))
    archive, store = folder / f"archive-{size}", folder / f"store-{size}"
    write(Archive(archive, size, forces=forces, months=months))
    imported = _measured("import_archive", str(archive), str(store))
    shutil.rmtree(archive)
    selected = _measured("select", str(store))
    cold, warm = map(float, selected.said.split())
    shutil.rmtree(store)
    name = f"{size:,} offences in {forces * months:,} files"
    rate = f"{size / imported.seconds:,.0f} rows/s, {imported.peak / 2**30:.2f} GiB"
    return [
        Row(f"import, {name}: {rate}", imported.seconds, goal="under 4 GiB"),
        Row(
            f"selection of burglary, one year, the largest force, cold, {name}: {selected.peak / 2**30:.2f} GiB",
            cold,
            goal="1.5 s",
        ),
        Row(f"the same selection, another year, warm, {name}", warm, goal="0.5 s"),
    ]


def _measured(function: str, *arguments: str) -> Measured:
    """Run a function of this module in a process of its own and watch the memory of its family."""
    command = [sys.executable, "-c", f"import sys; from bench import scale_import; scale_import.{function}(*sys.argv[1:])"]
    start = time.perf_counter()
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    said, _ = process.communicate()
    seconds = time.perf_counter() - start
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{function} ended with {process.returncode}")
    return Measured(seconds, peak[0], said)


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
    """Print the seconds of a first selection, the store just opened, and of a second one of another year."""
    from hotspot.findings.selected import select as selected
    from hotspot.offences.store import EVERYTHING, Store
    from hotspot.period import Period
    from hotspot.selection import MONTH, Selection

    def chosen(year: int) -> float:
        start = time.perf_counter()
        opened = Store(Path(store))
        data = next(one for one in opened.data_sets if one.force == plain_name(FORCES[0][1]))
        facts = opened.facts(*data, scope=EVERYTHING)
        first = facts.first_day.replace(month=1, day=1)
        period = Period(first.replace(year=first.year + year), date(first.year + year + 1, 1, 1))
        selection = Selection(source=data.source, force=data.force, crime_type="Burglary", period=period, date_basis=MONTH)
        selected(opened, selection, scope=EVERYTHING)
        return time.perf_counter() - start

    print(chosen(0), chosen(1))


def curves(report: Callable[[str], object] = print, *, largest: int = SIZES[-1]) -> None:
    """Measure the sizes up to the largest, and tell the table."""
    from bench.rows import table

    report(table(rows(sizes=[size for size in SIZES if size <= largest] + ([largest] if largest not in SIZES else []))))


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    curves(largest=parser.parse_args().largest)


if __name__ == "__main__":
    main()
