"""The Data page, driven as a reader would drive it, against a store of its own."""

from __future__ import annotations

import html
import io
import json
import re
import tempfile
from pathlib import Path

import geopandas
import pandas
import pytest
import shapely
from streamlit.testing.v1 import AppTest
from street_files import row, street_file

from hotspot.boundaries.areas import read_areas
from hotspot.errors import BadInput
from hotspot.geography import LPA, DrawnArea
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store, read
from hotspot.offences.store_changes import add_level
from hotspot.ui.data import boundaries, forces
from hotspot.ui.data.areas import MOST_CORNERS, areas_of_file, checked_name, fewer_corners
from hotspot.ui.data.forces import uploaded_force

COLUMNS = "Crime Number,Offence Description,Committed From,Easting,Northing,Victim Ref"
ROWS = (
    "20CV/000001/24,Theft from vehicle,04/03/2024 03:10,433000,279000,V00001ab",
    "20CV/000002/24,<b>Knocked</b> over,05/03/2024,433100,279100,V00002ab",
    "20CV/000002/24,<b>Knocked</b> over,05/03/2024,433100,279100,V00002ab",
    "20CV/000003/24,Theft from vehicle,soon,433000,279000,",
    "20CV/000004/24,Theft from vehicle,01/01/2099,433000,279000,",
)
"""One good offence of each type, a duplicate, an unreadable date, a future date."""
EXTRACT = "\n".join([COLUMNS, *ROWS]).encode()


@pytest.fixture
def store(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "store"
    monkeypatch.setenv("HOTSPOT_STORE", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return folder


@pytest.fixture
def filled(store, tmp_path) -> Path:
    file = street_file(tmp_path, row("a" * 64), row("b" * 64, crime_type="Robbery"))
    import_sources([file], store=store)
    return store


def opened(part: str | None = None) -> AppTest:
    page = AppTest.from_string("from hotspot.ui.data import parts\n\nparts.show()", default_timeout=60)
    if part:
        page.query_params["part"] = part
    return page.run()


def words(page: AppTest) -> str:
    """Every sentence that the page wrote itself, as a reader sees it."""
    assert not page.exception
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in page.get("html"))))


