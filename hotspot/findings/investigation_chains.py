"""Chains of near repeats that lie with several officers: every chain is judged, those with most officers are listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.boundaries.places import read_places
from hotspot.findings.selected import NO_LOCATION
from hotspot.findings.series import ChainSettings, Linked, ListedChain, linked_offences, listed_chain, ranked_chains
from hotspot.methods.near_repeat_chains import near_repeat_chains
from hotspot.offences.store import Scope, Store
from hotspot.selection import Selection

SEVERAL = 2


@dataclass(frozen=True)
class SpreadChain:
    """A chain that lies with several officers."""

    area: str
    """With most of its offences."""
    chain: ListedChain
    """Numbered as in the list of all chains of the same selection."""


@dataclass(frozen=True)
class SpreadChains:
    """Chains that lie with several officers, of all that can be judged."""

    listed: tuple[SpreadChain, ...]
    """Those with most officers first."""
    looked_at: dict[str, int]
    """Area with most of a chain's offences → chains with two or more offences whose officer is known."""
    spread: dict[str, int]
    """Area → of these, those with two or more officers."""


def spread_chains(store: Store, selection: Selection, *, scope: Scope, most: int) -> SpreadChains:
    """Judge every chain of a selection by its officers in the case, and list at most so many of each area.

    Raises what ``series_finding`` raises.
    """
    settings = ChainSettings()
    linked = linked_offences(store, selection, settings, scope=scope)
    found = near_repeat_chains(linked.pairs, linked.moment, metres=settings.metres, days=settings.days)
    as_at = min(selection.period.end, linked.selected.facts.end)
    inside = linked.frame["looked_at"].to_numpy(dtype=bool)
    ranked = ranked_chains(found, linked.moment, inside, settings, as_at)
    judged = _judged(linked, [rows for rows, _ in ranked])
    spread = judged[judged["officers"] >= SEVERAL].sort_values("officers", ascending=False, kind="stable")
    places = read_places()

    def described(number: int) -> ListedChain:
        rows, is_open = ranked[number]
        since = selection.period.start
        return listed_chain(number + 1, rows, linked.frame, found, places, is_open=is_open, since=since)

    listed = spread.groupby("area", sort=False).head(most)
    return SpreadChains(
        tuple(SpreadChain(area, described(number)) for number, area in listed["area"].items()),
        _by_area(judged[judged["known"] >= SEVERAL]),
        _by_area(spread),
    )


def _judged(linked: Linked, chains: list[NDArray[np.int64]]) -> pd.DataFrame:
    """Give each chain's area, offences with a known officer, and officers."""
    officer = pd.factorize(linked.frame["officer_ref"])[0]
    area = linked.frame["area"].fillna(NO_LOCATION).to_numpy(dtype=object)
    known = [officer[rows][officer[rows] >= 0] for rows in chains]
    return pd.DataFrame(
        {
            "area": [Counter(area[rows].tolist()).most_common(1)[0][0] for rows in chains],
            "known": [len(one) for one in known],
            "officers": [len(np.unique(one)) for one in known],
        }
    )


def _by_area(chains: pd.DataFrame) -> dict[str, int]:
    return {str(area): int(count) for area, count in chains["area"].value_counts().items()}
