"""The load report adds up, survives the store, and speaks in sentences."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.offences.report import (
    LoadReport,
    MonthChange,
    PileUp,
    RowReference,
    Suspicious,
    TypeCount,
    missing_between,
    runs,
)

REPORT = LoadReport(
    source="police.uk",
    forces=("West Midlands",),
    imported_at=datetime(2024, 6, 30, 9, 15),
    rows_read=1_010,
    rows_used=1_000,
    offences=998,
    excluded={"ragged row": 1, "duplicate reference": 9},
    examples={"ragged row": (RowReference("january.csv", 17),), "duplicate reference": (RowReference("january.csv", 4),)},
    without_location=12,
    location_unusable=1,
    outside_lpas=34,
    end_before_start=5,
    lpa_disagreements=2,
    suspicious=Suspicious(90, 11.5, True, (PileUp(406_000.0, 287_000.0, 80, "High Street"),), True, 7),
    months=("2014-01", "2014-02", "2014-05"),
    missing_months=("2014-03", "2014-04"),
    crime_types={"Burglary": TypeCount(1_000, 12)},
    replaced=(MonthChange("West Midlands", "2014-01", 400, 390), MonthChange("West Midlands", "2014-02", 0, 608)),
    passed_over={"Leicestershire": 2, "stop and search": 1},
    notes=("The column 'Time' was not used.",),
)


def test_rows_that_do_not_add_up_make_no_report():
    with pytest.raises(ValueError, match="1011 rows read are not 1000 used"):
        replace(REPORT, rows_read=1_011)


def test_a_report_survives_json():
    assert LoadReport.from_dict(json.loads(json.dumps(REPORT.to_dict()))) == REPORT


@given(
    st.dictionaries(st.text(max_size=8), st.integers(1, 10**6), max_size=4),
    st.integers(0, 10**7),
    st.lists(st.text(max_size=20), max_size=3),
    st.floats(0, 1e6),
)
def test_any_report_survives_json(excluded, used, notes, expected):
    report = LoadReport(
        source="s",
        forces=(),
        imported_at=datetime(2024, 1, 1),
        rows_read=used + sum(excluded.values()),
        rows_used=used,
        offences=used,
        excluded=excluded,
        examples={reason: (RowReference("f", 1),) for reason in excluded},
        suspicious=Suspicious(midnight_expected=expected),
        notes=tuple(notes),
    )
    assert LoadReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_the_names_that_the_command_line_promises_are_there():
    promised = {"rows_read", "rows_used", "excluded", "without_location", "months", "missing_months", "crime_types"}
    document = REPORT.to_dict()
    assert promised <= document.keys()
    assert document["crime_types"] == {"Burglary": {"count": 1_000, "without_location": 12}}


def test_the_report_says_each_finding_once_and_the_total_first():
    said = REPORT.sentences()
    assert said[0] == (
        "1,010 rows read: 1,000 used, 10 excluded. Rows with further victims of one offence were joined: 998 offences."
    )
    expected = [
        "Excluded, ragged row: 1 row. First: january.csv row 17.",
        "Excluded, duplicate reference: 9 rows. First: january.csv row 4.",
        "12 offences without a location",
        "1 offence with an unusable location",
        "34 offences inside the force's bounds but in no LPA",
        "2 offences whose own LPA",
        "5 offences with an end before the start",
        "90 offences at exactly 00:00 or 00:01, where about 12",
        "80 at High Street",
        "7 offences with a window of more than 7 days",
        "Months: 2014-01 to 2014-02 and 2014-05.",
        "Missing months: 2014-03 to 2014-04.",
        "West Midlands 2014-01: 400 offences before, 390 now.",
        "Passed over: Leicestershire (2 files) and stop and search (1 file).",
        "The column 'Time' was not used.",
    ]
    assert len(said) == 1 + len(expected)
    for words, sentence in zip(expected, said[1:], strict=True):
        assert words in sentence


def test_a_clean_import_says_little():
    clean = LoadReport("s", ("Kent",), datetime(2024, 1, 1), 3, 3, 3, months=("2024-01",))
    assert clean.sentences() == ("3 rows read: 3 used, 0 excluded.", "Months: 2024-01.")


def test_one_coordinate_of_many_offences_is_told_as_usual_where_it_is():
    usual = replace(REPORT.suspicious, pile_ups_flagged=False, midnight_flagged=False, windows_over_7_days=0)
    assert any("nothing unusual" in one for one in replace(REPORT, suspicious=usual).sentences())
    assert not any("Suspicious" in one for one in replace(REPORT, suspicious=usual).sentences())


def test_months_between_the_first_and_the_last_are_missing_across_a_new_year():
    assert missing_between(("2013-11", "2014-02")) == ("2013-12", "2014-01")
    assert missing_between(("2014-02",)) == missing_between(()) == ()


@given(st.sets(st.integers(0, 60), min_size=1))
def test_months_and_missing_months_fill_the_span(numbers):
    months = tuple(f"{2014 + n // 12}-{n % 12 + 1:02d}" for n in sorted(numbers))
    span = max(numbers) - min(numbers) + 1
    assert len(months) + len(missing_between(months)) == span
    assert not set(months) & set(missing_between(months))


def test_runs_of_months_are_joined():
    assert runs(("2013-12", "2014-01", "2014-03")) == "2013-12 to 2014-01 and 2014-03"
    assert runs(()) == ""


def test_a_report_of_an_older_version_lacks_a_count_and_is_read_all_the_same():
    report = LoadReport(source="a", forces=("b",), imported_at=datetime(2026, 1, 1), rows_read=1, rows_used=1, offences=1)
    older = {name: value for name, value in report.to_dict().items() if name != "end_in_future"}
    assert LoadReport.from_dict(older) == report
