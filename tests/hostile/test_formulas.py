"""No spreadsheet runs what our files hold, and what was marked on the way out is itself again on the way in."""

from __future__ import annotations

import ast
import csv
import re
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from board_store import board_selection, board_store, file_row
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotspot.export.performance import write_performance
from hotspot.findings.performance import BoardSettings, performance_finding
from hotspot.formulas import harmless, safe, unmarked
from hotspot.offences.store import EVERYTHING
from hotspot.offences.text_table import BLANKS, trimmed
from hotspot.paths import ROOT

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0=", "\ufeff=", "\u200b-", "＝", "'=", "''+", "\x00@")
EVIL = "=cmd|' /C calc'!A0"
texts = st.one_of(st.text(), st.tuples(st.sampled_from(BEGINNINGS), st.text()).map("".join))


def first_seen(text: str) -> str:
    """Give the letter that a spreadsheet looks at: the first that is neither white space nor unseen."""
    return next((letter for letter in text if letter.isprintable() and not letter.isspace()), "")


@settings(max_examples=60)
@given(texts)
@example("=1+1")
@example("\U00012544=")
@example("'=1+1")
def test_marked_text_begins_no_formula_and_reads_back_as_itself(text):
    written = harmless(text)
    assert first_seen(written) not in tuple("=+-@＝＋－＠")
    assert written[:1] not in ("\t", "\r", "\n") and "\n" not in written and "\r" not in written
    assert unmarked(written) == re.sub(r"[\r\n]+", " ", text)


@settings(max_examples=60)
@given(texts.map(str.strip).filter(lambda text: text and text.isprintable() and text.lower() not in BLANKS))
def test_a_text_of_our_own_csv_is_the_text_again_when_it_is_imported(text):
    assert list(trimmed(pd.Series([harmless(text)], dtype="str"))) == [text]


@settings(max_examples=60)
@given(st.lists(st.floats(allow_nan=False) | st.integers(-(10**9), 10**9), min_size=1))
def test_numbers_stay_numbers(numbers):
    frame = pd.DataFrame({"n": pd.Series(numbers, dtype=object), "f": pd.Series(numbers, dtype=float)})
    assert safe(frame).to_csv() == frame.to_csv()


@pytest.mark.parametrize(("text", "shown"), [("-1.9", "-1.9"), ("+44", "+44"), ("-1e3", "-1e3"), ("-1+1", "'-1+1"), ("-", "'-")])
def test_on_screen_a_plain_number_of_a_file_is_left_as_it_is(text, shown):
    assert list(safe(pd.DataFrame({"a": [text]}), numbers_stay=True)["a"]) == [shown]


def test_names_of_columns_and_categories_are_text_too():
    frame = safe(pd.DataFrame({EVIL: pd.Categorical([EVIL])}))
    assert list(frame.columns) == [f"'{EVIL}"] and list(frame.iloc[:, 0]) == [f"'{EVIL}"]


def test_every_csv_and_every_table_on_screen_goes_through_the_mark():
    """Streamlit's own download writes the cells of the table as they are: so the table itself must be safe."""
    unsafe = []
    for path in [*(ROOT / "hotspot").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                call = ast.unparse(node)
                is_csv = node.func.attr == "to_csv" and "safe(" not in call.split(".to_csv")[0]
                is_table = node.func.attr in ("dataframe", "data_editor") and "safe(" not in call
                if is_csv or is_table or node.func.attr in ("DictWriter", "to_excel") or "csv.writer" in call.split("(")[0]:
                    unsafe.append(f"{path.relative_to(ROOT)}: {call[:60]}")
    assert unsafe == []


def test_areas_named_like_formulas_and_control_characters_are_text_in_workbook_and_csv(tmp_path):
    rows = [file_row(f"{year}{n}", f"{year}-0{n}-05") for year in (2023, 2024) for n in range(1, 7)]
    found = performance_finding(board_store(tmp_path, rows), board_selection(), BoardSettings(), scope=EVERYTHING)
    named = replace(found, place=tuple(replace(row, area=f"{EVIL}\x07\x0b") for row in found.place), areas={})
    for ending in (".xlsx", ".csv"):
        write_performance(named, "force", (), tmp_path / f"board{ending}")
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "board.xlsx") for row in sheet.iter_rows() for cell in row]
    assert any(EVIL in str(cell.value) for cell in cells) and all(cell.data_type != "f" for cell in cells)
    rows = list(csv.reader((tmp_path / "board.csv").read_text("utf-8").splitlines()))
    assert any(EVIL in cell for row in rows for cell in row)
    assert not any(cell.startswith(("=", "@", "\t")) for row in rows for cell in row)
    # Our own numbers, negative ones too, are no text.
    assert not any(cell.startswith("'") and cell[1:].lstrip("+-").replace(".", "").isdigit() for row in rows for cell in row)
