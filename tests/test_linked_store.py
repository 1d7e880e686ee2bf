"""A database opened as a store: what it is trusted with, what it refuses, and that everything above the offences works on it."""

import json
import logging
import re
import threading
from dataclasses import replace
from datetime import date

import geopandas
import numpy as np
import pytest
from linked_database import Database, linked_store, mapping_file, with_postgis
from small_store import FORCE, IN_EAST, LPAS, MAPPING, SOURCE, offence, several, small_store
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from hotspot import paths
from hotspot.boundaries.areas import Areas
from hotspot.cli import app
from hotspot.database_address import parse_address
from hotspot.errors import BadInput, HotspotError, StoreError
from hotspot.offences import retention
from hotspot.offences.load import import_sources
from hotspot.offences.postgresql import opened as opening
from hotspot.offences.postgresql import server as servers
from hotspot.offences.postgresql.opened import kept_up, opened
from hotspot.offences.postgresql.server import connected
from hotspot.offences.store import EVERYTHING, Store, read
from hotspot.offences.store_changes import delete_source, replace_lpas
from hotspot.ui import cached

SECRET = "p@ss/w:rd%20#1"
WRITTEN_SECRET = "p%40ss%2Fw%3Ard%2520%231"
ROWS = [*several(6, "W"), *several(4, "E", IN_EAST, "2024-06-01 08:00"), offence("N", None, victim="v1")]
NO_PLACE = MAPPING.replace('x = "Easting"\ny = "Northing"\n', "").replace('crs = "EPSG:27700"\n', "")


def count(store: Store, **asked) -> int:
    return len(read(store, scope=EVERYTHING, source=SOURCE, force=FORCE, columns=["offence_id"], **asked))


@pytest.fixture(scope="module")
def server(postgresql):
    return with_postgis(postgresql.new_database())


@pytest.fixture
def mapping(server, tmp_path, monkeypatch):
    """The mapping of a table of eleven offences; what a test sets in the environment goes with it."""
    monkeypatch.setenv("HOTSPOT_STORE", "")
    server.table(ROWS)
    return mapping_file(tmp_path / "linked")


def run(*arguments) -> dict:
    made = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert made.exit_code == 0, made.output
    return json.loads(made.stdout)


@pytest.mark.parametrize(
    "command",
    [
        ("hotspots", "--from", "2024-05-01", "--to", "2024-07-01"),
        ("change-map", "--on", "LPA", "--period", "2024-06-01..2024-07-01", "--baseline", "2024-05-01..2024-06-01"),
        ("repeats", "--by", "victim"),
    ],
)
def test_a_command_finds_the_same_as_in_files(server, mapping, tmp_path, command):
    files = small_store(tmp_path / "files", ROWS)
    name, *rest = command
    here = run(name, "--store", server.address(mapping), "--crime-type", "burglary", *rest)
    assert here == run(name, "--store", files.path, "--crime-type", "burglary", *rest)


def test_every_change_of_the_table_is_seen_and_nothing_else_is_one(server, mapping):
    store = linked_store(server, mapping)
    seen = [store.fingerprint]
    for statement, expected in (
        ("SELECT 1", 11),
        ('UPDATE crime.offences SET "Reference" = \'other\' WHERE "row" = 1', 11),
        ('DELETE FROM crime.offences WHERE "row" = 2', 10),
        ('UPDATE crime.offences SET "row" = 99 WHERE "row" = 99', 10),
    ):
        server.run(statement)
        store = linked_store(server, mapping)
        seen.append(store.fingerprint)
        assert count(store) == sum(store.facts(SOURCE, FORCE, scope=EVERYTHING).crime_types.values()) == expected
    assert seen[0] == seen[1] != seen[2] != seen[3] == seen[4]
    assert len(store.reports) == 1 and store.reports[0].rows_read == 10


def test_a_version_column_stands_for_the_content(server, tmp_path):
    server.table(ROWS, more='ALTER TABLE crime.offences ADD "Version" integer DEFAULT 1')
    mapping = mapping_file(tmp_path, 'table = "crime.offences"\nversion = "Version"')
    before = linked_store(server, mapping).fingerprint
    server.run("UPDATE crime.offences SET \"Street\" = 'High Street'")
    assert linked_store(server, mapping).fingerprint == before
    server.run('UPDATE crime.offences SET "Version" = 2 WHERE "row" = 1')
    assert linked_store(server, mapping).fingerprint != before


def test_a_future_offence_is_counted_when_its_day_has_come(server, tmp_path, monkeypatch):
    server.table([*ROWS, offence("later", committed="2024-09-01 12:00")])
    mapping = mapping_file(tmp_path)
    for day, expected in ((date(2024, 8, 1), 11), (date(2024, 9, 1), 12)):
        monkeypatch.setattr(opening, "today_of", lambda connection, day=day: day)
        store = linked_store(server, mapping)
        assert count(store) == expected == store.reports[-1].offences


