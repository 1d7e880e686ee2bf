"""The application running on a store, and small stores for it to run on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import shapely
from plan_records import AREA, action, draft
from street_files import BIRMINGHAM, COVENTRY, row, street_file

from bench import driver
from bench.driver import Visit
from hotspot.boundaries.force_file import load_force
from hotspot.export import cards
from hotspot.export.cards import CardContent
from hotspot.offences.demo import generate, write_extract
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import MAPPINGS, WEST_MIDLANDS
from hotspot.records import notebooks, plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import DONE

SCALE = 0.08
"""Of the demonstration data: about 15,700 rows, made and imported in three seconds."""
SCRIPT = "<img src=x onerror=alert(1)>"
"""A name that would open a dialog if any part of a page took it for HTML."""
MEETING = "Meeting"
"""Name of the notebook that is presented."""
Opener = Callable[..., Visit]
"""Opens a page of an application: ``opened(app, "density", area="Coventry")``."""


@dataclass(frozen=True)
class App:
    """A running application."""

    address: str
    log: Path

    def traceback_since(self, position: int) -> str:
        """Give what the log says of failures since a position in it; empty where there is none."""
        said = self.log.read_text("utf-8", "replace")[position:]
        return said[said.index("Traceback") :] if "Traceback" in said else ""


@contextmanager
def started_app(store: Path, settings: Mapping[str, str] | None = None) -> Iterator[App]:
    """Start the application on a store, with further variables of its environment, and find its log."""
    before = set(store.parent.glob("app-*.log"))
    with driver.running_app(store, settings) as address:
        (log,) = set(store.parent.glob("app-*.log")) - before
        yield App(address, log)


def synthetic_store(folder: Path) -> Path:
    """The demonstration data, fewer of them."""
    demo = generate(scale=SCALE)
    extract = write_extract(demo, folder / "extract.parquet")
    import_sources(
        [extract],
        store=folder / "store",
        mapping=MAPPINGS / "typical-extract.toml",
        forces=(load_force(WEST_MIDLANDS),),
        source=demo.parameters.source,
        synthetic=True,
    )
    return folder / "store"


def street_store(folder: Path) -> Path:
    """Two small months as police.uk publishes them."""
    files = _street_files(folder / "files", "High Street")
    import_sources([files], store=folder / "store", forces=(load_force(WEST_MIDLANDS),))
    return folder / "store"


def hostile_store(folder: Path) -> Path:
    """The same months where the street, the source and the LPA carry a script for a name."""
    ring = [[-2.3, 52.3], [-1.3, 52.3], [-1.3, 52.7], [-2.3, 52.7], [-2.3, 52.3]]
    feature = {"type": "Feature", "properties": {"name": SCRIPT}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (folder / "lpa.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    force = folder / "force.toml"
    force.write_text('name = "West Midlands"\n[boundaries]\nfile = "lpa.geojson"\nname_column = "name"\n', "utf-8")
    files = _street_files(folder / "files", SCRIPT)
    import_sources([files], store=folder / "store", forces=(load_force(force),), source=SCRIPT)
    return folder / "store"


def made_card(folder: Path, page: str, **more: str) -> CardContent:
    source, force = Store(folder).data_sets[0]
    query = {"source": source, "force": force, "type": "Burglary", "from": "2024-04-01", "to": "2024-10-01", "basis": "committed"}
    return cards.content(folder, page, query | {"area": "Coventry"} | more, scope=EVERYTHING, progress=lambda *_: None)


def meeting_records(url: str, store: Path) -> None:
    """A notebook with a map of the force and a comparison that the public may see, and a plan of which all is done."""
    database, at = open_database(url), datetime(2026, 11, 23, 9)
    for page, audience in (("density", "force"), ("compare", "public")):
        notebooks.pin(database, MEETING, cards.to_record(made_card(store, page, audience=audience)), now=at)
    source, force = Store(store).data_sets[0]
    shape = shapely.to_geojson(shapely.box(435_500, 280_000, 436_300, 280_600))
    area = replace(AREA, name="Coventry, around Wyken", geometry=shape, force=force, source=source, synthetic=True)
    plans.create(database, draft("Wyken", action(status=DONE), lpa="Coventry"), area, who="Analyst", now=at)


def _street_rows(month: str, *, burglaries: int, street: str) -> list[str]:
    """Burglaries round Birmingham's centre, some drugs offences, three of them in Coventry; none in Solihull."""
    east, north = float(BIRMINGHAM[0]), float(BIRMINGHAM[1])
    around = [(str(east + 0.002 * (i % 6)), str(north + 0.002 * (i // 6 % 6))) for i in range(burglaries)]
    rows = [row(f"{month}-b{i}", month=month, at=at, location=f"On or near {street}") for i, at in enumerate(around)]
    rows += [row(f"{month}-d{i}", month=month, crime_type="Drugs") for i in range(9)]
    rows += [row(f"{month}-c{i}", month=month, at=COVENTRY, crime_type="Drugs") for i in range(3)]
    return rows


def _street_files(folder: Path, street: str) -> Path:
    """Two months; robbery has one offence in all, bicycle theft has some in January alone."""
    january = _street_rows("2014-01", burglaries=40, street=street)
    january += [row(f"t{i}", crime_type="Bicycle theft") for i in range(6)]
    february = _street_rows("2014-02", burglaries=60, street=street)
    february.append(row("r1", month="2014-02", at=COVENTRY, crime_type="Robbery"))
    street_file(folder, *january)
    street_file(folder, *february, month="2014-02")
    return folder
