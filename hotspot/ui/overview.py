"""Parts of the Overview page."""

from __future__ import annotations

import html
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, PUBLIC, ShownOverview, is_small, shown_counts
from hotspot.findings.change_words import change_words
from hotspot.findings.overview import OverviewFinding
from hotspot.findings.slivers import months_tell
from hotspot.methods.suppression import HIDDEN, UNDER_5
from hotspot.offences.store import EVERYTHING, Store
from hotspot.period import Period, add_months
from hotspot.selection import Selection
from hotspot.ui import cached, charts, events, maps, page, tables


def compared(chosen: Selection, finding: OverviewFinding | None) -> Selection:
    """Give the selection in the period that the figures are of, so that map and footer never tell of another."""
    return chosen if finding is None else chosen.with_period(finding.selection.period)


def subline(chosen: Selection, finding: OverviewFinding, shown: ShownOverview) -> str:
    """Give the sub-line, and say so where the chosen period could not be the one that is compared."""
    if finding.selection.period == chosen.period:
        return shown.subline
    return f"{shown.subline} {chosen.period.label()} cannot be compared with anything earlier, so the latest month is shown."


def metrics(shown: ShownOverview) -> None:
    """Show one figure per crime group with its change and interval."""
    for column, (group, total) in zip(st.columns(len(shown.totals), gap="medium"), shown.totals.items(), strict=True):
        column.html(
            f'<div class="hs-metric"><h2>{html.escape(group)}</h2><div class="n">{html.escape(total.count)}</div>'
            f'<div class="t">{html.escape(change_words(total))}</div></div>'
        )


def single_period(chosen: Selection, audience: str) -> None:
    """Show counts alone where the data hold no earlier period to compare with."""
    selected = cached.select(cached.key(), chosen)
    _, total = shown_counts(selected.counts_by_area(), audience=audience)
    page.header(
        chosen.title(), f"{total} offences; nothing earlier to compare with", "Import an earlier period to see the change."
    )
    map_side, table_side = st.columns([1, 1.12], gap="medium")
    with map_side:
        maps.overview(cached.key(), chosen)
    with table_side:
        page.section("Offences by area")
        tables.counts(selected.counts_by_area(), audience=audience)


def hides_months(chosen: Selection, finding: OverviewFinding | None, shown: ShownOverview | None, monthly: pd.DataFrame) -> bool:
    """Say whether months would add up to what the figures hide from the public, or take apart what they tell."""
    if finding is None or shown is None:
        selected = cached.select(cached.key(), chosen)
        _, total = shown_counts(selected.counts_by_area(), audience=PUBLIC)
        hides, counted = total in (UNDER_5, HIDDEN), {chosen.crime_type: [(selected.count, chosen.period)]}
    else:
        periods = (finding.selection.period, finding.baseline)
        counts = {group: (total.row.count, total.row.baseline_count) for group, total in shown.totals.items()}
        hides, counted = shown.hides, {group: list(zip(pair, periods, strict=True)) for group, pair in counts.items()}
    return hides or any(_months_tell(counted.get(str(group), []), rows) for group, rows in monthly.groupby("crime_group"))


def _months_tell(counted: Sequence[tuple[float, Period]], rows: pd.DataFrame) -> bool:
    return months_tell(counted, [month.date() for month in pd.to_datetime(rows["month"])], rows["offences"])


def trend(chosen: Selection, monthly: pd.DataFrame, groups: tuple[str, ...], audience: str, *, hidden: bool) -> None:
    """Draw the months with breaks and events; for the public only where no month holds a small count.

    Parameters
    ----------
    hidden
        The table hides a count of the chosen place, which the months would add up to, or tells one that they take apart.
    """
    if audience != FORCE and (hidden or monthly["offences"].map(is_small).any()):
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN}</p>')
        return
    if monthly.empty:
        return
    marks = events.marks(chosen, groups=groups)
    months = pd.to_datetime(monthly["month"])
    first, last = months.min().date(), add_months(months.max().date(), 1)
    charts.monthly(monthly, groups, marks.within(first, last))
    events.told(marks, first, last)


def new(store: Store, audience: str) -> None:
    """Say what the last import changed; to the force alone, since a month may hold a small count."""
    if not store.reports or audience != FORCE:
        return
    report = max(store.reports, key=lambda one: one.imported_at)
    when = f"Last import: {html.escape(report.source)}, {report.imported_at:%-d %B %Y at %H:%M}"
    if cached.scope() != EVERYTHING:
        # A load report counts the whole force.
        page.section("What is new")
        st.html(f'<div class="hs-note">{when}.</div>')
        return
    months = [f"{one.month}: {one.before:,} → {one.after:,}" for one in report.replaced]
    shown = ", ".join(months[-6:])
    earlier = f" and {len(months) - 6} earlier months" if len(months) > 6 else ""
    page.section("What is new")
    st.html(
        f'<div class="hs-note">{when}, {report.offences:,} offences. '
        f"Offences by month before and after it: {html.escape(shown)}{earlier}.</div>"
    )


def loaded(store: Store) -> None:
    """Say which data are loaded."""
    page.section("Data loaded")
    rows = ""
    for source, force in store.data_sets:
        facts = cached.facts(source, force)
        months = f"{facts.months[0]} to {facts.months[-1]}" if facts.months else "none"
        excluded = f"{sum(facts.excluded.values()):,}" if cached.scope() == EVERYTHING else "not told"
        rows += (
            f"<tr><td>{html.escape(force)}</td><td>{html.escape(source)}</td><td>{months}</td>"
            f'<td class="r">{facts.rows_used:,}</td><td class="r">{excluded}</td></tr>'
        )
    st.html(
        '<table class="hs"><thead><tr><th>Force</th><th>Source</th><th>Months</th><th class="r">Rows used</th>'
        f'<th class="r">Excluded</th></tr></thead><tbody>{rows}</tbody></table>'
    )
