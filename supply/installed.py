"""What is installed here, by the metadata that each package brings."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply.pins import Pin


class NotInstalled(Exception):
    """A pinned package is missing from this environment; the message says what to do."""


def brought_along(name: str, extra: str = "") -> list[tuple[str, str]]:
    """Give what a package needs on this system, each as name and extra ('' is the package without one)."""
    try:
        wanted = [Requirement(text) for text in distribution(name).requires or []]
    except PackageNotFoundError as absent:
        raise NotInstalled(f"{name} is pinned but not installed here. Run make install.") from absent
    held = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": extra})]
    return [(canonicalize_name(one.name), each) for one in held for each in ("", *one.extras)]


def reached(pins: Iterable[Pin]) -> set[str]:
    """Give the names of the pins and of all that they bring along on this system."""
    waiting = [(pin.name, extra) for pin in pins for extra in ("", *pin.extras)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        package = waiting.pop()
        if package not in seen:
            seen.add(package)
            waiting += brought_along(*package)
    return {name for name, _ in seen}
