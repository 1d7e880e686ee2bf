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
from app_sessions import XSRF, kept_open, made, pressed, reader, run_apart, seen
from signed_in import OTHERS, QUERY, SECRET, store_of, written

from bench.driver import running_app
from hotspot.access import Access, Grant
from hotspot.errors import NotSignedIn
from hotspot.ui import sign_in
from hotspot.ui.way_back import LONGEST

if find_spec("oidc_provider_mock") is None:
    pytest.skip("there is no OpenID provider to sign in at: pip install oidc-provider-mock", allow_module_level=True)

PEOPLE = {
    "ann": {"preferred_username": "ann@force", "groups": ["staff", "coventry-analysts"]},
    "eve": {"preferred_username": "eve@force", "groups": ["staff"]},
}
PAGE = "investigation"
"""Quickly drawn, and its footer says to what it is limited."""
START = "overview"
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


def signed_in(app: App, sub: str, *, page: str = PAGE, client: httpx.Client | None = None, **query: str) -> httpx.Client:
    """Sign in as a browser does: the button, the provider's form, back with a code, a cookie."""
    client = client or reader(app.address)
    begun = client.get(pressed(app.address, page, "Sign in", client=client, **(query or QUERY)).redirect)
    asked = begun.headers["location"]
    form = httpx.post(asked, data={"sub": sub})
    assert "code=" in form.headers["location"]
    back = client.get(form.headers["location"])
    assert back.status_code == 302 and back.headers["location"] == "/" and USER in client.cookies
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


def test_a_download_is_for_the_browser_of_who_had_it_made(app):
    ann, eve = signed_in(app, "ann"), signed_in(app, "eve")

    async def asked() -> list[int]:
        async with kept_open(app.address, "performance", client=ann, **QUERY) as (found, socket):
            file = await made(socket, found.downloads["download-performance-CSV"], session=found.session)
            return [client.get(file).status_code for client in (ann, copied(app, ann), eve, reader(app.address))]

    assert run_apart(asked()) == [200, 200, 403, 403]


def test_who_signs_in_again_within_the_second_of_an_ended_sign_in_is_in():
    given = {"iss": "https://provider", "sub": "ann", "iat": int(time.time()), "nonce": "one", "is_logged_in": True}
    given |= PEOPLE["ann"]
    chosen = Access(sign_in="openid", grants=(Grant("coventry-analysts", "analyst", None),))
    sign_in.end(given)
    with pytest.raises(NotSignedIn, match="signed out"):
        sign_in.of_claims(chosen, given)
    assert sign_in.of_claims(chosen, given | {"nonce": "two"}).name == "ann@force"


def test_the_link_that_was_asked_for_opens_after_signing_in_once(app):
    asked = QUERY | {"type": "Burglary", "audience": "public"}
    ann = signed_in(app, "ann", **asked)
    cookie = ann.cookies[XSRF]
    ann.get("/_stcore/health")  # as a page does when it is loaded: the cookie is written anew, with another mask
    assert ann.cookies[XSRF] != cookie
    back = seen(app.address, client=ann)
    assert back.page == PAGE and back.query.items() >= asked.items() and "ann@force" in back.words
    assert seen(app.address, client=ann).page == START


def test_of_the_link_that_was_asked_for_nothing_is_kept_but_our_own_pages_and_settings(app):
    other_place = {"next": "https://elsewhere.example/", "redirect_uri": "//elsewhere.example"}
    ann = signed_in(app, "ann", **QUERY, **other_place)
    back = seen(app.address, client=ann)
    assert back.page == PAGE and not {"next", "redirect_uri"} & back.query.keys() and b"elsewhere.example" not in back.raw
    for page in ("nowhere", "//elsewhere.example/overview", "../density"):
        assert seen(app.address, client=signed_in(app, "ann", page=page)).page == START
    long = signed_in(app, "ann", **QUERY, layers="x" * LONGEST)
    assert seen(app.address, client=long).page == PAGE and b"xxxx" not in seen(app.address, client=long).raw


def test_a_link_is_opened_by_the_browser_alone_that_asked_for_it_and_never_in_place_of_another(app):
    ann = signed_in(app, "ann")
    assert seen(app.address, client=copied(app, ann, **{XSRF: reader(app.address).cookies[XSRF]})).page == START
    without_cookie = copied(app, ann)
    del without_cookie.cookies[XSRF]
    nobodys = seen(app.address, client=without_cookie)
    assert "Sign in to see anything" in nobodys.words
    assert seen(app.address, "density", client=ann, **QUERY).page == "density"
    assert seen(app.address, client=ann, **QUERY).page == START  # the start page of a selection is a link itself
    assert seen(app.address, client=ann).page == PAGE


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
