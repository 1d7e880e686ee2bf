"""No password, cookie secret or client secret in what is logged, said or kept, whatever raises it."""

import io
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from hotspot import cli, secrecy
from hotspot.errors import BadInput
from hotspot.records.database import open_database
from hotspot.ui import page

ROOT = Path(__file__).resolve().parent.parent
PASSWORD, COOKIE, CLIENT = "Tr0ub4dor%263", "c00kie-0f-th3-server", "cl13nt-s3cret-0f-sign-in"
# Nothing listens on port 1 of this machine.
RECORDS = f"postgresql+psycopg://hotspot:{PASSWORD}@127.0.0.1:1/hotspot?connect_timeout=2"
SECRETS = (PASSWORD, "Tr0ub4dor&3", COOKIE, CLIENT)


@pytest.fixture
def secrets(monkeypatch, tmp_path):
    """A process that knows three secrets, one of them from Streamlit's file."""
    (tmp_path / "secrets.toml").write_text(f'[auth]\nclient_id = "hotspot"\nclient_secret = "{CLIENT}"\n', "utf-8")
    monkeypatch.setattr(secrecy, "SECRETS_FILES", (tmp_path / "absent.toml", tmp_path / "secrets.toml"))
    monkeypatch.setenv("HOTSPOT_RECORDS", RECORDS)
    monkeypatch.setenv("STREAMLIT_SERVER_COOKIE_SECRET", COOKIE)


@pytest.fixture
def log(secrets):
    """What a handler writes while the process is guarded."""
    before, hook, thread_hook = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook
    written, logger = io.StringIO(), logging.getLogger("hotspot.test")
    handler = logging.StreamHandler(written)
    logger.addHandler(handler)
    secrecy.guard()
    yield written, logger
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)
    sys.excepthook, threading.excepthook = hook, thread_hook


def test_every_place_of_a_secret_is_known_and_nothing_else_is(secrets):
    assert set(secrecy.known()) == set(SECRETS)


def test_a_secret_in_a_file_that_cannot_be_read_is_no_failure_here(secrets, tmp_path):
    (tmp_path / "secrets.toml").write_text("[auth\n", "utf-8")
    assert CLIENT not in secrecy.known() and COOKIE in secrecy.known()


def test_what_proves_the_proxy_is_known_by_the_file_that_holds_it_and_its_headers_name_is_no_secret(
    secrets, tmp_path, monkeypatch
):
    (tmp_path / "proof").write_text("0123456789abcdef\n", "utf-8")
    (tmp_path / "access.toml").write_text('[headers]\nsecret = "X-Hotspot-Proxy"\nsecret_file = "proof"\n', "utf-8")
    monkeypatch.setenv("HOTSPOT_ACCESS", str(tmp_path / "access.toml"))
    assert set(secrecy.known()) == {*SECRETS, "0123456789abcdef"}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "say",
    [
        lambda logger, secret: logger.error(f"cannot open {secret}"),
        lambda logger, secret: logger.error("cannot open %s at %d", f"x{secret}y", 5432),
        lambda logger, secret: logger.error("cannot open %(url)s", {"url": secret}),
        lambda logger, secret: logger.error("cannot open %s", ValueError(secret)),
        lambda logger, secret: logger.error(ValueError(secret)),
    ],
    ids=["message", "argument", "mapping", "object", "object alone"],
)
def test_a_message_never_holds_a_secret(say, secret, log):
    written, logger = log
    say(logger, secret)
    assert secrecy.HIDDEN in written.getvalue()
    assert secret not in written.getvalue()


def test_a_traceback_keeps_its_lines_and_loses_its_secrets_causes_included(log):
    written, logger = log
    try:
        try:
            raise ValueError(f"no server at {RECORDS}")
        except ValueError as cause:
            raise RuntimeError(f"{COOKIE} {CLIENT}") from cause
    except RuntimeError:
        logger.exception("a page failed")
    said = written.getvalue()
    assert "RuntimeError: [secret] [secret]" in said and "test_secrecy.py" in said and "ValueError: no server" in said
    assert not [secret for secret in SECRETS if secret in said]


