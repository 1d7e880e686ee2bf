"""Who the present session belongs to."""

from __future__ import annotations

from hotspot.viewer import LOCAL, Viewer


def viewer() -> Viewer:
    """Give the viewer of the present session; the local user where sign-in is off."""
    return LOCAL
