"""Forty people at five to two: sessions that speak the application's own protocol and change a filter every ten seconds.

``make bench-load``, or ``python -m bench.load --sessions 40 --minutes 10 [--store FOLDER]``, measures what the sessions waited,
what the application weighed before and after, what its kept results were worth and what this generator cost by itself, and
writes it into docs/benchmarks.md; a shorter run is printed alone.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import os
import platform
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.driver import ROOT, running_app
from bench.sections import replaced
from bench.watched_app import FIGURES
from hotspot.offences.demo import write_demo

SECTION = "## Many users"
OWN_EACH = 5
"""Of so many changes of a person one is to a view of his own, never before so many went to shared ones: at least 80 % do."""
SHARED: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {}),
    ("density", {"type": "Burglary"}),
    ("density", {"type": "Vehicle crime"}),
    ("density", {"type": "Robbery"}),
    ("density", {"type": "Vehicle crime", "area": "Birmingham", "level": "LPA"}),
    ("compare", {"type": "Vehicle crime"}),
    ("compare", {"type": "Burglary"}),
    ("overview", {}),
    ("overview", {"area": "Coventry"}),
    ("repeat_victimisation", {"type": "Burglary"}),
)
"""Page and query of the views that many people open."""
_AREAS = ("Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton")
_TYPES = ("Burglary", "Vehicle crime", "Robbery", "Theft from the person", "Shoplifting", "Drugs")


@dataclass
class Waits:
    """What the changes of all sessions took."""

    seconds: list[tuple[float, float, bool]] = field(default_factory=list)
    """(moment, seconds waited, shared view)"""
    faults: list[str] = field(default_factory=list)
    bytes: int = 0

    def p95(self, start: float = 0.0, end: float = float("inf")) -> float:
        """Seconds that 95 of 100 changes begun between two moments took at most."""
        found = [seconds for moment, seconds, _ in self.seconds if start <= moment < end]
        return float(np.percentile(found, 95)) if found else float("nan")


class Session:
    """One person's page, as the browser keeps it up."""

    def __init__(self, address: str, waits: Waits) -> None:
        self._url = address.replace("http", "ws") + "/_stcore/stream"
        self._waits = waits
        self.pictured = math.nan
        """Seconds from the last change to its map; NaN where its page has none."""

    async def __aenter__(self) -> Session:
        self._socket = await websockets.connect(self._url, subprotocols=["streamlit"], max_size=None, ping_interval=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def change(self, page: str, query: dict[str, str], *, shared: bool) -> float:
        """Ask for a view as a press of the browser's back button does, and wait until it is whole."""
        message = BackMsg()
        message.rerun_script.query_string = urlencode(query)
        message.rerun_script.page_name = page
        message.rerun_script.is_history_navigation = True
        start = time.perf_counter()
        self.pictured = math.nan
        await self._socket.send(message.SerializeToString())
        await self._finished(page, start)
        seconds = time.perf_counter() - start
        self._waits.seconds.append((start, seconds, shared))
        return seconds

    async def _finished(self, page: str, start: float) -> None:
        while True:
            content = await self._socket.recv()
            self._waits.bytes += len(content)
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            element = message.delta.new_element.WhichOneof("type") if kind == "delta" else None
            if element == "component_instance" and math.isnan(self.pictured):
                self.pictured = time.perf_counter() - start
            if element == "exception":
                self._waits.faults.append(f"{page}: {message.delta.new_element.exception.message[:200]}")
            if kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return


def own_view(choice: random.Random) -> tuple[str, dict[str, str]]:
    """Invent a view that hardly anybody else looks at."""
    query = {"type": choice.choice(_TYPES), "area": choice.choice(_AREAS), "bandwidth": str(choice.randrange(150, 900, 25))}
    return choice.choice([("density", query), ("density", query), ("compare", {name: query[name] for name in ("type", "area")})])


def is_shared(person: int, change: int) -> bool:
    """Say whether a person's next change, counted from 0, goes to a shared view; people take their own ones in turn."""
    return change < OWN_EACH - 1 or (change + 1 - person % OWN_EACH) % OWN_EACH != 0


async def _person(number: int, address: str, waits: Waits, *, until: float, pause: float) -> None:
    choice = random.Random(number)
    async with Session(address, waits) as session:
        await asyncio.sleep(choice.uniform(0, pause))
        for count in itertools.count():
            if time.perf_counter() >= until:
                return
            shared = is_shared(number, count)
            page, query = choice.choice(SHARED) if shared else own_view(choice)
            waited = await session.change(page, query, shared=shared)
            await asyncio.sleep(max(0.0, pause - waited))


async def _long_analysis(address: str, *, start: float, until: float) -> float:
    """Begin permutations on a page that nobody else has open, half way through; give the moment."""
    await asyncio.sleep(max(0.0, start - time.perf_counter()))
    moment = time.perf_counter()
    async with Session(address, Waits()) as session:
        query = {"type": "Vehicle crime", "permutations": "9999"}
        while time.perf_counter() < until:
            await session.change("near_repeats", query, shared=False)
            await asyncio.sleep(2)
    return moment


async def _opened_before(address: str) -> None:
    """Open each shared view once: at five to two the application has been running since the morning."""
    async with Session(address, Waits()) as session:
        for page, query in SHARED:
            await session.change(page, query, shared=True)


async def _all(address: str, *, sessions: int, seconds: float, pause: float) -> tuple[Waits, float]:
    waits, start = Waits(), time.perf_counter()
    people = [_person(number, address, waits, until=start + seconds, pause=pause) for number in range(sessions)]
    long_from = asyncio.create_task(_long_analysis(address, start=start + seconds / 2, until=start + seconds))
    await asyncio.gather(*people)
    return waits, await long_from


def megabytes(address: str, *, kind: str = "Pss") -> dict[str, float]:
    """Give the memory of the application's processes that listen on a port, and of their children.

    Parameters
    ----------
    kind
        'Pss', shared pages divided among who shares them; 'VmRSS', with all of them; 'VmHWM', the most of it so far.
    """
    processes, roots = _served(address)
    family, found = {}, list(roots)
    parents = {pid: _parent(folder) for pid, folder in processes.items()}
    while found:
        pid = found.pop()
        family[pid] = _memory(processes[pid], kind)
        found += [child for child, parent in parents.items() if parent == pid]
    return {"application": sum(family[pid] for pid in roots), "with its worker processes": sum(family.values())}


def processor(address: str) -> float:
    """Give the seconds of all processors that the application used so far, without its worker processes."""
    processes, roots = _served(address)
    ticks = [_text(processes[pid] / "stat").rpartition(")")[2].split()[11:13] for pid in roots]
    return sum(int(one) for used in ticks for one in used) / os.sysconf("SC_CLK_TCK")


def _served(address: str) -> tuple[dict[int, Path], list[int]]:
    """Give all processes, and those that listen on the address's port."""
    port = address.rsplit(":", 1)[1]
    processes = {int(folder.name): folder for folder in Path("/proc").iterdir() if folder.name.isdigit()}
    return processes, [pid for pid, folder in processes.items() if f"--server.port\0{port}" in _text(folder / "cmdline")]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _parent(folder: Path) -> int:
    after_name = _text(folder / "stat").rpartition(")")[2].split()
    return int(after_name[1]) if after_name else 0


def _memory(folder: Path, kind: str) -> float:
    lines = _text(folder / ("smaps_rollup" if kind == "Pss" else "status")).splitlines()
    line = next((line for line in lines if line.startswith(f"{kind}:")), f"{kind}: 0 kB")
    return int(line.split()[1]) / 1024


@dataclass(frozen=True)
class Weight:
    """What the application is at a moment."""

    application: float
    """MB in memory."""
    together: float
    """MB with its worker processes, shared pages divided."""
    kept: float
    """MB of kept results, as the keeper counts them."""
    asked: int
    computed: int


def _weighed(address: str, figures: Path) -> Weight:
    time.sleep(1.5)  # the figures are written twice a second
    told = json.loads(figures.read_text("utf-8"))
    own, together = megabytes(address, kind="VmRSS")["application"], megabytes(address)["with its worker processes"]
    return Weight(own, together, told["megabytes"], told["asked"], told["computed"])


def measured(store: Path, *, sessions: int, minutes: float, pause: float) -> dict[str, str]:
    """Run the application on a store with so many people, and give what was found."""
    figures = store.parent / "load-figures.json"
    with running_app(store, {FIGURES: str(figures)}, module="bench.watched_app") as address:
        begun = os.getloadavg()[0]
        asyncio.run(_opened_before(address))
        before = _weighed(address, figures)
        began, own, used = time.perf_counter(), _own_processor(), processor(address)
        waits, long_from = asyncio.run(_all(address, sessions=sessions, seconds=minutes * 60, pause=pause))
        elapsed, own, used = time.perf_counter() - began, _own_processor() - own, processor(address) - used
        after = _weighed(address, figures)
        highest = megabytes(address, kind="VmHWM")["application"]
    seconds, shared = [one for _, one, _ in waits.seconds], [one for _, _, one in waits.seconds]
    asked, computed = after.asked - before.asked, after.computed - before.computed
    return {
        "sessions, minutes, seconds between a session's changes": f"{sessions}, {elapsed / 60:.1f}, {pause:g}",
        "changes, to one of the ten shared views": f"{len(seconds):,}, {sum(shared) / len(seconds):.1%}",
        "errors": "; ".join(waits.faults[:5]) or "none",
        "seconds to the whole page: median, 95th percentile, longest": _three(
            statistics.median(seconds), waits.p95(), max(seconds)
        ),
        "95th percentile of shared views, of own views": (
            f"{_p95_of(waits, shared=True):.2f}, {_p95_of(waits, shared=False):.2f}"
        ),
        "95th percentile before, and while a long analysis runs": f"{waits.p95(end=long_from):.2f}, {waits.p95(long_from):.2f}",
        "results asked of the keeper, computed, hit rate": f"{asked:,}, {computed:,}, {1 - computed / max(asked, 1):.1%}",
        "processor: application, this generator": f"{used / elapsed:.0%}, {own / elapsed:.0%} of one core",
        "sent to a session": f"{waits.bytes / 1e6 / len(seconds):.2f} MB a change",
        "memory of the application before, after, at most": (
            f"{before.application:,.0f}, {after.application:,.0f}, {highest:,.0f} MB"
        ),
        "of which kept results before, after": f"{before.kept:,.0f}, {after.kept:,.0f} MB",
        "with its worker processes before, after": f"{before.together:,.0f}, {after.together:,.0f} MB",
        "a session beside the kept results": (
            f"{(after.application - after.kept - before.application + before.kept) / sessions:.1f} MB"
        ),
        "load when it began, when it ended": f"{begun:.1f}, {os.getloadavg()[0]:.1f}",
    }


def _own_processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _three(*seconds: float) -> str:
    return ", ".join(f"{one:.2f}" for one in seconds)


def _p95_of(waits: Waits, *, shared: bool) -> float:
    return float(np.percentile([seconds for _, seconds, is_shared in waits.seconds if is_shared is shared], 95))


def section(found: Mapping[str, str], *, about: str) -> str:
    """Write the section of docs/benchmarks.md."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {date.today().isoformat()}"
    lines = [f"| {name} | {value} |" for name, value in found.items()]
    return "\n\n".join(
        [
            SECTION,
            f"Written by `make bench-load` on {machine}, {about}. Sessions speak the application's own websocket protocol, each "
            "counted until its page was whole; the ten shared views were opened once before. The long analysis (near repeats, "
            "9,999 permutations, again and again) fills the second half. Goal: 95th percentile at most 1.5 s.",
            "\n".join(["| | |", "|---|---|", *lines]),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; write the document where the run was a whole one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="left out: the demonstration data, made anew")
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=10, help="seconds from one change of a session to its next")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="hotspot-load-") as scratch:
        store = chosen.store or Path(scratch) / "store"
        if chosen.store is None:
            write_demo(store)
        found = measured(store, sessions=chosen.sessions, minutes=chosen.minutes, pause=chosen.pause)
    text = section(found, about="demonstration data (195,000 offences)" if chosen.store is None else f"store {chosen.store}")
    print(text)
    if chosen.store is None and chosen.minutes >= 10 and chosen.sessions >= 40:
        document = ROOT / "docs" / "benchmarks.md"
        document.write_text(replaced(document.read_text("utf-8"), text), "utf-8")


if __name__ == "__main__":
    main()