def test_what_holds_no_secret_is_logged_as_it_was(log):
    written, logger = log
    logger.error("%s of %d rows, %.1f %%", "burglary", 12, 3.25)
    assert written.getvalue() == "burglary of 12 rows, 3.2 %\n"


def test_guarding_twice_hides_once_and_knows_the_later_secrets(log, monkeypatch):
    written, logger = log
    monkeypatch.setenv("STREAMLIT_SERVER_COOKIE_SECRET", "another-secret")
    secrecy.guard()
    logger.error("another-secret")
    assert written.getvalue() == "[secret]\n"
    assert not hasattr(logging.getLogRecordFactory().unguarded, "unguarded")


def test_the_end_of_a_process_and_of_a_thread_is_told_without_secrets(log, capsys):
    fault = RuntimeError(RECORDS)
    sys.excepthook(RuntimeError, fault, None)
    threading.excepthook(threading.ExceptHookArgs((RuntimeError, fault, None, None)))
    said = capsys.readouterr().err
    assert said.count("RuntimeError: postgresql") == 2 and PASSWORD not in said


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://hotspot:half@rest@host/db", "postgresql+psycopg://hotspot:a@b@c@host:5432/db"]
)
def test_a_password_with_an_at_sign_is_refused_before_its_rest_becomes_a_host(url):
    with pytest.raises(BadInput, match=r"Write @ in it as %40\.") as refusal:
        open_database(url)
    assert "rest" not in str(refusal.value)


def test_a_port_that_is_no_number_is_a_sentence_without_the_address():
    with pytest.raises(BadInput, match="is not the URL of a database") as refusal:
        open_database("postgresql+psycopg://hotspot:hunter22@host:54x/db")
    assert "hunter22" not in str(refusal.value)


def test_a_password_in_the_query_of_the_address_is_not_named(monkeypatch):
    url = "postgresql+psycopg://hotspot@127.0.0.1:1/db?password=hunter22"
    monkeypatch.setenv("HOTSPOT_RECORDS", url)
    assert open_database(url).name == "postgresql+psycopg://hotspot@127.0.0.1:1/db?password=[secret]"


def test_a_command_that_cannot_reach_its_records_says_so_without_the_password(secrets, tmp_path):
    said = CliRunner().invoke(cli.app, ["plans", "list", "--store", str(tmp_path / "store")])
    assert said.exit_code == cli.BAD_INPUT and "127.0.0.1" in said.output
    assert not [secret for secret in SECRETS if secret in said.output]


def test_a_command_that_fails_unforeseen_keeps_a_traceback_without_secrets(tmp_path):
    breaking = (
        "import os, hotspot.commands.crime_types as c\n"
        "def broken(): raise RuntimeError(os.environ['HOTSPOT_RECORDS'] + os.environ['STREAMLIT_SERVER_COOKIE_SECRET'])\n"
        "from hotspot import cli\n"
        "cli.app.command('broken')(broken)\n"
        "cli.main()\n"
    )
    environment = os.environ | {"HOTSPOT_RECORDS": RECORDS, "STREAMLIT_SERVER_COOKIE_SECRET": COOKIE, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", breaking, "broken"]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    (kept,) = tmp_path.glob("hotspot-*.log")
    assert "RuntimeError: postgresql+psycopg://hotspot:[secret]@127.0.0.1:1" in kept.read_text("utf-8")
    assert not [secret for secret in SECRETS if secret in said.stdout + said.stderr + kept.read_text("utf-8")]


def test_a_page_that_fails_is_logged_without_secrets(log, monkeypatch, tmp_path):
    def failing():
        raise RuntimeError(f"{RECORDS} {COOKIE} {CLIENT}")

    written, _ = log
    handler = logging.StreamHandler(written)
    logging.getLogger("hotspot").addHandler(handler)
    monkeypatch.setattr(page.cached, "store", failing)
    shown = AppTest.from_file(str(ROOT / "hotspot" / "ui" / "shell.py"), default_timeout=60).run()
    logging.getLogger("hotspot").removeHandler(handler)
    said = written.getvalue()
    assert "RuntimeError: postgresql+psycopg://hotspot:[secret]@" in said
    everything = said + str([element.value for element in shown.get("html")])
    assert "the log says what happened" in everything
    assert not [secret for secret in SECRETS if secret in everything]
