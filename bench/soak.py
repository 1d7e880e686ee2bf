"""Two hours of mixed use: people who come and go on every page, and what else happens to a store meanwhile.

``python -m bench.soak --minutes 120`` (``make soak``) runs the application on the demonstration data with few kept results,
so that their limit is reached at once, and writes what it found into docs/assurance.md. Sessions speak the application's own
protocol; one person in a real browser moves the bandwidth, pins and downloads; commands import, back up and write a briefing;
plans are saved.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np

from bench import national
from bench.driver import CHROMIUM, ROOT, browser, running_app, visit
from bench.load import SHARED, Session, Waits, megabytes, own_view
from bench.sections import replaced
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import GROUPS, HOTSPOT, Action, Draft, FrozenArea

SECTION, DOCUMENT = "## Soak", ROOT / "docs" / "assurance.md"
NOTEBOOK = "My findings"
"""That Pin offers first."""
KEPT_MB = 256
"""Megabytes of kept results: four times less than usual, so that results are forgotten all the time."""
EVERY_PAGE: tuple[tuple[str, dict[str, str]], ...] = (
    *SHARED,
    ("clusters", {"type": "Vehicle crime"}),
    ("when", {"type": "Burglary"}),
    ("near_repeats", {"type": "Burglary"}),
    ("series", {"type": "Burglary", "area": "Coventry", "level": "LPA"}),
    ("notebooks", {"notebook": NOTEBOOK}),
    ("plans", {}),
    ("evaluation", {}),
    ("accuracy", {"type": "Burglary"}),
    ("performance", {}),
    ("investigation", {"type": "Burglary"}),
    ("data", {}),
    ("density", {"from": "1999-01-01", "to": "1999-02-01"}),
    ("density", {"bandwidth": "nonsense", "area": "<b>nowhere</b>"}),
)
"""Every page, an empty period and a broken link among them."""
SAMPLE_EVERY, CHORE_EVERY, WARM_UP = 30.0, 240.0, 1 / 4
"""Seconds; share of the run after which memory is judged."""
_POLYGON = '{"type":"Polygon","coordinates":[[[406000,286000],[407000,286000],[407000,287000],[406000,286000]]]}'


@dataclass
class Soaked:
    """What was seen."""

    waits: Waits = field(default_factory=Waits)
    memory: list[tuple[float, float, float]] = field(default_factory=list)
    """(minutes, MB of the application, MB with its worker processes)"""
    chores: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def growth(memory: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Give the application's MB in the second and in the last quarter (medians), and MB an hour fitted after the first."""
    minutes, used, _ = np.array(memory).T
    second, last = (minutes >= minutes[-1] * low for low in (0.25, 0.75))
    early = used[second & (minutes < minutes[-1] * 0.5)]
    slope = np.polyfit(minutes[second], used[second], 1)[0] * 60
    return float(np.median(early)), float(np.median(used[last])), float(slope)


def tenths(memory: Sequence[tuple[float, float, float]]) -> list[float]:
    """Give the application's MB in each tenth of the samples (medians)."""
    return [float(np.median(part)) for part in np.array_split(np.array(memory)[:, 1], 10) if len(part)]


async def _person(number: int, address: str, soaked: Soaked, *, until: float, pause: float) -> None:
    """Open views for some minutes, close the browser, come back."""
    choice = random.Random(number)
    while time.perf_counter() < until:
        leaves = time.perf_counter() + choice.uniform(120, 600)
        try:
            async with Session(address, soaked.waits) as session:
                while time.perf_counter() < min(leaves, until):
                    page, query = choice.choice(EVERY_PAGE) if choice.random() < 0.7 else own_view(choice)
                    await asyncio.wait_for(session.change(page, query, shared=True), 300)
                    await asyncio.sleep(choice.uniform(0.5, 1.5) * pause)
        except (OSError, TimeoutError) as fault:
            soaked.faults.append(f"session {number}: {type(fault).__name__} {fault}"[:200])
        await asyncio.sleep(choice.uniform(1, 20))


