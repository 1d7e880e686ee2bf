"""``rates``: offences per 1,000 households, people or the like by area."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspot.commands import output, public
from hotspot.commands.change import NOT_ESTIMATED
from hotspot.commands.clusters import LEFT_OUT, SUFFIXES, Document, head, hidden
from hotspot.commands.options import (
    Audience,
    Choice,
    CrimeType,
    DateBasis,
    ForceName,
    From,
    Json,
    Source,
    StoreFolder,
    To,
    open_store,
    select_options,
)
from hotspot.commands.provenance import provenance
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.rates_per import RatesFinding, ShownRate


_FIGURES = (
    "rate",
    "low",
    "high",
    "poisson_low",
    "poisson_high",
    "ratio",
    "p_value",
    "poisson_p_value",
    "q_value",
    "reading",
)
_AGAINST_THE_REST = ("ratio", "p_value", "poisson_p_value", "q_value")
_ALONE = "not tested: one area alone"
REASONS = {
    **{(name, "not a number"): _ALONE for name in ("ratio", "p_value", "poisson_p_value")},
    ("ratio", "infinite"): "infinite: no offences in the other areas",
    ("q_value", "not a number"): "not tested: one area alone, or under 20 offences in all areas together",
    ("dispersion", "not a number"): NOT_ESTIMATED,
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rates")(rates)


def rates(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Level whose areas have a denominator; left out, the first that has.", metavar="LEVEL"),
    ] = None,
    date_basis: DateBasis = None,
    out: Annotated[Path | None, typer.Option("--out", help="Areas to write: .geojson, .gpkg or .csv.", metavar="FILE")] = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Give offences per 1,000 households, people or the like by area, with exact 95% intervals."""
    from hotspot.export.clusters import write_rates
    from hotspot.findings.clustering import monthly_series
    from hotspot.findings.rates_per import family_for, levels_with_denominators, rates_finding, shown_rates
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    output.checked_out(out, SUFFIXES)
    audience = public.PUBLIC if public.is_meant(audience) else public.FORCE
    opened = open_store(store)
    first = select_options(opened, Choice(crime_type, None, LPA, date_basis, source, force), start=start, end=end)
    level = by or next(iter(levels_with_denominators(opened, first.force, scope=EVERYTHING)), LPA)
    selection = select_options(opened, Choice(crime_type, None, level, date_basis, source, force), start=start, end=end)
    series = monthly_series(opened, selection, scope=EVERYTHING, by_area=True)
    finding = rates_finding(select(opened, selection, scope=EVERYTHING), series=series)
    shown, total, headline, subline = shown_rates(finding, audience=audience)
    said = {"headline": headline, "subline": subline, "family": family_for(finding, total)}
    document = _rates_document(finding, shown, out) | said
    if audience == public.FORCE and finding.left_off:
        document["notes"] = [finding.left_off, *finding.notes]
    if audience == public.PUBLIC:
        told = [] if total[:1].isdigit() else ["total", "subline", "tested"]
        document = hidden(document, [*LEFT_OUT, "left_out_count", "count", *told])
    if out is not None:
        output.write_file(partial(write_rates, finding, audience), out)
    output.warn(document["notes"])
    output.show(document, _rates_lines(document, finding), as_json=as_json, reasons=REASONS)


def _rates_document(finding: RatesFinding, shown: tuple[ShownRate, ...], out: Path | None) -> Document:
    total = finding.rates.total
    return {
        **provenance(finding.selected),
        "headline": finding.headline,
        "subline": finding.subline,
        "by": finding.level,
        "unit": finding.unit,
        "denominator": finding.denominator,
        "denominator_source": finding.denominator_source,
        "family": finding.family,
        "tested": finding.rates.tested,
        "rows": [_rate(one) for one in shown],
        "total": {
            "count": output.whole(total.count),
            "denominator": total.denominator,
            "rate": total.rate,
            "low": total.low,
            "high": total.high,
            "poisson_low": total.poisson_low,
            "poisson_high": total.poisson_high,
            "dispersion": total.dispersion.phi,
        },
        "left_out": list(finding.rates.left_out),
        "left_out_count": output.whole(finding.rates.left_out_count),
        "notes": list(finding.notes),
        "out": out,
    }


def _rate(shown: ShownRate) -> Document:
    from hotspot.methods.suppression import UNDER_5

    row = shown.row
    figures = {name: getattr(row, name) for name in _FIGURES} | {"dispersion": row.dispersion.phi}
    document = {"area": row.area, "count": output.whole(row.count), "denominator": row.denominator, **figures}
    if not shown.is_hidden:
        return document if shown.is_rest_told else hidden(document, list(_AGAINST_THE_REST))
    small = shown.count == UNDER_5
    return hidden(hidden(document, ["count"], public.UNDER_5 if small else public.PROTECTS), list(figures))


def _rates_lines(document: Document, finding: RatesFinding) -> list[str]:
    columns: output.Columns = {
        "area": str,
        "count": output.quantity,
        "denominator": output.number(0),
        "rate": output.number(2),
        "low": output.number(2),
        "high": output.number(2),
        "poisson_low": output.number(2),
        "poisson_high": output.number(2),
        "dispersion": output.number(1),
        "reading": lambda reading: reading or "–",
    }
    rows = output.table(document["rows"], columns)
    return [*head(document), f"Rates {finding.unit}.", "", *rows, "", document["family"], *output.written(document["out"])]
