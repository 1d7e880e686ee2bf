"""What stands near the hotspots: the features of a context layer, counted and said."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hotspot.boundaries.context import ContextLayer
from hotspot.errors import BadInput
from hotspot.findings.density import DensityFinding
from hotspot.methods.nearby import Nearby, nearby
from hotspot.selection import join_words

DISTANCES = (0, 2_000)
"""Metres: what may be asked."""
USUAL = 100
_MOST_LISTED = 10


@dataclass(frozen=True, eq=False)
class LayerNearby:
    """A layer's features near the ranked hotspots of one finding."""

    layer: ContextLayer
    near: Nearby

    @property
    def title(self) -> str:
        """'CCTV within 100 m'."""
        return f"{self.layer.name} within {self.near.within:g} m"

    @property
    def cells(self) -> tuple[str, ...]:
        """One word for each hotspot: the count, or 'none'."""
        return tuple(f"{count:,}" if count else "none" for count in self.near.counts)

    def cell(self, place: int) -> str:
        """One hotspot's count, or how far the nearest is: '3', 'none (340 m)'."""
        if self.near.counts[place]:
            return f"{self.near.counts[place]:,}"
        metres = self.near.nearest[place]
        if math.isinf(metres):
            return "none"
        return f"none ({metres / 1000:.1f} km)" if metres >= 999.5 else f"none ({metres:.0f} m)"

    @property
    def sentence(self) -> str:
        """Say how many hotspots have none, and which."""
        places, without = len(self.near.counts), [place + 1 for place in self.near.without]
        if not places:
            return ""
        if not without:
            return f"{self.title}: every hotspot has at least one."
        if len(without) == places:
            return f"{self.title}: no hotspot has any."
        named = join_words([str(rank) for rank in without]) if len(without) <= _MOST_LISTED else ""
        return f"{self.title}: {len(without)} of {places} hotspots have none{f' (No. {named})' if named else ''}."

    @property
    def said(self) -> str:
        """Say for an export where the counts come from."""
        return f"{self.title}: {len(self.layer):,} features of {self.layer.file}, fingerprint {self.layer.fingerprint}"


def near_hotspots(finding: DensityFinding, layer: ContextLayer, *, within: float) -> LayerNearby:
    """Count a layer's features near each ranked hotspot.

    Raises
    ------
    BadInput
        If the distance is none that may be asked.
    """
    if not DISTANCES[0] <= within <= DISTANCES[1]:
        raise BadInput(f"The distance must lie within {DISTANCES[0]} and {DISTANCES[1]:,} metres, not {within:g}.")
    outlines = [hotspot.geometry for hotspot in finding.ranking.hotspots]
    return LayerNearby(layer, nearby(outlines, layer.geometry, within=within))


NOTE = (
    "Counted from each hotspot's edge, features inside included; in brackets how far the nearest is. "
    "What a feature covers or whether it works is not in the file."
)
