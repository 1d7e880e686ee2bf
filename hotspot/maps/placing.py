"""Where badges and names stand in a still picture: the same rules as ``assets/badges.js`` and ``assets/labels.js``.

Positions are pixels of the map's frame, y downwards. Badges claim their space first, in the order of their ranks;
names follow, the most important first, each at the nearest free spot or not at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hotspot.maps.scene import Scene

ZOOM_NAMES, ZOOM_SUBURB, ZOOM_MINOR = 10.6, 10.3, 11.6
"""Web-map zoom from which place names take over from LPA names, and suburbs and minor places appear."""
ANGLES = (0, 180, -45, 45, -135, 135, -90, 90, -22.5, 22.5, -157.5, 157.5, -67.5, 67.5, -112.5, 112.5)
FURTHER = (0, 10, 24, 42)
"""Pixels by which a badge may stand farther off."""
ASIDES = (0.0, 0.2, -0.2, 0.4, -0.4, 0.6, -0.6)
"""Shares of its width by which a place's name may move aside."""
LEANS = (0.15, -0.15, 0.3, -0.3, 0.45, -0.45)
"""The same for an area's name that has no room above or below its middle."""
ROOM = 5.0
"""Pixels that a name which nobody asked for keeps from others, so that the ground stays in sight."""
LEADER = 5.0
"""Pixels between a hotspot and its badge at least."""


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: float, y: float, width: float, height: float) -> Box:
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def shared(self, other: Box) -> float:
        """Give the area that two boxes share, px²."""
        across = min(self.right, other.right) - max(self.left, other.left)
        along = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, across) * max(0.0, along)

    def meets(self, other: Box) -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom

    def beyond(self, frame: Box) -> float:
        """Give by how many pixels the box leaves a frame, summed over its sides."""
        return (
            max(0.0, frame.left - self.left)
            + max(0.0, frame.top - self.top)
            + max(0.0, self.right - frame.right)
            + max(0.0, self.bottom - frame.bottom)
        )


@dataclass(frozen=True)
class Kind:
    """How a class of names is set."""

    order: int
    """Lower goes first."""
    size: float
    """Pixels."""
    bold: bool
    steps: int
    """How many steps a name may stray."""
    sideways: bool
    """False: a name moves up and down only."""


AREA = Kind(0, 15, True, 14, False)
TOWN = Kind(1, 15, True, 7, True)
SUBURB = Kind(2, 13, False, 2, True)
NEIGHBOUR = Kind(3, 14, True, 14, False)
MINOR = Kind(4, 12, False, 2, True)


@dataclass(frozen=True)
class Label:
    """A name that wants a place."""

    name: str
    x: float
    """Metres of the analysis CRS."""
    y: float
    kind: Kind
    named: bool = False
    """A hotspot's label says it: it may stray farther and goes before its kind."""

    @property
    def order(self) -> float:
        return min(self.kind.order, 1.5) if self.named else self.kind.order


def wanted(scene: Scene, zoom: float, innermost: Callable[[str], tuple[float, float]]) -> list[Label]:
    """List the names that a scene shows at a zoom, the most important first.

    Parameters
    ----------
    innermost
        Area name → where its name has most room, metres.
    """
    chosen = scene.drawn.name if scene.drawn is not None else scene.focus
    far = chosen is None and zoom < ZOOM_NAMES
    labels = [
        Label(area.name, *innermost(area.name), NEIGHBOUR if chosen is not None else AREA)
        for area in scene.areas
        if area.name != chosen and (far or chosen is not None or not _has_town(scene, area.name))
    ]
    if not far:
        labels += _places(scene, zoom, _within(scene))
    return sorted(labels, key=lambda label: label.order)


def _has_town(scene: Scene, area: str) -> bool:
    return any(place.rank == 1 and place.lpa == area and place.name.startswith(area) for place in scene.places)


def _within(scene: Scene) -> set[str]:
    chosen = scene.chosen_geometry
    if scene.drawn is None:
        return {scene.focus} if scene.focus is not None else {area.name for area in scene.areas}
    return {area.name for area in scene.areas if area.geometry.intersects(chosen)}


