"""The page's typeface for still pictures: two weights of the Source Sans that Streamlit's wheel carries.

Matplotlib reads no WOFF2 and no variable font, so the Latin part of each weight is written as a TrueType file: once, into
the user's cache, because it takes seconds and every process that draws would pay them.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import fontTools
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from hotspot.offences.atomic import write_whole

REGULAR, BOLD = 400, 650
_LATIN = (*range(0x20, 0x180), *map(ord, "−²³·×–—‘’“”•…≥≤→∞φ"))


def streamlit_font() -> Path | None:
    """Find Source Sans in Streamlit's wheel, without importing Streamlit."""
    found = find_spec("streamlit")
    if found is None or found.origin is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.glob("static/static/media/SourceSansVF-Upright*.woff2"))), None)


@cache
def typeface(weight: int) -> FontProperties:
    """Give one weight; matplotlib's own DejaVu Sans where Source Sans is not at hand."""
    source = streamlit_font()
    if source is None:
        return FontProperties(family="DejaVu Sans", weight=weight)
    target = _cache() / f"{source.stem}-{weight}-{_recipe(source)}.ttf"
    if not target.is_file():
        write_whole(target, lambda own: _write(source, own, weight))  # another process may write it too
    return FontProperties(fname=str(target))


def _cache() -> Path:
    """Give the folder of the user's own caches; a temporary one where it cannot be written."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hotspot"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or a protected one
        return Path(_temporary_folder().name)
    return folder if os.access(folder, os.W_OK) else Path(_temporary_folder().name)


@cache
def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="hotspot-typeface-")


def _recipe(source: Path) -> str:
    """Name what a written file depends on."""
    made_of = f"{source.name} {source.stat().st_size} {fontTools.version} {_LATIN}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:12]


@lru_cache(maxsize=4_096)
def text_width(words: str, size: float, weight: int = REGULAR) -> float:
    """Give the width of one line, in the unit of ``size``."""
    font = typeface(weight).copy()
    font.set_size(100.0)
    return text_to_path.get_text_width_height_descent(words, font, ismath=False)[0] * size / 100.0


def _write(source: Path, target: Path, weight: int) -> None:
    with TTFont(source) as font:
        options = subset.Options(layout_features=["kern"], hinting=False)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=_LATIN)
        subsetter.subset(font)
        single = instancer.instantiateVariableFont(font, {"wght": weight})
        single.flavor = None
        single.save(target)
