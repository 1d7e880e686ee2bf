"""Every page and command as partners and the public ask for it: what is sent holds no small count, reference or lone place."""

import csv
import io
import json
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from app_sessions import Seen, kept_open, made, reader, run_apart, seen
from every_command import commands_of
from few_store import CRIME, LONE, OFFICER, PERIOD, PREMISES, SOURCES, VICTIM, few_store
from pyproj import Transformer
from typer.main import get_command
from typer.testing import CliRunner

from bench.driver import running_app
from hotspot.cli import app
from hotspot.paths import ROOT

PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").rglob("*.py")))
LINK = {"source": "Extract", "force": "Testshire", "type": "Burglary", "basis": "reported", **PERIOD}
CORNERS = [[401_500, 291_500], [402_500, 291_500], [402_500, 292_500], [401_500, 292_500]]
VIEWS = {
    "compare": [{"view": view} for view in ("Change", "Swipe", "Relative risk")],
    "clusters": [
        {"show": "Clusters", "shuffles": "999"},
        {"show": "Emerging hotspots", "from": "2023-04-01", "slice": "1"},
        {"show": "Rates"},
    ],
    "performance": [{"board": board} for board in ("Offence groups", "Areas", "Shares", "Months")],
    "investigation": [{"list": name} for name in ("By area", "Open files", "Repeat premises")],
    "evaluation": [{"drawn": json.dumps(["Mill", CORNERS])}],
    "data": [{"part": "Delete"}],
    "when": [{}, {"type": "Robbery"}],
}
"""Further settings of a page's link."""
TIMES = ("--from", PERIOD["from"], "--to", PERIOD["to"])
BURGLARY = ("--crime-type", "burglary")
PAIR = ("--period", "2024-04-01..2024-10-01", "--baseline", "2023-04-01..2023-10-01")
COMMANDS = {
    "hotspots": (*BURGLARY, *TIMES),
    "compare": (*BURGLARY, *PAIR),
    "change-map": (*BURGLARY, *PAIR),
    "s-index": (*BURGLARY, *PAIR),
    "relative-risk": (*BURGLARY, "--against", "vehicle crime", *TIMES),
    "evaluate": (*BURGLARY, "--start", "2024-04-01", "--polygon", "mill.geojson"),
    "repeats": (*BURGLARY, *TIMES),
    "near-repeat": (*BURGLARY, *TIMES, "--permutations", "99"),
    "chains": (*BURGLARY, *TIMES, "--permutations", "9"),
    "zones": BURGLARY,
    "aoristic": (*BURGLARY, *TIMES),
    "control-chart": ("--crime-type", "robbery"),
    "concentration": (*BURGLARY, *TIMES, "--by", "premises"),
    "gi-star": (*BURGLARY, *TIMES, "--permutations", "99"),
    "emerging": (*BURGLARY, "--from", "2023-04-01", "--to", "2024-10-01", "--slice-months", "1", "--permutations", "99"),
    "rates": (*BURGLARY, *TIMES),
    "performance": (),
    "investigation": (*BURGLARY, *TIMES),
    "brief": ("--template", "weekly", *BURGLARY, "--lpa", "Eastley"),
}
"""Those that have an audience, with what is asked of them."""
FILES = {"hotspots": ".geojson", "gi-star": ".csv", "emerging": ".geojson", "rates": ".csv", "performance": ".csv"}
"""Commands that write a file for the public, and of what kind."""
NO_COUNTS = {
    *("rank", "tested", "times", "distance_bands", "minimum", "threshold", "cells_more_than_chance", "cells_fewer_than_chance"),
    *("cells", "seed", "p_value", "q_value", "slices_hot", "slice_months", "cards", "ring_metres", "poisson_p_value"),
    *("n", "share", "last_year_share", "ratio", "value", "pai", "pei", "cluster"),
}
"""Whole numbers of 1 to 4 that count no offences, by the name of what holds them."""
_THINGS = r"offences?|burglar(?:y|ies)|robber(?:y|ies)|files?|were|lie|without"
WORDS = re.compile(rf"\b[1-4] (?:(?!rows|maps|cells)\w+ )?(?:{_THINGS})\b(?! or more| a month)")


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[*CORNERS, CORNERS[0]]]}}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    (folder / "mill.geojson").write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [shape]}))
    return few_store(folder).path


@pytest.fixture(scope="module")
def address(store) -> Iterator[str]:
    with running_app(store, {"HOTSPOT_RECORDS": f"sqlite:///{store.parent}/records.sqlite"}) as found:
        yield found
    assert not any("Traceback" in log.read_text("utf-8", "replace") for log in store.parent.glob("app-*.log"))


