"""The board's table leaves the product: workbook, CSV, command and page, for both audiences."""

import csv
import html
import json
import re
from dataclasses import replace
from functools import partial

import openpyxl
import pytest
from board_store import board_selection, board_store, file_row
from small_store import IN_EAST
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.export.performance import write_performance
from hotspot.findings.peers import compare_with_peers, parse_peers
from hotspot.findings.performance import BoardSettings, performance_finding
from hotspot.offences.store import EVERYTHING
from hotspot.paths import ROOT

PAGE = "import runpy\nfrom hotspot.ui import links\nlinks.begin_page('{stem}')\nrunpy.run_path('{path}')\n"


def rows():
    for year in (2022, 2023, 2024):
        for month in range(1, 7):
            day = f"{year}-{month:02d}-05"
            for number in range(9):
                yield file_row(
                    f"{day}{number}", day, outcome="Caution" if number < 2 else "", outcome_date=f"{year}-{month:02d}-25"
                )
    yield file_row("one", "2024-06-30", "Personal robbery", IN_EAST, victim_age=19)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return board_store(tmp_path_factory.mktemp("outputs"), rows())


def find(store):
    return performance_finding(store, board_selection(), BoardSettings(), scope=EVERYTHING)


def test_the_workbook_keeps_numbers_says_what_they_are_and_runs_no_formula(store, tmp_path):
    peers = compare_with_peers(parse_peers(b"force,group,offences,population\n=cmd(),Burglary,5,1000\n", file="=f.csv"), "X")
    path = tmp_path / "board.xlsx"
    write_performance(find(store), "force", peers, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "Board table" and book.sheetnames[-1] == "What this is"
    cells = {tuple(cell.value for cell in row[:4]) for row in book["Board table"].iter_rows(min_row=4)}
    assert ("Testshire", "Burglary", 27, 27) in cells
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    said = dict(row[:2] for row in book["What this is"].iter_rows(values_only=True))
    assert "over offences recorded in it" in said["Outcome rate is"]
    assert said["Marking"] == "OFFICIAL-SENSITIVE"


def test_the_csv_has_a_row_for_each_line_and_place_and_hides_small_counts_for_the_public(store, tmp_path):
    for audience in ("force", "public"):
        path = tmp_path / f"{audience}.csv"
        write_performance(find(store), audience, (), path)
        found = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        robbery = [row for row in found if row["offence_group"] == "Robbery" and row["area"] == "Testshire"]
        assert [row["this_year"] for row in robbery] == ["1" if audience == "force" else "hidden"]


def test_the_command_prints_the_same_table_and_writes_it(store, tmp_path):
    out = tmp_path / "board.xlsx"
    run = partial(CliRunner().invoke, app)
    base = ["performance", "--store", str(store.path), "--as-at", "2024-07-01"]
    found = run([*base, "--denominator", "cohort", "--outcomes", "positive", "--out", str(out), "--json"])
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    burglary = next(row for row in document["rows"] if row["offence_group"] == "Burglary")
    assert (burglary["last_year"], burglary["this_year"], burglary["outcomes"]) == (27, 27, 6)
    assert out.is_file()
    assert run([*base, "--denominator", "nonsense"]).exit_code == 2
    assert run([*base, "--peers", str(tmp_path / "none.csv")]).exit_code == 2
    public = json.loads(run([*base, "--audience", "public", "--json"]).stdout)
    assert public["months"] is None and '"this_year": 1,' not in json.dumps(public)


@pytest.mark.parametrize("audience", ["force", "public"])
def test_the_page_shows_the_table_and_its_definition(monkeypatch, store, audience):
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    path = ROOT / "pages" / "assurance" / "performance.py"
    page = AppTest.from_string(PAGE.format(stem="performance", path=path), default_timeout=60)
    page.query_params["type"], page.query_params["audience"] = "Burglary", audience
    page.query_params["from"], page.query_params["to"] = "2024-04-01", "2024-07-01"
    page.run()
    assert not page.exception
    said = html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in page.get("html"))))
    assert "Performance in Testshire: 1 April to 30 June 2024 against 1 April to 30 June 2023" in said
    assert "Outcome rate: positive outcomes (1–4, 6–8) given in the period" in said
    assert ("hidden" in said) == (audience == "public")


