"""Areas: the shipped LPA outlines, reading of files, assignment of points."""

import json
import zipfile
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot import paths
from hotspot.boundaries.areas import Areas, areas_from_frame, assign, read_areas
from hotspot.boundaries.build import outlines, write
from hotspot.errors import BadInput
from hotspot.geography import OUTSIDE

CRS = "EPSG:27700"
LPA_FILE = paths.BOUNDARIES / "lpa.geojson"
CODES = {
    "Birmingham": "E08000025",
    "Coventry": "E08000026",
    "Dudley": "E08000027",
    "Sandwell": "E08000028",
    "Solihull": "E08000029",
    "Walsall": "E08000030",
    "Wolverhampton": "E08000031",
}
LPAS = read_areas(LPA_FILE, level="LPA", crs=CRS, name_column="name")


def squares(**boxes: tuple[float, float, float, float]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"name": list(boxes)}, geometry=[shapely.box(*box) for box in boxes.values()], crs=CRS)


def areas_of(frame: geopandas.GeoDataFrame) -> Areas:
    return areas_from_frame(frame, source="drawn", level="sector", crs=CRS)


def saved(frame: geopandas.GeoDataFrame, path: Path, **options: object) -> Path:
    frame.to_file(path, **options)
    return path


# The shipped outlines


def test_the_seven_lpas_are_valid_polygons_with_their_codes():
    frame = geopandas.read_file(LPA_FILE)
    assert dict(zip(frame["name"], frame["lad_code"], strict=True)) == CODES
    assert LPAS.names == tuple(CODES) and LPAS.notes == ()
    assert LPAS.frame.geometry.is_valid.all() and set(LPAS.frame.geometry.geom_type) == {"Polygon"}


def test_the_lpas_leave_no_gap_and_do_not_overlap():
    assert LPAS.union.area == pytest.approx(LPAS.frame.area.sum(), rel=1e-12)
    assert LPAS.union.geom_type == "Polygon" and len(LPAS.union.interiors) == 0


def test_neighbouring_lpas_share_whole_edges():
    edges = [edge for polygon in LPAS.frame.geometry for edge in edges_of(polygon)]
    border = set(edges_of(LPAS.union))
    inner = [edge for edge in edges if edge not in border]
    assert inner and all(inner.count(edge) == 2 for edge in set(inner))


def edges_of(polygon: shapely.Polygon) -> list[frozenset[tuple[float, float]]]:
    ring = list(polygon.exterior.coords)
    return [frozenset(edge) for edge in pairwise(ring)]


def test_the_outlines_come_back_as_whole_fifty_metres():
    vertices = shapely.get_coordinates(LPAS.frame.geometry.to_numpy())
    assert (vertices % 50 == 0).all()


def test_written_vertices_are_read_back_to_the_metre(tmp_path):
    table = pandas.DataFrame(
        {
            "lpa": ["West"] * 4 + ["East"] * 4,
            "lad_code": ["E08000001"] * 4 + ["E08000002"] * 4,
            "vertex": [0, 1, 2, 3] * 2,
            "easting": [400000, 401000, 401050, 400000, 401000, 402000, 402000, 401050],
            "northing": [290000, 290000, 291000, 291050, 290000, 290050, 291000, 291000],
        }
    )
    source, target = tmp_path / "outlines.csv", tmp_path / "outlines.geojson"
    table.to_csv(source, index=False)
    write(source, target)
    areas = read_areas(target, level="LPA", crs=CRS)
    for name, ring in table.groupby("lpa"):
        expected = {tuple(map(float, vertex)) for vertex in ring[["easting", "northing"]].to_numpy()}
        assert {tuple(vertex) for vertex in shapely.get_coordinates(areas.geometry(name))} == expected


def test_rings_run_anticlockwise_whatever_the_order_of_the_table():
    clockwise = {"easting": [400000, 400000, 401000], "northing": [290000, 291000, 290000]}
    table = pandas.DataFrame({"lpa": "A", "lad_code": "E08000001", "vertex": [0, 1, 2], **clockwise})
    (feature,) = outlines(table)["features"]
    assert shapely.LinearRing(feature["geometry"]["coordinates"][0]).is_ccw


