"""The page's typeface for still pictures: two weights of the Source Sans that Streamlit's wheel carries.

Matplotlib reads no WOFF2 and no variable font, so once in a process the Latin part of each weight is written as a
TrueType file into a temporary folder.
"""

from __future__ import annotations

import tempfile
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

REGULAR, BOLD = 400, 650
_LATIN = (*range(0x20, 0x180), *map(ord, "−²³·×–—‘’“”•…≥≤→"))
_folder = tempfile.TemporaryDirectory(prefix="hotspot-typeface-")


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
    target = Path(_folder.name) / f"source-sans-{weight}.ttf"
    _write(source, target, weight)
    return FontProperties(fname=str(target))


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
