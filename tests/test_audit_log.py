"""The audit log: whatever is done to its lines afterwards shows, many write at once, and what is broken off is said."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import NotAudited
from hotspot.records import audit
from hotspot.records.audit import Entry, append, files_of, head_of
from hotspot.records.audit_anchors import Anchor, anchor, anchors
from hotspot.records.audit_reading import lines, matching, verify
from hotspot.records.database import open_database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(act=audit.VIEW, who="ann", **what):
    return Entry(act, who, "analyst", "page density", what or {"type": "Burglary"}, "f00d")


@pytest.fixture
def log(tmp_path):
    folder = tmp_path / "log"
    for number in range(6):
        append(folder, entry(who=f"person {number}"), moment=NOON)
    return folder


def raw_lines(folder):
    return files_of(folder)[-1].read_bytes().splitlines(keepends=True)


def rewrite(folder, changed):
    files_of(folder)[-1].write_bytes(b"".join(changed))


def test_an_untouched_log_is_whole_and_says_who_did_what(log):
    found = verify(log)
    assert (found.is_whole, found.lines, found.first, found.last) == (True, 7, 1, 7)
    latest = next(lines(log))
    assert (latest.who, latest.act, latest.what, latest.data) == ("person 5", audit.VIEW, {"type": "Burglary"}, "f00d")
    assert verify(log, expected=(found.last, found.hash)).is_whole


@given(data=st.data())
@settings(max_examples=60)
def test_no_line_can_be_removed_changed_doubled_or_moved_unseen(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("log")
    for number in range(5):
        append(folder, entry(who=f"p{number}"), moment=NOON)
    kept = raw_lines(folder)
    first, second = (data.draw(st.integers(0, len(kept) - 1)) for _ in range(2))
    match data.draw(st.sampled_from(["remove", "change", "double", "swap", "byte"])):
        case "remove":
            changed = kept[:first] + kept[first + 1 :]
        case "change":  # with its own hash put right, as somebody would who knows how
            line = json.loads(kept[first]) | {"who": "nobody"}
            line["hash"] = audit.hash_of(line)
            changed = [*kept[:first], (audit.text_of(line) + "\n").encode(), *kept[first + 1 :]]
        case "double":
            changed = [*kept[: second + 1], kept[first], *kept[second + 1 :]]
        case "swap":
            changed = list(kept)
            changed[first], changed[second] = kept[second], kept[first]
            if first == second:
                return
        case _:
            place = data.draw(st.integers(0, len(kept[first]) - 2))
            changed = [*kept[:first], bytes([*kept[first][:place], 0x7E, *kept[first][place + 1 :]]), *kept[first + 1 :]]
            if changed == kept:
                return
    rewrite(folder, changed)
    found = verify(folder)
    # Lines before the first that is here may have been moved away with their file: that is a note, not a fault.
    assert not found.is_whole or (found.first > 1 and found.notes)


def test_a_tail_that_was_cut_off_shows_by_the_head_and_stays_seen_after_the_next_line(log):
    rewrite(log, raw_lines(log)[:-2])
    assert any("cut off" in fault for fault in verify(log).faults)
    append(log, entry(), moment=NOON)
    found = verify(log)
    assert any("lines 6 to 7 are missing" in fault for fault in found.faults)
    assert found.last == 9


def test_a_tail_cut_off_with_its_head_shows_by_the_anchor_in_the_database_and_by_a_hash_written_down(log, tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/records.sqlite")
    anchor(database, head_of(log), moment=NOON)
    noted = verify(log)
    earlier = json.loads(raw_lines(log)[3])
    kept = raw_lines(log)[:4]
    rewrite(log, kept)
    head = head_of(log)
    audit._keep(log, audit.Head(head.log, 4, earlier["hash"], head.file, sum(map(len, kept))))
    assert verify(log).is_whole  # the folder alone cannot know: docs/audit.md says so
    assert any("database of records knows of line 7" in fault for fault in verify(log, anchors(database)).faults)
    assert not verify(log, expected=(noted.last, noted.hash)).is_whole
    append(log, entry(), moment=NOON)
    for _ in range(3):
        append(log, entry(), moment=NOON)
    assert any("another hash" in fault for fault in verify(log, anchors(database)).faults)


def test_a_log_that_was_removed_and_begun_anew_shows_by_the_anchor(log, tmp_path):
    known = (Anchor(head_of(log).log, 7, "0" * 64, NOON),)
    append(tmp_path / "other", entry())
    assert any("another log" in fault for fault in verify(tmp_path / "other", known).faults)


@pytest.mark.parametrize("kept_bytes", [1, 60, -2])
def test_a_line_that_was_broken_off_is_closed_and_said_and_nothing_before_it_is_lost(log, kept_bytes):
    break_off(log, kept_bytes)
    append(log, entry(who="after"), moment=NOON)
    found = verify(log)
    assert found.is_whole and any("broken off" in note for note in found.notes)
    assert [one.who for one in lines(log)][:2] == ["after", "audit log"]
    closed = raw_lines(log)
    closed[7] = b'{"forged": 1}\n'
    rewrite(log, closed)
    assert not verify(log).is_whole


def break_off(log, kept_bytes):
    """Leave what a process leaves that was killed while it wrote a line."""
    head = (log / audit.HEAD).read_text()
    append(log, entry(who="broken off"), moment=NOON)
    *whole, last = raw_lines(log)
    rewrite(log, [*whole, last[:kept_bytes]])
    (log / audit.HEAD).write_text(head)


def test_a_line_that_misses_nothing_but_its_end_is_taken_in(log):
    break_off(log, -1)
    append(log, entry(who="after"), moment=NOON)
    assert verify(log).is_whole and not verify(log).notes
    assert [one.who for one in lines(log)][:2] == ["after", "broken off"]


def test_a_line_whose_head_was_not_written_is_taken_in(log):
    before = (log / audit.HEAD).read_text()
    append(log, entry(who="unheaded"), moment=NOON)
    (log / audit.HEAD).write_text(before)
    append(log, entry(who="next"), moment=NOON)
    assert verify(log).is_whole
    assert [one.who for one in lines(log)][:2] == ["next", "unheaded"]


def test_a_lost_head_is_said_and_stays_a_fault(log):
    (log / audit.HEAD).unlink()
    assert not verify(log).is_whole
    append(log, entry(), moment=NOON)
    assert any("head.json was lost" in fault for fault in verify(log).faults)


def test_files_are_turned_by_size_and_year_and_the_chain_goes_on(log, monkeypatch):
    monkeypatch.setenv("HOTSPOT_AUDIT_MB", "0.001")
    append(log, entry(), moment=NOON)
    monkeypatch.delenv("HOTSPOT_AUDIT_MB")
    append(log, entry(), moment=datetime(2027, 1, 1, tzinfo=UTC))
    append(log, entry(), moment=NOON)  # the clock went back: still in order
    found = verify(log)
    assert (found.is_whole, found.files, found.lines) == (True, 4, 10)
    assert any("clock went back" in note for note in found.notes)
    files_of(log)[0].unlink()
    rest = verify(log)
    assert rest.first == 8 and rest.notes and "from line 8" in rest.headline
    files_of(log)[1].unlink()
    assert not verify(log).is_whole


def test_a_file_begun_when_the_process_was_killed_is_gone_on_with(log, monkeypatch):
    before = (log / audit.HEAD).read_text()
    append(log, entry(who="first of 2027"), moment=datetime(2027, 1, 1, tzinfo=UTC))
    (log / audit.HEAD).write_text(before)
    append(log, entry(who="second"), moment=datetime(2027, 1, 2, tzinfo=UTC))
    assert verify(log).is_whole


WRITER = """
import sys
from pathlib import Path
from hotspot.records.audit import VIEW, Entry, append
for number in range(25):
    append(Path(sys.argv[1]), Entry(VIEW, sys.argv[2], "analyst", "page", {"number": number}))
