"""Serve the map's scripts, styles and typeface from this server, so that no request leaves the machine.

What is served here needs no sign-in: scripts and styles only, never an offence.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit
import streamlit.components.v1 as components

from hotspot.maps import served

_FONTS = Path(streamlit.__file__).parent / "static" / "static" / "media"
_folder = tempfile.TemporaryDirectory(prefix="hotspot-assets-")
served.write_assets(Path(_folder.name), font=next(iter(sorted(_FONTS.glob("SourceSansVF-Upright*.woff2"))), None))
components.declare_component("assets", path=_folder.name)

ASSET_URL = f"../{__name__}.assets"
"""Relative to a map's frame (``component/streamlit_folium.st_folium/index.html``)."""
