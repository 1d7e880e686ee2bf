"""Shares view of the Performance page: kinds of vehicle crime, victims of robbery under 25, robbery with a knife."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from hotspot.findings.audience import COUNTS_HIDDEN
from hotspot.findings.change_words import short_period
from hotspot.findings.performance import PerformanceFinding
from hotspot.findings.performance_shares import OF, VEHICLE_CRIME, KnownShare
from hotspot.findings.performance_shown import ShownPerformance
from hotspot.methods.change import LEAST_COUNT
from hotspot.methods.repeats import Proportion
from hotspot.ui import links, page

NO_SHARES = "These data tell neither the kinds of vehicle crime apart nor victims' ages or knives."


def shares(finding: PerformanceFinding, told: ShownPerformance) -> None:
    """Draw the share that is chosen, in the place and in each area."""
    known = [one.name for one in told.shares.get("", ())]
    options = [*([VEHICLE_CRIME] if told.split else []), *known]
    if not options:
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN if told.hides else NO_SHARES}</p>')
        return
    chosen = links.widget(
        st.segmented_control, "Share", name="shares", default=options[0], read=str, options=options, label_visibility="collapsed"
    )
    name = chosen or options[0]
    if name == VEHICLE_CRIME:
        page.section(f"Vehicle crime by kind, {short_period(finding.period)}")
        kinds = [kind for kind, _, _ in told.split]
        _shares(("Area", *kinds, "Offences"), [*_split_by_area(finding, told, kinds), *_split_of_place(finding, told)])
        return
    page.section(f"{name}: share of {OF[name]}")
    found = {area: next(one for one in each if one.name == name) for area, each in told.shares.items()}
    areas = [area for area in found if area and finding.selection.is_whole_force]
    rows = [_known(area, found[area]) for area in areas]
    heads = ("Area", "Last year", "This year", "95% interval", "Robberies not known of")
    _shares(heads, [*rows, _known(finding.selection.place, found[""])])


def _split_by_area(finding: PerformanceFinding, told: ShownPerformance, kinds: Sequence[str]) -> list[tuple[str, ...]]:
    if not finding.selection.is_whole_force or not told.areas:
        return []
    lines = [told.areas[kind] for kind in (VEHICLE_CRIME, *kinds)]
    return [
        (of.row.area, *(_part(one.row.count, of.row.count) for one in each), of.count)
        for of, *each in zip(*lines, strict=True)
        if not any(one.is_hidden for one in (of, *each))
    ]


def _split_of_place(finding: PerformanceFinding, told: ShownPerformance) -> list[tuple[str, ...]]:
    place = finding.selection.place
    rows = [(place, *_split([now for _, now, _ in told.split]))]
    before = [one for _, _, one in told.split if one is not None]
    if finding.baseline is None or not before:
        return rows
    return [(f"{place}, {short_period(finding.baseline)}", *_split(before)), *rows]


def _split(shares: Sequence[Proportion]) -> tuple[str, ...]:
    return (*(_part(one.count, one.of) for one in shares), f"{shares[0].of:,}")


def _part(count: int, of: int) -> str:
    return f"{count:,}" if of < LEAST_COUNT else f"{100 * count / of:.0f}% ({count:,})"


def _known(area: str, found: KnownShare) -> tuple[str, ...]:
    now = found.now
    interval = f"{100 * now.low:.0f} to {100 * now.high:.0f}%" if now.of >= LEAST_COUNT else "–"
    return area, _share(found.before), _share(now), interval, f"{found.unknown:,}"


def _shares(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw rows of text, the place last."""
    head = "".join(f"<th{' class=r' if place else ''}>{html.escape(name)}</th>" for place, name in enumerate(heads))
    body = ""
    for row in rows:
        cells = "".join(f'<td class="r">{html.escape(cell)}</td>' for cell in row[1:])
        body += f"<tr{' class=total' if row is rows[-1] else ''}><td>{html.escape(row[0])}</td>{cells}</tr>"
    st.html(f'<table class="hs change board"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _share(found: Proportion | None) -> str:
    if found is None or not found.of:
        return "–"
    if found.of < LEAST_COUNT:
        return f"{found.count:,} of {found.of:,}"
    return f"{100 * found.share:.0f}% ({found.count:,} of {found.of:,})"
