"""What each role may do: one table, asked by every function that acts, and no page that forgets to say who acts."""

import ast
import inspect
from itertools import pairwise
from pathlib import Path

import pytest

from hotspot.errors import NotAllowed
from hotspot.offences import context_store, load, store_changes
from hotspot.offences.demo import extract
from hotspot.paths import ROOT
from hotspot.records import audit_anchors, audit_reading, events, notebooks, plans
from hotspot.ui import downloads, gate
from hotspot.ui.data import saved_mappings
from hotspot.viewer import ADMINISTRATOR, ANALYST, AUDIT, EXPORT, INSPECTOR, LOCAL, MAY, ROLES, Viewer, may, require

MODULES = (notebooks, plans, events, audit_reading, audit_anchors, context_store, load, store_changes, extract, saved_mappings)
READS = {"notebooks", "cards", "card", "plans", "plan", "history", "kept_events"}
"""Functions that give what a viewer may see; the others act."""
SCREENS = sorted([*(ROOT / "hotspot" / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
ASKS = [
    (f"{module.__name__.rsplit('.', 1)[-1]}.{name}", function)
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and "viewer" in inspect.signature(function).parameters and name[0] != "_"
]
"""Functions that take the viewer, under the names that pages call them by."""
DRAFT = plans.Draft("Burglary", "Coventry", "Burglary")


def person(role: str) -> Viewer:
    return Viewer("Sam", role, None)


def test_each_role_may_do_all_that_the_one_before_it_may():
    for lower, higher in pairwise(ROLES):
        assert {act for act in MAY if may(person(lower), act)} <= {act for act in MAY if may(person(higher), act)}
    assert not may(person(INSPECTOR), EXPORT) and may(person(ANALYST), EXPORT)
    assert not may(person(ANALYST), AUDIT) and may(person(ADMINISTRATOR), AUDIT)


def test_a_refusal_names_the_roles_that_may():
    with pytest.raises(NotAllowed, match=r"as an inspector\. To take files away needs the role analyst or administrator"):
        require(person(INSPECTOR), EXPORT)


def test_a_role_that_does_not_exist_may_do_nothing():
    assert not any(may(person("chief"), act) for act in MAY)


def test_the_matrix_stands_in_the_documentation():
    rows = (ROOT / "docs" / "access.md").read_text("utf-8").splitlines()
    for act, roles in MAY.items():
        cells = " | ".join("yes" if role in roles else "no" for role in ROLES)
        assert f"| {act} | {cells} |" in rows, act


@pytest.mark.parametrize(("name", "function"), ASKS, ids=[name for name, _ in ASKS])
def test_every_function_that_acts_refuses_a_role_that_may_nothing_before_it_reads_a_thing(name, function):
    """The other arguments are of no use: whatever would be done with them would fail in another way."""
    if name.rsplit(".", 1)[-1] in READS:
        assert function.__kwdefaults__["viewer"] == LOCAL
        return
    of_use = {"viewer": person("nobody"), "draft": DRAFT}
    given = {one: of_use.get(one) for one in inspect.signature(function).parameters}
    with pytest.raises(NotAllowed):
        function(**given)


def test_each_kind_of_act_is_asked_for_by_some_function():
    names = {name for name, _ in ASKS}
    assert {"notebooks.pin", "plans.save", "events.add_event", "context_store.keep_layer"} <= names
    assert {"audit_reading.lines", "audit_reading.verify", "audit_anchors.anchors"} <= names
    assert {"load.import_sources", "store_changes.delete_source", "store_changes.replace_lpas", "saved_mappings.remove"} <= names


@pytest.mark.parametrize(
    ("owner", "asks"),
    [(person(INSPECTOR), person(INSPECTOR)), (person(ANALYST), person(INSPECTOR)), (person(ANALYST), None)],
    ids=["may not", "another's", "nobody"],
)
def test_a_file_is_made_for_whoever_may_take_it_away_and_for_nobody_else(monkeypatch, owner, asks):
    monkeypatch.setattr(gate, "_asks", lambda: asks)
    with pytest.raises(NotAllowed):
        downloads._made(owner, lambda: pytest.fail("it was made"))
    monkeypatch.setattr(gate, "_asks", lambda: person(ANALYST))
    assert downloads._made(person(ANALYST), lambda: b"rows") == b"rows"


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_says_who_acts_and_never_looks_past_the_scope(path):
    own = imported(path)
    for node in calls(path):
        keywords = {one.arg: one.value for one in node.keywords}
        assert getattr(keywords.get("scope"), "id", "") != "EVERYTHING", f"line {node.lineno} reads all offences"
        if called(node) == "download_button":
            assert path.name == "downloads.py", f"line {node.lineno}: files leave through downloads.button"
        if any(ast.unparse(node.func) == name or own.get(ast.unparse(node.func)) == name for name, _ in ASKS):
            assert "viewer" in keywords, f"line {node.lineno} does not say who acts"


def imported(path: Path) -> dict[str, str]:
    """Give the functions that a file imports by name: 'add_event' → 'events.add_event'."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hotspot."):
            found |= {alias.asname or alias.name: f"{node.module.rsplit('.', 1)[-1]}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("attribute, allowed", [("reports", {"overview.py", "report.py"}), ("manifest", set())])
def test_a_page_that_reads_what_counts_the_whole_force_is_named_here(attribute, allowed):
    readers = {
        path.name
        for path in SCREENS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == attribute and ast.unparse(node.value).endswith("store")
    }
    assert readers <= allowed


def test_the_modules_that_keep_records_are_those_above():
    """A module of records that nobody listed would be asked by no test."""
    own = {path.stem for path in (ROOT / "hotspot" / "records").glob("*.py")} - {"__init__", "database", "plan_drafts"}
    own -= {"audit", "audit_acts"}  # by which whoever acts writes the log
    assert own == {module.__name__.rsplit(".", 1)[-1] for module in MODULES if ".records." in module.__name__}
