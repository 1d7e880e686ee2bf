"""
Write the locks: every package that an installation takes, with the SHA-256 of each of its files. `make lock`.

The requirements files say what is used and constraints.txt which versions that brings along; both are written by hand. The locks
are made from them by uv, which asks PyPI for the files of a version on all systems: one lock serves Linux, Windows and ARM.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from supply import ROOT
from supply.pins import read_pins

CONSTRAINTS = "constraints.txt"
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "x86_64-pc-windows-msvc")
"""Systems for each of whose packages a wheel must be there: nothing is built at installation."""


@dataclass(frozen=True)
class Lock:
    """A lock and what it is made from."""

    name: str
    requirements: str
    constrained: bool
    """True: constraints.txt holds its versions; the tools have an environment of their own."""


RUNTIME = Lock("requirements.lock", "requirements.txt", constrained=True)
EVERYTHING = Lock("requirements-dev.lock", "requirements-dev.txt", constrained=True)
TOOLS = Lock("requirements-tools.lock", "requirements-tools.txt", constrained=False)
LOCKS = (RUNTIME, EVERYTHING, TOOLS)


def stale(lock: Lock, root: Path = ROOT) -> list[str]:
    """Say how a lock differs from the files that it is made from, a sentence each; reads files only."""
    locked, asked = read_pins(root / lock.name), read_pins(root / lock.requirements)
    known = read_pins(root / CONSTRAINTS) if lock.constrained else {}
    faults = [f"{lock.name} lacks {name}, which {lock.requirements} asks for." for name in asked if name not in locked]
    for name, pin in locked.items():
        for source, pins in ((lock.requirements, asked), (CONSTRAINTS, known)):
            if name in pins and pins[name].version != pin.version:
                faults.append(f"{lock.name} has {name} {pin.version}, {source} has {pins[name].version}.")
        if lock.constrained and name not in known:
            faults.append(f"{CONSTRAINTS} lacks {name}=={pin.version}, which {lock.requirements} brings along: add the line.")
        if not pin.hashes:
            faults.append(f"{lock.name} has no hash of {name}.")
    return faults


def unused(root: Path = ROOT) -> list[str]:
    """Say which lines of constraints.txt nothing brings along any more."""
    everything = read_pins(root / EVERYTHING.name)
    return [
        f"{CONSTRAINTS} has {name}, which nothing needs: remove it."
        for name in read_pins(root / CONSTRAINTS)
        if name not in everything
    ]


def _uv(*words: str) -> None:
    # Settings of the person who runs it must not change the lock.
    subprocess.run([Path(sys.executable).with_name("uv"), *words, "--no-config", "--quiet"], check=True, cwd=ROOT)


def write(lock: Lock) -> None:
    """Ask the package index for the files of every version and write the lock; versions that stand in it already are kept."""
    held = ["-c", CONSTRAINTS] if lock.constrained else []
    _uv(
        "pip", "compile", lock.requirements, *held, "--universal", "--python-version", "3.11", "--generate-hashes",
        "--only-binary", ":all:", "--emit-build-options", "--no-annotate", "--custom-compile-command", "make lock",
        "-o", lock.name,
    )  # fmt: skip


def check_wheels(lock: Lock) -> None:
    """Resolve the lock for each system as an installation would, without installing; uv says what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        for system in PLATFORMS:
            _uv(
                "pip", "install", "--dry-run", "--target", folder, "--python-platform", system, "--python-version", "3.11",
                "--only-binary", ":all:", "--require-hashes", "-r", lock.name,
            )  # fmt: skip


def main() -> None:
    """Write all locks; end with 1 where the files written by hand do not agree with them."""
    for lock in LOCKS:
        write(lock)
        check_wheels(lock)
    faults = list(dict.fromkeys([*(fault for lock in LOCKS for fault in stale(lock)), *unused()]))
    written = ", ".join(lock.name for lock in LOCKS)
    print("\n".join(faults) or f"Written: {written}; each package has a wheel for {', '.join(PLATFORMS)}.")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
