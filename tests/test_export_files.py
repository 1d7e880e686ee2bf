"""Exported files: read back, they hold the same figures and say what they are."""

import csv
import json
from dataclasses import replace
from datetime import date

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.warp import transform as to_degrees
from small_store import LICENCE, PERIOD, WEST, offence, selection, several, small_store

from hotspot.errors import BadInput
from hotspot.export import files
from hotspot.findings.audience import FORCE
from hotspot.findings.compare import compare_finding
from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.repeats import repeats_finding
from hotspot.findings.selected import select
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period

DATA = [
    *several(14, "a", (401_050, 291_050), street="=HYPERLINK(0)", uprn="premises-0001"),
    *several(6, "b", (403_050, 293_050), street="Mill Lane"),
    offence("n", None, lpa=WEST),
    offence("a0"),
    offence("early", committed="2023-01-01", kind="Robbery"),
]
SETTINGS = DensitySettings(bandwidth=300, cell_size=100, area_share=0.02)
SAID = {
    "title": "Burglary in Testshire, committed 1 April to 30 September 2024",
    "offences_used": "21",
    "excluded_on_import": "1",
    "without_location": "1",
    "source": "Extract",
    "marking": "OFFICIAL-SENSITIVE",
    "licence": LICENCE,
    "method": "quartic kernel density",
    "bandwidth_m": "300",
    "cell_size_m": "100",
    "edge_correction": "uniform",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("export"), DATA)


def chosen(store, **limits):
    return select(store, selection(**limits), scope=EVERYTHING)


@pytest.fixture(scope="module")
def finding(store):
    return density_finding(chosen(store), SETTINGS)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_geojson_is_in_degrees_valid_and_says_what_it_is(finding, tmp_path):
    path = tmp_path / "hotspots.geojson"
    files.write_hotspots(finding, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection"
    assert document["properties"].items() >= SAID.items()
    assert [feature["properties"]["offences"] for feature in document["features"]] == [14, 6]
    for feature, hotspot in zip(document["features"], finding.ranking.hotspots, strict=True):
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert all(part.exterior.is_ccw for part in shapely.get_parts(shape))
        (west,), (south,) = to_degrees("EPSG:27700", "EPSG:4326", [hotspot.x], [hotspot.y])
        assert shape.contains(shapely.Point(west, south))
        assert abs(west) < 180 and 49 < south < 61
    assert geopandas.read_file(path).crs.to_epsg() == 4326


def test_geopackage_reads_back_with_the_same_geometry(finding, tmp_path):
    path = tmp_path / "hotspots.gpkg"
    files.write_hotspots(finding, path)
    table = geopandas.read_file(path, layer="hotspots")
    assert table.crs.to_epsg() == 27700
    assert table["offences"].tolist() == [14, 6]
    for shape, hotspot in zip(table.geometry, finding.ranking.hotspots, strict=True):
        assert shape.equals(hotspot.geometry)
    assert table.iloc[0][list(SAID)].astype(str).to_dict() == SAID


def test_csv_has_centres_and_no_cell_that_a_spreadsheet_would_run(finding, tmp_path):
    path = tmp_path / "hotspots.csv"
    files.write_hotspots(finding, path)
    first, second = rows_of(path)
    assert [float(first[name]) for name in ("x", "y", "offences")] == [401_050, 291_050, 14]
    assert first.items() >= SAID.items()
    assert second["name"].endswith("around Mill Lane")
    assert float(second["share_of_offences"]) == pytest.approx(6 / 20)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("Mill\r\n=1", "Mill =1"),
        ("\r=1", "' =1"),
        ("Mill, =1", "Mill, =1"),
    ],
)
def test_text_that_begins_like_a_formula_is_made_harmless(store, tmp_path, text, written):
    finding = compare_finding(chosen(store), chosen(store, period=PERIOD.shifted(-12)))
    rows = tuple(replace(row, area=text) for row in finding.table.rows)
    path = tmp_path / "change.csv"
    files.write_changes(replace(finding, table=replace(finding.table, rows=rows)), FORCE, path)
    assert [row["area"] for row in rows_of(path)] == [*[written] * len(rows), "All areas"]


