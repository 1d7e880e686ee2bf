"""JSON documents: every digit, and null with a reason where JSON has no number."""

import json
import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.export.json_document import json_text


def read(text):
    """Parse as a strict reader does: Infinity and NaN are no JSON."""

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_infinity_and_nan_are_null_with_the_reason_beside_them():
    document = {"rows": [{"area": "Dudley", "ratio": math.inf, "q_value": math.nan, "low": -math.inf, "count": 3}]}
    words = {("ratio", "infinite"): "infinite: no offences in the baseline"}
    row = {"area": "Dudley", "ratio": None, "q_value": None, "low": None, "count": 3}
    why = {"ratio": "infinite: no offences in the baseline", "q_value": "not a number", "low": "minus infinite"}
    assert read(json_text(document, reasons=words)) == {"rows": [{**row, "reasons": why}]}


def test_a_null_in_a_list_is_named_by_its_place():
    assert read(json_text({"values": [1.0, math.nan, [math.inf]]})) == {
        "values": [1.0, None, [None]],
        "reasons": {"values[1]": "not a number", "values[2][0]": "infinite"},
    }


def test_reasons_that_a_row_brings_along_are_kept():
    assert read(json_text({"count": None, "ratio": math.nan, "reasons": {"count": "suppressed"}}))["reasons"] == {
        "count": "suppressed",
        "ratio": "not a number",
    }


def test_values_of_numpy_dates_tuples_and_paths_become_plain():
    document = {
        "count": np.int64(4),
        "share": np.float64(0.1),
        "flag": np.bool_(True),
        "values": np.array([[1.5, np.nan]]),
        "day": date(2014, 1, 31),
        "time": datetime(2014, 1, 31, 23, 59),
        "pair": (1, "a"),
        "out": Path("a") / "b.tif",
        date(2014, 1, 1): None,
    }
    assert read(json_text(document)) == {
        "count": 4,
        "share": 0.1,
        "flag": True,
        "values": [[1.5, None]],
        "day": "2014-01-31",
        "time": "2014-01-31T23:59:00",
        "pair": [1, "a"],
        "out": str(Path("a") / "b.tif"),
        "2014-01-01": None,
        "reasons": {"values[0][1]": "not a number"},
    }


def test_the_text_means_the_same_in_any_encoding():
    assert json_text({"name": "Solihull → ∞"}).isascii()


def test_what_json_cannot_hold_is_refused_by_name():
    with pytest.raises(TypeError, match="places is a set"):
        json_text({"places": {1, 2}})


@given(st.lists(st.floats()))
def test_every_digit_of_a_finite_number_comes_back(numbers):
    back = read(json_text({"values": numbers}))["values"]
    assert back == [number if math.isfinite(number) else None for number in numbers]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(min_size=1), _VALUES))
def test_any_nested_document_is_strict_json(document):
    assert set(read(json_text(document))) - {"reasons"} == set(document) - {"reasons"}
