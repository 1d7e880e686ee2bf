"""Tables beside the maps: where a row drives the map a data frame, else plain HTML."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from hotspot.findings.audience import (
    FORCE,
    ShownChange,
    ShownOverview,
    hotspots_give_away,
    shown_changes,
    shown_counts,
    shown_family_sentence,
)
from hotspot.findings.change_words import change_of, in_order, interval_words, short_period, smallest
from hotspot.findings.compare import CompareFinding
from hotspot.findings.density import MINIMUM_OFFENCES, DensityFinding
from hotspot.findings.nearby import LayerNearby
from hotspot.findings.sensitivity import RULE, still_words
from hotspot.formulas import safe
from hotspot.maps.scene import MOST_BADGES
from hotspot.methods.change import FELL, LEAST_COUNT, ROSE, TOO_FEW, AreaChange
from hotspot.methods.dispersion import CLUSTERED
from hotspot.methods.sensitivity import Sensitivity
from hotspot.selection import join_words
from hotspot.ui import page

ROW_HEIGHT = 32
SHOWN_ROWS = 10
"""Rows of a table that are seen without a scroll in it."""
HOTSPOT_ROWS = "hotspot-rows"
TICK = "Tick a row, or press Shift and Space on it, to"
"""How a row is chosen, with a mouse and without: the rest of the sentence says what that does."""
MOST_NAMED = 4
"""Rows with a widened interval that a note names; more are counted."""
NAME_WIDTH = 240
"""Pixels that hold a hotspot's place and street in the ranked table."""
AXIS = 2.0
"""The interval's axis runs from a half to double, on a logarithmic scale."""


def data_frame(rows: pd.DataFrame, **options: Any) -> Any:
    """Draw a data frame whose own download, which the browser makes of its cells, holds no formula."""
    return st.dataframe(safe(rows, numbers_stay=True), **options)


def picked_row(rows: pd.DataFrame, *, key: str, columns: Mapping[str, Any], shown: int = SHOWN_ROWS) -> int | None:
    """Draw a table of which one row can be ticked, and give its position."""
    event = data_frame(
        rows,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(rows), shown) + 1) + 3,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        column_config=columns,
    )
    picked = event["selection"]["rows"]
    return picked[0] if picked and picked[0] < len(rows) else None


def picked_hotspot(finding: DensityFinding) -> int | None:
    """Give the rank of the hotspot whose row was chosen, before the table is drawn: the map need not wait for it."""
    picked = st.session_state.get(HOTSPOT_ROWS, {}).get("selection", {}).get("rows", [])
    return picked[0] + 1 if picked and picked[0] < len(finding.ranking.hotspots) else None


def hotspots(finding: DensityFinding, still: tuple[Sensitivity, ...], *, audience: str) -> None:
    """Show the ranked hotspots, and whether each depends on the bandwidth."""
    page.section("Ranked hotspots")
    ranking = finding.ranking
    hidden = audience != FORCE and hotspots_give_away(finding)
    held, of = ("Share", "offences") if finding.harm is None else ("Harm", "harm")
    if not finding.selected.count:
        page.offer_nearest(finding.selected)
        return
    if not ranking.hotspots:
        st.html(
            f'<p class="hs-note">No joined cells hold {MINIMUM_OFFENCES} or more offences. '
            "Widen the period, the area or the share.</p>"
        )
        return
    rows = pd.DataFrame(
        {
            "No.": [hotspot.rank for hotspot in ranking.hotspots],
            "Nearest place, street": [short_name(name) for name in finding.names],
            "Offences": [float(hotspot.count) for hotspot in ranking.hotspots],
            held: [100 * hotspot.share for hotspot in ranking.hotspots],
            "Still at": [still_words(one) for one in still],
        }
    )
    if hidden:
        rows = rows.drop(columns=["Offences", held])
    picked_row(
        rows,
        key=HOTSPOT_ROWS,
        columns={
            "No.": st.column_config.NumberColumn(width=34),
            held: st.column_config.NumberColumn(format="%.1f%%", width=52, help=f"Of the {of} in the area."),
            "Nearest place, street": st.column_config.TextColumn(width=NAME_WIDTH),
            "Still at": st.column_config.TextColumn(width=60, help=RULE),
            "Offences": st.column_config.ProgressColumn(
                format="%d" if float(ranking.held).is_integer() else "%.1f",
                min_value=0,
                max_value=max(hotspot.count for hotspot in ranking.hotspots),
                color="#7A1F6B",
                width=70,
            ),
        },
    )
    share = 100 * finding.settings.area_share
    unit = "" if finding.harm is None else "harm "
    st.html(
        f'<div class="hs-note">Cells of {ranking.threshold:,.1f} or more {unit}per km² (the densest {share:g}% of the area), '
        f"joined by edges; at least {MINIMUM_OFFENCES} offences. {TICK} move the map."
        f"{f' The first {MOST_BADGES} are numbered on the map.' if len(rows) > MOST_BADGES else ''}"
        f"{' Counts are hidden: a number under 5 could be worked out from them.' if hidden else ''}</div>"
    )


