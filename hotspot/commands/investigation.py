"""``investigation``: files filed while CCTV was awaited, days to filing, and series spread over several officers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from hotspot.export.json_document import REASONS
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.investigation import InvestigationFinding
    from hotspot.findings.investigation_chains import SpreadChain
    from hotspot.findings.investigation_shown import ShownHandling

_REASONS = {
    ("days_to_filing", "infinite"): "not so many are filed yet",
    ("days_to_filing", "not a number"): "no file",
    ("open_age", "not a number"): "no open file",
}
_LEFT_OUT = ("count", "without_location", "location_unusable", "outside_lpas")
_LISTS = ("awaited", "open_files", "chains", "premises")
_OFFICERS = ("chains_spread", "chains_looked_at", "premises_spread", "premises_repeated")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("investigation")(investigation)


def investigation(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Tell which files were filed while CCTV was awaited, how long filing takes, and which series lie with several officers."""
    from hotspot.findings.investigation import investigation_finding
    from hotspot.offences.store import EVERYTHING

    viewer = public.PUBLIC if public.is_meant(audience) else public.FORCE
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, date_basis, source, force), start=start, end=end)
    finding = investigation_finding(opened, selection, scope=EVERYTHING)
    document = _document(finding, viewer)
    output.show(document, _lines(document), as_json=as_json, reasons=_REASONS)


def _document(finding: InvestigationFinding, audience: str) -> dict[str, Any]:
    from hotspot.findings import investigation_words as words
    from hotspot.findings.investigation_shown import headline_for, shown_handling

    rows, found = shown_handling(finding, audience=audience), finding.total
    told = {
        **provenance(finding.selected),
        "headline": headline_for(finding, audience=audience),
        "subline": words.subline(finding),
        "as_at": finding.as_at,
        "areas": [_row(one) for one in rows],
        "awaited": [vars(one) for one in finding.awaited],
        "open_files": [vars(one) for one in finding.open_files],
        "chains": [_chain(one) for one in finding.chains],
        "chains_spread": None if found.chains is None else found.chains.several,
        "chains_looked_at": None if found.chains is None else found.chains.of,
        "premises": [vars(one) for one in finding.premises],
        "premises_spread": None if found.premises is None else found.premises.several,
        "premises_repeated": None if found.premises is None else found.premises.of,
        "notes": finding.notes,
    }
    if audience == public.FORCE:
        return told
    hidden = dict.fromkeys((*_LEFT_OUT, *_OFFICERS, "subline"), public.PROTECTS) | dict.fromkeys(_LISTS, public.MASKED)
    return told | dict.fromkeys(hidden) | {REASONS: hidden}


def _chain(one: SpreadChain) -> dict[str, Any]:
    found = one.chain
    told = {"number": found.number, "area": one.area, "place": found.place, "lpas": found.lpas}
    return told | {"offences": found.size, "officers": found.officers}


def _row(one: ShownHandling) -> dict[str, Any]:
    share = one.awaited
    return {
        "area": one.area,
        "files": one.offences,
        "filed": one.filed,
        "days_to_filing": one.days_to_filing,
        "open": one.open,
        "open_age": one.open_age,
        "filed_while_awaited": None if share is None else vars(share),
        "chains": None if one.chains is None else vars(one.chains),
        "repeat_premises": None if one.premises is None else vars(one.premises),
    }


def _lines(document: dict[str, Any]) -> list[str]:
    from hotspot.findings.investigation_words import quartiles_words

    rows = [
        {
            **row,
            "days_to_filing": quartiles_words(row["days_to_filing"]),
            "open_age": quartiles_words(row["open_age"]),
            "filed_while_awaited": _share(row["filed_while_awaited"]),
            "chains": _several(row["chains"]),
            "repeat_premises": _several(row["repeat_premises"]),
        }
        for row in document["areas"]
    ]
    columns: output.Columns = dict.fromkeys(("area", "files", "filed", "days_to_filing", "open", "open_age"), str)
    told = [document["headline"], *([document["subline"]] if document["subline"] else [])]
    table = output.table(rows, {**columns, "filed_while_awaited": str, "chains": str, "repeat_premises": str})
    return [*output.heading(document), *told, "", *table, "", *document["notes"]]


def _share(share: dict[str, Any] | None) -> str:
    if share is None:
        return "hidden"
    return f"{output.percent(share['share'])} ({share['count']:,} of {share['of']:,})" if share["of"] else "–"


def _several(spread: dict[str, int] | None) -> str:
    return "–" if spread is None else f"{spread['several']:,} of {spread['of']:,}"