# Assigning points


def test_points_are_named_by_hand_worked_squares():
    areas = areas_of(squares(west=(0, 0, 10, 10), east=(10, 0, 20, 10)))
    names = assign(areas, [5, 15, 25, np.nan, 5], [5, 5, 5, 5, np.nan])
    assert names.tolist() == ["west", "east", OUTSIDE, None, None]


def test_a_point_on_a_shared_edge_goes_to_the_first_area_in_the_file():
    frame = squares(west=(0, 0, 10, 10), east=(10, 0, 20, 10))
    assert assign(areas_of(frame), [10, 10], [5, 0]).tolist() == ["west", "west"]
    assert assign(areas_of(frame.iloc[::-1]), [10, 10], [5, 0]).tolist() == ["east", "east"]


def test_no_points_are_no_names():
    assert assign(LPAS, [], []).shape == (0,)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(7690, 8800), st.integers(5430, 6160)), min_size=1, max_size=40))
def test_every_point_of_the_union_has_exactly_one_lpa(points):
    x, y = np.array(points, dtype=float).T * 50
    names = assign(LPAS, x, y)
    slow = [first_covering(LPAS, one, other) for one, other in zip(x, y, strict=True)]
    assert names.tolist() == slow
    assert ((names != OUTSIDE) == shapely.covers(LPAS.union, shapely.points(x, y))).all()


def first_covering(areas: Areas, x: float, y: float) -> str:
    return next((name for name in areas.names if areas.geometry(name).covers(shapely.Point(x, y))), OUTSIDE)


def test_points_near_shared_edges_fall_into_no_gap():
    middles = np.array([np.mean(list(edge), axis=0) for polygon in LPAS.frame.geometry for edge in edges_of(polygon)])
    close = np.vstack([middles + step for step in np.random.default_rng(1).normal(0, 0.001, (20, 2))])
    inside = shapely.contains_xy(LPAS.union, close)
    assert (assign(LPAS, *close[inside].T) != OUTSIDE).all()


