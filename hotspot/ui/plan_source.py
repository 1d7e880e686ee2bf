"""'Make a plan': a hotspot, chain, zone or drawn area, frozen as it is seen, taken to the page of 4P plans."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import shapely
import streamlit as st
from shapely.geometry.base import BaseGeometry

from hotspot import paths
from hotspot.findings.audience import FORCE
from hotspot.findings.density import DensityFinding
from hotspot.findings.near_repeat_zones import ZonesFinding
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.series import ListedChain, SeriesFinding
from hotspot.geography import OUTSIDE
from hotspot.maps.scene import drawn_outline
from hotspot.maps.series_scene import chain_outline
from hotspot.records.plan_drafts import CHAIN, DRAWN, HOTSPOT, ZONE, FrozenArea
from hotspot.ui import cached, controls
from hotspot.ui.plan_typed import plain

NEW = "new"
_PROPOSED, _ASKED = "plan-proposed", "plan-asked"
_PAGE = paths.ROOT / "pages" / "tasking" / "plans.py"


@dataclass(frozen=True)
class Proposed:
    """What a new plan begins with."""

    area: FrozenArea
    lpa: str
    """Where most of the area lies; 'Outside the LPAs' where it lies in none; empty where the force has none."""
    crime_type: str


def proposed() -> tuple[int, Proposed] | None:
    """Give the proposal that was asked for last, with its number below 0; None where there is none."""
    number = st.session_state.get(_ASKED, 0)
    found = proposals().get(number)
    return None if found is None else (number, found)


def proposals() -> dict[int, Proposed]:
    """Give the proposals that are no plans yet, by their numbers."""
    return st.session_state.setdefault(_PROPOSED, {})


def ask(number: int) -> None:
    """Go on with a proposal."""
    st.session_state[_ASKED] = number
    st.session_state.setdefault("settings", {})["plan"] = NEW


def from_hotspot(finding: DensityFinding, picked: int | None) -> None:
    """Offer a plan for the hotspot whose row is ticked, else for the drawn area that is chosen."""
    hotspot = next((one for one in finding.ranking.hotspots if one.rank == picked), None)
    if hotspot is None:
        from_drawn(finding.selected)
        return
    name = finding.names[hotspot.rank - 1]
    _offer(HOTSPOT, name, hotspot.geometry, finding.selected, rank=hotspot.rank)


def from_chain(finding: SeriesFinding, chain: ListedChain | None) -> None:
    """Offer a plan for the chain whose row is ticked, else for the drawn area that is chosen."""
    if chain is None:
        from_drawn(finding.selected)
        return
    _offer(CHAIN, chain.place, chain_outline(chain), finding.selected, rank=chain.number)


def from_zone(finding: ZonesFinding, picked: int | None) -> None:
    """Offer a plan for the near-repeat zone whose row is ticked."""
    zone = next((one for one in finding.zones if one.number == picked), None)
    if zone is not None:
        _offer(ZONE, zone.name, zone.zone.geometry, finding.selected, rank=zone.number)


def from_drawn(selected: SelectedOffences) -> None:
    """Offer a plan for the drawn area that is chosen; nothing where none is."""
    drawn = selected.selection.drawn
    if drawn is not None:
        _offer(DRAWN, drawn.name, drawn_outline(drawn).geometry, selected)


def _offer(kind: str, name: str, shape: BaseGeometry, selected: SelectedOffences, *, rank: int | None = None) -> None:
    if controls.present_audience() != FORCE:
        return
    label = f"Make a plan for this {kind}" if rank is None else f"Make a plan for {kind} {rank}"
    if not st.button(label, key=f"make-plan-{kind}", help=f"A 4P plan with the area as it is now: {plain(name)}"):
        return
    number = min(proposals(), default=0) - 1
    proposals()[number] = _frozen(kind, name, shape, selected, rank)
    ask(number)
    st.switch_page(_PAGE)


def _frozen(kind: str, name: str, shape: BaseGeometry, selected: SelectedOffences, rank: int | None) -> Proposed:
    data, chosen = cached.key(), selected.selection
    context = cached.context(data, chosen.source, chosen.force)
    polygons = shapely.union_all([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])
    view = {name: text for name, text in st.session_state.get("url", {}).items() if name != "plan"}
    area = FrozenArea(
        kind=kind,
        name=name,
        geometry=shapely.to_geojson(polygons),
        crs=context.crs,
        force=chosen.force,
        source=chosen.source,
        synthetic=selected.facts.synthetic,
        page=st.session_state["page"],
        query=urlencode(view),
        rank=rank,
        fingerprint=data.fingerprint,
    )
    shares = {lpa.name: lpa.geometry.intersection(polygons).area for lpa in context.lpas}
    lpa = max(shares, key=shares.__getitem__, default="")
    return Proposed(area, lpa if not shares or shares[lpa] else OUTSIDE, chosen.crime_type)
