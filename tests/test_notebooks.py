"""Notebooks: names, order, notes, two writers, another process, and the same on PostgreSQL."""

import subprocess
import sys
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine

from hotspot import paths
from hotspot.errors import BadInput, Conflict, StoreError
from hotspot.records import notebooks
from hotspot.records.database import Database, open_database
from hotspot.records.notebooks import CardRecord

NOW = datetime(2026, 11, 23, 9, 0)


@pytest.fixture(scope="module")
def server(postgresql):
    return postgresql.new_database()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request, tmp_path):
    if request.param == "SQLite":
        made = open_database(f"sqlite:///{tmp_path}/records.sqlite")
        yield made
        made.engine.dispose()
        return
    made = open_database(request.getfixturevalue("server"))
    for one in notebooks.notebooks(made):
        notebooks.delete(made, one.name)
    yield made
    made.engine.dispose()


def record(headline: str) -> CardRecord:
    return CardRecord(f'{{"headline": "{headline}"}}', b"\x89PNG\x00" + headline.encode(), "", "")


def pinned(database, *headlines: str, name: str = "Weekly") -> list[int]:
    return [notebooks.pin(database, name, record(headline), now=NOW) for headline in headlines]


def order(database, name: str = "Weekly") -> list[int]:
    return [one.number for one in notebooks.cards(database, name)]


def test_a_pinned_card_comes_back_whole(database):
    wanted = CardRecord('{"é": "→ 21"}', bytes(range(256)), "{base}", "{overlay}")
    number = notebooks.pin(database, "  Weekly   meeting ", wanted, note=" Ask the LPA. ", now=NOW)
    (kept,) = notebooks.cards(database, "weekly MEETING")
    assert kept == notebooks.KeptCard(number, "Weekly meeting", "Ask the LPA.", NOW, wanted, 1)
    assert notebooks.card(database, number) == kept


def test_cards_stand_in_the_order_they_were_pinned_and_move_by_places(database):
    first, second, third = pinned(database, "a", "b", "c")
    assert order(database) == [first, second, third]
    notebooks.move(database, third, by=-1, now=NOW)
    assert order(database) == [first, third, second]
    notebooks.move(database, first, by=99, now=NOW)
    assert order(database) == [third, second, first]
    notebooks.delete_card(database, second, now=NOW)
    notebooks.pin(database, "Weekly", record("d"), now=NOW)
    assert order(database)[:2] == [third, first]


def test_a_new_order_is_refused_where_the_notebook_was_changed_in_between(database):
    first, second = pinned(database, "a", "b")
    (listed,) = notebooks.notebooks(database)
    notebooks.arrange(database, "Weekly", [second, first], revision=listed.revision, now=NOW + timedelta(1))
    assert order(database) == [second, first]
    with pytest.raises(Conflict, match="Somebody else"):
        notebooks.arrange(database, "Weekly", [first, second], revision=listed.revision, now=NOW)
    with pytest.raises(BadInput, match="each of its cards once"):
        (changed,) = notebooks.notebooks(database)
        notebooks.arrange(database, "Weekly", [first, first], revision=changed.revision, now=NOW)
    assert order(database) == [second, first]


def test_the_second_of_two_writers_of_a_note_is_told_and_the_first_note_stays(database):
    (number,) = pinned(database, "a")
    seen = notebooks.card(database, number)
    notebooks.write_note(database, number, "mine", revision=seen.revision)
    with pytest.raises(Conflict, match="changed this note"):
        notebooks.write_note(database, number, "theirs", revision=seen.revision)
    assert notebooks.card(database, number).note == "mine"


