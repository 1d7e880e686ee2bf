"""``repeats``: the same premises, victim or vehicle again."""

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
    From,
    Json,
    Level,
    Source,
    StoreFolder,
    To,
    open_store,
    select_options,
)
from hotspot.commands.provenance import provenance
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.repeats import RepeatsFinding
    from hotspot.methods.repeats import Proportion

_NO_OFFENCE = "undefined: no offence has its whole window in the data"
_REASONS = {
    **{(name, "not a number"): _NO_OFFENCE for name in ("share", "low", "high")},
    ("expected", "not a number"): "unknown: how many targets were at risk is not known",
    ("ratio", "not a number"): "undefined: no pair is expected",
    ("generalised_gini", "not a number"): "undefined: no offence has a reference",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("repeats")(repeats)


def repeats(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    by: Annotated[str, typer.Option("--by", help="What is hit again.", metavar="premises|victim|vehicle")] = "premises",
    window_days: Annotated[
        int, typer.Option("--window-days", help="An offence repeats another at most this many days before it.", metavar="N")
    ] = 365,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Measure repeats two ways: offences followed by another, and offences that are repeats."""
    from hotspot.findings.repeats import repeats_finding
    from hotspot.offences.store import EVERYTHING

    is_public = public.is_meant(audience)
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, date_basis, source, force), start=start, end=end)
    finding = repeats_finding(opened, selection, by=by.strip().lower(), window_days=window_days, scope=EVERYTHING)
    document = _document(finding)
    if is_public:
        document = public.repeats(document, finding)
    output.show(document, _lines(document), as_json=as_json, reasons=_REASONS)


def _document(finding: RepeatsFinding) -> dict[str, Any]:
    result = finding.result
    return {
        **provenance(finding.selected),
        "by": finding.by,
        "window_days": result.window_days,
        "headline": finding.headline,
        "subline": finding.subline,
        "forward": finding.forward,
        "offences": result.offences,
        "with_reference": result.with_reference,
        "without_reference": result.without_reference,
        "without_date": result.without_date,
        "followed": _share(result.followed),
        "follow_up_censored": result.follow_up_censored,
        "repeats": _share(result.repeats),
        "look_back_censored": result.look_back_censored,
        "at_risk": finding.at_risk,
        "generalised_gini": finding.generalised_gini,
        "times": [
            {"times": one.times, "label": one.label, "observed": one.observed, "expected": one.expected} for one in finding.times
        ],
        "course": [
            {
                "from_days": band.lower,
                "to_days": band.upper,
                "observed": band.observed,
                "expected": band.expected,
                "ratio": band.ratio,
                "low": band.low,
                "high": band.high,
                "p_value": band.p_value,
                "q_value": band.q_value,
            }
            for band in finding.course.bands
        ],
        "targets": [
            {
                "reference": one.masked,
                "place": one.place,
                "count": one.count,
                "last": one.last,
                "shortest_gap_days": one.shortest_gap,
            }
            for one in finding.listed
        ],
        "notes": finding.notes,
    }


def _share(found: Proportion) -> dict[str, Any]:
    return {"count": found.count, "of": found.of, "share": found.share, "low": found.low, "high": found.high}


def _lines(document: dict[str, Any]) -> list[str]:
    said = [line for line in (document["headline"], document["subline"], document["forward"]) if line]
    targets = document["targets"] or []
    columns: output.Columns = {
        "reference": str,
        "place": str,
        "last": str,
        "count": output.number(0),
        "shortest_gap_days": output.number(0),
    }
    listed = ["", *output.table(targets[:20], columns)] if targets else []
    times: output.Columns = {"label": str, "observed": output.number(0), "expected": output.number(0)}
    return [
        *output.heading(document),
        *said,
        "",
        *output.table(document["times"], times),
        *listed,
        "",
        *document["notes"],
    ]
