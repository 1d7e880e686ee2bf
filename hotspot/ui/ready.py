"""What pages need, made ready while the server starts: the first visitor waits for his picture alone.

What declares a component of Streamlit (``vendor``, ``maps``) is not loaded: declared outside a page's run it is never served.
"""

from __future__ import annotations

import importlib

from hotspot.errors import HotspotError
from hotspot.ui import heaps

_LIBRARIES = ("folium.plugins", "altair", "sqlalchemy.dialects.sqlite", "rasterio.features")
_MODULES = ("hotspot.maps.folium_map", "hotspot.ui.accuracy", "hotspot.ui.downloads", "hotspot.ui.page")


def load() -> None:
    """Load what pages draw with, and read what the store knows about itself."""
    heaps.share()
    for name in (*_LIBRARIES, *_MODULES):
        importlib.import_module(name)
    from hotspot.methods import compiled
    from hotspot.ui import cached

    for name in filter(compiled.is_warm, compiled.MODULES):
        compiled.loaded(name)
    try:
        _ = cached.store().fingerprint
    except HotspotError:
        return  # the pages say what is wrong with a store, each time
