"""What an honest zip archive never holds, told from its list before a byte of it is unpacked."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from hotspot.errors import BadInput
from hotspot.given_text import printable
from hotspot.limits import ARCHIVE_MB, FILE_MB, MEGABYTE, MEMBERS, RATIO, RATIO_FROM

UNSOUND = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError),
    *(OverflowError, IndexError),
)
"""What Python's reader lets through of a damaged archive, depending on where the damage is."""
_SHOWN = 5
"""Faults told of one archive."""


def checked_members(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    """List the files of an archive.

    Raises
    ------
    BadInput
        If a member points outside, is a link, is protected, or unpacks to more than an honest one.
    """
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    faults = [f"{where}: {fault}" for fault in _faults(infos)]
    if faults:
        more = [f"{where} has {len(faults) - _SHOWN:,} more such faults."] if len(faults) > _SHOWN else []
        raise BadInput(*faults[:_SHOWN], *more)
    MEMBERS.check(len(infos), where)
    unpacked = sum(info.file_size for info in infos)
    if unpacked > ARCHIVE_MB.most * MEGABYTE:
        raise BadInput(ARCHIVE_MB.sentence(where, unpacked / MEGABYTE))
    return infos


def _faults(infos: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    largest, ratio = FILE_MB.most * MEGABYTE, RATIO.most
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        name = printable(info.filename)
        if not parts:
            yield "one of its members has no name. It is not read."
        elif ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
            yield f"its member '{name}' points outside the archive. It is not read."
        elif not info.filename.isprintable():
            yield f"its member '{name}' has a letter in its name that cannot be seen. It is not read."
        elif stat.S_ISLNK(info.external_attr >> 16):
            yield f"its member '{name}' is a link. It is not read."
        elif info.file_size > largest or info.file_size > max(ratio * info.compress_size, RATIO_FROM):
            yield f"its member '{name}' unpacks to {info.file_size:,} bytes, which no honest file does. It is not read."
        elif info.flag_bits & 1:
            yield f"its member '{name}' is protected by a password. Unpack it, then import the folder."