def test_what_is_older_than_the_force_keeps_is_left_out_day_by_day(server, tmp_path, monkeypatch):
    server.table(ROWS)
    mapping = mapping_file(tmp_path)
    force = tmp_path / "force.toml"
    force.write_text(f"{force.read_text()}\n[retention]\nmonths = 12\n")
    for day, expected in ((date(2025, 5, 1), 11), (date(2025, 5, 2), 4), (date(2025, 6, 1), 4)):
        monkeypatch.setattr(opening, "today_of", lambda connection, day=day: day)
        store = linked_store(server, mapping)
        assert count(store) == expected == sum(store.facts(SOURCE, FORCE, scope=EVERYTHING).crime_types.values())
    assert store.reports[-1].excluded == {"older than the retention age": 7}


def test_a_view_is_read_as_a_table_is_and_rows_without_a_key_have_an_order(server, mapping, tmp_path):
    server.run('CREATE VIEW crime.seen AS SELECT * FROM crime.offences ORDER BY "row" DESC')
    for name in ("offences", "seen"):
        stores = [linked_store(server, mapping_file(tmp_path / f"{name}{n}", f'table = "crime.{name}"')) for n in (1, 2)]
        frames = [read(one, scope=EVERYTHING, source=SOURCE, force=FORCE) for one in stores]
        assert frames[0].equals(frames[1]) and len(frames[0]) == 11
        assert not frames[0].duplicated(["source_file", "source_row"]).any()


@pytest.mark.parametrize("kind", ["geometry(MultiPoint, 27700)", "geography(Point, 4326)"])
def test_points_of_postgis_are_read_and_filtered_like_coordinates(server, mapping, tmp_path, kind):
    srid = 27700 if "27700" in kind else 4326
    made = f'ST_Transform(ST_SetSRID(ST_MakePoint("Easting", "Northing"), 27700), {srid})'
    made = f"ST_Multi({made})" if "Multi" in kind else made
    server.run(f'ALTER TABLE crime.offences ADD "Place" {kind}', f'UPDATE crime.offences SET "Place" = {made}')
    of_points = linked_store(server, mapping_file(tmp_path, 'table = "crime.offences"\nkey = "row"', mapping=NO_PLACE))
    of_columns = linked_store(server, mapping)
    for asked in ({}, {"lpas": ["Westley"]}, {"lpas": ["Eastley"]}):
        ours, theirs = (read(one, scope=EVERYTHING, source=SOURCE, force=FORCE, **asked) for one in (of_points, of_columns))
        np.testing.assert_allclose(ours[["x", "y"]], theirs[["x", "y"]], atol=3)
        others = [name for name in ours if name not in ("x", "y")]
        assert len(ours) and ours[others].equals(theirs[others])


def test_what_is_no_point_is_told_and_kept_off_the_map(server, mapping, tmp_path):
    server.run(
        'ALTER TABLE crime.offences ADD "Place" geometry',
        'UPDATE crime.offences SET "Place" = \'SRID=27700;LINESTRING(402000 292000, 402010 292000)\' WHERE "row" = 1',
        'UPDATE crime.offences SET "Place" = \'SRID=27700;POINT EMPTY\' WHERE "row" = 2',
    )
    said = linked_store(server, mapping_file(tmp_path, 'table = "crime.offences"\nkey = "row"', mapping=NO_PLACE)).reports[-1]
    assert (said.location_unusable, said.without_location) == (1, 10)
    server.run('UPDATE crime.offences SET "Place" = \'SRID=4326;POINT(-1.9 52.5)\' WHERE "row" = 2')
    with pytest.raises(BadInput, match=r"several coordinate systems \(EPSG 4326, 27700\)"):
        linked_store(server, mapping_file(tmp_path, 'table = "crime.offences"\nkey = "row"', mapping=NO_PLACE))


def test_moments_with_an_offset_are_told_on_the_clock_of_the_time_zone(server, tmp_path):
    server.table(
        [offence("A", committed="2024-07-01 23:30"), offence("B", committed="2024-07-02 10:00")],
        more='ALTER TABLE crime.offences ALTER "From" TYPE timestamptz USING "From" AT TIME ZONE \'UTC\'',
    )
    found = read(linked_store(server, mapping_file(tmp_path)), scope=EVERYTHING, source=SOURCE, force=FORCE)
    assert found["committed_from"].astype(str).tolist() == ["2024-07-02 00:30:00", "2024-07-02 11:00:00"]


