"""Tables beside the maps: where a row drives the map a data frame, else plain HTML."""

from __future__ import annotations

import html
import math

import pandas as pd
import streamlit as st

from hotspot.findings.compare import FELL, ROSE, CompareFinding, row_words
from hotspot.findings.density import MINIMUM_OFFENCES, DensityFinding
from hotspot.findings.words import quantity
from hotspot.methods.change import AreaChange
from hotspot.ui import page

ROW_HEIGHT = 32
AXIS = 2.0
"""The interval's axis runs from a half to double, on a logarithmic scale."""
TOO_FEW = "too few to say"


def hotspots(finding: DensityFinding) -> int | None:
    """Show the ranked hotspots; give the rank of the row that was chosen."""
    page.section("Ranked hotspots")
    ranking = finding.ranking
    if not ranking.hotspots:
        st.html(f'<p class="hs-note">No joined cells hold {MINIMUM_OFFENCES} or more offences. Widen the period, the area or the share.</p>')
        return None
    rows = pd.DataFrame(
        {
            "No.": [hotspot.rank for hotspot in ranking.hotspots],
            "Nearest place, street": list(finding.names),
            "Offences": [float(hotspot.count) for hotspot in ranking.hotspots],
        }
    )
    event = st.dataframe(
        rows,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(rows), 10) + 1) + 3,
        on_select="rerun",
        selection_mode="single-row",
        key="hotspot-rows",
        column_config={
            "No.": st.column_config.NumberColumn(width=36),
            "Nearest place, street": st.column_config.TextColumn(width=236),
            "Offences": st.column_config.ProgressColumn(
                format="%d" if float(ranking.held).is_integer() else "%.1f",
                min_value=0,
                max_value=float(rows["Offences"].max()),
                color="#7A1F6B",
                width=100,
            ),
        },
    )
    share = 100 * finding.settings.area_share
    st.html(
        f'<div class="hs-note">Cells of {ranking.threshold:,.1f} or more per km² (the densest {share:g}% of the area), joined by edges; '
        f"at least {MINIMUM_OFFENCES} offences. Tick a row to move the map.</div>"
    )
    picked = event["selection"]["rows"]
    return int(rows.iloc[picked[0]]["No."]) if picked and picked[0] < len(rows) else None


