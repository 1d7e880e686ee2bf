"""The force at a glance: counts and change per area and crime group, tested as one family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from hotspot import crime_types
from hotspot.findings.clustering import ALWAYS, Clustering, clustering, is_counted_by_lpa, monthly_series, months_of_type
from hotspot.findings.compare import LONGEST, where_words, without_area
from hotspot.findings.selected import SelectedOffences, select
from hotspot.findings.words import number_word
from hotspot.methods.change import FELL, ROSE, AreaChange, compare, tested_of
from hotspot.methods.dispersion import Dispersion
from hotspot.offences.store import DataFacts, Scope, Store
from hotspot.period import Period, add_months, baselines
from hotspot.selection import COMMITTED, DATE_COLUMNS, MONTH, Selection, join_words

GROUPS = ("Burglary", "Vehicle crime", "Robbery")
_SEPARATOR = "\x1f"


@dataclass(frozen=True, eq=False)
class OverviewFinding:
    """Counts and change per crime group and area."""

    selection: Selection
    baseline: Period
    rows: dict[str, tuple[AreaChange, ...]]
    """Crime group → one row per area; all groups and areas are one family of tests."""
    totals: dict[str, AreaChange]
    """Crime group → the chosen place as a whole; its own family."""
    headline: str
    subline: str

    @property
    def kicker(self) -> str:
        """Which two periods are compared, and by which date."""
        chosen = self.selection
        basis = {COMMITTED: "committed ", MONTH: ""}.get(chosen.date_basis, "reported ")
        return f"{chosen.place}, {basis}{chosen.period.label()} against {self.baseline.label()}, per day{chosen.limits()}"


def groups_of(facts: DataFacts) -> tuple[str, ...]:
    """List the groups of the overview that the data hold; any groups, where they hold none of these."""
    present = {kind.group for kind in crime_types.CRIME_TYPES if kind.name in facts.crime_types}
    usual = tuple(group for group in GROUPS if group in present)
    return usual or tuple(sorted(present))[:3]


def compared_periods(selection: Selection, facts: DataFacts) -> tuple[Period, Period] | None:
    """Choose a period and what to compare it with, both inside the data; None where there is one month alone.

    The chosen period against the same months of last year; else against the equal period before; else the
    latest month against the one before.
    """
    latest = facts.end.replace(day=1)
    last_month = Period(add_months(latest, -1), latest) if latest > facts.first_day else None
    pairs = [(selection.period, selection.period.shifted(-12)), (selection.period, selection.period.previous())]
    if last_month is not None:
        pairs.append((last_month, last_month.previous()))
    for period, baseline in pairs:
        if baseline.start >= facts.first_day and period.end <= facts.end and baseline.end <= period.start:
            return period, baseline
    return None


def usual_baselines(selection: Selection, facts: DataFacts) -> dict[str, Period]:
    """Name the periods that a selection is usually compared with, as far as the data reach back."""
    return {
        name: period
        for name, period in baselines(selection.period).items()
        if period.start >= facts.first_day and period.end <= selection.period.start
    }


@dataclass(frozen=True)
class GroupClustering:
    """Dispersion of one crime group in the rows of the overview and in the chosen place."""

    rows: Clustering
    place: Dispersion


def group_clustering(store: Store, selection: Selection, baseline: Period, *, scope: Scope) -> GroupClustering:
    """Estimate the dispersion of the selection's crime group by area and in its place, by the Compare page's own way."""
    periods = {"period": selection.period, "baseline": baseline}
    wide = without_area(selection, selection.level)
    rows = clustering(monthly_series(store, wide, scope=scope, by_area=True), **periods)
    if selection.drawn is not None:
        return GroupClustering(rows, clustering(monthly_series(store, selection, scope=scope, by_area=False), **periods).total)
    return GroupClustering(rows, rows.total if selection.area is None else rows.of(selection.area))


def overview_finding(
    pairs: dict[str, tuple[SelectedOffences, SelectedOffences]], clusterings: Mapping[str, GroupClustering] | None = None
) -> OverviewFinding:
    """Compare each group in each area between two periods.

    Parameters
    ----------
    pairs
        Crime group → its offences in the period and in the baseline.
    clusterings
        Crime group → its dispersion; None: not estimated, so that the intervals assume no clustering.
    """
    first, earlier = next(iter(pairs.values()))
    days, baseline_days = first.selection.period.days, earlier.selection.period.days
    cells = {
        f"{group}{_SEPARATOR}{area}": (counts, baselines)
        for group, (now, before) in pairs.items()
        for area, counts, baselines in _by_area(now, before)
    }
    table = compare(
        list(cells),
        [counts for counts, _ in cells.values()],
        [baselines for _, baselines in cells.values()],
        days=days,
        baseline_days=baseline_days,
        family=f"{tested_of(cells.values())} area and crime type pairs",
        dispersions=None if clusterings is None else [_of_cell(clusterings, name) for name in cells],
    )
    rows: dict[str, list[AreaChange]] = {group: [] for group in pairs}
    for row in table.rows:
        group, area = row.area.split(_SEPARATOR)
        rows[group].append(replace(row, area=area))
    totals = compare(
        list(pairs),
        [now.count for now, _ in pairs.values()],
        [before.count for _, before in pairs.values()],
        days=days,
        baseline_days=baseline_days,
        family=f"{tested_of([(now.count, before.count) for now, before in pairs.values()])} crime types",
        dispersions=None if clusterings is None else [clusterings[group].place for group in pairs],
    )
    by_group = {group: tuple(found) for group, found in rows.items()}
    total_of = {row.area: row for row in totals.rows}
    return OverviewFinding(
        selection=first.selection,
        baseline=earlier.selection.period,
        rows=by_group,
        totals=total_of,
        headline=headline(by_group),
        subline=subline(total_of, table.tested, first.selection),
    )


def _of_cell(clusterings: Mapping[str, GroupClustering], name: str) -> Dispersion:
    group, area = name.split(_SEPARATOR)
    return clusterings[group].rows.of(area)


def _by_area(now: SelectedOffences, before: SelectedOffences) -> list[tuple[str, float, float]]:
    counts, baselines = now.counts_by_area(), before.counts_by_area()
    if now.areas is None:
        return [(now.selection.whole, now.count, before.count)]
    return [(name, counts.get(name, 0.0), baselines.get(name, 0.0)) for name in dict.fromkeys((*counts, *baselines))]


def headline(rows: Mapping[str, Sequence[AreaChange]]) -> str:
    """Say which changes are clear, in at most 80 characters."""
    clear = [(group, row) for group, found in rows.items() for row in found if row.verdict in {ROSE, FELL}]
    if not clear:
        return "No change stands out from chance in any area"
    said = [f"{group.lower()} {row.verdict} {where_words([row.area])}" for group, row in clear]
    changes = "One change is" if len(clear) == 1 else f"{number_word(len(clear)).capitalize()} changes are"
    sentence = f"{changes} clear: {join_words(said)}"
    if len(sentence) <= LONGEST:
        return sentence
    rose, fell = (sum(row.verdict == verdict for _, row in clear) for verdict in (ROSE, FELL))
    counted = [f"{number_word(count)} {verb}" for count, verb in ((rose, ROSE), (fell, FELL)) if count]
    return f"{changes.replace(' is', ' by area is').replace(' are', ' by area are')} clear: {join_words(counted)}"


def subline(totals: Mapping[str, AreaChange], tested: int, selection: Selection) -> str:
    """Say what of the chosen place's totals is clear, and how many tests were one family."""
    clear = [row for row in totals.values() if row.verdict in {ROSE, FELL}]
    place = "the force" if selection.place == selection.force else selection.place
    if clear:
        whole = f"Of the totals of {place}, {join_words([f'{row.area.lower()} {row.verdict}' for row in clear])}."
    else:
        whole = f"No total of {place} stands out from chance."
    return f"{whole} {tested} area and crime type pairs were tested together."


