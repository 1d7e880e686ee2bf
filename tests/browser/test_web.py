"""The page's policy in a browser, what plain requests get, and the documented proxy where nginx is installed."""

from pathlib import Path

import pytest
from browser_apps import App, Opener

from bench import proxy_check
from bench.proxy import NGINX, running_proxy
from hotspot.maps import served
from hotspot.ui import headers, vendor

INJECTED = "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))"


def test_a_script_that_got_into_a_page_does_not_run_and_is_noted(synthetic_app: App, opened: Opener):
    visited = opened(synthetic_app, "notebooks")
    assert visited.faults == []
    visited.page.evaluate(INJECTED)
    visited.page.wait_for_timeout(300)
    assert visited.page.evaluate("window.ran === undefined")
    assert len(visited.faults) == 1 and visited.faults.pop().startswith("refused by policy")


@pytest.mark.parametrize(
    "path", ["/", "/density", "/_stcore/health", "/media/none.csv", "/component/hotspot.ui.vendor.assets/map.js"]
)
def test_every_answer_of_the_application_carries_its_headers(path: str, synthetic_app: App):
    found = proxy_check.answer(synthetic_app.address, path).headers
    assert {name: found[name] for name in headers.headers(path)} == headers.headers(path)


def test_component_routes_give_scripts_styles_and_type_alone():
    vendor.asset_url()
    given = {path.name for path in Path(vendor._folder.name).iterdir()}
    assert given == {*served.SCRIPTS, *served.STYLES, served.FONT}


def test_no_path_gives_a_file_of_the_machine(synthetic_app: App):
    assert proxy_check.file_faults(synthetic_app.address) == []


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")
def test_the_documented_proxy_sends_headers_guards_cookies_and_refuses_what_it_should(synthetic_app: App, tmp_path: Path):
    """Every page behind it in a browser: make proxy-check."""
    with running_proxy(synthetic_app.address, tmp_path) as address:
        checks = (proxy_check.header_faults, proxy_check.file_faults, proxy_check.refusal_faults, proxy_check.tls_faults)
        assert [fault for check in checks for fault in check(address)] == []
        cookie = proxy_check.answer(address, "/_stcore/health").headers["Set-Cookie"].lower()
        proxy_check.answer(address, "/density?area=Coventry")
        log = (tmp_path / "hotspot.log").read_text("utf-8")
        assert " /density 200 " in log and "Coventry" not in log
        assert cookie.startswith("_streamlit_xsrf=") and "; secure" in cookie and "; samesite=strict" in cookie
