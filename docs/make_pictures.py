"""Take the pictures of every page and of a briefing that the README shows, from the demonstration data: `make pictures`.

With ``--briefing``, those of the briefing alone; with ``--small FOLDER``, the pages at 1280×720 into a folder.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pypdfium2
import shapely
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.driver import LARGE, SMALL, Visit, browser, running_app, visit  # noqa: E402
from hotspot.export import cards  # noqa: E402
from hotspot.export.briefing import Briefing, Slide, written  # noqa: E402
from hotspot.export.briefing_plans import with_plans  # noqa: E402
from hotspot.findings.evaluation_areas import area_of_file  # noqa: E402
from hotspot.offences.demo import write_demo  # noqa: E402
from hotspot.offences.store import EVERYTHING, Store  # noqa: E402
from hotspot.paths import records_url  # noqa: E402
from hotspot.records import notebooks, plans  # noqa: E402
from hotspot.records.database import Database, open_database  # noqa: E402
from hotspot.records.plan_drafts import HOTSPOT, Action, Draft, FrozenArea  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
PERIOD = {"from": "2024-04-01", "to": "2024-10-01", "basis": "committed"}
PILOT = area_of_file(ROOT / "data" / "demo-pilot.geojson", crs="EPSG:27700")
SEPTEMBER = {"from": "2024-09-01", "to": "2024-10-01", "basis": "reported", "start": "2024-07-01"}
VIEWS = {
    "overview": ("overview", {"type": "Burglary", **PERIOD}),
    "density": ("density", {"type": "Residential burglary", "area": "Coventry", **PERIOD}),
    "compare": ("compare", {"type": "Vehicle crime", **PERIOD}),
    "repeat_victimisation": ("repeat_victimisation", {"type": "Residential burglary", "from": "2022-10-01", "to": "2024-10-01"}),
    "evaluation": ("evaluation", {"type": "Shoplifting", "drawn": json.dumps([PILOT.name, PILOT.ring]), **SEPTEMBER}),
    "data": ("data", {}),
}
NOTEBOOK = "Weekly meeting"
CARDS = ("density", "compare")
PAGE_WIDTH, COLOURS = 1170, 256
"""Pixels across a page of the PDF; colours of a picture, so that it stays small."""


def take(visited: Visit, name: str, folder: Path) -> None:
    """Open one view and keep its picture."""
    path, query = VIEWS[name]
    visited.open(path, **query)
    if path != "data":
        visited.wait_for_map()
    visited.page.wait_for_timeout(800)
    visited.page.screenshot(path=folder / f"{name}.png")


def briefing_of(store: Store) -> Briefing:
    """Pin two cards into a notebook, make a plan, and give the briefing that the notebook is."""
    source, force = store.data_sets[0]
    database, now = open_database(records_url(store.path)), datetime.now()
    slides = []
    for name in CARDS:
        query = {"source": source, "force": force, "audience": "force"} | VIEWS[name][1]
        made = cards.content(store.path, name, query, scope=EVERYTHING, progress=lambda *_: None)
        notebooks.pin(database, NOTEBOOK, cards.to_record(made), note="", now=now)
        slides.append(Slide(made))
    make_plan(database, source, force, now)
    briefing = Briefing(NOTEBOOK, now.date(), tuple(slides))
    return with_plans(briefing, store, database, source=source, force=force, audience="force", scope=EVERYTHING)


def make_plan(database: Database, source: str, force: str, now: datetime) -> None:
    """Make a plan with an action that is late and one that is not."""
    shape = shapely.to_geojson(shapely.box(435_500, 280_000, 436_300, 280_600))
    found = {"page": "density", "query": "", "rank": 1, "fingerprint": ""}
    area = FrozenArea(HOTSPOT, "Coventry, around Wyken", shape, "EPSG:27700", force, source, True, **found)
    today = date.today()
    late = Action(0, "Protect", "Visit repeat victims", "Neighbourhood sergeant", due=today - timedelta(3))
    coming = Action(0, "Pursue", "Review of named suspects", "Detective sergeant", due=today + timedelta(11))
    draft = Draft("Residential burglary in Wyken", "Coventry", "Residential burglary", "open", (late, coming))
    plans.create(database, draft, area, who="Analyst", now=now)


def keep_small(picture: Image.Image, name: str) -> None:
    """Keep a picture in few colours, rare ones too: the median cut would turn the key of a map grey."""
    few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


def take_briefing(store: Path) -> None:
    """Keep the pages of a briefing's PDF that hold its cards, and a screen of its presentation."""
    briefing = briefing_of(Store(store))
    document = pypdfium2.PdfDocument(written(briefing, ".pdf"))
    for place in range(1, len(briefing.slides) + 1):
        page = document[place]
        keep_small(page.render(scale=PAGE_WIDTH / page.get_width()).to_pil(), f"briefing-page-{place}")
    with running_app(store) as address, browser() as started, visit(started, address, size=SMALL) as visited:
        visited.open("briefing", notebook=NOTEBOOK, present="1", card="2")
        visited.wait_for_map()
        visited.settle()
        visited.page.wait_for_timeout(800)
        keep_small(Image.open(BytesIO(visited.page.screenshot())), "briefing-presented")


def main() -> None:
    """Take each view at 1920×1080 for the README, and the briefing; or what the arguments ask for."""
    small = len(sys.argv) > 2 and sys.argv[1] == "--small"
    folder = Path(sys.argv[2]) if small else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        store = Path(scratch) / "store"
        write_demo(store)
        if not small:
            take_briefing(store)
        if sys.argv[1:] == ["--briefing"]:
            return
        with running_app(store) as address, browser() as started:
            for name in VIEWS:
                with visit(started, address, size=SMALL if small else LARGE) as visited:
                    take(visited, name, folder)
                    for fault in visited.faults:
                        print(f"{name}: {fault}", file=sys.stderr)


if __name__ == "__main__":
    main()
