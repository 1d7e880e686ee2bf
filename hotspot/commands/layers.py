"""``layers import``, ``layers list`` and ``layers remove``: what lies under the offences of a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import ForceName, Json, StoreFolder, open_store

if TYPE_CHECKING:
    from hotspot.offences.context_store import LayerEntry

Name = Annotated[str, typer.Option("--name", help="What the layer is called: CCTV, schools, stations ..", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    layers = typer.Typer(help="Context layers: cameras, schools, stations ..", no_args_is_help=True, rich_markup_mode=None)
    layers.command("import")(import_layer)
    layers.command("list")(list_layers)
    layers.command("remove")(remove)
    app.add_typer(layers, name="layers")


def import_layer(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="GeoPackage, GeoJSON, zipped shapefile, KML, or CSV with x and y or lon and lat."),
    ],
    name: Name,
    store: StoreFolder,
    is_replaced: Annotated[bool, typer.Option("--force", help="Replace a layer of that name.")] = False,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Put points, lines or polygons into the store under a name; imports of offences leave them alone."""
    from datetime import date

    from hotspot.boundaries.context import read_layer
    from hotspot.offences.context_store import bounds_of, keep_layer

    opened = open_store(store)
    meant = opened.force_named(force) if force else opened.force
    layer = read_layer(file, name=name, crs=meant.analysis_crs, bounds=bounds_of(opened, meant))
    entry = keep_layer(store, layer, force=meant.name, today=date.today(), replace=is_replaced)
    output.show(_row(entry), [f"The layer {entry.name} ({entry.kinds}) is in the store."], as_json=as_json)


def list_layers(store: StoreFolder, force: ForceName = None, as_json: Json = False) -> None:
    """List the layers of a force."""
    from hotspot.offences.context_store import kept_layers

    opened = open_store(store)
    meant = opened.force_named(force) if force else opened.force
    rows = [_row(entry) for entry in kept_layers(store, force=meant.name)]
    columns = {"name": str, "kinds": str, "origin": str, "imported": str}
    lines = output.table(rows, columns) if rows else ["No context layers yet. Add one with: layers import"]
    output.show({"force": meant.name, "layers": rows}, lines, as_json=as_json)


def remove(name: Name, store: StoreFolder, force: ForceName = None, as_json: Json = False) -> None:
    """Take a layer out of the store."""
    from hotspot.offences.context_store import remove_layer

    opened = open_store(store)
    meant = opened.force_named(force) if force else opened.force
    gone = remove_layer(store, name, force=meant.name)
    output.show(_row(gone), [f"The layer {gone.name} was removed."], as_json=as_json)


def _row(entry: LayerEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "force": entry.force,
        "features": entry.features,
        "kinds": entry.kinds,
        "origin": entry.origin,
        "imported": entry.imported,
        "fingerprint": entry.fingerprint,
    }
