"""Long work: another process, progress, cancel, results kept, faults told."""

import pickle
import sys
import time
from pathlib import Path

import pytest

from hotspot.errors import BadInput, NotKnowable, Unavailable
from hotspot.ui.workers import Workers
from hotspot.worker import Unforeseen

TASKS = """
import os, time
from pathlib import Path
from hotspot.errors import NotKnowable

def double(number, *, progress):
    progress(0.5, "half way")
    print("a library that prints must not disturb the answer")
    return 2 * number, os.getpid()

def slow(marker, *, progress):
    progress(0.25, "a quarter")
    Path(marker).touch()
    time.sleep(60)

def refuse(*, progress):
    raise NotKnowable("Because of the month.", headline="Not here")

def stumble(*, progress):
    raise ZeroDivisionError("by mistake")

def vanish(*, progress):
    os._exit(3)
"""


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    (tmp_path / "long_tasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import long_tasks

    yield long_tasks
    sys.modules.pop("long_tasks")


@pytest.fixture
def workers():
    made = Workers(most=1)
    yield made
    made.close()


def finished(workers, function, *arguments, asker="inspector"):
    job = workers.ask((function.__name__, arguments), function, arguments, {}, asker=asker)
    assert job.finished.wait(60)
    return job


def until(holds) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_result_is_computed_in_another_process_and_the_next_job_uses_the_same_one(tasks, workers):
    first, second = finished(workers, tasks.double, 4), finished(workers, tasks.double, 5)
    assert (first.result[0], second.result[0]) == (8, 10)
    assert first.result[1] == second.result[1]
    assert first.words == "half way"


def test_a_result_is_kept_for_everyone_who_asks_the_same(tasks, workers):
    first = finished(workers, tasks.double, 4)
    assert finished(workers, tasks.double, 4, asker="analyst") is first


def test_a_refusal_comes_back_as_it_was_raised_headline_and_all(tasks, workers):
    error = finished(workers, tasks.refuse).error
    assert isinstance(error, NotKnowable)
    assert (str(error), error.headline) == ("Because of the month.", "Not here")


def test_several_faults_stay_several_on_their_way_between_processes():
    error = pickle.loads(pickle.dumps(BadInput("Row 1 is wrong.", "Row 2 is wrong.")))
    assert error.faults == ("Row 1 is wrong.", "Row 2 is wrong.")
    assert str(error) == "Row 1 is wrong.\nRow 2 is wrong."


def test_an_unforeseen_failure_is_told_with_its_traceback_and_tried_anew_when_asked_again(tasks, workers):
    first = finished(workers, tasks.stumble)
    assert isinstance(first.error, Unforeseen)
    assert "ZeroDivisionError" in str(first.error)
    assert finished(workers, tasks.stumble) is first, "who waited is told before it is tried anew"
    workers.withdraw(("stumble", ()), asker="inspector")
    assert finished(workers, tasks.stumble) is not first


def test_a_process_that_dies_leaves_a_failure_and_the_next_job_a_new_process(tasks, workers):
    error = finished(workers, tasks.vanish).error
    assert isinstance(error, Unavailable) and "ended before it was done (exit code 3)" in str(error)
    assert finished(workers, tasks.double, 3).result[0] == 6


def test_work_that_nobody_waits_for_any_more_is_stopped(tasks, workers, tmp_path):
    marker = tmp_path / "begun"
    for asker in ("inspector", "analyst"):
        job = workers.ask("slow", tasks.slow, (str(marker),), {}, asker=asker)
    until(marker.exists)
    workers.withdraw("slow", asker="inspector")
    assert not job.finished.is_set()
    workers.withdraw("slow", asker="analyst")
    assert job.finished.wait(10)
    assert job.cancelled
    assert finished(workers, tasks.double, 1).result[0] == 2


def test_work_waits_for_its_turn_where_all_processes_are_busy(tasks, workers, tmp_path):
    marker = tmp_path / "begun"
    workers.ask("slow", tasks.slow, (str(marker),), {}, asker="inspector")
    until(marker.exists)
    waiting = workers.ask("next", tasks.double, (2,), {}, asker="analyst")
    assert not waiting.finished.wait(0.2)
    assert waiting.words == "Waiting for a free processor"
    workers.withdraw("slow", asker="inspector")
    assert waiting.finished.wait(60)
    assert waiting.result[0] == 4


def test_the_worker_needs_nothing_of_the_pages():
    source = (Path(__file__).parent.parent / "hotspot" / "worker.py").read_text()
    assert "hotspot.ui" not in source
