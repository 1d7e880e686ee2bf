"""Find the files that an import names: single files, folders and archive zips, read without unpacking."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from hotspot.archives import UNSOUND, checked_members
from hotspot.errors import BadInput
from hotspot.given_text import check_file_name
from hotspot.limits import FILE_MB, MEGABYTE

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
        return self._read(FILE_MB.most * MEGABYTE)

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
        except UNSOUND as fault:
            raise BadInput(f"{self.label} in {self.path} cannot be read ({fault}). Is the file complete?") from fault
        if whole and len(content) > limit:
            raise BadInput(FILE_MB.sentence(self.label))
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
        check_file_name(path)
        yield SourceFile(path.name, path, named=True, size=path.stat().st_size)


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _members(path: Path) -> Iterator[SourceFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = checked_members(archive, str(path))
    except UNSOUND as fault:
        raise BadInput(f"{path} is not a sound zip archive ({fault}). Download it again.") from fault
    for info in sorted(infos, key=lambda info: info.filename):
        if not _hidden(Path(info.filename)):
            yield SourceFile(info.filename, path, member=info.filename, size=info.file_size)
