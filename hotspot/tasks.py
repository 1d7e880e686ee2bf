"""Many independent tasks: in this process, or on a Dask cluster with the same code and the same results.

A task is a module-level function with its arguments. What is random in it has a seed of the task's own, so that neither the
number of workers nor their order changes a result: a method cuts its draws into blocks of a fixed size and seeds each block
(``block_seed``), whether one process does them all or many. A worker that is lost takes nothing with it: its tasks are done again
elsewhere, and each result is handed over once, in the order of the tasks. Tasks write nothing; the caller does.

Dask is an optional extra (requirements-dask.txt). A cluster of our own listens on 127.0.0.1 alone.
"""

from __future__ import annotations

import hashlib
import os
import platform
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from hotspot import __version__
from hotspot.errors import BadInput
from hotspot.paths import ROOT

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
"""The scheduler that is begun here, with a worker process for each processor."""
ANSWERS_IN = 10
"""Seconds within which a scheduler must answer."""
WORKERS_IN = 30
"""Seconds within which it must have a worker."""
_ALIKE = ("numpy", "scipy", "numba", "pandas", "geopandas", "shapely", "pyproj", "matplotlib", "dask", "distributed")
"""Packages of which another version may give other figures, or other bytes."""
_LOOPBACK = "127.0.0.1"
_ONE_AT_A_TIME = threading.Lock()
"""Held by a task: pictures cannot be drawn by two threads of a worker."""
Told = Callable[[int, int], None]


class Run(Protocol):
    """How a method has its tasks done; it gives their results in their order, and need not know where they are done."""

    def __call__(
        self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], *, shared: tuple[Any, ...] = ()
    ) -> Iterable[Any]:
        """Give ``function(*shared, *task)`` of each task."""
        ...


def here(function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], *, shared: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Do the tasks in this process, one after another: each when its result is asked for."""
    return (function(*shared, *one) for one in tasks)


def block_seed(seed: int, block: int) -> np.random.SeedSequence:
    """Give the seed of one block of a method's draws."""
    return np.random.SeedSequence(seed, spawn_key=(block,))


def block_sizes(total: int, most: int) -> list[int]:
    """Cut so many draws into blocks of a fixed size; the last has the rest."""
    return [min(most, total - first) for first in range(0, total, most)]


@dataclass(frozen=True)
class Surroundings:
    """What a worker must have as this process has it."""

    versions: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    """Paths and fingerprints of what the tasks read."""

    def faults(self) -> tuple[str, ...]:
        """Say in sentences what this process has otherwise."""
        own = dict(_versions())
        where = f"The Dask worker on {platform.node()}"
        other = [
            f"{name} {own.get(name) or 'none'} in place of {wanted}" for name, wanted in self.versions if own.get(name) != wanted
        ]
        said = [f"{where} has {', '.join(other)}. Install the same version of this product there."] if other else []
        for path, fingerprint in self.files:
            if (found := _fingerprint(path)) != fingerprint:
                what = "does not see" if found == "" else "sees another version of"
                said.append(f"{where} {what} {path}. Share the folder with all workers under the same path.")
        return tuple(said)


def run_tasks(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], *, told: Told = lambda done, of: None, **how: Any
) -> list[Any]:
    """Give the results of all tasks in their order; ``told`` how many of how many are done; the rest as in ``as_done``."""
    results: dict[int, Any] = {}
    for place, result in as_done(function, tasks, **how):
        results[place] = result
        told(len(results), len(tasks))
    return [results[place] for place in range(len(tasks))]


def as_done(
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    *,
    shared: tuple[Any, ...] = (),
    scheduler: str | None = None,
    reads: Sequence[Path] = (),
    said: Callable[[str], None] = lambda sentence: None,
) -> Iterator[tuple[int, Any]]:
    """Give the place and the result, ``function(*shared, *arguments)``, of each task once, as soon as it is done.

    Parameters
    ----------
    function
        Of a module; it, its arguments and its results are pickled.
    shared
        First arguments of every task, sent to a worker once and not with each task. What is large and can be made again is
        best pickled as the recipe for it (``__reduce__``).
    scheduler
        None: in this process, one task after another. ``local``: on processes of this machine. ``tcp://…`` or ``tls://…``: on
        the Dask cluster with that scheduler.
    reads
        Files that every worker must see as they are here: the store's list of parts stands for the whole store.
    said
        Told a sentence for the person who waits: where the dashboard is.

    Raises
    ------
    BadInput
        If the cluster cannot be used; the sentence says why.
    HotspotError
        What a task raised.
    """
    if scheduler is None:
        yield from enumerate(here(function, tasks, shared=shared))
        return
    surroundings = Surroundings(_versions(), tuple((str(one.resolve()), _fingerprint(str(one.resolve()))) for one in reads))
    with _client(scheduler) as client:
        if client.dashboard_link:
            said(f"Dask dashboard: {client.dashboard_link}")
        yield from _gathered(client, partial(_done, surroundings, function), tasks, shared)


