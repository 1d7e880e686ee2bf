"""Tables and downloads of the Clusters page."""

from __future__ import annotations

import html
from functools import partial

import pandas as pd
import streamlit as st

from hotspot.export import clusters as exports
from hotspot.export import files
from hotspot.findings.audience import FORCE, is_small
from hotspot.findings.clusters import LEAST_HELD, EmergingFinding, GiFinding
from hotspot.findings.clusters_shown import clusters_give_away
from hotspot.findings.rates_per import RatesFinding, ShownRate, widened_words
from hotspot.findings.selected import SelectedOffences
from hotspot.maps.scene import MOST_BADGES
from hotspot.methods.rates_per import ABOVE, BELOW
from hotspot.ui import downloads, page, tables

SHOWN_ROWS = 8
AXIS = 1.25
"""Times the highest rate: how far the axis of the intervals goes."""


def clusters(finding: GiFinding, selected: SelectedOffences, *, audience: str) -> int | None:
    """Show the ranked clusters and their downloads; give the rank of the row that was chosen."""
    page.section("Ranked clusters")
    picked = None
    if finding.clusters:
        hidden = audience != FORCE and clusters_give_away(finding, selected)
        picked = _chosen(_cluster_rows(finding, hidden=hidden), "cluster-rows", largest=finding.clusters[0].count)
        more = f" The first {MOST_BADGES} are numbered on the map." if len(finding.clusters) > MOST_BADGES else ""
        page.method_notes(
            (f"Cells that stand out, joined where they touch; {LEAST_HELD} offences or more.{more} {tables.TICK} move the map.",)
        )
    else:
        st.html(
            f'<p class="hs-note">No {LEAST_HELD} or more offences lie in cells that stand out after correction. Widen the '
            "neighbourhood, the cells or the period: the same offences then tell more.</p>"
        )
    _save("clusters", partial(exports.write_gi, finding, selected, audience))
    return picked


def _cluster_rows(finding: GiFinding, *, hidden: bool) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "No.": [one.rank for one in finding.clusters],
            "Nearest place, street": [one.name for one in finding.clusters],
            "Offences": [float(one.count) for one in finding.clusters],
            "Z": [one.peak_z for one in finding.clusters],
            "q": ["<.001" if one.least_q < 0.0005 else f"{one.least_q:.3f}".lstrip("0") for one in finding.clusters],
        }
    )
    return rows.drop(columns=["Offences", "Z"]) if hidden else rows


def emerging(finding: EmergingFinding, selected: SelectedOffences, *, audience: str) -> int | None:
    """Show the hotspots by their history, and their downloads; give the rank of the row that was chosen."""
    page.section("Hotspots by their history")
    picked = None
    if finding.clusters:
        rows = _emerging_rows(finding)
        if audience != FORCE and any(is_small(one.count) for one in finding.clusters):
            rows = rows.drop(columns=["Offences"])
        picked = _chosen(rows, "emerging-rows", largest=max(one.count for one in finding.clusters))
        last = finding.slices[-1].label()
        page.method_notes((f"Offences in {last}, {LEAST_HELD} or more. Hot: slices of {len(finding.slices)}. {_told(finding)}",))
    else:
        st.html(
            '<p class="hs-note">No cell is a hotspot in the last slice, and none was one throughout. Longer slices or a wider '
            "neighbourhood hold more offences, and tell more.</p>"
        )
    _save("emerging", partial(exports.write_emerging, finding, selected, audience))
    return picked


_HISTORIES = {
    "new": "never before",
    "consecutive": "one run up to now",
    "intensifying": "nearly always, and rising",
    "persistent": "nearly always",
    "diminishing": "nearly always, and falling",
    "sporadic": "off and on",
    "oscillating": "off and on, and fewer than chance at times",
    "historical": "nearly always, but no longer",
}


def _told(finding: EmergingFinding) -> str:
    """Explain the categories that are listed."""
    listed = dict.fromkeys(one.category for one in finding.clusters)
    return " ".join(f"{category.capitalize()}: {_HISTORIES[category]}." for category in listed)


def _emerging_rows(finding: EmergingFinding) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "No.": [one.rank for one in finding.clusters],
            "History": [one.category.capitalize() for one in finding.clusters],
            "Nearest place, street": [one.name for one in finding.clusters],
            "Offences": [float(one.count) for one in finding.clusters],
            "Hot": [one.times_hot for one in finding.clusters],
        }
    )


