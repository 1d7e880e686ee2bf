"""Take the pictures of every page that the README shows, from the demonstration data: `make pictures`."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.driver import LARGE, SMALL, Visit, browser, running_app, visit  # noqa: E402
from hotspot.findings.evaluation_areas import area_of_file  # noqa: E402
from hotspot.offences.demo import write_demo  # noqa: E402

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


def take(visited: Visit, name: str, folder: Path) -> None:
    """Open one view and keep its picture."""
    path, query = VIEWS[name]
    visited.open(path, **query)
    if path != "data":
        visited.wait_for_map()
    visited.page.wait_for_timeout(800)
    visited.page.screenshot(path=folder / f"{name}.png")


def main() -> None:
    """Take each view at 1920×1080 for the README; with ``--small FOLDER``, at 1280×720 into a folder."""
    small = len(sys.argv) > 2 and sys.argv[1] == "--small"
    folder = Path(sys.argv[2]) if small else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        store = Path(scratch) / "store"
        write_demo(store)
        with running_app(store) as address, browser() as started:
            for name in VIEWS:
                with visit(started, address, size=SMALL if small else LARGE) as visited:
                    take(visited, name, folder)
                    for fault in visited.faults:
                        print(f"{name}: {fault}", file=sys.stderr)


if __name__ == "__main__":
    main()