def test_pins_at_the_same_moment_are_all_kept(database):
    notebooks.create(database, "Weekly", now=NOW)
    faults: list[Exception] = []

    def one(headline: str) -> None:
        for _ in range(20):
            try:
                notebooks.pin(database, "Weekly", record(headline), now=NOW)
                return
            except Conflict:
                continue
            except Exception as fault:
                faults.append(fault)
                return

    threads = [threading.Thread(target=one, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(card.record.document for card in notebooks.cards(database, "Weekly")) == [
        f'{{"headline": "{number}"}}' for number in range(6)
    ]


def test_names_are_unique_without_regard_to_case_and_can_be_changed(database):
    pinned(database, "a")
    notebooks.create(database, "Board", now=NOW)
    with pytest.raises(BadInput, match="already a notebook 'WEEKLY'"):
        notebooks.create(database, "WEEKLY", now=NOW)
    with pytest.raises(BadInput, match="already"):
        notebooks.rename(database, "Board", "weekly", now=NOW)
    notebooks.rename(database, "Weekly", "WEEKLY", now=NOW + timedelta(1))
    assert [(one.name, one.cards) for one in notebooks.notebooks(database)] == [("WEEKLY", 1), ("Board", 0)]
    notebooks.delete(database, "Weekly")
    with pytest.raises(BadInput, match="There is no notebook 'Weekly'"):
        notebooks.cards(database, "Weekly")


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "tab\x07"])
def test_a_name_that_cannot_be_read_in_a_list_is_refused(database, name):
    with pytest.raises(BadInput, match="1 to 80 characters"):
        notebooks.create(database, name, now=NOW)


def test_deleting_a_notebook_deletes_its_cards(database):
    (number,) = pinned(database, "a")
    notebooks.delete(database, "Weekly")
    with pytest.raises(BadInput, match="no card"):
        notebooks.card(database, number)


def test_a_failure_in_a_session_keeps_nothing(database):
    with pytest.raises(RuntimeError), database.session() as session:
        session.add(notebooks.NotebookRow(name="Lost", folded_name="lost", changed=NOW))
        session.flush()
        raise RuntimeError
    assert notebooks.notebooks(database) == ()


def test_another_process_finds_what_this_one_kept(tmp_path):
    url = f"sqlite:///{tmp_path}/records.sqlite"
    pinned(open_database(url), "a", "b")
    open_database(url).engine.dispose()
    script = (
        "import sys; from hotspot.records import database, notebooks; "
        "print(*(one.record.document for one in notebooks.cards(database.open_database(sys.argv[1]), 'Weekly')))"
    )
    told = subprocess.run([sys.executable, "-c", script, url], capture_output=True, text=True, check=True, cwd=paths.ROOT)
    assert told.stdout.split("\n")[0] == '{"headline": "a"} {"headline": "b"}'


def test_the_records_lie_beside_the_store_unless_a_url_is_set(tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOT_STORE", str(tmp_path / "data.v2"))
    monkeypatch.delenv("HOTSPOT_RECORDS", raising=False)
    assert paths.records_url() == f"sqlite:///{tmp_path}/data.v2.records.sqlite"
    monkeypatch.setenv("HOTSPOT_RECORDS", "postgresql://somewhere/records")
    assert paths.records_url() == "postgresql://somewhere/records"


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("rubbish", "HOTSPOT_RECORDS is not the URL"),
        ("nosuchdatabase://somewhere", "HOTSPOT_RECORDS is not the URL"),
        ("oracle+oracledb://somewhere", "oracledb, which is not installed"),
    ],
)
def test_a_url_that_means_nothing_ends_in_a_sentence(url, sentence):
    with pytest.raises(BadInput, match=sentence):
        open_database(url)


def test_a_database_that_cannot_be_used_ends_in_a_sentence_without_its_password(tmp_path):
    (tmp_path / "file").write_text("not a database " * 100)
    for url in (f"sqlite:///{tmp_path}/file", f"sqlite:///{tmp_path}/no/folder", "postgresql+psycopg://me:secret@127.0.0.1:1/x"):
        with pytest.raises(StoreError, match="cannot be used") as fault:
            notebooks.notebooks(open_database(url))
        assert "secret" not in str(fault.value)


def test_a_database_held_by_another_writer_ends_in_a_sentence(tmp_path):
    url = f"sqlite:///{tmp_path}/records.sqlite"
    pinned(open_database(url), "a")
    impatient = Database(create_engine(url, connect_args={"timeout": 0.05}))
    with open_database(url).session() as session:
        session.add(notebooks.NotebookRow(name="Held", folded_name="held", changed=NOW))
        session.flush()
        with pytest.raises(StoreError, match="written by somebody else"):
            pinned(impatient, "b")
    impatient.engine.dispose()
    open_database(url).engine.dispose()
