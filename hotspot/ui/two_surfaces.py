"""The Compare page's views of two surfaces: their difference with its envelope, and one pattern against another."""

from __future__ import annotations

import html
from functools import partial

import streamlit as st

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.export.files import as_bytes
from hotspot.export.two_surfaces import write_two_surfaces
from hotspot.findings.audience import FORCE
from hotspot.findings.two_surfaces import (
    PATTERN,
    RATE,
    Against,
    TwoSurfacesFinding,
    TwoSurfacesSettings,
    check_groups,
    two_surfaces_of,
)
from hotspot.findings.two_surfaces_words import ShownPlace, other_words, shown_places, told
from hotspot.maps import legend
from hotspot.maps.two_surfaces_scene import two_surfaces_legend, two_surfaces_picture, two_surfaces_scene
from hotspot.offences.store import DataFacts
from hotspot.period import Period
from hotspot.selection import Selection
from hotspot.ui import cached, downloads, jobs, links, maps, page
from hotspot.ui.compare import DIFFERENCE, RELATIVE

VIEWS = (DIFFERENCE, RELATIVE)
EARLIER = "The earlier period"
MOST_PLACES = 6
"""Places listed beside the map without a scroll; the rest follow in an expander."""


def against(chosen: Selection, baseline: Period, kind: str) -> Against:
    """Give what the view compares with; the view of relative risk draws the choice of another crime type."""
    if kind == DIFFERENCE:
        return Against(baseline=baseline, null=RATE)
    options = [EARLIER, *_other_types(chosen, cached.facts(chosen.source, chosen.force))]
    if st.session_state.get("widget-other", EARLIER) not in options:
        st.session_state["widget-other"] = EARLIER  # another crime type was chosen, which shares offences with it
    with st.sidebar:
        picked = links.widget(
            st.selectbox,
            "Pattern against",
            name="other",
            default=EARLIER,
            read=str,
            options=options,
            help="The earlier period of the same type, or another crime type in the same period.",
        )
    return Against(baseline=baseline) if picked == EARLIER else Against(crime_type=picked, null=PATTERN)


def _other_types(chosen: Selection, facts: DataFacts) -> list[str]:
    """List the groups and types of the data that share no offence with the chosen one."""
    present = [kind for kind in crime_types.CRIME_TYPES if kind.name in facts.crime_types]
    names = dict.fromkeys(name for kind in present for name in (kind.group, kind.name))
    return [name for name in names if _is_other(chosen, name)]


def _is_other(chosen: Selection, name: str) -> bool:
    try:
        check_groups(chosen, Against(crime_type=name))
    except BadInput:
        return False
    return True


def kept(data: cached.DataKey, chosen: Selection, baseline: Period, kind: str) -> TwoSurfacesFinding | None:
    """Give the compared surfaces of a view; None for the other views, and while they are computed."""
    if kind not in VIEWS:
        return None
    settings = TwoSurfacesSettings()
    other = against(chosen, baseline, kind)
    return jobs.kept(data, two_surfaces_of, chosen, other, settings, label="Comparing with chance")


def head(finding: TwoSurfacesFinding, audience: str) -> None:
    """Head the page with what the view shows."""
    other = f"against {other_words(finding)}"
    page.header(f"{finding.selection.title()}, {other}", *told(finding, audience=audience))


def draw(data: cached.DataKey, finding: TwoSurfacesFinding) -> None:
    """Draw what stands in full colour, what could be chance pale, what is not tested hatched."""
    selected = cached.select(data, finding.selection)
    scene = two_surfaces_scene(finding, selected, cached.context(data, finding.selection.source, finding.selection.force))
    maps.show(scene, selected, key=f"compare-{finding.against.null}", shows=f"places compared with {other_words(finding)}")
    st.html(legend.key_legend(two_surfaces_legend(finding)))


def places(data: cached.DataKey, finding: TwoSurfacesFinding, audience: str) -> None:
    """List the places that stand, numbered as on the map."""
    page.section("Places that stand out from chance", _what(finding))
    shown = shown_places(finding, audience=audience)
    if not shown:
        st.html('<p class="hs-note">None: by chance a map as uneven as this one is common.</p>')
    else:
        st.html(_table(finding, shown[:MOST_PLACES]))
    if len(shown) > MOST_PLACES:
        with st.expander(f"{len(shown) - MOST_PLACES} more"):
            st.html(_table(finding, shown[MOST_PLACES:]))
    with st.expander("How this was tested"):
        page.method_notes(finding.notes if audience == FORCE else finding.notes[:1])
    if audience == FORCE:
        _downloads(data, finding)


def _what(finding: TwoSurfacesFinding) -> str:
    radius = f"{finding.settings.bandwidth / 1000:g} km"
    if finding.against.null == RATE:
        return f"Offences within {radius} of the peak; the difference there, per km² and 30 days, and its range by chance."
    return f"Offences within {radius} of the peak; relative risk there (times its share of the other), and its range by chance."


def _table(finding: TwoSurfacesFinding, shown: tuple[ShownPlace, ...]) -> str:
    other = "Earlier" if finding.against.baseline is not None else "Other type"
    rows = "".join(
        f'<tr><td class="r">{one.rank}</td><td>{html.escape(one.name)}</td><td class="r">{one.count}</td>'
        f'<td class="r">{one.other_count}</td><td class="r {"rose" if one.is_denser else "fell"}">{one.value}</td>'
        f'<td class="r m">{one.by_chance}</td><td class="{"rose" if one.is_denser else "fell"}">{one.reading}</td>'
        f'<td class="r m">{one.p}</td></tr>'
        for one in shown
    )
    heads = (
        ("r", "No."),
        ("", "Around"),
        ("r", "Offences"),
        ("r", other),
        ("r", "At the peak"),
        ("r", "By chance"),
        ("", "Reading"),
        ("r", "p"),
    )
    head = "".join(f'<th class="{kind}">{name}</th>' for kind, name in heads)
    return f'<table class="hs change"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _downloads(data: cached.DataKey, finding: TwoSurfacesFinding) -> None:
    selected = cached.select(data, finding.selection)

    def written(suffix: str) -> bytes:
        return as_bytes(partial(write_two_surfaces, finding, selected), suffix)

    makers: dict[str, tuple[str, object]] = {"Cells, CSV": (".csv", partial(written, ".csv"))}
    if finding.places:
        makers["Places, GeoJSON"] = (".geojson", partial(written, ".geojson"))
    context = cached.context(data, finding.selection.source, finding.selection.force)
    makers["Picture"] = (".png", partial(two_surfaces_picture, finding, selected, context))
    downloads.row("two-surfaces", makers)
