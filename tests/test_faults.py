"""What the store and the processes beside it do when the machine fails them: one sentence, nothing lost, well again by itself.

docs/assurance.md has the table of all faults, with the test of each.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from injected import full, largest_file, no_handles, read_only, small_disk
from killed_steps import FIXED, FORCE, MAPPING, SOURCE, STORE_ACTIONS
from street_files import row, street_file
from whole_store import extract, prepare, state

from hotspot import system_faults
from hotspot.commands import output
from hotspot.errors import HotspotError, Unavailable
from hotspot.offences import context_store, processes, street_import
from hotspot.offences.load import import_sources
from hotspot.offences.read import FUTURE
from hotspot.offences.store import EVERYTHING, Store, read
from hotspot.offences.weights import kept_table
from hotspot.paths import ROOT
from hotspot.records import audit, audit_reading
from hotspot.ui.workers import Workers

ALL = {"scope": EVERYTHING, "source": "police.uk", "force": FORCE}


def said(act, *arguments) -> str:
    """What an analyst reads, on a page or from a command, of something that fails."""
    try:
        act(*arguments)
    except HotspotError as fault:
        words = str(fault)
    except (OSError, MemoryError) as fault:
        words = str(system_faults.refused(fault))
    else:
        raise AssertionError("nothing failed")
    assert "\n" not in words and words.endswith((".", "--apply")) and "Traceback" not in words and "None" not in words
    return words


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    return prepare(tmp_path_factory.mktemp("faults"))


@pytest.fixture
def case(prepared, tmp_path) -> Path:
    """A copy of the store with the files of the next imports two folders above it, as the actions look for them."""
    shutil.copytree(prepared / "new", tmp_path / "new")
    shutil.copytree(prepared / "before", tmp_path / "a" / "case")
    return tmp_path / "a" / "case"


def made(case: Path, action: str) -> tuple[object, ...]:
    """What the action makes of a store where nothing fails."""
    copy = shutil.copytree(case, case.with_name("calm"))
    STORE_ACTIONS[action](copy / "store")
    return state(copy)


@pytest.mark.parametrize("action", STORE_ACTIONS)
def test_on_a_full_disk_a_change_is_refused_in_a_sentence_and_made_when_there_is_space(case, action):
    wanted = made(case, action)
    with small_disk(case.parents[1] / "disk", kilobytes=1_200) as disk:
        here = shutil.copytree(case, disk / "case")
        before = state(here)
        with full(disk):
            words = said(STORE_ACTIONS[action], here / "store")
            assert "(No space left on device)" in words and "Free some space there, then try again." in words
            assert state(here) == before, "pages show what was there while the disk is full"
        STORE_ACTIONS[action](here / "store")
        assert state(here) == wanted


@pytest.mark.parametrize("action", STORE_ACTIONS)
def test_a_store_that_is_read_only_is_shown_and_not_changed(case, action):
    before, wanted = state(case), made(case, action)
    with read_only(case):
        words = said(STORE_ACTIONS[action], case / "store")
        assert "(Read-only file system)" in words and "mounted for writing" in words
        assert state(case) == before
    STORE_ACTIONS[action](case / "store")
    assert state(case) == wanted


@pytest.mark.parametrize("action", ["police.uk", "extract", "new LPAs", "retention"])
@pytest.mark.parametrize(
    ("fault", "words"), [(lambda: largest_file(2_000), "File too large"), (no_handles, "Too many open files")]
)
def test_a_change_that_may_not_write_or_open_files_is_refused_and_made_later(case, action, fault, words):
    before, wanted = state(case), made(case, action)
    with fault():
        assert words in said(STORE_ACTIONS[action], case / "store")
    assert state(case) == before
    STORE_ACTIONS[action](case / "store")
    assert state(case) == wanted


READS = {
    "offences": lambda store: read(Store(store), **ALL),
    "areas": lambda store: Store(store).areas(),
    "layer": lambda store: context_store.open_layer(
        store, context_store.layer_named(store, "Schools", force=FORCE), scope=EVERYTHING
    ),
    "weights": lambda store: kept_table(store),
    "list": lambda store: Store(store).manifest,
}


@pytest.mark.parametrize("kind", READS)
def test_a_machine_without_file_handles_is_not_taken_for_a_damaged_store(case, kind):
    with no_handles():
        words = said(READS[kind], case / "store")
    assert "cannot be read at the moment (Too many open files). Nothing was changed." in words
    assert "damaged" not in words and "gain." not in words.replace("try again.", ""), "no advice that would lose data"
    READS[kind](case / "store")


@pytest.mark.parametrize(
    ("kind", "files", "remedy"),
    [
        ("offences", "parts/police*", "Restore the folder from a copy, or delete the source and import it again."),
        ("areas", "areas/*", "Import the boundaries again."),
        ("layer", "layers/*", "Import the layer 'Schools' again."),
    ],
)
@pytest.mark.parametrize("damage", [None, b"PAR1 nonsense PAR1", b""])
def test_a_file_that_is_missing_or_damaged_is_named_and_read_again_when_it_is_back(case, kind, files, remedy, damage):
    store = case / "store"
    (file,) = store.glob(files)
    whole = file.read_bytes()
    file.unlink() if damage is None else file.write_bytes(damage)
    words = said(READS[kind], store)
    assert "is missing or damaged" in words and str(store) in words and words.endswith(remedy)
    file.write_bytes(whole)
    READS[kind](store)


def test_a_damaged_list_is_said_and_the_store_is_well_when_the_list_is_back(case):
    file = case / "store" / "store.json"
    whole = file.read_text()
    for damaged in (whole[:-20], whole.replace('"parts"', '"carts"'), ""):
        file.write_text(damaged)
        assert "is damaged or of another version" in said(READS["list"], case / "store")
        assert "is damaged or of another version" in said(STORE_ACTIONS["extract"], case / "store")
    file.write_text(whole)
    assert len(read(Store(case / "store"), **ALL)) == 3


def test_a_store_that_is_taken_away_and_put_back_is_read_again_by_who_had_it_open(case):
    opened, away = Store(case / "store"), case / "away"
    assert len(read(opened, **ALL)) == 3
    (case / "store").rename(away)
    assert "There is no store at" in said(lambda: read(opened, **ALL))
    away.rename(case / "store")
    assert len(read(opened, **ALL)) == 3


def test_a_store_that_is_taken_away_during_an_import_is_as_it_was_when_it_is_put_back(case):
    before, away = state(case), case / "away"

    def take_away(step: str) -> None:
        if step == "Writing the store":
            (case / "store").rename(away)

    files = [case.parents[1] / "new" / "extract.csv"]
    words = said(lambda: import_sources(files, store=case / "store", mapping=MAPPING, progress=take_away, **FIXED))
    assert "was taken away while it was changed" in words or "cannot be written (No such file or directory)" in words
    shutil.rmtree(case / "store", ignore_errors=True)
    away.rename(case / "store")
    assert state(case) == before
    STORE_ACTIONS["extract"](case / "store")
    assert state(case) != before


def test_of_two_imports_at_once_the_second_is_told_and_the_first_goes_on(case):
    told = []
    files = [case.parents[1] / "new" / "extract.csv"]

    def second(step: str) -> None:
        if step == "Checking the offences":
            told.append(said(STORE_ACTIONS["police.uk"], case / "store"))

    import_sources(files, store=case / "store", mapping=MAPPING, progress=second, **FIXED)
    assert len(told) == 1 and "is under way. Wait until it has ended." in told[0]
    STORE_ACTIONS["police.uk"](case / "store")
    assert len(read(Store(case / "store"), **ALL)) == 1


def test_a_lock_of_a_process_that_died_holds_nobody_up(case):
    holds = "import fcntl,sys;f=open(sys.argv[1],'ab');fcntl.flock(f,fcntl.LOCK_EX);print('held',flush=True);input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(case / "store" / ".lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        assert "under way" in said(STORE_ACTIONS["extract"], case / "store")
        holder.kill()
        holder.wait()
        STORE_ACTIONS["extract"](case / "store")


def test_a_disk_that_does_not_confirm_a_change_that_was_made_is_told_as_that(case, monkeypatch):
    before, real = state(case), context_store.Change.commit

    def commit(self, name, text):
        real(self, name, text)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(context_store.Change, "commit", commit)
    words = said(STORE_ACTIONS["extract"], case / "store")
    assert "was changed, but the disk did not confirm it (Input/output error)" in words and "as it was before" not in words
    assert state(case) != before


def test_a_file_that_a_command_writes_is_whole_or_the_one_before(tmp_path):
    with small_disk(tmp_path / "disk", kilobytes=64) as disk:
        out = disk / "hotspots.csv"
        output.write_file(lambda file: file.write_text("before") and None, out)
        words = said(output.write_file, lambda file: file.write_bytes(b"x" * 100_000) and None, out)
        assert "(No space left on device)" in words and out.read_text() == "before"
        assert [file.name for file in disk.iterdir()] == ["hotspots.csv"]
        output.write_file(lambda file: file.write_text("after") and None, out)
        assert out.read_text() == "after"


TASKS = """
import os, resource, signal
import numpy as np

