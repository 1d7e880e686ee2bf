"""Many tasks: here or on a Dask cluster, a worker of which is killed in the middle; and every way a cluster can be no use."""

import json
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import shapely
from small_store import IN_EAST, IN_WEST, offence, small_store
from task_examples import drawn, refused, slowly
from typer.testing import CliRunner

from hotspot import paths, tasks
from hotspot.cli import app
from hotspot.errors import BadInput, NotKnowable
from hotspot.grid import Grid
from hotspot.methods.gi_star import gi_star
from hotspot.methods.knox import knox
from hotspot.methods.random_labelling import Group
from hotspot.methods.two_surfaces import two_surfaces
from hotspot.methods.units import squares
from hotspot.tasks import as_done, here, run_tasks

HERE = Path(__file__).parent
NEEDS = "Dask is not installed: pip install -c constraints.txt -r requirements-dask.txt"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}


def test_without_a_scheduler_tasks_are_done_here_in_their_order(tmp_path):
    told = []
    found = run_tasks(drawn, [(n, tmp_path / "log", 0.0) for n in range(4)], told=lambda *done: told.append(done))
    assert len(set(found)) == 4
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert (tmp_path / "log").read_text().split()[1::2] == ["0", "1", "2", "3"]


def test_what_a_task_refuses_is_raised_here():
    with pytest.raises(NotKnowable, match="The third cannot be known"):
        run_tasks(refused, [(n,) for n in range(4)])


def test_without_dask_a_scheduler_is_refused_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r"needs Dask, which is not installed here\. Install it: pip install .*requirements-dask"):
        run_tasks(refused, [(0,)], scheduler="local")


@pytest.mark.parametrize("scheduler", ["127.0.0.1:8786", "http://127.0.0.1:8786", "clusters"])
def test_an_address_that_is_none_is_refused(scheduler):
    pytest.importorskip("distributed", reason=NEEDS)
    with pytest.raises(BadInput, match="is neither local nor an address such as tcp"):
        run_tasks(refused, [(0,)], scheduler=scheduler)


def test_a_scheduler_that_does_not_answer_is_refused(monkeypatch):
    pytest.importorskip("distributed", reason=NEEDS)
    monkeypatch.setattr(tasks, "ANSWERS_IN", 0.5)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(BadInput, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1"):
            run_tasks(refused, [(0,)], scheduler=f"tcp://127.0.0.1:{held.getsockname()[1]}")


def test_a_worker_with_other_versions_or_another_store_says_so(tmp_path):
    file = tmp_path / "store.json"
    file.write_text("{}")
    other = tasks.Surroundings((("numpy", "1.0"),), ((str(file), "another"), (str(tmp_path / "none"), "any")))
    versions, seen, absent = other.faults()
    assert " in place of 1.0. Install the same version of this product there." in versions
    assert f"sees another version of {file}" in seen
    assert f"does not see {tmp_path / 'none'}. Share the folder with all workers under the same path." in absent
    assert tasks.Surroundings(tasks._versions(), ()).faults() == ()


class Cluster:
    """A scheduler and two worker processes on loopback, as an administrator starts them."""

    def __init__(self, folder: Path):
        self.folder = folder
        path = os.pathsep.join([str(paths.ROOT), str(HERE)])
        self.environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file),
                                     "--dashboard-address", "127.0.0.1:0")  # fmt: skip
        self.workers = [self._worker() for _ in range(2)]
        until = time.monotonic() + 60
        while not file.exists() or not file.read_text():
            assert time.monotonic() < until, "the scheduler did not begin"
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]

    def kill_who_wrote(self, log: Path) -> subprocess.Popen:
        """Kill the worker that began the first task: in the middle of another, whose line has no result yet."""
        killed = next(one for one in self.workers if log.read_text().startswith(f"{one.pid} "))
        os.kill(killed.pid, signal.SIGKILL)
        assert killed.wait(10) == -signal.SIGKILL
        return killed

    def complete(self) -> None:
        """Start a worker for each that was killed, and wait for it."""
        from distributed import Client

        self.workers = [one if one.poll() is None else self._worker() for one in self.workers]
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=60)

    def _worker(self) -> subprocess.Popen:
        file = str(self.folder / "scheduler.json")
        return self._start("worker", "--scheduler-file", file, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
                           "--dashboard-address", "127.0.0.1:0", "--local-directory", str(self.folder))  # fmt: skip

    def _start(self, *arguments: str) -> subprocess.Popen:
        with (self.folder / "log.txt").open("ab") as log:
            command = [sys.executable, "-m", "dask", *arguments]
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=self.folder)

    @property
    def processes(self) -> list[subprocess.Popen]:
        return [*self.workers, self.scheduler]

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    pytest.importorskip("distributed", reason=NEEDS)
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [
        offence(f"{name}-{month}-{day}", place, committed=f"2024-0{month}-{day:02} 12:00")
        for month in range(4, 9)
        for day in range(1, 25, 3)
        for name, place in (("W", IN_WEST), ("E", IN_EAST))
    ]
    return small_store(tmp_path_factory.mktemp("many"), rows)