def test_nothing_is_written_to_the_database_and_reading_is_all_it_needs(server, mapping):
    server.run(
        "DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT USAGE ON SCHEMA crime TO reader",
        "GRANT SELECT ON crime.offences TO reader",
    )
    before = server.run("SELECT xmin::text, ctid::text, o::text FROM crime.offences o ORDER BY 2")
    assert count(Store(opened(server.address(mapping, user="reader")))) == 11
    assert server.run("SELECT xmin::text, ctid::text, o::text FROM crime.offences o ORDER BY 2") == before
    with (
        pytest.raises(StoreError, match="read-only transaction"),
        connected(parse_address(server.address(mapping)), time_zone="UTC") as connection,
    ):
        connection.execute("DELETE FROM crime.offences")
    server.run("REVOKE SELECT ON crime.offences FROM reader")
    with pytest.raises(StoreError, match="does not let this account read the table"):
        opened(server.address(mapping, user="reader"))


def test_the_password_is_in_no_file_message_page_or_log(server, mapping, caplog):
    ((rules,),) = server.run("SHOW hba_file")
    lines = "(VALUES ('host all guarded 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust'))"
    server.run(
        f"COPY {lines} TO '{rules}'", "SELECT pg_reload_conf()",
        "DO $$ BEGIN CREATE ROLE guarded LOGIN SUPERUSER; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"ALTER ROLE guarded PASSWORD '{SECRET}'",
    )  # fmt: skip
    right, wrong = (server.address(mapping, user="guarded", password=one) for one in (WRITTEN_SECRET, f"{WRITTEN_SECRET}9"))
    with caplog.at_level(logging.DEBUG):
        made = CliRunner().invoke(app, ["report", "--store", right])
        assert made.exit_code == 0, made.output
        # A worker, or a page, knows the folder alone.
        assert count(Store(mapping.with_suffix(""))) == 11
        refused = CliRunner().invoke(app, ["report", "--store", wrong])
        garbled = CliRunner().invoke(app, ["report", "--store", right.replace(WRITTEN_SECRET, SECRET)])
    assert refused.exit_code == 2 and "refuses the account" in refused.output and 'user "guarded"' in refused.output
    assert garbled.exit_code == 2 and "The address of the database" in garbled.output
    kept = [one.read_text(errors="replace") for one in mapping.parent.rglob("*") if one.is_file()]
    seen = [*kept, made.output, refused.output, garbled.output, caplog.text, repr(parse_address(right)), repr(cached.key())]
    for text in seen:
        assert not any(secret in text for secret in (SECRET, WRITTEN_SECRET, "p@ss", "p%40ss"))
    assert any("guarded@127.0.0.1" in text for text in kept)


