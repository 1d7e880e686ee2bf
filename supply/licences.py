"""
List the licence of every pinned package, by the metadata that it brings: `make licences` writes docs/licences.md.

Where the metadata say nothing, or only a family, the licence stands below with where it was read.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution

from supply import ROOT
from supply.installed import reached
from supply.lock import EVERYTHING, RUNTIME
from supply.pins import Pin, read_pins

DOCUMENT = ROOT / "docs" / "licences.md"
EXTRAS = ("requirements-dask.txt",)
"""What an installation may add; psycopg, which is installed where records lie on PostgreSQL, is pinned with the test tools."""
_POSTGRESQL = frozenset({"psycopg", "psycopg-binary"})
JUDGED = {
    "appnope": "BSD-2-Clause",  # for macOS alone: its metadata on PyPI
    "cffi": "MIT-0",  # for PyPy alone: its metadata on PyPI
    "colorama": "BSD-3-Clause",  # for Windows alone: LICENSE.txt in its wheel
    "matplotlib": "LicenseRef-Matplotlib",  # a text of its own after Python's, in its metadata
    "nest-asyncio2": "BSD-2-Clause",  # LICENSE in its wheel
    "pycparser": "BSD-3-Clause",  # for PyPy alone: its metadata on PyPI
    "pyogrio": "MIT",  # the text in its metadata
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",  # LICENSES in its wheel
    "streamlit-folium": "MIT",  # LICENSE in its repository; the wheel says nothing
    "xstatic-leaflet": "BSD-2-Clause",  # "same as Leaflet"
}
_CLASSIFIERS = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "BSD License": "BSD-3-Clause",
}
"""A BSD licence of three clauses is told from one of two by its text."""
_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "ISC license": "ISC",
    "New BSD": "BSD-3-Clause",
    "PSFL": "PSF-2.0",
}
PERMISSIVE = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LicenseRef-Matplotlib", "LLVM-exception"}
    | {"MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib"}
)
WEAK = {
    "LGPL-3.0-only": "conditions for the library and changes of it; it is used unchanged, and another version can replace it",
    "MPL-2.0": "conditions for its own files and changes of them; they are used unchanged",
}
"""Licences with conditions that reach no further than the package, and why that holds here."""
LIBRARIES = {
    "GEOS": ("shapely, pyogrio, rasterio", "LGPL-2.1"),
    "libgfortran": ("numpy, scipy", "GPL-3.0 with the GCC runtime library exception"),
    "libquadmath": ("numpy, scipy", "LGPL-2.1"),
    "libzmq": ("pyzmq (tests alone)", "MPL-2.0"),
    "libcrypt, libkeyutils": ("psycopg-binary (records on PostgreSQL alone)", "LGPL-2.1"),
    "FriBiDi (loaded where the machine has it)": ("pillow", "LGPL-2.1"),
}
"""Compiled libraries with conditions of their own in the Linux wheels."""


@dataclass(frozen=True)
class Licence:
    """The licence of one pinned package."""

    pin: Pin
    expression: str
    """SPDX; empty where nobody knows."""
    use: str

    @property
    def parts(self) -> set[str]:
        """The single licences of the expression."""
        return set(re.findall(r"[A-Za-z0-9][\w.+-]*", self.expression)) - {"AND", "OR", "WITH"}


def licences() -> list[Licence]:
    """Give the licence of every package of the full lock, by name."""
    everything, runtime = read_pins(ROOT / EVERYTHING.name), set(read_pins(ROOT / RUNTIME.name))
    extra = reached([pin for name in EXTRAS for pin in read_pins(ROOT / name).values()]) | _POSTGRESQL
    uses = {name: "runtime" if name in runtime else "extra" if name in extra else "tests" for name in everything}
    return [Licence(pin, _expression(pin), uses[name]) for name, pin in sorted(everything.items())]


def _expression(pin: Pin) -> str:
    if pin.name in JUDGED:
        return JUDGED[pin.name]
    if not pin.holds_here:
        return ""
    found = distribution(pin.name)
    if said := found.metadata.get("License-Expression"):
        return said
    classifiers = [
        line.rpartition(" :: ")[2] for line in found.metadata.get_all("Classifier") or [] if line.startswith("License")
    ]
    words = (found.metadata.get("License") or "").strip()
    named = next((_CLASSIFIERS[one] for one in classifiers if one in _CLASSIFIERS), "") or _WORDS.get(words, "")
    exact = words if words in PERMISSIVE | WEAK.keys() else ""
    return exact or (_clauses(found) if named == "BSD-3-Clause" else named)


def _clauses(found: Distribution) -> str:
    files = [file for file in found.files or () if re.search("licen|copying", file.name.lower())]
    third = any(re.search("neither .*? nor the names", file.read_text("utf-8").lower(), re.DOTALL) for file in files)
    return "BSD-3-Clause" if third else "BSD-2-Clause"


def faults(found: list[Licence]) -> list[str]:
    """Say which licences nobody knows or has judged."""
    unknown = [
        f"{one.pin.name}: its metadata name no licence. Read it and add it to JUDGED." for one in found if not one.expression
    ]
    strange = [
        f"{one.pin.name}: {one.expression} is neither among the permissive licences nor judged in WEAK. Read what it asks for."
        for one in found
        if one.parts - PERMISSIVE - WEAK.keys()
    ]
    return unknown + strange


def document(found: list[Licence]) -> str:
    """Write the page."""
    weak = [one for one in found if one.parts & WEAK.keys()]
    weak_lines = "".join(
        f"- **{one.pin.name}** ({one.use}), {one.expression}: {WEAK[next(iter(one.parts & WEAK.keys()))]}.\n" for one in weak
    )
    library_lines = "".join(f"| {name} | {inside} | {licence} |\n" for name, (inside, licence) in LIBRARIES.items())
    lines = "".join(f"| {one.pin.name} | {one.pin.version} | {one.expression} | {one.use} |\n" for one in found)
    return f"""# Licences

Written by `make licences` from the metadata that each package brings; do not edit. *runtime*: needed by the application; *extra*:
Dask and PostgreSQL; *tests*: nothing that runs in use. Everything else than the following is under a permissive licence.

## With conditions

{weak_lines}
No package is under the GPL or AGPL. Compiled libraries inside the wheels for Linux have licences of their own; those with
conditions:

| library | inside | licence |
|---|---|---|
{library_lines}
## All packages

| package | version | licence (SPDX) | use |
|---|---|---|---|
{lines}"""


def main() -> None:
    """Write the page; end with 1 where a licence is unknown or not judged."""
    found = licences()
    DOCUMENT.write_text(document(found), "utf-8")
    print("\n".join(faults(found)) or f"{len(found)} licences known: {DOCUMENT.relative_to(ROOT)}")
    sys.exit(bool(faults(found)))


if __name__ == "__main__":
    main()