def fine(number, *, progress=None):
    return number

def killed(number, *, progress=None):
    os.kill(os.getpid(), signal.SIGKILL)

def greedy(number, *, progress=None):
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), -1))
    return np.ones(number << 20)

def full(number, *, progress=None):
    with open("/dev/full", "wb", buffering=0) as file:
        file.write(b"x")

def wrong(number, *, progress=None):
    raise ZeroDivisionError
"""


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    (tmp_path / "fault_tasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import fault_tasks

    yield fault_tasks
    sys.modules.pop("fault_tasks")


WORDS = {
    "killed": "was ended from outside; most often the machine had no memory left.",
    "greedy": "This needs more memory than is free on the machine",
    "full": "(No space left on device). Nothing was changed. Free some space there, then try again.",
}


@pytest.mark.parametrize("name", WORDS)
def test_a_page_is_told_why_its_long_work_failed_and_the_next_try_works(tasks, name):
    workers = Workers(most=1)
    try:
        job = workers.ask("key", getattr(tasks, name), (4_096,), {}, asker="analyst")
        assert job.finished.wait(60)
        assert isinstance(job.error, Unavailable) and WORDS[name] in str(job.error)
        assert workers.ask("key", tasks.fine, (7,), {}, asker="analyst") is job, "who waited is told, however late the page looks"
        workers.withdraw("key", asker="analyst")
        again = workers.ask("key", tasks.fine, (7,), {}, asker="analyst")
        assert again.finished.wait(60) and again.result == 7
    finally:
        workers.close()


def test_a_page_never_waits_for_work_that_no_process_could_be_begun_for(tasks):
    workers = Workers(most=1)
    try:
        job = workers.ask("first", tasks.fine, (1,), {}, asker="warm")
        assert job.finished.wait(60)
        workers.close()
        with no_handles():
            job = workers.ask("key", tasks.fine, (7,), {}, asker="analyst")
            assert job.finished.wait(60), "a page would show its bar for ever"
        assert "(Too many open files)" in str(job.error)
        workers.withdraw("key", asker="analyst")
        again = workers.ask("key", tasks.fine, (7,), {}, asker="analyst")
        assert again.finished.wait(60) and again.result == 7
    finally:
        workers.close()


@pytest.mark.parametrize("name", [*WORDS, "wrong"])
def test_a_process_that_reads_files_and_fails_ends_the_import_in_a_sentence(tasks, name):
    words = said(lambda: list(processes.computed(getattr(tasks, name), [(4_096,), (4_096,)], processes=2)))
    assert WORDS.get(name, "for a reason that stands in the log") in words


def test_what_was_read_before_a_process_was_killed_is_taken_up_by_the_same_import(tmp_path, monkeypatch):
    monkeypatch.setattr(street_import, "SMALL", -1)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    for month in ("2014-01", "2014-02", "2014-03"):
        street_file(tmp_path / "files", row(month, month=month), month=month)
    store, told = tmp_path / "store", []

    def killed(step: str) -> None:
        if "2014-02" in step:
            raise Unavailable("The process that worked on this was ended from outside.")

    with pytest.raises(Unavailable):
        import_sources([tmp_path / "files"], store=store, progress=killed, **FIXED)
    report = import_sources([tmp_path / "files"], store=store, progress=told.append, **FIXED)
    assert "2 of 3 files were read before the interruption" in told and report.rows_used == 3


def test_a_clock_that_was_set_back_is_told_and_loses_no_row(case, tmp_path):
    file = extract(tmp_path / "today.csv", "n,2024-06-20,2024-06-21")
    back = {"today": date(2019, 1, 1), "imported_at": datetime(2019, 1, 1, 9)}
    before = read(Store(case / "store"), **(ALL | {"source": SOURCE}))
    report = import_sources([file], store=case / "store", mapping=MAPPING, **back)
    assert dict(report.excluded) == {FUTURE: 1}
    assert "Dates after 1 January 2019, the day of this import, are in the future." in report.notes
    assert any("look at the clock of this machine" in note and "30 June 2024" in note for note in report.notes)
    assert Store(case / "store").reports[-1] == report, "the order of reports is that of the imports, whatever the clock says"
    assert read(Store(case / "store"), **(ALL | {"source": SOURCE})).equals(before)
    right = import_sources([file], store=case / "store", mapping=MAPPING, **FIXED)
    assert right.rows_used == 1 and not any("clock" in note for note in right.notes)


@pytest.mark.parametrize("jump", [timedelta(days=-4_000), timedelta(days=4_000)])
def test_a_clock_that_jumps_leaves_the_audit_log_whole_and_in_the_order_of_the_acts(tmp_path, jump):
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    moments = (noon, noon + jump, noon + timedelta(hours=1))
    for number, moment in enumerate(moments):
        audit.append(tmp_path / "log", audit.Entry(audit.VIEW, f"person {number}", "analyst", "page density", {}), moment=moment)
    found = audit_reading.verify(tmp_path / "log")
    assert found.is_whole and (found.first, found.last) == (1, 4)
    told = [line.who for line in audit_reading.lines(tmp_path / "log") if line.who.startswith("person")]
    assert told == ["person 2", "person 1", "person 0"]


def test_no_result_reads_the_clock():
    """Only pages, commands, the audit log and the beginning of an import do: results and 'provisional' follow the data alone."""
    reads = re.compile(r"\b(?:datetime\.now|date\.today|time\.time|utcnow)\(")
    found = {
        str(file.relative_to(ROOT / "hotspot"))
        for layer in ("boundaries", "offences", "records", "methods", "findings", "maps", "export")
        for file in (ROOT / "hotspot" / layer).rglob("*.py")
        if reads.search(file.read_text("utf-8"))
    }
    own = {"records/audit.py", "records/audit_acts.py", "records/audit_reading.py"}
    assert found - own == {"offences/load.py", "offences/postgresql/opened.py"}


def test_every_test_that_the_table_of_faults_names_exists():
    text = (ROOT / "docs" / "assurance.md").read_text("utf-8")
    sections = [part for part in text.split("\n## ") if part.startswith(("Faults", "Retention"))]
    named = {name for part in sections for name in re.findall(r"`(test_\w+)`", part)}
    defined = {
        name for file in (ROOT / "tests").glob("test_*.py") for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }
    assert len(sections) == 2 and len(named) > 40 and named <= defined
