"""Serve the map's scripts, styles and typeface from this server, so that no request leaves the machine.

What is served here needs no sign-in: scripts and styles only, never an offence.
"""

from __future__ import annotations

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path

import streamlit
import streamlit.components.v1 as components

from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.maps import served
from hotspot.ui import headers

_FONTS = Path(streamlit.__file__).parent / "static" / "static" / "media"
_FONT = next(iter(sorted(_FONTS.glob("SourceSansVF-Upright*.woff2"))), None)
_folder = tempfile.TemporaryDirectory(prefix="hotspot-assets-")
components.declare_component("assets", path=_folder.name)


def asset_url() -> str:
    """Give the address of the assets relative to a map's frame (``component/streamlit_folium.st_folium/index.html``).

    They are written when a map first asks for them, and again where somebody cleared the folder for temporary files.
    """
    served.write_missing(Path(_folder.name), font=_FONT)
    return f"../{__name__}.assets"


def tiles_url(force: Force) -> str:
    """Give the address of the force's map tiles; empty where the administrator set none.

    ``[tiles] url`` is an address with ``{z}/{x}/{y}``, or a folder of tiles ``z/x/y.png`` on this machine, which is
    then served from here: no request leaves the machine.
    """
    if "://" in force.tiles_url:
        headers.allow_tiles(force.tiles_url)
        return force.tiles_url
    if not force.tiles_url:
        return ""
    return _served_folder(Path(force.tiles_url).expanduser())


@lru_cache(maxsize=8)
def _served_folder(folder: Path) -> str:
    if not folder.is_absolute() or not folder.is_dir():
        raise BadInput(
            f"[tiles] url: there is no folder {folder}. Give the full path of a folder with tiles z/x/y.png, or no tiles."
        )
    name = f"tiles-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    components.declare_component(name, path=str(folder))
    return f"../{__name__}.{name}/{{z}}/{{x}}/{{y}}.png"