def _places(scene: Scene, zoom: float, within: set[str]) -> list[Label]:
    labels = []
    for place in scene.places:
        named = place.name in scene.named_places
        kind = TOWN if place.rank == 1 else SUBURB if place.rank == 2 or named else MINOR
        least = {SUBURB: ZOOM_SUBURB, MINOR: ZOOM_MINOR}.get(kind, 0.0)
        if place.lpa in within and (named or zoom >= least):
            labels.append(Label(place.name, place.x, place.y, kind, named))
    return labels


def badge_centre(
    anchor: tuple[float, float], own: Box, radius: float, *, spots: Iterable[Box], taken: Iterable[Box], frame: Box, scale: float
) -> tuple[float, float]:
    """Choose where a badge stands: beside its hotspot, clear of other hotspots, badges and the frame's edge."""
    best, least = anchor, math.inf
    spots, taken = tuple(spots), tuple(taken)
    for further in FURTHER:
        for order, angle in enumerate(ANGLES):
            dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            reach = _exit(anchor, own, dx, dy) + radius + (LEADER + further) * scale
            x, y = anchor[0] + dx * reach, anchor[1] + dy * reach
            box = Box.around(x, y, 2 * radius, 2 * radius)
            cost = order * 1.5 + 1.2 * further + 40 * box.beyond(frame)
            cost += 4 * sum(box.shared(other) for other in spots) + 12 * sum(box.shared(other) for other in taken)
            if cost < least:
                best, least = (x, y), cost
    return best


def _exit(anchor: tuple[float, float], box: Box, dx: float, dy: float) -> float:
    """Give how far a ray runs from the anchor until it leaves the box."""
    across = (box.right - anchor[0]) / dx if dx > 1e-9 else (box.left - anchor[0]) / dx if dx < -1e-9 else math.inf
    along = (box.bottom - anchor[1]) / dy if dy > 1e-9 else (box.top - anchor[1]) / dy if dy < -1e-9 else math.inf
    return max(0.0, min(across, along))


def label_box(
    label: Label,
    at: tuple[float, float],
    size: tuple[float, float],
    *,
    taken: list[Box],
    spots: list[Box],
    frame: Box,
    inside: Callable[[Box], float],
) -> Box | None:
    """Choose where a name stands; None where there is no room.

    Parameters
    ----------
    at
        The place, pixels.
    size
        Width and height of the name, pixels.
    spots
        Hotspots: towns, areas and named places may cover one where nothing else is free, others never.
    inside
        Share of a box that lies in the name's own area.
    """
    found = _best(label, at, size, _shifts(label, *size), taken=taken, spots=spots, frame=frame, inside=inside)
    if found is not None or label.kind is not AREA:
        return found
    leaning = [(share * size[0], step * 0.55 * size[1]) for share in LEANS for step in range(-2, 3)]
    return _best(label, at, size, leaning, taken=taken, spots=spots, frame=frame, inside=inside)


def _best(
    label: Label,
    at: tuple[float, float],
    size: tuple[float, float],
    shifts: list[tuple[float, float]],
    *,
    taken: list[Box],
    spots: list[Box],
    frame: Box,
    inside: Callable[[Box], float],
) -> Box | None:
    best, highest = None, -math.inf
    insists = label.kind in (AREA, TOWN) or label.named
    room = 0.0 if insists or label.kind is NEIGHBOUR else ROOM
    for dx, dy in shifts:
        box = Box.around(at[0] + dx, at[1] + dy, *size)
        roomy = Box(box.left - room, box.top - room, box.right + room, box.bottom + room)
        if box.beyond(frame) > 0 or any(roomy.meets(other) for other in taken):
            continue
        clear = not any(box.meets(spot) for spot in spots)
        share = 1.0 if label.kind.sideways else inside(box)
        if (not clear and not insists) or (label.kind is NEIGHBOUR and share < 0.9):
            continue
        score = share - (0.0 if clear else 0.3) - 1e-4 * (2 * abs(dx) + abs(dy))
        if score > highest:
            best, highest = box, score
    return best


def _shifts(label: Label, width: float, height: float) -> list[tuple[float, float]]:
    """List how far a name may stray: up and down for areas, all round for places."""
    steps = max(label.kind.steps, 5) if label.named else label.kind.steps
    asides = ASIDES if label.kind.sideways else (0.0,)
    return [(share * width, 0.55 * height * step) for step in range(-steps, steps + 1) for share in asides]