def listening(process: subprocess.Popen) -> set[str]:
    """Give the addresses on which a process listens, as /proc writes them."""
    sockets = {os.readlink(one) for one in Path(f"/proc/{process.pid}/fd").iterdir() if one.is_symlink()}
    rows = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{process.pid}/net/{name}").read_text().splitlines()[1:]
    ]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


def test_a_worker_killed_in_the_middle_loses_nothing_and_nothing_comes_twice(cluster, tmp_path):
    """Sixteen tasks on two workers; the one that did the first result is killed while it does another."""
    logs = tmp_path / "here", tmp_path / "there"
    here, there = ([(n, log, seconds) for n in range(16)] for log, seconds in zip(logs, (0.0, 0.15), strict=True))
    expected = run_tasks(drawn, here)
    said, found = [], []
    for place, result in as_done(drawn, there, scheduler=cluster.address, said=said.append):
        found.append((place, result))
        if len(found) == 3:
            cluster.kill_who_wrote(logs[1])
    assert sorted(place for place, _ in found) == list(range(16))
    assert [result for _, result in sorted(found)] == expected
    begun = [line.split() for line in logs[1].read_text().splitlines()]
    assert len(begun) > 16 and {pid for pid, _ in begun} == {str(one.pid) for one in cluster.workers}
    assert said[0].startswith("Dask dashboard: http://127.0.0.1:")


def numbers(result) -> dict[str, bytes]:
    """Every array and number of a result, bit for bit."""
    return {one.name: np.asarray(value).tobytes() for one in fields(result) if np.ndim(value := getattr(result, one.name)) or
            isinstance(value, (int, float))}  # fmt: skip


def backwards(function, tasks, *, shared=()):
    """Do tasks in chunks, the last first, each with a copy of what they share, as another process has it."""
    done = {}
    for task in reversed(tasks):
        done[task] = function(*pickle.loads(pickle.dumps(shared)), *task)
    return [done[task] for task in tasks]


def envelope(run):
    """Two groups, one of them denser at one place; 999 labellings are sixteen blocks."""
    random = np.random.default_rng(4)
    sizes = ((400, 900), (600, 1_800))
    first, second = (Group(random.uniform(0, 6_000, n), random.normal(3_000, spread, n)) for n, spread in sizes)
    given = {"grid": Grid(0.0, 6_000.0, 150.0, 40, 40), "bandwidth": 900.0, "kernel": "quartic", "region": None}
    return two_surfaces(first, second, **given, simulations=999, seed=3, run=run)


def shuffled_map(run):
    units = squares(shapely.box(0, 0, 1_200, 1_200), cell_size=100)
    count = np.random.default_rng(5).poisson(1.2, len(units)).astype(float)
    return gi_star(units, count, distance=200.0, permutations=60_000, seed=2, run=run)


def shuffled_dates(run):
    random = np.random.default_rng(6)
    x, y, day = random.uniform(0, 3_000, 400), random.uniform(0, 3_000, 400), random.integers(0, 200, 400)
    return knox(x, y, day, distance_edges=(0, 200, 400), time_edges=(0, 7, 14), permutations=300, seed=2, run=run)


@pytest.mark.parametrize("made", [shuffled_map, shuffled_dates])
def test_permutations_are_the_same_here_in_chunks_and_on_a_cluster(cluster, made):
    expected = numbers(made(here if made is shuffled_map else None))
    assert len(expected) > 5 and numbers(made(backwards)) == expected
    assert numbers(made(partial(run_tasks, scheduler=cluster.address))) == expected


