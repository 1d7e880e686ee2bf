"""Parts of the Investigation page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from operator import attrgetter
from typing import TypeVar

import pandas as pd
import streamlit as st

from hotspot.findings import investigation_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.investigation import (
    MOST_CHAINS,
    MOST_LISTED,
    FileRow,
    InvestigationFinding,
    Spread,
    SpreadPremises,
    investigation_finding,
)
from hotspot.findings.investigation_chains import SpreadChain
from hotspot.findings.investigation_shown import PLAIN_HEADLINE, ShownHandling, headline_for, shown_handling
from hotspot.methods import suppression
from hotspot.methods.change import LEAST_COUNT
from hotspot.methods.repeats import Proportion
from hotspot.offences.store import Store
from hotspot.selection import Selection
from hotspot.ui import cached, links, page, tables, unmask
from hotspot.ui.keeping import kept

L = TypeVar("L", FileRow, SpreadChain, SpreadPremises)
BY_AREA, AWAITED, CHAINS, PREMISES, OPEN = "By area", "Filed while CCTV was awaited", "Chains", "Repeat premises", "Open files"
EVERYWHERE = "All areas"
SHOWN_ROWS = 10
_OFFICER, _PREMISES = attrgetter("officer"), attrgetter("reference")


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
        said = headline_for(finding, audience=audience)
        page.header(kicker, said, COUNTS_HIDDEN if said == PLAIN_HEADLINE else "")
    page.offer_nearest(finding.selected)


def view(finding: InvestigationFinding, audience: str) -> str:
    """Draw what is shown: the areas, or one of the lists, which are for the force alone."""
    if audience != FORCE:
        return BY_AREA
    has = {
        BY_AREA: True,
        AWAITED: finding.has_cctv,
        CHAINS: finding.total.chains is not None,
        PREMISES: finding.total.premises is not None,
        OPEN: finding.has_filing,
    }
    options = [name for name, is_known in has.items() if is_known]
    chosen = links.widget(
        st.segmented_control, "List", name="list", default=BY_AREA, read=str, options=options, label_visibility="collapsed"
    )
    return chosen or BY_AREA


def by_area(finding: InvestigationFinding, audience: str) -> None:
    """Draw how files are handled in each area, the whole last."""
    rows = shown_handling(finding, audience=audience)
    heads = ["Area", "Files"]
    heads += ["Filed", "Days to filing: median (quartiles)", "Open", "Open age: median (quartiles)"] if finding.has_filing else []
    heads += ["Filed while CCTV awaited", "95% interval"] if finding.has_cctv else []
    if audience == FORCE:
        heads += ["Chains with several officers"] if finding.total.chains is not None else []
        heads += ["Repeat premises with several"] if finding.total.premises is not None else []
    head = "".join(f"<th{'' if place == 0 else ' class=r'}>{html.escape(name)}</th>" for place, name in enumerate(heads))
    body = "".join(_row(one, finding, is_last=one is rows[-1]) for one in rows)
    st.html(f'<table class="hs change board"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')
    if audience != FORCE:
        st.html('<p class="hs-note">Lists of files, chains and premises are for the force alone.</p>')


def _row(one: ShownHandling, finding: InvestigationFinding, *, is_last: bool) -> str:
    cells = [one.offences]
    if finding.has_filing:
        cells += [one.filed, words.quartiles_words(one.days_to_filing), one.open, words.quartiles_words(one.open_age)]
    if finding.has_cctv:
        cells += [_of(one.awaited), _interval(one.awaited)]
    cells += [_several(spread) for spread in (one.chains, one.premises) if spread is not None]
    told = "".join(f'<td class="r">{html.escape(cell)}</td>' for cell in cells)
    return f"<tr{' class=total' if is_last else ''}><td>{html.escape(one.area)}</td>{told}</tr>"


def _several(spread: Spread) -> str:
    return f"{spread.several:,} of {spread.of:,}" if spread.of else "–"


def _of(share: Proportion | None) -> str:
    if share is None:
        return "hidden"
    if share.of < LEAST_COUNT:
        return f"{share.count:,} of {share.of:,}" if share.of else "–"
    return f"{100 * share.share:.0f}% ({share.count:,} of {share.of:,})"


def _interval(share: Proportion | None) -> str:
    return f"{100 * share.low:.0f} to {100 * share.high:.0f}%" if share is not None and share.of >= LEAST_COUNT else ""


def one_list(data: cached.DataKey, finding: InvestigationFinding, name: str, area: str | None) -> None:
    """Draw a list of the whole place, or of one of its areas."""

    def anew() -> InvestigationFinding:
        selection = finding.selected.selection
        return investigation_finding(Store(data.folder), selection, scope=data.scope, mask=suppression.unmasked)

    place = st.container()
    total = next((one for one in finding.areas if one.area == area), finding.total)
    if name == AWAITED:
        files = unmask.shown("officers", _of_area(finding.awaited, area), lambda: _of_area(anew().awaited, area), _OFFICER)
        rows, count = _files(files, "Days early"), total.awaited.count
        note = "The latest first. Days early: from filing until the CCTV came, or to the last day of the data where it has not."
    elif name == OPEN:
        files = unmask.shown("officers", _of_area(finding.open_files, area), lambda: _of_area(anew().open_files, area), _OFFICER)
        rows, count, note = _files(files, "Age (days)"), total.open, "The oldest first."
    elif name == CHAINS:
        rows, found = _chains(_of_area(finding.chains, area)), total.chains or Spread(0, 0)
        count, note = found.several, f"Of {found.of:,} chains with two or more known officers. The Series page maps them."
    else:
        at = unmask.shown("premises", _of_area(finding.premises, area), lambda: _of_area(anew().premises, area), _PREMISES)
        rows, found = _premises(at), total.premises or Spread(0, 0)
        count = found.several
        note = f"Of {found.of:,} premises with two or more offences of a crime group."
    with place:
        _list(rows, count, note, MOST_CHAINS if name == CHAINS else MOST_LISTED)


def list_area(finding: InvestigationFinding) -> str | None:
    """Draw which area a list is of; None for all of the place."""
    if not finding.selected.selection.is_whole_force or len(finding.areas) < 2:
        return None
    options = [EVERYWHERE, *(one.area for one in finding.areas)]
    if st.session_state.get("investigation-area") not in options:
        st.session_state.pop("investigation-area", None)
    chosen = st.selectbox("List of", options, key="investigation-area", label_visibility="collapsed")
    return None if chosen == EVERYWHERE else chosen


def _of_area(rows: Sequence[L], area: str | None) -> list[L]:
    return [one for one in rows if area is None or one.area == area]


def _list(rows: pd.DataFrame, count: int, note: str, most: int) -> None:
    if rows.empty:
        st.html('<p class="hs-note">None in this selection.</p>')
        return
    height = tables.ROW_HEIGHT * (min(len(rows), SHOWN_ROWS) + 1) + 3
    tables.data_frame(rows, hide_index=True, row_height=tables.ROW_HEIGHT, height=height)
    more = (
        f" {count:,} in all; {len(rows):,} are listed, at most {most} of an area." if count > len(rows) else f" {count:,} in all."
    )
    st.html(f'<div class="hs-note">{html.escape(note + more)}</div>')


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


def _chains(chains: Sequence[SpreadChain]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Chain": one.chain.number,
                "Place": one.chain.place,
                "Area": one.area,
                "Offences": one.chain.size,
                "Officers": one.chain.officers,
                "Officer known": one.chain.officers_known,
                "Last": _day(one.chain.last),
                "Open": "open" if one.chain.is_open else "",
                "Commonest MO": one.chain.mo or "",
            }
            for one in chains
        ]
    )


def _premises(premises: Sequence[SpreadPremises]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Premises": one.reference,
                "Crime group": one.crime_group,
                "Area": one.area,
                "Offences": one.offences,
                "Officers": one.officers,
                "Last": _day(one.last),
            }
            for one in premises
        ]
    )
