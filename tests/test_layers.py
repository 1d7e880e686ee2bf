"""Context layers: read from every kind of file, kept beside the offences, drawn by both renderers."""

import json
import zipfile
from dataclasses import replace
from datetime import date

import geopandas
import numpy as np
import pytest
import shapely
from small_store import EAST, IN_EAST, IN_WEST, LPAS, several, small_store

from hotspot.boundaries.context import ContextLayer, read_layer
from hotspot.errors import BadInput, StoreError
from hotspot.maps import legend, palette
from hotspot.maps.context import MOST_DRAWN, chosen_shapes, shapes_of
from hotspot.maps.folium_map import overlay_payload
from hotspot.maps.legend import DensityLegend
from hotspot.maps.scene import Outline, Scene
from hotspot.maps.still import picture
from hotspot.offences.context_store import (
    bounds_of,
    keep_layer,
    kept_layers,
    layer_named,
    open_layer,
    remove_layer,
)
from hotspot.offences.store import EVERYTHING, Store

BNG = "EPSG:27700"
BOX = (400_000.0, 290_000.0, 408_000.0, 294_000.0)
TODAY = date(2026, 1, 2)
EVIL = "Pub</script><img src=x onerror=alert(1)>"


def points_layer(count=3, name="CCTV"):
    x = np.linspace(400_500, 407_500, count)
    return ContextLayer(name, shapely.points(x, np.full(count, 292_000.0)), BNG, fingerprint="f", file="cctv.csv")


@pytest.fixture
def store(tmp_path):
    return small_store(tmp_path, several(6, "a"))


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_in_metres_and_one_in_degrees_give_the_same_places(tmp_path):
    metres = read_layer(written(tmp_path, "m.csv", "id,Easting,Northing\n1,406689,286822\n"), name="A", crs=BNG)
    degrees = read_layer(written(tmp_path, "d.csv", "lat,lon\n52.479,-1.903\n"), name="B", crs=BNG)
    assert metres.kinds == degrees.kinds == "1 point"
    assert metres.geometry[0].distance(degrees.geometry[0]) < 100


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".zip", ".kml"])
def test_every_kind_of_file_is_read_into_metres(tmp_path, suffix):
    frame = geopandas.GeoDataFrame({"Name": ["a", "b"]}, geometry=shapely.points([402_000, 403_000], [292_000, 293_000]), crs=BNG)
    path = tmp_path / f"layer{suffix}"
    if suffix == ".zip":
        frame.to_file(tmp_path / "schools.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("schools.*"):
                archive.write(part, f"folder/{part.name}")
    elif suffix == ".gpkg":
        frame.to_file(path)
    else:
        frame.to_crs(4326).to_file(path, driver="KML" if suffix == ".kml" else "GeoJSON")
    layer = read_layer(path, name="Schools", crs=BNG, bounds=BOX)
    assert np.abs(shapely.get_coordinates(layer.geometry) - [[402_000, 292_000], [403_000, 293_000]]).max() < 0.2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n402000,292000\nnorth,292000\n1,\n", "rows 2, 3"),
        ("place,name\na,b\n", "no columns x and y"),
        ("x,y\n", "no features"),
        ("", "no columns"),
        ("x,y\n292000,1402000\n", "swapped"),
        ("lon,lat\n402000,292000\n", "not degrees"),
    ],
)
def test_what_is_wrong_with_a_csv_is_said_with_its_rows(tmp_path, text, said):
    with pytest.raises(BadInput, match=said):
        read_layer(written(tmp_path, "layer.csv", text), name="A", crs=BNG, bounds=BOX)


