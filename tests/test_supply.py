"""Pins with hashes, licences, the bill of materials and the verdict on vulnerabilities: all without a network."""

import json
import re
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from supply import ROOT, audit, bill, licences, lock
from supply.installed import reached
from supply.pins import read_pins

CONSTRAINED = [one for one in lock.LOCKS if one.constrained]
names = pytest.mark.parametrize("one", lock.LOCKS, ids=lambda one: one.name)
constrained = pytest.mark.parametrize("one", CONSTRAINED, ids=lambda one: one.name)


@names
def test_a_lock_agrees_with_what_is_written_by_hand_else_run_make_lock(one):
    assert lock.stale(one) == []


def test_constraints_hold_no_package_that_nothing_needs():
    assert lock.unused() == []


@constrained
def test_a_lock_holds_all_that_the_requirements_bring_along_here_and_nothing_else(one):
    locked = {name for name, pin in read_pins(ROOT / one.name).items() if pin.holds_here}
    assert locked == reached(read_pins(ROOT / one.requirements).values())


@names
def test_nothing_is_built_at_installation_and_every_file_has_a_sha_256(one):
    text = (ROOT / one.name).read_text("utf-8")
    assert "\n--only-binary :all:\n" in text
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for pin in read_pins(ROOT / one.name).values() for digest in pin.hashes)


def test_make_installs_by_hashes_alone():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "PIP := -m pip install --quiet --disable-pip-version-check --require-hashes" in makefile
    assert makefile.count("pip install") == 1


def changed(tmp_path: Path, **replaced: tuple[str, str]) -> Path:
    """Copy requirements, constraints and locks, with one text replaced in some."""
    for path in (*ROOT.glob("requirements*.txt"), *ROOT.glob("requirements*.lock"), ROOT / "constraints.txt"):
        old, new = replaced.get(path.stem.replace("-", "_") + path.suffix.replace(".", "_"), ("", ""))
        text = path.read_text("utf-8")
        assert old in text
        (tmp_path / path.name).write_text(text.replace(old, new, 1), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "replaced, said",
    [
        ({"requirements_txt": ("folium==0.20.0", "folium==0.20.1")}, "has folium 0.20.0, requirements.txt has 0.20.1."),
        (
            {"requirements_txt": ("folium==0.20.0", "folium==0.20.0\nnewcomer==1.0")},
            "lacks newcomer, which requirements.txt asks for.",
        ),
        ({"constraints_txt": ("branca==", "branca==9")}, "has branca 0.8.2, constraints.txt has 90.8.2."),
        (
            {"constraints_txt": ("branca==0.8.2\n", "")},
            "constraints.txt lacks branca==0.8.2, which requirements.txt brings",
        ),
    ],
)
def test_a_stale_lock_is_told_in_a_sentence(replaced, said, tmp_path):
    assert any(said in fault for fault in lock.stale(lock.RUNTIME, changed(tmp_path, **replaced)))


def test_a_lock_without_a_hash_and_a_line_that_nothing_needs_are_told(tmp_path):
    root = changed(tmp_path, constraints_txt=("branca==", "leftover==1.0\nbranca=="))
    (root / "requirements.lock").write_text("folium==0.20.0\n", "utf-8")
    assert "requirements.lock has no hash of folium." in lock.stale(lock.RUNTIME, root)
    assert lock.unused(root) == ["constraints.txt has leftover, which nothing needs: remove it."]


def test_a_requirement_without_a_version_is_refused(tmp_path):
    (tmp_path / "requirements.txt").write_text("folium>=0.20\n", "utf-8")
    with pytest.raises(ValueError, match=r"'folium>=0\.20' is not pinned\. Write NAME==VERSION\."):
        read_pins(tmp_path / "requirements.txt")


def test_every_licence_is_known_and_judged_and_the_page_is_as_written_by_make_licences():
    found = licences.licences()
    assert licences.faults(found) == []
    assert licences.DOCUMENT.read_text("utf-8") == licences.document(found)


def test_no_package_of_the_runtime_is_under_a_copyleft_licence_that_is_not_named():
    found = {one.pin.name: one for one in licences.licences()}
    copyleft = {name for name, one in found.items() if one.use != "tests" and re.search("GPL|MPL|EPL|EUPL", one.expression)}
    assert copyleft == {"certifi", "psycopg", "psycopg-binary"}
    page = licences.DOCUMENT.read_text("utf-8")
    assert all(f"- **{name}** (" in page for name in copyleft)
    assert found["psycopg"].use == found["psycopg-binary"].use == "extra"


@pytest.mark.parametrize(
    "expression, said", [("", "name no licence"), ("AGPL-3.0-only", "is neither"), ("MIT AND GPL-3.0-only", "is neither")]
)
def test_an_unknown_or_strong_licence_is_told(expression, said):
    pin = read_pins(ROOT / "requirements.lock")["folium"]
    (fault,) = licences.faults([licences.Licence(pin, expression, "runtime")])
    assert fault.startswith("folium: ") and said in fault


def test_the_bill_of_materials_follows_its_schema_and_is_as_written_by_make_sbom():
    text = bill.DOCUMENT.read_text("utf-8")
    assert text == bill.text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_the_bill_of_materials_names_every_pin_with_its_hashes_and_licence():
    content = json.loads(bill.DOCUMENT.read_text("utf-8"))
    listed = {one["name"]: one for one in content["components"]}
    for name, pin in read_pins(ROOT / "requirements-dev.lock").items():
        assert listed[name]["version"] == pin.version
        assert tuple(each["content"] for each in listed[name]["externalReferences"][0]["hashes"]) == pin.hashes
        assert listed[name]["licenses"][0]["expression"]
    required = {name for name, one in listed.items() if one["scope"] == "required"}
    assert required == set(read_pins(ROOT / "requirements.lock"))
    assert {one["ref"] for one in content["dependencies"]} == {"hotspot", *(one["bom-ref"] for one in listed.values())}


FLAWED = {"name": "wheelwright", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
SOUND, SKIPPED = {"name": "cart", "version": "2.0", "vulns": []}, {"name": "horse", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    "report, said, code, sentence",
    [
        ({"dependencies": [SOUND, FLAWED]}, "", 1, "wheelwright 1.0: PYSEC-1, mended in 1.1"),
        ({"dependencies": [SOUND]}, "", 0, "1 packages checked, no known vulnerabilities."),
        ({"dependencies": [SOUND, SKIPPED]}, "", 0, "NOT CHECKED, unknown to the database: horse."),
        ({"dependencies": [SKIPPED]}, "", 0, "NOT CHECKED: the vulnerability database could not be reached"),
        (
            None,
            "requests.exceptions.ConnectionError: Failed to resolve",
            0,
            "NOT CHECKED, the vulnerability database could not be reached",
        ),
        (None, "package certifi has duplicate requirements", 2, "pip-audit failed: package certifi"),
    ],
)
def test_only_what_was_checked_is_called_clean(report, said, code, sentence):
    found, sentences = audit.verdict(report, said)
    assert found == code
    assert any(one.startswith(sentence) for one in sentences)
