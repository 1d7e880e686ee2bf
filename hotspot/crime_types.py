"""Crime types: groups as police.uk names them, sub-types as forces record them.

A newcomer adds a crime type in one row of ``CRIME_TYPES``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hotspot.errors import BadInput


@dataclass(frozen=True)
class CrimeType:
    """A crime type an offence can carry."""

    name: str
    group: str
    """Equal to ``name`` for a group."""
    codes: tuple[str, ...] = ()
    """Home Office codes, normalised (see ``normalise_code``)."""
    older_names: tuple[str, ...] = ()
    """Names that police.uk used before, or that extracts use, lower case."""

    @property
    def is_group(self) -> bool:
        return self.name == self.group


CRIME_TYPES: tuple[CrimeType, ...] = (
    CrimeType("Anti-social behaviour", "Anti-social behaviour", (), ("antisocial behaviour", "asb")),
    CrimeType("Bicycle theft", "Bicycle theft", ("44",)),
    CrimeType("Burglary", "Burglary"),
    CrimeType(
        "Residential burglary",
        "Burglary",
        ("28A", "28B", "28C", "28D", "28E", "28F", "28G", "28H", "29", "29A"),
        ("burglary residential", "burglary dwelling", "burglary - residential", "domestic burglary"),
    ),
    CrimeType(
        "Business and community burglary",
        "Burglary",
        ("30A", "30B", "30C", "30D", "31", "31A"),
        ("business burglary", "burglary business and community", "burglary - business and community", "non-domestic burglary"),
    ),
    CrimeType("Criminal damage and arson", "Criminal damage and arson"),
    CrimeType("Drugs", "Drugs"),
    CrimeType("Other crime", "Other crime"),
    CrimeType("Other theft", "Other theft"),
    CrimeType("Possession of weapons", "Possession of weapons", (), ("public disorder and weapons",)),
    CrimeType("Public order", "Public order"),
    CrimeType("Robbery", "Robbery", ("34",)),
    CrimeType(
        "Personal robbery", "Robbery", ("34B",), ("robbery of personal property", "robbery personal", "robbery - personal")
    ),
    CrimeType(
        "Business robbery", "Robbery", ("34A",), ("robbery of business property", "robbery business", "robbery - business")
    ),
    CrimeType("Shoplifting", "Shoplifting", ("46",), ("theft from shop", "theft from a shop", "theft from shops")),
    CrimeType("Theft from the person", "Theft from the person", ("39",), ("theft from person",)),
    CrimeType("Vehicle crime", "Vehicle crime", (), ("vehicle offences",)),
    CrimeType(
        "Theft of a vehicle",
        "Vehicle crime",
        ("48", "37.2"),
        (
            "theft of vehicle",
            "theft of motor vehicle",
            "theft or unauthorised taking of a motor vehicle",
            "aggravated vehicle taking",
        ),
    ),
    CrimeType("Theft from a vehicle", "Vehicle crime", ("45",), ("theft from vehicle", "theft from motor vehicle")),
    CrimeType("Vehicle interference", "Vehicle crime", ("126",), ("interference with a motor vehicle", "vehicle tampering")),
    CrimeType(
        "Violence and sexual offences", "Violence and sexual offences", (), ("violent crime", "violence and sexual offenses")
    ),
)

ACQUISITIVE = "All acquisitive"
"""The union that the force's board paper calls acquisitive crime."""
ACQUISITIVE_GROUPS = ("Burglary", "Robbery", "Vehicle crime", "Theft from the person")

_BY_NAME = {name: kind for kind in CRIME_TYPES for name in (kind.name.lower(), *kind.older_names)}
_BY_CODE = {code: kind for kind in CRIME_TYPES for code in kind.codes}


def by_name(name: str) -> CrimeType | None:
    """Find a crime type by its present or an older name, whatever the case."""
    return _BY_NAME.get(re.sub(r"\s+", " ", name).strip().lower())


def normalise_code(code: str) -> str:
    """Write a Home Office code one way: ``048/01`` → ``48.1``, ``037/02`` → ``37.2``, ``34/a`` → ``34A``.

    Extracts write one code in several ways. Class and sub-class are kept apart by a dot, a letter is
    joined to its class; ``by_code`` falls back on the class where no crime type lists the sub-class.
    """
    joined = re.sub(r"[/.\-\s]+([A-Z]+)$", r"\1", str(code).strip().upper())
    return ".".join(part.lstrip("0") or "0" for part in re.split(r"[/.\-\s]+", joined) if part)


def by_code(code: str) -> CrimeType | None:
    """Find a crime type by Home Office code, by class and sub-class first, by class alone second."""
    normalised = normalise_code(code)
    return _BY_CODE.get(normalised) or _BY_CODE.get(normalised.split(".")[0])


def names_within(name: str) -> tuple[str, ...]:
    """List every crime type an offence may carry to belong to ``name`` (group, sub-type or union).

    Raises
    ------
    BadInput
        If no crime type has that name.
    """
    if name.strip().lower() == ACQUISITIVE.lower():
        return tuple(kind.name for kind in CRIME_TYPES if kind.group in ACQUISITIVE_GROUPS)
    kind = by_name(name)
    if kind is None:
        raise BadInput(f"'{name[:80]}' is not a crime type. List them with: python -m hotspot crime-types")
    return tuple(k.name for k in CRIME_TYPES if k.group == kind.name) if kind.is_group else (kind.name,)


def canonical_name(name: str) -> str:
    """Give the name as this product writes it; raise ``BadInput`` if there is none."""
    if name.strip().lower() == ACQUISITIVE.lower():
        return ACQUISITIVE
    names_within(name)
    kind = by_name(name)
    assert kind is not None
    return kind.name


_PLURALS = {
    "Burglary": ("burglary", "burglaries"),
    "Residential burglary": ("residential burglary", "residential burglaries"),
    "Business and community burglary": ("business burglary", "business burglaries"),
    "Robbery": ("robbery", "robberies"),
    "Personal robbery": ("personal robbery", "personal robberies"),
    "Business robbery": ("business robbery", "business robberies"),
    "Theft of a vehicle": ("theft of a vehicle", "thefts of vehicles"),
    "Theft from a vehicle": ("theft from a vehicle", "thefts from vehicles"),
    "Theft from the person": ("theft from the person", "thefts from the person"),
    "Bicycle theft": ("bicycle theft", "bicycle thefts"),
}


def counted(name: str, count: float) -> str:
    """Give the words for ``count`` offences of a type: 'burglaries', else 'vehicle crime offences'."""
    stem = _lower(name).removesuffix(" offences")
    singular, plural = _PLURALS.get(name, (f"{stem} offence", f"{stem} offences"))
    return singular if count == 1 else plural


def _lower(name: str) -> str:
    return "acquisitive" if name == ACQUISITIVE else name[0].lower() + name[1:]
