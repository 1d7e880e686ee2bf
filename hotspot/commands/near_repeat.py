"""``near-repeat``: the Knox test on the offences of a store, or on points of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from hotspot.commands import output, public
from hotspot.commands.options import (
    STORE_OPTION,
    Area,
    Audience,
    Choice,
    ForceName,
    From,
    Json,
    Level,
    Memory,
    Scheduler,
    Source,
    To,
    open_store,
    select_options,
    shared_out,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.export.json_document import REASONS
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.near_repeats import NearRepeatSettings, NearRepeatsFinding
    from hotspot.methods.knox import KnoxTable
    from hotspot.tasks import Run

_REASONS = {
    ("ratio", "not a number"): "undefined: no pair is expected",
    ("distance_bands", "infinite"): "the band has no end",
    ("time_bands", "infinite"): "the band has no end",
}
_CELLS = ("observed", "ratio", "p_value", "q_value")
_LEFT_OUT = ("count", "without_location", "location_unusable", "outside_lpas", "left_out", "notes")
_TOLD = ("offences", "pairs", "n_s", "n_t", "expected", "headline", "subline", "sentence")
"""What would give the pairs of a hidden band away: with all its digits, what is expected gives the number of offences."""
_ROUNDED = 2
"""Digits of a ratio beside a hidden band."""


Points = Annotated[
    Path | None,
    typer.Option(
        "--points", help="CSV with columns x and y (metres) and date (year-month-day), instead of a store.", metavar="FILE.csv"
    ),
]
DistanceBands = Annotated[
    str | None,
    typer.Option(
        "--distance-bands",
        help="Metres: edges of half-open bands; the last may be inf. Left out, 0,1,100,200,300,400, or without the 1 where "
        "--same-premises finds references.",
        metavar="A,B,…",
    ),
]
TimeBands = Annotated[
    str, typer.Option("--time-bands", help="Days: edges of half-open bands; the last may be inf.", metavar="A,B,…")
]
Metric = Annotated[str, typer.Option("--metric", help="How far apart two offences are.", metavar="euclidean|manhattan")]
SamePremises = Annotated[
    bool,
    typer.Option(
        "--same-premises", help="A first row of its own for pairs on one premises reference, whatever their coordinates."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("near-repeat")(near_repeat)


def near_repeat(
    store: Annotated[Path | None, typer.Option("--store", **STORE_OPTION)] = None,
    crime_type: Annotated[
        str | None,
        typer.Option("--crime-type", help="Group or sub-type, in any case; crime-types lists them.", metavar="TYPE"),
    ] = None,
    points: Points = None,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    distance_bands: DistanceBands = None,
    time_bands: TimeBands = "0,7,14,21,28",
    metric: Metric = "euclidean",
    same_premises: SamePremises = False,
    permutations: Annotated[int, typer.Option("--permutations", help="Shuffles of the dates.", metavar="N")] = 999,
    seed: Annotated[int, typer.Option("--seed", help="Of the shuffles: the same seed gives the same p.", metavar="S")] = 1,
    memory: Memory = None,
    scheduler: Scheduler = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Test pairs of offences close in space and time against shuffled dates, in every band at once."""
    audience = public.PUBLIC if public.is_meant(audience) else public.FORCE
    settings = _settings(distance_bands, time_bands, metric, same_premises, permutations, seed)
    run = shared_out(scheduler, "batches of shuffles")
    given = {"--crime-type": crime_type, "--from": start, "--to": end, "--lpa": area, "--source": source, "--force-name": force}
    if points is not None:
        given |= {"--store": store, "--level": None if level == LPA else level, "--same-premises": same_premises or None}
        _check_alone({name: value for name, value in given.items() if value is not None})
        document, notes = _of_points(points, settings, audience, memory, run)
    elif store is None or crime_type is None:
        raise BadInput("near-repeat needs --store DIR and --crime-type TYPE, or --points FILE.csv.")
    else:
        choice = Choice(crime_type, area, level, None, source, force)
        document, notes = _of_store(store, choice, settings, audience, start=start, end=end, memory=memory, run=run)
    output.warn(notes)
    output.show(document, _lines(document), as_json=as_json, reasons=_REASONS)


def _settings(
    distance_bands: str | None, time_bands: str, metric: str, same_premises: bool, permutations: int, seed: int
) -> NearRepeatSettings:
    from hotspot.findings.near_repeats import PLACE_BANDS, NearRepeatSettings, parse_edges
    from hotspot.methods.knox import check_bands

    distances = parse_edges(distance_bands, what="distance") if distance_bands is not None else None
    times, wanted = parse_edges(time_bands, what="time"), metric.strip().lower()
    check_bands(
        distance_edges=PLACE_BANDS if distances is None else distances, time_edges=times, metric=wanted, permutations=permutations
    )
    if seed < 0:
        raise BadInput(f"--seed must be 0 or more, not {seed}.")
    return NearRepeatSettings(distances, times, wanted, same_premises, permutations, seed)


def _check_alone(given: dict[str, object]) -> None:
    if given:
        raise BadInput(*(f"{name} goes with a store, not with --points." for name in given))


