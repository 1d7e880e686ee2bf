"""Investigation quality by hand: files filed while CCTV was awaited, days to filing, premises with several officers."""

import html
import json
import math
import re

import pytest
from board_store import board_selection, board_store, file_row
from small_store import IN_EAST, WEST
from streamlit.testing.v1 import AppTest
from test_performance_outputs import PAGE
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.errors import NotKnowable
from hotspot.findings import investigation_words as words
from hotspot.findings.investigation import investigation_finding
from hotspot.findings.investigation_shown import shown_handling
from hotspot.offences.store import EVERYTHING
from hotspot.paths import ROOT


def asked(reference, filed, requested="2024-05-02", received="", **others):
    return file_row(reference, "2024-05-01", cctv_requested=requested, cctv_received=received, filed_date=filed, **others)


ROWS = [
    asked("in-time", "2024-05-11", received="2024-05-11", officer_ref="OFFICER-0001", premises_ref="PREMISES-1"),
    asked("late", "2024-05-11", received="2024-05-12", officer_ref="OFFICER-0002", premises_ref="PREMISES-1"),
    asked("never", "2024-05-21", officer_ref="OFFICER-0001", premises_ref="PREMISES-2"),
    asked("asked-after", "2024-05-11", requested="2024-05-20", officer_ref="OFFICER-0001", premises_ref="PREMISES-2"),
    file_row("open", "2024-05-01", officer_ref="OFFICER-0003"),
    file_row("east", "2024-06-30", at=IN_EAST),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return board_store(tmp_path_factory.mktemp("files"), ROWS)


def find(store, **limits):
    return investigation_finding(store, board_selection(**limits), scope=EVERYTHING)


def test_a_file_is_awaited_where_its_cctv_came_after_filing_or_never(store):
    finding = find(store)
    assert (finding.total.awaited.count, finding.total.awaited.of) == (2, 3)
    assert [(one.reference, one.days) for one in finding.awaited] == [("never", 41), ("late", 1)]
    assert {one.officer for one in finding.awaited} == {"•••001", "•••002"}


def test_days_to_filing_count_open_files_as_waiting(store):
    west = find(store).areas[0]
    # Filed after 10, 10, 10 and 20 days; one open for 61.
    assert (west.area, west.filed, west.open, west.days_to_filing) == (WEST, 4, 1, (10, 10, 20))
    assert west.open_age == (61, 61, 61)
    assert words.quartiles_words((10, math.inf, math.inf)) == "over half open (10 to not yet)"


def test_premises_with_several_officers_are_listed_masked(store):
    finding = find(store)
    assert (finding.total.premises.several, finding.total.premises.of) == (1, 2)
    (one,) = finding.premises
    assert (one.reference, one.offences, one.officers) == ("•••S-1", 2, 2)


def test_a_chain_with_several_officers_is_listed(tmp_path):
    rows = [file_row(f"c{n}", f"2024-05-{n + 1:02d}", at=(402_000 + 9 * n, 292_000), officer_ref=f"O{n % 2}") for n in range(5)]
    finding = find(board_store(tmp_path, rows))
    assert [(one.chain.size, one.chain.officers) for one in finding.chains] == [(5, 2)]
    assert finding.total.chains.of == 1
    assert not finding.has_filing
    assert [(one.area, one.chains.several, one.chains.of) for one in finding.areas] == [(WEST, 1, 1)]


def test_data_without_officers_and_filing_are_refused_in_a_sentence(tmp_path):
    fields = ("offence_id", "crime_description", "committed_from", "reported", "x", "y")
    with pytest.raises(NotKnowable, match="neither when a file was closed"):
        find(board_store(tmp_path, ROWS, fields=fields))


def test_an_empty_selection_says_so(store):
    finding = find(store, crime_type="Drugs")
    assert words.headline(finding) == "No file in this selection"
    assert words.subline(finding) == "0 of 0 files open."


def test_the_public_sees_no_small_count(store):
    rows = shown_handling(find(store), audience="public")
    assert all(one.filed == "hidden" and one.awaited is None for one in rows if one.area == WEST)
    found = CliRunner().invoke(
        app, ["investigation", "--store", str(store.path), "--crime-type", "burglary", "--audience", "public", "--json"]
    )
    document = json.loads(found.stdout)
    assert (document["awaited"], document["chains"], document["headline"]) == (None, None, "How files are handled")


def test_choosing_an_area_tells_the_public_no_more_than_the_table_of_all(tmp_path):
    """Two files in the east, of which one is filed: both areas are hidden, and stay so when the west is chosen alone."""
    rows = [file_row(f"w{n}", "2024-05-01", filed_date="2024-05-11" if n < 20 else "") for n in range(40)]
    rows += [file_row(f"e{n}", "2024-05-01", at=IN_EAST, filed_date="2024-05-11" if n < 1 else "") for n in range(2)]
    store = board_store(tmp_path, rows)
    whole = shown_handling(find(store), audience="public")
    assert [one.filed for one in whole] == ["hidden", "hidden", "21"]
    (chosen,) = shown_handling(find(store, area=WEST), audience="public")
    assert (chosen.area, chosen.filed, chosen.open, chosen.chains) == (WEST, "hidden", "hidden", None)
    (known,) = shown_handling(find(store, area=WEST), audience="force")
    assert (known.filed, known.open) == ("20", "20")


def test_the_command_prints_the_table(store):
    found = CliRunner().invoke(app, ["investigation", "--store", str(store.path), "--crime-type", "burglary"])
    assert found.exit_code == 0
    assert "2 of 3 files with CCTV requested were filed before it came" in found.stdout
    assert "66.7% (2 of 3)" in found.stdout


@pytest.mark.parametrize("audience", ["force", "public"])
def test_the_page_shows_the_areas_and_lists_for_the_force_alone(monkeypatch, store, audience):
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    path = ROOT / "pages" / "assurance" / "investigation.py"
    page = AppTest.from_string(PAGE.format(stem="investigation", path=path), default_timeout=60)
    page.query_params["type"], page.query_params["audience"] = "Burglary", audience
    page.run()
    assert not page.exception
    said = html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in page.get("html"))))
    assert ("2 of 3 files" in said) == (audience == "force")
    assert ("for the force alone" in said) == (audience == "public")
