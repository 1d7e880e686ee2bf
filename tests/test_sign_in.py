"""Who a session belongs to: off by default and for this machine alone; whoever comes from elsewhere gets one sentence."""

import html

import pytest
from signed_in import GROUPS, SECRET, written
from streamlit.testing.v1 import AppTest

from hotspot.errors import NotAllowed
from hotspot.ui import sign_in
from hotspot.viewer import ADMINISTRATOR, ANALYST, INSPECTOR, LOCAL

HERE = [("host", "localhost:8501"), ("upgrade", "websocket")]
DOOR = """
import streamlit as st
from hotspot.ui import sign_in

if sign_in.let_in():
    st.session_state.setdefault("typed", sign_in.viewer().name)
    st.write(f"{sign_in.viewer().name} sees what {st.session_state['typed']} typed")
    st.html(sign_in.bar())
"""


@pytest.fixture(autouse=True)
def off(monkeypatch):
    monkeypatch.delenv("HOTSPOT_ACCESS", raising=False)


@pytest.fixture
def by_headers(tmp_path, monkeypatch):
    """Sign in by headers; gives what sets those of the next connection."""
    access = written(tmp_path, "headers", 'hours = 1\n[headers]\nsecret_file = "proxy.secret"')
    monkeypatch.setenv("HOTSPOT_ACCESS", str(access))

    def connect(name: str, role: str, secret: str = SECRET) -> None:
        sent = [("X-Hotspot-Proxy", secret), ("X-Remote-User", name), ("X-Remote-Groups", GROUPS[role])]
        monkeypatch.setattr(sign_in, "headers", lambda: sent)

    return connect


def door() -> AppTest:
    return AppTest.from_string(DOOR, default_timeout=30)


def told(page: AppTest) -> str:
    assert not page.exception
    return " ".join([*(one.proto.body for one in page.get("html")), *(one.value for one in page.markdown)])


@pytest.mark.parametrize(
    ("given", "client"),
    [
        (HERE, "127.0.0.1"),
        ([("host", "127.0.0.1:8501")], "127.0.0.1"),
        ([("Host", "[::1]:8501")], "::1"),
        ([("host", "LOCALHOST")], "localhost"),
    ],
)
def test_a_request_of_this_machine_to_itself_is_from_here(given, client):
    assert sign_in.is_from_here(given, client)


@pytest.mark.parametrize(
    ("given", "client"),
    [
        (HERE, "10.0.0.7"),
        (HERE, ""),
        ([("host", "hotspot.force.example")], "127.0.0.1"),
        ([("host", "localhost.force.example")], "127.0.0.1"),
        ([("host", "127.0.0.1.force.example")], "127.0.0.1"),
        ([("host", "localhost@force.example")], "127.0.0.1"),
        ([("host", "")], "127.0.0.1"),
        ([*HERE, ("X-Forwarded-For", "127.0.0.1")], "127.0.0.1"),
        ([*HERE, ("Forwarded", "for=127.0.0.1")], "127.0.0.1"),
        ([*HERE, ("Via", "1.1 proxy")], "127.0.0.1"),
    ],
)
def test_a_request_that_may_come_from_elsewhere_is_not_from_here(given, client):
    assert not sign_in.is_from_here(given, client)


@pytest.mark.parametrize("address", ["0.0.0.0", "", "10.0.0.1", "hotspot.force.example"])
def test_a_server_that_listens_for_other_machines_is_not_here(address, monkeypatch):
    monkeypatch.setattr(sign_in.st, "get_option", lambda name: {"server.address": address}[name])
    assert not sign_in.is_from_here(HERE, "127.0.0.1")


def test_where_sign_in_is_off_whoever_sits_at_the_machine_is_the_local_user_and_the_bar_says_so():
    assert sign_in.viewer() == LOCAL and sign_in.is_off()
    assert "sign-in off: this machine only" in told(door().run())


def test_where_sign_in_is_off_nothing_is_shown_to_another_machine_unless_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sign_in, "headers", lambda: [("host", "hotspot.force.example")])
    with pytest.raises(NotAllowed, match="HOTSPOT_ACCESS"):
        sign_in.viewer()
    page = door().run()
    assert sign_in.REFUSED_OFF in told(page) and "sees" not in told(page) and not page.button
    access = tmp_path / "access.toml"
    access.write_text('sign_in = "off"\non_any_address = true', "utf-8")
    monkeypatch.setenv("HOTSPOT_ACCESS", str(access))
    assert sign_in.viewer() == LOCAL and "on any machine" in told(door().run())


def test_a_broken_file_shows_nothing_and_tells_its_fault_to_the_log_alone(tmp_path, monkeypatch, caplog):
    access = tmp_path / "access.toml"
    access.write_text('sign_in = "openid"\n[[grant]]\ngroup = "secret-squad"\nrole = "chief"', "utf-8")
    monkeypatch.setenv("HOTSPOT_ACCESS", str(access))
    page = door().run()
    assert html.escape(sign_in.BROKEN) in told(page) and "chief" not in told(page) and "secret-squad" not in told(page)
    assert "the role 'chief' does not exist" in caplog.text


def test_who_comes_through_the_proxy_is_let_in_and_who_forges_it_is_not(by_headers):
    by_headers("Sam <b>Jones</b>", INSPECTOR)
    shown = told(door().run())
    assert "Sam &lt;b&gt;Jones&lt;/b&gt;" in shown and "inspector" in shown and "Sign out" not in shown
    by_headers("Chief", ADMINISTRATOR, "x" * len(SECRET))
    shown = told(door().run())
    assert "not the one to sign in at" in shown and "Chief" not in shown


def test_another_person_who_takes_over_a_session_finds_nothing_of_the_first(by_headers):
    by_headers("Sam", ANALYST)
    page = door().run()
    assert "Sam sees what Sam typed" in told(page)
    by_headers("Kim", ANALYST)
    assert "Kim sees what Kim typed" in told(page.run())
    by_headers("Kim", INSPECTOR)  # the same name with another role is another viewer
    assert "Kim sees what Kim typed" in told(page.run())


def test_a_page_that_stays_open_asks_to_be_loaded_again_after_the_hours_of_a_sign_in(by_headers, monkeypatch):
    by_headers("Sam", ANALYST)
    page = door().run()
    later = sign_in.time.time() + 3_700
    monkeypatch.setattr(sign_in.time, "time", lambda: later)
    shown = told(page.run())
    assert "open for more than 1 hour. Load it again" in shown and "sees" not in shown
    assert "Sam sees" in told(door().run())
