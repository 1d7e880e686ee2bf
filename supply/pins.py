"""Requirement files and locks, read alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class Pin:
    """One package at one version."""

    name: str
    """As PyPI normalises it."""
    version: str
    extras: frozenset[str]
    holds_here: bool
    """False: for another system than this one."""
    hashes: tuple[str, ...]
    """SHA-256 of each file that may be installed, sorted; empty in a requirements file."""


def read_pins(path: Path) -> dict[str, Pin]:
    """
    Read a requirements file, what it includes by ``-r``, or a lock.

    Raises
    ------
    ValueError
        A package is not pinned by ``==``.
    """
    pins: dict[str, Pin] = {}
    for line in _lines(path):
        if line.startswith("-r "):
            pins |= read_pins(path.parent / line[3:].strip())
        elif not line.startswith("-"):
            pin = _pin(line, path)
            pins[pin.name] = pin
    return pins


def _lines(path: Path) -> Iterator[str]:
    """Lines that say something, each joined to those that continue it."""
    joined = path.read_text("utf-8").replace("\\\n", " ")
    return (line for raw in joined.splitlines() if (line := re.sub(r"(^|\s)#.*", "", raw).strip()))


def _pin(line: str, path: Path) -> Pin:
    text, *hashes = line.split(" --hash=sha256:")
    wanted = Requirement(text)
    versions = [one.version for one in wanted.specifier if one.operator == "=="]
    if len(versions) != 1:
        raise ValueError(f"{path.name}: '{text}' is not pinned. Write NAME==VERSION.")
    return Pin(
        name=canonicalize_name(wanted.name),
        version=versions[0],
        extras=frozenset(wanted.extras),
        holds_here=wanted.marker is None or wanted.marker.evaluate(),
        hashes=tuple(sorted(digest.strip() for digest in hashes)),
    )