def changes(finding: CompareFinding, *, highlight: str | None = None, hidden: frozenset[str] = frozenset()) -> None:
    """Show counts, change and interval by area, the total last.

    Parameters
    ----------
    hidden
        Areas whose counts are suppressed for this audience.
    """
    period, earlier = finding.selected.selection.period, finding.baseline.selection.period
    rows = sorted(finding.table.rows, key=_order)
    body = "".join(_change_row(row, highlight=highlight, hidden=row.area in hidden) for row in rows)
    total = finding.table.total
    if len(rows) > 1:
        body += _change_row(total, total=True, hidden=total.area in hidden)
    st.html(
        '<table class="hs"><thead><tr><th>Area</th>'
        f'<th class="r">{html.escape(_short(earlier))}</th><th class="r">{html.escape(_short(period))}</th><th class="r">Change</th>'
        '<th><div class="axis"><span>−50%</span><span>same</span><span>+100%</span></div></th><th>Reading</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
    st.html(f'<div class="hs-note">{html.escape(family_words(finding))}</div>')


def family_words(finding: CompareFinding) -> str:
    """Name the family of tests and say how to read the marks."""
    tested = sum(row.verdict != TOO_FEW for row in finding.table.rows)
    together = f"{tested} areas are tested together: a reading of rose or fell stands after correction (false discovery rate 5%)." if tested > 1 else "One test."
    return f"{together} Filled: stands after correction. Hollow: could be chance. Change per day, with 95% interval."


def _order(row: AreaChange) -> tuple[int, float]:
    return (row.verdict == TOO_FEW, -row.ratio if math.isfinite(row.ratio) else -math.inf if row.ratio > 0 else math.inf)


def _short(period) -> str:
    months = period.months()
    if len(months) == 1 and period.is_whole_months:
        return f"{period.start:%b %Y}"
    if period.is_whole_months:
        return f"{period.start:%b %y}–{period.last_day:%b %y}"
    return f"{period.start.day} {period.start:%b %y}–{period.last_day.day} {period.last_day:%b %y}"


def _change_row(row: AreaChange, *, highlight: str | None = None, total: bool = False, hidden: bool = False) -> str:
    classes = "total" if total or row.area == highlight else ""
    name = html.escape(row.area)
    if hidden:
        return f'<tr class="{classes}"><td>{name}</td><td class="r m">hidden</td><td class="r m">hidden</td><td></td><td></td><td class="m">counts under 5</td></tr>'
    reading = f'<span class="{row.verdict}">{row.verdict}</span>' if row.verdict in {ROSE, FELL} else f'<span class="m">{row.verdict}</span>'
    change = "" if row.verdict == TOO_FEW else percent_change(row.ratio)
    emphasis = row.verdict if row.verdict in {ROSE, FELL} else "m"
    return (
        f'<tr class="{classes}"><td>{name}</td><td class="r">{quantity(row.baseline_count)}</td><td class="r">{quantity(row.count)}</td>'
        f'<td class="r {emphasis}">{change}</td><td>{"" if row.verdict == TOO_FEW else _interval(row)}</td><td>{reading}</td></tr>'
    )


def percent_change(ratio: float) -> str:
    """Write a rate ratio as a change: '+31%', '−9%'."""
    if not math.isfinite(ratio):
        return "from none"
    percent = round(100 * (ratio - 1))
    return f"+{percent}%" if percent > 0 else f"−{-percent}%" if percent < 0 else "0%"


def _interval(row: AreaChange) -> str:
    """Draw an interval with spans on a logarithmic axis (Streamlit strips inline SVG)."""
    low, middle, high = (_position(value) for value in (row.ratio_low, row.ratio, row.ratio_high))
    kind = row.verdict if row.verdict in {ROSE, FELL} else "hollow"
    return (
        f'<div class="axis"><i class="zero"></i><i class="line {kind}" style="left:{low:.1f}%;width:{max(high - low, 1):.1f}%"></i>'
        f'<i class="dot {kind}" style="left:{middle:.1f}%"></i></div>'
    )


def _position(ratio: float) -> float:
    if ratio <= 0:
        return 0.0
    if not math.isfinite(ratio):
        return 100.0
    return min(max(50 + 50 * math.log(ratio) / math.log(AXIS), 0.0), 100.0)


def compact_changes(tables: dict[str, CompareFinding]) -> None:
    """Show several crime types side by side: counts and change by area, coloured where clear."""
    names = list(dict.fromkeys(row.area for finding in tables.values() for row in finding.table.rows))
    head = "".join(f'<th class="r" colspan="2">{html.escape(kind)}</th>' for kind in tables)
    body = ""
    for name in names:
        cells = ""
        for finding in tables.values():
            row = next((row for row in finding.table.rows if row.area == name), None)
            cells += _compact_cell(row)
        body += f"<tr><td>{html.escape(name)}</td>{cells}</tr>"
    st.html(f'<table class="hs compact"><thead><tr><th>Area</th>{head}</tr></thead><tbody>{body}</tbody></table>')


def _compact_cell(row: AreaChange | None) -> str:
    if row is None:
        return '<td class="r">0 → 0</td><td></td>'
    change = "too few" if row.verdict == TOO_FEW else percent_change(row.ratio)
    emphasis = row.verdict if row.verdict in {ROSE, FELL} else "m"
    word = f" {row.verdict}" if row.verdict in {ROSE, FELL} else ""
    return f'<td class="r">{row_words(row)}</td><td class="r {emphasis}">{change}{word}</td>'
