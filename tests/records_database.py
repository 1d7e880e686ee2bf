"""A real PostgreSQL server of the machine's own, on loopback, for as long as a test needs it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that can be stopped and started again."""

    url: str
    """Of the database postgres."""
    folder: Path
    binaries: Path
    account: pwd.struct_passwd | None
    options: str

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            (str(self.binaries / program), "-D", str(self.folder / "data"), *arguments),
            check=True,
            cwd=self.folder,
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    def new_database(self, *, name: str = "", like: str = "template1") -> str:
        """Make a database, a copy of another where one is named, and give its URL."""
        name = name or f"records_{uuid.uuid4().hex[:8]}"
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        engine.dispose()
        return self.url.removesuffix("postgres") + name

    def start(self) -> None:
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", self.options, "start")

    def stop(self) -> None:
        """Stop it as a failing machine does: nothing is tidied up."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.run("pg_ctl", "-m", "immediate", "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes where they are: connections stay open and nothing answers."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = [int(number) for number in Path(f"/proc/{main}/task/{main}/children").read_text().split()]
        for process in (main, *children):
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in (main, *children):
                os.kill(process, signal.SIGCONT)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server in a new folder; skip where the machine has none."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("PostgreSQL is not installed on this machine (apt install postgresql)")
    pytest.importorskip("psycopg", reason="psycopg, which talks to PostgreSQL, is not installed")
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="hotspot-postgresql-"))
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    port = _free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    url = f"postgresql+psycopg://hotspot@127.0.0.1:{port}/postgres"
    server = Server(url, folder, programs[-1].parent, account, options)
    try:
        server.run("initdb", "-U", "hotspot", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    """Give whom the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL refuses to run as root, and there is no other account")


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]
