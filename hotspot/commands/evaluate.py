"""``evaluate``: did it work, before and after a start, beside comparison areas and a displacement ring."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
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
    Level,
    Source,
    StoreFolder,
    chosen_facts,
    open_store,
    select_options,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA
from hotspot.period import Period, parse_date

if TYPE_CHECKING:
    from hotspot.findings.evaluation import Arm, EvaluationFinding
    from hotspot.methods.comparison_areas import Similarity
    from hotspot.methods.evaluation import Difference, Ratio
    from hotspot.selection import Selection

_PERIOD = "start..end, year-month-day, the end not included"
_NOT_ESTIMATED = "not estimated: under 24 months or under 1 offence a month, so the interval assumes no clustering"
_LEFT_OUT = ("count", "without_location", "location_unusable", "outside_lpas")
"""Of all the data: with the counts of both periods they would tell the days outside."""
_NOTHING = "undefined: no offences to compare"
REASONS = {
    ("dispersion", "not a number"): _NOT_ESTIMATED,
    ("z", "not a number"): _NOTHING,
    ("value", "not a number"): _NOTHING,
    ("value", "infinite"): "infinite: no offences before",
    ("high", "infinite"): "infinite: no offences before",
    ("low", "not a number"): _NOTHING,
    ("high", "not a number"): _NOTHING,
    ("trend", "not a number"): "not told: under 12 months before the start",
    ("smallest_fall", "not a number"): "none: no fall, however large, could have been shown with 80 % power",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate")(evaluate)


def evaluate(
    store: StoreFolder,
    crime_type: CrimeType,
    start: Annotated[str, typer.Option("--start", help="First day of what was done, year-month-day.", metavar="DATE")],
    area: Area = None,
    level: Level = LPA,
    polygon: Annotated[
        Path | None, typer.Option("--polygon", help="A file with one polygon, in place of --area.", metavar="FILE")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option("--before", help=f"{_PERIOD}; left out, the same months a year before --after.", metavar="D..D"),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--after", help=f"{_PERIOD}; left out, from the start to the last whole month, at most a year.", metavar="D..D"
        ),
    ] = None,
    comparison: Annotated[
        list[str] | None,
        typer.Option("--comparison", help="Name of a comparison area; repeat for several; left out, suggested.", metavar="NAME"),
    ] = None,
    ring: Annotated[
        float, typer.Option("--ring", help="Width of the displacement ring in metres; 0: none.", metavar="M", show_default=True)
    ] = 500.0,
    chosen_in: Annotated[
        str | None,
        typer.Option("--chosen-in", help=f"The period whose count had the area chosen: {_PERIOD}.", metavar="D..D"),
    ] = None,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Evaluate what was done in an area: displacement difference, ratios, intervals, the smallest fall detectable."""
    from hotspot.findings.evaluation import evaluation_finding
    from hotspot.findings.evaluation_periods import EvaluationSettings
    from hotspot.findings.evaluation_words import cautions
    from hotspot.offences.store import EVERYTHING

    viewer = public.PUBLIC if public.is_meant(audience) else public.FORCE
    settings = EvaluationSettings(
        start=parse_date(start),
        before=None if before is None else Period.parse(before),
        after=None if after is None else Period.parse(after),
        comparison=tuple(comparison or ()),
        ring=ring,
        chosen_in=None if chosen_in is None else Period.parse(chosen_in),
    )
    opened = open_store(store)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    selection = select_options(opened, choice, start=None, end=None)
    if polygon is not None:
        selection = _in_polygon(selection, polygon, crs=opened.force_named(chosen_facts(opened, choice).force).analysis_crs)
    finding = evaluation_finding(opened, selection, settings, scope=EVERYTHING)
    output.warn(cautions(finding))
    document = _document(finding, audience=viewer)
    output.show(document, _lines(finding, document, audience=viewer), as_json=as_json, reasons=REASONS)


def _in_polygon(selection: Selection, polygon: Path, *, crs: str) -> Selection:
    from hotspot.findings.evaluation_areas import area_of_file

    if selection.area is not None:
        raise BadInput("--polygon takes the place of --area: give one of them.")
    return replace(selection, drawn=area_of_file(polygon, crs=crs))