def test_a_feature_without_a_position_is_named_by_its_row(tmp_path):
    features = [
        {"type": "Feature", "properties": {}, "geometry": g} for g in ({"type": "Point", "coordinates": [-1.9, 52.5]}, None)
    ]
    path = written(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(BadInput, match="no position in row 2"):
        read_layer(path, name="A", crs=BNG)


def test_a_damaged_file_and_one_without_a_coordinate_system_are_sentences(tmp_path):
    with pytest.raises(BadInput, match="damaged or no GeoPackage"):
        read_layer(written(tmp_path, "a.gpkg", "nothing"), name="A", crs=BNG)
    shapes = geopandas.GeoDataFrame(geometry=shapely.points([402_000], [292_000]), crs=BNG)
    shapes.to_file(tmp_path / "b.shp")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for part in tmp_path.glob("b.[sd]*"):
            archive.write(part, part.name)
    with pytest.raises(BadInput, match="coordinate system"):
        read_layer(tmp_path / "b.zip", name="A", crs=BNG)


@pytest.mark.parametrize("name", ["", "  ", "a|b", "=1+1", "x" * 41, "a\nb"])
def test_a_name_that_cannot_be_told_apart_or_run_is_refused(tmp_path, name):
    with pytest.raises(BadInput, match="cannot be the name"):
        read_layer(written(tmp_path, "m.csv", "x,y\n402000,292000\n"), name=name, crs=BNG)


def test_a_layer_outlives_imports_and_leaves_the_data_fingerprint_alone(tmp_path, store):
    before = store.fingerprint
    entry = keep_layer(store.path, points_layer(), force="Testshire", today=TODAY, replace=False)
    assert Store(store.path).fingerprint == before
    small_store(tmp_path, several(9, "b"))
    assert kept_layers(store.path, force="Testshire") == (entry,)
    assert open_layer(store.path, entry, scope=EVERYTHING).kinds == "3 points"
    assert entry.imported == "2026-01-02" and len(entry.fingerprint) == 20
    assert kept_layers(store.path, force="Elsewhere") == ()


def test_a_name_is_replaced_only_where_that_is_meant_and_the_old_file_goes(store):
    first = keep_layer(store.path, points_layer(), force="Testshire", today=TODAY, replace=False)
    with pytest.raises(BadInput, match="has a layer 'cctv' already"):
        keep_layer(store.path, points_layer(5, "cctv"), force="Testshire", today=TODAY, replace=False)
    second = keep_layer(store.path, points_layer(5, "cctv"), force="Testshire", today=TODAY, replace=True)
    assert [one.features for one in kept_layers(store.path, force="Testshire")] == [5]
    assert first.fingerprint != second.fingerprint
    assert not (store.path / first.file).exists() and (store.path / second.file).exists()


def test_a_layer_is_removed_by_its_name_in_any_case(store):
    keep_layer(store.path, points_layer(), force="Testshire", today=TODAY, replace=False)
    with pytest.raises(BadInput, match=r"no layer 'Pubs'\. It has: CCTV"):
        layer_named(store.path, "Pubs", force="Testshire")
    remove_layer(store.path, " cctv", force="Testshire")
    assert kept_layers(store.path, force="Testshire") == ()
    assert list((store.path / "layers").iterdir()) == []


def test_a_failed_import_leaves_the_layers_as_they_were(store, monkeypatch):
    keep_layer(store.path, points_layer(), force="Testshire", today=TODAY, replace=False)
    with monkeypatch.context() as patched:
        patched.setattr("hotspot.offences.context_store._commit", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(StoreError, match="disk full"):
            keep_layer(store.path, points_layer(7), force="Testshire", today=TODAY, replace=True)
    assert [one.features for one in kept_layers(store.path, force="Testshire")] == [3]
    assert len(list((store.path / "layers").iterdir())) == 1


def test_a_damaged_list_or_file_is_said(store):
    entry = keep_layer(store.path, points_layer(), force="Testshire", today=TODAY, replace=False)
    (store.path / entry.file).write_bytes(b"no parquet")
    with pytest.raises(StoreError, match="Import the layer 'CCTV' again"):
        open_layer(store.path, entry, scope=EVERYTHING)
    (store.path / "layers.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        kept_layers(store.path, force="Testshire")


def test_the_forces_own_bounds_say_where_a_layer_may_be(store):
    assert bounds_of(store, store.force) == (395_000, 285_000, 415_000, 299_000)
    assert bounds_of(store, replace(store.force, bounds=None)) == BOX


def scene(*layers):
    return Scene(crs=BNG, areas=tuple(Outline(name, shape) for name, shape in LPAS.items()), layers=layers)


def test_each_layer_travels_with_its_own_symbol_and_a_key_of_its_content():
    mixed = ContextLayer("District", np.array([LPAS[EAST].buffer(-500), shapely.LineString([IN_WEST, IN_EAST])]), BNG, "g")
    sent = json.loads(overlay_payload(scene(shapes_of(points_layer(), 0), shapes_of(mixed, 1))))["layers"]
    assert [one["symbol"] for one in sent] == ["square", "triangle"]
    assert [len(one["at"]) for one in sent] == [3, 0]
    assert [len(one["lines"]) for one in sent] == [0, 2]
    assert sent[0]["key"] == "f-0" and sent[1]["colour"] == palette.CONTEXT[1].colour
    assert sent[0]["at"][0] == pytest.approx([52.526, -1.994], abs=0.01)


def test_more_features_than_can_be_read_are_thinned_and_said():
    shapes = shapes_of(points_layer(2 * MOST_DRAWN + 1), 0)
    assert len(shapes.x) <= MOST_DRAWN and shapes.total == 2 * MOST_DRAWN + 1
    assert shapes.words == f"CCTV, 6,001 of which {shapes.drawn:,} are drawn, chosen evenly"
    assert shapes.size < shapes_of(points_layer(), 0).size


def test_a_layers_name_is_never_read_as_html():
    assert "<img" not in legend.context_legend([shapes_of(points_layer(name=EVIL), 0)])


def test_looks_differ_in_symbol_colour_and_dashes_and_are_none_of_the_maps_colours():
    for field in ("symbol", "mark", "colour", "dashes"):
        assert len({getattr(one, field) for one in palette.CONTEXT}) == len(palette.CONTEXT)
    assert not {one.colour for one in palette.CONTEXT} & {*palette.DENSITY, *palette.CHANGE, palette.INK}


def test_a_still_picture_holds_the_layers_and_their_keys():
    def drawn(*layers):
        return picture(
            scene(*layers),
            width=600,
            height=400,
            title="t",
            subline="s",
            legend=DensityLegend((1.0, 2.0), "l"),
            marking="OFFICIAL",
            licence="",
            synthetic=False,
            footer="f",
        )

    district = ContextLayer("District", np.array([LPAS[EAST].buffer(-500)]), BNG, "g")
    assert len({drawn(), drawn(shapes_of(points_layer(), 0)), drawn(shapes_of(points_layer(), 0), shapes_of(district, 1))}) == 3


def test_chosen_layers_get_a_look_each_in_the_order_of_the_choice(store):
    for name in ("CCTV", "Pubs"):
        keep_layer(store.path, points_layer(name=name), force="Testshire", today=TODAY, replace=False)
    found = chosen_shapes(store.path, ["Pubs", "CCTV"], force="Testshire", scope=EVERYTHING)
    assert [(one.name, one.style) for one in found] == [("Pubs", 0), ("CCTV", 1)]
