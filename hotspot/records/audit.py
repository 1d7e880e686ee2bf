"""The audit log: who did what, when, with which data; lines are only ever added, each holds the hash of the one before it.

A folder of files, one JSON object a line. ``head.json`` beside them says how many lines there are and the hash of the last:
a tail that is cut off shows by it. What an interruption leaves behind is told by a line of its own, and never removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hotspot import __version__
from hotspot.errors import NotAudited

VIEW, EXPORT, PIN, PLAN, NOTEBOOK = "view", "export", "pin", "plan saved", "notebook changed"
IMPORT, DELETE, CHANGE, UNMASK = "import", "delete", "change", "unmask"
SIGN_IN, REFUSED, BACK_UP, RESTORE = "sign-in", "sign-in refused", "back-up", "restore"
ACTS = (VIEW, EXPORT, PIN, PLAN, NOTEBOOK, IMPORT, DELETE, CHANGE, UNMASK, SIGN_IN, REFUSED, BACK_UP, RESTORE)
"""What people do."""
BEGUN, REPAIRED, HOLE, HEADLESS = "log begun", "broken line closed", "lines are missing", "head was lost"
"""What the log says of itself."""
HEAD, LOCK, FILES = "head.json", ".lock", "audit-*.jsonl"
FIRST = "0" * 64
"""What stands for the hash before the first line."""
PATIENCE = 2.0
"""Seconds that a line waits for others to be written."""
_LARGEST_MB = 64.0
"""A file is left at this size and at the end of a year."""
_LONGEST = 200
"""Characters of a name or a value; what is longer is cut."""
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Entry:
    """What a line says; no reference, no premises and no text that a person typed, but the reason of an unmasking."""

    act: str
    who: str
    role: str
    way: str
    """The page's path, or the command as it is typed."""
    what: Mapping[str, Value]
    """Selection, parameters, format, rows."""
    data: str = ""
    """Fingerprint of the store."""


@dataclass(frozen=True)
class Head:
    """How far the log reaches."""

    log: str
    """Names this log among all."""
    count: int
    """Lines that were written, those of files that were moved away too."""
    hash: str
    file: str
    size: int
    """Bytes of that file."""


def append(folder: Path, entry: Entry, *, moment: datetime | None = None) -> Head:
    """Write a line at the end, whoever else is writing.

    Parameters
    ----------
    moment
        With its zone; now, where none is given.

    Raises
    ------
    NotAudited
        If the folder cannot be written, or others hold it for longer than ``PATIENCE`` seconds.
    """
    now = (moment or datetime.now(UTC)).astimezone(UTC)
    with _held(folder):
        try:
            head = _whole(folder, now)
            head = _written(folder, head, _said(entry), now)
            _keep(folder, head)
        except OSError as fault:
            raise _unwritable(folder, fault) from fault
    return head


def check(folder: Path) -> None:
    """Make sure that a line could be written now.

    Raises
    ------
    NotAudited
        If it could not.
    """
    probe = folder / f".check-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"-")
        probe.unlink()
        for file in files_of(folder)[-1:]:
            os.close(os.open(file, os.O_WRONLY | os.O_APPEND))
    except OSError as fault:
        raise _unwritable(folder, fault) from fault


