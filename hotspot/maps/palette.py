"""The colours of both renderers; ``assets/map.css`` and the page's theme use the same.

Nearest density bands differ by a CIELAB distance of at least 14 under simulated protanopia, deuteranopia and
tritanopia (held by a test): bands can be matched to a legend by eye. Never red against green.
"""

from typing import NamedTuple

DENSITY = ("#FBE3B3", "#F4B45F", "#E27C40", "#B9434F", "#7A1F6B", "#2F0B52")
"""Six bands, light to dark."""
RASTER_OPACITY = 0.88

FELL, FELL_CHANCE, LITTLE, ROSE_CHANCE, ROSE = "#5E3C99", "#C9BFE0", "#FBFAF6", "#F9CF9C", "#C75B00"
CHANGE = (FELL, FELL_CHANCE, LITTLE, ROSE_CHANCE, ROSE)
DIFFERENCE = ("#A190CB", "#D6CEE8", LITTLE, "#FBDFBB", "#EBA55C")
"""Five bands of an untested difference: paler than the verdicts, which stand after correction."""
"""Verdicts in the order of ``methods.change_map``; also the five bands of a difference, from much lower to much higher."""
TOO_FEW, HATCH = "#EAE7E0", "#B5B0A6"
HATCH_WIDTH, HATCH_EVERY = 4, 16
"""Pixels of the change raster, at 1,400 pixels across: thinner hatching shimmers when the map is scaled."""

FEWER, NOT_CLUSTERED, CLUSTERED = "#677B9D", LITTLE, DENSITY[4]
"""Cells of Gi*: fewer than chance, could be chance, a cluster."""
EMERGING = ("#C75B00", "#F4B45F", "#2F0B52", "#7A1F6B", "#AE8CD7", "#184695", "#317F81", "#92A4AA")
"""In the order of ``methods.emerging.CATEGORIES``; any two can be told apart whatever the sight."""

BEYOND, LAND, OUT_OF_FOCUS = "#D5DDE3", "#F8F6F1", "#E9EBEB"
WASH_OPACITY = 0.62
"""Of ``OUT_OF_FOCUS`` over the land and built-up tone of areas that were not chosen."""
BUILT_UP = ("#EDE9E1", "#E3DED3")
"""Some and many locations of any offence nearby."""

INK, SECONDARY, OUTLINE, CASING, ACCENT = "#14212B", "#4A5863", "#5B6871", "#FFFFFF", "#1D4E89"
SYNTHETIC_INK, SYNTHETIC = "#3D2A00", "#FFD34D"

REPEATS = ("#7F92B2", "#1D4E89", "#14212B")
"""Two, three, and four or more offences at one place."""


class ContextLook(NamedTuple):
    """How the features of one context layer are drawn."""

    symbol: str
    """Shape of a point, as ``assets/context.js`` draws it."""
    mark: str
    """Its matplotlib marker."""
    colour: str
    dashes: tuple[int, ...]
    """Pixels of line and gap; empty: unbroken."""


CONTEXT = (
    ContextLook("square", "s", "#2A7F86", ()),
    ContextLook("triangle", "^", "#4A5863", (7, 4)),
    ContextLook("diamond", "d", "#756424", (2, 4)),
    ContextLook("inverted", "v", "#5E7F9C", (9, 3, 2, 3)),
)
"""Quiet colours that are none of the density's or of a change's; shape and dashes tell them apart as well."""


def rgb(colour: str) -> tuple[int, int, int]:
    """Read '#RRGGBB' as three numbers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
