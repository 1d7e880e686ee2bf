"""A store with a little of everything that can change in it, and what it holds, every file of it read and found whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from killed_steps import FIXED, FORCE, MAPPING, TODAY, layer
from street_files import row, street_file

from hotspot.offences import context_store
from hotspot.offences.atomic import fingerprint_of
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.offences.weights import keep_table, kept_table, parse_table
from hotspot.paths import ROOT
from hotspot.ui.data.saved_mappings import save, saved_mappings


def extract(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["Ref,From,Reported", *lines, ""]), encoding="utf-8")
    return path


def prepare(folder: Path) -> Path:
    """Make a store in ``before`` with everything in it that an action changes, and in ``new`` the files of the next imports."""
    store = folder / "before" / "store"
    for name in ("old", "new"):
        (folder / name).mkdir(parents=True)
    street_file(folder / "old", row("a"), row("b"), row())
    street_file(folder / "new", row("a", outcome="Local resolution"))
    import_sources([folder / "old"], store=store, **FIXED)
    old = extract(folder / "old" / "extract.csv", "x,2014-01-05,2014-01-06", "y,2024-01-05,2024-01-06")
    import_sources([old], store=store, mapping=MAPPING, **FIXED)
    extract(folder / "new" / "extract.csv", "y,2024-01-05,2024-01-06", "z,2024-02-05,2024-02-06")
    context_store.keep_layer(store, layer("Schools"), force=FORCE, today=TODAY, replace=False)
    table = b"crime_type,weight,valid_from,source\nDrugs,1,2020-01-01,x\n"
    keep_table(store, parse_table(table, file="a.csv"), today=TODAY)
    save(MAPPING, store_folder=store)
    return folder


def killed(folder: Path, *actions: str, url: str = "") -> dict[str, list[str]]:
    """Have actions killed at each step on copies in the folder; give the steps of each."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "HOTSPOT_RECORDS": url}
    command = [sys.executable, str(ROOT / "tests" / "killed_steps.py"), str(folder), *actions]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True).stdout)


def state(folder: Path) -> tuple[object, ...]:
    """What a store holds, every file of it read and found whole."""
    store = Store(folder / "store")
    assert all(fingerprint_of(store.path / name) in name for name in store.manifest.files)
    entries = context_store.kept_layers(store.path, force=FORCE)
    layers = [(entry.name, len(context_store.open_layer(store.path, entry, scope=EVERYTHING))) for entry in entries]
    mappings, faults = saved_mappings(store.path)
    assert faults == ()
    reports = [report.to_dict() for report in store.reports]
    return store.fingerprint, reports, layers, kept_table(store.path), [one.mapping for one in mappings if not one.shipped]