def _gathered(
    client: Client, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], shared: tuple[Any, ...]
) -> Iterator[tuple[int, Any]]:
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    # Results of tasks themselves, so that what went with a lost worker is made again like any other.
    first = [client.submit(_itself, one, pure=False) for one in shared]
    # Never taken for the task of another run (pure), so that a key stands for one result.
    pending = {
        future.key: (place, future)
        for place, future in enumerate(client.submit(function, one, *first, pure=False) for one in tasks)
    }
    try:
        for future in as_completed([future for _, future in pending.values()]):
            # A result that went with its worker is waited for until it is made again; taken, the cluster may forget it.
            place, result = pending[future.key][0], future.result()
            del pending[future.key]
            future.release()
            yield place, result
    except KilledWorker as fault:
        raise BadInput("A task ended several workers of the Dask cluster, one after another. Have they enough memory?") from fault
    except ModuleNotFoundError as fault:
        raise BadInput(
            f"The Dask workers cannot load '{fault.name}'. Install this product there, or start them in its folder."
        ) from fault
    finally:
        client.cancel([*(future for _, future in pending.values()), *first])


def _done(surroundings: Surroundings, function: Callable[..., Any], arguments: tuple[Any, ...], *shared: Any) -> Any:
    """Do a task on a worker, where it has what this process has."""
    if faults := surroundings.faults():
        raise BadInput(*faults)
    with _ONE_AT_A_TIME:
        return function(*shared, *arguments)


def _itself(value: Any) -> Any:
    return value


@contextmanager
def _client(scheduler: str) -> Iterator[Client]:
    """Reach a scheduler, or begin one here."""
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as fault:
        raise BadInput(
            "--scheduler needs Dask, which is not installed here. "
            "Install it: pip install -c constraints.txt -r requirements-dask.txt"
        ) from fault
    if scheduler == LOCAL:
        with (
            LocalCluster(
                n_workers=os.cpu_count() or 1,
                threads_per_worker=1,
                host=_LOOPBACK,
                dashboard_address=f"{_LOOPBACK}:0",
                worker_dashboard_address=f"{_LOOPBACK}:0",
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    if not scheduler.startswith(("tcp://", "tls://")):
        raise BadInput(f"--scheduler '{scheduler}' is neither {LOCAL} nor an address such as tcp://127.0.0.1:8786.")
    with _reached(Client, scheduler) as client:
        _check_cluster(client, scheduler)
        yield client


def _reached(make: type[Client], scheduler: str) -> Client:
    try:
        return make(scheduler, timeout=ANSWERS_IN)
    except (OSError, ValueError) as fault:
        raise BadInput(
            f"No Dask scheduler answers at {scheduler} ({ANSWERS_IN} s). Start one with: "
            "dask scheduler --host 127.0.0.1 --port 8786 (see docs/commands.md), or leave --scheduler out."
        ) from fault


def _check_cluster(client: Client, scheduler: str) -> None:
    found = client.get_versions()["scheduler"]["packages"]
    own = dict(_versions())
    other = [f"{name} {found[name]} (here {own[name]})" for name in ("dask", "distributed") if found[name] != own[name]]
    if other:
        raise BadInput(f"The Dask scheduler at {scheduler} has {', '.join(other)}. Install the same versions on both.")
    try:
        client.wait_for_workers(1, timeout=WORKERS_IN)
    except TimeoutError as fault:
        raise BadInput(
            f"The Dask scheduler at {scheduler} has no worker. Start one with: dask worker {scheduler} --nthreads 1"
        ) from fault


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[str, str], ...]:
    found = [("Python", platform.python_version()), ("hotspot", f"{__version__}, code {_code()}")]
    for name in _ALIKE:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, ""))
    return tuple(found)


def _code() -> str:
    """Fingerprint of the product's own code: versions may be the same where the code is not."""
    joined = hashlib.sha256()
    for path in sorted((ROOT / "hotspot").rglob("*.py")):
        joined.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return joined.hexdigest()[:8]


def _fingerprint(path: str) -> str:
    """Fingerprint of a file; empty where there is none."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""
