"""Files that cannot be read: each is refused in a sentence that names the file and the cure."""

import pytest
from extract_files import KINDS, MAPPING, WEST_MIDLANDS, write_csv, write_xlsx
from openpyxl import load_workbook

from hotspot.errors import BadInput
from hotspot.offences.force_extract import read_extract, read_head
from hotspot.offences.mapping import Mapping


def refused(path) -> str:
    with pytest.raises(BadInput) as raised:
        list(read_extract(path, mapping=Mapping.from_toml(MAPPING), force=WEST_MIDLANDS))
    assert path.name in str(raised.value)
    return str(raised.value)


def file_with(path, content: bytes):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b",,\n,,\n", "is empty"),
        (b"From,To\n", "no row below"),
        (b"From,To,From\n1,2,3\n", "has the column 'From' more than once"),
        (b"From,To\n2024-03-04,\x00\x00\n", "NUL bytes"),
        (b"From,To\n2024-03-04,\x81\x8d\n", "neither UTF-8"),
        (b'From,To\n2024-03-04,"unclosed\n2024-03-05,x\n', "quotation mark that opens in row 1 is never closed"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused(tmp_path, content, words):
    assert words in refused(file_with(tmp_path / "bad.csv", content))


def test_blank_lines_above_the_header_are_passed_over(tmp_path):
    head = read_head(file_with(tmp_path / "a.csv", b"\n,\nFrom,Street\n2024-03-04,High Street\n"))
    assert head.columns == ("From", "Street") and len(head.frame) == 1


def test_quotation_marks_within_a_field_are_no_fault(tmp_path):
    path = file_with(tmp_path / "a.csv", b'From,Street\n2024-03-04,The "Red" Lion\n2024-03-05,"two\nlines"\n')
    assert list(read_head(path).frame["Street"]) == ['The "Red" Lion', "two\nlines"]


def test_two_duplicate_headers_are_told_at_once(tmp_path):
    with pytest.raises(BadInput) as raised:
        read_head(write_csv(tmp_path / "bad.csv", [("1", "2", "3", "4")], ("A", "B", "A", " B ")))
    assert len(raised.value.faults) == 2


def test_a_workbook_under_a_password_is_refused(tmp_path):
    old_office = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    path = file_with(tmp_path / "bad.xlsx", old_office + "EncryptedPackage".encode("utf-16-le"))
    assert "protected by a password" in refused(path)


def test_an_old_workbook_and_a_text_file_under_the_name_of_a_workbook_are_refused(tmp_path):
    assert "old .xls" in refused(file_with(tmp_path / "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)))
    assert "no Excel workbook" in refused(file_with(tmp_path / "b.xlsx", b"From,To\n1,2\n"))


def test_an_empty_sheet_and_a_header_alone_are_refused(tmp_path):
    assert "is empty" in refused(write_xlsx(tmp_path / "a.xlsx", rows=[], header=[]))
    assert "no row below" in refused(write_xlsx(tmp_path / "b.xlsx", rows=[], header=["From"]))


def test_duplicate_columns_of_a_sheet_are_refused(tmp_path):
    assert "more than once" in refused(write_xlsx(tmp_path / "a.xlsx", rows=[("1", "2")], header=("From", "From")))


def test_an_unknown_sheet_is_refused_with_the_names_there_are(tmp_path):
    with pytest.raises(BadInput, match=r"has no sheet 'Data'\. Its sheets: Crimes"):
        read_head(write_xlsx(tmp_path / "a.xlsx"), part="Data")


def test_of_several_sheets_the_first_is_read_and_told(tmp_path):
    book = load_workbook(write_xlsx(tmp_path / "a.xlsx"))
    book.create_sheet("Notes").append(["x"])
    book.save(tmp_path / "a.xlsx")
    (offences,) = read_extract(tmp_path / "a.xlsx", mapping=Mapping.from_toml(MAPPING), force=WEST_MIDLANDS)
    assert offences.rows_read == 3 and "Sheet 'Crimes' was read; a.xlsx has also: Notes." in offences.notes


def test_rows_of_a_sheet_keep_their_number_past_blank_ones(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", rows=[("2024-03-04",), ("",), ("2024-03-05",)], header=("From",))
    mapping = Mapping.from_toml('name = "E"\ncrime_type = "Robbery"\n[columns]\ncommitted_from = "From"')
    (offences,) = read_extract(path, mapping=mapping, force=WEST_MIDLANDS)
    assert list(offences.frame["source_row"]) == [1, 3]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "gpkg", "geojson"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_truncated_file_is_refused(tmp_path, kind, share):
    path = KINDS[kind](tmp_path)
    content = path.read_bytes()
    told = refused(file_with(path, content[: int(len(content) * share)]))
    assert "Export it again" in told or "Save it again" in told


@pytest.mark.parametrize("suffix", ["parquet", "gpkg", "geojson"])
def test_a_file_of_another_kind_than_its_name_is_refused(tmp_path, suffix):
    assert "damaged or no" in refused(file_with(tmp_path / f"bad.{suffix}", b"this is no such file at all" * 100))


def test_an_unknown_layer_is_refused_with_the_names_there_are(tmp_path):
    with pytest.raises(BadInput, match=r"has no layer 'crimes'\. Its layers: a"):
        read_head(KINDS["gpkg"](tmp_path), part="crimes")


def test_another_kind_of_file_and_a_missing_one_are_refused(tmp_path):
    assert "is no CSV, XLSX, Parquet, GeoPackage or GeoJSON" in refused(file_with(tmp_path / "a.docx", b"x"))
    assert "There is no file" in refused(tmp_path / "absent.csv")
