"""Many people who write plans at the same moment, in threads and in processes, on SQLite and on PostgreSQL."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from hotspot.paths import ROOT
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import merged
from hotspot.records.plans import PlanConflict
from tests.plan_records import AREA, NOW, TODAY, action, draft

LATER = NOW + timedelta(hours=1)
WRITER = """
import json, sys
from dataclasses import replace
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.records.plans import PlanConflict
from tests.plan_records import NOW, action
url, number, name, times = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
database, told = open_database(url), 0
seen = plans.plan(database, number)
print("ready", flush=True)
sys.stdin.readline()
for one in range(times):
    while True:
        wanted = replace(seen.draft, actions=(*seen.draft.actions, action(f"{name} {one}")))
        try:
            seen = plans.save(database, number, wanted, revision=seen.revision, who=name, now=NOW)
            break
        except PlanConflict as conflict:
            told, seen = told + 1, conflict.theirs
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def server(postgresql):
    return postgresql.new_database()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def url(request, tmp_path):
    return f"sqlite:///{tmp_path}/records.sqlite" if request.param == "SQLite" else request.getfixturevalue("server")


@pytest.fixture
def database(url):
    made = open_database(url)
    yield made
    made.engine.dispose()


def test_two_processes_that_write_one_plan_at_once_lose_nothing(url, database):
    number = plans.create(database, draft(), AREA, who="A", now=NOW).number
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(number), name, "8"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("First", "Second")
    ]
    assert [writer.stdout.readline().strip() for writer in writers] == ["ready", "ready"]
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    told = [json.loads(writer.communicate(timeout=60)[0]) for writer in writers]
    kept = plans.plan(database, number)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert {one.text for one in kept.draft.actions} == {f"{name} {one}" for name in ("First", "Second") for one in range(8)}
    assert (kept.revision, len(kept.draft.actions)) == (17, 16)
    assert sum(told) >= 1, "both began with one revision, so at least one was told"
    rows = plans.history(database, number)
    assert {(one.who, one.new) for one in rows if one.field == "text"} == {
        (one.text.split()[0], one.text) for one in kept.draft.actions
    }


def test_twenty_writers_at_once_all_save_and_none_is_locked_out(database):
    def write(number: int) -> str:
        made = plans.create(database, draft(f"Plan of {number}"), AREA, who=f"W{number}", now=NOW)
        for turn in range(3):
            wanted = replace(made.draft, actions=(*made.draft.actions, action(f"{number}.{turn}")))
            made = plans.save(database, made.number, wanted, revision=made.revision, who=f"W{number}", now=LATER)
        return f"{made.draft.title}: {len(made.draft.actions)}"

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(write, range(20)))
    assert told == [f"Plan of {number}: 3" for number in range(20)]
    assert {f"Plan of {number}" for number in range(20)} <= {one.draft.title for one in plans.plans(database, today=TODAY)}


def test_who_edits_a_plan_that_is_closed_meanwhile_is_told_and_both_stand(database):
    base = plans.create(database, draft("A", action("Visit")), AREA, who="A", now=NOW)
    (visit,) = base.draft.actions
    closed = replace(base.draft, status="closed", actions=(replace(visit, status="dropped"),))
    plans.save(database, base.number, closed, revision=1, who="PS Jones", now=LATER)
    mine = replace(base.draft, actions=(replace(visit, text="Visit twice"), action("Mark bicycles")))
    with pytest.raises(PlanConflict, match="PS Jones saved this plan") as told:
        plans.save(database, base.number, mine, revision=1, who="DC Patel", now=LATER)
    assert {(one.field, one.new) for one in told.value.since} == {("status", "closed"), ("status", "dropped")}
    both = merged(base.draft, mine, told.value.theirs.draft)
    kept = plans.save(database, base.number, both, revision=2, who="DC Patel", now=LATER)
    assert (kept.draft.status, kept.closed) == ("closed", TODAY)
    assert {(one.text, one.status) for one in kept.draft.actions} == {("Visit twice", "dropped"), ("Mark bicycles", "open")}


def test_who_closes_a_plan_that_is_edited_meanwhile_is_told_and_both_stand(database):
    base = plans.create(database, draft("A", action("Visit")), AREA, who="A", now=NOW)
    (visit,) = base.draft.actions
    edited = replace(base.draft, actions=(replace(visit, owner="4711"), action("Mark bicycles")))
    plans.save(database, base.number, edited, revision=1, who="DC Patel", now=LATER)
    closing = replace(base.draft, status="closed")
    with pytest.raises(PlanConflict) as told:
        plans.save(database, base.number, closing, revision=1, who="PS Jones", now=LATER)
    assert plans.plan(database, base.number).is_open
    kept = plans.save(
        database, base.number, merged(base.draft, closing, told.value.theirs.draft), revision=2, who="PS Jones", now=LATER
    )
    assert (kept.draft.status, {(one.text, one.owner) for one in kept.draft.actions}) == (
        "closed",
        {("Visit", "4711"), ("Mark bicycles", "Neighbourhood sergeant")},
    )
