"""``compare``: one period against another, by area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.options import (
    Area,
    Audience,
    Choice,
    CrimeType,
    DateBasis,
    ForceName,
    Json,
    Source,
    StoreFolder,
    chosen_facts,
    known_level,
    open_store,
    select_period,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput, HotspotError
from hotspot.geography import LPA
from hotspot.period import Period

if TYPE_CHECKING:
    from hotspot.findings.compare import CompareFinding
    from hotspot.methods.change import AreaChange
    from hotspot.offences.store import Store

NONE = "none"
_PERIOD = "start..end, year-month-day, the end not included."
NOT_ESTIMATED = "not estimated: under 24 months or under 1 offence a month, so the interval assumes no clustering"
REASONS = {
    ("ratio", "infinite"): "infinite: no offences in the baseline",
    ("ratio", "not a number"): "undefined: no offences in either period",
    ("ratio_low", "not a number"): "undefined: no offences in either period",
    ("ratio_high", "infinite"): "infinite: no offences in the baseline",
    ("ratio_high", "not a number"): "undefined: no offences in either period",
    ("p_value", "not a number"): "undefined: no offences in either period",
    ("size", "not a number"): "none: areas have no size",
    ("poisson_low", "not a number"): "undefined: no offences in either period",
    ("poisson_high", "infinite"): "infinite: no offences in the baseline",
    ("poisson_high", "not a number"): "undefined: no offences in either period",
    ("dispersion", "not a number"): NOT_ESTIMATED,
    ("dispersion_low", "not a number"): NOT_ESTIMATED,
    ("dispersion_high", "not a number"): NOT_ESTIMATED,
    ("smallest_rise", "infinite"): "infinite: no offences in the baseline",
    ("smallest_fall", "not a number"): "none: not even a count of 0 would have shown a fall",
    ("q_value", "not a number"): "not tested: under 20 offences in both periods together",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare")(compare)


def compare(
    store: StoreFolder,
    crime_type: CrimeType,
    period: Annotated[str, typer.Option("--period", help=f"The period: {_PERIOD}", metavar="D..D")],
    baseline: Annotated[str, typer.Option("--baseline", help=f"What it is compared with: {_PERIOD}", metavar="D..D")],
    by: Annotated[
        str, typer.Option("--by", help="A row for each lpa or area of another level, or none: one row.", metavar="lpa|none|LEVEL")
    ] = "lpa",
    area: Area = None,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Compare two periods: counts, rate ratio, 95% interval (widened where counts cluster), and a verdict for each area."""
    now, before = Period.parse(period), Period.parse(baseline)
    is_public = public.is_meant(audience)
    by_area = by.strip().lower() != NONE
    if by_area and area is not None:
        raise BadInput("--lpa goes with --by none: a table by area shows every area of the force.")
    opened = open_store(store)
    choice = Choice(crime_type, area, LPA, date_basis, source, force)
    level = _level(opened, choice, by) if by_area else LPA
    finding = _finding(opened, Choice(crime_type, area, level, date_basis, source, force), now, before, by_area=by_area)
    document = _document(finding, by=level if by_area else NONE)
    document["notes"] += _events(finding)
    output.warn(document["notes"])
    if is_public:
        document = public.comparison(document, finding)
    output.show(document, _lines(finding, document), as_json=as_json, reasons=REASONS)


def _events(finding: CompareFinding) -> list[str]:
    """Name the events between the periods; where the records cannot be read the comparison stands without them."""
    from hotspot.findings.events import between
    from hotspot.records.database import open_database
    from hotspot.records.events import kept_events

    try:
        events = kept_events(open_database())
    except HotspotError as fault:
        return [f"Events are not named. {fault}"]
    return list(between(events, finding.selected.selection, finding.baseline.selection.period))


def _level(store: Store, choice: Choice, by: str) -> str:
    facts = chosen_facts(store, choice)
    level = known_level(store, by, facts.force)
    if level not in store.levels_of(facts.force):
        raise BadInput(
            f"The store has no boundaries of {facts.force}. "
            "Compare it as a whole with --by none, or add some with: boundaries import"
        )
    return level


def _finding(store: Store, choice: Choice, now: Period, before: Period, *, by_area: bool) -> CompareFinding:
    from hotspot.findings.clustering import clustering, monthly_series
    from hotspot.findings.compare import check_periods, compare_finding
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    check_periods(now, before)
    selection = select_period(store, choice, now)
    selected = select(store, selection, scope=EVERYTHING)
    earlier = select(store, selection.with_period(before), scope=EVERYTHING)
    series = monthly_series(store, selection, scope=EVERYTHING, by_area=by_area)
    found = clustering(series, period=now, baseline=before)
    return compare_finding(selected, earlier, by_area=by_area, clustering=found)


def _document(finding: CompareFinding, *, by: str) -> dict[str, Any]:
    period, baseline = finding.selected.selection.period, finding.baseline.selection.period
    return {
        **provenance(finding.selected),
        "headline": finding.headline,
        "subline": finding.subline,
        "period": {"from": period.start, "to": period.end, "days": period.days},
        "baseline": {"from": baseline.start, "to": baseline.end, "days": baseline.days},
        "by": by,
        "family": finding.table.family,
        "tested": finding.table.tested,
        "family_sentence": finding.table.family_sentence,
        "rows": [_row(row) for row in finding.table.rows],
        "total": _row(finding.table.total),
        "notes": list(finding.notes),
    }


def change_numbers(row: AreaChange) -> dict[str, Any]:
    """List what was counted, estimated and tested of one change."""
    return {
        "count": output.whole(row.count),
        "baseline_count": output.whole(row.baseline_count),
        "ratio": row.ratio,
        "ratio_low": row.ratio_low,
        "ratio_high": row.ratio_high,
        "p_value": row.p_value,
        "poisson_low": row.poisson_low,
        "poisson_high": row.poisson_high,
        "poisson_p_value": row.poisson_p_value,
        "dispersion": row.dispersion.phi,
        "dispersion_low": row.dispersion.low,
        "dispersion_high": row.dispersion.high,
        "dispersion_months": row.dispersion.months,
        "widened": row.dispersion.is_clustered,
        "q_value": row.q_value,
    }


def _row(row: AreaChange) -> dict[str, Any]:
    return {
        "area": row.area,
        **change_numbers(row),
        "verdict": row.verdict,
        "smallest_rise": row.smallest_change.rise,
        "smallest_fall": row.smallest_change.fall,
        "sentence": row.sentence(),
    }


def _lines(finding: CompareFinding, document: dict[str, Any]) -> list[str]:
    columns: output.Columns = {
        "area": str,
        "baseline_count": output.quantity,
        "count": output.quantity,
        "ratio": output.number(2),
        "ratio_low": output.number(2),
        "ratio_high": output.number(2),
        "poisson_low": output.number(2),
        "poisson_high": output.number(2),
        "dispersion": output.number(1),
        "q_value": output.probability,
        "verdict": output.word,
    }
    earlier = finding.baseline.selection.period.label_in_days()
    rows = [*document["rows"], document["total"]] if len(document["rows"]) > 1 else document["rows"]
    return [
        *output.heading(document),
        f"Compared with {earlier}.",
        *(line for line in (document["headline"], document["subline"]) if line),
        "",
        *output.table(rows, columns),
        "",
        document["family_sentence"],
    ]
