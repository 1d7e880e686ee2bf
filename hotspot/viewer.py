"""Who looks at the data, in which role, and which LPAs he may see."""

from __future__ import annotations

from dataclasses import dataclass

INSPECTOR, ANALYST, ADMINISTRATOR = "inspector", "analyst", "administrator"
ROLES = (INSPECTOR, ANALYST, ADMINISTRATOR)
"""From the fewest acts to the most."""


@dataclass(frozen=True)
class Viewer:
    """A person of a session, or of the command line."""

    name: str
    """Who, as the sign-in provider or the proxy says; 'local user' where sign-in is off."""
    role: str
    """One of ``ROLES``."""
    areas: frozenset[str] | None
    """The LPAs that the person may see; None: all."""


LOCAL = Viewer("local user", ADMINISTRATOR, None)
"""Who sits at the machine itself: sign-in is off, or a command is run in its shell."""
