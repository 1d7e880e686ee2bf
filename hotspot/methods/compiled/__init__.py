"""Inner loops compiled by numba, and the promise that nobody waits for a compiler.

Each module here holds the loops of one method, with explicit signatures: to import it is to compile it, or to load it from
numba's cache where it was compiled before by this version on this processor. ``make install`` compiles all of them
(``python -m hotspot.methods.compiled``). A method asks ``ready`` or ``loaded`` and takes its numpy path on None.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import subprocess
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

_FOLDER = Path(__file__).resolve().parent
_ROOT = _FOLDER.parent.parent.parent
MODULES = tuple(sorted(path.stem for path in _FOLDER.glob("*.py") if not path.stem.startswith("_")))
_log = logging.getLogger("hotspot")
_loaded: dict[str, ModuleType] = {}
_begun: set[str] = set()
_lock = threading.Lock()


def ready(name: str) -> ModuleType | None:
    """Give a compiled module if it is loaded; else begin to load it in the background, and give None at once."""
    if name not in _loaded:
        _begin(name)
    return _loaded.get(name)


def loaded(name: str) -> ModuleType | None:
    """Give a compiled module, waiting about a second for a load from the cache, never for a compiler.

    None where it would have to be compiled first: that begins in another process.
    """
    if name not in _loaded and is_warm(name):
        _load(name)
    return ready(name)


def is_warm(name: str) -> bool:
    """Say whether numba's cache holds a module as it is now, for this version and this processor."""
    return _stamp(name).exists()


def warm(name: str) -> None:
    """Compile a module into numba's cache, or load it from there."""
    _load(name)
    stamp = _stamp(name)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()


def _load(name: str) -> None:
    _loaded[name] = importlib.import_module(f"{__name__}.{name}")


def _begin(name: str) -> None:
    with _lock:
        if name in _begun:
            return
        _begun.add(name)
    threading.Thread(target=_load_in_background, args=(name,), daemon=True, name=f"compiled-{name}").start()


def _load_in_background(name: str) -> None:
    """Compile in another process where that is needed, so that pages keep this one to themselves; then load."""
    if not is_warm(name):
        paths = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
        made = subprocess.run(
            [sys.executable, "-m", __name__, name],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            _log.warning("%s could not be compiled; the numpy path stays in use: %s", name, made.stderr[-500:])
            return
    _load(name)


def _stamp(name: str) -> Path:
    """Name the file that says that a module was compiled: by its source, numba's version and the processor."""
    from llvmlite import binding

    said = "\n".join([(_FOLDER / f"{name}.py").read_text("utf-8"), version("numba"), binding.get_host_cpu_name(), str(_FOLDER)])
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return _cache_folder() / f"{name}-{digest}.compiled"


def _cache_folder() -> Path:
    """Give the folder beside the modules that numba writes to, or the user's own where that is read-only."""
    beside = _FOLDER / "__pycache__"
    if os.access(beside if beside.exists() else _FOLDER, os.W_OK):
        return beside
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hotspot-compiled"
