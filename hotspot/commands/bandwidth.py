"""``bandwidth``: what each rule says of the width that suits these offences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import (
    Area,
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
from hotspot.errors import BadInput
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.bandwidth import BandwidthFinding
    from hotspot.findings.selected import SelectedOffences

REASONS = {
    ("radius", "not a number"): "refused: the sentence is under refusal",
    ("sigma", "not a number"): "refused: the sentence is under refusal",
    ("scott_sigma", "not a number"): "undefined: fewer than two offences",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bandwidth")(bandwidth)


def bandwidth(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    rule: Annotated[
        str | None,
        typer.Option("--rule", help="One rule: nearest, likelihood or diggle; left out, all three.", metavar="RULE"),
    ] = None,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Give the bandwidth of each rule, the widths it tried, and why a rule cannot be used on these data."""
    from hotspot.findings.bandwidth import RULES, bandwidth_finding
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    rules = RULES if rule is None else (rule.strip().lower(),)
    if not set(rules) <= set(RULES):
        raise BadInput(f"--rule '{rule}' is none of {', '.join(RULES)}.")
    opened = open_store(store)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    selected = select(opened, select_options(opened, choice, start=start, end=end), scope=EVERYTHING)
    finding = bandwidth_finding(selected, rules=rules, progress=output.progress)
    output.warn(finding.notes)
    document = _document(finding, selected)
    output.show(document, _lines(document), as_json=as_json, reasons=REASONS)


def _document(finding: BandwidthFinding, selected: SelectedOffences) -> dict[str, Any]:
    from hotspot.findings.bandwidth import RULE_WORDS

    return {
        **provenance(selected),
        "headline": finding.headline,
        "offences": finding.count,
        "left_out": finding.left_out,
        "tied_share": finding.tied_share,
        "searched_radius": finding.searched,
        "rules": [
            {
                "rule": value.rule,
                "words": RULE_WORDS[value.rule],
                "radius": value.radius,
                "sigma": value.sigma,
                "warning": value.warning,
                "refusal": value.refusal,
            }
            for value in finding.values
        ],
        "curves": [{"rule": one.rule, "sigma": one.sigmas, "score": one.scores} for one in finding.curves],
        "scott_sigma": finding.scott,
        "notes": finding.notes,
    }


def _lines(document: dict[str, Any]) -> list[str]:
    columns: output.Columns = {"words": str, "radius": output.number(0), "sigma": output.number(0)}
    said = [
        f"{one['words']}: {one['warning'] or one['refusal']}" for one in document["rules"] if one["warning"] or one["refusal"]
    ]
    least, most = document["searched_radius"]
    return [
        *output.heading(document),
        document["headline"],
        "",
        *output.table(document["rules"], columns),
        "",
        f"Metres: radius of the quartic kernel, σ of the gaussian that smooths as much. Searched: {least:,.0f} to {most:,.0f} m.",
        *said,
    ]
