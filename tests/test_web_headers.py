"""What a browser may do with a page: headers, and that the documented proxy and the application agree."""

import re
import tomllib
from pathlib import Path

import pytest
import streamlit
from app_sessions import run_apart

from bench.proxy import CONFIGURATION
from hotspot.boundaries.force_file import load_force
from hotspot.paths import WEST_MIDLANDS
from hotspot.ui import headers

ROOT = Path(__file__).resolve().parent.parent
FRAME = "/component/streamlit_folium.st_folium/index.html"
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
PROXY = CONFIGURATION.read_text("utf-8")


def policy(path: str) -> dict[str, list[str]]:
    said = headers.headers(path)["Content-Security-Policy"].split("; ")
    return {name: values for name, *values in (directive.split() for directive in said)}


@pytest.mark.parametrize("path", ["/", "/density", "/media/abc.csv", "/_stcore/health", "/static/js/index.js"])
def test_no_text_becomes_a_script_and_no_other_site_frames_a_page(path):
    said = policy(path)
    assert said["default-src"] == ["'none'"]
    assert said["frame-ancestors"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "blob:"} & set(said["script-src"])
    assert headers.headers(path)["X-Frame-Options"] == "DENY"


def test_only_the_map_frame_may_write_scripts_and_only_our_page_may_frame_it():
    assert "'unsafe-eval'" in policy(FRAME)["script-src"]
    other = policy("/component/hotspot.ui.briefing.briefing_keys/index.html")
    assert not {"'unsafe-inline'", "'unsafe-eval'"} & set(other["script-src"])
    assert policy(FRAME)["frame-ancestors"] == other["frame-ancestors"] == ["'self'"]
    assert policy(FRAME)["connect-src"] == ["'self'"]


def test_streamlits_own_inline_script_is_let_through_by_its_hash_and_no_other():
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    hashes = [value for value in policy("/")["script-src"] if value.startswith("'sha256-")]
    assert len(hashes) == len(re.findall(r"<script>", page)) == 1


def test_the_administrators_tiles_are_let_into_the_map_frame_alone(monkeypatch):
    monkeypatch.setattr(headers, "_tile_origins", set())
    headers.allow_tiles("https://tiles.force.example/streets/{z}/{x}/{y}.png?key=a")
    headers.allow_tiles("https://{s}.tiles.force.example/{z}/{x}/{y}.png")
    assert policy(FRAME)["img-src"] == ["'self'", "data:", "https://*.tiles.force.example", "https://tiles.force.example"]
    assert policy("/density")["img-src"] == ["'self'"]


def test_the_address_of_tiles_is_let_in_when_a_map_is_drawn_with_it(monkeypatch):
    from dataclasses import replace

    from hotspot.ui import vendor

    monkeypatch.setattr(headers, "_tile_origins", set())
    plain = load_force(WEST_MIDLANDS)
    assert vendor.tiles_url(replace(plain, tiles_url="")) == ""
    assert policy(FRAME)["img-src"] == ["'self'", "data:"]
    vendor.tiles_url(replace(plain, tiles_url="https://tiles.force.example/{z}/{x}/{y}.png"))
    assert "https://tiles.force.example" in policy(FRAME)["img-src"]


def answered(path: str, status: int, *sent: tuple[bytes, bytes]) -> dict[bytes, bytes]:
    """Run the middleware round an application that gives one answer."""
    messages = []

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": list(sent)})

    async def keep(message):
        messages.append(message)

    run_apart(headers.SecurityHeaders(application)({"type": "http", "path": path}, None, keep))
    return dict(messages[0]["headers"])


def test_refusals_and_faults_carry_the_headers_too_and_what_the_application_sent_is_replaced():
    found = answered("/media/gone.csv", 500, (b"cache-control", b"public"), (b"content-length", b"0"))
    assert found[b"x-content-type-options"] == b"nosniff"
    assert found[b"cache-control"] == b"no-store"
    assert found[b"content-length"] == b"0"
    assert b"cache-control" not in answered("/static/js/index.js", 200)


def test_a_session_passes_untouched():
    seen = []

    async def application(scope, receive, send):
        seen.append(send)

    run_apart(headers.SecurityHeaders(application)({"type": "websocket", "path": "/_stcore/stream"}, None, answered))
    assert seen == [answered]


def test_the_proxy_takes_what_the_application_takes_and_little_more():
    taken = int(re.search(r"client_max_body_size (\d+)m;", PROXY)[1])
    assert 0 < taken - SETTINGS["server"]["maxUploadSize"] <= 10


def test_streamlits_own_protections_are_on():
    server = SETTINGS["server"]
    assert server["address"] == "localhost"
    assert (server["enableCORS"], server["enableXsrfProtection"], server["xsrfCookieSameSite"]) == (True, True, "strict")
    assert (server["enableStaticServing"], server["enableAgentApi"]) == (False, False)
    assert SETTINGS["client"]["showErrorDetails"] == "none"


def test_the_proxy_takes_new_tls_alone_and_says_nothing_of_itself():
    assert re.findall(r"ssl_protocols (.*);", PROXY) == ["TLSv1.2 TLSv1.3"]
    assert "server_tokens off;" in PROXY
    assert "ssl_reject_handshake on;" in PROXY
    assert "$host$request_uri" not in PROXY
