"""One crime type, LPA and year out of a store of any size: what a session waits for its picture, what the application weighs.

``python -m bench.scale_pages STORE`` on a store of police.uk data with LPAs, such as ``bench.scale_import`` makes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

from bench.browser import type_changes
from bench.driver import running_app
from bench.load import Session, Waits, megabytes, processor
from hotspot.geography import LPA
from hotspot.offences.store import EVERYTHING, DataSet, Store

TYPES = ("Burglary", "Vehicle crime", "Robbery", "Shoplifting")
CHANGES = 12
"""Views after the first, none of which was asked for before."""
CHOSEN = ("Vehicle crime", "Robbery", "Shoplifting", "Drugs", "Public order", "Bicycle theft", "Other theft")
"""Types chosen in a browser, one after another."""
TIMES = 3
"""Applications that the first choice is measured in."""


@dataclass(frozen=True)
class Pictures:
    """What the Density page took in one process of the application."""

    offences: int
    """Of the store."""
    first: float
    """Seconds to the map of the first view of a process that has just begun to answer, none of the store in the page cache."""
    first_whole: float
    """Seconds until the whole of that page was there."""
    first_processor: float
    """Seconds of all processors for it."""
    others: tuple[float, ...]
    """Seconds to the map of each further view."""
    others_whole: tuple[float, ...]
    processor: float
    """Seconds of all processors for each, on average."""
    started: float
    """MB of the application before the first view."""
    after: float
    """MB after the last."""
    highest: float
    """MB, the most in between."""

    @property
    def median(self) -> float:
        return statistics.median(self.others)

    @property
    def median_whole(self) -> float:
        return statistics.median(self.others_whole)


def pictures(store: Path) -> Pictures:
    """Open the views one after another in a new process of the application."""
    opened = Store(store)
    sizes = _sizes(opened)
    views = _views(opened, max(sizes, key=sizes.__getitem__))
    forget(store)
    with running_app(store) as address:
        started = megabytes(address, kind="VmRSS")["application"]
        waits = asyncio.run(_asked(address, views))
        after, highest = (megabytes(address, kind=kind)["application"] for kind in ("VmRSS", "VmHWM"))
    maps, whole, used = zip(*waits, strict=True)
    own = {"first": maps[0], "first_whole": whole[0], "first_processor": used[0]}
    others = {"others": maps[1:], "others_whole": whole[1:], "processor": statistics.mean(used[1:])}
    return Pictures(sum(sizes.values()), **own, **others, started=started, after=after, highest=highest)


def choices(store: Path) -> list[list[float]]:
    """Give the seconds of each choice in a browser whose page is open; the first finds nothing of the store in the page cache."""
    opened = Store(store)
    sizes = _sizes(opened)
    view = _views(opened, max(sizes, key=sizes.__getitem__))[0]
    return [type_changes(store, CHOSEN, before=partial(forget, store), **view) for _ in range(TIMES)]


def _sizes(store: Store) -> dict[DataSet, int]:
    return {one: store.facts(*one, scope=EVERYTHING).rows_used for one in store.data_sets}


def _views(store: Store, largest: DataSet) -> list[dict[str, str]]:
    """List views of the largest force, each of another type, LPA and year than the one before."""
    years = sorted({month[:4] for month in store.facts(*largest, scope=EVERYTHING).months}, reverse=True)
    areas = store.areas(LPA, force=largest.force).names
    chosen = list(product(years, areas, TYPES))
    step = max(1, len(chosen) // (CHANGES + 1)) | 1
    return [
        {"source": largest.source, "force": largest.force, "type": kind, "level": LPA, "area": area, "basis": "month"}
        | {"from": f"{year}-01-01", "to": f"{int(year) + 1}-01-01"}
        for year, area, kind in [chosen[n * step % len(chosen)] for n in range(CHANGES + 1)]
    ]


async def _asked(address: str, views: list[dict[str, str]]) -> list[tuple[float, float, float]]:
    """Give the seconds to the map, to the whole page, and of all processors, of each view."""
    waits, found = Waits(), []
    async with Session(address, waits) as session:
        for view in views:
            before = processor(address)
            whole = await session.change("density", view, shared=False)
            found.append((session.pictured, whole, processor(address) - before))
    if waits.faults:
        raise RuntimeError(waits.faults[0])
    return found


def forget(store: Path) -> None:
    """Let the system's page cache forget the files of a store."""
    for file in store.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.fdatasync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def main() -> None:
    """Measure one store and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", type=Path)
    found = pictures(parser.parse_args().store)
    print(found, f"median {found.median:.2f}, load {os.getloadavg()[0]:.1f}", sep="\n")


if __name__ == "__main__":
    main()