# Reading files


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_each_format_gives_the_same_areas(tmp_path, suffix):
    frame = squares(west=(400000, 290000, 401000, 291000), east=(401000, 290000, 402000, 291000))
    frame = frame if suffix == ".gpkg" else frame.to_crs("EPSG:4326")
    areas = read_areas(saved(frame, tmp_path / f"sectors{suffix}"), level="sector", crs=CRS)
    assert areas.level == "sector" and areas.names == ("west", "east")
    assert areas.geometry("west").equals(shapely.box(400000, 290000, 401000, 291000))


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>North</name>{north}</Folder><Folder><name>South</name>{south}<Placemark><name>south</name>
<Point><coordinates>{label},0</coordinates></Point></Placemark></Folder></Document></kml>"""
PLACEMARK = """<Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates>
</LinearRing></outerBoundaryIs></Polygon></Placemark>"""


def test_the_folders_of_a_kml_file_are_read_as_one(tmp_path):
    boxes = {"north": (400000, 291000, 401000, 292000), "south": (400000, 290000, 401000, 291000)}
    degrees = squares(**boxes).to_crs("EPSG:4326").geometry
    rings = [" ".join(f"{x:.8f},{y:.8f},0" for x, y in polygon.exterior.coords) for polygon in degrees]
    north, south = (PLACEMARK.format(name=name, ring=ring) for name, ring in zip(boxes, rings, strict=True))
    path = tmp_path / "sectors.kml"
    path.write_text(KML.format(north=north, south=south, label=rings[1].split(",0")[0]))
    areas = read_areas(path, level="sector", crs=CRS)
    assert areas.names == ("north", "south")
    assert all(areas.geometry(name).equals(shapely.box(*box)) for name, box in boxes.items())


def test_a_zipped_shapefile_is_read(tmp_path):
    areas = read_areas(zipped_shapefile(tmp_path, with_crs=True), level="sector", crs=CRS)
    assert areas.names == ("west",)
    assert areas.geometry("west").equals(shapely.box(400000, 290000, 401000, 291000))


def test_a_shapefile_without_its_coordinate_system_is_refused(tmp_path):
    with pytest.raises(BadInput, match="does not say its coordinate system"):
        read_areas(zipped_shapefile(tmp_path, with_crs=False), level="sector", crs=CRS)


def zipped_shapefile(folder: Path, *, with_crs: bool) -> Path:
    saved(squares(west=(400000, 290000, 401000, 291000)), folder / "sectors.shp")
    with zipfile.ZipFile(folder / "sectors.zip", "w") as archive:
        for part in folder.glob("sectors.*"):
            if part.suffix in (".shp", ".shx", ".dbf") or (with_crs and part.suffix == ".prj"):
                archive.write(part, f"sectors of 2024/{part.name}")
    return folder / "sectors.zip"


def test_a_name_column_is_guessed_or_asked_for(tmp_path):
    frame = squares(west=(0, 0, 10, 10)).rename(columns={"name": "WD13NM"}).assign(WD13CD="E05001178")
    path = saved(frame, tmp_path / "wards.gpkg")
    assert read_areas(path, level="ward", crs=CRS).names == ("west",)
    assert read_areas(path, level="ward", crs=CRS, name_column="WD13CD").names == ("E05001178",)
    with pytest.raises(BadInput, match=r"no column 'beat'.*WD13NM, WD13CD"):
        read_areas(path, level="ward", crs=CRS, name_column="beat")


def test_a_file_whose_name_column_cannot_be_guessed_lists_its_columns(tmp_path):
    path = saved(squares(a=(0, 0, 10, 10)).rename(columns={"name": "label"}).assign(code=1), tmp_path / "sectors.gpkg")
    with pytest.raises(BadInput, match=r"cannot be told; name it\. Its columns: label, code"):
        read_areas(path, level="sector", crs=CRS)


def test_an_invalid_polygon_is_repaired_and_counted():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    areas = areas_of(geopandas.GeoDataFrame({"name": ["bow tie"]}, geometry=[bow_tie], crs=CRS))
    assert areas.notes == ("1 invalid polygon in drawn repaired.",)
    assert areas.geometry("bow tie").is_valid and areas.geometry("bow tie").area == 50


def test_rows_of_one_name_become_one_area():
    frame = squares(a=(0, 0, 10, 10), b=(20, 0, 30, 10), c=(10, 0, 20, 10)).assign(name=["north", "south", "north"])
    areas = areas_of(frame)
    assert areas.names == ("north", "south")
    assert areas.geometry("north").equals(shapely.box(0, 0, 20, 10))
    assert areas.notes == ("1 area with several rows merged: north.",)


def test_all_faults_of_the_rows_are_told_at_once():
    frame = squares(a=(0, 0, 10, 10), b=(20, 0, 30, 10), c=(40, 0, 50, 10), d=(60, 0, 70, 10))
    frame["name"] = ["", "Erdington", "Aston", OUTSIDE]
    frame.geometry = [frame.geometry[0], shapely.Point(1, 1), None, frame.geometry[3]]
    with pytest.raises(BadInput) as refused:
        areas_of(frame)
    unnamed, without, reserved = refused.value.faults
    assert "no name in column 'name' in row 1" in unnamed
    assert "no polygon in rows 2, 3 (Erdington, Aston)" in without
    assert f"'{OUTSIDE}' in row 4" in reserved


def test_a_label_point_beside_its_polygon_is_left_out():
    frame = squares(a=(0, 0, 10, 10), b=(0, 0, 10, 10)).assign(name="Aston")
    frame.geometry = [shapely.Point(5, 5), frame.geometry[1]]
    assert areas_of(frame).geometry("Aston").equals(shapely.box(0, 0, 10, 10))


def test_metres_that_claim_to_be_degrees_are_refused(tmp_path):
    ring = [[400000, 290000], [401000, 290000], [401000, 291000], [400000, 290000]]
    feature = {"type": "Feature", "properties": {"name": "a"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path = tmp_path / "metres.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(BadInput, match="coordinates that are not degrees"):
        read_areas(path, level="sector", crs=CRS)


def test_a_file_that_is_no_map_is_refused_in_a_sentence(tmp_path):
    for name, content in (("a.geojson", "{"), ("b.gpkg", "nothing"), ("c.zip", "nothing"), ("d.kml", "<kml>")):
        (tmp_path / name).write_text(content)
        with pytest.raises(BadInput, match=name):
            read_areas(tmp_path / name, level="sector", crs=CRS)
    with pytest.raises(BadInput, match="There is no file"):
        read_areas(tmp_path / "absent.gpkg", level="sector", crs=CRS)


def test_points_alone_and_several_layers_are_refused(tmp_path):
    points = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(0, 0)], crs=CRS)
    with pytest.raises(BadInput, match="has no polygons"):
        read_areas(saved(points, tmp_path / "points.gpkg"), level="sector", crs=CRS)
    path = saved(squares(a=(0, 0, 1, 1)), tmp_path / "two.gpkg", layer="first")
    with pytest.raises(BadInput, match="2 layers with polygons"):
        read_areas(saved(squares(a=(0, 0, 1, 1)), path, layer="second"), level="sector", crs=CRS)


@pytest.mark.parametrize("rings", [[], [[[-1.9, 52.5], [-1.8, 52.5]]]])
def test_a_polygon_without_a_ring_is_told_by_its_name(tmp_path, rings):
    feature = {"type": "Feature", "properties": {"name": "Aston"}, "geometry": {"type": "Polygon", "coordinates": rings}}
    path = tmp_path / "sectors.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(BadInput, match=r"no polygon in row 1 \(Aston\)"):
        read_areas(path, level="sector", crs=CRS)


def test_heights_are_dropped(tmp_path):
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[shapely.force_3d(shapely.box(0, 0, 10, 10), 5)], crs=CRS)
    assert not read_areas(saved(frame, tmp_path / "a.gpkg"), level="sector", crs=CRS).geometry("a").has_z


def test_an_unknown_area_is_told_with_those_there_are():
    with pytest.raises(BadInput, match=r"no LPA named 'Derby'.*Birmingham, Coventry"):
        LPAS.geometry("Derby")


def test_areas_come_back_from_parquet(tmp_path):
    LPAS.to_parquet(tmp_path / "LPA.parquet")
    kept = Areas.from_parquet(tmp_path / "LPA.parquet", level="LPA")
    assert kept.names == LPAS.names and kept.level == "LPA"
    assert kept.frame.crs == LPAS.frame.crs and kept.frame.geometry.geom_equals(LPAS.frame.geometry).all()


# Real files


def test_real_wards_and_lsoas_are_read_with_their_invalid_polygons_repaired(shared_data):
    wards = read_areas(shared_data / "boundaries" / "wm_wards_2013.geojson", level="ward", crs=CRS)
    lsoas = read_areas(shared_data / "boundaries" / "wm_lsoa_2011.geojson", level="LSOA", crs=CRS)
    assert len(wards.names) == 163 and wards.notes == ()
    assert len(lsoas.names) == 1680 and lsoas.notes[0].startswith("4 invalid polygons")
    assert lsoas.frame.geometry.is_valid.all() and "Birmingham 067A" in lsoas.names


def test_the_generalised_lpas_agree_with_the_full_ones_on_over_99_per_cent_of_real_offences(shared_data):
    full = read_areas(shared_data / "boundaries" / "wm_lad_2025_bgc.geojson", level="LPA", crs=CRS)
    x, y = real_points(shared_data)
    names, exact = assign(LPAS, x, y), assign(full, x, y)
    assert x.size == 36_270 and np.count_nonzero(exact == OUTSIDE) == 34
    assert np.mean(names == exact) > 0.99


def real_points(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    files = [shared_data / "police-uk" / month / f"{month}-west-midlands-street.csv" for month in ("2014-01", "2014-02")]
    table = pandas.concat([pandas.read_csv(file, usecols=["Longitude", "Latitude"]) for file in files])
    points = geopandas.points_from_xy(table["Longitude"], table["Latitude"], crs="EPSG:4326").to_crs(CRS)
    return np.asarray(points.x), np.asarray(points.y)
