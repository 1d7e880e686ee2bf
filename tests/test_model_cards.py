"""Model cards say what the code does: every default is read from the code, every test and module that a card names exists."""

import dataclasses
import importlib
import inspect
import re
from fractions import Fraction
from pathlib import Path

import pytest

from hotspot.cli import app

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "model-cards"
CARDS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
TEXT = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
SECTIONS = (
    "Answers", "Can and cannot say", "Input", "Parameters", "Uncertainty and how it is shown", "Validation", "Known bias",
    "Whom it may affect", "People decide", "Do not use",
)  # fmt: skip
HELPERS = {"__init__"}
"""Modules of the methods that hold none."""
ROW = re.compile(r"^\| .*? \| `(?P<said>[^`]+)`.*? \| `(?P<where>hotspot\.[\w.]+)` \|$", re.MULTILINE)
card = pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)


def of_the_code(where: str) -> object:
    """Give a constant, a field's default or an argument's default by its full name."""
    parts = where.split(".")
    depth = max(n for n in range(2, len(parts)) if (ROOT / "/".join(parts[:n])).with_suffix(".py").exists())
    found = importlib.import_module(".".join(parts[:depth]))
    for name in parts[depth:]:
        if dataclasses.is_dataclass(found):
            found = {field.name: field.default for field in dataclasses.fields(found)}[name]
        elif inspect.isfunction(found):
            found = inspect.signature(found).parameters[name].default
        else:
            found = getattr(found, name)
    return found


def as_said(value: object) -> str:
    """Write a default as a card does."""
    if isinstance(value, tuple):
        return ", ".join(as_said(one) for one in value)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    if isinstance(value, float) and not value.is_integer() and len(f"{value}") > 6:
        return str(Fraction(value).limit_denominator(100))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@card
def test_a_card_has_every_section_in_order(path):
    assert tuple(re.findall(r"^## (.*)$", TEXT[path.name], re.MULTILINE)) == SECTIONS


@card
def test_every_default_of_a_card_is_the_codes(path):
    section = TEXT[path.name].partition("## Parameters")[2].partition("\n## ")[0]
    rows = ROW.findall(section)
    assert len(rows) == section.count("\n| ") - 1 and rows  # the head of the table is no row
    assert [(where, said) for said, where in rows] == [(where, as_said(of_the_code(where))) for _, where in rows]


def test_a_default_that_differs_would_be_seen():
    assert as_said(of_the_code("hotspot.findings.density.DensitySettings.cell_size")) == "100"
    assert as_said(of_the_code("hotspot.methods.s_index.s_index.share")) == "0.85"
    assert as_said(of_the_code("hotspot.methods.sensitivity.STILL")) == "1/3"
    assert as_said(of_the_code("hotspot.methods.change.LITTLE")) == "0.8, 1.25"
    assert as_said(of_the_code("hotspot.findings.density.DensitySettings.adaptive")) == "no"


@card
def test_every_test_that_validates_exists(path):
    named = re.findall(r"`tests/(\w+\.py)::(\w+)`", TEXT[path.name])
    assert named
    assert [one for one in named if f"def {one[1]}(" not in (ROOT / "tests" / one[0]).read_text("utf-8")] == []


def test_every_method_and_every_page_is_named_in_a_card():
    said = "".join(TEXT.values())
    methods = {f"methods/{path.name}" for path in (ROOT / "hotspot" / "methods").glob("*.py") if path.stem not in HELPERS}
    pages = {str(path.relative_to(ROOT)) for path in (ROOT / "pages").rglob("*.py")}
    assert sorted(name for name in methods | pages if f"`{name}`" not in said) == []


def test_every_file_that_a_card_names_exists():
    named = set(re.findall(r"`((?:methods|findings|pages|hotspot)/[\w/]+\.py)`", "".join(TEXT.values())))
    assert [name for name in named if not (ROOT / name).exists() and not (ROOT / "hotspot" / name).exists()] == []


def test_every_command_that_a_card_names_exists():
    known = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    lines = re.findall(r"Commands?: (.*?)\.", "".join(TEXT.values()).replace("\n", " "))
    named = {name.split()[0] for line in lines for name in re.findall(r"`([^`]+)`", line)}
    assert named and named <= known


def test_the_list_of_cards_names_each_once():
    assert sorted(re.findall(r"\]\((\w[\w-]*\.md)\) \| `", TEXT["README.md"])) == [path.name for path in CARDS]


@pytest.mark.parametrize("name", sorted(TEXT))
def test_cards_keep_the_words_of_the_house(name):
    assert not re.search(r"\b(significant|predicts?|prevents)\b", TEXT[name], re.IGNORECASE)
