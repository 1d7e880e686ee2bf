"""Uploaded files on disk, in folders of this session alone that are removed as soon as they are not needed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from hotspot.errors import Unavailable
from hotspot.system_faults import sentence

_PREFIX = f"hotspot-upload-{os.getpid()}-"
"""Names the process, so that the next one finds what a killed one left behind."""


@dataclass(frozen=True, eq=False)
class Staged:
    """An uploaded file on disk; its folder goes when the session forgets it."""

    file_id: str
    path: Path

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.path.parent, ignore_errors=True)


def staged(upload: UploadedFile | None, *, slot: str) -> Staged | None:
    """Keep an uploaded file on disk as long as it stays in its upload box."""
    key = f"staged-{slot}"
    held: Staged | None = st.session_state.get(key)
    if held is not None and (upload is None or upload.file_id != held.file_id):
        _drop(slot)
        held = None
    if upload is not None and held is None:
        folder = _new_folder()
        try:
            held = Staged(upload.file_id, _write(upload, folder))
        except Unavailable:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        st.session_state[key] = held
    return held


def forget(*slots: str) -> None:
    """Remove staged files, and empty their upload boxes."""
    for slot in slots:
        _drop(slot)
        st.session_state[_round(slot)] = st.session_state.get(_round(slot), 0) + 1


def box_key(slot: str) -> str:
    """Give the key of an upload box; it changes when the box is to be emptied."""
    return f"upload-{slot}-{st.session_state.get(_round(slot), 0)}"


@contextmanager
def on_disk(uploads: Sequence[UploadedFile]) -> Iterator[tuple[Path, ...]]:
    """Write uploads into one folder, and remove it afterwards whatever happens."""
    folder = _new_folder()
    try:
        yield tuple(_write(upload, folder / str(number)) for number, upload in enumerate(uploads))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove the uploads of processes that have ended: a server that was killed could not."""
    for left in folder.glob("hotspot-upload-*"):
        process = re.match(r"hotspot-upload-(\d+)-", left.name)
        if process and not _runs(int(process[1])):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def file_name(name: str) -> str:
    """Reduce an uploaded file's name to a name within one folder; its ending tells the kind of file."""
    last = "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable())
    stem, dot, suffix = last.rpartition(".")
    stem = (stem if dot else suffix).strip(". ")[:100] or "file"
    return f"{stem}.{suffix[:10]}" if dot else stem


def _drop(slot: str) -> None:
    held: Staged | None = st.session_state.pop(f"staged-{slot}", None)
    if held is not None:
        shutil.rmtree(held.path.parent, ignore_errors=True)


def _round(slot: str) -> str:
    return f"upload-round-{slot}"


def _write(upload: UploadedFile, folder: Path) -> Path:
    path = folder / file_name(upload.name)
    upload.seek(0)
    with _told():
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            shutil.copyfileobj(upload, file)
    return path


def _new_folder() -> Path:
    with _told():
        return Path(tempfile.mkdtemp(prefix=_PREFIX))


@contextmanager
def _told() -> Iterator[None]:
    """Say what the folder for temporary files refuses."""
    try:
        yield
    except OSError as fault:
        what = "The file cannot be taken in: this server's folder for temporary files cannot be written"
        raise Unavailable(sentence(fault, what=what, state="Nothing was changed.")) from fault


with suppress(OSError):  # where there is no such folder nothing is left in it
    sweep(Path(tempfile.gettempdir()))
