"""The files that a map's frame asks for: Leaflet from its wheel, our own scripts, the typeface. No other machine is asked."""

from __future__ import annotations

import hashlib
import shutil
from functools import partial
from pathlib import Path

import xstatic.pkg.leaflet

from hotspot.offences.atomic import write_whole

OWN = Path(__file__).resolve().parent / "assets"
FONT = "source-sans.woff2"
SCRIPTS = ("leaflet.js", "labels.js", "badges.js", "compare.js", "draw.js", "context.js", "map.js")
"""In the order in which a frame loads them."""
STYLES = ("leaflet.css", "map.css")


def source(name: str) -> Path:
    """Say where a served script or style comes from."""
    own = OWN / name
    return own if own.exists() else Path(xstatic.pkg.leaflet.BASE_DIR) / name


def write_missing(folder: Path, *, font: Path | None = None) -> None:
    """Put everything that a frame asks for into one folder; what is there already stays."""
    wanted = {name: source(name) for name in (*SCRIPTS, *STYLES)} | ({FONT: font} if font is not None else {})
    for name, file in wanted.items():
        if not (folder / name).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / name, partial(shutil.copyfile, file))


def links(asset_url: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Give (name, URL) of served files; the URL changes with the content, so that no browser keeps an old one."""
    return [(name, f"{asset_url}/{name}?{_digest(source(name))}") for name in names]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
