"""Find the files that an import names: single files, folders and archive zips, read without unpacking."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from hotspot.errors import BadInput

LARGEST_FILE = 1 << 30
"""Bytes of one file, unpacked; a month of the largest force is under 40 MB."""
LARGEST_ARCHIVE = 64 << 30
"""Bytes of all files of an archive that are read, unpacked."""
MOST_MEMBERS = 200_000
HIGHEST_RATIO, RATIO_FROM = 200, 64 << 20
"""Unpacked over packed size beyond which a member of so many bytes is no honest CSV; street files shrink eightfold."""
_PEEK = 1 << 16


@dataclass(frozen=True)
class SourceFile:
    """A file on disk, or a member of a zip."""

    label: str
    """The path within the folder or archive that was named, else the file's name."""
    path: Path
    member: str | None = None
    named: bool = False
    """True where the import names this very file, not a folder or an archive that holds it."""
    size: int = 0
    """Bytes, unpacked."""

    @property
    def name(self) -> str:
        return PurePosixPath(self.label).name

    def read(self) -> bytes:
        """Read the whole file."""
        return self._read(LARGEST_FILE)

    def peek(self) -> bytes:
        """Read the beginning, enough for the header and some rows."""
        return self._read(_PEEK, whole=False)

    def _read(self, limit: int, *, whole: bool = True) -> bytes:
        try:
            if self.member is None:
                with self.path.open("rb") as file:
                    content = file.read(limit + 1)
            else:
                with _archive(self.path, self.path.stat().st_mtime_ns).open(self.member) as file:
                    content = file.read(limit + 1)
        except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, NotImplementedError) as fault:
            raise BadInput(f"{self.label} in {self.path} cannot be read ({fault}). Is the file complete?") from fault
        if whole and len(content) > limit:
            raise BadInput(f"{self.label} is larger than {limit >> 20} MB. Split it and import the parts.")
        return content[:limit]


@lru_cache(maxsize=1)
def _archive(path: Path, changed: int) -> zipfile.ZipFile:
    """Keep an archive open: its list of thousands of files is long."""
    return zipfile.ZipFile(path)


def find_files(paths: Iterable[Path]) -> tuple[SourceFile, ...]:
    """List every file that the paths name, folders and zips in the order of their files' names.

    Raises
    ------
    BadInput
        With one sentence for each path that does not exist or is no sound archive.
    """
    files: list[SourceFile] = []
    faults: list[str] = []
    for path in map(Path, paths):
        try:
            files += list(_files_of(path))
        except BadInput as fault:
            faults += fault.faults
    if faults:
        raise BadInput(*faults)
    return tuple(files)


def _files_of(path: Path) -> Iterator[SourceFile]:
    if path.is_dir():
        inner = sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path)))
        for file in inner:
            yield SourceFile(file.relative_to(path).as_posix(), file, size=file.stat().st_size)
    elif not path.is_file():
        raise BadInput(f"There is no file or folder {path}.")
    elif path.suffix.lower() == ".zip":
        yield from _members(path)
    else:
        yield SourceFile(path.name, path, named=True, size=path.stat().st_size)


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _members(path: Path) -> Iterator[SourceFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (OSError, zipfile.BadZipFile) as fault:
        raise BadInput(f"{path} is not a sound zip archive ({fault}). Download it again.") from fault
    faults = [f"{path}: {fault}" for fault in _archive_faults(infos)]
    if faults:
        raise BadInput(*faults[:5])
    for info in sorted(infos, key=lambda info: info.filename):
        if not _hidden(Path(info.filename)):
            yield SourceFile(info.filename, path, member=info.filename, size=info.file_size)


def _archive_faults(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Refuse what an honest archive never holds, before a byte of it is unpacked."""
    if len(infos) > MOST_MEMBERS:
        yield f"it holds {len(infos):,} files, more than {MOST_MEMBERS:,}. It is not read."
    if sum(info.file_size for info in infos) > LARGEST_ARCHIVE:
        yield f"unpacked it is larger than {LARGEST_ARCHIVE >> 30} GB. It is not read."
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        if ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
            yield f"its member '{info.filename}' points outside the archive. It is not read."
        elif stat.S_ISLNK(info.external_attr >> 16):
            yield f"its member '{info.filename}' is a link. It is not read."
        elif info.file_size > LARGEST_FILE or info.file_size > max(HIGHEST_RATIO * info.compress_size, RATIO_FROM):
            yield f"its member '{info.filename}' unpacks to {info.file_size:,} bytes, which no honest file does. It is not read."
        elif info.flag_bits & 1:
            yield f"its member '{info.filename}' is protected by a password. Unpack it, then import the folder."
