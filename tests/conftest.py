"""Fixtures that all tests share."""

import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.testing
from hypothesis import HealthCheck, settings

import hotspot  # noqa: F401  (before geopandas: it says which drivers GDAL may load)
from tests.records_database import Server, running_server

ROOT = Path(__file__).resolve().parent.parent
# A busy machine is slow, not wrong: no test fails by the clock.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
# The tree of all commands takes longer to build than most of them to run: the runner builds it once.
typer.testing._get_command = functools.cache(typer.testing._get_command)
# `make run` names its store to the application; a test names its own.
os.environ.pop("HOTSPOT_STORE", None)
os.environ.pop("HOTSPOT_RECORDS", None)
os.environ.pop("HOTSPOT_AUDIT", None)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep a module's tests on one worker: what its fixtures make is made once. Browser tests have a rule of their own."""
    if item.path.parent.name != "browser":
        item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real offences and boundaries; a test that needs it is skipped where it is absent."""
    folder = Path(os.environ.get("HOTSPOT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set HOTSPOT_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One PostgreSQL server for all tests of a process; skipped with a reason where the machine has none."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def quick_folder(tmp_path_factory) -> Iterator[Path]:
    """A folder in memory where there is one: processes that are killed at each step wait for the disk hundreds of times."""
    memory = Path("/dev/shm")
    is_there = memory.is_dir() and os.access(memory, os.W_OK)
    folder = Path(tempfile.mkdtemp(prefix="hotspot-test-", dir=memory)) if is_there else tmp_path_factory.mktemp("quick")
    yield folder
    shutil.rmtree(folder)
