"""Parts of the Repeat victimisation page."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from operator import attrgetter

import streamlit as st

from hotspot.errors import NotKnowable
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, is_small, repeats_give_away, shown_times
from hotspot.findings.concentration import (
    CELL,
    CELL_SIZE,
    LEAST_SNAPPED,
    PLURALS,
    ConcentrationFinding,
    concentration_job,
    gives_away,
    kinds,
)
from hotspot.findings.repeats import PREMISES, ListedTarget, RepeatsFinding, measures, refusal, repeats_finding
from hotspot.methods import suppression
from hotspot.offences.schema import SNAPPED
from hotspot.offences.store import Store
from hotspot.selection import Selection
from hotspot.ui import cached, charts, jobs, links, maps, page, unmask

SHOWN_ROWS = 10
_REFERENCE = attrgetter("masked")
SIZES = (100, 150, 200, 250, 300, 400, 500, 750, 1_000)
"""Metres: sides of cells to choose from."""


def measure(chosen: Selection) -> tuple[str, int]:
    """Draw what 'the same' means and within how long; nothing is drawn where the data cannot tell."""
    facts = cached.facts(chosen.source, chosen.force)
    possible = measures(facts)
    if not possible:
        return PREMISES, 365
    with st.sidebar:
        by = links.widget(st.selectbox, "Same", name="by", default=possible[0], read=str, options=list(possible))
        days = links.widget(st.slider, "Within (days)", name="window", default=365, read=int, min_value=7, max_value=365, step=1)
    return by, days


def times_note(finding: RepeatsFinding) -> str:
    """Say what the expected bar is, or why there is none."""
    what = plural(finding.by)
    if finding.at_risk is None:
        return f"{what.capitalize()} by number of offences; how many are at risk is not known"
    source = finding.selected.force.premises_source or "source not given"
    return f"{what.capitalize()} by number of offences; mark: by chance among {finding.at_risk:,} households ({source})"


def times(finding: RepeatsFinding, audience: str) -> None:
    """Draw how many targets had two, three, and four or more offences."""
    shown = shown_times(finding, audience=audience)
    visible_counts = [one.observed for one in finding.times if _is_told(shown[one.label])]
    # Of what is told alone: a bar's length, and where the mark stands, would else tell the longest bar's hidden count.
    most = max(visible_counts, default=0) or 1
    rows = ""
    for one in finding.times:
        visible = _is_told(shown[one.label])
        width = 100 * one.observed / most if visible else 0
        mark = "" if math.isnan(one.expected) else f'<i class="mark" style="left:{min(100, 100 * one.expected / most):.1f}%"></i>'
        chance = "" if math.isnan(one.expected) else f", by chance {_expected(one.expected)}"
        rows += (
            f'<div class="times"><div><b>{html.escape(one.label)}</b><span>{html.escape(shown[one.label])}{chance}</span></div>'
            f'<div class="bar"><i style="width:{width:.1f}%"></i>{mark}</div></div>'
        )
    st.html(rows or '<p class="hs-note">Nobody was hit more than once in this selection.</p>')


def _is_told(count: str) -> bool:
    return count.replace(",", "").isdigit()


def most(data: cached.DataKey, finding: RepeatsFinding, audience: str) -> None:
    """List the targets with most repeats; nothing of it is for the public."""
    if audience != FORCE:
        st.html('<p class="hs-note">Single premises, victims and vehicles are not listed for partners or the public.</p>')
        return
    place, listed = st.container(), finding.listed[:SHOWN_ROWS]  # what is asked below decides what stands above
    body = "".join(
        f"<tr><td>{html.escape(finding.by.capitalize())} {html.escape(one.masked)}</td><td>{html.escape(one.place)}</td>"
        f'<td class="r">{one.count}</td><td>{one.last.day} {one.last:%B %Y}</td><td class="r">{one.shortest_gap} '
        f"{'day' if one.shortest_gap == 1 else 'days'}</td></tr>"
        for one in unmask.shown(f"{finding.by} references", listed, lambda: _anew(data, finding), _REFERENCE)
    )
    if not body:
        st.html('<p class="hs-note">No reference has more than one offence in this selection.</p>')
        return
    place.html(
        f'<table class="hs"><thead><tr><th>Most repeats</th><th>Place</th><th class="r">Offences</th><th>Last</th>'
        f'<th class="r">Shortest gap</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _anew(data: cached.DataKey, finding: RepeatsFinding) -> Sequence[ListedTarget]:
    """Read the list once more, its references as the source has them; nothing keeps it."""
    selection, days = finding.selected.selection, finding.result.window_days
    found = repeats_finding(
        Store(data.folder), selection, by=finding.by, window_days=days, scope=data.scope, mask=suppression.unmasked
    )
    return found.listed[:SHOWN_ROWS]


def head(finding: RepeatsFinding, audience: str) -> None:
    """Say the selection, then both measures, each in a line of its own so that the two are never mixed."""
    if audience != FORCE and repeats_give_away(finding):
        page.header(finding.kicker, "Repeat victimisation", COUNTS_HIDDEN)
        return
    page.header(finding.kicker, finding.headline, finding.subline)
    page.second_line(finding.forward)


def course(finding: RepeatsFinding, audience: str) -> None:
    """Draw the time course; for the public only where no week holds a small number of pairs."""
    if audience != FORCE and any(is_small(band.observed) for band in finding.course.bands):
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN}</p>')
        return
    charts.time_course(finding.course)


def places(data: cached.DataKey, finding: RepeatsFinding, audience: str) -> None:
    """Draw where repeats were; single places are for the force alone."""
    if audience != FORCE:
        st.html('<p class="hs-note">Single places are not mapped for partners or the public.</p>')
        return
    maps.repeats(data, finding)


def foot(finding: RepeatsFinding, audience: str) -> None:
    """Close the page: how it was counted, what was left out."""
    if audience != FORCE:
        page.footer(finding.selected)
        return
    page.method_notes(finding.notes)
    page.footer(finding.selected, f"{finding.result.without_reference:,} without a {finding.by} reference, left out.")


def refused(data: cached.DataKey, chosen: Selection, audience: str) -> bool:
    """Where the data cannot tell repeats, say so, and show how offences concentrate instead."""
    facts = cached.facts(chosen.source, chosen.force)
    if measures(facts):
        return False
    page.refused(refusal(facts))
    concentration(data, chosen, audience)
    page.footer(cached.select(data, chosen))
    return True


def concentration(data: cached.DataKey, chosen: Selection, audience: str) -> None:
    """Draw how unequally offences fall on what the reader chooses, with what chance would give."""
    facts = cached.facts(chosen.source, chosen.force)
    page.section("Concentration")
    kind_side, size_side = st.columns(2, gap="small")
    with kind_side:
        possible = list(kinds(facts))
        by = links.widget(
            st.selectbox, "Of offences on", name="of", default=possible[0], read=str, options=possible, format_func=PLURALS.get
        )
    size = CELL_SIZE
    if by == CELL:
        sizes = [one for one in SIZES if one >= LEAST_SNAPPED or facts.location_precision != SNAPPED]
        with size_side:
            size = float(
                links.widget(
                    st.select_slider, "Cell size (metres)", name="squares", default=int(CELL_SIZE), read=int, options=sizes
                )
            )
    try:
        finding = jobs.kept(data, concentration_job, chosen, by, size, label=f"Concentration on {PLURALS[by]}")
    except NotKnowable as unknown:
        st.html(f'<p class="hs-note">{html.escape(str(unknown))}</p>')
        return
    if finding is not None:
        _concentration(finding, audience)


def _concentration(finding: ConcentrationFinding, audience: str) -> None:
    if audience != FORCE and gives_away(finding):
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN}</p>')
        return
    st.html(f'<div class="hs-note"><b>{html.escape(finding.headline)}.</b> {html.escape(finding.subline)}</div>')
    if audience != FORCE:
        st.html('<p class="hs-note">The curve, whose ends tell of single places, is not drawn for partners or the public.</p>')
    elif finding.curve is not None:
        charts.lorenz(finding.curve, finding.baseline, places=PLURALS[finding.by], height=220)
        st.html('<div class="hs-note">Line: from most to fewest offences. Dashed, with its 95% band: by chance.</div>')
    page.method_notes(finding.notes)


def plural(by: str) -> str:
    """Name several targets."""
    return {"premises": "premises", "victim": "victims", "vehicle": "vehicles"}[by]


def _expected(count: float) -> str:
    return "under 1" if count < 1 else f"{count:,.0f}"
