"""The rules of the house that a reader relies on, held by reading the imports."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ["words", "boundaries", "offences", "records", "methods", "findings", "maps", "export", "ui", "pages"]
FILES = sorted([*(ROOT / "hotspot").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
ENTRY = {"cli.py", "__main__.py", "worker.py", "commands"}


@cache
def imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def layer_of_file(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "pages":
        return "pages"
    return parts[1] if len(parts) > 2 else "words"


def layer_of_name(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] != "hotspot" or len(parts) < 2:
        return None
    return parts[1] if parts[1] in LAYERS else "words"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_layers_below_its_own(path):
    if path.name in ENTRY or path.parent.name in ENTRY:
        return
    own = LAYERS.index(layer_of_file(path))
    above = [name for name in imported(path) if (layer := layer_of_name(name)) and LAYERS.index(layer) > own]
    assert above == []


@pytest.mark.parametrize(
    "library, allowed",
    [
        ("streamlit", {"ui", "pages"}),
        ("folium", {"maps", "ui"}),
        ("streamlit_folium", {"ui"}),
        ("distributed", {"words"}),
        ("psycopg", {"offences", "words"}),
    ],
)
def test_only_its_own_layer_imports_a_screen_a_cluster_or_a_database_library(library, allowed):
    users = {layer_of_file(path) for path in FILES for name in imported(path) if name.split(".")[0] == library}
    assert users <= allowed


def test_every_page_file_is_in_the_menu_and_in_the_readme():
    shell = (ROOT / "hotspot" / "ui" / "shell.py").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    for page in (ROOT / "pages").rglob("*.py"):
        assert f"{page.parent.name}/{page.name}" in shell
        assert str(page.relative_to(ROOT)) in readme


def test_page_stems_are_unique_because_they_are_url_paths():
    stems = [page.stem for page in (ROOT / "pages").rglob("*.py")]
    assert len(stems) == len(set(stems))


def test_no_test_data_from_outside_lies_in_the_project():
    """Real offences never enter the project."""
    large = [path for path in (ROOT / "data").rglob("*") if path.is_file() and path.stat().st_size > 1_000_000]
    assert large == []
