"""Outcomes: kept as written, grouped so that they can be counted.

There is no single official 'positive outcome', so the groups only say what happened. Strings are those of
data.police.uk, present and older; codes are those of the Home Office outcomes framework. A newcomer adds an
outcome in one row of ``GROUPS``.
"""

from __future__ import annotations

import re

CHARGED = "Charged or summonsed"
RESOLVED = "Out-of-court resolution"
TAKEN_INTO_CONSIDERATION = "Taken into consideration"
NOT_PROSECUTED = "Suspect identified, not prosecuted"
NO_SUSPECT = "No suspect identified"
PASSED_ON = "Passed to another organisation"
DIVERTED = "Diversion or intervention"
OPEN = "Under investigation"
NOT_KNOWN = "Outcome not known"
OTHER = "Other outcome"

GROUPS: dict[str, tuple[str, ...]] = {
    CHARGED: (
        "1",
        "1a",
        "charged",
        "suspect charged",
        "charged or summonsed",
        "charge/summons",
        "suspect charged as part of another case",
        "awaiting court outcome",
        "court result unavailable",
        "court case unable to proceed",
        "defendant found not guilty",
        "defendant sent to crown court",
        "offender sent to prison",
        "offender given suspended prison sentence",
        "offender given community sentence",
        "offender given conditional discharge",
        "offender given absolute discharge",
        "offender fined",
        "offender deprived of property",
        "offender ordered to pay compensation",
        "offender otherwise dealt with",
    ),
    RESOLVED: (
        *("2", "2a", "3", "3a", "6", "7", "8"),
        "caution",
        "community resolution",
        "local resolution",
        "offender given a caution",
        "offender given caution",
        "offender given a drugs possession warning",
        "offender given penalty notice",
    ),
    TAKEN_INTO_CONSIDERATION: ("4", "taken into consideration"),
    NOT_PROSECUTED: (
        *("5", "9", "10", "11", "12", "13", "15", "16", "17", "21"),
        "unable to prosecute suspect",
        "formal action is not in the public interest",
        "further action is not in the public interest",
        "further investigation is not in the public interest",
    ),
    NO_SUSPECT: ("14", "18", "investigation complete; no suspect identified", "no suspect identified"),
    PASSED_ON: ("19", "20", "action to be taken by another organisation"),
    DIVERTED: ("22",),
    OPEN: ("under investigation",),
    NOT_KNOWN: ("status update unavailable",),
}
_GROUP_OF = {outcome: group for group, outcomes in GROUPS.items() for outcome in outcomes}


def group_of(outcome: str) -> str:
    """Group an outcome by its police.uk string or its Home Office code ('14', 'Outcome 14', '14 - No suspect')."""
    text = re.sub(r"\s+", " ", outcome).strip().lower()
    if text in _GROUP_OF:
        return _GROUP_OF[text]
    code = re.match(r"(?:outcome |type |code )*0*(\d{1,2}a?)\b(?![./]\d)", text)
    return _GROUP_OF.get(code[1], OTHER) if code else OTHER