def asked(store, command, *more, audience="public", source=SOURCES[0]):
    options = [str(store.parent / option) if option.endswith(".geojson") else option for option in COMMANDS[command]]
    who = ("--audience", audience, "--source", source)
    return CliRunner().invoke(app, [command, "--store", str(store), *options, *who, *more])


def lone_places():
    """Write where each lone offence lies, as it could stand in what is sent: metres, and degrees to a few metres."""
    degrees = Transformer.from_crs(27700, 4326, always_xy=True)
    for x, y in LONE:
        yield f"{x}", f"{y}"
        yield f"{x:,}", f"{y:,}"
        yield tuple(f"{one:.6f}"[:-2] for one in degrees.transform(x, y))


def check_text(text, where):
    for reference in (PREMISES, VICTIM, OFFICER, CRIME):
        assert reference not in text, (where, reference)
    for x, y in lone_places():
        assert not (x in text and y in text), (where, x, y)


def check_words(text, where):
    found = WORDS.search(text)
    assert found is None, (where, text[max(0, found.start() - 80) : found.end() + 20] if found else "")


def numbers(document, name=""):
    """List every whole number with the name of what holds it; text of digits counts too."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from numbers(value, key) if key not in ("reasons", "excluded") else ()
    elif isinstance(document, list):
        for value in document:
            yield from numbers(value, name)
    elif isinstance(document, bool) or document is None:
        return
    elif str(document).removesuffix(".0").isdigit():
        yield name, int(float(document))


def small_counts(document):
    return {(name, number) for name, number in numbers(document) if 1 <= number <= 4 and name not in NO_COUNTS}


# Commands


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "brief"])
def test_a_command_sends_partners_and_the_public_no_small_count(store, command):
    result = asked(store, command, "--json")
    assert result.exit_code == 0, result.stderr or result.exception
    assert small_counts(json.loads(result.stdout)) == set()
    written = asked(store, command)
    for text in (result.stdout, result.stderr, written.stdout, written.stderr):
        check_text(text, command)
        check_words(text, command)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("brief", "evaluate", "rates", "compare")])
def test_a_command_says_nothing_of_a_place_with_one_offence(store, command):
    options = [option.replace("burglary", "robbery") for option in COMMANDS[command]]
    asked_of = [command, "--store", str(store), *options, "--lpa", "Eastley", "--audience", "public", "--source", SOURCES[0]]
    for more in ([], ["--json"]):
        result = CliRunner().invoke(app, asked_of + more)
        assert result.exit_code in (0, 2), result.exception
        for text in (result.stdout, result.stderr):
            check_text(text, command)
            check_words(text, command)
    assert result.exit_code == 2 or small_counts(json.loads(result.stdout)) == set()


def test_partners_get_what_the_public_gets(store):
    for command in ("rates", "investigation", "relative-risk"):
        one, other = (asked(store, command, "--json", audience=audience).stdout for audience in ("Partner", "public"))
        assert one == other != ""


def test_the_forces_own_answers_hold_what_is_looked_for(store):
    """Else the search would find nothing whatever is sent."""
    found = {command: json.loads(asked(store, command, "--json", audience="force").stdout) for command in ("rates", "chains")}
    assert ("count", 3) in small_counts(found["rates"])
    assert CRIME in json.dumps(found["chains"])
    assert ("files", 3) in small_counts(json.loads(asked(store, "investigation", "--json", audience="force").stdout))


@pytest.mark.parametrize("command", ["compare", "rates", "performance", "investigation", "aoristic", "control-chart", "evaluate"])
def test_what_is_sent_is_the_same_whichever_hidden_count_it_was(store, command):
    def both(*more, **who):
        return [asked(store, command, *more, **who, source=source).stdout.replace(*SOURCES) for source in SOURCES]

    one, other = both("--json")
    assert one == other
    one, other = both()
    assert one == other
    one, other = both("--json", audience="force")
    assert (one != other) is (command not in ("aoristic", "control-chart"))


@pytest.mark.parametrize("command", FILES)
def test_a_file_for_partners_and_the_public_holds_no_small_count(store, tmp_path, command):
    path = tmp_path / f"out{FILES[command]}"
    result = asked(store, command, "--out", str(path))
    if command == "hotspots" and result.exit_code:
        assert "suppresses" in result.stderr and not path.exists()
        return
    assert result.exit_code == 0, result.stderr
    check_file(path.read_bytes(), FILES[command], command)


def check_file(content, suffix, where):
    if suffix not in (".csv", ".geojson"):
        return
    text = content.decode("utf-8")
    check_text(text, where)
    if suffix == ".csv":
        rows = list(csv.DictReader(io.StringIO(text)))
    else:
        rows = [feature["properties"] for feature in json.loads(text)["features"]]
    assert small_counts(rows) == set(), where


def test_the_weekly_briefing_of_a_small_area_holds_no_small_count(store, tmp_path):
    result = asked(store, "brief", "--out", str(tmp_path), "--format", "html", "--json")
    assert result.exit_code == 0, result.stderr
    written = [path.read_text("utf-8") for path in tmp_path.rglob("*.html")]
    assert written
    for text in written:
        check_text(text, "brief")
        check_words(re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", text, flags=re.DOTALL), "brief")


def test_a_command_without_an_audience_is_said_to_be_for_the_force_alone():
    commands = dict(commands_of(get_command(app)))
    with_one = {name for name, command in commands.items() if any(one.name == "audience" for one in command.params)}
    assert with_one == set(COMMANDS)
    said = (ROOT / "docs" / "commands.md").read_text("utf-8").partition("- **Audience**")[2].partition("\n- ")[0]
    listed = set(re.findall(r"`([a-z -]+)`", said.partition("are for the force alone")[2]))
    assert listed == {name.split()[0] for name in set(commands) - with_one}


# Pages


@cache
def settled(address, page, **query) -> Seen:
    """Open a page, and again until nothing is being computed."""
    for _ in range(60):
        found = seen(address, page, client=reader(address), **query)
        if "Working: " not in found.words:
            return found
        time.sleep(0.3)
    raise AssertionError(f"{page} is never done")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_sends_partners_and_the_public_no_small_count(address, page):
    one_offence = {"type": "Robbery", "area": "Eastley", "level": "LPA"}
    for more in (*VIEWS.get(page, [{}]), one_offence):
        found = settled(address, page, audience="public", **LINK | more)
        check_text(found.raw.decode("utf-8", "replace"), (page, more))
        check_words(found.words, (page, more))
        assert [cell for cell in cells(found) if re.fullmatch(r"[1-4]", cell)] == [], (page, more)
        assert [one for frame in found.frames for one in small_counts(frame.to_dict("records"))] == [], (page, more)


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ("audit", "notebooks", "briefing")])
def test_a_page_sends_partners_what_it_sends_the_public(address, page):
    more = VIEWS.get(page, [{}])[-1]
    one, other = (settled(address, page, audience=audience, **LINK | more) for audience in ("partner", "public"))
    assert told(one) == told(other)


@pytest.mark.parametrize("page", ["overview", "compare", "when", "clusters", "performance", "investigation", "evaluation"])
def test_a_page_sends_the_same_whichever_hidden_count_it_was(address, page):
    for more in VIEWS.get(page, [{}]):
        if more.get("show") in ("Clusters", "Emerging hotspots") or more == {"view": "Relative risk"}:
            continue  # of maps, on which the place of many offences is told
        one, other = (settled(address, page, audience="public", **LINK | more | {"source": source}) for source in SOURCES)
        assert told(one) == told(other), (page, more)


def told(found):
    """Give what a page says, whichever source it is of and however often it ran; of squares with any offence it may tell."""
    texts = {re.sub(r"Same places\?.*?alike everywhere", "", text).replace(*SOURCES) for text in found.texts}
    return {text for text in texts if "<style" not in text}


def cells(found):
    """List the cells of every table but its first column, which names the row; what an even spread holds is no count."""
    for text in found.texts:
        for row in re.findall(r"<tr.*?</tr>", text, flags=re.DOTALL):
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, flags=re.DOTALL)[1:] if "Even spread" not in row else ():
                yield re.sub(r"<[^>]+>", "", cell).strip()


@pytest.mark.parametrize("page", ["density", "compare", "performance", "accuracy", "near_repeats", "clusters"])
def test_a_pages_files_hold_no_small_count(address, page):
    client = reader(address)
    settled(address, page, audience="public", **LINK)

    async def fetched():
        async with kept_open(address, page, client=client, audience="public", **LINK) as (found, socket):
            files = [await made(socket, one, session=found.session) for one in found.downloads.values()]
            return [(address, client.get(address).content) for address in files if address.startswith("/media/")]

    for address, content in run_apart(fetched()):
        check_file(content, address[address.rindex(".") :], (page, address))
