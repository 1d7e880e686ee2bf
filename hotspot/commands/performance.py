"""``performance``: the board's table, year to date against last year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.options import (
    Area,
    Audience,
    Choice,
    ForceName,
    Json,
    Level,
    Source,
    StoreFolder,
    open_store,
    select_options,
)
from hotspot.commands.provenance import provenance
from hotspot.crime_types import ACQUISITIVE
from hotspot.errors import BadInput
from hotspot.export.json_document import REASONS
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.peers import PeerComparison
    from hotspot.findings.performance import PerformanceFinding

_LEFT_OUT = ("count", "without_location", "location_unusable", "outside_lpas")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("performance")(performance)


def performance(
    store: StoreFolder,
    crime_type: Annotated[
        str, typer.Option("--crime-type", help="The line that months are shown for.", metavar="TYPE")
    ] = ACQUISITIVE,
    as_at: Annotated[
        str | None,
        typer.Option("--as-at", help="First day that is not looked at; left out, the first after the data.", metavar="DATE"),
    ] = None,
    outcomes: Annotated[
        str, typer.Option("--outcomes", help="positive, charged, or positive22 (with outcome 22).", metavar="SET")
    ] = "positive",
    denominator: Annotated[
        str, typer.Option("--denominator", help="assigned in the period, or the cohort's to date.", metavar="assigned|cohort")
    ] = "assigned",
    mature_days: Annotated[
        int | None,
        typer.Option("--mature-days", help="Days after which a month is mature; left out, the data's own delays say."),
    ] = None,
    peers: Annotated[
        Path | None,
        typer.Option("--peers", help="CSV of other forces: force, group, offences, population or households.", metavar="FILE"),
    ] = None,
    area: Area = None,
    level: Level = LPA,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the table to .xlsx or .csv.", metavar="FILE")] = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Fill the board's table: counts, change and outcome rates of the performance year to date against last year."""
    from hotspot.export.performance import write_performance
    from hotspot.findings.peers import compare_with_peers, parse_peers
    from hotspot.findings.performance import BoardSettings, performance_finding
    from hotspot.given_text import content_of
    from hotspot.methods.outcomes import DENOMINATORS
    from hotspot.offences.store import EVERYTHING

    output.checked_out(out, (".xlsx", ".csv"))
    viewer = public.PUBLIC if public.is_meant(audience) else public.FORCE
    wanted = denominator.strip().lower()
    if wanted not in DENOMINATORS:
        raise BadInput(f"--denominator '{denominator}' is none of {', '.join(DENOMINATORS)}.")
    if mature_days is not None and mature_days < 0:
        raise BadInput(f"--mature-days must be 0 or more, not {mature_days}.")
    others = None if peers is None else parse_peers(content_of(peers, f"--peers {peers}"), file=peers.name)
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, None, source, force), start=None, end=as_at)
    settings = BoardSettings(outcomes.strip().lower(), wanted, mature_days)
    finding = performance_finding(opened, selection, settings, scope=EVERYTHING)
    beside = () if others is None else compare_with_peers(others, selection.force)
    document = _document(finding, viewer, beside, out)
    if out is not None:
        output.write_file(lambda path: write_performance(finding, viewer, beside, path), out)
    output.show(document, _lines(finding, document), as_json=as_json)


def _document(finding: PerformanceFinding, audience: str, peers: tuple[PeerComparison, ...], out: Path | None) -> dict[str, Any]:
    from hotspot.export.performance import board_rows, peer_rows, share_rows
    from hotspot.findings import performance_words as words
    from hotspot.findings.performance_shown import shown_performance

    shown = shown_performance(finding, audience=audience)
    told = {
        **provenance(finding.selected),
        "title": words.kicker(finding),
        "headline": words.headline(shown.told, finding.focus.name, finding.selection.place),
        "subline": words.subline(shown.told, finding.focus.name, finding.settings),
        "as_at": finding.as_at,
        "period": {"from": finding.period.start, "to": finding.period.end},
        "last_year": None if finding.baseline is None else {"from": finding.baseline.start, "to": finding.baseline.end},
        "outcomes": finding.settings.outcomes,
        "denominator": finding.settings.denominator,
        "outcome_rate": words.definition(finding),
        "maturity": None if finding.maturity is None else vars(finding.maturity),
        "immature_months": finding.immature_months,
        "mature_months": words.mature_words(finding),
        "rows": board_rows(shown.place),
        "force_rows": board_rows(shown.force),
        "area_rows": [row for rows in shown.areas.values() for row in board_rows(rows)],
        "shares": share_rows(shown),
        "months": [_month(one) for one in finding.months],
        "peers": peer_rows(peers),
        "notes": finding.notes,
        "out": out,
    }
    if audience == public.FORCE:
        return told
    hidden = [*_LEFT_OUT, "months", "mature_months"]
    return told | dict.fromkeys(hidden) | {REASONS: dict.fromkeys(hidden, public.PROTECTS)}


def _month(one: Any) -> dict[str, Any]:
    return {"month": one.month, **vars(one.rate), "immature": one.is_immature}


def _lines(finding: PerformanceFinding, document: dict[str, Any]) -> list[str]:
    from hotspot.findings import performance_words as words

    columns: output.Columns = {
        "offence_group": str,
        "last_year": _plain,
        "this_year": _plain,
        "change_per_day": output.percent,
        "change_low": output.percent,
        "change_high": output.percent,
        "reading": lambda value: value or "–",
        "last_year_outcome_rate": output.percent,
        "outcome_rate": output.percent,
        "outcome_rate_low": output.percent,
        "outcome_rate_high": output.percent,
    }
    shares = [f"{row['area'] or finding.selection.place}: {row['share_of']}: {_share(row)}" for row in document["shares"]]
    mature = words.maturity_words(finding.maturity, finding.settings, finding.immature_months)
    return [
        *output.heading(document),
        document["headline"],
        document["subline"],
        "",
        *output.table(document["rows"], columns),
        "",
        *shares,
        *(_peer(row) for row in document["peers"]),
        document["outcome_rate"],
        *([mature] if mature else []),
        *([document["mature_months"]] if document["mature_months"] else []),
        *document["notes"],
        *output.written(document["out"]),
    ]


def _plain(count: int | str | None) -> str:
    return count if isinstance(count, str) else output.quantity(count)


def _share(row: dict[str, Any]) -> str:
    return f"{output.percent(row['share'])} ({row['count']:,} of {row['of']:,})"


def _peer(row: dict[str, Any]) -> str:
    own = "not in the table" if row["rate"] is None else f"{row['rate']:.2f}, place {row['place']} of {row['other_forces'] + 1}"
    return (
        f"{row['offence_group']} per 1,000 {row['per_1000']}: {own}; other forces: simple mean {row['simple_mean']:.2f}, "
        f"weighted mean {row['weighted_mean']:.2f}"
    )