def monthly_counts(store: Store, selection: Selection, groups: tuple[str, ...], *, scope: Scope) -> pd.DataFrame:
    """Count offences per month and group over all the data, in the selection's area and within its limits.

    Returns
    -------
    DataFrame
        Columns month, crime_group, offences; a row for every month that the data hold, with 0 where there was
        none. The month is that of the selection's date.
    """
    found = [_months(store, replace(selection, crime_type=group, period=ALWAYS), scope=scope) for group in groups]
    counts = pd.concat(found).groupby(["month", "crime_group"])["offences"].sum()
    loaded = pd.to_datetime(list(store.facts(selection.source, selection.force, scope=scope).months), format="%Y-%m").astype(
        "datetime64[s]"
    )
    months = loaded.union(counts.index.get_level_values("month").unique())
    full = pd.MultiIndex.from_product([months, groups], names=["month", "crime_group"])
    return counts.reindex(full, fill_value=0.0).reset_index()


def _months(store: Store, selection: Selection, *, scope: Scope) -> pd.DataFrame:
    """Give the selection's offences with their month, several in one line where they are counted together."""
    if is_counted_by_lpa(store, selection):
        counts = months_of_type(store, selection, scope=scope).dropna(subset="month")
        counts = counts if selection.area is None else counts[counts["lpa"] == selection.area]
        return pd.DataFrame({"month": counts["month"], "crime_group": selection.crime_type, "offences": counts["offences"] * 1.0})
    inside = select(store, selection, scope=scope, inside_alone=True).inside
    months = inside[DATE_COLUMNS[selection.date_basis]].to_numpy("datetime64[M]").astype("datetime64[s]")
    return pd.DataFrame({"month": months, "crime_group": selection.crime_type, "offences": inside["weight"].to_numpy()})
