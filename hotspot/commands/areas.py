"""``boundaries fetch`` and ``boundaries import``: the areas of a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspot.commands import output
from hotspot.commands.options import ForceName, Json, StoreFolder, open_store
from hotspot.errors import BadInput

if TYPE_CHECKING:
    from hotspot.boundaries.areas import Areas
    from hotspot.geography import Force


def register(app: typer.Typer) -> None:
    """Add the commands."""
    boundaries = typer.Typer(help="LPAs and further levels of areas.", no_args_is_help=True, rich_markup_mode=None)
    boundaries.command("fetch")(fetch)
    boundaries.command("import")(import_areas)
    app.add_typer(boundaries, name="boundaries")


def fetch(
    store: StoreFolder,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Service, fields and codes; left out, data/boundaries/ons.toml.", metavar="FILE.toml"),
    ] = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Swap the LPAs for the full-resolution polygons of the ONS, once they are complete and valid."""
    from hotspot.boundaries.fetch import SERVICE_FILE, fetch_lpas, load_service
    from hotspot.offences.store_changes import replace_lpas

    meant = _force(store, force)
    service = load_service(config or SERVICE_FILE)
    codes = service.codes_of(meant)
    output.progress(f"Fetching {len(codes)} districts from {service.url}")
    areas = fetch_lpas(service, codes=codes, crs=meant.analysis_crs)
    replace_lpas(store, areas, force=meant.name)
    _show(areas, meant, as_json=as_json)


def import_areas(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="GeoPackage, GeoJSON, zipped shapefile or KML.")],
    level: Annotated[str, typer.Option("--level", help="What the areas are: LPA, sector, ward, LSOA ..", metavar="NAME")],
    store: StoreFolder,
    name_column: Annotated[
        str | None, typer.Option("--name-column", help="Column with the areas' names; left out, guessed.", metavar="COLUMN")
    ] = None,
    denominator: Annotated[
        str | None,
        typer.Option("--denominator", help="Column with each area's households, population ..: for rates.", metavar="COLUMN"),
    ] = None,
    denominator_name: Annotated[
        str | None,
        typer.Option("--denominator-name", help="What it counts: households; left out, the column's name.", metavar="NAME"),
    ] = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Put the areas of a level into the store; LPA swaps the LPAs, any other name adds a level."""
    from hotspot.boundaries.areas import read_areas
    from hotspot.geography import LPA
    from hotspot.offences.store_changes import add_level

    name = level.strip()
    if not name or name.lower() == "none":
        raise BadInput(f"--level '{level}' cannot be the name of a level. Write for example --level sector.")
    if denominator_name is not None and denominator is None:
        raise BadInput("--denominator-name says what a column counts: name the column with --denominator.")
    meant = _force(store, force)
    areas = read_areas(
        file,
        level=LPA if name.lower() == LPA.lower() else name,
        crs=meant.analysis_crs,
        name_column=name_column,
        denominator=denominator,
        denominator_name=denominator_name,
    )
    add_level(store, areas, force=meant.name)
    _show(areas, meant, as_json=as_json)


def _force(folder: Path, name: str | None) -> Force:
    store = open_store(folder)
    return store.force_named(name) if name else store.force


def _show(areas: Areas, force: Force, *, as_json: bool) -> None:
    rows = [
        {"name": name, "area_km2": polygon.area / 1e6} for name, polygon in zip(areas.names, areas.frame.geometry, strict=True)
    ]
    counted = areas.denominator_name
    if counted is not None:
        rows = [row | {"denominator": areas.denominators.get(row["name"])} for row in rows]
    document = {"level": areas.level, "force": force.name, "denominator_name": counted, "areas": rows, "notes": list(areas.notes)}
    known = f" {len(areas.denominators)} of them have a number of {counted}." if counted is not None else ""
    heading = f"{len(rows)} areas of the level {areas.level} of {force.name} are in the store.{known}"
    output.warn(areas.notes)
    output.show(document, [heading, "", *output.table(rows, {"name": str, "area_km2": output.number(1)})], as_json=as_json)
