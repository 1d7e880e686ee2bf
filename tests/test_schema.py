"""The canonical schema is enforced in one place and told truly in the documents."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from hotspot.offences.read import RawOffences
from hotspot.offences.schema import COLUMNS, NAMES, RAW_REQUIRED, SCHEMA, SENSITIVE, conform, to_frame

ROOT = Path(__file__).resolve().parent.parent
OFFENCE = {
    "source": "extract",
    "force": "West Midlands",
    "crime_group": "Burglary",
    "crime_type": "Residential burglary",
    "source_crime_type": "28E",
    "month": pd.Timestamp("2024-02-01"),
    "time_precision": "minute",
    "window_known": True,
    "location_precision": "exact",
    "location_status": "usable",
    "x": 406_000.0,
    "y": 287_000.0,
    "source_file": "extract.csv",
    "source_row": 1,
}


def offences(**changes) -> pd.DataFrame:
    return pd.DataFrame([OFFENCE | changes])


def test_columns_that_are_absent_become_null_in_the_canonical_order():
    table = conform(offences())
    assert table.schema.equals(SCHEMA)
    assert table["knife"].to_pylist() == [None]
    assert table["month"].to_pylist() == [date(2024, 2, 1)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"crime_type": "Larceny"}, "Larceny"),
        ({"crime_group": "Residential burglary"}, "Residential burglary"),
        ({"time_precision": "second"}, "second"),
        ({"location_precision": "vague"}, "vague"),
        ({"location_status": "lost"}, "lost"),
        ({"source": None}, "'source' has unknown values"),
        ({"window_known": None}, "window_known"),
        ({"location_status": "absent"}, "'x' is not null exactly"),
        ({"y": None}, "'y' is not null exactly"),
        (
            {"committed_from": pd.Timestamp("2024-02-02"), "committed_to": pd.Timestamp("2024-02-01")},
            "before",
        ),
    ],
)
def test_an_offence_that_breaks_a_rule_is_refused(changes, fault):
    with pytest.raises(ValueError, match=re.escape(fault)):
        conform(offences(**changes))


def test_an_unknown_flag_stays_unknown_and_never_becomes_false():
    frame = pd.concat([offences(knife=True), offences(knife=False), offences(knife=None)], ignore_index=True)
    read_back = to_frame(conform(frame.astype({"knife": "boolean"})))
    assert read_back["knife"].isna().tolist() == [False, False, True]
    assert read_back["knife"][:2].tolist() == [True, False]


def test_pandas_gets_times_and_days_to_the_second():
    frame = to_frame(conform(offences(committed_from=pd.Timestamp("2024-02-03 04:05"), outcome_date=pd.Timestamp("2024-03-01"))))
    for name in ("committed_from", "committed_to", "reported", "month", "outcome_date", "filed_date"):
        assert frame[name].dtype == "datetime64[s]"
    assert frame["committed_from"][0] == pd.Timestamp("2024-02-03 04:05")


def test_several_victims_are_lists_in_which_unknown_entries_stay_unknown():
    frame = offences().assign(victim_refs=[["V1", None]], victim_ages=[[34, None]])
    table = conform(frame)
    assert table["victim_refs"].to_pylist() == [["V1", None]]
    assert table["victim_ages"].to_pylist() == [[34, None]]


def test_every_column_stands_in_the_page_that_explains_the_schema():
    page = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", page, flags=re.MULTILINE)
    words = {pa.string(): "text", pa.timestamp("s"): "time", pa.date32(): "day", pa.bool_(): "yes or no"}
    words |= {pa.float64(): "number", pa.int32(): "number", pa.list_(pa.string()): "texts", pa.list_(pa.int16()): "numbers"}
    expected = [(c.name, words[c.type] + ("" if c.required else ", optional")) for c in COLUMNS]
    assert [(name, kind.strip()) for name, kind in told] == expected


def test_references_to_people_and_premises_are_sensitive():
    assert {"premises_ref", "victim_refs", "victim_ages", "vehicle_ref", "suspect_ref", "officer_ref", "mo"} == set(SENSITIVE)
    assert set(SENSITIVE) < set(NAMES)


def test_a_reader_that_forgets_a_column_or_invents_one_is_stopped():
    row = dict.fromkeys(RAW_REQUIRED, "x")
    assert RawOffences(pd.DataFrame([row]), 1).rows_read == 1
    with pytest.raises(ValueError, match="source_row"):
        RawOffences(pd.DataFrame([row]).drop(columns="source_row"), 1)
    with pytest.raises(ValueError, match="shoe_size"):
        RawOffences(pd.DataFrame([row | {"shoe_size": 9}]), 1)
    with pytest.raises(ValueError, match="rows_read 2"):
        RawOffences(pd.DataFrame([row]), 2)
