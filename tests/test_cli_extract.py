"""The commands that need a force extract: repeats, and what an audience outside the force may see."""

import json
import re
from pathlib import Path

import pytest
import typer
from every_command import commands_of
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.findings.audience import AUDIENCES
from hotspot.methods.change import VERDICTS

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = "offence_id=Ref,x=E,y=N,committed_from=From,committed_to=To,premises_ref=UPRN"
FIRST, SECOND = "2023-01-01..2024-01-01", "2024-01-01..2025-01-01"
BIRMINGHAM, COVENTRY, DUDLEY = (406_000, 287_000), (433_000, 279_000), (394_000, 290_000)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def offence(number, day, place, premises):
    x, y = (place[0] + number % 20 * 10, place[1]) if place else ("", "")
    return f"R{number},{x},{y},{day} 10:00,{day} 12:00,{premises}"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Two years of burglaries: 24 in Birmingham, 22 in Coventry and 3 in Dudley, then 25, 20 and 30."""
    rows = []
    for year, counts in ((2023, (24, 22, 3)), (2024, (25, 20, 30))):
        for place, count in zip((BIRMINGHAM, COVENTRY, DUDLEY), counts, strict=True):
            rows += [(f"{year}-{1 + i % 12:02d}-{1 + i // 12:02d}", place, "") for i in range(count)]
    # One home three times: 30 days apart, then 200.
    rows += [("2023-06-01", BIRMINGHAM, "10012345678"), ("2023-07-01", BIRMINGHAM, "10012345678")]
    rows += [("2024-01-17", BIRMINGHAM, "10012345678"), ("2024-12-31", COVENTRY, "10087654321")]
    folder = tmp_path_factory.mktemp("extract")
    lines = [offence(number, *row) for number, row in enumerate(rows, start=1)]
    (folder / "extract.csv").write_text("\n".join(["Ref,E,N,From,To,UPRN", *lines]) + "\n")
    options = ("--columns", COLUMNS, "--crs", "EPSG:27700", "--crime-type", "residential burglary")
    result = run("import", folder / "extract.csv", *options, "--store", folder / "store")
    assert result.exit_code == 0, result.stderr
    return folder / "store"


def test_repeats_are_two_measures_with_their_own_denominators(store):
    found = document("repeats", "--store", store, "--crime-type", "burglary", "--by", "premises", "--window-days", 100)
    assert (found["offences"], found["with_reference"]) == (128, 4)
    # Followed: the first by the second (30 days), the second not (200 days), the third not; the last is censored.
    assert (found["followed"]["count"], found["followed"]["of"], found["follow_up_censored"]) == (1, 3, 1)
    # Repeats: the second alone, of all four, whose 100 days before lie in the data.
    assert (found["repeats"]["count"], found["repeats"]["of"], found["look_back_censored"]) == (1, 4, 0)
    longer = document("repeats", "--store", store, "--crime-type", "burglary", "--window-days", 200)
    # The data begin within 200 days of the first two, so those can be followed, but not called repeats or not.
    assert (longer["followed"]["count"], longer["followed"]["of"]) == (2, 3)
    assert (longer["repeats"]["count"], longer["repeats"]["of"], longer["look_back_censored"]) == (1, 2, 2)


def test_repeats_mask_every_reference(store):
    result = run("repeats", "--store", store, "--crime-type", "burglary", "--json")
    (target,) = json.loads(result.stdout)["targets"]
    assert (target["count"], target["shortest_gap_days"], target["last"]) == (3, 30, "2024-01-17")
    assert target["reference"].endswith("678")
    assert "10012345678" not in result.stdout + run("repeats", "--store", store, "--crime-type", "burglary").stdout


@pytest.mark.parametrize(
    "options, said",
    [
        (("--by", "victim"), "names no victim"),
        (("--by", "street"), "premises, victim, vehicle"),
        (("--window-days", "0"), "1 to 365 days"),
        (("--window-days", "many"), "--window-days"),
        (("--from", "2024-05-01", "--to", "2024-04-01"), "its end must lie after its start"),
    ],
)
def test_repeats_that_cannot_be_measured_are_a_sentence(store, options, said):
    result = run("repeats", "--store", store, "--crime-type", "burglary", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def compared(store, audience):
    periods = ("--period", SECOND, "--baseline", FIRST)
    found = document("compare", "--store", store, "--crime-type", "burglary", *periods, "--audience", audience)
    return {row["area"]: row for row in found["rows"]} | {"total": found["total"]}


def test_verdicts_are_the_five_and_no_others(store):
    assert {row["verdict"] for row in compared(store, "force").values()} <= set(VERDICTS)
    assert compared(store, "force")["Dudley"]["verdict"] == "rose"


def test_the_public_never_learns_a_count_under_5(store):
    force, public = compared(store, "force"), compared(store, "public")
    assert (force["Dudley"]["count"], force["Dudley"]["baseline_count"]) == (30, 3)
    dudley = public["Dudley"]
    assert dudley["baseline_count"] is dudley["ratio"] is dudley["ratio_low"] is dudley["sentence"] is None
    assert dudley["reasons"]["baseline_count"] == "suppressed: a count under 5"
    hidden = [area for area, row in public.items() if row["baseline_count"] is None]
    assert len(hidden) >= 2, "one hidden count alone is the total less the rest"
    for area, row in public.items():
        for name in ("count", "baseline_count"):
            assert row[name] in (None, force[area][name])
            assert row[name] is None or row[name] == 0 or row[name] >= 5


def test_the_public_sees_no_single_target(store):
    found = document("repeats", "--store", store, "--crime-type", "burglary", "--audience", "public")
    assert found["targets"] is found["followed"]["count"] is found["subline"] is None
    assert found["with_reference"] is None
    assert found["offences"] == 128
    assert all(row["observed"] in (0, None) for row in found["times"])


def test_a_file_for_the_public_that_would_tell_a_small_count_is_refused(store, tmp_path):
    arguments = ("hotspots", "--store", store, "--crime-type", "burglary", "--lpa", "Dudley", "--to", "2024-01-01")
    out = tmp_path / "hotspots.geojson"
    result = run(*arguments, "--audience", "public", "--out", out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "counts under 5" in result.stderr
    assert not out.exists()
    assert run(*arguments, "--out", out).exit_code == 0
    assert document(*arguments, "--audience", "public")["count"] is None


def test_the_audiences_are_those_of_the_pages():
    from hotspot.commands import public

    assert (public.FORCE, public.PUBLIC) == AUDIENCES


_COMMANDS = dict(commands_of(typer.main.get_command(app)))


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_and_option_is_documented_with_an_example(name):
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    section = next((part for part in re.split(r"^## ", text, flags=re.MULTILINE) if part.startswith(f"{name}\n")), None)
    assert section is not None, f"docs/commands.md has no section '## {name}'"
    assert f"python -m hotspot {name}" in section
    options = {option for parameter in _COMMANDS[name].params for option in parameter.opts if option.startswith("--")}
    missing = {option for option in options - {"--help"} if not re.search(rf"`[^`\n]*{option}\b", section)}
    assert not missing


def test_no_command_is_documented_that_does_not_exist():
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert set(re.findall(r"^## (.+)$", text, flags=re.MULTILINE)) == set(_COMMANDS)
    documented = set(re.findall(r"`(--[a-z-]+)", text))
    known = {option for command in _COMMANDS.values() for parameter in command.params for option in parameter.opts}
    assert documented - {"--help"} <= known


def test_the_demo_is_not_made_again_where_a_store_is(store):
    found = document("demo", "--store", store, "--if-absent")
    assert found["made"] is False
    assert document("report", "--store", store)["rows_read"] == 128