@pytest.mark.parametrize(
    "said, mapped, expected",
    [
        ('table = "crime.gone"', MAPPING, r"no table or view 'crime\.gone', or this account may not see it"),
        ('table = "nowhere.offences"', MAPPING, r"no table or view 'nowhere\.offences'"),
        ("", MAPPING, "does not say which table holds the offences"),
        ('table = "crime.offences"\nkey = "number"', MAPPING, "no column 'number' for key"),
        ('table = "crime.offences"\nkey = "Reference"', MAPPING, "'Reference' holds no whole numbers"),
        ('table = "crime.offences"\ngeometry = "Street"', NO_PLACE, "'Street' holds no points of PostGIS"),
        (
            'table = "crime.offences"',
            MAPPING.replace('"Reported"', '"Reportd"'),
            r"'Reportd' for reported\. Did you mean 'Reported'",
        ),
        ('tabel = "crime.offences"', MAPPING, r"\[postgresql\] 'tabel' is not known"),
        ("table = 3", MAPPING, r"\[postgresql\] table must be text"),
        ('table = "crime.offences"\ntime_zone = "Nowhere/None"', MAPPING, "cannot be read .*TimeZone"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(server, mapping, said, mapped, expected):
    with pytest.raises(HotspotError, match=expected):
        linked_store(server, mapping_file(mapping.parent, said, mapping=mapped))


def test_a_table_without_rows_dates_or_a_key_that_tells_them_apart_is_refused(server, mapping):
    server.run('UPDATE crime.offences SET "row" = 1')
    with pytest.raises(BadInput, match=r"key 'row' does not tell rows apart \(11 rows, 1 different values\)"):
        linked_store(server, mapping)
    server.table([offence("A", committed="", reported="")])
    with pytest.raises(BadInput, match="has no row that can be read as an offence"):
        linked_store(server, mapping)
    server.table([])
    with pytest.raises(BadInput, match="has no row"):
        linked_store(server, mapping)


def test_a_database_without_postgis_serves_coordinates_and_says_why_it_has_no_points(postgresql, mapping):
    plain = Database(postgresql.new_database())
    plain.run("CREATE SCHEMA crime")
    plain.table(ROWS)
    assert count(linked_store(plain, mapping)) == 11
    said = 'table = "crime.offences"\ngeometry = "Street"'
    with pytest.raises(BadInput, match="no PostGIS extension, so 'Street' holds no points"):
        linked_store(plain, mapping_file(mapping.parent, said, mapping=NO_PLACE))


@pytest.mark.parametrize(
    "address, expected",
    [
        ("postgresql://reader@host/crime", "names no mapping"),
        ("postgresql://reader@host/?mapping=a.toml", "names no database"),
        ("postgresql://reader@host:port/crime?mapping=a.toml", "cannot be read"),
        ("postgresql://host/crime?mapping=a.toml&password=secret", "gives the password as a parameter"),
        ("postgresql://host/crime?mapping=a.toml&options=-c", "a parameter that is not known"),
        ("postgresql://u:a#b@host/crime?mapping=a.toml", "."),
    ],
)
def test_an_address_that_cannot_be_used_is_said_without_repeating_it(address, expected):
    with pytest.raises(BadInput, match=expected) as refusal:
        parse_address(address)
    assert "secret" not in str(refusal.value) and "a#b" not in str(refusal.value)


def test_a_server_that_is_away_is_said_and_what_is_known_of_the_data_still_stands(server, mapping):
    store = linked_store(server, mapping)
    catalogue = store.path / store.manifest.parts[0].file
    catalogue.write_text(re.sub(r"@127\.0\.0\.1:\d+", "@127.0.0.1:1", catalogue.read_text()))
    gone = Store(store.path)
    assert gone.facts(SOURCE, FORCE, scope=EVERYTHING).rows_used == 11
    opening.catalogues._loaded.cache_clear()
    with pytest.raises(StoreError, match=r"does not answer or refuses the account .* Check the address, the network"):
        count(gone)


def test_a_server_that_freezes_while_it_is_asked_is_said_and_read_again_when_it_goes_on(server, postgresql, mapping, monkeypatch):
    monkeypatch.setattr(servers, "ANSWERS_A_QUESTION_IN", 2)
    address = parse_address(server.address(mapping))
    with (
        pytest.raises(StoreError, match="took longer than it allows"),
        connected(address, time_zone="UTC") as connection,
    ):
        connection.execute("SELECT pg_sleep(30)")
    with (
        pytest.raises(StoreError, match="has stopped in its work"),
        connected(address, time_zone="UTC") as connection,
        postgresql.frozen(),
    ):
        connection.execute("SELECT 1")
    assert count(linked_store(server, mapping)) == 11


def test_what_stays_in_the_database_is_not_changed_here(server, mapping, tmp_path):
    store = linked_store(server, mapping)
    with pytest.raises(BadInput, match="stay in a PostgreSQL database"):
        delete_source(store.path, SOURCE)
    extract = small_store(tmp_path / "files", ROWS).path.parent / f"{FORCE}-{SOURCE}"
    with pytest.raises(StoreError, match="Import others under another name, with --source"):
        import_sources([extract / "extract.csv"], store=store.path, mapping=extract / "mapping.toml")
    import_sources([extract / "extract.csv"], store=store.path, mapping=extract / "mapping.toml", source="Files")
    kept = [replace(store.force, retention_months=12)]
    due = retention.preview(store.path, as_of=date(2026, 6, 1), forces=kept, trusted=True).due
    assert {one.part.source for one in due if one.gone} == {"Files"}
    assert [one.source for one in linked_store(server, mapping).data_sets] == [SOURCE, "Files"]
    turned = Areas("LPA", geopandas.GeoDataFrame({"name": [*LPAS][::-1]}, geometry=[*LPAS.values()], crs="EPSG:27700"))
    replace_lpas(store.path, turned)
    assert count(Store(store.path), lpas=["Westley"]) == 4 == count(linked_store(server, mapping), lpas=["Westley"])


def test_the_app_shows_the_database_and_looks_for_changes_in_the_background(server, mapping, monkeypatch):
    monkeypatch.setenv("HOTSPOT_STORE", server.address(mapping))
    opening._due.clear()
    page = AppTest.from_file(str(paths.ROOT / "hotspot" / "ui" / "shell.py"), default_timeout=60)
    page.switch_page(str(paths.ROOT / "pages" / "explore" / "overview.py"))
    shown = page.run()
    words = " ".join(one.proto.body for one in shown.get("html"))
    assert not shown.exception and f"Source: {SOURCE}." in words and "offences to 1 June 2024" in words
    before = cached.key()
    assert before.folder == mapping.with_suffix("") and count(cached.store()) == 11
    server.run('DELETE FROM crime.offences WHERE "row" = 1')
    assert cached.key() == before
    opening._due[before.folder] = 0.0
    kept_up(server.address(mapping))
    for thread in threading.enumerate():
        if thread.daemon and thread.name.startswith("Thread-") and "_look" in thread.name:
            thread.join(20)
    assert cached.key() != before and cached.store().facts(SOURCE, FORCE, scope=EVERYTHING).rows_used == 10
