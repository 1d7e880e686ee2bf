"""The running application, asked by its own protocol: every page by a cold link for each role and for nobody, every file."""

import re
from collections.abc import Iterator

import httpx
import pytest
from app_sessions import kept_open, made, reader, run_apart, seen
from signed_in import HIDDEN, OTHERS, OWN, PAGES, QUERY, SECRET, store_of, through_proxy, write_records, written

from bench.driver import running_app
from hotspot.export import cards
from hotspot.paths import ROOT
from hotspot.viewer import ADMINISTRATOR, ANALYST, INSPECTOR

LINK = QUERY | {"notebook": "weekly", "plan": "2", "part": "Delete"}
"""A link that asks for all at once: plan 2 is another LPA's."""
FORGED = (
    {},
    {"x-remote-user": "Chief", "x-remote-groups": "administrators"},
    {"x-hotspot-proxy": "guess" * 8, "x-remote-user": "Chief", "x-remote-groups": "administrators"},
    {"x-hotspot-proxy": SECRET, "x-remote-groups": "administrators"},
    {"x-hotspot-proxy": SECRET, "x-remote-user": "Visitor", "x-remote-groups": "staff,coventry"},
)
"""Nobody, as a direct caller of the port may come; and somebody without a grant."""
DATA_WORDS = ("offence", "Burglary", "Vehicle", "OFFICIAL", "synthetic", *OTHERS, OWN)


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages") / "app"
    store = store_of(folder)
    records = f"sqlite:///{folder}/records.sqlite"
    write_records(store, records)
    access = written(folder, "headers", '[headers]\nsecret_file = "proxy.secret"\nsign_out = "/leave?a=1&b=2"')
    with running_app(store.path, {"HOTSPOT_ACCESS": str(access), "HOTSPOT_RECORDS": records}) as address:
        yield address
    log = next(folder.glob("app-*.log")).read_text("utf-8", "replace")
    assert "Traceback" not in log and SECRET not in log


def test_every_page_of_the_menu_is_among_those_that_are_asked():
    shell = (ROOT / "hotspot" / "ui" / "shell.py").read_text("utf-8")
    assert set(re.findall(r'^    "(\w+)": \("', shell, flags=re.MULTILINE)) == set(PAGES) and set(cards.PAGES) < set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_gets_one_sentence_and_no_data(app, page):
    for headers in FORGED[:: 1 if page == "overview" else 2]:
        found = seen(app, page, client=reader(app, headers), **LINK)
        assert len(found.texts) == 2 and "alert" in found.texts[1], found.words  # the other is the style sheet
        assert not any(word in found.words for word in DATA_WORDS)
        assert not (found.buttons or found.downloads or found.options or found.files)
        assert b"Coventry" not in found.raw and HIDDEN.encode() not in found.raw


@pytest.mark.parametrize("role", [INSPECTOR, ANALYST])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_a_scoped_viewer_his_lpa_alone(app, page, role):
    found = seen(app, page, client=through_proxy(app, role), **LINK)
    assert f"Sam Jones {role}" in re.sub(r"\s+", " ", found.words) and "Sign out" in found.words
    assert 'href="/leave?a=1&amp;b=2"' in " ".join(found.texts)
    without_outlines = found.words.replace("West Midlands", "")
    assert not any(name in without_outlines for name in OTHERS), found.words
    assert HIDDEN.encode() not in found.raw
    assert found.options.get("Area", ["All your LPAs", OWN]) == ["All your LPAs", OWN]
    if role == INSPECTOR:
        assert not found.downloads


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_sees_every_page_whole(app, page):
    found = seen(app, page, client=through_proxy(app, ADMINISTRATOR), **QUERY)
    assert "This page could not be drawn" not in found.words
    assert ("Limited to" in found.words) == (page == "notebooks")  # one of its cards was made from one LPA
    if "Area" in found.options:
        assert {"Whole force", *OTHERS, OWN, "Outside the LPAs"} <= set(found.options["Area"])


def test_a_scoped_viewer_is_told_that_a_notebook_holds_more(app):
    found = seen(app, "notebooks", client=through_proxy(app, INSPECTOR), notebook="weekly")
    assert (
        "Weekly: one card" in found.words and "also holds 1 card made from offences of LPAs that you may not see" in found.words
    )
    whole = seen(app, "notebooks", client=through_proxy(app, ADMINISTRATOR), notebook="weekly")
    assert "Weekly: two cards" in whole.words and HIDDEN.encode() in whole.raw


def test_parts_of_the_data_page_are_open_to_the_role_that_may_do_them(app):
    inspector = seen(app, "data", client=through_proxy(app, INSPECTOR), part="Delete")
    assert "needs the role administrator" in inspector.words and not inspector.buttons
    analyst = seen(app, "data", client=through_proxy(app, ANALYST), part="Events")
    assert "needs the role" not in analyst.words and "The breaks of April" in analyst.words
    assert "Delete the data set" in seen(app, "data", client=through_proxy(app, ADMINISTRATOR), part="Delete").buttons


def files_of(app: str, page: str, role: str, ask: list[httpx.Client]) -> list[tuple[str, list[int]]]:
    """Have every file of a page made, and give for each what those who ask for its address are answered."""

    async def asked() -> list[tuple[str, list[int]]]:
        async with kept_open(app, page, client=through_proxy(app, role), **QUERY) as (found, socket):
            addresses = [await made(socket, one, session=found.session) for one in found.downloads.values()]
            return [(one, [client.get(one).status_code for client in ask]) for one in [*addresses, *found.files]]

    return run_apart(asked())


@pytest.mark.parametrize("page", ["density", "compare", "performance", "notebooks", "plans", "briefing"])
def test_a_file_is_given_to_whoever_is_signed_in_and_to_nobody_else(app, page):
    ask = [through_proxy(app, ANALYST), *(reader(app, headers) for headers in FORGED)]
    answers = files_of(app, page, ANALYST, ask)
    assert answers
    for address, status in answers:
        assert address.startswith("/media/") and status == [200, 403, 403, 403, 403, 403], address


def test_a_files_address_is_no_other_way_round(app):
    nobody, analyst = reader(app), through_proxy(app, ANALYST)
    for path in ("/media/x", "/media/%2e%2e/media/x", "//media/x", "/MEDIA/x", "/media", "/x/../media/x"):
        answer = nobody.get(path)
        assert answer.status_code in (400, 403, 404) or "<title>Streamlit</title>" in answer.text, path
    assert analyst.get("/media/x").status_code == 404  # let through, and not there
    assert nobody.put("/_stcore/upload_file/a/b", files={"file": b"x"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/density",
        "/_stcore/health",
        "/_stcore/host-config",
        "/component/hotspot.ui.vendor.assets/leaflet.js",
        "/component/hotspot.ui.vendor.assets/../../store/manifest.json",
        "/component/hotspot.ui.vendor.assets/%2e%2e/%2e%2e/store/manifest.json",
        "/app/static/manifest.json",
        "/static/../store/manifest.json",
        "/auth/login",
        "/auth/logout",
        "/_stcore/metrics",
        "/_stcore/script-health-check",
    ],
)
def test_what_is_open_to_nobody_tells_of_no_offence(app, path):
    answer = httpx.get(f"{app}{path}", timeout=30)
    assert not any(word in answer.text for word in ("Birmingham", "Burglary", "crime_types", "OFFICIAL", HIDDEN, SECRET))
