"""The When page and the concentration of offences, run as Streamlit runs them: true results or a sentence, for both audiences."""

import html
import re
from datetime import date, timedelta

import pytest
from small_store import EAST, IN_EAST, offence, several, small_store
from streamlit.testing.v1 import AppTest
from street_files import row, street_file

from hotspot.boundaries.force_file import load_force
from hotspot.offences.load import import_sources
from hotspot.paths import ROOT, WEST_MIDLANDS

PAGE = "import runpy\nfrom hotspot.ui import links\nlinks.begin_page('{stem}')\nrunpy.run_path('{path}')\n"


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """Seven months of burglaries after dusk, a few by day, one robbery; thefts, two of them known to the day alone."""
    rows = [offence("r", IN_EAST, "2024-05-10 12:00", kind="Robbery")]
    rows += several(30, "t", committed="2024-05-11 12:00", kind="Theft of a vehicle")
    rows += several(2, "u", committed="2024-05-12", kind="Theft of a vehicle")
    for number in range(200):
        day = date(2024, 1, 2) + timedelta(days=number)
        rows += several(2, f"n{number}-", committed=f"{day} 19:00", to=f"{day} 23:30", reported=f"{day}", street="Mill Lane")
        rows.append(offence(f"d{number}", IN_EAST, f"{day} 10:00", to=f"{day} 10:00", reported=f"{day}"))
    return small_store(tmp_path_factory.mktemp("timed"), rows).path


@pytest.fixture(scope="module")
def monthly(tmp_path_factory):
    folder = tmp_path_factory.mktemp("monthly")
    file = street_file(folder, *(row(f"a{number:063d}") for number in range(30)))
    import_sources([file], store=folder / "store", forces=[load_force(WEST_MIDLANDS)], today=date(2026, 1, 1))
    return folder / "store"


def drawn(monkeypatch, store, file="explore/when.py", **query):
    """Run a page and give the words that it wrote."""
    return words_of(run(monkeypatch, store, file, **query))


def run(monkeypatch, store, file="explore/when.py", **query):
    monkeypatch.setenv("HOTSPOT_STORE", str(store))
    path = ROOT / "pages" / file
    page = AppTest.from_string(PAGE.format(stem=path.stem, path=path), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    return page


def words_of(page):
    assert not page.exception
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in page.get("html"))))


def test_the_page_says_the_hours_the_dark_and_the_months(monkeypatch, timed):
    said = drawn(monkeypatch, timed, type="Burglary")
    # Two of three burglaries each day spread over four and a half hours, four of them whole: 2/3 of 4/4.5.
    assert "59% of burglaries fall between 19:00 and 23:00" in said
    assert "fell between sunset and sunrise" in said
    assert "Control chart" in said
    assert "Over time" in said
    assert "Monday" in said


def test_another_way_of_counting_says_what_it_moves(monkeypatch, timed):
    assert "into other hours than aoristic weights do" in drawn(monkeypatch, timed, type="Burglary", way="start")


def test_other_offences_have_no_sunset(monkeypatch, timed):
    said = drawn(monkeypatch, timed, type="Robbery")
    assert "Sunset" not in said
    assert "Too few robberies to say at what hour they fall" in said


def test_an_empty_place_is_said(monkeypatch, timed):
    said = drawn(monkeypatch, timed, type="Robbery", level="LPA", area="Westley")
    assert "No robberies with a known time in this selection" in said
    assert "No offence of this type lies in this area and period" in said


def test_the_public_sees_no_small_count(monkeypatch, timed):
    said = drawn(monkeypatch, timed, type="Robbery", audience="public")
    assert "Counts are hidden" in said


def test_the_public_is_given_one_way_of_counting_where_few_are_known_to_the_day_alone(monkeypatch, timed):
    page = run(monkeypatch, timed, type="Theft of a vehicle", way="start")
    assert "begins" in words_of(page)
    page.selectbox(key="widget-audience").set_value("public").run()
    assert "Each offence is spread evenly" in words_of(page)
    assert "By week" not in [option for group in page.get("button_group") for option in group.options]


def test_months_alone_give_the_series_and_the_reason(monkeypatch, monthly):
    said = drawn(monkeypatch, monthly)
    assert "The hour of these offences is not known; their months are" in said
    assert "the month of each offence and no more" in said
    assert "Limits need 5 complete months" in said
    assert "Monday" not in said


def test_where_repeats_cannot_be_known_concentration_on_cells_is_shown(monkeypatch, monthly):
    said = drawn(monkeypatch, monthly, file="repeats/repeat_victimisation.py")
    assert "Repeat victimisation cannot be known from these data" in said
    assert "Concentration" in said


def test_one_area_is_drawn_by_itself(monkeypatch, timed):
    said = drawn(monkeypatch, timed, type="Burglary", level="LPA", area=EAST, series="By week")
    assert f"Burglary in {EAST}" in said
    assert "Nearly all burglaries fall between 10:00 and 11:00" in said


def test_a_force_without_boundaries_and_references_is_told_what_each_of_them_would_tell(monkeypatch, tmp_path):
    store = small_store(tmp_path, several(25, "a", committed="2024-05-06 20:00"), lpas=None).path
    said = drawn(
        monkeypatch, store, file="repeats/repeat_victimisation.py", **{"from": "2024-05-01", "to": "2024-06-01"}, of="cell"
    )
    assert "name no premises, victim or vehicle" in said
    assert "These data give the month" not in said
    assert "Sunset" in drawn(monkeypatch, store, type="Burglary")


def test_days_without_a_time_give_weeks_and_the_reason(monkeypatch, tmp_path):
    rows = [offence(number, committed=f"2024-05-{1 + number:02d}") for number in range(28)]
    said = drawn(monkeypatch, small_store(tmp_path, rows).path, type="Burglary", series="By week")
    assert "the day of each offence and not its time" in said