def head_of(folder: Path) -> Head | None:
    """Read how far the log reaches; None where that is not kept or cannot be read."""
    try:
        return Head(**json.loads((folder / HEAD).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def text_of(line: Mapping[str, Any]) -> str:
    """Write a line in the one way that its hash is of."""
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(line: Mapping[str, Any]) -> str:
    """Hash a line without its own hash."""
    return hashlib.sha256(text_of({name: value for name, value in line.items() if name != "hash"}).encode()).hexdigest()


def files_of(folder: Path) -> list[Path]:
    """List the files of a log, the oldest first."""
    return sorted(folder.glob(FILES))


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the log alone; the system frees it even when the process is killed."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (folder / LOCK).open("ab")
    except OSError as fault:
        raise _unwritable(folder, fault) from fault
    with file:
        _wait_for(file.fileno(), folder)
        yield


def _wait_for(descriptor: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise NotAudited(f"The audit log {folder} is held by another process. Try again in a minute.") from None
            time.sleep(0.005)


def _unwritable(folder: Path, fault: OSError) -> NotAudited:
    return NotAudited(
        f"The audit log {folder} cannot be written ({fault}). Give the rights or the room back, or set HOTSPOT_AUDIT."
    )


def _said(entry: Entry) -> dict[str, Any]:
    what = {name: _short(value) for name, value in entry.what.items() if value not in (None, "")}
    return {"act": entry.act, "who": _short(entry.who), "role": entry.role, "way": entry.way, "what": what, "data": entry.data}


def _short(value: Value) -> Value:
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else value


def _own(act: str, **what: Value) -> dict[str, Any]:
    """Let the log speak of itself."""
    return _said(Entry(act, "audit log", "", "", what))


def _whole(folder: Path, now: datetime) -> Head:
    """Give the head as it belongs to the files; what an interruption or a hand left behind is said by lines of its own."""
    head, files = head_of(folder), files_of(folder)
    if head is None and not files:
        log = uuid.uuid4().hex
        return _written(folder, Head(log, 0, FIRST, _name(now, 1), 0), _own(BEGUN, log=log), now)
    if head is None:
        return _without_head(folder, files[-1], now)
    current = folder / head.file
    size = current.stat().st_size if current.exists() else 0
    if files[-1:] == [folder / _name(now, head.count + 1)] and size == head.size:
        return _caught_up(folder, Head(head.log, head.count, head.hash, files[-1].name, 0), now)
    if size < head.size or files[-1:] != [current]:
        moved = Head(head.log, head.count, head.hash, _name(now, head.count + 1), 0)
        return _written(folder, moved, _own(HOLE, lines=head.count, file=head.file, bytes=size, expected=head.size), now)
    return head if size == head.size else _caught_up(folder, head, now)


def _caught_up(folder: Path, head: Head, now: datetime) -> Head:
    """Take in lines that were written when the head was not; close one that was broken off."""
    with (folder / head.file).open("rb") as file:
        file.seek(head.size)
        rest = file.read()
    if rest and read_line(rest.split(b"\n")[-1] + b"\n") is not None:
        _add(folder / head.file, b"\n")  # a whole line but for its end
        rest += b"\n"
    for one in rest.splitlines(keepends=True):
        line = read_line(one)
        if line is None or (line["n"], line["before"]) != (head.count + 1, head.hash):
            break
        head = Head(head.log, line["n"], line["hash"], head.file, head.size + len(one))
        rest = rest[len(one) :]
    if not rest:
        return head
    closed = b"" if rest.endswith(b"\n") else b"\n"
    _add(folder / head.file, closed)
    skipped = Head(head.log, head.count, head.hash, head.file, head.size + len(rest) + len(closed))
    return _written(folder, skipped, _own(REPAIRED, **broken(rest)), now)


def broken(fragment: bytes) -> dict[str, Value]:
    """Describe what stands between two lines and is none, so that it cannot be exchanged."""
    text = fragment.rstrip(b"\n")
    return {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def _without_head(folder: Path, newest: Path, now: datetime) -> Head:
    """Go on after the last whole line where the head is lost."""
    content = newest.read_bytes()
    at, last = 0, None
    for one in content.splitlines(keepends=True):
        at += len(one)
        line = read_line(one)
        if line is not None:
            last, end = line, at
    if last is None:
        head = Head(uuid.uuid4().hex, 0, FIRST, newest.name, 0)
    else:
        head = Head(str(last.get("log", "")), last["n"], last["hash"], newest.name, end)
    head = _caught_up(folder, head, now) if len(content) > head.size else head
    return _written(folder, head, _own(HEADLESS, lines=head.count), now)


def read_line(raw: bytes) -> dict[str, Any] | None:
    """Read a line that is whole, written in the one way, and has the hash of what it says; None for any other."""
    try:
        text = raw.decode("utf-8")
        line = json.loads(text)
        is_whole = text == text_of(line) + "\n" and line["hash"] == hash_of(line)
        return line if is_whole and isinstance(line["n"], int) and isinstance(line["before"], str) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _written(folder: Path, head: Head, said: Mapping[str, Any], now: datetime) -> Head:
    """Add one line to the file of the head, or to the next where that one is full or of another year."""
    count = head.count + 1
    if head.size and (head.size > _largest() or not head.file.endswith(f"-{now.year}.jsonl")):
        head = Head(head.log, head.count, head.hash, _name(now, count), 0)
    line = {"n": count, "at": _moment(now), **said, "version": __version__, "log": head.log, "before": head.hash}
    line["hash"] = hash_of(line)
    raw = (text_of(line) + "\n").encode()
    _add(folder / head.file, raw, keep=said["act"] != VIEW)
    return Head(head.log, count, line["hash"], head.file, head.size + len(raw))


def _add(file: Path, raw: bytes, *, keep: bool = True) -> None:
    """Add bytes to a file; all but views are on the disk before anybody is told."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        while raw:
            raw = raw[os.write(descriptor, raw) :]
        if keep:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep(folder: Path, head: Head) -> None:
    unfinished = folder / f"{HEAD}.new"
    unfinished.write_text(text_of(vars(head)), encoding="utf-8")
    os.replace(unfinished, folder / HEAD)


def _name(now: datetime, first: int) -> str:
    return f"audit-{first:010d}-{now.year}.jsonl"


def _moment(now: datetime) -> str:
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _largest() -> float:
    return float(os.environ.get("HOTSPOT_AUDIT_MB", _LARGEST_MB)) * 1e6