"""


def test_several_processes_write_at_once_and_no_line_is_lost(tmp_path):
    folder = tmp_path / "log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, folder, f"writer {number}"]) for number in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = verify(folder)
    assert (found.is_whole, found.lines) == (True, 76)
    assert [one.what["number"] for one in lines(folder) if one.who == "writer 1"] == list(range(24, -1, -1))


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    (tmp_path / "log").write_text("a file")
    with pytest.raises(NotAudited, match="cannot be written"):
        append(tmp_path / "log", entry())
    with pytest.raises(NotAudited, match="cannot be written"):
        audit.check(tmp_path / "log")


def test_who_waits_too_long_for_the_log_is_told(log, monkeypatch):
    import fcntl

    monkeypatch.setattr(audit, "PATIENCE", 0.02)
    with (log / audit.LOCK).open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(NotAudited, match="held by another process"):
            append(log, entry())


def test_lines_are_found_by_person_act_and_day(log):
    append(log, entry(audit.EXPORT, who="Bob"), moment=datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert [one.who for one in matching(lines(log), who="bob")] == ["Bob"]
    assert [one.who for one in matching(lines(log), act="export")] == ["Bob"]
    assert [one.who for one in lines(log, since=date(2026, 3, 2))] == ["Bob"]
    assert len(list(lines(log, until=date(2026, 3, 2)))) == 7


def test_the_log_is_readable_by_its_owner_alone(log):
    assert os.stat(log).st_mode & 0o077 == 0
    assert os.stat(files_of(log)[0]).st_mode & 0o077 == 0
