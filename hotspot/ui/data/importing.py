"""The Import part: police.uk files, or a force extract through a mapping."""

from __future__ import annotations

import math
from pathlib import Path

import streamlit as st

from hotspot.limits import SECONDS
from hotspot.offences.store import Store
from hotspot.ui.data import extract, forces, running, said, uploads

POLICE_UK, EXTRACT = "police.uk files", "Force extract"


def show(store: Store) -> None:
    """Draw the import that is chosen, and the report of the last one."""
    kind = st.segmented_control("What to import", [POLICE_UK, EXTRACT], default=POLICE_UK, required=True, key="data-import-kind")
    if kind == POLICE_UK:
        _police_uk(store)
    else:
        extract.show(store)
    running.show_last()


def _police_uk(store: Store) -> None:
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        force = forces.choose(store, key="police-uk")
        folder = st.text_input(
            "Or a path on the server's machine",
            placeholder="/data/police-uk",
            help="A CSV, a folder of months or the archive zip.",
        )
    with right:
        files = st.file_uploader(
            "Street files (CSV), or the archive (zip)",
            type=["csv", "zip"],
            accept_multiple_files=True,
            key=uploads.box_key("police-uk"),
        )
    said.note("An import replaces the same source, force and month, and touches nothing else.")
    ready = force is not None and bool(files or folder.strip())
    if not st.button("Import", type="primary", disabled=not ready, key="data-import-police-uk") or force is None:
        return
    with said.sentences_for_faults(said.UNCHANGED), uploads.on_disk(files) as written:
        named = [Path(folder.strip()).expanduser()] if folder.strip() else []
        hide = [path.parent for path in written]
        seconds = math.inf if named else SECONDS.most
        running.run([*written, *named], forces=(force,), mapping=None, slots=("police-uk",), hide=hide, seconds=seconds)