async def _run(soaked: Soaked, name: str, *command: str, environment: dict[str, str]) -> None:
    """Run a command beside the application; what it says when it fails is kept."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command), cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    soaked.chores[name] += 1
    if process.returncode:
        soaked.faults.append(f"{name}: {said.decode('utf-8', 'replace').strip()[-300:]}")


def _save_plan(records: str, number: int) -> None:
    """Make a plan and change it, as two presses on the page do."""
    database, now = open_database(records), datetime.now().replace(microsecond=0)
    where = FrozenArea(HOTSPOT, "Soak", _POLYGON, "EPSG:27700", "West Midlands", "soak", True, "density", "", 1, "soak")
    actions = tuple(Action(0, group, "Visit the street", "Sergeant 1234", date(2030, 1, 1)) for group in GROUPS)
    draft = Draft(f"Soak {number}", "Birmingham", "Burglary", actions=actions)
    made = plans.create(database, draft, where, who="soak", now=now)
    plans.save(database, made.number, made.draft, revision=made.revision, who="soak", now=now)


async def _chores(address: str, store: Path, soaked: Soaked, *, until: float) -> None:
    """Do one of the things that happen to a store, again and again."""
    records = f"sqlite:///{store.parent / store.name}.records.sqlite"
    environment = os.environ | {"HOTSPOT_STORE": str(store), "HOTSPOT_RECORDS": records}
    street, out = store.parent / "street", store.parent / "out"
    out.mkdir()
    national.write(national.Archive(street, 60_000, forces=3, months=6), processes=1)

    def hotspot(name: str, *words: str) -> Callable[[int], Awaitable[None]]:
        return lambda turn: _run(soaked, name, "-m", "hotspot", *words, environment=environment)

    async def save(turn: int) -> None:
        await asyncio.to_thread(_save_plan, records, turn)
        soaked.chores["plans made and changed"] += 1

    async def back_up(turn: int) -> None:
        await hotspot("back-ups", "backup", "--store", str(store), "--out", str(out / f"{turn}.tar"))(turn)

    def person(turn: int) -> Awaitable[None]:
        return _run(soaked, "visits of a browser", "-m", "bench.soak", "--visitor", address, environment=environment)

    month = str(street / "2014-03" / "2014-03-west-midlands-street.csv")
    with_pins = [
        person,
        hotspot("notebooks run again", "notebook", "run-again", NOTEBOOK, "--store", str(store)),
        hotspot("briefings", "brief", "--notebook", NOTEBOOK, "--store", str(store), "--out", str(out / "soak.pdf")),
    ]
    chores = [*(with_pins if CHROMIUM else []), save, hotspot("imports", "import", month, "--store", str(store)), back_up]
    turn = 0
    while time.perf_counter() < until:
        await chores[turn % len(chores)](turn)
        for old in sorted(out.glob("*.tar"))[:-1]:
            old.unlink()
        turn += 1
        await asyncio.sleep(max(0.0, min(CHORE_EVERY, until - time.perf_counter())))


async def _weigh(address: str, soaked: Soaked, *, start: float, until: float) -> None:
    while time.perf_counter() < until:
        # Shared pages count in full: divided, the figure would move with whatever else runs on the machine.
        own = await asyncio.to_thread(megabytes, address, kind="VmRSS")
        family = await asyncio.to_thread(megabytes, address)
        soaked.memory.append(((time.perf_counter() - start) / 60, own["application"], family["with its worker processes"]))
        await asyncio.sleep(SAMPLE_EVERY)


async def _all(address: str, store: Path, soaked: Soaked, *, sessions: int, seconds: float, pause: float) -> None:
    start = time.perf_counter()
    until = start + seconds
    people = [_person(number, address, soaked, until=until, pause=pause) for number in range(sessions)]
    await asyncio.gather(*people, _chores(address, store, soaked, until=until), _weigh(address, soaked, start=start, until=until))


def visitor(address: str) -> None:
    """Move the notebook, download: one person with a real browser."""
    with browser() as started, visit(started, address) as visited:
        page = visited.page
        page.set_default_timeout(120_000)
        visited.open("density", type="Burglary", area="Coventry", level="LPA")
        slider = page.get_by_role("slider", name="Bandwidth (metres)")
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
            slider.focus()
            page.keyboard.press(key)
            visited.settle()
        with page.expect_download() as download:
            page.get_by_role("button", name="GeoJSON", exact=True).click()
        if not download.value.path().stat().st_size:
            raise SystemExit("the download is empty")
        page.get_by_role("button", name="Pin").click()
        page.get_by_role("button", name="Keep this view").click()
        page.locator(".hs-done").wait_for()
        if visited.faults:
            raise SystemExit("; ".join(visited.faults))


def log_review(log: str) -> Counter[str]:
    """Count the lines of the application's log by what they are."""
    found: Counter[str] = Counter()
    for line in log.splitlines():
        if line.strip():
            kinds = ("Traceback", "ERROR", "WARNING", "Exception")
            found[next((kind for kind in kinds if kind in line), "other lines")] += 1
    return found


