"""Compiled loops are loaded from a warm cache, never waited for, and numpy stands in until then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotspot.methods import compiled

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", compiled.MODULES)
def test_the_installation_has_compiled_every_module(name):
    compiled.warm(name)
    assert compiled.is_warm(name)
    assert compiled.loaded(name) is compiled.ready(name) is not None


def test_a_cold_cache_gives_none_at_once_and_begins_elsewhere(monkeypatch):
    begun = []
    monkeypatch.setattr(compiled, "_loaded", {})
    monkeypatch.setattr(compiled, "_begun", set())
    monkeypatch.setattr(compiled, "is_warm", lambda name: False)
    monkeypatch.setattr(compiled, "_load_in_background", begun.append)
    assert compiled.ready("knox") is None
    assert compiled.loaded("knox") is None
    assert begun == ["knox"]


def test_a_change_of_the_source_makes_the_cache_cold(monkeypatch, tmp_path):
    (tmp_path / "loops.py").write_text("A = 1\n")
    monkeypatch.setattr(compiled, "_FOLDER", tmp_path)
    (tmp_path / "__pycache__").mkdir()
    compiled._stamp("loops").touch()
    assert compiled.is_warm("loops")
    (tmp_path / "loops.py").write_text("A = 2\n")
    assert not compiled.is_warm("loops")


def test_importing_the_methods_does_not_import_the_compiler():
    """Half a second of every command, where nothing is compiled."""
    said = "import hotspot.methods.density, hotspot.methods.compiled, sys; print('numba' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ)
    assert made.stdout.strip() == "False"
