"""One hostile or broken file, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from makers import Maker


@dataclass(frozen=True)
class Case:
    """One file and what is said of it."""

    name: str
    way: str
    make: Maker
    said: str
    """The part of the sentence that must stand."""
    read: bool = False
    """True: the file is read, and the sentence stands in what is printed; False: refused, exit code 2, nothing changed."""
    environment: dict[str, str] = field(default_factory=dict)
