"""What pages need, made ready while the server starts: the first visitor waits for his picture alone.

What declares a component of Streamlit (``vendor``, ``maps``) is not loaded: declared outside a page's run it is never served.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys

from hotspot.errors import HotspotError

_LIBRARIES = ("folium.plugins", "altair", "sqlalchemy.dialects.sqlite", "rasterio.features")
_MODULES = ("hotspot.maps.folium_map", "hotspot.ui.accuracy", "hotspot.ui.downloads", "hotspot.ui.page")
_M_ARENA_MAX, _ARENAS = -8, 2


def load() -> None:
    """Load what pages draw with, and read what the store knows about itself."""
    share_heaps()
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


def share_heaps() -> None:
    """Let all threads take memory from two heaps of the C library, Arrow's among it.

    Streamlit runs each change of a page in a new thread. With a heap for each, what a thread freed stays with the process:
    twice as much as the results that are kept.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:  # musl has one heap
            mallopt(_M_ARENA_MAX, _ARENAS)
