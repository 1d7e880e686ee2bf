"""Offences that stay in PostgreSQL: the same as those of a Parquet store of the same rows, whatever is asked for."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from linked_database import linked_store, mapping_file, with_postgis
from small_store import BEYOND, FORCE, IN_EAST, IN_WEST, LPAS, SOURCE, offence, small_store

from hotspot import crime_types
from hotspot.geography import OUTSIDE
from hotspot.offences.postgresql import rows, scan
from hotspot.offences.schema import NAMES
from hotspot.offences.scope import Scope
from hotspot.offences.store import EVERYTHING, read
from hotspot.period import Period
from hotspot.selection import DATE_BASES

KINDS = ("Residential burglary", "Theft of a vehicle", "Burglary", "Bilking of a taxi", "N/A", "", "  residential   BURGLARY")
REFERENCES = ("", "-", "n/a", "2.01E+11", "A 1", "A  1", " A 1 ", "A\t1", "A\u00a01", *(f"R{number}" for number in range(12)))
PLACES = (IN_WEST, IN_EAST, BEYOND, None, (0, 0), (900_000, 900_000), (403_999.5, 290_000.25))
NAMED = ("", "Westley", " westley ", "EASTLEY", "Nowhere", "-")
MOMENTS = ("", "2024-04-30 23:59:59", "2024-05-01 00:00:00", "2024-05-20 09:30:00", "2024-06-15 00:00:00", "2024-08-31 23:00:00",
           "2024-09-01 00:00:00", "2099-01-01 12:00:00", "1850-01-01 12:00:00")  # fmt: skip
WRITTEN = (*MOMENTS, "01/05/2024 10:15", "3 May 2024", "nonsense", "45413.5", "2024-05-01T24:00", "13/13/2024")


def drawn(draw, moments):
    """One row, odd in every way that a table can be."""

    def pick(*of):  # fmt: skip
        return draw(st.sampled_from(of))

    return offence(
        pick(*REFERENCES), pick(*PLACES), pick(*moments), to=pick(*moments), reported=pick(*moments), kind=pick(*KINDS),
        lpa=pick(*NAMED), street=pick("", "High  Street", "NULL"), uprn=pick("", "10", "11"), victim=pick("", "v1", "v2"),
        age=pick("", "17", "many", "30"), knife=pick("", "Y", "no", "perhaps"),
    )  # fmt: skip


@st.composite
def tables(draw, moments):
    return [drawn(draw, moments) for _ in range(draw(st.integers(1, 30)))]


def many(moments, count=400):
    """Many odd rows, always the same."""
    random = np.random.default_rng(8)

    class Dice:
        def __call__(self, strategy):
            return strategy.elements[random.integers(len(strategy.elements))]

    rows_made = [drawn(Dice(), moments) for _ in range(count)]
    places = zip(random.uniform(400_000, 408_000, count), random.uniform(290_000, 294_000, count), strict=True)
    for number, (row, (x, y)) in enumerate(zip(rows_made, places, strict=True)):
        if number % 2:
            row |= {"Reference": f"U{number}", "Easting": f"{x:.2f}", "Northing": f"{y:.2f}", "LPA": ""}
    return rows_made


@pytest.fixture(scope="module")
def server(postgresql):
    return with_postgis(postgresql.new_database())


@pytest.fixture(scope="module", params=[True, False], ids=["typed", "as text"])
def both(request, server, tmp_path_factory):
    """A linked store and a Parquet store of the same rows."""
    folder, name = tmp_path_factory.mktemp("both"), f"many_{request.param}".lower()
    made = many(MOMENTS if request.param else WRITTEN)
    server.table(made, name=name, typed=request.param)
    return linked_store(server, mapping_file(folder, f'table = "crime.{name}"\nkey = "row"')), small_store(folder / "files", made)


def frame(store, *, scope=EVERYTHING, **asked):
    return read(store, scope=scope, source=SOURCE, force=FORCE, **asked)


def compared(linked, files, **asked):
    """Read the same of both, and hold one against the other but for the name of the file."""
    ours, theirs = (frame(store, **asked).drop(columns="source_file", errors="ignore") for store in (linked, files))
    pd.testing.assert_frame_equal(ours, theirs)
    return ours


ASKED = ("Burglary", "Residential burglary", "Vehicle crime", "Other crime")
days = st.sampled_from([date(2024, month, day) for month, day in ((4, 30), (5, 1), (5, 2), (6, 15), (6, 16), (8, 31), (9, 1))])
asked_for = st.fixed_dictionaries(
    {
        "columns": st.one_of(st.none(), st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)),
        "crime_types": st.one_of(st.none(), st.sampled_from(ASKED).map(crime_types.names_within)),
        "lpas": st.one_of(st.none(), st.lists(st.sampled_from([*LPAS, OUTSIDE, "Nowhere"]), max_size=3, unique=True)),
        "scope": st.sampled_from([EVERYTHING, Scope(frozenset({"Westley"}))]),
        "dates": st.one_of(st.none(), st.tuples(st.sampled_from(DATE_BASES), days, st.sampled_from([1, 2, 31, 120]))),
    }
)  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=asked_for)
@example(asked=dict.fromkeys(("columns", "crime_types", "lpas")) | {"scope": EVERYTHING, "dates": ("month", date(2024, 5, 1), 1)})
def test_whatever_is_asked_for_the_offences_are_those_of_the_files(both, asked):
    dates = asked["dates"]
    asked = {name: value for name, value in asked.items() if name != "dates"}
    if dates is not None:
        basis, first, length = dates
        asked |= {"date_basis": basis, "period": Period(first, first + timedelta(days=length))}
    compared(*both, **asked)


def test_facts_months_and_the_report_are_those_of_the_files(both):
    linked, files = both
    for scope in (EVERYTHING, Scope(frozenset({"Westley"}))):
        assert linked.facts(SOURCE, FORCE, scope=scope) == files.facts(SOURCE, FORCE, scope=scope)
    ours, theirs = (
        [
            (part.month, part.offences, part.rows_used, part.first_day, part.last_day, part.recorded_first)
            for part in store.manifest.parts
        ]
        for store in both
    )
    assert ours == theirs
    ours, theirs = (store.reports[-1].to_dict() for store in both)
    assert ours["excluded"] == theirs["excluded"] and ours["rows_read"] == theirs["rows_read"] == 400
    others = {"imported_at", "examples", "notes"}
    assert {name: ours[name] for name in ours.keys() - others} == {name: theirs[name] for name in theirs.keys() - others}


@pytest.mark.parametrize("moments", [MOMENTS, WRITTEN], ids=["typed", "as text"])
def test_of_any_table_the_whole_store_is_that_of_the_files(server, tmp_path_factory, moments):
    @settings(max_examples=3, deadline=None)
    @given(made=tables(moments))
    def check(made):
        folder = tmp_path_factory.mktemp("any")
        made = [*made, offence("always")]
        server.table(made, name="any", typed=moments is MOMENTS)
        linked = linked_store(server, mapping_file(folder, 'table = "crime.any"\nkey = "row"'))
        files = small_store(folder / "files", made)
        assert linked.facts(SOURCE, FORCE, scope=EVERYTHING) == files.facts(SOURCE, FORCE, scope=EVERYTHING)
        compared(linked, files)

    check()


def test_a_table_read_in_pieces_says_the_same_as_in_one(both, server, monkeypatch, tmp_path):
    linked, _ = both
    monkeypatch.setattr(scan, "PIECE", 60)
    said = linked.manifest.parts[0]
    name = "many_true" if "many_true" in (linked.path / said.file).read_text() else "many_false"
    pieces = linked_store(server, mapping_file(tmp_path, f'table = "crime.{name}"\nkey = "row"'))
    assert pieces.facts(SOURCE, FORCE, scope=EVERYTHING) == linked.facts(SOURCE, FORCE, scope=EVERYTHING)
    ours, theirs = (store.reports[-1].to_dict() for store in (pieces, linked))
    assert {one: ours[one] for one in ours if one not in ("notes", "imported_at")} == {
        one: theirs[one] for one in theirs if one not in ("notes", "imported_at")
    }
    assert ours["notes"][0] == "The table was read in 7 pieces: each count of the notes is of one."


def test_a_midnight_is_a_time_where_any_row_of_the_table_has_another_whatever_is_asked_for(server, tmp_path):
    made = [
        offence("A", committed="2024-05-01 00:00:00"),
        offence("B", committed="2024-05-01 12:00:00", kind="Theft of a vehicle"),
    ]
    for name, typed in (("midnights", True), ("midnights_as_text", False)):
        server.table(made, name=name, typed=typed)
        store = linked_store(server, mapping_file(tmp_path / name, f'table = "crime.{name}"'))
        assert frame(store, crime_types=["Residential burglary"])["time_precision"].tolist() == ["minute"]
        server.table(made[:1], name=name, typed=typed)
        store = linked_store(server, mapping_file(tmp_path / name, f'table = "crime.{name}"'))
        assert frame(store, crime_types=["Residential burglary"])["time_precision"].tolist() == ["day"]


def test_filters_are_applied_by_the_server(server, tmp_path, monkeypatch):
    made = [
        offence(f"{number}-{day}-{kind}", place, f"2024-{day}", kind=kind, lpa=lpa)
        for number, (place, lpa) in enumerate([(IN_WEST, ""), (IN_EAST, ""), (IN_EAST, "Westley")])
        for day in ("05-10 12:00:00", "08-10 12:00:00")
        for kind in ("Residential burglary", "Theft of a vehicle")
    ]
    server.table(made)
    store = linked_store(server, mapping_file(tmp_path))
    sent = []
    original = rows.read_rows

    def counting(*arguments, **more):
        found = original(*arguments, **more)
        sent.append((len(found[0].frame), sorted(found[0].frame.columns)))
        return found

    monkeypatch.setattr(rows, "read_rows", counting)
    may = {"period": Period(date(2024, 5, 1), date(2024, 6, 1)), "date_basis": "committed"}
    for asked, expected in (
        ({}, 12),
        ({"crime_types": ["Residential burglary"]}, 6),
        (may, 6),
        ({"lpas": ["Westley"]}, 8),
        ({"lpas": ["Eastley"]}, 4),
        ({"crime_types": ["Residential burglary"], "lpas": ["Eastley"], **may}, 1),
    ):
        found = frame(store, columns=["committed_from"], **asked)
        assert len(found) == sent[-1][0] == expected, asked
    assert sent[0][1] == ["From", "Offence", "Reference", "Reported", "To"]
