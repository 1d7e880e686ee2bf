"""Why somebody wants to see references as the source has them: the one text that the audit log holds of a person."""

from __future__ import annotations

from collections.abc import Iterable

from hotspot.errors import BadInput

SHORTEST, LONGEST = 10, 200
"""Characters of a reason."""
_TELLING = 4
"""Characters from which a reference is looked for in a reason."""


def checked_reason(reason: str, references: Iterable[str]) -> str:
    """Give a reason in one line; refuse one that says nothing, or that names what is asked for.

    Raises
    ------
    BadInput
        With what to write.
    """
    text = " ".join(reason.split())
    if not SHORTEST <= len(text) <= LONGEST:
        raise BadInput(f"Say why in {SHORTEST} to {LONGEST} characters: the audit log keeps it. This has {len(text)}.")
    folded = text.casefold()
    if any(len(one) >= _TELLING and one.casefold() in folded for one in references):
        raise BadInput("The reason holds one of the references; the audit log must not. Say why without it.")
    return text
