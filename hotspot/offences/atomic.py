"""Change a folder of files all at once or not at all.

New files are written beside the old ones under names of their own content; one ``os.replace`` of the manifest
is the moment of change. Whatever an interruption leaves behind (files in ``tmp/`` or files that no manifest
names) is harmless, and the next change removes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from hotspot.errors import StoreError
from hotspot.system_faults import sentence

LOCK, STAGING = ".lock", "tmp"
UNCHANGED = "It is as it was before."
_SYNCED_AT_ONCE = 8
JOURNAL = "import"
"""Within the staging folder: what an import has read so far."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock for a change; the system frees it even when the process is killed.

    Raises
    ------
    StoreError
        If another process holds it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("ab")
    except OSError as fault:
        raise StoreError(sentence(fault, what=f"The store {folder} cannot be written", state=UNCHANGED)) from fault
    with file:
        _lock(file, folder)
        yield


@contextmanager
def held_still(folder: Path) -> Iterator[None]:
    """Keep changes away from a folder while it is read, also one that cannot be written: then nobody changes it.

    Raises
    ------
    StoreError
        If a change is under way.
    """
    try:
        file = (folder / LOCK).open("ab")
    except OSError:
        try:
            file = (folder / LOCK).open("rb")
        except FileNotFoundError:
            yield  # on a disk that is read-only no change can begin
            return
    with file:
        _lock(file, folder)
        yield


def _lock(file: IO[bytes], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StoreError(f"Another import into {folder}, or its back-up, is under way. Wait until it has ended.") from None
    except OSError as fault:
        raise StoreError(sentence(fault, what=f"The store {folder} cannot be locked", state=UNCHANGED)) from fault


class Change:
    """Files that become part of a folder at one moment, ``commit``."""

    def __init__(self, folder: Path, *, staging: Path | None = None):
        """Begin a change.

        Parameters
        ----------
        staging
            Where its files are written; by default a folder of its own. Several processes that write for one change
            share one, and the change ``adopt``s what they wrote.
        """
        self.folder = folder
        self._staging = staging or folder / STAGING / uuid.uuid4().hex
        self._staged: dict[str, Path] = {}
        self.is_made = False
        """True from the moment on from which the folder is what the change makes of it."""

    def stage(self, name: str, write: Callable[[Path], object]) -> str:
        """Write a file; ``{}`` in its name becomes the fingerprint of its content. Gives the name within the folder."""
        self._staging.mkdir(parents=True, exist_ok=True)
        file = self._staging / uuid.uuid4().hex
        write(file)
        final = name.format(fingerprint_of(file))
        self._staged[final] = file
        return final

    def adopt(self, name: str, file: Path) -> None:
        """Take in a file that another process staged under that name."""
        self._staged[name] = file

    def path_of(self, name: str) -> Path:
        """Where a file of the folder, staged or in place, is now."""
        return self._staged.get(name, self.folder / name)

    def commit(self, manifest_name: str, manifest: str) -> None:
        """Bring the files to the disk, move them into place, then replace the manifest."""
        with ThreadPoolExecutor(_SYNCED_AT_ONCE) as several:
            list(several.map(sync, self._staged.values()))
        for name, file in self._staged.items():
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, target)
        for folder in {(self.folder / name).parent for name in self._staged}:
            sync(folder)
        self._staging.mkdir(parents=True, exist_ok=True)
        new = self._staging / "manifest"
        new.write_text(manifest, encoding="utf-8")
        sync(new)
        os.replace(new, self.folder / manifest_name)
        self.is_made = True
        sync(self.folder)


def fingerprint_of(file: Path) -> str:
    """Give what stands for the content of a file in its name."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:20]


def clean(folder: Path, *, keep: Collection[str], within: Collection[str]) -> None:
    """Remove what no manifest names: staged files, and files of the sub-folders ``within`` that are not kept.

    What cannot be removed now does no harm, and the next change removes it.
    """
    shutil.rmtree(folder / STAGING, ignore_errors=True)
    for name in within:
        for file in (folder / name).glob("*"):
            if file.relative_to(folder).as_posix() not in keep:
                with suppress(OSError):
                    file.unlink()


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there when all of it is on the disk: nobody ever meets half of it."""
    unfinished = target.with_name(f".{target.stem[:80]}.{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        write(unfinished)
        sync(unfinished)
        os.replace(unfinished, target)
        sync(target.parent)
    finally:
        with suppress(OSError):  # the disk may be the reason
            unfinished.unlink()


def sync(path: Path) -> None:
    """Make sure that a file's content, or a folder's list of files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
