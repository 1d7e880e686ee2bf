"""``import``, ``report`` and ``demo``: what is in the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot import crime_types
from hotspot.commands import output
from hotspot.commands.options import Json, StoreFolder, open_store
from hotspot.errors import BadInput
from hotspot.selection import join_words

if TYPE_CHECKING:
    from hotspot.offences.mapping import Mapping
    from hotspot.offences.report import LoadReport
    from hotspot.offences.store import DataFacts, Store


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_offences)
    app.command("report")(report)
    app.command("demo")(demo)


def import_offences(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="Files, folders of months, or the archive zip.")],
    store: StoreFolder,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="police-uk, or the TOML mapping of a force extract.", metavar="police-uk|FILE.toml"),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            help="Mapping of a force extract in place of a file: x=..,y=..,committed_from=..,committed_to=..,offence_id=..",
            metavar="NAME=COLUMN,..",
        ),
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", help="Coordinate system of x and y.", metavar="EPSG:n")] = None,
    crime_type: Annotated[str | None, typer.Option("--crime-type", help="Crime type of every row.", metavar="TYPE")] = None,
    forces: Annotated[
        list[Path] | None,
        typer.Option("--force", help="Force the offences belong to; repeat for several.", metavar="FILE.toml"),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Name of the source; left out, police.uk or the mapping's.", metavar="NAME")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read every file again, also those that an interrupted import had read.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read offences into a store, replacing what it holds of the same source, force and time."""
    from hotspot.boundaries.force_file import load_force
    from hotspot.offences.load import import_sources

    found = import_sources(
        sources,
        store=store,
        profile=profile,
        mapping=_mapping(profile, columns, crs=crs, crime_type=crime_type, source=source),
        forces=[load_force(path) for path in forces or ()],
        source=source,
        crime_type=None if columns else crime_type,
        crs=None if columns else crs,
        progress=output.progress,
        fresh=fresh,
    )
    output.show(found.to_dict(), _report_lines(found), as_json=as_json)


def _mapping(
    profile: str | None, columns: str | None, *, crs: str | None, crime_type: str | None, source: str | None
) -> Mapping | None:
    """Make a mapping of ``--columns``; None where there is none."""
    if crime_type is not None and crime_types.by_name(crime_type) is None:
        raise BadInput(f"--crime-type: '{crime_type}' is not a crime type. List them with: python -m hotspot crime-types")
    if columns is None:
        return None
    if profile is not None:
        raise BadInput("--columns takes the place of --profile: give one of them.")
    from hotspot.offences.mapping import mapping_from_options

    name = {"name": source} if source else {}
    return mapping_from_options(columns=columns, crs=crs, crime_type=crime_type, **name)


def report(store: StoreFolder, as_json: Json = False) -> None:
    """Show the latest load report, and what the store holds."""
    opened = open_store(store)
    reports = opened.reports
    document = {
        **(reports[-1].to_dict() if reports else {}),
        "data_sets": [_facts_document(one) for one in _all_facts(opened)],
        "levels": {force.name: list(opened.levels_of(force.name)) for force in opened.forces},
        "reports": [one.to_dict() for one in reports],
    }
    lines = [line for one in _all_facts(opened) for line in _facts_lines(one)]
    lines += ["", *(_report_lines(reports[-1]) if reports else ["No import is remembered."])]
    output.show(document, lines, as_json=as_json)


def demo(
    store: StoreFolder,
    seed: Annotated[int | None, typer.Option("--seed", help="Left out, the seed of data/demo.toml.", metavar="N")] = None,
    if_absent: Annotated[bool, typer.Option("--if-absent", help="Do nothing where the folder holds a store already.")] = False,
    as_json: Json = False,
) -> None:
    """Make synthetic offences of the West Midlands and import them, marked as synthetic."""
    from hotspot.offences.store import Store

    if seed is not None and seed < 0:
        raise BadInput(f"--seed {seed} is below 0. Give a whole number from 0.")
    if if_absent and Store(store).exists:
        output.show({"made": False, "store": store}, [f"{store} holds a store already; nothing was done."], as_json=as_json)
        return
    from hotspot.offences.demo import write_demo

    found = write_demo(store, seed=seed, progress=output.progress)
    lines = ["Synthetic data: invented offences, none of them real.", *_report_lines(found)]
    output.show({"made": True, "store": store, "synthetic": True} | found.to_dict(), lines, as_json=as_json)


def _report_lines(found: LoadReport) -> list[str]:
    columns: output.Columns = {"crime_type": str, "used": output.number(0), "without_location": output.number(0)}
    rows = [
        {"crime_type": name, "used": one.count, "without_location": one.without_location}
        for name, one in found.crime_types.items()
    ]
    heading = f"{found.source}, {join_words(list(found.forces))}, {found.deed} {found.imported_at:%d %B %Y at %H:%M}"
    return [heading, *found.sentences(), *(["", *output.table(rows, columns)] if rows else [])]


def _all_facts(store: Store) -> list[DataFacts]:
    from hotspot.offences.store import EVERYTHING

    return [store.facts(one.source, one.force, scope=EVERYTHING) for one in store.data_sets]


def _facts_document(facts: DataFacts) -> dict[str, Any]:
    return {
        "source": facts.source,
        "force": facts.force,
        "from": facts.first_day,
        "to": facts.end,
        "time_precision": facts.time_precision,
        "location_precision": facts.location_precision,
        "months": list(facts.months),
        "columns": list(facts.columns),
        "crime_types": facts.crime_types,
        "rows_used": facts.rows_used,
        "excluded": facts.excluded,
        "synthetic": facts.synthetic,
        "marking": facts.marking,
    }


def _facts_lines(facts: DataFacts) -> list[str]:
    from hotspot.period import Period

    period = Period(facts.first_day, facts.end).label_in_days()
    made = "Synthetic data. " if facts.synthetic else ""
    return [
        f"{facts.source} of {facts.force}: {sum(facts.crime_types.values()):,} offences, {period}. {made}{facts.marking}.",
    ]
