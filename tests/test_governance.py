"""The governance templates have every part that their standards ask for, and say of the software what the code says."""

import re
from pathlib import Path

import pytest

from hotspot.offences.schema import SENSITIVE

DOCS = Path(__file__).resolve().parent.parent / "docs"
FOLDER = DOCS / "governance"
TEXT = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.md"))}
# Version 3.0, March 2024: tier and section, and how many fields each has.
ATRS = {"1": 4, "2.1": 4, "2.1.4": 5, "2.2": 5, "2.3": 6, "2.4.1": 4, "2.4.2": 9, "2.4.3": 11, "2.5": 2}
STEPS = (
    "Identify the need", "Describe the processing", "Consultation", "Necessity and proportionality", "Identify and assess risks",
    "Measures", "Sign-off and outcomes",
)  # fmt: skip
CHARACTERISTICS = (
    "age", "disability", "gender reassignment", "pregnancy and maternity", "race", "religion or belief", "sex",
    "sexual orientation",
)  # fmt: skip


def test_the_data_protection_assessment_has_the_commissioners_seven_steps_in_order():
    steps = re.findall(r"^## Step (\d): (.*)$", TEXT["dpia.md"], re.MULTILINE)
    assert steps == [(str(number), name) for number, name in enumerate(STEPS, start=1)]
    assert re.findall(r"^### (.*)$", TEXT["dpia.md"], re.MULTILINE) == ["Nature", "Scope", "Context", "Purposes"]


def test_the_data_protection_assessment_names_the_sensitive_columns_of_the_schema():
    (line,) = (line for line in TEXT["dpia.md"].splitlines() if line.startswith("| Data |"))
    assert tuple(re.findall(r"`(\w+)`", line)) == SENSITIVE


def test_every_risk_has_its_measures():
    risks, measures = (TEXT["dpia.md"].partition(f"## Step {step}")[2].partition("\n## ")[0] for step in (5, 6))
    numbered = [re.findall(r"^\| (\d+) \|", text, re.MULTILINE) for text in (risks, measures)]
    assert numbered[0] == numbered[1] == [str(number) for number in range(1, 11)]


def test_the_equality_assessment_weighs_each_characteristic_and_each_need():
    text = TEXT["equality-impact.md"]
    for name in (*CHARACTERISTICS, "eliminate discrimination", "advance equality", "foster good relations"):
        assert re.search(rf"^\| {name} \| .* \| \*\*\[Force\]\*\* \|$", text, re.MULTILINE), name


def test_the_transparency_record_has_every_field_of_the_standard():
    named = re.findall(r"\| (\d(?:\.\d+)+) ", TEXT["algorithmic-transparency-record.md"])
    wanted = {f"{section}.{number}" for section, fields in ATRS.items() for number in range(1, fields + 1)}
    assert set(named) == wanted


def test_the_transparency_record_has_a_row_for_every_model_card():
    cards = {path.name for path in (DOCS / "model-cards").glob("*.md")} - {"README.md"}
    rows = re.findall(r"^\| \[.*?\]\(\.\./model-cards/(.*?)\) \|", TEXT["algorithmic-transparency-record.md"], re.MULTILINE)
    assert sorted(rows) == sorted(cards)


@pytest.mark.parametrize("name", sorted(TEXT))
def test_marks_for_the_force_are_whole_and_links_lead_somewhere(name):
    text = TEXT[name]
    assert text.count("[Force") == len(re.findall(r"\*\*\[Force[^\]]*\]\*\*", text)) > 0
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (FOLDER / link).resolve().exists()] == []


def test_links_of_model_cards_lead_somewhere():
    texts = [path.read_text("utf-8") for path in (DOCS / "model-cards").glob("*.md")]
    links = {link for text in texts for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    assert [link for link in links if not (DOCS / "model-cards" / link).resolve().exists()] == []
