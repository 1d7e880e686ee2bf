"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
# A busy machine is slow, not wrong: no test fails by the clock.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
# `make run` names its store to the application; a test names its own.
os.environ.pop("HOTSPOT_STORE", None)
os.environ.pop("HOTSPOT_RECORDS", None)


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL with PostGIS, for the tests that say so and run on one worker (``xdist_group``)."""
    from linked_database import linked_server

    with linked_server() as started:
        yield started


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real offences and boundaries; a test that needs it is skipped where it is absent."""
    folder = Path(os.environ.get("HOTSPOT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set HOTSPOT_SHARED_DATA")
    return folder
