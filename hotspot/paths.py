"""Where the project's own data lie, and where the store is."""

import os
from pathlib import Path

from hotspot.database_address import is_address, parse_address

ROOT = Path(__file__).resolve().parent.parent
BOUNDARIES = ROOT / "data" / "boundaries"
FORCES = ROOT / "data" / "forces"
MAPPINGS = ROOT / "data" / "mappings"
WEST_MIDLANDS = FORCES / "west-midlands.toml"


def store_folder() -> Path:
    """The store that the application opens: ``HOTSPOT_STORE``, else ``store`` beside the project.

    Where ``HOTSPOT_STORE`` is the address of a database, the folder that stands for it on this machine.
    """
    address = store_address()
    return parse_address(address).folder if address else Path(os.environ.get("HOTSPOT_STORE", ROOT / "store"))


def store_address() -> str | None:
    """The address of the database that ``HOTSPOT_STORE`` names; None where it names a folder."""
    given = os.environ.get("HOTSPOT_STORE", "")
    return given if is_address(given) else None


def access_file() -> Path | None:
    """The file that says who may sign in: ``HOTSPOT_ACCESS``; None where it is not set, and sign-in so is off."""
    named = os.environ.get("HOTSPOT_ACCESS", "").strip()
    return Path(named) if named else None


def records_url(store: Path | None = None) -> str:
    """The database of what people write: ``HOTSPOT_RECORDS``, else a file beside the store, which imports never replace."""
    folder = (store or store_folder()).resolve()
    return os.environ.get("HOTSPOT_RECORDS") or f"sqlite:///{folder.parent / folder.name}.records.sqlite"


def audit_folder(store: Path | None = None) -> Path:
    """The audit log: ``HOTSPOT_AUDIT``, else a folder beside the store, which imports never replace."""
    folder = (store or store_folder()).resolve()
    return Path(os.environ.get("HOTSPOT_AUDIT") or folder.parent / f"{folder.name}.audit")
