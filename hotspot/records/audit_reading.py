"""The audit log read back, for who may: its lines, and whether any of them was removed, changed, put in or moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hotspot.errors import NotAudited
from hotspot.records import audit
from hotspot.records.audit_anchors import Anchor
from hotspot.viewer import AUDIT, LOCAL, Viewer, require

_FIRST_TOLD = (
    *("kind", "reason", "file", "format", "rows", "card", "plan", "of", "change", "offences", "audience"),
    *("type", "crime_type", "area", "lpa", "from", "to", "start", "end", "period", "against", "baseline"),
)
MOST_FAULTS = 50
"""So many are told; a log that was written anew has as many as lines."""


@dataclass(frozen=True)
class Line:
    """A line as people read it."""

    number: int
    moment: datetime
    """With its zone."""
    act: str
    who: str
    role: str
    way: str
    what: dict[str, Any]
    data: str
    version: str


@dataclass(frozen=True)
class Verification:
    """Whether the log is whole, as far as its files, its head and the anchors can tell."""

    files: int
    lines: int
    first: int
    """Number of the first line that is here; the earlier ones were moved away, or are missing."""
    last: int
    hash: str
    """Of the last line: written down elsewhere, it shows later whether anything up to it was changed."""
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    anchored: int
    """Last line whose number and hash the database of records holds; 0 for none."""

    @property
    def is_whole(self) -> bool:
        return not self.faults

    @property
    def headline(self) -> str:
        """Say it in one sentence."""
        if not self.lines:
            return "The audit log has no line" if self.is_whole else "The audit log is gone"
        if self.is_whole:
            since = f" from line {self.first:,}" if self.first > 1 else ""
            return f"The audit log is whole{since}: {self.lines:,} line{'' if self.lines == 1 else 's'}"
        return f"The audit log was tampered with or damaged: {len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}"


@dataclass
class _Walk:
    """What is known while the lines are gone through."""

    number: int = 0
    hash: str = audit.FIRST
    first: int = 0
    lines: int = 0
    moment: str = ""
    log: str = ""
    hashes: dict[int, str] = field(default_factory=dict)
    """Of the lines that were asked for."""
    unread: list[bytes] = field(default_factory=list)
    unread_at: str = ""
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lines(folder: Path, *, since: date | None = None, until: date | None = None, viewer: Viewer = LOCAL) -> Iterator[Line]:
    """Give the lines of some days (local clock), the latest first; ``until`` is the first day after them.

    Raises
    ------
    NotAllowed
        If the viewer's role may not read the log.
    NotAudited
        If a file cannot be read.
    """
    require(viewer, AUDIT)
    return _lines(folder, since, until)


def _lines(folder: Path, since: date | None, until: date | None) -> Iterator[Line]:
    for file in reversed(audit.files_of(folder)):
        for raw in reversed(_content(file).split(b"\n")):
            line = audit.read_line(raw + b"\n") if raw else None
            if line is None:
                continue
            shown = _shown(line)
            day = shown.moment.astimezone().date()
            if (since is None or day >= since) and (until is None or day < until):
                yield shown


def matching(found: Iterable[Line], *, who: str | None = None, act: str | None = None) -> Iterator[Line]:
    """Leave the lines of a person (any case) or of an act."""
    for one in found:
        if (not who or one.who.casefold() == who.strip().casefold()) and (not act or one.act == act.strip().lower()):
            yield one


def what_words(line: Line) -> str:
    """Say what was done in one line of text, what tells most first."""
    first = {name: place for place, name in enumerate(_FIRST_TOLD)}
    told = sorted(line.what.items(), key=lambda one: first.get(one[0], len(first)))
    return "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in told)


def verify(
    folder: Path, anchors: tuple[Anchor, ...] = (), *, expected: tuple[int, str] | None = None, viewer: Viewer = LOCAL
) -> Verification:
    """Go through all lines and say what is wrong with them.

    Parameters
    ----------
    anchors
        What the database of records holds of this and of other logs in this place.
    expected
        Number and hash of a line that were written down before.

    Raises
    ------
    NotAllowed
        If the viewer's role may not read the log.
    NotAudited
        If a file cannot be read.
    """
    require(viewer, AUDIT)
    files = audit.files_of(folder)
    asked = {one.count: one.hash for one in anchors} | ({expected[0]: expected[1]} if expected else {})
    walk = _Walk()
    for file in files:
        for place, raw in enumerate(_content(file).split(b"\n"), start=1):
            if raw:
                _step(walk, raw, f"{file.name} line {place}", asked)
    _leave_unread(walk)
    _against_head(walk, audit.head_of(folder), bool(files))
    _against(walk, [one for one in anchors if one.log == walk.log], "The database of records")
    _other_logs(walk, anchors)
    if expected is not None:
        _against(walk, [Anchor(walk.log, expected[0], expected[1], datetime.now(UTC))], "What was written down")
    known = [one.count for one in anchors if one.log == walk.log]
    return Verification(
        len(files), walk.lines, walk.first, walk.number, walk.hash if walk.lines else "",
        tuple(walk.faults[:MOST_FAULTS]), tuple(walk.notes), max(known, default=0),
    )  # fmt: skip


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise NotAudited(f"The audit log {file} cannot be read ({fault}). Give the rights back.") from fault


def _shown(line: dict[str, Any]) -> Line:
    moment = datetime.fromisoformat(line["at"])
    said = (line[name] for name in ("act", "who", "role", "way", "what", "data", "version"))
    return Line(line["n"], moment, *said)


def _step(walk: _Walk, raw: bytes, place: str, asked: dict[int, str]) -> None:
    line = audit.read_line(raw + b"\n")
    if line is None:
        walk.unread.append(raw)
        walk.unread_at = walk.unread_at or place
        return
    follows = (line["n"], line["before"]) == (walk.number + 1, walk.hash)
    if walk.unread:
        is_told = follows and line["act"] == audit.REPAIRED and line["what"] == audit.broken(b"\n".join(walk.unread))
        _leave_unread(walk, is_told=is_told)
    if not walk.lines:
        walk.first = line["n"]
        if line["n"] > 1:
            walk.notes.append(f"Lines 1 to {line['n'] - 1:,} are not here: moved away with their files, or removed.")
        elif not follows:
            walk.faults.append(f"{place}: the first line is not one that began a log: it was changed.")
    elif not follows:
        walk.faults.append(_break_words(walk, line, place))
    if line["act"] in (audit.HOLE, audit.HEADLESS):
        walk.faults.append(f"{place}: the log itself found at {line['at']} that {_hole_words(line)}.")
    if line["at"] < walk.moment:
        walk.notes.append(f"The clock went back before line {line['n']:,} ({walk.moment}, then {line['at']}).")
    walk.number, walk.hash, walk.moment, walk.log = line["n"], line["hash"], line["at"], line["log"]
    walk.lines += 1
    if line["n"] in asked:
        walk.hashes[line["n"]] = line["hash"]


def _leave_unread(walk: _Walk, *, is_told: bool = False) -> None:
    """Judge what could not be read: broken off by an interruption that the log told of, or changed by hand."""
    if not walk.unread:
        return
    count = len(walk.unread)
    words = f"{walk.unread_at}: {count} line{'' if count == 1 else 's'} cannot be read or {'is' if count == 1 else 'are'} changed"
    if is_told:
        walk.notes.append(f"{walk.unread_at}: a line was broken off by an interruption; the next line says so.")
    else:
        walk.faults.append(f"{words}.")
    walk.unread, walk.unread_at = [], ""


def _break_words(walk: _Walk, line: dict[str, Any], place: str) -> str:
    number, wanted = line["n"], walk.number + 1
    if number > wanted:
        return f"{place}: lines {wanted:,} to {number - 1:,} are missing."
    if number < wanted:
        return f"{place}: line {number:,} stands after line {walk.number:,}: moved, repeated or put in."
    return f"{place}: line {number:,} does not follow the line before it: one of them was changed or put in."


def _hole_words(line: dict[str, Any]) -> str:
    count = f"{line['what'].get('lines', 0):,}"
    if line["act"] == audit.HEADLESS:
        return f"{audit.HEAD} was lost, so whether lines after {count} were cut off cannot be known from it"
    return f"lines up to {count} were cut off, or a file was taken away or put in ({line['what'].get('file')})"


def _against_head(walk: _Walk, head: audit.Head | None, has_files: bool) -> None:
    if head is None:
        if has_files:
            walk.faults.append(f"{audit.HEAD} is missing or cannot be read: a tail that was cut off cannot be known from it.")
        return
    if head.count > walk.number:
        walk.faults.append(f"The end is cut off: {audit.HEAD} knows of {head.count:,} lines, the last here is {walk.number:,}.")
    elif head.count == walk.number and head.hash != walk.hash:
        walk.faults.append(f"The last line is not the one that {audit.HEAD} knows: it was changed.")


def _against(walk: _Walk, anchors: list[Anchor], witness: str) -> None:
    """Compare lines with what was kept of them elsewhere."""
    for one in anchors:
        if one.count > walk.number:
            walk.faults.append(f"The end is cut off: {witness} knows of line {one.count:,}, the last here is {walk.number:,}.")
            return
        found = walk.hashes.get(one.count)
        if found is None and one.count >= walk.first:
            walk.faults.append(f"{witness} knows of line {one.count:,}, which is missing.")
        elif found is not None and found != one.hash:
            walk.faults.append(f"{witness} knows line {one.count:,} with another hash: it, or a line before it, was changed.")
            return


def _other_logs(walk: _Walk, anchors: tuple[Anchor, ...]) -> None:
    others = {one.log: one for one in anchors if one.log != walk.log}
    for one in others.values():
        walk.faults.append(
            f"The database of records knows of another log with {one.count:,} lines (last seen {one.moment:%Y-%m-%d %H:%M}), "
            "which is not here: it was removed or replaced, or HOTSPOT_AUDIT names another place now."
        )
