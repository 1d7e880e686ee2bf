"""Parts of the Investigation page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import pandas as pd
import streamlit as st

from hotspot.findings import investigation_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.investigation import MOST_LISTED, FileRow, InvestigationFinding, investigation_finding
from hotspot.findings.investigation_shown import ShownHandling, shown_handling
from hotspot.methods.repeats import Proportion
from hotspot.offences.store import Store
from hotspot.selection import Selection
from hotspot.ui import cached, links, page, tables
from hotspot.ui.keeping import kept

AWAITED, CHAINS, PREMISES, OPEN = "Filed while CCTV was awaited", "Chains", "Repeat premises", "Open files"
SHOWN_ROWS = 7


@kept
def found(data: cached.DataKey, selection: Selection) -> InvestigationFinding:
    """Keep the files of a selection."""
    return investigation_finding(Store(data.folder), selection, scope=data.scope)


def head(finding: InvestigationFinding, audience: str) -> None:
    """Head the page; the public is told figures only where none is small."""
    kicker = f"{finding.selected.selection.title()}: investigation"
    if audience == FORCE:
        page.header(kicker, words.headline(finding), words.subline(finding))
    else:
        total = shown_handling(finding, audience=audience)[-1]
        hidden = total.awaited is None and finding.has_cctv
        page.header(kicker, "How files are handled" if hidden else words.headline(finding), COUNTS_HIDDEN if hidden else "")
    page.offer_nearest(finding.selected)


def by_area(finding: InvestigationFinding, audience: str) -> None:
    """Draw how files are handled in each area, the whole last."""
    rows = shown_handling(finding, audience=audience)
    heads = ["Area", "Files"]
    heads += ["Filed", "Days to filing: median (quartiles)", "Open", "Open age: median (quartiles)"] if finding.has_filing else []
    heads += ["Filed while CCTV awaited", "95% interval"] if finding.has_cctv else []
    head = "".join(f"<th{'' if place == 0 else ' class=r'}>{html.escape(name)}</th>" for place, name in enumerate(heads))
    body = "".join(_row(one, finding, is_last=one is rows[-1]) for one in rows)
    st.html(f'<table class="hs board"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _row(one: ShownHandling, finding: InvestigationFinding, *, is_last: bool) -> str:
    cells = [one.offences]
    if finding.has_filing:
        cells += [one.filed, words.quartiles_words(one.days_to_filing), one.open, words.quartiles_words(one.open_age)]
    if finding.has_cctv:
        cells += [_of(one.awaited), _interval(one.awaited)]
    told = "".join(f'<td class="r">{html.escape(cell)}</td>' for cell in cells)
    return f"<tr{' class=total' if is_last else ''}><td>{html.escape(one.area)}</td>{told}</tr>"


def _of(share: Proportion | None) -> str:
    if share is None:
        return "hidden"
    return f"{100 * share.share:.0f}% ({share.count:,} of {share.of:,})" if share.of else "–"


def _interval(share: Proportion | None) -> str:
    return f"{100 * share.low:.0f} to {100 * share.high:.0f}%" if share is not None and share.of else ""


def lists(finding: InvestigationFinding, audience: str) -> None:
    """Draw the list that was chosen, for the force alone."""
    if audience != FORCE:
        st.html('<p class="hs-note">Lists of files, chains and premises are for the force alone.</p>')
        return
    has = {AWAITED: finding.has_cctv, CHAINS: finding.has_officers, PREMISES: finding.has_officers, OPEN: finding.has_filing}
    options = [name for name, is_known in has.items() if is_known]
    chosen = links.widget(
        st.segmented_control, "List", name="list", default=options[0], read=str, options=options, label_visibility="collapsed"
    )
    match chosen or options[0]:
        case name if name == AWAITED:
            rows, count = _files(finding.awaited, "Days early"), finding.total.awaited.count
            note = (
                "The latest first. Days early: from filing until the CCTV came, or to the last day of the data where it has not."
            )
        case name if name == CHAINS:
            rows, count = _chains(finding), len(finding.chains)
            note = f"Of {finding.chains_looked_at:,} chains with two or more known officers. The Series page maps them."
        case name if name == PREMISES:
            rows, count = _premises(finding), finding.premises_spread
            note = f"Of {finding.premises_repeated:,} premises with two or more offences of a crime group. References are masked."
        case _:
            rows, count = _files(finding.open_files, "Age (days)"), finding.total.open
            note = "The oldest first."
    _list(rows, count, note)


def _list(rows: pd.DataFrame, count: int, note: str) -> None:
    if rows.empty:
        st.html('<p class="hs-note">None in this selection.</p>')
        return
    height = tables.ROW_HEIGHT * (min(len(rows), SHOWN_ROWS) + 1) + 3
    st.dataframe(rows, hide_index=True, row_height=tables.ROW_HEIGHT, height=height)
    more = f" The first {MOST_LISTED} of {count:,} are listed." if count > len(rows) else f" {count:,} in all."
    st.html(f'<div class="hs-note">{html.escape(note + more)} Officers are masked.</div>')


def _files(files: Sequence[FileRow], days: str) -> pd.DataFrame:
    frame = pd.DataFrame([asdict(one) for one in files])
    if frame.empty:
        return frame
    names = {
        "reference": "Crime number",
        "days": days,
        "area": "Area",
        "officer": "Officer",
        "reported": "Reported",
        "requested": "CCTV requested",
        "received": "CCTV received",
        "filed": "Filed",
        "crime_type": "Crime type",
    }
    dates = ("reported", "requested", "received", "filed")
    told = frame.assign(**{name: [_day(day) for day in frame[name]] for name in dates})[list(names)].rename(columns=names)
    return told.drop(columns="Filed") if frame["filed"].isna().all() else told


def _day(day: date | None) -> str:
    return "–" if day is None or pd.isna(day) else f"{day.day} {day:%b %y}"


def _chains(finding: InvestigationFinding) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Chain": one.number,
                "Place": one.place,
                "Areas": ", ".join(one.lpas),
                "Offences": one.size,
                "Officers": one.officers,
                "Officer known": one.officers_known,
                "Last": one.last,
                "Open": "open" if one.is_open else "",
                "Commonest MO": one.mo or "",
            }
            for one in sorted(finding.chains, key=lambda chain: (-chain.officers, chain.number))
        ]
    )


def _premises(finding: InvestigationFinding) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Premises": one.reference,
                "Crime group": one.crime_group,
                "Area": one.area,
                "Offences": one.offences,
                "Officers": one.officers,
                "Last": one.last,
            }
            for one in finding.premises
        ]
    )
