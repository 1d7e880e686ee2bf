"""``gi-star`` and ``emerging``: where offences cluster, and how hotspots came and went."""

from __future__ import annotations

from functools import partial
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
    From,
    Json,
    Level,
    Scheduler,
    Source,
    StoreFolder,
    To,
    open_store,
    select_options,
    shared_out,
)
from hotspot.commands.provenance import provenance
from hotspot.export.json_document import REASONS
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.cluster_cells import ClusterSettings
    from hotspot.findings.clusters import Cluster, EmergingFinding, GiFinding
    from hotspot.findings.selected import SelectedOffences
    from hotspot.offences.store import Store
    from hotspot.selection import Selection

SUFFIXES = (".geojson", ".json", ".gpkg", ".csv")
LEFT_OUT = ("without_location", "location_unusable", "outside_lpas")
Document = dict[str, Any]
Shape = Annotated[str, typer.Option("--shape", help="hexagons or squares.", metavar="hexagons|squares")]
Size = Annotated[
    float | None,
    typer.Option("--cell-size", help="Metres across a cell; left out, 250, or 500 where locations are snapped.", metavar="M"),
]
Distance = Annotated[
    float | None,
    typer.Option("--distance", help="Metres between the middles of neighbours; left out, twice the cell size.", metavar="M"),
]
Cells = Annotated[
    str, typer.Option("--cells", help="used: cells with any offence in three years; all: every cell.", metavar="used|all")
]
Permutations = Annotated[int, typer.Option("--permutations", help="0: the normal curve; else 99 to 99,999.", metavar="N")]
Seed = Annotated[int, typer.Option("--seed", help="Of the permutations.", metavar="N")]
Out = Annotated[Path | None, typer.Option("--out", help="Cells to write: .geojson, .gpkg or .csv.", metavar="FILE")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("gi-star")(gi_star)
    app.command("emerging")(emerging)


def gi_star(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    shape: Shape = "hexagons",
    cell_size: Size = None,
    distance: Distance = None,
    cells: Cells = "used",
    permutations: Permutations = 99_999,
    seed: Seed = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Find the cells that hold more offences than chance with their neighbours (Getis-Ord Gi*), corrected over the map."""
    from hotspot.export.clusters import write_gi
    from hotspot.findings.clusters import gi_finding
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING
    from hotspot.tasks import here

    output.checked_out(out, SUFFIXES)
    is_public = public.is_meant(audience)
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, date_basis, source, force), start=start, end=end)
    settings = _settings(opened, selection, shape, cell_size, distance, cells, permutations, seed)
    run = shared_out(scheduler, "blocks of permutations") or here
    finding = gi_finding(store, selection, settings, scope=EVERYTHING, progress=output.progress, run=run)
    selected = select(opened, selection, scope=EVERYTHING)
    document = _gi_document(finding, selected, out)
    if is_public:
        document = _gi_for_public(document, finding, selected)
    if out is not None:
        output.write_file(partial(write_gi, finding, selected, public.PUBLIC if is_public else public.FORCE), out)
    output.warn(document["notes"])
    output.show(document, _gi_lines(document), as_json=as_json)


def emerging(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    slice_months: Annotated[
        int | None,
        typer.Option("--slice-months", help="Months of a time slice; left out, up to 3, if ten slices are left.", metavar="N"),
    ] = None,
    shape: Shape = "hexagons",
    cell_size: Size = None,
    distance: Distance = None,
    cells: Cells = "used",
    permutations: Permutations = 99_999,
    seed: Seed = 1,
    scheduler: Scheduler = None,
    out: Out = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Follow hotspots through the whole months of a period: new, consecutive, intensifying, persistent and so on."""
    from hotspot.export.clusters import write_emerging
    from hotspot.findings.cluster_cells import usual_slice
    from hotspot.findings.clusters import emerging_finding
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING
    from hotspot.tasks import here

    output.checked_out(out, SUFFIXES)
    is_public = public.is_meant(audience)
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, date_basis, source, force), start=start, end=end)
    settings = _settings(opened, selection, shape, cell_size, distance, cells, permutations, seed)
    months = slice_months if slice_months is not None else usual_slice(selection.period)
    run = shared_out(scheduler, "time slices") or here
    finding = emerging_finding(store, selection, settings, months, scope=EVERYTHING, progress=output.progress, run=run)
    selected = select(opened, selection.with_period(finding.period), scope=EVERYTHING)
    document = _emerging_document(finding, selected, out)
    if is_public:
        document = _emerging_for_public(document, finding)
    if out is not None:
        output.write_file(partial(write_emerging, finding, selected, public.PUBLIC if is_public else public.FORCE), out)
    output.warn(document["notes"])
    output.show(document, _emerging_lines(document), as_json=as_json)


def _settings(
    store: Store,
    selection: Selection,
    shape: str,
    cell_size: float | None,
    distance: float | None,
    cells: str,
    permutations: int,
    seed: int,
) -> ClusterSettings:
    from hotspot.findings.cluster_cells import ClusterSettings, usual_cell_size
    from hotspot.offences.store import EVERYTHING

    facts = store.facts(selection.source, selection.force, scope=EVERYTHING)
    size = cell_size if cell_size is not None else usual_cell_size(facts)
    return ClusterSettings(shape.strip().lower(), size, distance, cells.strip().lower(), permutations, seed)


