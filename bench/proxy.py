"""
The application behind the documented nginx, on this machine.

The configuration is docs/deployment/nginx.conf itself; only names, ports and certificate are those of this machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.driver import ROOT, free_port, wait_until_answered

CONFIGURATION = ROOT / "docs" / "deployment" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_AROUND = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    {site}
}}
"""


def local_site(folder: Path, app: str, *, port: int, plain_port: int) -> str:
    """Give the documented configuration with the names of this machine; nothing else of it is changed.

    Parameters
    ----------
    app
        Host and port of the application.
    """
    text = CONFIGURATION.read_text("utf-8")
    text = re.sub(r"server 127\.0\.0\.1:8501;\n\s+server 127\.0\.0\.1:8502;", f"server {app};", text)
    for documented, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("https://hotspot.force.example", f"https://localhost:{port}"),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("hotspot.force.example", "localhost"),
        ("/etc/ssl/hotspot", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        if documented not in text:
            raise LookupError(f"{CONFIGURATION} has no '{documented}'")
        text = text.replace(documented, here)
    return text


@contextmanager
def running_proxy(address: str, folder: Path) -> Iterator[str]:
    """Start nginx before a running application on free ports; give the address for a browser; stop it afterwards."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    site = local_site(
        folder, address.removeprefix("http://").replace("localhost", "127.0.0.1"), port=port, plain_port=free_port()
    )
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, site=site), "utf-8")
    log = folder / "said.log"
    with log.open("w") as said:
        process = subprocess.Popen([NGINX, "-c", folder / "nginx.conf", "-p", folder], stderr=said)
        try:
            wait_until_answered(f"https://localhost:{port}/_stcore/health", process, log)
            yield f"https://localhost:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)