def _of_points(
    path: Path, settings: NearRepeatSettings, audience: str, memory: float | None, run: Run | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    from hotspot.commands.points import degrees_note, read_dated_points
    from hotspot.findings import near_repeats_words as words
    from hotspot.findings.near_repeats import PLACE_BANDS
    from hotspot.memory import memory_limit
    from hotspot.methods.knox import knox

    x, y, day = read_dated_points(path)
    table = knox(
        x,
        y,
        day.astype(int),
        distance_edges=settings.distance_edges or PLACE_BANDS,
        time_edges=settings.time_edges,
        metric=settings.metric,
        permutations=settings.permutations,
        seed=settings.seed,
        memory=memory_limit(memory),
        progress=output.time_left(f"{settings.permutations:,} shuffles of the dates of {len(x):,} points"),
        run=run,
    )
    document = {
        "title": f"Points of {path.name}",
        "points": path,
        "from": day.min().item(),
        "to": (day.max() + 1).item(),
        "sentence": words.sentence(table),
    }
    notes = (*degrees_note(x, y), *(words.warnings(table) if audience == public.FORCE else ()))
    return _with_table(document, table, audience), notes


def _of_store(
    store: Path,
    choice: Choice,
    settings: NearRepeatSettings,
    audience: str,
    *,
    start: str | None,
    end: str | None,
    memory: float | None,
    run: Run | None,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    from hotspot.findings.linkable import check_day_and_place
    from hotspot.findings.near_repeats import EXTRA_COLUMNS, HEADLINE, near_repeats
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    opened = open_store(store)
    selection = select_options(opened, choice, start=start, end=end)
    check_day_and_place(opened.facts(selection.source, selection.force, scope=EVERYTHING), headline=HEADLINE)
    selected = select(opened, selection, scope=EVERYTHING, extra_columns=EXTRA_COLUMNS)
    tell = output.time_left(f"{settings.permutations:,} shuffles of the dates of {selected.count:,.0f} offences")
    finding = near_repeats(selected, settings, progress=lambda share, sentence: tell(share), memory=memory, run=run)
    document = _with_table(provenance(selected) | _said(finding), finding.table, audience)
    return document, finding.warnings if audience == public.FORCE else ()


def _said(finding: NearRepeatsFinding) -> dict[str, Any]:
    return {
        "headline": finding.headline,
        "subline": finding.subline,
        "sentence": finding.sentence,
        "left_out": dict(finding.table.left_out),
        "notes": finding.notes,
    }


def _table(table: KnoxTable) -> dict[str, Any]:
    return {
        "distance_bands": table.distance_edges,
        "time_bands": table.time_edges,
        "rows": table.distance_labels,
        "columns": table.time_labels,
        "metric": table.metric,
        "same_premises": table.same_premises,
        "permutations": table.permutations,
        "seed": table.seed,
        "offences": table.n,
        "pairs": table.pairs,
        "observed": table.observed.tolist(),
        "expected": table.expected.tolist(),
        "ratio": table.ratio.tolist(),
        "p_value": table.p_value.tolist(),
        "q_value": table.q_value.tolist(),
        "n_s": table.n_s.tolist(),
        "n_t": table.n_t.tolist(),
    }


def _with_table(document: dict[str, Any], table: KnoxTable, audience: str) -> dict[str, Any]:
    """Add the table as the audience may see it; with a hidden cell, nothing that would give it away is told either."""
    from hotspot.findings.near_repeats import seen_by

    seen, hidden = seen_by(table, audience)
    whole = document | _table(seen)
    if audience == public.FORCE:
        return whole
    left_out = [name for name in (*_LEFT_OUT, *(_TOLD if hidden.any() else ())) if name in whole]
    places = [(row, column) for row, cells in enumerate(hidden) for column, is_hidden in enumerate(cells) if is_hidden]
    if hidden.any():
        whole["ratio"] = np.round(whole["ratio"], _ROUNDED).tolist()
    cells = {name: _without(whole[name], places) for name in _CELLS}
    reasons = {f"{name}[{row}][{column}]": public.PROTECTS for name in _CELLS for row, column in places}
    return whole | cells | dict.fromkeys(left_out) | {REASONS: reasons | dict.fromkeys(left_out, public.PROTECTS)}


def _without(matrix: list[list[Any]], places: list[tuple[int, int]]) -> list[list[Any]]:
    kept = [list(row) for row in matrix]
    for row, column in places:
        kept[row][column] = None
    return kept


def _lines(document: dict[str, Any]) -> list[str]:
    points = output.quantity(document["offences"])
    heading = output.heading(document) if "source" in document else [document["title"], f"{points} points."]
    said = [document[name] for name in ("headline", "subline") if document.get(name)] or [document["sentence"] or ""]
    tables = []
    for name, write in (("observed", output.number(0)), ("ratio", output.number(2)), ("p_value", output.probability)):
        rows = [
            {"distance": label} | dict(zip(document["columns"], cells, strict=True))
            for label, cells in zip(document["rows"], document[name], strict=True)
        ]
        columns: output.Columns = {"distance": str} | dict.fromkeys(document["columns"], write)
        tables += ["", name.replace("_", " "), *output.table(rows, columns)]
    return [*heading, *said, *tables, "", *(document.get("notes") or ())]
