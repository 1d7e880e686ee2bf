"""``chains`` and ``zones``: offences that hang together, and where risk is raised now because of recent ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.options import (
    Area,
    Audience,
    Choice,
    CrimeType,
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
from hotspot.errors import BadInput
from hotspot.export.json_document import REASONS
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.near_repeat_zones import ZonesFinding
    from hotspot.findings.series import ListedChain, SeriesFinding
    from hotspot.methods.near_repeat_chains import ChanceChains
    from hotspot.methods.near_repeat_decay import Fitted

_REASONS = {
    ("mo_agreement", "not a number"): "unknown: the MO of fewer than two offences is known",
    ("usual_mo_share", "not a number"): "unknown: no MO is known",
}
SHOWN = 20
"""Rows that are printed for people; the document has all."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("chains")(chains)
    app.command("zones")(zones)


def chains(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    distance: Annotated[float, typer.Option("--distance", help="Metres: linked offences lie at most so far apart.")] = 200.0,
    days: Annotated[int, typer.Option("--days", help="Linked offences lie at most so many days apart.")] = 14,
    minimum: Annotated[int, typer.Option("--minimum", help="Offences that make a chain worth listing.")] = 4,
    permutations: Annotated[int, typer.Option("--permutations", help="Shuffles of the dates for the chance baseline.")] = 499,
    seed: Annotated[int, typer.Option("--seed", help="Of the shuffles.")] = 20241005,
    out: Annotated[
        Path | None, typer.Option("--out", help=".csv (offences of the chains) or .geojson (lines).", metavar="FILE")
    ] = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """List chains of near repeats, open ones first, beside what chance alone gives."""
    from hotspot.export.near_repeats import write_chains
    from hotspot.findings.series import ChainSettings, chance_of_chains, series_finding
    from hotspot.offences.store import EVERYTHING

    output.checked_out(out, (".csv", ".geojson"))
    is_public = public.is_meant(audience)
    if permutations < 1:
        raise BadInput(f"--permutations must be 1 or more, not {permutations}.")
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, None, source, force), start=start, end=end)
    settings = ChainSettings(distance, days, minimum)
    finding = series_finding(opened, selection, settings, scope=EVERYTHING)
    chance = chance_of_chains(
        store,
        finding.selected.selection,
        settings,
        scope=EVERYTHING,
        progress=output.progress,
        permutations=permutations,
        seed=seed,
    )
    document = _chains(finding, chance, out)
    _refuse_file(out, is_public)
    if is_public:
        document = _chains_for_the_public(document, finding)
    if out is not None:
        output.write_file(lambda path: write_chains(finding, path), out)
    output.show(document, _chain_lines(document), as_json=as_json, reasons=_REASONS)


def zones(
    store: StoreFolder,
    crime_type: CrimeType,
    area: Area = None,
    level: Level = LPA,
    as_at: Annotated[
        str | None,
        typer.Option("--as-at", help="First day that is not known yet; left out, the first after the data.", metavar="DATE"),
    ] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", help="A zone is at so many times the usual risk, or more.", metavar="TIMES")
    ] = 2.0,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the zones to a .geojson file.", metavar="FILE")] = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Draw the zones at raised risk as at a day, with the day they expire; the decay is fitted to the force's own pairs."""
    from hotspot.export.near_repeats import write_zones
    from hotspot.findings.near_repeat_zones import decay_question, fitted_decay, zones_finding
    from hotspot.offences.store import EVERYTHING
    from hotspot.period import parse_date

    output.checked_out(out, (".geojson",))
    is_public = public.is_meant(audience)
    _refuse_file(out, is_public)
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, None, source, force), start=None, end=None)
    question = decay_question(opened, selection, parse_date(as_at) if as_at else None, scope=EVERYTHING)
    fitted = fitted_decay(store, question, scope=EVERYTHING, progress=output.progress)
    finding = zones_finding(opened, selection, fitted, threshold=threshold, scope=EVERYTHING)
    document = _zones(finding, out)
    if is_public:
        document = _zones_for_the_public(document)
    if out is not None:
        output.write_file(lambda path: write_zones(finding, path), out)
    output.show(document, _zone_lines(document), as_json=as_json)


def _refuse_file(out: Path | None, is_public: bool) -> None:
    if out is not None and is_public:
        raise BadInput(f"--out {out} would hold single offences or places, which are for the force alone.")


def _chains(finding: SeriesFinding, chance: ChanceChains, out: Path | None) -> dict[str, Any]:
    from hotspot.findings import series_words

    minimum = finding.settings.minimum
    low, high = chance.interval(minimum)
    return {
        **provenance(finding.selected),
        "distance_m": finding.settings.metres,
        "days": finding.settings.days,
        "minimum": minimum,
        "as_at": finding.as_at,
        "headline": series_words.headline(finding, chance),
        "subline": finding.subline,
        "labels": finding.labels,
        "chains": finding.chains,
        "open_chains": finding.open_chains,
        "offences_in_chains": finding.offences_in_chains,
        "usual_mo_share": finding.usual_mo,
        "chance": {
            "chains": chance.expected(minimum),
            "low": low,
            "high": high,
            "p_value": chance.p_value(finding.chains, minimum),
            "permutations": chance.permutations,
            "seed": chance.seed,
        },
        "listed": [_chain(one, chance) for one in finding.listed],
        "left_out": finding.left_out,
        "notes": (*finding.notes, series_words.chance_sentence(chance, finding)),
        "out": out,
    }


