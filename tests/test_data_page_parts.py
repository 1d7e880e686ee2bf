"""What the Data page rests on and no screen is needed for: crime type tables, saved mappings, uploads, wording."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.errors import BadInput, StoreError
from hotspot.offences.mapping import COLUMNS, Mapping
from hotspot.offences.report import RowReference
from hotspot.ui.data import fields, report, said, saved_mappings, uploads
from hotspot.ui.data.type_table import FoundType, counted_as, found_types, own_lines, suggested

MAPPING = Mapping("March extract", {"crime_description": ("Offence",), "committed_from": ("From",)})


def test_every_column_that_a_mapping_can_name_is_asked_for_once():
    asked = [name for names in fields.GROUPS.values() for name in names]
    assert sorted(asked) == sorted(COLUMNS)


@pytest.mark.parametrize(
    "words, kind",
    [
        ("Burglary in a dwelling", "Residential burglary"),
        ("Attempted theft from motor vehicle", "Theft from a vehicle"),
        ("Going equipped with a burglary tool", "Burglary"),
        ("Blackmail", "Other crime"),
        ("", "Other crime"),
    ],
)
def test_an_unknown_description_is_guessed_by_the_longest_crime_type_it_holds(words, kind):
    assert suggested(FoundType("", words, 1), {}) == kind


def test_a_known_code_stands_before_a_guess_by_words():
    assert suggested(FoundType("28A", "Distraction robbery", 1), {}) == "Residential burglary"


def test_the_types_of_a_file_are_counted_by_description_else_by_code(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Code,Text\n48,Car taken\n48,Car taken\n45,Car taken\n34B,\n,\n")
    assert found_types(file, "", "Code", "Text") == (FoundType("48", "Car taken", 3), FoundType("34B", "", 1))


def test_a_mapping_gets_a_line_only_where_the_choice_is_not_what_the_product_knows():
    found = (FoundType("48", "", 9), FoundType("", "Bilking", 2), FoundType("", "Blackmail", 1))
    assert own_lines(found, ["Theft of a vehicle", "Other theft", "Other crime"], MAPPING) == {"Bilking": "Other theft"}


def test_a_mapping_keeps_its_lines_for_words_that_this_file_lacks():
    start = replace(MAPPING, crime_types={"Bilking": "Other theft", "Poaching": "Other crime"})
    assert own_lines((FoundType("", "bilking", 1),), ["Shoplifting"], start) == {
        "Poaching": "Other crime",
        "bilking": "Shoplifting",
    }


@given(st.lists(st.sampled_from(["Bilking", "Robbery", "28A", "99/9", "Blackmail"]), unique=True), st.data())
def test_the_written_lines_read_back_as_the_choices(words, data):
    found = tuple(FoundType(one, "", 1) if one[0].isdigit() else FoundType("", one, 1) for one in words)
    chosen = [data.draw(st.sampled_from(["Robbery", "Shoplifting", "Other crime", "Drugs"])) for _ in words]
    table = replace(MAPPING, crime_types=own_lines(found, chosen, MAPPING)).crime_type_table
    assert [counted_as(one, table) for one in found] == chosen


def test_a_saved_mapping_reads_back_and_stands_before_those_that_ship(tmp_path):
    saved_mappings.save(MAPPING, store_folder=tmp_path)
    listed, faults = saved_mappings.saved_mappings(tmp_path)
    assert not faults and listed[0].mapping == MAPPING and not listed[0].shipped
    assert {"typical-extract.toml", "nyc-vehicle-thefts.toml"} <= {one.path.name for one in listed if one.shipped}


def test_saving_under_the_same_name_replaces_and_leaves_one_file(tmp_path):
    saved_mappings.save(MAPPING, store_folder=tmp_path)
    saved_mappings.save(replace(MAPPING, day_first=False), store_folder=tmp_path)
    (path,) = (tmp_path / "mappings").iterdir()
    assert Mapping.from_toml(path).day_first is False


@pytest.mark.parametrize("name", ["", "  ", "...", "a" * 61])
def test_a_mapping_without_a_usable_name_is_not_saved(tmp_path, name):
    with pytest.raises(BadInput):
        saved_mappings.save(replace(MAPPING, name=name), store_folder=tmp_path)
    assert not (tmp_path / "mappings").exists()


@given(st.text(min_size=1, max_size=60))
def test_no_name_of_a_mapping_leads_out_of_its_folder(name):
    try:
        file = saved_mappings.file_name(name)
    except BadInput:
        return
    assert "/" not in file and "\\" not in file and not file.startswith(".") and file.endswith(".toml")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "mappings").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be saved"):
        saved_mappings.save(MAPPING, store_folder=tmp_path)


def test_a_broken_mapping_is_told_and_the_others_are_listed(tmp_path):
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "broken.toml").write_text("name = ")
    listed, faults = saved_mappings.saved_mappings(tmp_path)
    assert len(faults) == 1 and "broken.toml" in faults[0] and len(listed) >= 2


def test_of_several_mappings_that_fit_the_one_that_reads_most_columns_is_chosen(tmp_path):
    saved_mappings.save(MAPPING, store_folder=tmp_path)
    saved_mappings.save(replace(MAPPING, name="More", columns=MAPPING.columns | {"mo": ("MO",)}), store_folder=tmp_path)
    listed, _ = saved_mappings.saved_mappings(tmp_path)
    fits = saved_mappings.fitting(listed, ["Offence", "From", "MO", "Extra"])
    assert fits is not None and fits.mapping.name == "More"
    assert saved_mappings.fitting(listed, ["Something else"]) is None


@pytest.mark.parametrize(
    "given_name, kept",
    [("../../etc/passwd", "passwd"), ("C:\\x\\march.csv", "march.csv"), ("..", "file"), ("a\x00b.csv", "ab.csv")],
)
def test_an_uploaded_name_stays_within_its_folder(given_name, kept):
    assert uploads.file_name(given_name).rstrip(".") == kept


@given(st.text(max_size=300))
def test_any_uploaded_name_is_one_part_of_a_path(name):
    file = uploads.file_name(name)
    assert file and "/" not in file and "\\" not in file and file not in (".", "..") and len(file) < 255


def test_uploads_of_an_ended_process_are_swept_and_those_of_a_running_one_are_not(tmp_path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    for process in (ended.pid, 1):
        (tmp_path / f"hotspot-upload-{process}-x").mkdir()
    uploads.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["hotspot-upload-1-x"]


def test_the_first_rows_are_named_by_file():
    rows = [RowReference("march.csv", 3), RowReference("march.csv", 8), RowReference("april.csv", 1)]
    assert report.first_rows(rows) == "march.csv rows 3, 8; april.csv row 1"


def test_a_label_from_data_is_no_markup():
    assert said.plain("![x](http://a/b)") == r"\!\[x\]\(http\:\/\/a\/b\)".replace(r"\/", "/")