def tracebacks(log: str) -> list[str]:
    """Give the line that ends each traceback of a log: what went wrong."""
    ends, is_within = [], False
    for line in log.splitlines():
        if "Traceback (most recent call last)" in line:
            is_within = True
        elif is_within and line.strip() and not line.startswith(" "):
            ends.append(f"log: {line.strip()}")
            is_within = False
    return ends


def told(soaked: Soaked, log: str, *, sessions: int, minutes: float) -> str:
    """Write the section of the document."""
    seconds = [one for _, one, _ in soaked.waits.seconds]
    early, late, slope = growth(soaked.memory)
    faults = [*soaked.faults, *soaked.waits.faults, *tracebacks(log)]
    reviewed = ", ".join(f"{kind} {count}" for kind, count in sorted(log_review(log).items())) or "empty"
    chores = ", ".join(f"{name} {count}" for name, count in sorted(soaked.chores.items()))
    rows = {
        "people at a time, views opened": f"{sessions}, {len(seconds):,}",
        "seconds to the whole page: median, 95th percentile, longest": f"{np.median(seconds):.2f}, "
        f"{soaked.waits.p95():.2f}, {max(seconds):.1f}",
        "beside them": chores,
        "faults": f"{len(faults)}" + (": " + "; ".join(faults[:5]).replace("\n", " ").replace("|", "/") if faults else ""),
        "application, resident MB: median of second quarter, last": f"{early:,.0f}, {late:,.0f} ({late / early - 1:+.1%})",
        "MB an hour, fitted after the first quarter": f"{slope:+,.0f}",
        "MB, median of each tenth of the run": ", ".join(f"{one:,.0f}" for one in tenths(soaked.memory)),
        "most with worker processes, MB": f"{max(whole for _, _, whole in soaked.memory):,.0f}",
        "lines of the log": reviewed,
    }
    lines = "\n".join(f"| {name} | {figure} |" for name, figure in rows.items())
    return (
        f"{SECTION}\n\nWritten by `make soak` on {os.cpu_count()} cores, {platform.machine()}, {date.today():%d %B %Y}: "
        f"{minutes:.0f} minutes of mixed use on the demonstration data, at most {KEPT_MB} MB of kept results.\n\n"
        f"| | |\n|---|---|\n{lines}\n"
    )


def soak(*, sessions: int, minutes: float, pause: float) -> str:
    """Run the application for so long, and say what was found."""
    from hotspot.offences.demo import write_demo

    soaked = Soaked()
    with tempfile.TemporaryDirectory(prefix="hotspot-soak-") as folder:
        store = Path(folder) / "store"
        write_demo(store)
        os.environ |= {"HOTSPOT_CACHE_MB": str(KEPT_MB), "HOTSPOT_RECORDS": f"sqlite:///{store}.records.sqlite"}
        with running_app(store) as address:
            asyncio.run(_all(address, store, soaked, sessions=sessions, seconds=minutes * 60, pause=pause))
        (log,) = Path(folder).glob("app-*.log")
        return told(soaked, log.read_text("utf-8", "replace"), sessions=sessions, minutes=minutes)


def main(arguments: Sequence[str] | None = None) -> None:
    """Soak, and write what was found into the document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--pause", type=float, default=15, help="seconds from one view of a person to the next")
    parser.add_argument("--out", type=Path, default=DOCUMENT, help="the document whose section is written")
    parser.add_argument("--visitor", metavar="ADDRESS", help="be the person with the browser, once")
    chosen = parser.parse_args(arguments)
    if chosen.visitor:
        visitor(chosen.visitor)
        return
    section = soak(sessions=chosen.sessions, minutes=chosen.minutes, pause=chosen.pause)
    print(section)
    before = chosen.out.read_text("utf-8") if chosen.out.exists() else "# Assurance\n"
    chosen.out.write_text(replaced(before, section), "utf-8")


if __name__ == "__main__":
    main()