def short_name(name: str) -> str:
    """Write a hotspot's name under a head that says what it is: 'Walsall, High Street' for 'Walsall, around High Street'."""
    return name.replace(", around ", ", ", 1)


def near_hotspots(finding: DensityFinding, near: Sequence[LayerNearby]) -> None:
    """Show how many features of each layer stand near each hotspot, and how far the nearest is where none does."""
    if not near or not finding.ranking.hotspots:
        return
    page.section(f"Within {near[0].near.within:g} m of a hotspot")
    head = "".join(f'<th class="r">{html.escape(one.layer.name)}</th>' for one in near)
    body = "".join(
        f"<tr><td>{hotspot.rank}</td><td>{html.escape(short_name(name))}</td>"
        + "".join(f'<td class="r{"" if one.near.counts[place] else " m"}">{one.cell(place)}</td>' for one in near)
        + "</tr>"
        for place, (hotspot, name) in enumerate(zip(finding.ranking.hotspots, finding.names, strict=True))
    )
    st.html(
        f'<table class="hs hs-near"><thead><tr><th>No.</th><th>Nearest place, street</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def changes(finding: CompareFinding, *, highlight: str | None, audience: str) -> None:
    """Show counts, change and interval by area, the total last."""
    period, earlier = finding.selected.selection.period, finding.baseline.selection.period
    rows, total = shown_changes(finding.table.rows, finding.table.total, audience=audience)
    body = "".join(_change_row(shown, strong=shown.row.area == highlight) for shown in sorted(rows, key=in_order))
    if len(rows) > 1:
        body += _change_row(total, strong=True)
    st.html(
        '<table class="hs change"><thead><tr><th>Area</th>'
        f'<th class="r">{html.escape(short_period(earlier))}</th><th class="r">{html.escape(short_period(period))}</th>'
        '<th class="r">Change</th>'
        '<th><div class="axis"><span>half</span><span>same</span><span>twice</span></div></th><th>Reading</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
    st.html(f'<div class="hs-note">{html.escape(family_words(finding, audience))}</div>')


def family_words(finding: CompareFinding, audience: str) -> str:
    """Name the family of tests and say how to read the marks."""
    rows, total = shown_changes(finding.table.rows, finding.table.total, audience=audience)
    shown = [one.row for one in (*rows, total) if not one.is_hidden and one.row.verdict != TOO_FEW]
    words = [shown_family_sentence(finding.table, audience=audience), "Filled: stands after correction. Hollow: it does not."]
    if any(row.baseline_count < LEAST_COUNT for row in shown):
        words.append(f"Small base: under {LEAST_COUNT} before.")
    if any(smallest(row) for row in shown):
        words.append("In brackets: the smallest change that these counts could have shown.")
    return " ".join([*words, *clustering_words(shown)])


def clustering_words(shown: list[AreaChange]) -> tuple[str, ...]:
    """Name the rows whose interval is widened, and how the Poisson one is drawn; nothing where none is."""
    widened = [f"{row.area} (φ {row.dispersion.phi:.1f})" for row in dict.fromkeys(shown) if row.dispersion.is_clustered]
    if not widened:
        return ()
    named = join_words(widened) if len(widened) <= MOST_NAMED else f"{len(widened)} of {len(shown)} rows (φ over {CLUSTERED:g})"
    return (f"Widened for clustering: {named}; the thick middle is the Poisson interval.",)


def _change_row(shown: ShownChange, *, strong: bool) -> str:
    row = shown.row
    counts = f'<td>{html.escape(row.area)}</td><td class="r">{shown.baseline}</td><td class="r">{shown.count}</td>'
    classes = ' class="total"' if strong else ""
    if shown.is_hidden:
        return f'<tr{classes}>{counts}<td></td><td></td><td class="m">small counts hidden</td></tr>'
    if row.verdict == TOO_FEW:
        return f'<tr{classes}>{counts}<td></td><td></td><td class="m">{TOO_FEW}</td></tr>'
    kind = emphasis(row)
    reading = f'<td class="{kind}">{row.verdict}{smallest(row)}</td>'
    return f'<tr{classes}>{counts}<td class="r {kind}">{change_of(row)}</td><td>{interval_bar(row)}</td>{reading}</tr>'


def emphasis(row: AreaChange) -> str:
    """Give the class of a reading: its own colour where it stands after correction, else muted."""
    return row.verdict if row.verdict in {ROSE, FELL} else "m"


def interval_bar(row: AreaChange) -> str:
    """Draw an interval with spans on a logarithmic axis (Streamlit strips inline SVG)."""
    low, middle, high = (_position(value) for value in (row.ratio_low, row.ratio, row.ratio_high))
    kind = row.verdict if row.verdict in {ROSE, FELL} else "hollow"
    poisson = ""
    if row.dispersion.is_clustered:
        start, end = _position(row.poisson_low), _position(row.poisson_high)
        poisson = f'<i class="line poisson {kind}" style="left:{start:.1f}%;width:{max(end - start, 1):.1f}%"></i>'
    return axis(
        f'<i class="zero"></i>{poisson}<i class="line {kind}" style="left:{low:.1f}%;width:{max(high - low, 1):.1f}%"></i>'
        f'<i class="dot {kind}" style="left:{middle:.1f}%"></i>',
        interval_words(row),
    )


def axis(drawn: str, words: str) -> str:
    """Hold a drawn interval, with the words that say it to whoever does not see it."""
    said = html.escape(words)
    return f'<div class="axis" role="img" aria-label="{said}" title="{said}">{drawn}</div>'


def _position(ratio: float) -> float:
    if ratio <= 0:
        return 0.0
    if not math.isfinite(ratio):
        return 100.0
    return min(max(50 + 50 * math.log(ratio) / math.log(AXIS), 0.0), 100.0)


def compact_changes(shown: ShownOverview, *, highlight: str | None) -> None:
    """Show several crime groups side by side: counts and change by area, coloured where clear."""
    cells: dict[str, str] = {}
    for rows in shown.rows.values():
        for one in rows:
            cells[one.row.area] = cells.get(one.row.area, "") + _compact_cells(one)
    head = "".join(f'<th class="r" colspan="2">{html.escape(group)}</th>' for group in shown.rows)
    body = "".join(
        f"<tr{' class=total' if area == highlight else ''}><td>{html.escape(area)}</td>{row}</tr>" for area, row in cells.items()
    )
    st.html(f'<table class="hs compact"><thead><tr><th>Area</th>{head}</tr></thead><tbody>{body}</tbody></table>')
    st.html(
        '<div class="hs-note">Coloured and bold: stands after correction, all pairs tested together. Grey: could be chance or '
        "little change. Too few: under 20 in both periods together. Small base: under 20 before, so no percentage. "
        f"{html.escape(_overview_clustering(shown))}</div>"
    )


def _overview_clustering(shown: ShownOverview) -> str:
    """Say how many intervals are widened, or why none can be."""
    unknown = [one.row.dispersion for one in shown.totals.values() if not one.row.dispersion.is_known]
    if unknown and unknown[0].months:
        return f"{unknown[0].sentence}."
    tested = [one.row for rows in shown.rows.values() for one in rows if not one.is_hidden and one.row.verdict != TOO_FEW]
    widened = sum(row.dispersion.is_clustered for row in tested)
    return f"Widened for clustering: {widened} of {len(tested)} pairs (φ over {CLUSTERED:g})." if widened else ""


def _compact_cells(shown: ShownChange) -> str:
    row = shown.row
    counts = f'<td class="r">{shown.baseline} → {shown.count}</td>'
    if shown.is_hidden:
        return f'{counts}<td class="r m">hidden</td>'
    if row.verdict == TOO_FEW:
        return f'{counts}<td class="r m">too few</td>'
    # 'fell 17%' says sign and word at once, and needs half the width of '−17% fell'.
    words = f"{row.verdict} {change_of(row)[1:]}" if row.verdict in {ROSE, FELL} else change_of(row)
    return f'{counts}<td class="r {emphasis(row)}">{words}</td>'


def counts(by_area: dict[str, float], *, audience: str) -> None:
    """Show offences by area and their total."""
    shown, total = shown_counts(by_area, audience=audience)
    body = "".join(f'<tr><td>{html.escape(area)}</td><td class="r">{count}</td></tr>' for area, count in shown.items())
    st.html(
        '<table class="hs"><thead><tr><th>Area</th><th class="r">Offences</th></tr></thead>'
        f'<tbody>{body}<tr class="total"><td>Total</td><td class="r">{total}</td></tr></tbody></table>'
    )
