"""The address of offences that stay in a PostgreSQL database: ``postgresql://reader@host/database?mapping=offences.toml``.

Its password is never written down: what is shown and kept is ``Address.shown``, and a folder on this machine stands for the
database wherever the product expects a store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from hotspot.errors import BadInput

SCHEMES = ("postgresql://", "postgres://")
MAPPING, FOLDER = "mapping", "folder"
"""What the product itself reads of an address; all other parameters go to libpq (sslmode, sslrootcert, service …)."""
_EXAMPLE = "postgresql://reader@host:5432/database?mapping=/srv/hotspot/offences.toml"


@dataclass(frozen=True)
class Address:
    """Where a database is, and which mapping says what its columns mean."""

    host: str
    port: int | None
    user: str
    database: str
    mapping: Path
    folder: Path
    """What is kept on this machine beside the offences: areas, layers, the list of months, and records beside it."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Further ones of libpq."""
    password: str | None = field(default=None, repr=False, compare=False)

    @property
    def shown(self) -> str:
        """The address without its password."""
        user = f"{quote(self.user)}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else quote(self.host)
        port = f":{self.port}" if self.port else ""
        own = ((MAPPING, str(self.mapping)), (FOLDER, str(self.folder)))
        return f"postgresql://{user}{host}{port}/{quote(self.database)}?{urlencode((*own, *self.parameters), safe='/')}"


def is_address(text: str) -> bool:
    """Say whether a store is given as the address of a database."""
    return text.strip().lower().startswith(SCHEMES)


def parse_address(text: str) -> Address:
    """Read an address.

    Raises
    ------
    BadInput
        If it cannot be read. Nothing of it is repeated: a password with signs of its own meaning could stand anywhere.
    """
    try:
        parts = urlsplit(text.strip())
        port, host = parts.port, unquote(parts.hostname or "")
        given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise BadInput(
            "The address of the database cannot be read. Write @ : / # % in a user or password as %40 %3A %2F %23 %25, or leave "
            f"the password to PGPASSWORD or ~/.pgpass. Example: {_EXAMPLE}"
        ) from None
    mapping, database = given.pop(MAPPING, ""), unquote(parts.path.lstrip("/"))
    if not mapping or not database or parts.fragment or "password" in given:
        raise BadInput(*_faults(mapping, database, parts.fragment, "password" in given))
    file = Path(mapping).expanduser().resolve()
    folder = given.pop(FOLDER, "")
    return Address(
        host=host,
        port=port,
        user=unquote(parts.username or ""),
        database=database,
        mapping=file,
        folder=Path(folder).expanduser().resolve() if folder else file.with_suffix(""),
        parameters=tuple(sorted(given.items())),
        password=unquote(parts.password) if parts.password else None,
    )


def _faults(mapping: str, database: str, fragment: str, has_password: bool) -> list[str]:
    faults = []
    if not mapping:
        faults.append(f"The address of the database names no mapping, which says what its columns mean. Example: {_EXAMPLE}")
    if not database:
        faults.append(f"The address names no database. Example: {_EXAMPLE}")
    if fragment:
        faults.append("The address of the database holds a #. Write it as %23 where it belongs to a user or password.")
    if has_password:
        faults.append(
            "The address gives the password as a parameter. Write it before the @, or leave it to PGPASSWORD or ~/.pgpass."
        )
    return faults
