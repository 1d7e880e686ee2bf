"""OpenID Connect through Streamlit's own sign-in: a real provider on this machine, its codes, its signed tokens, its sign-out."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from app_sessions import pressed, reader, seen
from signed_in import OTHERS, QUERY, SECRET, store_of, written

from bench.driver import running_app

if find_spec("oidc_provider_mock") is None:
    pytest.skip("there is no OpenID provider to sign in at: pip install oidc-provider-mock", allow_module_level=True)

PEOPLE = {
    "ann": {"preferred_username": "ann@force", "groups": ["staff", "coventry-analysts"]},
    "eve": {"preferred_username": "eve@force", "groups": ["staff"]},
}
PAGE = "investigation"
"""Quickly drawn, and its footer says to what it is limited."""
USER = "_streamlit_user"
_KEEPS = "hours = 8"


@dataclass(frozen=True)
class App:
    """The running application and its access file."""

    address: str
    access: Path


@contextmanager
def provider() -> Iterator[str]:
    """Start the provider on a free port."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    users = [part for sub, claims in PEOPLE.items() for part in ("--user-claims", json.dumps({"sub": sub, **claims}))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *users]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{address}/.well-known/openid-configuration")
                break
            except httpx.TransportError:
                assert process.poll() is None, "the provider ended before it answered"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("openid") / "app"
    store, access = store_of(folder, scale=0.01), written(folder, "openid", _KEEPS)
    secrets = folder / "secrets.toml"
    with provider() as address:
        secrets.write_text(
            f"""[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "hotspot"
client_secret = "never-in-a-log"
server_metadata_url = "{address}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid profile" }}
""",
            "utf-8",
        )
        settings = {"HOTSPOT_ACCESS": str(access), "STREAMLIT_SECRETS_FILES": str(secrets)}
        with running_app(store.path, settings) as running:
            yield App(running, access)
    log = next(folder.glob("app-*.log")).read_text("utf-8", "replace")
    assert "never-in-a-log" not in log and SECRET not in log


def signed_in(app: App, sub: str) -> httpx.Client:
    """Sign in as a browser does: the button, the provider's form, back with a code, a cookie."""
    client = reader(app.address)
    begun = client.get(pressed(app.address, PAGE, "Sign in", client=client, **QUERY).redirect)
    asked = begun.headers["location"]
    form = httpx.post(asked, data={"sub": sub})
    assert "code=" in form.headers["location"]
    back = client.get(form.headers["location"])
    assert back.status_code == 302 and USER in client.cookies
    return client


def copied(app: App, client: httpx.Client, **changed: str) -> httpx.Client:
    """Take somebody's cookies to another machine."""
    other = reader(app.address)
    other.cookies = httpx.Cookies(dict(client.cookies) | changed)
    return other


def nothing(app: App, client: httpx.Client, told: str) -> None:
    found = seen(app.address, PAGE, client=client, **QUERY)
    assert told in found.words and not found.downloads and not found.options
    assert not any(name in found.words for name in ("Coventry", "Burglary", *OTHERS))
    assert client.get("/media/x").status_code == 403


def test_a_person_signs_in_sees_his_lpa_and_signs_out_for_good(app):
    nobody = reader(app.address)
    nothing(app, nobody, "Sign in to see anything")
    ann = signed_in(app, "ann")
    found = seen(app.address, PAGE, client=ann, **QUERY)
    assert (
        "ann@force" in found.words
        and "Limited to Coventry" in found.words
        and found.options["Area"] == ["All your LPAs", "Coventry"]
    )
    assert ann.get("/media/x").status_code == 404  # let through, and not there
    other_window = copied(app, ann)
    assert "ann@force" in seen(app.address, PAGE, client=other_window, **QUERY).words
    out = ann.get("/auth/logout")
    assert urlsplit(out.headers["location"]).path == "/oauth2/end_session" and USER not in ann.cookies
    nothing(app, ann, "Sign in to see anything")
    nothing(app, other_window, "You have signed out")


def test_who_is_in_no_group_is_told_so_and_sees_nothing(app):
    nothing(app, signed_in(app, "eve"), "eve@force is in no group that may see these data")


def test_a_sign_in_ends_after_its_hours_and_a_group_that_is_gone_counts_at_once(app):
    ann = signed_in(app, "ann")
    try:
        written(app.access.parent, "openid", "hours = 0.000001")
        nothing(app, ann, "Your sign-in has ended: it lasts 1e-06 hours")
        app.access.write_text('sign_in = "openid"\n[[grant]]\ngroup = "others"\nrole = "analyst"\nlpas = "all"\n', "utf-8")
        nothing(app, ann, "is in no group")
        app.access.write_text('sign_in = "openid"\n[[grant]]\n', "utf-8")
        nothing(app, ann, "cannot be used, so nothing is shown")
        app.access.write_text('sign_in = "headers"\n', "utf-8")
        nothing(app, ann, "cannot be used, so nothing is shown")
    finally:
        written(app.access.parent, "openid", _KEEPS)
    assert "ann@force" in seen(app.address, PAGE, client=ann, **QUERY).words


def test_a_cookie_that_was_changed_or_comes_without_its_token_is_nobodys(app):
    ann = signed_in(app, "ann")
    value = ann.cookies[USER]
    letter = "A" if value[20] != "A" else "B"
    nothing(app, copied(app, ann, **{USER: value[:20] + letter + value[21:]}), "Sign in to see anything")
    nothing(app, copied(app, ann, **{USER: ""}), "Sign in to see anything")
    without_token = reader(app.address)
    without_token.cookies = httpx.Cookies({USER: value})
    assert "Sign in to see anything" in seen(app.address, PAGE, client=without_token, **QUERY).words


def test_a_code_of_nobodys_sign_in_is_not_taken(app):
    client = reader(app.address)
    client.get("/oauth2callback?code=made-up&state=made-up")
    nothing(app, client, "Sign in to see anything")
