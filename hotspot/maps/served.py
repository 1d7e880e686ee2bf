"""The files that a map's frame asks for: Leaflet from its wheel, our own scripts, the typeface. No other machine is asked."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import xstatic.pkg.leaflet

OWN = Path(__file__).resolve().parent / "assets"
FONT = "source-sans.woff2"
SCRIPTS = ("leaflet.js", "labels.js", "badges.js", "compare.js", "draw.js", "context.js", "map.js")
"""In the order in which a frame loads them."""
STYLES = ("leaflet.css", "map.css")


def source(name: str) -> Path:
    """Say where a served script or style comes from."""
    own = OWN / name
    return own if own.exists() else Path(xstatic.pkg.leaflet.BASE_DIR) / name


def write_assets(folder: Path, *, font: Path | None = None) -> None:
    """Put everything that a frame asks for into one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*SCRIPTS, *STYLES):
        shutil.copyfile(source(name), folder / name)
    if font is not None:
        shutil.copyfile(font, folder / FONT)


def links(asset_url: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Give (name, URL) of served files; the URL changes with the content, so that no browser keeps an old one."""
    return [(name, f"{asset_url}/{name}?{_digest(source(name))}") for name in names]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