def raw(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def button(page: AppTest, label: str):
    return next(one for one in page.button if one.label == label)


def box(page: AppTest, label: str):
    return next(one for one in page.selectbox if one.label == label)


def extract_import(content: bytes = EXTRACT) -> AppTest:
    page = opened("Import")
    page.segmented_control(key="data-import-kind").set_value("Force extract").run()
    page.file_uploader[0].set_value(("march.csv", content, "text/csv")).run()
    return page


def uploads_left(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("hotspot-upload-*"))


def test_without_a_store_the_page_opens_and_offers_demonstration_data_and_import(store):
    page = opened()
    assert "No offences are loaded yet" in words(page)
    assert {"Make the demonstration data", "Import"} <= {one.label for one in page.button}


@pytest.mark.parametrize("part", ["Load report", "Mappings", "Boundaries", "Drawn areas", "Delete"])
def test_every_part_says_a_sentence_without_a_store(store, part):
    assert words(opened(part)).strip().endswith(".")


def test_a_link_that_names_no_part_opens_the_load_report_of_what_is_loaded(filled):
    page = opened("nonsense")
    assert page.segmented_control(key="data-part").value == "Load report"
    assert "2 offences are loaded in one data set" in words(page)


def test_a_police_uk_file_is_imported_from_a_path_and_the_counts_before_and_after_are_shown(store, tmp_path):
    file = street_file(tmp_path, row("a" * 64), row("b" * 64))
    page = opened("Import")
    page.text_input[0].set_value(str(file)).run()
    button(page, "Import").click().run()
    assert "Imported: 2 rows read, 2 used, 0 excluded." in words(page)
    assert "Together 0 offences before, 2 after." in words(page)
    page.text_input[0].set_value(str(file)).run()
    button(page, "Import").click().run()
    assert "Together 2 offences before, 2 after." in words(page)


def test_uploaded_street_files_are_imported_and_no_copy_stays_on_disk(store, tmp_path):
    file = street_file(tmp_path, row("a" * 64))
    page = opened("Import")
    page.file_uploader[0].set_value([(file.name, file.read_bytes(), "text/csv")]).run()
    button(page, "Import").click().run()
    assert "Imported: 1 row read, 1 used, 0 excluded." in words(page)
    assert uploads_left(tmp_path) == []


def test_a_refused_import_says_every_fault_and_leaves_the_store_as_it_was(filled, tmp_path):
    before = {path: path.read_bytes() for path in filled.rglob("*") if path.is_file()}
    page = opened("Import")
    page.file_uploader[0].set_value(
        [("archive.zip", b"no archive", "application/zip"), ("b.zip", b"none", "application/zip")]
    ).run()
    button(page, "Import").click().run()
    said = words(page)
    assert "archive.zip is not a sound zip archive" in said and "b.zip is not a sound zip archive" in said
    assert "The store is unchanged." in said and str(tmp_path) not in said
    assert {path: path.read_bytes() for path in filled.rglob("*") if path.is_file()} == before


def test_the_wizard_guesses_checks_saves_and_imports_an_extract(store, tmp_path):
    page = extract_import()
    assert box(page, "Crime reference").value == "Crime Number"
    assert box(page, "Committed from").value == "Committed From"
    assert (box(page, "x (easting, longitude)").value, box(page, "y (northing, latitude)").value) == ("Easting", "Northing")
    button(page, "Check").click().run()
    said = words(page)
    assert "An import would use 2 of 5 rows and exclude 3" in said
    for reason in ("date in the future", "duplicate reference", "no readable date"):
        assert reason in said
    button(page, "Save the mapping").click().run()
    assert [path.name for path in (store / "mappings").iterdir()] == ["march.toml"]
    button(page, "Import").click().run()
    assert "Imported: 5 rows read, 2 used, 3 excluded." in words(page)
    assert Store(store).data_sets == (("March", "West Midlands"),)
    assert uploads_left(tmp_path) == []


def test_a_check_touches_no_store_and_shows_no_reference_whole(store, tmp_path):
    page = extract_import()
    button(page, "Check").click().run()
    assert not store.exists()
    shown = page.dataframe[-1].value.astype(str).to_csv()
    assert "V00001ab" not in shown and "20CV/000001/24" not in shown and "•••" in shown


def test_what_a_check_promises_is_what_the_import_does(store):
    page = extract_import()
    button(page, "Check").click().run()
    promised = re.search(r"use ([\d,]+) of ([\d,]+) rows and exclude ([\d,]+)", words(page))
    button(page, "Import").click().run()
    report = Store(store).reports[-1]
    assert promised and promised.groups() == (
        str(report.rows_used),
        str(report.rows_read),
        str(sum(report.excluded.values())),
    )


def test_a_saved_mapping_that_fits_is_chosen_for_the_next_file(store):
    page = extract_import()
    button(page, "Save the mapping").click().run()
    again = extract_import()
    assert box(again, "Mapping").value == 1
    assert "Crime reference" not in [one.label for one in again.selectbox]


@pytest.mark.parametrize("saved", [False, True])
def test_the_chosen_sheet_of_a_workbook_is_the_one_that_is_imported(store, saved):
    content = io.BytesIO()
    with pandas.ExcelWriter(content) as book:
        pandas.DataFrame({"Notes": ["made by hand"]}).to_excel(book, sheet_name="Cover", index=False)
        pandas.read_csv(io.BytesIO(EXTRACT)).to_excel(book, sheet_name="Data", index=False)
    if saved:
        button(extract_import(), "Save the mapping").click().run()
    page = opened("Import")
    page.segmented_control(key="data-import-kind").set_value("Force extract").run()
    page.file_uploader[0].set_value(("march.xlsx", content.getvalue(), "application/vnd.ms-excel")).run()
    box(page, "Sheet or layer").set_value("Data").run()
    button(page, "Import").click().run()
    assert "Imported: 5 rows read, 2 used, 3 excluded." in words(page)


def test_one_crime_type_can_be_set_for_all_rows(store):
    page = extract_import()
    box(page, "Crime type").set_value("Theft of a vehicle").run()
    button(page, "Import").click().run()
    assert Store(store).facts("March", "West Midlands", scope=EVERYTHING).crime_types == {"Theft of a vehicle": 2}


def test_a_mapping_that_is_not_complete_cannot_be_imported_and_says_why(store):
    page = extract_import()
    box(page, "Committed from").set_value("").run()
    assert "names no date" in words(page).lower()
    assert button(page, "Import").disabled and button(page, "Check").disabled


def test_a_file_that_is_no_extract_ends_as_a_sentence(store):
    page = extract_import(b"a,a\n1,2\n")
    assert "march.csv has the column 'a' more than once." in words(page)


def test_nothing_that_a_file_says_becomes_markup(store):
    page = extract_import()
    button(page, "Import").click().run()
    assert "Knocked" in raw(page) or "Knocked" in page.dataframe[-1].value.to_csv()
    assert "<b>Knocked</b>" not in raw(page)


def test_the_report_can_be_read_as_json(filled):
    assert [one.label for one in opened("Load report").get("download_button")] == ["Download the report as JSON"]
    assert json.loads(json.dumps(Store(filled).reports[-1].to_dict()))["rows_read"] == 2


def test_a_data_set_is_deleted_only_when_its_name_has_been_typed(filled):
    page = opened("Delete")
    assert button(page, "Delete the data set").disabled
    page.text_input[0].set_value("police").run()
    assert button(page, "Delete the data set").disabled
    page.text_input[0].set_value("police.uk").run()
    button(page, "Delete the data set").click().run()
    assert "Deleted: 2 offences of police.uk for West Midlands." in words(page)
    assert Store(filled).data_sets == () and Store(filled).levels == (LPA,)
    assert "No offences are loaded yet" in words(page)


def squares(path: Path, *names: str) -> Path:
    boxes = [shapely.box(400_000 + 2_000 * i, 285_000, 402_000 + 2_000 * i, 287_000) for i in range(len(names))]
    geopandas.GeoDataFrame({"name": list(names)}, geometry=boxes, crs="EPSG:27700").to_file(path)
    return path


def test_a_further_level_is_imported_and_removed_again(filled, tmp_path):
    file = squares(tmp_path / "sectors.gpkg", "North", "South")
    page = opened("Boundaries")
    page.file_uploader[0].set_value(("sectors.gpkg", file.read_bytes(), "application/x-sqlite3")).run()
    page.text_input[0].set_value("sector").run()
    button(page, "Import areas").click().run()
    assert "2 areas of the level 'sector' are loaded" in words(page)
    assert Store(filled).areas("sector").names == ("North", "South")
    button(page, "Remove the level").click().run()
    assert Store(filled).levels == (LPA,)


def test_the_lpas_cannot_be_removed(filled):
    with pytest.raises(BadInput, match="only replaced"):
        boundaries.remove_level(filled, LPA, force="West Midlands")


def test_removing_a_level_leaves_every_offence_as_it_was(filled, tmp_path):
    before = read(Store(filled), scope=EVERYTHING, source="police.uk", force="West Midlands")
    add_level(filled, read_areas(squares(tmp_path / "s.gpkg", "North"), level="sector", crs="EPSG:27700"))
    boundaries.remove_level(filled, "sector", force="West Midlands")
    after = read(Store(filled), scope=EVERYTHING, source="police.uk", force="West Midlands")
    assert before.equals(after)


def test_fetching_names_its_address_and_a_failure_keeps_the_boundaries(filled, monkeypatch):
    service = boundaries.load_service()
    page = opened("Boundaries")
    assert service.url in words(page)
    closed = boundaries.BoundaryService(url="http://127.0.0.1:9/query", codes=service.codes, timeout_seconds=2)
    monkeypatch.setattr(boundaries, "load_service", lambda: closed)
    before = Store(filled).fingerprint
    button(page, "Fetch full resolution").click().run()
    assert "The boundaries in use are unchanged." in words(page)
    assert Store(filled).fingerprint == before


def test_uploaded_polygons_become_areas_that_the_sidebar_offers(filled, tmp_path):
    file = squares(tmp_path / "zones.gpkg", "Zone A", "Zone B")
    page = opened("Drawn areas")
    page.file_uploader[0].set_value(("zones.gpkg", file.read_bytes(), "application/x-sqlite3")).run()
    button(page, "Keep the areas").click().run()
    kept: tuple[DrawnArea, ...] = page.session_state["drawn-areas"]
    assert [area.name for area in kept] == ["Zone A", "Zone B"]
    assert shapely.Polygon(kept[0].ring).area == pytest.approx(4e6)
    button(page, "Remove the area").click().run()
    assert [area.name for area in page.session_state["drawn-areas"]] == ["Zone A"]


def test_a_drawn_area_may_not_take_the_name_of_an_lpa(filled):
    with pytest.raises(BadInput, match="another name"):
        checked_name(" coventry ", Store(filled))
    assert checked_name("  The   arcade ", Store(filled)) == "The arcade"


def test_a_ring_with_many_corners_is_simplified_to_what_a_link_can_carry():
    circle = tuple(shapely.Point(410_000, 290_000).buffer(2_000, quad_segs=500).exterior.coords[:-1])
    simple = fewer_corners(circle)
    assert len(circle) == 2_000 and 8 <= len(simple) <= MOST_CORNERS
    assert shapely.Polygon(simple).area == pytest.approx(shapely.Polygon(circle).area, rel=0.01)


def test_a_polygon_of_several_parts_is_kept_as_its_largest_and_says_so(filled, tmp_path):
    two = shapely.MultiPolygon([shapely.box(400_000, 285_000, 402_000, 287_000), shapely.box(410_000, 285_000, 411_000, 286_000)])
    geopandas.GeoDataFrame({"name": ["Zone"]}, geometry=[two], crs="EPSG:27700").to_file(tmp_path / "z.gpkg")
    found, notes = areas_of_file(tmp_path / "z.gpkg", Store(filled).force, Store(filled), name_column=None)
    # 1 km² of 5 km² is left away
    assert shapely.Polygon(found[0].ring).area == pytest.approx(4e6) and "20.0%" in notes[0]


def test_an_uploaded_force_finds_the_boundaries_uploaded_with_it(tmp_path):
    toml, outlines = tmp_path / "a" / "force.toml", squares(tmp_path / "outlines.gpkg", "One", "Two")
    toml.parent.mkdir()
    toml.write_text('name = "Leicestershire"\n[boundaries]\nfile = "lpas.gpkg"\n')
    with pytest.raises(BadInput, match=r"names the boundaries file 'lpas.gpkg'. Upload that file too"):
        uploaded_force(toml, None)
    force = uploaded_force(toml, outlines)
    assert force.boundaries_file is not None and force.boundaries_file.is_file()


def test_an_uploaded_force_cannot_write_outside_its_folder(tmp_path):
    toml, outlines = tmp_path / "a" / "force.toml", squares(tmp_path / "outlines.gpkg", "One")
    toml.parent.mkdir()
    toml.write_text('name = "Leicestershire"\n[boundaries]\nfile = "../escaped.gpkg"\n')
    with pytest.raises(BadInput, match="outside its own folder"):
        uploaded_force(toml, outlines)
    assert not (tmp_path / "escaped.gpkg").exists()


def test_a_faulty_force_file_is_named_without_its_temporary_folder(tmp_path):
    (tmp_path / "force.toml").write_text("bounds = [1]")
    with pytest.raises(BadInput) as fault:
        uploaded_force(tmp_path / "force.toml", None)
    assert len(fault.value.faults) == 2 and str(tmp_path) not in str(fault.value)


def test_every_force_of_the_store_and_every_shipped_one_can_be_chosen(filled):
    assert list(forces.known_forces(Store(filled))) == ["West Midlands"]
