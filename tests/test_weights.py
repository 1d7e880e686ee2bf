"""Harm weights: reading a user's table, what an offence weighs, what the store keeps."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hotspot.errors import BadInput, StoreError
from hotspot.offences.weights import NAME, HarmTable, HarmWeight, keep_table, kept_table, parse_table, read_table, weights_of

CSV = """crime_type,weight,valid_from,source
residential burglary,100,2020-04-01,"Paper, table 2"
Residential burglary,120,2023-04-01,"Paper, table 3"
BURGLARY,40,2020-04-01,"Paper, table 2"
034B,365,2020-04-01,"Paper, table 2"
Robbery,300,2020-04-01,"Paper, table 2"
"""
TOML = """
name = "Trial"
source = "Paper, table 2"
valid_from = 2020-04-01
[[weights]]
crime_type = "Robbery"
weight = 300
[[weights]]
crime_type = "28E"
weight = 0.5
valid_from = 2023-04-01
source = "Circular 5"
"""


def table_of(*rows):
    return HarmTable("Trial", tuple(HarmWeight(kind, weight, date.fromisoformat(first), "Paper") for kind, weight, first in rows))


def weigh(table, *offences):
    kinds, source_kinds, days = zip(*offences, strict=True)
    return weights_of(table, kinds=kinds, source_kinds=source_kinds, days=np.array(days, dtype="datetime64[s]")).tolist()


def test_a_csv_has_its_file_for_a_name_and_says_where_each_weight_is_from():
    table = parse_table(CSV.encode("utf-8-sig"), file="severity.csv")
    assert (table.name, len(table.weights), table.valid_from) == ("severity", 5, date(2020, 4, 1))
    assert table.title == "severity, valid from 1 April 2023"
    assert table.sources == "Paper, table 2; Paper, table 3"
    assert len(table.sha256) == 64


def test_a_toml_has_a_name_and_may_say_date_and_source_once():
    table = parse_table(TOML.encode(), file="trial.toml")
    assert [(one.crime_type, one.weight, one.valid_from, one.source) for one in table.weights] == [
        ("Robbery", 300.0, date(2020, 4, 1), "Paper, table 2"),
        ("28E", 0.5, date(2023, 4, 1), "Circular 5"),
    ]


def test_the_closest_word_weighs_and_the_latest_weight_valid_on_the_day():
    table = parse_table(CSV.encode(), file="severity.csv")
    found = weigh(
        table,
        ("Residential burglary", "Burglary dwelling", "2021-01-01"),
        ("Residential burglary", "28A", "2023-04-01"),
        ("Residential burglary", "28A", "2023-03-31T23:59:59"),
        ("Business and community burglary", "30A", "2021-01-01"),
        ("Personal robbery", "34B", "2021-01-01"),
        ("Personal robbery", "Mugging", "2021-01-01"),
    )
    assert found == [100, 120, 100, 40, 365, 300]


def test_a_code_with_a_sub_class_falls_back_on_its_class_and_own_words_come_first():
    table = table_of(("48", 5, "2020-01-01"), ("Vehicle crime", 3, "2020-01-01"), ("Moped taken", 9, "2020-01-01"))
    day = "2024-01-01"
    assert weigh(table, ("Theft of a vehicle", "048/01", day), ("Theft of a vehicle", "moped  TAKEN", day)) == [5, 9]
    assert weigh(table, ("Theft from a vehicle", "45", day)) == [3]


def test_no_type_and_no_day_before_the_first_has_a_weight():
    table = table_of(("Robbery", 5, "2020-01-01"))
    assert np.isnan(weigh(table, ("Drugs", "Drugs", "2024-01-01"), ("Robbery", "Robbery", "2019-12-31"))).all()
    assert weigh(table, ("Robbery", "Robbery", "2020-01-01")) == [5]


@given(st.lists(st.tuples(st.sampled_from(["Robbery", "Burglary", "Drugs"]), st.integers(0, 40)), min_size=1, max_size=20))
@hypothesis_settings(max_examples=40, deadline=None)
def test_weights_agree_with_looking_each_offence_up(offences):
    rows = [("Robbery", 2.0, "2024-01-05"), ("Burglary", 3.0, "2024-01-01"), ("Robbery", 7.0, "2024-01-20")]
    days = [date(2024, 1, 1).toordinal() + number for _, number in offences]
    found = weigh(
        table_of(*rows), *[(kind, kind, date.fromordinal(d).isoformat()) for (kind, _), d in zip(offences, days, strict=True)]
    )
    for (kind, _), day, weight in zip(offences, days, found, strict=True):
        valid = [w for name, w, first in rows if name == kind and date.fromisoformat(first).toordinal() <= day]
        assert np.isnan(weight) if not valid else weight == valid[-1]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("a.xlsx", b"", "give a .csv or .toml"),
        ("a.csv", b"crime_type,weight\nRobbery,1\n", "no column valid_from, source"),
        ("a.csv", b"crime_type,weight,valid_from,source\n", "has no weights"),
        ("a.csv", b"crime_type,weight,valid_from,source\nRobbery,-1,01/04/2020,\n", "no source"),
        ("a.csv", b"crime_type,weight,valid_from,source\nRobbery,many,2020-04-01,Paper\n", "'many' is no number of 0 or more"),
        ("a.csv", b"crime_type,weight,valid_from,source\nRobbery,1,01/04/2020,Paper\n", "'01/04/2020' is no date"),
        ("a.csv", b"crime_type,weight,valid_from,source\nRobbery,1,2020-04-01,P\nrobbery,2,2020-04-01,P\n", "two weights"),
        ("a.toml", b"name = 3 =", "is not valid TOML"),
        ("a.toml", b"weights = 3", r"needs \[\[weights\]\]"),
        ("a.csv", b"\xff\xfe", "no column crime_type"),
        ("a.csv", b"x" * 2_097_153, "has 3 MB, more than the 2"),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_a_sentence(file, content, said):
    with pytest.raises(BadInput, match=said):
        parse_table(content, file=file)


def test_many_faults_are_told_five_at_a_time(tmp_path):
    rows = "".join(f"Robbery,many,2020-04-{day:02},Paper\n" for day in range(1, 10))
    (tmp_path / "a.csv").write_text("crime_type,weight,valid_from,source\n" + rows)
    with pytest.raises(BadInput, match="4 more such faults") as caught:
        read_table(tmp_path / "a.csv")
    assert len(caught.value.faults) == 6
    with pytest.raises(BadInput, match="cannot be read"):
        read_table(tmp_path / "none.csv")


def test_the_store_keeps_one_table_with_where_it_came_from(tmp_path):
    assert kept_table(tmp_path) is None
    first = keep_table(tmp_path, parse_table(CSV.encode(), file="severity.csv"), today=date(2026, 11, 23))
    assert kept_table(tmp_path) == first
    assert (first.file, first.imported) == ("severity.csv", date(2026, 11, 23))
    second = keep_table(tmp_path, parse_table(TOML.encode(), file="trial.toml"), today=date(2026, 11, 24))
    assert kept_table(tmp_path) == second
    assert hash(first) != hash(second)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_damaged_or_unwritable_table_is_told(tmp_path):
    for text in ("{", json.dumps({"name": "x"}), "[]"):
        (tmp_path / NAME).write_text(text)
        with pytest.raises(StoreError, match="Import the table again"):
            kept_table(tmp_path)
    with pytest.raises(StoreError, match="cannot be written"):
        keep_table(tmp_path / "gone", table_of(("Robbery", 1, "2020-01-01")), today=date(2026, 1, 1))