def _settings_document(settings: ClusterSettings) -> Document:
    return {
        "shape": settings.shape,
        "cell_size": settings.cell_size,
        "distance": settings.reach,
        "cells": settings.cells,
        "permutations": settings.permutations,
        "seed": settings.seed,
    }


def _gi_document(finding: GiFinding, selected: SelectedOffences, out: Path | None) -> Document:
    result = finding.result
    return {
        **provenance(selected),
        "headline": finding.headline,
        "subline": finding.subline,
        **_settings_document(finding.settings),
        "n": result.n,
        "cells_in_area": len(finding.units),
        "null_hypothesis": finding.null,
        "cells_more_than_chance": int((result.verdict == 1).sum()),
        "cells_fewer_than_chance": int((result.verdict == -1).sum()),
        "located": output.whole(finding.total),
        "held": output.whole(finding.held),
        "clusters": [_cluster(one) | {"least_q": one.least_q} for one in finding.clusters],
        "smaller_clusters": finding.smaller,
        "notes": [*finding.notes, *([finding.left_off] if finding.left_off else [])],
        "out": out,
    }


def _cluster(one: Cluster) -> Document:
    return {
        "rank": one.rank,
        "name": one.name,
        "count": output.whole(one.count),
        "cells": one.cells,
        "area_km2": one.area_km2,
        "peak_z": one.peak_z,
        "x": one.x,
        "y": one.y,
    }


def _gi_for_public(document: Document, finding: GiFinding, selected: SelectedOffences) -> Document:
    from hotspot.findings.clusters_shown import clusters_give_away, told_of_clusters

    document["headline"], document["subline"] = told_of_clusters(finding, selected, audience=public.PUBLIC)
    document["notes"] = list(finding.notes)
    if not clusters_give_away(finding, selected):
        return hidden(document, LEFT_OUT)
    rows = [hidden(row, ["count", "peak_z"]) for row in document["clusters"]]
    return hidden(document | {"clusters": rows}, [*LEFT_OUT, "count", "located", "held"])


def _emerging_document(finding: EmergingFinding, selected: SelectedOffences, out: Path | None) -> Document:
    from hotspot.methods.emerging import CATEGORIES

    result = finding.result
    return {
        **provenance(selected),
        "headline": finding.headline,
        "subline": finding.subline,
        **_settings_document(finding.settings),
        "n": int(result.tested.sum()),
        "cells_in_area": len(finding.units),
        "slice_months": finding.months_per_slice,
        "slices": [{"from": one.start, "to": one.end} for one in finding.slices],
        "null_hypothesis": finding.null,
        "categories": {category: int((result.category == category).sum()) for category in CATEGORIES},
        "formerly": result.formerly,
        "hotspots": [{"category": one.category, "slices_hot": one.times_hot, **_cluster(one)} for one in finding.clusters],
        "notes": [*finding.notes, *([finding.left_off] if finding.left_off else [])],
        "out": out,
    }


def _emerging_for_public(document: Document, finding: EmergingFinding) -> Document:
    from hotspot.findings.audience import is_small

    rows = [hidden(row, ["count", "peak_z"]) if is_small(row["count"]) else row for row in document["hotspots"]]
    document["notes"] = list(finding.notes)
    return hidden(document | {"hotspots": rows}, [*LEFT_OUT, *(["count"] if is_small(document["count"]) else [])])


def hidden(document: Document, names: tuple[str, ...] | list[str], reason: str = public.PROTECTS) -> Document:
    """Set values to null and name the reason of each."""
    reasons = {**document.get(REASONS, {}), **dict.fromkeys(names, reason)}
    return {**document, **dict.fromkeys(names), REASONS: reasons} if names else document


def _gi_lines(document: Document) -> list[str]:
    columns: output.Columns = {
        "rank": output.number(0),
        "name": str,
        "count": output.quantity,
        "cells": output.number(0),
        "peak_z": output.number(1),
        "least_q": output.probability,
    }
    listed = output.table(document["clusters"], columns) if document["clusters"] else ["No cluster stands after correction."]
    return [*head(document), "", *listed, "", document["null_hypothesis"], *output.written(document["out"])]


def _emerging_lines(document: Document) -> list[str]:
    columns: output.Columns = {
        "category": str,
        "name": str,
        "count": output.quantity,
        "cells": output.number(0),
        "slices_hot": output.number(0),
    }
    listed = output.table(document["hotspots"], columns) if document["hotspots"] else ["No cell has a category."]
    return [*head(document), "", *listed, "", document["null_hypothesis"], *output.written(document["out"])]


def head(document: Document) -> list[str]:
    """Say what was counted and what has no usable location, and the finding; a suppressed count is not said."""
    said = [line for line in (document["headline"], document["subline"]) if line]
    if document["count"] is not None:
        return [*output.heading(document), *said]
    made = "Synthetic data. " if document["synthetic"] else ""
    return [document["title"], f"{made}Source: {document['source']}, {document['force']}. {document['marking']}.", *said]
