"""
Hold the documented proxy to what docs/assurance.md says of it: `make proxy-check`, or `python -m bench.proxy_check STORE`.

Every page in a browser behind nginx, with the page's policy enforced; headers, cookies, TLS and refusals by plain requests.
"""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

from bench import driver
from bench.driver import ROOT
from bench.proxy import NGINX, running_proxy

PAGES = sorted(page.stem for page in (ROOT / "pages").rglob("*.py"))
TRUSTING = ssl._create_unverified_context()
HEADERS = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Server": "nginx",
}
"""Of every page, whole; Content-Security-Policy and Permissions-Policy are looked into."""

NO_FILES = (
    "/app/static/access.toml",
    "/.streamlit/secrets.toml",
    "/store/manifest.json",
    "/static/../store/manifest.json",
    "/component/hotspot.ui.vendor.assets/%2e%2e/%2e%2e/store/manifest.json",
    "/media/00000000000000000000000000000000000000000000000000000000.csv",
)


@dataclass(frozen=True)
class Answer:
    """What a server said to one request."""

    status: int
    headers: HTTPMessage
    body: bytes


def answer(address: str, path: str, *, method: str = "GET", **headers: str) -> Answer:
    """Ask for a path as no browser would; a name's underscore is the header's hyphen."""
    request = urllib.request.Request(
        f"{address}{path}", method=method, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, context=TRUSTING, timeout=20) as found:
            # A stream that was opened has no end to wait for.
            return Answer(found.status, found.headers, found.read() if found.status == 200 else b"")
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.headers, b"")


def header_faults(address: str) -> Iterator[str]:
    """Say which headers of a page, and which cookie flags, are not as documented."""
    found = answer(address, "/density").headers
    yield from (f"/density: {name} is {found[name]}" for name, value in HEADERS.items() if found[name] != value)
    policy = found["Content-Security-Policy"] or ""
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy or "'unsafe-eval'" in policy:
        yield f"/density: the policy is {policy}"
    if "geolocation=()" not in (found["Permissions-Policy"] or ""):
        yield f"/density: Permissions-Policy is {found['Permissions-Policy']}"


def file_faults(address: str) -> list[str]:
    """Say which paths are answered with something else than a refusal or the empty page that loads the application."""
    loader = answer(address, "/").body
    given = {path: answer(address, path) for path in NO_FILES}
    return [f"{path} is served" for path, found in given.items() if found.status == 200 and found.body != loader]


def refusal_faults(address: str) -> Iterator[str]:
    """Say which requests are answered that must not be."""
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        if (status := answer(address, path).status) != 404:
            yield f"{path} was answered with {status}, not 404"
    upload = answer(address, "/_stcore/upload_file/somebody/file", method="PUT", Content_Type="text/plain").status
    if upload != 403:
        yield f"an upload without the page's token was answered with {upload}, not 403"
    if stream_status(address, origin="https://elsewhere.example") == 101:
        yield "a page of another site may open a session"
    if (status := stream_status(address, origin=address)) != 101:
        yield f"the page itself may not open a session: {status}"


def stream_status(address: str, *, origin: str) -> int:
    """Ask for the session's WebSocket as a page of ``origin`` would; 101 is yes."""
    return answer(
        address, "/_stcore/stream", Connection="Upgrade", Upgrade="websocket", Origin=origin,
        Sec_WebSocket_Version="13", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
    ).status  # fmt: skip


def tls_faults(address: str) -> Iterator[str]:
    """Say which old protocol, or which name that is not ours, gets a connection."""
    port = urlsplit(address).port
    for version in ("-tls1", "-tls1_1"):
        command = [
            "openssl",
            "s_client",
            version,
            "-cipher",
            "ALL:@SECLEVEL=0",
            "-connect",
            f"localhost:{port}",
            "-servername",
            "localhost",
        ]
        if subprocess.run(command, input=b"", capture_output=True).returncode == 0:
            yield f"a connection by openssl {version} was taken"
    try:
        with socket.create_connection(("localhost", port)) as plain:
            TRUSTING.wrap_socket(plain, server_hostname="elsewhere.example").close()
        yield "a name that is not ours gets a connection"
    except ssl.SSLError:
        return


def page_faults(address: str) -> Iterator[str]:
    """Open every page in one session; say what the browser refused or what went wrong."""
    with driver.browser() as started:
        context = started.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 720})
        with driver.tab(context, address) as visited:
            for page in PAGES:
                visited.open(page)
                visited.page.wait_for_timeout(800)
                if visited.map_frames:
                    visited.wait_for_map()
                print(f"{page}: {'; '.join(visited.faults) or 'drawn, nothing refused'}", flush=True)
                yield from (f"/{page}: {fault}" for fault in visited.faults)
                visited.faults.clear()
        yield from cookie_faults(context)
        context.close()


def cookie_faults(context: BrowserContext) -> list[str]:
    """Say which cookies of a browser travel without TLS, to other sites, or are read by scripts (the page's token must be)."""
    return [
        f"cookie {cookie['name']} is not as documented: {cookie}"
        for cookie in context.cookies()
        if not cookie["secure"]
        or cookie["sameSite"] not in {"Strict", "Lax"}
        or not (cookie["httpOnly"] or cookie["name"] == "_streamlit_xsrf")
    ]


def faults(store: Path) -> Iterator[str]:
    """Start the application and nginx, and say everything that is not as documented."""
    with tempfile.TemporaryDirectory() as folder:
        # Behind a proxy nothing is shown unless somebody says who may look: here, on purpose, all.
        access = Path(folder) / "access.toml"
        access.write_text('sign_in = "off"\non_any_address = true\n', "utf-8")
        yield from _faults(store, Path(folder), {"HOTSPOT_ACCESS": str(access)})


def _faults(store: Path, folder: Path, settings: dict[str, str]) -> Iterator[str]:
    with driver.running_app(store, settings) as app, running_proxy(app, folder) as address:
        for found in (header_faults, file_faults, refusal_faults, tls_faults, page_faults):
            yield from found(address)


def main(store: Path) -> None:
    """Check, print, and end with 1 where anything is not as documented."""
    if NGINX is None or driver.CHROMIUM is None:
        sys.exit("make proxy-check needs nginx and Chromium: apt-get install nginx-light chromium")
    # What this run writes stays out of the store's records.
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOTSPOT_RECORDS"] = f"sqlite:///{folder}/records.sqlite"
        found = list(faults(store))
    print("\n".join(found) or f"{len(PAGES)} pages, headers, cookies, TLS and refusals are as documented.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
