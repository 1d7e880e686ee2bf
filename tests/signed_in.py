"""Stores, records and an access file for the tests of sign-in: people of three roles, two of them limited to one LPA."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
from app_sessions import reader

from hotspot.boundaries.force_file import load_force
from hotspot.export import cards
from hotspot.offences.demo import generate, write_extract
from hotspot.offences.load import import_sources
from hotspot.offences.scope import EVERYTHING, Scope
from hotspot.offences.store import Store
from hotspot.offences.store_changes import changing, commit
from hotspot.paths import MAPPINGS, ROOT, WEST_MIDLANDS
from hotspot.records import notebooks, plans
from hotspot.records.database import Database, open_database
from hotspot.records.plan_drafts import DRAWN, Draft, FrozenArea
from hotspot.viewer import ADMINISTRATOR, ANALYST, INSPECTOR, Viewer

SOURCE, FORCE, OWN, OTHER = "Synthetic demo", "West Midlands", "Coventry", "Birmingham"
OTHERS = ("Birmingham", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton")
QUERY = {
    "source": SOURCE,
    "force": FORCE,
    "type": "Vehicle crime",
    "from": "2024-01-01",
    "to": "2024-10-01",
    "basis": "committed",
}
PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").rglob("*.py")))
"""All there are: a new page is tested without being named here."""
SCALE = 0.04
"""Of the demonstration data."""
COVENTRY = Scope(frozenset({OWN}))
ANN = Viewer("Ann", ANALYST, frozenset({OWN}))
IAN = Viewer("Ian", INSPECTOR, frozenset({OWN}))
SECRET = "0123456789abcdef0123456789abcdef"
EVERYWHERE = "analyst of all LPAs"
GROUPS = {
    ADMINISTRATOR: "administrators",
    EVERYWHERE: "force-analysts",
    ANALYST: "coventry-analysts",
    INSPECTOR: "coventry-inspectors",
}
GRANTS = """
[[grant]]
group = "administrators"
role = "administrator"

[[grant]]
group = "coventry-analysts"
role = "analyst"
lpas = ["Coventry"]

[[grant]]
group = "coventry-inspectors"
role = "inspector"
lpas = ["Coventry"]

[[grant]]
group = "force-analysts"
role = "analyst"
lpas = "all"
"""
HIDDEN = "Operation Quartz"
"""Stands in every record of another LPA."""
_NOW = datetime(2024, 10, 2, 9)


def written(folder: Path, way: str, more: str = "") -> Path:
    """Write an access file."""
    (folder / "proxy.secret").write_text(SECRET, "utf-8")
    path = folder / "access.toml"
    path.write_text(f'sign_in = "{way}"\n{more}\n{GRANTS}', "utf-8")
    return path


def through_proxy(address: str, role: str, name: str = "Sam Jones") -> httpx.Client:
    """Ask as the reverse proxy does for a person of a role."""
    return reader(address, {"x-hotspot-proxy": SECRET, "x-remote-user": name, "x-remote-groups": f"staff,{GROUPS[role]}"})


def store_of(folder: Path, *, fewer_elsewhere: bool = False, scale: float = SCALE) -> Store:
    """Import the small extract; with fewer offences elsewhere than in the viewer's LPA, but over the same days.

    What a viewer of that LPA sees must be the same in both.
    """
    folder.mkdir()
    demo = generate(scale=scale)
    frame = demo.extract.copy()
    frame.loc[frame.index[frame["LPA"] == OTHER][5], ["LPA", "Easting", "Northing"]] = None
    if fewer_elsewhere:
        frame = frame[_kept(frame)].reset_index(drop=True)
    extract = write_extract(replace(demo, extract=frame), folder / "extract.parquet")
    import_sources(
        [extract],
        store=folder / "store",
        mapping=MAPPINGS / "typical-extract.toml",
        forces=(load_force(WEST_MIDLANDS),),
        source=SOURCE,
        synthetic=True,
    )
    return Store(folder / "store")


def with_households(store: Store) -> Store:
    """Give each LPA a denominator, so that rates can be known."""
    households = dict.fromkeys((OWN, *OTHERS), 100_000)
    with changing(store.path) as (manifest, change):
        commit(change, manifest.with_force(replace(store.force, premises=households)))
    return Store(store.path)


def _kept(frame: pd.DataFrame) -> np.ndarray:
    """Keep the viewer's own offences, a third of the others, and the first and last of each month: coverage is no secret."""
    kept = (frame["LPA"] == OWN).to_numpy() | (np.random.default_rng(5).random(len(frame)) < 1 / 3)
    month = pd.to_datetime(frame["Committed From"]).dt.to_period("M")
    for column in ("Committed From", "Reported Date"):
        days = pd.to_datetime(frame[column])
        by_month = days.groupby(month)
        kept |= ((days == by_month.transform("min")) | (days == by_month.transform("max"))).to_numpy()
    return kept


def write_records(store: Store, url: str) -> Database:
    """Keep a card, a plan and an event of each LPA: those of the other one, and of all, carry ``HIDDEN``."""
    database = open_database(url)
    for name, lpa in (("Weekly", OWN), (f"{HIDDEN}: plan", OTHER)):
        area = FrozenArea(
            DRAWN,
            name,
            '{"type":"Polygon","coordinates":[[[433000,278000],[434000,278000],[434000,279000],[433000,278000]]]}',
            "EPSG:27700",
            FORCE,
            SOURCE,
            True,
            "density",
            "",
            None,
            store.fingerprint,
        )
        plans.create(database, Draft(name, lpa, "Burglary"), area, who="DC Patel", now=_NOW)
    for scope, note in ((COVENTRY, "ours"), (EVERYTHING, f"{HIDDEN}: note")):
        content = cards.content(store.path, "investigation", QUERY, scope=scope, progress=lambda *_: None)
        notebooks.pin(database, "Weekly", cards.to_record(content), note=note, now=_NOW)
    return database
