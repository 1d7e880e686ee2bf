"""Results kept for all sessions: one computation for many who ask, one limit for all results."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.errors import BadInput
from hotspot.paths import ROOT
from hotspot.ui import keeping
from hotspot.ui.keeping import Keeper, pieces_of

ARRAY = np.zeros(1000)
SHAPES = """
import json
import numpy as np, shapely
from hotspot.ui.keeping import pieces_of

def taken():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

shapely.box(0, 0, 1, 1)
told = []
for corners, count in ((5, 50_000), (400, 4_000)):
    before = taken()
    rings = np.random.default_rng(1).random((count, corners, 2))
    rings[:, -1] = rings[:, 0]
    shapes = shapely.polygons(rings)
    rings = None
    told.append([sum(dict(pieces_of(shapes, {})).values()), taken() - before])
one = shapely.box(0, 0, 1, 1)
assert dict(pieces_of([one, "a"], {}))[id(one)] == sum(dict(pieces_of(np.array([one, "a", None]), {})).values()) - 24
print(json.dumps(told))
"""


@dataclass(frozen=True, eq=False)
class Result:
    values: np.ndarray
    name: str = "a"


def together(count, ask):
    """Let so many threads ask at the same moment; what each was given or told."""
    gate, given_to = threading.Barrier(count), [None] * count

    def one(index):
        gate.wait()
        try:
            given_to[index] = ask()
        except BadInput as fault:
            given_to[index] = fault

    threads = [threading.Thread(target=one, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return given_to


def test_forty_who_open_one_view_cost_one_computation():
    keeper, computed = Keeper(10**6), []

    def compute():
        computed.append(1)
        threading.Event().wait(0.05)
        return Result(np.ones(3))

    results = together(40, lambda: keeper.get("view", compute))
    assert len(computed) == 1
    assert all(result is results[0] for result in results) and results[0] is not None
    assert (keeper.kept().asked, keeper.kept().computed, keeper.kept().results) == (40, 1, 1)


def test_a_failure_is_told_to_all_who_wait_and_is_not_kept():
    keeper = Keeper(10**6)

    def fail():
        threading.Event().wait(0.05)
        raise BadInput("There is no area.")

    assert [str(told) for told in together(5, lambda: keeper.get("view", fail))] == ["There is no area."] * 5
    assert keeper.get("view", lambda: 7) == 7


def test_who_waits_for_a_session_that_is_stopped_computes_it_himself():
    keeper, begun, results = Keeper(10**6), threading.Event(), []

    def stopped():
        begun.set()
        threading.Event().wait(0.05)
        raise KeyboardInterrupt

    def first():
        with pytest.raises(KeyboardInterrupt):
            keeper.get("view", stopped)

    def second():
        begun.wait(10)
        results.append(keeper.get("view", lambda: "own"))

    threads = [threading.Thread(target=one) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == ["own"]


def test_a_result_that_needs_another_kept_result_does_not_wait_for_itself():
    keeper = Keeper(10**6)
    assert keeper.get("outer", lambda: keeper.get("inner", lambda: 2) + 1) == 3


def test_the_least_recently_used_is_forgotten_first():
    keeper = Keeper(2500)
    for name in ("a", "b"):
        keeper.get(name, lambda: np.zeros(125))
    keeper.get("a", lambda: pytest.fail("it is kept"))
    keeper.get("c", lambda: np.zeros(125))
    assert keeper.kept().results == 2
    keeper.get("a", lambda: pytest.fail("it was used after b"))
    assert keeper.get("b", lambda: "anew") == "anew"


def test_an_array_that_two_results_hold_is_counted_once_and_freed_with_the_last_of_them():
    keeper = Keeper(20_000)
    for name in ("a", "b"):
        keeper.get(name, lambda: Result(ARRAY[:500]))
    assert 8000 <= keeper.kept().megabytes * 1e6 < 9000
    keeper.get("large", lambda: np.zeros(2400))
    assert keeper.kept().results == 1
    assert keeper.kept().megabytes * 1e6 == 19_200


def test_one_result_larger_than_the_limit_is_given_and_replaced_by_the_next():
    keeper = Keeper(100)
    assert len(keeper.get("large", lambda: np.zeros(1000))) == 1000
    keeper.get("small", lambda: 1)
    assert keeper.kept().results == 1


def test_bytes_are_those_of_arrays_frames_and_texts_within_dataclasses_and_containers():
    frame = pd.DataFrame({"x": np.zeros(100)})
    sizes = dict(pieces_of({"one": (Result(ARRAY), frame)}, {}))
    assert sizes[id(ARRAY)] == 8000
    assert sizes[id(frame)] == int(frame.memory_usage().sum())


def test_bytes_of_shapes_are_about_what_the_machine_gives_for_them():
    told = subprocess.run([sys.executable, "-c", SHAPES], cwd=ROOT, capture_output=True, check=True)
    for counted, taken in json.loads(told.stdout):
        assert 0.5 < counted / taken < 2


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 40)), max_size=60))
def test_whatever_is_asked_results_are_right_and_the_bytes_are_those_of_what_is_held(asked):
    keeper, sizes = Keeper(800), {}
    for name, size in asked:
        size = sizes.setdefault(name, size)
        assert keeper.get(name, lambda size=size: np.zeros(size)).shape == (size,)
        held = sum(values.nbytes for values, _ in keeper._results.values())
        assert round(keeper.kept().megabytes * 1e6) == held
        assert held <= 800 or keeper.kept().results == 1


def test_a_function_keeps_by_its_arguments_and_its_name(monkeypatch):
    monkeypatch.setattr(keeping, "KEEPER", Keeper(10**6))
    calls = []

    @keeping.kept
    def double(value, *, by=2):
        calls.append(value)
        return value * by

    @keeping.kept
    def same(value, *, by=2):
        return value

    assert (double(2), double(2), double(2, by=3), same(2)) == (4, 4, 6, 2)
    assert calls == [2, 2]
    assert (double(value=2), double(2, by=2)) == (4, 4), "a default that is written out is the same question"
    assert calls == [2, 2]