def _chosen(rows: pd.DataFrame, key: str, *, largest: float) -> int | None:
    place_width = 178 if "History" in rows else 226
    whole = "Offences" not in rows or (rows["Offences"] % 1 == 0).all()
    picked = tables.picked_row(
        rows,
        key=key,
        shown=SHOWN_ROWS,
        columns={
            "No.": st.column_config.NumberColumn(width=36),
            "History": st.column_config.TextColumn(width=92),
            "Nearest place, street": st.column_config.TextColumn(width=place_width),
            "Offences": st.column_config.ProgressColumn(
                format="%d" if whole else "%.1f", min_value=0, max_value=max(largest, 1.0), color="#7A1F6B", width=84
            ),
            "Z": st.column_config.NumberColumn(format="%.1f", width=42, help="Gi*: the highest of its cells."),
            "q": st.column_config.TextColumn(width=44, help="p after correction over the map: the smallest of its cells."),
            "Hot": st.column_config.NumberColumn(width=40, help="Time slices in which its middle was a hotspot."),
        },
    )
    return int(rows.iloc[picked]["No."]) if picked is not None else None


def rates(finding: RatesFinding, shown: tuple[ShownRate, ...], total: str, *, audience: str) -> None:
    """Show the rates by area with their intervals, all areas together last, and the downloads."""
    page.section(f"{finding.unit[0].upper()}{finding.unit[1:]}, with 95% interval")
    # A tiny area's interval may reach to the skies: the axis is made for the rates, and cuts it.
    widest = AXIS * max((one.row.rate for one in shown if not one.is_hidden), default=0.0) or 1.0
    body = "".join(_rate_row(one, widest) for one in shown)
    whole = finding.rates.total
    body += (
        f'<tr class="total"><td>All these areas</td><td class="r">{total}</td><td class="r">{whole.denominator:,.0f}</td>'
        f'<td class="r">{_figure(whole.rate) if total[:1].isdigit() else ""}</td><td></td><td></td></tr>'
    )
    st.html(
        '<div style="max-height:max(14rem,calc(100vh - 26rem));overflow-y:auto"><table class="hs change"><thead><tr><th>Area</th>'
        f'<th class="r">Offences</th><th class="r">{html.escape(finding.denominator.capitalize())}</th><th class="r">Rate</th>'
        f"<th>0 to {_figure(widest)}</th><th>Reading</th></tr></thead><tbody>{body}</tbody></table></div>"
    )
    widened = widened_words([one.row for one in shown if not one.is_hidden])
    said = ("Filled: differs from the other areas together, after correction. Hollow: it does not.", widened)
    page.method_notes(tuple(filter(None, said)))
    _save("rates", partial(exports.write_rates, finding, audience))


def _rate_row(shown: ShownRate, widest: float) -> str:
    row = shown.row
    counts = (
        f'<td>{html.escape(row.area)}</td><td class="r">{html.escape(shown.count)}</td><td class="r">{row.denominator:,.0f}</td>'
    )
    if shown.is_hidden:
        return f'<tr>{counts}<td></td><td></td><td class="m">small counts hidden</td></tr>'
    kind = {ABOVE: "rose", BELOW: "fell"}.get(row.reading, "hollow")
    low, middle, high = (min(100 * value / widest, 100.0) for value in (row.low, row.rate, row.high))
    interval = tables.axis(
        f'<i class="line {kind}" style="left:{low:.1f}%;width:{max(high - low, 1):.1f}%"></i>'
        f'<i class="dot {kind}" style="left:{middle:.1f}%"></i>',
        f"95% interval {_figure(row.low)} to {_figure(row.high)}",
    )
    said = kind if kind != "hollow" else "m"
    return f'<tr>{counts}<td class="r">{_figure(row.rate)}</td><td>{interval}</td><td class="{said}">{row.reading}</td></tr>'


def _figure(rate: float) -> str:
    return f"{rate:,.1f}" if rate >= 1 else f"{rate:,.2f}"


def _save(name: str, write: partial[None]) -> None:
    downloads.row(
        name,
        {
            "GeoJSON": (".geojson", partial(files.as_bytes, write, ".geojson")),
            "GeoPackage": (".gpkg", partial(files.as_bytes, write, ".gpkg")),
            "CSV": (".csv", partial(files.as_bytes, write, ".csv")),
        },
    )
