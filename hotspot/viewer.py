"""Who looks at the data, in which role, and which LPAs he may see; what each role may do stands in one table."""

from __future__ import annotations

from dataclasses import dataclass

from hotspot.errors import NotAllowed
from hotspot.selection import join_words

INSPECTOR, ANALYST, ADMINISTRATOR = "inspector", "analyst", "administrator"
ROLES = (INSPECTOR, ANALYST, ADMINISTRATOR)
"""From the fewest acts to the most."""

LOOK, PIN, PLAN = "look at pages", "write notebooks", "write 4P plans"
EXPORT, ENRICH = "take files away", "keep events and context layers"
IMPORT, AUDIT = "change offences, boundaries and mappings", "read the audit log"
UNMASK = "see references as they are"
MAY: dict[str, tuple[str, ...]] = {
    LOOK: ROLES,
    PIN: ROLES,
    PLAN: ROLES,
    EXPORT: (ANALYST, ADMINISTRATOR),
    ENRICH: (ANALYST, ADMINISTRATOR),
    IMPORT: (ADMINISTRATOR,),
    AUDIT: (ADMINISTRATOR,),
    UNMASK: (ANALYST, ADMINISTRATOR),
}
"""Act → the roles that may do it. A page's own tests belong to looking: a pattern is not shown without them."""


@dataclass(frozen=True)
class Viewer:
    """A person of a session, or of the command line."""

    name: str
    """Who, as the sign-in provider or the proxy says; 'local user' where sign-in is off."""
    role: str
    """One of ``ROLES``."""
    areas: frozenset[str] | None
    """The LPAs that the person may see; None: all."""

    def sees(self, lpa: str) -> bool:
        """Say whether what concerns one LPA may be shown; an empty name concerns them all."""
        return self.areas is None or lpa in self.areas

    def sees_all_of(self, lpas: tuple[str, ...]) -> bool:
        """Say whether what was made from the offences of some LPAs may be shown; none named: from all offences."""
        return self.areas is None or (bool(lpas) and self.areas.issuperset(lpas))


LOCAL = Viewer("local user", ADMINISTRATOR, None)
"""Who sits at the machine itself: sign-in is off, or a command is run in its shell."""


def may(viewer: Viewer, act: str) -> bool:
    """Say whether a viewer's role may do an act."""
    return viewer.role in MAY[act]


def require(viewer: Viewer, act: str) -> None:
    """Stop a viewer whose role may not do an act: the first line of every function that acts.

    Raises
    ------
    NotAllowed
        With a sentence that names the roles that may.
    """
    if not may(viewer, act):
        article = "an" if viewer.role[0] in "aeiou" else "a"
        raise NotAllowed(
            f"You are signed in as {article} {viewer.role}. To {act} needs the role {' or '.join(MAY[act])}: "
            "ask the person who looks after this server."
        )


def require_lpa(viewer: Viewer, lpa: str, what: str) -> None:
    """Stop a viewer from writing what concerns an LPA that he may not see.

    Raises
    ------
    NotAllowed
        With a sentence that names his LPAs.
    """
    if not viewer.sees(lpa):
        own = join_words(sorted(viewer.areas or ()))
        raise NotAllowed(f"{what} must concern an LPA that you may see: {own}. Nothing was changed.")
