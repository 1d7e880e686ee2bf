"""Parts of the Series page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from hotspot.export import files
from hotspot.export.near_repeats import write_chains
from hotspot.findings import series_words as words
from hotspot.findings.audience import FORCE, shown_counts
from hotspot.findings.linkable import check_day_and_place
from hotspot.findings.series import (
    LISTED,
    ChainOffence,
    ChainSettings,
    ListedChain,
    SeriesFinding,
    chance_of_chains,
    series_finding,
)
from hotspot.maps import legend, series_scene
from hotspot.methods import suppression
from hotspot.methods.near_repeat_chains import ChanceChains
from hotspot.offences.store import Store
from hotspot.selection import Selection
from hotspot.ui import cached, downloads, jobs, links, maps, page, tables, unmask
from hotspot.ui.keeping import kept

HEADLINE = "Series cannot be known from these data"
USUAL = ChainSettings()
SHOWN_ROWS = 9
"""Chains in view at once; the others scroll."""


def settings(chosen: Selection) -> ChainSettings:
    """Draw when offences are linked; refuse data that cannot tell before anything is drawn.

    Raises
    ------
    NotKnowable
        If the data know months or snapped points alone.
    """
    check_day_and_place(cached.facts(chosen.source, chosen.force), headline=HEADLINE)
    with st.sidebar:
        reach = links.widget(
            st.slider, "Linked within (m)", name="reach", default=200, read=int, min_value=50, max_value=500, step=50
        )
        gap = links.widget(st.slider, "Linked within (days)", name="gap", default=USUAL.days, read=int, min_value=1, max_value=56)
        least = links.widget(
            st.slider, "Offences in a chain", name="least", default=USUAL.minimum, read=int, min_value=2, max_value=12
        )
    return ChainSettings(float(reach), gap, least)


@kept
def found(data: cached.DataKey, selection: Selection, chosen: ChainSettings) -> SeriesFinding:
    """Keep the chains of a selection."""
    return series_finding(Store(data.folder), selection, chosen, scope=data.scope)


def head(data: cached.DataKey, finding: SeriesFinding, audience: str) -> ChanceChains | None:
    """Head the page with the chains beside what chance gives; None while chance is computed."""
    place = st.container()
    selection = finding.selected.selection
    chance = None
    if finding.chains and audience == FORCE:
        chance = jobs.kept(data, chance_of_chains, selection, finding.settings, label="Chains by chance")
    with place:
        kicker = f"{selection.title()}: chains of near repeats"
        if not finding.selected.count:
            page.header(kicker, "No offence to link in this selection")
        elif audience == FORCE:
            page.header(kicker, words.headline(finding, chance), finding.subline)
            page.warnings(words.cautions(finding))
        else:
            page.header(kicker, *words.told_publicly(finding))
        page.offer_nearest(finding.selected)
    return chance


def listed(finding: SeriesFinding, chance: ChanceChains | None) -> ListedChain | None:
    """List the chains, open ones first; give the one whose row was chosen."""
    page.section("Chains: open first, then the longest")
    if not finding.listed:
        settings = finding.settings
        st.html(
            f'<p class="hs-note">No {settings.minimum} or more offences hang together at {settings.metres:g} m and '
            f"{settings.days} days. Link farther or longer in the sidebar, or list shorter chains.</p>"
        )
        return None
    rows = pd.DataFrame([_row(chain, chance) for chain in finding.listed])
    picked = tables.picked_row(
        rows,
        key="chain-rows",
        shown=SHOWN_ROWS,
        columns={
            "No.": st.column_config.NumberColumn(width=34),
            "Place": st.column_config.TextColumn(width=152),
            "Size": st.column_config.NumberColumn(width=38, help="Offences in the chain."),
            "By chance": st.column_config.TextColumn(
                width=66, help="Chains of this size or more, anywhere in the selection, that dealing the dates out anew gives."
            ),
            "Days": st.column_config.NumberColumn(width=42, help="From the first to the last offence."),
            "Last": st.column_config.TextColumn(width=66),
            "Open": st.column_config.TextColumn(width=42),
            "Same MO": st.column_config.TextColumn(width=62, help="Offences with the commonest MO, of those whose MO is known."),
            "Officers": st.column_config.NumberColumn(width=56, help="Officers in the case, where known."),
            "LPAs": st.column_config.TextColumn(width=120),
        },
    )
    more = f" The first {LISTED} of {finding.chains:,} are listed." if finding.chains > LISTED else ""
    note = f"{tables.TICK} see the chain and its offences.{more} {words.usual_mo(finding)}"
    st.html(f'<div class="hs-note">{html.escape(note)}</div>')
    return finding.listed[picked] if picked is not None else None


def _row(chain: ListedChain, chance: ChanceChains | None) -> dict[str, object]:
    return {
        "No.": chain.number,
        "Place": chain.place,
        "Size": chain.size,
        "Open": "open" if chain.is_open else "",
        "Last": f"{chain.last.day} {chain.last:%b %y}",
        "Officers": chain.officers if chain.officers_known else None,
        "Same MO": words.agreement_words(chain.agreement, chain.mo_count, chain.mo_known),
        "By chance": "…" if chance is None else words.quantity(chance.expected(chain.size)),
        "Days": chain.span_days,
        "LPAs": ", ".join(chain.lpas),
    }


def map_of(data: cached.DataKey, finding: SeriesFinding, chosen: ListedChain | None) -> None:
    """Draw the chains, or the chosen one with its offences joined in order of time."""
    selection = finding.selected.selection
    context = cached.context(data, selection.source, selection.force)
    shows = "chains of near repeats" if chosen is None else f"chain {chosen.number}, joined in order of time"
    maps.show(series_scene.series_scene(finding, context, chosen), finding.selected, key="series", shows=shows)
    if chosen is not None:
        st.html(legend.trail_legend(f"Chain {chosen.number}, in order of time"))
    elif finding.listed:
        st.html(series_scene.outlines_legend("chains", len(finding.listed)))


def offences(data: cached.DataKey, finding: SeriesFinding, chain: ListedChain) -> None:
    """List the offences of a chain in order of time: crime numbers, officers masked, no premises or victim."""

    def anew() -> Sequence[ChainOffence]:
        store, selection = Store(data.folder), finding.selected.selection
        found = series_finding(store, selection, finding.settings, scope=data.scope, mask=suppression.unmasked)
        return found.listed[chain.number - 1].offences

    wide = f"{chain.extent:,.0f} m across, {chain.span_days} days" if chain.size > 1 else ""
    agreement = words.agreement_words(chain.agreement, chain.mo_count, chain.mo_known)
    mo = f"; commonest MO: {chain.mo} ({agreement})" if chain.mo else ""
    knives = f"; {chain.knives} with a knife" if chain.knives else ""
    latest = f" The latest {series_scene.MOST_OFFENCES} of {chain.size:,}." if chain.size > series_scene.MOST_OFFENCES else ""
    page.section(f"Chain {chain.number}: {chain.place}", f"{wide}{mo}{knives}.{latest}")
    first = max(0, chain.size - series_scene.MOST_OFFENCES)
    place = st.container()
    listed = unmask.shown("officers", chain.offences[first:], lambda: anew()[first:], lambda one: one.officer or "")
    body = "".join(_offence_row(order, one) for order, one in enumerate(listed, start=first + 1))
    place.html(
        '<table class="hs hs-list"><thead><tr><th class="r">No.</th><th>Committed</th><th>Label</th><th>MO</th><th>Officer</th>'
        f"<th>LPA</th><th>Crime number</th></tr></thead><tbody>{body}</tbody></table>"
    )


def _offence_row(order: int, one: ChainOffence) -> str:
    moment = pd.Timestamp(one.moment)
    earlier = " (before the period)" if one.is_earlier else ""
    cells = (one.label + earlier, one.mo or "not known", one.officer or "not known", one.lpa or "–", one.reference)
    told = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr><td class="r">{order}</td><td>{moment.day} {moment:%b %Y, %H:%M}</td>{told}</tr>'


def counts(finding: SeriesFinding, audience: str) -> None:
    """Show how many offences carry each label: all that partners and the public see."""
    page.section("What the offences were")
    shown, total = shown_counts(finding.labels, audience=audience)
    body = "".join(f'<tr><td>{html.escape(label)}</td><td class="r">{count}</td></tr>' for label, count in shown.items())
    st.html(
        '<table class="hs"><thead><tr><th>Label</th><th class="r">Offences</th></tr></thead>'
        f'<tbody>{body}<tr class="total"><td>Total</td><td class="r">{total}</td></tr></tbody></table>'
    )


def save(finding: SeriesFinding) -> None:
    """Offer the chains as files."""
    if not finding.listed:
        return
    makers = {
        "CSV of offences": (".csv", partial(files.as_bytes, partial(write_chains, finding), ".csv")),
        "GeoJSON of lines": (".geojson", partial(files.as_bytes, partial(write_chains, finding), ".geojson")),
    }
    downloads.row("series", makers)


def foot(finding: SeriesFinding, chance: ChanceChains | None, audience: str) -> None:
    """Close the page: how chains are made, what chance gives, what was left out."""
    if audience == FORCE:
        said = (words.chance_sentence(chance, finding),) if chance is not None else ()
        page.method_notes((*said, *finding.notes))
    page.footer(finding.selected)