def test_a_monte_carlo_envelope_survives_a_killed_worker_bit_for_bit(cluster, tmp_path):
    cluster.complete()
    log, places = tmp_path / "log", []

    def losing_a_worker(function, tasks, *, shared):
        found = {}
        for place, result in as_done(partial(slowly, function, log), tasks, shared=shared, scheduler=cluster.address):
            places.append(place)
            found[place] = result
            if len(places) == 3:
                cluster.kill_who_wrote(log)
        return [found[place] for place in range(len(tasks))]

    expected = numbers(envelope(here))
    assert numbers(envelope(losing_a_worker)) == expected == numbers(envelope(backwards))
    assert sorted(places) == list(range(16)) and len(log.read_text().splitlines()) > 16


@pytest.mark.parametrize(
    "command",
    [
        ("relative-risk", "--baseline", "2024-04-01..2024-06-01", "--from", "2024-06-01", "--bandwidth", 900),
        ("gi-star", "--cells", "all", "--permutations", 60_000),
        ("near-repeat", "--permutations", 300),
    ],
)
def test_a_command_prints_the_same_from_a_cluster_and_says_where_its_dashboard_is(cluster, store, command):
    name, *rest = command
    given = (name, "--store", store.path, "--crime-type", "residential burglary", *rest)
    there = CliRunner().invoke(app, [*map(str, given), "--json", "--scheduler", cluster.address])
    assert there.exit_code == 0, there.output
    assert there.stdout == run(*given)
    assert "Dask dashboard: http://127.0.0.1:" in there.stderr and re.search(r"\b(\d+) of \1 b", there.stderr)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what listens is read from /proc")
def test_nothing_listens_beyond_this_machine(cluster):
    alive = [one for one in cluster.processes if one.poll() is None]
    heard = [listening(one) for one in alive]
    assert all(heard) and set().union(*heard) <= LOOPBACK


def test_what_a_task_on_a_worker_refuses_is_raised_here(cluster):
    with pytest.raises(NotKnowable, match="The third cannot be known") as refusal:
        run_tasks(refused, [(n,) for n in range(4)], scheduler=cluster.address)
    assert refusal.value.headline == "No third"


def test_a_worker_that_does_not_see_the_store_says_so(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "_fingerprint", lambda path: "the fingerprint that is seen here alone")
    with pytest.raises(BadInput, match=r"does not see .*gone"):
        run_tasks(refused, [(0,)], scheduler=cluster.address, reads=[tmp_path / "gone"])


def run(*arguments) -> str:
    made = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert made.exit_code == 0, made.output
    return made.stdout


def test_back_tests_of_each_month_are_the_same_on_a_cluster(cluster, store):
    given = ("backtest", "--store", store.path, "--crime-type", "residential burglary", "--from", "2024-07-01", "--each", "month")
    given += ("--train-days", 28, "--judge-days", 7, "--cell-size", 400, "--bandwidth", 500, "--resamples", 99)
    here, there = run(*given), run(*given, "--scheduler", cluster.address)
    assert here == there
    assert [one["period"] for one in json.loads(here)["runs"]][:1] == ["2024-07-01..2024-08-01"]


def test_a_weekly_briefing_has_the_same_bytes_on_a_cluster(cluster, store, tmp_path):
    given = ("brief", "--store", store.path, "--template", "weekly", "--crime-type", "residential burglary", "--format", "html")
    given += ("--lpa", "Westley")
    for name, scheduler in (("here", ()), ("there", ("--scheduler", cluster.address))):
        run(*given, "--out", tmp_path / name, *scheduler)
    here, there = ({one.name: one.read_bytes() for one in (tmp_path / name).iterdir()} for name in ("here", "there"))
    assert len(here) == 1 and here == there


def test_a_scheduler_without_several_back_tests_is_refused(store):
    given = ["backtest", "--store", str(store.path), "--crime-type", "residential burglary", "--scheduler", "local"]
    refused_run = CliRunner().invoke(app, given)
    assert refused_run.exit_code == 2 and "say which, with --each month or --each year" in refused_run.output


@pytest.mark.parametrize(
    "each, said", [("week", "each month or each year, not for each 'week'"), ("year", "holds no whole year")]
)
def test_periods_that_are_none_are_refused(store, each, said):
    given = ["backtest", "--store", str(store.path), "--crime-type", "residential burglary", "--from", "2024-06-01"]
    refused_run = CliRunner().invoke(app, [*given, "--each", each])
    assert refused_run.exit_code == 2 and said in refused_run.output
