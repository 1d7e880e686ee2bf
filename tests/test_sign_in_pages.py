"""The running application, asked by its own protocol: every page by a cold link for each role and for nobody, every file."""

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import PurePath

import httpx
import pytest
import shapely
import told_files
from app_sessions import Seen, kept_open, made, reader, run_apart, seen, uploaded
from signed_in import (
    EVERYWHERE,
    HIDDEN,
    OTHERS,
    OWN,
    PAGES,
    QUERY,
    SECRET,
    store_of,
    through_proxy,
    with_households,
    write_records,
    written,
)

from bench.driver import running_app
from hotspot.export import cards
from hotspot.offences.store import Store
from hotspot.paths import ROOT
from hotspot.ui import gate
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
REFUSED = "MediaFileStorageError: Callable execution failed: This file was made for somebody else."
"""What the log says of a press of somebody else's button."""
DATA_WORDS = ("offence", "Burglary", "Vehicle", "OFFICIAL", "synthetic", *OTHERS, OWN)


@dataclass(frozen=True)
class Offer:
    """A link to a page that offers files."""

    page: str
    names: tuple[str, ...]
    """How the keys of its buttons begin."""
    query: dict[str, str] = field(default_factory=dict)
    """What it needs beside ``QUERY``."""
    to: tuple[str, ...] = (ANALYST, ADMINISTRATOR)
    """Whom it is offered to."""
    tells_of_lpas: bool = True
    """An administrator's files tell which LPA an offence was in, or where."""


OFFERS = (
    Offer("density", ("download-hotspots",)),
    Offer("clusters", ("download-clusters",), {"size": "500"}),
    Offer("clusters", ("download-emerging",), {"size": "500", "show": "Emerging hotspots"}),
    Offer("clusters", ("download-rates",), {"show": "Rates"}),
    Offer("compare", ("download-change",), {"on": "hexagons"}),
    Offer("compare", ("download-two-surfaces",), {"view": "Relative risk"}),
    Offer("repeat_victimisation", ("download-repeats",), {"type": "Burglary"}),
    Offer("near_repeats", ("download-near-repeats", "download-zones"), {"type": "Residential burglary"}),
    Offer("series", ("download-series",), {"reach": "500", "gap": "56", "least": "2"}),
    Offer("notebooks", ("notebook-jupyter",), {"notebook": "weekly"}),
    Offer("briefing", ("briefing",), {"notebook": "weekly"}),
    Offer("plans", ("download-plans",)),
    Offer("accuracy", ("download-accuracy",), tells_of_lpas=False),
    Offer("performance", ("download-performance",)),
    Offer("data", ("data-report-json",), {"part": "Load report"}, to=(EVERYWHERE, ADMINISTRATOR)),
    Offer("data", ("data-saved-mapping-toml",), {"part": "Mappings"}, to=(ADMINISTRATOR,)),
    Offer("data", ("data-mapping-toml",), {"part": "Import"}, to=(ADMINISTRATOR,)),
    Offer("audit", ("download-audit",), to=(ADMINISTRATOR,)),
)
"""All there are: a test finds those that are missing. A load report counts all LPAs, and is for who may see them."""
BESIDE = 1_000.0
"""Metres by which a shape that holds an LPA's offences may lie beyond it."""


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """As many offences as near-repeat zones of one LPA need."""
    return with_households(store_of(tmp_path_factory.mktemp("pages") / "app", scale=0.08))


@pytest.fixture(scope="module")
def app(store) -> Iterator[str]:
    folder = store.path.parent
    records = f"sqlite:///{folder}/records.sqlite"
    write_records(store, records)
    access = written(folder, "headers", '[headers]\nsecret_file = "proxy.secret"\nsign_out = "/leave?a=1&b=2"')
    with running_app(store.path, {"HOTSPOT_ACCESS": str(access), "HOTSPOT_RECORDS": records}) as address:
        yield address
    log = next(folder.glob("app-*.log")).read_text("utf-8", "replace")
    assert not [
        one for one in re.split(r"^(?=\d{4}-\d\d-\d\d )", log, flags=re.MULTILINE) if "Traceback" in one and REFUSED not in one
    ]
    assert SECRET not in log


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