def test_geotiff_reads_back_with_its_values_place_and_tags(finding, tmp_path):
    path = tmp_path / "density.tif"
    files.write_surface(finding, path)
    with rasterio.open(path) as raster:
        assert raster.crs.to_epsg() == 27700
        assert tuple(raster.bounds) == (400_000, 290_000, 408_000, 294_000)
        assert raster.res == (100, 100)
        assert np.array_equal(raster.read(1), finding.surface.values)
        # The peak is found at its place on the ground.
        assert raster.read(1)[raster.index(401_050, 291_050)] == finding.surface.values.max()
        assert raster.tags().items() >= SAID.items()
        assert raster.descriptions == ("offences per square kilometre",)


def test_cells_of_a_surface_are_written_with_their_centres(finding, tmp_path):
    table, squares = tmp_path / "density.csv", tmp_path / "density.gpkg"
    files.write_surface(finding, table)
    files.write_surface(finding, squares)
    cells = pd.read_csv(table)
    assert cells["density_per_km2"].sum() == pytest.approx(finding.surface.values.sum())
    assert (cells["density_per_km2"] > 0).all()
    peak = cells.loc[cells["density_per_km2"].idxmax()]
    assert (peak["x"], peak["y"]) == (401_050, 291_050)
    assert cells.iloc[0]["bandwidth_m"] == 300
    polygons = geopandas.read_file(squares, layer="density")
    assert polygons.crs.to_epsg() == 27700
    assert polygons.area.to_numpy() == pytest.approx(10_000)
    assert polygons.centroid.x.to_numpy() == pytest.approx(cells["x"].to_numpy())


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".csv"])
def test_no_hotspot_is_an_empty_file_that_can_be_read(store, tmp_path, suffix):
    nothing = density_finding(chosen(store, crime_type="Drugs"), SETTINGS)
    path = tmp_path / f"nothing{suffix}"
    files.write_hotspots(nothing, path)
    assert len(rows_of(path) if suffix == ".csv" else geopandas.read_file(path)) == 0


@pytest.mark.parametrize("suffix", [".tif", ".gpkg", ".csv"])
def test_an_empty_surface_is_a_file_that_can_be_read(store, tmp_path, suffix):
    nothing = density_finding(chosen(store, crime_type="Drugs"), SETTINGS)
    path = tmp_path / f"nothing{suffix}"
    files.write_surface(nothing, path)
    if suffix == ".tif":
        with rasterio.open(path) as raster:
            assert raster.read(1).max() == 0
    else:
        assert len(rows_of(path) if suffix == ".csv" else geopandas.read_file(path)) == 0


def test_every_file_of_synthetic_data_says_so(tmp_path):
    store = small_store(tmp_path, DATA, synthetic=True)
    finding = density_finding(chosen(store), SETTINGS)
    for write, suffixes in (
        (files.write_hotspots, (".geojson", ".gpkg", ".csv")),
        (files.write_surface, (".tif", ".gpkg", ".csv")),
    ):
        for suffix in suffixes:
            assert b"SYNTHETIC DATA" in files.as_bytes(lambda path, write=write: write(finding, path), suffix)
    later = compare_finding(chosen(store), chosen(store, period=PERIOD.shifted(-12)))
    assert b"SYNTHETIC DATA (Extract)" in files.as_bytes(lambda path: files.write_changes(later, FORCE, path), ".csv")


@pytest.mark.parametrize("write", [files.write_hotspots, files.write_surface])
def test_an_unknown_ending_is_refused_and_nothing_is_written(finding, tmp_path, write):
    with pytest.raises(BadInput, match=r"cannot be written as '.docx'. Choose"):
        write(finding, tmp_path / "out.docx")
    assert list(tmp_path.iterdir()) == []


def test_references_in_the_list_of_repeats_are_masked(store, tmp_path):
    found = repeats_finding(
        store, selection("Residential burglary", period=Period(date(2024, 1, 1), date(2025, 1, 1))), scope=EVERYTHING
    )
    path = tmp_path / "repeats.csv"
    files.write_repeats(found, path)
    (row,) = rows_of(path)
    assert (row["masked"], row["count"], row["same"]) == ("•••001", "14", "premises")
    assert "premises-0001" not in path.read_text(encoding="utf-8")


def test_bytes_are_those_of_the_file_and_nothing_is_kept(finding, tmp_path):
    path = tmp_path / "hotspots.csv"
    files.write_hotspots(finding, path)
    assert files.as_bytes(lambda given: files.write_hotspots(finding, given), ".csv") == path.read_bytes()