def _chain(one: ListedChain, chance: ChanceChains) -> dict[str, Any]:
    return {
        "number": one.number,
        "open": one.is_open,
        "size": one.size,
        "by_chance": chance.expected(one.size),
        "first": one.first,
        "last": one.last,
        "span_days": one.span_days,
        "place": one.place,
        "x": one.x,
        "y": one.y,
        "extent_m": one.extent,
        "lpas": one.lpas,
        "mo": one.mo,
        "mo_agreement": one.agreement,
        "mo_known": one.mo_known,
        "officers": one.officers,
        "officers_known": one.officers_known,
        "knives": one.knives,
        "offences": [
            {
                "reference": each.reference,
                "label": each.label,
                "committed": str(each.moment),
                "mo": each.mo,
                "officer": each.officer,
                "lpa": each.lpa,
                "before_the_period": each.is_earlier,
            }
            for each in one.offences
        ],
    }


def _chains_for_the_public(document: dict[str, Any], finding: SeriesFinding) -> dict[str, Any]:
    """Leave counts alone, and of those the ones of five or more that give none away."""
    from hotspot.findings.audience import PUBLIC, shown_counts
    from hotspot.findings.series_words import told_publicly

    shown, _ = shown_counts(finding.labels, audience=PUBLIC)
    hidden = [name for name, text in shown.items() if not text.replace(",", "").isdigit()]
    labels = _without(finding.labels, hidden, public.PROTECTS) if hidden else finding.labels
    headline, subline = told_publicly(finding)
    without = _without(document, ["listed"], public.MASKED)
    counts = ["count", "without_location", "location_unusable", "outside_lpas", "left_out", "notes", "usual_mo_share", "chance"]
    # What is in a chain and what is not add up to the labels, and open chains and closed ones to all.
    counts += ["open_chains", "offences_in_chains", *(["chains"] if 0 < document["chains"] < 5 else [])]
    return _without(without, counts, public.PROTECTS) | {"labels": labels, "headline": headline, "subline": subline}


def _without(document: dict[str, Any], names: list[str], reason: str) -> dict[str, Any]:
    """Set values to null and name the reason of each."""
    reasons = document.get(REASONS, {}) | dict.fromkeys(names, reason)
    return document | dict.fromkeys(names) | {REASONS: reasons}


def _chain_lines(document: dict[str, Any]) -> list[str]:
    columns: output.Columns = {
        "number": output.number(0),
        "place": str,
        "size": output.number(0),
        "by_chance": output.number(1),
        "first": str,
        "last": str,
        "open": lambda is_open: "open" if is_open else "",
        "mo_agreement": output.percent,
        "officers": output.number(0),
    }
    rows = document["listed"] or []
    table = ["", *output.table(rows[:SHOWN], columns)] if rows else []
    more = [f"… and {len(rows) - SHOWN} more; --json lists them."] if len(rows) > SHOWN else []
    return [
        *output.heading(document),
        document["headline"],
        document["subline"],
        *table,
        *more,
        "",
        *(document["notes"] or ()),
        *output.written(document["out"]),
    ]


def _zones(finding: ZonesFinding, out: Path | None) -> dict[str, Any]:
    fitted = finding.fitted
    decay = fitted.decay
    return {
        **provenance(finding.selected),
        "as_at": fitted.question.as_at,
        "threshold": finding.threshold,
        "headline": finding.headline,
        "subline": finding.subline,
        "reason": fitted.reason or None,
        "fitted_from": fitted.period.start,
        "fitted_to": fitted.period.end,
        "fitted_offences": fitted.table.n,
        "decay": None
        if decay is None
        else {
            "days": _fitted(decay.days),
            "metres": _fitted(decay.metres),
            "followers": _fitted(decay.followers),
        },
        "area_km2": sum(one.zone.area_km2 for one in finding.zones),
        "zones": [
            {
                "rank": one.number,
                "name": one.name,
                "lpa": one.lpa,
                "highest_risk": one.zone.peak,
                "offences": one.offences,
                "latest": one.latest,
                "expires": one.expires,
                "area_km2": one.zone.area_km2,
                "x": one.zone.x,
                "y": one.zone.y,
            }
            for one in finding.zones
        ],
        "left_out": finding.left_out,
        "notes": finding.notes,
        "out": out,
    }


def _fitted(one: Fitted) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}


def _zones_for_the_public(document: dict[str, Any]) -> dict[str, Any]:
    """Leave the zones out: each is drawn round a few recent offences."""
    told = {"headline": "Near-repeat zones are for the force alone", "subline": "Each is drawn round a few recent offences."}
    counts = ["count", "without_location", "location_unusable", "outside_lpas", "left_out", "notes", "area_km2"]
    return _without(_without(document, counts, public.PROTECTS), ["zones"], public.MASKED) | told


def _zone_lines(document: dict[str, Any]) -> list[str]:
    columns: output.Columns = {
        "rank": output.number(0),
        "name": str,
        "highest_risk": output.number(1),
        "offences": output.number(0),
        "latest": str,
        "expires": str,
    }
    rows = document["zones"] or []
    table = ["", *output.table(rows[:SHOWN], columns)] if rows else []
    more = [f"… and {len(rows) - SHOWN} more; --json and --out have them."] if len(rows) > SHOWN else []
    notes = document["notes"] or ()
    said = [document["headline"], document["subline"]]
    return [*output.heading(document), *said, *table, *more, "", *notes, *output.written(document["out"])]