@asynccontextmanager
async def opened(app: str, offer: Offer, client: httpx.Client, store: Store):
    """Open a page that offers files, with what its buttons need."""
    query = QUERY | offer.query
    async with kept_open(app, offer.page, client=client, **query) as (found, socket):
        if found.switches.get("What to import"):
            extract, choice = store.path.parent / "extract.parquet", ("What to import", "Force extract")
            found = await uploaded(socket, found, offer.page, query, choice=choice, file=extract, client=client)
        yield found, socket


def files_of(
    app: str, offer: Offer, role: str, store: Store, ask: Sequence[httpx.Client]
) -> list[tuple[str, list[httpx.Response]]]:
    """Have every file of a page made, and give for each what those who ask for its address are answered."""

    async def asked() -> list[tuple[str, list[httpx.Response]]]:
        async with opened(app, offer, through_proxy(app, role), store) as (found, socket):
            assert {name for name in offer.names for key in found.downloads if key.startswith(name)} == set(offer.names)
            assert all(key.startswith(offer.names) for key in found.downloads)
            addresses = [await made(socket, one, session=found.session) for one in found.downloads.values()]
            return [(one, [client.get(one) for client in ask]) for one in [*addresses, *found.files]]

    return run_apart(asked())


def named(offer: Offer) -> str:
    return " ".join((offer.page, *offer.names))


def is_download(answer: httpx.Response) -> bool:
    return answer.headers.get("content-disposition", "").startswith("attachment")


def is_another_lpas(content: bytes, suffix: str, own: shapely.Geometry) -> bool:
    """Say whether a file tells of an offence of another LPA: by its name, its records or a place."""
    told = told_files.words(content, suffix)
    return any(name in told for name in (*OTHERS, HIDDEN)) or any(
        not own.covers(place) for place in told_files.places(content, suffix)
    )