def _document(finding: EvaluationFinding, *, audience: str) -> dict[str, Any]:
    from hotspot.findings import evaluation_words as words

    headline, subline = words.told(finding, audience=audience)
    said = {
        **provenance(finding.selected),
        "title": words.kicker(finding),
        "area": finding.selection.place,
        "headline": headline,
        "subline": subline,
        "start": finding.settings.start,
        "before": {"from": finding.before.start, "to": finding.before.end, "days": finding.before.days},
        "after": {"from": finding.after.start, "to": finding.after.end, "days": finding.after.days},
        "ring_metres": finding.settings.ring,
        "comparison": list(finding.compared),
        "suggested": finding.is_suggested,
        "cautions": list(words.cautions(finding)),
    }
    for period in ("from", "to"):
        said[period] = said[f"data_{period}"]
    if words.is_hidden(finding, audience=audience):
        return said | dict.fromkeys(_LEFT_OUT) | {"suppressed": "a count under 5 is among those that the figures are made of"}
    figures = _figures(finding, audience=audience)
    if audience == public.FORCE:
        return said | figures
    # A candidate's level is its count over the treated area's, and its score is little more than the logarithm of that.
    candidates = [one | dict.fromkeys(("level", "trend", "score")) for one in figures["candidates"]]
    return said | dict.fromkeys(_LEFT_OUT) | figures | {"candidates": candidates}


def _figures(finding: EvaluationFinding, *, audience: str) -> dict[str, Any]:
    from hotspot.findings import evaluation_words as words

    shown = words.shown_arms(finding, audience=audience)
    return {
        "areas": [_arm(arm) for arm, one in zip(finding.arms, shown, strict=True) if one.before != words.HIDDEN],
        "differences": [
            {"of": name, **_difference(used), "poisson": _difference(plain)} for name, used, plain in words.differences(finding)
        ],
        "ratio_of_ratios": {**_ratio(finding.ratio), "poisson": _ratio(finding.poisson_ratio)},
        "stands": finding.ratio.stands,
        "smallest_fall": finding.detectable,
        "detectable": words.detectable_words(finding),
        "candidates": [_candidate(finding, name, one) for name, one in finding.candidates],
        "same_rule": words.rule_words(finding, audience=audience) or None,
        "notes": list(words.notes(finding)),
    }


def _candidate(finding: EvaluationFinding, name: str, found: Similarity) -> dict[str, Any]:
    place = finding.places.get(name)
    return {"name": name, "place": place, "score": found.score, "level": found.level, "trend": found.trend}


def _arm(arm: Arm) -> dict[str, Any]:
    return {
        "name": arm.name,
        "before": output.whole(arm.counts.before),
        "after": output.whole(arm.counts.after),
        "weight": arm.counts.area_weight,
        "dispersion": arm.dispersion.phi,
        "change": {**_ratio(arm.change), "poisson": _ratio(arm.poisson_change)},
    }


def _ratio(ratio: Ratio) -> dict[str, float]:
    return {"value": ratio.value, "low": ratio.low, "high": ratio.high}


def _difference(found: Difference) -> dict[str, float]:
    return {"value": found.value, "error": found.error, "z": found.z, "low": found.low, "high": found.high}


def _lines(finding: EvaluationFinding, document: dict[str, Any], *, audience: str) -> list[str]:
    from hotspot.findings import evaluation_words as words

    rows = [
        {
            "area": one.name,
            "before": one.before,
            "after": one.after,
            "weight": one.weight,
            "change": one.change,
            "interval": one.interval,
        }
        for one in words.shown_arms(finding, audience=audience)
    ]
    table = output.table(rows, dict.fromkeys(("area", "before", "after", "weight", "change", "interval"), str))
    lines = [document["title"], document["headline"], document["subline"], "", *table, ""]
    if not words.is_hidden(finding, audience=audience):
        lines += [
            f"{name}: {words.signed(used.value)} ({words.difference_interval(used)}; Poisson {words.signed(plain.low)} to "
            f"{words.signed(plain.high)})"
            for name, used, plain in words.differences(finding)
        ]
        lines += [
            "",
            words.detectable_words(finding),
            *words.notes(finding),
            *filter(None, [words.rule_words(finding, audience=audience)]),
        ]
    return [*lines, f"Source: {document['source']}, {document['force']}. {document['marking']}."]
