"""Where each offence happens: on its own by the settlement, or at or near the offence it follows."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hotspot.offences.demo import contagion
from hotspot.offences.demo.contagion import NEAR, REPEAT, Links
from hotspot.offences.demo.settlement import Cluster, Points, Settlement, snap
from hotspot.offences.demo.strata import Stratum

_SHARE_IN_CENTRES = {"Personal robbery": 0.5, "Theft from the person": 0.9}
_TRIES = 12


def place(random: Generator, stratum: Stratum, links: Links, settlement: Settlement) -> Points:
    """Give each offence of a stratum its premises or spot, inside its LPA."""
    x, y = _on_their_own(random, stratum, len(links.parent), settlement)
    if stratum.kind.repeat_of == "victim":
        # A person robbed twice is not robbed at the same spot.
        return x, y
    depth = contagion.generations(links.parent)
    for generation in range(1, int(depth.max(initial=0)) + 1):
        now = depth == generation
        repeats = np.flatnonzero(now & (links.origin == REPEAT))
        x[repeats], y[repeats] = x[links.parent[repeats]], y[links.parent[repeats]]
        near = np.flatnonzero(now & (links.origin == NEAR))
        x[near], y[near] = _close_to(random, stratum, (x[links.parent[near]], y[links.parent[near]]), settlement)
    return x, y


def _on_their_own(random: Generator, stratum: Stratum, count: int, settlement: Settlement) -> Points:
    only = stratum.zone.place if stratum.zone else None

    def draw(number: int, clusters: Cluster) -> Points:
        return settlement.draw(random, number, clusters=clusters, lpa=stratum.lpa, only=only, without=stratum.excluded_places)

    name = stratum.kind.name
    if name in ("Shoplifting", "Business and community burglary", "Business robbery"):
        return draw(count, _shops_at_risk(settlement.shops, name))
    if name in _SHARE_IN_CENTRES:
        in_centre = random.random(count) < _SHARE_IN_CENTRES[name]
        return _joined(
            in_centre, draw(int(in_centre.sum()), settlement.centres), draw(int((~in_centre).sum()), settlement.estates["street"])
        )
    return draw(count, settlement.estates["home" if name == "Residential burglary" else "vehicle"])


def _shops_at_risk(shops: Cluster, name: str) -> Cluster:
    """Shoplifting holds to a few shops; burglary and robbery spread over many."""
    power = {"Shoplifting": 1.0, "Business and community burglary": 0.35, "Business robbery": 0.5}[name]
    return Cluster(shops.lpa, shops.place, shops.x, shops.y, shops.spread, shops.weight**power)


def _joined(chosen: NDArray[np.bool_], first: Points, second: Points) -> Points:
    x, y = np.zeros(len(chosen), dtype=np.int64), np.zeros(len(chosen), dtype=np.int64)
    x[chosen], y[chosen] = first
    x[~chosen], y[~chosen] = second
    return x, y


def _close_to(random: Generator, stratum: Stratum, parents: Points, settlement: Settlement) -> Points:
    """Displace from the parents; a spot beyond the LPA is drawn anew, and after some tries is the parent's own."""
    parent_x, parent_y = parents
    x, y = parent_x.copy(), parent_y.copy()
    left = np.arange(len(parent_x))
    for _ in range(_TRIES):
        if not left.size:
            break
        east, north = contagion.draw_displacements(random, left.size, metres=stratum.kind.near_metres)
        proposed = snap(parent_x[left] + east, parent_y[left] + north)
        good = settlement.contains(stratum.lpa, *proposed)
        x[left[good]], y[left[good]] = proposed[0][good], proposed[1][good]
        left = left[~good]
    return x, y
