"""Do one thing to a folder and be killed at each step that touches the disk or the database, each time on a copy of its own.

``python killed_steps.py FOLDER ACTION …`` makes FOLDER/ACTION/1, FOLDER/ACTION/2 … of FOLDER/before, and FOLDER/ACTION/whole
without being killed; it prints the steps of each action as JSON. What is imported once is forked for each step: starting
Python anew would take most of the time. Nothing but imports may happen before, because a fork has none of its parent's threads.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import shapely
import sqlalchemy

from hotspot.boundaries.areas import Areas
from hotspot.boundaries.context import ContextLayer
from hotspot.export.backup import back_up, restore
from hotspot.geography import LPA, Force
from hotspot.offences import atomic, context_store, retention, store_changes, weights
from hotspot.offences.load import import_sources
from hotspot.offences.mapping import mapping_from_options
from hotspot.records import notebooks, plans
from hotspot.records.database import open_database
from hotspot.ui.data import saved_mappings
from tests.plan_records import NOW, action, draft

TODAY, MOMENT = date(2024, 6, 30), datetime(2024, 6, 30)
FORCE, SOURCE = "West Midlands", "Crime system"
MAPPING = mapping_from_options(columns="offence_id=Ref,committed_from=From,reported=Reported", crime_type="Drugs", name=SOURCE)
FIXED = {"today": TODAY, "imported_at": MOMENT}


def squares(level: str, *names: str) -> Areas:
    from geopandas import GeoDataFrame

    shapes = [shapely.box(380_000 + 40_000 * n, 260_000, 420_000 + 40_000 * n, 320_000) for n in range(len(names))]
    return Areas(level, GeoDataFrame({"name": list(names)}, geometry=shapes, crs="EPSG:27700"))


def layer(name: str) -> ContextLayer:
    return ContextLayer(name, shapely.points([[402_000.0, 292_000.0]]), "EPSG:27700", "abc", "bars.geojson")


def records() -> str:
    return os.environ["HOTSPOT_RECORDS"]


def saved_plan(store: Path) -> None:
    wanted = draft("High Street burglary", action("Visit twice"), action("Mark bicycles", group="Prevent"), status="closed")
    plans.save(open_database(records().format(store.parent)), 1, wanted, revision=1, who="B", now=NOW)


def pinned_card(store: Path) -> None:
    card = notebooks.CardRecord('{"headline": "Robbery rose"}', b"\x89PNG" * 9_000, "", "")
    notebooks.pin(open_database(records().format(store.parent)), "Weekly", card, note="For the meeting", now=NOW)


STORE_ACTIONS: dict[str, Callable[[Path], object]] = {
    "police.uk": lambda store: import_sources([store.parents[2] / "new" / "2014-01"], store=store, **FIXED),
    "extract": lambda store: import_sources([store.parents[2] / "new" / "extract.csv"], store=store, mapping=MAPPING, **FIXED),
    "new level": lambda store: store_changes.add_level(store, squares("sector", "North", "South")),
    "new LPAs": lambda store: store_changes.replace_lpas(store, squares(LPA, "Westside", "Eastside")),
    "layer": lambda store: context_store.keep_layer(store, layer("Bars"), force=FORCE, today=TODAY, replace=True),
    "layer removed": lambda store: context_store.remove_layer(store, "Schools", force=FORCE),
    "delete": lambda store: store_changes.delete_source(store, SOURCE),
    "retention": lambda store: retention.remove(
        store, as_of=TODAY, moment=MOMENT, forces=[Force(FORCE, retention_months=12)], trusted=True
    ),
    "weights": lambda store: weights.keep_table(
        store, weights.parse_table(b"crime_type,weight,valid_from,source\nDrugs,2,2020-01-01,x\n", file="b.csv"), today=TODAY
    ),
    "mapping": lambda store: saved_mappings.save(replace(MAPPING, name="March", crime_type="Robbery"), store_folder=store),
}
BACKUP_ACTIONS: dict[str, Callable[[Path], object]] = {
    "backup": lambda store: back_up(store, store.parent / "new.tar", moment=MOMENT, progress=lambda _: None),
    "restore": lambda store: restore(store.parent / "old.tar", store.parent / "restored", progress=lambda _: None),
}
RECORD_ACTIONS: dict[str, Callable[[Path], object]] = {"plan": saved_plan, "card": pinned_card}
steps: list[str] = []


def killing(name: str, step: Callable[..., object], last: int) -> Callable[..., object]:
    def wrapped(*arguments: object, **options: object) -> object:
        steps.append(name)
        if len(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **options)

    return wrapped


def watch(last: int) -> None:
    """Count the steps from now on, and be killed at the last."""
    for module, name in ((os, "replace"), (os, "fsync"), (os, "unlink")):
        setattr(module, name, killing(name, getattr(module, name), last))
    atomic.shutil.rmtree = killing("rmtree", atomic.shutil.rmtree, last)
    every = sqlalchemy.Engine
    sqlalchemy.event.listen(every, "before_cursor_execute", killing("statement", lambda *_: None, last))
    sqlalchemy.event.listen(every, "commit", killing("commit", lambda *_: None, last))
    sqlalchemy.event.listen(sqlalchemy.orm.Session, "after_commit", killing("committed", lambda *_: None, last))


def in_a_fork(act: Callable[[Path], object], folder: Path, last: int) -> tuple[int, list[str]]:
    """Act on the store of a folder in a process of its own; give how it ended, and the steps that it made."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        watch(last)
        act(folder / "store")
        os.write(writing, " ".join(steps).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        said = told.read().decode().split()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def killed(place: Path, name: str) -> list[str]:
    """Let an action be killed at each of its steps; give them."""
    act = (STORE_ACTIONS | RECORD_ACTIONS | BACKUP_ACTIONS)[name]
    shutil.copytree(place / "before", place / name / "whole")
    code, done = in_a_fork(act, place / name / "whole", 0)
    assert code == 0, (name, code)
    # Records: what comes before the first commit makes tables that are there, whatever is saved.
    first = done.index("commit") + 2 if "commit" in done else 0
    for number, _ in enumerate(done[first:], start=1):
        shutil.copytree(place / "before", place / name / str(number))
        assert in_a_fork(act, place / name / str(number), first + number) == (-signal.SIGKILL, [])
    return done[first:]


if __name__ == "__main__":
    print(json.dumps({name: killed(Path(sys.argv[1]), name) for name in sys.argv[2:]}))
