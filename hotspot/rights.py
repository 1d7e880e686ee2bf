"""What each role may do beyond looking: written once, asked where it is done."""

from __future__ import annotations

from hotspot.errors import NotAllowed
from hotspot.viewer import ADMINISTRATOR, ANALYST, Viewer

UNMASK, READ_AUDIT = "see unmasked references", "read the audit log"
RIGHTS = {UNMASK: (ANALYST, ADMINISTRATOR), READ_AUDIT: (ADMINISTRATOR,)}
"""Act → the roles that may."""


def may(viewer: Viewer, act: str) -> bool:
    """Say whether a person's role allows an act."""
    return viewer.role in RIGHTS[act]


def require(viewer: Viewer, act: str) -> None:
    """Refuse an act that a person's role does not allow.

    Raises
    ------
    NotAllowed
        If it does not.
    """
    if not may(viewer, act):
        roles = " or ".join(RIGHTS[act])
        raise NotAllowed(f"To {act} you must be {roles}; you are signed in as {viewer.role}. Ask an administrator for the role.")
