"""Run one import: a progress bar, then the report or every fault as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from hotspot import paths
from hotspot.errors import HotspotError
from hotspot.geography import Force
from hotspot.offences.load import POLICE_UK, import_telling
from hotspot.offences.mapping import Mapping
from hotspot.offences.report import LoadReport
from hotspot.records import audit
from hotspot.ui import audited, sign_in
from hotspot.ui.data import apart, report, said, uploads

_LAST = "data-last-report"


def run(
    sources: Sequence[Path],
    *,
    forces: Sequence[Force],
    mapping: Mapping | None,
    slots: Sequence[str],
    hide: Sequence[Path] = (),
    seconds: float,
) -> None:
    """Import files and draw the page anew with the report; on a refusal say every fault.

    Parameters
    ----------
    slots
        Upload boxes to empty once the import is done.
    hide
        Folders whose path means nothing to the reader: left out of sentences.
    seconds
        The import may take; infinite for a folder of the server's own.
    """
    bar = st.progress(0.0, "Beginning the import")

    def told(share: float, words: str) -> None:
        bar.progress(share, said.plain(words))

    try:
        made = apart.read_telling(
            import_telling,
            sources,
            told=told,
            seconds=seconds,
            store=paths.store_folder(),
            profile=None if mapping else POLICE_UK,
            mapping=mapping,
            forces=forces,
            viewer=sign_in.viewer(),
        )
    except HotspotError as fault:
        bar.empty()
        forget_last()
        said.refused("Nothing was imported.", *_without(str(fault), hide).splitlines(), said.UNCHANGED)
        return
    st.session_state[_LAST] = made
    uploads.forget(*slots)
    left_out = sum(made.excluded.values())
    caution = audited.in_words(audit.IMPORT, source=made.source, rows=made.rows_used, offences=made.offences, excluded=left_out)
    said.done(f"Imported: {said.counted(made.rows_read, 'row')} read, {made.rows_used:,} used, {left_out:,} excluded.{caution}")


def show_last() -> None:
    """Show the report of the import that this session made last."""
    made: LoadReport | None = st.session_state.get(_LAST)
    if made is not None:
        report.show(made, key="last")


def forget_last() -> None:
    """Show no report any more: another part of the page was opened."""
    st.session_state.pop(_LAST, None)


def _without(text: str, folders: Sequence[Path]) -> str:
    for folder in folders:
        text = text.replace(f"{folder}/", "")
    return text