def text_of(fragment):
    return html.unescape(re.sub(r"<[^>]+>", " ", fragment)).replace("−", "-").strip()


def shown_page(monkeypatch, store, **query):
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    path = ROOT / "pages" / "assurance" / "performance.py"
    page = AppTest.from_string(PAGE.format(stem="performance", path=path), default_timeout=60)
    for name, value in {"type": "Burglary", "from": "2024-04-01", "to": "2024-07-01", **query}.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return " ".join(element.proto.body for element in page.get("html"))


def test_workbook_and_csv_hold_the_figures_of_the_page_as_numbers(monkeypatch, store, tmp_path):
    body = shown_page(monkeypatch, store).partition("<tbody>")[2].partition("</tbody>")[0]
    on_page = [[text_of(cell) for cell in re.findall(r"<td.*?</td>", row)] for row in re.findall(r"<tr.*?</tr>", body)]
    for ending in (".xlsx", ".csv"):
        write_performance(find(store), "force", (), tmp_path / f"board{ending}")
    sheet = openpyxl.load_workbook(tmp_path / "board.xlsx")["Board table"]
    heads = [cell.value for cell in sheet[3]]
    rows = [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]
    written = list(csv.DictReader((tmp_path / "board.csv").read_text("utf-8").splitlines()))
    assert {name for row in written for name in row} >= {"last_year", "period_last_year", "outcome_rate", "outcome_rate_is"}
    assert [row["Offence group"] for row in rows] == [cells[0] for cells in on_page] and len(rows) >= 4
    for cells, row, line in zip(on_page, rows, written, strict=False):  # the CSV goes on with the areas
        assert (cells[1], cells[2]) == (f"{row['Last year']:,}", f"{row['This year']:,}")
        assert (int(line["last_year"]), int(line["this_year"])) == (row["Last year"], row["This year"])
        assert {type(row[name]) for name in ("Last year", "This year", "Outcomes")} == {int}
        if row["Reading"] != "too few to say":
            assert cells[3].lstrip("+-") == f"{abs(row['Change per day']):.0%}"
            assert cells[-1].split("%")[0] == f"{100 * row['Outcome rate']:.1f}"
            assert float(line["outcome_rate_low"]) == row["Outcome rate low"]


def test_an_area_named_like_a_formula_is_text_in_workbook_and_csv(store, tmp_path):
    found = find(store)
    named = replace(found, place=tuple(replace(row, area="=HYPERLINK(1)") for row in found.place), areas={})
    for ending in (".xlsx", ".csv"):
        write_performance(named, "force", (), tmp_path / f"board{ending}")
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "board.xlsx")["Board table"] for cell in row]
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
    assert not any(cell.data_type == "f" or str(cell.value).startswith("=") for cell in cells)
    for row in csv.DictReader((tmp_path / "board.csv").read_text("utf-8").splitlines()):
        assert not row["area"].startswith("=") and "HYPERLINK" in row["area"]


@pytest.mark.parametrize("audience", ["force", "public"])
def test_shares_show_counts_beside_and_tell_the_public_no_small_one(monkeypatch, store, audience):
    said = text_of(shown_page(monkeypatch, store, board="Shares", shares="Victims under 25", audience=audience))
    assert ("1 of 1" in said) == (audience == "force")
    assert ("Counts are hidden" in said) == (audience == "public")


def test_months_and_other_forces_have_views_of_their_own(monkeypatch, store):
    months = text_of(shown_page(monkeypatch, store, board="Months", denominator="cohort"))
    assert "Burglary: outcome rate by month" in months and "in the mature months alone" in months
    assert "The most similar group is yours to choose" in text_of(shown_page(monkeypatch, store, board="Other forces"))