def buttons() -> set[str]:
    """Find how the keys of all buttons by which files leave begin, in the source of the pages."""
    found = set()
    for path in (*(ROOT / "hotspot" / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        assert not any(isinstance(node, ast.ImportFrom) and node.module == "hotspot.ui.downloads" for node in ast.walk(tree))
        rows = {"downloads.row", "row"} if path.name == "downloads.py" else {"downloads.row"}
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if ast.unparse(node.func) in rows:
                found |= {f"download-{name}" for name in texts(node.args[0], node, tree)}
            elif ast.unparse(node.func) == "downloads.button":
                found |= texts(next(one.value for one in node.keywords if one.arg == "key"), node, tree)
    return found


def texts(value: ast.expr, call: ast.Call, tree: ast.Module) -> set[str]:
    """Give the text of a constant, how one begins that is put together, and what is given for a parameter."""
    if isinstance(value, ast.JoinedStr):
        value = value.values[0]
    if isinstance(value, ast.Constant):
        return {str(value.value).rstrip("-")}
    functions = (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and call in list(ast.walk(one)))
    within = next(one for one in functions if ast.unparse(value) in [argument.arg for argument in one.args.args])
    place = [argument.arg for argument in within.args.args].index(ast.unparse(value))
    calls = (one for one in ast.walk(tree) if isinstance(one, ast.Call) and ast.unparse(one.func) == within.name)
    return {text for one in calls for text in texts(one.args[place], one, tree)}


def test_every_button_by_which_a_file_leaves_is_among_those_that_are_pressed():
    assert buttons() == {name for offer in OFFERS for name in offer.names}


@pytest.mark.parametrize("offer", [one for one in OFFERS if ANALYST in one.to], ids=named)
def test_an_analysts_file_is_his_alone_and_tells_of_his_lpa_alone(app, store, offer):
    colleague = through_proxy(app, ANALYST, "Kim Lee")
    others = [colleague, through_proxy(app, INSPECTOR), through_proxy(app, ADMINISTRATOR), *(reader(app, one) for one in FORGED)]
    own = store.areas().geometry(OWN).buffer(BESIDE)
    answers = files_of(app, offer, ANALYST, store, [through_proxy(app, ANALYST), *others])
    assert len(answers) >= len(offer.names)
    for address, (his, *theirs) in answers:
        assert address.startswith("/media/") and his.status_code == 200 and len(his.content) > 100, address
        assert not is_another_lpas(his.content, PurePath(address).suffix, own), address
        if not is_download(his):  # the picture of a card, which the inspector and the administrator have on pages of their own
            theirs = [theirs[0], *theirs[3:]]
        assert {one.status_code for one in theirs} == {403}, address


@pytest.mark.parametrize("offer", OFFERS, ids=named)
def test_an_administrators_file_is_whole_and_his_alone(app, store, offer):
    others = [through_proxy(app, ANALYST), through_proxy(app, INSPECTOR), reader(app)]
    own = store.areas().geometry(OWN).buffer(BESIDE)
    answers = files_of(app, offer, ADMINISTRATOR, store, [through_proxy(app, ADMINISTRATOR), *others])
    files = [(address, asked) for address, asked in answers if is_download(asked[0])]
    assert len(files) >= len(offer.names)
    for address, (his, *theirs) in files:
        assert his.status_code == 200 and len(his.content) > 100, address
        assert [one.status_code for one in theirs] == [403] * len(others), address
    tells = any(is_another_lpas(asked[0].content, PurePath(address).suffix, own) for address, asked in files)
    assert tells or not offer.tells_of_lpas or ANALYST not in offer.to, "the test of an analyst's file would find nothing"


def test_a_load_report_is_had_by_an_analyst_who_sees_all_lpas(app, store):
    offer = next(one for one in OFFERS if EVERYWHERE in one.to)
    ask = [through_proxy(app, role) for role in (EVERYWHERE, ANALYST, INSPECTOR)]
    ((_, answers),) = files_of(app, offer, EVERYWHERE, store, ask)
    assert [one.status_code for one in answers] == [200, 403, 403] and answers[0].json()["source"] == QUERY["source"]


@pytest.mark.parametrize("offer", OFFERS, ids=named)
def test_a_page_offers_no_file_to_who_may_not_have_it(app, offer):
    whole = seen(app, offer.page, client=through_proxy(app, ANALYST), **QUERY | offer.query)
    shown = seen(app, offer.page, client=through_proxy(app, INSPECTOR), **QUERY | offer.query)
    assert bool(whole.downloads) == (ANALYST in offer.to) and not shown.downloads
    if ANALYST in offer.to:
        assert headline(shown) == headline(whole)  # the same is shown, and only not given away
    assert not seen(app, offer.page, client=reader(app), **QUERY | offer.query).downloads


def headline(found: Seen) -> str:
    return re.search(r'<h1 class="hs-headline">(.*?)</h1>', " ".join(found.texts))[1]


def test_a_button_of_somebody_else_gives_nothing(app, store):
    offer = OFFERS[0]
    asks = (
        *(through_proxy(app, role) for role in (INSPECTOR, ADMINISTRATOR)),
        through_proxy(app, ANALYST, "Kim Lee"),
        reader(app),
    )

    async def tried() -> list[str]:
        async with opened(app, offer, through_proxy(app, ANALYST), store) as (his, socket):
            button, answers = next(iter(his.downloads.values())), []
            for client in asks:
                async with kept_open(app, offer.page, client=client, **QUERY) as (found, theirs):
                    answers += [await made(theirs, button, session=session) for session in (his.session, found.session)]
            assert (await made(socket, button, session=his.session)).startswith("/media/")
            return answers

    others_session = "Invalid session ID for backend operation request"
    assert run_apart(tried()) == [others_session, "Failed to generate file for download"] * len(asks)


def test_the_icon_of_the_pages_is_everybodys_who_is_signed_in(app):
    sent = seen(app, "data", client=through_proxy(app, ANALYST)).raw
    (address,) = {one.decode() for one in re.findall(rb"/media/[0-9a-f]+\.png", sent)}
    for client in (through_proxy(app, ANALYST), through_proxy(app, INSPECTOR)):
        assert client.get(address).content == gate.ICON.read_bytes()
    assert reader(app).get(address).status_code == 403


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
